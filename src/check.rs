//! The pipeline: from settings to a report. The only reader of documents.
//!
//! ```text
//! paths → documents → sections → examples → the selected ones → jobs → observations → outcomes → Report
//!                                                             └─ texts → type checkers' answers ─┘
//! ```
//!
//! Documents are read and judged on all processors; results come in the order of the documents whatever the
//! order of running.

mod pool;
mod types;

use crate::checker::{Answer, Answers};
use crate::claim::Form;
use crate::diagnostic::Code;
use crate::discover::{self, Origin};
use crate::example::{Document, Example};
use crate::judge::{self, JudgeSettings};
use crate::markdown::{self, MarkdownNote};
use crate::observation::{Observation, Output};
use crate::outcome::{DocumentReport, Judgement, Outcome, Status, Verdict};
use crate::plan::{Job, Limits};
use crate::report::{Isolation, Problem, Python, Report};
use crate::select::Selection;
use crate::settings::{OUTPUT_LIMIT, Settings};
use camino::Utf8PathBuf;
use rayon::prelude::*;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// What runs examples: the worker processes, or a stand-in in tests.
pub trait Runner {
    /// The interpreter.
    fn python(&self) -> Python;

    /// What keeps examples from the rest of the machine.
    fn isolation(&self) -> Isolation;

    /// Runs jobs and reports what happens, `Done` once for each job unless it is cancelled before.
    fn run(&self, jobs: &[Job], events: &(dyn Fn(Event) + Sync), cancel: &AtomicBool);
}

/// What happens while jobs run. The number is the job's index.
#[derive(Debug)]
pub enum Event {
    Started(usize),
    /// Something about how it was run that one may want to know; no failure.
    Note(usize, String),
    Done(usize, Box<Observation>),
}

/// Starts a runner; called once, and only if there is something to run. An error says why there is none.
pub type Start<'a> = &'a dyn Fn(&Settings) -> Result<Box<dyn Runner>, String>;

/// How far the run is, for whoever watches it.
#[derive(Debug)]
pub enum Step<'a> {
    /// So many examples are going to run.
    Planned(usize),
    Started(usize, &'a Document, &'a Example),
    Finished(usize),
}

/// A document and what was found in it.
#[derive(Debug)]
pub struct Extracted {
    pub document: Document,
    pub notes: Vec<MarkdownNote>,
    /// The selected examples.
    pub examples: Vec<Example>,
}

/// Reads the documents that the settings mean, finds their examples and keeps the selected ones.
pub fn extract(settings: &Settings) -> (Vec<Extracted>, Vec<Problem>) {
    let (origins, missing) = discover::documents(&settings.paths, &settings.folder);
    let mut problems: Vec<Problem> =
        missing.into_iter().map(|error| Problem { path: None, message: error.to_string() }).collect();
    let read: Vec<_> =
        origins.par_iter().map(|origin| read(origin, &settings.folder).map(extracted)).collect();
    let mut documents = Vec::new();
    for result in read {
        match result {
            Ok(extracted) => documents.push(extracted),
            Err(problem) => problems.push(problem),
        }
    }
    if !settings.select.is_empty()
        && let Err(message) = select(&settings.select, &mut documents)
    {
        problems.push(Problem { path: None, message });
    }
    (documents, problems)
}

/// Keeps the examples that `--example` means; none where it cannot be followed.
fn select(texts: &[String], documents: &mut [Extracted]) -> Result<(), String> {
    let all = documents.iter().flat_map(|document| &document.examples);
    let names: Vec<(&str, &str)> = all.map(|example| (example.id.as_str(), example.slug.as_str())).collect();
    let selection = Selection::parse(texts).and_then(|selection| {
        // Where there is no example at all, that is the news, not that one of them is missing.
        if !names.is_empty() {
            selection.check(&names)?;
        }
        Ok(selection)
    });
    for document in documents {
        match &selection {
            Ok(selection) => document.examples.retain(|example| selection.holds(&example.id, &example.slug)),
            Err(_) => document.examples.clear(),
        }
    }
    selection.map(|_| ()).map_err(|error| error.to_string())
}

