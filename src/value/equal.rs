//! When two value texts are the same to a careful reader: CLAIMS, section 4.

use super::number::{same_integer, same_number, thousands};
use super::{Argument, Entry, Value, parse, same_text};
use crate::observation::Rendered;

/// Sets and dicts of more entries than this are compared in the order in which they stand.
const UNORDERED_LIMIT: usize = 300;

/// Whether the text `claimed` is what a statement printed (or one line of it).
pub fn same_printed(claimed: &str, printed: &str) -> bool {
    if same_text(claimed, printed) {
        return true;
    }
    if without_commas(claimed.trim()) && printed.contains(',') {
        return false;
    }
    let (left, right) = (parse(claimed), parse(printed));
    if let (Some(left), Some(right)) = (&left, &right)
        && *left != Value::Rest
        && same(left, right)
    {
        return true;
    }
    // Quotes around printed text.
    if let Some(Value::Text { content, .. }) = &left
        && same_text(content, printed)
    {
        return true;
    }
    thousands(claimed.trim()).is_some_and(|plain| plain == printed.trim())
}

/// Whether the text `claimed` is a value.
pub fn same_value(claimed: &str, value: &Rendered) -> bool {
    let claimed = claimed.trim();
    if claimed == value.repr {
        return true;
    }
    let left = parse(claimed);
    if value.type_name == "str" {
        return same_string(claimed, left.as_ref(), value);
    }
    // `[1 3]` is how an array is printed, not a list.
    if value.type_name == "list" && without_commas(claimed) && value.repr.contains(',') {
        return false;
    }
    if let (Some(left), Some(right)) = (&left, parse(&value.repr)) {
        if same(left, &right) || same_array(left, &right) {
            return true;
        }
        if is_subclass_of_container(left, &right, value) {
            return true;
        }
        // A tuple is often written without its parentheses.
        if let Value::Tuple(_) = right
            && parse(&format!("({claimed})")).is_some_and(|bare| same(&bare, &right))
        {
            return true;
        }
    } else if same_text(claimed, &value.repr) {
        return true;
    }
    // `475.0%`, `0xff`
    let number = claimed.strip_suffix('%').unwrap_or(claimed);
    if number == value.repr || same_integer(claimed, &value.repr) {
        return true;
    }
    if thousands(claimed).is_some_and(|plain| plain == value.repr) {
        return true;
    }
    match (&value.text, &left) {
        // A date, a Decimal, an array: people write what `print` shows. Quotes around it would claim a str.
        (
            Some(text),
            None | Some(Value::Number { .. } | Value::List(_) | Value::Word(_) | Value::Angle(_)),
        ) => same_printed(claimed, text),
        (None, None) if value.type_name != "str" => parse(&format!("({claimed})"))
            .zip(parse(&value.repr))
            .is_some_and(|(bare, right)| matches!(right, Value::Tuple(_)) && same(&bare, &right)),
        _ => false,
    }
}

/// `{'a': 1}` for `defaultdict(<class 'list'>, {'a': 1})`, `(1, 2)` for `Point(x=1, y=2)`: Python's own `==` holds between
/// a container and one of a derived class.
fn is_subclass_of_container(claimed: &Value, observed: &Value, value: &Rendered) -> bool {
    let Value::Call { arguments, .. } = observed else { return false };
    let derived = |base: &str| value.bases.iter().any(|name| name == base);
    let last = arguments.last().map(|argument| &argument.value);
    match claimed {
        Value::Dict(_) if derived("dict") => last.is_some_and(|inner| same(claimed, inner)),
        Value::List(_) if derived("list") => last.is_some_and(|inner| same(claimed, inner)),
        Value::Set(_) if derived("set") => last.is_some_and(|inner| same(claimed, inner)),
        Value::Tuple(items) if derived("tuple") => {
            let fields: Vec<Value> = arguments.iter().map(|argument| argument.value.clone()).collect();
            same_sequence(items, &fields)
        }
        _ => false,
    }
}

/// A `str`: in quotes, or its bare text; but a bare `42` or `[1]` claims a number or a list.
fn same_string(claimed: &str, left: Option<&Value>, value: &Rendered) -> bool {
    let text = value.text.as_deref().unwrap_or(&value.repr);
    match left {
        // Blanks within quotes are meant.
        Some(Value::Text { content, .. }) => content == text || super::wildcard(content, text),
        Some(Value::Word(word)) if matches!(word.as_str(), "True" | "False" | "None") => false,
        Some(Value::Number { .. } | Value::List(_) | Value::Dict(_) | Value::Set(_) | Value::Tuple(_)) => {
            false
        }
        // "ha" "..." with an ellipsis outside the quotes
        _ => same_text(claimed, text) || same_text(claimed, &value.repr),
    }
}

/// `[1, 2]` for `array([1, 2])`; `3.0` for `np.float64(3.0)`.
fn same_array(claimed: &Value, observed: &Value) -> bool {
    let Value::Call { name, arguments } = observed else { return false };
    let wrapper = name == "array" || name.starts_with("np.") || name.starts_with("numpy.");
    match (claimed, arguments.first()) {
        (Value::List(_) | Value::Number { .. } | Value::Word(_), Some(first)) if wrapper => {
            same(claimed, &first.value)
        }
        _ => false,
    }
}

