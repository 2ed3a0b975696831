//! Trying one reading of a claim against what was observed.

use super::Sureness;
use super::ask::{
    about, contains_words, held, holds_about, in_turn, is_about, is_abstract, is_builtin, is_commentary,
    is_other_call, is_place, main_cut, quotes_source, same_message, same_object, shown, told, truthy,
};
use super::near::{LIKELY, SURE, holds_other, is_description, nearness};
use crate::claim::{Claim, Kind, Natural, Reading, cuts};
use crate::example::Example;
use crate::observation::{Ending, Observation, Probe, Raised, Rendered, Run};
use crate::plan::{Anchor, Announced, Watch};
use crate::python::{Shape, expression};
use crate::text::spelled_alike;
use crate::value::{self, same_printed, same_value};

/// What came of trying a reading.
#[derive(Debug, Clone, PartialEq)]
pub enum Attempt {
    Held {
        claimed: String,
        observed: String,
    },
    Failed {
        claimed: String,
        observed: String,
        /// What is wrong, for a person.
        message: String,
        sure: Sureness,
    },
    /// It could not be tried, or says nothing; the text says why.
    Unknown(String),
}

/// A claim with all that was seen of the code it speaks of.
pub struct Scene<'a> {
    pub(super) claim: &'a Claim,
    pub(super) observation: &'a Observation,
    /// Each anchor with its runs, the most fitting first.
    pub(super) sights: Vec<Sight<'a>>,
}

#[derive(Clone, Copy)]
pub(super) struct Sight<'a> {
    pub anchor: &'a Anchor,
    pub runs: &'a [Run],
    pub executions: u64,
}

/// What was observed of code that was to raise and did not.
pub const NO_EXCEPTION: &str = "no exception";

/// No more runs and lines than this are compared with one claim.
const MOST_RUNS: usize = 1_000;
const MOST_LINES: usize = 2_000;

