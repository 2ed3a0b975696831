//! Compiles an example and puts the hooks in, in the slot, before the example's process is forked: what is warm
//! there need not be copied.

use super::arena::Arena;
use super::hooks::{Hook, Parts, Watched};
use super::interpreter::Tools;
use super::probe::Form;
use super::replay::Dormant;
use crate::observation::Raised;
use crate::plan::{Announced, At, Job, OnError, SourceKind, Span, Watch};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use std::collections::HashMap;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex};

/// An example that is ready to run.
pub(super) struct Prepared {
    /// The blocks' code objects, in order.
    pub codes: Vec<Py<PyAny>>,
    /// First and last line of the last statement of all.
    pub last: Option<(u32, u32)>,
    /// All blocks at the lines where they stand in the document.
    pub text: String,
    /// What Python warned of when it compiled: a list of (message, category, line).
    pub warnings: Py<PyAny>,
    pub hook: Py<Hook>,
    /// For the author, where something could not be watched.
    pub notes: Vec<String>,
}

pub(super) enum Preparation {
    Ready(Prepared),
    /// A block does not compile.
    Syntax {
        message: String,
        line: u32,
    },
}

/// Compiles and instruments the example.
///
/// # Errors
/// Those of Python where instrument.py itself fails.
pub(super) fn prepare(
    py: Python<'_>,
    tools: &'static Tools,
    arena: &'static Arena,
    job: &Job,
) -> PyResult<Preparation> {
    let carry_on = job.on_error == OnError::Continue;
    let hook = Py::new(py, Hook::new(arena, tools, job.document.clone(), &job.limits, carry_on))?;
    let arguments =
        (job.document.as_str(), sources(py, job)?, anchors(py, job)?, hook.clone_ref(py), carry_on);
    let result = tools.prepare.bind(py).call1(arguments)?;
    let result = result.cast::<PyDict>()?;
    let get = |name: &str| -> PyResult<Bound<'_, PyAny>> {
        let missing = || pyo3::exceptions::PyKeyError::new_err(name.to_owned());
        result.get_item(name)?.ok_or_else(missing)
    };
    if let Some((message, line)) = get("error")?.extract::<Option<(String, u32)>>()? {
        return Ok(Preparation::Syntax { message, line });
    }
    let parts = Parts {
        watched: watched(job, get("probes")?.cast::<PyList>()?)?,
        dormant: Mutex::new(dormant(get("dormant")?.cast::<PyDict>()?)?),
    };
    hook.get().set_parts(parts);
    Ok(Preparation::Ready(Prepared {
        codes: get("blocks")?.extract()?,
        last: get("last")?.extract()?,
        text: get("text")?.extract()?,
        warnings: get("warnings")?.unbind(),
        hook,
        notes: get("notes")?.extract()?,
    }))
}

type SpanTuple = (u32, u32, u32, u32);

fn span(span: &Span) -> SpanTuple {
    (span.line, span.column, span.end_line, span.end_column)
}

/// As `prepare` in instrument.py takes them.
fn sources<'py>(py: Python<'py>, job: &Job) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for source in &job.sources {
        let place: Option<(usize, &str, Option<SpanTuple>)> = match &source.kind {
            SourceKind::Block => None,
            SourceKind::Dormant(place) => Some(match &place.at {
                At::Start => (place.source, "start", None),
                At::Before(at) => (place.source, "before", Some(span(at))),
                At::After(at) => (place.source, "after", Some(span(at))),
            }),
        };
        list.append((source.first_line.max(1), source.code.as_str(), place))?;
    }
    Ok(list)
}

fn anchors<'py>(py: Python<'py>, job: &Job) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for anchor in &job.anchors {
        let watch = match anchor.watch {
            Watch::Statement => "statement",
            Watch::Expression => "expression",
            Watch::Pass => "pass",
            Watch::Enter => "enter",
            Watch::Handler => "handler",
            Watch::Before => "before",
        };
        list.append((
            anchor.source,
            watch,
            span(&anchor.span),
            anchor.announced != Announced::None,
            &anchor.probes,
        ))?;
    }
    Ok(list)
}

fn watched(job: &Job, probes: &Bound<'_, PyList>) -> PyResult<Vec<Watched>> {
    let mut all = Vec::with_capacity(job.anchors.len());
    for (anchor, forms) in job.anchors.iter().zip(probes.iter()) {
        all.push(Watched {
            value: anchor.value,
            output: anchor.output,
            announced: anchor.announced.clone(),
            probes: forms.cast::<PyList>()?.iter().map(|form| probe_form(&form)).collect::<PyResult<_>>()?,
            open: AtomicU32::new(0),
        });
    }
    Ok(all)
}

fn probe_form(form: &Bound<'_, PyAny>) -> PyResult<Form> {
    let parts = form.cast::<PyTuple>()?;
    let first = parts.get_item(1)?;
    let second = parts.get_item(2)?;
    Ok(match parts.get_item(0)?.extract::<String>()?.as_str() {
        "name" => Form::Name(first.cast_into::<PyString>()?.unbind()),
        "literal" => Form::Literal(first.unbind()),
        "code" => Form::Code(first.unbind(), (!second.is_none()).then(|| second.unbind())),
        _ => {
            let type_name = first.extract::<String>()?;
            let bases = vec![type_name.clone(), "Exception".into(), "BaseException".into()];
            Form::Bad(Raised { type_name, bases, message: second.extract()?, line: None })
        }
    })
}

fn dormant(found: &Bound<'_, PyDict>) -> PyResult<HashMap<usize, Arc<Dormant>>> {
    let mut all = HashMap::new();
    for (index, what) in found.iter() {
        let what = match what.cast::<PyList>() {
            Ok(codes) => Dormant::Codes(codes.extract()?),
            Err(_) => Dormant::Failed(what.extract()?),
        };
        all.insert(index.extract()?, Arc::new(what));
    }
    Ok(all)
}
