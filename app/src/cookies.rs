//! What a browser's cookies say, and those of ours that hold something secret.
use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};
use std::time::Duration;

/// The values of the cookies of this name, in the browser's order.
pub(crate) fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(move |(of, _)| *of == name)
        .map(|(_, value)| value)
}

/// A cookie that is bound to this host and to HTTPS wherever people use HTTPS, as the session's is, and that no
/// script reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    /// Its name over plain HTTP, where browsers would refuse the other.
    pub(crate) plain: &'static str,
    /// Its name over HTTPS, `__Host-…`.
    pub(crate) encrypted: &'static str,
}

impl Bound {
    /// Its name.
    pub(crate) const fn name(self, is_encrypted: bool) -> &'static str {
        if is_encrypted { self.encrypted } else { self.plain }
    }

    /// Sets it to a value, for so long.
    pub(crate) fn set(
        self,
        response: &mut Response,
        is_encrypted: bool,
        (value, life): (&str, Duration),
    ) {
        let secure = if is_encrypted { "; Secure" } else { "" };
        let cookie = format!(
            "{}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
            self.name(is_encrypted),
            life.as_secs()
        );
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}
