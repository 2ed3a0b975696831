//! Lines, columns and byte ranges of a document.
//!
//! Inside the program a place is a byte offset in the document's text. A person is shown a *line* and a
//! *column*, both from 1, the column counted in characters (`char`s), so that an editor's "go to" finds it.

use std::ops::Range;

/// Where the lines of a text begin. Lines end at `\n`, `\r\n` or a lone `\r` (CommonMark 0.31, section 2.1).
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    pub fn new(text: &str) -> LineIndex {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, &byte) in bytes.iter().enumerate() {
            let ends_line = byte == b'\n' || (byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
            if ends_line {
                starts.push(at + 1);
            }
        }
        LineIndex { starts }
    }

    /// The number of lines; a text that ends in a line break has an empty last line.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    pub fn is_empty(&self) -> bool {
        false
    }

    /// The 1-based line that holds the byte `offset`.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start <= offset)
    }

    /// The 1-based line and the 1-based column, in characters, of the byte `offset` of `text`.
    pub fn place(&self, text: &str, offset: usize) -> (usize, usize) {
        let line = self.line(offset);
        let start = self.starts[line - 1];
        let before = text.get(start..offset).unwrap_or_default();
        (line, before.chars().count() + 1)
    }

    /// The bytes of the 1-based `line`, without its line break; empty past the end.
    pub fn range(&self, text: &str, line: usize) -> Range<usize> {
        let Some(&start) = line.checked_sub(1).and_then(|at| self.starts.get(at)) else {
            return text.len()..text.len();
        };
        let end = self.starts.get(line).copied().unwrap_or(text.len());
        let content = text[start..end].trim_end_matches(['\r', '\n']);
        start..start + content.len()
    }

    /// The text of the 1-based `line`, without its line break.
    pub fn text<'a>(&self, text: &'a str, line: usize) -> &'a str {
        &text[self.range(text, line)]
    }
}

/// Whether one word is the other with a slip of the pen: at most one letter in four (at least one), no more than that
/// changed, left out, put in or swapped.
pub fn spelled_alike(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let longer = a.len().max(b.len());
    if !(3..=200).contains(&longer) || a.len().abs_diff(b.len()) > 2 {
        return false;
    }
    let allowed = (longer / 4).max(1);
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = row[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            next[j] = replaced.min(row[j] + 1).min(next[j - 1] + 1);
            let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if swapped && a[i - 1] != a[i - 2] {
                next[j] = next[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()] <= allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let text = "a\r\néx = 1\rlast";
        let lines = LineIndex::new(text);
        assert_eq!(lines.len(), 3);
        assert_eq!(lines.place(text, 0), (1, 1));
        assert_eq!(lines.place(text, text.find('x').unwrap()), (2, 2));
        assert_eq!(lines.text(text, 2), "éx = 1");
        assert_eq!(lines.text(text, 3), "last");
        assert_eq!(lines.text(text, 9), "");
    }
}
