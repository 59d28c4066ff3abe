//! Subnet.

use crate::course::schema::{Field, FieldType};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("vpc", FieldType::Ref("vpc"), ("VPC", "VPC")),
    Field::new("cidr", FieldType::Cidr, ("IPv4 CIDR", "IPv4 CIDR")),
    Field::new("zone", FieldType::Zone, ("가용 영역", "Availability Zone")),
    Field::new("public_ip_on_launch", FieldType::Bool, ("퍼블릭 IPv4 자동 할당", "auto-assign public IPv4"))
        .optional()
        .in_place(),
];
