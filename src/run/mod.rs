//! Runs examples: jobs in, observations out. Knows nothing of claims or verdicts.
//!
//! ```text
//! verify            many threads, no Python; one thread drives one slot          schedule
//!   └─ zygote       single-threaded, CPython initialised once, modules preloaded  zygote, interpreter
//!        └─ slot    one example at a time: prepares, forks, watches, sweeps       slot, prepare, instrument.py
//!             └─ child    the example                                            child, hooks
//!                  └─ copy    tries dormant code and the expressions of claims   copy, replay, probe, render, familiar
//! ```
//!
//! `verify` never forks itself: it starts the zygote by executing its own file again, so `main` has to call
//! [`serve_if_zygote`] before anything else. Everything that dies takes what it started with it: a closed socket
//! tells the zygote and the slots, the kernel tells the examples (`PR_SET_PDEATHSIG`), and both the zygote and
//! the slots are subreapers, so that nothing an example starts can get out of their reach. In the sandbox a slot is
//! moreover the first process of a namespace of its own, with a process outside that waits for it: see [`sandbox`].
#![allow(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod arena;
mod child;
mod copy;
mod familiar;
mod hooks;
mod interpreter;
mod output;
mod prepare;
mod probe;
mod process;
mod protocol;
mod raised;
mod render;
mod replay;
mod sandbox;
mod schedule;
mod slot;
mod zygote;

use crate::observation::Observation;
use crate::plan::Job;
use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

pub use sandbox::{Obtained, Wall};
pub use zygote::serve_if_zygote;

/// What keeps examples from the rest of the machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Isolation {
    /// Namespaces: no network, no writing, no way out, as far as the machine allows it.
    #[default]
    Sandbox,
    /// A process of its own, and limits.
    Process,
}

/// The private memory that each process of an example may have where nothing else is said.
pub const DEFAULT_MEMORY: u64 = 2 << 30;

/// How a [`Pool`] is to be set up.
#[derive(Debug, Clone)]
pub struct PoolSettings {
    /// How many examples may be using a processor at once. Sleeping ones do not count.
    pub jobs: usize,
    /// The interpreter that examples see as `sys.executable` and whose packages they import (a virtual
    /// environment's, say); None: the one that this program was built against.
    pub python: Option<Utf8PathBuf>,
    /// The program that serves as zygote, that is, which calls [`serve_if_zygote`]; None: the running one.
    pub zygote: Option<PathBuf>,
    /// Where the pool makes its scratch folder; None: in memory (`/dev/shm`) where there is room and programs may
    /// run, else in the system's folder for temporary files.
    pub scratch: Option<Utf8PathBuf>,
    pub isolation: Isolation,
    /// In the sandbox: examples may use the network.
    pub allow_network: bool,
    /// In the sandbox: files and folders that examples may write to.
    pub allow_write: Vec<PathBuf>,
    /// In the sandbox: what is seen although it lies in a home or in a folder for temporary files. The interpreter
    /// and its packages always are.
    pub visible: Vec<PathBuf>,
    /// Private memory for each process of an example, in bytes; None: no limit.
    pub memory: Option<u64>,
}

impl PoolSettings {
    /// Settings for `jobs` examples at once, everything else by default.
    pub fn new(jobs: usize) -> PoolSettings {
        PoolSettings {
            jobs: jobs.max(1),
            python: None,
            zygote: None,
            scratch: None,
            isolation: Isolation::default(),
            allow_network: false,
            allow_write: Vec::new(),
            visible: Vec::new(),
            memory: Some(DEFAULT_MEMORY),
        }
    }
}

/// The interpreter that examples run in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PythonInfo {
    /// `3.11.7`
    pub version: String,
    /// `CPython`
    pub implementation: String,
    /// `sys.executable`: absolute, links not followed.
    pub executable: Utf8PathBuf,
    /// `sys.prefix`
    pub prefix: Utf8PathBuf,
}

/// What happens while jobs run. The number is the job's index.
// A few for each example, each made once and moved once: their size does not matter.
#[allow(clippy::large_enum_variant)]
#[derive(Debug)]
pub enum Event {
    /// A slot took the job up.
    Started(usize),
    /// Something about how the job was run that its author may want to know (`--verbose`), no failure.
    Note(usize, String),
    /// The job is over. Comes exactly once for each job, unless the run was cancelled.
    Done(usize, Observation),
}

/// Why examples cannot be run at all.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("cannot start the process that runs examples: {0}")]
    Start(#[source] std::io::Error),
    #[error("Python cannot be started: {0}")]
    Python(String),
    #[error(
        "{python} is Python {found}, but this verify runs examples in Python {built}. \
         Use an environment made with Python {built}, or a verify that was built for Python {found}"
    )]
    Version { python: Utf8PathBuf, found: String, built: String },
    #[error("there is no Python at {0}")]
    NoPython(Utf8PathBuf),
    #[error("--allow-write: {0}: {1}")]
    Writable(PathBuf, #[source] std::io::Error),
    #[error("cannot make a folder for the examples in {0}: {1}")]
    Scratch(Utf8PathBuf, #[source] std::io::Error),
}

/// The processes that run examples. Dropping it ends them all.
#[derive(Debug)]
pub struct Pool {
    // Dropped first: slots end when their sockets close, and the zygote waits for its slots.
    idle: schedule::Idle,
    zygote: zygote::Handle,
    jobs: usize,
}

impl Pool {
    /// Starts the zygote and waits until Python is up.
    ///
    /// # Errors
    /// Where the interpreter is missing, of another version than the one that is built in, or does not start.
    pub fn start(settings: PoolSettings) -> Result<Pool, RunError> {
        let jobs = settings.jobs.max(1);
        let zygote = zygote::Handle::start(settings)?;
        Ok(Pool { zygote, jobs, idle: schedule::Idle::default() })
    }

    /// The interpreter, as it describes itself.
    pub fn python(&self) -> &PythonInfo {
        &self.zygote.python
    }

    /// What became of the wish for a sandbox.
    pub fn sandbox(&self) -> &Obtained {
        &self.zygote.sandbox
    }

    /// Where the examples' scratch folders are; gone when the pool is.
    pub fn scratch(&self) -> &Utf8Path {
        &self.zygote.scratch
    }

    /// Runs all jobs, starting them in their order, and tells `events` what happens, from several threads. Blocks
    /// until all are done, or until `cancel` is set: jobs that are not done by then are killed and not reported.
    pub fn run(&self, jobs: &[Job], events: &(dyn Fn(Event) + Sync), cancel: &AtomicBool) {
        schedule::run(&self.zygote, &self.idle, self.jobs, jobs, events, cancel);
    }
}
