//! Claims: what a comment says that the code does.
//!
//! A claim's text may be read in several ways ([`Reading`]); judging tries each, and one that holds is enough. A
//! reading is *firm* where its form leaves no doubt that the author meant it literally: when it fails, and
//! no other holds, the claim is wrong. Everything that is not firm can verify a claim but never condemn it.

mod ask;
mod checker;
mod cut;
mod marker;
mod natural;
mod phrase;
mod read;

pub use cut::{cuts, last_link, split_top};
pub use marker::{Mark, marks};
pub use natural::Natural;
pub use read::{Context, read};

use crate::checker::TypeCheck;
use crate::plan::Announced;
use std::ops::Range;

/// A claim as the author wrote it, with the places it stands at and every way it may be read.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Index of the block that it stands in.
    pub block: usize,
    /// 1-based document line.
    pub line: usize,
    /// 1-based column, in characters, of the `#` of the marker.
    pub column: usize,
    /// 1-based column just past the claim's last character.
    pub end_column: usize,
    /// Bytes of `text` in the document.
    pub range: Range<usize>,
    /// What follows the marker, without blanks around it.
    pub text: String,
    /// The plain comment lines right below it, on which an output may go on.
    pub below: Vec<String>,
    /// The one word that names its most specific reading.
    pub form: Form,
    /// In the order in which they are tried.
    pub readings: Vec<Reading>,
    /// Indices of the example's anchors, the most fitting first; none where there is nothing to watch.
    pub anchors: Vec<usize>,
    /// What a bare literal may speak of besides the value: what is bound, and the object that a method was called on.
    pub subjects: Vec<String>,
    /// What kind of statement it stands at.
    pub beside: Beside,
    /// Whether it speaks of commented-out code.
    pub dormant: bool,
    /// Whether its author says himself that the real thing may look otherwise: `(example)`, `e.g.`, `varies`.
    pub hedged: bool,
    /// The Python versions it holds for: `[py>=3.12]`.
    pub versions: Option<VersionCondition>,
    /// Whether what it speaks of differs from run to run: the clock, random numbers, addresses.
    pub volatile: bool,
    /// For a claim about a type checker: what to ask it; None where it speaks of no code that could be checked.
    pub check: Option<TypeCheck>,
}

/// What judging must know of the statement that a claim stands at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Beside {
    #[default]
    Other,
    /// An expression statement that calls something: it may be there for what it leaves behind.
    Call,
    /// A class body, whose metaclass may make other values of what stands there.
    ClassBody,
}

/// `[py>=3.12]` at the end of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionCondition {
    pub operator: String,
    pub version: (u32, u32),
}

impl VersionCondition {
    /// Whether a Python of this major and minor version is meant.
    pub fn holds(&self, python: (u32, u32)) -> bool {
        match self.operator.as_str() {
            ">=" => python >= self.version,
            "<=" => python <= self.version,
            "<" => python < self.version,
            ">" => python > self.version,
            "!=" => python != self.version,
            _ => python == self.version,
        }
    }
}

/// One way to read a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub kind: Kind,
    pub firm: bool,
}

/// What a reading says. Where commentary may follow, `cuts` are the texts that may be meant, the longest first.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// The statement wrote this, or a whole line of it. `labelled`: the author wrote `Output:` or the like.
    Output { cuts: Vec<String>, labelled: bool },
    /// The statement wrote nothing.
    Silence,
    /// The value of the expression, of what was bound or returned, is this.
    Value { cuts: Vec<String> },
    /// `place`, evaluated there, is this. `assigned`: or what was put there just now (`age updated to 31`).
    Binding { place: String, cuts: Vec<String>, assigned: bool },
    /// `place`, evaluated in each run, gives these in turn.
    Sequence { place: String, items: Vec<String> },
    /// The expression, evaluated there, is true, or has the stated value.
    Predicate { expression: String, expected: Option<String> },
    /// The value (or `place`) is of one of these types.
    Type { place: Option<String>, names: Vec<String> },
    /// This exception leaves the statement. No message: any.
    Raises { type_name: String, messages: Vec<String> },
    /// This exception is what the `except` clause caught.
    Handles { type_name: String },
    /// A type checker (None: any) reports an error here, with this message where one is given; or, `absent`, none.
    Static { checker: Option<String>, messages: Vec<String>, absent: bool },
    /// All of these hold.
    All(Vec<Reading>),
    /// Some sentences of English that can be checked for sure.
    Natural(Natural),
}

/// The form of a claim, as `--list` and the JSON report name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    Output,
    Value,
    Binding,
    Predicate,
    Type,
    Exception,
    Silence,
    Count,
    Static,
    Prose,
}

