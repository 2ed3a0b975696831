//! Running type checkers: one process for all the claims that one checker is asked about.
//!
//! The texts go into a temporary folder in which the checker also runs, so that it leaves nothing beside documents and
//! finds no configuration there; its cache is off. What it cannot answer is an answer too, with the reason.

use crate::checker::{Answer, Checker, FAILED, Report, parse, text};
use crate::claim::Kind;
use crate::example::Example;
use crate::settings::Settings;
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The least that a checker may take, whatever an example may: it has to read the standard library's types first.
const LEAST: Duration = Duration::from_secs(60);

/// Exits with 0 where the module that is named can be run by `python -m`.
const PROBE: &str = "import sys, importlib.util as u; sys.exit(not u.find_spec(sys.argv[1] + '.__main__'))";

/// Where checkers are looked for, and how long they may take.
pub(super) struct Place {
    /// The interpreter of the examples: its packages are those that they import.
    interpreter: PathBuf,
    /// Pythons that may have a checker installed, the most fitting first.
    pythons: Vec<PathBuf>,
    /// Folders that may hold one's command.
    folders: Vec<PathBuf>,
    limit: Duration,
}

impl Place {
    pub(super) fn new(settings: &Settings, interpreter: &str) -> Place {
        let active = settings.virtual_environment.as_ref().map(|path| settings.folder.join(path));
        let pythons: Vec<PathBuf> =
            std::iter::once(interpreter.into()).chain(active.map(|path| path.join("bin/python"))).collect();
        let beside = pythons.iter().filter_map(|python| python.parent()).map(Path::to_owned);
        let on_path = settings.command_folders.iter().map(|folder| settings.folder.join(folder));
        let folders = beside.chain(on_path).collect();
        Place { interpreter: interpreter.into(), pythons, folders, limit: settings.timeout.max(LEAST) }
    }
}

/// A checker that was found: a program and what comes first on its command line.
#[derive(Debug, Clone)]
struct Found {
    checker: Checker,
    program: PathBuf,
    first: Vec<OsString>,
}

/// A text that a checker is asked about for a claim.
struct Question {
    example: usize,
    claim: usize,
    /// The name that the claim gives.
    wanted: Option<String>,
    text: String,
}

/// For each example, the answers to its claims: None for those that ask nothing. Costs nothing where no claim does.
pub(super) fn ask(examples: &[&Example], place: &Place, cancel: &AtomicBool) -> Vec<Vec<Option<Answer>>> {
    let mut answers: Vec<_> = examples.iter().map(|example| vec![None; example.claims.len()]).collect();
    let questions: Vec<Question> =
        examples.iter().enumerate().flat_map(|(at, example)| questions(at, example)).collect();
    if questions.is_empty() || cancel.load(Ordering::SeqCst) {
        return answers;
    }
    let given = match tempfile::Builder::new().prefix("verify-types-").tempdir() {
        Ok(folder) => Session { folder: folder.path(), place, cancel }.answers(&questions),
        Err(error) => {
            let none = Answer::none(format!("a type checker needs a temporary folder: {error}"));
            vec![none; questions.len()]
        }
    };
    for (question, answer) in questions.iter().zip(given) {
        answers[question.example][question.claim] = Some(answer);
    }
    answers
}

fn questions(at: usize, example: &Example) -> Vec<Question> {
    let question = |(claim, stated): (usize, &crate::claim::Claim)| {
        let Kind::Static { checker, .. } = &stated.readings.first()?.kind else { return None };
        let text = text(example, stated.check.as_ref()?);
        Some(Question { example: at, claim, wanted: checker.clone(), text })
    };
    example.claims.iter().enumerate().filter_map(question).collect()
}

/// One round of asking.
struct Session<'a> {
    /// A folder of its own, empty at first.
    folder: &'a Path,
    place: &'a Place,
    cancel: &'a AtomicBool,
}

/// How a process ended and what it printed.
struct Ended {
    status: ExitStatus,
    stdout: String,
    stderr: String,
}

