//! The words that claims are made of: labels, verbs, the names of types and exceptions.
//!
//! These are closed classes of English words, not phrases of particular documents.

use super::cut::find_top;
use crate::python::{Shape, expression};

/// What a label before a colon says of the text behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    Output,
    Value,
    Raises,
    Type,
    /// Some other words: `First check: 15 > 30 is False`.
    Other,
}

/// Splits `Output: 13` into its label and the rest; None where no label stands at the beginning.
pub fn label(text: &str) -> Option<(Label, &str)> {
    let at = text.find(':')?;
    let (words, rest) = (&text[..at], &text[at + 1..]);
    if !(rest.is_empty() || rest.starts_with(char::is_whitespace)) {
        return None;
    }
    // "Inner (i=1): …" has a remark of its own.
    let bare = words
        .split_once(" (")
        .map_or(words, |(bare, remark)| if remark.ends_with(')') { bare } else { words });
    let parts: Vec<&str> = bare.split_whitespace().collect();
    let is_word =
        |part: &&str| part.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '\'' | '/' | '_'));
    if parts.is_empty() || parts.len() > 6 || !parts.iter().all(is_word) {
        return None;
    }
    Some((kind_of_label(&parts), rest))
}

fn kind_of_label(parts: &[&str]) -> Label {
    let lower = |at: usize| parts.get(at).map(|part| part.to_lowercase()).unwrap_or_default();
    let (first, last) = (lower(0), lower(parts.len() - 1));
    let short = parts.len() <= 3;
    match (first.as_str(), last.as_str()) {
        ("output" | "outputs" | "prints" | "printed" | "displays", _) if parts.len() <= 2 => Label::Output,
        (_, "output" | "prints" | "outputs" | "printed" | "stdout" | "stderr" | "displays") if short => {
            Label::Output
        }
        ("print", "print") | ("console", "console") => Label::Output,
        (_, "type" | "types") if parts.len() <= 2 => Label::Type,
        ("raises" | "throws" | "error" | "exception", _) if parts.len() == 1 => Label::Raises,
        ("returns" | "return" | "value" | "result" | "evaluates" | "gives" | "equals" | "yields", _)
            if parts.len() <= 2 && last != "type" =>
        {
            Label::Value
        }
        _ => Label::Other,
    }
}

/// Verbs that announce what is printed: `Prints "done"`.
const PRINTING: [&str; 7] =
    ["prints out ", "prints ", "outputs ", "displays ", "print ", "printed ", "writes "];

/// Verbs that announce a value: `Returns 7`, `Evaluates to "adult"`.
const RETURNING: [&str; 12] = [
    "returns ",
    "return ",
    "evaluates to ",
    "yields ",
    "gives ",
    "equals ",
    "becomes ",
    "is now ",
    "now ",
    "produces ",
    "computes ",
    "is ",
];

const RAISING: [&str; 12] = [
    "crashes with ",
    "fails with a ",
    "raises ",
    "raise ",
    "throws ",
    "raised ",
    "would raise ",
    "will raise ",
    "fails with ",
    "triggers ",
    "error: ",
    "exception: ",
];

const HANDLING: [&str; 5] = ["catches ", "caught ", "handles ", "catch ", "handler for "];

fn after<'a>(text: &'a str, verbs: &[&str]) -> Option<&'a str> {
    verbs.iter().find_map(|verb| {
        text.get(..verb.len())
            .filter(|head| head.eq_ignore_ascii_case(verb))
            .map(|_| text[verb.len()..].trim_start())
    })
}

pub fn printing(text: &str) -> Option<&str> {
    after(text, &PRINTING)
}

pub fn returning(text: &str) -> Option<&str> {
    after(text, &RETURNING)
}

pub fn handling(text: &str) -> Option<&str> {
    after(text, &HANDLING)
}

/// An exception that a text speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention<'a> {
    pub type_name: &'a str,
    /// What follows the colon after its name.
    pub message: Option<&'a str>,
    /// The text begins with its name: `ValueError: must be positive`.
    pub bare: bool,
    /// A verb says that it is raised: `raises KeyError`, `a KeyError is raised`.
    pub verb: bool,
    /// Its name ends as those of exceptions do, so that it can be nothing else.
    pub sure: bool,
    /// `may`, `if`, `unless` …: it need not happen here.
    pub conditional: bool,
    /// `no`, `not`, `prevents` …: it does not happen here.
    pub negated: bool,
}

/// Everything in `text` that may be the name of an exception, in order.
pub fn mentions(text: &str) -> Vec<Mention<'_>> {
    const ENDS: [char; 8] = [' ', ':', ',', '(', ')', '"', '\'', '`'];
    let mut found = Vec::new();
    let mut at = 0;
    for word in text.split_inclusive(ENDS) {
        let name = word.trim_end_matches(ENDS).trim_end_matches(['.', '!', ';']);
        let start = at;
        at += word.len();
        if is_class_name(name) {
            found.push(mention(text, start, name));
        }
    }
    found
}

