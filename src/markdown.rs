//! Markdown: the sections of a document and their Python blocks. The only file that knows pulldown-cmark.
//!
//! CommonMark decides what a fence is, so that `verify` runs what a reader sees as code: fences in lists,
//! quotes and HTML elements count; text inside an HTML comment, inside a fence of another language or in an
//! indented code block does not.
//!
//! A block's code is the document's text without what the containers put before each line:
//!
//! ```text
//! document          > - ```py          Block.code     x = 1⏎
//!                   >   x = 1                         if x:⏎
//!                   >   if x:                         ··y = 2⏎
//!                   >     y = 2
//!                   >   ```            Block.lines    the bytes of each of these in the document
//! ```
//!
//! For each line of code, the document's bytes at `lines[i]` are its text, with one exception: where the
//! indentation of a container ends in the middle of a tab, CommonMark (section 2.2) turns the rest of the tab
//! into blanks. The code line then begins with one to three blanks that are not in the document and `lines[i]`
//! covers what follows them; [`Block::document_offset`] takes that into account.

use crate::directive::{self, Directives};
use crate::example::Block;
use crate::name::{self, Unique};
use crate::text::LineIndex;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::borrow::Cow;
use std::ops::Range;

/// A section with at least one Python block. Blocks belong to the nearest heading above, of whatever level.
#[derive(Debug, Clone)]
pub struct Section {
    /// The heading's text without its markup; empty for what stands above the first heading.
    pub heading: String,
    /// 1 to 6; 0 for what stands above the first heading.
    pub level: u8,
    /// 1-based document line of the heading, or of the first fence where no heading stands above it.
    pub line: usize,
    /// The heading without its number; `Preamble` for what stands above the first heading.
    pub title: String,
    /// The heading's number, else its slug; `preamble` above the first heading, `section-3` for the third
    /// section with code where the heading has no letter and no digit. Unique in the document.
    pub id: String,
    /// The title in lower case, words joined by `-`.
    pub slug: String,
    /// The Python blocks, in document order; never empty.
    pub blocks: Vec<Block>,
    /// Why the section is not to be run, where a directive says so of it or of all its blocks.
    pub skipped: Option<String>,
}

/// Something to be said about a document's Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkdownNote {
    /// 1-based document line.
    pub line: usize,
    /// One sentence.
    pub message: String,
    /// Whether it has to be put right: `verify` cannot do what the document asks for.
    pub error: bool,
}

/// The sections of a document that have Python code, in document order, and what is to be said about them.
/// Any text will do; a BOM, any line ends and a missing one at the end are taken as they are.
pub fn sections(text: &str) -> (Vec<Section>, Vec<MarkdownNote>) {
    let source = unify_line_ends(text);
    let start = body_start(&source);
    let mut walk = Walk::new(&source);
    for (event, range) in Parser::new_ext(&source[start..], options()).into_offset_iter() {
        walk.event(event, range.start + start..range.end + start);
    }
    walk.finish()
}

/// The extensions that change where blocks begin and end on GitHub and in most site generators. Not heading
/// attributes: pulldown-cmark 0.13 panics on some (`* a` above an indented `{.b}` and `===`).
fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_TASKLISTS
}

/// A heading's text without the attributes at its end: `Title {#id .class}` → `Title`.
fn without_attributes(heading: &str) -> &str {
    let heading = heading.trim();
    match heading.strip_suffix('}').and_then(|rest| rest.rsplit_once('{')) {
        Some((title, attributes)) if attributes.starts_with(['#', '.']) => title.trim_end(),
        _ => heading,
    }
}

/// A lone `\r` ends a line in CommonMark, but not for pulldown-cmark: it becomes `\n`. The length stays.
fn unify_line_ends(text: &str) -> Cow<'_, str> {
    let lone = |at: usize| text.as_bytes().get(at + 1) != Some(&b'\n');
    if !text.bytes().enumerate().any(|(at, byte)| byte == b'\r' && lone(at)) {
        return Cow::Borrowed(text);
    }
    let unified = text.char_indices().map(|(at, c)| if c == '\r' && lone(at) { '\n' } else { c });
    Cow::Owned(unified.collect())
}

