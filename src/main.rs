//! awslab
fn main() {}
