//! A new password: whether it will do, said beside its field, and its hash.
use crate::{
    error::AppError,
    forms::{Faults, too_many},
    passwords::{Busy, NotHashed, SOON},
    reader::Reader,
    state::AppState,
};
use axum::response::Response;
use domain::passwords::{self, PasswordError};
use tokio::task::spawn_blocking;

/// Says beside `field` what is wrong with a new password. `known` is what others know of the person.
pub(crate) async fn check(
    reader: &Reader,
    (field, password): (&'static str, &str),
    known: Vec<String>,
    faults: &mut Faults,
) -> Result<(), AppError> {
    let password = password.to_owned();
    // how easy it is to guess takes milliseconds to tell
    let checked = spawn_blocking(move || {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        passwords::check(&password, &known)
    });
    let message = match checked.await.map_err(|_| AppError::Unknown)? {
        Ok(()) => return Ok(()),
        Err(PasswordError::TooShort) => "password-too-short",
        Err(PasswordError::TooLong) => "password-too-long",
        Err(PasswordError::Guessable) => "password-guessable",
    };
    faults.add(field, reader.say(message));
    Ok(())
}

/// The hash of a new password, when its turn has come. Where that does not come in time the form goes back
/// with what was typed: [`busy`].
pub(crate) async fn hash(
    state: &AppState,
    password: String,
) -> Result<Result<String, Busy>, AppError> {
    let Ok(turn) = state.passwords.turn().await else { return Ok(Err(Busy)) };
    let hashed = turn.hash(password).await.map_err(|NotHashed| {
        tracing::error!("A password could not be hashed");
        AppError::Unknown
    });
    hashed.map(Ok)
}

/// What is said beside `field` where too many passwords wait for their turn.
pub(crate) fn busy(reader: &Reader, field: &'static str) -> Faults {
    let mut faults = Faults::default();
    faults.add(field, reader.say("password-busy"));
    faults
}

/// Marks the page that says so.
pub(crate) fn busy_page(page: Response) -> Response {
    too_many(page, SOON)
}
