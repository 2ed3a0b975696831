//! From the text of a claim to its readings: the grammar of claims.

use super::ask::{
    bracketed, first_cut, is_approximate, is_silence, leading_types, says_what_comes_of_it, spelled_types,
    squeeze, stated_value, taken_back, trailing_literal,
};
use super::cut::{cuts, last_link, split_top};
use super::natural::natural;
use super::phrase::{self, Label, Says};
use super::{Kind, Natural, Reading, VersionCondition};
use crate::python::{Expression, Shape, StmtKind, SuiteKind, Template, expression};
use crate::value;

/// What the grammar must know of the code that a claim stands at.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    pub stmt: StmtKind,
    /// The clause at whose header it stands.
    pub header: Option<SuiteKind>,
    /// It stands below a compound statement and speaks of the whole.
    pub whole: bool,
    /// In the body of a function or a class.
    pub nested: bool,
    pub dormant: bool,
    /// The code could write something.
    pub acts: bool,
    pub prints: bool,
    /// The code has a value: an expression, a right side, a returned value, a condition.
    pub valued: bool,
    /// What it binds.
    pub targets: Vec<String>,
    /// The text of the anchored code.
    pub code: &'a str,
    pub templates: &'a [Template],
    /// The parameters of the example's own functions that the code calls.
    pub parameters: Vec<String>,
    /// The plain comment lines below the claim.
    pub below: &'a [String],
}

/// What was read.
#[derive(Debug, Clone, Default)]
pub struct Read {
    pub readings: Vec<Reading>,
    pub hedged: bool,
    pub versions: Option<VersionCondition>,
}

/// Claims longer than this are compared as they are, but not read as sentences.
const LONGEST: usize = 4_000;

/// Every way to read `text`, in the order in which they are tried.
pub fn read(text: &str, context: &Context) -> Read {
    let (text, versions) = split_versions(text);
    let mut reader = Reader { context, readings: Vec::new() };
    if text.len() > LONGEST {
        reader.bare(text);
    } else if !text.is_empty() {
        reader.claim(text);
    }
    let bare = text.trim_matches(['"', '\'']);
    Read {
        readings: reader.readings,
        hedged: bare.len() <= LONGEST && phrase::hedged(commentary(text)),
        versions,
    }
}

/// `VALUE  [py>=3.12]`
fn split_versions(text: &str) -> (&str, Option<VersionCondition>) {
    let parsed = || {
        let (body, condition) = text.strip_suffix(']')?.rsplit_once("[py")?;
        let at = condition.find(|c: char| c.is_ascii_digit())?;
        let (operator, version) = condition.split_at(at);
        let operator = operator.trim();
        if !matches!(operator, ">=" | "<=" | "<" | ">" | "==" | "!=") {
            return None;
        }
        let (major, minor) = version.trim().split_once('.')?;
        let version = (major.parse().ok()?, minor.parse().ok()?);
        Some((body.trim_end(), VersionCondition { operator: operator.to_string(), version }))
    };
    match parsed() {
        Some((body, condition)) => (body, Some(condition)),
        None => (text, None),
    }
}

/// Where hedges stand: outside quotes. A printed text that holds the word `example` is no hedge.
fn commentary(text: &str) -> &str {
    match text.find(['(', '—', '–', '#']).or_else(|| text.find(" - ")) {
        Some(at) => &text[at..],
        None if text.contains(['"', '\'', '[', '{']) => "",
        None => text.get(..text.find(':').map_or(text.len().min(12), |at| at)).unwrap_or_default(),
    }
}

struct Reader<'a> {
    context: &'a Context<'a>,
    readings: Vec<Reading>,
}

