//! Commands as people read them: what a device was told, how far that has come, why it ended so, and who asked.

mod words;

pub(crate) use words::Words;

use domain::DeviceId;
use store::home::Device;

/// What one of these devices is called.
pub(crate) fn name_of(devices: &[Device], id: DeviceId) -> Option<String> {
    devices.iter().find(|device| device.id == id).map(|device| device.name.clone())
}
