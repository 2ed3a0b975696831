//! Reading a value text.

use super::{Argument, Entry, Value};

/// Deeper nesting is read as plain text.
const DEEPEST: usize = 60;

/// Reads the whole of `text` as one value; None where it is something else.
pub fn parse(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text.trim(), depth: 0 };
    let value = reader.value()?;
    reader.skip_blanks();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn eat(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !keep(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn value(&mut self) -> Option<Value> {
        self.skip_blanks();
        if self.depth > DEEPEST {
            return None;
        }
        self.depth += 1;
        let value = self.bare_value();
        self.depth -= 1;
        value
    }

    fn bare_value(&mut self) -> Option<Value> {
        if self.eat("...") || self.eat("…") {
            return Some(Value::Rest);
        }
        match self.peek()? {
            '[' => self.items('[', "]").map(Value::List),
            '(' => self.parenthesis(),
            '{' => self.braces(),
            '<' => self.angle(),
            '\'' | '"' => self.quoted(false),
            '0'..='9' | '-' | '+' | '.' => self.number(),
            c if c.is_alphabetic() || c == '_' => self.word(),
            _ => None,
        }
    }

    /// `open item, item, … close`; items of an array may be parted by blanks alone.
    fn items(&mut self, open: char, close: &str) -> Option<Vec<Value>> {
        self.rest = self.rest.strip_prefix(open)?;
        let mut items = Vec::new();
        let mut commas = None;
        loop {
            self.skip_blanks();
            if self.eat(close) {
                return Some(items);
            }
            items.push(self.value()?);
            let before = self.rest;
            self.skip_blanks();
            let blank = before.len() != self.rest.len();
            if self.rest.starts_with(close) {
                continue;
            }
            let comma = self.eat(",");
            if !comma && (!blank || open != '[') || *commas.get_or_insert(comma) != comma {
                return None;
            }
        }
    }

    fn parenthesis(&mut self) -> Option<Value> {
        if let Some(end) = self.rest.find(')') {
            let inner = &self.rest[1..end];
            if is_complex(inner) {
                self.rest = &self.rest[end + 1..];
                return Some(Value::Number { text: inner.to_string(), open: false });
            }
        }
        let before = self.rest;
        let items = self.items('(', ")")?;
        let whole = before[..before.len() - self.rest.len()].trim_end_matches(')').trim_end();
        match items.len() {
            // (42) is 42, (42,) is a tuple.
            1 if !whole.ends_with(',') => items.into_iter().next(),
            _ => Some(Value::Tuple(items)),
        }
    }

    fn braces(&mut self) -> Option<Value> {
        self.rest = self.rest.strip_prefix('{')?;
        let (mut entries, mut items) = (Vec::new(), Vec::new());
        let mut rests = 0;
        loop {
            self.skip_blanks();
            if self.eat("}") {
                break;
            }
            let key = self.value()?;
            self.skip_blanks();
            if self.eat(":") {
                entries.push(Entry::Pair(key, self.value()?));
            } else if key == Value::Rest {
                rests += 1;
                entries.push(Entry::Rest);
                items.push(Value::Rest);
            } else {
                items.push(key);
            }
            self.skip_blanks();
            if !self.eat(",") && !self.rest.starts_with('}') {
                return None;
            }
        }
        if items.len() == rests {
            return Some(Value::Dict(entries));
        }
        (entries.len() == rests).then_some(Value::Set(items))
    }

    fn angle(&mut self) -> Option<Value> {
        let mut depth = 0usize;
        for (at, c) in self.rest.char_indices() {
            match c {
                '<' => depth += 1,
                '>' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let inner = &self.rest[1..at];
                self.rest = &self.rest[at + 1..];
                return Some(Value::Angle(super::normalize(inner)));
            }
        }
        None
    }

    fn quoted(&mut self, bytes: bool) -> Option<Value> {
        let quote = self.peek()?;
        let mut content = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            if c == quote {
                self.rest = &self.rest[at + quote.len_utf8()..];
                return Some(Value::Text { content, bytes });
            }
            if c == '\\' {
                escape(&mut chars, &mut content)?;
            } else {
                content.push(c);
            }
        }
        None
    }

    fn number(&mut self) -> Option<Value> {
        let start = self.rest;
        let signed = self.eat("-") || self.eat("+");
        if signed && (self.eat("inf") || self.eat("∞")) {
            return Some(Value::Word("-inf".to_string()));
        }
        let digits = |reader: &mut Self| reader.take_while(|c| c.is_ascii_alphanumeric() || c == '_').len();
        if !self.rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return None;
        }
        digits(self);
        let dotted = self.rest.starts_with('.') && !self.rest.starts_with("..");
        if dotted {
            self.eat(".");
            digits(self);
        }
        let taken = |reader: &Self| &start[..start.len() - reader.rest.len()];
        // 1e-05
        if taken(self).ends_with(['e', 'E']) && self.rest.starts_with(['-', '+']) {
            self.rest = &self.rest[1..];
            digits(self);
        }
        let text = taken(self).to_string();
        if !is_number(&text) {
            return None;
        }
        let open = self.eat("...") || self.eat("…");
        Some(Value::Number { text, open })
    }

    fn word(&mut self) -> Option<Value> {
        let name = self.take_while(|c| c.is_alphanumeric() || c == '_' || c == '.');
        let literal_prefix = matches!(name, "b" | "B" | "r" | "u" | "f" | "rb" | "br");
        if literal_prefix && self.rest.starts_with(['\'', '"']) {
            return self.quoted(name.contains(['b', 'B']));
        }
        // `wait...` is a word and an ellipsis: a text, not a value.
        if name.ends_with('.') || name.contains("..") {
            return None;
        }
        let name = name.strip_prefix("__main__.").unwrap_or(name).to_string();
        if self.rest.starts_with('(') {
            return self.arguments().map(|arguments| Value::Call { name, arguments });
        }
        Some(Value::Word(name))
    }

    fn arguments(&mut self) -> Option<Vec<Argument>> {
        self.rest = self.rest.strip_prefix('(')?;
        let mut arguments = Vec::new();
        loop {
            self.skip_blanks();
            if self.eat(")") {
                return Some(arguments);
            }
            let before = self.rest;
            let name = self.take_while(|c| c.is_alphanumeric() || c == '_');
            let keyword = (!name.is_empty() && self.rest.starts_with('=')).then(|| name.to_string());
            if keyword.is_some() {
                self.eat("=");
            } else {
                self.rest = before;
            }
            let value = self.value()?;
            arguments.push(Argument { keyword, value });
            self.skip_blanks();
            if !self.eat(",") && !self.rest.starts_with(')') {
                return None;
            }
        }
    }
}

