//! Finding the marker in a comment.

use std::ops::Range;

/// A claim's text in a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Where the marker begins: its `#`.
    pub start: usize,
    /// The claim's text, without blanks around it.
    pub text: Range<usize>,
    /// What stands before the marker in the comment: commented-out code, or words. Empty for most claims.
    pub before: Range<usize>,
}

/// The claim in the comment at `comment` of `code`, if it holds one. The marker is `# =>`, with or without blanks between `#` and `=>`.
pub fn marks(code: &str, comment: Range<usize>) -> Option<Mark> {
    let text = &code[comment.clone()];
    let mut from = 0;
    while let Some(hash) = text[from..].find('#').map(|at| from + at) {
        let after = text[hash + 1..].trim_start_matches([' ', '\t']);
        if let Some(claim) = after.strip_prefix("=>") {
            let begin = text.len() - claim.trim_start().len();
            let end = begin + claim.trim().len();
            let start = comment.start;
            let before_start = if hash == 0 { 0 } else { 1 };
            return Some(Mark {
                start: start + hash,
                text: start + begin..start + end,
                before: start + before_start..start + hash,
            });
        }
        from = hash + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(comment: &str) -> Option<(&str, &str)> {
        marks(comment, 0..comment.len()).map(|mark| (&comment[mark.before], &comment[mark.text]))
    }

    #[test]
    fn a_marker_may_stand_after_words_or_code() {
        assert_eq!(parts("# => 42 "), Some(("", "42")));
        assert_eq!(parts("#=>42"), Some(("", "42")));
        assert_eq!(parts("# x = 1  # => 1 # one"), Some((" x = 1  ", "1 # one")));
        assert_eq!(parts("# x => 1"), None);
        assert_eq!(parts("# =>"), Some(("", "")));
    }
}
