//! Machine image, looked up by a public SSM parameter.

use crate::course::schema::{Field, FieldType};

/// The declared fields.
pub const FIELDS: &[Field] = &[Field::new("parameter", FieldType::Text, ("SSM 파라미터", "SSM parameter"))];
