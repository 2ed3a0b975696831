//! What the worker is asked to run and to watch: the contract between extraction and `run`.
//!
//! Everything here is data that crosses a process boundary. Places are Python's own: a line is the *document's*
//! 1-based line (the worker pads each source with line breaks up to its place before it compiles it, so
//! that Python's line numbers are the document's), a column is a UTF-8 byte offset in the line of code, as
//! `ast.AST.col_offset` is.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One example, ready to run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Job {
    /// The absolute path of the document: `co_filename` of the compiled code, what tracebacks name.
    pub document: String,
    pub sources: Vec<Source>,
    pub anchors: Vec<Anchor>,
    pub limits: Limits,
    pub on_error: OnError,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Limits {
    /// Wall time for the whole example, replays of dormant code included.
    pub wall: Duration,
    /// Processor time of the whole process tree.
    pub cpu: Option<Duration>,
    /// Bytes of standard output, and as many of standard error, that are kept.
    pub output: u64,
}

/// What happens at a failing top-level statement whose failure nothing announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnError {
    /// As a script: the example ends there.
    Stop,
    /// As a REPL: the exception is recorded, the next top-level statement runs.
    Continue,
}

/// A piece of Python text that is compiled on its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Document line of the first line of `code`.
    pub first_line: u32,
    pub code: String,
    pub kind: SourceKind,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SourceKind {
    /// Runs in `__main__`, after the blocks before it.
    Block,
    /// Commented-out code: tried at `place`, in a throw-away copy of the process.
    Dormant(Place),
}

/// A point between two statements of a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Index of the block's source.
    pub source: usize,
    pub at: At,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum At {
    /// Before the block's first statement (also where it has none).
    Start,
    Before(Span),
    After(Span),
}

/// The extent of a syntax node, as Python's `ast` gives it: `lineno`, `col_offset`, `end_lineno`, `end_col_offset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

/// One thing to watch. Each time it happens, one [`Run`](crate::observation::Run) is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// Index into the job's sources.
    pub source: usize,
    pub watch: Watch,
    /// The node that is watched; what it is depends on `watch`.
    pub span: Span,
    /// Expressions to be evaluated in the scope of the anchor right after it ran, in this order: names and
    /// literals directly, everything else in a throw-away copy of the process.
    pub probes: Vec<String>,
    /// Whether the value is to be rendered.
    pub value: bool,
    /// Whether the text that it writes is to be told apart from what was written before and after.
    pub output: bool,
    /// The exceptions that are expected here: at the top level of a block (also inside `if`, `for` and `while` there)
    /// they are recorded and do not end the example.
    pub announced: Announced,
}

/// Which exceptions of a statement its comments speak of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Announced {
    #[default]
    None,
    /// Those of these types (`__name__`) or derived from them. What an exception is called is known only when it is raised,
    /// so these are all names in the comments that may be one.
    Named(Vec<String>),
    /// Whatever is raised: the comment leaves no doubt that something will be, and says what.
    Any,
}

impl Announced {
    /// Whether an exception of the type `type_name`, derived from `bases`, was announced.
    pub fn holds(&self, type_name: &str, bases: &[String]) -> bool {
        match self {
            Announced::None => false,
            Announced::Any => true,
            Announced::Named(names) => names.iter().any(|name| name == type_name || bases.contains(name)),
        }
    }

    /// Announces what `other` announces, too.
    pub fn join(&mut self, other: Announced) {
        match (&mut *self, other) {
            (Announced::Any, _) | (_, Announced::None) => {}
            (Announced::Named(names), Announced::Named(more)) => names.extend(more),
            (known, other) => *known = other,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Watch {
    /// A statement, simple or compound, from its beginning to its end (`span`: the statement). Its value is
    /// that of an expression statement, of the right side of an assignment, of what `return` returns; of a
    /// bare `yield`/`await` statement also (the yielded, the awaited value). A `def` or `class` has none.
    Statement,
    /// An expression (`span`: the expression): a sub-expression, a condition, a subject.
    Expression,
    /// Each pass of a `for` (`span`: the `for` statement), right after its targets were bound.
    Pass,
    /// The beginning of the body of a `with` (`span`: the `with` statement); output: what entering wrote.
    Enter,
    /// The beginning of an `except` clause's body (`span`: the handler); `raised` is what it caught.
    Handler,
    /// Just before a statement runs (`span`: that statement, the first of an `else`, `finally`, `case`, `try` …).
    Before,
}
