//! The report for machines. `schema/report.schema.json` documents it; fields are only ever added.

use crate::claim::Claim;
use crate::example::Example;
use crate::observation::Ending;
use crate::outcome::{Judgement, Outcome, Status};
use crate::report::finding::exception;
use crate::report::summary::Summary;
use crate::report::{Detail, Report};
use crate::text::LineIndex;
use serde::Serialize;
use std::io::{self, Write};

/// The version of the report's format.
pub const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct JsonReport<'a> {
    schema: u32,
    tool: Tool,
    python: Option<JsonPython<'a>>,
    isolation: Option<JsonIsolation<'a>>,
    summary: JsonSummary,
    documents: Vec<JsonDocument<'a>>,
    problems: Vec<JsonProblem<'a>>,
    interrupted: bool,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct JsonPython<'a> {
    version: &'a str,
    implementation: &'a str,
    executable: &'a str,
}

#[derive(Serialize)]
struct JsonIsolation<'a> {
    kind: &'static str,
    missing: &'a [&'static str],
}

#[derive(Serialize)]
struct JsonSummary {
    documents: usize,
    examples: usize,
    passed: usize,
    failed: usize,
    errors: usize,
    timeouts: usize,
    skipped: usize,
    claims: JsonClaims,
    seconds: f64,
    cached: usize,
}

#[derive(Serialize)]
struct JsonClaims {
    verified: usize,
    mismatch: usize,
    suspect: usize,
    prose: usize,
    unreached: usize,
    blocked: usize,
    skipped: usize,
}

#[derive(Serialize)]
struct JsonProblem<'a> {
    path: Option<&'a str>,
    message: &'a str,
}

#[derive(Serialize)]
struct JsonDocument<'a> {
    path: &'a str,
    examples: Vec<JsonExample<'a>>,
    notes: Vec<JsonNote<'a>>,
}

#[derive(Serialize)]
struct JsonNote<'a> {
    line: usize,
    message: &'a str,
    error: bool,
}

#[derive(Serialize)]
struct JsonExample<'a> {
    id: &'a str,
    title: &'a str,
    line: usize,
    status: &'static str,
    seconds: f64,
    cpu_seconds: f64,
    cached: bool,
    ending: Option<JsonEnding<'a>>,
    stdout: String,
    stderr: String,
    claims: Vec<JsonClaim<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stdout_dropped: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stderr_dropped: Option<u64>,
}

/// `kind` first, then what there is to say about it.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum JsonEnding<'a> {
    Finished,
    Exception {
        #[serde(rename = "type")]
        class: &'a str,
        message: &'a str,
        text: String,
        line: Option<u32>,
    },
    MissingModule {
        module: &'a str,
        message: &'a str,
        line: Option<u32>,
    },
    Exit {
        code: i32,
        line: Option<u32>,
    },
    Signal {
        number: i32,
        name: &'a str,
    },
    Timeout {
        limit: f64,
        cpu: bool,
    },
    Memory {
        limit: u64,
    },
    SyntaxError {
        message: &'a str,
        line: usize,
        column: Option<usize>,
    },
    Worker {
        message: &'a str,
    },
}

#[derive(Serialize)]
struct JsonClaim<'a> {
    line: usize,
    column: usize,
    end_column: usize,
    text: &'a str,
    form: &'static str,
    verdict: &'static str,
    claimed: Option<&'a str>,
    observed: Option<&'a str>,
    code: Option<&'static str>,
    message: Option<&'a str>,
    fix: Option<JsonFix<'a>>,
    executions: u64,
    dormant: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    trials: Option<Vec<JsonTrial<'a>>>,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    text: &'a str,
    safe: bool,
}

#[derive(Serialize)]
struct JsonTrial<'a> {
    reading: &'a str,
    held: bool,
    firm: bool,
    note: &'a str,
}

/// Writes the report, indented, with a line break at its end. The readings are in it where `detail` asks
/// for them.
///
/// # Errors
///
/// Those of `out`.
pub fn write(report: &Report, detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    let documents = report.documents.iter().enumerate().map(|(at, document)| {
        let lines = LineIndex::new(&document.document.text);
        let place = |offset| lines.place(&document.document.text, offset);
        let notes = report.notes.get(at).map(Vec::as_slice).unwrap_or_default();
        JsonDocument {
            path: document.document.path.as_str(),
            examples: document.examples.iter().map(|pair| example(pair, detail, &place)).collect(),
            notes: notes
                .iter()
                .map(|note| JsonNote { line: note.line, message: &note.message, error: note.error })
                .collect(),
        }
    });
    let json = JsonReport {
        schema: SCHEMA,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        python: report.python.as_ref().map(|python| JsonPython {
            version: &python.version,
            implementation: &python.implementation,
            executable: &python.executable,
        }),
        isolation: report
            .isolation
            .as_ref()
            .map(|isolation| JsonIsolation { kind: isolation.kind, missing: &isolation.missing }),
        summary: summary(report),
        documents: documents.collect(),
        problems: report
            .problems
            .iter()
            .map(|problem| JsonProblem { path: problem.path.as_deref(), message: &problem.message })
            .collect(),
        interrupted: report.interrupted,
    };
    serde_json::to_writer_pretty(&mut *out, &json)?;
    writeln!(out)
}

