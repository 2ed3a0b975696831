//! The command: what was typed in, a report out, an exit status.

use camino::Utf8PathBuf;
use clap::Parser;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use verify_examples::check::{self, Runner};
use verify_examples::cli::Args;
use verify_examples::exit::Exit;
use verify_examples::report::progress::Progress;
use verify_examples::report::{self, Detail, list};
use verify_examples::run::{Pool, PoolSettings, serve_if_zygote};
use verify_examples::settings::{Environment, Settings};

fn main() -> ExitCode {
    // Where this process was started to run examples, it does so and never comes back.
    serve_if_zygote();
    let args = Args::parse();
    let settings = match Settings::new(args, &Environment::read()) {
        Ok(settings) => settings,
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::from(Exit::Unable.code());
        }
    };
    let exit = if settings.list { list(&settings) } else { check(&settings) };
    ExitCode::from(exit.code())
}

/// Runs and judges; the report goes where the settings say.
fn check(settings: &Settings) -> Exit {
    let cancel = cancelled_by_ctrl_c();
    let progress = Progress::new(settings.progress, settings.look.unicode);
    let report = check::check(settings, &start, &|step| progress.step(&step), &cancel);
    progress.clear();
    report.isolation.iter().filter_map(|isolation| isolation.note.as_ref()).for_each(|note| complain(note));
    report.problems.iter().for_each(|problem| complain(&problem.message));
    let detail = Detail {
        strict: settings.strict,
        explain: settings.explain,
        quiet: settings.quiet,
        verbose: settings.verbose,
    };
    let mut text = Vec::new();
    let written = report::write(&report, settings.format, detail, settings.look, &mut text);
    finish(settings, written, &text, Exit::of(&report, settings.strict, settings.exit_zero))
}

/// Shows what would be checked.
fn list(settings: &Settings) -> Exit {
    let (documents, problems) = check::extract(settings);
    problems.iter().for_each(|problem| complain(&problem.message));
    let mut text = Vec::new();
    let listed: Vec<_> =
        documents.iter().map(|found| (&found.document, found.examples.iter().collect())).collect();
    let written = list::write(&listed, settings.look, &mut text);
    let exit = if !problems.is_empty() {
        Exit::Unable
    } else if documents.iter().all(|found| found.examples.is_empty()) {
        Exit::Nothing
    } else {
        Exit::Clean
    };
    finish(settings, written, &text, exit)
}

/// Starts the worker processes.
fn start(settings: &Settings) -> Result<Box<dyn Runner>, String> {
    let python = settings.python.clone().map(Utf8PathBuf::from_path_buf).transpose();
    let python = python.map_err(|path| format!("{}: not a path in UTF-8", path.display()))?;
    // Documents may speak of the files beside them.
    let folders = settings.paths.iter().map(|path| settings.folder.join(path));
    let folders = folders.map(|path| match path.is_dir() {
        true => path,
        false => path.parent().unwrap_or(&path).to_owned(),
    });
    let pool = Pool::start(PoolSettings {
        python,
        isolation: settings.isolation,
        allow_network: settings.allow_network,
        allow_write: settings.allow_write.clone(),
        visible: folders.chain([settings.folder.clone()]).collect(),
        memory: Some(settings.memory),
        ..PoolSettings::new(settings.jobs)
    });
    pool.map(|pool| Box::new(pool) as Box<dyn Runner>).map_err(|error| error.to_string())
}

/// Delivers a report. A reader that has gone away is no failure of ours.
fn finish(settings: &Settings, written: io::Result<()>, text: &[u8], exit: Exit) -> Exit {
    let (place, delivered) = match &settings.output {
        Some(file) => (file.display().to_string(), written.and_then(|()| std::fs::write(file, text))),
        None => ("standard output".to_owned(), written.and_then(|()| to_stdout(text))),
    };
    match delivered {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(&format!("{place}: cannot be written: {error}"));
            Exit::Unable
        }
        _ => exit,
    }
}

fn to_stdout(text: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text)?;
    stdout.flush()
}

/// Set by the first Ctrl-C; the second one ends the program at once.
fn cancelled_by_ctrl_c() -> Arc<AtomicBool> {
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancel);
    let handler = move || {
        if flag.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        complain(&format!("Ctrl-C will lose what was found: {error}"));
    }
    cancel
}

fn complain(message: &str) {
    // Nobody can be told that standard error is gone.
    let _ = writeln!(io::stderr(), "verify: {message}");
}
