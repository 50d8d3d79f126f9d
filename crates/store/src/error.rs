//! The store's one error. Absence is not here: look-ups return `Option`.

/// Why a store function could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database could not be reached, or no connection was free in time.
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
    /// The statement took longer than the pool allows, 30 s at most.
    #[error("the statement was cancelled: {0}")]
    Timeout(String),
    /// Anything else.
    #[error("the database failed: {0}")]
    Failed(#[source] diesel::result::Error),
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
                Kind::ClosedConnection | Kind::UnableToSendCommand => {
                    Self::Unavailable(info.message().to_owned())
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
