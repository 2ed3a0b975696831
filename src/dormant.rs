//! Commented-out code with a claim: `# acc.balance = -50  # => ValueError: must be positive`.
//!
//! A run of comment lines is read without its `#`s. Where that gives statements of Python that a claim stands at, they are
//! *dormant*: they will be tried in a throw-away copy of the process. Everything else in comments is prose.

use crate::anchor::{Ground, Point};
use crate::claim::marks;
use crate::python::{Module, Stmt, StmtKind};
use std::ops::Range;

/// A piece of commented-out code.
#[derive(Debug, Clone)]
pub struct Dormant {
    /// The code without its comment signs; claim lines stay comments.
    pub code: String,
    /// The 1-based line of the block that its first line stands on.
    pub first_line: usize,
    /// For each line of `code`, where its text begins in the block's code.
    pub starts: Vec<usize>,
    pub module: Module,
    /// The point of the block at which it would run.
    pub point: Point,
    /// The block's comments that it is made of.
    pub comments: Range<usize>,
}

impl Dormant {
    /// The lines of the block that it stands on, with the comment signs gone, as they have to be for `block`, the block's code, to
    /// be Python with it: at the indentation of the comment, or else of the statement beside which it would run. None where
    /// neither fits.
    pub fn awake(&self, block: &str) -> Option<Vec<String>> {
        let lines: Vec<&str> = block.lines().collect();
        let blanks = |line: &str| line[..line.len() - line.trim_start().len()].to_owned();
        let own = blanks(lines.get(self.first_line - 1)?);
        let beside = match &self.point {
            Point::Start => String::new(),
            Point::Before(range) | Point::After(range) => {
                blanks(&block[block[..range.start].rfind('\n').map_or(0, |at| at + 1)..])
            }
        };
        [own, beside].into_iter().find_map(|indentation| {
            let awake: Vec<String> =
                self.code.lines().map(|line| format!("{indentation}{line}").trim_end().to_owned()).collect();
            let mut whole: Vec<&str> = lines.clone();
            let end = (self.first_line - 1 + awake.len()).min(whole.len());
            whole.splice(self.first_line - 1..end, awake.iter().map(String::as_str));
            Module::parse(&(whole.join("\n") + "\n")).is_ok().then_some(awake)
        })
    }
}

/// No statement that is commented out has more lines than this.
const LONGEST: usize = 60;

/// One comment that stands alone on its line.
struct Line<'a> {
    /// 1-based line of the block.
    line: usize,
    /// Where the `#` stands.
    start: usize,
    column: usize,
    /// What follows the `#`.
    body: &'a str,
}

impl Line<'_> {
    fn is_claim(&self) -> bool {
        self.body.trim_start().starts_with("=>")
    }

    fn holds_marker(&self) -> bool {
        self.body.contains("=>") && marks(self.body, 0..self.body.len()).is_some()
    }
}

/// A stretch of comment lines that is code.
struct Piece {
    lines: Range<usize>,
    claimed: bool,
    statement: bool,
}

/// All dormant code of a block, in order.
pub fn dormant(ground: &Ground) -> Vec<Dormant> {
    let code = ground.code;
    let alone: Vec<Line> = ground
        .module
        .comments
        .iter()
        .filter(|comment| ground.alone(comment.start))
        .map(|comment| Line {
            line: ground.lines.line(comment.start),
            start: comment.start,
            column: ground.lines.place(code, comment.start).1,
            body: &code[comment.start + 1..comment.end],
        })
        .collect();
    let mut found = Vec::new();
    for run in alone.chunk_by(|a, b| b.line == a.line + 1) {
        if run.iter().any(|line| line.holds_marker() || line.is_claim()) {
            found.extend(in_run(ground, run));
        }
    }
    found
}

/// Joins neighbouring pieces of a run: the second may need what the first defines.
fn in_run(ground: &Ground, run: &[Line]) -> Vec<Dormant> {
    let mut found = Vec::new();
    let mut open: Vec<Piece> = Vec::new();
    let mut at = 0;
    while at < run.len() {
        match piece(run, at) {
            Some(next) => {
                at = next.lines.end;
                open.push(next);
            }
            None => {
                close(ground, run, &mut open, &mut found);
                at += 1;
            }
        }
    }
    close(ground, run, &mut open, &mut found);
    found
}

fn close(ground: &Ground, run: &[Line], open: &mut Vec<Piece>, found: &mut Vec<Dormant>) {
    let pieces = std::mem::take(open);
    // Bare expressions that nobody claims anything of are not run; statements before a claimed piece are.
    let Some(first) = pieces.iter().position(|piece| piece.claimed || piece.statement) else { return };
    let Some(last) = pieces.iter().rposition(|piece| piece.claimed) else { return };
    if first > last {
        return;
    }
    let lines = pieces[first].lines.start..pieces[last].lines.end;
    let (code, starts) = uncommented(&run[lines.clone()]);
    let Ok(module) = Module::parse(&code) else { return };
    found.push(Dormant {
        code,
        first_line: run[lines.start].line,
        starts,
        module,
        point: ground.point(run[lines.start].start),
        comments: run[lines.start].start..run[lines.end - 1].start + 1,
    });
}