impl Session<'_> {
    fn answers(&self, questions: &[Question]) -> Vec<Answer> {
        let mut known: HashMap<Option<&str>, Result<Found, Answer>> = HashMap::new();
        for question in questions {
            let wanted = question.wanted.as_deref();
            known.entry(wanted).or_insert_with(|| self.find(wanted));
        }
        let mut answers: Vec<Answer> = vec![Answer::default(); questions.len()];
        for checker in Checker::ALL {
            let here = |at: &usize| {
                let found = known.get(&questions[*at].wanted.as_deref());
                found.and_then(|found| found.as_ref().ok()).filter(|found| found.checker == checker)
            };
            let asked: Vec<usize> = (0..questions.len()).filter(|at| here(at).is_some()).collect();
            let Some(found) = asked.first().and_then(here) else { continue };
            let texts: Vec<&str> = asked.iter().map(|&at| questions[at].text.as_str()).collect();
            for (at, answer) in asked.iter().zip(self.all(found, &texts)) {
                answers[*at] = answer;
            }
        }
        for (question, answer) in questions.iter().zip(&mut answers) {
            if let Some(Err(none)) = known.get(&question.wanted.as_deref()) {
                *answer = none.clone();
            }
        }
        answers
    }

    /// The checker that a claim means.
    fn find(&self, wanted: Option<&str>) -> Result<Found, Answer> {
        let python = self.place.interpreter.display();
        let Some(name) = wanted else {
            let any = Checker::ALL.into_iter().find_map(|checker| self.installed(checker));
            return any.ok_or_else(|| {
                let names = Checker::ALL.map(Checker::name).join(", ");
                Answer::none(format!("no type checker ({names}) is installed for {python}"))
            });
        };
        let checker =
            Checker::named(name).ok_or_else(|| Answer::none(format!("verify cannot ask {name}")))?;
        let none = || Answer {
            checker: Some(checker),
            ..Answer::none(format!("{name} is not installed for {python}"))
        };
        self.installed(checker).ok_or_else(none)
    }

    /// As a module of one of the Pythons, else as a command.
    fn installed(&self, checker: Checker) -> Option<Found> {
        let name = checker.name();
        let has_module = |python: &&PathBuf| {
            let mut command = Command::new(python);
            command.args(["-c", PROBE, name]);
            self.run(&mut command, "probe", Instant::now() + LEAST).is_ok_and(|ended| ended.status.success())
        };
        if let Some(python) = self.place.pythons.iter().find(has_module) {
            return Some(Found { checker, program: python.clone(), first: vec!["-m".into(), name.into()] });
        }
        let command =
            self.place.folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file())?;
        Some(Found { checker, program: command, first: Vec::new() })
    }

    /// Asks one checker about some texts.
    fn all(&self, found: &Found, texts: &[&str]) -> Vec<Answer> {
        let mut different: Vec<&str> = texts.to_vec();
        different.sort_unstable();
        different.dedup();
        let answers = self.batch(found, &different);
        let answer_to = |text: &&str| answers[different.binary_search(text).unwrap_or_default()].clone();
        texts.iter().map(answer_to).collect()
    }

    /// Asks one checker about texts that differ. mypy stops where it cannot read one of them: the others are then looked at again
    /// without it.
    fn batch(&self, found: &Found, texts: &[&str]) -> Vec<Answer> {
        let name = found.checker.name();
        let deadline = Instant::now() + self.place.limit;
        let mut answers = vec![Answer { checker: Some(found.checker), ..Answer::default() }; texts.len()];
        let mut left: Vec<usize> = (0..texts.len()).collect();
        let written =
            texts.iter().enumerate().try_for_each(|(at, text)| fs::write(self.folder.join(file(at)), text));
        let mut failed = written.err().map(|error| format!("{name} cannot be asked: {error}"));
        while failed.is_none() && !left.is_empty() {
            let result = self.once(found, &left, deadline);
            let (reports, stopped) = match result {
                Ok(result) => result,
                Err(reason) => {
                    failed = Some(reason);
                    break;
                }
            };
            for &at in left.iter().filter(|at| !stopped || broken(&reports).contains(at)) {
                let here = reports.iter().filter(|(of, _)| *of == at).map(|(_, report)| report.clone());
                answers[at].reports = here.filter(|report| !report.message.starts_with(FAILED)).collect();
                let last = reports.iter().rev().find(|(of, _)| *of == at).map(|(_, report)| report);
                answers[at].stopped = last
                    .filter(|_| stopped)
                    .map(|report| format!("{name} stopped at line {}: {}", report.line, report.message));
            }
            let done = broken(&reports);
            left.retain(|at| stopped && !done.contains(at));
        }
        for at in left {
            answers[at].stopped = failed.clone();
        }
        answers
    }

    /// Runs a checker once over the texts of these numbers. Gives what it reported of which, and whether it stopped at one of them.
    fn once(
        &self,
        found: &Found,
        texts: &[usize],
        deadline: Instant,
    ) -> Result<(Vec<(usize, Report)>, bool), String> {
        let name = found.checker.name();
        let mut command = Command::new(&found.program);
        command.args(&found.first).args(options(found.checker, &self.place.interpreter));
        command.args(texts.iter().map(|&at| file(at)));
        let ended =
            self.run(&mut command, "output", deadline).map_err(|reason| format!("{name} {reason}"))?;
        let finished = finished(&ended);
        let text =
            if finished { ended.stdout.clone() } else { format!("{}\n{}", ended.stdout, ended.stderr) };
        let parsed = parse(found.checker, &text);
        let stopped = found.checker == Checker::Mypy && !finished;
        let number = |(name, report): (String, Report)| {
            texts.iter().find(|&&at| file(at) == name).map(|&at| (at, report))
        };
        match parsed {
            Ok(reports) if finished || stopped => {
                let reports: Vec<_> = reports.into_iter().filter_map(number).collect();
                if stopped && reports.is_empty() {
                    return Err(format!("{name} failed: {}", last_words(&ended)));
                }
                Ok((reports, stopped))
            }
            Ok(_) => Err(format!("{name} failed: {}", last_words(&ended))),
            Err(reason) if finished && ended.stderr.trim().is_empty() => {
                Err(format!("{name} failed: {reason}"))
            }
            Err(_) => Err(format!("{name} failed: {}", last_words(&ended))),
        }
    }

    /// Runs a command in the folder, its output in files there, until it ends, its time is over, or all is cancelled. An error
    /// goes on after the command's name.
    fn run(&self, command: &mut Command, output: &str, deadline: Instant) -> Result<Ended, String> {
        let (out, err) =
            (self.folder.join(format!("{output}.out")), self.folder.join(format!("{output}.err")));
        let cannot = |error: io::Error| format!("cannot be started: {error}");
        command.current_dir(self.folder).stdin(Stdio::null());
        command.stdout(File::create(&out).map_err(cannot)?).stderr(File::create(&err).map_err(cannot)?);
        command.env("NO_COLOR", "1").env("PYTHONUTF8", "1");
        for forced in ["FORCE_COLOR", "CLICOLOR_FORCE", "MYPY_FORCE_COLOR"] {
            command.env_remove(forced);
        }
        std::os::unix::process::CommandExt::process_group(command, 0);
        let began = Instant::now();
        let mut child = command.spawn().map_err(cannot)?;
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if self.cancel.load(Ordering::SeqCst) => {
                    end(&mut child);
                    return Err("was interrupted".to_owned());
                }
                Ok(None) if Instant::now() >= deadline => {
                    end(&mut child);
                    return Err(format!("took longer than {} s", began.elapsed().as_secs()));
                }
                Ok(None) => std::thread::sleep(Duration::from_millis(5)),
                Err(error) => return Err(format!("was lost: {error}")),
            }
        };
        let read = |file| String::from_utf8_lossy(&fs::read(file).unwrap_or_default()).into_owned();
        Ok(Ended { status, stdout: read(out), stderr: read(err) })
    }
}

