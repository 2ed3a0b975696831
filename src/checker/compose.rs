//! The text that a type checker is given.

use super::TypeCheck;
use crate::example::Example;

/// The example's blocks, each line at its line number in the document, and the commented-out code of `check` enabled.
/// Everything else of the document is blank; other commented-out code stays commented.
pub fn text(example: &Example, check: &TypeCheck) -> String {
    let mut lines: Vec<&str> = Vec::new();
    let blocks = example.blocks.iter().flat_map(|block| (block.first_line..).zip(block.code.lines()));
    let enabled =
        check.enabled.iter().flat_map(|(first, code)| (*first..).zip(code.iter().map(String::as_str)));
    for (line, code) in blocks.chain(enabled) {
        if lines.len() < line {
            lines.resize(line, "");
        }
        lines[line - 1] = code;
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::Document;

    /// The text for the only claim about a type checker in a document, without the blank lines at its beginning.
    fn composed(document: &str) -> (String, Option<TypeCheck>) {
        let document = Document { path: "a.md".into(), text: document.into() };
        let (sections, _) = crate::markdown::sections(&document.text);
        let example = crate::extract::examples(&document, sections).remove(0);
        let check = example.claims.iter().find_map(|claim| claim.check.clone());
        (check.as_ref().map(|check| text(&example, check)).unwrap_or_default(), check)
    }

    #[test]
    fn every_line_keeps_its_number_and_only_the_claimed_code_is_enabled() {
        let document = "# A\n\n```py\nx: int = 1\n# x = 'a'  # => mypy error\n\n# y = 2    # => 3\n```\n\n- list\n  ```py\n  print(x)\n  ```\n";
        let (text, check) = composed(document);
        assert_eq!(
            text,
            "\n\n\nx: int = 1\nx = 'a'  # => mypy error\n\n# y = 2    # => 3\n\n\n\n\nprint(x)\n"
        );
        assert_eq!(check.unwrap().lines, 5..=5);
    }

    #[test]
    fn commented_out_code_keeps_the_indentation_of_its_comment() {
        let (text, check) = composed(
            "```py\ndef f() -> int:\n    # if f():\n    #     return 'a'  # => mypy error\n    return 1\n```\n",
        );
        assert_eq!(
            text,
            "\ndef f() -> int:\n    if f():\n        return 'a'  # => mypy error\n    return 1\n"
        );
        assert_eq!(check.unwrap().lines, 4..=4);
    }

    #[test]
    fn commented_out_code_that_is_indented_too_far_stands_where_it_would_run() {
        let (text, _) = composed("```py\nx = 1\n    # x.y  # => mypy error\n```\n");
        assert_eq!(text, "\nx = 1\nx.y  # => mypy error\n");
    }

    #[test]
    fn commented_out_code_that_can_stand_nowhere_is_not_enabled() {
        let (_, check) = composed("```py\nif x:\n    y()\n# z()  # => mypy error\nelse:\n    y()\n```\n");
        assert_eq!(check, None);
    }

    #[test]
    fn a_claim_speaks_of_all_lines_of_its_statement() {
        let lines = |document: &str| composed(document).1.map(|check| check.lines);
        assert_eq!(lines("```py\nf(\n    1,\n)  # => mypy error\n```\n"), Some(2..=4));
        assert_eq!(lines("```py\n@a\ndef f() -> int:  # => mypy error\n    return ''\n```\n"), Some(2..=4));
        assert_eq!(
            lines("```py\n@a\ndef f() -> int:  # => mypy reports no error\n    return ''\n```\n"),
            Some(3..=3)
        );
        assert_eq!(lines("```py\nif x.y:  # => mypy error\n    z\n```\n"), Some(2..=2));
        assert_eq!(lines("```py\n# f(\n#   1)\n# => mypy error\n```\n"), Some(2..=3));
        assert_eq!(lines("```py\n# => mypy error\n```\n"), None);
    }
}