impl<'a> Scene<'a> {
    pub fn new(example: &'a Example, claim: &'a Claim, observation: &'a Observation) -> Scene<'a> {
        let sight = |&at: &usize| {
            let anchor = example.anchors.get(at)?;
            let seen = observation.anchors.get(at)?;
            let runs = &seen.runs[..seen.runs.len().min(MOST_RUNS)];
            Some(Sight { anchor, runs, executions: seen.executions })
        };
        Scene { claim, observation, sights: claim.anchors.iter().filter_map(sight).collect() }
    }

    /// How often the code of the claim ran.
    pub fn executions(&self) -> u64 {
        self.sights.iter().map(|sight| sight.executions).max().unwrap_or(0)
    }

    pub fn attempt(&self, reading: &Reading) -> Attempt {
        match &reading.kind {
            Kind::Output { cuts, labelled } => match self.output(cuts, *labelled) {
                held @ Attempt::Held { .. } => self.slip_below().unwrap_or(held),
                other => other,
            },
            Kind::Silence => self.silence(),
            Kind::Value { cuts } => self.value(cuts),
            Kind::Binding { place, cuts, assigned } => self.binding(place, cuts, *assigned),
            Kind::Sequence { place, items } => self.sequence(place, items),
            Kind::Predicate { expression, expected } => self.predicate(expression, expected.as_deref()),
            Kind::Type { place, names } => self.type_of(place.as_deref(), names, reading.firm),
            Kind::Raises { type_name, messages } => self.raises(type_name, messages),
            Kind::Handles { type_name } => self.handles(type_name),
            Kind::Static { .. } => Attempt::Unknown("a type checker would have to be asked".to_string()),
            Kind::All(parts) => self.all(parts),
            Kind::Natural(natural) => self.natural(natural),
        }
    }

    pub(super) fn runs(&self) -> impl Iterator<Item = (&Sight<'a>, &'a Run)> {
        self.sights.iter().flat_map(|sight| sight.runs.iter().map(move |run| (sight, run)))
    }

    /// What each run of each anchor wrote to standard output.
    pub(super) fn written(&self) -> Vec<String> {
        self.runs()
            .filter(|(sight, _)| sight.anchor.output)
            .map(|(_, run)| self.observation.stdout_of(run).into_owned())
            .collect()
    }

    /// Whether a run printed just this text.
    pub fn printed_exactly(&self, text: &str) -> bool {
        !text.is_empty()
            && self
                .written()
                .iter()
                .any(|written| written.trim() == text || written.lines().any(|line| line.trim() == text))
    }

    fn output(&self, cuts: &[String], labelled: bool) -> Attempt {
        let written = self.written();
        if written.is_empty() {
            return Attempt::Unknown("its code did not run".to_string());
        }
        let candidates = self.printed_candidates(&written);
        let several = candidates.len() > 1;
        for cut in
            cuts.iter().filter(|cut| !several || is_commentary(&cuts[0][cut.len().min(cuts[0].len())..]))
        {
            for candidate in &candidates {
                if !candidate.trim().is_empty() && same_printed(cut, candidate) {
                    return held(cut, candidate);
                }
            }
            if let Some(near) =
                about(cut).and_then(|number| candidates.iter().find(|c| holds_about(number, c)))
            {
                return held(cut, near);
            }
        }
        if let Some(in_turn) = self.printed_in_turn(cuts) {
            return in_turn;
        }
        // A log line or a warning has words around the message.
        let written_to_stderr = self.runs().any(|(_, run)| {
            let text = self.observation.stderr_of(run);
            text.lines().filter(|line| !quotes_source(line)).any(|line| {
                cuts.iter()
                    .any(|cut| same_printed(cut, line) || (cut.len() >= 8 && contains_words(line, cut)))
            })
        });
        if written_to_stderr {
            return held(&cuts[0], &cuts[0]);
        }
        self.output_failed(cuts, &candidates, labelled)
    }

    /// An output that goes on over plain comment lines: one of them that is nearly, but not quite, a line that was printed.
    fn slip_below(&self) -> Option<Attempt> {
        let written = self.written();
        let printed: Vec<&str> = written.iter().flat_map(|text| text.lines()).take(MOST_LINES).collect();
        for line in self.claim.below.iter().filter(|line| !line.is_empty()) {
            let quoted = cuts(line).iter().any(|cut| printed.iter().any(|text| same_printed(cut, text)));
            let slip = |text: &&&str| nearness(line, text) >= SURE && !holds_other(line, text);
            if let Some(text) = printed.iter().find(slip).filter(|_| !quoted) {
                return Some(Attempt::Failed {
                    claimed: line.clone(),
                    observed: text.to_string(),
                    message: "a line below it does not match".to_string(),
                    sure: Sureness::Sure,
                });
            }
        }
        None
    }

    /// All that one claim beside output may quote: everything a run wrote, each line, the lines in a row, and the runs in a row.
    pub(super) fn printed_candidates(&self, written: &[String]) -> Vec<String> {
        let mut candidates: Vec<String> = Vec::new();
        let mut lines_left = MOST_LINES;
        for text in written {
            candidates.push(text.trim_end_matches(['\n', '\r']).to_string());
            let lines: Vec<&str> = text.lines().collect();
            if lines.len() > 1 {
                candidates.extend(lines.iter().take(lines_left).map(|line| line.to_string()));
                lines_left = lines_left.saturating_sub(lines.len());
                if lines.len() <= 200 {
                    candidates.push(lines.join(", "));
                    candidates.push(lines.join(" "));
                }
            }
        }
        // The anchors of a claim may see the same output twice: in a row, only the first one's runs count.
        if let Some(first) = self.sights.iter().find(|sight| sight.anchor.output)
            && first.runs.len() > 1
        {
            let texts: Vec<String> = first
                .runs
                .iter()
                .map(|run| self.observation.stdout_of(run).trim_end().replace('\n', ", "))
                .collect();
            if texts.iter().any(|text| !text.is_empty()) {
                candidates.extend([", ", " ", ""].map(|separator| texts.join(separator)));
            }
        }
        candidates
    }

    fn output_failed(&self, cuts: &[String], candidates: &[String], labelled: bool) -> Attempt {
        let mut best = (0.0, 0, 0);
        for (at, cut) in cuts.iter().enumerate() {
            for (other, candidate) in candidates.iter().take(200).enumerate() {
                let score = nearness(cut, candidate);
                if score > best.0 {
                    best = (score, at, other);
                }
            }
        }
        let (score, cut, candidate) = best;
        let printed_nothing = candidates.iter().all(|text| text.trim().is_empty());
        let claimed = if score > 0.0 { cuts[cut].clone() } else { main_cut(cuts) };
        let observed = if score > 0.0 { candidates[candidate].clone() } else { candidates[0].clone() };
        let quoted_in_part = !labelled && holds_other(&claimed, &observed);
        let behind_label = observed.lines().any(|line| line.trim_end().ends_with(&format!(": {claimed}")));
        let sure = if quoted_in_part {
            Sureness::Form
        } else if labelled && behind_label {
            Sureness::Description
        } else if score >= SURE {
            Sureness::Sure
        } else if score >= LIKELY {
            Sureness::Likely
        } else if labelled && self.describes(cuts, score, printed_nothing) {
            Sureness::Description
        } else {
            Sureness::Form
        };
        let message = if printed_nothing { "nothing was printed" } else { "something else was printed" };
        Attempt::Failed { claimed, observed, message: message.to_string(), sure }
    }

    /// Whether a text behind `Output:` describes the output rather than quoting it.
    fn describes(&self, cuts: &[String], score: f64, printed_nothing: bool) -> bool {
        let whole = &cuts[0];
        let literal = cuts.iter().any(|cut| value::literal(cut).is_some());
        let vague = about(whole).is_some() || (whole.contains('/') && !whole.contains(char::is_whitespace));
        let unlike = score < 0.35 && !printed_nothing;
        !literal && (vague || (unlike && is_description(&main_cut(cuts))))
    }

    fn silence(&self) -> Attempt {
        if self.sights.is_empty() {
            return Attempt::Unknown("there is no code that it speaks of".to_string());
        }
        if self.executions() == 0 {
            return match self.observation.ending {
                Ending::Finished => held("no output", ""),
                _ => Attempt::Unknown("its code did not run".to_string()),
            };
        }
        // Code that cannot write anything is not even listened to.
        let written = self.written();
        match written.iter().find(|text| !text.is_empty()) {
            None => held("no output", ""),
            Some(_) if written.iter().any(String::is_empty) => held("no output", ""),
            Some(text) => Attempt::Failed {
                claimed: self.claim.text.clone(),
                observed: text.trim_end().to_string(),
                message: "something was printed".to_string(),
                sure: Sureness::Form,
            },
        }
    }

    /// What `place` was in each run, where it could be evaluated.
    pub(super) fn probed(&self, place: &str) -> (Vec<&'a Rendered>, Option<&'a Raised>) {
        let (mut values, mut raised) = (Vec::new(), None);
        for (sight, run) in self.runs() {
            let Some(at) = sight.anchor.probes.iter().position(|probe| probe == place) else { continue };
            match run.probes.get(at) {
                Some(Probe::Value(value)) if !is_builtin(place, value) => values.push(value),
                Some(Probe::Raised(error)) => raised = Some(error),
                _ => {}
            }
        }
        (values, raised)
    }

    fn binding(&self, place: &str, cuts: &[String], assigned: bool) -> Attempt {
        let (values, _) = self.probed(place);
        let own: Vec<&Rendered> = if assigned {
            self.runs().filter_map(|(_, run)| run.value.as_ref()).collect()
        } else {
            Vec::new()
        };
        if values.is_empty() && own.is_empty() {
            return Attempt::Unknown(format!("`{place}` cannot be evaluated here"));
        }
        for cut in cuts {
            if let Some(value) = values.iter().chain(&own).find(|value| same_value(cut, value)) {
                return held(cut, shown(value));
            }
            if let Some(number) = about(cut)
                && let Some(value) = values.iter().find(|value| is_about(number, value))
            {
                return held(cut, &value.repr);
            }
            let meant = self.probed(cut).0;
            if let Some(value) =
                values.iter().find(|value| meant.iter().any(|other| same_object(other, value)))
            {
                return held(cut, shown(value));
            }
        }
        let Some(value) = values.last() else {
            return Attempt::Unknown(format!("`{place}` cannot be evaluated here"));
        };
        let literal = cuts.iter().find(|cut| value::literal(cut).is_some());
        let resolved = cuts.iter().find(|cut| !self.probed(cut).0.is_empty());
        let raised = cuts.iter().find(|cut| {
            let error = self.probed(cut).1;
            error.is_some_and(|error| error.type_name != "NameError")
        });
        let Some(claimed) = literal.or(resolved).or(raised) else {
            return Attempt::Unknown("the right side cannot be evaluated".to_string());
        };
        if let Some(otherwise) = self.evaluated_otherwise(std::slice::from_ref(claimed), &values) {
            return otherwise;
        }
        if is_other_call(claimed, &values)
            && values.iter().all(|value| nearness(claimed, shown(value)) < SURE)
        {
            return Attempt::Unknown("the value is of another class".to_string());
        }
        let message = format!("`{place}` is something else");
        Attempt::Failed {
            claimed: claimed.clone(),
            observed: shown(value).to_string(),
            message,
            sure: Sureness::Form,
        }
    }

    fn sequence(&self, place: &str, items: &[String]) -> Attempt {
        let (values, _) = self.probed(place);
        let items: Vec<&str> = items.iter().map(String::as_str).collect();
        if values.len() < 2 {
            return Attempt::Unknown(format!("`{place}` was not seen more than once"));
        }
        if in_turn(&items, &values, false) {
            return held(&items.join(", "), &items.join(", "));
        }
        Attempt::Failed {
            claimed: items.join(", "),
            observed: values.iter().take(20).map(|value| shown(value)).collect::<Vec<_>>().join(", "),
            message: format!("`{place}` is something else in turn"),
            sure: Sureness::Form,
        }
    }

    fn predicate(&self, text: &str, expected: Option<&str>) -> Attempt {
        let (values, raised) = self.probed(text);
        let Some(first) = values.first() else {
            let why =
                raised.map(|error| error.type_name.clone()).unwrap_or_else(|| "it did not run".to_string());
            return Attempt::Unknown(format!("`{text}` cannot be evaluated here: {why}"));
        };
        let holds = |value: &&&Rendered| match expected {
            Some(stated) => same_value(stated, value) || self.same_by_eye(text, stated, value),
            None => truthy(value),
        };
        let claimed = expected.unwrap_or(text);
        match values.iter().find(holds) {
            Some(value) => held(claimed, shown(value)),
            None => Attempt::Failed {
                claimed: claimed.to_string(),
                observed: shown(first).to_string(),
                message: format!("`{text}` is something else"),
                sure: Sureness::Form,
            },
        }
    }

    /// Arithmetic as people write it: `7 / 2 = 3`, `10 / 3 = 3.33`, `10 / 2 = 5`.
    fn same_by_eye(&self, text: &str, stated: &str, value: &Rendered) -> bool {
        let arithmetic = expression(text).is_some_and(|e| e.shape == Shape::Arithmetic);
        let (Ok(stated), Ok(value)) = (stated.parse::<f64>(), value.repr.parse::<f64>()) else {
            return false;
        };
        arithmetic && (stated == value || (text.contains('/') && stated == value.floor()))
    }

    fn type_of(&self, place: Option<&str>, names: &[String], firm: bool) -> Attempt {
        let values = match place {
            Some(place) => self.probed(place).0,
            None => self.own_values(),
        };
        if values.is_empty() {
            return Attempt::Unknown("no value was seen".to_string());
        }
        if names.iter().all(|name| is_abstract(name)) {
            return Attempt::Unknown("an abstract type".to_string());
        }
        let is = |value: &&&Rendered| {
            names.iter().any(|name| value.type_name == *name || value.bases.contains(name))
        };
        let claimed = names.last().cloned().unwrap_or_default();
        if let Some(value) = values.iter().find(is) {
            return held(&claimed, &value.type_name);
        }
        let near = values.iter().any(|value| spelled_alike(&claimed, &value.type_name));
        let sure = if near { Sureness::Sure } else { Sureness::Form };
        if !firm && !near {
            return Attempt::Unknown(format!("the type is {}", values[0].type_name));
        }
        let observed = values[0].type_name.clone();
        Attempt::Failed { claimed, observed, message: "the type is another".to_string(), sure }
    }

    /// The value of the code, or where it only binds, of what it bound.
    fn own_values(&self) -> Vec<&'a Rendered> {
        let own: Vec<&Rendered> = self
            .runs()
            .filter_map(|(_, run)| run.value.as_ref())
            .filter(|value| value.repr != "None")
            .collect();
        if own.is_empty() { self.values() } else { own }
    }

