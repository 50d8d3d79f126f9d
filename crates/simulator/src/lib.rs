//! crates/simulator
