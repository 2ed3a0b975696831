//! What examples cannot do to the machine, each tried by a real example in the real program, as whoever runs the
//! tests and, where that is root, as an ordinary user too.
//!
//! Where the machine does not allow one of the walls, the report has to say so: then that is what is tested.

#![cfg(target_os = "linux")]
#![allow(clippy::print_stderr)]

use serde_json::Value;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// The user called `nobody`.
const NOBODY: u32 = 65534;

/// Somebody who runs `verify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Caller,
    Nobody,
}

fn users() -> Vec<Who> {
    match rustix::process::getuid().is_root() {
        true => vec![Who::Caller, Who::Nobody],
        false => vec![Who::Caller],
    }
}

/// A folder with a document, a home, and what an ordinary user may lack: a program and a Python that can be read.
struct Place {
    folder: tempfile::TempDir,
    who: Who,
}

impl Place {
    fn new(who: Who) -> Place {
        let folder = tempfile::tempdir().expect("a folder");
        open_to_all(folder.path());
        for name in ["home", "project"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
            open_to_all(&folder.path().join(name));
        }
        std::fs::write(folder.path().join("home/private.txt"), "secret").expect("a file");
        Place { folder, who }
    }

    fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    fn command(&self, typed: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_verify");
        let mut command = match self.who {
            Who::Caller => Command::new(program),
            Who::Nobody => {
                let python = shared().join("python");
                let mut command = Command::new("unshare");
                // The interpreter may lie where only root may go.
                let script = "mount --bind \"$1\" \"$2\"; shift 2; exec setpriv --reuid=65534 --regid=65534 --clear-groups \"$@\"";
                command.args(["--mount", "sh", "-c", script, "sh"]);
                command.args([prefix().as_os_str(), python.as_os_str(), shared().join("verify").as_os_str()]);
                command.arg("--python").arg(python.join("bin/python3"));
                command.env("LD_LIBRARY_PATH", python.join("lib"));
                command
            }
        };
        command.args(typed).current_dir(self.project()).stdin(Stdio::null());
        command.env("HOME", self.folder.path().join("home")).env_remove("VERIFY_ISOLATION");
        command
    }

    fn run(&self, code: &str, typed: &[&str]) -> Seen {
        self.run_with(code, typed, &mut |_| ())
    }

    fn run_with(&self, code: &str, typed: &[&str], change: &mut dyn FnMut(&mut Command)) -> Seen {
        std::fs::write(self.project().join("a.md"), format!("# One\n\n```python\n{code}\n```\n"))
            .expect("a document");
        let mut command = self.command(&[typed, &["a.md", "--format", "json"]].concat());
        change(&mut command);
        let output = command.output().expect("verify starts");
        Seen::new(&output)
    }
}

fn open_to_all(path: &Path) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).expect("our own");
}

/// The program where everybody can read it, and a place for Python. Made once.
fn shared() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        open_to_all(folder.path());
        std::fs::create_dir(folder.path().join("python")).expect("a folder");
        std::fs::copy(env!("CARGO_BIN_EXE_verify"), folder.path().join("verify")).expect("a copy");
        folder
    });
    folder.path()
}

/// Where the interpreter is installed.
fn prefix() -> &'static Path {
    static PREFIX: OnceLock<PathBuf> = OnceLock::new();
    PREFIX.get_or_init(|| {
        let seen =
            Place::new(Who::Caller).run("import sys\nprint(sys.base_prefix)", &["--isolation", "process"]);
        PathBuf::from(seen.stdout().trim())
    })
}

/// A report on one example.
struct Seen {
    report: Value,
    stderr: String,
}

impl Seen {
    fn new(output: &Output) -> Seen {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let report =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"));
        let seen = Seen { report, stderr };
        // Whatever is missing is said, in one line.
        let notes = seen.stderr.lines().filter(|line| line.starts_with("verify: sandbox: ")).count();
        let partial = seen.report["isolation"]["kind"] == "partial";
        assert_eq!(notes, usize::from(partial), "{}", seen.stderr);
        assert_eq!(partial, !seen.missing().is_empty());
        seen
    }

