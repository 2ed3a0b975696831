//! The walls around a slot: namespaces of its own, made once, in which all its examples run.
//!
//! What the machine allows is found out by trying everything once in a process made for that ([`Probe`]), while
//! Python starts. A slot then makes what was to be had and nothing else; if one of these fails in it after all, it
//! runs nothing. What could not be had is in [`Obtained`], which is shown to the user.
//!
//! The slot keeps its rights within its namespaces, so that examples, which have none, cannot trace it.

mod mounts;

pub(super) use mounts::Temporary;

use super::process::{self, Pid};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, setrlimit};
use rustix::thread::{CapabilitySet, CapabilitySets, UnshareFlags};
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::PathBuf;

/// The size that a file may grow to, in bytes.
const FILE_SIZE: u64 = 1 << 30;

/// What examples may do.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Policy {
    /// Whether there are to be walls at all.
    pub sandbox: bool,
    /// Whether they may use the machine's network.
    pub network: bool,
    /// What they may write to besides their own folders.
    pub writable: Vec<PathBuf>,
    /// What they may read although it lies where all else is hidden.
    pub visible: Vec<PathBuf>,
    /// The private memory of each of their processes, in bytes.
    pub memory: Option<u64>,
}

/// One of the walls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wall {
    /// A user namespace, without which only root can have the others.
    Users,
    /// A network without a way out.
    Network,
    /// Files are read-only, and personal ones out of sight.
    Files,
    /// The processes of the machine are out of sight, and none of an example's own gets away.
    Processes,
    /// System V memory, semaphores and POSIX message queues of its own.
    Ipc,
}

impl Wall {
    const ALL: [Wall; 5] = [Wall::Users, Wall::Network, Wall::Files, Wall::Processes, Wall::Ipc];

    /// As the report for machines has it.
    fn name(self) -> &'static str {
        match self {
            Wall::Users => "users",
            Wall::Network => "network",
            Wall::Files => "files",
            Wall::Processes => "processes",
            Wall::Ipc => "ipc",
        }
    }
}

/// What came of the wish for a sandbox.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obtained {
    /// Whether it was wanted.
    pub wanted: bool,
    /// What could not be had, and the number of the error.
    pub failed: Vec<(Wall, i32)>,
}

impl Obtained {
    fn has(&self, wall: Wall) -> bool {
        self.wanted && self.failed.iter().all(|(failed, _)| *failed != wall)
    }

    /// `sandbox`, `partial` or `process`.
    pub fn kind(&self) -> &'static str {
        match (self.wanted, self.missing().is_empty()) {
            (false, _) => "process",
            (true, true) => "sandbox",
            (true, false) => "partial",
        }
    }

    /// The names of the walls that are not there although they were wanted. The user namespace protects nothing by
    /// itself and is not among them.
    pub fn missing(&self) -> Vec<&'static str> {
        self.failed.iter().filter(|(wall, _)| *wall != Wall::Users).map(|(wall, _)| wall.name()).collect()
    }

    /// One line for the user where not everything that was wanted could be had.
    pub fn note(&self) -> Option<String> {
        let missing = self.missing();
        if missing.is_empty() {
            return None;
        }
        let cause = match self.failed.iter().find(|(wall, _)| *wall == Wall::Users) {
            Some((_, error)) => format!("no user namespaces here ({})", errno_name(*error)),
            None => {
                let error = self.failed.first().map_or(0, |(_, error)| *error);
                format!("this machine does not allow all of it ({})", errno_name(error))
            }
        };
        let without: Vec<&str> = self
            .failed
            .iter()
            .filter_map(|(wall, _)| match wall {
                Wall::Users => None,
                Wall::Network => Some("can reach the network"),
                Wall::Files => Some("can read and write your files"),
                Wall::Processes => Some("can see your processes"),
                Wall::Ipc => Some("share System V memory"),
            })
            .collect();
        Some(format!(
            "sandbox: {cause}: examples {}; --isolation process hides this note",
            without.join(", ")
        ))
    }
}

fn errno_name(number: i32) -> String {
    match Errno::from_raw_os_error(number) {
        Errno::PERM => "EPERM".into(),
        Errno::ACCESS => "EACCES".into(),
        Errno::INVAL => "EINVAL".into(),
        Errno::NOSPC => "ENOSPC".into(),
        Errno::NOSYS => "ENOSYS".into(),
        Errno::NOENT => "ENOENT".into(),
        other => other.to_string(),
    }
}

