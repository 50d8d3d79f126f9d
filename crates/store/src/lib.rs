//! Everything that talks to PostgreSQL, Redis and InfluxDB, by feature. SQL lives here and nowhere
//! else: functions take a connection and return domain types; row structs stay private.

pub mod accounts;
pub mod boots;
pub mod cache;
pub mod claim;
mod clock;
mod column;
pub mod commands;
pub mod configs;
mod database;
pub mod demo;
pub mod devices;
mod error;
pub mod events;
pub mod farms;
mod fence;
pub mod health;
pub mod history;
pub mod home;
pub mod houses;
pub mod interlocks;
pub mod invitations;
pub mod lease;
mod listen;
pub mod live;
pub mod members;
pub mod migrate;
pub mod nodes;
mod origin;
pub mod overrides;
pub mod partitions;
pub mod people;
mod pg;
pub mod presence;
pub mod quarantine;
pub mod readings;
pub mod relay;
pub mod reports;
pub mod resets;
pub mod routes;
pub mod schedules;
#[rustfmt::skip] // written by a test, as the database says it
pub mod schema;
mod scope;
pub mod second_factor;
pub mod series;
pub mod sessions;
pub mod sign_in_steps;
mod slow_queries;
mod statement;
pub mod stops;
pub mod switchings;
pub mod transaction;
pub mod users;

pub use clock::Clock;
pub use database::{Connection, Database, DatabaseSettings, PoolUsage, connect};
/// What store functions take: a connection, pooled or not.
pub use diesel_async::AsyncPgConnection;
pub use error::StoreError;
pub use listen::{Heard, Listener};
pub use origin::Origin;
pub use scope::{FarmScope, Opened, Scoped};
