//! Which characters of two texts differ. The only file that knows `similar`.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// More differing characters than this are not compared one by one.
const MOST: usize = 3000;

/// Equal runs shorter than this between two differences are noise, not agreement.
const SHORTEST_EQUAL: usize = 2;

/// For each character of `old` and of `new`, whether the other text lacks it.
pub fn differences(old: &str, new: &str) -> (Vec<bool>, Vec<bool>) {
    let old: Vec<char> = old.chars().collect();
    let new: Vec<char> = new.chars().collect();
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old[start..].iter().rev().zip(new[start..].iter().rev());
    let end = rest.take_while(|(a, b)| a == b).count();
    let (old_middle, new_middle) = (&old[start..old.len() - end], &new[start..new.len() - end]);

    let mut marks = (vec![false; old.len()], vec![false; new.len()]);
    for (old_equal, new_equal, len) in equal_runs(old_middle, new_middle) {
        marks.0[start + old_equal..][..len].fill(true);
        marks.1[start + new_equal..][..len].fill(true);
    }
    // So far the middle's equal characters are marked: what is marked in the end is the rest of it.
    let (old_end, new_end) = (old.len() - end, new.len() - end);
    marks.0[start..old_end].iter_mut().for_each(|mark| *mark = !*mark);
    marks.1[start..new_end].iter_mut().for_each(|mark| *mark = !*mark);
    marks
}

/// The runs that two texts have in common: where in each, and how long.
fn equal_runs(old: &[char], new: &[char]) -> Vec<(usize, usize, usize)> {
    if old.is_empty() || new.is_empty() || old.len().max(new.len()) > MOST {
        return Vec::new();
    }
    let runs: Vec<_> = capture_diff_slices(Algorithm::Myers, old, new)
        .into_iter()
        .filter_map(|op| match op {
            DiffOp::Equal { old_index, new_index, len } => Some((old_index, new_index, len)),
            _ => None,
        })
        .filter(|&(_, _, len)| len >= SHORTEST_EQUAL)
        .collect();
    let shared: usize = runs.iter().map(|(_, _, len)| len).sum();
    // Texts that have next to nothing in common differ as a whole.
    if shared * 3 < old.len().min(new.len()) { Vec::new() } else { runs }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marked(old: &str, new: &str) -> (String, String) {
        let (old_marks, new_marks) = differences(old, new);
        let line = |marks: Vec<bool>| marks.into_iter().map(|mark| if mark { '^' } else { '.' }).collect();
        (line(old_marks), line(new_marks))
    }

    #[test]
    fn only_what_differs_is_marked() {
        assert_eq!(marked("total: 42 €", "total: 43 €"), ("........^..".into(), "........^..".into()));
        assert_eq!(marked("[1, 2]", "[1, 2, 3]"), ("......".into(), ".....^^^.".into()));
        assert_eq!(marked("same", "same"), ("....".into(), "....".into()));
        assert_eq!(marked("", "a"), ("".into(), "^".into()));
    }

    #[test]
    fn texts_with_nothing_in_common_differ_as_a_whole() {
        assert_eq!(marked("abcdef", "uvwxyz"), ("^^^^^^".into(), "^^^^^^".into()));
        let (old, new) = ("a".repeat(5000), "b".repeat(5000));
        assert!(differences(&old, &new).0.iter().all(|&mark| mark));
    }

    proptest! {
        #[test]
        fn what_is_not_marked_is_the_same_in_both(old in "[abc ]{0,20}", new in "[abc ]{0,20}") {
            let (old_marks, new_marks) = differences(&old, &new);
            let kept = |text: &str, marks: &[bool]| -> String {
                text.chars().zip(marks).filter(|(_, mark)| !**mark).map(|(c, _)| c).collect()
            };
            prop_assert_eq!(kept(&old, &old_marks), kept(&new, &new_marks));
        }
    }
}
