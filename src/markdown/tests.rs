use super::*;
use proptest::prelude::*;

fn read(text: &str) -> Vec<Section> {
    let (sections, notes) = sections(text);
    assert_eq!(notes, [], "{text:?}");
    check_places(text, &sections);
    sections
}

/// The code of every block.
fn codes(text: &str) -> Vec<String> {
    read(text).into_iter().flat_map(|section| section.blocks).map(|block| block.code).collect()
}

/// What holds of every document: places and code agree.
fn check_places(text: &str, sections: &[Section]) {
    let index = LineIndex::new(text);
    let mut ids: Vec<&str> = sections.iter().map(|section| section.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), sections.len(), "ids are unique");
    for section in sections {
        assert!(!section.blocks.is_empty());
        for block in &section.blocks {
            assert!(block.code.is_empty() || block.code.ends_with('\n'));
            let code_lines: Vec<&str> = block.code.split_terminator('\n').collect();
            assert_eq!(code_lines.len(), block.lines.len(), "{text:?}");
            assert_eq!(block.first_line, block.fence_line + 1);
            for (at, (line, range)) in code_lines.iter().zip(&block.lines).enumerate() {
                let written = &text[range.clone()];
                let blanks = line.strip_suffix(written).expect("the document's text ends the code line");
                assert!(blanks.len() <= 3 && blanks.bytes().all(|b| b == b' '), "{line:?} {written:?}");
                if !blanks.is_empty() {
                    assert_eq!(text.as_bytes()[range.start - 1], b'\t', "only a tab is taken apart");
                }
                assert_eq!(index.line(range.start), block.first_line + at, "{text:?}");
                assert_eq!(range.end, index.range(text, block.first_line + at).end, "{text:?}");
            }
        }
    }
}

#[test]
fn every_spelling_of_a_python_fence_is_an_example() {
    for info in ["python", "py", "Python3", "PYTHON", "{.python}", "python title=\"x\"", "python {#a .b}"] {
        assert_eq!(codes(&format!("```{info}\nx\n```\n")), ["x\n"], "{info}");
        assert_eq!(codes(&format!("~~~~ {info}\nx\n~~~~~\n")), ["x\n"], "{info}");
    }
}

#[test]
fn what_is_not_python_is_no_example() {
    let texts = [
        "    x = 1\n",
        "```\nx\n```\n",
        "```text\n```python\nx\n```\n",
        "````markdown\n```python\nx\n```\n````\n",
        "<!--\n```python\nx\n```\n-->\n",
        "<!-- a\n\n```python\nx\n```\n\n-->\n",
        "<pre>\n```python\nx\n```\n</pre>\n",
        "`python x`\n",
        "``` python ` x\n",
        "",
        "\u{feff}",
    ];
    for text in texts {
        assert!(codes(text).is_empty(), "{text:?}");
    }
}

#[test]
fn containers_leave_no_trace_in_the_code() {
    assert_eq!(codes("> ```py\n> a\n>  b\n>\n>c\n> ```\n"), ["a\n b\n\nc\n"]);
    assert_eq!(codes("- ```py\n  a\n\n    b\n  ```\n"), ["a\n\n  b\n"]);
    assert_eq!(codes("1. text\n\n   - > ~~~py\n     > a\n     >   b\n     > ~~~\n"), ["a\n  b\n"]);
    assert_eq!(codes("  ```py\n  a\n   b\n c\n  ```\n"), ["a\n b\nc\n"]);
    assert_eq!(codes("<details>\n<summary>x</summary>\n\n```py\na\n```\n\n</details>\n"), ["a\n"]);
    assert_eq!(codes("[^1]: note\n\n    ```py\n    a\n    ```\n\nx[^1]\n"), ["a\n"]);
}

#[test]
fn a_quote_ends_the_fence_where_its_marks_end() {
    assert_eq!(codes("> ```py\n> a\nb\n"), ["a\n"]);
}

#[test]
fn line_ends_of_every_kind_become_line_feeds() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["# H", "", "```py", "a", "", "é = 1", "```", ""].join(end);
        let found = read(&text);
        assert_eq!(found[0].blocks[0].code, "a\n\né = 1\n", "{end:?}");
        assert_eq!(found[0].blocks[0].first_line, 4);
        assert_eq!(found[0].line, 1);
    }
    assert_eq!(codes("```py\r\na\r\rb\n```"), ["a\n\nb\n"]);
}