    fn missing(&self) -> Vec<&str> {
        self.report["isolation"]["missing"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(Value::as_str)
            .collect()
    }

    /// Whether there is such a wall; its absence was said (see `new`).
    fn has(&self, wall: &str) -> bool {
        !self.missing().contains(&wall)
    }

    fn example(&self) -> &Value {
        &self.report["documents"][0]["examples"][0]
    }

    fn stdout(&self) -> &str {
        self.example()["stdout"].as_str().expect("a text")
    }

    fn ending(&self) -> &str {
        self.example()["ending"]["kind"].as_str().expect("a kind")
    }

    /// The standard output of an example that came to its end.
    #[track_caller]
    fn finished(&self) -> &str {
        assert_eq!(self.ending(), "finished", "{:#}\n{}", self.example(), self.stderr);
        self.stdout()
    }
}

/// Runs the code as each user, in the sandbox.
fn each(code: &str, typed: &[&str], check: impl Fn(&Seen, Who)) {
    for who in users() {
        check(&Place::new(who).run(code, typed), who);
    }
}

#[test]
fn the_user_and_the_rights_are_what_a_program_expects() {
    let code = "\
import os
print(os.getuid(), os.getgid())
status = open('/proc/self/status').read()
print([line.split()[1] for line in status.splitlines() if line.startswith(('CapEff', 'CapPrm', 'NoNewPrivs'))])
";
    each(code, &[], |seen, who| {
        let (user, group) = match who {
            Who::Nobody => (NOBODY, NOBODY),
            Who::Caller => (rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw()),
        };
        let none = "0".repeat(16);
        assert_eq!(seen.finished(), format!("{user} {group}\n['{none}', '{none}', '1']\n"));
    });
}

#[test]
fn the_outside_world_is_out_of_reach_at_once_and_localhost_is_not() {
    let code = "\
import asyncio, http.server, socket, threading, time, urllib.request
began = time.monotonic()
for family, address in [(socket.AF_INET, '192.0.2.1'), (socket.AF_INET6, '2001:db8::1')]:
    try:
        socket.socket(family).connect((address, 80))
    except OSError as error:
        print(type(error).__name__, error.strerror)
print(time.monotonic() - began < 0.5)
server = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=server.handle_request).start()
print(urllib.request.urlopen(f'http://localhost:{server.server_port}/', timeout=5).status)
async def main():
    server = await asyncio.start_server(lambda r, w: w.close(), 'localhost', 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
    print(await reader.read())
    server.close()
asyncio.run(main())
";
    each(code, &[], |seen, _| {
        let lines = seen.finished();
        if seen.has("network") {
            let unreachable = "OSError Network is unreachable\n".repeat(2);
            assert!(lines.starts_with(&format!("{unreachable}True\n")), "{lines}");
        }
        assert!(lines.ends_with("200\nb''\n"), "{lines}");
    });
}

#[test]
fn the_network_is_there_where_it_is_allowed() {
    let code = "import os\nprint(os.stat('/proc/self/ns/net').st_ino)\n";
    let outside = std::fs::read_link("/proc/self/ns/net").expect("a namespace");
    let outside: String = outside.to_string_lossy().chars().filter(char::is_ascii_digit).collect();
    each(code, &["--allow-network"], |seen, _| assert_eq!(seen.finished().trim(), outside));
    each(code, &[], |seen, _| assert_eq!(seen.finished().trim() != outside, seen.has("network")));
}

#[test]
fn nothing_outside_can_be_written_changed_or_removed() {
    let place = tempfile::tempdir().expect("a folder");
    open_to_all(place.path());
    // Not in a folder for temporary files, which is empty in the sandbox.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kept.txt");
    std::fs::write(&target, "kept").expect("a file");
    let code = format!(
        "\
import os, pathlib
target = {target:?}
for what in [lambda: open(target, 'w'), lambda: os.chmod(target, 0), lambda: os.utime(target), lambda: os.remove(target),
             lambda: os.rename(target, target + '2'), lambda: open('/etc/new', 'w'), lambda: os.mkdir('/usr/new'),
             lambda: pathlib.Path.home().joinpath('x').write_text(''), lambda: open('/proc/sys/kernel/core_pattern', 'w')]:
    try:
        what()
        print('done')
    except OSError as error:
        print(error.strerror)
"
    );
    each(&code, &[], |seen, who| {
        if !seen.has("files") {
            return;
        }
        let answers = seen.finished();
        let read_only = answers.lines().filter(|line| *line == "Read-only file system").count();
        assert!(!answers.contains("done"), "{answers}");
        // An ordinary user may not even see our own folder; nobody does where it lies among the temporary files.
        let out_of_sight = who == Who::Nobody || target.starts_with("/tmp") || target.starts_with("/var/tmp");
        assert!(read_only == 9 || out_of_sight && read_only >= 2, "{answers}");
        assert_eq!(std::fs::read_to_string(&target).expect("still there"), "kept");
    });
}

#[test]
fn namespaces_within_the_sandbox_do_not_open_it() {
    let code = "\
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
print(libc.unshare(0x10000000 | 0x20000))
for flags in [32 | 4096, 32]:
    print(libc.mount(None, b'/', None, flags, None), end=' ')
print(libc.umount2(b'/tmp', 2), libc.umount2(b'/root', 2), libc.umount2(b'/dev', 2))
try:
    open('/etc/new', 'w')
except OSError as error:
    print(error.strerror)
";
    each(code, &[], |seen, _| {
        if seen.has("files") {
            // Whether one may be made or not.
            let (made, rest) = seen.finished().split_once('\n').expect("lines");
            assert!(["0", "-1"].contains(&made));
            assert!(rest.starts_with("-1 -1 -1 -1 -1\n"), "{rest}");
            assert!(
                rest.ends_with("Read-only file system\n") || rest.ends_with("Permission denied\n"),
                "{rest}"
            );
        }
    });
}

#[test]
fn what_is_allowed_can_be_written() {
    for who in users() {
        let place = Place::new(who);
        let allowed = place.folder.path().join("allowed");
        std::fs::create_dir(&allowed).expect("a folder");
        open_to_all(&allowed);
        let code = format!("open({:?}, 'w').write('new')\n", allowed.join("x"));
        place.run(&code, &["--allow-write", allowed.to_str().expect("UTF-8")]).finished();
        assert_eq!(std::fs::read_to_string(allowed.join("x")).expect("written"), "new");
        std::fs::remove_file(allowed.join("x")).expect("written");
        let seen = place.run(&code, &[]);
        assert_eq!(allowed.join("x").exists(), !seen.has("files"));
        let mut command = place.command(&["a.md", "--allow-write", "/no/such/place"]);
        let output = command.output().expect("verify starts");
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains("--allow-write: /no/such/place"));
    }
}

