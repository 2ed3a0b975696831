//! Values as text, without letting the example's own code run in the example itself.
//!
//! A `__repr__` written in Python may print, count, change things or never return. So a value is only rendered
//! on the spot where nothing but C code known to be harmless takes part; all others are left to a copy of the
//! process. Whether a method is the author's is seen without a look-up: the type's slot is then CPython's own
//! `slot_tp_repr`, whose address is read off a class of ours.

use super::familiar::Familiar;
use super::interpreter::Tools;
use crate::observation::Rendered;
use pyo3::exceptions::PyBaseException;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{
    PyByteArray, PyBytes, PyComplex, PyDict, PyEllipsis, PyFloat, PyFrozenSet, PyInt, PyList,
    PyNotImplemented, PySet, PyString, PyTuple, PyType,
};

/// A rendered text is cut to this many bytes.
const LONGEST: usize = 64 << 10;
/// A container is rendered up to this item.
const MOST_ITEMS: usize = 1000;
/// How many values are looked at before it is left to a copy, which has a time limit.
const MOST_VALUES: i64 = 20_000;
const DEEPEST: u32 = 40;

/// Addresses of C functions by which types are told apart.
pub(super) struct Slots {
    /// Of a class whose methods are written in Python.
    custom_str: usize,
    custom_sequence_length: usize,
    custom_mapping_length: usize,
    object_str: usize,
    exception_repr: usize,
    list_repr: usize,
    tuple_repr: usize,
    dict_repr: usize,
    int_repr: usize,
    str_repr: usize,
    str_str: usize,
    /// Of types that contain no other values.
    leaves: Vec<usize>,
    /// Types (not their subclasses) whose methods, even if written in Python, are known to be harmless.
    known: Vec<Py<PyAny>>,
    datetimes: Vec<Py<PyAny>>,
    method: usize,
    views: Vec<usize>,
    deque: usize,
    ordered: usize,
    defaultdict: usize,
    familiar: Familiar,
}

fn type_of(value: &Bound<'_, PyAny>) -> *mut ffi::PyTypeObject {
    // SAFETY: a live object has a live type.
    unsafe { ffi::Py_TYPE(value.as_ptr()) }
}

fn repr_of(class: *mut ffi::PyTypeObject) -> usize {
    // SAFETY: callers pass live types.
    unsafe { (*class).tp_repr.map_or(0, |slot| slot as usize) }
}

fn str_of(class: *mut ffi::PyTypeObject) -> usize {
    // SAFETY: as above.
    unsafe { (*class).tp_str.map_or(0, |slot| slot as usize) }
}

/// The addresses of `sq_length` and `mp_length`, 0 where there is none.
fn lengths_of(class: *mut ffi::PyTypeObject) -> (usize, usize) {
    // SAFETY: as above; the method tables of a live type are live.
    unsafe {
        let sequence = (*class).tp_as_sequence.as_ref().and_then(|table| table.sq_length);
        let mapping = (*class).tp_as_mapping.as_ref().and_then(|table| table.mp_length);
        (sequence.map_or(0, |slot| slot as usize), mapping.map_or(0, |slot| slot as usize))
    }
}

