//! `verify`: makes Python documentation tell the truth.
//!
//! Python examples in Markdown carry comments that say what the code does: `print(total)  # => 42`. This crate finds them,
//! runs each example in an embedded CPython in a process of its own, and says which of these claims are not true.
//!
//! # The way of the data
//!
//! ```text
//! Args, environment          → Settings                              cli, settings
//! Settings                   → documents                             discover
//! text of a document         → sections with their Python blocks     markdown, directive, name
//! blocks                     → Example { claims, sources, anchors }  extract: python, anchor, dormant, claim
//! the selected examples      → jobs                                  select, check, plan
//! Job                        → Observation                           run
//! claims about type checkers → what these answer                    check::types, checker
//! (Example, Observation)     → Outcome { a Judgement for each claim } judge: value, diff
//! outcomes                   → a report, an exit status              report, exit
//! ```
//!
//! It flows one way. `extract` decides what must be watched ([`plan::Anchor`]), `run` watches and knows nothing of claims,
//! `judge` compares and knows nothing of running, `report` shows and knows nothing of either.
//!
//! # Who may do what
//!
//! * The core (`text`, `markdown`, `python`, `anchor`, `dormant`, `claim`, `extract`, `checker`, `value`, `judge`, `diff` and the data between
//!   them) is pure: no files, no environment, no processes, no printing. Extraction never fails: what cannot be read is
//!   prose, a note, or a syntax error with its place.
//! * `settings` alone reads the environment, `check` alone reads documents, `main` alone prints.
//! * One room for each big dependency: `markdown` pulldown-cmark, `python` ruff's parser, `run` pyo3, `diff` similar.
//! * `unsafe` is allowed in `run` only.
//!
//! `tests/tidy.rs` holds the house to these.
//!
//! # How a claim is judged
//!
//! [`claim::read`] turns a claim's text into all its [readings](claim::Reading); [`anchor`] finds the code that it speaks of, often
//! in several ways (the sub-expression that ends on the line, and the whole statement). The worker records each run of that
//! code: value, output, exception, and the expressions that claims name, evaluated there in a throw-away copy of the
//! process. [`judge`] then tries each reading: one that holds is enough; one that was *firm* and failed makes the claim
//! wrong; the rest is prose. What "equal" means to a careful reader is in [`value`], what "nearly the same text" means
//! in `judge::near`, with its measured thresholds.
//!
//! # How an example runs
//!
//! See [`run`]: a zygote with a warm interpreter, slots forked from it, a child for each example, copies of the child for
//! everything that must leave no trace. A slot stands within walls (namespaces: no network, read-only files, no other
//! processes), made once and not for each example; whatever cannot be had is said, never passed over.

pub mod anchor;
pub mod check;
pub mod checker;
pub mod claim;
pub mod cli;
pub mod diagnostic;
pub mod diff;
pub mod directive;
pub mod discover;
pub mod dormant;
pub mod example;
pub mod exit;
pub mod extract;
pub mod judge;
pub mod markdown;
pub mod name;
pub mod observation;
pub mod outcome;
pub mod plan;
pub mod python;
pub mod report;
pub mod run;
pub mod select;
pub mod settings;
pub mod text;
pub mod value;
