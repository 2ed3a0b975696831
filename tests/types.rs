//! Claims about type checkers, with a stand-in for mypy in a virtual environment of its own.

#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Reports an error in each line of a file that says `BAD`, as mypy does. Other words make it behave badly.
const MYPY: &str = r##"
import os, sys, time
files = [name for name in sys.argv[1:] if name.endswith(".py")]
with open(os.environ["MYPY_LOG"], "a") as log:
    print(os.getcwd(), *sys.argv[1:], file=log)
texts = {name: open(name).read() for name in files}
for name, text in texts.items():
    if "UNREADABLE" in text:
        line = text[:text.index("UNREADABLE")].count("\n") + 1
        print(f"{name}:{line}:1: error: Invalid syntax  [syntax]")
        sys.exit(2)
    if "CRASHES" in text:
        sys.exit("Traceback: ...\nKeyError: 'x'")
    if "BREAKS" in text:
        print("noise")
        sys.exit("Traceback (most recent call last):\nImportError: 'y'")
    if "SLEEPS" in text:
        time.sleep(100)
for name, text in texts.items():
    for number, line in enumerate(text.splitlines(), 1):
        if "BAD" in line and not line.lstrip().startswith("#"):
            print(f'{name}:{number}:3: error: Incompatible types (got "BAD", expected "GOOD")  [assignment]')
            print(f"{name}:{number}:3: note: See the manual")
sys.exit(1)
"##;

struct World {
    folder: tempfile::TempDir,
}

impl World {
    /// A folder with a virtual environment: links to the Python of this build, and the stand-in where `mypy` says so.
    fn new(mypy: bool) -> World {
        let world = World { folder: tempfile::tempdir().expect("a folder") };
        let made = Command::new(python())
            .args(["-m", "venv", "--without-pip"])
            .arg(world.path("venv"))
            .status()
            .expect("Python starts");
        assert!(made.success());
        if mypy {
            let packages = std::fs::read_dir(world.path("venv/lib")).expect("a folder");
            let packages = packages.map(|entry| entry.expect("an entry").path().join("site-packages"));
            let package = packages.last().expect("a folder for packages").join("mypy");
            std::fs::create_dir(&package).expect("a package");
            std::fs::write(package.join("__init__.py"), "").expect("a file");
            std::fs::write(package.join("__main__.py"), MYPY).expect("a file");
        }
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Checks a document; gives each claim's verdict and message.
    fn verdicts(&self, document: &str) -> Vec<(String, String)> {
        std::fs::create_dir_all(self.path("docs")).expect("a folder");
        std::fs::write(self.path("docs/a.md"), document).expect("a document");
        let output = self.command().output().expect("verify starts");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let examples = report["documents"][0]["examples"].as_array().expect("examples").iter();
        examples
            .flat_map(|example| example["claims"].as_array().expect("claims"))
            .map(|claim| {
                let text = |key: &str| claim[key].as_str().unwrap_or_default().to_owned();
                (text("verdict"), text("message"))
            })
            .collect()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_verify"));
        command.args(["--format", "json", "a.md"]).current_dir(self.path("docs"));
        command
            .env("VIRTUAL_ENV", self.path("venv"))
            .env("PATH", "/nowhere")
            .env("MYPY_LOG", self.path("log"));
        for name in ["VERIFY_PYTHON", "VERIFY_TIMEOUT", "PYTHONPATH"] {
            command.env_remove(name);
        }
        command
    }

    /// A line for each time that the stand-in ran: where, and with which arguments.
    fn log(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }
}

/// The interpreter that this program was built against, or else the one on the path.
fn python() -> &'static Path {
    let built = option_env!("VERIFY_BUILD_PYTHON").unwrap_or_default();
    Path::new(if Path::new(built).exists() { built } else { "python3" })
}

fn words(verdicts: &[(String, String)]) -> Vec<&str> {
    verdicts.iter().map(|(verdict, _)| verdict.as_str()).collect()
}

const DOCUMENT: &str = "\
# A

```python
BAD = GOOD = 1
x = GOOD
# x = BAD      # => mypy error (not good)
# x = BAD      # => mypy error: incompatible types
# x = BAD      # => mypy error: Argument 1 has incompatible type
# x = GOOD     # => mypy error
```

# B

```python
y = [
    'BAD',
]  # => mypy error [assignment]
y  # => mypy reports no error
print(y)  # => mypy error
```

