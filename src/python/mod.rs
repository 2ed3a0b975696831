//! Python text, read by ruff's parser: the only room that knows ruff.
//!
//! The rest of the program sees a small tree of its own: statements with their extents, suites and expressions,
//! comments taken from tokens (never from a regular expression over lines, so that a `#` in a string is
//! no comment), and the strings that the code prints. All places are byte offsets in the parsed text.

mod expression;
mod functions;
mod template;
mod tree;

pub use expression::{Comparison, Expression, Shape, expression};
pub use functions::Function;
pub use template::{Piece, Template};

use ruff_python_ast::token::{Token, TokenKind};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::{Ranged, TextRange};
use std::ops::Range;

/// A parsed piece of Python.
#[derive(Debug, Clone, Default)]
pub struct Module {
    pub body: Vec<Stmt>,
    /// All comments, from their `#` to the end of the line.
    pub comments: Vec<Range<usize>>,
    /// The code tokens (no comments, no line breaks, no indentation) in order: where code stands on a line.
    pub code: Vec<Range<usize>>,
    /// The strings that the code prints, with holes where values go in.
    pub printed: Vec<Template>,
    pub functions: Vec<Function>,
}

/// Why a text is not Python.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseFailure {
    pub message: String,
    pub offset: usize,
}

/// A statement. Ranges are those of Python's own `ast` (a decorated `def` begins at `def`).
#[derive(Debug, Clone)]
pub struct Stmt {
    pub kind: StmtKind,
    pub range: Range<usize>,
    /// Where the decorators begin; the start of `range` where there are none.
    pub decorated_start: usize,
    /// The expression whose value the statement has: of an expression statement, an assignment's right side, `return`.
    pub value: Option<Range<usize>>,
    /// What an assignment, a `for` or a `with` binds: `x`, `self.price`, `d['k']`; tuples taken apart.
    pub targets: Vec<Range<usize>>,
    /// Whether anything in it (bodies of compound statements left out) could write something: a call, an
    /// operator on objects, an attribute or an item that may run code.
    pub acts: bool,
    /// Whether it calls `print` itself.
    pub prints: bool,
    /// All expressions in it that may be watched, outermost first (bodies left out).
    pub expressions: Vec<Range<usize>>,
    /// The parts of a compound statement, in order: `if`, `elif`, `else`; `try`, `except` …
    pub suites: Vec<Suite>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StmtKind {
    Expression,
    Assign,
    AugAssign,
    Return,
    Raise,
    Assert,
    Delete,
    Import,
    Def,
    Class,
    If,
    For,
    While,
    With,
    Try,
    Match,
    Other,
}

/// A header (`elif x:`) and the statements below it.
#[derive(Debug, Clone)]
pub struct Suite {
    pub kind: SuiteKind,
    /// From the clause's first token to its colon.
    pub header: Range<usize>,
    /// The clause as a node: an `except` handler's whole extent; otherwise that of its body.
    pub node: Range<usize>,
    /// The condition of `if`, `elif`, `while`, the subject of `match`.
    pub test: Option<Range<usize>>,
    pub body: Vec<Stmt>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuiteKind {
    If,
    Elif,
    Else,
    For,
    While,
    With,
    Try,
    Except,
    Finally,
    Match,
    Case,
    Def,
    Class,
}

impl Module {
    /// Parses a block of code.
    ///
    /// # Errors
    ///
    /// The first syntax error, with its place.
    pub fn parse(code: &str) -> Result<Module, ParseFailure> {
        let parsed = parse_unchecked(code, ParseOptions::from(Mode::Module));
        if let Some(error) = parsed.errors().first() {
            return Err(ParseFailure {
                message: error.error.to_string(),
                offset: range(error.location).start,
            });
        }
        let tokens: Vec<Token> = parsed.tokens().iter().copied().collect();
        let comments = tokens.iter().filter(|t| t.kind() == TokenKind::Comment).map(|t| range(t.range()));
        let code_tokens = tokens.iter().filter(|t| is_code(t.kind())).map(|t| range(t.range()));
        let (comments, code_tokens) = (comments.collect(), code_tokens.collect::<Vec<_>>());
        let ruff_python_ast::Mod::Module(module) = parsed.into_syntax() else {
            return Ok(Module::default());
        };
        let reader = tree::Reader::new(code, &code_tokens);
        let body = reader.suite(&module.body);
        let printed = template::printed(code, &module.body);
        let functions = functions::functions(&module.body);
        Ok(Module { body, comments, code: code_tokens, printed, functions })
    }

    /// The last code token that ends on or before `offset` and starts at or after `from`.
    pub fn last_code(&self, from: usize, to: usize) -> Option<Range<usize>> {
        let end = self.code.partition_point(|token| token.start < to);
        self.code[..end].last().filter(|token| token.end > from).cloned()
    }

    /// The first code token that starts at or after `offset`.
    pub fn next_code(&self, offset: usize) -> Option<Range<usize>> {
        let at = self.code.partition_point(|token| token.start < offset);
        self.code.get(at).cloned()
    }
}

impl Stmt {
    pub fn is_compound(&self) -> bool {
        !self.suites.is_empty()
    }
}

fn is_code(kind: TokenKind) -> bool {
    !matches!(
        kind,
        TokenKind::Comment
            | TokenKind::Newline
            | TokenKind::NonLogicalNewline
            | TokenKind::Indent
            | TokenKind::Dedent
            | TokenKind::EndOfFile
    )
}

fn range(range: TextRange) -> Range<usize> {
    range.start().to_usize()..range.end().to_usize()
}

fn range_of(node: &impl Ranged) -> Range<usize> {
    range(node.range())
}

#[cfg(test)]
mod tests;
