//! From ruff's syntax tree to our own.

use super::{Stmt, StmtKind, Suite, SuiteKind, range_of};
use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use std::ops::Range;

/// Turns statements of one source into [`Stmt`]s.
pub struct Reader<'a> {
    code: &'a str,
    tokens: &'a [Range<usize>],
}

impl<'a> Reader<'a> {
    pub fn new(code: &'a str, tokens: &'a [Range<usize>]) -> Reader<'a> {
        Reader { code, tokens }
    }

    pub fn suite(&self, body: &[ast::Stmt]) -> Vec<Stmt> {
        body.iter().map(|stmt| self.stmt(stmt)).collect()
    }

    fn stmt(&self, stmt: &ast::Stmt) -> Stmt {
        let range = range_of(stmt);
        let mut read = Stmt {
            kind: StmtKind::Other,
            decorated_start: range.start,
            range,
            value: None,
            targets: Vec::new(),
            acts: false,
            prints: false,
            expressions: Vec::new(),
            suites: Vec::new(),
        };
        self.fill(&mut read, stmt);
        read
    }

    fn fill(&self, read: &mut Stmt, stmt: &ast::Stmt) {
        use ast::Stmt as S;
        let mut seen = Expressions::default();
        match stmt {
            S::Expr(s) => {
                read.kind = StmtKind::Expression;
                read.value = Some(range_of(&*s.value));
                seen.visit_expr(&s.value);
            }
            S::Assign(s) => {
                read.kind = StmtKind::Assign;
                read.value = Some(range_of(&*s.value));
                s.targets.iter().for_each(|t| targets(t, &mut read.targets));
                seen.visit_expr(&s.value);
                seen.acts |= s.targets.iter().any(|t| !is_plain_target(t));
            }
            S::AnnAssign(s) => {
                read.kind = StmtKind::Assign;
                targets(&s.target, &mut read.targets);
                if let Some(value) = &s.value {
                    read.value = Some(range_of(&**value));
                    seen.visit_expr(value);
                }
                seen.acts |= !is_plain_target(&s.target);
            }
            S::AugAssign(s) => {
                read.kind = StmtKind::AugAssign;
                targets(&s.target, &mut read.targets);
                seen.visit_expr(&s.value);
                seen.acts |= !is_plain_target(&s.target);
            }
            S::Return(s) => {
                read.kind = StmtKind::Return;
                if let Some(value) = &s.value {
                    read.value = Some(range_of(&**value));
                    seen.visit_expr(value);
                }
            }
            S::Raise(s) => {
                read.kind = StmtKind::Raise;
                s.exc.iter().chain(&s.cause).for_each(|e| seen.visit_expr(e));
                seen.acts = true;
            }
            S::Assert(s) => {
                read.kind = StmtKind::Assert;
                seen.visit_expr(&s.test);
                seen.acts = true;
            }
            S::Delete(_) => {
                read.kind = StmtKind::Delete;
                seen.acts = true;
            }
            S::Import(_) | S::ImportFrom(_) => {
                read.kind = StmtKind::Import;
                seen.acts = true;
            }
            _ => self.fill_compound(read, stmt, &mut seen),
        }
        read.acts |= seen.acts;
        read.prints |= seen.prints;
        read.expressions.append(&mut seen.ranges);
    }

    fn fill_compound(&self, read: &mut Stmt, stmt: &ast::Stmt, seen: &mut Expressions) {
        use ast::Stmt as S;
        read.acts = true;
        let start = read.range.start;
        match stmt {
            S::FunctionDef(s) => {
                read.kind = StmtKind::Def;
                self.begin_after_decorators(read, &s.decorator_list);
                s.decorator_list.iter().for_each(|d| seen.visit_expr(&d.expression));
                read.suites.push(self.clause(SuiteKind::Def, read.range.start, &s.body, None));
            }
            S::ClassDef(s) => {
                read.kind = StmtKind::Class;
                self.begin_after_decorators(read, &s.decorator_list);
                s.decorator_list.iter().for_each(|d| seen.visit_expr(&d.expression));
                read.suites.push(self.clause(SuiteKind::Class, read.range.start, &s.body, None));
            }
            S::If(s) => {
                read.kind = StmtKind::If;
                seen.visit_expr(&s.test);
                read.suites.push(self.clause(SuiteKind::If, start, &s.body, Some(&s.test)));
                for clause in &s.elif_else_clauses {
                    let kind = if clause.test.is_some() { SuiteKind::Elif } else { SuiteKind::Else };
                    if let Some(test) = &clause.test {
                        seen.visit_expr(test);
                    }
                    let begin = range_of(clause).start;
                    read.suites.push(self.clause(kind, begin, &clause.body, clause.test.as_ref()));
                }
            }
            S::For(s) => {
                read.kind = StmtKind::For;
                targets(&s.target, &mut read.targets);
                seen.visit_expr(&s.iter);
                read.suites.push(self.clause(SuiteKind::For, start, &s.body, None));
                self.trailing_clause(read, SuiteKind::Else, &s.orelse);
            }
            S::While(s) => {
                read.kind = StmtKind::While;
                seen.visit_expr(&s.test);
                read.suites.push(self.clause(SuiteKind::While, start, &s.body, Some(&s.test)));
                self.trailing_clause(read, SuiteKind::Else, &s.orelse);
            }
            S::With(s) => {
                read.kind = StmtKind::With;
                for item in &s.items {
                    seen.visit_expr(&item.context_expr);
                    item.optional_vars.iter().for_each(|t| targets(t, &mut read.targets));
                }
                read.suites.push(self.clause(SuiteKind::With, start, &s.body, None));
            }
            S::Match(s) => {
                read.kind = StmtKind::Match;
                seen.visit_expr(&s.subject);
                let header = start..s.cases.first().map_or(read.range.end, |c| range_of(c).start);
                let (node, test) = (range_of(&*s.subject), Some(range_of(&*s.subject)));
                let body = Vec::new();
                read.suites.push(Suite { kind: SuiteKind::Match, header, node, test, body });
                for case in &s.cases {
                    let begin = range_of(case).start;
                    read.suites.push(self.clause(SuiteKind::Case, begin, &case.body, None));
                }
            }
            S::Try(s) => {
                read.kind = StmtKind::Try;
                read.suites.push(self.clause(SuiteKind::Try, start, &s.body, None));
                for ast::ExceptHandler::ExceptHandler(handler) in &s.handlers {
                    let begin = range_of(handler).start;
                    let mut suite = self.clause(SuiteKind::Except, begin, &handler.body, None);
                    suite.node = range_of(handler);
                    read.suites.push(suite);
                }
                self.trailing_clause(read, SuiteKind::Else, &s.orelse);
                self.trailing_clause(read, SuiteKind::Finally, &s.finalbody);
            }
            _ => read.acts = false,
        }
    }

    /// The range of a decorated definition begins at `def` or `class`, as in Python's own `ast`.
    fn begin_after_decorators(&self, read: &mut Stmt, decorators: &[ast::Decorator]) {
        if let Some(last) = decorators.last() {
            let end = range_of(last).end;
            let at = self.tokens.partition_point(|token| token.start < end);
            if let Some(token) = self.tokens.get(at) {
                read.range.start = token.start;
            }
        }
    }

    fn clause(&self, kind: SuiteKind, begin: usize, body: &[ast::Stmt], test: Option<&ast::Expr>) -> Suite {
        let body_start = body.first().map_or(begin, |first| range_of(first).start);
        let body_end = body.last().map_or(begin, |last| range_of(last).end);
        let colon = self.last_token_before(body_start).map_or(body_start, |token| token.end);
        Suite {
            kind,
            header: begin..colon.max(begin),
            node: body_start..body_end,
            test: test.map(range_of),
            body: self.suite(body),
        }
    }

    /// `else` and `finally`, whose keywords have no node of their own: the two tokens before the body.
    fn trailing_clause(&self, read: &mut Stmt, kind: SuiteKind, body: &[ast::Stmt]) {
        let Some(first) = body.first() else { return };
        let start = range_of(first).start;
        let at = self.tokens.partition_point(|token| token.start < start);
        let keyword = at.checked_sub(2).map_or(start, |at| self.tokens[at].start);
        read.suites.push(self.clause(kind, keyword, body, None));
    }

    fn last_token_before(&self, offset: usize) -> Option<&Range<usize>> {
        let at = self.tokens.partition_point(|token| token.start < offset);
        // A decorated first statement's range begins at its `@`; the colon is before that all the same.
        at.checked_sub(1).map(|at| &self.tokens[at]).filter(|token| self.code.len() >= token.end)
    }
}

