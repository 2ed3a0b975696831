//! Reading what type checkers print.

use super::{Checker, Report};
use serde::Deserialize;

/// Codes of reports that only say that a package is not there.
const MISSING_IMPORT: [&str; 7] = [
    "import",
    "import-not-found",
    "import-untyped",
    "reportMissingImports",
    "reportMissingModuleSource",
    "reportMissingTypeStubs",
    "unresolved-import",
];

/// How the message of a report begins that says that the checker itself failed.
pub const FAILED: &str = "INTERNAL ERROR";

/// The errors (of pyright and ty also the warnings) that `output` tells of, each with the name of its file. Packages that are not
/// there are left out, as are notes. An error says that the output cannot be read.
///
/// # Errors
///
/// Where pyright's output is no JSON of the expected shape.
pub fn parse(checker: Checker, output: &str) -> Result<Vec<(String, Report)>, String> {
    let found = match checker {
        Checker::Mypy => output.lines().filter_map(mypy).collect(),
        Checker::Ty => output.lines().filter_map(ty).collect(),
        Checker::Pyright => pyright(output)?,
    };
    let missing = |report: &Report| report.code.as_deref().is_some_and(|code| MISSING_IMPORT.contains(&code));
    Ok(found.into_iter().filter(|(_, report)| !missing(report)).collect())
}

/// `file.py:12:5: rest`, also without a column.
fn place(line: &str) -> Option<(String, usize, &str)> {
    let (file, rest) = line.split_once(".py:")?;
    let (place, rest) = rest.split_once(": ")?;
    let number = place.split(':').next()?.parse().ok()?;
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    Some((format!("{name}.py"), number, rest))
}

/// `file.py:4:12: error: Incompatible return value type  [return-value]`
fn mypy(line: &str) -> Option<(String, Report)> {
    let (file, line, rest) = place(line)?;
    let rest = rest.strip_prefix("error: ")?;
    let coded = rest.strip_suffix(']').and_then(|rest| rest.rsplit_once("  ["));
    let (message, code) = match coded {
        Some((message, code)) => (message, Some(code.to_owned())),
        None => (rest, None),
    };
    Some((file, Report { line, message: message.to_owned(), code }))
}

/// `file.py:4:12: error[invalid-return-type] Return type does not match`
fn ty(line: &str) -> Option<(String, Report)> {
    let (file, line, rest) = place(line)?;
    let rest = rest.strip_prefix("error[").or_else(|| rest.strip_prefix("warning["))?;
    let (code, message) = rest.split_once("] ")?;
    Some((file, Report { line, message: message.to_owned(), code: Some(code.to_owned()) }))
}

#[derive(Deserialize)]
struct Pyright {
    #[serde(rename = "generalDiagnostics")]
    diagnostics: Vec<Diagnostic>,
}

#[derive(Deserialize)]
struct Diagnostic {
    file: String,
    severity: String,
    message: String,
    rule: Option<String>,
    range: Option<Extent>,
}

#[derive(Deserialize)]
struct Extent {
    start: Point,
}

#[derive(Deserialize)]
struct Point {
    /// From 0.
    line: usize,
}

/// `{"generalDiagnostics": [{"file": …, "severity": "error", "message": …, "range": {"start": {"line": 3}}}]}`, perhaps after
/// other lines.
fn pyright(output: &str) -> Result<Vec<(String, Report)>, String> {
    let json = output.find('{').map_or("", |at| &output[at..]);
    let mut values = serde_json::Deserializer::from_str(json).into_iter::<Pyright>();
    let parsed = match values.next() {
        Some(Ok(parsed)) => parsed,
        Some(Err(error)) => return Err(format!("its output cannot be read: {error}")),
        None => return Err("it printed nothing".to_owned()),
    };
    let report = |found: Diagnostic| {
        let line = found.range?.start.line + 1;
        let file = found.file.rsplit(['/', '\\']).next()?.to_owned();
        // What follows in further, indented lines belongs to the message.
        let message = found.message.split_whitespace().collect::<Vec<_>>().join(" ");
        matches!(found.severity.as_str(), "error" | "warning")
            .then_some((file, Report { line, message, code: found.rule }))
    };
    Ok(parsed.diagnostics.into_iter().filter_map(report).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(checker: Checker, output: &str) -> Vec<String> {
        let show = |(file, report): (String, Report)| {
            format!("{file} {} {} {}", report.line, report.message, report.code.unwrap_or_default())
        };
        parse(checker, output).unwrap().into_iter().map(show).collect()
    }

    #[test]
    fn mypy_prints_errors_one_a_line() {
        let output = "\
a.py:4:12: error: Incompatible return value type (got \"int\", expected \"str\")  [return-value]
a.py:5:1: note: See https://example.org/a.py:1: more
b.py:6: error: No [bracketed] code
b.py:7:1: error: Cannot find implementation or library stub for module named \"x\"  [import-not-found]
Success: no issues found in 1 source file
c.py:error: is no place
";
        let expected = [
            "a.py 4 Incompatible return value type (got \"int\", expected \"str\") return-value",
            "b.py 6 No [bracketed] code ",
        ];
        assert_eq!(shown(Checker::Mypy, output), expected);
        assert!(shown(Checker::Mypy, "").is_empty());
    }

    #[test]
    fn ty_prints_errors_and_warnings_one_a_line() {
        let output = "\
a.py:6:3: error[invalid-argument-type] Argument to function `f` is incorrect: Expected `int`
a.py:7:8: error[unresolved-import] Cannot resolve imported module `nothere`
/tmp/x/b.py:8:1: warning[possibly-unbound] Name `x` may be unbound
a.py:9:1: info[revealed-type] Revealed type
Found 4 diagnostics
";
        let expected = [
            "a.py 6 Argument to function `f` is incorrect: Expected `int` invalid-argument-type",
            "b.py 8 Name `x` may be unbound possibly-unbound",
        ];
        assert_eq!(shown(Checker::Ty, output), expected);
    }

    #[test]
    fn pyright_prints_json_whose_lines_count_from_zero() {
        let output = r#"npm notice
{"version": "1.1", "generalDiagnostics": [
  {"file": "/tmp/x/a.py", "severity": "error", "message": "Type \"a\" is not\n  assignable", "rule": "reportAssignmentType",
   "range": {"start": {"line": 0, "character": 9}, "end": {"line": 0, "character": 12}}},
  {"file": "/tmp/x/a.py", "severity": "warning", "message": "Import \"x\" could not be resolved", "rule": "reportMissingImports",
   "range": {"start": {"line": 1, "character": 9}, "end": {"line": 0, "character": 12}}},
  {"file": "/tmp/x/a.py", "severity": "information", "message": "Type of \"x\" is \"int\"",
   "range": {"start": {"line": 2, "character": 9}, "end": {"line": 0, "character": 12}}},
  {"file": "/tmp/x/b.py", "severity": "warning", "message": "Expression value is unused",
   "range": {"start": {"line": 3, "character": 9}, "end": {"line": 0, "character": 12}}},
  {"file": "/tmp/x/b.py", "severity": "error", "message": "no place"}
], "summary": {"errorCount": 1}}
"#;
        let expected = [
            "a.py 1 Type \"a\" is not assignable reportAssignmentType",
            "b.py 4 Expression value is unused ",
        ];
        assert_eq!(shown(Checker::Pyright, output), expected);
        assert_eq!(parse(Checker::Pyright, "npm ERR!").unwrap_err(), "it printed nothing");
        assert!(parse(Checker::Pyright, "{\"x\": 1}").unwrap_err().contains("cannot be read"));
    }
}
