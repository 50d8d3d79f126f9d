//! What tests stand on: real services, private to each test.

mod database;
pub mod installation;
pub mod patient_node;

pub use database::{DatabaseRole, TestDatabase, database, empty_database};
