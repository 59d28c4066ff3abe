//! The wire formats of AWS, without any service's knowledge: form bodies in, XML and JSON out.

pub mod json;
pub mod query;
pub mod xml;
