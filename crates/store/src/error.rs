//! The store's one error. Absence is not here: look-ups return `Option`.

/// Why a store function could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database could not be reached, no connection was free in time, or it cannot do anything of
    /// the kind at the moment: it is full, read-only, stopping, or two changes stood in each other's way.
    /// The same call may succeed later.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A unique key, check or foreign key refused the change; its name says which.
    #[error("the database refused the change by {constraint}: {message}")]
    Conflict {
        /// The constraint's name.
        constraint: String,
        /// The database's own words.
        message: String,
    },
    /// Row-level security let nothing be written: who asks has no part, or no part any more, in what it is
    /// about.
    #[error("row-level security refused the change: {0}")]
    Refused(String),
    /// The statement took longer than the pool allows, 30 s at most.
    #[error("the statement was cancelled: {0}")]
    Timeout(String),
    /// Anything else.
    #[error("the database failed: {0}")]
    Failed(#[source] diesel::result::Error),
}

impl StoreError {
    /// Whether somebody else held for too long what was wanted.
    pub(crate) fn is_lock_timeout(&self) -> bool {
        matches!(self, Self::Unavailable(message) if message.contains("lock timeout"))
    }
}

impl From<diesel::result::Error> for StoreError {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Kind, Error};
        match &error {
            Error::BrokenTransactionManager => Self::Unavailable(error.to_string()),
            Error::DatabaseError(kind, info) => match kind {
                Kind::UniqueViolation
                | Kind::ForeignKeyViolation
                | Kind::CheckViolation
                | Kind::NotNullViolation => Self::Conflict {
                    constraint: info.constraint_name().unwrap_or("unnamed").to_owned(),
                    message: info.message().to_owned(),
                },
                Kind::ClosedConnection
                | Kind::UnableToSendCommand
                | Kind::ReadOnlyTransaction
                | Kind::SerializationFailure => Self::Unavailable(info.message().to_owned()),
                _ if is_condition(info.message()) => Self::Unavailable(info.message().to_owned()),
                _ if info.message().contains("violates row-level security policy") => {
                    Self::Refused(info.message().to_owned())
                }
                _ if info.message().contains("statement timeout") => {
                    Self::Timeout(info.message().to_owned())
                }
                _ => Self::Failed(error),
            },
            _ => Self::Failed(error),
        }
    }
}

/// Whether the database speaks of its own condition rather than of the statement: SQLSTATE classes 40
/// (rolled back), 53 (no resources), 55 (not in the right state), 57 (operator) and 58 (system). Diesel
/// hands the code down for few errors, so it is their texts; the roles of `scripts/roles.sql` get them
/// in English whatever the server's locale.
fn is_condition(message: &str) -> bool {
    [
        "No space left on device",
        "could not extend file",
        "could not write",
        "could not open file",
        "could not access file",
        "Input/output error",
        "out of memory",
        "out of shared memory",
        "too many connections",
        "remaining connection slots",
        "deadlock detected",
        "lock timeout",
        "terminating connection",
        "the database system is",
        "due to user request",
    ]
    .iter()
    .any(|text| message.contains(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::result::{DatabaseErrorKind as Kind, Error};

    fn of(kind: Kind, message: &str) -> StoreError {
        Error::DatabaseError(kind, Box::new(message.to_owned())).into()
    }

    #[test]
    fn the_databases_condition_is_told_from_what_is_wrong_with_a_statement() {
        let full = "could not extend file \"base/1/2\": No space left on device";
        for message in [full, "deadlock detected", "the database system is shutting down"] {
            assert!(matches!(of(Kind::Unknown, message), StoreError::Unavailable(_)), "{message}");
        }
        let read_only = of(Kind::ReadOnlyTransaction, "cannot execute INSERT");
        assert!(matches!(read_only, StoreError::Unavailable(_)));
        let foreign = "new row violates row-level security policy for table \"houses\"";
        assert!(matches!(of(Kind::Unknown, foreign), StoreError::Refused(_)));
        let late = "canceling statement due to statement timeout";
        assert!(matches!(of(Kind::Unknown, late), StoreError::Timeout(_)));
        let wrong = "invalid byte sequence for encoding \"UTF8\": 0x00";
        assert!(matches!(of(Kind::Unknown, wrong), StoreError::Failed(_)));
    }
}
