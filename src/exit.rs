//! What the command's exit status says, worked out of a report.

use crate::observation::Ending;
use crate::outcome::{Status, Verdict};
use crate::report::Report;

/// The exit status of `verify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing is wrong.
    Clean,
    /// Something is wrong in the documents: a mismatch, an error, a timeout, a crash; with `--strict` also a
    /// claim that is suspect, unreached, blocked or skipped.
    Wrong,
    /// The command could not do its job: bad usage, a document that cannot be read, a directive that cannot
    /// be followed, no interpreter.
    Unable,
    /// Nothing was checked: no example, or a selection that is empty.
    Nothing,
    /// Stopped by Ctrl-C.
    Interrupted,
}

impl Exit {
    /// The number that the system gets.
    pub fn code(self) -> u8 {
        match self {
            Exit::Clean => 0,
            Exit::Wrong => 1,
            Exit::Unable => 2,
            Exit::Nothing => 3,
            Exit::Interrupted => 130,
        }
    }

    /// The exit status that a report deserves. The graver one wins: interrupted, unable, wrong, nothing.
    /// `zero`: what is wrong in documents does not count (`--exit-zero`).
    pub fn of(report: &Report, strict: bool, zero: bool) -> Exit {
        let mut outcomes = report
            .documents
            .iter()
            .flat_map(|document| &document.examples)
            .map(|(_, outcome)| outcome)
            .peekable();
        let none = outcomes.peek().is_none();
        let unable = !report.problems.is_empty() || report.notes.iter().flatten().any(|note| note.error);
        let (mut wrong, mut broken) = (false, false);
        for outcome in outcomes {
            broken |= matches!(outcome.ending, Some(Ending::Worker { .. }));
            wrong |= match outcome.status {
                Status::Failed | Status::Error | Status::Timeout => true,
                Status::Skipped => strict,
                Status::Passed => false,
            };
            wrong |= outcome.judgements.iter().any(|judgement| counts(judgement.verdict, strict));
        }
        if report.interrupted {
            Exit::Interrupted
        } else if unable || broken {
            Exit::Unable
        } else if wrong && !zero {
            Exit::Wrong
        } else if none {
            Exit::Nothing
        } else {
            Exit::Clean
        }
    }
}

/// Whether a claim with this verdict makes its example fail.
pub fn counts(verdict: Verdict, strict: bool) -> bool {
    match verdict {
        Verdict::Mismatch => true,
        Verdict::Suspect | Verdict::Unreached | Verdict::Blocked | Verdict::Skipped => strict,
        Verdict::Verified | Verdict::Prose => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::MarkdownNote;
    use crate::report::Problem;
    use crate::report::samples::{judged, report_of, with_ending};

    #[test]
    fn a_clean_report_exits_with_0_and_an_empty_one_with_3() {
        assert_eq!(Exit::of(&report_of(vec![judged(Verdict::Verified)]), false, false), Exit::Clean);
        assert_eq!(Exit::of(&Report::default(), false, false), Exit::Nothing);
        assert_eq!(Exit::of(&Report::default(), true, true).code(), 3);
    }

    #[test]
    fn a_mismatch_or_a_broken_example_exits_with_1_unless_told_otherwise() {
        let broken = with_ending(Status::Error, Ending::Signal { number: 11, name: "SIGSEGV".into() });
        let slow = with_ending(Status::Timeout, Ending::Timeout { limit: 1.0, cpu: false });
        for outcome in [judged(Verdict::Mismatch), broken, slow] {
            let report = report_of(vec![judged(Verdict::Verified), outcome]);
            assert_eq!(Exit::of(&report, false, false).code(), 1);
            assert_eq!(Exit::of(&report, false, true).code(), 0);
        }
    }

    #[test]
    fn strict_adds_what_was_not_judged() {
        for verdict in [Verdict::Suspect, Verdict::Unreached, Verdict::Blocked, Verdict::Skipped] {
            let report = report_of(vec![judged(verdict)]);
            assert_eq!(Exit::of(&report, false, false), Exit::Clean);
            assert_eq!(Exit::of(&report, true, false), Exit::Wrong);
        }
        assert_eq!(Exit::of(&report_of(vec![judged(Verdict::Prose)]), true, false), Exit::Clean);
    }

    #[test]
    fn what_verify_could_not_do_exits_with_2_whatever_else_is_wrong() {
        let mut report = report_of(vec![judged(Verdict::Mismatch)]);
        report.problems.push(Problem { path: None, message: "x".into() });
        assert_eq!(Exit::of(&report, false, true).code(), 2);
        let mut report = report_of(vec![judged(Verdict::Mismatch)]);
        report.notes = vec![vec![MarkdownNote { line: 1, message: "x".into(), error: true }]];
        assert_eq!(Exit::of(&report, false, false), Exit::Unable);
        let worker = with_ending(Status::Error, Ending::Worker { message: "x".into() });
        assert_eq!(Exit::of(&report_of(vec![worker]), false, false), Exit::Unable);
    }

    #[test]
    fn an_interrupted_check_exits_with_130() {
        let report = Report { interrupted: true, ..report_of(vec![judged(Verdict::Mismatch)]) };
        assert_eq!(Exit::of(&report, false, false).code(), 130);
    }
}
