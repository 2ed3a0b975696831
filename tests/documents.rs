//! Whole documents through the real program: what a person reads, what a machine reads, and how it exits.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn verify(folder: &Path, typed: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verify"));
    command.args(typed).current_dir(folder).stdin(Stdio::null());
    for (name, _) in
        std::env::vars().filter(|(name, _)| name.starts_with("VERIFY_") || name.contains("COLOR"))
    {
        command.env_remove(name);
    }
    command.output().expect("verify starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn json(folder: &Path, typed: &[&str]) -> Value {
    let output = verify(folder, &[typed, &["--format", "json"]].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)))
}

fn documents() -> PathBuf {
    repository().join("tests/documents")
}

/// What differs from run to run and from one Python to the next is left out.
fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(repository().join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"\d+\.\d+ s\b", "[time] s");
    settings.add_filter(r" at 0x[0-9a-f]+", " at [address]");
    settings.add_filter(r"(?m)^(\w+ +)\d+\.\d{3} s", "$1[time] s");
    settings
}

#[test]
fn every_way_to_fail_is_told_for_what_it_is() {
    let output = verify(&documents(), &["faults.md", "--timeout", "2"]);
    assert_eq!(output.status.code(), Some(1));
    settings().bind(|| insta::assert_snapshot!("document_faults", text(&output.stdout)));
}

#[test]
fn wrong_claims_are_shown_with_what_was_seen() {
    let output = verify(&documents(), &["claims.md"]);
    assert_eq!(output.status.code(), Some(1));
    settings().bind(|| insta::assert_snapshot!("document_claims", text(&output.stdout)));
}

#[test]
fn a_report_for_machines_keeps_to_its_schema() {
    let schema = std::fs::read_to_string(repository().join("schema/report.schema.json")).expect("the schema");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for typed in [&["claims.md"][..], &["faults.md", "--timeout", "2"], &["claims.md", "--explain"]] {
        let report = json(&documents(), typed);
        let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{typed:?}: {errors:#?}");
    }
}

#[test]
fn our_own_examples_are_true() {
    let output = verify(repository(), &["examples-md", "-v"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    let report = text(&output.stdout);
    let lines: Vec<&str> = report.lines().filter(|line| line.starts_with("passed")).collect();
    settings().bind(|| insta::assert_snapshot!("examples_report", lines.join("\n")));
}

/// What was seen of each example: its output, and for each claim the verdict with what it was judged by.
#[test]
fn our_own_examples_were_seen_to_do_what_they_say() {
    let report = json(repository(), &["examples-md"]);
    for document in report["documents"].as_array().expect("documents") {
        for example in document["examples"].as_array().expect("examples") {
            let name = format!("example_{}", example["id"].as_str().expect("an id"));
            settings().bind(|| insta::assert_snapshot!(name, observations(example)));
        }
    }
}

fn observations(example: &Value) -> String {
    let mut lines = vec![format!("{}: {}", example["title"], example["status"])];
    for claim in example["claims"].as_array().expect("claims") {
        let claimed = claim["text"].as_str().expect("a text");
        // What a claim with a version condition comes to depends on the Python that runs this.
        let seen = match claimed.contains("[py") {
            true => "as the version has it".to_owned(),
            // A set has no order of its own.
            false
                if claim["observed"]
                    .as_str()
                    .is_some_and(|seen| seen.starts_with('{') && !seen.contains(':')) =>
            {
                claim["verdict"].to_string()
            }
            // Messages grow from one Python to the next; the claims quote what stays.
            false if claim["form"] == "exception" => claim["verdict"].to_string(),
            false => format!("{} {}", claim["verdict"], claim["observed"]),
        };
        lines.push(format!(
            "{:>4} {:<9} {claimed}  ->  {seen}",
            claim["line"],
            claim["form"].as_str().expect("a form")
        ));
    }
    lines.push(format!("stdout: {}", example["stdout"].as_str().expect("stdout")));
    lines.join("\n")
}

#[test]
fn examples_do_not_see_each_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let document = "\
# One

```python
import builtins, os, random, sys
import json as first
random.seed(7)
os.environ['LEFT_BEHIND'] = '1'
os.chdir('/')
builtins.left_behind = 1
sys.modules['left_behind'] = first
open('/tmp/left-behind-by-verify', 'w').close() if False else None
first.dumps = None
```

# Two

```python
import builtins, json, os, sys
hasattr(builtins, 'left_behind')     # => False
'left_behind' in sys.modules         # => False
'LEFT_BEHIND' in os.environ          # => False
os.getcwd() == '/'                   # => False
os.listdir('.')                      # => []
json.dumps([1])                      # => '[1]'
```
";
    std::fs::write(folder.path().join("a.md"), document).expect("a file");
    // One after the other and in the same slot, then at once.
    for jobs in ["1", "4"] {
        let report = json(folder.path(), &["a.md", "-j", jobs]);
        assert_eq!(report["summary"]["passed"], 2, "{report:#}");
        assert_eq!(report["summary"]["claims"]["verified"], 6, "{report:#}");
    }
}
