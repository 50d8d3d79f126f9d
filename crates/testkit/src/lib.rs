//! What tests stand on: real services, private to each test.

mod broker;
mod database;
mod node;
pub mod patient_node;
mod redis;
pub mod switch_node;

pub use broker::{TestBroker, broker, broker_with};
pub use database::{DatabaseRole, TestDatabase, database, empty_database};
pub use node::TestNode;
pub use redis::{TestRedis, own_redis, redis_url};
