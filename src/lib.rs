//! `verify`: makes Python documentation tell the truth.

pub mod claim;
pub mod diagnostic;
pub mod directive;
pub mod example;
pub mod markdown;
pub mod name;
pub mod observation;
pub mod outcome;
pub mod plan;
pub mod text;
