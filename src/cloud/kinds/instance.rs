//! EC2 instance.

use crate::course::schema::{Field, FieldType};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    // A newer image of the same line is not drift.
    Field::new("image", FieldType::Ref("image"), ("AMI", "AMI")).ignored(),
    Field::new("type", FieldType::Text, ("인스턴스 유형", "instance type")),
    Field::new("subnet", FieldType::Ref("subnet"), ("서브넷", "subnet")),
    Field::new("groups", FieldType::Refs("security-group"), ("보안 그룹", "security groups")).in_place(),
    Field::new("key", FieldType::Ref("key-pair"), ("키 페어", "key pair")).optional(),
    Field::new("disk", FieldType::Int, ("루트 볼륨(GiB)", "root volume (GiB)")).optional().ignored(),
    Field::new("user_data", FieldType::Text, ("사용자 데이터", "user data")).optional().ignored(),
];
