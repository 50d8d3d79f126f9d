//! Everything that talks to PostgreSQL, Redis and InfluxDB, by feature. SQL lives here and nowhere
//! else: functions take a connection and return domain types; row structs stay private.

mod clock;
mod database;
mod error;
pub mod live;

pub use clock::Clock;
pub use database::{Connection, Database, DatabaseSettings};
pub use error::StoreError;
