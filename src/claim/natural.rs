//! Sentences of English that can be checked for sure. They verify; they never condemn.

use super::Form;
use super::phrase::types_meant;

/// What such a sentence says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Natural {
    /// `Enters if block`, `Executes because …`: the condition was true, the code ran.
    Runs,
    /// `Skips this block`, `Not executed`: the condition was false, the code never ran.
    Skips,
    /// `Tuple with 5 elements`, `3 rows`: the value (or one of the bound names) has this length.
    Length(u64),
    /// `x now references string object`: a type in words.
    TypeWord(Vec<String>),
    /// `same object`: all bound names are one object.
    SameObject(Vec<String>),
    /// `prints 3 lines`
    Lines(u64),
    /// `called twice`, `runs 3 times`
    Times(u64),
    /// `empty list`
    Empty,
    /// A literal that the sentence holds, as the value: `creates tuple (2, 1)`.
    Holds(String),
}

impl Natural {
    pub fn form(&self) -> Form {
        match self {
            Natural::Length(_) | Natural::Lines(_) | Natural::Times(_) | Natural::Empty => Form::Count,
            Natural::TypeWord(_) => Form::Type,
            Natural::Holds(_) => Form::Value,
            Natural::Runs | Natural::Skips | Natural::SameObject(_) => Form::Predicate,
        }
    }

    pub fn probes(&self) -> Vec<String> {
        match self {
            Natural::SameObject(names) => names.clone(),
            _ => Vec::new(),
        }
    }

    pub fn wants_output(&self) -> bool {
        matches!(self, Natural::Lines(_))
    }
}

/// What may be read out of `text`; `targets` are the names that the statement binds.
pub fn natural(text: &str, targets: &[String], conditional_header: bool) -> Vec<Natural> {
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !(c.is_alphanumeric() || c == '\'')).filter(|w| !w.is_empty()).collect();
    let mut found = Vec::new();
    let Some(&first) = words.first() else { return found };
    let has = |word: &str| words.contains(&word);
    let negated = has("not") || has("never") || lower.contains("n't");
    match first {
        "enters" | "executes" | "runs" | "executed" | "matches" if !negated => found.push(Natural::Runs),
        "skips" | "skipped" => found.push(Natural::Skips),
        "not" | "never" if has("executed") || has("reached") || has("run") || has("called") => {
            found.push(Natural::Skips);
        }
        _ => {}
    }
    if conditional_header && has("false") && !has("true") && (has("condition") || has("check")) {
        found.push(Natural::Skips);
    }
    if (lower.contains("same object") || lower.contains("same 0 object")) && targets.len() > 1 {
        found.push(Natural::SameObject(targets.to_vec()));
    }
    counts(&words, &mut found);
    if let Some(types) = type_words(&words) {
        found.push(Natural::TypeWord(types));
    }
    found
}

/// `5 elements`, `three items`, `called twice`
fn counts(words: &[&str], found: &mut Vec<Natural>) {
    for pair in words.windows(2) {
        let Some(number) = number_word(pair[0]) else { continue };
        match pair[1] {
            "elements" | "items" | "element" | "item" | "entries" | "values" | "variables" | "keys"
            | "chars" | "characters" | "rows" | "pairs" | "members" => found.push(Natural::Length(number)),
            "lines" => found.push(Natural::Lines(number)),
            "times" => found.push(Natural::Times(number)),
            _ => {}
        }
    }
    match words {
        [.., "called" | "runs" | "printed", "once"] => found.push(Natural::Times(1)),
        [.., "called" | "runs" | "printed", "twice"] => found.push(Natural::Times(2)),
        ["empty", ..] => found.push(Natural::Empty),
        _ => {}
    }
}

fn number_word(word: &str) -> Option<u64> {
    const NAMES: [&str; 13] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    if let Some(at) = NAMES.iter().position(|name| *name == word) {
        return Some(at as u64);
    }
    let (digits, scale) = match word.strip_suffix('m') {
        Some(digits) => (digits, 1_000_000),
        None => word.strip_suffix('k').map_or((word, 1), |digits| (digits, 1_000)),
    };
    digits.parse::<u64>().ok()?.checked_mul(scale)
}

/// `string object`, `integer type`, `is string`: the word before `object`, `type`, `value`.
fn type_words(words: &[&str]) -> Option<Vec<String>> {
    words.windows(2).find_map(|pair| {
        let noun = matches!(pair[1], "object" | "type" | "instance");
        let types = types_meant(pair[0]).filter(|_| noun)?;
        Some(types.iter().map(|name| name.to_string()).collect())
    })
}