    fn raises(&self, type_name: &str, messages: &[String]) -> Attempt {
        let raised: Vec<&Raised> = self.runs().filter_map(|(_, run)| run.raised.as_ref()).collect();
        let name = type_name.rsplit('.').next().unwrap_or(type_name);
        let of_type =
            |error: &&&Raised| error.type_name == name || error.bases.iter().any(|base| base == name);
        for error in raised.iter().filter(of_type) {
            if messages.is_empty() {
                return held(type_name, &error.type_name);
            }
            if let Some(cut) =
                messages.iter().find(|cut| same_message(cut, &error.message, *cut == &messages[0]))
            {
                return held(&format!("{type_name}: {cut}"), &told(error));
            }
        }
        let claimed = match messages.last() {
            Some(_) => format!("{type_name}: {}", main_cut(messages)),
            None => type_name.to_string(),
        };
        // It names the very exception that was raised: whatever its form, it can mean nothing else.
        let named = raised.iter().find(of_type);
        match named.or(raised.first()) {
            Some(error) => Attempt::Failed {
                claimed,
                observed: if messages.is_empty() { error.type_name.clone() } else { told(error) },
                message: "another exception was raised".to_string(),
                sure: if named.is_some() || spelled_alike(name, &error.type_name) {
                    Sureness::Sure
                } else {
                    Sureness::Form
                },
            },
            None if self.could_raise() => Attempt::Failed {
                claimed,
                observed: NO_EXCEPTION.to_string(),
                message: "no exception was raised".to_string(),
                sure: Sureness::Form,
            },
            None => Attempt::Unknown("no exception was raised".to_string()),
        }
    }

