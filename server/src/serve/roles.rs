//! What one process does; several processes may share the work.
use std::fmt;

/// One kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Pages.
    Web,
    /// Messages from and to the nodes.
    Ingest,
    /// Work that comes by the clock.
    Jobs,
}

impl Role {
    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "web" => Some(Self::Web),
            "ingest" => Some(Self::Ingest),
            "jobs" => Some(Self::Jobs),
            _ => None,
        }
    }
}

/// A set of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Roles {
    /// Pages.
    pub web: bool,
    /// Messages from and to the nodes.
    pub ingest: bool,
    /// Work that comes by the clock.
    pub jobs: bool,
}

impl Roles {
    /// All of them: the usual server.
    pub const ALL: Self = Self { web: true, ingest: true, jobs: true };

    /// Whether anything but pages is done here, under the worker's database role.
    pub const fn works(&self) -> bool {
        self.ingest || self.jobs
    }

    /// Adds one.
    pub const fn add(&mut self, role: Role) {
        match role {
            Role::Web => self.web = true,
            Role::Ingest => self.ingest = true,
            Role::Jobs => self.jobs = true,
        }
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [(self.web, "web"), (self.ingest, "ingest"), (self.jobs, "jobs")];
        let names: Vec<&str> =
            names.into_iter().filter_map(|(has, name)| has.then_some(name)).collect();
        f.write_str(&names.join(","))
    }
}
