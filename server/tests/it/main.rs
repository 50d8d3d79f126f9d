//! The server from outside: its real binary, a real broker, a database per test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails ends its test"
)]
mod claimed;
mod client_ids;
mod command_results;
mod demo;
mod doctor;
mod node_access;
mod node_check;
mod node_credentials;
mod serve;
mod simulate;
mod start_errors;
mod support;
mod user_accounts;
mod web;
