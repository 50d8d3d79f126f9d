//! The store against a real PostgreSQL, a database per test.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails ends its test"
)]

mod announcements;
mod backup;
mod catalog;
mod catalog_rules;
mod event_log_immutable;
mod event_records;
mod grants;
mod lookups;
mod migrations_up_down_up;
mod partition_functions;
mod plan;
mod query_patterns;
mod relay;
mod row_level_security;
mod schema_conformance;
mod schema_file;
mod scopes;
mod seed;
mod sql;
mod world;