/// The name of the file of a text.
fn file(at: usize) -> String {
    format!("verify_{at}.py")
}

fn options(checker: Checker, interpreter: &Path) -> Vec<OsString> {
    let (options, python): (&[&str], &str) = match checker {
        Checker::Mypy => (
            &[
                "--config-file=",
                "--no-error-summary",
                "--show-column-numbers",
                "--no-color-output",
                "--hide-error-context",
                "--no-pretty",
                "--no-incremental",
                "--cache-dir=/dev/null",
                "--ignore-missing-imports",
                "--follow-imports=silent",
                "--check-untyped-defs",
                "--soft-error-limit=-1",
            ],
            "--python-executable",
        ),
        Checker::Pyright => (&["--outputjson"], "--pythonpath"),
        Checker::Ty => (&["check", "--output-format", "concise"], "--python"),
    };
    options.iter().map(OsString::from).chain([python.into(), interpreter.into()]).collect()
}

/// The texts at which mypy stopped: those in which it crashed, else those with syntax errors and that of the last error.
fn broken(reports: &[(usize, Report)]) -> Vec<usize> {
    let numbers = |wanted: &dyn Fn(&Report) -> bool| -> Vec<usize> {
        reports.iter().filter(|(_, report)| wanted(report)).map(|(at, _)| *at).collect()
    };
    let crashed = numbers(&|report| report.message.starts_with(FAILED));
    if !crashed.is_empty() {
        return crashed;
    }
    let mut stopped = numbers(&|report| report.code.as_deref() == Some("syntax"));
    stopped.extend(reports.last().map(|(at, _)| *at));
    stopped
}

/// Whether a checker came to its end: 1 says that it reported something, but is also what a Python program ends with that breaks.
fn finished(ended: &Ended) -> bool {
    match ended.status.code() {
        Some(0) => true,
        Some(1) => {
            !ended.stdout.trim().is_empty() && !ended.stderr.contains("Traceback (most recent call last)")
        }
        _ => false,
    }
}

/// The last line of what a failed process printed: there stands why, in a traceback too.
fn last_words(ended: &Ended) -> String {
    let last = |text: &str| text.lines().map(str::trim).rfind(|line| !line.is_empty()).map(str::to_owned);
    let words =
        last(&ended.stderr).or_else(|| last(&ended.stdout)).unwrap_or_else(|| ended.status.to_string());
    words.chars().take(200).collect()
}

/// Kills a process and all of its group.
fn end(child: &mut Child) {
    // Where it is gone already nothing is left to do.
    let _ = rustix::process::kill_process_group(
        rustix::process::Pid::from_child(child),
        rustix::process::Signal::KILL,
    );
    let _ = child.kill();
    let _ = child.wait();
}