impl Slots {
    /// `custom`: a class that defines `__repr__`, `__str__` and `__len__` in Python.
    pub(super) fn load(py: Python<'_>, custom: &Bound<'_, PyAny>) -> PyResult<Slots> {
        let class = |object: &Bound<'_, PyAny>| object.as_ptr().cast::<ffi::PyTypeObject>();
        let repr = |object: &Bound<'_, PyAny>| repr_of(class(object));
        let custom_class = class(custom);
        let object = py.get_type::<PyAny>();
        let types = py.import("types")?;
        let mut leaves = vec![
            repr(&object),
            repr(&py.get_type::<PyType>()),
            repr(&py.get_type::<PyFloat>()),
            repr(&py.get_type::<PyComplex>()),
            repr(&py.get_type::<PyBytes>()),
            repr(&py.get_type::<PyByteArray>()),
            repr_of(type_of(py.None().bind(py))),
            repr_of(type_of(&true.into_pyobject(py)?.to_owned().into_any())),
            repr_of(type_of(PyEllipsis::get(py).as_any())),
            repr_of(type_of(PyNotImplemented::get(py).as_any())),
            repr(&py.import("builtins")?.getattr("range")?),
            repr(&py.import("builtins")?.getattr("memoryview")?),
        ];
        for name in [
            "FunctionType",
            "BuiltinFunctionType",
            "GeneratorType",
            "CoroutineType",
            "AsyncGeneratorType",
            "ModuleType",
            "CodeType",
            "WrapperDescriptorType",
            "MethodDescriptorType",
            "GetSetDescriptorType",
            "MemberDescriptorType",
        ] {
            leaves.push(repr(&types.getattr(name)?));
        }
        let of = |module: &str, names: &[&str]| -> PyResult<Vec<Py<PyAny>>> {
            let module = py.import(module)?;
            names.iter().map(|name| module.getattr(*name).map(Bound::unbind)).collect()
        };
        let mut known = of("datetime", &["date", "timedelta", "timezone"])?;
        known.extend(of("decimal", &["Decimal"])?);
        known.extend(of("fractions", &["Fraction"])?);
        known.extend(of("pathlib", &["PosixPath", "PurePosixPath"])?);
        known.extend(of("uuid", &["UUID"])?);
        known.extend(of("re", &["Pattern", "Match"])?);
        let dict = PyDict::new(py);
        let view = |name: &str| -> PyResult<usize> { Ok(type_of(&dict.call_method0(name)?) as usize) };
        let collections = py.import("collections")?;
        let lengths = lengths_of(custom_class);
        // A class that derives from nothing has its `__len__` in both tables.
        Ok(Slots {
            custom_str: str_of(custom_class),
            custom_sequence_length: lengths.0,
            custom_mapping_length: lengths.1,
            object_str: str_of(class(&object)),
            exception_repr: repr(&py.get_type::<PyBaseException>()),
            list_repr: repr(&py.get_type::<PyList>()),
            tuple_repr: repr(&py.get_type::<PyTuple>()),
            dict_repr: repr(&py.get_type::<PyDict>()),
            int_repr: repr(&py.get_type::<PyInt>()),
            str_repr: repr(&py.get_type::<PyString>()),
            str_str: str_of(class(&py.get_type::<PyString>())),
            leaves,
            known,
            datetimes: of("datetime", &["datetime", "time"])?,
            method: class(&types.getattr("MethodType")?) as usize,
            views: vec![view("keys")?, view("values")?, view("items")?],
            deque: class(&collections.getattr("deque")?) as usize,
            ordered: class(&collections.getattr("OrderedDict")?) as usize,
            familiar: Familiar::load(py)?,
            defaultdict: class(&collections.getattr("defaultdict")?) as usize,
        })
    }

    /// Whether `repr(value)` runs nothing but harmless C code.
    pub(super) fn safe_repr(&self, value: &Bound<'_, PyAny>) -> bool {
        let mut budget = MOST_VALUES;
        self.safe(value, &mut budget, 0)
    }

    fn is_known(&self, value: &Bound<'_, PyAny>) -> bool {
        let class = type_of(value).cast::<ffi::PyObject>();
        self.known.iter().any(|known| known.as_ptr() == class)
            || self.datetimes.iter().any(|known| known.as_ptr() == class)
                && value.getattr("tzinfo").is_ok_and(|zone| zone.is_none() || self.is_known(&zone))
    }

