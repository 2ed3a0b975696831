//! The command as a whole, without running examples.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs `verify` in a folder with a clean environment.
fn verify(folder: &Path, typed: &[&str]) -> Output {
    command(folder, typed).output().expect("verify starts")
}

fn command(folder: &Path, typed: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verify"));
    command.args(typed).current_dir(folder).stdin(Stdio::null());
    for name in [
        "NO_COLOR",
        "FORCE_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "VERIFY_JOBS",
        "VERIFY_TIMEOUT",
        "VERIFY_PYTHON",
    ] {
        command.env_remove(name);
    }
    command
}

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).expect("a file");
    }
    folder
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

const DOCUMENT: &[u8] = b"# Example 1: One\n\n```python\nx = 1\n```\n\n# Two\n\n```py\ny = 2\n```\n";

#[test]
fn a_list_names_the_examples_and_goes_to_stdout_only() {
    let folder = folder(&[("a.md", DOCUMENT)]);
    let output = verify(folder.path(), &["--list"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stdout(&output), "a.md\n  1  One  (line 1)\n  two  Two  (line 7)\n2 examples, 0 claims\n");
    assert_eq!(stderr(&output), "");
}

#[test]
fn standard_input_is_a_document() {
    use std::io::Write;
    let folder = folder(&[]);
    let mut child = command(folder.path(), &["--list", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("verify starts");
    child.stdin.take().expect("a pipe").write_all(DOCUMENT).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(stdout(&output).starts_with("-\n  1  One"));
}

#[test]
fn what_verify_cannot_do_is_said_on_stderr_and_exits_with_2() {
    let folder = folder(&[("a.md", DOCUMENT), ("bad.md", b"a\n\xff")]);
    let cases: [(&[&str], &str); 7] = [
        (&["no.md"], "verify: no.md: no such file or folder"),
        (&["--list", "bad.md", "a.md"], "verify: bad.md: not UTF-8: byte 0xff at offset 2, line 2"),
        (&["--list", "a.md", "--example", "tow"], "no example is called `tow`; did you mean `two`?"),
        (&["--timeout", "soon"], "--timeout: `soon` is not a number of seconds"),
        (&["--jobs", "0"], "--jobs: `0`"),
        (&["--frobnicate"], "unexpected argument"),
        (&["--list", "--format", "json"], "--list: cannot be combined"),
    ];
    for (typed, said) in cases {
        let output = verify(folder.path(), typed);
        assert_eq!(output.status.code(), Some(2), "{typed:?}");
        assert!(stderr(&output).contains(said), "{typed:?}: {}", stderr(&output));
    }
}

#[test]
fn a_document_that_can_be_read_is_listed_beside_one_that_cannot() {
    let folder = folder(&[("a.md", DOCUMENT), ("bad.md", b"\xff")]);
    let output = verify(folder.path(), &["--list", "bad.md", "a.md"]);
    assert!(stdout(&output).contains("1  One"));
}

#[test]
fn nothing_to_check_exits_with_3() {
    let folder = folder(&[("a.md", b"# No code\n")]);
    let output = verify(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(stdout(&output), "0 examples: 0 passed · 0 claims: 0 verified · 0.0 s\n");
    assert_eq!(verify(folder.path(), &["--list"]).status.code(), Some(3));
}

#[test]
fn a_report_can_go_to_a_file() {
    let folder = folder(&[("a.md", b"# No code\n")]);
    let output = verify(folder.path(), &["--format", "json", "--output", "r.json"]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(3), ""));
    let report = std::fs::read_to_string(folder.path().join("r.json")).expect("a report");
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["documents"][0]["path"], "a.md");
    let output = verify(folder.path(), &["--output", "no/such/folder"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn help_and_version_exit_with_0() {
    let folder = folder(&[]);
    for typed in ["--help", "-h", "--version"] {
        let output = verify(folder.path(), &[typed]);
        assert_eq!(output.status.code(), Some(0));
        assert!(stdout(&output).contains("verify"));
    }
}