#[test]
fn temporary_files_work_and_are_nobody_elses() {
    let code = "\
import os, shutil, socket, sqlite3, tempfile
print(sorted(os.listdir('/tmp')), sorted(os.listdir('/var/tmp')))
for folder in ['/tmp', '/dev/shm', '.', tempfile.gettempdir()]:
    with open(os.path.join(folder, 'x'), 'w') as f:
        f.write('x')
with tempfile.TemporaryDirectory() as folder, sqlite3.connect(os.path.join(folder, 'a.db')) as base:
    base.execute('create table t (x)')
server = socket.socket(socket.AF_UNIX)
server.bind(os.path.join(tempfile.gettempdir(), 'socket'))
print(len(os.path.join(tempfile.gettempdir(), 'socket')) < 60)
";
    each(code, &[], |seen, who| {
        let mut output = seen.finished().to_owned();
        if seen.has("files") {
            // Nothing but the project and what an interpreter that lies there needs.
            let first = output.lines().next().unwrap_or_default();
            assert!(first.matches("', '").count() <= usize::from(who == Who::Nobody) + 1, "{output}");
            assert!(!Path::new("/tmp/x").exists() && !Path::new("/dev/shm/x").exists());
        }
        output.drain(..output.find('\n').map_or(0, |at| at + 1));
        assert_eq!(output, "True\n");
    });
}

#[test]
fn an_example_finds_nothing_of_the_one_before() {
    let code = "\
import os
for folder in ['/tmp', '/var/tmp', '/dev/shm']:
    print(os.path.exists(folder + '/verify-left'), os.path.lexists(folder + '/verify-link'))
    os.makedirs(folder + '/verify-left/deep')
    os.chmod(folder + '/verify-left', 0)
    os.symlink('/', folder + '/verify-link')
";
    for who in users() {
        let document = format!("{code}\n```\n\n# Two\n\n```python\n{code}");
        let probe = Place::new(who).run("print(1)", &[]);
        if !probe.has("files") {
            return;
        }
        let seen = Place::new(who).run(&document, &["-j", "1"]);
        let examples = seen.report["documents"][0]["examples"].as_array().expect("examples");
        assert_eq!(examples.len(), 2);
        for example in examples {
            assert_eq!(example["stdout"], "False False\n".repeat(3), "{example:#}");
        }
    }
}

