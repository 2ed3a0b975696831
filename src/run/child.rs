//! The example's own process: sets up what a script finds when it is run, runs it, and ends as an interpreter does.

use super::arena::Record;
use super::interpreter::Tools;
use super::prepare::Prepared;
use super::{process, raised, render};
use crate::observation::Ending;
use pyo3::exceptions::{PyImportError, PySystemExit};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Where the example's files are. All in one folder that is removed afterwards.
pub(super) struct Folder {
    pub root: camino::Utf8PathBuf,
}

impl Folder {
    /// The working directory, empty at first.
    pub(super) fn work(&self) -> camino::Utf8PathBuf {
        self.root.join("work")
    }

    /// For `TMPDIR`.
    pub(super) fn temporary(&self) -> camino::Utf8PathBuf {
        self.root.join("tmp")
    }

    /// The text that runs, for those who look for it in a file.
    pub(super) fn script(&self) -> camino::Utf8PathBuf {
        self.root.join("example.py")
    }

    pub(super) fn make(&self, text: &str) -> std::io::Result<()> {
        std::fs::create_dir_all(self.work())?;
        std::fs::create_dir(self.temporary())?;
        std::fs::write(self.script(), text)
    }
}

/// Runs the example in this process, and ends the process.
pub(super) fn run(
    py: Python<'_>,
    tools: &'static Tools,
    prepared: &Prepared,
    folder: &Folder,
    end: Instant,
    confined: rustix::io::Result<()>,
) -> ! {
    let own = process::own_id();
    let hook = prepared.hook.get();
    // Not an instruction of the example's runs in a process that could not be confined.
    let ready = confined
        .map_err(|error| PyErr::from(std::io::Error::from(error)))
        .and_then(|()| set_up(py, tools, prepared, folder));
    let finished = match ready {
        Ok(()) => {
            hook.begin_example(end);
            let ended = run_blocks(py, tools, prepared);
            // The example may have forked: its copies end here too, and have nothing to report.
            if own == process::own_id()
                && let Some(ending) = &ended
            {
                hook.arena.write(&Record::Ending(ending.clone()));
            }
            finalise(py, tools, prepared);
            ended.is_none()
        }
        Err(error) => {
            let message = format!("the example could not be set up: {error}");
            hook.arena.write(&Record::Ending(Ending::Worker { message }));
            false
        }
    };
    if own == process::own_id() && finished {
        hook.arena.header().finished.store(1, Ordering::Release);
    }
    // SAFETY: _exit has no preconditions; everything that an interpreter does at its end is done.
    unsafe { libc::_exit(i32::from(!finished)) }
}

fn set_up(py: Python<'_>, tools: &Tools, prepared: &Prepared, folder: &Folder) -> PyResult<()> {
    let work = folder.work();
    std::env::set_current_dir(&work)?;
    let (script, temporary) = (folder.script(), folder.temporary());
    let document = prepared.hook.get().document.as_str();
    let arguments = (document, script.as_str(), work.as_str(), temporary.as_str(), prepared.text.as_str());
    tools.set_up_main.call1(py, arguments)?;
    tools.show_warnings.call1(py, (&prepared.warnings, document))?;
    Ok(())
}

/// Runs the blocks one after the other. None: to the end.
fn run_blocks(py: Python<'_>, tools: &Tools, prepared: &Prepared) -> Option<Ending> {
    let main = tools.main.as_ptr();
    for (at, code) in prepared.codes.iter().enumerate() {
        // SAFETY: a code object and the dict of `__main__`; the result, or null with an error, is owned here.
        let result = unsafe {
            let result = ffi::PyEval_EvalCode(code.as_ptr(), main, main);
            Bound::from_owned_ptr_or_opt(py, result)
        };
        if result.is_some() {
            continue;
        }
        let Some(error) = PyErr::take(py) else {
            return Some(Ending::Worker { message: "Python failed without an exception".into() });
        };
        let is_last = at + 1 == prepared.codes.len();
        return ending_by(py, tools, prepared, &error, is_last);
    }
    None
}

/// What an exception that came out of the example means for its end. Reports it as the interpreter does.
fn ending_by(
    py: Python<'_>,
    tools: &Tools,
    prepared: &Prepared,
    error: &PyErr,
    is_last: bool,
) -> Option<Ending> {
    let document = prepared.hook.get().document.as_str();
    let value = error.value(py).as_any().clone();
    let traceback = error.traceback(py).map(Bound::into_any);
    let line = traceback.as_ref().and_then(|traceback| raised::line_in(traceback, document));
    if error.is_instance_of::<PySystemExit>(py) {
        let code = exit_code(py, tools, prepared, &value);
        let outermost =
            traceback.and_then(|traceback| traceback.getattr("tb_lineno").ok()?.extract::<u32>().ok());
        let at_the_end = is_last
            && prepared
                .last
                .zip(outermost)
                .is_some_and(|((first, last), line)| (first..=last).contains(&line));
        return (code != 0 || !at_the_end).then_some(Ending::Exit { code, line });
    }
    if tools.print_exception.call1(py, (&value,)).is_err() {
        render::forget_error(py);
    }
    let (raised, _) = raised::describe(&value, traceback.as_ref(), document, tools, true);
    Some(match missing_module(py, tools, error) {
        Some(module) => Ending::MissingModule { module, line, raised },
        None => Ending::Exception { raised, line },
    })
}

/// As the interpreter understands `SystemExit`: a number, nothing, or a message for standard error.
fn exit_code(py: Python<'_>, tools: &Tools, prepared: &Prepared, exit: &Bound<'_, PyAny>) -> i32 {
    let Ok(code) = exit.getattr("code") else { return 0 };
    if code.is_none() {
        return 0;
    }
    if let Ok(number) = code.extract::<i64>() {
        return (number & 0xff) as i32;
    }
    prepared.hook.get().flush(py);
    if tools.print_message.call1(py, (code,)).is_err() {
        render::forget_error(py);
    }
    1
}

/// The module that an `ImportError` misses, where it is not there at all.
fn missing_module(py: Python<'_>, tools: &Tools, error: &PyErr) -> Option<String> {
    if !error.is_instance_of::<PyImportError>(py) {
        return None;
    }
    let name = error.value(py).getattr("name").ok()?.extract::<String>().ok()?;
    let missing = tools.is_missing.call1(py, (&name,)).ok()?.is_truthy(py).ok()?;
    missing.then(|| name.split('.').next().unwrap_or(&name).to_owned())
}

/// What an interpreter does at its end as far as it can be seen: threads, exit functions, the module's objects.
fn finalise(py: Python<'_>, tools: &Tools, prepared: &Prepared) {
    let hook = prepared.hook.get();
    let quiet = |result: PyResult<Py<PyAny>>| {
        if result.is_err() {
            render::forget_error(py);
        }
    };
    quiet(tools.shut_down.call0(py));
    hook.flush(py);
    clear(tools.main.bind(py));
    quiet(tools.collect.call0(py));
    hook.flush(py);
}

/// Sets a module's names to None in CPython's order: first those with one underscore, then all but `__builtins__`.
fn clear(dict: &Bound<'_, PyDict>) {
    let none = dict.py().None();
    for private in [true, false] {
        for key in dict.keys() {
            let Ok(name) = key.cast_into::<PyString>() else { continue };
            let text = name.to_string_lossy();
            let is_private = text.starts_with('_') && !text.starts_with("__");
            if is_private == private && text != "__builtins__" && dict.set_item(&name, &none).is_err() {
                render::forget_error(dict.py());
            }
        }
    }
}
