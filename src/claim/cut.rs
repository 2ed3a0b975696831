//! Where commentary begins: `100 (calls __get__)`, `True - the same object`.

/// What may part the checkable text from commentary after it.
const SEPARATORS: [&str; 13] =
    [" (", " — ", " – ", " - ", " -- ", "; ", ", ", " # ", " → ", " // ", ". ", " because ", " since "];

/// More than this many are not tried.
const MOST: usize = 12;

/// The texts that `text` may mean, the longest first: the whole of it, then what stands before each separator.
pub fn cuts(text: &str) -> Vec<String> {
    let text = text.trim();
    let mut ends: Vec<usize> = SEPARATORS
        .iter()
        .flat_map(|separator| text.match_indices(separator).map(move |(at, _)| (at, *separator)))
        .filter(|&(at, separator)| parts(text, at, separator))
        .map(|(at, _)| at)
        .collect();
    // `100(one hundred)`: a parenthesis straight after a digit or a quote.
    ends.extend(text.match_indices('(').map(|(at, _)| at).filter(|&at| text[..at].ends_with(['"', '\''])));
    ends.sort_unstable_by(|a, b| b.cmp(a));
    ends.dedup();
    let mut found = vec![text.to_string()];
    for end in ends {
        let candidate = text[..end].trim_end();
        if !candidate.is_empty() && found.len() < MOST && found.last().is_none_or(|last| last != candidate) {
            found.push(candidate.to_string());
        }
    }
    // `13.` and `13!` end a sentence.
    if let Some(bare) = text.strip_suffix(['.', '!', ';', ','])
        && !bare.ends_with('.')
        && !bare.is_empty()
    {
        found.push(bare.to_string());
    }
    found
}

/// Whether a separator at `at` parts the claim from commentary, and is no operator in the midst of an expression.
fn parts(text: &str, at: usize, separator: &str) -> bool {
    let rest = &text[at + separator.len()..];
    match separator {
        " (" => is_remark(&text[at + 1..]),
        // `"42" → 42` is a chain: only its last link is claimed.
        " → " => !begins_with_value(rest),
        // `30 - 10 = 20`, `7 // 2`
        " - " | " // " => !(begins_with_value(rest) && ends_in_value(&text[..at])),
        // `'a', then 'b'`
        ", " if rest.strip_prefix("then ").is_some_and(begins_with_value) => false,
        // A list is not cut in two: `[1, 2], 3]`.
        _ => balanced(rest),
    }
}

fn begins_with_value(text: &str) -> bool {
    let word = text.split([' ', ',', ')']).next().unwrap_or_default();
    let first = word.chars().next().unwrap_or(' ');
    first.is_ascii_digit()
        || matches!(first, '"' | '\'' | '[' | '{')
        || (first == '-' && word.len() > 1)
        || matches!(word, "True" | "False" | "None")
        || (word.len() == 1 && first.is_ascii_alphabetic() && text.len() == 1)
}

fn ends_in_value(text: &str) -> bool {
    let last = text.rsplit(' ').next().unwrap_or_default();
    last.ends_with(|c: char| c.is_ascii_digit()) || (last.len() == 1 && last.chars().all(char::is_alphabetic))
}

/// Whether every bracket that a text closes was opened in it.
fn balanced(text: &str) -> bool {
    let mut depth = 0i32;
    text.chars().all(|c| {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        depth >= 0
    })
}

/// The last link of a chain `"42" → 42`, `30 - 10 = 20`: what is claimed. None where there is no chain.
pub fn last_link(text: &str) -> Option<&str> {
    let arrows = split_top(text, " → ");
    let links = if arrows.len() > 1 { arrows } else { split_top(text, " -> ") };
    let links = if links.len() > 1 { links } else { split_top(text, " = ") };
    let (last, before) = links.split_last()?;
    (!before.is_empty() && begins_with_value(last)).then_some(*last)
}

/// Whether the parenthesis that `text` begins with is a remark: nothing follows it but more commentary. In `"left" (4 chars) padded` the
/// sentence goes on.
fn is_remark(text: &str) -> bool {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            let rest = text[at + 1..].trim_start();
            return !rest.starts_with(|c: char| c.is_alphanumeric());
        }
    }
    true
}

/// Splits at `separator` where it stands outside quotes and brackets.
pub fn split_top<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, outside) in Outside::new(text) {
        if outside && at >= start && text[at..].starts_with(separator) {
            parts.push(text[start..at].trim());
            start = at + separator.len();
        }
    }
    parts.push(text[start..].trim());
    parts
}

/// The first place of `needle` outside quotes and brackets.
pub fn find_top(text: &str, needle: &str) -> Option<usize> {
    Outside::new(text).find(|&(at, outside)| outside && text[at..].starts_with(needle)).map(|(at, _)| at)
}

/// The characters of a text with whether they stand outside quotes and brackets. An apostrophe within a word opens nothing.
struct Outside<'a> {
    text: &'a str,
    chars: std::str::CharIndices<'a>,
    quote: Option<char>,
    depth: usize,
    previous: char,
}

impl<'a> Outside<'a> {
    fn new(text: &'a str) -> Outside<'a> {
        Outside { text, chars: text.char_indices(), quote: None, depth: 0, previous: ' ' }
    }
}

impl Iterator for Outside<'_> {
    type Item = (usize, bool);

    fn next(&mut self) -> Option<(usize, bool)> {
        let (at, c) = self.chars.next()?;
        let outside = self.quote.is_none() && self.depth == 0;
        match self.quote {
            Some(quote) if c == quote && self.previous != '\\' => self.quote = None,
            Some(_) => {}
            None => match c {
                '\'' if self.previous.is_alphanumeric() => {}
                '"' | '\'' if self.text[at + 1..].contains(c) => self.quote = Some(c),
                '(' | '[' | '{' => self.depth += 1,
                ')' | ']' | '}' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            },
        }
        self.previous = c;
        Some((at, outside))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_comes_first() {
        assert_eq!(cuts("100 (calls __get__)"), ["100 (calls __get__)", "100"]);
        assert_eq!(cuts("True - same, really"), ["True - same, really", "True - same", "True"]);
        assert_eq!(cuts("done."), ["done.", "done"]);
        assert_eq!(cuts("\"left\" (4 chars) padded"), ["\"left\" (4 chars) padded"]);
        assert_eq!(cuts("wait..."), ["wait..."]);
        assert_eq!(cuts("7 // 2"), ["7 // 2"]);
        assert_eq!(cuts("'a', then 'b'"), ["'a', then 'b'"]);
        assert_eq!(cuts("3 - the count"), ["3 - the count", "3"]);
        assert_eq!(cuts("[1, 2], 2]"), ["[1, 2], 2]"]);
    }

    #[test]
    fn a_chain_claims_its_last_link() {
        assert_eq!(last_link("\"42\" → 42"), Some("42"));
        assert_eq!(last_link("30 - 10 = 20"), Some("20"));
        assert_eq!(last_link("100 → stored"), None);
        assert_eq!(last_link("42"), None);
    }

    #[test]
    fn quotes_and_brackets_hold_together() {
        assert_eq!(split_top("a is \"x, y\", b is [1, 2]", ", "), ["a is \"x, y\"", "b is [1, 2]"]);
        assert_eq!(split_top("it doesn't, so what's", ", "), ["it doesn't", "so what's"]);
        assert_eq!(find_top("f(a is b) is c", " is "), Some(9));
    }
}