#[test]
fn the_home_is_out_of_sight_and_the_project_is_not() {
    let code = "\
import os, pathlib, sys
project = [path for path in sys.argv if path]
print(os.path.exists(pathlib.Path.home() / 'private.txt'))
print(os.path.isfile(os.environ['PROJECT'] + '/a.md'))
import email.mime.text, sqlite3, xml.dom.minidom
";
    for who in users() {
        let place = Place::new(who);
        let project = place.project();
        let seen = place.run_with(code, &[], &mut |command| {
            command.env("PROJECT", &project);
        });
        assert_eq!(seen.finished(), if seen.has("files") { "False\nTrue\n" } else { "True\nTrue\n" });
    }
}

#[test]
fn processes_and_terminals_work() {
    let code = "\
import asyncio, multiprocessing, os, pty, subprocess, sys
from concurrent.futures import ProcessPoolExecutor
def square(x):
    return x * x
def put(queue):
    queue.put('got')
if __name__ == '__main__':
    for method in ['fork', 'spawn', 'forkserver']:
        context = multiprocessing.get_context(method)
        queue = context.Queue()
        process = context.Process(target=put, args=(queue,))
        process.start()
        print(method, queue.get(timeout=20), process.join())
    with ProcessPoolExecutor(2) as pool:
        print(list(pool.map(square, range(3))))
    async def main():
        process = await asyncio.create_subprocess_exec(sys.executable, '-c', 'print(6 * 7)', stdout=-1)
        print((await process.communicate())[0])
    asyncio.run(main())
    first, second = os.openpty()
    os.write(second, b'tty')
    print(os.read(first, 3), os.isatty(second), os.ttyname(second))
    print(subprocess.run(['sh', '-c', 'echo $((1 + 1)) > /dev/null; echo ok'], capture_output=True).stdout)
    open('/dev/stdout', 'a').write('out\\n')
    print(len(open('/dev/urandom', 'rb').read(3)))
";
    each(code, &[], |seen, _| {
        let lines: Vec<&str> = seen.finished().lines().collect();
        assert_eq!(lines[..3], ["fork got None", "spawn got None", "forkserver got None"]);
        assert_eq!(lines[3..5], ["[0, 1, 4]", "b'42\\n'"]);
        assert!(lines[5].starts_with("b'tty' True /dev/pts/"), "{lines:?}");
        assert_eq!(lines[6..], ["b'ok\\n'", "out", "3"]);
    });
}

#[test]
fn other_processes_are_out_of_sight_and_none_is_left_behind() {
    let code = "\
import os, subprocess
print(sorted(int(name) for name in os.listdir('/proc') if name.isdigit()))
subprocess.Popen(['setsid', 'sh', '-c', '(setsid sleep 747.5 &) ; sleep 747.5'])
try:
    open('/proc/1/mem', 'rb')
except OSError as error:
    print(type(error).__name__)
";
    each(code, &[], |seen, _| {
        if seen.has("processes") {
            assert_eq!(seen.finished(), "[1, 2]\nPermissionError\n");
        }
        let mut command = String::new();
        for entry in std::fs::read_dir("/proc").expect("processes").flatten() {
            if let Ok(mut file) = std::fs::File::open(entry.path().join("cmdline")) {
                let _ = file.read_to_string(&mut command);
            }
        }
        assert!(!command.contains("747.5"));
    });
}

#[test]
fn nothing_is_left_of_the_mounts() {
    let mounts = || std::fs::read_to_string("/proc/self/mountinfo").expect("mounts");
    let before = mounts();
    each("print(1)\n", &[], |seen, _| assert_eq!(seen.finished(), "1\n"));
    assert_eq!(mounts(), before);
}

