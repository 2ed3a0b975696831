//! Examples, really run: what is seen of them, and that nothing of the seeing shows.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;
use verify_examples::observation::{Ending, Observation, Probe, Run};
use verify_examples::plan::{
    Anchor, Announced, At, Job, Limits, OnError, Place, Source, SourceKind, Span, Watch,
};
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
            announced: Announced::None,
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
        self.job.anchors.last_mut().unwrap().announced = Announced::Any;
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
        .watch("os.write(1, b'raw\\n')")
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

#[test]
fn each_run_of_a_loop_a_function_and_a_recursion_is_seen() {
    let code = "\
def fact(n):
    if n == 0:
        return 1
    return n * fact(n - 1)
for i in range(3):
    print(i)
    square = i * i
fact(3)
";
    let seen = example(code)
        .watch("print(i)")
        .watch("square = i * i")
        .probe("return n * fact(n - 1)", &["n"])
        .watch_in(0, Watch::Pass, "for i in range(3):\n    print(i)\n    square = i * i", &["i"])
        .expression("n == 0")
        .watch("for i in range(3):\n    print(i)\n    square = i * i")
        .run();
    finished(&seen);
    assert_eq!(outputs(&seen, 0), ["0\n", "1\n", "2\n"]);
    assert_eq!(values(&seen, 1), ["0", "1", "4"]);
    assert_eq!(values(&seen, 2), ["1", "2", "6"]);
    let n: Vec<_> = seen.anchors[2].runs.iter().flat_map(probes).collect();
    assert_eq!(n, ["1", "2", "3"]);
    assert_eq!(values(&seen, 3), ["0", "1", "2"]);
    assert_eq!(values(&seen, 4), ["False", "False", "False", "True"]);
    assert_eq!(outputs(&seen, 5), ["0\n1\n2\n"]);
}

#[test]
fn generators_coroutines_and_threads_are_seen() {
    let code = "\
import asyncio, threading
def numbers():
    yield 1
    got = yield 2
    return 'end'
g = numbers()
next(g)
next(g)
try:
    g.send('hi')
except StopIteration as e:
    print(e.value)
async def wait(n):
    await asyncio.sleep(0.01 * n)
    return n
async def main():
    r = await asyncio.gather(wait(2), wait(1))
    return r
asyncio.run(main())
def work(n):
    local = n * 10
ts = [threading.Thread(target=work, args=(i,)) for i in range(3)]
for t in ts: t.start()
for t in ts: t.join()
";
    let seen = example(code)
        .watch("yield 1")
        .watch("got = yield 2")
        .watch("return 'end'")
        .watch("return n\n".trim_end_matches('\n').to_owned().as_str())
        .watch("r = await asyncio.gather(wait(2), wait(1))")
        .watch("local = n * 10")
        .watch_in(0, Watch::Handler, "except StopIteration as e:\n    print(e.value)", &["e.value"])
        .run();
    finished(&seen);
    assert_eq!(values(&seen, 0), ["1"]);
    assert_eq!(values(&seen, 1), ["'hi'"]);
    assert_eq!(values(&seen, 2), ["'end'"]);
    assert_eq!(values(&seen, 3), ["1", "2"]);
    assert_eq!(values(&seen, 4), ["[2, 1]"]);
    let mut local = values(&seen, 5);
    local.sort_unstable();
    assert_eq!(local, ["0", "10", "20"]);
    assert_eq!(raised(&seen.anchors[6].runs[0]), "StopIteration: end");
    assert_eq!(probes(&seen.anchors[6].runs[0]), ["'end'"]);
}

#[test]
fn context_managers_and_places_before_statements_are_seen() {
    let code = "\
from contextlib import contextmanager
@contextmanager
def managed():
    print('in')
    yield 'thing'
    print('out')
with managed() as m:
    print(m)
if m:
    pass
else:
    print('never')
";
    let with = "with managed() as m:\n    print(m)";
    let seen = example(code)
        .watch_in(0, Watch::Enter, with, &[])
        .watch(with)
        .watch_in(0, Watch::Before, "pass", &["m"])
        .watch_in(0, Watch::Before, "print('never')", &[])
        .watch("@contextmanager\ndef managed():\n    print('in')\n    yield 'thing'\n    print('out')")
        .run();
    finished(&seen);
    assert_eq!(outputs(&seen, 0), ["in\n"]);
    assert_eq!(values(&seen, 0), ["'thing'"]);
    assert_eq!(outputs(&seen, 1), ["in\nthing\nout\n"]);
    assert_eq!(probes(&seen.anchors[2].runs[0]), ["'thing'"]);
    assert_eq!(seen.anchors[3].executions, 0);
    assert_eq!(seen.anchors[4].executions, 1);
}