fn summary(report: &Report) -> JsonSummary {
    let summary = Summary::of(report);
    let claims = summary.claims;
    JsonSummary {
        documents: summary.documents,
        examples: summary.examples,
        passed: summary.passed,
        failed: summary.failed,
        errors: summary.errors,
        timeouts: summary.timeouts,
        skipped: summary.skipped,
        claims: JsonClaims {
            verified: claims.verified,
            mismatch: claims.mismatch,
            suspect: claims.suspect,
            prose: claims.prose,
            unreached: claims.unreached,
            blocked: claims.blocked,
            skipped: claims.skipped,
        },
        seconds: rounded(report.seconds),
        cached: summary.cached,
    }
}

/// Seconds to a tenth of a millisecond: what is below is noise.
fn rounded(seconds: f64) -> f64 {
    if seconds.is_finite() { (seconds.max(0.0) * 1e4).round() / 1e4 } else { 0.0 }
}

fn example<'a>(
    (example, outcome): &'a (Example, Outcome),
    detail: Detail,
    place: &dyn Fn(usize) -> (usize, usize),
) -> JsonExample<'a> {
    let judged = example.claims.iter().zip(&outcome.judgements);
    JsonExample {
        id: &example.id,
        title: &example.title,
        line: example.line,
        status: outcome.status.name(),
        seconds: rounded(outcome.seconds),
        cpu_seconds: rounded(outcome.cpu_seconds),
        cached: outcome.cached,
        ending: ending(example, outcome),
        stdout: outcome.stdout.text().into_owned(),
        stderr: outcome.stderr.text().into_owned(),
        claims: judged.map(|(written, judgement)| claim(written, judgement, detail, place)).collect(),
        reason: example.skipped.as_deref().filter(|_| outcome.status == Status::Skipped),
        stdout_dropped: Some(outcome.stdout.dropped).filter(|&count| count > 0),
        stderr_dropped: Some(outcome.stderr.dropped).filter(|&count| count > 0),
    }
}

fn claim<'a>(
    claim: &'a Claim,
    judgement: &'a Judgement,
    detail: Detail,
    place: &dyn Fn(usize) -> (usize, usize),
) -> JsonClaim<'a> {
    let fix = judgement.fix.as_ref().map(|fix| {
        let ((line, column), (end_line, end_column)) = (place(fix.range.start), place(fix.range.end));
        JsonFix { line, column, end_line, end_column, text: &fix.text, safe: fix.safe }
    });
    let trials = judgement.trials.iter().map(|trial| JsonTrial {
        reading: &trial.reading,
        held: trial.held,
        firm: trial.firm,
        note: &trial.note,
    });
    JsonClaim {
        line: claim.line,
        column: claim.column,
        end_column: claim.end_column,
        text: &claim.text,
        form: claim.form.name(),
        verdict: judgement.verdict.name(),
        claimed: judgement.claimed.as_deref(),
        observed: judgement.observed.as_deref(),
        code: judgement.code.map(|code| code.id()),
        message: judgement.message.as_deref(),
        fix,
        executions: judgement.executions,
        dormant: claim.dormant,
        trials: detail.explain.then(|| trials.collect()),
    }
}

/// How an example ended; None where it was not run.
fn ending<'a>(example: &'a Example, outcome: &'a Outcome) -> Option<JsonEnding<'a>> {
    if let (Some(error), true) = (&example.syntax_error, outcome.status != Status::Skipped) {
        let (message, line, column) = (error.message.as_str(), error.line, Some(error.column));
        return Some(JsonEnding::SyntaxError { message, line, column });
    }
    Some(match outcome.ending.as_ref()? {
        Ending::Finished => JsonEnding::Finished,
        Ending::Exception { raised, line } => {
            let (class, message) = (raised.type_name.as_str(), raised.message.as_str());
            JsonEnding::Exception { class, message, text: exception(raised), line: *line }
        }
        Ending::MissingModule { module, line, raised } => {
            JsonEnding::MissingModule { module, message: &raised.message, line: *line }
        }
        Ending::Exit { code, line } => JsonEnding::Exit { code: *code, line: *line },
        Ending::Signal { number, name } => JsonEnding::Signal { number: *number, name },
        Ending::Timeout { limit, cpu } => JsonEnding::Timeout { limit: *limit, cpu: *cpu },
        Ending::Memory { limit } => JsonEnding::Memory { limit: *limit },
        Ending::SyntaxError { message, line } => {
            JsonEnding::SyntaxError { message, line: *line as usize, column: None }
        }
        Ending::Worker { message } => JsonEnding::Worker { message },
    })
}
