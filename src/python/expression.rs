//! Expressions that a claim spells out: `len(x) == 3`, `p.x`, `{"a": 1}`.

use super::range_of;
use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use std::ops::Range;

/// A text that is one Python expression.
#[derive(Debug, Clone)]
pub struct Expression {
    pub shape: Shape,
    /// The names that it uses, in order of appearance, each once.
    pub names: Vec<String>,
    /// Whether it calls, awaits or yields anything.
    pub calls: bool,
    /// Whether it consists of literals and operators only.
    pub constant: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// `42`, `-1.5`, `'a'`, `True`, `None`, `3+4j`, and displays of such: `[1, 'a']`.
    Literal,
    /// `x`
    Name,
    /// `self.price`, `d['k'][0]`
    Place,
    /// `len(x)`, `Point(1, 2)`
    Call,
    /// One comparison, `a < b`, with the extents of its two sides.
    Comparison(Comparison),
    /// `not a`, `a and b`, `a < b < c`
    Boolean,
    /// `a + b`
    Arithmetic,
    /// An unparenthesised tuple: `1, 2`
    Tuple,
    /// Anything else: comprehensions, lambdas, displays with names in them.
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    pub left: Range<usize>,
    pub right: Range<usize>,
    pub operator: &'static str,
}

/// Expressions longer or deeper than this are not parsed: claims are one line of text written by a person,
/// and the parser recurses.
const LONGEST: usize = 2_000;
const DEEPEST: usize = 50;

/// Reads `text` as one expression; None where it is not one.
pub fn expression(text: &str) -> Option<Expression> {
    let text = text.trim();
    let depth = text.bytes().filter(|b| b"([{".contains(b)).count();
    if text.is_empty()
        || text.len() > LONGEST
        || depth > DEEPEST
        || text.contains(['\n', '\r', '#']) && !quoted(text)
    {
        return None;
    }
    let parsed = parse_unchecked(text, ParseOptions::from(Mode::Expression));
    if !parsed.errors().is_empty() {
        return None;
    }
    let ast::Mod::Expression(module) = parsed.into_syntax() else { return None };
    let expr = &*module.body;
    let mut facts = Facts::default();
    facts.visit_expr(expr);
    Some(Expression { shape: shape(expr), names: facts.names, calls: facts.calls, constant: !facts.varies })
}

fn quoted(text: &str) -> bool {
    text.contains(['\'', '"']) && !text.contains(['\n', '\r'])
}

fn shape(expr: &ast::Expr) -> Shape {
    if is_literal(expr) {
        return match expr {
            ast::Expr::Tuple(tuple) if !tuple.parenthesized => Shape::Tuple,
            _ => Shape::Literal,
        };
    }
    match expr {
        ast::Expr::Name(_) => Shape::Name,
        ast::Expr::Attribute(_) | ast::Expr::Subscript(_) => Shape::Place,
        ast::Expr::Call(_) => Shape::Call,
        ast::Expr::Compare(compare) => match (&*compare.ops, &*compare.comparators) {
            ([op], [right]) => Shape::Comparison(Comparison {
                left: range_of(&*compare.left),
                right: range_of(right),
                operator: op.as_str(),
            }),
            _ => Shape::Boolean,
        },
        ast::Expr::BoolOp(_) => Shape::Boolean,
        ast::Expr::UnaryOp(unary) if unary.op == ast::UnaryOp::Not => Shape::Boolean,
        ast::Expr::UnaryOp(_) | ast::Expr::BinOp(_) => Shape::Arithmetic,
        ast::Expr::Tuple(tuple) if !tuple.parenthesized => Shape::Tuple,
        _ => Shape::Other,
    }
}

fn is_literal(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::NumberLiteral(_)
        | ast::Expr::StringLiteral(_)
        | ast::Expr::BytesLiteral(_)
        | ast::Expr::BooleanLiteral(_)
        | ast::Expr::NoneLiteral(_) => true,
        ast::Expr::UnaryOp(unary) => {
            matches!(unary.op, ast::UnaryOp::USub | ast::UnaryOp::UAdd)
                && matches!(&*unary.operand, ast::Expr::NumberLiteral(_))
        }
        // 3+4j
        ast::Expr::BinOp(op) => {
            let imaginary = |e: &ast::Expr| matches!(e, ast::Expr::NumberLiteral(n) if matches!(n.value, ast::Number::Complex { .. }));
            matches!(op.op, ast::Operator::Add | ast::Operator::Sub)
                && is_literal(&op.left)
                && imaginary(&op.right)
        }
        ast::Expr::List(list) => list.elts.iter().all(is_literal_or_rest),
        ast::Expr::Tuple(tuple) => tuple.elts.iter().all(is_literal_or_rest),
        ast::Expr::Set(set) => set.elts.iter().all(is_literal_or_rest),
        ast::Expr::Dict(dict) => dict
            .items
            .iter()
            .all(|item| item.key.as_ref().is_some_and(is_literal) && is_literal_or_rest(&item.value)),
        _ => false,
    }
}

/// An element may be left out by `...`.
fn is_literal_or_rest(expr: &ast::Expr) -> bool {
    matches!(expr, ast::Expr::EllipsisLiteral(_)) || is_literal(expr)
}

#[derive(Default)]
struct Facts {
    names: Vec<String>,
    calls: bool,
    varies: bool,
}

impl<'a> Visitor<'a> for Facts {
    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        match expr {
            ast::Expr::Name(name) => {
                self.varies = true;
                if !self.names.iter().any(|known| known == name.id.as_str()) {
                    self.names.push(name.id.to_string());
                }
            }
            ast::Expr::Call(_) | ast::Expr::Await(_) | ast::Expr::Yield(_) | ast::Expr::YieldFrom(_) => {
                self.calls = true;
                self.varies = true;
            }
            ast::Expr::Lambda(_) | ast::Expr::EllipsisLiteral(_) => self.varies = true,
            _ => {}
        }
        walk_expr(self, expr);
    }
}
