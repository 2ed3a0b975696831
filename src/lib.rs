//! `verify`: makes Python documentation tell the truth.

pub mod anchor;
pub mod claim;
pub mod diagnostic;
pub mod dormant;
pub mod example;
pub mod extract;
pub mod judge;
pub mod observation;
pub mod outcome;
pub mod plan;
pub mod python;
pub mod text;
pub mod value;
