//! What the checker says to the node, as the server would.
use super::stage::Stage;
use anyhow::Result;
use domain::{
    Timestamp,
    protocol::{Ack, Command, Config, TimeNow},
};
use std::{collections::BTreeMap, time::Duration};
use uuid::Uuid;

/// The life of a command, as the server gives it to fans.
const LIFE: Duration = Duration::from_mins(1);

/// A command to the node.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) id: Uuid,
    pub(super) device: String,
    pub(super) action: &'static str,
    pub(super) value: Option<f64>,
    pub(super) duration: Option<Duration>,
    /// Whether its time is over before it is sent.
    pub(super) is_expired: bool,
}

impl Order {
    pub(super) fn new(device: &str, action: &'static str) -> Self {
        Self {
            id: Uuid::new_v4(),
            device: device.to_owned(),
            action,
            value: None,
            duration: None,
            is_expired: false,
        }
    }
}

impl Stage {
    /// Tells the node the time.
    pub(super) async fn say_time(&self, now: Timestamp) -> Result<()> {
        let payload = serde_json::to_string(&TimeNow { now: now.as_millis() })?;
        self.link.say("time", payload, None).await
    }

    /// Acknowledges everything of a boot up to `seq`.
    pub(super) async fn say_ack(&self, boot: &str, seq: i64) -> Result<()> {
        self.link.say("ack", serde_json::to_string(&Ack { boot, seq })?, None).await
    }

    /// Sends a configuration that names nothing.
    pub(super) async fn say_config(&self, version: i64) -> Result<()> {
        let config = Config { version, devices: BTreeMap::new() };
        self.link.say("config", serde_json::to_string(&config)?, None).await
    }

    /// Sends a command.
    pub(super) async fn order(&self, order: &Order) -> Result<()> {
        let now = self.now();
        let issued_at = if order.is_expired { now.minus(LIFE * 2) } else { now };
        let command = Command {
            command_id: order.id,
            device: &order.device,
            action: order.action,
            value: order.value,
            duration_ms: order.duration.and_then(|span| u64::try_from(span.as_millis()).ok()),
            expires_at: issued_at.plus(LIFE).as_millis(),
            issued_at: issued_at.as_millis(),
        };
        // a broker would not deliver what has expired, and the node is to be asked
        self.link.say("command", serde_json::to_string(&command)?, Some(LIFE)).await
    }
}
