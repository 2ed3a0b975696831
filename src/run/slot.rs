//! Runs one example at a time in a process forked for it, watches it from outside, and clears up behind it.

use super::arena::{Arena, Part, Record};
use super::child::{self, Folder};
use super::interpreter::Tools;
use super::output::{Drain, redirect};
use super::prepare::{Preparation, Prepared, prepare};
use super::process::{self, Ended, Pid};
use super::protocol::{self, FromSlot};
use super::sandbox::{self, Temporary, Walls};
use super::zygote;
use crate::observation::{AnchorRuns, Ending, Observation, Output, Replay};
use crate::plan::Job;
use camino::Utf8PathBuf;
use pyo3::ffi;
use pyo3::prelude::*;
use rustix::pipe::{PipeFlags, pipe_with};
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How often the processor time of a running example is looked at.
const SAMPLE: Duration = Duration::from_millis(25);
/// An example is not looked at before it has run so long: most are over by then.
const FIRST_SAMPLE: Duration = Duration::from_millis(50);
/// Below this share of a processor an example sleeps.
const ASLEEP: f64 = 0.10;
/// From this share on a sleeping one is awake again.
const AWAKE: f64 = 0.25;
/// How long what an example started may go on after its end: helpers of its own that are about to end.
const ORPHANS: Duration = Duration::from_millis(50);

/// `verify` is gone: nobody waits for the result.
struct Gone;

struct Slot {
    tools: &'static Tools,
    arena: &'static Arena,
    socket: UnixStream,
    scratch: Utf8PathBuf,
    walls: Walls,
    memory: Option<u64>,
    temporary: Temporary,
    examples: u64,
}

/// Serves as a slot until `verify` closes the socket; never returns.
pub(super) fn serve(
    py: Python<'_>,
    tools: &'static Tools,
    socket: UnixStream,
    scratch: Utf8PathBuf,
    walls: Result<Walls, String>,
    memory: Option<u64>,
) -> ! {
    process::become_subreaper();
    let walls = walls.unwrap_or_else(|why| refuse(&socket, &why));
    if let Ok(arena) = Arena::new() {
        let arena: &'static Arena = Box::leak(Box::new(arena));
        let temporary = Temporary::new(walls.files);
        let mut slot = Slot { tools, arena, socket, scratch, walls, memory, temporary, examples: 0 };
        while let Ok(job) = protocol::receive::<Job>(&slot.socket) {
            let Ok(observation) = slot.run(py, &job) else { break };
            if protocol::send(&slot.socket, &FromSlot::Done(observation)).is_err() {
                break;
            }
        }
        slot.sweep();
    }
    // SAFETY: _exit has no preconditions.
    unsafe { libc::_exit(0) }
}

/// Runs nothing, because the walls could not be made that the examples were to have.
fn refuse(socket: &UnixStream, why: &str) -> ! {
    while let Ok(job) = protocol::receive::<Job>(socket) {
        let ending = Ending::Worker { message: format!("the example was not run: {why}") };
        if protocol::send(socket, &FromSlot::Done(Observation::empty(ending, job.anchors.len()))).is_err() {
            break;
        }
    }
    // SAFETY: _exit has no preconditions.
    unsafe { libc::_exit(0) }
}

/// An example that was forked.
struct Running {
    pid: Pid,
    /// Becomes readable when the process ends.
    ended: Option<OwnedFd>,
    streams: [Drain; 2],
    began: Instant,
    end: Instant,
}

/// Why an example was killed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Killed {
    Wall,
    Processor,
    Output,
}

impl Slot {
    fn note(&self, text: String) {
        // Where `verify` is gone, the next look at the socket shows it.
        let _ = protocol::send(&self.socket, &FromSlot::Note(text));
    }

    /// Ends everything that an example has started.
    fn sweep(&self) {
        if self.walls.first { process::sweep_namespace() } else { process::sweep(&[]) }
    }

