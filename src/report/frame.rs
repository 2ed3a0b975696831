//! Frames: lines of a document with their numbers and a part underlined.
//!
//! ```text
//!     ┌─ advanced.md:202:22
//!     │
//! 202 │ c.area = 100   # => AttributeError: can't set attribute
//!     │                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
//! ```

use crate::report::Look;
use crate::report::harmless::{Cell, cells};
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};
use std::ops::Range;

/// Line numbers and the lines of a frame.
pub const RAIL: Style = AnsiColor::Blue.on_default().bold();

/// A line of a document and the characters of it that are underlined.
#[derive(Debug, Clone)]
pub struct FrameLine<'a> {
    /// 1-based.
    pub number: usize,
    pub text: &'a str,
    /// 0-based, in characters; empty: none.
    pub marked: Range<usize>,
}

/// Draws lines in their order, `┌─ place` above them. Gives the width of the numbers, for what follows below.
///
/// # Errors
///
/// Those of `out`.
pub fn draw(
    place: &str,
    lines: &[FrameLine<'_>],
    mark: Style,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<usize> {
    let gutter = lines.iter().map(|line| line.number.to_string().len()).max().unwrap_or(1);
    let bar = look.paint(RAIL, look.pick("│", "|"));
    let corner = look.paint(RAIL, look.pick("┌─", "-->"));
    writeln!(out, "{:gutter$} {corner} {place}", "")?;
    writeln!(out, "{:gutter$} {bar}", "")?;
    let mut before = None;
    for line in lines {
        if before.is_some_and(|before| line.number > before + 1) {
            writeln!(out, "{}", look.paint(RAIL, look.pick("…", "...")))?;
        }
        before = Some(line.number);
        let room = look.width.saturating_sub(gutter + 3).max(20);
        let mut text = cells(line.text, look);
        let mut marked = line.marked.clone();
        if !marked.is_empty() && marked.start >= text.len() {
            // A place at the end of the line, where something is missing.
            marked = text.len()..text.len() + 1;
            text.push(Cell { text: " ".to_owned(), width: 1 });
        }
        let shown = window(text, &marked, room, look);
        let number = look.paint(RAIL, &format!("{:>gutter$}", line.number));
        writeln!(out, "{}", format!("{number} {bar} {}", join(&shown.cells)).trim_end())?;
        let underline = "^".repeat(width(&shown.cells[shown.marked.clone()]));
        if !underline.is_empty() {
            let indent = width(&shown.cells[..shown.marked.start]);
            writeln!(out, "{:gutter$} {bar} {:indent$}{}", "", "", look.paint(mark, &underline))?;
        }
    }
    Ok(gutter)
}

/// A part of a line that fits the room there is.
#[derive(Debug, PartialEq, Eq)]
pub struct Window {
    pub cells: Vec<Cell>,
    /// The interesting cells.
    pub marked: Range<usize>,
    /// The cells of the line that are shown; where some are missing before them, one stands for those.
    pub kept: Range<usize>,
}

/// Cuts a line to `room` columns around what is marked, with `…` where something is missing.
pub fn window(line: Vec<Cell>, marked: &Range<usize>, room: usize, look: Look) -> Window {
    let marked = marked.start.min(line.len())..marked.end.min(line.len());
    if width(&line) <= room {
        let kept = 0..line.len();
        return Window { cells: line, marked, kept };
    }
    let dots = Cell { text: look.pick("…", "...").to_owned(), width: if look.unicode { 1 } else { 3 } };
    // As much of the marked part as fits, with a quarter of the room before it.
    let wanted_end = width(&line[..marked.end]);
    let mut start = 0;
    if wanted_end + dots.width > room {
        let lead = room / 4;
        while start < marked.start && width(&line[start..marked.start]) > lead {
            start += 1;
        }
    }
    let mut left = room - dots.width - if start > 0 { dots.width } else { 0 };
    let mut end = start;
    while end < line.len() && line[end].width <= left {
        left -= line[end].width;
        end += 1;
    }
    let shift = usize::from(start > 0);
    let mut shown = Vec::new();
    if start > 0 {
        shown.push(dots.clone());
    }
    shown.extend_from_slice(&line[start..end]);
    if end < line.len() {
        shown.push(dots);
    }
    let place = |at: usize| at.clamp(start, end) - start + shift;
    Window { marked: place(marked.start)..place(marked.end), cells: shown, kept: start..end }
}

/// Columns that cells take.
pub fn width(cells: &[Cell]) -> usize {
    cells.iter().map(|cell| cell.width).sum()
}

fn join(cells: &[Cell]) -> String {
    cells.iter().map(|cell| cell.text.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LOOK: Look = Look { color: false, unicode: true, width: 40 };

    fn drawn(lines: &[FrameLine<'_>], look: Look) -> String {
        let mut out = Vec::new();
        draw("a.md:9:1", lines, Style::new(), look, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn wide_characters_and_tabs_are_underlined_where_they_stand() {
        let line = FrameLine { number: 9, text: "\t日本 = 'x'  # é", marked: 6..9 };
        assert_eq!(
            drawn(std::slice::from_ref(&line), LOOK),
            "  ┌─ a.md:9:1\n  │\n9 │     日本 = 'x'  # é\n  │            ^^^\n"
        );
        let ascii = Look { unicode: false, ..LOOK };
        assert_eq!(
            drawn(&[FrameLine { text: "a\x1b = é", marked: 5..6, ..line }], ascii),
            "  --> a.md:9:1\n  |\n9 | a\\x1b = \\u{e9}\n  |         ^^^^^^\n"
        );
    }

    #[test]
    fn a_gap_between_lines_is_shown() {
        let line = |number| FrameLine { number, text: "x", marked: 0..0 };
        assert_eq!(drawn(&[line(9), line(10)], LOOK), "   ┌─ a.md:9:1\n   │\n 9 │ x\n10 │ x\n");
        assert_eq!(drawn(&[line(8), line(10)], LOOK), "   ┌─ a.md:9:1\n   │\n 8 │ x\n…\n10 │ x\n");
    }

    #[test]
    fn long_lines_are_cut_around_what_is_marked() {
        let text = format!("{}WRONG{}", "a".repeat(100), "b".repeat(100));
        let shown = window(cells(&text, LOOK), &(100..105), 30, LOOK);
        assert_eq!(join(&shown.cells), format!("…{}WRONG{}…", "a".repeat(7), "b".repeat(16)));
        assert_eq!(shown.marked, 8..13);
        assert_eq!(width(&shown.cells), 30);
        let shown = window(cells(&text, LOOK), &(0..3), 30, LOOK);
        assert_eq!(join(&shown.cells), format!("{}…", "a".repeat(29)));
        assert_eq!(shown.marked, 0..3);
    }

    proptest! {
        #[test]
        fn any_line_fits_its_room(line in "(?s).{0,80}", start in 0usize..90, length in 0usize..90, room in 20usize..60) {
            for unicode in [true, false] {
                let look = Look { unicode, ..LOOK };
                let shown = window(cells(&line, look), &(start..start + length), room, look);
                prop_assert!(width(&shown.cells) <= room);
                prop_assert!(shown.marked.start <= shown.marked.end && shown.marked.end <= shown.cells.len());
            }
        }
    }
}
