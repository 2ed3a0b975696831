//! Finds the interpreter to embed and links it so that the finished binary finds it again by itself.

fn main() {
    // An rpath to the very libpython that was found: `cargo run` then needs no LD_LIBRARY_PATH.
    pyo3_build_config::add_libpython_rpath_link_args();
    // `Py_3_11` and its like, for the few places where the interpreter's C interface differs.
    pyo3_build_config::use_pyo3_cfgs();

    // Which interpreter the examples see as `sys.executable` where nobody asks for another one.
    let config = pyo3_build_config::get();
    let executable = config.executable().unwrap_or_default();
    println!("cargo:rustc-env=VERIFY_BUILD_PYTHON={executable}");
    println!("cargo:rustc-env=VERIFY_BUILD_PYTHON_VERSION={}", config.version());
}
