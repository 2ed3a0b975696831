//! The process from which all others are forked: Python initialised, modules loaded, nothing running.

use super::protocol::{self, Hello, Setup};
use super::sandbox::{self, Obtained, Policy};
use super::{Isolation, PoolSettings, PythonInfo, RunError, interpreter, output, process, slot};
use camino::Utf8PathBuf;
use pyo3::prelude::*;
use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The argument by which a zygote knows that it is one. Its socket is its standard input.
const ARGUMENT: &str = "--internal-zygote";

/// How long the zygote waits for its slots to end by themselves.
const GRACE: Duration = Duration::from_secs(2);

/// The zygote, as `verify` sees it.
#[derive(Debug)]
pub(super) struct Handle {
    pub python: PythonInfo,
    pub scratch: Utf8PathBuf,
    pub sandbox: Obtained,
    /// None only while it is being dropped.
    socket: Mutex<Option<UnixStream>>,
    process: Mutex<Child>,
}

impl Handle {
    /// Starts a zygote and waits until it is ready.
    pub(super) fn start(settings: PoolSettings) -> Result<Handle, RunError> {
        let python = interpreter::find(settings.python)?;
        let program = match settings.zygote {
            Some(program) => program,
            None => std::env::current_exe().map_err(RunError::Start)?,
        };
        let mut writable = Vec::new();
        for path in settings.allow_write {
            match path.canonicalize() {
                Ok(real) => writable.extend([std::path::absolute(&path).unwrap_or(path), real]),
                Err(error) => return Err(RunError::Writable(path, error)),
            }
        }
        let policy = Policy {
            sandbox: settings.isolation == Isolation::Sandbox,
            network: settings.allow_network,
            writable,
            visible: settings.visible,
            memory: settings.memory,
        };
        let scratch = make_scratch(settings.scratch)?;
        let (ours, theirs) = UnixStream::pair().map_err(RunError::Start)?;
        let mut command = Command::new(program);
        for (name, value) in std::env::vars_os() {
            if sandbox::is_secret(&name.to_string_lossy(), &value.to_string_lossy()) {
                command.env_remove(name);
            }
        }
        let process = command
            .arg(ARGUMENT)
            // For the Pythons that examples start: their sets and dicts in the same order each time.
            .env("PYTHONHASHSEED", "0")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let process = process.inspect_err(|_| remove(&scratch)).map_err(RunError::Start)?;
        let mut handle = Handle {
            python: PythonInfo {
                version: String::new(),
                implementation: String::new(),
                executable: python.clone(),
                prefix: Utf8PathBuf::new(),
            },
            scratch: scratch.clone(),
            sandbox: Obtained::default(),
            socket: Mutex::new(None),
            process: Mutex::new(process),
        };
        let answer = protocol::send(&ours, &Setup { python, scratch, policy })
            .and_then(|()| protocol::receive::<Hello>(&ours))
            .map_err(RunError::Start)?;
        match answer {
            Hello::Ready(python, sandbox) => (handle.python, handle.sandbox) = (python, sandbox),
            Hello::Failed(message) => return Err(RunError::Python(message)),
        }
        handle.socket = Mutex::new(Some(ours));
        Ok(handle)
    }

    /// Asks for a slot. Where the zygote is gone, the first use of the slot shows it.
    pub(super) fn new_slot(&self) -> io::Result<UnixStream> {
        let (ours, theirs) = UnixStream::pair()?;
        let socket = self.socket.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(socket) = socket.as_ref() else { return Err(io::ErrorKind::NotConnected.into()) };
        protocol::send_descriptor(socket, theirs.as_fd())?;
        Ok(ours)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // The closed socket tells the zygote to end; it kills what is left and removes the scratch folder.
        *self.socket.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
        let mut process = self.process.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let end = Instant::now() + GRACE + Duration::from_secs(3);
        while matches!(process.try_wait(), Ok(None)) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
        let _ = process.kill();
        let _ = process.wait();
        remove(&self.scratch);
    }
}

/// Makes the folder for all scratch folders. The name is short: sockets' paths must stay under 108 bytes.
fn make_scratch(within: Option<Utf8PathBuf>) -> Result<Utf8PathBuf, RunError> {
    let within = within.unwrap_or_else(scratch_place);
    let failed = |error| RunError::Scratch(within.clone(), error);
    let within_real = within.canonicalize_utf8().map_err(failed)?;
    let folder = tempfile::Builder::new().prefix("verify-").tempdir_in(&within_real).map_err(failed)?;
    Utf8PathBuf::from_path_buf(folder.keep()).map_err(|path| {
        RunError::Scratch(within.clone(), io::Error::other(format!("{} is not UTF-8", path.display())))
    })
}

