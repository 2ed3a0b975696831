//! `--list`: the examples of each document and their claims with their forms.

use crate::example::{Document, Example};
use crate::report::Look;
use crate::report::harmless;
use crate::report::summary::counted;
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};

const PATH: Style = Style::new().bold();
const ID: Style = AnsiColor::Cyan.on_default().bold();

/// Writes the list.
///
/// # Errors
///
/// Those of `out`.
pub fn write(documents: &[(&Document, Vec<&Example>)], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let (mut examples, mut claims) = (0, 0);
    for (document, found) in documents {
        if found.is_empty() {
            continue;
        }
        writeln!(out, "{}", look.paint(PATH, &harmless::line(document.path.as_str(), look)))?;
        for example in found {
            write_example(example, look, out)?;
            examples += 1;
            claims += example.claims.len();
        }
    }
    writeln!(out, "{}, {}", counted(examples, "example"), counted(claims, "claim"))
}

fn write_example(example: &Example, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let id = look.paint(ID, &harmless::line(&example.id, look));
    let title = harmless::line(&example.title, look);
    writeln!(out, "  {id}  {title}  (line {})", example.line)?;
    if let Some(reason) = &example.skipped {
        writeln!(out, "    skipped: {}", harmless::line(reason, look))?;
    }
    if let Some(error) = &example.syntax_error {
        let message = harmless::line(&error.message, look);
        writeln!(out, "    {}:{}: not valid Python: {message}", error.line, error.column)?;
    }
    for claim in &example.claims {
        let text = harmless::line(&claim.text, look);
        let line = format!("    {:>5}  {:9}  {text}", claim.line, claim.form.name());
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
