//! Which piece of code a comment speaks of: CLAIMS, section 1.

use crate::plan::Watch;
use crate::python::{Module, Stmt, StmtKind, Suite, SuiteKind};
use crate::text::LineIndex;
use std::ops::Range;

/// The code that a claim is anchored to.
#[derive(Debug, Clone)]
pub struct Site<'a> {
    /// What to watch, the most fitting first: a claim holds where it holds for one of them.
    pub spots: Vec<Spot>,
    /// The statement that the spots lie in.
    pub stmt: &'a Stmt,
    /// The clause whose header the claim stands at.
    pub clause: Option<&'a Suite>,
    /// Whether the claim stands below a compound statement and speaks of it as a whole.
    pub whole: bool,
    /// Whether the code is in the body of a function or a class.
    pub nested: bool,
    /// Whether it stands right in the body of a class.
    pub in_class: bool,
    /// Whether an exception of the statement would end the example: at the top level, also in `if`, `for` and
    /// `while` there.
    pub top_level: bool,
}

/// Something to watch: a node of the block, by its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    pub watch: Watch,
    pub range: Range<usize>,
}

/// A block with what is needed to find places in it.
pub struct Ground<'a> {
    pub code: &'a str,
    pub module: &'a Module,
    pub lines: LineIndex,
}

/// A statement on the way down to a token, with the suite that the way goes on in.
struct Step<'a> {
    stmt: &'a Stmt,
    /// The suite whose header the token stands in; None: in the statement itself, or deeper down.
    header: Option<&'a Suite>,
}

