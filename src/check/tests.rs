use super::*;
use crate::cli::Args;
use crate::exit::Exit;
use crate::observation::Ending;
use crate::settings::Environment;
use clap::Parser;

/// Runs nothing: an example whose code says `boom` raises, one that says `hang` waits to be cancelled.
struct Fake;

impl Runner for Fake {
    fn python(&self) -> Python {
        Python { version: "3.0".into(), implementation: "Fake".into(), executable: "/fake".into() }
    }

    fn isolation(&self) -> Isolation {
        Isolation { kind: "process", missing: Vec::new(), note: None }
    }

    fn run(&self, jobs: &[Job], events: &(dyn Fn(Event) + Sync), cancel: &AtomicBool) {
        for (at, job) in jobs.iter().enumerate().rev() {
            let code = &job.sources[0].code;
            events(Event::Started(at));
            if code.contains("hang") {
                cancel.store(true, Ordering::SeqCst);
                return;
            }
            let ending = match code.contains("boom") {
                true => Ending::Signal { number: 11, name: "SIGSEGV".into() },
                false => Ending::Finished,
            };
            let observation = Observation { seconds: at as f64, ..Observation::empty(ending, 0) };
            events(Event::Done(at, Box::new(observation)));
        }
    }
}

fn checked(files: &[(&str, &[u8])], typed: &[&str]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let environment =
        Environment { folder: folder.path().to_owned(), processors: 1, ..Environment::default() };
    let args = Args::try_parse_from([&["verify"], typed].concat()).unwrap();
    let settings = Settings::new(args, &environment).unwrap();
    check(&settings, &|_| Ok(Box::new(Fake)), &|_| (), &AtomicBool::new(false))
}

fn statuses(report: &Report) -> Vec<(String, &'static str)> {
    let examples = report.documents.iter().flat_map(|document| &document.examples);
    examples.map(|(example, outcome)| (example.id.clone(), outcome.status.name())).collect()
}

const TWO: &str = "# A\n```py\nx\n```\n# B\n```py\nboom\n```\n";

#[test]
fn results_come_in_document_order_whatever_the_order_of_running() {
    let report = checked(&[("b.md", TWO.as_bytes()), ("a.md", TWO.as_bytes())], &["b.md", "a.md"]);
    let expected = [("a", "passed"), ("b", "error"), ("a", "passed"), ("b", "error")];
    assert_eq!(statuses(&report), expected.map(|(id, status)| (id.to_owned(), status)));
    assert_eq!(report.documents[0].document.path, "b.md");
    assert_eq!(report.documents[1].examples[1].1.seconds, 3.0);
    assert_eq!(Exit::of(&report, false, false), Exit::Wrong);
}

#[test]
fn a_document_that_cannot_be_read_does_not_keep_others_from_being_checked() {
    let report = checked(&[("a.md", b"ok\nb\xff"), ("b.md", TWO.as_bytes())], &["a.md", "no.md", "b.md"]);
    let messages: Vec<&str> = report.problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(messages, ["no.md: no such file or folder", "a.md: not UTF-8: byte 0xff at offset 4, line 2"]);
    assert_eq!(statuses(&report).len(), 2);
    assert_eq!(Exit::of(&report, false, false), Exit::Unable);
}

#[test]
fn only_selected_examples_run() {
    let report = checked(&[("a.md", TWO.as_bytes())], &["--example", "a"]);
    assert_eq!(statuses(&report), [("a".to_owned(), "passed")]);
    let report = checked(&[("a.md", TWO.as_bytes())], &["--example", "c"]);
    assert!(report.problems[0].message.contains("no example is called `c`"));
    assert_eq!((statuses(&report).len(), Exit::of(&report, false, false)), (0, Exit::Unable));
    let report = checked(&[("a.md", TWO.as_bytes())], &["--example", ","]);
    assert_eq!(Exit::of(&report, false, false), Exit::Nothing);
    let report = checked(&[("a.md", b"# none\n")], &["--example", "1"]);
    assert_eq!(Exit::of(&report, false, false), Exit::Nothing);
}

#[test]
fn a_skipped_example_does_not_run() {
    let text = "# A\n<!-- verify: skip reason=\"x\" -->\n```py\nboom\n```\n";
    let report = checked(&[("a.md", text.as_bytes())], &[]);
    assert_eq!(statuses(&report), [("a".to_owned(), "skipped")]);
    assert_eq!(report.python, None, "no interpreter is started for nothing");
    assert_eq!(Exit::of(&report, false, false), Exit::Clean);
    assert_eq!(Exit::of(&report, true, false), Exit::Wrong);
}

#[test]
fn a_cancelled_check_reports_what_was_found_so_far() {
    let text = "# A\n```py\nhang\n```\n# B\n```py\nx\n```\n";
    let report = checked(&[("a.md", text.as_bytes())], &[]);
    assert_eq!(statuses(&report), [("b".to_owned(), "passed")]);
    assert_eq!(Exit::of(&report, false, false), Exit::Interrupted);
}

#[test]
fn a_directive_that_cannot_be_followed_makes_the_check_incomplete() {
    let report = checked(&[("a.md", b"<!-- verify: skp -->\n```py\nx\n```\n")], &[]);
    assert_eq!(report.notes[0][0].line, 1);
    assert_eq!(Exit::of(&report, false, false), Exit::Unable);
}
