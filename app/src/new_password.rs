//! A new password: whether it will do, said beside its field, and its hash.
use crate::{
    error::AppError,
    forms::Faults,
    passwords::{Busy, NotHashed},
    reader::Reader,
    state::AppState,
};
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

/// The hash of a new password, when its turn has come.
pub(crate) async fn hash(state: &AppState, password: String) -> Result<String, AppError> {
    let turn = state.passwords.turn().await.map_err(|Busy| AppError::Busy)?;
    turn.hash(password).await.map_err(|NotHashed| {
        tracing::error!("A password could not be hashed");
        AppError::Unknown
    })
}
