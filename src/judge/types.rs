//! Claims about type checkers, judged by what these answered.

use super::ask::{contains_words, held, main_cut};
use super::reading::Attempt;
use super::{Failure, Sureness, failed, plain, skip, trial};
use crate::checker::{Answer, Report};
use crate::claim::{Claim, Kind, cuts};
use crate::outcome::{Judgement, Verdict};
use crate::value::{normalize, same_text};

/// Judges a claim about a type checker; None for any other. `answer` is None where nobody could be asked.
pub fn judge(claim: &Claim, answer: Option<&Answer>) -> Option<Judgement> {
    let reading = claim.readings.first()?;
    let Kind::Static { checker, messages, absent } = &reading.kind else { return None };
    let Some(check) = &claim.check else {
        return Some(skip(claim, "there is no code here that a type checker could be shown"));
    };
    let name = checker.as_deref().unwrap_or("a type checker");
    let Some(answer) = answer else {
        return Some(skip(claim, &format!("a claim about {name}, which was not run")));
    };
    let name = answer.checker.map_or_else(|| name.to_owned(), |checker| checker.name().to_owned());
    let here: Vec<&Report> =
        answer.reports.iter().filter(|report| check.lines.contains(&report.line)).collect();
    // What was not looked at may hold errors. That there is one is known even so.
    if let Some(reason) = answer.stopped.as_ref().filter(|_| here.is_empty()) {
        return Some(skip(claim, reason));
    }
    let said = main_cut(&cuts(&claim.text));
    let attempt = if *absent { silent(&said, &here, &name) } else { reported(&said, messages, &here, &name) };
    let trials = vec![trial(reading, &attempt)];
    let judgement = match attempt {
        Attempt::Held { claimed, observed } => {
            Judgement { claimed: Some(claimed), observed: Some(observed), ..plain(Verdict::Verified, 0) }
        }
        Attempt::Failed { claimed, observed, message, sure } if reading.firm => {
            failed(claim, Failure { kind: &reading.kind, firm: true, claimed, observed, message, sure }, 0)
        }
        _ => plain(Verdict::Prose, 0),
    };
    Some(Judgement { trials, ..judgement })
}

/// `mypy reports no error`
fn silent(said: &str, here: &[&Report], name: &str) -> Attempt {
    match here.first() {
        None => held(said, "no error"),
        Some(report) => fails(said, &report.message, format!("{name} reports an error here")),
    }
}

/// `mypy error`, `mypy error: Argument 1 has incompatible type …`
fn reported(said: &str, messages: &[String], here: &[&Report], name: &str) -> Attempt {
    let claimed = if messages.is_empty() { said.to_owned() } else { main_cut(messages) };
    let Some(first) = here.first() else {
        return fails(&claimed, "no error", format!("{name} reports no error here"));
    };
    if messages.is_empty() {
        return held(said, &first.message);
    }
    for message in messages {
        if let Some(report) = here.iter().find(|report| is_part(message, report)) {
            return held(message, &report.message);
        }
    }
    fails(&claimed, &first.message, format!("{name} reports another error here"))
}

fn fails(claimed: &str, observed: &str, message: String) -> Attempt {
    Attempt::Failed {
        claimed: claimed.to_owned(),
        observed: observed.to_owned(),
        message,
        sure: Sureness::Form,
    }
}

