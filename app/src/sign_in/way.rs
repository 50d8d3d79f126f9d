//! Where somebody wanted to go before they were led to the door, and whether they come by somebody else's
//! phone. It stands in the door's address, where it outlives wrong passwords, the language switch and the end
//! of a step; it always leads to a page of ours.
use crate::{language, state::AppState};
use axum::extract::{FromRequestParts, Query};
use domain::codes::Code;
use http::request::Parts;
use leptos::prelude::*;
use serde::Deserialize;
use std::{borrow::Cow, convert::Infallible, fmt::Write as _};

const DOOR: &str = "/sign-in";
/// The page of the second factor.
pub(super) const CODE: &str = "/sign-in/code";
const START: &str = "/";
const BORROWED: &str = "borrowed=yes";
/// Longer ones come from no link of ours.
const LONGEST: usize = 512;

/// The way through the door.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Way {
    next: Option<String>,
    is_borrowed: bool,
}

/// The parts of the address. Others may be there too: some sites add theirs to every link.
#[derive(Deserialize)]
struct Asked {
    next: Option<String>,
    /// Present where "this is not my phone" was ticked.
    borrowed: Option<String>,
}

impl FromRequestParts<AppState> for Way {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Infallible> {
        let Ok(Query(asked)) = Query::<Asked>::try_from_uri(&parts.uri) else {
            return Ok(Self::default());
        };
        let way = asked.next.map_or_else(Self::default, |next| Self::to(&next));
        Ok(way.borrowed(asked.borrowed.is_some()))
    }
}

impl Way {
    /// To a page of ours; what is none leads to the start.
    pub(crate) fn to(next: &str) -> Self {
        let next = language::page_of_ours(next);
        let is_door =
            next == DOOR || next.starts_with("/sign-in?") || next.starts_with("/sign-in/");
        let leads_on = next != START && !is_door && next.len() <= LONGEST;
        Self { next: leads_on.then(|| next.to_owned()), is_borrowed: false }
    }

    /// The same way, on somebody else's phone or on one's own.
    pub(super) fn borrowed(self, is_borrowed: bool) -> Self {
        Self { is_borrowed, ..self }
    }

    /// Whether "this is not my phone" was ticked on it.
    pub(super) const fn is_borrowed(&self) -> bool {
        self.is_borrowed
    }

    /// The page behind the door.
    pub(super) fn goal(&self) -> &str {
        self.next.as_deref().unwrap_or(START)
    }

    /// The way of who has no account yet: it goes on to the farm that invited them.
    pub(super) fn to_sign_up(&self) -> String {
        match self.next.as_deref().and_then(invitation) {
            Some(code) => format!("/sign-up?join={}", code.as_str()),
            None => "/sign-up".to_owned(),
        }
    }

    /// Another page on the way, which knows where it leads.
    pub(crate) fn through<'a>(&self, page: &'a str) -> Cow<'a, str> {
        let next = self.next.as_deref().map(|next| format!("next={}", escaped(next)));
        let borrowed = self.is_borrowed.then(|| BORROWED.to_owned());
        let parts: Vec<String> = next.into_iter().chain(borrowed).collect();
        if parts.is_empty() { page.into() } else { format!("{page}?{}", parts.join("&")).into() }
    }
}

/// What a form that is sent by GET needs to stay on the way: its own address is not kept.
#[component]
pub(crate) fn WayFields(
    /// The way that one is on.
    way: Way,
) -> impl IntoView {
    let Way { next, is_borrowed } = way;
    view! {
        {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
        {is_borrowed.then(|| view! { <input type="hidden" name="borrowed" value="yes"/> })}
    }
}

/// As a part of an address.
fn escaped(next: &str) -> String {
    let mut escaped = String::with_capacity(next.len());
    for byte in next.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // writing to a String does not fail
            _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
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
    fn a_borrowed_phone_stays_so_on_the_way() {
        for (next, to) in [
            ("/farms", "/sign-in/code?next=/farms&borrowed=yes"),
            ("/", "/sign-in/code?borrowed=yes"),
        ] {
            assert_eq!(Way::to(next).borrowed(true).through("/sign-in/code"), to);
        }
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