    /// Whether the code ran, nothing was raised, and the claim can speak of nothing else: dormant code.
    fn could_raise(&self) -> bool {
        let tried = self.runs().any(|(_, run)| run.replay.is_some());
        (self.claim.dormant && tried)
            || (self.executions() > 0
                && self.sights.iter().any(|s| s.anchor.announced != Announced::None && !self.claim.dormant)
                && self.bare_exception())
    }

    /// `ValueError: must be positive`: nothing but the exception, with a message.
    fn bare_exception(&self) -> bool {
        self.claim.readings.iter().any(|reading| {
            matches!(&reading.kind, Kind::Raises { type_name, messages }
                if !messages.is_empty() && self.claim.text.starts_with(type_name.as_str()))
        })
    }

    fn handles(&self, type_name: &str) -> Attempt {
        let caught: Vec<&Raised> = self
            .runs()
            .filter(|(sight, _)| sight.anchor.watch == Watch::Handler)
            .filter_map(|(_, run)| run.raised.as_ref())
            .collect();
        let is = |error: &&&Raised| {
            error.type_name == type_name || error.bases.iter().any(|base| base == type_name)
        };
        match (caught.iter().find(is), caught.first()) {
            (Some(error), _) => held(type_name, &error.type_name),
            (None, Some(error)) => Attempt::Failed {
                claimed: type_name.to_string(),
                observed: error.type_name.clone(),
                message: "another exception was caught".to_string(),
                sure: Sureness::Form,
            },
            (None, None) => Attempt::Unknown("nothing was caught here".to_string()),
        }
    }

