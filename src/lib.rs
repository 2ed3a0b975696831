//! `verify`: makes Python documentation tell the truth.

pub mod check;
pub mod claim;
pub mod cli;
pub mod diagnostic;
pub mod diff;
pub mod directive;
pub mod discover;
pub mod example;
pub mod exit;
pub mod extract;
pub mod markdown;
pub mod name;
pub mod observation;
pub mod outcome;
pub mod plan;
pub mod report;
pub mod select;
pub mod settings;
pub mod text;
