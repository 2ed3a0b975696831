//! Findings: what a report tells a person, worked out of outcomes once for all formats.

use crate::claim::Claim;
use crate::diagnostic::Code;
use crate::example::{Document, Example};
use crate::observation::{Ending, Raised};
use crate::outcome::{Judgement, Outcome, Status, Verdict};
use crate::report::{Detail, Report};
use crate::text::LineIndex;
use std::ops::Range;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Makes the check fail.
    Error,
    /// Worth a look.
    Warning,
    /// Only said where everything is to be said.
    Note,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// One thing to be told, with its place in a document.
#[derive(Debug, Clone)]
pub struct Finding<'a> {
    pub severity: Severity,
    pub code: Code,
    pub document: &'a Document,
    pub example: &'a Example,
    pub outcome: &'a Outcome,
    /// 1-based document line.
    pub line: usize,
    /// 1-based column in characters: of a claim's marker, or where the code begins.
    pub column: usize,
    /// The characters of the line that are underlined, from 0.
    pub marked: Range<usize>,
    /// The claim that it is about; None: the example as a whole.
    pub claim: Option<(&'a Claim, &'a Judgement)>,
    pub message: Option<String>,
}

/// The findings of a report that `detail` asks for, in the order of the documents and their lines.
pub fn findings(report: &Report, detail: Detail) -> Vec<Finding<'_>> {
    let mut all = Vec::new();
    for document in &report.documents {
        let lines = LineIndex::new(&document.document.text);
        let mut here = Vec::new();
        for (example, outcome) in &document.examples {
            here.extend(of_example(&document.document, example, outcome, &lines));
            let judged = example.claims.iter().zip(&outcome.judgements);
            here.extend(
                judged.filter_map(|pair| of_claim(&document.document, example, outcome, pair, &lines)),
            );
        }
        here.sort_by_key(|finding| (finding.line, finding.column));
        all.extend(here);
    }
    if detail.strict {
        all.iter_mut().for_each(|finding| finding.severity = Severity::Error);
    }
    all.retain(|finding| finding.severity < Severity::Note || detail.verbose);
    all
}

/// The finding about an example as a whole, if there is one.
fn of_example<'a>(
    document: &'a Document,
    example: &'a Example,
    outcome: &'a Outcome,
    lines: &LineIndex,
) -> Option<Finding<'a>> {
    let (code, line, message) = match (outcome.status, &example.syntax_error, &outcome.ending) {
        (Status::Skipped, ..) => (Code::Skipped, None, example.skipped.clone()),
        (Status::Passed, ..) => return None,
        (_, Some(error), _) => (Code::Syntax, Some(error.line), Some(error.message.clone())),
        (_, None, Some(ending)) => of_ending(ending)?,
        (_, None, None) => return None,
    };
    let line = line.unwrap_or(example.line);
    let text = lines.text(&document.text, line);
    let indentation = text.chars().take_while(|c| c.is_whitespace()).count();
    let (column, length) = match &example.syntax_error {
        Some(error) if code == Code::Syntax => (error.column.max(1), 1),
        _ => (indentation + 1, text.trim().chars().count()),
    };
    let marked = column - 1..column - 1 + length;
    let severity = if code == Code::Skipped { Severity::Note } else { Severity::Error };
    Some(Finding { severity, code, document, example, outcome, line, column, marked, claim: None, message })
}

/// What is wrong with an ending: code, line, message. None where nothing is.
fn of_ending(ending: &Ending) -> Option<(Code, Option<usize>, Option<String>)> {
    let at = |line: Option<u32>| line.map(|line| line as usize);
    let (code, line, message) = match ending {
        Ending::Finished => return None,
        Ending::Exception { raised, line } => (Code::Exception, at(*line), exception(raised)),
        Ending::MissingModule { module, line, .. } => {
            (Code::MissingModule, at(*line), format!("module `{module}` is not installed"))
        }
        Ending::Exit { code, line } => (Code::EarlyExit, at(*line), format!("it exited with status {code}")),
        Ending::Signal { number, name } => (Code::Crash, None, format!("killed by {name} (signal {number})")),
        Ending::Timeout { limit, cpu } => {
            let kind = if *cpu { "processor" } else { "wall" };
            (Code::Timeout, None, format!("stopped after {limit} s of {kind} time"))
        }
        Ending::Memory { limit } => {
            (Code::Crash, None, format!("it asked for more memory than {} MiB", limit >> 20))
        }
        Ending::SyntaxError { message, line } => (Code::Syntax, at(Some(*line)), message.clone()),
        Ending::Worker { message } => (Code::Worker, None, message.clone()),
    };
    Some((code, line, Some(message)))
}

/// `ValueError: must be positive`, as a traceback ends.
pub fn exception(raised: &Raised) -> String {
    if raised.message.is_empty() {
        raised.type_name.clone()
    } else {
        format!("{}: {}", raised.type_name, raised.message)
    }
}

/// The finding about a claim, if there is one. The part that was checked is underlined.
fn of_claim<'a>(
    document: &'a Document,
    example: &'a Example,
    outcome: &'a Outcome,
    (claim, judgement): (&'a Claim, &'a Judgement),
    lines: &LineIndex,
) -> Option<Finding<'a>> {
    let (severity, code) = match judgement.verdict {
        Verdict::Verified | Verdict::Prose => return None,
        Verdict::Mismatch => (Severity::Error, Code::Mismatch),
        Verdict::Suspect => (Severity::Warning, Code::Suspect),
        Verdict::Unreached => (Severity::Note, Code::Unreached),
        Verdict::Blocked => (Severity::Note, Code::Blocked),
        Verdict::Skipped => (Severity::Note, Code::Skipped),
    };
    let code = judgement.code.unwrap_or(code);
    let text = document.text.get(claim.range.clone()).unwrap_or(&claim.text);
    let text = text.lines().next().unwrap_or_default();
    let checked = judgement.claimed.as_deref().filter(|part| !part.is_empty() && !part.contains('\n'));
    let (offset, length) = match checked.and_then(|part| text.find(part).map(|at| (at, part))) {
        Some((at, part)) => (at, part.chars().count()),
        None => (0, text.chars().count()),
    };
    let (_, start) = lines.place(&document.text, claim.range.start + offset);
    let (line, column, marked) = (claim.line, claim.column, start - 1..start - 1 + length);
    let message = judgement.message.clone();
    let claim = Some((claim, judgement));
    Some(Finding { severity, code, document, example, outcome, line, column, marked, claim, message })
}
