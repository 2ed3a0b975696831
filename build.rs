//! Finds the interpreter to embed and links it so that the finished binary finds it again by itself.
//!
//! pyo3's own build script, which runs before this one, has chosen the interpreter. It stops by itself where there is
//! none, or one older than CPython 3.9. What it does not notice is an interpreter that can be *run* but not *embedded*:
//! without a word here, that would end in a linker error after all crates are compiled.
#![allow(clippy::print_stdout, reason = "this is how a build script talks to cargo")]

use std::collections::HashSet;
use std::env;
use std::path::PathBuf;

#[path = "build/python.rs"]
mod python;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build/python.rs");
    println!("cargo:rerun-if-env-changed={}", python::SKIP);
    println!("cargo:rerun-if-env-changed=LIBRARY_PATH");

    let found = look(pyo3_build_config::get());
    if env::var_os(python::SKIP).is_none()
        && let Some(problem) = python::problem(&found)
    {
        for line in python::explain(&found, problem) {
            println!("cargo::error={line}");
        }
        return; // cargo stops by itself after an error that a build script reports
    }

    // An rpath to the very libpython that was found: `cargo run` then needs no LD_LIBRARY_PATH.
    pyo3_build_config::add_libpython_rpath_link_args();
    pyo3_build_config::add_python_framework_link_args();

    // The interpreter that the embedded one pretends to be (`sys.executable`). An absolute path, except when pyo3 was
    // configured without an interpreter; the name is then looked up when it is needed.
    println!("cargo:rustc-env=VERIFY_BUILD_PYTHON={}", found.executable.as_deref().unwrap_or("python3"));
    println!("cargo:rustc-env=VERIFY_BUILD_PYTHON_VERSION={}", pyo3_build_config::get().version());

    // `Py_3_11` and its like, for the few places where the interpreter's C interface differs.
    pyo3_build_config::use_pyo3_cfgs();
}

fn look(config: &pyo3_build_config::InterpreterConfig) -> python::Found {
    let name = config.lib_name().unwrap_or("python3");
    let library = match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("macos") => format!("lib{name}.dylib"),
        _ => format!("lib{name}.so"),
    };
    let folders = folders(config);
    python::Found {
        implementation: config.implementation().to_string(),
        version: (config.version().major, config.version().minor),
        executable: config.executable().map(str::to_owned),
        shared: config.shared(),
        library_found: folders.iter().any(|folder| folder.join(&library).exists()),
        looked_in: folders.iter().map(|folder| folder.display().to_string()).collect(),
        library,
    }
}

/// Where the linker will look for libpython: the folder that the interpreter names, and the system's usual places.
/// Empty where there is nothing to look for: frameworks of macOS, other targets than this machine.
fn folders(config: &pyo3_build_config::InterpreterConfig) -> Vec<PathBuf> {
    let framework =
        config.python_framework_prefix().is_some_and(|prefix| !prefix.is_empty() && prefix != "None");
    if framework || env::var_os("HOST") != env::var_os("TARGET") {
        return Vec::new();
    }
    let arch = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = config.lib_dir().into_iter().map(PathBuf::from).collect();
    folders.extend(env::var_os("LIBRARY_PATH").iter().flat_map(env::split_paths));
    folders.push(format!("/usr/lib/{arch}-linux-gnu").into());
    folders.extend(["/usr/local/lib", "/usr/lib64", "/usr/lib"].map(PathBuf::from));
    let mut seen = HashSet::new();
    folders.retain(|folder| !folder.as_os_str().is_empty() && seen.insert(folder.clone()));
    folders
}