    fn safe(&self, value: &Bound<'_, PyAny>, budget: &mut i64, depth: u32) -> bool {
        *budget -= 1;
        if *budget < 0 || depth > DEEPEST {
            return false;
        }
        let class = type_of(value);
        let repr = repr_of(class);
        if repr == self.str_repr || value.is_exact_instance_of::<PyBytes>() {
            *budget -= match value.cast_exact::<PyBytes>() {
                Ok(bytes) => bytes.as_bytes().len() as i64 / 256,
                Err(_) => value.cast::<PyString>().map_or(0, |text| text_length(text) as i64 / 256),
            };
            return *budget >= 0;
        }
        if repr == self.int_repr {
            return !is_huge(value);
        }
        if self.leaves.contains(&repr) || self.is_known(value) {
            return true;
        }
        // More items than are looked at: not known to be harmless.
        let mut all = |items: &mut dyn Iterator<Item = Bound<'_, PyAny>>| {
            let mut count = 0;
            for item in items {
                count += 1;
                if count > 2 * MOST_ITEMS || !self.safe(&item, budget, depth + 1) {
                    return false;
                }
            }
            true
        };
        if repr == self.list_repr {
            let Ok(list) = value.cast::<PyList>() else { return false };
            return all(&mut (0..list.len()).filter_map(|at| list.get_item(at).ok()));
        }
        if repr == self.tuple_repr {
            let Ok(tuple) = value.cast::<PyTuple>() else { return false };
            return all(&mut tuple.iter_borrowed().map(|item| item.to_owned()));
        }
        let class = class as usize;
        if repr == self.dict_repr || class == self.ordered || class == self.defaultdict {
            let factory_is_safe = class != self.defaultdict
                || value.getattr("default_factory").is_ok_and(|factory| all(&mut std::iter::once(factory)));
            let Ok(dict) = value.cast::<PyDict>() else { return false };
            return factory_is_safe
                && dict.len() <= MOST_ITEMS
                && all(&mut dict_items(dict).into_iter().flat_map(|(key, value)| [key, value]));
        }
        if value.is_exact_instance_of::<PySet>()
            || value.is_exact_instance_of::<PyFrozenSet>()
            || class == self.deque
            || self.views.contains(&class)
        {
            return value.try_iter().is_ok_and(|items| all(&mut items.filter_map(Result::ok)));
        }
        if class == self.method {
            return value.getattr("__self__").is_ok_and(|owner| all(&mut std::iter::once(owner)));
        }
        if repr == self.exception_repr {
            return exception_arguments(value).is_some_and(|arguments| all(&mut arguments.iter()));
        }
        self.familiar.parts(value).is_some_and(|parts| all(&mut parts.into_iter()))
    }

    /// Whether `str(value)` is `repr(value)`, and whether making it is harmless where `repr` is.
    fn str_is_repr(&self, value: &Bound<'_, PyAny>) -> bool {
        str_of(type_of(value)) == self.object_str
    }

    /// Whether `str(value)` runs nothing but harmless C code. For values whose `repr` is safe.
    pub(super) fn safe_str(&self, value: &Bound<'_, PyAny>) -> bool {
        str_of(type_of(value)) != self.custom_str
            || self.is_known(value)
            || self.familiar.has_plain_str(value)
    }

    /// Whether the value has a length that its type finds out in C.
    pub(super) fn has_plain_length(&self, value: &Bound<'_, PyAny>) -> bool {
        matches!(self.length(value, false), Ok(Some(_)))
    }

    /// The length of a value that has one; None as error: asking would run the example's code.
    fn length(&self, value: &Bound<'_, PyAny>, anything: bool) -> Result<Option<u64>, ()> {
        let (sequence, mapping) = lengths_of(type_of(value));
        if sequence == 0 && mapping == 0 {
            return Ok(None);
        }
        let custom = sequence == self.custom_sequence_length || mapping == self.custom_mapping_length;
        if custom && !anything {
            return Err(());
        }
        Ok(value.len().ok().map(|length| length as u64))
    }
}

/// The length in characters.
fn text_length(text: &Bound<'_, PyString>) -> usize {
    // SAFETY: a live str.
    unsafe { ffi::PyUnicode_GetLength(text.as_ptr()).max(0) as usize }
}

