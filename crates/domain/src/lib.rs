//! The types and rules of a farm. No I/O, no ambient time or randomness; builds for the browser too.

pub mod clock;
pub mod devices;
pub mod events;
pub mod home;
mod ids;
pub mod live;
pub mod permissions;
pub mod phones;
pub mod poultry;
pub mod presence;
pub mod protocol;
pub mod readings;
pub mod roles;
pub mod sequence;
mod time;

pub use ids::{
    BootId, Channel, DeviceId, FarmId, HouseId, NameError, NodeId, NodeName, SeriesId, UserId,
};
pub use time::Timestamp;
