//! NAT gateway (public, zonal).

use crate::course::schema::{Field, FieldType};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("subnet", FieldType::Ref("subnet"), ("서브넷", "subnet")),
    Field::new("address", FieldType::Ref("elastic-ip"), ("탄력적 IP", "Elastic IP")),
];
