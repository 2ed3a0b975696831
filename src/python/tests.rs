use super::*;

fn texts<'a>(code: &'a str, ranges: &[Range<usize>]) -> Vec<&'a str> {
    ranges.iter().map(|range| &code[range.clone()]).collect()
}

#[test]
fn a_hash_in_a_string_is_no_comment() {
    let code = "x = '# => 1'  # => 2\n\"\"\"\n# => 3\n\"\"\"\n";
    let module = Module::parse(code).unwrap();
    assert_eq!(texts(code, &module.comments), ["# => 2"]);
}

#[test]
fn a_syntax_error_has_its_place() {
    let failure = Module::parse("x = 1\ny = = 2\n").unwrap_err();
    assert_eq!(failure.offset, 10);
}

#[test]
fn statements_know_values_targets_and_suites() {
    let code = "a, (b, *c) = f(1)\nif x:\n    pass\nelif y:\n    pass\nelse:\n    g()\n";
    let module = Module::parse(code).unwrap();
    assert_eq!(texts(code, &module.body[0].targets), ["a", "b", "c"]);
    assert_eq!(&code[module.body[0].value.clone().unwrap()], "f(1)");
    let headers: Vec<&str> = module.body[1].suites.iter().map(|s| &code[s.header.clone()]).collect();
    assert_eq!(headers, ["if x:", "elif y:", "else:"]);
}

#[test]
fn a_decorated_definition_begins_at_its_keyword() {
    let code = "@cache\n@other(1)\nasync def f():\n    pass\n";
    let module = Module::parse(code).unwrap();
    assert!(code[module.body[0].range.clone()].starts_with("async def f"));
    assert_eq!(module.body[0].decorated_start, 0);
}

#[test]
fn try_has_all_its_clauses() {
    let code = "try:\n    a\nexcept E as e:\n    b\nelse:\n    c\nfinally:\n    d\n";
    let module = Module::parse(code).unwrap();
    let headers: Vec<&str> = module.body[0].suites.iter().map(|s| &code[s.header.clone()]).collect();
    assert_eq!(headers, ["try:", "except E as e:", "else:", "finally:"]);
}

#[test]
fn printed_strings_become_templates() {
    let code = "print(f'Deleted {name}')\nprint('%d of %s%%' % t, 'x'.format(1), y, sep='-')\nprint(f'{n=}')";
    let module = Module::parse(code).unwrap();
    assert!(module.printed[0].fits("Deleted Weak"));
    assert!(!module.printed[0].fits("deleted"));
    assert_eq!(
        module.printed[1].pieces,
        [Piece::Hole, Piece::Text(" of ".into()), Piece::Hole, Piece::Text("%-x-".into()), Piece::Hole]
    );
    assert_eq!(module.printed[2].pieces, [Piece::Text("n=".into()), Piece::Hole]);
}

#[test]
fn expressions_have_a_shape() {
    let shape = |text: &str| expression(text).map(|e| e.shape);
    assert_eq!(shape("[1, 'a', ...]"), Some(Shape::Literal));
    assert_eq!(shape("-1"), Some(Shape::Literal));
    assert_eq!(shape("3+4j"), Some(Shape::Literal));
    assert_eq!(shape("1, 2"), Some(Shape::Tuple));
    assert_eq!(shape("self.x['k']"), Some(Shape::Place));
    assert_eq!(shape("a and b"), Some(Shape::Boolean));
    assert!(matches!(shape("len(x) == 3"), Some(Shape::Comparison(_))));
    assert_eq!(shape("two words"), None);
    assert_eq!(shape(""), None);
    assert!(expression("2 ** 3 + 1").unwrap().constant);
    assert!(!expression("x + 1").unwrap().constant);
}

#[test]
fn any_text_whatever_is_parsed_or_refused_without_harm() {
    for text in ["((((", &"(".repeat(10_000), "lambda", "\0", "f'{", "# x", "a\\", "'é", "x = 1", "yield"] {
        let _ = expression(text);
        let _ = Module::parse(text);
    }
}