/// The system's folder for temporary files, or rather one that is in memory, where that is roomy: making and
/// removing an example's folders on a disk takes longer than most examples.
fn scratch_place() -> Utf8PathBuf {
    const ENOUGH: u64 = 512 << 20;
    let memory = Utf8PathBuf::from("/dev/shm");
    let roomy = rustix::fs::statvfs(memory.as_str()).is_ok_and(|space| {
        let programs_run = !space.f_flag.contains(rustix::fs::StatVfsMountFlags::NOEXEC);
        programs_run && space.f_bavail.saturating_mul(space.f_frsize) >= ENOUGH
    });
    if roomy && rustix::fs::access(memory.as_str(), rustix::fs::Access::WRITE_OK).is_ok() {
        return memory;
    }
    Utf8PathBuf::from_path_buf(std::env::temp_dir()).unwrap_or_else(|_| "/tmp".into())
}

/// Removes a folder and everything in it, also what an example made unreadable.
pub(super) fn remove(folder: impl AsRef<std::path::Path>) {
    let folder = folder.as_ref();
    if std::fs::remove_dir_all(folder).is_ok() || !folder.exists() {
        return;
    }
    make_writable(folder);
    let _ = std::fs::remove_dir_all(folder);
}

fn make_writable(folder: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    let _ = std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700));
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_writable(&entry.path());
        }
    }
}

/// To be called first thing in `main`: if this process was started as the zygote, it serves and never returns.
pub fn serve_if_zygote() {
    if std::env::args_os().nth(1).is_none_or(|argument| argument != ARGUMENT) {
        return;
    }
    // A panic must not write into an example's output; what it means shows as a process that ended.
    std::panic::set_hook(Box::new(|_| {}));
    let ended = serve();
    std::process::exit(i32::from(ended.is_err()));
}

fn serve() -> io::Result<()> {
    let socket = take_over_descriptors()?;
    process::become_subreaper();
    set_signals();
    // SAFETY: setsid and setrlimit touch nothing but their arguments.
    unsafe {
        libc::setsid();
        let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        libc::setrlimit(libc::RLIMIT_CORE, &raw const none);
    }
    let mut setup: Setup = protocol::receive(&socket)?;
    // While Python starts.
    let probe = sandbox::Probe::start(&setup.policy);
    let ready = interpreter::start(&setup.python);
    match ready {
        Err(message) => protocol::send(&socket, &Hello::Failed(message)),
        Ok(()) => Python::attach(|py| match interpreter::Tools::load(py) {
            Err(error) => protocol::send(&socket, &Hello::Failed(error.to_string())),
            Ok((tools, info)) => {
                let sandbox = probe.finish();
                protocol::send(&socket, &Hello::Ready(info, sandbox.clone()))?;
                setup.policy.visible.extend(places_of_python(py));
                let served = fork_slots(py, tools, &socket, &setup, &sandbox);
                remove(&setup.scratch);
                // Not through `exit`: Python's own end would take time and do nothing of use.
                // SAFETY: _exit has no preconditions.
                unsafe { libc::_exit(i32::from(served.is_err())) }
            }
        }),
    }
}

/// Takes the socket from standard input, and puts there and in the place of the output streams what Python shall
/// find when it starts: no input, and pipes, which is what the examples will have.
fn take_over_descriptors() -> io::Result<UnixStream> {
    // What the caller of `verify` left open is no example's business.
    sandbox::close_from(3);
    let socket = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
    let null = std::fs::File::open("/dev/null")?;
    output::redirect(&null, 0);
    let (reader, writer) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    output::redirect(&writer, 1);
    output::redirect(&writer, 2);
    // Never read and never closed, so that a stray write neither fails nor kills.
    std::mem::forget(reader);
    Ok(UnixStream::from(socket))
}

