//! Why the door, or the second step behind it, stays shut.
use crate::{
    forms::{refused, say_wait, too_many},
    passwords::SOON,
    reader::Reader,
};
use axum::response::Response;
use std::time::Duration;

/// What was wrong with what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No name.
    NoLogin,
    /// No password.
    NoPassword,
    /// They do not belong together, or there is no such account.
    Wrong,
    /// No code.
    NoCode,
    /// It is no code of the person's.
    WrongCode,
    /// The code came too late after the password.
    Late,
    /// A tap before this one has used the code, and its answer was lost.
    Finished,
    /// Too many wrong ones: how long to wait.
    Locked(Duration),
    /// Too many are signing in: one may try again soon.
    Busy,
}

impl Trouble {
    /// The field of the door that it stands beside.
    pub(super) const fn field(self) -> &'static str {
        match self {
            Self::NoLogin => "login",
            _ => "password",
        }
    }

    /// What is said there.
    pub(super) fn say(self, reader: &Reader) -> String {
        match self {
            Self::NoLogin | Self::NoPassword | Self::NoCode => reader.say("field-required"),
            Self::Wrong => reader.say("sign-in-wrong"),
            Self::WrongCode => reader.say("sign-in-code-wrong"),
            Self::Late => reader.say("sign-in-code-late"),
            Self::Finished => reader.say("sign-in-code-finished"),
            Self::Busy => reader.say("password-busy"),
            Self::Locked(wait) => say_wait(reader, wait),
        }
    }

    /// Marks the page that says it.
    pub(super) fn mark(self, page: Response) -> Response {
        match self {
            Self::Locked(wait) => too_many(page, wait),
            Self::Busy => too_many(page, SOON),
            Self::Finished => page,
            _ => refused(page),
        }
    }
}
