//! From claims and observations to verdicts. Pure: what was seen is all that counts.

mod ask;
mod fix;
mod near;
mod reading;
mod stacked;
mod types;
mod values;

use crate::checker::Answers;
use crate::claim::{Claim, Kind};
use crate::diagnostic::Code;
use crate::example::{Document, Example};
use crate::observation::{Ending, Observation};
use crate::outcome::{Judgement, Outcome, Status, Trial, Verdict};
use reading::{Attempt, Scene};

/// What judging must know besides the observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgeSettings {
    /// Major and minor version of the Python that ran the example.
    pub python: (u32, u32),
    /// Whether doubtful, unreached, blocked and skipped claims fail too.
    pub strict: bool,
}

/// Judges all claims of an example by what was observed and, those about type checkers, by what these answered.
pub fn judge(
    _document: &Document,
    example: &Example,
    observation: &Observation,
    answers: &Answers,
    settings: &JudgeSettings,
) -> Outcome {
    let judged = |(at, claim): (usize, &Claim)| {
        let answer = answers.get(at).and_then(Option::as_ref);
        excused(claim, settings)
            .or_else(|| types::judge(claim, answer))
            .unwrap_or_else(|| one(example, claim, observation))
    };
    let mut judgements: Vec<Judgement> = example.claims.iter().enumerate().map(judged).collect();
    stacked::judge(example, observation, &mut judgements);
    Outcome {
        status: status(&observation.ending, &judgements, settings.strict),
        ending: Some(observation.ending.clone()),
        seconds: observation.seconds,
        cpu_seconds: observation.cpu_seconds,
        cached: false,
        stdout: observation.stdout.clone(),
        stderr: observation.stderr.clone(),
        judgements,
    }
}

/// The outcome of an example that a directive leaves out: nothing of it was run.
pub fn skipped(example: &Example, reason: &str) -> Outcome {
    let judgements = example.claims.iter().map(|claim| skip(claim, reason)).collect();
    Outcome {
        status: Status::Skipped,
        ending: None,
        seconds: 0.0,
        cpu_seconds: 0.0,
        cached: false,
        stdout: Default::default(),
        stderr: Default::default(),
        judgements,
    }
}

fn skip(claim: &Claim, reason: &str) -> Judgement {
    if !checkable(claim) {
        return plain(Verdict::Prose, 0);
    }
    Judgement {
        code: Some(Code::Skipped),
        message: Some(reason.to_string()),
        claimed: Some(claim.text.clone()),
        ..plain(Verdict::Skipped, 0)
    }
}

fn plain(verdict: Verdict, executions: u64) -> Judgement {
    Judgement {
        verdict,
        claimed: None,
        observed: None,
        code: None,
        message: None,
        fix: None,
        executions,
        trials: Vec::new(),
    }
}

/// Whether anything in a claim can be checked for sure.
fn checkable(claim: &Claim) -> bool {
    claim.readings.iter().any(|reading| reading.firm)
}

fn status(ending: &Ending, judgements: &[Judgement], strict: bool) -> Status {
    let has = |verdict: Verdict| judgements.iter().any(|judgement| judgement.verdict == verdict);
    match ending {
        Ending::Timeout { .. } => Status::Timeout,
        Ending::Finished if has(Verdict::Mismatch) => Status::Failed,
        Ending::Finished => {
            let doubtful = [Verdict::Suspect, Verdict::Unreached, Verdict::Blocked, Verdict::Skipped];
            if strict && doubtful.into_iter().any(has) { Status::Failed } else { Status::Passed }
        }
        _ => Status::Error,
    }
}

/// Leaves out a claim that holds for other Pythons only.
fn excused(claim: &Claim, settings: &JudgeSettings) -> Option<Judgement> {
    let versions = claim.versions.as_ref().filter(|versions| !versions.holds(settings.python))?;
    let (major, minor) = settings.python;
    let (wanted, (a, b)) = (&versions.operator, versions.version);
    Some(skip(claim, &format!("holds for Python {wanted}{a}.{b}; this is {major}.{minor}")))
}