#[test]
fn an_announced_exception_does_not_end_the_example() {
    let code = "\
int('x')
for i in (1, 0):
    1 / i
print('on')
";
    let seen = example(code).watch("int('x')").announced().watch("1 / i").announced().run();
    finished(&seen);
    assert_eq!(seen.stdout.text(), "on\n");
    assert_eq!(raised(&seen.anchors[0].runs[0]), "ValueError: invalid literal for int() with base 10: 'x'");
    assert_eq!(seen.anchors[0].runs[0].raised.as_ref().unwrap().line, Some(FIRST_LINE));
    assert_eq!(raised(&seen.anchors[1].runs[0]), "nothing");
    assert_eq!(raised(&seen.anchors[1].runs[1]), "ZeroDivisionError: division by zero");
}

#[test]
fn an_announced_exception_inside_a_try_or_a_function_takes_its_way() {
    let code = "\
def f():
    raise KeyError('k')
try:
    int('x')
except ValueError:
    print('caught')
try:
    f()
except KeyError as e:
    print('key', e)
";
    let seen = example(code).watch("int('x')").announced().watch("raise KeyError('k')").announced().run();
    finished(&seen);
    assert_eq!(seen.stdout.text(), "caught\nkey 'k'\n");
    assert_eq!(raised(&seen.anchors[1].runs[0]), "KeyError: 'k'");
}

#[test]
fn on_error_continue_goes_on_as_a_prompt_would() {
    let mut wanted = example(
        "1 / 0\nprint('on')\nfor i in range(3):\n    print(i)\n    undefined\nimport sys\nsys.exit(3)\nprint('no')\n",
    );
    wanted.job.on_error = OnError::Continue;
    let seen = wanted.run();
    assert_eq!(seen.ending, Ending::Exit { code: 3, line: Some(FIRST_LINE + 6) });
    assert_eq!(seen.stdout.text(), "on\n0\n");
    assert!(seen.stderr.text().contains("ZeroDivisionError: division by zero"), "{}", seen.stderr.text());
}

#[test]
fn dormant_code_is_tried_and_leaves_no_trace() {
    let code = "\
items = [1]
total = 5
open('kept.txt', 'w').close()
def f(n):
    m = n + 1
    return m
f(1)
import os
print(items, total, os.listdir('.'))
";
    let dormant = "items.append(2)\nprint('tried', items)\ntotal += 1 / 0\ntotal\nprint('last')\n";
    let seen = example(code)
        .dormant("total = 5", dormant)
        .watch_in(1, Watch::Statement, "print('tried', items)", &["len(items)"])
        .watch_in(1, Watch::Statement, "total += 1 / 0", &[])
        .watch_in(1, Watch::Statement, "print('last')", &[])
        .dormant("m = n + 1", "m + n\n")
        .watch_in(2, Watch::Statement, "m + n", &["m", "n"])
        .dormant("f(1)", "return 5\n")
        .dormant("", "items\n")
        .watch_in(4, Watch::Statement, "items", &[])
        .dormant("open('kept.txt', 'w').close()", "while True:\n    pass\n")
        .run();
    finished(&seen);
    assert_eq!(seen.stdout.text(), "[1] 5 ['kept.txt']\n");
    assert_eq!(outputs(&seen, 0), ["tried [1, 2]\n"]);
    assert_eq!(probes(&seen.anchors[0].runs[0]), ["2"]);
    assert_eq!(raised(&seen.anchors[1].runs[0]), "ZeroDivisionError: division by zero");
    assert_eq!(outputs(&seen, 2), ["last\n"]);
    assert_eq!(values(&seen, 3), ["3"]);
    assert_eq!(probes(&seen.anchors[3].runs[0]), ["2", "1"]);
    assert_eq!(raised(&seen.anchors[4].runs[0]), "NameError: name 'items' is not defined");
    let failed = |source| {
        let replay = seen.replays.iter().find(|replay| replay.source == source).unwrap();
        replay.failed.clone().unwrap_or_default()
    };
    assert_eq!(failed(1), "");
    assert_eq!(failed(3), "SyntaxError: 'return' outside function");
    assert_eq!(failed(5), "timed out");
}

#[test]
fn a_probe_does_not_change_what_it_asks() {
    let code = "\
from collections import defaultdict
groups = defaultdict(list)
class Noisy:
    made = 0
    def __init__(self):
        self.plain = 1
    def __getattr__(self, name):
        Noisy.made += 1
        return name
    def __len__(self):
        Noisy.made += 1
        return 3
n = Noisy()
done = True
print(dict(groups), Noisy.made)
";
    let seen = example(code)
        .probe(
            "done = True",
            &["groups['a']", "len(groups)", "n.other", "n.plain", "len(n)", "while", "n.made"],
        )
        .run();
    finished(&seen);
    assert_eq!(seen.stdout.text(), "{} 0\n");
    let seen = probes(&seen.anchors[0].runs[0]);
    // Each on its own: none sees what another one did.
    assert_eq!(&seen[..5], ["[]", "0", "'other'", "1", "3"]);
    assert!(seen[5].starts_with("SyntaxError"), "{seen:?}");
}

