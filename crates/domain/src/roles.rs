//! Who may do what on a farm.
use serde::{Deserialize, Serialize};

/// A member's role on one farm, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Also controls devices by hand, acknowledges alerts and records events.
    Keeper,
    /// Also edits schedules, thresholds and devices, and invites keepers and viewers.
    Manager,
    /// Also manages members of any role, and the farm itself.
    Admin,
}

impl Role {
    /// All roles, weakest first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Keeper, Self::Manager, Self::Admin];

    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Keeper => "keeper",
            Self::Manager => "manager",
            Self::Admin => "admin",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}
