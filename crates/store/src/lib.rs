//! Everything that talks to PostgreSQL, Redis and InfluxDB, by feature. SQL lives here and nowhere
//! else: functions take a connection and return domain types; row structs stay private.

mod clock;
mod database;
mod error;
pub mod live;
pub mod migrate;
#[rustfmt::skip] // written by a test, as the database says it
pub mod schema;
mod slow_queries;

pub use clock::Clock;
pub use database::{Connection, Database, DatabaseSettings, PoolUsage, connect};
pub use error::StoreError;
