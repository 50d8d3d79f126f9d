//! MQTT in and out, and the background jobs, by feature.

pub mod supervise;
