//! Claims that are a value: `42`, `[1, 2]`, `Point(x=3, y=4)`, also of several runs or over several lines.

use super::Sureness;
use super::ask::{
    about, held, in_turn, is_about, is_builtin, is_other_call, is_other_type, is_place, main_cut,
    same_evaluated, shown,
};
use super::near::{SURE, holds_other, nearness};
use super::reading::{Attempt, Scene};
use crate::claim::{Beside, split_top};
use crate::observation::{Probe, Rendered, Run};
use crate::plan::Watch;
use crate::python::{Shape, expression};
use crate::value::{self, same_printed, same_value};

impl<'a> Scene<'a> {
    /// The values that a bare literal at this code may speak of, in the order in which a reader thinks of them.
    pub(super) fn values(&self) -> Vec<&'a Rendered> {
        let mut values = Vec::new();
        for sight in &self.sights {
            for run in sight.runs {
                values.extend(run.value.iter().filter(|value| {
                    !(value.repr == "None" && sight.anchor.output && run.stdout.1 > run.stdout.0)
                }));
                let subject = |(at, probe): (usize, &'a Probe)| match probe {
                    Probe::Value(value) => {
                        let name = &sight.anchor.probes[at];
                        (self.claim.subjects.contains(name) && !is_builtin(name, value)).then_some(value)
                    }
                    _ => None,
                };
                values.extend(run.probes.iter().enumerate().filter_map(subject));
            }
        }
        values
    }

    /// The lines of a value that takes several to show.
    pub fn value_lines(&self) -> Vec<&'a str> {
        let mut texts =
            self.runs().filter_map(|(_, run)| run.value.as_ref()).filter(|value| value.type_name != "str");
        let long = |value: &&Rendered| {
            value.repr.contains('\n') || value.text.as_ref().is_some_and(|t| t.contains('\n'))
        };
        let first = texts.find(long);
        first
            .iter()
            .flat_map(|value| value.repr.lines().chain(value.text.iter().flat_map(|t| t.lines())))
            .collect()
    }

    /// What each run of the first anchor that prints wrote, where that is one line each.
    pub fn printed_by_runs(&self) -> Vec<String> {
        let Some(first) = self.sights.iter().find(|sight| sight.anchor.output) else { return Vec::new() };
        let texts: Vec<String> =
            first.runs.iter().map(|run| self.observation.stdout_of(run).trim_end().to_string()).collect();
        if texts.iter().all(|text| !text.is_empty() && !text.contains('\n')) { texts } else { Vec::new() }
    }

    pub(super) fn value(&self, cuts: &[String]) -> Attempt {
        let (values, written) = (self.values(), self.written());
        if values.is_empty() && written.iter().all(|text| text.is_empty()) {
            return Attempt::Unknown("its code has no value that was seen".to_string());
        }
        let printed = self.printed_candidates(&written);
        for cut in cuts {
            if let Some(value) = values.iter().find(|value| same_value(cut, value)) {
                return held(cut, shown(value));
            }
            if let Some(text) = printed.iter().find(|text| !text.trim().is_empty() && same_printed(cut, text))
            {
                return held(cut, text);
            }
            if let Some(number) = about(cut)
                && let Some(value) = values.iter().find(|value| is_about(number, value))
            {
                return held(cut, &value.repr);
            }
            if let Some(found) = self.evaluated_as(cut, &values, &printed) {
                return found;
            }
        }
        if let Some(in_turn) = self.values_in_turn(cuts).or_else(|| self.printed_in_turn(cuts)) {
            return in_turn;
        }
        self.evaluated_otherwise(cuts, &values).unwrap_or_else(|| self.value_failed(cuts, &values, &printed))
    }

    /// A claim that is an expression: `10 + 3`, `Point(3, 4)`: what it evaluates to there.
    fn evaluated_as(&self, cut: &str, values: &[&Rendered], printed: &[String]) -> Option<Attempt> {
        for (sight, run) in self.runs() {
            let Some(at) = sight.anchor.probes.iter().position(|probe| probe == cut) else { continue };
            if is_place(cut) {
                continue;
            }
            let Some(Probe::Value(meant)) = run.probes.get(at) else { continue };
            let text = meant.text.as_deref().unwrap_or(&meant.repr);
            if values.iter().any(|value| same_evaluated(meant, value))
                || printed.iter().any(|p| p.trim() == text)
            {
                return Some(held(cut, &meant.repr));
            }
        }
        None
    }

    /// A claim that is an expression, `Color.RED`, `Path("a/b")`, and evaluates to another value of the very same type: it can
    /// only have been meant as the value.
    pub(super) fn evaluated_otherwise(&self, cuts: &[String], values: &[&Rendered]) -> Option<Attempt> {
        let computed = |cut: &&String| {
            expression(cut).is_some_and(|e| matches!(e.shape, Shape::Place | Shape::Call | Shape::Other))
        };
        for cut in cuts.iter().filter(computed) {
            for meant in self.probed(cut).0 {
                let other = values.iter().find(|value| {
                    value.type_name == meant.type_name
                        && value.repr != meant.repr
                        && !value.repr.contains(" at 0x")
                });
                if let Some(value) = other {
                    return Some(Attempt::Failed {
                        claimed: cut.clone(),
                        observed: shown(value).to_string(),
                        message: "the value is something else".to_string(),
                        sure: Sureness::Sure,
                    });
                }
            }
        }
        None
    }

    /// `0, 1, 2` for the passes of a loop.
    fn values_in_turn(&self, cuts: &[String]) -> Option<Attempt> {
        let first = self.sights.iter().find(|sight| sight.runs.len() > 1)?;
        // What it returns, else what it leaves behind: `result.append(x)  # => [1], [1, 2]`.
        let of_run = |run: &'a Run| {
            let own = run.value.as_ref().filter(|value| value.repr != "None");
            own.or(run.probes.iter().find_map(|probe| match probe {
                Probe::Value(value) => Some(value),
                _ => None,
            }))
        };
        let values: Vec<&Rendered> = first.runs.iter().filter_map(of_run).collect();
        cuts.iter()
            .find(|cut| {
                let items: Vec<&str> =
                    split_top(cut, ", ").into_iter().map(|item| item.trim_start_matches("then ")).collect();
                items.len() > 1 && in_turn(&items, &values, true)
            })
            .map(|cut| held(cut, cut))
    }

    /// `"1 a", "2 b"` and `A 2, then B 1` for what the runs print.
    pub(super) fn printed_in_turn(&self, cuts: &[String]) -> Option<Attempt> {
        let runs = self.printed_by_runs();
        let lines: Vec<String> =
            self.written().iter().flat_map(|text| text.lines().map(str::to_string)).collect();
        let found = cuts.iter().find(|cut| {
            let items: Vec<String> = split_top(&cut.replace(", then ", ", ").replace(" then ", ", "), ", ")
                .into_iter()
                .map(|item| item.trim_start_matches("then ").to_string())
                .collect();
            let same = |texts: &[String]| {
                items.len() > 1
                    && items.len() == texts.len()
                    && items.iter().zip(texts).all(|(item, text)| same_printed(item, text))
            };
            same(&runs) || same(&lines)
        })?;
        Some(held(found, found))
    }

    fn value_failed(&self, cuts: &[String], values: &[&Rendered], printed: &[String]) -> Attempt {
        let claimed = main_cut(cuts);
        let meaningful: Vec<&Rendered> =
            values.iter().copied().filter(|value| value.repr != "None").collect();
        let text = printed.iter().find(|text| !text.trim().is_empty());
        let near = cuts.iter().map(|cut| nearness_to_any(cut, values)).fold(0.0, f64::max);
        if near < SURE
            && text.is_none()
            && let Some(note) = self.speaks_of_something_else(&claimed, &meaningful)
        {
            return Attempt::Unknown(note.to_string());
        }
        let (observed, message) = match (meaningful.first(), text) {
            (_, Some(text)) => (text.clone(), "something else was printed"),
            (Some(value), None) => (shown(value).to_string(), "the value is something else"),
            (None, None) => ("None".to_string(), "there is no such value"),
        };
        let sure = match (meaningful.first(), text) {
            _ if near >= SURE || is_other_type(&claimed, values) => Sureness::Sure,
            // A literal beside a call that returns and prints nothing may speak of a state that it leaves behind.
            (None, None) if claimed != "None" && self.claim.beside == Beside::Call => Sureness::Description,
            // Only a state is there to compare with, and the author may speak of another.
            (Some(_), None) if !self.has_own_value() => Sureness::Description,
            _ => Sureness::Form,
        };
        Attempt::Failed { claimed, observed, message: message.to_string(), sure }
    }

    /// Why a literal that is not the value need not be meant as it.
    fn speaks_of_something_else(&self, claimed: &str, values: &[&Rendered]) -> Option<&'static str> {
        let simple = |value: &&Rendered| {
            !value.repr.starts_with('<') && value::literal(&value.repr).is_some_and(|shown| !shown.is_call())
        };
        let chain = self.claim.text.contains('→') || self.claim.text.contains("->");
        if !values.is_empty() && !values.iter().any(simple) {
            if chain {
                return Some("a chain of objects is drawn");
            }
            if self.claim.beside == Beside::ClassBody {
                return Some("the class makes something else of it");
            }
        }
        is_other_call(claimed, values).then_some("it says what is called")
    }

    /// Whether a value of the code itself was seen, not just of the names around it.
    fn has_own_value(&self) -> bool {
        self.runs().any(|(sight, run)| {
            run.value.as_ref().is_some_and(|value| value.repr != "None") || sight.anchor.watch == Watch::Pass
        }) || self.sights.iter().any(|sight| sight.anchor.probes.len() == 1)
    }
}

/// How near a text is to one of the values, unless it only says more or less of it.
fn nearness_to_any(claimed: &str, values: &[&Rendered]) -> f64 {
    let near = |value: &&Rendered| {
        let text = match &value.text {
            Some(text) if value.type_name == "str" => text,
            _ => &value.repr,
        };
        if holds_other(claimed, text) {
            0.0
        } else {
            nearness(claimed, text).max(nearness(claimed, &value.repr))
        }
    };
    values.iter().map(near).fold(0.0, f64::max)
}
