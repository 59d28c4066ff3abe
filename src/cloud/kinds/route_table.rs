//! Route table.

use crate::course::schema::{Field, FieldType};

/// The declared fields.
pub const FIELDS: &[Field] = &[Field::new("vpc", FieldType::Ref("vpc"), ("VPC", "VPC"))];