fn extracted(document: Document) -> Extracted {
    let (sections, notes) = markdown::sections(&document.text);
    let examples = crate::extract::examples(&document, sections);
    Extracted { document, notes, examples }
}

fn read(origin: &Origin, folder: &Path) -> Result<Document, Problem> {
    let (shown, bytes) = match origin {
        Origin::Stdin => {
            let mut bytes = Vec::new();
            ("-".to_owned(), std::io::stdin().read_to_end(&mut bytes).map(|_| bytes))
        }
        Origin::File(path) => (path.to_string_lossy().into_owned(), std::fs::read(folder.join(path))),
    };
    let problem = |what: String| Problem { message: format!("{shown}: {what}"), path: Some(shown.clone()) };
    let bytes = bytes.map_err(|error| problem(format!("cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let line = bytes[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
        let utf16 = if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            "; it looks like UTF-16"
        } else {
            ""
        };
        problem(format!("not UTF-8: byte 0x{:02x} at offset {at}, line {line}{utf16}", bytes[at]))
    })?;
    Ok(Document { path: Utf8PathBuf::from(shown), text })
}

/// Checks what the settings mean.
///
/// `cancel` stops it from outside: the report then holds what was found so far.
pub fn check(
    settings: &Settings,
    start: Start<'_>,
    watch: &(dyn Fn(Step<'_>) + Sync),
    cancel: &AtomicBool,
) -> Report {
    let began = Instant::now();
    let (documents, mut problems) = extract(settings);
    let mut ran = Ran::default();
    match run(settings, &documents, start, watch, cancel) {
        Ok(result) => ran = result,
        Err(message) => problems.push(Problem { path: None, message }),
    }
    let python = ran.python.as_ref().map_or((3, 9), |python| version(&python.version));
    let judging = JudgeSettings { python, strict: settings.strict };
    let mut seen = ran.observations.into_iter().zip(ran.answers);
    let with_seen: Vec<_> = documents
        .into_iter()
        .map(|found| {
            let here: Vec<_> = seen.by_ref().take(found.examples.len()).collect();
            (found, here)
        })
        .collect();
    let judged = with_seen.into_par_iter().map(|(found, here)| {
        let pairs = found.examples.into_iter().zip(here);
        let examples = pairs.filter_map(|(example, (observation, answers))| {
            let outcome = outcome(&found.document, &example, observation.as_ref(), &answers, &judging)?;
            Some((example, outcome))
        });
        let examples = examples.collect();
        (DocumentReport { document: found.document, examples }, found.notes)
    });
    let (documents, notes) = judged.collect::<Vec<_>>().into_iter().unzip();
    Report {
        documents,
        notes,
        problems,
        python: ran.python,
        isolation: ran.isolation,
        remarks: ran.remarks,
        seconds: began.elapsed().as_secs_f64(),
        interrupted: cancel.load(Ordering::SeqCst),
    }
}

/// Major and minor of `3.11.7`.
fn version(text: &str) -> (u32, u32) {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(3), parts.next().unwrap_or(0))
}

/// What running gave.
#[derive(Debug, Default)]
struct Ran {
    /// For each example of each document, in order; None: it was not run.
    observations: Vec<Option<Observation>>,
    /// For each of these examples, what type checkers answered to its claims.
    answers: Vec<Vec<Option<Answer>>>,
    python: Option<Python>,
    isolation: Option<Isolation>,
    remarks: Vec<String>,
}

/// Runs the examples that can run.
fn run(
    settings: &Settings,
    documents: &[Extracted],
    start: Start<'_>,
    watch: &(dyn Fn(Step<'_>) + Sync),
    cancel: &AtomicBool,
) -> Result<Ran, String> {
    let all: Vec<(&Document, &Example)> = documents
        .iter()
        .flat_map(|found| found.examples.iter().map(move |example| (&found.document, example)))
        .collect();
    let runnable: Vec<usize> = (0..all.len())
        .filter(|&at| all[at].1.skipped.is_none() && all[at].1.syntax_error.is_none())
        .collect();
    let (observations, answers) = (vec![None; all.len()], vec![Vec::new(); all.len()]);
    let mut ran = Ran { observations, answers, ..Ran::default() };
    if runnable.is_empty() || cancel.load(Ordering::SeqCst) {
        return Ok(ran);
    }
    let jobs: Vec<Job> = runnable.iter().map(|&at| job(all[at].0, all[at].1, settings)).collect();
    let runner = start(settings)?;
    watch(Step::Planned(jobs.len()));
    let results = Mutex::new(&mut ran);
    let on_event = |event: Event| match event {
        Event::Started(number) => {
            watch(Step::Started(number, all[runnable[number]].0, all[runnable[number]].1))
        }
        Event::Note(number, text) => {
            let (document, example) = all[runnable[number]];
            let remark = format!("{}:{}: {text}", document.path, example.line);
            results.lock().unwrap_or_else(PoisonError::into_inner).remarks.push(remark);
        }
        Event::Done(number, observation) => {
            let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
            results.observations[runnable[number]] = Some(*observation);
            drop(results);
            watch(Step::Finished(number));
        }
    };
    runner.run(&jobs, &on_event, cancel);
    let python = runner.python();
    let place = types::Place::new(settings, &python.executable);
    let examples: Vec<&Example> = runnable.iter().map(|&at| all[at].1).collect();
    for (&at, answers) in runnable.iter().zip(types::ask(&examples, &place, cancel)) {
        ran.answers[at] = answers;
    }
    ran.python = Some(python);
    ran.isolation = Some(runner.isolation());
    Ok(ran)
}

fn job(document: &Document, example: &Example, settings: &Settings) -> Job {
    let path = match document.path.as_str() {
        "-" => "<stdin>".to_owned(),
        path => settings.folder.join(path).to_string_lossy().into_owned(),
    };
    Job {
        document: path,
        sources: example.sources.clone(),
        anchors: example.anchors.clone(),
        limits: Limits { wall: settings.timeout, cpu: None, output: OUTPUT_LIMIT },
        on_error: settings.on_error,
    }
}

/// How an example came out; None where it was to run and did not come to it.
fn outcome(
    document: &Document,
    example: &Example,
    observation: Option<&Observation>,
    answers: &Answers,
    judging: &JudgeSettings,
) -> Option<Outcome> {
    let outcome = match (observation, &example.skipped, &example.syntax_error) {
        (_, Some(reason), _) => judge::skipped(example, reason),
        (_, _, Some(_)) => {
            let message = "the block is not valid Python, so nothing of the example ran";
            not_run(example, Status::Error, Verdict::Blocked, Code::Blocked, message)
        }
        (Some(observation), ..) => judge::judge(document, example, observation, answers, judging),
        (None, ..) => return None,
    };
    Some(outcome)
}

/// The outcome of an example that was not run: every claim that could have been checked has one verdict.
fn not_run(example: &Example, status: Status, verdict: Verdict, code: Code, message: &str) -> Outcome {
    let judgements = example.claims.iter().map(|claim| {
        let prose = claim.form == Form::Prose;
        Judgement {
            verdict: if prose { Verdict::Prose } else { verdict },
            claimed: None,
            observed: None,
            code: (!prose).then_some(code),
            message: (!prose).then(|| message.to_owned()),
            fix: None,
            executions: 0,
            trials: Vec::new(),
        }
    });
    Outcome {
        status,
        ending: None,
        seconds: 0.0,
        cpu_seconds: 0.0,
        cached: false,
        stdout: Output::default(),
        stderr: Output::default(),
        judgements: judgements.collect(),
    }
}

#[cfg(test)]
mod tests;
