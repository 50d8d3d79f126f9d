//! A page that the browser kept in memory must not be seen any more once its session is over.
use super::{Visitor, session::token};
use axum::response::Response;
use domain::Timestamp;
use http::{HeaderValue, header};
use tower_sessions::Session;

impl Visitor {
    /// Lets the browser know that the session it named is over: nobody found it any more, or it ended with
    /// this request, whatever that was. Pages out of its memory ask anew when they see that this has changed
    /// (`public/boot.js`). `Clear-Site-Data` would do it too, and stops Chromium for seconds.
    pub(crate) fn tell_left(&self, response: &mut Response, now: Timestamp) {
        let session = self.session.as_ref().and_then(Session::id).as_ref().map(token);
        if self.token.is_none() || self.token == session {
            return;
        }
        let cookie = format!("left={}; Path=/; Max-Age=86400; SameSite=Lax", now.as_millis());
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}
