//! An inbound rule of a security group.

use crate::course::schema::{Field, FieldType};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("group", FieldType::Ref("security-group"), ("보안 그룹", "security group")),
    Field::new("protocol", FieldType::Word(&["tcp", "udp", "icmp", "all"]), ("프로토콜", "protocol")),
    Field::new("port", FieldType::Int, ("포트", "port")).optional(),
    Field::new("to_port", FieldType::Int, ("끝 포트", "end port")).optional(),
    Field::new("source", FieldType::Source, ("소스", "source")).in_place(),
];
