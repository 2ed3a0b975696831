//! No document whatever crashes or hangs extraction, and every place that it finds lies in the document.
#![no_main]

use libfuzzer_sys::fuzz_target;
use verify_examples::example::Document;
use verify_examples::{extract, markdown};

fuzz_target!(|text: String| {
    let document = Document { path: "a.md".into(), text };
    let (sections, _) = markdown::sections(&document.text);
    for example in extract::examples(&document, sections) {
        for claim in &example.claims {
            assert_eq!(document.text.get(claim.range.clone()), Some(claim.text.as_str()));
            assert!(claim.anchors.iter().all(|&at| at < example.anchors.len()));
        }
        assert!(example.anchors.iter().all(|anchor| anchor.source < example.sources.len()));
    }
});
