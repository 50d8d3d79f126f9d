//! The store against a real PostgreSQL, a database per test.

mod schema_file;
mod sql;
