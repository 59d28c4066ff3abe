//! The association of a subnet with a route table.

use crate::course::schema::{Field, FieldType};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("table", FieldType::Ref("route-table"), ("라우팅 테이블", "route table")).in_place(),
    Field::new("subnet", FieldType::Ref("subnet"), ("서브넷", "subnet")),
];