impl Form {
    pub fn name(self) -> &'static str {
        match self {
            Form::Output => "output",
            Form::Value => "value",
            Form::Binding => "binding",
            Form::Predicate => "predicate",
            Form::Type => "type",
            Form::Exception => "exception",
            Form::Silence => "silence",
            Form::Count => "count",
            Form::Static => "static",
            Form::Prose => "prose",
        }
    }
}

impl Kind {
    pub fn form(&self) -> Form {
        match self {
            Kind::Output { .. } => Form::Output,
            Kind::Silence => Form::Silence,
            Kind::Value { .. } => Form::Value,
            Kind::Binding { .. } | Kind::Sequence { .. } => Form::Binding,
            Kind::Predicate { .. } => Form::Predicate,
            Kind::Type { .. } => Form::Type,
            Kind::Raises { .. } | Kind::Handles { .. } => Form::Exception,
            Kind::Static { .. } => Form::Static,
            Kind::All(parts) => parts.first().map_or(Form::Prose, |part| part.kind.form()),
            Kind::Natural(natural) => natural.form(),
        }
    }

    /// The expressions that must be evaluated at the anchor to judge this.
    pub fn probes(&self, into: &mut Vec<String>) {
        let mut add = |text: &str| {
            if !into.iter().any(|known| known == text) {
                into.push(text.to_string());
            }
        };
        match self {
            Kind::Binding { place, cuts, .. } => {
                add(place);
                // A right side that is no literal is evaluated too: `a is b`, `x gets point[0]`.
                cuts.iter().filter(|cut| evaluable(cut)).for_each(|cut| add(cut));
            }
            Kind::Value { cuts } => cuts.iter().filter(|cut| evaluable(cut)).for_each(|cut| add(cut)),
            Kind::Sequence { place, .. } => add(place),
            Kind::Predicate { expression, .. } => add(expression),
            Kind::Type { place: Some(place), .. } => add(place),
            Kind::Natural(natural) => natural.probes().iter().for_each(|probe| add(probe)),
            Kind::All(parts) => parts.iter().for_each(|part| part.kind.probes(into)),
            _ => {}
        }
    }

    /// Whether the value of the anchored code is needed.
    pub fn wants_value(&self) -> bool {
        match self {
            Kind::Value { .. } | Kind::Type { .. } | Kind::Natural(_) => true,
            Kind::Binding { assigned, .. } => *assigned,
            Kind::All(parts) => parts.iter().any(|part| part.kind.wants_value()),
            _ => false,
        }
    }

    /// Whether what it writes is needed.
    pub fn wants_output(&self) -> bool {
        match self {
            Kind::Output { .. } | Kind::Silence | Kind::Value { .. } | Kind::Raises { .. } => true,
            Kind::Natural(natural) => natural.wants_output(),
            Kind::All(parts) => parts.iter().any(|part| part.kind.wants_output()),
            _ => false,
        }
    }
}

/// Whether a claim speaks of the state before its statement: `uses current values: b=2, a=1`.
pub fn speaks_of_before(text: &str) -> bool {
    const WORDS: [&str; 6] = ["current", "currently", "before", "old", "previously", "initially"];
    text.split(|c: char| !c.is_alphanumeric())
        .any(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// The exceptions that a comment announces for its statement: `# ValueError`, `# raises a KeyError as it is gone`. Which of
/// the names in it are exceptions shows when one is raised.
pub fn announced(comment: &str) -> Announced {
    let named = phrase::mentions(comment).into_iter().filter(|mention| !mention.negated);
    let names: Vec<String> = named.map(|mention| mention.type_name.to_string()).collect();
    if names.is_empty() { Announced::None } else { Announced::Named(names) }
}

/// Whether a text is the name of one of Python's own types: `int`, `float64`.
pub fn is_type_word(text: &str) -> bool {
    let bare = text.trim_end_matches(|c: char| c.is_ascii_digit());
    text.chars().all(|c| c.is_alphanumeric())
        && (phrase::types_meant(text).is_some() || phrase::types_meant(bare).is_some())
}

/// Whether a text is an expression worth evaluating: one with names in it that are no plain words.
fn evaluable(text: &str) -> bool {
    use crate::python::{Shape, expression};
    match expression(text) {
        Some(found) => match found.shape {
            Shape::Place | Shape::Call | Shape::Arithmetic | Shape::Name => true,
            Shape::Other | Shape::Tuple => !found.constant,
            _ => false,
        },
        None => false,
    }
}

#[cfg(test)]
mod tests;
