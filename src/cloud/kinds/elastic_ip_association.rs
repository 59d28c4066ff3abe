//! The association of an Elastic IP address with an instance.

use crate::course::schema::{Field, FieldType};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("address", FieldType::Ref("elastic-ip"), ("탄력적 IP", "Elastic IP")),
    Field::new("instance", FieldType::Ref("instance"), ("인스턴스", "instance")).in_place().when_ready(),
];