#[test]
fn a_repr_that_prints_raises_counts_or_hangs_changes_nothing() {
    let code = "\
class Prints:
    count = 0
    def __repr__(self):
        Prints.count += 1
        print('repr!')
        return f'Prints({Prints.count})'
class Raises:
    def __repr__(self):
        raise ValueError('no')
class Hangs:
    def __repr__(self):
        while True: pass
class Deletes(list):
    def __repr__(self):
        self.clear()
        return 'gone'
a = Prints()
b = Raises()
c = Hangs()
d = Deletes([1, 2])
[a]
print(Prints.count, len(d))
";
    let seen = example(code)
        .probe("a = Prints()", &["a"])
        .watch("b = Raises()")
        .watch("c = Hangs()")
        .watch("d = Deletes([1, 2])")
        .watch("[a]")
        .run();
    finished(&seen);
    assert_eq!(seen.stdout.text(), "0 2\n");
    assert_eq!(values(&seen, 0), ["Prints(1)"]);
    assert_eq!(values(&seen, 1), [""]);
    assert_eq!(seen.anchors[1].runs[0].value.as_ref().unwrap().type_name, "Raises");
    assert_eq!(values(&seen, 2), [""]);
    assert!(seen.anchors[2].runs[0].value.as_ref().unwrap().cut);
    assert_eq!(values(&seen, 3), ["gone"]);
    assert_eq!(seen.anchors[3].runs[0].value.as_ref().unwrap().bases, ["Deletes", "list"]);
    assert_eq!(values(&seen, 4), ["[Prints(1)]"]);
}

#[test]
fn values_come_with_what_claims_may_ask_of_them() {
    let snippets = [
        "'a\\n'",
        "3.0",
        "True",
        "[1] * 5000",
        "'x' * 100000",
        "print",
        "ValueError('v')",
        "lambda: 0",
        "{1: {2}}",
        "Path('a/b')",
        "Color.RED",
        "P(1, [2])",
        "datetime(2024, 1, 2)",
        "10 ** 5000",
    ];
    let setup = "\
from enum import Enum
from dataclasses import dataclass
from pathlib import Path
from datetime import datetime
class Color(Enum):
    RED = 1
@dataclass
class P:
    x: int
    y: list
";
    let code = setup.to_owned() + &snippets.join("\n") + "\n";
    let mut wanted = example(&code);
    for snippet in snippets {
        wanted = wanted.watch(snippet);
    }
    let seen = wanted.run();
    finished(&seen);
    let value = |at: usize| seen.anchors[at].runs[0].value.clone().unwrap();
    let texts = |at: usize| (value(at).repr, value(at).text);
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(texts(0), ("'a\\n'".into(), text("a\n")));
    assert_eq!(value(0).len, Some(2));
    assert_eq!(texts(1), ("3.0".into(), None));
    assert_eq!((value(2).type_name, value(2).bases), ("bool".into(), vec!["bool".into(), "int".into()]));
    assert_eq!((value(3).len, value(3).cut), (Some(5000), true));
    assert_eq!((value(4).len, value(4).cut, value(4).text.unwrap().len()), (Some(100_000), true, 65_536));
    assert_eq!(texts(5), ("<built-in function print>".into(), None));
    assert_eq!(texts(6), ("ValueError('v')".into(), text("v")));
    assert!(value(7).repr.starts_with("<function <lambda> at 0x"));
    assert_eq!(texts(8), ("{1: {2}}".into(), None));
    assert_eq!(texts(9), ("PosixPath('a/b')".into(), text("a/b")));
    assert_eq!(texts(10), ("<Color.RED: 1>".into(), text("Color.RED")));
    assert_eq!(texts(11), ("P(x=1, y=[2])".into(), None));
    assert_eq!(texts(12), ("datetime.datetime(2024, 1, 2, 0, 0)".into(), text("2024-01-02 00:00:00")));
    assert!(value(13).cut || value(13).repr.len() == 5001);
}

