//! The types and rules of a farm. No I/O, no ambient time or randomness; builds for the browser too.

pub mod clock;
pub mod codes;
pub mod commands;
pub mod configs;
#[cfg(feature = "server")]
pub mod credentials;
pub mod devices;
pub mod emails;
pub mod events;
pub mod farms;
pub mod home;
mod ids;
pub mod live;
pub mod logins;
pub mod names;
pub mod nodes;
pub mod numbers;
pub mod passwords;
pub mod permissions;
pub mod phones;
pub mod poultry;
pub mod presence;
pub mod protocol;
pub mod readings;
pub mod roles;
pub mod sequence;
mod time;
#[cfg(feature = "server")]
pub mod totp;
pub mod usernames;

pub use ids::{
    BootId, Channel, CommandId, DeviceId, FarmId, HouseId, InvitationId, NameError, NodeId,
    NodeName, SeriesId, SessionId, StopId, UserId,
};
pub use time::Timestamp;
