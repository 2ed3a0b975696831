//! Near misses: was this text meant to be that output?
//!
//! Both are cut into tokens (numbers, quoted parts, words, signs) and aligned. Equal tokens count 1; two that are
//! plainly versions of each other count less: words that differ in spelling 0.8, numbers and quoted parts with
//! other contents 0.6. The score is twice the sum over the number of tokens of both; a sign weighs a quarter of a word.
//!
//! Measured on the hand-labelled claims of the two documents that came with the design, each claim against every line that
//! its example printed (at most 60), which is harder than against its own statement's: of 171 claims that are prose
//! none reaches [`SURE`], one reaches [`LIKELY`] (0.73, a phrase beside another statement's heading), the next is at 0.50.
//! Of 95 outputs with one letter, digit or word altered 60 reach `SURE` and 4 more `LIKELY`; the other 31 are numbers,
//! constants, elisions and rows of a loop, which their form condemns.

/// From here on a text was plainly meant to be the output.
pub const SURE: f64 = 0.75;

/// From here on it may have been.
pub const LIKELY: f64 = 0.62;

/// Longer texts are compared by their first tokens only.
const MOST_TOKENS: usize = 80;

use crate::text::spelled_alike;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Number,
    Quoted,
    Word,
    Sign,
}

#[derive(Debug, Clone, Copy)]
struct Token<'a> {
    sort: Sort,
    text: &'a str,
}

/// How near `claimed` is to `observed`, from 0 to 1. A claim that ends in `...` is held against as much as it quotes.
pub fn nearness(claimed: &str, observed: &str) -> f64 {
    let quoted = claimed.strip_suffix("...").or_else(|| claimed.strip_suffix('…'));
    if let Some(quoted) = quoted.filter(|quoted| !quoted.is_empty()) {
        let beginning: String = observed.chars().take(quoted.chars().count()).collect();
        return nearness(claimed.trim_end_matches(['.', '…']), &beginning).max(alignment(claimed, observed));
    }
    alignment(claimed, observed)
}

fn alignment(claimed: &str, observed: &str) -> f64 {
    let (left, right) = (tokens(claimed), tokens(observed));
    if left.is_empty() || right.is_empty() {
        return 0.0;
    }
    let mut row = vec![0.0f64; right.len() + 1];
    for a in &left {
        let mut diagonal = 0.0;
        for (at, b) in right.iter().enumerate() {
            let best = (diagonal + likeness(a, b)).max(row[at + 1]).max(row[at]);
            diagonal = row[at + 1];
            row[at + 1] = best;
        }
    }
    // A sign alone says little: its weight is a quarter of a word's.
    let weight = |tokens: &[Token]| tokens.iter().map(own_weight).sum::<f64>();
    let total = weight(&left) + weight(&right);
    if total == 0.0 { 0.0 } else { 2.0 * row[right.len()] / total }
}

/// Whether one of the two holds all words and numbers of the other, as they are and in their order: then nothing of it was
/// written differently, only more or less was said, and that is no slip.
pub fn holds_other(claimed: &str, observed: &str) -> bool {
    let told = |text| tokens(text).into_iter().filter(|token| token.sort != Sort::Sign).collect::<Vec<_>>();
    let (left, right) = (told(claimed), told(observed));
    let mut row = vec![0usize; right.len() + 1];
    for a in &left {
        let mut diagonal = 0;
        for (at, b) in right.iter().enumerate() {
            let equal = a.text.eq_ignore_ascii_case(b.text);
            let best = if equal { diagonal + 1 } else { row[at + 1].max(row[at]) };
            diagonal = row[at + 1];
            row[at + 1] = best;
        }
    }
    let common = row[right.len()];
    left.len() != right.len() && common > 0 && common == left.len().min(right.len())
}

fn own_weight(token: &Token) -> f64 {
    if token.sort == Sort::Sign { 0.25 } else { 1.0 }
}

fn likeness(a: &Token, b: &Token) -> f64 {
    if a.text == b.text {
        return own_weight(a);
    }
    match (a.sort, b.sort) {
        (Sort::Number, Sort::Number) => 0.6,
        (Sort::Quoted, Sort::Quoted) => 0.6,
        (Sort::Word, Sort::Word) if spelled_alike(a.text, b.text) => 0.8,
        _ => 0.0,
    }
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if found.len() == MOST_TOKENS {
            break;
        }
        let (sort, length) = token(first, rest);
        found.push(Token { sort, text: &rest[..length] });
        rest = rest[length..].trim_start();
    }
    found
}

fn token(first: char, rest: &str) -> (Sort, usize) {
    if first.is_ascii_digit() {
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_')).unwrap_or(rest.len());
        return (Sort::Number, rest[..end].trim_end_matches('.').len());
    }
    if matches!(first, '"' | '\'')
        && let Some(end) = rest[1..].find(first)
    {
        return (Sort::Quoted, end + 2);
    }
    if first.is_alphanumeric() || first == '_' {
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '\'' | '-')))
            .unwrap_or(rest.len());
        return (Sort::Word, end);
    }
    (Sort::Sign, first.len_utf8())
}

/// Whether a text describes its subject rather than quoting it: words of English, nothing quoted, no digits, no brackets.
pub fn is_description(text: &str) -> bool {
    let words = text.split_whitespace().count();
    let wordy = text.chars().filter(|c| c.is_alphabetic() || c.is_whitespace()).count() * 10
        >= text.chars().count() * 8;
    words >= 2 && wordy && !text.contains(['"', '\'', '[', '{', '<', '=', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_prose_is_not() {
        for (claimed, printed) in [
            ("server-2: 2 requests", "server-2: 3 requests"),
            ("Connecting to databse...", "Connecting to database..."),
            ("Crexted Strong", "Created Strong"),
            ("inxer", "inner"),
            ("Function: ard", "Function: add"),
            ("{'pdf': PDFPlugxn}", "{'pdf': PDFPlugin}"),
            ("teh end", "the end"),
        ] {
            assert!(nearness(claimed, printed) >= SURE, "{claimed}: {}", nearness(claimed, printed));
        }
        for (claimed, printed) in [
            ("Normal operation", "Performing operation"),
            ("Email and log notifications", "Email: User registered"),
            ("Continues on same line", "continues"),
            ("Both conditions True", "Both positive"),
            ("Prints final grade value", "Grade: B"),
            ("sort", "sorted"),
            ("Start thread", "Started worker"),
        ] {
            assert!(nearness(claimed, printed) < LIKELY, "{claimed}: {}", nearness(claimed, printed));
        }
    }

    #[test]
    fn descriptions_are_words() {
        assert!(is_description("List of all module attributes"));
        assert!(!is_description("[1, 2]"));
        assert!(!is_description("done"));
        assert!(!is_description("x = 4 now"));
    }
}
