//! Comparing texts that are no values.

use super::number::same_number;

/// What no reader looks at: addresses, `__main__.`, runs of blanks, blanks at the ends and after commas.
pub fn normalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim();
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("__main__.") {
            rest = after;
            continue;
        }
        if let Some(after) = rest.strip_prefix(" at 0x") {
            rest = after.trim_start_matches(|c: char| c.is_ascii_hexdigit());
            continue;
        }
        rest = &rest[c.len_utf8()..];
        if c.is_whitespace() {
            if !out.ends_with([' ', ',']) {
                out.push(' ');
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether `claimed` is `observed` to a reader's eye, both as plain text.
pub fn same_text(claimed: &str, observed: &str) -> bool {
    let (claimed, observed) = (claimed.trim(), observed.trim());
    if claimed == observed {
        return true;
    }
    let (short, long) = (normalize(claimed), normalize(observed));
    if short == long {
        return true;
    }
    let straight = |text: &str| text.replace('"', "'");
    if straight(&short) == straight(&long) {
        return true;
    }
    if claimed.contains('\\') {
        let spoken = claimed.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\");
        if normalize(&spoken) == long {
            return true;
        }
    }
    wildcard(&short, &long) || same_but_for_digits(&short, &long)
}

/// Whether `pattern`, whose `...` or `…` stand for anything left out, matches all of `text`. It must have some text of its own.
pub fn wildcard(pattern: &str, text: &str) -> bool {
    let pattern = pattern.replace('…', "...");
    let pieces: Vec<&str> = pattern.split("...").map(str::trim).collect();
    let own: usize = pieces.iter().flat_map(|piece| piece.chars()).filter(|c| c.is_alphanumeric()).count();
    if pieces.len() < 2 || own == 0 {
        return false;
    }
    let (first, last) = (pieces[0], pieces[pieces.len() - 1]);
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    for piece in &pieces[1..pieces.len() - 1] {
        let piece = piece.trim_matches([' ', ',']);
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last.trim_start_matches([' ', ',']))
}

/// The same text but for fractions written with fewer digits.
fn same_but_for_digits(claimed: &str, observed: &str) -> bool {
    let (left, right) = (pieces(claimed), pieces(observed));
    left.len() == right.len()
        && left.iter().any(|piece| piece.contains('.'))
        && left.iter().zip(&right).all(|(a, b)| a == b || (is_numeric(a) && same_number(a, b, false)))
}

fn is_numeric(piece: &str) -> bool {
    piece.starts_with(|c: char| c.is_ascii_digit())
}

/// Cuts a text into numbers and what stands between them.
fn pieces(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let number = rest.starts_with(|c: char| c.is_ascii_digit());
        let end = if number {
            let mut end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let fraction = rest[end..]
                .strip_prefix('.')
                .map(|f| f.len() - f.trim_start_matches(|c: char| c.is_ascii_digit()).len());
            if let Some(length) = fraction.filter(|&length| length > 0) {
                end += 1 + length;
            }
            end
        } else {
            rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len())
        };
        out.push(&rest[..end]);
        rest = &rest[end..];
    }
    out
}