#[test]
fn only_a_program_that_came_to_its_end_has_finished() {
    let ending = |code: &str| example(code).run().ending;
    let at = |line: u32| Some(FIRST_LINE + line);
    assert_eq!(ending("import os\nos._exit(0)\nprint('no')\n"), Ending::Exit { code: 0, line: None });
    assert_eq!(ending("import sys\nsys.exit(0)\nprint('no')\n"), Ending::Exit { code: 0, line: at(1) });
    assert_eq!(ending("import sys\nif True:\n    sys.exit(0)\n"), Ending::Finished);
    assert_eq!(ending("import sys\nsys.exit(2)\n"), Ending::Exit { code: 2, line: at(1) });
    assert_eq!(ending("raise SystemExit('bye')\n"), Ending::Exit { code: 1, line: at(0) });
    let signal = |number, name: &str| Ending::Signal { number, name: name.to_owned() };
    assert_eq!(ending("import ctypes\nctypes.string_at(0)\n"), signal(11, "SIGSEGV"));
    assert_eq!(ending("import os\nos.kill(os.getpid(), 9)\n"), signal(9, "SIGKILL"));
    let Ending::MissingModule { module, line, .. } = ending("x = 1\nimport no_such_thing.at_all\n") else {
        panic!()
    };
    assert_eq!((module.as_str(), line), ("no_such_thing", at(1)));
    let Ending::Exception { raised, line } = ending("def f():\n    [].pop()\nf()\n") else { panic!() };
    assert_eq!((raised.type_name.as_str(), raised.message.as_str()), ("IndexError", "pop from empty list"));
    assert_eq!((raised.line, line), (at(1), at(1)));
    let Ending::Exception { raised, .. } = ending("from os import no_such_name\n") else { panic!() };
    assert_eq!(raised.type_name, "ImportError");
    let Ending::SyntaxError { line, .. } = ending("x = 1\nreturn 5\n") else { panic!() };
    assert_eq!(Some(line), at(1));
    assert_eq!(ending(""), Ending::Finished);
}

#[test]
fn the_end_is_that_of_an_interpreter() {
    let code = "\
import atexit, threading, time
class Named:
    def __del__(self):
        print('deleted')
atexit.register(print, 'at exit')
n = Named()
threading.Thread(target=lambda: (time.sleep(0.1), print('thread'))).start()
print('no line break', end='')
";
    let seen = example(code).run();
    finished(&seen);
    assert_eq!(seen.stdout.text(), "no line breakthread\nat exit\ndeleted\n");
}

/// The processes below the zygote that run a command with `marker` in it.
fn processes_with(marker: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let command = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if String::from_utf8_lossy(&command).contains(marker) {
            found.push(entry.path().display().to_string());
        }
    }
    found
}

#[test]
fn an_endless_loop_is_stopped_with_everything_it_started() {
    let code = "\
import subprocess
subprocess.Popen(['sleep', '731.25'])
subprocess.Popen(['sleep', '731.25'], start_new_session=True)
print('started')
while True:
    pass
";
    let seen = example(code).wall(0.5).run();
    assert_eq!(seen.ending, Ending::Timeout { limit: 0.5, cpu: false });
    assert_eq!(seen.stdout.text(), "started\n");
    assert!(seen.seconds < 3.0, "{}", seen.seconds);
    assert_eq!(processes_with("731.25"), [""; 0]);
}

#[test]
fn a_daemon_is_not_left_behind() {
    let code = "\
import subprocess
subprocess.Popen(['sh', '-c', '(sleep 732.5 &) ; sleep 732.5'], start_new_session=True)
";
    let seen = example(code).run();
    finished(&seen);
    assert_eq!(processes_with("732.5"), [""; 0]);
}

#[test]
fn the_processor_limit_counts_the_whole_tree() {
    let mut wanted =
        example("import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'while True: pass'])\n");
    wanted.job.limits.cpu = Some(Duration::from_millis(300));
    let Ending::Timeout { limit, cpu } = wanted.run().ending else { panic!() };
    assert!(cpu && limit < 0.31);
}

#[test]
fn output_without_end_is_stopped_and_what_is_kept_is_limited() {
    let mut wanted = example("while True:\n    print('y' * 1000)\n");
    wanted.job.limits.output = 10_000;
    let seen = wanted.run();
    assert!(matches!(seen.ending, Ending::Timeout { .. }), "{:?}", seen.ending);
    assert_eq!(seen.stdout.bytes.len(), 10_000);
    assert!(seen.stdout.dropped > 100_000);
}

#[test]
fn examples_do_not_see_each_other() {
    let first = example(
        "import os, sys, random, builtins, json\nos.environ['LEFT'] = '1'\nbuiltins.left = 1\njson.left = 1\n\
         sys.path.append('/left')\nrandom.seed(1)\nopen('left', 'w').close()\nos.chdir('/')\nleft = 1\n",
    );
    let second = example(
        "import os, sys, random, json\nprint('LEFT' in os.environ, hasattr(json, 'left'), '/left' in sys.path, \
         os.listdir('.'), 'left' in globals(), os.getcwd() == sys.path[0])\ntry:\n    left\nexcept NameError:\n    \
         print('good')\n",
    );
    let pool = Pool::start(PoolSettings {
        zygote: Some(env!("CARGO_BIN_EXE_verify").into()),
        ..PoolSettings::new(1)
    })
    .unwrap();
    let random = || example("import random\nprint(random.random())\n").job;
    let seen = run_all(&pool, &[first.job, second.job, random(), random()]);
    seen.iter().for_each(finished);
    assert_eq!(seen[1].stdout.text(), "False False False [] False True\ngood\n");
    assert_ne!(seen[2].stdout, seen[3].stdout);
    let scratch = pool.scratch().to_owned();
    assert!(scratch.exists());
    drop(pool);
    assert!(!scratch.exists());
}

