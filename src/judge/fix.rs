//! The text that would make a claim true, in its author's form.

use crate::claim::{Claim, Kind};
use crate::outcome::Fix;

/// Puts `observed` where `claimed` stands in the claim; None where that is not sure to be what the author would write.
pub fn fix(claim: &Claim, kind: &Kind, claimed: &str, observed: &str, safe: bool) -> Option<Fix> {
    let writable = matches!(
        kind,
        Kind::Output { .. }
            | Kind::Value { .. }
            | Kind::Binding { .. }
            | Kind::Predicate { .. }
            | Kind::Raises { .. }
    );
    if observed == super::reading::NO_EXCEPTION {
        return None;
    }
    let fits = !observed.is_empty() && observed.len() <= 200 && !observed.contains(['\n', '\r']);
    if !writable || !fits || claimed.is_empty() {
        return None;
    }
    // What is claimed stands last in its form: `x is 4`, `x + 1 is 4`.
    let at = claim.text.rfind(claimed)?;
    let start = claim.range.start + at;
    let text = requote(claimed, observed);
    Some(Fix { range: start..start + claimed.len(), text, safe })
}

/// Keeps the author's form: `"a"` stays in double quotes, `3.34` keeps its two digits.
fn requote(claimed: &str, observed: &str) -> String {
    if let Some((_, digits)) = claimed.split_once('.')
        && let (Ok(_), Ok(value)) = (claimed.parse::<f64>(), observed.parse::<f64>())
        && observed.split_once('.').is_some_and(|(_, own)| own.len() > digits.len() && !own.contains('e'))
    {
        return format!("{value:.digits$}", digits = digits.len());
    }
    let simple = observed.len() >= 2
        && observed.starts_with('\'')
        && observed.ends_with('\'')
        && !observed[1..observed.len() - 1].contains(['\'', '"', '\\']);
    if claimed.starts_with('"') && simple {
        return format!("\"{}\"", &observed[1..observed.len() - 1]);
    }
    observed.to_string()
}
