//! Expressions that claims name, evaluated where their anchor is.

use super::copy::Task;
use super::familiar::instance_dict;
use super::interpreter::Tools;
use super::render;
use crate::observation::{Probe, Raised};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyDictMethods, PyInt, PyList, PyModule, PyString, PyTuple, PyType};

/// How an expression is to be evaluated; instrument.py decides.
pub(super) enum Form {
    Name(Py<PyString>),
    Literal(Py<PyAny>),
    /// Compiled, and as nested tuples where it may be simple enough to be followed without running anything.
    Code(Py<PyAny>, Option<Py<PyAny>>),
    /// It is no expression.
    Bad(Raised),
}

/// What became of it here; or what a copy has to do.
pub(super) enum Answer<'py> {
    Known(Probe),
    Needs(Task<'py>),
}

/// The names that can be seen from a place.
pub(super) struct Scope<'py> {
    globals: Bound<'py, PyDict>,
    /// None: at module level, where they are the globals.
    locals: Option<Bound<'py, PyAny>>,
}

impl<'py> Scope<'py> {
    /// The scope of the frame that called the hook.
    pub(super) fn of_caller(py: Python<'py>) -> Option<Scope<'py>> {
        // SAFETY: the GIL is held; the borrowed reference, null where no Python code runs, is made owned.
        let frame = unsafe { Bound::from_borrowed_ptr_or_opt(py, ffi::PyEval_GetFrame().cast()) }?;
        let globals = frame.getattr("f_globals").ok()?.cast_into::<PyDict>().ok()?;
        let locals = frame.getattr("f_locals").ok()?;
        let locals = (!locals.is(&globals)).then_some(locals);
        Some(Scope { globals, locals })
    }

    /// Looks a name up as the compiler would have it looked up.
    fn get(&self, name: &Bound<'py, PyString>) -> Option<Bound<'py, PyAny>> {
        let py = name.py();
        if let Some(locals) = &self.locals {
            match locals.cast_exact::<PyDict>() {
                Ok(locals) => {
                    if let Some(value) = locals.get_item(name).ok().flatten() {
                        return Some(value);
                    }
                }
                // The view of a frame's variables that 3.13 gives, or what a metaclass prepared for a class
                // body: a mapping of the example's own is not asked.
                Err(_) if render::names_of_type(locals).0 == "FrameLocalsProxy" => {
                    if let Ok(value) = locals.get_item(name) {
                        return Some(value);
                    }
                }
                Err(_) => {}
            }
        }
        if let Some(value) = self.globals.get_item(name).ok().flatten() {
            return Some(value);
        }
        // SAFETY: the GIL is held; a borrowed reference to the frame's builtins.
        let builtins = unsafe { Bound::from_borrowed_ptr_or_opt(py, ffi::PyEval_GetBuiltins()) }?;
        builtins.cast_into::<PyDict>().ok()?.get_item(name).ok().flatten()
    }

    /// The names as one dict: the globals themselves at module level, else a copy of them with the locals.
    pub(super) fn merged(&self) -> PyResult<Bound<'py, PyDict>> {
        let Some(locals) = &self.locals else { return Ok(self.globals.clone()) };
        let merged = self.globals.copy()?;
        merged.call_method1("update", (locals,))?;
        Ok(merged)
    }
}

/// Evaluates an expression as far as that is possible without running code of the example's.
pub(super) fn answer<'py>(
    py: Python<'py>,
    form: &Form,
    scope: Option<&Scope<'py>>,
    at: u32,
    tools: &Tools,
) -> Answer<'py> {
    let shown = |value: Bound<'py, PyAny>| match render::render(&value, tools, false) {
        Some(rendered) => Answer::Known(Probe::Value(rendered)),
        None => Answer::Needs(Task::ProbeValue(at, value)),
    };
    let Some(scope) = scope else { return Answer::Known(Probe::Untried("no frame".into())) };
    match form {
        Form::Name(name) => match scope.get(name.bind(py)) {
            Some(value) => shown(value),
            None => Answer::Known(Probe::Raised(Raised {
                type_name: "NameError".into(),
                bases: ["NameError", "Exception", "BaseException"].map(str::to_owned).into(),
                message: format!("name '{}' is not defined", name.bind(py).to_string_lossy()),
                line: None,
            })),
        },
        Form::Literal(value) => shown(value.bind(py).clone()),
        Form::Code(code, shape) => {
            let followed = shape.as_ref().and_then(|shape| follow(shape.bind(py), scope, tools));
            if let Some(value) = followed {
                return shown(value);
            }
            render::forget_error(py);
            match scope.merged() {
                Ok(globals) => Answer::Needs(Task::ProbeCode(at, code.bind(py).clone(), globals.into_any())),
                Err(error) => Answer::Known(Probe::Untried(error.to_string())),
            }
        }
        Form::Bad(raised) => Answer::Known(Probe::Raised(raised.clone())),
    }
}