/// Where the Markdown begins: after a BOM and after front matter, which is text between `---` (or `+++`) lines
/// at the very top. Text with a blank first line or with a fence in it is no front matter.
fn body_start(text: &str) -> usize {
    let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lines = text[bom..].split_inclusive('\n');
    let mark = match lines.next().map(str::trim_end) {
        Some(mark @ ("---" | "+++")) => mark,
        _ => return bom,
    };
    let mut end = bom + text[bom..].find('\n').map_or(text.len() - bom, |at| at + 1);
    for (index, line) in lines.enumerate() {
        end += line.len();
        let line = line.trim_end();
        if line == mark || (line == "..." && mark == "---") {
            return end;
        }
        if line.starts_with("```") || line.starts_with("~~~") || (index == 0 && line.is_empty()) {
            break;
        }
    }
    bom
}

/// A section while it is being read.
#[derive(Debug, Default)]
struct Draft {
    heading: String,
    level: u8,
    line: usize,
    skip: Option<String>,
    blocks: Vec<(Block, Option<String>)>,
}

/// What the walk is in the middle of.
enum Inside {
    Nothing,
    /// A Python block and what its info string asks for.
    Code(Gather, Directives),
    /// A code block that is none of ours.
    OtherCode,
    Heading(Draft),
    /// The HTML so far and where it began.
    Html(String, usize),
}

/// The state of one pass over a document's events.
struct Walk<'a> {
    source: &'a str,
    lines: LineIndex,
    inside: Inside,
    /// Directives that wait for the block or heading that they speak of, and the line of the first.
    pending: Option<(Directives, usize)>,
    current: Draft,
    /// The headings that the current one is nested in, with the skip that each hands down.
    outer: Vec<(u8, Option<String>)>,
    sections: Vec<Section>,
    ids: Unique,
    notes: Vec<MarkdownNote>,
}

