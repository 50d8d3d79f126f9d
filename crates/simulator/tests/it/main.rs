//! The node against a model of the server, and against a real broker.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that fails ends its test")]
mod delivery;
