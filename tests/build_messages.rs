//! What the build says about an interpreter that cannot be embedded.

#[path = "../build/python.rs"]
mod python;

use python::{Found, Problem, explain, problem};

fn good() -> Found {
    Found {
        implementation: "CPython".into(),
        version: (3, 11),
        executable: Some("/opt/python/bin/python3".into()),
        shared: true,
        library: "libpython3.11.so".into(),
        looked_in: vec!["/opt/python/lib".into(), "/usr/lib".into()],
        library_found: true,
    }
}

#[test]
fn a_shared_cpython_with_its_library_is_accepted() {
    assert_eq!(problem(&good()), None);
    assert_eq!(problem(&Found { version: python::OLDEST, ..good() }), None);
}

#[test]
fn a_library_that_was_not_looked_for_is_not_missed() {
    assert_eq!(problem(&Found { looked_in: Vec::new(), library_found: false, ..good() }), None);
}

#[test]
fn each_defect_is_told_apart() {
    assert_eq!(problem(&Found { implementation: "PyPy".into(), ..good() }), Some(Problem::NotCPython));
    assert_eq!(problem(&Found { version: (3, 8), ..good() }), Some(Problem::TooOld));
    assert_eq!(problem(&Found { shared: false, ..good() }), Some(Problem::Static));
    assert_eq!(problem(&Found { library_found: false, ..good() }), Some(Problem::NoLibrary));
}

#[test]
fn the_explanation_says_what_was_found_and_what_to_install() {
    for trouble in [Problem::NotCPython, Problem::TooOld, Problem::Static, Problem::NoLibrary] {
        let text = explain(&good(), trouble).join("\n");
        for part in [
            "CPython 3.11 (/opt/python/bin/python3)",
            "apt-get",
            "dnf",
            "brew",
            "pyenv",
            "--enable-shared",
            "PYO3_PYTHON",
            python::SKIP,
        ] {
            assert!(text.contains(part), "{trouble:?} does not mention {part}:\n{text}");
        }
    }
}

#[test]
fn a_missing_library_is_named_with_the_places_where_it_was_looked_for() {
    let text = explain(&Found { library_found: false, ..good() }, Problem::NoLibrary).join("\n");
    assert!(text.contains("has no libpython3.11.so to link with"), "{text}");
    assert!(text.contains("looked in /opt/python/lib, /usr/lib"), "{text}");
    assert!(text.contains("pyenv install --force 3.11"), "the package has to fit the interpreter:\n{text}");
}

#[test]
fn no_line_of_the_explanation_holds_a_line_break() {
    // Each becomes a `cargo::error=` line; cargo would not read the rest of a broken one.
    let lines = explain(&Found { executable: None, ..good() }, Problem::Static);
    assert!(lines.iter().all(|line| !line.contains('\n')), "{lines:?}");
}
