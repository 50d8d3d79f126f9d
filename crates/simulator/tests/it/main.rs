//! The node against a model of the server, and against a real broker.
#![expect(clippy::unwrap_used, reason = "a helper that fails ends its test")]
mod broker;
mod delivery;
