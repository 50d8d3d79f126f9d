//! A farm that is not there: nodes that speak protocol v1 over real MQTT, in houses with birds, under
//! Cambodian weather. For the demo, for tests and for benchmarks.
pub mod chance;
pub mod faults;
pub mod fleet;
pub mod house;
pub mod link;
pub mod load;
pub mod node;
pub mod player;
pub mod switchboard;
pub mod weather;
