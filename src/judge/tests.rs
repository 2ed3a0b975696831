use super::*;
use crate::claim::{Form, Reading};
use crate::observation::{AnchorRuns, Rendered, Run};
use crate::plan::{Anchor, Span, Watch};

fn run(value: Option<&str>, stdout: (u64, u64)) -> Run {
    let value =
        value.map(|repr| Rendered { repr: repr.into(), type_name: "int".into(), ..Rendered::default() });
    Run { value, probes: Vec::new(), stdout, stderr: (0, 0), raised: None, replay: None }
}

fn claim(text: &str, readings: Vec<Reading>) -> Claim {
    Claim {
        block: 0,
        line: 1,
        column: 1,
        end_column: 2,
        range: 0..text.len(),
        text: text.into(),
        form: Form::Output,
        below: Vec::new(),
        readings,
        anchors: vec![0],
        subjects: Vec::new(),
        beside: Default::default(),
        dormant: false,
        hedged: false,
        versions: None,
        volatile: false,
        check: None,
    }
}

/// One statement whose runs were seen, with one claim.
fn judged(claim: Claim, runs: Vec<Run>, stdout: &str, ending: Ending) -> Judgement {
    let span = Span { line: 1, column: 0, end_line: 1, end_column: 1 };
    let anchor = Anchor {
        source: 0,
        watch: Watch::Statement,
        span,
        probes: Vec::new(),
        value: true,
        output: true,
        announced: Default::default(),
    };
    let example = Example {
        id: "1".into(),
        title: String::new(),
        slug: String::new(),
        line: 1,
        blocks: Vec::new(),
        claims: vec![claim],
        sources: Vec::new(),
        anchors: vec![anchor],
        syntax_error: None,
        skipped: None,
    };
    let mut observation = Observation::empty(ending, 1);
    observation.stdout.bytes = stdout.as_bytes().to_vec();
    observation.anchors[0] = AnchorRuns { executions: runs.len() as u64, runs };
    one(&example, &example.claims[0], &observation)
}

fn verdict(kind: Kind, firm: bool, runs: Vec<Run>, stdout: &str, ending: Ending) -> Judgement {
    judged(claim("", vec![Reading { kind, firm }]), runs, stdout, ending)
}

/// The verdict on a claim with this text beside an expression that has the value `repr`.
pub fn verdict_of_claim(text: &str, repr: &str, type_name: &str) -> Verdict {
    let context = crate::claim::Context {
        stmt: crate::python::StmtKind::Expression,
        header: None,
        whole: false,
        nested: false,
        dormant: false,
        acts: true,
        prints: false,
        valued: true,
        targets: Vec::new(),
        code: "f()",
        templates: &[],
        parameters: Vec::new(),
        below: &[],
    };
    let content = match crate::value::parse(repr) {
        Some(crate::value::Value::Text { content, bytes: false }) => Some(content),
        _ => None,
    };
    let value =
        Rendered { repr: repr.into(), text: content, type_name: type_name.into(), ..Rendered::default() };
    let seen = Run { value: Some(value), ..run(None, (0, 0)) };
    judged(claim(text, crate::claim::read(text, &context).readings), vec![seen], "", Ending::Finished).verdict
}

fn output(text: &str) -> Kind {
    Kind::Output { cuts: crate::claim::cuts(text), labelled: true }
}

#[test]
fn an_output_holds_as_a_whole_line_by_line_or_over_all_runs() {
    let seen = |text: &str, runs: Vec<Run>, stdout: &str| {
        verdict(output(text), true, runs, stdout, Ending::Finished).verdict
    };
    assert_eq!(seen("13 (addition)", vec![run(None, (0, 3))], "13\n"), Verdict::Verified);
    assert_eq!(seen("two", vec![run(None, (0, 8))], "one\ntwo\n"), Verdict::Verified);
    assert_eq!(seen("1, 2", vec![run(None, (0, 2)), run(None, (2, 4))], "1\n2\n"), Verdict::Verified);
    assert_eq!(seen("14", vec![run(None, (0, 3))], "13\n"), Verdict::Mismatch);
    assert_eq!(seen("list of all users", vec![run(None, (0, 7))], "['bob']"), Verdict::Suspect);
}

#[test]
fn a_claim_whose_code_never_ran_is_unreached_or_blocked() {
    let never = |ending: Ending| verdict(output("1"), true, Vec::new(), "", ending).verdict;
    assert_eq!(never(Ending::Finished), Verdict::Unreached);
    assert_eq!(never(Ending::Exit { code: 0, line: None }), Verdict::Blocked);
}

#[test]
fn what_is_not_firm_never_condemns() {
    let kind = || Kind::Value { cuts: vec!["10 + 4".into()] };
    let judged = verdict(kind(), false, vec![run(Some("13"), (0, 0))], "", Ending::Finished);
    assert_eq!(judged.verdict, Verdict::Prose);
}

#[test]
fn a_near_miss_condemns_whatever_the_form() {
    let kind = Kind::Output { cuts: vec!["server-2: 2 requests".into()], labelled: false };
    let judged = verdict(kind, false, vec![run(None, (0, 21))], "server-2: 3 requests\n", Ending::Finished);
    assert_eq!(judged.verdict, Verdict::Mismatch);
    assert_eq!(judged.observed.as_deref(), Some("server-2: 3 requests"));
}
