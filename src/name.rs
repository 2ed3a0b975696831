//! Names: the ids and slugs of sections, and the nearest known word to a mistyped one.

use std::collections::HashSet;

/// What a heading says about its section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadingName {
    /// `57` of `Example 57: Descriptor Protocol`, leading zeros left out.
    pub number: Option<String>,
    /// The heading without its number.
    pub title: String,
    /// The title in lower case, words joined by `-`; empty where it has no letter and no digit.
    pub slug: String,
}

/// Reads a heading's text: `Example N: Title`, `Example N - Title`, `N. Title`, `N) Title`, or just a title.
pub fn of_heading(text: &str) -> HeadingName {
    let text = text.trim();
    let (number, title) = match numbered(text) {
        Some((number, title)) => (Some(number), title),
        None => (None, text),
    };
    HeadingName { number, title: title.to_owned(), slug: slug(title) }
}

/// The number and the rest of a numbered heading.
fn numbered(text: &str) -> Option<(String, &str)> {
    let word = "example";
    let after_word = match text.get(..word.len()) {
        Some(start) if start.eq_ignore_ascii_case(word) => text.get(word.len()..),
        _ => None,
    };
    let digits_on = match after_word {
        Some(rest) if rest.starts_with(char::is_whitespace) => rest.trim_start(),
        Some(_) => return None,
        None => text,
    };
    let end = digits_on.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits_on.len());
    let (digits, rest) = digits_on.split_at(end);
    let number = digits.parse::<u64>().ok()?.to_string();
    let glued = rest.trim_start();
    let mut chars = glued.chars();
    let title = match chars.next() {
        None if after_word.is_some() => text,
        Some(':') if after_word.is_some() => chars.as_str(),
        Some('-' | '–' | '—') if after_word.is_some() => spaced(chars.as_str())?,
        Some('.' | ')') if glued.len() == rest.len() => spaced(chars.as_str())?,
        _ => return None,
    };
    match title.trim() {
        "" if after_word.is_some() => Some((number, text.trim_end_matches([':', '-', ' ']))),
        "" => None,
        title => Some((number, title)),
    }
}

/// The rest of a heading after its separator, if a blank or nothing follows: `55-60` is no number and title.
fn spaced(rest: &str) -> Option<&str> {
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some(rest)
}

/// `Descriptor Protocol` → `descriptor-protocol`. Letters and digits of any script and `_` stay, apostrophes
/// go, everything else becomes one `-` between words.
pub fn slug(title: &str) -> String {
    let mut slug = String::new();
    let mut gap = false;
    for c in title.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() || c == '_' {
            if gap && !slug.is_empty() {
                slug.push('-');
            }
            gap = false;
            slug.push(c);
        } else if !matches!(c, '\'' | '’') {
            gap = true;
        }
    }
    slug
}

/// Makes ids unique: the second `57` becomes `57-2`.
#[derive(Debug, Default)]
pub struct Unique {
    taken: HashSet<String>,
}

impl Unique {
    /// `id`, or the first of `id-2`, `id-3` … that is still free.
    pub fn take(&mut self, id: String) -> String {
        let mut candidate = id.clone();
        let mut count = 1;
        while !self.taken.insert(candidate.clone()) {
            count += 1;
            candidate = format!("{id}-{count}");
        }
        candidate
    }
}

/// Up to three of `known` that `word` may have been meant for, the nearest first.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let lower = word.to_lowercase();
    let mut scored: Vec<(f64, &str)> = Vec::new();
    for candidate in known {
        let other = candidate.to_lowercase();
        let mut score = strsim::normalized_damerau_levenshtein(&lower, &other);
        if lower.len() >= 3 && other.contains(&lower) {
            score = score.max(0.7);
        }
        if score >= 0.5 && !scored.iter().any(|&(_, seen)| seen == candidate) {
            scored.push((score, candidate));
        }
    }
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<String>, String, String) {
        let name = of_heading(text);
        (name.number, name.title, name.slug)
    }

    fn named(number: &str, title: &str, slug: &str) -> (Option<String>, String, String) {
        ((!number.is_empty()).then(|| number.into()), title.into(), slug.into())
    }

    #[test]
    fn a_numbered_heading_gives_number_title_and_slug() {
        assert_eq!(
            read("Example 57: Descriptor Protocol"),
            named("57", "Descriptor Protocol", "descriptor-protocol")
        );
        assert_eq!(read("example 07 - Sets"), named("7", "Sets", "sets"));
        assert_eq!(read("Example 7 — Sets"), named("7", "Sets", "sets"));
        assert_eq!(read("12. Lists"), named("12", "Lists", "lists"));
        assert_eq!(read("12) Lists"), named("12", "Lists", "lists"));
        assert_eq!(read("Example 3"), named("3", "Example 3", "example-3"));
        assert_eq!(read("Example 3:"), named("3", "Example 3", "example-3"));
    }

    #[test]
    fn what_only_looks_like_a_number_stays_in_the_title() {
        for text in ["Example 55-60: overview", "Examples 5: x", "3.5 Things", "2024", "1.", "Example: x"] {
            assert_eq!(read(text).0, None, "{text}");
        }
        assert_eq!(read("99999999999999999999999. x").0, None);
    }

    #[test]
    fn slugs_keep_letters_of_any_script() {
        assert_eq!(slug("init_subclass (Simpler Alternative)"), "init_subclass-simpler-alternative");
        assert_eq!(slug("Don't — Größe & 名前!"), "dont-größe-名前");
        assert_eq!(slug("***"), "");
    }

    #[test]
    fn a_second_section_of_the_same_id_gets_a_number() {
        let mut ids = Unique::default();
        assert_eq!(["a", "a", "a-2", "a"].map(|id| ids.take(id.into())), ["a", "a-2", "a-2-2", "a-3"]);
    }

    #[test]
    fn the_nearest_word_comes_first() {
        assert_eq!(nearest("skp", ["skip", "timeout"]), ["skip"]);
        assert_eq!(nearest("async", ["async-context-managers", "sets"]), ["async-context-managers"]);
        assert!(nearest("zzz", ["skip"]).is_empty());
    }
}
