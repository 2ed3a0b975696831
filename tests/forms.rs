//! Every form of claim and every abbreviation, each true, nearly true and false: through the real program.

use serde_json::Value;
use std::process::{Command, Stdio};

/// A form, the code (`@` marks the line's claim), and the claim: true, nearly true, false.
type Row = (&'static str, &'static str, [&'static str; 3]);

const FORMS: &[Row] = &[
    (
        "labelled output",
        "print(6 * 7)  @",
        ["Output: 42 (the answer)", "Output: 43 (the answer)", "Output: 'no'"],
    ),
    ("bare output", "print(f'{6} eggs left')  @", ["6 eggs left", "7 eggs left", "'seven'"]),
    ("a line of the output", "print('one\\ntwo')  @", ["Output: two", "Output: tow", "Output: 3"]),
    ("value", "sorted([2, 1])  @", ["[1, 2]", "[1, 3]", "[2, 1]"]),
    ("returned value", "max(3, 7)  @", ["Returns 7", "Returns 8", "Returns 'x'"]),
    ("value of a condition", "if 3 > 2:  @\n    pass", ["True", "Trve", "False"]),
    ("binding", "x = 2 + 2  @", ["x is 4", "x is 5", "x is 'four'"]),
    ("equation", "x = 2 + 2  @", ["x = 4", "x = 5", "x = None"]),
    ("becoming", "n = 1\nn += 1  @", ["n becomes 2", "n becomes 3", "n becomes 'two'"]),
    ("reference", "a = 1  @", ["a references int 1", "a references int 2", "a references str 1"]),
    (
        "state",
        "class C: pass\nc = C()\nc.price = 9.5  @",
        ["c.price = 9.5", "c.price = 9.6", "c.price = None"],
    ),
    ("item", "d = {}\nd['k'] = 3  @", ["d['k']: 3", "d['k']: 4", "d['k']: 'three'"]),
    (
        "several bindings",
        "a, b = 2, 1  @",
        ["a gets 2, b gets 1", "a gets 2, b gets 2", "a gets 1, b gets 2"],
    ),
    (
        "two clauses",
        "n = 1\ndef f():\n    global n\n    n = 2\n    return 3\nf()  @",
        ["Returns 3, n becomes 2", "Returns 3, n becomes 3", "Returns 4, n becomes 2"],
    ),
    ("predicate", "x = [1, 2, 3]  @", ["len(x) == 3", "len(x) == 4", "len(x) == 'three'"]),
    (
        "stated predicate",
        "age = 18  @",
        [
            "Comparison: 18 >= 18 evaluates to True",
            "Comparison: 18 >= 19 evaluates to True",
            "Comparison: 18 >= 18 evaluates to False",
        ],
    ),
    (
        "identity",
        "a = b = []  @",
        ["id(a) == id(b) returns True", "id(a) == id(b) returns Trve", "id(a) == id(b) returns False"],
    ),
    ("arithmetic", "total = 7  @", ["3 + 4 = 7", "3 + 4 = 8", "3 + 5 = 7"]),
    ("type", "x = 1.5  @", ["type: float", "type: flaot", "type: int"]),
    ("type in words", "x = 1.5  @", ["type(x) is float", "type(x) is flaot", "type(x) is int"]),
    ("type with a value", "x = 15  @", ["x is 15 (type: int)", "x is 16 (type: int)", "x is 15 (type: str)"]),
    (
        "exception",
        "int('x')  @",
        [
            "ValueError: invalid literal for int()",
            "ValueError: invalid litoral for int()",
            "TypeError: invalid literal for int()",
        ],
    ),
    (
        "raises",
        "{}['a']  @",
        ["Raises KeyError as it is empty", "Raises KeyErorr as it is empty", "Raises IndexError"],
    ),
    (
        "a class of one's own",
        "class OutOfStock(Exception): pass\nraise OutOfStock('tea: 2 left')  @",
        ["OutOfStock: tea: 2 left", "OutOfStock: tea: 3 left", "OutOfStok: tea: 2 left"],
    ),
    (
        "caught",
        "try:\n    1 / 0\nexcept ArithmeticError:  @\n    pass",
        ["Catches ZeroDivisionError", "Catches ZeroDivisonError", "Catches ValueError"],
    ),
    ("dormant", "x = 3\n# x.upper()  @", ["AttributeError: 'int'", "AttributeError: 'imt'", "TypeError"]),
    (
        "dormant over lines",
        "# class A(int, str):  @\n#     pass",
        [
            "TypeError: multiple bases have instance lay-out conflict",
            "TypeError: multiple bases have instance lay-out conflicts everywhere",
            "ValueError",
        ],
    ),
    ("silence", "x = print  \nx is print or x()  @", ["(no output)", "Output: something", "Output: 1"]),
    ("sequence", "for i in (5, 4):\n    print(i)  @", ["Output: 5, 4", "Output: 5, 3", "Output: 4, 5"]),
    (
        "passes",
        "n = 0\nfor i in range(2):\n    n += 5  @",
        ["n becomes 5, 10", "n becomes 5, 11", "n becomes 1, 2"],
    ),
];

const ABBREVIATIONS: &[Row] = &[
    ("quotes around printed text", "print('tea')  @", ["'tea'", "'tee'", "'coffee'"]),
    ("other quotes", "x = ['a']  @", ["x is [\"a\"]", "x is [\"b\"]", "x is [\"a\", \"b\"]"]),
    ("no blanks after commas", "print([1, 2, 3])  @", ["[1,2,3]", "[1,2,4]", "[1,2]"]),
    ("no __main__", "class C: pass\nprint(C)  @", ["<class 'C'>", "<class 'D'>", "<class 'int'>"]),
    ("no address", "class Car: pass\nprint(Car())  @", ["<Car object>", "<Cab object>", "<int object>"]),
    (
        "a class by its name",
        "class Pdf: pass\nprint({'p': Pdf})  @",
        ["{'p': Pdf}", "{'p': Pdg}", "{'q': Pdf}"],
    ),
    (
        "elided text",
        "print('invalid literal for it')  @",
        ["invalid literal...", "invalid litoral...", "Output: other..."],
    ),
    ("elided elements", "print([1, 2, 3, 9])  @", ["[1, 2, ..., 9]", "[1, 2, ..., 8]", "[2, ..., 9]"]),
    ("elided entries", "print({'a': 1, 'b': 2})  @", ["{..., 'b': 2}", "{..., 'b': 3}", "{..., 'c': 2}"]),
    ("elided digits", "print(10 / 3)  @", ["3.3333...", "3.3334...", "2.3333..."]),
    ("fewer digits", "10 / 3  @", ["3.33", "3.34", "33.3"]),
    ("about", "10 / 3  @", ["≈ 3.3", "≈ 3.5", "≈ 33"]),
    ("thousands", "print(1234567)  @", ["1,234,567", "1,234,568", "1,234"]),
    ("a set in another order", "print({3} | {1})  @", ["{1, 3}", "{1, 4}", "{1}"]),
    (
        "a dict in another order",
        "print({'b': 2, 'a': 1})  @",
        ["{'a': 1, 'b': 2}", "{'a': 1, 'b': 3}", "{'a': 1}"],
    ),
    ("escapes", "x = 'a\\nb'  @", ["x is 'a\\nb'", "x is 'a\\tb'", "x is 'ab'"]),
    ("blanks at the ends", "print('  padded  ')  @", ["Output: padded", "Output: paddled", "Output: 7"]),
];

/// Sentences that can be checked for sure: they verify where they hold, and otherwise stay prose.
const SENTENCES: &[Row] = &[
    (
        "count",
        "x = (1, 2, 3, 4, 5)  @",
        ["Tuple with 5 elements", "Tuple with 6 elements", "Tuple of several"],
    ),
    ("lines", "print('a\\nb\\nc')  @", ["prints 3 lines", "prints 4 lines", "prints some lines"]),
    (
        "same object",
        "x = y = []  @",
        ["Both names hold the same object", "Both names differ", "Makes a list"],
    ),
    ("taken branch", "if 3 > 2:  @\n    pass", ["Enters the block", "Skips the block", "Looks at the block"]),
    (
        "type in a sentence",
        "x = 'tea'  @",
        ["Makes a string object", "Makes a list object", "Makes an object"],
    ),
];

/// The verdicts on one document with an example for each of the three claims of each row.
fn verdicts(rows: &[Row]) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = String::new();
    for (name, code, claims) in rows {
        for claim in claims {
            text +=
                &format!("# {name}\n\n```python\n{}\n```\n\n", code.replace('@', &format!("# => {claim}")));
        }
    }
    let path = folder.path().join("forms.md");
    std::fs::write(&path, text).expect("a file");
    let output = Command::new(env!("CARGO_BIN_EXE_verify"))
        .args(["--format", "json", "forms.md"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .expect("verify starts");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let examples = report["documents"][0]["examples"].as_array().expect("examples");
    let each: Vec<String> = examples
        .iter()
        .map(|example| example["claims"][0]["verdict"].as_str().expect("a verdict").to_owned())
        .collect();
    each.chunks(3).map(<[String]>::to_vec).collect()
}

fn check(rows: &[Row], wanted: [&str; 3]) {
    let wrong: Vec<String> = rows
        .iter()
        .zip(verdicts(rows))
        .filter(|(_, seen)| seen[..] != wanted)
        .map(|((name, _, claims), seen)| format!("{name}: {claims:?} are {seen:?}"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_form_is_verified_where_true_and_a_mismatch_where_not() {
    check(FORMS, ["verified", "mismatch", "mismatch"]);
}

#[test]
fn every_abbreviation_is_verified_where_true_and_a_mismatch_where_not() {
    check(ABBREVIATIONS, ["verified", "mismatch", "mismatch"]);
}

#[test]
fn a_sentence_is_verified_where_it_surely_holds_and_never_condemned() {
    check(SENTENCES, ["verified", "prose", "prose"]);
}