/// Whether the claimed message is the report's, or a part of it with whole words. Neither the case of its first letter nor the kind of
/// quotes counts; the code in brackets may follow it or be all of it.
fn is_part(claimed: &str, report: &Report) -> bool {
    const SHORTEST: usize = 4;
    let plain = |text: &str| normalize(&text.replace(['"', '\'', '`', '“', '”', '‘', '’'], ""));
    let coded = report.code.as_ref().map(|code| format!("{} [{code}]", report.message));
    let mut texts = std::iter::once(&report.message).chain(&coded).map(|text| plain(text));
    let claimed = plain(claimed);
    let Some(first) = claimed.chars().next() else { return false };
    let rest = &claimed[first.len_utf8()..];
    let variants = [
        claimed.clone(),
        first.to_uppercase().chain(rest.chars()).collect::<String>(),
        first.to_lowercase().chain(rest.chars()).collect::<String>(),
    ];
    texts.any(|text| {
        variants.iter().any(|variant| {
            same_text(variant, &text) || (variant.len() >= SHORTEST && contains_words(&text, variant))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checker::{Checker, TypeCheck};
    use crate::claim::Form;

    const REAL: &str = "Argument 1 to \"push\" of \"Stack\" has incompatible type \"str\"; expected \"int\"";

    fn claim(text: &str) -> Claim {
        let document =
            crate::example::Document { path: "a.md".into(), text: format!("```py\nf()  # => {text}\n```\n") };
        let (sections, _) = crate::markdown::sections(&document.text);
        let claim = crate::extract::examples(&document, sections).remove(0).claims.remove(0);
        assert_eq!(
            (claim.form, &claim.check),
            (Form::Static, &Some(TypeCheck { lines: 2..=2, enabled: None }))
        );
        claim
    }

    fn answer(line: usize) -> Answer {
        let report = Report { line, message: REAL.into(), code: Some("arg-type".into()) };
        Answer { checker: Some(Checker::Mypy), reports: vec![report], stopped: None }
    }

    fn verdict(text: &str, answer: &Answer) -> Verdict {
        super::judge(&claim(text), Some(answer)).unwrap().verdict
    }

    #[test]
    fn an_error_holds_where_one_is_reported_on_the_statement() {
        assert_eq!(verdict("mypy error", &answer(2)), Verdict::Verified);
        assert_eq!(verdict("mypy error (no such method)", &answer(2)), Verdict::Verified);
        let judged = super::judge(&claim("mypy error"), Some(&answer(3))).unwrap();
        assert_eq!(judged.verdict, Verdict::Mismatch);
        assert_eq!(judged.message.as_deref(), Some("mypy reports no error here"));
        assert_eq!(judged.observed.as_deref(), Some("no error"));
    }

    #[test]
    fn a_message_must_be_part_of_one_that_is_reported() {
        for part in [
            REAL,
            "argument 1 to \"push\" of \"Stack\" has incompatible type",
            "Argument 1 to 'push' of 'Stack' has incompatible type 'str'",
            "has incompatible type \"str\"; expected \"int\"  [arg-type]",
            "Argument 1 ... expected \"int\"",
            "incompatible type (a str is no int)",
            "expected int",
        ] {
            assert_eq!(verdict(&format!("mypy error: {part}"), &answer(2)), Verdict::Verified, "{part}");
        }
        assert_eq!(verdict("mypy error [arg-type]", &answer(2)), Verdict::Verified);
        for other in [
            "Argument 2 to \"push\"",
            "Argument 1 to \"push\" of \"Stack\" has incompatible type \"st",
            "expected \"float\"",
            "expected int, got str",
            "has incompatible type \"str\"; expected \"float\"",
            "incompatible types",
            "has incompatible type \"str\"; expected \"int\"  [call-arg]",
        ] {
            let judged = super::judge(&claim(&format!("mypy error: {other}")), Some(&answer(2))).unwrap();
            assert_eq!(judged.verdict, Verdict::Mismatch, "{other}");
            assert_eq!(judged.observed.as_deref(), Some(REAL));
        }
        assert_eq!(verdict("mypy error [call-arg]", &answer(2)), Verdict::Mismatch);
    }

    #[test]
    fn no_error_holds_where_none_is_reported_on_the_statement() {
        assert_eq!(verdict("mypy reports no error", &answer(3)), Verdict::Verified);
        assert_eq!(verdict("mypy reports no error", &answer(2)), Verdict::Mismatch);
    }

    #[test]
    fn where_the_checker_could_not_look_the_claim_is_skipped_with_the_reason() {
        let judged =
            super::judge(&claim("mypy error"), Some(&Answer::none("mypy is not installed"))).unwrap();
        assert_eq!(
            (judged.verdict, judged.message.as_deref()),
            (Verdict::Skipped, Some("mypy is not installed"))
        );
        let stopped = |line| Answer { stopped: Some("mypy stopped".into()), ..answer(line) };
        assert_eq!(verdict("mypy error", &stopped(3)), Verdict::Skipped);
        assert_eq!(verdict("mypy error", &stopped(2)), Verdict::Verified);
        assert_eq!(verdict("mypy reports no error", &stopped(3)), Verdict::Skipped);
        assert_eq!(super::judge(&claim("mypy error"), None).unwrap().verdict, Verdict::Skipped);
    }

    #[test]
    fn what_is_not_firm_never_condemns() {
        assert_eq!(verdict_of_any("mypy error if x is None", &answer(3)), Verdict::Prose);
        assert_eq!(verdict_of_any("mypy error if x is None", &answer(2)), Verdict::Verified);
    }

    /// As `verdict`, for claims that are not firm and so have the form of prose.
    fn verdict_of_any(text: &str, answer: &Answer) -> Verdict {
        let mut claim = claim("mypy error");
        claim.readings = vec![crate::claim::read(text, &context()).readings.remove(0)];
        claim.text = text.into();
        super::judge(&claim, Some(answer)).unwrap().verdict
    }

    fn context() -> crate::claim::Context<'static> {
        crate::claim::Context {
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
        }
    }
}
