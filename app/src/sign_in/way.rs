//! Where somebody wanted to go before they were led to the door. It stands in the door's address, where it
//! outlives wrong passwords and the language switch; it is always a page of ours.
use crate::{language, state::AppState};
use axum::extract::{FromRequestParts, Query};
use domain::codes::Code;
use http::request::Parts;
use serde::Deserialize;
use std::{borrow::Cow, convert::Infallible, fmt::Write as _};

const DOOR: &str = "/sign-in";
const START: &str = "/";
/// Longer ones come from no link of ours.
const LONGEST: usize = 512;

/// The way through the door.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Way(Option<String>);

/// The part of the address. Others may be there too: some sites add theirs to every link.
#[derive(Deserialize)]
struct Asked {
    next: Option<String>,
}

impl FromRequestParts<AppState> for Way {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Infallible> {
        let asked = Query::<Asked>::try_from_uri(&parts.uri).ok();
        Ok(asked
            .and_then(|Query(asked)| asked.next)
            .map_or_else(Self::default, |next| Self::to(&next)))
    }
}

impl Way {
    /// To a page of ours; what is none leads to the start.
    pub(crate) fn to(next: &str) -> Self {
        let next = language::page_of_ours(next);
        let is_door =
            next == DOOR || next.starts_with("/sign-in?") || next.starts_with("/sign-in/");
        Self((next != START && !is_door && next.len() <= LONGEST).then(|| next.to_owned()))
    }

    /// The page that somebody wanted, unless it is the start.
    pub(crate) fn next(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The page behind the door.
    pub(super) fn goal(&self) -> &str {
        self.0.as_deref().unwrap_or(START)
    }

    /// The way of who has no account yet: it goes on to the farm that invited them.
    pub(super) fn to_sign_up(&self) -> String {
        match self.0.as_deref().and_then(invitation) {
            Some(code) => format!("/sign-up?join={}", code.as_str()),
            None => "/sign-up".to_owned(),
        }
    }

    /// Another page on the way, which knows where it leads.
    pub(crate) fn through<'a>(&self, page: &'a str) -> Cow<'a, str> {
        let Some(next) = &self.0 else { return page.into() };
        let mut address = format!("{page}?next=");
        for byte in next.bytes() {
            if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
                address.push(char::from(byte));
            } else {
                // writing to a String does not fail
                _ = write!(address, "%{byte:02X}");
            }
        }
        address.into()
    }
}

/// The code of an invitation, where that is where somebody wanted to go.
fn invitation(next: &str) -> Option<Code> {
    Code::parse(next.strip_prefix("/join/")?.split('?').next()?)
}

/// The door, for somebody who has asked for the page `next`.
pub fn door(next: &str) -> String {
    Way::to(next).through(DOOR).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_door_knows_where_somebody_wanted_to_go() {
        assert_eq!(door("/farms/1?house=2&x=ក"), "/sign-in", "no address has such letters");
        assert_eq!(
            door("/farms/1?house=2&x=%E1"),
            "/sign-in?next=/farms/1%3Fhouse%3D2%26x%3D%25E1"
        );
        for start in ["/", "//evil.example", "/sign-in", "/sign-in/code", "/sign-in?next=/a", ""] {
            assert_eq!(door(start), "/sign-in", "{start}");
        }
        assert_eq!(door(&format!("/{}", "x".repeat(LONGEST))), "/sign-in");
    }

    #[test]
    fn who_was_invited_and_has_no_account_joins_with_a_new_one() {
        for (next, to) in [
            ("/join/K7RM4PXD", "/sign-up?join=K7RM4PXD"),
            ("/join/k7rm-4pxd?fbclid=1", "/sign-up?join=K7RM4PXD"),
            ("/join/K7RM4PX", "/sign-up"),
            ("/join", "/sign-up"),
            ("/farms", "/sign-up"),
        ] {
            assert_eq!(Way::to(next).to_sign_up(), to, "{next}");
        }
    }
}
