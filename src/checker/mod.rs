//! Type checkers: what is asked of them, and what they say. Pure data; they are run by [`check`](crate::check).
//!
//! For each claim such as `# => mypy error` the example's text is put together as the checker shall see it
//! ([`text`]), each line of code at its own line number in the document, so that the lines of a [`Report`] are
//! lines of the document.

mod compose;
mod output;

pub use compose::text;
pub use output::{FAILED, parse};

use std::ops::RangeInclusive;

/// A type checker that can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Checker {
    Mypy,
    Pyright,
    Ty,
}

impl Checker {
    /// In the order in which one is chosen where a claim names none.
    pub const ALL: [Checker; 3] = [Checker::Mypy, Checker::Pyright, Checker::Ty];

    /// Its name: that of its command and of its Python module too.
    pub fn name(self) -> &'static str {
        match self {
            Checker::Mypy => "mypy",
            Checker::Pyright => "pyright",
            Checker::Ty => "ty",
        }
    }

    /// The checker of this name; None where it is none that can be run.
    pub fn named(name: &str) -> Option<Checker> {
        Checker::ALL.into_iter().find(|checker| checker.name() == name)
    }
}

/// What a claim about a type checker needs to be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeCheck {
    /// The document lines of the statement that the claim speaks of.
    pub lines: RangeInclusive<usize>,
    /// For commented-out code: the lines, from this document line on, that stand in place of the comment's.
    pub enabled: Option<(usize, Vec<String>)>,
}

/// One error (or, of pyright and ty, warning) that a checker reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// 1-based line.
    pub line: usize,
    /// One line of text, without the code.
    pub message: String,
    /// `arg-type`, `reportArgumentType`
    pub code: Option<String>,
}

/// What a checker said of one text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Who was asked; None where a claim left it open and none was found.
    pub checker: Option<Checker>,
    /// In the order of their lines.
    pub reports: Vec<Report>,
    /// Why it did not look at everything, or at nothing: it is not installed, it stopped at an error, it crashed.
    pub stopped: Option<String>,
}

impl Answer {
    /// The answer where nothing could be asked.
    pub fn none(reason: impl Into<String>) -> Answer {
        Answer { stopped: Some(reason.into()), ..Answer::default() }
    }
}

/// The answers to an example's claims: one for each claim, None for those that need none.
pub type Answers = [Option<Answer>];
