//! What was typed. What it means is decided in [`settings`](crate::settings).

use clap::{ArgAction, Parser, ValueEnum};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  verify                               examples-md/, else every *.md that git does not ignore
  verify README.md docs/ 'notes/*.md'  files, folders, globs
  verify --example 55-60,'*async*'     some examples, by number or by name
  verify --list guide.md               what would be checked; runs nothing
  verify --format json --output r.json a report for machines

Exit status: 0 nothing wrong, 1 something wrong in the documents, 2 verify could not
do its job, 3 nothing was checked, 130 interrupted";

/// Run the Python examples in Markdown and check what their `# =>` comments claim.
#[derive(Debug, Clone, Default, Parser)]
#[command(name = "verify", version, after_help = EXAMPLES, max_term_width = 100, disable_help_flag = true)]
pub struct Args {
    /// Documents: files, folders, globs, or `-` for standard input
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Only these examples: ids, ranges (`55-60,72`), slugs, globs over both
    #[arg(long, value_name = "SELECT")]
    pub example: Vec<String>,

    /// List examples and claims with their forms; run nothing
    #[arg(long)]
    pub list: bool,

    /// How to report
    #[arg(long, value_name = "NAME", value_enum, default_value_t)]
    pub format: FormatArg,

    /// Write the report to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Suspect, unreached, blocked and skipped claims fail too
    #[arg(long)]
    pub strict: bool,

    /// Show every reading that was tried for each claim, and what came of it
    #[arg(long)]
    pub explain: bool,

    /// Examples that run at the same time [default: auto] [env: VERIFY_JOBS]
    #[arg(short, long, value_name = "N|auto")]
    pub jobs: Option<String>,

    /// Wall time for one example [default: 30] [env: VERIFY_TIMEOUT]
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<String>,

    /// The interpreter to run examples with [env: VERIFY_PYTHON]
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,

    /// What keeps examples from the rest of the machine [env: VERIFY_ISOLATION]
    #[arg(long, value_name = "KIND", value_enum)]
    pub isolation: Option<IsolationArg>,

    /// Let examples use the network
    #[arg(long)]
    pub allow_network: bool,

    /// Let examples write to this file or folder
    #[arg(long, value_name = "PATH")]
    pub allow_write: Vec<PathBuf>,

    /// Memory for each process of an example [default: 2G] [env: VERIFY_MEMORY]
    #[arg(long, value_name = "SIZE")]
    pub memory: Option<String>,

    /// What an exception that nobody announced does to its example
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub on_error: OnErrorArg,

    /// Run everything again (there is no cache yet)
    #[arg(long)]
    pub no_cache: bool,

    /// Nothing but findings
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Also claims that were not judged, and a line for each example
    #[arg(short, long)]
    pub verbose: bool,

    /// Colours in the report
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub color: ColorArg,

    /// No progress bar
    #[arg(long)]
    pub no_progress: bool,

    /// Exit with 0 where something is wrong in the documents
    #[arg(long)]
    pub exit_zero: bool,

    /// Print this help
    #[arg(short, long, action = ArgAction::HelpShort)]
    pub help: Option<bool>,
}

/// `--format`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// Findings in their lines, for people
    #[default]
    Full,
    /// One line for each finding
    Concise,
    /// Everything, for machines
    Json,
}

/// `--isolation`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum IsolationArg {
    /// No network, read-only files, no way out, as far as the machine allows it
    Sandbox,
    /// A process of its own, and limits
    Process,
}

/// `--on-error`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum OnErrorArg {
    /// The example ends there, as a script does
    #[default]
    Stop,
    /// The next statement runs, as in a REPL
    Continue,
}

/// `--color`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorArg {
    #[default]
    Auto,
    Always,
    Never,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_help_fits_a_screen() {
        let help = Args::command().term_width(80).render_help().to_string();
        assert!(help.lines().count() <= 60, "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    }
}