#[test]
fn credentials_in_the_environment_are_kept_from_examples() {
    let code =
        "import os\nprint(sorted(name for name in os.environ if name.startswith(('T_', 'AWS_', 'SSH_'))))\n";
    for who in users() {
        for isolation in ["sandbox", "process"] {
            let place = Place::new(who);
            let seen = place.run_with(code, &["--isolation", isolation], &mut |command| {
                for name in
                    ["T_TOKEN", "T_PASSWORD", "T_API_KEY", "AWS_PROFILE", "SSH_AUTH_SOCK", "T_HARMLESS"]
                {
                    command.env(name, "x");
                }
                command.env("T_URL", "https://me:secret@host/");
            });
            assert_eq!(seen.finished(), "['T_HARMLESS']\n");
        }
    }
}

#[test]
fn descriptors_that_the_caller_left_open_are_closed() {
    let code = "import os\nprint(os.path.exists('/proc/self/fd/9'))\n";
    let place = Place::new(Who::Caller);
    place.run(code, &[]).finished();
    let shell = format!("exec 9</dev/null; {} a.md --format json", env!("CARGO_BIN_EXE_verify"));
    let output =
        Command::new("bash").args(["-c", &shell]).current_dir(place.project()).output().expect("bash");
    assert_eq!(Seen::new(&output).finished(), "False\n");
}

#[test]
fn an_example_has_as_much_memory_as_it_may_have() {
    for isolation in ["sandbox", "process"] {
        let typed = ["--isolation", isolation, "--memory", "256M"];
        each("x = bytearray(100 << 20)\nprint(len(x) >> 20)\n", &typed, |seen, _| {
            assert_eq!(seen.finished(), "100\n");
        });
        each("x = bytearray(400 << 20)\n", &typed, |seen, _| {
            assert_eq!(seen.ending(), "memory", "{:#}", seen.example());
            assert_eq!(seen.example()["ending"]["limit"], 256 << 20);
        });
    }
    // One that was seen to, and one that says something of its own, are no matter of the limit.
    let code = "try:\n    bytearray(400 << 20)\nexcept MemoryError:\n    print('caught')\nraise MemoryError('mine')\n";
    each(code, &["--memory", "256M"], |seen, _| {
        assert_eq!((seen.stdout(), seen.ending()), ("caught\n", "exception"));
    });
}

#[test]
fn files_do_not_grow_without_end_and_no_core_is_left() {
    let code = "\
import os, resource
print(resource.getrlimit(resource.RLIMIT_CORE))
with open('big', 'wb') as f:
    try:
        os.posix_fallocate(f.fileno(), 0, (1 << 30) + 1)
    except OSError as error:
        print(error.strerror)
";
    for isolation in ["sandbox", "process"] {
        each(code, &["--isolation", isolation], |seen, _| {
            assert_eq!(seen.finished(), "(0, 0)\nFile too large\n");
        });
    }
}

#[test]
fn without_the_sandbox_nothing_is_promised_and_nothing_said() {
    each("import os\nprint(os.getpid() > 2)\n", &["--isolation", "process"], |seen, _| {
        assert_eq!((seen.finished(), seen.stderr.as_str()), ("True\n", ""));
        assert_eq!(seen.report["isolation"], serde_json::json!({"kind": "process", "missing": []}));
    });
}

/// Where the machine allows no namespaces, examples run all the same, and it is said what they can do then.
#[test]
fn what_the_machine_does_not_allow_is_said() {
    let place = Place::new(Who::Caller);
    let program = env!("CARGO_BIN_EXE_verify");
    std::fs::write(place.project().join("a.md"), "# One\n\n```python\nprint(1)\n```\n").expect("a document");
    // In a user namespace in which no more may be made, and without rights in it.
    let script = format!(
        "echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set=-all --inh-caps=-all {program} a.md --format json"
    );
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "sh", "-c", &script])
        .current_dir(place.project())
        .stdin(Stdio::null())
        .output()
        .expect("unshare");
    if output.stdout.is_empty() {
        // No namespace could be made for this: then those that verify needs are missing here too.
        let seen = place.run("print(1)", &[]);
        assert_eq!((seen.finished(), seen.report["isolation"]["kind"].as_str()), ("1\n", Some("partial")));
        return;
    }
    let seen = Seen::new(&output);
    assert_eq!(seen.finished(), "1\n");
    assert_eq!(seen.missing(), ["network", "ipc", "files", "processes"]);
    let note = "verify: sandbox: no user namespaces here (ENOSPC): examples can reach the network, share System V \
                memory, can read and write your files, can see your processes; --isolation process hides this note\n";
    assert_eq!(seen.stderr, note);
}