# C

```python
print(1)  # => 1
```
";

#[test]
fn claims_about_a_type_checker_are_judged_by_running_it_once() {
    let world = World::new(true);
    let verdicts = world.verdicts(DOCUMENT);
    let expected =
        ["verified", "verified", "mismatch", "mismatch", "verified", "verified", "mismatch", "verified"];
    assert_eq!(words(&verdicts), expected);
    assert_eq!(verdicts[2].1, "mypy reports another error here");
    assert_eq!(verdicts[3].1, "mypy reports no error here");
    let log = world.log();
    assert_eq!(log.len(), 1, "{log:?}");
    assert!(
        !log[0].starts_with(&*world.path("docs").to_string_lossy()),
        "it ran beside the document: {log:?}"
    );
    let beside: Vec<_> = std::fs::read_dir(world.path("docs")).expect("a folder").collect();
    assert_eq!(beside.len(), 1, "{beside:?}");
}

#[test]
fn without_the_checker_its_claims_are_skipped_with_the_reason_and_others_are_judged() {
    let world = World::new(false);
    let verdicts = world.verdicts(DOCUMENT);
    let expected = ["skipped"; 7].into_iter().chain(["verified"]).collect::<Vec<_>>();
    assert_eq!(words(&verdicts), expected);
    assert!(verdicts[0].1.starts_with("mypy is not installed for /"), "{}", verdicts[0].1);
    let any = world.verdicts("```py\nx = 1  # => type checker error\ny = 1  # => pyre error\n```\n");
    assert!(any[0].1.starts_with("no type checker (mypy, pyright, ty) is installed for /"), "{}", any[0].1);
    assert_eq!(any[1], ("skipped".to_owned(), "verify cannot ask pyre".to_owned()));
}

#[test]
fn a_claim_that_names_no_checker_is_judged_by_one_that_is_there() {
    let world = World::new(true);
    let document = "```py\nBAD = 1  # => type checker complains\nx = 1  # => type checker complains\n```\n";
    let verdicts = world.verdicts(document);
    assert_eq!(words(&verdicts), ["verified", "mismatch"]);
    assert_eq!(verdicts[1].1, "mypy reports no error here");
}

#[test]
fn documents_without_such_claims_start_no_checker() {
    let world = World::new(true);
    assert_eq!(words(&world.verdicts("```py\nx = 1  # => x is 1\n```\n")), ["verified"]);
    assert!(world.log().is_empty());
}

#[test]
fn an_example_at_which_the_checker_stops_keeps_no_other_from_being_judged() {
    let world = World::new(true);
    let document = "# A\n```py\n'UNREADABLE'\nx = 1  # => mypy error\n```\n# B\n```py\nBAD = 1  # => mypy error\n```\n\
                    # C\n```py\n'UNREADABLE'  # => mypy error\n```\n";
    let verdicts = world.verdicts(document);
    assert_eq!(words(&verdicts), ["skipped", "verified", "verified"]);
    assert_eq!(verdicts[0].1, "mypy stopped at line 3: Invalid syntax");
}

#[test]
fn a_checker_that_fails_is_the_reason_for_skipping() {
    let world = World::new(true);
    let verdicts = world.verdicts("```py\nx = 'CRASHES'  # => mypy error\n```\n");
    assert_eq!(verdicts, [("skipped".to_owned(), "mypy failed: KeyError: 'x'".to_owned())]);
    let verdicts = world.verdicts("```py\nBAD = 'BREAKS'  # => mypy reports no error\n```\n");
    assert_eq!(verdicts, [("skipped".to_owned(), "mypy failed: ImportError: 'y'".to_owned())]);
}

#[test]
fn an_interrupted_run_ends_the_checker() {
    let world = World::new(true);
    std::fs::create_dir_all(world.path("docs")).expect("a folder");
    let document = "```py\nx = 'SLEEPS'  # => mypy error\n```\n";
    std::fs::write(world.path("docs/a.md"), document).expect("a document");
    let began = std::time::Instant::now();
    let mut child = world.command().stdout(std::process::Stdio::null()).spawn().expect("verify starts");
    while world.log().is_empty() && began.elapsed().as_secs() < 50 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it runs");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    assert!(began.elapsed().as_secs() < 60, "it waited for the checker");
}
