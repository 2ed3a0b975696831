//! From a section's blocks to an [`Example`]: sources, claims, and what must be watched to judge them.

use crate::anchor::{Ground, Point, Site, Spot};
use crate::checker::TypeCheck;
use crate::claim::{Beside, Claim, Context, Form, Kind, marks, read};
use crate::dormant::{Dormant, dormant};
use crate::example::{Block, Document, Example, SyntaxError};
use crate::markdown::Section;
use crate::plan::{Anchor, Announced, At, Place, Source, SourceKind, Span, Watch};
use crate::python::{Function, Module, Stmt, StmtKind, SuiteKind, Template};
use crate::text::LineIndex;
use std::ops::{Range, RangeInclusive};

/// The examples that the sections of a document are.
pub fn examples(document: &Document, sections: Vec<Section>) -> Vec<Example> {
    let lines = LineIndex::new(&document.text);
    sections.into_iter().map(|section| example(document, &lines, section)).collect()
}

fn example(document: &Document, lines: &LineIndex, section: Section) -> Example {
    let mut example = Example {
        id: section.id,
        title: section.title,
        slug: section.slug,
        line: section.line,
        blocks: section.blocks,
        claims: Vec::new(),
        sources: Vec::new(),
        anchors: Vec::new(),
        syntax_error: None,
        skipped: section.skipped,
    };
    fill(document, lines, &mut example);
    example
}

/// Fills in what the blocks of `example` hold: its sources, claims and anchors, and the first syntax error.
fn fill(document: &Document, lines: &LineIndex, example: &mut Example) {
    let modules: Vec<_> = example.blocks.iter().map(|block| Module::parse(&block.code)).collect();
    let templates: Vec<Template> =
        modules.iter().flatten().flat_map(|module| module.printed.iter().cloned()).collect();
    let functions: Vec<Function> =
        modules.iter().flatten().flat_map(|module| module.functions.iter().cloned()).collect();
    let parsed: Vec<(&str, &Module)> = example
        .blocks
        .iter()
        .zip(&modules)
        .filter_map(|(block, module)| module.as_ref().ok().map(|module| (block.code.as_str(), module)))
        .collect();
    let volatile = Volatile::of(&parsed);
    let mut builder =
        Builder { document, lines, templates, functions, volatile, anchors: Vec::new(), sources: Vec::new() };
    let mut claims = Vec::new();
    let mut dormant_sources = Vec::new();
    for (at, block) in example.blocks.iter().enumerate() {
        match &modules[at] {
            Ok(module) => builder.block(at, block, module, &mut claims, &mut dormant_sources),
            Err(failure) => {
                let offset = block.document_offset(failure.offset);
                let (line, column) = builder.lines.place(&document.text, offset);
                let message = failure.message.clone();
                example.syntax_error.get_or_insert(SyntaxError { message, line, column });
                builder.unparsed(at, block, &mut claims);
            }
        }
    }
    builder.append_dormant(dormant_sources, &mut claims);
    claims.sort_by_key(|claim| claim.range.start);
    example.claims = claims;
    example.sources = builder.sources;
    example.anchors = builder.anchors;
}

struct Builder<'a> {
    document: &'a Document,
    lines: &'a LineIndex,
    templates: Vec<Template>,
    functions: Vec<Function>,
    volatile: Volatile,
    anchors: Vec<Anchor>,
    sources: Vec<Source>,
}

/// Code with claims in it: a block, or commented-out code of one.
struct Text<'a> {
    block: usize,
    source: usize,
    /// Document line of its first line.
    first_line: usize,
    /// For each of its lines, where it begins in the document.
    starts: Vec<usize>,
    dormant: bool,
    ground: &'a Ground<'a>,
}

/// Dormant code that waits until all blocks have their sources.
struct Waiting {
    block: usize,
    source: usize,
    dormant: Dormant,
    place: At,
    starts: Vec<usize>,
    first_line: usize,
}

