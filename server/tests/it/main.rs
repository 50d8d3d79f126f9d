//! The server from outside: its real binary, a real broker, a database per test.
mod demo;
mod doctor;
mod node_access;
mod node_credentials;
mod serve;
mod simulate;
mod start_errors;
mod support;
mod web;