/// The mention that a claim is about: the first sure one, else the first that a verb or the form makes one.
pub fn exception(text: &str) -> Option<Mention<'_>> {
    let all = mentions(text);
    let meant =
        |mention: &&Mention| mention.sure || mention.verb || (mention.bare && mention.message.is_some());
    all.iter().find(|mention| mention.sure).or_else(|| all.iter().find(meant)).cloned()
}

fn mention<'a>(text: &'a str, start: usize, name: &'a str) -> Mention<'a> {
    let (before, behind) = (&text[..start], &text[start + name.len()..]);
    let message = behind.strip_prefix(':').map(str::trim).filter(|message| !message.is_empty());
    let trimmed = before.trim_end();
    let article = trimmed.strip_suffix(" an").or_else(|| trimmed.strip_suffix(" a")).unwrap_or(trimmed);
    let ends_in = |verb: &&str| {
        let verb = verb.trim_end();
        let head = article.get(article.len().saturating_sub(verb.len())..).unwrap_or_default();
        head.eq_ignore_ascii_case(verb)
            && !article[..article.len() - head.len()].ends_with(char::is_alphanumeric)
    };
    let passive = ["is raised", "raised", "is thrown", "thrown"]
        .iter()
        .any(|verb| behind.trim_start().starts_with(verb));
    // "ValueError: bad", "ValueError (bad)", but not "ValueError matches the first clause".
    let ends = !behind.trim_start().starts_with(|c: char| c.is_alphanumeric());
    // Only its own clause can take it back: "No more items, raises StopIteration" does raise.
    let clause_start = before.rfind([',', ';', '.']).map_or(0, |at| at + 1);
    let clause_end = behind.find([',', ';', ':', '(']).unwrap_or(behind.len());
    let (head, tail) = (&before[clause_start..], &behind[..clause_end]);
    Mention {
        type_name: name.rsplit('.').next().unwrap_or(name),
        message,
        bare: ends && (trimmed.is_empty() || matches!(trimmed, "→" | "->")),
        verb: RAISING.iter().any(ends_in) || passive,
        sure: is_exception(name),
        conditional: has_word(
            head,
            &["may", "might", "could", "can", "if", "when", "unless", "or", "without"],
        ) || has_word(tail, &["if", "when", "unless", "otherwise", "or", "until"]),
        negated: has_word(
            head,
            &[
                "no",
                "not",
                "never",
                "doesn't",
                "won't",
                "don't",
                "prevents",
                "prevent",
                "avoids",
                "avoid",
                "unlike",
                "instead",
                "suppresses",
                "cannot",
                "can't",
            ],
        ),
    }
}