/// Whether two values read the same; `claimed` may leave out, shorten and reorder what a reader would not miss.
pub fn same(claimed: &Value, observed: &Value) -> bool {
    match (claimed, observed) {
        (Value::Rest, _) => true,
        (Value::Number { text, open }, Value::Number { text: other, .. }) => same_number(text, other, *open),
        (Value::Text { content, bytes }, Value::Text { content: other, bytes: others }) => {
            bytes == others && (content == other || super::wildcard(content, other))
        }
        (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => same_sequence(a, b),
        (Value::Set(a), Value::Set(b)) => same_unordered(a, b, same, &Value::Rest),
        (Value::Dict(a), Value::Dict(b)) => same_unordered(a, b, same_entry, &Entry::Rest),
        // {...} alone is read as a dict.
        (Value::Dict(a), Value::Set(_)) => a.as_slice() == [Entry::Rest],
        (Value::Word(a), Value::Word(b)) => a == b || last(b) == a,
        (Value::Word(a), Value::Angle(b)) => names(b, a),
        (Value::Angle(a), Value::Word(b)) => names(a, b) && a.starts_with("class "),
        (Value::Angle(a), Value::Angle(b)) => same_angle(a, b),
        (Value::Call { name: a, arguments: x }, Value::Call { name: b, arguments: y }) => {
            (a == b || last(b) == a) && same_arguments(x, y)
        }
        _ => false,
    }
}

fn without_commas(text: &str) -> bool {
    text.starts_with('[') && !text.contains(',') && text.contains(' ')
}

fn last(dotted: &str) -> &str {
    dotted.rsplit('.').next().unwrap_or(dotted)
}

/// Whether the inside of `<…>` is the long form of a bare name: `class 'pkg.X'`, `function f`, `Color.RED: 1`, `module 'os' from …`.
fn names(angle: &str, word: &str) -> bool {
    let quoted = |text: &str| {
        let inner = text.trim_matches('\'');
        inner == word || last(inner) == word
    };
    if let Some(class) = angle.strip_prefix("class ").or_else(|| angle.strip_prefix("enum ")) {
        return quoted(class);
    }
    if let Some((enumerator, _)) = angle.split_once(": ") {
        return enumerator == word;
    }
    let mut words = angle.split(' ');
    let kind = words.next().unwrap_or_default();
    let kinds = ["function", "method", "built-in", "module", "bound"];
    kinds.contains(&kind) && words.any(quoted)
}

/// `<X object>` for `<pkg.X object at 0x…>` (addresses are gone already).
fn same_angle(claimed: &str, observed: &str) -> bool {
    if claimed == observed || super::wildcard(claimed, observed) {
        return true;
    }
    // What names a module may be left out, but not be another one.
    let shortened = |short: &str, long: &str| {
        let (short, long) = (short.trim_matches('\''), long.trim_matches('\''));
        short == long || long.strip_suffix(short).is_some_and(|head| head.ends_with('.'))
    };
    let (claimed, observed): (Vec<&str>, Vec<&str>) =
        (claimed.split(' ').collect(), observed.split(' ').collect());
    claimed.len() == observed.len() && claimed.iter().zip(observed).all(|(a, b)| shortened(a, b))
}

fn same_arguments(claimed: &[Argument], observed: &[Argument]) -> bool {
    let pair = |a: &Argument, b: &Argument| {
        a.value == Value::Rest || (a.keyword == b.keyword && same(&a.value, &b.value))
    };
    elided(claimed, observed, pair, |argument| argument.value == Value::Rest)
}

fn same_sequence(claimed: &[Value], observed: &[Value]) -> bool {
    elided(claimed, observed, same, |value| *value == Value::Rest)
}

/// Two sequences, where a rest in `claimed` stands for any number of elements. The first fit for each stretch between
/// rests is the right one, as with wildcards in text; the last is held to the end.
fn elided<T>(
    claimed: &[T],
    observed: &[T],
    same: impl Fn(&T, &T) -> bool,
    rest: impl Fn(&T) -> bool,
) -> bool {
    let all = |a: &[T], b: &[T]| a.len() == b.len() && a.iter().zip(b).all(|(x, y)| same(x, y));
    let mut parts = claimed.split(&rest);
    let first = parts.next().unwrap_or_default();
    let stretches: Vec<&[T]> = parts.collect();
    let Some((last, middle)) = stretches.split_last() else { return all(first, observed) };
    if observed.len() < first.len() + last.len() || !all(first, &observed[..first.len()]) {
        return false;
    }
    let mut left = &observed[first.len()..observed.len() - last.len()];
    for stretch in middle {
        let Some(at) =
            left.windows(stretch.len().max(1)).position(|window| all(stretch, &window[..stretch.len()]))
        else {
            return stretch.is_empty();
        };
        left = &left[at + stretch.len()..];
    }
    all(last, &observed[observed.len() - last.len()..])
}

fn same_unordered<T: PartialEq>(
    claimed: &[T],
    observed: &[T],
    same: impl Fn(&T, &T) -> bool,
    rest: &T,
) -> bool {
    let elided = claimed.contains(rest);
    let wanted: Vec<&T> = claimed.iter().filter(|entry| *entry != rest).collect();
    if wanted.len() > observed.len() || (!elided && wanted.len() != observed.len()) {
        return false;
    }
    if wanted.iter().zip(observed).all(|(a, b)| same(a, b)) {
        return true;
    }
    if observed.len() > UNORDERED_LIMIT {
        return false;
    }
    let mut left: Vec<&T> = observed.iter().collect();
    wanted.iter().all(|entry| match left.iter().position(|other| same(entry, other)) {
        Some(at) => {
            left.swap_remove(at);
            true
        }
        None => false,
    })
}

fn same_entry(claimed: &Entry, observed: &Entry) -> bool {
    match (claimed, observed) {
        (Entry::Pair(a, x), Entry::Pair(b, y)) => same(a, b) && same(x, y),
        _ => false,
    }
}