/// An attempt in a process of its own, which goes on while this one does something else.
pub(super) struct Probe {
    results: Option<OwnedFd>,
    pid: Pid,
    policy: Policy,
}

impl Probe {
    /// Begins it. The process must have one thread.
    pub(super) fn start(policy: &Policy) -> Probe {
        Probe::attempt(policy, &Obtained { wanted: policy.sandbox, failed: Vec::new() })
    }

    fn attempt(policy: &Policy, wish: &Obtained) -> Probe {
        let nothing = |policy: &Policy| Probe { results: None, pid: -1, policy: policy.clone() };
        if !wish.wanted {
            return nothing(policy);
        }
        let Ok((reader, writer)) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC) else {
            return nothing(policy);
        };
        // SAFETY: one thread; the child only makes system calls and ends without unwinding.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            drop(reader);
            let mut failed = unshare(policy, wish);
            let mut inner = 0;
            if failed.iter().all(|(wall, _)| *wall != Wall::Processes) {
                // SAFETY: as above.
                inner = unsafe { libc::fork() };
                if inner < 0 {
                    failed.push((Wall::Processes, Errno::AGAIN.raw_os_error()));
                }
            }
            if inner <= 0 {
                let found = Obtained { wanted: true, failed };
                let mut failed = found.failed.clone();
                failed.extend(inhabit(policy, &found, None));
                let bytes = postcard::to_allocvec(&failed).unwrap_or_default();
                let _ = std::fs::File::from(writer).write_all(&bytes);
            } else {
                process::wait(inner);
            }
            // SAFETY: _exit has no preconditions.
            unsafe { libc::_exit(0) }
        }
        Probe { results: Some(reader), pid, policy: policy.clone() }
    }

    /// What it found out.
    pub(super) fn finish(self) -> Obtained {
        let mut obtained = self.outcome();
        let users = obtained.failed.iter().find(|(wall, _)| *wall == Wall::Users).copied();
        if let Some(users) = users {
            // Root may do without.
            let wish = Obtained { wanted: true, failed: vec![users] };
            obtained = Probe::attempt(&self.policy, &wish).outcome();
            obtained.failed.insert(0, users);
        }
        obtained.failed.dedup_by_key(|(wall, _)| *wall);
        obtained
    }

    fn outcome(&self) -> Obtained {
        let none = |wall| (wall, Errno::AGAIN.raw_os_error());
        let wanted = self.policy.sandbox;
        let mut failed: Vec<(Wall, i32)> = Wall::ALL[1..].iter().map(|&wall| none(wall)).collect();
        if let Some(results) = self.results.as_ref().and_then(|results| results.try_clone().ok()) {
            let mut bytes = Vec::new();
            let read = std::fs::File::from(results).read_to_end(&mut bytes);
            if let (Ok(1..), Ok(found)) = (read, postcard::from_bytes::<Vec<(Wall, i32)>>(&bytes)) {
                failed = found;
            }
        }
        if self.pid > 0 {
            process::wait(self.pid);
        }
        if !wanted {
            failed.clear();
        }
        Obtained { wanted, failed }
    }
}

/// Leaves the namespaces that are shared with the rest of the machine. Gives what could not be left.
fn unshare(policy: &Policy, wish: &Obtained) -> Vec<(Wall, i32)> {
    let mut failed = Vec::new();
    let mut step = |wall: Wall, done: rustix::io::Result<()>| {
        if let Err(error) = done {
            failed.push((wall, error.raw_os_error()));
        }
    };
    // SAFETY: none of these flags changes the memory or the descriptors of this process, which has one thread.
    let leave = |flags: UnshareFlags| unsafe { rustix::thread::unshare_unsafe(flags) };
    if wish.has(Wall::Users) {
        let user = rustix::process::getuid().as_raw();
        let group = rustix::process::getgid().as_raw();
        let map = || -> io::Result<()> {
            leave(UnshareFlags::NEWUSER)?;
            std::fs::write("/proc/self/setgroups", "deny")?;
            std::fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
            std::fs::write("/proc/self/gid_map", format!("{group} {group} 1"))
        };
        step(Wall::Users, map().map_err(errno));
    }
    if wish.has(Wall::Network) && !policy.network {
        step(Wall::Network, leave(UnshareFlags::NEWNET));
    }
    if wish.has(Wall::Ipc) {
        step(Wall::Ipc, leave(UnshareFlags::NEWIPC));
    }
    if wish.has(Wall::Files) || wish.has(Wall::Processes) {
        let done = leave(UnshareFlags::NEWNS).and_then(|()| mounts::make_private());
        step(Wall::Files, done);
        // Without a /proc of its own a process namespace would be a place in which nothing can be found.
        step(Wall::Processes, done.and_then(|()| leave(UnshareFlags::NEWPID)));
    }
    failed
}