impl Builder<'_> {
    fn block(
        &mut self,
        at: usize,
        block: &Block,
        module: &Module,
        claims: &mut Vec<Claim>,
        waiting: &mut Vec<Waiting>,
    ) {
        let ground = Ground::new(&block.code, module);
        let source = self.sources.len();
        let first_line = block.first_line as u32;
        self.sources.push(Source { first_line, code: block.code.clone(), kind: SourceKind::Block });
        let starts: Vec<usize> = block.lines.iter().map(|range| range.start).collect();
        let sleeping = dormant(&ground);
        let text =
            Text { block: at, source, first_line: block.first_line, starts, dormant: false, ground: &ground };
        for comment in &module.comments {
            let covered = sleeping.iter().any(|d| d.comments.contains(&comment.start));
            if !covered {
                self.comment(&text, comment.clone(), claims);
            }
        }
        for dormant in sleeping {
            let starts = dormant.starts.iter().map(|&start| block.document_offset(start)).collect();
            let place = match &dormant.point {
                Point::Start => At::Start,
                Point::Before(range) => At::Before(span(&text, range)),
                Point::After(range) => At::After(span(&text, range)),
            };
            let first_line = block.first_line + dormant.first_line - 1;
            waiting.push(Waiting { block: at, source, dormant, place, starts, first_line });
        }
    }

    fn append_dormant(&mut self, waiting: Vec<Waiting>, claims: &mut Vec<Claim>) {
        for item in waiting {
            let source = self.sources.len();
            let ground = Ground::new(&item.dormant.code, &item.dormant.module);
            let text = Text {
                block: item.block,
                source,
                first_line: item.first_line,
                starts: item.starts,
                dormant: true,
                ground: &ground,
            };
            let (before, first) = (self.anchors.len(), claims.len());
            for comment in &item.dormant.module.comments {
                self.comment(&text, comment.clone(), claims);
            }
            self.enable(&item.dormant, item.source, item.first_line, &mut claims[first..]);
            if self.anchors.len() > before {
                self.sources.push(Source {
                    first_line: item.first_line as u32,
                    code: item.dormant.code.clone(),
                    kind: SourceKind::Dormant(Place { source: item.source, at: item.place }),
                });
            }
        }
    }

    /// Where claims about a type checker speak of dormant code, it has to see that code.
    fn enable(&self, dormant: &Dormant, source: usize, first_line: usize, claims: &mut [Claim]) {
        let mut awake = None;
        for claim in claims.iter_mut().filter(|claim| claim.check.is_some()) {
            let block = &self.sources[source].code;
            let code = awake.get_or_insert_with(|| dormant.awake(block));
            claim.check = claim
                .check
                .take()
                .zip(code.clone())
                .map(|(check, code)| TypeCheck { enabled: Some((first_line, code)), ..check });
        }
    }

    /// The claims of a block that is no Python: they are known, and blocked.
    fn unparsed(&self, at: usize, block: &Block, claims: &mut Vec<Claim>) {
        for (line, range) in block.lines.iter().enumerate() {
            let text = &self.document.text[range.clone()];
            let Some(hash) = text.find("# =>").or_else(|| text.find("#=>")) else { continue };
            if let Some(mark) = marks(text, hash..text.len()) {
                let (start, text_range) = (range.start + mark.start, shift(mark.text, range.start));
                let context = plain_context();
                let read = read(&self.document.text[text_range.clone()], &context);
                let mut claim = self.bare_claim(at, block.first_line + line, start, text_range);
                claim.readings = read.readings;
                claim.form = form(&claim);
                claims.push(claim);
            }
        }
    }

    fn bare_claim(&self, block: usize, line: usize, start: usize, range: Range<usize>) -> Claim {
        let text = &self.document.text;
        Claim {
            block,
            line,
            column: self.lines.place(text, start).1,
            end_column: self.lines.place(text, range.end).1,
            text: text[range.clone()].to_string(),
            below: Vec::new(),
            range,
            form: Form::Prose,
            readings: Vec::new(),
            anchors: Vec::new(),
            subjects: Vec::new(),
            beside: Beside::Other,
            dormant: false,
            hedged: false,
            versions: None,
            volatile: false,
            check: None,
        }
    }

    /// One comment of a text: a claim, if it holds the marker.
    fn comment(&mut self, text: &Text, comment: Range<usize>, claims: &mut Vec<Claim>) {
        let code = text.ground.code;
        let Some(mark) = marks(code, comment.clone()) else {
            return self.announcement(text, comment);
        };
        let line = text.ground.lines.line(mark.start);
        let line_start = text.ground.lines.range(code, line).start;
        let into_document = text.starts.get(line - 1).copied().unwrap_or_default();
        let to_document = |offset: usize| into_document + offset - line_start;
        let range = to_document(mark.text.start)..to_document(mark.text.end);
        let mut claim =
            self.bare_claim(text.block, text.first_line + line - 1, to_document(mark.start), range);
        claim.dormant = text.dormant;
        claim.below = below(text.ground, &comment);
        if let Some(site) = text.ground.site(comment.start) {
            self.read_claim(text, &site, &mut claim);
        }
        claims.push(claim);
    }

    fn read_claim(&mut self, text: &Text, site: &Site, claim: &mut Claim) {
        let context = self.context(text, site, &claim.below);
        let read = read(&claim.text, &context);
        claim.hedged = read.hedged;
        claim.versions = read.versions;
        claim.volatile = self.volatile.speaks_of(&text.ground.code[site.stmt.range.clone()]);
        claim.readings = read.readings;
        claim.subjects = self.subjects(text, site);
        claim.beside = match site.stmt.kind {
            _ if site.in_class => Beside::ClassBody,
            StmtKind::Expression if site.stmt.acts => Beside::Call,
            _ => Beside::Other,
        };
        claim.form = form(claim);
        if let [crate::claim::Reading { kind: Kind::Static { absent, .. }, .. }] = &claim.readings[..] {
            claim.check = Some(TypeCheck { lines: checked_lines(text, site, *absent), enabled: None });
            return;
        }
        if claim.readings.is_empty() {
            return;
        }
        let before = (site.clause.is_none() && crate::claim::speaks_of_before(&claim.text))
            .then(|| Spot { watch: Watch::Before, range: site.stmt.range.clone() });
        claim.anchors = site
            .spots
            .iter()
            .chain(&before)
            .map(|spot| self.anchor(text, site, spot.watch, &spot.range, &claim.readings))
            .collect();
        let announced = crate::claim::announced(&claim.text);
        for &at in &claim.anchors {
            if self.anchors[at].watch == Watch::Statement {
                self.anchors[at].announced.join(announced.clone());
            }
        }
    }

    fn context<'b>(&'b self, text: &Text<'b>, site: &Site, below: &'b [String]) -> Context<'b> {
        let code = text.ground.code;
        let stmt = site.stmt;
        let sub =
            site.spots.first().is_some_and(|spot| spot.watch == Watch::Expression) && site.clause.is_none();
        let anchored = match (site.clause, site.spots.first()) {
            (Some(clause), _) => clause.header.clone(),
            (None, Some(spot)) => spot.range.clone(),
            (None, None) => stmt.range.clone(),
        };
        Context {
            stmt: stmt.kind,
            header: site.clause.map(|clause| clause.kind),
            whole: site.whole,
            nested: site.nested,
            dormant: text.dormant,
            acts: stmt.acts,
            prints: stmt.prints,
            valued: stmt.value.is_some() || sub,
            targets: self.targets(text, site),
            code: &code[anchored],
            templates: &self.templates,
            parameters: self.parameters(&code[stmt.range.clone()]),
            below,
        }
    }

    /// The parameters of the example's own functions that `code` calls.
    fn parameters(&self, code: &str) -> Vec<String> {
        let called = |function: &&Function| contains_word(code, &format!("{}(", function.name));
        self.functions.iter().filter(called).flat_map(|function| function.parameters.clone()).collect()
    }

    fn targets(&self, text: &Text, site: &Site) -> Vec<String> {
        site.stmt.targets.iter().map(|range| text.ground.code[range.clone()].to_string()).collect()
    }

    /// The anchor for a spot, with what `readings` need added to it.
    fn anchor(
        &mut self,
        text: &Text,
        site: &Site,
        watch: Watch,
        range: &Range<usize>,
        readings: &[crate::claim::Reading],
    ) -> usize {
        let span = span(text, range);
        let known =
            self.anchors.iter().rposition(|a| a.source == text.source && a.watch == watch && a.span == span);
        let at = known.unwrap_or_else(|| {
            let probes = Vec::new();
            let (value, output, announced) = (false, false, Announced::None);
            self.anchors.push(Anchor { source: text.source, watch, span, probes, value, output, announced });
            self.anchors.len() - 1
        });
        let mut subjects = Vec::new();
        if readings.iter().any(|reading| reading.kind.wants_value()) {
            subjects = self.subjects(text, site);
        }
        let anchor = &mut self.anchors[at];
        for reading in readings {
            reading.kind.probes(&mut anchor.probes);
            anchor.value |= reading.kind.wants_value();
            anchor.output |= (reading.kind.wants_output() && site.stmt.acts) || site.stmt.prints;
            if matches!(reading.kind, Kind::Raises { .. }) && reading.firm {
                anchor.announced = Announced::Any;
            }
        }
        for subject in subjects {
            if !anchor.probes.contains(&subject) {
                anchor.probes.push(subject);
            }
        }
        at
    }

    /// What a bare literal may speak of besides the value: what is bound, and the object that a method was called on.
    fn subjects(&self, text: &Text, site: &Site) -> Vec<String> {
        let mut subjects = self.targets(text, site);
        if site.stmt.kind == StmtKind::For && subjects.len() > 1 {
            subjects.insert(0, format!("({})", subjects.join(", ")));
        }
        let code = &text.ground.code[site.stmt.range.clone()];
        let roots: Vec<String> = match site.stmt.kind {
            StmtKind::Expression => root(code).into_iter().collect(),
            StmtKind::Delete => root(code.trim_start_matches("del ")).into_iter().collect(),
            StmtKind::Assign | StmtKind::AugAssign => {
                subjects.iter().filter_map(|target| root(target)).collect()
            }
            _ => Vec::new(),
        };
        subjects.extend(roots);
        subjects
    }

    /// A plain comment that announces an exception beside a statement: `int("x")  # raises ValueError`.
    fn announcement(&mut self, text: &Text, comment: Range<usize>) {
        let words = text.ground.code[comment.start + 1..comment.end].trim();
        if text.ground.alone(comment.start) || crate::claim::announced(words) == Announced::None {
            return;
        }
        if let Some(site) = text.ground.site(comment.start)
            && site.top_level
            && let Some(spot) = site.spots.iter().find(|spot| spot.watch == Watch::Statement)
        {
            let at = self.anchor(text, &site, spot.watch, &spot.range, &[]);
            self.anchors[at].announced.join(crate::claim::announced(words));
        }
    }
}

