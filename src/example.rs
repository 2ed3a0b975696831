//! What extraction finds in a document: examples, their blocks, their claims.

use crate::claim::Claim;
use crate::plan::{Anchor, Source};
use camino::Utf8PathBuf;
use std::ops::Range;

/// A Markdown document as it was read.
#[derive(Debug, Clone)]
pub struct Document {
    /// The path as the user gave it (`-` for standard input): what the report shows.
    pub path: Utf8PathBuf,
    /// The whole text, byte for byte (a BOM and CRLF included).
    pub text: String,
}

/// A section with at least one Python block: the unit that runs, in a process of its own.
#[derive(Debug, Clone)]
pub struct Example {
    /// `57` for `## Example 57: Descriptor Protocol`; the slug where the heading has no number. Unique in
    /// its document: a second section of the same id gets `-2`.
    pub id: String,
    /// The heading without its number: `Descriptor Protocol`.
    pub title: String,
    /// `descriptor-protocol`
    pub slug: String,
    /// 1-based document line of the heading, or of the first fence where no heading stands above it.
    pub line: usize,
    pub blocks: Vec<Block>,
    /// All claims in document order, those of dormant code included.
    pub claims: Vec<Claim>,
    /// What runs: one source for each block that parses, then one for each piece of dormant code.
    pub sources: Vec<Source>,
    /// What is watched while it runs; claims refer to these by index.
    pub anchors: Vec<Anchor>,
    /// The first syntax error of a block: the example then has the status `error` and does not run.
    pub syntax_error: Option<SyntaxError>,
    /// Why this example is not to be run, where a directive says so.
    pub skipped: Option<String>,
}

/// A fenced code block.
#[derive(Debug, Clone)]
pub struct Block {
    /// The code without what the Markdown puts before each line (list indentation, quote marks), lines ended
    /// by `\n` whatever the document uses.
    pub code: String,
    /// 1-based document line of the first code line (the one after the fence).
    pub first_line: usize,
    /// For each line of `code`, where its text stands in the document (without the line break).
    pub lines: Vec<Range<usize>>,
    /// 1-based document line of the opening fence.
    pub fence_line: usize,
}

/// A block that Python could not parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    pub message: String,
    /// 1-based document line and column in characters.
    pub line: usize,
    pub column: usize,
}

impl Block {
    /// The document's byte offset of a byte of `code`. Offsets past a line's text (its line break) give the
    /// end of that line; blanks that stand for a part of a tab (see `markdown`) give the place after that tab.
    pub fn document_offset(&self, code_offset: usize) -> usize {
        let before = &self.code[..code_offset.min(self.code.len())];
        let line = before.bytes().filter(|&b| b == b'\n').count();
        let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
        match self.lines.get(line) {
            Some(range) => {
                let text =
                    self.code[code_offset.min(self.code.len()) - column..].lines().next().unwrap_or_default();
                let blanks = text.len().saturating_sub(range.len());
                (range.start + column.saturating_sub(blanks)).min(range.end)
            }
            None => self.lines.last().map_or(0, |range| range.end),
        }
    }
}
