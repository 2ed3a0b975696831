//! Finds the interpreter to embed and links it so that the finished binary finds it again by itself.

fn main() {
    // An rpath to the very libpython that was found: `cargo run` then needs no LD_LIBRARY_PATH.
    pyo3_build_config::add_libpython_rpath_link_args();
}
