//! Internet gateway.

use crate::course::schema::{Field, FieldType};

/// The declared fields.
pub const FIELDS: &[Field] = &[Field::new("vpc", FieldType::Ref("vpc"), ("연결된 VPC", "attached VPC")).in_place()];
