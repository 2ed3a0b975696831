//! What an instrumented example calls: sees what happens, and never shows.
//!
//! The methods' names are single letters because instrument.py writes them, and explains them.
//!
//! Nothing here may raise into the example, keep a reference to one of its objects after the statement is over,
//! or look anything up by a name that the example could have given a new meaning.

use super::arena::{Arena, Record};
use super::copy::{self, Task};
use super::interpreter::Tools;
use super::output::Streams;
use super::probe::{Answer, Form, Scope};
use super::{probe, raised, render, replay};
use crate::observation::{Probe, Raised, Rendered, Run};
use crate::plan::Announced;
use pyo3::ffi;
use pyo3::prelude::*;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// So many runs of an anchor are recorded; the others are only counted.
const MOST_RUNS: u64 = 1000;

/// What is to be watched at one anchor.
pub(super) struct Watched {
    pub value: bool,
    pub output: bool,
    pub announced: Announced,
    pub probes: Vec<Form>,
    /// Runs that have begun and not ended.
    pub open: AtomicU32,
}

/// What the example is made of, as far as the hooks need it.
#[derive(Default)]
pub(super) struct Parts {
    pub watched: Vec<Watched>,
    /// By source. Emptied when the example is over, because the code refers to the hooks again.
    pub dormant: Mutex<HashMap<usize, Arc<replay::Dormant>>>,
}

/// A run that has begun.
struct Open {
    id: u64,
    written: [u64; 2],
    value: Option<Rendered>,
    /// A value that its statement binds to a name, so that holding it until then keeps nothing alive.
    kept: Option<Py<PyAny>>,
}

/// What changes while the example runs.
struct State {
    streams: Streams,
    /// When the example's time is over.
    end: Option<Instant>,
    /// In a copy that tries dormant code: its number.
    replay: Option<u64>,
}

#[pyclass(frozen, name = "hook", module = "builtins")]
pub(super) struct Hook {
    pub arena: &'static Arena,
    pub tools: &'static Tools,
    pub document: String,
    /// Bytes of each stream that a replay keeps.
    pub output_limit: u64,
    wall: Duration,
    carry_on: bool,
    parts: OnceLock<Parts>,
    open: Mutex<HashMap<(usize, usize), Open>>,
    state: Mutex<State>,
    /// In a copy that evaluates probes: what they call is not to be watched.
    muted: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The frame that called the hook, as a key.
fn frame_key() -> usize {
    // SAFETY: the GIL is held; the reference is borrowed and only its address is used.
    unsafe { ffi::PyEval_GetFrame() as usize }
}

impl Hook {
    pub(super) fn new(
        arena: &'static Arena,
        tools: &'static Tools,
        document: String,
        limits: &crate::plan::Limits,
        carry_on: bool,
    ) -> Hook {
        Hook {
            arena,
            tools,
            document,
            output_limit: limits.output,
            wall: limits.wall,
            carry_on,
            parts: OnceLock::new(),
            open: Mutex::default(),
            state: Mutex::new(State { streams: Streams::None, end: None, replay: None }),
            muted: AtomicBool::new(false),
        }
    }

    /// Says what there is to watch. Without it, and a second time, the hooks do nothing.
    pub(super) fn set_parts(&self, parts: Parts) {
        let _ = self.parts.set(parts);
    }

    pub(super) fn parts(&self) -> Option<&Parts> {
        self.parts.get()
    }

    /// Lets go of the code, so that it can be freed.
    pub(super) fn forget_parts(&self) {
        if let Some(parts) = self.parts() {
            let dormant = std::mem::take(&mut *lock(&parts.dormant));
            drop(dormant);
        }
    }

    pub(super) fn dormant(&self, source: usize) -> Option<Arc<replay::Dormant>> {
        lock(&self.parts()?.dormant).get(&source).cloned()
    }

    /// Begins to watch: in the example's process, right before its first statement.
    pub(super) fn begin_example(&self, end: Instant) {
        let mut state = lock(&self.state);
        state.streams = Streams::keep();
        state.end = Some(end);
    }

    /// The time that a copy may take, of at most `limit`; None where it is not worth beginning.
    pub(super) fn time_for_copy(&self, limit: Duration) -> Option<Duration> {
        let end = lock(&self.state).end?;
        let left = end.saturating_duration_since(Instant::now()).saturating_sub(Duration::from_millis(50));
        // At most half of the example's time goes into copies.
        let spent = Duration::from_nanos(self.arena.header().copies.load(Ordering::Relaxed));
        let left = left.min((self.wall / 2).saturating_sub(spent));
        (left > Duration::from_millis(5)).then(|| limit.min(left))
    }

    /// In a copy: from now on the hooks do nothing.
    pub(super) fn mute(&self) {
        self.muted.store(true, Ordering::Relaxed);
    }

