//! Commented-out code, tried in a copy of the process at the place where it stands.

use super::arena::Record;
use super::hooks::Hook;
use super::output::{self, Streams};
use super::probe::Scope;
use super::{copy, render};
use crate::observation::{Output, Replay};
use pyo3::ffi;
use pyo3::prelude::*;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A loop that passes dormant code has it tried so many times.
const MOST_REPLAYS: u64 = 50;
const LIMIT: Duration = Duration::from_secs(5);

/// What became of a dormant source when it was compiled.
pub(super) enum Dormant {
    /// Its top-level statements, which are tried one after the other.
    Codes(Vec<Py<PyAny>>),
    /// Why it does not compile.
    Failed(String),
}

/// Tries source `source` here.
pub(super) fn try_source(py: Python<'_>, hook: &Hook, source: usize) {
    if hook.is_muted() || hook.in_replay() {
        return;
    }
    let Some(parts) = hook.parts() else { return };
    let (Some(dormant), Some(counter)) =
        (hook.dormant(source), hook.arena.counter(parts.watched.len() + source))
    else {
        return;
    };
    let before = counter.fetch_add(1, Ordering::Relaxed);
    let replay = match dormant.as_ref() {
        Dormant::Failed(message) if before == 0 => failed(source, message.clone()),
        Dormant::Codes(codes) if before < MOST_REPLAYS => {
            let index = hook.arena.header().replays.fetch_add(1, Ordering::Relaxed);
            let replay = run(py, hook, index, source, codes).unwrap_or_else(|error| failed(source, error));
            return hook.arena.write(&Record::Replay { index, replay });
        }
        _ => return,
    };
    let index = hook.arena.header().replays.fetch_add(1, Ordering::Relaxed);
    hook.arena.write(&Record::Replay { index, replay });
}

fn failed(source: usize, message: String) -> Replay {
    Replay { source, stdout: Output::default(), stderr: Output::default(), failed: Some(message) }
}

fn run(
    py: Python<'_>,
    hook: &Hook,
    index: u64,
    source: usize,
    codes: &[Py<PyAny>],
) -> Result<Replay, String> {
    let files = || -> std::io::Result<[OwnedFd; 2]> { Ok([output::memory_file()?, output::memory_file()?]) };
    let files = files().map_err(|error| error.to_string())?;
    let Some(scope) = Scope::of_caller(py) else { return Err("no frame".into()) };
    hook.flush(py);
    let ended = copy::run(py, hook, LIMIT, Some(&files), &mut || {
        hook.enter_replay(index, Streams::Files([files[0].as_raw_fd(), files[1].as_raw_fd()]));
        let Ok(names) = scope.merged() else { return };
        for code in codes {
            // SAFETY: a code object and a dict; the result, or null with an error set, is owned here.
            let result = unsafe {
                let result = ffi::PyEval_EvalCode(code.as_ptr(), names.as_ptr(), names.as_ptr());
                Bound::from_owned_ptr_or_opt(py, result)
            };
            if result.is_none() {
                // Each statement is tried on its own; what is watched has recorded the exception itself.
                render::forget_error(py);
            }
            hook.flush(py);
        }
    });
    Ok(Replay {
        source,
        stdout: output::contents(&files[0], hook.output_limit),
        stderr: output::contents(&files[1], hook.output_limit),
        failed: ended.err(),
    })
}
