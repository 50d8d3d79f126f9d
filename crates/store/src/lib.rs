//! Everything that talks to PostgreSQL, Redis and InfluxDB, by feature. SQL lives here and nowhere
//! else: functions take a connection and return domain types; row structs stay private.

mod clock;
mod database;
pub mod devices;
mod error;
pub mod events;
pub mod farms;
pub mod health;
pub mod history;
mod listen;
pub mod live;
pub mod migrate;
pub mod nodes;
mod pg;
pub mod schedules;
#[rustfmt::skip] // written by a test, as the database says it
pub mod schema;
mod slow_queries;

pub use clock::Clock;
pub use database::{Connection, Database, DatabaseSettings, PoolUsage, connect};
pub use error::StoreError;
pub use listen::{Heard, Listener};
