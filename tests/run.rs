//! Examples, really run: what is seen of them, and that nothing of the seeing shows.

use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;
use verify_examples::observation::{Ending, Observation, Probe, Run};
use verify_examples::plan::{Anchor, At, Job, Limits, OnError, Place, Source, SourceKind, Span, Watch};
use verify_examples::run::{Event, Pool, PoolSettings};

const DOCUMENT: &str = "/nowhere/document.md";

fn pool() -> &'static Pool {
    static POOL: OnceLock<Pool> = OnceLock::new();
    POOL.get_or_init(start_pool)
}

fn start_pool() -> Pool {
    let zygote = Some(env!("CARGO_BIN_EXE_verify").into());
    Pool::start(PoolSettings { zygote, ..PoolSettings::new(2) }).unwrap()
}

/// The extent of `snippet`'s only occurrence in `code`, in the lines of a document where the code begins at
/// `first_line`.
fn span_of(code: &str, first_line: u32, snippet: &str) -> Span {
    assert_eq!(code.matches(snippet).count(), 1, "{snippet:?} is not there exactly once");
    let start = code.find(snippet).unwrap();
    let place = |offset: usize| {
        let before = &code[..offset];
        let line = before.matches('\n').count() as u32;
        (first_line + line, (offset - before.rfind('\n').map_or(0, |at| at + 1)) as u32)
    };
    let ((line, column), (end_line, end_column)) = (place(start), place(start + snippet.len()));
    Span { line, column, end_line, end_column }
}

/// An example under construction.
struct Example {
    job: Job,
}

const FIRST_LINE: u32 = 11;

fn example(code: &str) -> Example {
    let limits = Limits { wall: Duration::from_secs(20), cpu: None, output: 1 << 20 };
    let source = Source { first_line: FIRST_LINE, code: code.to_owned(), kind: SourceKind::Block };
    Example {
        job: Job {
            document: DOCUMENT.to_owned(),
            sources: vec![source],
            anchors: Vec::new(),
            limits,
            on_error: OnError::Stop,
        },
    }
}

impl Example {
    fn watch_in(mut self, source: usize, watch: Watch, snippet: &str, probes: &[&str]) -> Example {
        let Source { first_line, code, .. } = &self.job.sources[source];
        self.job.anchors.push(Anchor {
            source,
            watch,
            span: span_of(code, *first_line, snippet),
            probes: probes.iter().map(|&probe| probe.to_owned()).collect(),
            value: true,
            output: true,
            announced: false,
        });
        self
    }

    fn watch(self, snippet: &str) -> Example {
        self.watch_in(0, Watch::Statement, snippet, &[])
    }

    fn probe(self, snippet: &str, probes: &[&str]) -> Example {
        self.watch_in(0, Watch::Statement, snippet, probes)
    }

    fn expression(self, snippet: &str) -> Example {
        self.watch_in(0, Watch::Expression, snippet, &[])
    }

    fn announced(mut self) -> Example {
        self.job.anchors.last_mut().unwrap().announced = true;
        self
    }

    /// Dormant code after a statement of the first source; its statements are all watched.
    fn dormant(mut self, after: &str, code: &str) -> Example {
        let Source { first_line, code: block, .. } = &self.job.sources[0];
        let at = if after.is_empty() { At::Start } else { At::After(span_of(block, *first_line, after)) };
        let kind = SourceKind::Dormant(Place { source: 0, at });
        self.job.sources.push(Source { first_line: 500, code: code.to_owned(), kind });
        self
    }

    fn wall(mut self, seconds: f64) -> Example {
        self.job.limits.wall = Duration::from_secs_f64(seconds);
        self
    }

    fn run(self) -> Observation {
        run_all(pool(), &[self.job]).remove(0)
    }
}

fn run_all(pool: &Pool, jobs: &[Job]) -> Vec<Observation> {
    let done = Mutex::new(vec![None; jobs.len()]);
    pool.run(
        jobs,
        &|event| match event {
            Event::Done(index, observation) => done.lock().unwrap()[index] = Some(observation),
            Event::Note(index, note) => eprintln!("note on {index}: {note}"),
            Event::Started(_) => {}
        },
        &AtomicBool::new(false),
    );
    done.into_inner().unwrap().into_iter().map(Option::unwrap).collect()
}