#[test]
fn a_fence_may_be_empty_or_stay_open() {
    assert_eq!(codes("```py\n```\n"), [""]);
    assert_eq!(codes("```py"), [""]);
    assert_eq!(codes("```py\n"), [""]);
    assert_eq!(codes("```py\n\n"), ["\n"]);
    assert_eq!(codes("```py\na"), ["a\n"]);
    assert_eq!(codes("```py\r\na\r\n"), ["a\n"]);
    assert_eq!(codes("- ```py\n  a\n\nb\n"), ["a\n\n"]);
}

#[test]
fn a_tab_that_a_container_takes_a_part_of_leaves_blanks() {
    let text = "- ```py\n\tif x:  # é\n  ```\n";
    let found = read(text);
    let block = &found[0].blocks[0];
    assert_eq!(block.code, "  if x:  # é\n");
    assert_eq!(&text[block.lines[0].clone()], "if x:  # é");
    assert_eq!(block.document_offset(block.code.find('#').unwrap()), text.find('#').unwrap());
    assert_eq!(block.document_offset(0), text.find("if").unwrap());
    assert_eq!(codes("```py\n\ta\n```\n"), ["\ta\n"]);
    assert_eq!(codes("> ```py\n>\ta\n> ```\n"), ["  a\n"]);
}

#[test]
fn a_byte_order_mark_and_front_matter_stand_before_the_document() {
    assert_eq!(codes("\u{feff}```py\na\n```\n"), ["a\n"]);
    let found = read("---\ntitle: x\n---\n\n```py\na\n```\n");
    assert_eq!((found[0].id.as_str(), found[0].line), ("preamble", 5));
    let found = read("\u{feff}+++\r\ntitle = 1\r\n+++\r\n# H\r\n```py\r\na\r\n```\r\n");
    assert_eq!((found[0].id.as_str(), found[0].line), ("h", 4));
    // A rule at the top and another one further down enclose text, not front matter.
    assert_eq!(codes("---\n\n```py\na\n```\n\n---\n"), ["a\n"]);
    assert_eq!(codes("---\nText\n```py\na\n```\n---\n"), ["a\n"]);
}

#[test]
fn attributes_of_a_heading_are_not_its_text() {
    let found = names("## Sets {#sets .wide}\n```py\n```\n## {x}\n```py\n```\n");
    assert_eq!(found[0].1, "Sets");
    assert_eq!(found[1].1, "{x}");
}

fn names(text: &str) -> Vec<(String, String, String, usize)> {
    read(text).into_iter().map(|s| (s.id, s.title, s.slug, s.line)).collect()
}

#[test]
fn a_section_is_named_by_the_nearest_heading_of_any_level() {
    let block = "\n```py\na\n```\n";
    let text = format!(
        "# Book\n{block}## Example 57: Descriptor Protocol\n{block}{block}### Deep `x` *y*\n{block}Setext **init_subclass**\nmore\n======\n{block}"
    );
    let expected = [
        ("book", "Book", "book", 1),
        ("57", "Descriptor Protocol", "descriptor-protocol", 6),
        ("deep-x-y", "Deep x y", "deep-x-y", 15),
        ("setext-init_subclass-more", "Setext init_subclass more", "setext-init_subclass-more", 20),
    ];
    let expected = expected.map(|(id, title, slug, line)| (id.into(), title.into(), slug.into(), line));
    assert_eq!(names(&text), expected);
    assert_eq!(read(&text)[1].blocks.len(), 2);
}

#[test]
fn ids_are_unique_and_never_empty() {
    let block = "\n```py\na\n```\n";
    let text = format!(
        "{block}# A\n{block}# A\n{block}# !\n{block}#\n{block}# Preamble\n{block}# 1) x\n# 1. y\n{block}"
    );
    let ids: Vec<_> = names(&text).into_iter().map(|(id, ..)| id).collect();
    assert_eq!(ids, ["preamble", "a", "a-2", "section-4", "section-5", "preamble-2", "1"]);
}

#[test]
fn a_skip_directive_speaks_of_the_block_or_section_after_it() {
    let text = "# A\n<!-- verify: skip reason=\"no display\" -->\n```py\na\n```\n\n# B\n```py\nb\n```\n";
    let found = read(text);
    assert_eq!(found[0].skipped.as_deref(), Some("no display"));
    assert_eq!(found[0].blocks.len(), 1, "a skipped section keeps its blocks");
    assert_eq!(found[1].skipped, None);

    let text = "<!-- verify: skip -->\n\n# A\n\n## B\n```py\na\n```\n# C\n```py\na\n```\n";
    let found = read(text);
    assert!(found[0].skipped.is_some(), "nested sections are skipped too");
    assert!(found[1].skipped.is_none());

    let found = read("# A <!-- verify: skip -->\n```py\na\n```\n");
    assert_eq!((found[0].skipped.is_some(), found[0].title.as_str()), (true, "A"));
    let found = read("# A\n```py {verify=\"skip reason='x'\"}\na\n```\n");
    assert_eq!(found[0].skipped.as_deref(), Some("x"));
}

