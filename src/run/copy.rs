//! Throw-away copies of the example's process, in which code may run that the example must not notice.

use super::hooks::Hook;
use super::{output, process, raised, render};
use pyo3::ffi;
use pyo3::prelude::*;
use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// The exit code by which a copy says that it came to its end.
const DONE: i32 = 86;

/// Does `work` in a copy of this process, and waits for it. What the copy writes goes to `streams`, or nowhere.
///
/// # Errors
/// Why it did not come to its end: it took longer than `limit`, crashed, ended itself, could not be made.
pub(super) fn run(
    py: Python<'_>,
    hook: &Hook,
    limit: Duration,
    streams: Option<&[OwnedFd; 2]>,
    work: &mut dyn FnMut(),
) -> Result<(), String> {
    let Some(limit) = hook.time_for_copy(limit) else { return Err("there was too little time left".into()) };
    let began = Instant::now();
    // Forking makes the `random` module seed itself anew, so its state is carried over by hand.
    let random = hook.tools.save_random.call0(py).ok();
    render::forget_error(py);
    let quiet = ChildSignal::hold();
    let parent = process::own_id();
    // SAFETY: the GIL is held, and the calls are paired as CPython asks for.
    let pid = unsafe {
        ffi::PyOS_BeforeFork();
        libc::fork()
    };
    if pid == 0 {
        // SAFETY: paired with PyOS_BeforeFork.
        unsafe { ffi::PyOS_AfterFork_Child() };
        become_copy(py, hook, parent, streams, random);
        work();
        // SAFETY: _exit has no preconditions. Nothing of the copy's shall run at its end.
        unsafe { libc::_exit(DONE) }
    }
    // SAFETY: paired with PyOS_BeforeFork.
    unsafe { ffi::PyOS_AfterFork_Parent() };
    if pid < 0 {
        return Err(format!("no copy could be made: {}", std::io::Error::last_os_error()));
    }
    let ended = wait(pid, began + limit);
    quiet.release(pid);
    hook.arena.header().copies.fetch_add(began.elapsed().as_nanos() as u64, Ordering::Relaxed);
    match ended {
        Ok(process::Ended::Exit(DONE)) => Ok(()),
        Ok(process::Ended::Exit(code)) => Err(format!("it ended with exit code {code}")),
        Ok(process::Ended::Signal(number)) => Err(process::signal_name(number)),
        Err(message) => Err(message),
    }
}

fn become_copy(
    py: Python<'_>,
    hook: &Hook,
    parent: process::Pid,
    streams: Option<&[OwnedFd; 2]>,
    random: Option<Py<PyAny>>,
) {
    process::die_with(parent);
    // SAFETY: setpgid touches no memory. A group of its own, so that what it starts ends with it.
    unsafe { libc::setpgid(0, 0) };
    ChildSignal::reset();
    if let Ok(null) = std::fs::OpenOptions::new().read(true).write(true).open("/dev/null") {
        for to in 0..3 {
            output::redirect(&null, to);
        }
    }
    if let Some([out, err]) = streams {
        output::redirect(out, 1);
        output::redirect(err, 2);
    }
    if let Some(state) = random {
        let _ = hook.tools.restore_random.call1(py, (state,));
    }
    render::forget_error(py);
    hook.mute();
}

/// Waits for a copy until `end`, then kills it and all of its group.
fn wait(pid: process::Pid, end: Instant) -> Result<process::Ended, String> {
    let descriptor = rustix::process::Pid::from_raw(pid)
        .and_then(|pid| rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).ok());
    let mut pause = Duration::from_micros(50);
    loop {
        let left = end.saturating_duration_since(Instant::now());
        match &descriptor {
            Some(descriptor) => wait_readable(descriptor, left),
            None => {
                std::thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(5));
            }
        }
        let over = Instant::now() >= end;
        if over {
            process::kill(-pid);
            process::kill(pid);
        }
        match process::try_wait(pid) {
            Ok(Some((_, ended))) => {
                process::kill(-pid);
                return if over { Err("timed out".into()) } else { Ok(ended) };
            }
            // The example has `SIGCHLD` ignored, or took the status itself: nothing more is known.
            Err(_) => return if over { Err("timed out".into()) } else { Ok(process::Ended::Exit(DONE)) },
            Ok(None) if over => std::thread::sleep(Duration::from_micros(200)),
            Ok(None) => {}
        }
    }
}

