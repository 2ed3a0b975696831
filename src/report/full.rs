//! The report for a person: each finding in a frame of the document's own lines, then one closing line.

use crate::diagnostic::Code;
use crate::diff;
use crate::observation::Ending;
use crate::outcome::Status;
use crate::report::explain;
use crate::report::finding::{Finding, Severity, findings};
use crate::report::frame::{self, FrameLine, RAIL};
use crate::report::harmless::{self, Cell};
use crate::report::summary::{Summary, counted};
use crate::report::{Detail, Look, Report};
use crate::text::LineIndex;
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default().bold();
const HELP: Style = AnsiColor::Green.on_default().bold();
const STRONG: Style = Style::new().bold();

/// Lines of a long text that are shown.
const MOST_LINES: usize = 8;

/// Writes the report.
///
/// # Errors
///
/// Those of `out`.
pub fn write(report: &Report, detail: Detail, look: Look, out: &mut dyn Write) -> io::Result<()> {
    for finding in findings(report, detail) {
        write_finding(&finding, look, out)?;
        writeln!(out)?;
    }
    write_notes(report, detail, look, out)?;
    if detail.explain {
        explain::write(report, look, out)?;
    }
    if detail.verbose {
        write_examples(report, look, out)?;
        for remark in &report.remarks {
            writeln!(out, "{}: {}", look.paint(NOTE, "note"), harmless::line(remark, look))?;
        }
    }
    if detail.quiet {
        return Ok(());
    }
    if report.interrupted {
        writeln!(out, "{}", look.paint(WARNING, "interrupted: what was found so far"))?;
    }
    let summary = Summary::of(report);
    let bad = summary.failed + summary.errors + summary.timeouts > 0 || !report.problems.is_empty();
    let style = if bad { ERROR } else { HELP };
    writeln!(out, "{}", look.paint(style, &summary.line(report.seconds, look)))
}

fn style_of(severity: Severity) -> Style {
    match severity {
        Severity::Error => ERROR,
        Severity::Warning => WARNING,
        Severity::Note => NOTE,
    }
}

fn write_finding(finding: &Finding<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let style = style_of(finding.severity);
    let head = format!("{}[{}]", finding.severity.name(), finding.code.id());
    writeln!(out, "{} {}", look.paint(style, &head), look.paint(STRONG, finding.code.title()))?;

    let path = harmless::line(finding.document.path.as_str(), look);
    let place = format!("{path}:{}:{}", finding.line, finding.column);
    let lines = LineIndex::new(&finding.document.text);
    let frame = frame_lines(finding, &lines);
    let gutter = frame::draw(&place, &frame, style, look, out)?;
    let bar = look.paint(RAIL, look.pick("│", "|"));
    writeln!(out, "{:gutter$} {bar}", "")?;

    let mut facts = Facts { gutter, look, out };
    if let Some((_, judgement)) = finding.claim
        && matches!(finding.code, Code::Mismatch | Code::Suspect)
        && let (Some(claimed), Some(observed)) = (&judgement.claimed, &judgement.observed)
    {
        facts.compared(claimed, observed)?;
    }
    if let Some(message) = &finding.message {
        facts.plain("", Style::new(), message)?;
    }
    if finding.claim.is_none() {
        write_last_words(finding, &mut facts)?;
    }
    if let Some(fix) = finding.claim.and_then(|(_, judgement)| judgement.fix.as_ref()) {
        let advice = if fix.safe { "write" } else { "perhaps write" };
        facts.plain("help: ", HELP, &format!("{advice} `{}`", fix.text))?;
    }
    let example = finding.example;
    let name = if example.title.is_empty() { String::new() } else { format!(" ({})", example.title) };
    facts.plain("example: ", STRONG, &format!("{}{name}", example.id))
}

/// The line of the finding and, where it speaks of code on another line, that line too.
fn frame_lines<'a>(finding: &Finding<'a>, lines: &LineIndex) -> Vec<FrameLine<'a>> {
    let text: &'a str = &finding.document.text;
    let marked = finding.marked.clone();
    let mut frame = vec![FrameLine { number: finding.line, text: lines.text(text, finding.line), marked }];
    let anchor = finding
        .claim
        .and_then(|(claim, _)| claim.anchors.first())
        .and_then(|&at| finding.example.anchors.get(at));
    if let Some(anchor) = anchor {
        let number = anchor.span.line as usize;
        if number != finding.line && number > 0 && number < lines.len() {
            frame.push(FrameLine { number, text: lines.text(text, number), marked: 0..0 });
        }
    }
    frame.sort_by_key(|line| line.number);
    frame
}

/// What a broken example said last on its standard error, where no exception says it.
fn write_last_words(finding: &Finding<'_>, facts: &mut Facts<'_>) -> io::Result<()> {
    let ending = finding.outcome.ending.as_ref();
    let speaks = matches!(
        ending,
        Some(Ending::Exit { .. } | Ending::Signal { .. } | Ending::Memory { .. } | Ending::Timeout { .. })
    );
    let stderr = finding.outcome.stderr.text();
    let said: Vec<&str> = stderr.lines().filter(|line| !line.trim().is_empty()).collect();
    if !speaks || said.is_empty() {
        return Ok(());
    }
    facts.lines("stderr: ", STRONG, &said[said.len().saturating_sub(MOST_LINES)..])
}