fn targets(target: &ast::Expr, into: &mut Vec<Range<usize>>) {
    match target {
        ast::Expr::Tuple(t) => t.elts.iter().for_each(|e| targets(e, into)),
        ast::Expr::List(t) => t.elts.iter().for_each(|e| targets(e, into)),
        ast::Expr::Starred(t) => targets(&t.value, into),
        other => into.push(range_of(other)),
    }
}

/// Binding a plain name runs no code; an attribute or an item may.
fn is_plain_target(target: &ast::Expr) -> bool {
    match target {
        ast::Expr::Name(_) => true,
        ast::Expr::Tuple(t) => t.elts.iter().all(is_plain_target),
        ast::Expr::List(t) => t.elts.iter().all(is_plain_target),
        ast::Expr::Starred(t) => is_plain_target(&t.value),
        _ => false,
    }
}

/// Collects what may be watched, and whether anything may act.
#[derive(Default)]
struct Expressions {
    ranges: Vec<Range<usize>>,
    acts: bool,
    prints: bool,
}

impl<'a> Visitor<'a> for Expressions {
    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        match expr {
            ast::Expr::Call(call) => {
                self.acts = true;
                self.prints |= matches!(&*call.func, ast::Expr::Name(name) if name.id.as_str() == "print");
            }
            ast::Expr::Await(_) | ast::Expr::Yield(_) | ast::Expr::YieldFrom(_) => self.acts = true,
            _ => {}
        }
        let watchable = match expr {
            // The body of a lambda or a comprehension runs in a frame of its own, possibly much later.
            ast::Expr::Starred(_) | ast::Expr::Slice(_) => false,
            ast::Expr::Generator(generator) => generator.parenthesized,
            _ => true,
        };
        if watchable {
            self.ranges.push(range_of(expr));
        }
        match expr {
            ast::Expr::FString(_) | ast::Expr::TString(_) => {
                // CPython < 3.12 gives wrong places inside f-strings; what they call still counts.
                let mut inner = Expressions::default();
                walk_expr(&mut inner, expr);
                self.acts |= inner.acts;
            }
            ast::Expr::Lambda(_) => {}
            _ => walk_expr(self, expr),
        }
    }
}
