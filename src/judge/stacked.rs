//! Claims on several comment lines that belong together: an output that goes on, a table with a claim for each of its
//! lines, the passes of a loop one below the other.

use super::near::{LIKELY, nearness};
use super::plain;
use super::reading::{Attempt, Scene};
use crate::claim::{Claim, Kind};
use crate::diagnostic::Code;
use crate::example::Example;
use crate::observation::Observation;
use crate::outcome::{Judgement, Verdict};
use crate::value::{normalize, same_printed};
use std::ops::Range;

/// No more lines than this are taken together.
const LONGEST: usize = 60;

/// Judges once more, with their neighbours, the claims that stand below each other at one piece of code.
pub fn judge(example: &Example, observation: &Observation, judgements: &mut [Judgement]) {
    let claims = &example.claims;
    let mut start = 0;
    while start < claims.len() {
        let mut end = start + 1;
        while end < claims.len() && end - start < LONGEST && adjoin(&claims[end - 1], &claims[end]) {
            end += 1;
        }
        if end - start > 1 {
            join(example, observation, start..end, judgements);
            pair_with_lines(example, observation, start..end, judgements);
            in_order(example, observation, start..end, judgements);
        }
        start = end;
    }
}

fn adjoin(above: &Claim, below: &Claim) -> bool {
    below.line == above.line + 1 && below.anchors == above.anchors && !below.anchors.is_empty()
}

/// An `Output:` or a value may go on over several lines: a claim that does not hold alone is tried with those below it.
fn join(example: &Example, observation: &Observation, group: Range<usize>, judgements: &mut [Judgement]) {
    let mut at = group.start;
    while at + 1 < group.end {
        let claim = &example.claims[at];
        let doubtful = matches!(judgements[at].verdict, Verdict::Mismatch | Verdict::Suspect);
        if doubtful || (judgements[at].verdict != Verdict::Verified && open_bracket(&claim.text)) {
            let mut whole = claim.clone();
            for next in at + 1..group.end {
                if let Some(held) = joined(example, &mut whole, &example.claims[next].text, observation) {
                    judgements[at..=next].fill(held);
                    at = next;
                    break;
                }
            }
        }
        at += 1;
    }
}

/// Whether a text opens a bracket that it does not close.
fn open_bracket(text: &str) -> bool {
    let count = |brackets: [char; 3]| text.matches(brackets).count();
    count(['(', '[', '{']) > count([')', ']', '}'])
}

/// Adds one more line to a claim's output and value readings, and tries them.
fn joined(example: &Example, claim: &mut Claim, line: &str, observation: &Observation) -> Option<Judgement> {
    claim.readings.retain_mut(|reading| {
        let (Kind::Output { cuts, .. } | Kind::Value { cuts } | Kind::Binding { cuts, .. }) =
            &mut reading.kind
        else {
            return false;
        };
        cuts.truncate(1);
        if let Some(whole) = cuts.first_mut() {
            whole.push('\n');
            whole.push_str(line);
        }
        true
    });
    let scene = Scene::new(example, claim, observation);
    claim.readings.iter().find_map(|reading| match scene.attempt(reading) {
        Attempt::Held { claimed, observed } => Some(Judgement {
            claimed: Some(claimed),
            observed: Some(observed),
            ..plain(Verdict::Verified, scene.executions())
        }),
        _ => None,
    })
}

/// A value that takes several lines to show (a frame, a matrix), with a claim for each of them: where half of them are lines
/// of it, the others are meant to be, too.
fn pair_with_lines(
    example: &Example,
    observation: &Observation,
    group: Range<usize>,
    judgements: &mut [Judgement],
) {
    let scene = Scene::new(example, &example.claims[group.start], observation);
    let lines = scene.value_lines();
    if lines.len() < 2 {
        return;
    }
    let normal: Vec<String> = lines.iter().map(|line| normalize(line)).collect();
    let found = |at: usize| normal.contains(&normalize(&example.claims[at].text));
    let matched = group.clone().filter(|&at| found(at)).count();
    if matched == 0 || matched * 2 < group.len() {
        return;
    }
    for at in group {
        let text = &example.claims[at].text;
        if found(at) {
            let (claimed, observed) = (Some(text.clone()), Some(text.clone()));
            judgements[at] = Judgement { claimed, observed, ..plain(Verdict::Verified, scene.executions()) };
            continue;
        }
        let near = lines.iter().max_by(|a, b| nearness(text, a).total_cmp(&nearness(text, b)));
        if let Some(line) = near.filter(|line| nearness(text, line) >= LIKELY)
            && judgements[at].verdict != Verdict::Verified
        {
            judgements[at] =
                wrong(text, line.trim(), "this line of it is something else", scene.executions());
        }
    }
}

/// One claim for each pass of a loop: they hold in the order in which they stand.
fn in_order(example: &Example, observation: &Observation, group: Range<usize>, judgements: &mut [Judgement]) {
    let scene = Scene::new(example, &example.claims[group.start], observation);
    let runs = scene.printed_by_runs();
    if runs.len() != group.len() || !group.clone().all(|at| judgements[at].verdict == Verdict::Verified) {
        return;
    }
    let claimed: Vec<String> = group.clone().filter_map(|at| judgements[at].claimed.clone()).collect();
    let one_each = claimed.iter().all(|text| runs.iter().any(|run| same_printed(text, run)));
    if claimed.len() != runs.len() || !one_each {
        return;
    }
    for ((at, text), run) in group.zip(&claimed).zip(&runs) {
        if !same_printed(text, run) {
            judgements[at] = wrong(text, run, "this was printed in another order", runs.len() as u64);
        }
    }
}

fn wrong(claimed: &str, observed: &str, message: &str, executions: u64) -> Judgement {
    Judgement {
        claimed: Some(claimed.to_string()),
        observed: Some(observed.to_string()),
        code: Some(Code::Mismatch),
        message: Some(message.to_string()),
        ..plain(Verdict::Mismatch, executions)
    }
}