#[track_caller]
fn finished(observation: &Observation) {
    assert_eq!(observation.ending, Ending::Finished, "{}", observation.stderr.text());
}

fn repr(run: &Run) -> &str {
    run.value.as_ref().map_or("no value", |value| &value.repr)
}

fn values(observation: &Observation, anchor: usize) -> Vec<&str> {
    observation.anchors[anchor].runs.iter().map(repr).collect()
}

fn outputs(observation: &Observation, anchor: usize) -> Vec<String> {
    observation.anchors[anchor].runs.iter().map(|run| observation.stdout_of(run).into_owned()).collect()
}

fn probes(run: &Run) -> Vec<String> {
    let text = |probe: &Probe| match probe {
        Probe::Value(value) => value.repr.clone(),
        Probe::Raised(raised) => format!("{}: {}", raised.type_name, raised.message),
        Probe::Untried(why) => format!("untried: {why}"),
    };
    run.probes.iter().map(text).collect()
}

fn raised(run: &Run) -> String {
    run.raised.as_ref().map_or("nothing".into(), |raised| format!("{}: {}", raised.type_name, raised.message))
}

#[test]
fn an_example_runs_to_its_end_and_its_output_is_kept() {
    let seen = example("print('hello')\nimport sys\nprint('oh', file=sys.stderr)\n").run();
    finished(&seen);
    assert_eq!(seen.stdout.text(), "hello\n");
    assert_eq!(seen.stderr.text(), "oh\n");
}

#[test]
fn the_interpreter_describes_itself() {
    let python = pool().python();
    assert_eq!(python.implementation, "CPython");
    assert!(python.version.starts_with("3."), "{python:?}");
    assert!(python.executable.is_absolute());
    let seen = example("import sys\nprint(sys.executable)\n").run();
    assert_eq!(seen.stdout.text().trim(), python.executable);
}

#[test]
fn values_of_expressions_and_assignments_are_seen() {
    let code = "x = [1, 2]\nx + [3]\nname: str = 'Ann'\nx.append(9)\ny = z = x\n";
    let seen = example(code)
        .watch("x = [1, 2]")
        .watch("x + [3]")
        .watch("name: str = 'Ann'")
        .watch("x.append(9)")
        .probe("y = z = x", &["z", "x", "name", "nothing", "len(x)", "x[0]", "sum(x)"])
        .run();
    finished(&seen);
    assert_eq!(values(&seen, 0), ["[1, 2]"]);
    assert_eq!(values(&seen, 1), ["[1, 2, 3]"]);
    assert_eq!(values(&seen, 2), ["'Ann'"]);
    assert_eq!(values(&seen, 3), ["None"]);
    let last = &seen.anchors[4].runs[0];
    assert_eq!(
        probes(last),
        ["[1, 2, 9]", "[1, 2, 9]", "'Ann'", "NameError: name 'nothing' is not defined", "3", "1", "12"]
    );
}

#[test]
fn output_belongs_to_the_statement_that_wrote_it_whoever_did() {
    let code = "\
import os, subprocess
def f():
    print('from f')
print('one')
f()
os.write(1, b'raw\\n')
subprocess.run(['echo', 'child'])
print('no end', end='')
print()
";
    let seen = example(code)
        .watch("print('one')")
        .expression("f()\nos".split('\n').next().map(|_| "os.write(1, b'raw\\n')").unwrap())
        .watch("subprocess.run(['echo', 'child'])")
        .watch("print('no end', end='')")
        .watch("print('from f')")
        .run();
    finished(&seen);
    assert_eq!(outputs(&seen, 0), ["one\n"]);
    assert_eq!(outputs(&seen, 1), ["raw\n"]);
    assert_eq!(outputs(&seen, 2), ["child\n"]);
    assert_eq!(outputs(&seen, 3), ["no end"]);
    assert_eq!(outputs(&seen, 4), ["from f\n"]);
}