    /// All at the same place: `b=2, a=1` may be true before a line or after it, not half and half.
    fn all(&self, parts: &[Reading]) -> Attempt {
        let mut worst = Attempt::Unknown("its code did not run".to_string());
        for sight in &self.sights {
            let here = Scene { claim: self.claim, observation: self.observation, sights: vec![*sight] };
            match here.all_here(parts) {
                Attempt::Unknown(note) if matches!(worst, Attempt::Unknown(_)) => {
                    worst = Attempt::Unknown(note)
                }
                Attempt::Unknown(_) => {}
                found @ Attempt::Held { .. } => return found,
                failed if matches!(worst, Attempt::Unknown(_)) => worst = failed,
                Attempt::Failed { .. } => {}
            }
        }
        worst
    }

    fn all_here(&self, parts: &[Reading]) -> Attempt {
        let mut seen = Vec::new();
        let mut unknown = None;
        for part in parts {
            match self.attempt(part) {
                Attempt::Held { claimed, observed } => seen.push((claimed, observed)),
                Attempt::Unknown(note) => unknown = Some(note),
                failed => return failed,
            }
        }
        match (seen.is_empty(), unknown) {
            (true, Some(note)) => Attempt::Unknown(note),
            _ => {
                let (claimed, observed): (Vec<_>, Vec<_>) = seen.into_iter().unzip();
                held(&claimed.join(", "), &observed.join(", "))
            }
        }
    }

