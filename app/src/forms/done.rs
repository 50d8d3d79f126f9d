//! "Saved": said once, on the page that follows a form. It travels in a cookie of its own, so that a
//! reload does not say it again and no link can make a page say it.
use crate::reader::Reader;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::{HeaderMap, HeaderValue, header};

const COOKIE: &str = "done";
/// A page that is not opened by then says nothing.
const SECONDS: u8 = 30;

/// What was done, by the end of its message: `saved` for `done-saved`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Done(String);

impl Done {
    /// What the request's cookie says.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs =
            lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, what) = pairs.find(|(name, _)| *name == COOKIE)?;
        let is_ours = what.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        (is_ours && what.len() <= 40).then(|| Self(what.to_owned()))
    }

    /// The text; nothing if there is no such message.
    pub(crate) fn say(&self, reader: &Reader) -> Option<String> {
        reader.find(&format!("done-{}", self.0))
    }

    /// Takes the cookie back, once it was said.
    pub(crate) fn forget(response: &mut Response) {
        let cookie = HeaderValue::from_static("done=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Goes to a page of ours, which says `done-{what}`.
pub(crate) fn done(to: &str, what: &'static str) -> Response {
    let mut response = Redirect::to(to).into_response();
    let cookie = format!("{COOKIE}={what}; Path=/; Max-Age={SECONDS}; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Lang;

    fn asking(cookie: &'static str) -> Option<String> {
        let headers = [(header::COOKIE, HeaderValue::from_static(cookie))].into_iter().collect();
        Done::read(&headers)?.say(&Reader::new(Lang::En))
    }

    #[test]
    fn what_was_done_is_said_and_what_is_no_message_of_ours_is_not() {
        assert_eq!(asking("a=b; done=saved").as_deref(), Some("Saved"));
        assert_eq!(asking("done=made-up"), None);
        assert_eq!(asking("done=<svg>"), None);
        assert_eq!(asking("a=b"), None);
    }
}
