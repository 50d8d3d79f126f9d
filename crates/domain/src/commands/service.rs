//! Whether a device is in use; and what of one that is not may be asked all the same.
use super::{Action, Order};
use std::time::Duration;

/// How long what is new runs when somebody tries it.
pub const TRIAL: Duration = Duration::from_secs(5);

/// Whether a device is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// A manager accepted it, and nobody put it out of use.
    InUse,
    /// Nobody has accepted it yet: who may do that can try it.
    New,
    /// It was put out of use, or has no controller.
    Out,
}

impl Service {
    /// Whether an order may be carried out. What is new runs for a moment, so that people see which one it is.
    pub(super) fn lets(self, order: Order) -> bool {
        let is_short = order.duration.is_some_and(|duration| duration <= TRIAL);
        match self {
            Self::InUse => true,
            Self::New => order.action == Action::Off || order.action == Action::On && is_short,
            Self::Out => false,
        }
    }
}
