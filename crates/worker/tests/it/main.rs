//! Ingest against a real Mosquitto and a real PostgreSQL, both the test's own.

mod clock;
mod devices;
mod faults;
mod presence;
mod readings;
mod refusals;
mod sequence;
mod world;
