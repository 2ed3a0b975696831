//! Claims about what a type checker says: `mypy error: …`, `pyright warns: Expected str`.

use super::cut::{cuts, find_top};
use super::{Kind, Reading};

/// What a claim may begin with, and the checker that it names.
const NAMES: [(&str, Option<&str>); 9] = [
    ("mypy", Some("mypy")),
    ("pyright", Some("pyright")),
    ("pyre", Some("pyre")),
    ("ty", Some("ty")),
    ("type checkers", None),
    ("type checker", None),
    ("a type checker", None),
    ("the type checker", None),
    ("static type checker", None),
];

/// How verbs and nouns begin that say that something is reported.
const REPORTS: [&str; 7] = ["error", "warn", "complain", "reject", "fail", "catch", "flag"];

/// Words by which a claim says that it need not be so, or that something else is reported elsewhere. Where they stand it cannot be
/// told for sure what is meant.
const DOUBTS: [&str; 38] = [
    "if",
    "when",
    "unless",
    "may",
    "might",
    "could",
    "can",
    "or",
    "otherwise",
    "until",
    "not",
    "no",
    "never",
    "cannot",
    "won't",
    "doesn't",
    "don't",
    "wouldn't",
    "without",
    "only",
    "some",
    "sometimes",
    "instead",
    "free",
    "ignores",
    "accepts",
    "passes",
    "allows",
    "silences",
    "suppresses",
    "misses",
    "prevents",
    "avoids",
    "fixes",
    "runtime",
    "before",
    "but",
    "strict",
];

/// A sentence of more words than this may say anything.
const MOST_WORDS: usize = 8;

/// Reads a claim that begins with the name of a type checker and says that it reports something, or nothing.
pub fn checker(text: &str) -> Option<Reading> {
    let (name, rest) = named(text)?;
    let mut rest = rest.trim_start_matches([' ', ':']);
    if !reports(text) && !absent(text) {
        return None;
    }
    // `mypy (1.8): error: …`: the first of the parts before a colon that says that something is reported.
    let (said, message) = loop {
        let (said, message) = match find_top(rest, ": ") {
            Some(at) => (&rest[..at], Some(rest[at + 1..].trim())),
            None => (rest.trim_end_matches(':'), None),
        };
        match message {
            Some(more) if !reports(said) => rest = more,
            _ => break (said, message),
        }
    };
    let said = cuts(said).into_iter().rfind(|cut| reports(cut)).unwrap_or_else(|| said.to_owned());
    let absent = absent(&said);
    let doubtful = words(&said).any(|word| DOUBTS.contains(&word.as_str()));
    let firm = (absent || (reports(&said) && !doubtful)) && words(&said).count() <= MOST_WORDS;
    let messages = match (message.filter(|message| !message.is_empty()), code(&said)) {
        (Some(message), _) => messages(message),
        (None, Some(code)) => vec![code],
        (None, None) => Vec::new(),
    };
    Some(Reading { kind: Kind::Static { checker: name.map(str::to_owned), messages, absent }, firm })
}

/// The name at the beginning, and what follows it.
fn named(text: &str) -> Option<(Option<&'static str>, &str)> {
    NAMES.iter().find_map(|&(words, name)| {
        let head = text.get(..words.len())?;
        let rest = &text[words.len()..];
        let whole = !rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '='));
        (head.eq_ignore_ascii_case(words) && whole).then_some((name, rest))
    })
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '\'')).filter(|w| !w.is_empty()).map(str::to_lowercase)
}

fn reports(text: &str) -> bool {
    words(text).any(|word| says_report(&word))
}

fn says_report(word: &str) -> bool {
    REPORTS.iter().any(|known| word.starts_with(known))
}

/// `reports no error`, `does not complain`, `flags nothing`, `passes without warnings`
fn absent(said: &str) -> bool {
    let words: Vec<String> = words(said).collect();
    let negated = |pair: &[String]| {
        let no = ["no", "not", "never", "without", "0", "zero"].contains(&pair[0].as_str())
            || pair[0].ends_with("n't");
        no && says_report(&pair[1])
    };
    words.iter().any(|word| word == "nothing") || words.windows(2).any(negated)
}

/// `error [arg-type]`: the code in brackets.
fn code(said: &str) -> Option<String> {
    let (_, rest) = said.split_once('[')?;
    let (code, _) = rest.split_once(']')?;
    let plain = !code.is_empty() && code.chars().all(|c| c.is_alphanumeric() || c == '-');
    plain.then(|| format!("[{code}]"))
}

/// The texts that the message may be, the longest first: `error: ` before it, quotes around it and a remark behind it are none of
/// it. Checkers use commas and semicolons themselves, so what follows these is no remark.
fn messages(message: &str) -> Vec<String> {
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let quoted = message.strip_prefix('"').and_then(|m| m.strip_suffix('"')).filter(|m| !m.contains('"'));
    let message = quoted.unwrap_or(message);
    let remark =
        |rest: &str| rest.is_empty() || rest.starts_with(['(', '—', '–', '#', '.']) || rest.starts_with("- ");
    let mut found = cuts(message);
    found.retain(|cut| message.get(cut.len()..).is_some_and(|rest| remark(rest.trim_start())));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checker, first message, absent, firm.
    fn read(text: &str) -> Option<(Option<String>, Option<String>, bool, bool)> {
        let reading = checker(text)?;
        let Kind::Static { checker, messages, absent } = reading.kind else { return None };
        Some((checker, messages.first().cloned(), absent, reading.firm))
    }

    #[test]
    fn a_checker_that_reports_something_is_a_claim() {
        let cases = [
            ("mypy error", Some("mypy"), None),
            ("mypy error (no draw method)", Some("mypy"), None),
            ("Mypy complains, str is no int", Some("mypy"), None),
            ("mypy would report an error here", Some("mypy"), None),
            ("pyright warns: Expected str", Some("pyright"), Some("Expected str")),
            ("mypy: error: Argument 1: bad", Some("mypy"), Some("Argument 1: bad")),
            ("mypy (1.8): error: \"bad\"", Some("mypy"), Some("bad")),
            ("mypy error [arg-type]", Some("mypy"), Some("[arg-type]")),
            ("type checker rejects this", None, None),
            ("Type checkers complain", None, None),
            ("ty error", Some("ty"), None),
        ];
        for (text, name, message) in cases {
            let expected = (name.map(str::to_owned), message.map(str::to_owned), false, true);
            assert_eq!(read(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_checker_that_reports_nothing_is_a_claim_too() {
        for text in [
            "mypy reports no error",
            "mypy does not complain",
            "mypy doesn't flag this",
            "mypy: 0 errors",
            "mypy reports nothing",
        ] {
            assert_eq!(read(text), Some((Some("mypy".into()), None, true, true)), "{text}");
        }
    }

    #[test]
    fn what_holds_under_conditions_only_is_not_firm() {
        for text in [
            "mypy error if None is passed",
            "mypy may complain",
            "mypy catches what tests do not",
            "mypy accepts it, but it fails at runtime",
            "mypy error-free",
        ] {
            assert_eq!(read(text).map(|read| read.3), Some(false), "{text}");
        }
    }

    #[test]
    fn other_sentences_are_none() {
        for text in [
            "typical error",
            "mypy",
            "mypy infers int",
            "mypy reports success",
            "type error",
            "mypy_extensions error",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
