//! What the operating system tells about processes, and how they are ended.

use std::fs;
use std::io;
use std::time::{Duration, Instant};

/// A process id, as the C interfaces have it.
pub(super) type Pid = libc::pid_t;

/// Has the kernel kill this process when its parent dies, and ends it now if that has happened already.
pub(super) fn die_with(parent: Pid) {
    #[cfg(target_os = "linux")]
    // SAFETY: prctl with these arguments touches no memory.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
    }
    // SAFETY: getppid and _exit have no preconditions.
    unsafe {
        if libc::getppid() != parent {
            libc::_exit(1);
        }
    }
}

/// Has the kernel kill this process when its parent dies, which is outside of its process namespace.
pub(super) fn end_with_parent() {
    #[cfg(target_os = "linux")]
    // SAFETY: prctl with these arguments touches no memory.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
    }
}

/// Makes orphaned descendants children of this process, so that they can be found and ended.
pub(super) fn become_subreaper() {
    #[cfg(target_os = "linux")]
    // SAFETY: prctl with these arguments touches no memory.
    unsafe {
        libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1);
    }
}

/// This process's id.
pub(super) fn own_id() -> Pid {
    // SAFETY: getpid has no preconditions.
    unsafe { libc::getpid() }
}

/// Sends SIGKILL to a process, or to a group (a negative id). Whether there was one.
pub(super) fn kill(pid: Pid) -> bool {
    // SAFETY: kill touches no memory.
    unsafe { libc::kill(pid, libc::SIGKILL) == 0 }
}

/// The children of a process. Empty where they cannot be found out.
pub(super) fn children(pid: Pid) -> Vec<Pid> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let mut found = Vec::new();
    for task in tasks.flatten() {
        match fs::read_to_string(task.path().join("children")) {
            Ok(list) => found.extend(list.split_whitespace().filter_map(|id| id.parse::<Pid>().ok())),
            // A kernel without CONFIG_PROC_CHILDREN, or a thread that has just ended.
            Err(_) if task.path().exists() => return children_by_search(pid),
            Err(_) => {}
        }
    }
    found
}

/// The children of a process, found by looking at every process there is.
fn children_by_search(parent: Pid) -> Vec<Pid> {
    let Ok(all) = fs::read_dir("/proc") else { return Vec::new() };
    all.flatten()
        .filter_map(|entry| entry.file_name().to_str().and_then(|name| name.parse::<Pid>().ok()))
        .filter(|pid| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            // The name, in parentheses, may hold anything; then come the state and the parent.
            let after = stat.rfind(')').map_or("", |at| &stat[at + 1..]);
            after.split_whitespace().nth(1).and_then(|id| id.parse::<Pid>().ok()) == Some(parent)
        })
        .collect()
}

/// A process and everything below it.
pub(super) fn tree(root: Pid) -> Vec<Pid> {
    let mut all = vec![root];
    let mut at = 0;
    while let Some(&pid) = all.get(at) {
        all.extend(children(pid));
        at += 1;
    }
    all
}

/// The processor time that a process has used, all its threads together; zero where it is gone.
pub(super) fn processor_time(pid: Pid) -> Duration {
    let mut clock = 0;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: both pointers are to local variables of the right types.
    let known = unsafe {
        libc::clock_getcpuclockid(pid, &raw mut clock) == 0 && libc::clock_gettime(clock, &raw mut time) == 0
    };
    if !known {
        return Duration::ZERO;
    }
    Duration::new(time.tv_sec.max(0) as u64, time.tv_nsec as u32)
}

/// The processor time of all ended and awaited descendants of this process.
pub(super) fn descendants_time() -> Duration {
    // SAFETY: all zeroes is a valid `rusage`, and getrusage only writes to it.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage);
        usage
    };
    let part = |time: libc::timeval| Duration::new(time.tv_sec.max(0) as u64, time.tv_usec as u32 * 1000);
    part(usage.ru_utime) + part(usage.ru_stime)
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Exit(i32),
    Signal(i32),
}

impl Ended {
    fn from_status(status: i32) -> Ended {
        if libc::WIFSIGNALED(status) {
            Ended::Signal(libc::WTERMSIG(status))
        } else {
            Ended::Exit(libc::WEXITSTATUS(status))
        }
    }
}