#[test]
fn multiprocessing_works_with_fork_and_spawn() {
    for method in ["fork", "spawn"] {
        let code = format!(
            "\
import multiprocessing
def double(n):
    result = n * 2
    return result
if __name__ == '__main__':
    with multiprocessing.get_context('{method}').Pool(2) as pool:
        print(pool.map(double, [1, 2, 3]))
"
        );
        let seen = example(&code).watch("result = n * 2").watch("print(pool.map(double, [1, 2, 3]))").run();
        finished(&seen);
        assert_eq!(outputs(&seen, 1), ["[2, 4, 6]\n"], "{}", seen.stderr.text());
        if method == "fork" {
            let mut values = values(&seen, 0);
            values.sort_unstable();
            assert_eq!(values, ["2", "4", "6"]);
        }
    }
}

#[test]
fn a_copy_that_the_example_forks_is_not_taken_for_it() {
    let code = "import os\npid = os.fork()\nif pid:\n    os.waitpid(pid, 0)\n    os._exit(4)\n";
    assert_eq!(example(code).run().ending, Ending::Exit { code: 4, line: None });
}

#[test]
fn sources_can_be_inspected() {
    let code = "import inspect\ndef f(x):\n    return x\nclass C:\n    y = 1\nprint(inspect.getsource(f), inspect.getsource(C))\n";
    let seen = example(code).watch("return x").run();
    finished(&seen);
    assert_eq!(seen.stdout.text(), "def f(x):\n    return x\n class C:\n    y = 1\n\n");
}

#[test]
fn blocks_share_their_names_and_their_future() {
    let mut wanted = example("from __future__ import annotations\n'''doc'''\ndef f(x: Unknown): ...\n");
    wanted.job.sources.push(Source {
        first_line: 30,
        code: "def g(x: Unknown2): ...\nprint(f.__annotations__, g.__annotations__, __name__)\nx: int = 1\n"
            .into(),
        kind: SourceKind::Block,
    });
    let seen = wanted.watch("from __future__ import annotations").run();
    finished(&seen);
    assert_eq!(seen.stdout.text(), "{'x': 'Unknown'} {'x': 'Unknown2'} __main__\n");
    assert_eq!(seen.anchors[0].executions, 1);
}

#[test]
fn nothing_of_the_watching_shows() {
    let code = "\
import sys
before = set(globals())
class C:
    __private = 1
    names = sorted(locals())
    def m(self):
        __here = self.__private
        return sorted(locals()), super().__repr__() is not None
class D(C):
    def m(self):
        value = super().m()
        return value
print(sorted(k for k in globals() if not k.startswith('__')))
print(C.names)
print(D().m())
print([m for m in sys.modules if 'verify' in m or 'instrument' in m])
print(dir())
";
    let plain = example(code).run();
    let seen = example(code)
        .watch("__private = 1")
        .probe("__here = self.__private", &["self.__private", "__here"])
        .watch("value = super().m()")
        .watch("before = set(globals())")
        .watch("names = sorted(locals())")
        .watch("print(dir())")
        .run();
    finished(&plain);
    finished(&seen);
    assert_eq!(seen.stdout.text(), plain.stdout.text());
    assert_eq!(probes(&seen.anchors[1].runs[0]), ["1", "1"]);
    assert_eq!(values(&seen, 2), ["(['_C__here', '__class__', 'self'], True)"]);
}

#[test]
fn a_hot_loop_is_counted_and_its_beginning_recorded() {
    let code = "total = 0\nfor i in range(1_000_000):\n    total += i\nprint(total)\n";
    let seen = example(code).watch("total += i").watch("print(total)").run();
    finished(&seen);
    assert_eq!(seen.anchors[0].executions, 1_000_000);
    assert_eq!(seen.anchors[0].runs.len(), 1000);
    assert_eq!(outputs(&seen, 1), ["499999500000\n"]);
}

#[test]
fn a_cancelled_run_ends_at_once() {
    let pool = start_pool();
    let cancel = AtomicBool::new(false);
    let jobs = [example("import time\ntime.sleep(30)\n").job];
    let began = std::time::Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(200));
            cancel.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        pool.run(&jobs, &|event| assert!(!matches!(event, Event::Done(..))), &cancel);
    });
    assert!(began.elapsed() < Duration::from_secs(3));
    finished(&run_all(&pool, &[example("print()\n").job])[0]);
}

