//! Ingest against a real Mosquitto and a real PostgreSQL, both the test's own.

mod readings;
mod world;