/// The plain comment lines right below a comment.
fn below(ground: &Ground, comment: &Range<usize>) -> Vec<String> {
    const MOST: usize = 100;
    let above = ground.lines.line(comment.start);
    let first = ground.module.comments.partition_point(|other| other.start <= comment.start);
    let mut lines = Vec::new();
    for (other, line) in ground.module.comments[first..].iter().zip(above + 1..) {
        let next = ground.lines.line(other.start) == line && ground.alone(other.start);
        if !next || lines.len() == MOST || marks(ground.code, other.clone()).is_some() {
            break;
        }
        lines.push(ground.code[other.start + 1..other.end].trim().to_string());
    }
    lines
}

/// `fruits` of `fruits.append("x")` and of `fruits[0]`.
fn root(code: &str) -> Option<String> {
    let end = code.find(|c: char| !(c.is_alphanumeric() || c == '_'))?;
    let name = &code[..end];
    let follows = code[end..].starts_with(['.', '[']);
    (follows && !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit())).then(|| name.to_string())
}

fn shift(range: Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// The document lines on which a type checker's error is one of the code at `site`: the whole statement; of a header that has a
/// body, the header, but for a `def` or `class` whose error may come to light in its body.
fn checked_lines(text: &Text, site: &Site, absent: bool) -> RangeInclusive<usize> {
    let whole = site.stmt.decorated_start..site.stmt.range.end;
    let range = match site.clause {
        Some(clause) if absent || !matches!(clause.kind, SuiteKind::Def | SuiteKind::Class) => {
            clause.header.clone()
        }
        _ => whole,
    };
    let line = |offset: usize| text.first_line + text.ground.lines.line(offset) - 1;
    line(range.start)..=line(range.end.max(range.start + 1) - 1)
}

fn span(text: &Text, range: &Range<usize>) -> Span {
    let lines = &text.ground.lines;
    let place = |offset: usize| {
        let line = lines.line(offset);
        let start = lines.range(text.ground.code, line).start;
        ((text.first_line + line - 1) as u32, (offset - start) as u32)
    };
    let ((line, column), (end_line, end_column)) = (place(range.start), place(range.end));
    Span { line, column, end_line, end_column }
}

/// The form that a claim is listed under: that of its first firm reading, else prose.
fn form(claim: &Claim) -> Form {
    claim.readings.iter().find(|reading| reading.firm).map_or(Form::Prose, |reading| reading.kind.form())
}

fn plain_context() -> Context<'static> {
    Context {
        stmt: StmtKind::Expression,
        header: None::<SuiteKind>,
        whole: false,
        nested: false,
        dormant: false,
        acts: true,
        prints: true,
        valued: true,
        targets: Vec::new(),
        code: "",
        templates: &[],
        parameters: Vec::new(),
        below: &[],
    }
}

