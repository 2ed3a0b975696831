//! The text of Python values: read into a tree, and compared as a careful reader would compare them.
//!
//! Neither side need be Python: an observed `repr` may hold `<class 'int'>` or `[1 2 3]`, a claimed one may
//! leave things out by `...`. So this reads *value texts*, a little more than Python's literals; what it cannot
//! read is compared as text. Everything is linear in the text but for sets and dicts (order does not count
//! there), which are bounded.

mod equal;
mod number;
mod parse;
mod text;

pub use equal::{same_printed, same_value};
pub use number::{approximately, leading_number, thousands};
pub use parse::parse;
pub use text::{normalize, same_text, wildcard};

/// A value as its text shows it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `42`, `-1.5e3`, `3+4j`; `open` where the digits go on (`3.333...`).
    Number {
        text: String,
        open: bool,
    },
    /// The characters of a quoted text; `bytes` for `b'…'`.
    Text {
        content: String,
        bytes: bool,
    },
    /// `True`, `None`, `inf`, `Color.RED`, a class or function by its name.
    Word(String),
    /// `<…>`, without addresses and `__main__.`.
    Angle(String),
    List(Vec<Value>),
    Tuple(Vec<Value>),
    Set(Vec<Value>),
    Dict(Vec<Entry>),
    /// `Point(x=3, y=4)`, `array([1, 2])`
    Call {
        name: String,
        arguments: Vec<Argument>,
    },
    /// `...`: left out.
    Rest,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    Pair(Value, Value),
    Rest,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    pub keyword: Option<String>,
    pub value: Value,
}

impl Value {
    /// Whether an author who writes this can only mean it literally: a number, a quoted text, a constant, a container
    /// or a constructor call of such. A lone word is none.
    pub fn is_literal(&self) -> bool {
        match self {
            Value::Number { .. } | Value::Text { .. } | Value::Angle(_) => true,
            Value::Word(word) => matches!(word.as_str(), "True" | "False" | "None" | "inf" | "nan" | "-inf"),
            Value::List(items) | Value::Tuple(items) | Value::Set(items) => {
                items.iter().all(Value::is_element)
            }
            Value::Dict(entries) => entries.iter().all(|entry| match entry {
                Entry::Pair(key, value) => key.is_element() && value.is_element(),
                Entry::Rest => true,
            }),
            Value::Call { arguments, .. } => arguments.iter().all(|argument| argument.value.is_element()),
            Value::Rest => false,
        }
    }

    /// Inside a container a name or `...` is meant as literally as the rest.
    fn is_element(&self) -> bool {
        match self {
            Value::Rest => true,
            Value::Word(word) => !word.is_empty(),
            other => other.is_literal(),
        }
    }

    pub fn is_call(&self) -> bool {
        matches!(self, Value::Call { .. })
    }
}

/// Reads `text` if it is literal in the sense of [`Value::is_literal`].
pub fn literal(text: &str) -> Option<Value> {
    let found = parse(text).filter(Value::is_literal);
    // `3, 8`: a tuple without its parentheses.
    let plain = text.replace(", then ", ", ");
    let bare = || match parse(&format!("({plain})")) {
        Some(Value::Tuple(items)) if text.contains(", ") && items.iter().all(Value::is_literal) => {
            Some(Value::Tuple(items))
        }
        _ => None,
    };
    let grouped = || thousands(text.trim()).map(|text| Value::Number { text, open: false });
    found.or_else(grouped).or_else(bare)
}

/// Whether a text is made of nothing but what literals are made of, so that it is meant as one even where a bracket or a
/// quote is wrong: `[1, 2)`, `{'a': 1`.
pub fn looks_literal(text: &str) -> bool {
    let text = text.trim();
    let mut outside = String::new();
    let mut quote = None;
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => {
                // Whatever stands right before a quote is meant as its prefix.
                outside.truncate(outside.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len());
                quote = Some(c);
            }
            None => outside.push(c),
        }
    }
    let ends = text.ends_with([']', '}', ')', ',', '\'', '"']);
    let starts = text.starts_with(['[', '{', '(', '\'', '"']);
    let prefixed = text
        .find(['\'', '"'])
        .is_some_and(|at| at > 0 && at < 3 && text[..at].bytes().all(|b| b.is_ascii_alphabetic()));
    let bracketed = ends && (starts || prefixed);
    let words = outside.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    let known = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_digit())
            || matches!(word, "True" | "False" | "None" | "b" | "inf" | "nan" | "set" | "e")
    };
    let marks =
        outside.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "_[](){},:.+-…".contains(c));
    bracketed && marks && words.clone().all(known)
}

#[cfg(test)]
mod tests;