/// What is said below a frame, aligned with it: `= claimed: …`.
struct Facts<'a> {
    gutter: usize,
    look: Look,
    out: &'a mut dyn Write,
}

impl Facts<'_> {
    /// A fact of one or several lines.
    fn plain(&mut self, label: &str, style: Style, text: &str) -> io::Result<()> {
        let lines: Vec<&str> = text.lines().collect();
        self.lines(label, style, &lines)
    }

    fn lines(&mut self, label: &str, style: Style, lines: &[&str]) -> io::Result<()> {
        let (gutter, look) = (self.gutter, self.look);
        let equals = look.paint(RAIL, "=");
        for (at, line) in lines.iter().enumerate() {
            let line = harmless::line(line, look);
            if at == 0 {
                writeln!(self.out, "{:gutter$} {equals} {}{line}", "", look.paint(style, label))?;
            } else {
                writeln!(self.out, "{:gutter$}   {:indent$}{line}", "", "", indent = label.len())?;
            }
        }
        Ok(())
    }

    /// Both sides of a mismatch, with the characters marked that the other side lacks.
    fn compared(&mut self, claimed: &str, observed: &str) -> io::Result<()> {
        let (claimed_marks, observed_marks) = diff::differences(claimed, observed);
        self.side("claimed:  ", "~", claimed, &claimed_marks)?;
        self.side("observed: ", "^", observed, &observed_marks)
    }

    fn side(&mut self, label: &str, mark: &str, text: &str, marks: &[bool]) -> io::Result<()> {
        let (gutter, look) = (self.gutter, self.look);
        if text.is_empty() {
            return self.plain(label, STRONG, "(nothing)");
        }
        let style = if mark == "~" { ERROR.invert() } else { HELP.invert() };
        let room = look.width.saturating_sub(gutter + 3 + label.len()).max(20);
        let total = text.split('\n').count();
        let shown = if total > MOST_LINES { MOST_LINES - 1 } else { total };
        let mut from = 0;
        for (at, line) in text.split('\n').enumerate() {
            let count = line.chars().count();
            let marks = &marks[from..from + count];
            from += count + 1;
            if at == shown {
                let more = counted(total - shown, "more line");
                writeln!(self.out, "{:gutter$}   {:indent$}({more})", "", "", indent = label.len())?;
            }
            if at >= shown {
                continue;
            }
            let equals = look.paint(RAIL, "=");
            let label = if at == 0 { label } else { "" };
            let lead =
                if at == 0 { format!("{equals} {}", look.paint(STRONG, label)) } else { " ".repeat(12) };
            let (line, under) = marked_line(line, marks, mark, style, room, look);
            writeln!(self.out, "{}", format!("{:gutter$} {lead}{line}", "").trim_end())?;
            if !look.color && !under.trim().is_empty() {
                writeln!(self.out, "{:gutter$} {:12}{}", "", "", under.trim_end())?;
            }
        }
        Ok(())
    }
}

/// A line cut to its room around its first mark, and the line of marks that goes under it.
fn marked_line(
    line: &str,
    marks: &[bool],
    mark: &str,
    style: Style,
    room: usize,
    look: Look,
) -> (String, String) {
    let first = marks.iter().position(|&mark| mark).unwrap_or(0);
    let last = marks.iter().rposition(|&mark| mark).map_or(first, |at| at + 1);
    let window = frame::window(harmless::cells(line, look), &(first..last), room, look);
    let lead = usize::from(window.kept.start > 0);
    let (mut text, mut under, mut run) = (String::new(), String::new(), String::new());
    for (at, Cell { text: shown, width }) in window.cells.iter().enumerate() {
        let source = at.checked_sub(lead).map(|at| at + window.kept.start);
        let differs = source.filter(|at| window.kept.contains(at)).is_some_and(|at| marks[at]);
        under.push_str(&if differs { mark } else { " " }.repeat(*width));
        if differs {
            run.push_str(shown);
        } else {
            text.push_str(&look.paint(style, &std::mem::take(&mut run)));
            text.push_str(shown);
        }
    }
    text.push_str(&look.paint(style, &run));
    (text, under)
}

/// What is to be said about the Markdown itself.
fn write_notes(report: &Report, detail: Detail, look: Look, out: &mut dyn Write) -> io::Result<()> {
    for (document, notes) in report.documents.iter().zip(&report.notes) {
        for note in notes.iter().filter(|note| note.error || detail.verbose) {
            let (word, style) = if note.error { ("error", ERROR) } else { ("note", NOTE) };
            let path = harmless::line(document.document.path.as_str(), look);
            let message = harmless::line(&note.message, look);
            writeln!(out, "{}: {path}:{}: {message}", look.paint(style, word), note.line)?;
        }
    }
    Ok(())
}

/// A line for each example: how it came out and how long it took.
fn write_examples(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    for document in &report.documents {
        for (example, outcome) in &document.examples {
            let style = match outcome.status {
                Status::Passed => HELP,
                Status::Skipped => NOTE,
                Status::Failed | Status::Error | Status::Timeout => ERROR,
            };
            let word = look.paint(style, &format!("{:7}", outcome.status.name()));
            let path = harmless::line(document.document.path.as_str(), look);
            let title = harmless::line(&example.title, look);
            let seconds = outcome.seconds;
            writeln!(out, "{word} {seconds:7.3} s  {path}:{}  {} {title}", example.line, example.id)?;
        }
    }
    Ok(())
}