/// Judges one claim by what was observed.
fn one(example: &Example, claim: &Claim, observation: &Observation) -> Judgement {
    let scene = Scene::new(example, claim, observation);
    let executions = scene.executions();
    // A program may print the very words that elsewhere announce something: `print("type: int")`.
    if scene.printed_exactly(&claim.text) {
        let (claimed, observed) = (Some(claim.text.clone()), Some(claim.text.clone()));
        return Judgement { claimed, observed, ..plain(Verdict::Verified, executions) };
    }
    let mut trials = Vec::new();
    let mut failures: Vec<Failure> = Vec::new();
    for reading in &claim.readings {
        // That part of a sentence is true says nothing where the whole of it was read and is not.
        let condemned = failures.iter().any(|failure| failure.verdict() == Verdict::Mismatch);
        let partial = matches!(reading.kind, Kind::Natural(_) | Kind::Type { .. } | Kind::Value { .. });
        if condemned && !reading.firm && partial {
            continue;
        }
        let attempt = scene.attempt(reading);
        trials.push(trial(reading, &attempt));
        match attempt {
            Attempt::Held { claimed, observed } => {
                let (claimed, observed) = (Some(claimed), Some(observed));
                return Judgement { claimed, observed, trials, ..plain(Verdict::Verified, executions) };
            }
            Attempt::Failed { claimed, observed, message, sure } => {
                failures.push(Failure {
                    kind: &reading.kind,
                    firm: reading.firm,
                    claimed,
                    observed,
                    message,
                    sure,
                });
            }
            Attempt::Unknown(_) => {}
        }
    }
    let mut judgement = match worst(failures) {
        Some(failure) => failed(claim, failure, executions),
        None if executions == 0 && checkable(claim) => not_run(observation, claim),
        None => plain(Verdict::Prose, executions),
    };
    judgement.trials = trials;
    judgement
}

/// A reading that was tried and did not hold.
struct Failure<'a> {
    kind: &'a Kind,
    firm: bool,
    claimed: String,
    observed: String,
    message: String,
    /// How sure it is, whatever the form, that the claim was meant to be this.
    sure: Sureness,
}

/// What a failed comparison says of the author's intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sureness {
    /// Nothing: the form decides.
    Form,
    /// A description of it, whatever the form.
    Description,
    /// Perhaps a version of what was seen.
    Likely,
    /// Plainly meant to be what was seen.
    Sure,
}

impl Failure<'_> {
    fn verdict(&self) -> Verdict {
        match self.sure {
            Sureness::Sure => Verdict::Mismatch,
            Sureness::Form if self.firm => Verdict::Mismatch,
            Sureness::Likely if self.firm => Verdict::Mismatch,
            Sureness::Likely => Verdict::Suspect,
            Sureness::Description if self.firm => Verdict::Suspect,
            _ => Verdict::Prose,
        }
    }
}

/// The failure to report: the first of the gravest kind.
fn worst(failures: Vec<Failure>) -> Option<Failure> {
    let rank = |failure: &Failure| match failure.verdict() {
        Verdict::Mismatch => 2,
        Verdict::Suspect => 1,
        _ => 0,
    };
    let mut best: Option<Failure> = None;
    for failure in failures {
        if rank(&failure) > best.as_ref().map_or(0, rank) {
            best = Some(failure);
        }
    }
    best
}

fn failed(claim: &Claim, failure: Failure, executions: u64) -> Judgement {
    let mut verdict = failure.verdict();
    let varies = matches!(failure.kind, Kind::Output { .. } | Kind::Value { .. } | Kind::Binding { .. });
    let mut message = failure.message.clone();
    if claim.hedged {
        verdict = Verdict::Suspect;
        message.push_str("; the claim says that it is only an example");
    } else if claim.volatile && varies && !is_constant(&failure.observed) {
        verdict = Verdict::Suspect;
        message.push_str("; it differs from run to run");
    }
    let code = if verdict == Verdict::Mismatch { Code::Mismatch } else { Code::Suspect };
    let fix =
        fix::fix(claim, failure.kind, &failure.claimed, &failure.observed, verdict == Verdict::Mismatch);
    Judgement {
        claimed: Some(failure.claimed),
        observed: Some(failure.observed),
        code: Some(code),
        message: Some(message),
        fix,
        ..plain(verdict, executions)
    }
}

