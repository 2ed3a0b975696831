use super::samples::everything;
use super::*;
use crate::claim::Form;
use serde_json::Value;

const PLAIN: Look = Look { color: false, unicode: true, width: 80 };

fn written(format: Format, detail: Detail, look: Look) -> String {
    let mut out = Vec::new();
    write(&everything(), format, detail, look, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn the_full_report_shows_each_finding_in_its_lines() {
    snapshot("report_full", &written(Format::Full, Detail::default(), PLAIN));
}

#[test]
fn the_full_report_has_an_ascii_twin() {
    let look = Look { unicode: false, ..PLAIN };
    let text = written(Format::Full, Detail::default(), look);
    assert!(text.is_ascii());
    snapshot("report_full_ascii", &text);
}

#[test]
fn colours_are_the_only_thing_that_colours_add() {
    let look = Look { color: true, ..PLAIN };
    let text = written(Format::Full, Detail::default(), look);
    snapshot("report_full_color", &text.replace('\x1b', "␛"));
}

#[test]
fn a_strict_verbose_explained_report_says_everything() {
    let detail = Detail { strict: true, explain: true, verbose: true, quiet: false };
    snapshot("report_full_strict", &written(Format::Full, detail, PLAIN));
}

#[test]
fn the_concise_report_has_a_line_for_each_finding() {
    snapshot("report_concise", &written(Format::Concise, Detail::default(), PLAIN));
}

#[test]
fn a_quiet_report_has_no_closing_line() {
    let detail = Detail { quiet: true, ..Detail::default() };
    for format in [Format::Full, Format::Concise] {
        assert!(!written(format, detail, PLAIN).contains("examples:"));
    }
}

#[test]
fn the_json_report_is_this() {
    let text = written(Format::Json, Detail::default(), PLAIN);
    let text = text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    snapshot("report_json", &text);
}

#[test]
fn the_list_shows_claims_with_their_forms() {
    let report = everything();
    let documents: Vec<_> = report
        .documents
        .iter()
        .map(|document| (&document.document, document.examples.iter().map(|(example, _)| example).collect()))
        .collect();
    let mut out = Vec::new();
    list::write(&documents, PLAIN, &mut out).unwrap();
    snapshot("list", &String::from_utf8(out).unwrap());
    assert_eq!(Form::Silence.name(), "silence");
}

#[test]
fn nothing_that_steers_a_terminal_is_in_a_report_for_people() {
    for format in [Format::Full, Format::Concise] {
        let detail = Detail { strict: true, explain: true, verbose: true, quiet: false };
        let text = written(format, detail, PLAIN);
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
    }
}

fn validator() -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(include_str!("../../schema/report.schema.json")).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn the_json_report_follows_its_schema() {
    for detail in [Detail::default(), Detail { explain: true, ..Detail::default() }] {
        let report: Value = serde_json::from_str(&written(Format::Json, detail, PLAIN)).unwrap();
        let errors: Vec<String> = validator().iter_errors(&report).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0]);
    }
    let mut out = Vec::new();
    write(&Report::default(), Format::Json, Detail::default(), PLAIN, &mut out).unwrap();
    assert!(validator().is_valid(&serde_json::from_slice(&out).unwrap()));
}

#[test]
fn the_schema_refuses_what_is_no_report() {
    let report: Value = serde_json::from_str(&written(Format::Json, Detail::default(), PLAIN)).unwrap();
    let broken: [(&str, Value); 7] = [
        ("/schema", 2.into()),
        ("/summary/examples", Value::from("8")),
        ("/documents/0/examples/0/status", "fine".into()),
        ("/documents/0/examples/0/ending/kind", "exploded".into()),
        ("/documents/0/examples/0/claims/0/verdict", "true".into()),
        ("/documents/0/examples/0/claims/0/line", 0.into()),
        ("/documents/0/examples/0/claims/0/code", "X1".into()),
    ];
    for (place, value) in broken {
        let mut report = report.clone();
        *report.pointer_mut(place).unwrap() = value;
        assert!(!validator().is_valid(&report), "{place}");
    }
    for missing in ["summary", "documents", "tool", "python"] {
        let mut report = report.clone();
        report.as_object_mut().unwrap().remove(missing);
        assert!(!validator().is_valid(&report), "{missing}");
    }
}

#[test]
fn every_diagnostic_code_can_be_told_from_the_others() {
    let mut ids: Vec<&str> = crate::diagnostic::Code::ALL.into_iter().map(|code| code.id()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), crate::diagnostic::Code::ALL.len());
}
