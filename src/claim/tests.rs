use super::*;
use crate::python::{StmtKind, SuiteKind};

fn context() -> Context<'static> {
    Context {
        stmt: StmtKind::Expression,
        header: None,
        whole: false,
        nested: false,
        dormant: false,
        acts: true,
        prints: true,
        valued: true,
        targets: Vec::new(),
        code: "print(f(x))",
        templates: &[],
        parameters: Vec::new(),
        below: &[],
    }
}

fn firm(text: &str) -> Vec<Kind> {
    read(text, &context()).readings.into_iter().filter(|r| r.firm).map(|r| r.kind).collect()
}

fn forms(text: &str) -> Vec<&'static str> {
    firm(text).iter().map(|kind| kind.form().name()).collect()
}

#[test]
fn literal_forms_are_firm() {
    for (text, form) in [
        ("Output: 13 (addition)", "output"),
        ("Prints: done", "output"),
        ("42", "value"),
        ("{'a': 1}", "value"),
        ("Point(x=5, y=4)", "value"),
        ("x is 4", "binding"),
        ("x = 4", "binding"),
        ("n becomes 2", "binding"),
        ("a references int 1 (type: int)", "binding"),
        ("self.price = 9.5", "binding"),
        ("d['k']: 3", "binding"),
        ("a gets 2, b gets 1", "binding"),
        ("li is now [1, 2]", "binding"),
        ("len(x) == 3", "binding"),
        ("id(a) == id(b) returns True", "predicate"),
        ("18 >= 18 evaluates to True", "predicate"),
        ("First check: 15 > 30 is False", "predicate"),
        ("3 + 4 = 7", "predicate"),
        ("type(x) is int", "type"),
        ("Type: int", "type"),
        ("ValueError: must be positive", "exception"),
        ("Raises StopIteration", "exception"),
        ("No more items, raises StopIteration", "exception"),
        ("(no output, returns existing instance)", "silence"),
        ("Output: (nothing)", "silence"),
        ("mypy error: no", "static"),
    ] {
        assert_eq!(forms(text).first(), Some(&form), "{text}: {:?}", read(text, &context()).readings);
    }
}

#[test]
fn prose_is_not_firm() {
    for text in [
        "Calls __init__",
        "Required method",
        "Works",
        "4 worker processes",
        "3 rows",
        "Must use break to exit",
        "Returns True if song found",
        "Raises KeyError if not found",
        "May raise ValueError",
        "x is iterable",
        "-1 means last element",
        "age < 0",
        "Access by field name",
        "None means nothing here",
    ] {
        assert!(firm(text).is_empty(), "{text}: {:?}", firm(text));
    }
}

#[test]
fn an_except_clause_says_what_it_catches() {
    let context = Context {
        header: Some(SuiteKind::Except),
        code: "except KeyError as e:",
        prints: false,
        ..context()
    };
    let read = read("Catches TypeError from the call", &context);
    assert!(read.readings.iter().any(|r| r.firm && matches!(r.kind, Kind::Handles { .. })), "{read:?}");
}

#[test]
fn a_version_condition_stands_at_the_end() {
    let read = read("42  [py>=3.12]", &context());
    let versions = read.versions.unwrap();
    assert!(versions.holds((3, 12)) && !versions.holds((3, 11)));
}

#[test]
fn hedges_are_seen_in_the_commentary_only() {
    assert!(read("Output: 7 (example)", &context()).hedged);
    assert!(read("e.g. 7", &context()).hedged);
    assert!(!read("Output: alice@example.com", &context()).hedged);
}

#[test]
fn nothing_harms_the_reader() {
    for text in
        ["(".repeat(3_000), "a is ".repeat(2_000), "'".repeat(3_999), ", ".repeat(1_900), "é: ".repeat(900)]
    {
        let _ = read(&text, &context());
    }
}