/// What Python's own escapes stand for (Python reference, 2.4.1.1); an unknown one stays as it is.
fn escape(chars: &mut impl Iterator<Item = (usize, char)>, into: &mut String) -> Option<()> {
    let (_, c) = chars.next()?;
    let digits = match c {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    let mut code = 0u32;
    for _ in 0..digits {
        code = code.checked_mul(16)?.checked_add(chars.next()?.1.to_digit(16)?)?;
    }
    match c {
        'n' => into.push('\n'),
        't' => into.push('\t'),
        'r' => into.push('\r'),
        '\\' | '\'' | '"' => into.push(c),
        _ if digits > 0 => into.push(char::from_u32(code).unwrap_or('\u{fffd}')),
        other => into.extend(['\\', other]),
    }
    Some(())
}

/// A Python number: decimal, hexadecimal, octal, binary, float, imaginary.
pub(super) fn is_number(text: &str) -> bool {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    let prefixed = |digits: &str, radix: u32| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    for (prefix, radix) in [("0x", 16), ("0b", 2), ("0o", 8)] {
        if let Some(digits) = body.strip_prefix(prefix) {
            return prefixed(digits, radix);
        }
    }
    let body = body.strip_suffix(['j', 'J']).unwrap_or(body);
    let plain = body.replace('_', "");
    body.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && !body.ends_with('_')
        && plain.parse::<f64>().is_ok()
}

fn is_complex(text: &str) -> bool {
    let split = text
        .char_indices()
        .skip(1)
        .find(|&(at, c)| matches!(c, '+' | '-') && !text[..at].ends_with(['e', 'E', ' ', '+', '-']));
    match split {
        Some((at, _)) => is_number(&text[..at]) && text.ends_with('j') && is_number(&text[at..]),
        None => false,
    }
}
