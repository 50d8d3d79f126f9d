//! The identities of commands. A form has one before anybody taps it, so that two taps are one command.
use domain::{CommandId, DeviceId};
use uuid::Uuid;

/// One that no command has.
pub fn new_id() -> CommandId {
    CommandId(Uuid::new_v4())
}

/// That of a device's part in something that is asked of several at once: it follows from that of the whole.
pub fn identity_of(whole: CommandId, device: DeviceId) -> CommandId {
    CommandId(Uuid::new_v5(&whole.0, device.0.as_bytes()))
}
