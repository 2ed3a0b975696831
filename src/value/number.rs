//! Numbers written with less precision than they have.

/// Whether a careful reader takes the number `claimed` for `observed`: the same number, or a decimal fraction written with
/// fewer digits that `observed` rounds to. Never an integer for a fraction, never more digits.
pub fn same_number(claimed: &str, observed: &str, open: bool) -> bool {
    if claimed == observed {
        return true;
    }
    let (claimed, observed) = (claimed.replace('_', ""), observed.replace('_', ""));
    if open {
        return observed.starts_with(&claimed) && observed.len() > claimed.len();
    }
    if claimed == observed {
        return true;
    }
    if !plain_decimal(&claimed) {
        return scientific(&claimed)
            && scientific(&observed)
            && claimed.parse::<f64>() == observed.parse::<f64>();
    }
    // Arrays print `1.` for 1.0.
    if observed.ends_with('.') && claimed.strip_suffix('0') == Some(observed.as_str()) {
        return true;
    }
    let Some((_, digits)) = claimed.split_once('.') else { return false };
    let Some(value) = observed.parse::<f64>().ok().filter(|_| is_fraction(&observed)) else { return false };
    let own = observed
        .split_once('.')
        .map_or(usize::MAX, |(_, own)| if own.contains(['e', 'E']) { usize::MAX } else { own.len() });
    digits.len() < own && rounds_to(value, &claimed, digits.len(), &observed)
}

/// The same whole number in another base: `0xff` for 255.
pub fn same_integer(claimed: &str, observed: &str) -> bool {
    let radix = match claimed.get(..2) {
        Some("0x") => 16,
        Some("0b") => 2,
        Some("0o") => 8,
        _ => return false,
    };
    let value = u128::from_str_radix(&claimed[2..].replace('_', ""), radix);
    value.is_ok_and(|value| observed.parse::<u128>() == Ok(value))
}

/// Rounded half to even as Python's `round` does on the binary value, or half up on the digits as people do.
fn rounds_to(value: f64, claimed: &str, digits: usize, observed: &str) -> bool {
    format!("{value:.digits$}") == claimed || half_up(observed, digits).as_deref() == Some(claimed)
}

fn half_up(observed: &str, digits: usize) -> Option<String> {
    let (whole, fraction) = observed.split_once('.')?;
    if fraction.len() <= digits
        || !plain_decimal(observed)
        || !fraction[digits..].starts_with(['5', '6', '7', '8', '9'])
    {
        return None;
    }
    let negative = whole.starts_with('-');
    let scaled: i128 = format!("{}{}", whole.trim_start_matches('-'), &fraction[..digits]).parse().ok()?;
    let text = format!("{:0width$}", scaled.checked_add(1)?, width = digits + 1);
    let (whole, fraction) = text.split_at(text.len() - digits);
    Some(format!("{}{whole}.{fraction}", if negative { "-" } else { "" }))
}

fn plain_decimal(text: &str) -> bool {
    let body = text.strip_prefix('-').unwrap_or(text);
    !body.is_empty() && body.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

fn is_fraction(text: &str) -> bool {
    text.contains(['.', 'e', 'E']) && !text.contains(['x', 'j'])
}

fn scientific(text: &str) -> bool {
    text.contains(['e', 'E']) && !text.starts_with("0x")
}

/// Whether `observed` is about `claimed`, with the precision of the digits given: `3.14` for 3.13 does not hold,
/// for 3.1416 it does; the zeros at the end of a whole number do not count as given.
pub fn approximately(claimed: &str, observed: &str) -> bool {
    let (claimed, observed) = (claimed.replace(['_', ','], ""), observed.replace(['_', ','], ""));
    let (Ok(near), Ok(value)) = (claimed.parse::<f64>(), observed.parse::<f64>()) else { return false };
    let unit = match claimed.split_once('.') {
        Some((_, digits)) => 10f64.powi(-(digits.len() as i32)),
        None => {
            let zeros = claimed.len() - claimed.trim_end_matches('0').len();
            10f64.powi(zeros.min(claimed.len().saturating_sub(1)) as i32)
        }
    };
    (value - near).abs() <= unit / 2.0 * (1.0 + 1e-9)
}

/// `1,234,567` as `1234567`; None where the commas do not stand in threes.
pub fn thousands(text: &str) -> Option<String> {
    let (sign, body) = match text.strip_prefix('-') {
        Some(body) => ("-", body),
        None => ("", text),
    };
    let (whole, fraction) = body.split_once('.').map_or((body, None), |(whole, f)| (whole, Some(f)));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let grouped = !rest.is_empty() && rest.iter().all(|group| group.len() == 3 && digits(group));
    if !grouped || first.is_empty() || first.len() > 3 || !digits(first) || !fraction.is_none_or(digits) {
        return None;
    }
    let fraction = fraction.map(|f| format!(".{f}")).unwrap_or_default();
    Some(format!("{sign}{first}{}{fraction}", rest.concat()))
}

/// The number that a text begins with, and what follows it: `~48 bytes` without its `~` gives `48` and ` bytes`.
pub fn leading_number(text: &str) -> Option<(&str, &str)> {
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let sign = at == 0 && (c == '-' || c == '+');
        let inner = (c == '.' || c == ',' || c == '_')
            && text[at + 1..].starts_with(|next: char| next.is_ascii_digit());
        if !(c.is_ascii_digit() || sign || inner) {
            break;
        }
        end = at + c.len_utf8();
    }
    let (number, rest) = text.split_at(end);
    number.contains(|c: char| c.is_ascii_digit()).then_some((number, rest))
}
