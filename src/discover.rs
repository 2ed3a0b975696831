//! Which documents are meant by the paths given, or by none.

use globset::{GlobBuilder, GlobMatcher};
use ignore::WalkBuilder;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The folder that is checked where no path is given.
const DEFAULT_FOLDER: &str = "examples-md";

/// Where a document comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Stdin,
    /// A path as it was given, or below a folder as that was given.
    File(PathBuf),
}

/// A path that means nothing.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    #[error("{}: no such file or folder", .0.display())]
    Missing(PathBuf),
    #[error("{}: neither a file nor a folder that can be read", .0.display())]
    Unreadable(PathBuf),
    #[error("{}: no file fits this pattern", .0.display())]
    Unmatched(PathBuf),
    #[error("{}: not a pattern: {problem}", path.display())]
    Pattern { path: PathBuf, problem: String },
}

/// The documents that `paths` mean, in the order given, folders in the order of file names, each document
/// once. `base` is the folder that relative paths start from. Problems of single paths come second.
///
/// A folder means the Markdown files in it and below that git does not ignore, hidden ones left out; if git
/// ignores the whole folder, all its Markdown files. A file or a glob means what it says.
pub fn documents(paths: &[PathBuf], base: &Path) -> (Vec<Origin>, Vec<DiscoverError>) {
    let mut found = Found { base, seen: HashSet::new(), origins: Vec::new(), problems: Vec::new() };
    if paths.is_empty() {
        let folder = Path::new(DEFAULT_FOLDER);
        let start = if base.join(folder).is_dir() { folder } else { Path::new(".") };
        found.add_folder(start);
    }
    for path in paths {
        found.add(path);
    }
    (found.origins, found.problems)
}

struct Found<'a> {
    base: &'a Path,
    /// Canonical paths, so that a document given twice is checked once.
    seen: HashSet<PathBuf>,
    origins: Vec<Origin>,
    problems: Vec<DiscoverError>,
}

impl Found<'_> {
    fn add(&mut self, path: &Path) {
        if path == Path::new("-") {
            if !self.origins.contains(&Origin::Stdin) {
                self.origins.push(Origin::Stdin);
            }
            return;
        }
        match std::fs::metadata(self.base.join(path)) {
            Ok(metadata) if metadata.is_dir() => self.add_folder(path),
            Ok(_) => self.add_file(path.to_owned()),
            Err(_) if is_glob(path) => self.add_glob(path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                self.problems.push(DiscoverError::Missing(path.to_owned()));
            }
            Err(_) => self.problems.push(DiscoverError::Unreadable(path.to_owned())),
        }
    }

    fn add_file(&mut self, path: PathBuf) {
        let full = self.base.join(&path);
        if self.seen.insert(full.canonicalize().unwrap_or(full)) {
            self.origins.push(Origin::File(path));
        }
    }

    fn add_folder(&mut self, folder: &Path) {
        let mut files = self.files_below(folder, true);
        if files.is_empty() && folder != Path::new(".") {
            files = self.files_below(folder, false);
        }
        for file in files.into_iter().filter(|file| is_markdown(file)) {
            self.add_file(file);
        }
    }

    fn add_glob(&mut self, pattern: &Path) {
        let glob = match matcher(pattern) {
            Ok(glob) => glob,
            Err(problem) => {
                return self.problems.push(DiscoverError::Pattern { path: pattern.to_owned(), problem });
            }
        };
        let any_kind = pattern.extension().is_some_and(|extension| !is_glob(Path::new(extension)));
        let files: Vec<PathBuf> = self
            .files_below(&literal_start(pattern), false)
            .into_iter()
            .filter(|file| glob.is_match(file) && (any_kind || is_markdown(file)))
            .collect();
        if files.is_empty() {
            self.problems.push(DiscoverError::Unmatched(pattern.to_owned()));
        }
        for file in files {
            self.add_file(file);
        }
    }

    /// The files in a folder and below, named as the folder was; `ignoring`: without what git ignores.
    fn files_below(&mut self, folder: &Path, ignoring: bool) -> Vec<PathBuf> {
        let root = self.base.join(folder);
        let walk = WalkBuilder::new(&root)
            .ignore(false)
            .git_ignore(ignoring)
            .git_global(ignoring)
            .git_exclude(ignoring)
            .parents(ignoring)
            .sort_by_file_name(std::ffi::OsStr::cmp)
            .build();
        let mut files = Vec::new();
        for entry in walk {
            // What cannot be read in a folder (a link to nowhere, a closed folder) is not what was asked for.
            let Ok(entry) = entry else { continue };
            if !entry.path().is_file() {
                continue;
            }
            if let Ok(relative) = entry.path().strip_prefix(&root) {
                let is_here = folder == Path::new(".") || folder.as_os_str().is_empty();
                files.push(if is_here { relative.to_owned() } else { folder.join(relative) });
            }
        }
        files
    }
}

fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        extension.eq_ignore_ascii_case("md") || extension.eq_ignore_ascii_case("markdown")
    })
}

fn is_glob(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '[', '{'])
}

fn matcher(pattern: &Path) -> Result<GlobMatcher, String> {
    let text = pattern.to_string_lossy();
    let text = text.strip_prefix("./").unwrap_or(&text);
    let glob =
        GlobBuilder::new(text).literal_separator(true).build().map_err(|error| error.kind().to_string())?;
    Ok(glob.compile_matcher())
}

/// The folder above the first part with a wildcard: `docs/**/*.md` → `docs`.
fn literal_start(pattern: &Path) -> PathBuf {
    let parts = pattern.components().filter(|part| !matches!(part, std::path::Component::CurDir));
    let start: PathBuf = parts.take_while(|part| !is_glob(Path::new(part))).collect();
    if start.as_os_str().is_empty() { PathBuf::from(".") } else { start }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        folder
    }

    fn found(folder: &tempfile::TempDir, paths: &[&str]) -> (Vec<String>, Vec<String>) {
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        let (origins, problems) = documents(&paths, folder.path());
        let name = |origin: Origin| match origin {
            Origin::Stdin => "-".to_owned(),
            Origin::File(path) => path.to_string_lossy().into_owned(),
        };
        (
            origins.into_iter().map(name).collect(),
            problems.iter().map(|problem| problem.to_string()).collect(),
        )
    }

    #[test]
    fn without_paths_the_examples_folder_is_meant() {
        let with =
            folder(&["README.md", "examples-md/b.md", "examples-md/a/x.markdown", "examples-md/n.txt"]);
        assert_eq!(found(&with, &[]).0, ["examples-md/a/x.markdown", "examples-md/b.md"]);
    }

    #[test]
    fn without_that_folder_every_document_that_git_does_not_ignore_is_meant() {
        let without = folder(&["b.md", "docs/A.MD", "build/c.md", ".hidden/d.md", ".git/HEAD"]);
        std::fs::write(without.path().join(".gitignore"), "build/\n").unwrap();
        assert_eq!(found(&without, &[]).0, ["b.md", "docs/A.MD"]);
        assert_eq!(found(&without, &["."]).0, ["b.md", "docs/A.MD"]);
        assert_eq!(found(&without, &["build"]).0, ["build/c.md"], "an ignored folder can be asked for");
    }

    #[test]
    fn files_folders_globs_and_standard_input_are_taken_in_the_order_given() {
        let folder = folder(&["z.txt", "docs/a.md", "docs/b.rst", "docs/sub/c.md", "e.md"]);
        let (names, problems) = found(&folder, &["z.txt", "-", "docs/*", "./e.md", "e.md", "docs", "-"]);
        assert_eq!(names, ["z.txt", "-", "docs/a.md", "./e.md", "docs/sub/c.md"]);
        assert!(problems.is_empty());
        assert_eq!(found(&folder, &["**/*.md"]).0, ["docs/a.md", "docs/sub/c.md", "e.md"]);
        assert_eq!(found(&folder, &["docs/*.rst"]).0, ["docs/b.rst"]);
        assert_eq!(found(&folder, &["docs/{a,x}.md"]).0, ["docs/a.md"]);
    }

    #[test]
    fn a_path_that_means_nothing_is_named() {
        let folder = folder(&["a.md"]);
        let (names, problems) = found(&folder, &["no.md", "a.md", "*.rst", "[.md"]);
        assert_eq!(names, ["a.md"]);
        assert_eq!(problems[0], "no.md: no such file or folder");
        assert_eq!(problems[1], "*.rst: no file fits this pattern");
        assert!(problems[2].starts_with("[.md: not a pattern"));
    }
}