/// Sets up what was left by [`unshare`], in the process that is to live there. Gives what could not be done.
fn inhabit(policy: &Policy, obtained: &Obtained, own: Option<&camino::Utf8Path>) -> Vec<(Wall, i32)> {
    let mut failed = Vec::new();
    let mut step = |wall: Wall, done: rustix::io::Result<()>| {
        if let Err(error) = done {
            failed.push((wall, error.raw_os_error()));
        }
    };
    if obtained.has(Wall::Network) && !policy.network {
        step(Wall::Network, loopback());
    }
    // First, while the old one can still be seen: the kernel gives a new one only to those who see all of it.
    if obtained.has(Wall::Processes) {
        step(Wall::Processes, mounts::new_proc());
    }
    if obtained.has(Wall::Files) {
        step(Wall::Files, mounts::arrange(policy, own));
    }
    failed
}

fn errno(error: io::Error) -> Errno {
    Errno::from_io_error(&error).unwrap_or(Errno::IO)
}

/// Switches the network interface `lo` on.
fn loopback() -> rustix::io::Result<()> {
    let socket = rustix::net::socket(rustix::net::AddressFamily::INET, rustix::net::SocketType::DGRAM, None)?;
    // SAFETY: all zeroes is a valid ifreq; the name fits and ends in a zero; the call reads what it is given.
    let done = unsafe {
        let mut request: libc::ifreq = std::mem::zeroed();
        request.ifr_name[0] = b'l' as libc::c_char;
        request.ifr_name[1] = b'o' as libc::c_char;
        request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
        libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as _, &raw const request)
    };
    if done == 0 { Ok(()) } else { Err(errno(io::Error::last_os_error())) }
}

/// Where a slot finds itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Walls {
    /// It is the first process of a namespace: `kill(-1)` ends all others, and nothing else.
    pub first: bool,
    /// Whether its children have to give up rights.
    pub drop_rights: bool,
    /// Whether the folders for temporary files are the slot's own.
    pub files: bool,
}

/// Makes the walls around this process, a fork of the zygote that is to become a slot. The caller goes on in a
/// child where there is a process namespace; the process that was forked then waits for it and ends with it.
/// `own`: the folder for its examples.
///
/// # Errors
/// Where something that was there a moment ago cannot be had any more. Then no example must run.
pub(super) fn enter(policy: &Policy, obtained: &Obtained, own: &camino::Utf8Path) -> Result<Walls, String> {
    if !obtained.wanted {
        return Ok(Walls::default());
    }
    let refused = |failed: &[(Wall, i32)]| match failed.first() {
        Some((wall, error)) => Err(format!("the sandbox ({}): {}", wall.name(), errno_name(*error))),
        None => Ok(()),
    };
    refused(&unshare(policy, obtained))?;
    let first = obtained.has(Wall::Processes);
    if first {
        // SAFETY: one thread; the parent only makes system calls from here on, the child goes on as the slot.
        let pid = unsafe { libc::fork() };
        match pid {
            0 => process::end_with_parent(),
            1.. => wait_and_end(pid),
            _ => return Err(format!("the sandbox: {}", io::Error::last_os_error())),
        }
    }
    refused(&inhabit(policy, obtained, Some(own)))?;
    // Without the session's keys. Harmless where the kernel has none.
    // SAFETY: KEYCTL_JOIN_SESSION_KEYRING with no name makes an anonymous one.
    unsafe { libc::syscall(libc::SYS_keyctl, 1, std::ptr::null::<libc::c_char>()) };
    for capability in 0..64_u32 {
        // SAFETY: prctl with these arguments touches no memory. Those that do not exist are refused.
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, libc::c_ulong::from(capability), 0, 0, 0) };
    }
    rustix::thread::set_no_new_privs(true).map_err(|error| format!("the sandbox (privileges): {error}"))?;
    Ok(Walls { first, drop_rights: true, files: obtained.has(Wall::Files) })
}

