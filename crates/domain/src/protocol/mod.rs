//! Protocol v1 as nodes speak it over MQTT: topics and payloads, parsed once at the border without
//! copying. Refuses what is not exactly right in type or name; ignores fields it does not know.
mod availability;
mod config_ack;
mod down;
mod heartbeat;
mod json;
mod log;
mod readings;
mod refusal;
mod result;
mod scan;
mod state;
mod text;
mod topic;

pub use availability::Availability;
pub use config_ack::ConfigAck;
pub use down::{Ack, Command, Config, TimeNow};
pub use heartbeat::Heartbeat;
pub use log::{Log, LogLevel};
pub use readings::{DEFAULT_CHANNEL, Head, MAX_READINGS, Reading, parse_readings, salvage_head};
pub use refusal::Refusal;
pub use result::{CommandResult, CommandStatus};
pub use state::{DeviceState, MAX_STATES, States};
pub use topic::{Kind, Topic};

/// The largest payload that is read, in bytes.
pub const MAX_PAYLOAD: usize = 64 * 1024;

/// The payload as text, if it is small enough and UTF-8.
fn text_of(payload: &[u8]) -> Result<&str, Refusal> {
    if payload.len() > MAX_PAYLOAD {
        return Err(Refusal::TooLarge(payload.len()));
    }
    std::str::from_utf8(payload).map_err(|error| Refusal::NotUtf8(error.valid_up_to()))
}