/// Whether an integer is too long to be written out in no time.
fn is_huge(value: &Bound<'_, PyAny>) -> bool {
    let mut overflow = 0;
    // SAFETY: an int, exact or of a subclass that has int's own repr, which converts nothing.
    unsafe {
        ffi::PyLong_AsLongLongAndOverflow(value.as_ptr(), &raw mut overflow);
    }
    if overflow == 0 {
        return false;
    }
    let bits = value.py().get_type::<PyInt>().call_method1("bit_length", (value,));
    !bits.and_then(|bits| bits.extract::<u64>()).is_ok_and(|bits| bits < 100_000)
}

/// The first items of a dict or of a subclass, without asking the subclass.
fn dict_items<'py>(dict: &Bound<'py, PyDict>) -> Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    let mut items = Vec::new();
    let mut position = 0;
    let mut key = std::ptr::null_mut();
    let mut value = std::ptr::null_mut();
    // SAFETY: the GIL is held and nothing changes the dict meanwhile; the borrowed references are made owned.
    unsafe {
        while items.len() < MOST_ITEMS
            && ffi::PyDict_Next(dict.as_ptr(), &raw mut position, &raw mut key, &raw mut value) != 0
        {
            items
                .push((Bound::from_borrowed_ptr(dict.py(), key), Bound::from_borrowed_ptr(dict.py(), value)));
        }
    }
    items
}

/// `args` as the exception itself keeps them.
pub(super) fn exception_arguments<'py>(exception: &Bound<'py, PyAny>) -> Option<Bound<'py, PyTuple>> {
    // SAFETY: checked to be an exception, whose structure begins so; `args` is a tuple or null.
    unsafe {
        if ffi::PyExceptionInstance_Check(exception.as_ptr()) == 0 {
            return None;
        }
        let arguments = (*exception.as_ptr().cast::<ffi::PyBaseExceptionObject>()).args;
        Bound::from_borrowed_ptr_or_opt(exception.py(), arguments)?.cast_into().ok()
    }
}

/// The `__name__` of a type and those of its `__mro__` without `object`.
pub(super) fn names_of_type(value: &Bound<'_, PyAny>) -> (String, Vec<String>) {
    let class = type_of(value);
    let name = |class: *mut ffi::PyTypeObject| {
        // SAFETY: a live type's name is a string.
        let full = unsafe { std::ffi::CStr::from_ptr((*class).tp_name) }.to_string_lossy().into_owned();
        full.rsplit('.').next().unwrap_or_default().to_owned()
    };
    // SAFETY: a live type's mro is a tuple of types, or null.
    let mro = unsafe { Bound::from_borrowed_ptr_or_opt(value.py(), (*class).tp_mro) };
    let bases = mro.and_then(|mro| mro.cast_into::<PyTuple>().ok()).map(|mro| {
        let object = &raw mut ffi::PyBaseObject_Type;
        let classes = mro.iter_borrowed().map(|class| class.as_ptr().cast::<ffi::PyTypeObject>());
        classes.filter(|&class| class != object).map(name).collect()
    });
    (name(class), bases.unwrap_or_default())
}

/// A Python string as text of at most `LONGEST` bytes, and whether it was cut.
pub(super) fn text_of(text: &Bound<'_, PyString>) -> (String, bool) {
    let py = text.py();
    // SAFETY: a live str; the new one, or null with an error that is cleared, belongs to this function.
    let short = unsafe {
        let short = ffi::PyUnicode_Substring(text.as_ptr(), 0, LONGEST as ffi::Py_ssize_t);
        Bound::from_owned_ptr_or_opt(py, short)
    };
    let Some(short) = short else {
        forget_error(py);
        return (String::new(), true);
    };
    let mut cut = text_length(text) > LONGEST;
    // SAFETY: as above. Lone surrogates, which are no text, are written as escapes.
    let bytes = unsafe {
        let bytes =
            ffi::PyUnicode_AsEncodedString(short.as_ptr(), c"utf-8".as_ptr(), c"backslashreplace".as_ptr());
        Bound::from_owned_ptr_or_opt(py, bytes)
    };
    let Some(Ok(bytes)) = bytes.map(|bytes| bytes.cast_into::<PyBytes>()) else {
        forget_error(py);
        return (String::new(), true);
    };
    let mut whole = String::from_utf8_lossy(bytes.as_bytes()).into_owned();
    if whole.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|&at| whole.is_char_boundary(at)).unwrap_or(0);
        whole.truncate(end);
        cut = true;
    }
    (whole, cut)
}