    fn run(&mut self, py: Python<'_>, job: &Job) -> Result<Observation, Gone> {
        let began = Instant::now();
        let used_before = process::descendants_time();
        self.arena.reset(job.anchors.len() + job.sources.len());
        let prepared = match prepare(py, self.tools, self.arena, job) {
            Ok(Preparation::Ready(prepared)) => prepared,
            Ok(Preparation::Syntax { message, line }) => {
                return Ok(Observation::empty(Ending::SyntaxError { message, line }, job.anchors.len()));
            }
            Err(error) => {
                let message = format!("the example could not be prepared: {error}");
                return Ok(Observation::empty(Ending::Worker { message }, job.anchors.len()));
            }
        };
        for note in &prepared.notes {
            self.note(note.clone());
        }
        self.examples += 1;
        let root = self.scratch.join(self.examples.to_string());
        let folder = Folder { root };
        let result = self.run_prepared(py, job, &prepared, &folder, began);
        zygote::remove(&folder.root);
        self.temporary.clear();
        prepared.hook.get().forget_parts();
        let (ending, [stdout, stderr]) = match result {
            Ok(found) => found?,
            Err(error) => {
                let message = format!("the example could not be started: {error}");
                return Ok(Observation::empty(Ending::Worker { message }, job.anchors.len()));
            }
        };
        let mut observation = Observation {
            seconds: began.elapsed().as_secs_f64(),
            cpu_seconds: process::descendants_time().saturating_sub(used_before).as_secs_f64(),
            stdout,
            stderr,
            ..Observation::empty(ending, job.anchors.len())
        };
        self.collect(job, &mut observation);
        Ok(observation)
    }

