//! What came of it: a verdict for each claim, an outcome for each example, a report over all documents.

use crate::diagnostic::Code;
use crate::example::{Document, Example};
use crate::observation::{Ending, Output};
use std::ops::Range;

/// The judgement's one word; `../docs` and `verify rule` explain each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    Verified,
    Mismatch,
    Suspect,
    Prose,
    Unreached,
    Blocked,
    Skipped,
}

impl Verdict {
    pub const ALL: [Verdict; 7] = [
        Verdict::Verified,
        Verdict::Mismatch,
        Verdict::Suspect,
        Verdict::Prose,
        Verdict::Unreached,
        Verdict::Blocked,
        Verdict::Skipped,
    ];

    /// As the JSON report has it.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Verified => "verified",
            Verdict::Mismatch => "mismatch",
            Verdict::Suspect => "suspect",
            Verdict::Prose => "prose",
            Verdict::Unreached => "unreached",
            Verdict::Blocked => "blocked",
            Verdict::Skipped => "skipped",
        }
    }
}

/// The judgement of one claim.
#[derive(Debug, Clone)]
pub struct Judgement {
    pub verdict: Verdict,
    /// The checkable part of the claim, as its author wrote it.
    pub claimed: Option<String>,
    /// What was seen instead (or as well).
    pub observed: Option<String>,
    /// None where there is nothing to report.
    pub code: Option<Code>,
    /// One sentence for a person: what is wrong, or why it could not be told.
    pub message: Option<String>,
    pub fix: Option<Fix>,
    /// How often the anchored code ran.
    pub executions: u64,
    /// Every reading that was tried, in order, for `--explain`.
    pub trials: Vec<Trial>,
}

/// A reading and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// `output "13"`, `binding x = 4`
    pub reading: String,
    pub held: bool,
    pub firm: bool,
    /// Why not, or what it was compared with.
    pub note: String,
}

/// New text for a range of bytes of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    pub range: Range<usize>,
    pub text: String,
    /// Whether `--fix` writes it without being asked twice.
    pub safe: bool,
}

/// How an example as a whole came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    Passed,
    Failed,
    Error,
    Timeout,
    Skipped,
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Status::Passed => "passed",
            Status::Failed => "failed",
            Status::Error => "error",
            Status::Timeout => "timeout",
            Status::Skipped => "skipped",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Outcome {
    pub status: Status,
    /// None for an example that was not run.
    pub ending: Option<Ending>,
    pub seconds: f64,
    pub cpu_seconds: f64,
    pub cached: bool,
    pub stdout: Output,
    pub stderr: Output,
    /// One for each claim of the example, in its order.
    pub judgements: Vec<Judgement>,
}

/// A document with the outcomes of its examples.
#[derive(Debug)]
pub struct DocumentReport {
    pub document: Document,
    pub examples: Vec<(Example, Outcome)>,
}
