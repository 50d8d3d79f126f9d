//! The node against a model of the server, and against a real broker.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper that fails ends its test"
)]
mod broker;
mod delivery;