/// Clears the error indicator.
pub(super) fn forget_error(_py: Python<'_>) {
    // SAFETY: the token shows that the GIL is held.
    unsafe { ffi::PyErr_Clear() }
}

/// The beginning of a container or string that is too long to be rendered whole, of the very same type.
fn shortened<'py>(value: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    let py = value.py();
    let most = MOST_ITEMS as ffi::Py_ssize_t;
    if let Ok(list) = value.cast_exact::<PyList>() {
        return (list.len() > MOST_ITEMS).then(|| list.get_slice(0, MOST_ITEMS).into_any());
    }
    if let Ok(tuple) = value.cast_exact::<PyTuple>() {
        return (tuple.len() > MOST_ITEMS).then(|| tuple.get_slice(0, most as usize).into_any());
    }
    if let Ok(dict) = value.cast_exact::<PyDict>() {
        if dict.len() <= MOST_ITEMS {
            return None;
        }
        let short = PyDict::new(py);
        for (key, value) in dict_items(dict) {
            // May compare keys that have the same hash, which is why only harmless keys come here.
            short.set_item(key, value).ok()?;
        }
        return Some(short.into_any());
    }
    if let Ok(text) = value.cast_exact::<PyString>() {
        if text_length(text) <= LONGEST {
            return None;
        }
        // SAFETY: a live str; the result belongs to this function.
        return unsafe {
            Bound::from_owned_ptr_or_opt(
                py,
                ffi::PyUnicode_Substring(text.as_ptr(), 0, LONGEST as ffi::Py_ssize_t),
            )
        };
    }
    None
}

/// Renders a value. `anything`: in a copy of the process, where the example's own code may run; otherwise None
/// where that would be needed.
pub(super) fn render(value: &Bound<'_, PyAny>, tools: &Tools, anything: bool) -> Option<Rendered> {
    let slots = &tools.slots;
    let short = shortened(value);
    let shown = short.as_ref().unwrap_or(value);
    if !anything && (!slots.safe_repr(shown) || !slots.safe_str(value)) {
        return None;
    }
    let len = slots.length(value, anything).ok()?;
    let mut rendered = outline(value);
    rendered.len = len;
    rendered.cut = short.is_some();
    match shown.repr() {
        Ok(text) => {
            let (text, cut) = text_of(&text);
            rendered.repr = text;
            rendered.cut |= cut;
        }
        Err(_) => rendered.cut = true,
    }
    if let Ok(text) = shown.cast::<PyString>()
        && str_of(type_of(shown)) == slots.str_str
    {
        let (text, cut) = text_of(text);
        rendered.text = Some(text);
        rendered.cut |= cut;
    } else if !slots.str_is_repr(shown) {
        match shown.str() {
            Ok(text) => {
                let (text, cut) = text_of(&text);
                rendered.cut |= cut;
                rendered.text = (text != rendered.repr || shown.is_instance_of::<PyString>()).then_some(text);
            }
            Err(_) => rendered.cut = true,
        }
    }
    if anything {
        rendered.shape = shape(value);
    }
    forget_error(value.py());
    Some(rendered)
}

/// What can be said of any value without asking it: the rendering of one that could not be rendered.
pub(super) fn outline(value: &Bound<'_, PyAny>) -> Rendered {
    let (type_name, bases) = names_of_type(value);
    Rendered { type_name, bases, identity: value.as_ptr() as u64, cut: true, ..Rendered::default() }
}

/// `repr(value.shape)` where the value's type has such an attribute. Runs the example's code.
fn shape(value: &Bound<'_, PyAny>) -> Option<String> {
    if !value.get_type().hasattr("shape").ok()? {
        return None;
    }
    Some(text_of(&value.getattr("shape").ok()?.repr().ok()?).0)
}
