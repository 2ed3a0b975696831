//! The numbers of a report and its closing line.

use crate::outcome::{Status, Verdict};
use crate::report::{Look, Report};

/// How many of each there are.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Summary {
    pub documents: usize,
    pub examples: usize,
    pub passed: usize,
    pub failed: usize,
    pub errors: usize,
    pub timeouts: usize,
    pub skipped: usize,
    pub claims: Claims,
    pub cached: usize,
}

/// How many claims have each verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Claims {
    pub verified: usize,
    pub mismatch: usize,
    pub suspect: usize,
    pub prose: usize,
    pub unreached: usize,
    pub blocked: usize,
    pub skipped: usize,
}

impl Summary {
    /// Counts what is in a report.
    pub fn of(report: &Report) -> Summary {
        let mut summary = Summary { documents: report.documents.len(), ..Summary::default() };
        for (_, outcome) in report.documents.iter().flat_map(|document| &document.examples) {
            summary.examples += 1;
            summary.cached += usize::from(outcome.cached);
            match outcome.status {
                Status::Passed => summary.passed += 1,
                Status::Failed => summary.failed += 1,
                Status::Error => summary.errors += 1,
                Status::Timeout => summary.timeouts += 1,
                Status::Skipped => summary.skipped += 1,
            }
            for judgement in &outcome.judgements {
                *summary.claims.of_mut(judgement.verdict) += 1;
            }
        }
        summary
    }

    /// `26 examples: 24 passed, 1 failed, 1 error · 117 claims: 27 verified, … · 4.2 s`. What there is none of
    /// is left out, but for the first part of each.
    pub fn line(&self, seconds: f64, look: Look) -> String {
        let claims = &self.claims;
        let total: usize = Verdict::ALL.into_iter().map(|verdict| claims.of(verdict)).sum();
        let examples = parts(&[
            (self.passed, "passed"),
            (self.failed, "failed"),
            (self.errors, if self.errors == 1 { "error" } else { "errors" }),
            (self.timeouts, if self.timeouts == 1 { "timeout" } else { "timeouts" }),
            (self.skipped, "skipped"),
        ]);
        let claims = parts(&[
            (claims.verified, "verified"),
            (claims.mismatch, "mismatched"),
            (claims.suspect, "suspect"),
            (claims.prose, "prose"),
            (claims.unreached, "unreached"),
            (claims.blocked, "blocked"),
            (claims.skipped, "skipped"),
        ]);
        let dot = look.pick(" · ", "; ");
        let cached = if self.cached > 0 { format!(" ({} cached)", self.cached) } else { String::new() };
        format!(
            "{}: {examples}{cached}{dot}{}: {claims}{dot}{seconds:.1} s",
            counted(self.examples, "example"),
            counted(total, "claim"),
        )
    }
}

impl Claims {
    /// How many have this verdict.
    pub fn of(&self, verdict: Verdict) -> usize {
        let mut copy = *self;
        *copy.of_mut(verdict)
    }

    fn of_mut(&mut self, verdict: Verdict) -> &mut usize {
        match verdict {
            Verdict::Verified => &mut self.verified,
            Verdict::Mismatch => &mut self.mismatch,
            Verdict::Suspect => &mut self.suspect,
            Verdict::Prose => &mut self.prose,
            Verdict::Unreached => &mut self.unreached,
            Verdict::Blocked => &mut self.blocked,
            Verdict::Skipped => &mut self.skipped,
        }
    }
}

/// `1 example`, `2 examples`
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn parts(counts: &[(usize, &str)]) -> String {
    let shown = counts.iter().enumerate().filter(|&(at, &(count, _))| at == 0 || count > 0);
    shown.map(|(_, (count, name))| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Look = Look { color: false, unicode: true, width: 80 };

    #[test]
    fn the_closing_line_leaves_out_what_there_is_none_of() {
        let claims =
            Claims { verified: 27, mismatch: 2, prose: 83, unreached: 1, blocked: 4, ..Claims::default() };
        let summary =
            Summary { examples: 26, passed: 24, failed: 1, errors: 1, claims, ..Summary::default() };
        assert_eq!(
            summary.line(4.21, LOOK),
            "26 examples: 24 passed, 1 failed, 1 error · 117 claims: 27 verified, 2 mismatched, 83 prose, 1 unreached, 4 blocked · 4.2 s"
        );
    }

    #[test]
    fn the_first_part_stays_even_if_it_is_zero() {
        let summary = Summary { examples: 1, timeouts: 1, ..Summary::default() };
        let ascii = Look { unicode: false, ..LOOK };
        assert_eq!(summary.line(10.0, ascii), "1 example: 0 passed, 1 timeout; 0 claims: 0 verified; 10.0 s");
    }
}