/// Names whose values differ from run to run: what comes from the clock, from random numbers, from the machine.
#[derive(Debug, Default)]
struct Volatile {
    names: Vec<String>,
    seeded: bool,
}

/// What gives another value each time; `random.` only where nothing seeds it.
const CLOCKS: [&str; 22] = [
    "time.time",
    "perf_counter",
    "monotonic",
    "process_time",
    ".now(",
    ".today(",
    ".utcnow(",
    "uuid",
    "secrets.",
    "os.getpid",
    "getcwd",
    "urandom",
    "id(",
    "hash(",
    "tempfile.",
    "gettempdir",
    "environ",
    "platform.",
    "sys.path",
    "getsizeof",
    "tracemalloc",
    "get_ident",
];

impl Volatile {
    /// Follows assignments through the blocks, in their order: what is made of something volatile is volatile.
    fn of(blocks: &[(&str, &Module)]) -> Volatile {
        let mut volatile = Volatile {
            names: Vec::new(),
            seeded: blocks.iter().any(|(code, _)| code.contains(".seed(") || code.contains("Random(")),
        };
        for (code, module) in blocks {
            volatile.follow(code, &module.body);
        }
        volatile
    }

    fn follow(&mut self, code: &str, body: &[Stmt]) {
        for stmt in body {
            let text = &code[stmt.range.clone()];
            if stmt.suites.is_empty() && self.speaks_of(text) {
                let shuffled =
                    root(text.trim_start_matches("random.shuffle(")).filter(|_| text.contains("shuffle("));
                let bare = text.trim_start_matches("random.shuffle(").trim_end_matches(')');
                let argument = (text.contains("shuffle(") && is_name(bare)).then(|| bare.to_string());
                let bound = stmt.targets.iter().map(|range| code[range.clone()].to_string());
                self.names.extend(bound.filter(|name| is_name(name)).chain(shuffled).chain(argument));
            }
            stmt.suites.iter().for_each(|suite| self.follow(code, &suite.body));
        }
    }

    fn speaks_of(&self, code: &str) -> bool {
        let random = !self.seeded && (code.contains("random.") || code.contains("random("));
        random
            || CLOCKS.iter().any(|clock| contains_word(code, clock))
            || self.names.iter().any(|name| contains_word(code, name))
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Whether `word` stands in `code` and is not the end of a longer name.
fn contains_word(code: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let before = word.starts_with(part) && code[..at].ends_with(part);
        let after = word.ends_with(part) && code[at + word.len()..].starts_with(part);
        !before && !after
    })
}
