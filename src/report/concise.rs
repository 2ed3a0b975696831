//! One line for each finding: `path:line:col: V001 message`.

use crate::diagnostic::Code;
use crate::report::finding::{Finding, findings};
use crate::report::harmless;
use crate::report::summary::Summary;
use crate::report::{Detail, Look, Report, explain};
use std::io::{self, Write};

/// Writes the report.
///
/// # Errors
///
/// Those of `out`.
pub fn write(report: &Report, detail: Detail, look: Look, out: &mut dyn Write) -> io::Result<()> {
    for finding in findings(report, detail) {
        let path = harmless::line(finding.document.path.as_str(), look);
        let said = harmless::line(&sentence(&finding, look), look);
        writeln!(out, "{path}:{}:{}: {} {said}", finding.line, finding.column, finding.code.id())?;
    }
    for (document, notes) in report.documents.iter().zip(&report.notes) {
        for note in notes.iter().filter(|note| note.error) {
            let path = harmless::line(document.document.path.as_str(), look);
            writeln!(out, "{path}:{}: {}", note.line, harmless::line(&note.message, look))?;
        }
    }
    if detail.explain {
        explain::write(report, look, out)?;
    }
    if detail.quiet {
        return Ok(());
    }
    writeln!(out, "{}", Summary::of(report).line(report.seconds, look))
}

/// What is wrong, in one line: for a mismatch both texts.
fn sentence(finding: &Finding<'_>, look: Look) -> String {
    let title = finding.code.title();
    let texts = finding
        .claim
        .and_then(|(_, judgement)| Some((judgement.claimed.as_deref()?, judgement.observed.as_deref()?)));
    match (texts, &finding.message) {
        (Some((claimed, observed)), _) if matches!(finding.code, Code::Mismatch | Code::Suspect) => {
            format!("{title}: claimed `{}`, observed `{}`", cut(claimed, look), cut(observed, look))
        }
        (_, Some(message)) => format!("{title}: {message}"),
        (_, None) => title.to_owned(),
    }
}

/// The beginning of a long text.
fn cut(text: &str, look: Look) -> String {
    const MOST: usize = 120;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}{}", &text[..at], look.pick("…", "...")),
        None => text.to_owned(),
    }
}