/// Evaluates `name`, `x.attribute`, `x[literal]`, `len(x)`, `type(x)` and `id(x)` where no code of the example's
/// can take part; None where it could, or where it would fail.
fn follow<'py>(shape: &Bound<'py, PyAny>, scope: &Scope<'py>, tools: &Tools) -> Option<Bound<'py, PyAny>> {
    let py = shape.py();
    let parts = shape.cast::<PyTuple>().ok()?;
    let kind = parts.get_item(0).ok()?;
    let first = parts.get_item(1).ok()?;
    match kind.extract::<&str>().ok()? {
        "name" => scope.get(first.cast::<PyString>().ok()?),
        "attribute" => {
            let base = follow(&first, scope, tools)?;
            plain_attribute(&base, parts.get_item(2).ok()?.cast::<PyString>().ok()?)
        }
        "item" => {
            let base = follow(&first, scope, tools)?;
            let key = parts.get_item(2).ok()?;
            if base.is_exact_instance_of::<PyDict>() && tools.slots.safe_repr(&key) {
                // Keys of the same hash are compared, by code of theirs: they all have to be harmless.
                let dict = base.cast::<PyDict>().ok()?;
                let harmless = |key: &Bound<'_, PyAny>| {
                    key.is_exact_instance_of::<PyString>() || key.is_exact_instance_of::<PyInt>()
                };
                if dict.len() > 1000 || !harmless(&key) || !dict.keys().iter().all(|key| harmless(&key)) {
                    return None;
                }
                return dict.get_item(key).ok().flatten();
            }
            let exact = base.is_exact_instance_of::<PyList>()
                || base.is_exact_instance_of::<PyTuple>()
                || base.is_exact_instance_of::<PyString>();
            (exact && key.is_exact_instance_of::<PyInt>()).then(|| base.get_item(key).ok())?
        }
        "call" => {
            let name = parts.get_item(2).ok()?;
            let name = name.cast::<PyString>().ok()?;
            let function = scope.get(name)?;
            let builtin = py.import("builtins").ok()?.dict().get_item(name).ok().flatten()?;
            // Both the example's view and the module's could have been changed.
            if !function.is(&builtin) || !is_original(&function, name) {
                return None;
            }
            let base = follow(&first, scope, tools)?;
            match name.extract::<&str>().ok()? {
                "type" => Some(base.get_type().into_any()),
                "id" => (base.as_ptr() as usize).into_pyobject(py).ok().map(Bound::into_any),
                "len" if tools.slots.has_plain_length(&base) => {
                    base.len().ok()?.into_pyobject(py).ok().map(Bound::into_any)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether this is the function or type that Python calls by that name.
fn is_original(function: &Bound<'_, PyAny>, name: &Bound<'_, PyString>) -> bool {
    if function.is_instance_of::<PyType>() {
        return function.as_ptr() == (&raw mut ffi::PyType_Type).cast() && name.to_string_lossy() == "type";
    }
    // SAFETY: a live object.
    let builtin = unsafe { ffi::Py_TYPE(function.as_ptr()) == &raw mut ffi::PyCFunction_Type };
    builtin && function.getattr("__name__").is_ok_and(|own| own.eq(name).unwrap_or(false))
}

/// An attribute that is simply there: in a module's dict, or in an instance's where no class has a say.
fn plain_attribute<'py>(base: &Bound<'py, PyAny>, name: &Bound<'py, PyString>) -> Option<Bound<'py, PyAny>> {
    if let Ok(module) = base.cast_exact::<PyModule>() {
        return module.dict().get_item(name).ok().flatten();
    }
    // SAFETY: a live object's type.
    unsafe {
        let class = ffi::Py_TYPE(base.as_ptr());
        let generic = (*class).tp_getattro.map_or(0, |slot| slot as usize);
        if generic != ffi::PyObject_GenericGetAttr as *const () as usize {
            return None;
        }
        if in_mro(base.py(), class, name) {
            return None;
        }
    }
    instance_dict(base)?.get_item(name).ok().flatten()
}

/// Whether a type or one of its bases has an attribute of that name, or may have one (types that cannot be
/// looked into).
fn in_mro(py: Python<'_>, class: *mut ffi::PyTypeObject, name: &Bound<'_, PyString>) -> bool {
    // SAFETY: a live type's mro is a tuple of types, or null.
    let mro = unsafe { Bound::from_borrowed_ptr_or_opt(py, (*class).tp_mro) };
    let Some(Ok(mro)) = mro.map(|mro| mro.cast_into::<PyTuple>()) else { return true };
    mro.iter_borrowed().any(|class| {
        let class = class.as_ptr().cast::<ffi::PyTypeObject>();
        if class == &raw mut ffi::PyBaseObject_Type {
            return name.to_string_lossy().starts_with("__");
        }
        // SAFETY: a live type; since 3.12 the dict of a static type is kept elsewhere, and null here.
        let dict = unsafe { Bound::from_borrowed_ptr_or_opt(py, (*class).tp_dict) };
        dict.and_then(|dict| dict.cast_into::<PyDict>().ok())
            .is_none_or(|dict| dict.contains(name).unwrap_or(true))
    })
}