    fn natural(&self, natural: &Natural) -> Attempt {
        let holds = match natural {
            Natural::Runs => self.ran(),
            Natural::Skips => self.skipped(),
            Natural::Length(length) => {
                self.values().iter().any(|value| value.len == Some(*length)) || self.bound() == *length
            }
            Natural::TypeWord(names) => {
                self.own_values().iter().any(|value| names.contains(&value.type_name))
            }
            Natural::SameObject(names) => self.same_objects(names),
            Natural::Lines(count) => self.written().iter().any(|text| text.lines().count() as u64 == *count),
            Natural::Times(count) => self.executions() == *count,
            Natural::Empty => self.values().iter().any(|value| value.len == Some(0)),
            Natural::Holds(literal) => {
                self.own_values().iter().any(|value| same_value(literal, value))
                    || self.written().iter().any(|text| same_printed(literal, text))
            }
        };
        if holds {
            held(&self.claim.text, &self.claim.text)
        } else {
            Attempt::Unknown("not sure".to_string())
        }
    }

    /// The condition was true in some run; code without a condition ran.
    fn ran(&self) -> bool {
        let tested = self.sights.iter().any(|sight| sight.anchor.watch == Watch::Expression);
        self.executions() > 0
            && (!tested || self.runs().filter_map(|(_, run)| run.value.as_ref()).any(truthy))
    }

    fn skipped(&self) -> bool {
        if self.executions() == 0 {
            return !self.sights.is_empty() && self.observation.ending == Ending::Finished;
        }
        let tested = self.sights.iter().any(|sight| sight.anchor.watch == Watch::Expression);
        tested && self.runs().filter_map(|(_, run)| run.value.as_ref()).any(|value| !truthy(value))
    }

    /// How many names the code binds.
    fn bound(&self) -> u64 {
        let Some(sight) = self.sights.first() else { return 0 };
        sight.anchor.probes.iter().filter(|probe| is_place(probe)).count() as u64
    }

    fn same_objects(&self, names: &[String]) -> bool {
        let first: Vec<Option<u64>> =
            names.iter().map(|name| self.probed(name).0.first().map(|value| value.identity)).collect();
        first.len() > 1 && first[0].is_some() && first.iter().all(|identity| *identity == first[0])
    }
}
