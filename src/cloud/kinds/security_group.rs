//! Security group.

use crate::course::schema::{Field, FieldType};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("vpc", FieldType::Ref("vpc"), ("VPC", "VPC")),
    // Immutable on AWS and free text: someone who builds by hand may word it as they like.
    Field::new("description", FieldType::Text, ("설명", "description")).ignored(),
];
