//! `verify`: makes Python documentation tell the truth.

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
