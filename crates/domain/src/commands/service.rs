//! Whether a device is in use; and what of one that is not may be asked all the same.
use super::{Action, CommandSource, Order};
use crate::{devices::DeviceState, permissions::Permission, roles::Role};
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
    /// Whether `source`, and who asked if it was a person, may ask anything of such a device: who may not accept
    /// what is new leaves it alone.
    pub(super) fn obeys(self, source: CommandSource, role: Option<Role>) -> bool {
        let permission = match self {
            Self::New => Permission::EditDevices,
            Self::InUse | Self::Out => Permission::ControlDevices,
        };
        source != CommandSource::User || role.is_some_and(|role| role.may(permission))
    }

    /// Whether a device that said this last may be told to run. A trial ends what it begins: what is new may be at
    /// work already, and would stand still after it.
    pub(super) fn starts(self, state: DeviceState) -> bool {
        self != Self::New || state == DeviceState::Off
    }

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
