//! How one dependency is.
use serde::Serialize;
use std::collections::BTreeMap;

/// The condition of one dependency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Condition {
    /// As it should be.
    Up,
    /// Not needed now: another server does the work.
    Standby,
    /// Away or hampered; the farm goes on without it.
    Degraded {
        /// Why, in English, for the operator.
        reason: String,
    },
    /// Away, and nothing useful can be done without it.
    Down {
        /// Why, in English, for the operator.
        reason: String,
    },
}

/// Conditions by the dependency's name.
pub type Conditions = BTreeMap<&'static str, Condition>;

/// One dependency that is away.
pub(super) fn down(name: &'static str, reason: String) -> Conditions {
    [(name, Condition::Down { reason })].into()
}
