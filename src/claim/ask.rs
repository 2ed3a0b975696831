//! Small questions that the grammar asks of a text.

use super::cut::cuts;
use super::phrase;
use crate::text::spelled_alike;
use crate::value;

/// Whether the commentary right after the literal makes a condition of it: `None, if the key is missing`.
pub fn taken_back(text: &str, cuts: &[String]) -> bool {
    let Some(literal) = cuts.iter().find(|cut| value::literal(cut).is_some()) else { return false };
    let rest = text.get(literal.len()..).unwrap_or_default();
    let word = rest.trim_start_matches(|c: char| !c.is_alphanumeric()).split(' ').next().unwrap_or_default();
    ["if", "when", "unless", "or", "otherwise", "until", "only"].contains(&word)
}

/// Text before the first separator of commentary.
pub fn first_cut(text: &str) -> String {
    cuts(text).into_iter().min_by_key(String::len).unwrap_or_default()
}

/// `≈ 3.14`, `~2.5`: a number and nothing else.
pub fn is_approximate(text: &str) -> bool {
    let body = text.strip_prefix('≈').or_else(|| text.strip_prefix('~'));
    body.and_then(|body| value::leading_number(body.trim_start())).is_some_and(|(_, rest)| rest.is_empty())
}

/// Whether a text may be a value with a slip in it: `[1, Trxe]`.
pub fn bracketed(text: &str) -> bool {
    text.starts_with(['[', '{', '(', '\'', '"', '-']) || text.starts_with(|c: char| c.is_ascii_digit())
}

/// `(no output)`, `prints nothing`, `nothing - iterator exhausted`
pub fn is_silence(text: &str) -> bool {
    let inner = text.trim().trim_start_matches('(').to_lowercase();
    let starts = |words: &str| {
        inner.strip_prefix(words).is_some_and(|rest| {
            let rest = rest.trim_start();
            rest.is_empty() || rest.starts_with([',', ')', '(', '-', '—', '–', ';', '.', ':'])
        })
    };
    starts("no output")
        || starts("nothing")
        || starts("nothing printed")
        || starts("prints nothing")
        || starts("nothing is printed")
        || starts("empty output")
        || starts("no output printed")
}

/// `isinstance(x, int) evaluates to True`; with `is` and `=` it is a binding.
pub fn says_what_comes_of_it(verb: &str) -> bool {
    matches!(verb.trim(), "evaluates to" | "returns" | "gives" | "yields" | "resolves to" | "produces")
}

/// The literal that a statement ends in, `True`, `False (values differ)`, and whether a condition follows it.
pub fn stated_value(right: &str) -> (Option<String>, bool) {
    for cut in cuts(right) {
        if value::literal(&cut).is_some() {
            return (Some(cut), false);
        }
    }
    // "True when n is 3"
    let mut words = right.splitn(2, ' ');
    let (first, rest) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let conditional =
        ["when", "if", "because", "since", "for", "as", "only"].iter().any(|word| rest.starts_with(word));
    // `returns Trve`
    if rest.is_empty() && ["True", "False", "None"].iter().any(|word| spelled_alike(first, word)) {
        return (Some(first.to_string()), false);
    }
    (value::literal(first).filter(|_| conditional).map(|_| first.to_string()), true)
}

/// `int 1`, `integer object 42`, `tuple (1, 2)`: the types, and the text after the words.
pub fn leading_types(text: &str) -> Option<(Vec<String>, &str)> {
    let (first, mut rest) = text.split_once(' ')?;
    let types = phrase::types_meant(first)?;
    for noun in ["object ", "value ", "literal ", "number "] {
        rest = rest.strip_prefix(noun).unwrap_or(rest);
    }
    Some((types.iter().map(|name| name.to_string()).collect(), rest))
}

/// `int`, `list of str`, `int/float`, `str | None`: the type names that a text spells out.
pub fn spelled_types(text: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for part in text.split(['/', '|']).flat_map(|part| part.split(" or ")) {
        let word = part.trim().trim_start_matches("a ").trim_start_matches("an ");
        let (head, rest) = word.split_once([' ', '[']).unwrap_or((word, ""));
        let qualified = rest.starts_with("of ") || word[head.len()..].starts_with('[') || rest.is_empty();
        let plain = !head.is_empty() && head.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
        if !plain || !qualified {
            return None;
        }
        let known = phrase::types_meant(head);
        let class_like =
            head.starts_with(|c: char| c.is_uppercase()) || head.contains('_') || head.contains('.');
        if known.is_none() && !class_like {
            return None;
        }
        names.extend(known.into_iter().flatten().map(|name| name.to_string()));
        names.push(head.rsplit('.').next().unwrap_or(head).to_string());
    }
    (!names.is_empty()).then_some(names)
}

/// `creates tuple (2, 1)`, `NEW string "Python"`: the literal in which a phrase ends, after at least one word.
pub fn trailing_literal(text: &str) -> Option<String> {
    let body = text.trim();
    // Before it there are words, and nothing else that is claimed or denied.
    let words_only = |head: &str| {
        let plain = head.chars().all(|c| c.is_alphabetic() || c.is_whitespace() || "-'()".contains(c));
        plain && head.trim().contains(|c: char| c.is_alphabetic()) && !phrase::conditional(head)
    };
    let starts = body.char_indices().filter(|&(at, c)| at > 0 && matches!(c, '"' | '\'' | '[' | '{' | '('));
    for (at, _) in starts.take(8) {
        if !body[..at].ends_with(' ') || !words_only(&body[..at]) {
            continue;
        }
        for cut in cuts(&body[at..]) {
            if value::literal(&cut).is_some_and(|v| !v.is_call()) && cut.len() > 2 {
                return Some(cut);
            }
        }
    }
    let last = body.rsplit(' ').next().filter(|last| last.len() < body.len())?;
    let head = &body[..body.len() - last.len()];
    value::literal(last).filter(|_| words_only(head)).map(|_| last.to_string())
}

pub fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