impl<'a> Ground<'a> {
    pub fn new(code: &'a str, module: &'a Module) -> Ground<'a> {
        Ground { code, module, lines: LineIndex::new(code) }
    }

    /// Whether nothing but blanks stands before `offset` on its line.
    pub fn alone(&self, offset: usize) -> bool {
        let line = self.lines.range(self.code, self.lines.line(offset));
        self.code[line.start..offset].trim().is_empty()
    }

    /// The code that the comment at `offset` speaks of; None where the block has none.
    pub fn site(&self, offset: usize) -> Option<Site<'a>> {
        let line = self.lines.line(offset);
        if !self.alone(offset) {
            let token = self.last_code_on(line, offset)?;
            return self.at_token(token, line);
        }
        match self.code_line_above(line) {
            Some((above, token)) => self.below(offset, above, token),
            None => self.before_next(offset),
        }
    }

    fn last_code_on(&self, line: usize, before: usize) -> Option<Range<usize>> {
        let range = self.lines.range(self.code, line);
        self.module.last_code(range.start, before.min(range.end))
    }

    /// The nearest line with code above `line`, comment lines passed over, blank lines not.
    fn code_line_above(&self, line: usize) -> Option<(usize, Range<usize>)> {
        let mut above = line - 1;
        while above >= 1 {
            let range = self.lines.range(self.code, above);
            if let Some(token) = self.module.last_code(range.start, range.end) {
                return Some((above, token));
            }
            if self.code[range].trim().is_empty() {
                return None;
            }
            above -= 1;
        }
        None
    }

    /// A claim on a line of its own, below the code line `above`.
    fn below(&self, offset: usize, above: usize, token: Range<usize>) -> Option<Site<'a>> {
        let path = self.path(token.start);
        let column = self.column(offset);
        let last = path.last()?;
        if last.header.is_some() || column >= self.column_of(last.stmt) {
            return self.at_token(token, above);
        }
        // Further left than the statement above: the compound statement there, after it has finished.
        let at = path.iter().rposition(|step| self.column_of(step.stmt) <= column)?;
        let stmt = path[at].stmt;
        let spots = vec![Spot { watch: Watch::Statement, range: stmt.range.clone() }];
        Some(self.site_of(&path[..=at], spots, None, true))
    }

    /// A claim with nothing above it: the next statement.
    fn before_next(&self, offset: usize) -> Option<Site<'a>> {
        let token = self.module.next_code(offset)?;
        let path = self.path(token.start);
        let last = path.last()?;
        if let Some(suite) = last.header {
            let mut spots = header_spots(last.stmt, suite);
            let whole = Spot { watch: Watch::Statement, range: last.stmt.range.clone() };
            if !spots.contains(&whole) {
                spots.push(whole);
            }
            return Some(self.site_of(&path, spots, Some(suite), false));
        }
        let spots = vec![Spot { watch: Watch::Statement, range: last.stmt.range.clone() }];
        Some(self.site_of(&path, spots, None, false))
    }

    /// A claim at the end of the code on `line`, whose last token is `token`.
    fn at_token(&self, token: Range<usize>, line: usize) -> Option<Site<'a>> {
        let path = self.path(token.start);
        let last = path.last()?;
        let sub = self.sub_expression(last, &token, line);
        let mut spots: Vec<Spot> =
            sub.into_iter().map(|range| Spot { watch: Watch::Expression, range }).collect();
        match last.header {
            Some(suite) => spots.extend(header_spots(last.stmt, suite)),
            None => spots.push(Spot { watch: Watch::Statement, range: last.stmt.range.clone() }),
        }
        Some(self.site_of(&path, spots, last.header, false))
    }

    /// In the midst of code over several lines: the outermost expression that ends on this line.
    fn sub_expression(&self, step: &Step, token: &Range<usize>, line: usize) -> Option<Range<usize>> {
        let end = step.header.map_or(step.stmt.range.end, |suite| suite.header.end);
        if self.lines.line(end.max(1) - 1) <= line {
            return None;
        }
        let closing = |from: usize| {
            self.code[from..token.end]
                .chars()
                .all(|c| c.is_whitespace() || matches!(c, ',' | ')' | ']' | '}'))
        };
        let ends_here = |range: &&Range<usize>| {
            self.lines.line(range.end - 1) == line && range.end <= token.end && closing(range.end)
        };
        step.stmt
            .expressions
            .iter()
            .filter(ends_here)
            .min_by_key(|range| (range.start, usize::MAX - range.end))
            .cloned()
    }

    /// The statements around the token at `offset`, outermost first.
    fn path(&self, offset: usize) -> Vec<Step<'a>> {
        let mut path = Vec::new();
        let mut body: &[Stmt] = &self.module.body;
        loop {
            let at = body.partition_point(|stmt| stmt.decorated_start <= offset);
            let Some(stmt) = at.checked_sub(1).map(|at| &body[at]).filter(|s| offset < s.range.end) else {
                return path;
            };
            let in_header = stmt.suites.iter().find(|s| s.header.contains(&offset));
            let within = |s: &&Suite| {
                s.body.first().is_some_and(|first| first.decorated_start <= offset) && offset < s.node.end
            };
            let inner = stmt.suites.iter().find(within).filter(|_| in_header.is_none());
            path.push(Step { stmt, header: in_header });
            match inner {
                Some(suite) => body = &suite.body,
                None => return path,
            }
        }
    }

    fn site_of(
        &self,
        path: &[Step<'a>],
        spots: Vec<Spot>,
        clause: Option<&'a Suite>,
        whole: bool,
    ) -> Site<'a> {
        let (last, around) = path.split_last().map_or((0, path), |(_, around)| (path.len() - 1, around));
        let nested = around.iter().any(|s| matches!(s.stmt.kind, StmtKind::Def | StmtKind::Class));
        let in_class = around.last().is_some_and(|s| s.stmt.kind == StmtKind::Class);
        let plain = |s: &Step| matches!(s.stmt.kind, StmtKind::If | StmtKind::For | StmtKind::While);
        let top_level = around.iter().all(plain);
        Site { spots, stmt: path[last].stmt, clause, whole, nested, in_class, top_level }
    }

    /// The point of the program at which the commented-out code at `offset` would stand.
    pub fn point(&self, offset: usize) -> Point {
        let column = self.column(offset);
        let Some(token) = self.module.last_code(0, offset) else { return Point::Start };
        let path = self.path(token.start);
        let Some(at) = path.iter().rposition(|step| self.column_of(step.stmt) <= column) else {
            return Point::Start;
        };
        let step = &path[at];
        if let Some(suite) = step.header
            && column > self.column_of(step.stmt)
            && let Some(first) = suite.body.first()
        {
            return Point::Before(first.range.clone());
        }
        Point::After(step.stmt.range.clone())
    }

    fn column(&self, offset: usize) -> usize {
        self.lines.place(self.code, offset).1
    }

    fn column_of(&self, stmt: &Stmt) -> usize {
        self.column(stmt.decorated_start)
    }
}

/// A point between statements of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Point {
    Start,
    Before(Range<usize>),
    After(Range<usize>),
}

