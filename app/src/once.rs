//! What is shown once (recovery codes, a reset code, a controller's password, the secret of a second factor) and
//! still outlives a second tap, a lost answer and the language switch. A form carries a random identity; the codes
//! follow from it and from a secret that the server has, so that the same form makes the same codes, and nobody
//! tells them by what the browser holds. After it the identity lives in a cookie of its own, for as long as one
//! stays on the page that shows them and for ten minutes at most, by the browser's clock and by the server's. The
//! server keeps hashes alone.
use crate::{
    cookies::{self, Bound},
    error::AppError,
    state::AppState,
    visitor::Visitor,
};
use axum::response::Response;
use domain::{Timestamp, codes::Code, credentials::PASSWORD_BYTES};
use http::HeaderMap;
use leptos::prelude::*;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::{fmt::Write as _, time::Duration};
use store::accounts;

const COOKIE: Bound = Bound { plain: "once", encrypted: "__Host-once" };
/// Long enough to write ten codes down.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// Whether what was made at a time is still shown: a cookie may stay longer than the browser was told.
pub(crate) fn is_shown(made: Timestamp, now: Timestamp) -> bool {
    now.since(made) < PATIENCE
}

/// The server's part in what the visitor's forms make, with what that is about: what is kept of their own
/// password. No page shows it, and it goes with the password. Looks into the database.
///
/// # Errors
/// Nobody is signed in, or the database can not be reached.
pub(crate) async fn servers_part(
    state: &AppState,
    visitor: &Visitor,
    about: &[u8],
) -> Result<Vec<u8>, AppError> {
    visitor.settle().await;
    let user = visitor.account()?.user;
    let kept = accounts::password_hash(&state.database, user).await?;
    let kept = kept.ok_or(AppError::SignInFirst)?;
    Ok([about, user.0.as_bytes(), kept.as_bytes()].concat())
}

/// The identity: 256 random bits.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Once([u8; 32]);

impl Once {
    /// One that nobody knows yet.
    pub(crate) fn new() -> Self {
        Self(rand::random())
    }

    /// The mark of something secret, from which the secret can not be told: whoever has it was there when the
    /// secret was made.
    pub(crate) fn mark_of(secret: &[u8]) -> Self {
        Self(Sha256::new().chain_update("mark\0").chain_update(secret).finalize().into())
    }

    /// What the request's cookie says.
    pub(crate) fn read(headers: &HeaderMap, is_encrypted: bool) -> Option<Self> {
        cookies::cookies(headers, COOKIE.name(is_encrypted)).next().and_then(Self::parse)
    }

    /// Leaves it with the browser.
    pub(crate) fn keep(self, response: &mut Response, visitor: &Visitor) {
        COOKIE.set(response, visitor.is_encrypted, (&self.text(), PATIENCE));
    }

    /// Takes it back.
    pub(crate) fn forget(response: &mut Response, visitor: &Visitor) {
        COOKIE.set(response, visitor.is_encrypted, ("", Duration::ZERO));
    }

    /// The code of this identity for a purpose, and for what goes with that. `place` tells several apart.
    pub(crate) fn code(self, purpose: &'static str, about: &[u8], place: u8) -> Code {
        // a code has 40 bits
        let hash = self.hash(purpose, about, place);
        let bits = hash.iter().take(5).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        Code::from_bits(bits)
    }

    /// The bytes of a password, likewise.
    pub(crate) fn password(self, purpose: &'static str, about: &[u8]) -> [u8; PASSWORD_BYTES] {
        let [password @ .., _, _, _, _, _, _, _, _] = self.hash(purpose, about, 0);
        password
    }

    fn hash(self, purpose: &'static str, about: &[u8], place: u8) -> [u8; 32] {
        let hash = Sha256::new().chain_update(self.0).chain_update(purpose);
        hash.chain_update([0, place]).chain_update(about).finalize().into()
    }

    fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// As it stands in a form.
    pub(crate) fn text(self) -> String {
        self.0.iter().fold(String::new(), |mut text, byte| {
            // writing to a String does not fail
            _ = write!(text, "{byte:02x}");
            text
        })
    }
}

// It is as good as the codes that follow from it.
impl std::fmt::Debug for Once {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Once(…)")
    }
}

impl TryFrom<String> for Once {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("64 hexadecimal digits")
    }
}

/// The identity of a form, among its fields.
#[component]
pub(crate) fn OnceField() -> impl IntoView {
    view! { <input type="hidden" name="once" value=Once::new().text()/> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_follow_from_the_identity_and_from_all_that_goes_with_it() {
        let once = Once::new();
        let read = Once::parse(&once.text());
        assert_eq!(read, Some(once));
        let code = |once: Once, purpose, about: &[u8], place| once.code(purpose, about, place);
        let one = code(once, "recovery", b"secret", 0);
        assert_eq!(code(once, "recovery", b"secret", 0), one);
        for other in [
            code(Once::new(), "recovery", b"secret", 0),
            code(once, "reset", b"secret", 0),
            code(once, "recovery", b"other", 0),
            code(once, "recovery", b"secret", 1),
        ] {
            assert_ne!(other, one);
        }
    }

    #[test]
    fn what_is_no_identity_is_none_and_a_secret_does_not_show() {
        let text = Once::new().text();
        for bad in [
            "",
            "00",
            text.get(1..).unwrap(),
            &format!("{text}0"),
            &"x".repeat(64),
            &"ក".repeat(22),
        ] {
            assert_eq!(Once::parse(bad), None, "{bad}");
        }
        assert_eq!(format!("{:?}", Once::mark_of(b"secret")), "Once(…)");
        assert_ne!(Once::mark_of(b"secret"), Once::mark_of(b"another"));
    }
}
