//! The language switch: a form on every page, for people who are signed in and for those who are not.
use crate::{
    error::AppError,
    reader::{COOKIE, Lang},
    state::AppState,
    visitor::Visitor,
};
use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderValue, header};
use serde::Deserialize;
use store::users;

/// The switch.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Switch {
    to: String,
    back: String,
}

/// Sets the language and goes back to where the switch was. A change without an event, unlike that of the
/// account's page: where two people share a phone it is switched many times a day, opens nothing to anybody,
/// and would bury in the trail what does.
pub(crate) async fn switch(
    State(state): State<AppState>,
    visitor: Visitor,
    form: Result<Form<Switch>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|refused| AppError::of(refused.status()))?;
    let lang = Lang::parse(&form.to).ok_or(AppError::BadRequest)?;
    if let Some(account) = &visitor.account {
        users::set_language(&state.database, account.user, lang.code()).await?;
    }
    let mut response = Redirect::to(page_of_ours(&form.back)).into_response();
    remember(lang, &mut response);
    Ok(response)
}

/// Leaves the language with the browser, for pages that can not ask the account.
pub(crate) fn remember(lang: Lang, response: &mut Response) {
    let cookie = format!("{COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax", lang.code());
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// The address if it is a page of this site, else the start: a redirect never leads anywhere else.
pub(crate) fn page_of_ours(address: &str) -> &str {
    let is_ours = address.starts_with('/')
        && !address.starts_with("//")
        && address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_ours { address } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::page_of_ours;

    #[test]
    fn the_way_back_never_leaves_the_site() {
        assert_eq!(page_of_ours("/farms/1?house=2"), "/farms/1?house=2");
        for bad in ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nb", "", "a"]
        {
            assert_eq!(page_of_ours(bad), "/", "{bad:?}");
        }
    }
}
