//! Finds Python, starts it, and keeps at hand what the processes forked from it will need.

use super::{PythonInfo, RunError};
use camino::{Utf8Path, Utf8PathBuf};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::ffi::{CStr, CString};
use std::process::{Command, Stdio};

/// The interpreter this program was built against, and its `major.minor`.
const BUILD_PYTHON: &str = env!("VERIFY_BUILD_PYTHON");
const BUILD_VERSION: &str = env!("VERIFY_BUILD_PYTHON_VERSION");

const INSTRUMENT: &str = include_str!("instrument.py");

/// Loaded once in the zygote, so that examples that import them start at once. Modules whose mere presence
/// changes what an example sees (`readline`, `unittest.mock` …) are not among them.
const PRELOADED: &str = "
    abc argparse array ast asyncio atexit base64 bisect calendar collections collections.abc
    concurrent.futures concurrent.futures.process concurrent.futures.thread contextlib contextvars copy
    csv dataclasses datetime decimal enum fractions functools gc glob hashlib heapq importlib.util
    inspect io itertools json linecache logging math multiprocessing multiprocessing.pool operator os
    pathlib pickle platform queue random re secrets selectors shutil signal socket statistics string
    struct subprocess tempfile textwrap threading time timeit traceback types typing uuid warnings
    weakref zoneinfo
";

/// Decides which interpreter the examples will see, and makes sure that it fits the one that is built in.
pub(super) fn find(wanted: Option<Utf8PathBuf>) -> Result<Utf8PathBuf, RunError> {
    let Some(wanted) = wanted else {
        if !BUILD_PYTHON.is_empty() && Utf8Path::new(BUILD_PYTHON).exists() {
            return Ok(BUILD_PYTHON.into());
        }
        return ask("python3".into());
    };
    // A bare name is looked up as a shell would.
    if !wanted.as_str().contains('/') {
        return ask(wanted);
    }
    let absolute = std::path::absolute(&wanted).ok().and_then(|path| Utf8PathBuf::from_path_buf(path).ok());
    let absolute = absolute.unwrap_or(wanted);
    if !absolute.exists() {
        return Err(RunError::NoPython(absolute));
    }
    match environment_version(&absolute) {
        Some(version) => check(absolute, &version),
        None => ask(absolute),
    }
}

/// The version in the `pyvenv.cfg` of the environment that an interpreter belongs to.
fn environment_version(python: &Utf8Path) -> Option<String> {
    let text = std::fs::read_to_string(python.parent()?.parent()?.join("pyvenv.cfg")).ok()?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        matches!(key.trim(), "version" | "version_info").then(|| value.trim().to_owned())
    })
}

/// Asks an interpreter for its version, and where it really is (it may be a script that chooses one).
fn ask(python: Utf8PathBuf) -> Result<Utf8PathBuf, RunError> {
    let code = "import sys; print('%d.%d.%d' % sys.version_info[:3]); print(sys.executable)";
    let output = Command::new(&python).args(["-I", "-c", code]).stdin(Stdio::null()).output();
    let Ok(output) = output else { return Err(RunError::NoPython(python)) };
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines = text.lines();
    match (lines.next(), lines.next()) {
        (Some(version), Some(executable)) if !executable.is_empty() => check(executable.into(), version),
        _ => Err(RunError::NoPython(python)),
    }
}

fn check(python: Utf8PathBuf, version: &str) -> Result<Utf8PathBuf, RunError> {
    let minor = |text: &str| text.split('.').take(2).map(str::to_owned).collect::<Vec<_>>();
    if minor(version) == minor(BUILD_VERSION) {
        Ok(python)
    } else {
        Err(RunError::Version { python, found: version.to_owned(), built: BUILD_VERSION.to_owned() })
    }
}

/// Initialises Python in this process as if `executable` ran. The error is a message.
pub(super) fn start(executable: &Utf8Path) -> Result<(), String> {
    let executable = CString::new(executable.as_str()).map_err(|error| error.to_string())?;
    // SAFETY: the structures are initialised by the functions made for that before any field is set, and the
    // strings outlive the calls, which copy them. Nothing has initialised Python in this process before.
    unsafe {
        let mut before: ffi::PyPreConfig = std::mem::zeroed();
        ffi::PyPreConfig_InitPythonConfig(&raw mut before);
        before.utf8_mode = 1;
        before.parse_argv = 0;
        passed(ffi::Py_PreInitialize(&raw const before))?;

        let mut config: ffi::PyConfig = std::mem::zeroed();
        ffi::PyConfig_InitPythonConfig(&raw mut config);
        config.parse_argv = 0;
        config.install_signal_handlers = 0;
        config.use_hash_seed = 1;
        config.hash_seed = 0;
        config.write_bytecode = 0;
        let strings = [
            (&raw mut config.program_name, executable.as_c_str()),
            (&raw mut config.executable, executable.as_c_str()),
            (&raw mut config.stdio_encoding, c"utf-8"),
            // What a Python that writes to a pipe in a UTF-8 locale has; UTF-8 mode alone would be more lenient.
            (&raw mut config.stdio_errors, c"strict"),
        ];
        let mut done = Ok(());
        for (field, text) in strings {
            done = done
                .and_then(|()| passed(ffi::PyConfig_SetBytesString(&raw mut config, field, text.as_ptr())));
        }
        done = done.and_then(|()| passed(ffi::Py_InitializeFromConfig(&raw const config)));
        ffi::PyConfig_Clear(&raw mut config);
        done?;
        // From here on the GIL is taken as everywhere else.
        ffi::PyEval_SaveThread();
    }
    Ok(())
}

