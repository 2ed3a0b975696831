//! What is meant: what was typed, the environment and the defaults made into one set of [`Settings`]. The
//! only file that reads the environment.

use crate::cli::{Args, ColorArg, FormatArg, IsolationArg, OnErrorArg};
use crate::plan::OnError;
use crate::report::{Format, Look};
use crate::run::{DEFAULT_MEMORY, Isolation};
use std::collections::HashMap;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

/// Wall time for one example where nothing else is said.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes of each output stream of an example that are kept.
pub const OUTPUT_LIMIT: u64 = 1 << 20;

/// Columns of a report that goes to a file or a pipe.
const PLAIN_WIDTH: usize = 120;

/// Everything the pipeline needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The documents asked for; empty: the default ones.
    pub paths: Vec<PathBuf>,
    /// The texts of `--example`; empty: all examples.
    pub select: Vec<String>,
    pub list: bool,
    pub format: Format,
    /// Where the report goes; None: standard output.
    pub output: Option<PathBuf>,
    pub strict: bool,
    pub explain: bool,
    /// How many examples run at the same time; at least 1.
    pub jobs: usize,
    /// Wall time for one example.
    pub timeout: Duration,
    pub python: Option<PathBuf>,
    /// The active virtual environment, and the folders in which commands are looked up: where type checkers may be.
    pub virtual_environment: Option<PathBuf>,
    pub command_folders: Vec<PathBuf>,
    pub isolation: Isolation,
    pub allow_network: bool,
    /// Files and folders that examples may write to.
    pub allow_write: Vec<PathBuf>,
    /// Memory for each process of an example, in bytes.
    pub memory: u64,
    pub on_error: OnError,
    pub quiet: bool,
    pub verbose: bool,
    pub exit_zero: bool,
    /// Whether a progress bar is drawn on standard error.
    pub progress: bool,
    pub look: Look,
    /// The folder that relative paths start from.
    pub folder: PathBuf,
}

/// What was typed or set makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct SettingsError {
    /// `--timeout`, `VERIFY_TIMEOUT`
    place: &'static str,
    problem: String,
}

/// What the surroundings say, read once.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    pub variables: HashMap<String, String>,
    pub stdout_is_terminal: bool,
    pub stderr_is_terminal: bool,
    /// Columns of the terminal.
    pub width: Option<usize>,
    /// Processors that may be used.
    pub processors: usize,
    pub folder: PathBuf,
}

impl Environment {
    /// The real one.
    pub fn read() -> Environment {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Environment {
            variables: std::env::vars_os().filter_map(text).collect(),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
            width: terminal_width(),
            processors: std::thread::available_parallelism().map_or(1, |count| count.get()),
            folder: std::env::current_dir().unwrap_or_default(),
        }
    }

    /// A variable that is set and not empty.
    fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// As <https://no-color.org> and <https://bixense.com/clicolors> have it, and `FORCE_COLOR` as in most
    /// other tools.
    fn wants_color(&self) -> bool {
        let on = |name: &str| self.get(name).is_some_and(|value| value != "0");
        if self.get("NO_COLOR").is_some() {
            false
        } else if on("FORCE_COLOR") || on("CLICOLOR_FORCE") {
            true
        } else {
            self.stdout_is_terminal && self.get("CLICOLOR") != Some("0") && self.get("TERM") != Some("dumb")
        }
    }

    /// Whether the terminal shows UTF-8, by the locale; a file or a pipe takes it anyway.
    fn shows_unicode(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| self.get(name));
        let utf8 = locale.is_some_and(|name| {
            let name = name.to_ascii_lowercase();
            name.contains("utf-8") || name.contains("utf8")
        });
        !self.stdout_is_terminal || utf8
    }
}

fn terminal_width() -> Option<usize> {
    #[cfg(unix)]
    {
        let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
        (size.ws_col > 0).then_some(usize::from(size.ws_col))
    }
    #[cfg(not(unix))]
    None
}

