//! The strings that code prints, as patterns: `f"Deleted {name}"` prints `Deleted ` and something.

use super::{range, range_of};
use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};

/// A string with holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pub pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    /// A value goes in here.
    Hole,
}

impl Template {
    /// Whether `text` is this template with its holes filled (by anything on one line). A template needs some words
    /// of its own, or everything would fit.
    pub fn fits(&self, text: &str) -> bool {
        let own: usize =
            self.pieces.iter().map(|p| if let Piece::Text(t) = p { letters(t) } else { 0 }).sum();
        own >= 3 && fits(&self.pieces, text)
    }
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

/// Greedy matching of text pieces from the left with the last one held to the end: linear in the text for each piece.
fn fits(pieces: &[Piece], text: &str) -> bool {
    let Some((first, rest)) = pieces.split_first() else { return text.is_empty() };
    match first {
        Piece::Text(own) => text.strip_prefix(own.as_str()).is_some_and(|left| fits(rest, left)),
        Piece::Hole => {
            let Some(Piece::Text(next)) = rest.first() else { return rest.is_empty() || fits(rest, text) };
            if rest.len() == 1 {
                return text.ends_with(next.as_str());
            }
            text.find(next.as_str()).is_some_and(|at| fits(rest, &text[at..]))
        }
    }
}

/// The templates of all `print(…)` calls, wherever they stand.
pub fn printed(code: &str, body: &[ast::Stmt]) -> Vec<Template> {
    let mut finder = Finder { code, found: Vec::new() };
    body.iter().for_each(|stmt| finder.visit_stmt(stmt));
    finder.found
}

struct Finder<'a> {
    code: &'a str,
    found: Vec<Template>,
}

impl<'a> Visitor<'a> for Finder<'_> {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        if let ast::Expr::Call(call) = expr
            && matches!(&*call.func, ast::Expr::Name(name) if name.id.as_str() == "print")
        {
            self.add(&call.arguments);
        }
        walk_expr(self, expr);
    }
}

impl Finder<'_> {
    fn add(&mut self, arguments: &ast::Arguments) {
        let mut pieces = Vec::new();
        for (at, argument) in arguments.args.iter().enumerate() {
            if at > 0 {
                push_text(&mut pieces, &self.separator(arguments));
            }
            self.pieces(argument, &mut pieces);
        }
        if !pieces.is_empty() {
            self.found.push(Template { pieces });
        }
    }

    fn separator(&self, arguments: &ast::Arguments) -> String {
        let literal = arguments.find_keyword("sep").and_then(|keyword| match &keyword.value {
            ast::Expr::StringLiteral(string) => Some(string.value.to_str().to_string()),
            _ => None,
        });
        literal.unwrap_or_else(|| " ".to_string())
    }

    fn pieces(&self, expr: &ast::Expr, into: &mut Vec<Piece>) {
        match expr {
            ast::Expr::StringLiteral(string) => push_text(into, string.value.to_str()),
            ast::Expr::FString(string) => {
                for part in &string.value {
                    match part {
                        ast::FStringPart::Literal(literal) => push_text(into, literal),
                        ast::FStringPart::FString(f) => f.elements.iter().for_each(|e| match e {
                            ast::InterpolatedStringElement::Literal(literal) => push_text(into, literal),
                            ast::InterpolatedStringElement::Interpolation(hole) => {
                                self.debug_text(hole, into);
                                push_hole(into);
                            }
                        }),
                    }
                }
            }
            // "%s has %d" % (…)
            ast::Expr::BinOp(op) if op.op == ast::Operator::Mod => match &*op.left {
                ast::Expr::StringLiteral(string) => percent(string.value.to_str(), into),
                _ => push_hole(into),
            },
            // "{} has {}".format(…)
            ast::Expr::Call(call) => match &*call.func {
                ast::Expr::Attribute(method) if method.attr.as_str() == "format" => match &*method.value {
                    ast::Expr::StringLiteral(string) => braces(string.value.to_str(), into),
                    _ => push_hole(into),
                },
                _ => push_hole(into),
            },
            _ => push_hole(into),
        }
    }

    /// `f"{x=}"` prints `x=` before the value.
    fn debug_text(&self, hole: &ast::InterpolatedElement, into: &mut Vec<Piece>) {
        if hole.debug_text.is_some() {
            let expression = &self.code[range(ruff_text_size::Ranged::range(&*hole.expression))];
            debug_assert_eq!(range_of(&*hole.expression).len(), expression.len());
            push_text(into, &format!("{expression}="));
        }
    }
}

fn push_text(into: &mut Vec<Piece>, text: &str) {
    match into.last_mut() {
        Some(Piece::Text(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => into.push(Piece::Text(text.to_string())),
    }
}

fn push_hole(into: &mut Vec<Piece>) {
    if into.last() != Some(&Piece::Hole) {
        into.push(Piece::Hole);
    }
}

/// `%`-formatting: `%%` is a percent sign, everything else up to a conversion letter a hole.
fn percent(text: &str, into: &mut Vec<Piece>) {
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        push_text(into, &rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            push_text(into, "%");
            rest = after;
        } else {
            push_hole(into);
            let end = rest.find(|c: char| c.is_ascii_alphabetic()).map_or(rest.len(), |at| at + 1);
            rest = &rest[end..];
        }
    }
    push_text(into, rest);
}

/// `str.format`: `{{` and `}}` are braces, `{…}` a hole.
fn braces(text: &str, into: &mut Vec<Piece>) {
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        push_text(into, &rest[..at]);
        let brace = &rest[at..at + 1];
        rest = &rest[at + 1..];
        if rest.starts_with(brace) {
            push_text(into, brace);
            rest = &rest[1..];
        } else if brace == "{" {
            push_hole(into);
            rest = rest.find('}').map_or("", |end| &rest[end + 1..]);
        }
    }
    push_text(into, rest);
}
