//! What tests stand on: real services, private to each test.

pub mod installation;
pub mod patient_node;
