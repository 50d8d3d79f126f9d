//! The broker's side of a node: its password, its access, and how both reach Mosquitto.
mod files;
pub mod password;
mod reload;
mod sync;

pub use files::{access_control, password_lines, replace};
pub use reload::{ReloadError, reload, running_broker};
pub use sync::{Syncer, run};
