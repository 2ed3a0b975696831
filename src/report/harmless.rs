//! Untrusted text made harmless: what documents and programs say must not steer the terminal that shows it.
//!
//! Control characters, terminal escapes and characters that turn the direction of writing are replaced by
//! something visible; where only ASCII can be shown, so is everything else that is not.

use crate::report::Look;
use unicode_width::UnicodeWidthChar;

/// A character as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub text: String,
    /// Columns that it takes.
    pub width: usize,
}

/// Columns from one tab stop to the next.
const TAB: usize = 4;

/// The characters of one line as they are shown, one cell for each `char`; a tab becomes blanks up to the next
/// stop.
pub fn cells(line: &str, look: Look) -> Vec<Cell> {
    let mut column = 0;
    line.chars()
        .map(|c| {
            let text = match c {
                '\t' => " ".repeat(TAB - column % TAB),
                c => shown(c, look),
            };
            let width = text.chars().map(|c| c.width().unwrap_or(0)).sum();
            column += width;
            Cell { text, width }
        })
        .collect()
}

/// A text on one line, line breaks shown as `⏎`.
pub fn line(text: &str, look: Look) -> String {
    text.chars().map(|c| if c == '\t' { " ".to_owned() } else { shown(c, look) }).collect()
}

fn shown(c: char, look: Look) -> String {
    match c {
        '\n' => look.pick("⏎", "\\n").to_owned(),
        '\u{0}'..='\u{1f}' if look.unicode => {
            char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}').to_string()
        }
        '\u{7f}' if look.unicode => '␡'.to_string(),
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => format!("\\x{:02x}", u32::from(c)),
        // What changes the direction of writing, cannot be seen, or breaks lines.
        '\u{61c}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => escaped(c),
        c if !look.unicode && !c.is_ascii() => escaped(c),
        c => c.to_string(),
    }
}

fn escaped(c: char) -> String {
    format!("\\u{{{:x}}}", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RICH: Look = Look { color: true, unicode: true, width: 80 };
    const PLAIN: Look = Look { color: false, unicode: false, width: 80 };

    #[test]
    fn escapes_become_visible() {
        assert_eq!(line("a\x1b[31mb\r\n\u{9b}", RICH), "a␛[31mb␍⏎\\x9b");
        assert_eq!(line("a\x1b[31mé\n", PLAIN), "a\\x1b[31m\\u{e9}\\n");
        assert_eq!(line("\u{202e}x", RICH), "\\u{202e}x");
    }

    #[test]
    fn widths_are_those_of_the_terminal() {
        let widths: Vec<usize> = cells("a日\té\u{301}", RICH).into_iter().map(|cell| cell.width).collect();
        assert_eq!(widths, [1, 2, 1, 1, 0]);
    }

    proptest! {
        #[test]
        fn nothing_that_steers_a_terminal_gets_out(text in "(?s).{0,60}") {
            for look in [RICH, PLAIN] {
                let shown = line(&text, look);
                let bad_cell = cells(&text, look).iter().any(|cell| cell.text.chars().any(char::is_control));
                prop_assert!(!shown.chars().any(char::is_control) && !bad_cell);
                prop_assert!(look.unicode || shown.is_ascii());
            }
        }
    }
}