impl<'a> Walk<'a> {
    fn new(source: &'a str) -> Walk<'a> {
        Walk {
            source,
            lines: LineIndex::new(source),
            inside: Inside::Nothing,
            pending: None,
            current: Draft::default(),
            outer: Vec::new(),
            sections: Vec::new(),
            ids: Unique::default(),
            notes: Vec::new(),
        }
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(&tag, range.start),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) => match &mut self.inside {
                Inside::Code(gather, _) => gather.add(self.source, &text, range),
                Inside::Heading(draft) => draft.heading.push_str(&text),
                _ => {}
            },
            Event::SoftBreak | Event::HardBreak => {
                if let Inside::Heading(draft) = &mut self.inside {
                    draft.heading.push(' ');
                }
            }
            Event::Html(html) => match &mut self.inside {
                Inside::Html(text, _) => text.push_str(&html),
                _ => self.inside = Inside::Html(html.to_string(), range.start),
            },
            Event::InlineHtml(html) => self.read_directives(&html, range.start),
            Event::Rule => self.drop_pending(),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, at: usize) {
        match tag {
            Tag::CodeBlock(kind) => self.start_code(kind, at),
            Tag::Heading { level, .. } => {
                let draft = Draft { level: *level as u8, line: self.lines.line(at), ..Draft::default() };
                self.inside = Inside::Heading(draft);
            }
            Tag::Paragraph | Tag::Table(_) => self.drop_pending(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match (tag, std::mem::replace(&mut self.inside, Inside::Nothing)) {
            (TagEnd::CodeBlock, Inside::Code(gather, own)) => self.end_block(gather, own),
            (TagEnd::CodeBlock, Inside::OtherCode) => {}
            (TagEnd::Heading(_), Inside::Heading(draft)) => self.open_section(draft),
            (TagEnd::HtmlBlock, Inside::Html(html, at)) => self.read_directives(&html, at),
            (_, inside) => self.inside = inside,
        }
    }

    fn start_code(&mut self, kind: &CodeBlockKind<'_>, at: usize) {
        let info = match kind {
            CodeBlockKind::Fenced(info) => directive::info(info),
            CodeBlockKind::Indented => directive::info(""),
        };
        if !info.python {
            self.drop_pending();
            self.inside = Inside::OtherCode;
            return;
        }
        let fence_line = self.lines.line(at);
        let own = match info.directive.map(directive::parse) {
            Some(Ok(directives)) => directives,
            Some(Err(message)) => {
                self.note(fence_line, message, true);
                Directives::default()
            }
            None => Directives::default(),
        };
        self.inside = Inside::Code(Gather::new(fence_line), own);
    }

    fn end_block(&mut self, gather: Gather, own: Directives) {
        let mut directives = self.take_pending();
        directives.add(own);
        let block = gather.finish();
        if self.current.line == 0 {
            self.current.line = block.fence_line;
        }
        self.current.blocks.push((block, directives.skip));
    }

    /// Ends the section before a heading and begins the heading's own.
    fn open_section(&mut self, mut draft: Draft) {
        self.close_section();
        draft.heading = without_attributes(&draft.heading).to_owned();
        let own = self.take_pending().skip;
        self.outer.retain(|&(level, _)| level < draft.level);
        draft.skip = own.or_else(|| self.outer.last().and_then(|(_, skip)| skip.clone()));
        self.outer.push((draft.level, draft.skip.clone()));
        self.current = draft;
    }

    fn close_section(&mut self) {
        let draft = std::mem::take(&mut self.current);
        if draft.blocks.is_empty() {
            return;
        }
        let all_skipped = draft.blocks.iter().all(|(_, skip)| skip.is_some());
        let first_reason = draft.blocks[0].1.clone();
        let skipped = draft.skip.or(if all_skipped { first_reason } else { None });
        let mut blocks = Vec::new();
        for (block, skip) in draft.blocks {
            match skip {
                Some(reason) if skipped.is_none() => {
                    self.note(block.fence_line, format!("block skipped: {reason}"), false);
                }
                _ => blocks.push(block),
            }
        }
        let named = match draft.level {
            0 => name::of_heading("Preamble"),
            _ => name::of_heading(&draft.heading),
        };
        let id = named.number.unwrap_or_else(|| named.slug.clone());
        let id = if id.is_empty() { format!("section-{}", self.sections.len() + 1) } else { id };
        self.sections.push(Section {
            heading: draft.heading,
            level: draft.level,
            line: draft.line,
            title: named.title,
            id: self.ids.take(id),
            slug: named.slug,
            blocks,
            skipped,
        });
    }

    fn read_directives(&mut self, html: &str, at: usize) {
        let first_line = self.lines.line(at);
        for (offset, text) in directive::in_html(html) {
            let line = first_line + html[..offset].matches('\n').count();
            match directive::parse(text) {
                Ok(directives) => {
                    let (pending, _) = self.pending.get_or_insert_with(|| (Directives::default(), line));
                    pending.add(directives);
                }
                Err(message) => self.note(line, message, true),
            }
        }
    }

    fn take_pending(&mut self) -> Directives {
        self.pending.take().map(|(directives, _)| directives).unwrap_or_default()
    }

    /// Something that no directive speaks of follows: one that waits has lost its block.
    fn drop_pending(&mut self) {
        if let Some((_, line)) = self.pending.take() {
            let message = "the directive has to stand right before a Python block or a heading";
            self.note(line, message.to_owned(), true);
        }
    }

    fn note(&mut self, line: usize, message: String, error: bool) {
        self.notes.push(MarkdownNote { line, message, error });
    }

    fn finish(mut self) -> (Vec<Section>, Vec<MarkdownNote>) {
        self.drop_pending();
        self.close_section();
        self.notes.sort_by_key(|note| note.line);
        (self.sections, self.notes)
    }
}

/// The code of a block while its text arrives in pieces.
struct Gather {
    fence_line: usize,
    code: String,
    lines: Vec<Range<usize>>,
    /// The text of the line that has not ended yet.
    open: Option<Range<usize>>,
}

impl Gather {
    fn new(fence_line: usize) -> Gather {
        Gather { fence_line, code: String::new(), lines: Vec::new(), open: None }
    }

    /// Adds a piece that stands at `range` of `source`; blanks that stand for a part of a tab have no range.
    fn add(&mut self, source: &str, text: &str, range: Range<usize>) {
        self.code.push_str(text);
        if range.is_empty() {
            self.open.get_or_insert(range);
            return;
        }
        let mut at = range.start;
        for piece in source[range].split_inclusive('\n') {
            let content = piece.trim_end_matches('\n');
            let start = match self.open.take() {
                Some(open) => open,
                // The `\n` of a `\r\n` comes as a piece of its own: an empty line ends before the `\r`.
                None if content.is_empty() && source[..at].ends_with('\r') => at - 1..at - 1,
                None => at..at,
            };
            let line = start.start..if content.is_empty() { start.end } else { at + content.len() };
            if content.len() < piece.len() {
                self.lines.push(line);
            } else {
                self.open = Some(line);
            }
            at += piece.len();
        }
    }

    fn finish(mut self) -> Block {
        if let Some(line) = self.open.take() {
            self.lines.push(line);
            self.code.push('\n');
        }
        Block {
            code: self.code,
            first_line: self.fence_line + 1,
            lines: self.lines,
            fence_line: self.fence_line,
        }
    }
}

#[cfg(test)]
mod tests;
