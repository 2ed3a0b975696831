//! From a section of Markdown to an example that can run and be judged.

use crate::example::{Document, Example};
use crate::markdown::Section;
use crate::plan::{Source, SourceKind};

/// The example that a section is. Stands in for claim extraction: it finds no claims.
pub fn example(_document: &Document, section: Section) -> Example {
    let source = |block: &crate::example::Block| Source {
        first_line: u32::try_from(block.first_line).unwrap_or(u32::MAX),
        code: block.code.clone(),
        kind: SourceKind::Block,
    };
    Example {
        id: section.id,
        title: section.title,
        slug: section.slug,
        line: section.line,
        sources: section.blocks.iter().map(source).collect(),
        blocks: section.blocks,
        claims: Vec::new(),
        anchors: Vec::new(),
        syntax_error: None,
        skipped: section.skipped,
    }
}
