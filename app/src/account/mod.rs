//! A person's own account: what they are called, how they sign in, how they like their pages, and the ways
//! to password, second step, sessions and the end.

mod closing;
mod password;
mod settings;
mod view;

pub(crate) use closing::{deactivate, deactivate_page, delete, delete_page};
pub(crate) use password::{change_password, password_page};
pub(crate) use settings::change_settings;

use crate::{
    error::AppError,
    forms::{self, Faults, Fields, done, refused},
    proof,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::{extract::State, response::Response};
use domain::{emails, phones};
use serde::Deserialize;
use store::accounts::{self, AccountError, Login, Profile};

/// What was typed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypedProfile {
    #[serde(default)]
    name: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    email: String,
    /// Asked for where another phone number or e-mail address is to open the account.
    #[serde(default)]
    password: String,
}

/// `GET /account`.
pub(crate) async fn page(
    State(state): State<AppState>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let profile = own(&state, &visitor).await?;
    visitor.visits(None, state.clock.now()).await?;
    let typed = TypedProfile {
        name: profile.name.clone(),
        phone: profile.phone.as_deref().map(phones::shown).unwrap_or_default(),
        email: profile.email.clone().unwrap_or_default(),
        password: String::new(),
    };
    view::page(&state, &visitor, (profile, typed), Faults::default())
}

/// `POST /account`.
pub(crate) async fn change_profile(
    State(state): State<AppState>,
    visitor: Visitor,
    Fields(typed): Fields<TypedProfile>,
) -> Result<Response, AppError> {
    let profile = own(&state, &visitor).await?;
    let mut faults = Faults::default();
    if let Some((name, email, phone)) = read(&visitor.reader, &typed, &profile, &mut faults) {
        if (&email, &phone) != (&profile.email, &profile.phone)
            && let Err(doubt) = proof::password(&state, &visitor, &typed.password).await?
        {
            faults.add("password", doubt.say(&visitor.reader));
            return Ok(doubt.mark(view::page(&state, &visitor, (profile, typed), faults)?));
        }
        let change = (name.as_str(), email.as_deref(), phone.as_deref());
        let origin = visitor.origin(state.clock.now());
        let user = visitor.account()?.user;
        match accounts::change_profile(&state.database, user, change, &origin).await {
            Ok(_) => return Ok(done("/account", "saved")),
            Err(AccountError::Taken(login)) => {
                let field = if login == Login::Email { "email" } else { "phone" };
                faults.add(field, visitor.reader.say("account-taken"));
            }
            Err(AccountError::Store(error)) => return Err(error.into()),
        }
    }
    Ok(refused(view::page(&state, &visitor, (profile, typed), faults)?))
}

/// Name, e-mail address and phone number as they are kept.
type Read = (String, Option<String>, Option<String>);

/// Reads a profile; nothing, and what is wrong beside the fields, if it can not be kept.
fn read(
    reader: &Reader,
    typed: &TypedProfile,
    before: &Profile,
    faults: &mut Faults,
) -> Option<Read> {
    let name = forms::name(reader, ("name", &typed.name), faults);
    let mut one = |field, typed: &str, normalise: fn(&str) -> Option<String>, bad| {
        let is_there = !typed.trim().is_empty();
        let kept = is_there.then(|| normalise(typed)).flatten();
        if is_there && kept.is_none() {
            faults.add(field, reader.say(bad));
        }
        kept
    };
    let phone = one("phone", &typed.phone, phones::normalise, "account-phone-bad");
    let email = one("email", &typed.email, emails::normalise, "account-email-bad");
    if faults.is_empty() && phone.is_none() && email.is_none() && before.username.is_none() {
        faults.add("phone", reader.say("account-nothing-left"));
    }
    name.filter(|_| faults.is_empty()).map(|name| (name, email, phone))
}

/// What is said of who is signed in.
///
/// # Errors
/// Nobody is, or the account has just been deleted.
pub(crate) async fn own(state: &AppState, visitor: &Visitor) -> Result<Profile, AppError> {
    let user = visitor.account()?.user;
    accounts::find(&state.database, user).await?.ok_or(AppError::SignInFirst)
}
