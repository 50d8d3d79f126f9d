//! The store against a real PostgreSQL, a database per test.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails ends its test"
)]

mod accounts;
mod announcements;
mod backup;
mod catalog;
mod catalog_rules;
mod claims;
mod commands;
mod commands_frozen;
mod commands_locks;
mod commands_races;
mod commands_told;
mod configs;
mod counts;
mod devices;
mod event_log_immutable;
mod event_pages;
mod event_records;
mod farms;
mod giving;
mod grants;
mod houses;
mod interlocks;
mod invitations;
mod leases;
mod lookups;
mod members;
mod migrations_up_down_up;
mod node_changes;
mod opened;
mod overrides;
mod own_sessions;
mod partition_functions;
mod people;
mod plan;
mod plant;
mod query_patterns;
mod relay;
mod resets;
mod retiring;
mod row_level_security;
mod row_locks;
mod schema_conformance;
mod schema_file;
mod scopes;
mod second_factor;
mod second_wall;
mod seed;
mod sign_in_steps;
mod society;
mod sql;
mod statements;
mod stops;
mod stops_latched;
mod switchings;
mod trials;
mod world;