fn has_word(text: &str, words: &[&str]) -> bool {
    text.split(|c: char| !(c.is_alphanumeric() || c == '\''))
        .any(|word| words.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// `ValueError`, `OutOfStock`, `json.JSONDecodeError`
fn is_class_name(word: &str) -> bool {
    let last = word.rsplit('.').next().unwrap_or(word);
    last.starts_with(|c: char| c.is_uppercase())
        && last.len() > 3
        && last.chars().all(|c| c.is_alphanumeric() || c == '_')
        && last.chars().any(|c| c.is_lowercase())
        && !matches!(last, "None" | "True" | "False" | "Exception" | "BaseException" | "Error" | "Python")
}

fn is_exception(word: &str) -> bool {
    const ENDINGS: [&str; 9] =
        ["Error", "Exception", "Warning", "Iteration", "Interrupt", "Exit", "Failure", "Timeout", "Group"];
    let last = word.rsplit('.').next().unwrap_or(word);
    // `Error` alone is a word of English.
    ENDINGS.iter().any(|ending| last.len() > ending.len() && last.ends_with(ending))
}

/// Whether a sentence says that something need not happen, or does not.
pub fn conditional(text: &str) -> bool {
    const WORDS: [&str; 22] = [
        "if",
        "when",
        "may",
        "might",
        "could",
        "can",
        "unless",
        "otherwise",
        "not",
        "no",
        "never",
        "without",
        "doesn't",
        "won't",
        "prevents",
        "avoids",
        "unlike",
        "instead",
        "or",
        "until",
        "cannot",
        "can't",
    ];
    has_word(text, &WORDS)
}

/// Whether the author says himself that the real thing may look otherwise.
pub fn hedged(text: &str) -> bool {
    const WORDS: [&str; 17] = [
        "e.g",
        "example",
        "varies",
        "vary",
        "sample",
        "random",
        "randomized",
        "randomly",
        "depends",
        "differ",
        "similar",
        "illustrative",
        "placeholder",
        "typically",
        "approximate",
        "your",
        "possibly",
    ];
    let lower = text.to_lowercase();
    lower
        .split(|c: char| !(c.is_alphanumeric() || c == '.'))
        .any(|word| WORDS.contains(&word.trim_matches('.')))
        || lower.contains("something like")
}

/// How a text says what a place is: the place, whether the value was put there just now, and the right side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Says<'a> {
    pub place: &'a str,
    pub verb: &'a str,
    pub right: &'a str,
    /// `becomes`, `updated to` …
    pub assigned: bool,
}

/// Verbs between a place and its value. Of two that begin at the same byte the longer stands first.
const EQUATING: [(&str, bool); 36] = [
    (" is now ", true),
    (" is still ", false),
    (" is updated to ", true),
    (" is set to ", true),
    (" is bound to ", true),
    (" is equal to ", false),
    (" is ", false),
    (" was ", false),
    (" are ", false),
    (" becomes ", true),
    (" became ", true),
    (" now references ", true),
    (" references ", false),
    (" now refers to ", true),
    (" refers to ", false),
    (" now points to ", true),
    (" points to ", false),
    (" now holds ", true),
    (" now ", true),
    (" now contains ", true),
    (" now equals ", true),
    (" gets ", true),
    (" equals ", false),
    (" holds ", false),
    (" stores ", true),
    (" has value ", false),
    (" changes to ", true),
    (" changed to ", true),
    (" updated to ", true),
    (" set to ", true),
    (" remains ", false),
    (" stays ", false),
    (" still ", false),
    (" == ", false),
    (" := ", true),
    (" = ", false),
];

/// Reads `x is 4`, `d['k']: 3`, `p.x=3`. None where the left side is no place: a name, an attribute, an item, a call.
pub fn says(text: &str) -> Option<Says<'_>> {
    let mut best: Option<(usize, &str, bool)> = None;
    for (verb, assigned) in EQUATING {
        if let Some(at) = find_top(text, verb)
            && best.is_none_or(|(known, ..)| at < known)
        {
            best = Some((at, verb, assigned));
        }
    }
    for verb in [": ", "=", " → ", " -> "] {
        if let Some(at) = find_top(text, verb)
            && best.is_none_or(|(known, ..)| at < known)
            && !text[at..].starts_with("==")
        {
            best = Some((at, verb, false));
        }
    }
    // `x changes from 1 to 2`
    for verb in
        [" changes from ", " changed from ", " goes from ", " updated from ", " grows from ", " drops from "]
    {
        if let Some(at) = find_top(text, verb)
            && let Some(to) = find_top(&text[at..], " to ")
        {
            return place_of(text, at).map(|place| Says {
                place,
                verb: "is",
                right: text[at + to + 4..].trim(),
                assigned: true,
            });
        }
    }
    let (at, verb, assigned) = best?;
    let place = place_of(text, at)?;
    let right = text[at + verb.len()..].trim();
    (!right.is_empty()).then_some(Says { place, verb: verb.trim(), right, assigned })
}

/// What stands before `at`, if it is a place: a name, an attribute, an item, a call.
fn place_of(text: &str, at: usize) -> Option<&str> {
    let place = text[..at].trim();
    let place = place.strip_prefix("global ").or_else(|| place.strip_prefix("local ")).unwrap_or(place);
    let found = expression(place)?;
    matches!(found.shape, Shape::Name | Shape::Place | Shape::Call).then_some(place)
}

/// The Python types that an English word may mean.
pub fn types_meant(word: &str) -> Option<&'static [&'static str]> {
    Some(match word.to_lowercase().as_str() {
        "int" | "integer" | "ints" | "integers" => &["int"],
        "str" | "string" | "strings" | "text" => &["str"],
        "float" | "floats" | "floating" => &["float"],
        "bool" | "boolean" | "booleans" => &["bool"],
        "list" | "lists" => &["list"],
        "dict" | "dictionary" | "dictionaries" | "mapping" => &["dict"],
        "tuple" | "tuples" => &["tuple"],
        "set" | "sets" => &["set"],
        "frozenset" => &["frozenset"],
        "bytes" => &["bytes"],
        "bytearray" => &["bytearray"],
        "complex" => &["complex"],
        "none" | "nonetype" => &["NoneType"],
        "function" => &["function", "builtin_function_or_method", "method"],
        "lambda" => &["function"],
        "method" => &["method", "builtin_function_or_method", "function"],
        "generator" => &["generator", "async_generator"],
        "coroutine" => &["coroutine"],
        "range" => &["range"],
        "class" | "type" => &["type"],
        "module" => &["module"],
        "slice" => &["slice"],
        _ => return None,
    })
}