impl Reader<'_> {
    fn push(&mut self, kind: Kind, firm: bool) {
        let reading = Reading { kind, firm };
        if !self.readings.contains(&reading) {
            self.readings.push(reading);
        }
    }

    fn claim(&mut self, text: &str) {
        if let Some(reading) = super::checker::checker(text) {
            self.readings.push(reading);
            return;
        }
        let arrow = text.strip_prefix("→ ").or_else(|| text.strip_prefix("-> "));
        let text = arrow.unwrap_or(text);
        if is_silence(text) {
            self.push(Kind::Silence, true);
        }
        match phrase::label(text) {
            Some((Label::Output, rest)) => self.output(rest.trim()),
            Some((Label::Value, rest)) => self.labelled_value(text, rest.trim()),
            Some((Label::Type, rest)) => self.type_named(rest.trim(), None, true),
            Some((Label::Raises, rest)) => {
                self.exception(rest.trim(), true);
                self.statement(text);
            }
            Some((Label::Other, rest)) => {
                self.exception(text, false);
                self.statement(text);
                self.statement(rest.trim());
                self.sentence(text);
            }
            None if self.clauses(text) => {}
            None => {
                self.exception(text, false);
                self.statement(text);
                self.verbs(text);
                self.sentence(text);
            }
        }
    }

    /// `Returns 3, n becomes 2`: clauses of several kinds, each of which is meant literally. All must hold.
    fn clauses(&mut self, text: &str) -> bool {
        let parts: Vec<&str> =
            split_top(text, ", ").into_iter().flat_map(|part| split_top(part, " and ")).collect();
        if parts.len() < 2 {
            return false;
        }
        let firm: Vec<Reading> = parts
            .iter()
            .filter_map(|part| {
                let mut clause = Reader { context: self.context, readings: Vec::new() };
                clause.statement(part);
                clause.verbs(part);
                clause.readings.into_iter().find(|reading| reading.firm)
            })
            .collect();
        let verbs = firm.iter().filter(|reading| !matches!(reading.kind, Kind::Binding { .. })).count();
        if firm.len() < 2 || verbs == 0 {
            return false;
        }
        self.push(Kind::All(firm), true);
        true
    }

    /// `Output: …`
    fn output(&mut self, rest: &str) {
        if rest.is_empty() {
            // `Output:`, and what was printed on the comment lines below; comments of another kind may follow it.
            let below = self.context.below;
            let whole = (1..=below.len()).rev().map(|lines| below[..lines].join("\n")).collect::<Vec<_>>();
            if !whole.is_empty() {
                self.push(Kind::Output { cuts: whole, labelled: true }, false);
            }
            return;
        }
        if is_silence(rest) {
            self.push(Kind::Silence, true);
            return;
        }
        if let Some((printed, returned)) = rest.rsplit_once(", returns ")
            && self.can_have_value()
            && cuts(returned).iter().any(|cut| value::literal(cut).is_some())
        {
            let output = Reading { kind: Kind::Output { cuts: cuts(printed), labelled: true }, firm: true };
            let value = Reading { kind: Kind::Value { cuts: cuts(returned) }, firm: true };
            return self.push(Kind::All(vec![output, value]), true);
        }
        self.push(Kind::Output { cuts: cuts(rest), labelled: true }, true);
    }

    /// `Returns: …`, `Result: …`
    fn labelled_value(&mut self, text: &str, rest: &str) {
        self.exception(rest, false);
        let found = cuts(rest);
        let literal = found.iter().any(|cut| value::literal(cut).is_some());
        self.push(Kind::Value { cuts: found.clone() }, literal && self.can_have_value());
        if self.context.acts {
            // A program may print a line that begins with these words.
            self.push(Kind::Output { cuts: cuts(text), labelled: false }, self.fits_template(&cuts(text)));
            self.push(Kind::Output { cuts: found, labelled: false }, false);
        }
        self.statement(rest);
    }

    /// `x is 4`, `len(x) == 3`, `18 >= 18 evaluates to True`, `a gets 2, b gets 1`
    fn statement(&mut self, text: &str) {
        if self.predicate(text) {
            return;
        }
        let parts: Vec<&str> =
            split_top(text, ", ").into_iter().flat_map(|part| split_top(part, " and ")).collect();
        let said: Vec<Option<Says>> = parts.iter().map(|part| phrase::says(part)).collect();
        if said.iter().flatten().count() > 1 && said[0].is_some() {
            return self.bindings(text, &parts, &said);
        }
        let Some(says) = phrase::says(text) else { return };
        self.binding(&says);
    }

    /// Several bindings in one claim: all must hold. What is no binding between them is commentary.
    fn bindings(&mut self, text: &str, parts: &[&str], said: &[Option<Says>]) {
        let same_place =
            said.iter().flatten().all(|says| Some(says.place) == said[0].as_ref().map(|s| s.place));
        if same_place && let Some(first) = &said[0] {
            // `x=1, x=2, x=3`: what a loop goes through; the name may be that of a comprehension.
            let items = said.iter().flatten().map(|says| first_cut(says.right)).collect();
            return self.push(Kind::Sequence { place: first.place.to_string(), items }, false);
        }
        let mut all = Vec::new();
        for says in said.iter().flatten() {
            let mut part = Reader { context: self.context, readings: Vec::new() };
            part.binding(says);
            all.extend(
                part.readings.into_iter().find(|reading| matches!(reading.kind, Kind::Binding { .. })),
            );
        }
        let firm: Vec<Reading> = all.iter().filter(|reading| reading.firm).cloned().collect();
        if firm.len() > 1 {
            let first_is_firm = all.first().is_some_and(|reading| reading.firm);
            return self.push(Kind::All(firm), first_is_firm);
        }
        if let Some(first) = phrase::says(parts[0]) {
            self.binding(&first);
        }
        // `x is {"a": 1, …}` was cut in the midst where brackets do not match.
        if let Some(whole) = phrase::says(text) {
            self.binding(&whole);
        }
    }

    fn binding(&mut self, says: &Says) {
        let place = says.place.to_string();
        // `balance: 100 → 70`, `n = 7 // 2 = 3`
        let says = &Says { right: last_link(says.right).unwrap_or(says.right), ..says.clone() };
        let found = cuts(says.right);
        let assigned = self.context.stmt == StmtKind::Assign && self.is_target(says.place);
        let colon = matches!(says.verb, ":" | "→" | "->");
        let stored = matches!(expression(says.place).map(|e| e.shape), Some(Shape::Place));
        let literal = found.iter().any(|cut| value::literal(cut).is_some());
        if literal {
            // `d['k']: 3` says what is stored there; `name: 3` and `f(1): 3` may be words.
            // `lst: [1, 2]` beside `lst.append(2)`
            let state = self.context.code.starts_with(&format!("{place}."))
                && says.right.starts_with(['[', '{', '(']);
            let firm =
                (!colon || stored || state) && !taken_back(says.right, &found) && !self.is_parameter(&place);
            let cuts = match self.sequence(&place, says.right) {
                // What is true of the first only is not true of `1, 2, 3`.
                Some(whole) => vec![says.right.to_string(), whole],
                None => found,
            };
            self.push_typed(Kind::Binding { place, cuts, assigned }, firm, says.right);
            return;
        }
        if let Some((words, rest)) = leading_types(says.right) {
            let found = cuts(rest);
            if found.iter().any(|cut| value::literal(cut).is_some()) {
                let bound = Reading {
                    kind: Kind::Binding { place: place.clone(), cuts: found, assigned },
                    firm: true,
                };
                let typed = Reading { kind: Kind::Type { place: Some(place), names: words }, firm: true };
                return self.push(Kind::All(vec![bound, typed]), true);
            }
        }
        if says.verb == "is" || says.assigned {
            self.type_of_place(says);
        }
        // `count = count + 1` says the code again, `area = property(area)` what it amounts to.
        let said_again = |cut: &String| {
            expression(cut).is_some_and(|e| e.calls || e.names.contains(&place))
                || cut.contains(&format!("{place} "))
        };
        if found.iter().any(said_again) {
            return;
        }
        let computed = found
            .iter()
            .any(|cut| expression(cut).is_some_and(|e| matches!(e.shape, Shape::Place | Shape::Arithmetic)));
        let several = found.iter().any(|cut| expression(cut).is_some_and(|e| e.shape == Shape::Tuple));
        if computed
            || several
            || found.iter().any(|cut| expression(cut).is_some_and(|e| e.shape == Shape::Name))
        {
            self.push(Kind::Binding { place, cuts: found, assigned }, computed && !colon && !several);
        }
    }

    /// `(type: int)` after a value must hold as well.
    fn push_typed(&mut self, kind: Kind, firm: bool, right: &str) {
        let spelled = right.rfind("(type: ").and_then(|at| right[at + 7..].split([')', ',']).next());
        let names = spelled.and_then(spelled_types);
        let (Some(names), Kind::Binding { place, .. }) = (names, &kind) else { return self.push(kind, firm) };
        let typed = Reading { kind: Kind::Type { place: Some(place.clone()), names }, firm: true };
        self.push(Kind::All(vec![Reading { kind, firm }, typed]), firm);
    }

    /// `42 (type: int)`
    fn push_value(&mut self, kind: Kind, firm: bool, text: &str) {
        let spelled = text.rfind("(type: ").and_then(|at| text[at + 7..].split([')', ',']).next());
        match spelled.and_then(spelled_types) {
            Some(names) if !self.context.prints => {
                let typed = Reading { kind: Kind::Type { place: None, names }, firm: true };
                self.push(Kind::All(vec![Reading { kind, firm }, typed]), firm);
            }
            _ => self.push(kind, firm),
        }
    }

    /// `count becomes 1, 2, 3`; `x is 1, then 2`: returns the text without its commentary.
    fn sequence(&mut self, place: &str, right: &str) -> Option<String> {
        let body = right.split(" (").next().unwrap_or(right);
        let items: Vec<String> = split_top(body, ", ")
            .iter()
            .map(|item| item.trim_start_matches("then ").trim_start_matches("and ").to_string())
            .collect();
        let literal = |item: &String| value::literal(item).is_some() || item == "..." || item == "…";
        if items.len() < 2 || !items.iter().all(literal) {
            return None;
        }
        let firm = !self.is_parameter(place);
        self.push(Kind::Sequence { place: place.to_string(), items }, firm);
        Some(body.to_string())
    }

    /// `numbers is list (iterable)`, `iterator is list_iterator object`, `type(x) is int`
    fn type_of_place(&mut self, says: &Says) {
        let right = first_cut(says.right);
        let words: Vec<&str> =
            right.split_whitespace().filter(|w| !matches!(*w, "a" | "an" | "the")).collect();
        let noun = matches!(words.get(1), Some(&"object" | &"instance" | &"type" | &"class"));
        let (Some(first), true) = (words.first(), words.len() == 1 || noun) else { return };
        if !first.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.') {
            return;
        }
        let of_type = says.place.strip_prefix("type(").and_then(|inner| inner.strip_suffix(')'));
        let names = phrase::types_meant(first).map_or_else(
            || vec![first.to_string()],
            |types| types.iter().map(|name| name.to_string()).chain([first.to_string()]).collect(),
        );
        let place = of_type.unwrap_or(says.place).to_string();
        self.push(Kind::Type { place: Some(place), names }, of_type.is_some());
    }

    /// Returns whether the text is a predicate, so that nothing else need be tried.
    fn predicate(&mut self, text: &str) -> bool {
        const VERBS: [&str; 14] = [
            " evaluates to ",
            " returns ",
            " is ",
            " gives ",
            " yields ",
            " → ",
            " -> ",
            " = ",
            " == ",
            " equals ",
            " becomes ",
            ": ",
            " resolves to ",
            " produces ",
        ];
        for verb in VERBS {
            let Some(at) = text.rfind(verb) else { continue };
            let (left, right) = (text[..at].trim(), text[at + verb.len()..].trim());
            let Some(found) = expression(left) else { continue };
            let (stated, conditional) = stated_value(right);
            let Some(stated) = stated else { continue };
            let firm = !conditional
                && match found.shape {
                    Shape::Comparison(_) | Shape::Boolean => verb != ": ",
                    Shape::Call | Shape::Place if says_what_comes_of_it(verb) => true,
                    // `len(x) is 3` is read as a binding, `3 + 4 = 7` is an equation.
                    Shape::Arithmetic => !found.calls && matches!(verb, " = " | " == " | " is "),
                    _ => continue,
                };
            self.push(Kind::Predicate { expression: left.to_string(), expected: Some(stated) }, firm);
            return true;
        }
        let Some((cut, found)) =
            cuts(text).into_iter().find_map(|cut| expression(&cut).map(|found| (cut, found)))
        else {
            return false;
        };
        self.bare_predicate(&cut, &found)
    }

    /// `len(x) == 3`, `isinstance(x, int)`; but not the condition itself, said again.
    fn bare_predicate(&mut self, cut: &str, found: &Expression) -> bool {
        let restated = squeeze(self.context.code).contains(&squeeze(cut));
        match &found.shape {
            Shape::Comparison(comparison) => {
                let (left, right) = (&cut[comparison.left.clone()], &cut[comparison.right.clone()]);
                let literal_right = value::literal(right).is_some();
                if matches!(comparison.operator, "is" | "==") && literal_right && !found.constant {
                    return false; // a binding
                }
                if left.starts_with("type(") && matches!(comparison.operator, "is" | "==") {
                    return false; // a type
                }
                if matches!(comparison.operator, "is" | "is not") {
                    // English as often as Python: `x is iterable`, `li is now [1]`.
                    let python = !right.contains(char::is_whitespace);
                    if python {
                        self.push(Kind::Predicate { expression: cut.to_string(), expected: None }, false);
                    }
                    return false;
                }
                let equality = matches!(comparison.operator, "==" | "!=");
                let firm = equality && !restated && !found.constant && !self.is_header();
                self.push(Kind::Predicate { expression: cut.to_string(), expected: None }, firm);
                if self.context.valued || self.context.prints {
                    self.push(Kind::Value { cuts: vec![cut.to_string()] }, false);
                }
                true
            }
            Shape::Boolean if !restated => {
                self.push(Kind::Predicate { expression: cut.to_string(), expected: None }, false);
                true
            }
            _ => false,
        }
    }

    /// `Prints "done"`, `Returns 7`, `Catches TypeError`
    fn verbs(&mut self, text: &str) {
        if let Some(rest) = phrase::printing(text)
            && self.context.acts
        {
            let found = cuts(rest);
            let firm = found.iter().any(|cut| value::literal(cut).is_some_and(|v| !v.is_call()))
                && !phrase::conditional(rest);
            self.push(Kind::Output { cuts: found, labelled: firm }, firm);
        }
        if let Some(rest) = phrase::returning(text) {
            let found = cuts(rest);
            let literal = found.iter().any(|cut| value::literal(cut).is_some_and(|v| !v.is_call()));
            // `got = yield 1`: what is yielded is not what is bound.
            let sent = self.context.stmt == StmtKind::Assign && self.context.code.contains("yield");
            let firm = literal
                && !sent
                && self.can_have_value()
                && !self.context.prints
                && !taken_back(rest, &found);
            self.push(Kind::Value { cuts: found }, firm);
            self.type_named(rest, None, false);
            // "Returns NEW string "abc"": a literal at the end of a noun phrase.
            if let Some(literal) = trailing_literal(rest) {
                self.push(Kind::Natural(Natural::Holds(literal)), false);
            }
        }
        if let Some(rest) = phrase::handling(text)
            && let Some(announced) = phrase::exception(rest)
            && self.context.header == Some(SuiteKind::Except)
        {
            let type_name = announced.type_name.to_string();
            let named = self.context.code.contains(announced.type_name);
            self.push(Kind::Handles { type_name }, !named && !announced.conditional);
        }
    }

    /// A text that is no statement: a value, what is printed, a sentence.
    fn sentence(&mut self, text: &str) {
        self.bare(text);
        let conditional_header =
            matches!(self.context.header, Some(SuiteKind::If | SuiteKind::Elif | SuiteKind::While));
        for found in natural(text, &self.context.targets, conditional_header) {
            self.push(Kind::Natural(found), false);
        }
        if let Some(literal) = trailing_literal(text) {
            self.push(Kind::Natural(Natural::Holds(literal)), false);
        }
    }

    /// The text itself as value or as output.
    fn bare(&mut self, text: &str) {
        if let Some(last) = last_link(text).filter(|_| text.contains('→') || text.contains(" -> "))
            && self.can_have_value()
        {
            let literal = cuts(last).iter().any(|cut| value::literal(cut).is_some());
            // `"42" → 42`, but not `divisible by 2 → [2, 4]`: there a sentence leads to it.
            let values = split_top(text, " → ")
                .iter()
                .all(|link| value::literal(link).is_some() || expression(link).is_some() || link == &last);
            let literal = literal && values && text.contains('→');
            self.push(Kind::Value { cuts: cuts(last) }, literal);
        }
        let mut found = cuts(text);
        // `10 - 3` is no `10` with commentary.
        let one = |cut: &String| {
            let shape = expression(cut).map(|e| e.shape);
            matches!(shape, Some(Shape::Literal | Shape::Arithmetic | Shape::Tuple | Shape::Comparison(_)))
        };
        if let Some(at) = found.iter().position(one) {
            found.truncate(at + 1);
        }
        let literal = found.iter().find_map(|cut| value::literal(cut));
        let approximate = found.iter().any(|cut| is_approximate(cut));
        if approximate && self.can_have_value() {
            self.push(Kind::Value { cuts: found.clone() }, true);
        } else if let Some(literal) = &literal {
            // A call is a literal only where it is what the code has: `Calls super().__init__()` is not.
            let firm = self.can_have_value() && (!literal.is_call() || self.context.valued);
            self.push_value(Kind::Value { cuts: found.clone() }, firm, text);
        } else if self.can_have_value() && value::looks_literal(text) {
            self.push(Kind::Value { cuts: vec![text.to_string()] }, true);
        } else if self.can_have_value()
            && (self.shows_value() || found.iter().any(|cut| value::parse(cut).is_some() || bracketed(cut)))
        {
            self.push(Kind::Value { cuts: found.clone() }, false);
        } else if let Some(e) = found.iter().find_map(|cut| expression(cut))
            && matches!(e.shape, Shape::Arithmetic | Shape::Place | Shape::Call | Shape::Tuple)
        {
            self.push(Kind::Value { cuts: found.clone() }, false);
        }
        if self.context.acts {
            let firm = literal.is_none() && self.fits_template(&cuts(text));
            self.push(Kind::Output { cuts: cuts(text), labelled: false }, firm);
        }
    }

    /// An expression that stands there to show its value, as at a prompt: what is written beside it is that value, or prose.
    fn shows_value(&self) -> bool {
        // A call stands there for what it does as often as for what it gives.
        self.context.stmt == StmtKind::Expression && !self.context.acts && self.context.header.is_none()
    }

    /// Whether the text is one that the example prints somewhere, and stands where it could be printed.
    fn fits_template(&self, cuts: &[String]) -> bool {
        let runs_code = !matches!(
            self.context.header,
            Some(SuiteKind::Def | SuiteKind::Class | SuiteKind::Try | SuiteKind::Else | SuiteKind::Finally)
        );
        runs_code && cuts.iter().any(|cut| self.context.templates.iter().any(|template| template.fits(cut)))
    }

    /// `Raises ValueError`, `ValueError: must be positive`
    fn exception(&mut self, text: &str, labelled: bool) {
        let Some(mention) = phrase::exception(text).filter(|mention| !mention.negated) else { return };
        let says_so = mention.bare || mention.verb || labelled;
        let type_name = mention.type_name.to_string();
        let messages = mention.message.map(cuts).unwrap_or_default();
        // Executing `def f():` raises nothing that its body might; dormant code is tried as a whole.
        let header = (self.is_header() || self.context.whole) && !self.context.dormant;
        let certain = mention.sure || mention.verb || labelled;
        let firm = says_so && certain && !header && (mention.bare || !mention.conditional);
        self.push(Kind::Raises { type_name, messages }, firm);
    }

    /// `Returns int`, `type: float`
    fn type_named(&mut self, text: &str, place: Option<String>, spelled: bool) {
        let first = first_cut(text);
        if let Some(names) = spelled_types(&first) {
            self.push(Kind::Type { place, names }, spelled);
        } else if spelled && !first.contains(char::is_whitespace) && !first.is_empty() {
            self.push(Kind::Type { place, names: vec![first] }, false);
        }
    }

    fn is_target(&self, place: &str) -> bool {
        self.context.targets.iter().any(|target| {
            target == place
                || target.strip_suffix(place).is_some_and(|head| head.ends_with('.'))
                || target.contains(&format!("[\"{place}\"]"))
                || target.contains(&format!("['{place}']"))
        })
    }

    /// Whether the code calls a function of the example that has a parameter of this name: `greet("Bob", 2)  # => times=2`.
    fn is_parameter(&self, place: &str) -> bool {
        !self.context.targets.iter().any(|target| target == place)
            && self.context.parameters.iter().any(|name| name == place)
    }

    fn is_header(&self) -> bool {
        self.context.header.is_some()
    }

    /// Whether the anchored code has a value or an output that a bare literal can be compared with.
    fn can_have_value(&self) -> bool {
        let context = self.context;
        if context.whole {
            return false;
        }
        match context.header {
            Some(SuiteKind::If | SuiteKind::Elif | SuiteKind::While | SuiteKind::For | SuiteKind::Match) => {
                true
            }
            Some(_) => false,
            None => !matches!(
                context.stmt,
                StmtKind::Def
                    | StmtKind::Class
                    | StmtKind::Import
                    | StmtKind::Try
                    | StmtKind::Raise
                    | StmtKind::Other
            ),
        }
    }
}
