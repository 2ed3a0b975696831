//! No claim text and no observed text whatever crashes or hangs reading and judging.
#![no_main]

use libfuzzer_sys::fuzz_target;
use verify_examples::claim::{Context, read};
use verify_examples::example::Document;
use verify_examples::judge::{JudgeSettings, judge};
use verify_examples::observation::{AnchorRuns, Ending, Observation, Probe, Rendered, Run};
use verify_examples::python::StmtKind;
use verify_examples::{extract, markdown};

fuzz_target!(|input: (String, String, bool)| {
    let (claim, seen, printed) = input;
    let context = Context {
        stmt: StmtKind::Expression,
        header: None,
        whole: false,
        nested: false,
        dormant: false,
        acts: true,
        prints: printed,
        valued: true,
        targets: vec!["x".into()],
        code: "x = f()",
        templates: &[],
        parameters: Vec::new(),
        below: &[],
    };
    let _ = read(&claim, &context);

    // The same through a whole document, with everything that was watched seen as `seen`.
    let line: String = claim.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = format!("# A\n\n```python\nx = f()  # => {line}\nprint(x)  # => {line}\n```\n");
    let document = Document { path: "a.md".into(), text };
    let (sections, _) = markdown::sections(&document.text);
    for example in extract::examples(&document, sections) {
        let mut observation = Observation::empty(Ending::Finished, example.anchors.len());
        observation.stdout.bytes = seen.clone().into_bytes();
        let value = || Rendered { repr: seen.clone(), text: Some(seen.clone()), ..Rendered::default() };
        for (anchor, runs) in example.anchors.iter().zip(&mut observation.anchors) {
            let run = Run {
                value: (!printed).then(value),
                probes: anchor.probes.iter().map(|_| Probe::Value(value())).collect(),
                stdout: (0, seen.len() as u64),
                stderr: (0, 0),
                raised: None,
                replay: None,
            };
            *runs = AnchorRuns { executions: 2, runs: vec![run.clone(), run] };
        }
        let settings = JudgeSettings { python: (3, 11), strict: true };
        let _ = judge(&document, &example, &observation, &[], &settings);
    }
});
