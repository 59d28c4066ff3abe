//! The commands of the command line, one file each.

pub mod completions;
pub mod doctor;
pub mod labs;
pub mod man;
pub mod practice;
