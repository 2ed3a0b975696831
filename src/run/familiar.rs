//! Classes whose `__repr__` is Python code, but the standard library's own: dataclasses, named tuples, enums.
//!
//! They are what tutorials are full of, and a copy of the process for each would take longer than all else. Such a
//! method does nothing but render the fields, so it is as harmless as these are, if reading them is.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFunction, PyString, PyTuple};

/// The files in which the library keeps such methods.
pub(super) struct Familiar {
    dataclasses: Vec<String>,
    named_tuples: String,
    enums: String,
    names: Names,
}

/// Names that are looked up, made once.
struct Names {
    repr: Py<PyString>,
    str: Py<PyString>,
    fields: Py<PyString>,
}

impl Familiar {
    pub(super) fn load(py: Python<'_>) -> PyResult<Familiar> {
        let file = |module: &str| py.import(module)?.getattr("__file__")?.extract::<String>();
        let name = |name: &str| PyString::intern(py, name).unbind();
        Ok(Familiar {
            dataclasses: vec![file("dataclasses")?, file("reprlib")?],
            named_tuples: file("collections")?,
            enums: file("enum")?,
            names: Names {
                repr: name("__repr__"),
                str: name("__str__"),
                fields: name("__dataclass_fields__"),
            },
        })
    }

    /// The values that the library's own `repr(value)` renders; None where it is not the library's, or where
    /// reading the fields might run other code.
    pub(super) fn parts<'py>(&self, value: &Bound<'py, PyAny>) -> Option<Vec<Bound<'py, PyAny>>> {
        let py = value.py();
        let (owner, method) = find(value, self.names.repr.bind(py))?;
        let file = file_of(&method)?;
        if file == self.named_tuples {
            return value.cast::<PyTuple>().ok().map(|tuple| tuple.iter().collect());
        }
        if !has_plain_attributes(value) {
            return None;
        }
        let own = instance_dict(value)?;
        if file == self.enums {
            return ["_name_", "_value_"].iter().map(|name| own.get_item(name).ok().flatten()).collect();
        }
        if !self.dataclasses.contains(&file) {
            return None;
        }
        // The library wraps the method that it made; an author may have wrapped one of theirs in the same way.
        let made = method.getattr("__wrapped__").ok()?;
        if file_of(&made)? != "<string>" {
            return None;
        }
        let fields = owner.get_item(self.names.fields.bind(py)).ok().flatten()?.cast_into::<PyDict>().ok()?;
        fields
            .keys()
            .iter()
            .map(|name| {
                let name = name.cast_into::<PyString>().ok()?;
                // A default stays in the class and is no harm; a property there would be asked.
                let default = find(value, &name).map(|(_, default)| default);
                if default.is_some_and(|default| is_descriptor(&default)) {
                    return None;
                }
                own.get_item(name).ok().flatten()
            })
            .collect()
    }

    /// Whether `str(value)` is the enum module's own, for values whose `parts` are harmless.
    pub(super) fn has_plain_str(&self, value: &Bound<'_, PyAny>) -> bool {
        find(value, self.names.str.bind(value.py()))
            .and_then(|(_, method)| file_of(&method))
            .is_some_and(|file| file == self.enums)
            && self.parts(value).is_some()
    }
}

/// Looks an attribute up in the dicts of a value's type and its bases, without asking any of them. Gives the dict
/// and the attribute.
fn find<'py>(
    value: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> Option<(Bound<'py, PyDict>, Bound<'py, PyAny>)> {
    let py = value.py();
    // SAFETY: a live type's mro is a tuple of types, or null.
    let mro = unsafe { Bound::from_borrowed_ptr_or_opt(py, (*ffi::Py_TYPE(value.as_ptr())).tp_mro) };
    let mro = mro?.cast_into::<PyTuple>().ok()?;
    mro.iter_borrowed().find_map(|class| {
        // SAFETY: a live type. Null for the built-in types of 3.12 and later, which have no Python methods.
        let dict = unsafe {
            Bound::from_borrowed_ptr_or_opt(py, (*class.as_ptr().cast::<ffi::PyTypeObject>()).tp_dict)
        };
        let dict = dict?.cast_into::<PyDict>().ok()?;
        let found = dict.get_item(name).ok().flatten()?;
        Some((dict, found))
    })
}

/// The file from which a Python function was compiled.
fn file_of(function: &Bound<'_, PyAny>) -> Option<String> {
    let function = function.cast_exact::<PyFunction>().ok()?;
    function.getattr("__code__").ok()?.getattr("co_filename").ok()?.extract().ok()
}

/// Whether reading an attribute of the value is CPython's own doing.
fn has_plain_attributes(value: &Bound<'_, PyAny>) -> bool {
    // SAFETY: a live object's type.
    let getter = unsafe { (*ffi::Py_TYPE(value.as_ptr())).tp_getattro };
    getter.is_some_and(|getter| getter as usize == ffi::PyObject_GenericGetAttr as *const () as usize)
}

/// Whether an attribute of a class takes part when the instance's is read.
fn is_descriptor(attribute: &Bound<'_, PyAny>) -> bool {
    // SAFETY: a live object's type.
    unsafe {
        let class = ffi::Py_TYPE(attribute.as_ptr());
        (*class).tp_descr_set.is_some()
    }
}

/// The value's own attributes. The value has plain ones.
pub(super) fn instance_dict<'py>(value: &Bound<'py, PyAny>) -> Option<Bound<'py, PyDict>> {
    // SAFETY: a live object; a new reference, or null with an error that is cleared.
    let dict = unsafe {
        let dict = ffi::PyObject_GenericGetDict(value.as_ptr(), std::ptr::null_mut());
        Bound::from_owned_ptr_or_opt(value.py(), dict)
    };
    if dict.is_none() {
        super::render::forget_error(value.py());
    }
    dict?.cast_into_exact().ok()
}