    /// Forks the example, waits for its end, and ends all that it left behind.
    fn run_prepared(
        &self,
        py: Python<'_>,
        job: &Job,
        prepared: &Prepared,
        folder: &Folder,
        began: Instant,
    ) -> io::Result<Result<(Ending, [Output; 2]), Gone>> {
        folder.make(&prepared.text)?;
        let (out, out_end) = pipe_with(PipeFlags::CLOEXEC)?;
        let (err, err_end) = pipe_with(PipeFlags::CLOEXEC)?;
        let end = began + job.limits.wall;
        let slot = process::own_id();
        // SAFETY: single-threaded and holding the GIL; paired with the calls below.
        let pid = unsafe {
            ffi::PyOS_BeforeFork();
            libc::fork()
        };
        if pid == 0 {
            become_child(slot, self.socket.as_raw_fd(), &out_end, &err_end);
            drop((out, out_end, err, err_end));
            let confined = sandbox::confine(self.walls, self.memory);
            // SAFETY: paired with PyOS_BeforeFork.
            unsafe { ffi::PyOS_AfterFork_Child() };
            child::run(py, self.tools, prepared, folder, end, confined);
        }
        // SAFETY: paired with PyOS_BeforeFork.
        unsafe { ffi::PyOS_AfterFork_Parent() };
        drop((out_end, err_end));
        if pid < 0 {
            return Err(io::Error::last_os_error());
        }
        rustix::io::ioctl_fionbio(&out, true)?;
        rustix::io::ioctl_fionbio(&err, true)?;
        let ended = rustix::process::Pid::from_raw(pid)
            .and_then(|pid| rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).ok());
        let streams = [Drain::new(out, job.limits.output), Drain::new(err, job.limits.output)];
        let mut running = Running { pid, ended, streams, began, end };
        let watched = self.watch(job, &mut running);
        let natural = matches!(watched, Ok(None));
        let how = self.clear_up(&mut running, natural);
        let killed = match watched {
            Ok(killed) => killed,
            Err(gone) => return Ok(Err(gone)),
        };
        let ending = self.ending(job, killed, how);
        let streams = running.streams.map(Drain::finish);
        Ok(Ok((self.for_want_of_memory(ending, &streams[1]), streams)))
    }

    fn drain(&self, running: &mut Running) -> usize {
        let published = &self.arena.header().streams;
        running.streams.iter_mut().zip(published).map(|(stream, published)| stream.read(published)).sum()
    }

    /// Waits until the example ends by itself (None) or has to be ended.
    fn watch(&self, job: &Job, running: &mut Running) -> Result<Option<Killed>, Gone> {
        let mut sampler = Sampler::new(running);
        let mut busy_streams = false;
        loop {
            let now = Instant::now();
            let left = running.end.saturating_duration_since(now);
            let pause = if running.ended.is_none() { Duration::from_millis(2) } else { sampler.pause(now) };
            let mut wanted = [
                poll_fd(self.socket.as_raw_fd()),
                poll_fd(running.ended.as_ref().map_or(-1, AsRawFd::as_raw_fd)),
                poll_fd(if busy_streams { running.streams[0].pipe.as_raw_fd() } else { -1 }),
                poll_fd(if busy_streams { running.streams[1].pipe.as_raw_fd() } else { -1 }),
            ];
            let milliseconds = pause.min(left).as_millis() as i32 + 1;
            // SAFETY: four pollfds, and the count says so.
            unsafe { libc::poll(wanted.as_mut_ptr(), 4, milliseconds) };
            // Not on every write, which would make the example and its slot take turns, but before a pipe is
            // full for long.
            busy_streams = self.drain(running) >= 16 << 10;
            if wanted[0].revents != 0 {
                return Err(Gone);
            }
            if has_ended(running.pid) {
                return Ok(None);
            }
            let now = Instant::now();
            if now >= running.end {
                return Ok(Some(Killed::Wall));
            }
            if running.streams.iter().any(Drain::is_endless) {
                return Ok(Some(Killed::Output));
            }
            if let Some(asleep) = sampler.look(running.pid, now) {
                let _ = protocol::send(&self.socket, &FromSlot::Asleep(asleep));
            }
            if job.limits.cpu.is_some_and(|limit| sampler.used > limit) {
                return Ok(Some(Killed::Processor));
            }
        }
    }

    /// Ends everything that the example started and reads what is left in its pipes. Gives how it ended.
    fn clear_up(&self, running: &mut Running, natural: bool) -> Option<Ended> {
        if !natural {
            process::kill(-running.pid);
            process::kill(running.pid);
        }
        let mut how = None;
        let end = Instant::now() + Duration::from_secs(5);
        while how.is_none() && Instant::now() < end {
            match process::try_wait(running.pid) {
                Ok(Some((_, ended))) => how = Some(ended),
                Ok(None) => std::thread::sleep(Duration::from_micros(200)),
                Err(_) => break,
            }
        }
        let end = Instant::now() + ORPHANS;
        while natural && Instant::now() < end {
            while let Ok(Some(_)) = process::try_wait(-1) {}
            if process::children(process::own_id()).is_empty() {
                break;
            }
            self.drain(running);
            std::thread::sleep(Duration::from_millis(1));
        }
        process::kill(-running.pid);
        self.sweep();
        // All writers are dead: this reads to the end.
        while self.drain(running) > 0 {}
        how
    }

    fn ending(&self, job: &Job, killed: Option<Killed>, how: Option<Ended>) -> Ending {
        let wall = job.limits.wall.as_secs_f64();
        match killed {
            Some(Killed::Processor) => {
                let limit = job.limits.cpu.unwrap_or_default().as_secs_f64();
                return Ending::Timeout { limit, cpu: true };
            }
            Some(Killed::Wall) => return Ending::Timeout { limit: wall, cpu: false },
            Some(Killed::Output) => {
                self.note("it was ended because its output had no end".into());
                return Ending::Timeout { limit: wall, cpu: false };
            }
            None => {}
        }
        if self.arena.header().finished.load(Ordering::Acquire) == 1 {
            return Ending::Finished;
        }
        match how {
            Some(Ended::Exit(code)) => Ending::Exit { code, line: None },
            Some(Ended::Signal(number)) => Ending::Signal { number, name: process::signal_name(number) },
            None => Ending::Worker { message: "the example's process was lost".into() },
        }
    }

    /// An exception that says nothing but that there was no more memory is the limit's.
    fn by_limit(&self, ending: Ending) -> Ending {
        match (&ending, self.memory) {
            (Ending::Exception { raised, .. }, Some(limit))
                if raised.type_name == "MemoryError" && raised.message.is_empty() =>
            {
                Ending::Memory { limit }
            }
            _ => ending,
        }
    }

    /// A program that cannot go on without more memory aborts and says so.
    fn for_want_of_memory(&self, ending: Ending, stderr: &Output) -> Ending {
        const WORDS: [&str; 4] = ["MemoryError", "bad_alloc", "memory allocation of", "out of memory"];
        match (&ending, self.memory) {
            (Ending::Signal { number: libc::SIGABRT, .. }, Some(limit)) => {
                let text = stderr.text();
                if WORDS.iter().any(|word| text.contains(word)) { Ending::Memory { limit } } else { ending }
            }
            _ => ending,
        }
    }

    /// Puts the records of the arena into the observation.
    fn collect(&self, job: &Job, observation: &mut Observation) {
        let lost = self.arena.header().lost.load(Ordering::Relaxed);
        if lost > 0 {
            self.note(format!("{lost} observations were too many to be kept"));
        }
        let mut runs = Vec::new();
        let mut parts: HashMap<u64, Vec<Part>> = HashMap::new();
        let mut replays: BTreeMap<u64, Replay> = BTreeMap::new();
        for record in self.arena.records() {
            match record {
                Record::Run { anchor, id, run } => runs.push((anchor, id, run)),
                Record::Part { id, part } => parts.entry(id).or_default().push(part),
                Record::Replay { index, replay } => {
                    replays.insert(index, replay);
                }
                Record::Ending(ending) => {
                    let by_example =
                        matches!(observation.ending, Ending::Exit { .. } | Ending::Signal { .. });
                    if by_example {
                        observation.ending = self.by_limit(ending);
                    }
                }
            }
        }
        for (anchor, _, run) in &runs {
            // A replay that the example's end cut short has left runs, but not itself.
            if let (Some(index), Some(anchor)) = (run.replay, job.anchors.get(*anchor as usize)) {
                replays.entry(index as u64).or_insert_with(|| Replay {
                    source: anchor.source,
                    stdout: Output::default(),
                    stderr: Output::default(),
                    failed: Some("the example was ended meanwhile".into()),
                });
            }
        }
        let positions: HashMap<u64, usize> =
            replays.keys().enumerate().map(|(at, &index)| (index, at)).collect();
        observation.replays = replays.into_values().collect();
        for (at, anchor) in observation.anchors.iter_mut().enumerate() {
            *anchor = AnchorRuns {
                executions: self.arena.counter(at).map_or(0, |counter| counter.load(Ordering::Relaxed)),
                runs: Vec::new(),
            };
        }
        for (anchor, id, mut run) in runs {
            run.replay = run.replay.and_then(|index| positions.get(&(index as u64)).copied());
            for part in parts.remove(&id).unwrap_or_default() {
                apply(&mut run, part);
            }
            if let Some(anchor) = observation.anchors.get_mut(anchor as usize) {
                anchor.runs.push(run);
            }
        }
    }
}

