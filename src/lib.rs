//! `verify`: makes Python documentation tell the truth.

pub mod claim;
pub mod diagnostic;
pub mod example;
pub mod observation;
pub mod outcome;
pub mod plan;
pub mod run;
pub mod text;
