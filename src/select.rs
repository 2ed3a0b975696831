//! `--example`: which examples are meant.
//!
//! A selection is a list of items, separated by commas: an id (`57`), a range of numbers (`55-60`), a slug
//! (`descriptor-protocol`), or a glob over ids and slugs (`*async*`). In several documents each example that
//! fits is meant.

use crate::name::nearest;
use globset::{GlobBuilder, GlobMatcher};

/// What `--example` asks for.
#[derive(Debug, Default)]
pub struct Selection {
    items: Vec<(String, Item)>,
}

#[derive(Debug)]
enum Item {
    /// An id or a slug, in lower case.
    Name(String),
    /// Numbers, both ends included.
    Range(u64, u64),
    Glob(Box<GlobMatcher>),
}

/// A selection that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    #[error("--example: `{item}` is no pattern: {problem}")]
    Pattern { item: String, problem: String },
    #[error("--example: no example is called `{item}`{}", hint(.nearest))]
    Unmatched { item: String, nearest: Vec<String> },
}

fn hint(nearest: &[String]) -> String {
    match nearest {
        [] => String::new(),
        names => {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            format!("; did you mean {}?", names.join(" or "))
        }
    }
}

impl Selection {
    /// Reads the texts given to `--example`.
    ///
    /// # Errors
    ///
    /// A glob that is none.
    pub fn parse(texts: &[String]) -> Result<Selection, SelectError> {
        let items =
            texts.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|item| !item.is_empty());
        let items = items.map(|text| Ok((text.to_owned(), Item::parse(text)?)));
        Ok(Selection { items: items.collect::<Result<_, _>>()? })
    }

    /// Whether an example with this id and slug is meant.
    pub fn holds(&self, id: &str, slug: &str) -> bool {
        self.items.iter().any(|(_, item)| item.holds(id, slug))
    }

    /// Checks that each item means at least one of the examples, given by id and slug.
    ///
    /// # Errors
    ///
    /// The first item that means none, with the nearest names.
    pub fn check(&self, names: &[(&str, &str)]) -> Result<(), SelectError> {
        let unmatched =
            self.items.iter().find(|(_, item)| !names.iter().any(|(id, slug)| item.holds(id, slug)));
        match unmatched {
            None => Ok(()),
            Some((text, _)) => {
                let known = names.iter().flat_map(|&(id, slug)| [id, slug]).filter(|name| !name.is_empty());
                let nearest = nearest(text, known).into_iter().map(str::to_owned).collect();
                Err(SelectError::Unmatched { item: text.clone(), nearest })
            }
        }
    }
}

impl Item {
    fn parse(text: &str) -> Result<Item, SelectError> {
        if let Some((first, last)) = numbers(text)
            && first <= last
        {
            return Ok(Item::Range(first, last));
        }
        if text.contains(['*', '?', '[', '{']) {
            let glob = GlobBuilder::new(text).case_insensitive(true).build().map_err(|error| {
                SelectError::Pattern { item: text.to_owned(), problem: error.kind().to_string() }
            })?;
            return Ok(Item::Glob(Box::new(glob.compile_matcher())));
        }
        let number = text.parse::<u64>().map(|number| number.to_string());
        Ok(Item::Name(number.unwrap_or_else(|_| text.to_lowercase())))
    }

    fn holds(&self, id: &str, slug: &str) -> bool {
        match self {
            Item::Name(name) => id == name || slug == name,
            Item::Range(first, last) => {
                // The second of two sections `57` has the id `57-2`: it is in the range too.
                let number = numbers(id).map(|(number, _)| number).or_else(|| id.parse().ok());
                number.is_some_and(|number| (*first..=*last).contains(&number))
            }
            Item::Glob(glob) => glob.is_match(id) || glob.is_match(slug),
        }
    }
}

/// `55-60` as two numbers.
fn numbers(text: &str) -> Option<(u64, u64)> {
    let (first, last) = text.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [(&str, &str); 5] = [
        ("55", "basic-metaclass"),
        ("57", "descriptor-protocol"),
        ("57-2", "descriptor-protocol"),
        ("60", "async-context-managers"),
        ("sets", "sets"),
    ];

    fn selected(texts: &[&str]) -> Vec<&'static str> {
        let texts: Vec<String> = texts.iter().map(|text| text.to_string()).collect();
        let selection = Selection::parse(&texts).unwrap();
        NAMES.into_iter().filter(|(id, slug)| selection.holds(id, slug)).map(|(id, _)| id).collect()
    }

    fn complaint(text: &str) -> String {
        match Selection::parse(&[text.to_owned()]) {
            Ok(selection) => selection.check(&NAMES).unwrap_err().to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn ids_ranges_slugs_and_globs_select() {
        assert_eq!(selected(&["57"]), ["57"]);
        assert_eq!(selected(&["057"]), ["57"]);
        assert_eq!(selected(&["57-2"]), ["57-2"]);
        assert_eq!(selected(&["56-60, sets"]), ["57", "57-2", "60", "sets"]);
        assert_eq!(selected(&["*ASYNC*", "55"]), ["55", "60"]);
        assert_eq!(selected(&["Descriptor-Protocol"]), ["57", "57-2"]);
        assert_eq!(selected(&["5?"]), ["55", "57"]);
        assert!(selected(&[","]).is_empty());
    }

    #[test]
    fn a_name_that_fits_nothing_is_an_error_with_the_nearest_names() {
        assert_eq!(complaint("set"), "--example: no example is called `set`; did you mean `sets`?");
        assert!(complaint("descriptor-protocoll").contains("`descriptor-protocol`"));
        assert_eq!(complaint("zzzzzz"), "--example: no example is called `zzzzzz`");
        assert!(complaint("[").contains("is no pattern"));
        assert!(complaint("90-99").contains("no example is called `90-99`"));
    }
}