/// Puts what a copy found out in its place.
fn apply(run: &mut crate::observation::Run, part: Part) {
    match part {
        Part::Value(value) => run.value = Some(value),
        Part::Message(message) => {
            if let Some(raised) = &mut run.raised {
                raised.message = message;
            }
        }
        Part::Probe(at, probe) => {
            if let Some(place) = run.probes.get_mut(at as usize) {
                *place = probe;
            }
        }
    }
}

fn poll_fd(descriptor: i32) -> libc::pollfd {
    libc::pollfd { fd: descriptor, events: libc::POLLIN, revents: 0 }
}

/// Whether a child has ended; its status stays there to be taken.
fn has_ended(pid: Pid) -> bool {
    // SAFETY: an all-zero siginfo_t is valid, and waitid only writes to it.
    unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let options = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
        libc::waitid(libc::P_PID, pid as libc::id_t, &raw mut info, options) != 0 || info.si_pid() == pid
    }
}

/// What the example's process does before Python is told of the fork.
fn become_child(slot: Pid, socket: i32, out: &OwnedFd, err: &OwnedFd) {
    process::die_with(slot);
    // SAFETY: setsid and close touch no memory; the socket belongs to the slot, which is another process.
    unsafe {
        libc::setsid();
        libc::close(socket);
    }
    process::set_signal(libc::SIGCHLD, libc::SIG_DFL);
    redirect(out, 1);
    redirect(err, 2);
}

/// Finds out whether an example works or waits.
struct Sampler {
    next: Instant,
    last: Instant,
    /// Processor time of the processes that are there.
    last_used: Duration,
    /// Processor time of the whole tree, as far as it was seen.
    used: Duration,
    asleep: bool,
}

impl Sampler {
    fn new(running: &Running) -> Sampler {
        Sampler {
            next: running.began + FIRST_SAMPLE,
            last: running.began,
            last_used: Duration::ZERO,
            used: Duration::ZERO,
            asleep: false,
        }
    }

    fn pause(&self, now: Instant) -> Duration {
        self.next.saturating_duration_since(now).min(Duration::from_millis(10))
    }

    /// Gives whether the example sleeps, if that has changed.
    fn look(&mut self, pid: Pid, now: Instant) -> Option<bool> {
        if now < self.next {
            return None;
        }
        let used: Duration = process::tree(pid).into_iter().map(process::processor_time).sum();
        // Less than before: a process ended, and what it used since is not known.
        let more = used.saturating_sub(self.last_used);
        let ended = used < self.last_used;
        self.used += more;
        let share = more.as_secs_f64() / now.duration_since(self.last).as_secs_f64().max(0.001);
        self.last = now;
        self.last_used = used;
        self.next = now + SAMPLE;
        let first = self.last_used == more && !self.asleep;
        let asleep = match self.asleep {
            // The first look sees the time before too, in which the example was started.
            false => !ended && share < if first { 0.5 } else { ASLEEP },
            true => !ended && share < AWAKE,
        };
        (asleep != self.asleep).then(|| {
            self.asleep = asleep;
            asleep
        })
    }
}
