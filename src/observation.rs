//! What was seen when an example ran. Kept in the cache; everything that judging needs is in here.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    pub ending: Ending,
    /// Wall time, in seconds.
    pub seconds: f64,
    /// Processor time of the whole process tree, in seconds.
    pub cpu_seconds: f64,
    pub stdout: Output,
    pub stderr: Output,
    /// One for each anchor of the plan, in its order.
    pub anchors: Vec<AnchorRuns>,
    /// One for each time that a piece of dormant code was tried.
    pub replays: Vec<Replay>,
}

/// How an example ended: one variant for each way there is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Ending {
    /// The last statement ran and the interpreter's own end (threads, atexit, `__del__`) is done.
    Finished,
    /// An exception that nothing announced and nobody caught.
    Exception { raised: Raised, line: Option<u32> },
    /// A module that is not installed: `import requests`.
    MissingModule { module: String, line: Option<u32>, raised: Raised },
    /// `sys.exit`, `os._exit`, `quit` before the end.
    Exit { code: i32, line: Option<u32> },
    /// Killed by a signal: a crash, or the example's own doing.
    Signal { number: i32, name: String },
    /// Longer than the wall or the processor limit, in seconds.
    Timeout { limit: f64, cpu: bool },
    /// More memory than it may have.
    Memory { limit: u64 },
    /// Python would not compile it (what ruff's parser let pass).
    SyntaxError { message: String, line: u32 },
    /// The worker could not do its part; not the example's fault. The text says what happened.
    Worker { message: String },
}

/// A captured stream.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Output {
    /// The bytes that were kept: the beginning.
    pub bytes: Vec<u8>,
    /// How many more were written and not kept.
    pub dropped: u64,
}

impl Output {
    /// As text; bytes that are not UTF-8 become U+FFFD.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }

    /// The text of a byte range, cut to what was kept.
    pub fn slice(&self, range: (u64, u64)) -> Cow<'_, str> {
        let end = (range.1.min(self.bytes.len() as u64)) as usize;
        let start = (range.0 as usize).min(end);
        String::from_utf8_lossy(&self.bytes[start..end])
    }
}

/// All runs of one anchor.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AnchorRuns {
    /// How often it was begun.
    pub executions: u64,
    /// The first of them, in order; a hot loop is not recorded to its end.
    pub runs: Vec<Run>,
}

/// One run of an anchored piece of code, when it ended (or, where it was left by an exception, when that passed).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub value: Option<Rendered>,
    /// In the order of the anchor's probes.
    pub probes: Vec<Probe>,
    /// Byte ranges of what it wrote, in the streams of the example, or of `replay`.
    pub stdout: (u64, u64),
    pub stderr: (u64, u64),
    pub raised: Option<Raised>,
    /// For dormant code: the index of its replay.
    pub replay: Option<usize>,
}

/// One throw-away copy of the process in which dormant code was tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Replay {
    /// Index of the dormant source.
    pub source: usize,
    pub stdout: Output,
    pub stderr: Output,
    /// Why it did not come to its end: `timed out`, `SIGSEGV`, `SyntaxError: 'return' outside function`; None: it did.
    pub failed: Option<String>,
}

/// What became of an expression that a claim names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Probe {
    Value(Rendered),
    /// Evaluating it raised this: a name that does not exist here, say.
    Raised(Raised),
    /// It could not be tried: it hung, it crashed, the copy could not be made.
    Untried(String),
}

/// A value as it was at that moment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Rendered {
    /// `repr(value)`, cut at 64 KiB.
    pub repr: String,
    /// `str(value)` where it differs from `repr(value)`; always for a `str`, whose text it is.
    pub text: Option<String>,
    /// `type(value).__name__`
    pub type_name: String,
    /// The `__name__`s of `type(value).__mro__`, the type itself first, `object` left out.
    pub bases: Vec<String>,
    /// `len(value)` where it has one.
    pub len: Option<u64>,
    /// `repr(value.shape)` where it has one (arrays, frames).
    pub shape: Option<String>,
    /// `id(value)`: equal numbers at one moment mean the same object.
    pub identity: u64,
    /// Whether `repr` or `text` was cut, or could not be had (then it is empty).
    pub cut: bool,
}

/// An exception.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Raised {
    /// `type(e).__name__`
    pub type_name: String,
    /// The `__name__`s of its `__mro__`, itself first, `object` left out.
    pub bases: Vec<String>,
    /// `str(e)`
    pub message: String,
    /// The document line of the innermost frame that lies in the document.
    pub line: Option<u32>,
}

impl Observation {
    /// An observation of an example that never ran, for `anchors` anchors.
    pub fn empty(ending: Ending, anchors: usize) -> Observation {
        Observation {
            ending,
            seconds: 0.0,
            cpu_seconds: 0.0,
            stdout: Output::default(),
            stderr: Output::default(),
            anchors: vec![AnchorRuns::default(); anchors],
            replays: Vec::new(),
        }
    }

    /// What a run wrote to standard output.
    pub fn stdout_of(&self, run: &Run) -> Cow<'_, str> {
        match run.replay.and_then(|at| self.replays.get(at)) {
            Some(replay) => replay.stdout.slice(run.stdout),
            None => self.stdout.slice(run.stdout),
        }
    }

    /// What a run wrote to standard error.
    pub fn stderr_of(&self, run: &Run) -> Cow<'_, str> {
        match run.replay.and_then(|at| self.replays.get(at)) {
            Some(replay) => replay.stderr.slice(run.stderr),
            None => self.stderr.slice(run.stderr),
        }
    }
}
