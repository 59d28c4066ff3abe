//! VPC. Promises: found by recorded id or tag `Name`; the default VPC is never taken for the course's.

use crate::course::schema::{Field, FieldType};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("cidr", FieldType::Cidr, ("IPv4 CIDR", "IPv4 CIDR")),
    Field::new("dns_support", FieldType::Bool, ("DNS 확인", "DNS resolution")).optional().in_place(),
    Field::new("dns_hostnames", FieldType::Bool, ("DNS 호스트 이름", "DNS hostnames")).optional().in_place(),
];
