use super::*;
use crate::observation::Rendered;

fn value(repr: &str, type_name: &str) -> Rendered {
    let text = (type_name == "str").then(|| match parse(repr) {
        Some(Value::Text { content, .. }) => content,
        _ => repr.to_string(),
    });
    Rendered { repr: repr.into(), text, type_name: type_name.into(), ..Rendered::default() }
}

/// Each row: claimed, observed, whether they are the same when `observed` was printed.
#[test]
fn printed_text_is_compared_as_a_reader_does() {
    let rows = [
        ("13", "13", true),
        ("13", "130", false),
        ("'inner'", "inner", true),
        ("True", "1", false),
        ("[1, 2]", "[1, 2, 3]", false),
        ("[1, 2, ...]", "[1, 2, 3]", true),
        ("[1, ..., 9]", "[1, 5, 9]", true),
        ("[1, ..., 9]", "[1, 5, 8]", false),
        ("[1,2]", "[1, 2]", true),
        ("{..., 'history': 80}", "{'math': 92, 'history': 80}", true),
        ("{..., 'history': 81}", "{'math': 92, 'history': 80}", false),
        ("{'a': 1, 'b': ...}", "{'a': 1, 'b': 'x'}", true),
        ("{'b': 2, 'a': 1}", "{'a': 1, 'b': 2}", true),
        ("{1, 2}", "{2, 1}", true),
        ("{1, 2}", "{2, 3}", false),
        ("{'pdf': PDF}", "{'pdf': <class '__main__.PDF'>}", true),
        ("{'pdf': PDX}", "{'pdf': <class '__main__.PDF'>}", false),
        ("<Large object>", "<__main__.Large object at 0x7f001122>", true),
        ("<Larg object>", "<__main__.Large object at 0x7f001122>", false),
        ("(Bird, object)", "(<class '__main__.Bird'>, <class 'object'>)", true),
        ("3.3333...", "3.3333333333333335", true),
        ("3.34...", "3.3333333333333335", false),
        ("3.33", "3.3333333333333335", true),
        ("3.34", "3.3333333333333335", false),
        ("3.30", "3.3", false),
        ("3", "3.3", false),
        ("2.68", "2.675", true),
        ("1,234,567", "1234567", true),
        ("invalid literal...", "invalid literal for int()", true),
        ("Waiting...", "Waiting...", true),
        ("Waitin...", "Writing", false),
        ("...", "anything", false),
        ("a\\nb", "a\nb", true),
        ("He said \"x\"", "He said 'x'", true),
        ("Area: 78.54", "Area: 78.53975", true),
        ("Area: 78.55", "Area: 78.53975", false),
        ("(0,0)", "(0, 0)", true),
        ("[1 2 3]", "[1 2 3]", true),
        ("[1, 2, 3]", "[1 2 3]", true),
        ("(name: str) -> str", "(name: str) -> str", true),
        ("(3+4j)", "(3+4j)", true),
        ("(3+5j)", "(3+4j)", false),
        ("", "x", false),
    ];
    for (claimed, printed, same) in rows {
        assert_eq!(same_printed(claimed, printed), same, "{claimed:?} against {printed:?}");
    }
}

#[test]
fn values_are_compared_with_their_types() {
    let rows = [
        ("42", "42", "int", true),
        ("42", "'42'", "str", false),
        ("'42'", "42", "int", false),
        ("True", "1", "int", false),
        ("1", "True", "bool", false),
        ("1.0", "1", "int", false),
        ("1", "1.0", "float", false),
        ("\"Alice\"", "'Alice'", "str", true),
        ("Alice", "'Alice'", "str", true),
        ("\"Line one\\nLine two\"", "'Line one\\nLine two'", "str", true),
        ("1, 2", "(1, 2)", "tuple", true),
        ("(42,)", "(42,)", "tuple", true),
        ("42", "(42,)", "tuple", false),
        ("[1, 2]", "array([1, 2])", "ndarray", true),
        ("3.5", "np.float64(3.5)", "float64", true),
        ("int", "<class 'int'>", "type", true),
        ("Color.RED", "<Color.RED: 1>", "Color", true),
        ("add", "<function add at 0x7f0011>", "function", true),
        ("Counter({'b': 1, 'a': 2})", "Counter({'a': 2, 'b': 1})", "Counter", true),
        ("Point(x=3, y=4)", "Point(x=3, y=4)", "Point", true),
        ("Point(x=3, y=5)", "Point(x=3, y=4)", "Point", false),
        ("b'ABC'", "b'ABC'", "bytes", true),
        ("'ABC'", "b'ABC'", "bytes", false),
        ("1_000", "1000", "int", true),
        ("1e-05", "1e-05", "float", true),
        ("None", "None", "NoneType", true),
        ("set()", "set()", "set", true),
        ("{}", "{}", "dict", true),
        ("[]", "[]", "list", true),
        ("-5", "-5", "int", true),
        ("5", "-5", "int", false),
    ];
    for (claimed, repr, type_name, same) in rows {
        assert_eq!(same_value(claimed, &value(repr, type_name)), same, "{claimed:?} against {repr}");
    }
}

#[test]
fn about_means_within_the_digits_given() {
    assert!(approximately("3.14", "3.1416"));
    assert!(!approximately("3.14", "3.2"));
    assert!(approximately("48", "48"));
    assert!(approximately("1000", "1300"));
    assert!(!approximately("1000", "1700"));
}

#[test]
fn only_what_can_be_meant_literally_is_a_literal() {
    for text in
        ["42", "-1.5", "'a b'", "None", "[1, x, ...]", "Point(1, y=2)", "{'a': 1}", "<class 'int'>", "set()"]
    {
        assert!(literal(text).is_some(), "{text}");
    }
    for text in ["word", "two words", "...", "4 rows", "a: b", "x = 4", "wait..."] {
        assert!(literal(text).is_none(), "{text}");
    }
}

#[test]
fn nothing_harms_the_reader() {
    for text in [
        "[".repeat(5_000),
        "<".repeat(5_000),
        "'\\".into(),
        "b'".into(),
        "1e".into(),
        "-".into(),
        "é(".into(),
    ] {
        let _ = parse(&text);
        let _ = same_printed(&text, &text);
    }
}

#[test]
fn a_literal_with_a_wrong_bracket_is_still_meant_as_one() {
    for text in ["[1, 2)", "{'a': 1]", "(1, 2", "[]", "[True, None)"] {
        assert!(looks_literal(text) || !text.ends_with([')', ']', '}']), "{text}");
    }
    for text in ["(no output)", "[see below]", "'a' key removed", "10 items", "(x, y) pairs", "-1 means last"]
    {
        assert!(!looks_literal(text), "{text}");
    }
}
