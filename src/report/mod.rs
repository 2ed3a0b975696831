//! Reports: what came of a check, written for a person or a machine.
//!
//! A reporter gets a [`Report`] and writes to a `Write`; it runs nothing, judges nothing and reads no
//! environment. What documents and programs say is untrusted: it passes through [`harmless`] on its way out.

pub mod concise;
pub mod explain;
pub mod finding;
pub mod frame;
pub mod full;
pub mod harmless;
pub mod json;
pub mod list;
pub mod progress;
pub mod summary;

use crate::markdown::MarkdownNote;
use crate::outcome::DocumentReport;
use anstyle::Style;
use std::io::{self, Write};

/// Everything that a check found out.
#[derive(Debug, Default)]
pub struct Report {
    /// The documents that could be read, in the order asked for.
    pub documents: Vec<DocumentReport>,
    /// What is to be said about each document's Markdown; as many as documents.
    pub notes: Vec<Vec<MarkdownNote>>,
    /// What `verify` could not do.
    pub problems: Vec<Problem>,
    /// What the workers had to say about how examples were run; no failures.
    pub remarks: Vec<String>,
    /// The interpreter that ran the examples; None where nothing ran.
    pub python: Option<Python>,
    /// What kept the examples from the rest of the machine; None where nothing ran.
    pub isolation: Option<Isolation>,
    /// Wall time of the whole check, in seconds.
    pub seconds: f64,
    /// Whether it was stopped from outside: only some of the examples are in here.
    pub interrupted: bool,
}

/// What kept the examples from the rest of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Isolation {
    /// `sandbox`, `partial` or `process`
    pub kind: &'static str,
    /// What was wanted and could not be had: `network`, `files` …
    pub missing: Vec<&'static str>,
    /// The same for a person, in one line.
    pub note: Option<String>,
}

/// The interpreter that ran the examples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Python {
    /// `3.11.7`
    pub version: String,
    /// `CPython`
    pub implementation: String,
    /// The path of the interpreter.
    pub executable: String,
}

/// Something that `verify` could not do: a path that is missing, a document that is not UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The path concerned, where there is one.
    pub path: Option<String>,
    /// One sentence; it names the path.
    pub message: String,
}

/// The shape of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Full,
    Concise,
    Json,
}

/// How much a report says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Detail {
    /// Doubtful and unjudged claims are errors.
    pub strict: bool,
    /// Every reading that was tried.
    pub explain: bool,
    /// Nothing but findings.
    pub quiet: bool,
    /// Unjudged claims too, and a line for each example.
    pub verbose: bool,
}

/// What the place that the report goes to can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub color: bool,
    /// Whether anything but ASCII can be shown.
    pub unicode: bool,
    /// Columns.
    pub width: usize,
}

impl Look {
    /// `text` in a style, where there are colours.
    pub fn paint(&self, style: Style, text: &str) -> String {
        if self.color && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// One of two spellings: for a terminal that shows Unicode, and for one that does not.
    pub fn pick(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }
}

/// Writes a report.
///
/// # Errors
///
/// Those of `out`.
pub fn write(
    report: &Report,
    format: Format,
    detail: Detail,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Full => full::write(report, detail, look, out),
        Format::Concise => concise::write(report, detail, look, out),
        Format::Json => json::write(report, detail, out),
    }
}

#[cfg(test)]
pub mod samples;
#[cfg(test)]
mod tests;
