//! Key pair.

use crate::course::schema::Field;

/// The declared fields: none; the key is made on the learner's machine.
pub const FIELDS: &[Field] = &[];