/// The process outside the namespace: ends when the one inside does.
fn wait_and_end(pid: Pid) -> ! {
    // The slot's socket above all: its other end has to see when the slot is gone.
    close_from(3);
    process::wait(pid);
    // SAFETY: _exit has no preconditions.
    unsafe { libc::_exit(0) }
}

/// Closes all descriptors from `first` on. Nobody in this process may own one of them any more.
pub(super) fn close_from(first: u32) {
    // SAFETY: the caller knows that nobody uses them.
    if unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) } == 0 {
        return;
    }
    let open = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let open: Vec<i32> = open.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    for descriptor in open.into_iter().filter(|&descriptor| descriptor >= first as i32) {
        // SAFETY: as above; one that was closed meanwhile is refused.
        unsafe { libc::close(descriptor) };
    }
}

/// Takes the rights and the resources from an example's process that it is not to have. Of a process that cannot
/// be confined nothing must run.
pub(super) fn confine(walls: Walls, memory: Option<u64>) -> rustix::io::Result<()> {
    let limit = |resource, most: u64| {
        let now = rustix::process::getrlimit(resource);
        let most = now.maximum.map_or(most, |maximum| maximum.min(most));
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
    };
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, FILE_SIZE)?;
    if let Some(memory) = memory {
        limit(Resource::Data, memory)?;
    }
    if walls.drop_rights {
        let none = CapabilitySet::empty();
        let none = CapabilitySets { effective: none, permitted: none, inheritable: none };
        rustix::thread::set_capabilities(None, none)?;
    }
    Ok(())
}

/// Whether an environment variable looks as if it held a credential, which is no example's business.
pub(super) fn is_secret(name: &str, value: &str) -> bool {
    const PARTS: [&str; 11] = [
        "TOKEN",
        "SECRET",
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "CREDENTIAL",
        "PRIVATE_KEY",
        "API_KEY",
        "APIKEY",
        "ACCESS_KEY",
        "AUTHORIZATION",
    ];
    const WHOLE: [&str; 5] =
        ["SSH_AUTH_SOCK", "SSH_AGENT_PID", "GPG_AGENT_INFO", "DBUS_SESSION_BUS_ADDRESS", "KUBECONFIG"];
    let upper = name.to_ascii_uppercase();
    // A password in an address: `postgres://me:secret@host/`.
    let in_address = value.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
    });
    PARTS.iter().any(|part| upper.contains(part))
        || WHOLE.contains(&upper.as_str())
        || upper.starts_with("AWS_")
        || in_address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_known_by_their_names_and_by_passwords_in_addresses() {
        for name in
            ["GITHUB_TOKEN", "aws_profile", "MY_SECRET", "DB_PASSWORD", "OPENAI_API_KEY", "SSH_AUTH_SOCK"]
        {
            assert!(is_secret(name, "x"), "{name}");
        }
        for (name, value) in
            [("PATH", "/usr/bin"), ("HOME", "/h"), ("LANG", "C"), ("URL", "https://host/a@b:c")]
        {
            assert!(!is_secret(name, value), "{name}");
        }
        assert!(is_secret("DATABASE_URL", "postgres://me:secret@host/db"));
    }

    #[test]
    fn what_is_missing_is_said_in_one_line() {
        let all = Obtained { wanted: true, failed: Vec::new() };
        assert_eq!((all.kind(), all.note()), ("sandbox", None));
        assert_eq!(Obtained::default().kind(), "process");
        let failed = Wall::ALL.map(|wall| (wall, libc::EPERM)).to_vec();
        let none = Obtained { wanted: true, failed };
        assert_eq!((none.kind(), none.missing()), ("partial", vec!["network", "files", "processes", "ipc"]));
        let note = none.note().unwrap();
        assert!(note.starts_with("sandbox: no user namespaces here (EPERM): examples can reach the network"));
        assert!(note.ends_with("--isolation process hides this note") && !note.contains('\n'));
    }
}
