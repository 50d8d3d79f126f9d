//! Ingest against a real Mosquitto and a real PostgreSQL, both the test's own.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod clock;
mod commands;
mod commands_faults;
mod commands_kills;
mod commands_stops;
mod configs;
mod devices;
mod doomed;
mod false_broker;
mod faults;
mod hand;
mod presence;
mod readings;
mod refusals;
mod sequence;
mod trouble;
mod world;