    /// In a copy: from now on the hooks work for a replay, whose streams are files.
    pub(super) fn enter_replay(&self, index: u64, files: Streams) {
        let mut state = lock(&self.state);
        state.streams = files;
        state.replay = Some(index);
        drop(state);
        self.muted.store(false, Ordering::Relaxed);
    }

    pub(super) fn in_replay(&self) -> bool {
        lock(&self.state).replay.is_some()
    }

    pub(super) fn is_muted(&self) -> bool {
        self.muted.load(Ordering::Relaxed)
    }

    /// Writes out what the original stream objects still hold back.
    pub(super) fn flush(&self, py: Python<'_>) {
        for flush in &self.tools.flush {
            if flush.call0(py).is_err() {
                render::forget_error(py);
            }
        }
    }

    fn written(&self, py: Python<'_>) -> [u64; 2] {
        self.flush(py);
        let streams = lock(&self.state).streams;
        streams.written(self.arena)
    }

    fn begin(&self, py: Python<'_>, key: usize) {
        let Some(watched) = self.parts().and_then(|parts| parts.watched.get(key)) else { return };
        let Some(counter) = self.arena.counter(key) else { return };
        if self.is_muted() || counter.fetch_add(1, Ordering::Relaxed) >= MOST_RUNS {
            return;
        }
        let open = Open {
            id: self.arena.header().runs.fetch_add(1, Ordering::Relaxed),
            written: if watched.output { self.written(py) } else { [0, 0] },
            value: None,
            kept: None,
        };
        let before = lock(&self.open).insert((key, frame_key()), open);
        if before.is_none() {
            watched.open.fetch_add(1, Ordering::Relaxed);
        }
        // Dropped here, after the lock: it may hold an object with a `__del__`.
        drop(before);
    }

    /// Whether any run of the anchor is going on: what makes the hooks of a hot loop cheap.
    fn going_on(&self, key: usize) -> Option<&Watched> {
        let watched = self.parts()?.watched.get(key)?;
        (watched.open.load(Ordering::Relaxed) > 0 && !self.is_muted()).then_some(watched)
    }

    fn value(&self, py: Python<'_>, key: usize, value: &Bound<'_, PyAny>, stays: bool) {
        let Some(watched) = self.going_on(key) else { return };
        if !watched.value {
            return;
        }
        let at = (key, frame_key());
        let Some(id) = lock(&self.open).get(&at).map(|open| open.id) else { return };
        let rendered = render::render(value, self.tools, false);
        let mut kept = None;
        if rendered.is_none() {
            if stays {
                kept = Some(value.clone().unbind());
            } else {
                self.flush(py);
                copy::find_out(py, self, id, &[Task::Value(value.clone())]);
            }
        }
        let rendered = rendered.or_else(|| Some(render::outline(value)));
        let before = match lock(&self.open).get_mut(&at) {
            Some(open) => {
                open.value = rendered;
                std::mem::replace(&mut open.kept, kept)
            }
            None => kept,
        };
        drop(before);
    }

    fn end(
        &self,
        py: Python<'_>,
        key: usize,
        exception: Option<&(Bound<'_, PyAny>, Option<Bound<'_, PyAny>>)>,
    ) {
        let Some(watched) = self.going_on(key) else { return };
        let Some(mut open) = lock(&self.open).remove(&(key, frame_key())) else { return };
        watched.open.fetch_sub(1, Ordering::Relaxed);
        let written = if watched.output { self.written(py) } else { [0, 0] };
        let mut tasks = Vec::new();
        if let Some(kept) = open.kept.take() {
            tasks.push(Task::Value(kept.into_bound(py)));
        }
        let raised = exception.map(|(exception, traceback)| {
            let (raised, complete) =
                raised::describe(exception, traceback.as_ref(), &self.document, self.tools, false);
            if !complete {
                tasks.push(Task::Message(exception.clone()));
            }
            raised
        });
        let mut probes = Vec::with_capacity(watched.probes.len());
        if !watched.probes.is_empty() {
            let scope = Scope::of_caller(py);
            for (at, form) in watched.probes.iter().enumerate() {
                let answer = probe::answer(py, form, scope.as_ref(), at as u32, self.tools);
                probes.push(match answer {
                    Answer::Known(probe) => probe,
                    Answer::Needs(task) => {
                        tasks.push(task);
                        Probe::Untried(String::new())
                    }
                });
            }
        }
        if !tasks.is_empty() {
            if !watched.output {
                self.flush(py);
            }
            for (task, reason) in copy::find_out(py, self, open.id, &tasks) {
                if let Task::ProbeValue(at, _) | Task::ProbeCode(at, ..) = task
                    && let Some(probe) = probes.get_mut(*at as usize)
                {
                    *probe = Probe::Untried(reason);
                }
            }
        }
        self.record(key, open, written, probes, raised);
        drop(tasks);
    }