fn passed(status: ffi::PyStatus) -> Result<(), String> {
    // SAFETY: the messages are static strings of Python's.
    unsafe {
        if ffi::PyStatus_Exception(status) == 0 {
            return Ok(());
        }
        if status.err_msg.is_null() {
            return Err(format!("it ended with exit code {}", status.exitcode));
        }
        Err(CStr::from_ptr(status.err_msg).to_string_lossy().into_owned())
    }
}

/// Python objects that are needed later, taken before any example could have replaced them.
pub(super) struct Tools {
    /// `prepare` of instrument.py.
    pub prepare: Py<PyAny>,
    /// `sys.stdout.flush`, `sys.stderr.flush` of the original streams.
    pub flush: [Py<PyAny>; 2],
    /// `print_exception(exception)` of instrument.py: as the interpreter does it.
    pub print_exception: Py<PyAny>,
    /// `print_message(message)`, to standard error.
    pub print_message: Py<PyAny>,
    /// `show_warnings(warnings)` of instrument.py.
    pub show_warnings: Py<PyAny>,
    /// `set_up_main(…)` of instrument.py.
    pub set_up_main: Py<PyAny>,
    /// `shut_down()`: what the interpreter does at its end, up to the exit functions.
    pub shut_down: Py<PyAny>,
    /// `is_missing(module)`
    pub is_missing: Py<PyAny>,
    /// `save_random()` gives a state for `restore_random(state)`: forking must not change it.
    pub save_random: Py<PyAny>,
    pub restore_random: Py<PyAny>,
    /// `gc.collect`
    pub collect: Py<PyAny>,
    /// The `__main__` module's own dictionary.
    pub main: Py<PyDict>,
    /// `tp_repr` and its like of classes that define the method in Python.
    pub slots: super::render::Slots,
}

impl Tools {
    /// Loads the modules and warms Python up. Lives as long as the process.
    pub(super) fn load(py: Python<'_>) -> PyResult<(&'static Tools, PythonInfo)> {
        let sys = py.import("sys")?;
        // pyo3 makes a class when it first takes an error. That has to have happened before it has to take a
        // `RecursionError`, under which no class can be made, and over which it would wait for itself for ever.
        drop(py.import("no module of this name"));
        for module in PRELOADED.split_whitespace() {
            // One that this build of Python lacks is no loss.
            let _ = py.import(module);
        }
        for stream in ["stdout", "stderr"] {
            let options = PyDict::new(py);
            options.set_item("line_buffering", true)?;
            sys.getattr(stream)?.call_method("reconfigure", (), Some(&options))?;
        }
        let globals = PyDict::new(py);
        globals.set_item("__builtins__", py.import("builtins")?)?;
        globals.set_item("__name__", "verify")?;
        let code = CString::new(INSTRUMENT)?;
        py.run(&code, Some(&globals), None)?;
        let tool = |name: &str| -> PyResult<Py<PyAny>> {
            globals
                .get_item(name)?
                .map(Bound::unbind)
                .ok_or_else(|| pyo3::exceptions::PyNameError::new_err(format!("instrument.py has no {name}")))
        };
        tool("warm_up")?.call0(py)?;
        let main = py.import("__main__")?.dict().unbind();
        let tools = Tools {
            prepare: tool("prepare")?,
            flush: [
                sys.getattr("stdout")?.getattr("flush")?.unbind(),
                sys.getattr("stderr")?.getattr("flush")?.unbind(),
            ],
            print_exception: tool("print_exception")?,
            print_message: tool("print_message")?,
            show_warnings: tool("show_warnings")?,
            set_up_main: tool("set_up_main")?,
            shut_down: tool("shut_down")?,
            is_missing: tool("is_missing")?,
            save_random: tool("save_random")?,
            restore_random: tool("restore_random")?,
            collect: py.import("gc")?.getattr("collect")?.unbind(),
            main,
            slots: super::render::Slots::load(py, tool("Custom")?.bind(py))?,
        };
        let version = py.version_info();
        let info = PythonInfo {
            version: format!(
                "{}.{}.{}{}",
                version.major,
                version.minor,
                version.patch,
                version.suffix.unwrap_or_default()
            ),
            implementation: sys.getattr("implementation")?.getattr("name")?.extract::<String>()?,
            executable: sys.getattr("executable")?.extract::<String>()?.into(),
            prefix: sys.getattr("prefix")?.extract::<String>()?.into(),
        };
        let info = PythonInfo {
            implementation: if info.implementation == "cpython" {
                "CPython".into()
            } else {
                info.implementation
            },
            ..info
        };
        let gc = py.import("gc")?;
        gc.call_method0("collect")?;
        // What is loaded now is never garbage: keeps collections from touching, and so copying, its memory.
        gc.call_method0("freeze")?;
        Ok((Box::leak(Box::new(tools)), info))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_minor_version_is_refused() {
        let refused = check("/x/bin/python".into(), "2.7.18").unwrap_err().to_string();
        assert!(refused.contains("2.7.18") && refused.contains(BUILD_VERSION), "{refused}");
        assert!(check("/x/bin/python".into(), &format!("{BUILD_VERSION}.99")).is_ok());
    }
}
