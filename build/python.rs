//! Whether the interpreter that pyo3 found can be embedded, and what to tell someone whose interpreter cannot.
//!
//! Pure: `build.rs` looks at the machine and fills in [`Found`]; `tests/build_messages.rs` fills it in by hand.

/// What the build found out about the interpreter.
#[derive(Debug, Clone)]
pub struct Found {
    /// `CPython`, `PyPy`, …
    pub implementation: String,
    /// Major and minor version.
    pub version: (u8, u8),
    /// Its path; None when a configuration file or a cross-compilation gave the facts without an interpreter.
    pub executable: Option<String>,
    /// Whether it was built with a shared library.
    pub shared: bool,
    /// The file name that the linker will look for, such as `libpython3.11.so`.
    pub library: String,
    /// The folders in which that file was looked for. Empty: not looked for.
    pub looked_in: Vec<String>,
    /// Whether the file is in one of them.
    pub library_found: bool,
}

/// Why an interpreter cannot be embedded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    NotCPython,
    TooOld,
    /// Built with a static library only: extension modules would not find the interpreter's symbols.
    Static,
    /// The interpreter is there, but not the file that programs are linked with.
    NoLibrary,
}

/// The oldest version of CPython that examples can run on.
pub const OLDEST: (u8, u8) = (3, 9);

/// The first reason why this interpreter cannot be embedded, if there is one.
pub fn problem(found: &Found) -> Option<Problem> {
    if found.implementation != "CPython" {
        Some(Problem::NotCPython)
    } else if found.version < OLDEST {
        Some(Problem::TooOld)
    } else if !found.shared {
        Some(Problem::Static)
    } else if !found.looked_in.is_empty() && !found.library_found {
        Some(Problem::NoLibrary)
    } else {
        None
    }
}

/// What was found, what is needed and how to get it, one entry a line.
pub fn explain(found: &Found, problem: Problem) -> Vec<String> {
    let (major, minor) = found.version;
    let what = format!("{} {major}.{minor}", found.implementation);
    let place = found.executable.as_deref().unwrap_or("no executable known");
    let trouble = match problem {
        Problem::NotCPython => "is not CPython".to_owned(),
        Problem::TooOld => format!("is too old: CPython {}.{} or newer is needed", OLDEST.0, OLDEST.1),
        Problem::Static => "was built without a shared library".to_owned(),
        Problem::NoLibrary => format!("has no {} to link with", found.library),
    };
    let mut lines = vec![format!("the Python that was found cannot be embedded: {what} ({place}) {trouble}")];
    if problem == Problem::NoLibrary {
        lines.push(format!("looked in {}", found.looked_in.join(", ")));
    }
    lines.push("verify runs examples in an interpreter of its own, and needs CPython's shared library and development files:".to_owned());
    // For a missing file the package has to fit this interpreter; in all other cases another interpreter is needed.
    let version = if problem == Problem::NoLibrary { format!("{major}.{minor}") } else { "3.13".to_owned() };
    lines.extend([
        "    Debian, Ubuntu   sudo apt-get install python3-dev".to_owned(),
        "    Fedora           sudo dnf install python3-devel".to_owned(),
        "    macOS            brew install python".to_owned(),
        format!("    pyenv            env PYTHON_CONFIGURE_OPTS=\"--enable-shared\" pyenv install --force {version}"),
        "to build with another interpreter, name it: PYO3_PYTHON=/path/to/python3 cargo build".to_owned(),
        format!("if this is a mistake, {SKIP}=1 builds without this check"),
    ]);
    lines
}

/// The environment variable that turns the check off.
pub const SKIP: &str = "VERIFY_SKIP_PYTHON_CHECK";
