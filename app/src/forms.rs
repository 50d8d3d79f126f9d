//! What all forms have in common: what is typed comes in whole or not at all, and goes back with a word
//! beside each field that can not stay as it is.

mod consequence;
mod done;
mod fields;
mod identity;
mod picks;
mod place;
mod sure;
mod with;
mod words;

pub(crate) use consequence::consequence;
pub(crate) use done::{Done, done, done_times};
pub(crate) use fields::{Choice, Choices, Note, PasswordField, TextField};
pub(crate) use identity::{identity, read_identity};
pub(crate) use picks::{DateField, SelectField, Stepper, StepperButton, Steps};
pub(crate) use place::{PlaceField, read_place};
pub(crate) use sure::{Sure, SureOnce, Yes};
pub(crate) use with::With;
pub(crate) use words::{bad_name, bad_range, name};

use crate::{error::AppError, reader::Reader, state::AppState};
use axum::{
    Form,
    extract::{FromRequest, Request},
    response::Response,
};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, de::DeserializeOwned};
use std::time::Duration;

/// A form's fields. What is no such form (unknown, missing or repeated fields) is refused.
#[derive(Debug)]
pub(crate) struct Fields<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<AppState> for Fields<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, AppError> {
        match Form::from_request(request, state).await {
            Ok(Form(fields)) => Ok(Self(fields)),
            Err(refused) => Err(AppError::of(refused.status())),
        }
    }
}

/// A form with nothing but its button.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// What is wrong with what was typed: finished texts by the field's name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Faults(Vec<(&'static str, String)>);

impl Faults {
    /// Says what is wrong with a field. The first word on a field stands.
    pub(crate) fn add(&mut self, field: &'static str, text: String) {
        if self.of(field).is_none() {
            self.0.push((field, text));
        }
    }

    /// Whether everything is right.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with a field.
    pub(crate) fn of(&self, field: &str) -> Option<String> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, text)| text.clone())
    }

    /// Whether a field is the first one that is wrong: it gets the focus.
    pub(crate) fn is_first(&self, field: &str) -> bool {
        self.0.first().is_some_and(|(name, _)| *name == field)
    }
}

/// Marks a page as one that brings a form back: 422.
pub(crate) fn refused(mut page: Response) -> Response {
    *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    page
}

/// Marks a page that brings a form back which was sent too often: 429, and when to try again.
pub(crate) fn too_many(mut page: Response, wait: Duration) -> Response {
    let seconds = u16::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u16::MAX);
    *page.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    page
}

/// How long to wait after too many attempts, beside a field: whole minutes, rounded up.
pub(crate) fn say_wait(reader: &Reader, wait: Duration) -> String {
    let minutes = i64::try_from(wait.as_millis().div_ceil(60_000)).unwrap_or(i64::MAX);
    reader.say_with("field-wait", &[("n", &reader.whole(minutes))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Lang;

    #[test]
    fn nobody_is_told_to_come_back_too_early() {
        let says = |millis| say_wait(&Reader::new(Lang::En), Duration::from_millis(millis));
        for (millis, n) in [(1, "1"), (60_000, "1"), (60_001, "2"), (900_000, "15")] {
            assert!(says(millis).contains(&format!("wait {n} min")), "{millis}: {}", says(millis));
        }
    }
}