    fn record(&self, key: usize, open: Open, end: [u64; 2], probes: Vec<Probe>, raised: Option<Raised>) {
        let run = Run {
            value: open.value,
            probes,
            stdout: (open.written[0], end[0].max(open.written[0])),
            stderr: (open.written[1], end[1].max(open.written[1])),
            raised,
            replay: lock(&self.state).replay.map(|index| index as usize),
        };
        self.arena.write(&Record::Run { anchor: key as u32, id: open.id, run });
    }

    /// Whether an exception that came to the top level goes on.
    fn goes_on(&self, py: Python<'_>, announced: bool, exception: Option<&Bound<'_, PyAny>>) -> bool {
        let Some(exception) = exception else { return true };
        if announced {
            return false;
        }
        // What is meant to end the program ends it.
        let ends = !exception.is_instance_of::<pyo3::exceptions::PyException>();
        if !self.carry_on || ends {
            return true;
        }
        if self.tools.print_exception.call1(py, (exception,)).is_err() {
            render::forget_error(py);
        }
        false
    }
}

/// Runs a hook's work. Nothing that goes wrong in it reaches the example.
fn quietly<T>(py: Python<'_>, otherwise: T, work: impl FnOnce() -> T) -> T {
    let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or(otherwise);
    // SAFETY: the GIL is held.
    if unsafe { !ffi::PyErr_Occurred().is_null() } {
        render::forget_error(py);
    }
    result
}

type Object<'py> = Bound<'py, PyAny>;

#[pymethods]
impl Hook {
    fn b<'py>(&self, py: Python<'py>, key: Object<'py>) -> Object<'py> {
        let number = key.extract::<usize>().unwrap_or(usize::MAX);
        quietly(py, (), || self.begin(py, number));
        key
    }

    fn v<'py>(&self, py: Python<'py>, key: usize, value: Object<'py>) -> Object<'py> {
        quietly(py, (), || self.value(py, key, &value, false));
        value
    }

    fn s<'py>(&self, py: Python<'py>, key: usize, value: Object<'py>) -> Object<'py> {
        quietly(py, (), || self.value(py, key, &value, true));
        value
    }

    fn e<'py>(&self, py: Python<'py>, key: usize, value: Object<'py>) -> Object<'py> {
        quietly(py, (), || {
            self.value(py, key, &value, false);
            self.end(py, key, None);
        });
        value
    }

    fn r<'py>(&self, py: Python<'py>, key: usize, value: Object<'py>) -> Object<'py> {
        self.e(py, key, value)
    }

    fn a(&self, py: Python<'_>, key: usize) {
        quietly(py, (), || self.end(py, key, None));
    }

    fn x(&self, py: Python<'_>, key: usize) -> bool {
        quietly(py, true, || {
            let exception = raised::handled(py);
            self.end(py, key, exception.as_ref());
            let announced = exception.as_ref().is_some_and(|(exception, _)| {
                let watched = self.parts().and_then(|parts| parts.watched.get(key));
                watched.is_some_and(|at| raised::is_announced(exception, &at.announced))
            });
            self.goes_on(py, announced, exception.as_ref().map(|(exception, _)| exception))
        })
    }

    fn c(&self, py: Python<'_>) -> bool {
        quietly(py, true, || {
            let exception = raised::handled(py);
            self.goes_on(py, false, exception.as_ref().map(|(exception, _)| exception))
        })
    }

    fn n(&self, py: Python<'_>, key: usize) {
        quietly(py, (), || {
            self.begin(py, key);
            self.end(py, key, None);
        });
    }

    #[pyo3(signature = (key, value=None))]
    fn p(&self, py: Python<'_>, key: usize, value: Option<Object<'_>>) {
        quietly(py, (), || {
            self.begin(py, key);
            if let Some(value) = value {
                self.value(py, key, &value, true);
            }
            self.end(py, key, None);
        });
    }

    #[pyo3(signature = (key, value=None))]
    fn w(&self, py: Python<'_>, key: usize, value: Option<Object<'_>>) {
        quietly(py, (), || {
            if let Some(value) = value {
                self.value(py, key, &value, true);
            }
            self.end(py, key, None);
        });
    }

    fn h(&self, py: Python<'_>, key: usize) {
        quietly(py, (), || {
            self.begin(py, key);
            let exception = raised::handled(py);
            if let Some((exception, _)) = &exception {
                self.value(py, key, exception, true);
            }
            self.end(py, key, exception.as_ref());
        });
    }

    fn d(&self, py: Python<'_>, source: usize) {
        quietly(py, (), || replay::try_source(py, self, source));
    }
}