#[test]
fn sleeping_examples_do_not_keep_others_waiting() {
    let jobs: Vec<Job> = (0..12).map(|_| example("import time\ntime.sleep(1)\n").job).collect();
    let pool = start_pool();
    let began = std::time::Instant::now();
    run_all(&pool, &jobs).iter().for_each(finished);
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

/// What Python itself writes to standard error when it runs the code at its place.
fn stderr_of_python(code: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("document.md");
    std::fs::write(&file, "\n".repeat(FIRST_LINE as usize - 1) + code).unwrap();
    let output = std::process::Command::new(&pool().python().executable).arg(&file).output().unwrap();
    String::from_utf8(output.stderr).unwrap().replace(file.to_str().unwrap(), DOCUMENT)
}

#[test]
fn tracebacks_are_those_of_the_interpreter() {
    for code in [
        "def f(x):\n    y = x + (1 / 0)\n    return y\nresult = f(1) + f(2)\n",
        "def g():\n    raise ValueError(\n        'two lines')\ntry:\n    g()\nexcept ValueError as e:\n    raise KeyError('k') from e\n",
        "class C:\n    def m(self):\n        return self.a.b\nprint(C().m(), 5)\n",
        "import json\nfor i in range(2):\n    json.loads('{')\n",
        "x = [i / 0 for i in range(3)]\n",
    ] {
        let mut wanted = example(code);
        for snippet in [
            "y = x + (1 / 0)",
            "result = f(1) + f(2)",
            "raise ValueError(\n        'two lines')",
            "g()\nexcept",
            "raise KeyError('k') from e",
            "return self.a.b",
            "print(C().m(), 5)",
            "json.loads('{')",
            "x = [i / 0 for i in range(3)]",
        ] {
            if code.contains(snippet) && !snippet.ends_with("except") {
                wanted = wanted.watch(snippet);
            }
        }
        for snippet in ["(1 / 0)", "i / 0", "self.a", "f(2)"] {
            if code.contains(snippet) {
                wanted = wanted.expression(snippet.trim_matches(['(', ')'].as_slice()));
            }
        }
        let seen = wanted.run();
        assert!(matches!(seen.ending, Ending::Exception { .. }));
        assert_eq!(seen.stderr.text(), stderr_of_python(code));
    }
}

#[test]
fn warnings_of_the_compiler_are_shown_once() {
    let code = "x = 5\nif x is 5:\n    print('yes')\n";
    let seen = example(code).watch("x = 5").run();
    finished(&seen);
    assert_eq!(seen.stderr.text(), stderr_of_python(code));
}

#[test]
fn nothing_is_left_when_verify_is_killed() {
    use rustix::process::Signal;
    let folder = tempfile::tempdir().unwrap();
    let code = "\
import subprocess, time
subprocess.Popen(['sleep', '733.5'])
subprocess.Popen(['sleep', '733.5'], start_new_session=True)
time.sleep(60)
";
    std::fs::write(folder.path().join("a.md"), format!("```python\n{code}```\n")).unwrap();
    for signal in [Signal::KILL, Signal::TERM, Signal::INT] {
        let mut verify = std::process::Command::new(env!("CARGO_BIN_EXE_verify"))
            .args(["a.md", "--timeout", "60"])
            .current_dir(folder.path())
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        wait_until(|| processes_with("733.5").len() == 2);
        let working = std::fs::read_link(format!("{}/cwd", processes_with("733.5")[0])).unwrap();
        let is_scratch = |path: &&std::path::Path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("verify-"))
        };
        let scratch = working.ancestors().find(is_scratch).unwrap().to_owned();
        let id = rustix::process::Pid::from_raw(verify.id() as i32).unwrap();
        rustix::process::kill_process(id, signal).unwrap();
        verify.wait().unwrap();
        wait_until(|| processes_with("733.5").is_empty() && !scratch.exists());
    }
}

