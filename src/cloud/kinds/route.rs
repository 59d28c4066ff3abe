//! A route of a route table.

use crate::course::schema::{Field, FieldType};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("table", FieldType::Ref("route-table"), ("라우팅 테이블", "route table")),
    Field::new("destination", FieldType::Cidr, ("대상", "destination")),
    Field::new("target", FieldType::RefOf(&["internet-gateway", "nat-gateway"]), ("타깃", "target")).in_place(),
];
