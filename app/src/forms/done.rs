//! "Saved": said once, on the page that follows a form. It travels in a cookie of its own, so that a
//! reload does not say it again and no link can make a page say it.
use crate::{cookies::cookies, reader::Reader};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::{HeaderMap, HeaderValue, header};

const COOKIE: &str = "done";
/// A page that is not opened by then says nothing.
const SECONDS: u8 = 30;

/// What was done, by the end of its message: `saved` for `done-saved`; and how many times, where the
/// message has an `n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Done(String, Option<u16>);

impl Done {
    /// What the request's cookie says.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let what = cookies(headers, COOKIE).next()?;
        let (what, n) = what.split_once('.').map_or((what, None), |(what, n)| (what, Some(n)));
        let is_ours = what.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        let n = n.and_then(|n| n.parse().ok());
        (is_ours && what.len() <= 40).then(|| Self(what.to_owned(), n))
    }

    /// The text; nothing if there is no such message.
    pub(crate) fn say(&self, reader: &Reader) -> Option<String> {
        let id = format!("done-{}", self.0);
        match self.1 {
            Some(n) => reader.find_with(&id, &[("n", &reader.whole(n.into()))]),
            None => reader.find(&id),
        }
    }

    /// Takes the cookie back, once it was said.
    pub(crate) fn forget(response: &mut Response) {
        let cookie = HeaderValue::from_static("done=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Goes to a page of ours, which says `done-{what}`.
pub(crate) fn done(to: &str, what: &'static str) -> Response {
    say_next(to, what)
}

/// The same, of so many.
pub(crate) fn done_times(to: &str, what: &'static str, n: usize) -> Response {
    let n = u16::try_from(n).unwrap_or(u16::MAX);
    say_next(to, &format!("{what}.{n}"))
}

fn say_next(to: &str, what: &str) -> Response {
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
        let ended = asking("done=sessions-ended.3");
        assert_eq!(ended.as_deref(), Some("Other phones and computers signed out: 3"));
        assert_eq!(asking("done=made-up"), None);
        assert_eq!(asking("done=<svg>"), None);
        assert_eq!(asking("a=b"), None);
    }
}