/// `hash(5) == hash(5)` is as true in the next run.
fn is_constant(observed: &str) -> bool {
    matches!(observed, "True" | "False" | "None")
}

/// A checkable claim whose code did not run.
fn not_run(observation: &Observation, claim: &Claim) -> Judgement {
    let (verdict, code, message) = match &observation.ending {
        Ending::Finished => {
            (Verdict::Unreached, Code::Unreached, "the example finished, but this line never ran".to_string())
        }
        ending => (Verdict::Blocked, Code::Blocked, format!("the example broke before: {}", brief(ending))),
    };
    Judgement {
        code: Some(code),
        message: Some(message),
        claimed: Some(claim.text.clone()),
        ..plain(verdict, 0)
    }
}

/// How an example ended, in a few words.
pub fn brief(ending: &Ending) -> String {
    let at = |line: &Option<u32>| line.map(|line| format!(" at line {line}")).unwrap_or_default();
    match ending {
        Ending::Finished => "finished".to_string(),
        Ending::Exception { raised, line } => match raised.message.lines().next() {
            Some(message) => format!("{}: {message}{}", raised.type_name, at(line)),
            None => format!("{}{}", raised.type_name, at(line)),
        },
        Ending::MissingModule { module, .. } => format!("module `{module}` is not installed"),
        Ending::Exit { code, line } => format!("it ended itself with status {code}{}", at(line)),
        Ending::Signal { name, .. } => format!("killed by {name}"),
        Ending::Timeout { limit, cpu: false } => format!("it took longer than {limit} s"),
        Ending::Timeout { limit, cpu: true } => format!("it used more than {limit} s of processor time"),
        Ending::Memory { .. } => "it needed too much memory".to_string(),
        Ending::SyntaxError { message, line } => format!("syntax error at line {line}: {message}"),
        Ending::Worker { message } => message.clone(),
    }
}

fn trial(reading: &crate::claim::Reading, attempt: &Attempt) -> Trial {
    let (held, note) = match attempt {
        Attempt::Held { claimed, observed } => (true, format!("{claimed:?} is {observed:?}")),
        Attempt::Failed { claimed, observed, message, .. } => {
            (false, format!("{message}: {claimed:?}, {observed:?}"))
        }
        Attempt::Unknown(note) => (false, note.clone()),
    };
    Trial { reading: describe(&reading.kind), held, firm: reading.firm, note }
}

fn describe(kind: &Kind) -> String {
    let first = |cuts: &[String]| cuts.first().cloned().unwrap_or_default();
    match kind {
        Kind::Output { cuts, .. } => format!("output {:?}", first(cuts)),
        Kind::Silence => "no output".to_string(),
        Kind::Value { cuts } => format!("value {:?}", first(cuts)),
        Kind::Binding { place, cuts, .. } => format!("{place} is {:?}", first(cuts)),
        Kind::Sequence { place, items } => format!("{place} is in turn {}", items.join(", ")),
        Kind::Predicate { expression, expected: None } => format!("{expression} is true"),
        Kind::Predicate { expression, expected: Some(value) } => format!("{expression} is {value}"),
        Kind::Type { place, names } => {
            format!("type of {} is {}", place.as_deref().unwrap_or("the value"), names.join(" or "))
        }
        Kind::Raises { type_name, messages } if messages.is_empty() => format!("raises {type_name}"),
        Kind::Raises { type_name, messages } => format!("raises {type_name}: {}", first(messages)),
        Kind::Handles { type_name } => format!("catches {type_name}"),
        Kind::Static { checker, messages, absent } => {
            let name = checker.as_deref().unwrap_or("a type checker");
            match messages.first() {
                _ if *absent => format!("{name} reports no error"),
                None => format!("{name} reports an error"),
                Some(message) => format!("{name} reports {message:?}"),
            }
        }
        Kind::All(parts) => parts.iter().map(|part| describe(&part.kind)).collect::<Vec<_>>().join(" and "),
        Kind::Natural(natural) => format!("{natural:?}"),
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
