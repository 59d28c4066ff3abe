//! The wire formats of AWS, without any service's knowledge: form bodies in, XML and JSON out.

pub mod cbor;
pub mod json;
pub mod members;
pub mod query;
pub mod xml;
pub mod xml_in;
