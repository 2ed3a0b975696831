//! `--explain`: every reading of every claim that was tried, and what came of it.

use crate::outcome::Verdict;
use crate::report::harmless;
use crate::report::{Look, Report};
use std::io::{self, Write};

/// Writes the claims with their verdicts and trials; prose is left out.
///
/// # Errors
///
/// Those of `out`.
pub fn write(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    for document in &report.documents {
        let path = harmless::line(document.document.path.as_str(), look);
        for (example, outcome) in &document.examples {
            for (claim, judgement) in example.claims.iter().zip(&outcome.judgements) {
                if judgement.verdict == Verdict::Prose && judgement.trials.is_empty() {
                    continue;
                }
                let text = harmless::line(&claim.text, look);
                let verdict = judgement.verdict.name();
                writeln!(out, "{path}:{}:{}: {verdict}: {text}", claim.line, claim.column)?;
                for trial in &judgement.trials {
                    let came = if trial.held { "holds" } else { "fails" };
                    let firm = if trial.firm { "firm" } else { "loose" };
                    let reading = harmless::line(&trial.reading, look);
                    let note = harmless::line(&trial.note, look);
                    let colon = if note.is_empty() { "" } else { ": " };
                    writeln!(out, "    {came} ({firm})  {reading}{colon}{note}")?;
                }
            }
        }
    }
    writeln!(out)
}