impl Settings {
    /// The command line comes before the environment, the environment before the defaults.
    ///
    /// # Errors
    ///
    /// A number that is none, or flags that do not go together.
    pub fn new(args: Args, environment: &Environment) -> Result<Settings, SettingsError> {
        if args.list && args.format == FormatArg::Json {
            return Err(error("--list", "cannot be combined with `--format json`"));
        }
        let jobs = match chosen(args.jobs.as_deref(), "--jobs", environment, "VERIFY_JOBS") {
            Some((place, text)) => jobs(place, text, environment.processors)?,
            None => environment.processors.max(1),
        };
        let timeout = match chosen(args.timeout.as_deref(), "--timeout", environment, "VERIFY_TIMEOUT") {
            Some((place, text)) => seconds(place, text)?,
            None => DEFAULT_TIMEOUT,
        };
        let isolation = match (args.isolation, environment.get("VERIFY_ISOLATION")) {
            (Some(IsolationArg::Sandbox), _) => Isolation::Sandbox,
            (Some(IsolationArg::Process), _) => Isolation::Process,
            (None, None) => Isolation::default(),
            (None, Some(text)) => isolation("VERIFY_ISOLATION", text)?,
        };
        let memory = match chosen(args.memory.as_deref(), "--memory", environment, "VERIFY_MEMORY") {
            Some((place, text)) => size(place, text)?,
            None => DEFAULT_MEMORY,
        };
        let to_terminal = args.output.is_none() && environment.stdout_is_terminal;
        let color = match args.color {
            ColorArg::Always => true,
            ColorArg::Never => false,
            ColorArg::Auto => args.output.is_none() && environment.wants_color(),
        };
        Ok(Settings {
            paths: args.paths,
            select: args.example,
            list: args.list,
            format: match args.format {
                FormatArg::Full => Format::Full,
                FormatArg::Concise => Format::Concise,
                FormatArg::Json => Format::Json,
            },
            strict: args.strict,
            explain: args.explain,
            jobs,
            timeout,
            python: args.python.or_else(|| environment.get("VERIFY_PYTHON").map(PathBuf::from)),
            virtual_environment: environment.get("VIRTUAL_ENV").map(PathBuf::from),
            command_folders: environment
                .get("PATH")
                .map(|path| std::env::split_paths(path).collect())
                .unwrap_or_default(),
            isolation,
            allow_network: args.allow_network,
            allow_write: args.allow_write,
            memory,
            on_error: match args.on_error {
                OnErrorArg::Stop => OnError::Stop,
                OnErrorArg::Continue => OnError::Continue,
            },
            quiet: args.quiet,
            verbose: args.verbose,
            exit_zero: args.exit_zero,
            progress: environment.stderr_is_terminal
                && environment.get("TERM") != Some("dumb")
                && !args.no_progress
                && !args.quiet
                && !args.list,
            look: Look {
                color,
                unicode: args.output.is_some() || environment.shows_unicode(),
                width: environment.width.filter(|_| to_terminal).unwrap_or(PLAIN_WIDTH).max(40),
            },
            output: args.output,
            folder: environment.folder.clone(),
        })
    }
}

fn error(place: &'static str, problem: impl Into<String>) -> SettingsError {
    SettingsError { place, problem: problem.into() }
}

/// The value of a flag or else of its variable, and which of them it was.
fn chosen<'a>(
    typed: Option<&'a str>,
    flag: &'static str,
    environment: &'a Environment,
    variable: &'static str,
) -> Option<(&'static str, &'a str)> {
    typed.map(|text| (flag, text)).or_else(|| environment.get(variable).map(|text| (variable, text)))
}

fn jobs(place: &'static str, text: &str, processors: usize) -> Result<usize, SettingsError> {
    match text.trim() {
        "auto" => Ok(processors.max(1)),
        number => match number.parse() {
            Ok(jobs @ 1..=1024) => Ok(jobs),
            _ => Err(error(place, format!("`{text}` is neither a number from 1 to 1024 nor `auto`"))),
        },
    }
}

fn isolation(place: &'static str, text: &str) -> Result<Isolation, SettingsError> {
    match text.trim() {
        "sandbox" => Ok(Isolation::Sandbox),
        "process" => Ok(Isolation::Process),
        _ => Err(error(place, format!("`{text}` is neither `sandbox` nor `process`"))),
    }
}

/// `512M`: a number of bytes, with K, M, G for powers of 1024. Less than Python needs to start makes no sense.
fn size(place: &'static str, text: &str) -> Result<u64, SettingsError> {
    const LEAST: u64 = 32 << 20;
    let trimmed = text.trim().to_ascii_uppercase();
    let number = trimmed.strip_suffix("IB").or(trimmed.strip_suffix('B')).unwrap_or(&trimmed);
    let (number, shift) = [('K', 10), ('M', 20), ('G', 30), ('T', 40)]
        .iter()
        .find_map(|&(unit, shift)| Some((number.strip_suffix(unit)?, shift)))
        .unwrap_or((number, 0));
    let bytes = number.trim().parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift));
    match bytes {
        Some(bytes) if bytes >= LEAST => Ok(bytes),
        _ => Err(error(place, format!("`{text}` is not a size of 32M or more, such as `512M` or `2G`"))),
    }
}