/// Takes the status of an ended child (`-1`: of any), without waiting for it. None: none has ended.
///
/// # Errors
/// Where there is no such child.
pub(super) fn try_wait(pid: Pid) -> io::Result<Option<(Pid, Ended)>> {
    let mut status = 0;
    loop {
        // SAFETY: the pointer is to a local variable.
        let got = unsafe { libc::waitpid(pid, &raw mut status, libc::WNOHANG) };
        if got > 0 {
            return Ok(Some((got, Ended::from_status(status))));
        }
        if got == 0 {
            return Ok(None);
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Kills and awaits every descendant of this process except `spared`; gives up after two seconds.
pub(super) fn sweep(spared: &[Pid]) {
    let end = Instant::now() + Duration::from_secs(2);
    loop {
        reap_except(spared);
        let mut left = children(own_id());
        left.retain(|pid| !spared.contains(pid));
        if left.is_empty() || Instant::now() > end {
            return;
        }
        for &child in &left {
            for pid in tree(child) {
                kill(pid);
            }
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Kills and awaits every other process of the namespace that this one is the first of; gives up after two seconds.
pub(super) fn sweep_namespace() {
    // Anywhere else it would end everything that the user runs.
    if own_id() != 1 {
        return sweep(&[]);
    }
    let end = Instant::now() + Duration::from_secs(2);
    while kill(-1) && Instant::now() < end {
        while let Ok(Some(_)) = try_wait(-1) {}
        std::thread::yield_now();
    }
    while let Ok(Some(_)) = try_wait(-1) {}
}

/// Waits for a child to end.
pub(super) fn wait(pid: Pid) {
    let mut status = 0;
    // SAFETY: the pointer is to a local variable.
    while unsafe { libc::waitpid(pid, &raw mut status, 0) } < 0
        && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted
    {}
}

/// Takes the status of all ended children except `spared`.
fn reap_except(spared: &[Pid]) {
    if spared.is_empty() {
        while let Ok(Some(_)) = try_wait(-1) {}
        return;
    }
    for pid in children(own_id()) {
        if !spared.contains(&pid) {
            let _ = try_wait(pid);
        }
    }
}

/// `SIGSEGV` for 11.
pub(super) fn signal_name(number: i32) -> String {
    let known = [
        (libc::SIGHUP, "SIGHUP"),
        (libc::SIGINT, "SIGINT"),
        (libc::SIGQUIT, "SIGQUIT"),
        (libc::SIGILL, "SIGILL"),
        (libc::SIGTRAP, "SIGTRAP"),
        (libc::SIGABRT, "SIGABRT"),
        (libc::SIGBUS, "SIGBUS"),
        (libc::SIGFPE, "SIGFPE"),
        (libc::SIGKILL, "SIGKILL"),
        (libc::SIGUSR1, "SIGUSR1"),
        (libc::SIGSEGV, "SIGSEGV"),
        (libc::SIGUSR2, "SIGUSR2"),
        (libc::SIGPIPE, "SIGPIPE"),
        (libc::SIGALRM, "SIGALRM"),
        (libc::SIGTERM, "SIGTERM"),
        (libc::SIGXCPU, "SIGXCPU"),
        (libc::SIGXFSZ, "SIGXFSZ"),
        (libc::SIGVTALRM, "SIGVTALRM"),
        (libc::SIGPROF, "SIGPROF"),
        (libc::SIGSYS, "SIGSYS"),
    ];
    known
        .iter()
        .find(|(value, _)| *value == number)
        .map_or_else(|| format!("signal {number}"), |(_, name)| (*name).to_owned())
}

/// Sets a signal's disposition to the default or to being ignored.
pub(super) fn set_signal(number: i32, handler: libc::sighandler_t) {
    // SAFETY: SIG_DFL and SIG_IGN, the only handlers that callers pass, are always valid.
    unsafe {
        libc::signal(number, handler);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_their_names() {
        assert_eq!(signal_name(11), "SIGSEGV");
        assert_eq!(signal_name(63), "signal 63");
    }

    #[test]
    fn a_tree_begins_with_its_root() {
        assert_eq!(tree(own_id())[0], own_id());
    }
}
