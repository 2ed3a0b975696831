//! Any literal value, `repr`ed as a claim beside its own expression, is verified; any single change to it is a mismatch.

use super::tests::verdict_of_claim;
use crate::outcome::Verdict;
use proptest::prelude::*;

/// The `repr` of a Python value, with its type's name.
fn literal() -> impl Strategy<Value = (String, &'static str)> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(|n| (n.to_string(), "int")),
        (any::<i32>(), 0u32..1_000_000).prop_map(|(a, b)| (float(a, b), "float")),
        "[a-zA-Z0-9 ,.!_-]{0,12}".prop_map(|text| (format!("'{text}'"), "str")),
        "[a-z0-9]{1,8}".prop_map(|text| (format!("b'{text}'"), "bytes")),
        prop_oneof![Just("True"), Just("False")].prop_map(|text| (text.to_string(), "bool")),
        Just(("None".to_string(), "NoneType")),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| (format!("[{}]", texts(&items)), "list")),
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| (tuple(&items), "tuple")),
            prop::collection::vec(("[a-z]{1,6}", inner), 1..4).prop_map(|pairs| (dict(&pairs), "dict")),
        ]
    })
}

fn float(whole: i32, fraction: u32) -> String {
    let digits = format!("{fraction:06}");
    let trimmed = digits.trim_end_matches('0');
    format!("{whole}.{}", if trimmed.is_empty() { "0" } else { trimmed })
}

fn texts(items: &[(String, &str)]) -> String {
    items.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(", ")
}

fn tuple(items: &[(String, &str)]) -> String {
    if items.len() == 1 { format!("({},)", texts(items)) } else { format!("({})", texts(items)) }
}

/// Keys get a number each, so that no two are the same.
fn dict(pairs: &[(String, (String, &str))]) -> String {
    let entries = pairs.iter().enumerate().map(|(at, (key, (value, _)))| format!("'{key}{at}': {value}"));
    format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
}

/// Changes the `at`th digit, letter, sign or bracket.
fn changed(text: &str, at: usize) -> Option<String> {
    let candidates: Vec<(usize, char)> =
        text.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric() || "-[](){}".contains(*c)).collect();
    let &(place, c) = candidates.get(at % candidates.len().max(1))?;
    let new = match c {
        // A leading zero would be no Python.
        '0'..='8' => char::from(c as u8 + 1),
        '9' => '1',
        'a'..='y' | 'A'..='Y' => char::from(c as u8 + 1),
        'z' => 'q',
        'Z' => 'Q',
        '-' => return Some(format!("{}{}", &text[..place], &text[place + 1..])),
        '[' => '(',
        ']' => ')',
        '(' => '[',
        ')' => ']',
        '{' => '[',
        _ => ']',
    };
    Some(format!("{}{new}{}", &text[..place], &text[place + 1..]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn a_literal_beside_its_own_expression_is_verified((text, type_name) in literal()) {
        prop_assert_eq!(verdict_of_claim(&text, &text, type_name), Verdict::Verified);
    }

    #[test]
    fn a_literal_with_one_change_is_a_mismatch((text, type_name) in literal(), at in any::<prop::sample::Index>()) {
        let count = text.chars().filter(|c| c.is_ascii_alphanumeric() || "-[](){}".contains(*c)).count();
        prop_assume!(count > 0);
        let Some(wrong) = changed(&text, at.index(count)) else { return Ok(()) };
        prop_assume!(wrong != text);
        prop_assert_eq!(verdict_of_claim(&wrong, &text, type_name), Verdict::Mismatch, "{} for {}", wrong, text);
    }
}
