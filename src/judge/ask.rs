//! Small questions that trying a reading asks: about texts, values, places.

use super::reading::Attempt;
use crate::observation::{Raised, Rendered};
use crate::python::{Shape, expression};
use crate::value::{self, same_text, same_value};

pub fn held(claimed: &str, observed: &str) -> Attempt {
    Attempt::Held { claimed: claimed.to_string(), observed: observed.to_string() }
}

/// What a person is shown of a value.
pub fn shown(value: &Rendered) -> &str {
    &value.repr
}

pub fn told(error: &Raised) -> String {
    match error.message.is_empty() {
        true => error.type_name.clone(),
        false => format!("{}: {}", error.type_name, error.message),
    }
}

/// The part of a claim that is meant literally: the longest cut that is a literal, else the shortest.
pub fn main_cut(cuts: &[String]) -> String {
    let literal = cuts.iter().find(|cut| value::literal(cut).is_some());
    literal.or_else(|| cuts.iter().min_by_key(|cut| cut.len())).cloned().unwrap_or_default()
}

/// Whether what was cut off from a claim is commentary. Behind a comma that is a phrase of words: where several lines were
/// printed, `95, 87, 92` is not `95` with a remark.
pub fn is_commentary(rest: &str) -> bool {
    match rest.strip_prefix(", ") {
        Some(phrase) => {
            let words = phrase.split_whitespace().count();
            words >= 2
                && !phrase.contains(|c: char| c.is_ascii_digit() || matches!(c, ':' | '"' | '[' | '{' | ','))
        }
        None => true,
    }
}

/// The number of `~48 bytes`, `≈ 3.14`, `about 10`, `approximately 1.5`.
pub fn about(text: &str) -> Option<&str> {
    let body = ["~", "≈", "about ", "approximately ", "approx. ", "roughly ", "around "]
        .iter()
        .find_map(|word| text.strip_prefix(word))?;
    value::leading_number(body.trim_start()).map(|(number, _)| number)
}

/// Whether a value is about this number; a number of numpy's shows it in its text.
pub fn is_about(number: &str, value: &Rendered) -> bool {
    value::approximately(number, &value.repr)
        || value.text.as_ref().is_some_and(|text| value::approximately(number, text))
}

/// Whether a claim is a call, `Foo(1)`, of another name than the class of any of the values: it says what was called, then, and
/// not what it looks like.
pub fn is_other_call(claimed: &str, values: &[&Rendered]) -> bool {
    let Some(value::Value::Call { name, .. }) = value::parse(claimed) else { return false };
    let last = name.rsplit('.').next().unwrap_or(&name);
    // The default repr shows nothing of how an object was made.
    let bare = |value: &&Rendered| value.repr.starts_with('<');
    let shows = |value: &&Rendered| {
        !bare(value) && (value.type_name == last || value.repr.starts_with(&format!("{last}(")))
    };
    let built_in = crate::claim::is_type_word(last) && !values.iter().all(bare);
    !built_in && !values.iter().any(shows)
}

/// Whether a claim names one of Python's own types, and the value is another one.
pub fn is_other_type(claimed: &str, values: &[&Rendered]) -> bool {
    let shows_type =
        |value: &&Rendered| value.repr.starts_with("<class '") || value.repr.starts_with("dtype(");
    crate::claim::is_type_word(claimed) && values.iter().any(shows_type)
}

/// Whether a printed text holds a number that is about this one.
pub fn holds_about(number: &str, printed: &str) -> bool {
    printed
        .split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '_')))
        .map(|word| word.trim_end_matches(['.', ',']))
        .any(|word| value::approximately(number, word))
}

/// The real message, an honest beginning or part of it; a cut must be more than a word of it.
pub fn same_message(cut: &str, message: &str, whole: bool) -> bool {
    let bare = |text: &str| text.trim().trim_matches(['\'', '"']).to_string();
    if same_text(cut, message) || bare(cut) == bare(message) {
        return true;
    }
    let enough = if whole { 3 } else { 8 };
    let normal = value::normalize(message);
    let part = value::normalize(cut);
    part.len() >= enough && contains_words(&normal, &part)
}

/// Whether `part` stands in `text` and neither begins nor ends within a word.
pub fn contains_words(text: &str, part: &str) -> bool {
    let inner = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(part).any(|(at, _)| {
        let before = part.starts_with(inner) && text[..at].ends_with(inner);
        let after = part.ends_with(inner) && text[at + part.len()..].starts_with(inner);
        !before && !after
    })
}

/// Whether the claimed items are the values, one after the other: all of them, or (`all` false) in this order among them.
pub fn in_turn(items: &[&str], values: &[&Rendered], all: bool) -> bool {
    let mut at = 0;
    for (position, item) in items.iter().enumerate() {
        if matches!(*item, "..." | "…") {
            let left = items.len() - position - 1;
            at = at.max(values.len().saturating_sub(left));
            continue;
        }
        let found = values[at..].iter().position(|value| same_value(item, value));
        match found {
            Some(0) => at += 1,
            Some(skip) if !all => at += skip + 1,
            _ => return false,
        }
    }
    !all || at == values.len()
}

/// The same value to the eye, or the very same object. Both are alive at the moment of rendering, so an address tells.
pub fn same_object(a: &Rendered, b: &Rendered) -> bool {
    (a.identity == b.identity && a.identity != 0 && a.type_name == b.type_name && a.repr == b.repr)
        || same_evaluated(a, b)
}

/// The same value to the eye. Where one of them was made anew and the other may be gone, the same address says nothing.
pub fn same_evaluated(a: &Rendered, b: &Rendered) -> bool {
    a.repr == b.repr && !a.repr.is_empty() && !a.repr.contains(" at 0x")
}

/// Whether a line on standard error is a line of the source, as tracebacks and warnings quote it: with its comments.
pub fn quotes_source(line: &str) -> bool {
    line.contains("# =>") || line.contains("#=>")
}

pub fn truthy(value: &Rendered) -> bool {
    !matches!(
        value.repr.as_str(),
        "False" | "None" | "0" | "0.0" | "''" | "[]" | "{}" | "()" | "set()" | "b''" | "0j"
    ) && value.len != Some(0)
}

/// A name that the example did not bind: `list is mutable` speaks of no variable.
pub fn is_builtin(place: &str, value: &Rendered) -> bool {
    value.repr == format!("<class '{place}'>") || value.repr.starts_with("<built-in function ")
}

pub fn is_place(text: &str) -> bool {
    expression(text).is_some_and(|e| matches!(e.shape, Shape::Name | Shape::Place))
        || (text.starts_with('(') && expression(text).is_some_and(|e| e.shape == Shape::Other))
}

/// Names of interfaces that no class need have among its bases.
pub fn is_abstract(name: &str) -> bool {
    const NAMES: [&str; 22] = [
        "Any",
        "Callable",
        "Collection",
        "Container",
        "Generic",
        "Hashable",
        "Iterable",
        "Iterator",
        "Mapping",
        "MutableMapping",
        "MutableSequence",
        "Number",
        "Optional",
        "Protocol",
        "Self",
        "Sequence",
        "Sized",
        "T",
        "TypeVar",
        "Union",
        "Awaitable",
        "Literal",
    ];
    NAMES.contains(&name)
}
