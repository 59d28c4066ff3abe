//! Elastic IP address.

use crate::course::schema::Field;

/// The declared fields: none; the address is AWS's choice.
pub const FIELDS: &[Field] = &[];
