//! The node against a model of the server, and against a real broker.
mod delivery;