/// The code that begins at line `at` of a run, with the claim lines right below it.
fn piece(run: &[Line], at: usize) -> Option<Piece> {
    let first = &run[at];
    if first.is_claim() || first.body.trim().is_empty() {
        return None;
    }
    let (mut best, mut failures) = (None, 0);
    for end in at + 1..=run.len().min(at + LONGEST) {
        let last = &run[end - 1];
        let same_column = last.is_claim() || last.column == first.column;
        if !same_column {
            break;
        }
        // Once it is complete, only what is indented or an `else` goes on with it.
        if best.is_some() && !last.is_claim() && !goes_on(last.body) {
            break;
        }
        let (code, _) = uncommented(&run[at..end]);
        match Module::parse(&code) {
            Ok(module) if module.body.len() == 1 => best = Some((end, module)),
            _ => failures += 1,
        }
        if failures > 20 {
            break;
        }
    }
    let (end, module) = best?;
    let stmt = &module.body[0];
    let marked_line = run[at..end].iter().any(|line| !line.is_claim() && line.holds_marker());
    let claimed = marked_line || (run[at..end].iter().any(Line::is_claim) && is_code(stmt));
    if !claimed && !is_code(stmt) {
        return None;
    }
    Some(Piece { lines: at..end, claimed, statement: stmt.kind != StmtKind::Expression })
}

fn goes_on(body: &str) -> bool {
    let text = body.strip_prefix(' ').unwrap_or(body);
    let word = text.trim_start();
    text.starts_with([' ', '\t', ')', ']', '}'])
        || ["else", "elif ", "except", "finally"].iter().any(|keyword| word.starts_with(keyword))
}

/// Whether somebody who writes this in a comment can only mean code: `Setup`, `not used` and `Note: this` parse as well.
fn is_code(stmt: &Stmt) -> bool {
    match stmt.kind {
        StmtKind::Expression => stmt.acts,
        StmtKind::Assign => stmt.value.is_some(),
        StmtKind::Other => false,
        _ => true,
    }
}

/// The lines without their comment signs and the blank after them; claim lines as they are.
fn uncommented(lines: &[Line]) -> (String, Vec<usize>) {
    let spaced = lines.iter().filter(|line| !line.is_claim() && !line.body.trim().is_empty());
    let blank = spaced.clone().all(|line| line.body.starts_with(' '));
    let mut code = String::new();
    let mut starts = Vec::with_capacity(lines.len());
    for line in lines {
        let skip = if line.is_claim() { 0 } else { 1 + usize::from(blank && line.body.starts_with(' ')) };
        starts.push(line.start + skip);
        match skip {
            0 => {
                code.push('#');
                code.push_str(line.body);
            }
            1 => code.push_str(line.body),
            _ => code.push_str(&line.body[1..]),
        }
        code.push('\n');
    }
    (code, starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(code: &str) -> Vec<String> {
        let module = Module::parse(code).unwrap();
        dormant(&Ground::new(code, &module)).into_iter().map(|d| d.code).collect()
    }

    #[test]
    fn one_line_with_a_claim_is_dormant() {
        assert_eq!(codes("# a.b = 1  # => ValueError\n"), ["a.b = 1  # => ValueError\n"]);
        assert_eq!(codes("x = 1\n# f(x)\n# => 3\n"), ["f(x)\n# => 3\n"]);
    }

    #[test]
    fn lines_that_complete_it_belong_to_it() {
        let code = "# class A:     # => TypeError\n#     pass\n# A()  # => 1\n";
        assert_eq!(codes(code), ["class A:     # => TypeError\n    pass\nA()  # => 1\n"]);
        let block = "def f():\n    # if x:\n    #     y()  # => 1\n    # else:\n    #     z()\n    pass\n";
        assert_eq!(codes(block), ["if x:\n    y()  # => 1\nelse:\n    z()\n"]);
    }

    #[test]
    fn statements_before_a_claimed_one_are_its_context() {
        assert_eq!(
            codes("# s = Stack()\n# s.pop()  # => IndexError\n"),
            ["s = Stack()\ns.pop()  # => IndexError\n"]
        );
    }

    #[test]
    fn prose_and_commands_are_not_dormant() {
        for code in [
            "# Create it normally   # => Calls new\n",
            "# pip install -e .  # => Editable\n",
            "# Note: this\n# => 4\n",
            "# x = 1\n# y = 2\n",
            "# Setup\n# => done\nx = 1\n",
        ] {
            assert!(codes(code).is_empty(), "{code}: {:?}", codes(code));
        }
    }
}
