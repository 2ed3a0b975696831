//! The rules of the house, checked on the repository's own files.
//!
//! They hold for code: comments, doc comments, string literals and `#[cfg(test)]` modules are left out before a word is looked for.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use verify_examples::diagnostic::Code;

/// The modules that are functions over data, each a file or a folder under `src`.
const CORE: [&str; 12] = [
    "text",
    "markdown",
    "python",
    "checker",
    "claim",
    "example",
    "observation",
    "judge",
    "diff",
    "diagnostic",
    "outcome",
    "plan",
];

/// What only the edge of the program may do.
const EFFECTS: [&str; 9] =
    ["std::fs", "std::env", "std::process", "fs::", "env::", "print!", "println!", "eprint!", "eprintln!"];

const LONGEST_FILE: usize = 700;

struct Source {
    /// Relative to `src`, with `/` between its parts.
    path: String,
    text: String,
}

impl Source {
    /// Whether this is `<module>.rs` or a file under `<module>/`.
    fn is_in(&self, module: &str) -> bool {
        self.path == format!("{module}.rs") || self.path.starts_with(&format!("{module}/"))
    }

    /// A file that holds nothing but tests.
    fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.ends_with("_tests.rs") || self.path.contains("/tests/")
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    assert!(!files.is_empty(), "no Rust files under {}", root.display());
    files
        .into_iter()
        .map(|file| {
            let path = file.strip_prefix(&root).expect("collected under the root");
            let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
            let text = fs::read_to_string(&file).expect("a source file is UTF-8");
            Source { path: parts.join("/"), text }
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the repository") {
        let path = entry.expect("an entry of the folder").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The text with comments and the insides of literals blanked out; lines and columns stay what they were.
fn code_only(text: &str) -> String {
    let bytes: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            '/' if bytes.get(at + 1) == Some(&'/') => line_end(&bytes, at),
            '/' if bytes.get(at + 1) == Some(&'*') => block_comment_end(&bytes, at),
            '"' => string_end(&bytes, at),
            'r' if !continues_a_word(&bytes, at) => raw_string_end(&bytes, at).unwrap_or(at),
            '\'' => char_end(&bytes, at).unwrap_or(at),
            _ => at,
        };
        if end == at {
            out.push(bytes[at]);
            at += 1;
        } else {
            out.extend(bytes[at..end].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

fn continues_a_word(text: &[char], at: usize) -> bool {
    // `br"…"` is a raw string too, and its `b` no reason to miss it.
    at > 0 && (text[at - 1].is_alphanumeric() || text[at - 1] == '_') && text[at - 1] != 'b'
}

fn line_end(text: &[char], at: usize) -> usize {
    text[at..].iter().position(|&c| c == '\n').map_or(text.len(), |length| at + length)
}

fn block_comment_end(text: &[char], mut at: usize) -> usize {
    let mut depth = 0;
    while at < text.len() {
        match (text[at], text.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn string_end(text: &[char], at: usize) -> usize {
    let mut at = at + 1;
    while at < text.len() && text[at] != '"' {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(text.len())
}

fn raw_string_end(text: &[char], at: usize) -> Option<usize> {
    let hashes = text[at + 1..].iter().take_while(|&&c| c == '#').count();
    let open = at + 1 + hashes;
    (text.get(open) == Some(&'"')).then_some(())?;
    let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let inside = text[open + 1..].windows(close.len()).position(|window| window == close)?;
    Some(open + 1 + inside + close.len())
}

/// The end of a character literal; None for a lifetime.
fn char_end(text: &[char], at: usize) -> Option<usize> {
    if text.get(at + 1) == Some(&'\\') {
        let close = text.get(at + 3..)?.iter().position(|&c| c == '\'')?;
        return Some(at + 3 + close + 1);
    }
    (text.get(at + 2) == Some(&'\'')).then_some(at + 3)
}

/// The code before the file's `#[cfg(test)] mod …`, which by the habit of this house comes last.
fn without_tests(code: &str) -> &str {
    let mut from = 0;
    while let Some(found) = code[from..].find("#[cfg(test)]") {
        let after = from + found + "#[cfg(test)]".len();
        if code[after..].trim_start().starts_with("mod ") {
            return &code[..from + found];
        }
        from = after;
    }
    code
}

/// `src/file.rs:line: text` for each line of code outside tests that mentions the word, as a word.
fn mentions(source: &Source, word: &str) -> Vec<String> {
    let code = code_only(&source.text);
    let lines = source.text.lines();
    without_tests(&code)
        .lines()
        .zip(lines)
        .enumerate()
        .filter(|(_, (code, _))| has_word(code, word))
        .map(|(index, (_, line))| format!("src/{}:{}: {}", source.path, index + 1, line.trim()))
        .collect()
}

fn has_word(line: &str, word: &str) -> bool {
    let part_of_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let open_ended = word.ends_with(['_', ':', '!']);
    line.match_indices(word).any(|(at, _)| {
        !part_of_word(line[..at].chars().next_back())
            && (open_ended || !part_of_word(line[at + word.len()..].chars().next()))
    })
}

/// Fails with every mention of the word in files that `allowed` refuses.
fn only_in(word: &str, where_: &str, why: &str, allowed: impl Fn(&Source) -> bool) {
    let wrong: Vec<String> =
        sources().iter().filter(|s| !allowed(s)).flat_map(|s| mentions(s, word)).collect();
    assert!(wrong.is_empty(), "`{word}` belongs in {where_} only: {why}\n  {}", wrong.join("\n  "));
}

#[test]
fn only_markdown_rs_uses_pulldown_cmark() {
    only_in("pulldown_cmark", "src/markdown.rs", "the rest of the house knows blocks, not Markdown", |s| {
        s.path == "markdown.rs"
    });
}

#[test]
fn only_python_rs_uses_ruff() {
    for crate_ in ["ruff_python_parser", "ruff_python_ast", "ruff_text_size"] {
        let why = "ruff's crates change with every release, and then one module has to follow";
        only_in(crate_, "src/python.rs or src/python/", why, |s| s.is_in("python"));
    }
}

#[test]
fn only_run_uses_pyo3() {
    only_in("pyo3", "src/run/", "no other part of the program may need an interpreter", |s| s.is_in("run"));
}

#[test]
fn only_diff_rs_uses_similar() {
    let crate_ = "similar::";
    only_in(crate_, "src/diff.rs", "everyone else asks for a difference, not for an algorithm", |s| {
        s.path == "diff.rs"
    });
}

#[test]
fn unsafe_code_stays_under_run() {
    only_in("unsafe", "src/run/", "that is the one place where memory and processes are shared", |s| {
        s.is_in("run")
    });
}

#[test]
fn the_core_has_no_effects() {
    let sources = sources();
    let core = sources.iter().filter(|s| CORE.iter().any(|module| s.is_in(module)) && !s.is_test());
    let wrong: Vec<String> =
        core.flat_map(|source| EFFECTS.iter().flat_map(|word| mentions(source, word))).collect();
    assert!(
        wrong.is_empty(),
        "the core is functions over data; reading, printing and processes belong to the edge (check, run, report):\n  {}",
        wrong.join("\n  ")
    );
}

#[test]
fn every_diagnostic_code_has_an_id_of_its_own() {
    let mut owners: HashMap<&str, Code> = HashMap::new();
    for code in Code::ALL {
        let id = code.id();
        let digits = id.strip_prefix('V').unwrap_or_default();
        assert!(
            digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()),
            "{code:?} has the id {id:?}; an id is V and three digits"
        );
        if let Some(other) = owners.insert(id, code) {
            panic!("{code:?} and {other:?} have the same id {id}");
        }
        assert!(!code.title().is_empty(), "{code:?} has no title");
    }
}

#[test]
fn no_source_file_is_long() {
    let long: Vec<String> = sources()
        .iter()
        .map(|source| (source.text.lines().count(), &source.path))
        .filter(|(lines, _)| *lines > LONGEST_FILE)
        .map(|(lines, path)| format!("src/{path} has {lines} lines"))
        .collect();
    assert!(
        long.is_empty(),
        "a file of more than {LONGEST_FILE} lines holds more than one thing; name the second and give it a file:\n  {}",
        long.join("\n  ")
    );
}

mod the_reader_of_this_file {
    use super::{Source, code_only, mentions};

    fn found(text: &str, word: &str) -> usize {
        mentions(&Source { path: "x.rs".into(), text: text.into() }, word).len()
    }

    #[test]
    fn passes_over_comments_and_literals() {
        for text in [
            "// pyo3\n",
            "/// see pyo3\n",
            "/* a /* nested */ pyo3 */\n",
            "let a = \"\\\" pyo3\";\n",
            "let a = r#\"a \" pyo3\"#;\n",
            "let a = br\"pyo3\";\n",
            "let a = '\"'; // pyo3 \"\n",
        ] {
            assert_eq!(found(text, "pyo3"), 0, "{text}");
        }
    }

    #[test]
    fn sees_code_after_them() {
        for text in ["let a = '\"'; use pyo3;", "fn f<'a>(x: &'a str) { pyo3::x() }", "let b = '\\''; pyo3()"]
        {
            assert_eq!(found(text, "pyo3"), 1, "{text}");
        }
    }

    #[test]
    fn takes_words_whole_and_leaves_tests_out() {
        assert_eq!(found("let pyo3x = not_pyo3;", "pyo3"), 0);
        assert_eq!(found("let x = offs::y; dissimilar::z();", "fs::"), 0);
        assert_eq!(found("use std::fs::File;", "fs::"), 1);
        assert_eq!(found("fn a() {}\n#[cfg(test)]\nmod tests {\n use std::fs;\n}\n", "std::fs"), 0);
        assert_eq!(found("#[cfg(test)]\nfn a() {}\nfn b() { pyo3() }\n", "pyo3"), 1);
    }

    #[test]
    fn keeps_lines_and_columns() {
        let text = "a /* x\ny */ b \"c\nd\" e // f\ng";
        let code = code_only(text);
        assert_eq!(code.chars().count(), text.chars().count());
        assert_eq!(code.find('g').map(|at| code[..at].matches('\n').count()), Some(3));
    }
}
