//! Claims: what a comment says that the code does.

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
    /// The one word that names its most specific reading.
    pub form: Form,
    /// Index into the example's anchors; None where there is nothing to be watched (prose, a block without code).
    pub anchor: Option<usize>,
    /// Whether it speaks of commented-out code.
    pub dormant: bool,
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