/// Waits for something that has to happen within five seconds.
#[track_caller]
fn wait_until(happened: impl Fn() -> bool) {
    let end = std::time::Instant::now() + Duration::from_secs(5);
    while !happened() {
        assert!(std::time::Instant::now() < end, "it did not happen");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn streams_that_are_closed_or_replaced_break_nothing() {
    for code in [
        "import sys\nsys.stdout.close()\nx = 1\n",
        "import os\nos.close(1)\nos.close(2)\nx = 1\n",
        "import os\nos.closerange(3, 4096)\nprint('a')\nx = 1\n",
        "import sys\nsys.stdout = None\nx = 1\n",
        "import sys, builtins\nbuiltins.repr = builtins.str = builtins.print = None\nx = 1\n",
        "import gc, signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\nx = 1\n",
        "class Sized:\n    def __len__(self): return 7\nx = 1\ny = Sized()\n",
    ] {
        let seen = example(code).probe("x = 1", &["x", "[x] * 2", "x + 1"]).run();
        finished(&seen);
        assert_eq!(values(&seen, 0), ["1"], "{code}");
        assert_eq!(probes(&seen.anchors[0].runs[0]), ["1", "[1, 1]", "2"], "{code}");
    }
}

#[test]
fn output_that_the_example_redirects_is_not_its_output() {
    let code = "\
import io, contextlib
with contextlib.redirect_stdout(io.StringIO()) as to:
    print('hidden')
print(to.getvalue())
";
    let seen = example(code).watch("print('hidden')").watch("print(to.getvalue())").run();
    finished(&seen);
    assert_eq!(outputs(&seen, 0), [""]);
    assert_eq!(outputs(&seen, 1), ["hidden\n\n"]);
}

#[test]
fn a_probe_does_not_disturb_random_numbers_or_signal_handlers() {
    let code = "\
import random, signal
random.seed(42)
signal.signal(signal.SIGCHLD, lambda *a: print('child ended'))
x = [random.random()]
y = random.random()
print(x, y)
";
    let plain = example(code).run();
    let seen = example(code).probe("x = [random.random()]", &["random.random()", "x + x"]).run();
    finished(&seen);
    assert_eq!(seen.stdout.text(), plain.stdout.text());
    let next = &probes(&seen.anchors[0].runs[0])[0];
    assert!(plain.stdout.text().trim().ends_with(next.as_str()), "{next}");
}

#[test]
fn standard_input_is_empty_and_the_clock_of_the_recursion_is_pythons() {
    let code = "\
import sys
print(sys.getrecursionlimit(), sys.stdin.read() == '')
def down(n):
    return 1 + down(n + 1)
try:
    down(0)
except RecursionError as e:
    print('deep')
";
    let seen = example(code).watch("return 1 + down(n + 1)").run();
    finished(&seen);
    assert_eq!(seen.stdout.text(), "1000 True\ndeep\n");
}

#[test]
fn deeply_nested_blocks_are_watched_as_far_as_python_allows() {
    let mut code = String::new();
    for depth in 0..19 {
        code += &format!("{}for i{depth} in [{depth}]:\n", " ".repeat(depth));
    }
    code += &format!("{}print('deep')\n", " ".repeat(19));
    let seen = example(&code).watch("print('deep')").run();
    finished(&seen);
    assert_eq!(outputs(&seen, 0), ["deep\n"]);
}

#[test]
fn an_environment_is_used_and_one_of_another_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let python = pool().python().executable.clone();
    let environment = folder.path().join("env");
    let made =
        std::process::Command::new(&python).args(["-m", "venv", "--without-pip"]).arg(&environment).status();
    assert!(made.unwrap().success());
    let settings = |environment: &std::path::Path| PoolSettings {
        zygote: Some(env!("CARGO_BIN_EXE_verify").into()),
        python: camino::Utf8PathBuf::from_path_buf(environment.join("bin/python")).ok(),
        ..PoolSettings::new(1)
    };
    let version = pool().python().version.clone();
    let minor: Vec<_> = version.split('.').take(2).collect();
    let packages = environment.join(format!("lib/python{}/site-packages", minor.join(".")));
    std::fs::write(packages.join("only_here.py"), "x = 'found'\n").unwrap();
    let in_environment = Pool::start(settings(&environment)).unwrap();
    let code = "\
import only_here, sys, subprocess
print(only_here.x, sys.prefix != sys.base_prefix, sys.executable)
subprocess.run([sys.executable, '-c', 'import only_here; print(only_here.x)'])
";
    let seen = run_all(&in_environment, &[example(code).job]).remove(0);
    finished(&seen);
    let executable = environment.join("bin/python");
    assert_eq!(seen.stdout.text(), format!("found True {}\nfound\n", executable.display()));

    let config = environment.join("pyvenv.cfg");
    let other = std::fs::read_to_string(&config).unwrap().replace(&version, "3.2.1");
    std::fs::write(&config, other).unwrap();
    let refused = Pool::start(settings(&environment)).unwrap_err().to_string();
    assert!(refused.contains("is Python 3.2.1") && refused.contains(&minor.join(".")), "{refused}");
    let missing = Pool::start(settings(folder.path())).unwrap_err().to_string();
    assert!(missing.starts_with("there is no Python at /"), "{missing}");
}

#[test]
fn familiar_classes_are_rendered_and_unfamiliar_parts_of_them_stay_harmless() {
    let code = "\
from dataclasses import dataclass, field
from collections import namedtuple
from enum import Enum, IntEnum
from typing import NamedTuple
asked = []
class Loud:
    def __repr__(self):
        asked.append(1)
        return 'Loud()'
@dataclass
class P:
    x: int
    y: object = 5
@dataclass
class Q(P):
    z: int = field(default=0, repr=False)
@dataclass
class Sly:
    a: int
    def __getattribute__(self, name):
        asked.append(name)
        return object.__getattribute__(self, name)
class Own(P):
    def __repr__(self):
        asked.append(2)
        return 'Own'
T = namedtuple('T', 'a b')
class N(NamedTuple):
    a: int
class E(Enum):
    A = 'x'
    def __str__(self):
        asked.append(3)
        return 'own str'
class I(IntEnum):
    ONE = 1
r1 = P(1)
r2 = P(1, Loud())
r3 = Q(1, [2], 3)
r4 = Own(1)
r5 = T(1, Loud())
r6 = N(2)
r7 = E.A
r8 = I.ONE
r9 = Sly(1)
print(asked)
";
    let mut wanted = example(code);
    for (at, text) in
        ["P(1)", "P(1, Loud())", "Q(1, [2], 3)", "Own(1)", "T(1, Loud())", "N(2)", "E.A", "I.ONE", "Sly(1)"]
            .into_iter()
            .enumerate()
    {
        wanted = wanted.watch(&format!("r{} = {text}", at + 1));
    }
    let seen = wanted.run();
    finished(&seen);
    // Constructing a `Sly` asks it nothing; so nothing was asked at all.
    assert_eq!(seen.stdout.text(), "[]\n");
    let shown = |at: usize| seen.anchors[at].runs[0].value.clone().unwrap();
    assert_eq!(shown(0).repr, "P(x=1, y=5)");
    assert_eq!(shown(1).repr, "P(x=1, y=Loud())");
    assert_eq!(shown(2).repr, "Q(x=1, y=[2])");
    assert_eq!(shown(3).repr, "Own");
    assert_eq!(shown(4).repr, "T(a=1, b=Loud())");
    assert_eq!((shown(5).repr, shown(5).len), ("N(a=2)".into(), Some(1)));
    assert_eq!((shown(6).repr, shown(6).text), ("<E.A: 'x'>".into(), Some("own str".into())));
    assert_eq!(shown(7).repr, "<I.ONE: 1>");
    assert_eq!(shown(8).repr, "Sly(a=1)");
}

#[test]
fn copies_can_be_made_from_threads_tasks_and_forked_workers() {
    let code = "\
import asyncio, multiprocessing, threading
class V:
    def __init__(self, n): self.n = n
    def __repr__(self): return f'V({self.n})'
def work(n):
    v = V(n)
ts = [threading.Thread(target=work, args=(i,)) for i in range(3)]
for t in ts: t.start()
for t in ts: t.join()
async def task(n):
    await asyncio.sleep(0)
    w = V(n)
async def main():
    await asyncio.gather(*[task(n) for n in range(3)])
asyncio.run(main())
def worker(n):
    u = V(n)
    return n
with multiprocessing.get_context('fork').Pool(2) as pool:
    print(pool.map(worker, range(3)))
";
    let seen = example(code)
        .probe("v = V(n)", &["v.n + 1", "[v]"])
        .dormant("v = V(n)", "print(v)\n")
        .watch_in(1, Watch::Statement, "print(v)", &[])
        .watch("w = V(n)")
        .watch("u = V(n)")
        .run();
    finished(&seen);
    let sorted = |anchor| {
        let mut values = values(&seen, anchor);
        values.sort_unstable();
        values
    };
    assert_eq!(sorted(0), ["V(0)", "V(1)", "V(2)"]);
    let mut tried = outputs(&seen, 1);
    tried.sort_unstable();
    assert_eq!(tried, ["V(0)\n", "V(1)\n", "V(2)\n"]);
    assert_eq!(sorted(2), ["V(0)", "V(1)", "V(2)"]);
    assert_eq!(sorted(3), ["V(0)", "V(1)", "V(2)"]);
    assert!(seen.anchors[0].runs.iter().all(|run| probes(run)[1].starts_with("[V(")));
}

#[test]
fn an_exception_with_text_of_its_own_is_described() {
    let code = "\
class Odd(Exception):
    def __str__(self):
        print('asked')
        return 'odd text'
def f():
    raise Odd(1)
(f())
try:
    f()
except Odd:
    pass
";
    let handler = "except Odd:\n    pass";
    let seen = example(code).watch("(f())").announced().watch_in(0, Watch::Handler, handler, &[]).run();
    finished(&seen);
    assert_eq!(seen.stdout.text(), "");
    assert_eq!(raised(&seen.anchors[0].runs[0]), "Odd: odd text");
    assert_eq!(raised(&seen.anchors[1].runs[0]), "Odd: odd text");
    assert_eq!(seen.anchors[0].runs[0].raised.as_ref().unwrap().line, Some(FIRST_LINE + 5));
}