#[test]
fn a_skipped_block_among_others_is_left_out_with_a_note() {
    let text = "# A\n```py\na\n```\n<!-- verify: skip reason='x' -->\n```py\nb\n```\n";
    let (found, notes) = sections(text);
    assert_eq!(found[0].blocks.len(), 1);
    assert_eq!(notes, [MarkdownNote { line: 6, message: "block skipped: x".into(), error: false }]);
}

#[test]
fn a_directive_that_cannot_be_followed_is_an_error_with_its_line() {
    let errors = |text: &str| -> Vec<usize> {
        sections(text).1.into_iter().filter(|note| note.error).map(|note| note.line).collect()
    };
    assert_eq!(errors("\n<!-- verify: skp -->\n```py\na\n```\n"), [2]);
    assert_eq!(errors("<!--\n-->\n<!-- x -->\n<!-- verify:\nzzz -->\n"), [4]);
    assert_eq!(errors("```py verify=nope\n```\n"), [1]);
    assert_eq!(errors("<!-- verify: skip -->\n\nText\n\n```py\na\n```\n"), [1]);
    assert_eq!(errors("<!-- verify: skip -->\n```js\n```\n"), [1]);
    assert_eq!(errors("# A\n<!-- verify: skip -->\n"), [2]);
}

/// Lines that mean something to Markdown, in any order.
fn markdown_line() -> impl Strategy<Value = String> {
    let start = prop::sample::select(vec![
        "", "", "> ", ">", "- ", "  ", "   ", "    ", "\t", " \t", "1. ", "> - ", "\t\t", "> \t", "* ",
    ]);
    let rest = prop::sample::select(vec![
        "",
        "```py",
        "```python",
        "```",
        "~~~py",
        "~~~",
        "````",
        "````py",
        "text",
        "# Head",
        "===",
        "---",
        "<!--",
        "-->",
        "<!-- verify: skip -->",
        "<details>",
        "</details>",
        "x = 1  # => é",
        "\tif x:",
        "[^1]: n",
        "| a |",
        "|---|",
        "\u{0}",
        "日本",
        "`",
        "<!-- verify: skip -->x",
        "{.py}",
        "+++",
        "\u{feff}",
        "- [ ] t",
    ]);
    (start, rest).prop_map(|(start, rest)| format!("{start}{rest}"))
}

/// As many as the environment asks for, else enough to find what is wrong within a second.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2000)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, max_global_rejects: u32::MAX, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_and_places_agree(text in "\\PC*|(?s).{0,200}") {
        let (found, _) = sections(&text);
        check_places(&text, &found);
    }

    #[test]
    fn any_markdown_is_read_and_places_agree(
        lines in prop::collection::vec((markdown_line(), prop::sample::select(vec!["\n", "\r\n", "\r"])), 0..25),
        last in markdown_line(),
    ) {
        let mut text: String = lines.iter().flat_map(|(line, end)| [line.as_str(), end]).collect();
        text.push_str(&last);
        let (found, _) = sections(&text);
        check_places(&text, &found);
    }

    #[test]
    fn code_comes_out_of_any_container_as_it_went_in(
        code in prop::collection::vec("[ \\ta-zé#=>'\"]{0,12}[a-z]|", 0..6),
        (first, next) in prop::sample::select(vec![
            ("", ""), ("> ", "> "), ("- ", "  "), ("10. ", "    "), ("> - ", ">   "), ("- > ", "  > "), ("- - ", "    "),
        ]),
        (open, close) in prop::sample::select(vec![("```py", "```"), ("~~~~ Python x=1", "~~~~~"), ("``` {.python}", "````")]),
        end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let code: Vec<String> = code;
        prop_assume!(!code.iter().any(|line| line.trim_start().starts_with(close)));
        // A tab right after a container's prefix is a matter of its own.
        prop_assume!(first.is_empty() || !code.iter().any(|line| line.trim_start_matches(' ').starts_with('\t')));
        let mut text = format!("{first}{open}{end}");
        for line in &code {
            text.push_str(&format!("{next}{line}{end}"));
        }
        text.push_str(&format!("{next}{close}{end}"));
        let found = read(&text);
        let expected: String = code.iter().map(|line| format!("{line}\n")).collect();
        prop_assert_eq!(&found[0].blocks[0].code, &expected);
    }
}