fn seconds(place: &'static str, text: &str) -> Result<Duration, SettingsError> {
    let seconds = text.trim().parse::<f64>().ok().filter(|&seconds| seconds > 0.0 && seconds <= 86_400.0);
    match seconds {
        Some(seconds) => Ok(Duration::from_secs_f64(seconds)),
        None => Err(error(place, format!("`{text}` is not a number of seconds above 0 and up to a day"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let variables = variables.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Environment { variables, processors: 4, ..Environment::default() }
    }

    fn settings(typed: &[&str], environment: &Environment) -> Result<Settings, String> {
        let args = Args::try_parse_from([&["verify"], typed].concat()).map_err(|error| error.to_string())?;
        Settings::new(args, environment).map_err(|error| error.to_string())
    }

    #[test]
    fn the_command_line_wins_over_the_environment_and_that_over_the_default() {
        let set = environment(&[("VERIFY_JOBS", "3"), ("VERIFY_TIMEOUT", "2.5"), ("VERIFY_PYTHON", "/py")]);
        let from_set = settings(&[], &set).unwrap();
        assert_eq!((from_set.jobs, from_set.timeout), (3, Duration::from_millis(2500)));
        assert_eq!(from_set.python, Some("/py".into()));
        let typed = settings(&["-j", "auto", "--timeout", "1", "--python", "/x"], &set).unwrap();
        assert_eq!((typed.jobs, typed.timeout, typed.python), (4, Duration::from_secs(1), Some("/x".into())));
        let default = settings(&[], &environment(&[("VERIFY_JOBS", "")])).unwrap();
        assert_eq!((default.jobs, default.timeout), (4, DEFAULT_TIMEOUT));
    }

    #[test]
    fn a_value_that_makes_no_sense_is_refused_with_its_place() {
        let none = environment(&[]);
        assert!(settings(&["-j", "0"], &none).unwrap_err().starts_with("--jobs: `0`"));
        assert!(settings(&["--timeout", "nan"], &none).unwrap_err().starts_with("--timeout: `nan`"));
        assert!(settings(&["--timeout=-1"], &none).is_err());
        let set = environment(&[("VERIFY_TIMEOUT", "soon")]);
        assert!(settings(&[], &set).unwrap_err().starts_with("VERIFY_TIMEOUT: `soon`"));
        assert!(settings(&["--list", "--format", "json"], &none).is_err());
        assert!(settings(&["-q", "-v"], &none).is_err());
    }

    #[test]
    fn the_walls_are_chosen_by_flag_or_variable() {
        let set = environment(&[("VERIFY_ISOLATION", "process"), ("VERIFY_MEMORY", "1G")]);
        let from_set = settings(&[], &set).unwrap();
        assert_eq!((from_set.isolation, from_set.memory), (Isolation::Process, 1 << 30));
        let typed = settings(&["--isolation", "sandbox", "--memory", "512MiB"], &set).unwrap();
        assert_eq!((typed.isolation, typed.memory), (Isolation::Sandbox, 512 << 20));
        let default = settings(&["--allow-write", "a", "--allow-write", "b"], &environment(&[])).unwrap();
        assert_eq!((default.isolation, default.memory), (Isolation::Sandbox, 2 << 30));
        assert_eq!((default.allow_network, default.allow_write.len()), (false, 2));
        let refused = settings(&[], &environment(&[("VERIFY_ISOLATION", "none")])).unwrap_err();
        assert!(refused.starts_with("VERIFY_ISOLATION: `none`"), "{refused}");
        for wrong in ["", "12", "much", "1.5G", "99999999999999999999G", "99999999T"] {
            assert!(settings(&["--memory", wrong], &environment(&[])).is_err(), "{wrong}");
        }
    }

    #[test]
    fn colours_follow_the_usual_variables() {
        let color = |typed: &[&str], variables: &[(&str, &str)], terminal: bool| {
            let environment = Environment { stdout_is_terminal: terminal, ..environment(variables) };
            settings(typed, &environment).unwrap().look.color
        };
        assert!(color(&[], &[], true));
        assert!(!color(&[], &[], false));
        assert!(!color(&[], &[("NO_COLOR", "1"), ("FORCE_COLOR", "1")], true));
        assert!(color(&[], &[("FORCE_COLOR", "1")], false));
        assert!(color(&[], &[("CLICOLOR_FORCE", "1")], false));
        assert!(!color(&[], &[("FORCE_COLOR", "0")], false));
        assert!(!color(&[], &[("CLICOLOR", "0")], true));
        assert!(!color(&[], &[("TERM", "dumb")], true));
        assert!(color(&["--color", "always"], &[("NO_COLOR", "1")], false));
        assert!(!color(&["--color", "never"], &[], true));
        assert!(!color(&["--output", "f"], &[], true));
    }

    #[test]
    fn only_a_terminal_that_is_not_utf8_gets_plain_ascii() {
        let unicode = |variables: &[(&str, &str)], terminal: bool| {
            let environment = Environment { stdout_is_terminal: terminal, ..environment(variables) };
            settings(&[], &environment).unwrap().look.unicode
        };
        assert!(unicode(&[("LANG", "de_DE.UTF-8")], true));
        assert!(!unicode(&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")], true));
        assert!(!unicode(&[], true));
        assert!(unicode(&[("LC_ALL", "C")], false));
    }
}