/// What a claim at the header of a clause speaks of: the condition, the iterated target, the context value.
fn header_spots(stmt: &Stmt, suite: &Suite) -> Vec<Spot> {
    let whole = || Spot { watch: Watch::Statement, range: stmt.range.clone() };
    let first = || suite.body.first().map(|first| Spot { watch: Watch::Before, range: first.range.clone() });
    match suite.kind {
        SuiteKind::If | SuiteKind::Elif | SuiteKind::While | SuiteKind::Match => {
            suite.test.iter().map(|test| Spot { watch: Watch::Expression, range: test.clone() }).collect()
        }
        SuiteKind::For => vec![Spot { watch: Watch::Pass, range: stmt.range.clone() }, whole()],
        SuiteKind::With => vec![Spot { watch: Watch::Enter, range: stmt.range.clone() }, whole()],
        SuiteKind::Except => vec![Spot { watch: Watch::Handler, range: suite.node.clone() }],
        SuiteKind::Def | SuiteKind::Class => vec![whole()],
        SuiteKind::Else | SuiteKind::Try | SuiteKind::Finally | SuiteKind::Case => {
            first().into_iter().collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The watched texts for the comment that contains `needle`.
    fn spots(code: &str, needle: &str) -> Vec<(Watch, String)> {
        let module = Module::parse(code).unwrap();
        let ground = Ground::new(code, &module);
        let offset = code.find(needle).map(|at| code[..at].rfind('#').unwrap()).unwrap();
        let site = ground.site(offset);
        let spots = site.map(|site| site.spots).unwrap_or_default();
        spots.into_iter().map(|spot| (spot.watch, code[spot.range].to_string())).collect()
    }

    #[test]
    fn a_trailing_claim_speaks_of_the_statement_on_its_line() {
        let code = "x = 1  # => A\nif x: print(x)  # => B\na = 1; b = 2  # => C\n";
        assert_eq!(spots(code, "A"), [(Watch::Statement, "x = 1".into())]);
        assert_eq!(spots(code, "B"), [(Watch::Statement, "print(x)".into())]);
        assert_eq!(spots(code, "C"), [(Watch::Statement, "b = 2".into())]);
    }

    #[test]
    fn in_a_long_expression_it_speaks_of_what_ends_there() {
        let code = "r = f(  # => A\n    g(1),  # => B\n    {'k': h(2)},  # => C\n)  # => D\n";
        assert_eq!(spots(code, "A"), [(Watch::Statement, code[..code.len() - 9].into())]);
        assert_eq!(spots(code, "B")[0], (Watch::Expression, "g(1)".into()));
        assert_eq!(spots(code, "C")[0], (Watch::Expression, "{'k': h(2)}".into()));
        assert_eq!(spots(code, "D")[0].0, Watch::Statement);
        let chain = "r = (x\n    .a()  # => A\n    .b()  # => B\n)\n";
        assert_eq!(spots(chain, "A")[0], (Watch::Expression, "x\n    .a()".into()));
    }

    #[test]
    fn at_a_header_it_speaks_of_the_condition_or_the_target() {
        let code = "for x in xs:  # => A\n    if x > 1:\n        # => B\n        pass\n    elif x:  # => C\n        pass\n    else:  # => D\n        y()\n";
        assert_eq!(spots(code, "A")[0].0, Watch::Pass);
        assert_eq!(spots(code, "B"), [(Watch::Expression, "x > 1".into())]);
        assert_eq!(spots(code, "C"), [(Watch::Expression, "x".into())]);
        assert_eq!(spots(code, "D"), [(Watch::Before, "y()".into())]);
    }

    #[test]
    fn on_a_line_of_its_own_it_speaks_of_the_line_above() {
        let code = "x = f()\n          # => A\n          # => B\n\n# => C\ny = 2\n";
        assert_eq!(spots(code, "A"), [(Watch::Statement, "x = f()".into())]);
        assert_eq!(spots(code, "B"), [(Watch::Statement, "x = f()".into())]);
        assert_eq!(spots(code, "C"), [(Watch::Statement, "y = 2".into())]);
    }

    #[test]
    fn further_left_than_the_code_above_it_speaks_of_the_whole_statement() {
        let code = "with a:\n    for x in y:\n        b()\n    # => A\n# => B\n";
        assert!(spots(code, "A")[0].1.starts_with("for x"));
        assert!(spots(code, "B")[0].1.starts_with("with a"));
    }

    #[test]
    fn dormant_code_stands_where_its_indentation_says() {
        let code = "def f():\n    # a\n    x = 1\n    # b\n# c\n";
        let module = Module::parse(code).unwrap();
        let ground = Ground::new(code, &module);
        let point = |needle: &str| ground.point(code.find(needle).unwrap());
        assert_eq!(point("# a"), Point::Before(21..26));
        assert_eq!(point("# b"), Point::After(21..26));
        assert_eq!(point("# c"), Point::After(0..26));
    }
}