/// As a Python process has them. `SIGCHLD` gets a handler that does nothing, so that it interrupts `poll`.
fn set_signals() {
    extern "C" fn nothing(_: libc::c_int) {}
    process::set_signal(libc::SIGPIPE, libc::SIG_IGN);
    process::set_signal(libc::SIGXFSZ, libc::SIG_IGN);
    // Rust's runtime catches these to tell of overflown stacks, and lets the first one that a process sends itself pass.
    process::set_signal(libc::SIGSEGV, libc::SIG_DFL);
    process::set_signal(libc::SIGBUS, libc::SIG_DFL);
    // SAFETY: an all-zero sigaction and sigset are valid; the handler does nothing and so is safe in a signal.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = nothing as extern "C" fn(libc::c_int) as libc::sighandler_t;
        libc::sigaction(libc::SIGCHLD, &raw const action, std::ptr::null_mut());
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}

/// Where Python finds itself, its modules, and the programs that examples start by their names.
fn places_of_python(py: Python<'_>) -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> = Vec::new();
    if let Ok(sys) = py.import("sys") {
        for name in ["prefix", "base_prefix", "exec_prefix", "base_exec_prefix"] {
            places.extend(sys.getattr(name).and_then(|place| place.extract::<PathBuf>()));
        }
        places
            .extend(sys.getattr("path").and_then(|path| path.extract::<Vec<PathBuf>>()).unwrap_or_default());
        if let Ok(program) = sys.getattr("executable").and_then(|program| program.extract::<PathBuf>()) {
            places.extend(program.canonicalize().ok().and_then(|real| real.parent().map(PathBuf::from)));
            places.extend(program.parent().map(PathBuf::from));
        }
    }
    for name in ["VIRTUAL_ENV", "PYENV_ROOT"] {
        places.extend(std::env::var_os(name).map(PathBuf::from));
    }
    places.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    // The programs of pyenv are scripts that need the rest of it.
    let shims = places.iter().filter(|place| place.ends_with(".pyenv/shims"));
    let roots: Vec<PathBuf> = shims.filter_map(|place| place.parent().map(PathBuf::from)).collect();
    places.extend(roots);
    places.retain(|place| place.is_absolute());
    places
}

/// Forks a slot for each socket that comes in, until `verify` is gone; then ends them all.
fn fork_slots(
    py: Python<'_>,
    tools: &'static interpreter::Tools,
    socket: &UnixStream,
    setup: &Setup,
    sandbox: &Obtained,
) -> io::Result<()> {
    let mut slots: Vec<process::Pid> = Vec::new();
    loop {
        let asked = wait_readable(socket, 1000);
        slots.retain(|&pid| matches!(process::try_wait(pid), Ok(None)));
        // A slot that died leaves its example's processes to this one.
        process::sweep(&slots);
        if !asked {
            continue;
        }
        let Some(theirs) = protocol::receive_descriptor(socket)? else { break };
        // SAFETY: a single-threaded process that holds the GIL; the child goes on with this very state.
        let pid = unsafe {
            pyo3::ffi::PyOS_BeforeFork();
            libc::fork()
        };
        if pid == 0 {
            let folder = setup.scratch.join(process::own_id().to_string());
            let walls = std::fs::create_dir(&folder)
                .map_err(|error| format!("the folder for examples: {error}"))
                .and_then(|()| sandbox::enter(&setup.policy, sandbox, &folder));
            // SAFETY: paired with PyOS_BeforeFork. The zygote's socket belongs to nobody else in this process.
            unsafe {
                pyo3::ffi::PyOS_AfterFork_Child();
                drop(OwnedFd::from_raw_fd(socket.as_raw_fd()));
            }
            slot::serve(py, tools, UnixStream::from(theirs), folder, walls, setup.policy.memory);
        }
        // SAFETY: paired with PyOS_BeforeFork.
        unsafe { pyo3::ffi::PyOS_AfterFork_Parent() };
        if pid > 0 {
            slots.push(pid);
        }
    }
    let end = Instant::now() + GRACE;
    while !slots.is_empty() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(1));
        slots.retain(|&pid| matches!(process::try_wait(pid), Ok(None)));
    }
    process::sweep(&[]);
    Ok(())
}

/// Waits until there is something to read (also the end), at most so many milliseconds.
pub(super) fn wait_readable(socket: &UnixStream, milliseconds: i32) -> bool {
    let mut wanted = libc::pollfd { fd: socket.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one pollfd, and the count says so.
    unsafe { libc::poll(&raw mut wanted, 1, milliseconds) > 0 }
}