fn wait_readable(descriptor: &OwnedFd, limit: Duration) {
    use std::os::fd::AsRawFd;
    let mut wanted = libc::pollfd { fd: descriptor.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one pollfd, and the count says so. Interrupted by a signal it returns early, which is no harm.
    unsafe {
        libc::poll(&raw mut wanted, 1, limit.as_millis().min(60_000) as i32 + 1);
    }
}

/// Keeps the `SIGCHLD` of a copy from an example that has a handler for it.
struct ChildSignal {
    before: Option<libc::sigset_t>,
}

impl ChildSignal {
    fn only() -> libc::sigset_t {
        // SAFETY: sigemptyset initialises the set.
        unsafe {
            let mut set: libc::sigset_t = std::mem::zeroed();
            libc::sigemptyset(&raw mut set);
            libc::sigaddset(&raw mut set, libc::SIGCHLD);
            set
        }
    }

    fn hold() -> ChildSignal {
        // SAFETY: all pointers are to local variables of the right types.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            libc::sigaction(libc::SIGCHLD, std::ptr::null(), &raw mut action);
            if action.sa_sigaction == libc::SIG_DFL {
                return ChildSignal { before: None };
            }
            let mut before: libc::sigset_t = std::mem::zeroed();
            libc::pthread_sigmask(libc::SIG_BLOCK, &Self::only(), &raw mut before);
            ChildSignal { before: Some(before) }
        }
    }

    /// In the copy.
    fn reset() {
        process::set_signal(libc::SIGCHLD, libc::SIG_DFL);
        // SAFETY: the pointer is to a local variable.
        unsafe {
            libc::pthread_sigmask(libc::SIG_UNBLOCK, &Self::only(), std::ptr::null_mut());
        }
    }

    /// Takes the signal back if it is the copy's.
    fn release(self, pid: process::Pid) {
        let Some(before) = self.before else { return };
        // SAFETY: all pointers are to local variables of the right types.
        unsafe {
            let none = libc::timespec { tv_sec: 0, tv_nsec: 0 };
            let mut info: libc::siginfo_t = std::mem::zeroed();
            let got = libc::sigtimedwait(&Self::only(), &raw mut info, &raw const none);
            if got == libc::SIGCHLD && info.si_pid() != pid {
                libc::kill(process::own_id(), libc::SIGCHLD);
            }
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
        }
    }
}

/// Something that is to be found out in a copy.
pub(super) enum Task<'py> {
    Value(Bound<'py, PyAny>),
    Message(Bound<'py, PyAny>),
    /// The value of probe number so and so.
    ProbeValue(u32, Bound<'py, PyAny>),
    /// A compiled expression, to be evaluated in the given globals.
    ProbeCode(u32, Bound<'py, PyAny>, Bound<'py, PyAny>),
}

impl Task<'_> {
    /// Does it, in the copy.
    fn result(&self, hook: &Hook) -> super::arena::Part {
        use super::arena::Part;
        use crate::observation::Probe;
        let shown = |value: &Bound<'_, PyAny>| {
            render::render(value, hook.tools, true).unwrap_or_else(|| render::outline(value))
        };
        match self {
            Task::Value(value) => Part::Value(shown(value)),
            Task::Message(exception) => {
                Part::Message(raised::message(exception, hook.tools, true).unwrap_or_default())
            }
            Task::ProbeValue(at, value) => Part::Probe(*at, Probe::Value(shown(value))),
            Task::ProbeCode(at, code, globals) => {
                let py = code.py();
                // SAFETY: a code object and a dict; the result, or null with an error set, is owned here.
                let value = unsafe {
                    let value = ffi::PyEval_EvalCode(code.as_ptr(), globals.as_ptr(), globals.as_ptr());
                    Bound::from_owned_ptr_or_err(py, value)
                };
                let probe = match value {
                    Ok(value) => Probe::Value(shown(&value)),
                    Err(error) => {
                        let (raised, _) = raised::describe(
                            error.value(py).as_any(),
                            None,
                            &hook.document,
                            hook.tools,
                            true,
                        );
                        Probe::Raised(raised)
                    }
                };
                Part::Probe(*at, probe)
            }
        }
    }
}

/// Finds out what a run of an anchor leaves open, in copies that write the results to the arena: one copy for all
/// that only renders, and one for each expression, because none may see what another one changed. Gives the
/// tasks that failed, and why.
pub(super) fn find_out<'t, 'py>(
    py: Python<'py>,
    hook: &Hook,
    id: u64,
    tasks: &'t [Task<'py>],
) -> Vec<(&'t Task<'py>, String)> {
    let (evaluated, rendered): (Vec<_>, Vec<_>) =
        tasks.iter().partition(|task| matches!(task, Task::ProbeCode(..)));
    let mut evaluated = evaluated.into_iter();
    let mut group = rendered;
    // The first expression may as well come after the rendering in the same copy.
    group.extend(evaluated.next());
    let mut failed = Vec::new();
    loop {
        let ended = run(py, hook, Duration::from_secs(2), None, &mut || {
            for task in &group {
                let part = task.result(hook);
                hook.arena.write(&super::arena::Record::Part { id, part });
            }
        });
        if let Err(reason) = ended {
            failed.extend(group.iter().map(|task| (*task, reason.clone())));
        }
        match evaluated.next() {
            Some(task) => group = vec![task],
            None => return failed,
        }
    }
}
