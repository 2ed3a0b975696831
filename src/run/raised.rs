//! Exceptions as data.

use super::interpreter::Tools;
use super::render;
use crate::observation::Raised;
use pyo3::ffi;
use pyo3::prelude::*;

/// The exception that an `except` clause around the current code is handling, with its traceback.
pub(super) fn handled(py: Python<'_>) -> Option<(Bound<'_, PyAny>, Option<Bound<'_, PyAny>>)> {
    let mut class = std::ptr::null_mut();
    let mut value = std::ptr::null_mut();
    let mut traceback = std::ptr::null_mut();
    // SAFETY: the three pointers are local; the references that come back are owned by this function.
    unsafe {
        ffi::PyErr_GetExcInfo(&raw mut class, &raw mut value, &raw mut traceback);
        drop(Bound::from_owned_ptr_or_opt(py, class));
        let value = Bound::from_owned_ptr_or_opt(py, value).filter(|value| !value.is_none());
        let traceback = Bound::from_owned_ptr_or_opt(py, traceback).filter(|traceback| !traceback.is_none());
        Some((value?, traceback))
    }
}

/// Describes an exception; None for the message where only a copy of the process may ask for it. `anything`:
/// this is such a copy.
pub(super) fn describe(
    exception: &Bound<'_, PyAny>,
    traceback: Option<&Bound<'_, PyAny>>,
    document: &str,
    tools: &Tools,
    anything: bool,
) -> (Raised, bool) {
    let (type_name, bases) = render::names_of_type(exception);
    let message = message(exception, tools, anything);
    let raised = Raised {
        type_name,
        bases,
        line: traceback.and_then(|traceback| line_in(traceback, document)),
        message: message.clone().unwrap_or_default(),
    };
    (raised, message.is_some())
}

/// `str(exception)`; None where that may run the example's code and `anything` does not allow it.
pub(super) fn message(exception: &Bound<'_, PyAny>, tools: &Tools, anything: bool) -> Option<String> {
    if !anything {
        let arguments = render::exception_arguments(exception)?;
        // `str(ValueError(value))` is `str(value)`.
        let harmless =
            |argument: &Bound<'_, PyAny>| tools.slots.safe_repr(argument) && tools.slots.safe_str(argument);
        if !tools.slots.safe_str(exception) || !arguments.iter().all(|argument| harmless(&argument)) {
            return None;
        }
    }
    match exception.str() {
        Ok(text) => Some(render::text_of(&text).0),
        Err(_) => {
            render::forget_error(exception.py());
            Some(String::new())
        }
    }
}

/// The line of the innermost frame that lies in the document.
pub(super) fn line_in(traceback: &Bound<'_, PyAny>, document: &str) -> Option<u32> {
    let py = traceback.py();
    let mut found = std::ptr::null_mut::<ffi::PyTracebackObject>();
    // Whether the code of the frame before lies in the document: mostly the next one has the same.
    let mut last = (std::ptr::null_mut(), false);
    // SAFETY: checked to be a traceback, whose links are tracebacks or null and whose frames are frames. They are
    // followed by pointer, because an exception that rises through a deep recursion is described in each frame.
    unsafe {
        if ffi::PyTraceBack_Check(traceback.as_ptr()) == 0 {
            return None;
        }
        let mut at = traceback.as_ptr().cast::<ffi::PyTracebackObject>();
        while !at.is_null() {
            let code = ffi::PyFrame_GetCode((*at).tb_frame);
            if code != last.0 {
                let code = Bound::from_borrowed_ptr(py, code.cast());
                let name = code.getattr("co_filename").ok();
                last.1 = name.is_some_and(|name| name.extract::<&str>().is_ok_and(|name| name == document));
            }
            last.0 = code;
            ffi::Py_DECREF(code.cast());
            if last.1 {
                found = at;
            }
            at = (*at).tb_next;
        }
        let found = Bound::from_borrowed_ptr_or_opt(py, found.cast::<ffi::PyObject>())?;
        found.getattr("tb_lineno").ok()?.extract::<u32>().ok()
    }
}
