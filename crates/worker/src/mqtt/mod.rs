//! The link to the broker: one task owns socket and parser, on rumqttc's codec. Its own loop, because
//! acknowledging after the commit, a batch in one write, and not reading while the database is busy
//! are the point of it.
mod backoff;
mod flight;
mod inbox;
mod link;
mod node_link;
mod probe;
mod wire;

pub(crate) use inbox::{Ways, ways};
pub(crate) use link::Link;
pub(crate) use node_link::cut;
pub use node_link::{BrokerAccess, HeardMessage, NodeLink};
pub use probe::probe;

use bytes::Bytes;
use domain::{CommandId, DeviceId, Timestamp};
use store::configs::Pushed;
use tokio::time::Instant;

/// A message from the broker.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    pub(crate) topic: Bytes,
    pub(crate) payload: Bytes,
    /// When it was read from the socket.
    pub(crate) received_at: Timestamp,
    /// Kept by the broker from before we listened.
    pub(crate) is_retained: bool,
    /// Sent before, and not acknowledged then.
    pub(crate) is_again: bool,
    /// How to acknowledge it.
    pub(crate) receipt: Receipt,
}

/// A message's number in the connection it came by. In another connection the same number means
/// another message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) generation: u64,
    /// 0 wants no acknowledgement.
    pub(crate) packet: u16,
}

/// A message to a node, QoS 0, never retained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outgoing {
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
}

/// What a message of an outbox is, for that outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errand {
    Command(CommandId),
    Config(Pushed),
}

/// A message of an outbox to a node, QoS 1, never retained. What became of it is told to `Posts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) errand: Errand,
    /// The device that it is for, if it is for one.
    pub(crate) device: Option<DeviceId>,
    /// Whether it is an emergency stop's: it goes ahead of what waits, and of its device nothing that waits goes out.
    pub(crate) is_stop: bool,
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
    /// When it was asked for.
    pub(crate) issued_at: Timestamp,
    /// From here on the broker must not deliver it.
    pub(crate) expires_at: Timestamp,
    /// After this another server may have the duty: then it is not ours to publish.
    pub(crate) publish_by: Instant,
}

/// What follows from messages that are durable.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Whether the pipeline waits for the next batch now.
    pub(crate) ends_batch: bool,
    pub(crate) receipts: Vec<Receipt>,
    pub(crate) messages: Vec<Outgoing>,
}
