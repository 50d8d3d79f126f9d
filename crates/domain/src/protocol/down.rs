//! What is sent to nodes: `tokkatot/{node}/down/…`, never retained.
use serde::Serialize;

/// Payload of `down/ack`: everything of this boot up to `seq` is durable, the node may forget it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Ack<'a> {
    /// The boot.
    pub boot: &'a str,
    /// The highest number all up to which are durable or given up.
    pub seq: i64,
}

impl Ack<'_> {
    /// Where it is published.
    pub fn topic(node: &str) -> String {
        format!("tokkatot/{node}/down/ack")
    }
}

/// Payload of `down/time`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TimeNow {
    /// The time, Unix milliseconds.
    pub now: i64,
}

impl TimeNow {
    /// Where it is published.
    pub fn topic(node: &str) -> String {
        format!("tokkatot/{node}/down/time")
    }
}
