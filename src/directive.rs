//! What a document says to `verify`: directives in HTML comments and in the info strings of fences.
//!
//! `<!-- verify: skip reason="needs a display" -->` and ```` ```python {verify="skip"} ```` mean the same. A
//! word that is not known is an error; nothing is ignored silently.

use crate::name::nearest;

/// The words that can be used.
const KNOWN: [&str; 2] = ["skip", "reason"];

/// Words with a settled meaning that this version cannot act on yet: refused by name.
const PLANNED: [&str; 9] = [
    "skip-if",
    "timeout",
    "allow-network",
    "allow-write",
    "continue",
    "expect-error",
    "requires",
    "file",
    "hidden",
];

/// Everything that the directives before one block or heading ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directives {
    /// Why it is not to be run.
    pub skip: Option<String>,
}

impl Directives {
    /// Adds what `other` asks for; where both say something, `other` is nearer to the code and wins.
    pub fn add(&mut self, other: Directives) {
        if other.skip.is_some() {
            self.skip = other.skip;
        }
    }
}

/// Reads the words of a directive: `skip reason="…"`.
///
/// # Errors
///
/// One sentence that says which word or quote is wrong, with the nearest known word.
pub fn parse(text: &str) -> Result<Directives, String> {
    let words = words(text)?;
    let mut directives = Directives::default();
    if words.is_empty() {
        return Err(format!("`verify:` says nothing; known words: {}", KNOWN.map(quoted).join(", ")));
    }
    for (name, value) in words {
        match (name.as_str(), value) {
            ("skip", None) => {
                directives.skip.get_or_insert_with(|| "a directive says so".to_owned());
            }
            ("skip", Some(_)) => {
                return Err("`skip` takes no value; write `skip reason=\"…\"`".to_owned());
            }
            ("reason", Some(reason)) => match &mut directives.skip {
                Some(skip) => *skip = reason,
                None => return Err("`reason` has to follow `skip`".to_owned()),
            },
            ("reason", None) => return Err("`reason` needs a text: `reason=\"…\"`".to_owned()),
            (other, _) => return Err(unknown(other)),
        }
    }
    Ok(directives)
}

fn unknown(word: &str) -> String {
    if PLANNED.contains(&word) {
        return format!("the directive `{word}` is not supported by this version of verify");
    }
    match nearest(word, KNOWN.into_iter().chain(PLANNED)).first() {
        Some(near) => format!("unknown directive `{word}`; did you mean `{near}`?"),
        None => format!("unknown directive `{word}`; known words: {}", KNOWN.map(quoted).join(", ")),
    }
}

fn quoted(word: &str) -> String {
    format!("`{word}`")
}

/// Splits `skip reason="a b" x=1` into names and values. Either quote will do; there are no escapes.
fn words(text: &str) -> Result<Vec<(String, Option<String>)>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let (value, after) = match after.strip_prefix('=') {
            Some(after) => {
                let (value, after) =
                    value(after).ok_or_else(|| format!("the quote after `{name}=` is not closed"))?;
                (Some(value.to_owned()), after)
            }
            None => (None, after),
        };
        words.push((name.to_owned(), value));
        rest = after.trim_start();
    }
    Ok(words)
}

/// The value at the start of `text`, quoted or bare, and what follows it; None where its quote is not closed.
fn value(text: &str) -> Option<(&str, &str)> {
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => text[1..].split_once(quote),
        _ => {
            let end = text.find(|c: char| c.is_whitespace() || c == '}').unwrap_or(text.len());
            Some(text.split_at(end))
        }
    }
}

/// The directives in a piece of HTML: for each comment that begins with `verify:`, the byte offset of the
/// comment in `html` and the text after the colon.
pub fn in_html(html: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = html[from..].find("<!--").map(|at| from + at) {
        let inside = open + 4;
        let close = html[inside..].find("-->").map_or(html.len(), |at| inside + at);
        if let Some(text) = html[inside..close].trim().strip_prefix("verify:") {
            found.push((open, text.trim()));
        }
        from = close;
    }
    found
}

/// What the info string of a fence says.
#[derive(Debug, PartialEq, Eq)]
pub struct Info<'a> {
    /// Whether its language is Python: `python`, `py`, `python3`, `{.python}`, in any case.
    pub python: bool,
    /// The text of its `verify="…"` attribute; an unclosed quote runs to the end.
    pub directive: Option<&'a str>,
}

/// Reads the info string of a fence.
pub fn info(info: &str) -> Info<'_> {
    let info = info.trim();
    let language = match info.strip_prefix('{') {
        Some(attributes) => attributes
            .split(|c: char| c.is_whitespace() || c == '}')
            .find_map(|word| word.strip_prefix('.'))
            .unwrap_or_default(),
        None => info.split(|c: char| c.is_whitespace() || c == '{' || c == ',').next().unwrap_or_default(),
    };
    let python = ["python", "py", "python3"].iter().any(|name| language.eq_ignore_ascii_case(name));
    Info { python, directive: verify_attribute(info) }
}

fn verify_attribute(info: &str) -> Option<&str> {
    let name = "verify=";
    let at = info.match_indices(name).map(|(at, _)| at).find(|&at| {
        at == 0 || info[..at].ends_with(|c: char| c.is_whitespace() || matches!(c, '{' | ',' | '}'))
    })?;
    let after = &info[at + name.len()..];
    Some(value(after).map_or(after, |(value, _)| value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skip_keeps_its_reason() {
        assert_eq!(parse("skip reason=\"needs a display\"").unwrap().skip.unwrap(), "needs a display");
        assert_eq!(parse("skip reason='it’s'").unwrap().skip.unwrap(), "it’s");
        assert_eq!(parse("skip").unwrap().skip.unwrap(), "a directive says so");
    }

    #[test]
    fn an_unknown_word_names_the_nearest_known_one() {
        assert_eq!(parse("skpi").unwrap_err(), "unknown directive `skpi`; did you mean `skip`?");
        assert!(parse("zzz").unwrap_err().contains("known words: `skip`"));
        assert!(parse("timeout=60").unwrap_err().contains("not supported by this version"));
    }

    #[test]
    fn a_directive_that_is_written_wrongly_is_an_error() {
        for text in ["", "reason=\"x\"", "skip reason", "skip=1", "skip reason=\"x"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn comments_are_found_wherever_they_stand_in_html() {
        let html = "<b><!-- no --><!--verify:skip--> <!-- verify: skip\nreason='x' -->";
        let texts: Vec<_> = in_html(html).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["skip", "skip\nreason='x'"]);
        assert_eq!(in_html("<!-- verify: skip"), [(0, "skip")]);
        assert!(in_html("<!--").is_empty());
    }

    #[test]
    fn python_fences_are_told_by_their_language() {
        for text in
            ["python", "PY", "Python3", "{.python}", "{#a .Python .x}", "python title=\"x\"", "py{1,3}"]
        {
            assert!(info(text).python, "{text}");
        }
        for text in ["", "pycon", "text python", "{.rust .python}", "pythonic", "{python", "js"] {
            assert!(!info(text).python, "{text}");
        }
    }

    #[test]
    fn a_fence_may_carry_a_directive() {
        assert_eq!(info("python {verify=\"skip reason='a b'\"}").directive, Some("skip reason='a b'"));
        assert_eq!(info("{.python verify=skip}").directive, Some("skip"));
        assert_eq!(info("python title=\"noverify=x\"").directive, None);
        assert_eq!(info("python verify=\"skip").directive, Some("\"skip"));
    }
}
