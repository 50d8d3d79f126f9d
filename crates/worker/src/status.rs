//! How ingest is, for readiness.
use std::sync::{Arc, Mutex, PoisonError};

/// Told by ingest, asked by readiness. Cheap to clone; clones share one report.
#[derive(Debug, Clone, Default)]
pub struct Status(Arc<Mutex<StatusReport>>);

/// How ingest is at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatusReport {
    /// Whether this server holds the duty. One that does not is a standby.
    pub holds_duty: bool,
    /// Its link to the broker.
    pub broker: BrokerState,
    /// The node of which it was last told that something changed that it keeps in memory. What comes
    /// from the broker after that finds the change.
    pub last_change: Option<String>,
}

/// The link to the broker.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum BrokerState {
    /// There is none, and none is wanted: a standby, or before the start.
    #[default]
    Unused,
    /// It is being made.
    Connecting,
    /// Connected and subscribed: messages come.
    Ready,
    /// It broke or cannot be made, and why.
    Down(String),
    /// The broker refused us or our subscription, or gave our session to another client with our name,
    /// and why: this server hears nothing, and its operator has to do something.
    Refused(String),
}

impl StatusReport {
    /// Whether this server does what it should: ingest, or stand by for whoever does.
    pub fn is_ready(&self) -> bool {
        !self.holds_duty || self.broker == BrokerState::Ready
    }
}

impl Status {
    /// How ingest is now.
    pub fn report(&self) -> StatusReport {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_duty(&self, holds_duty: bool) {
        let broker = if holds_duty { BrokerState::Connecting } else { BrokerState::Unused };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            StatusReport { holds_duty, broker, last_change: None };
        metrics::gauge!("tokkatot_ingest_lease_held").set(u8::from(holds_duty));
    }

    pub(crate) fn set_broker(&self, broker: BrokerState) {
        metrics::gauge!("tokkatot_mqtt_connected").set(u8::from(broker == BrokerState::Ready));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).broker = broker;
    }

    pub(crate) fn set_last_change(&self, node: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).last_change = Some(node);
    }
}
