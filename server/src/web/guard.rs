//! Headers that every answer has, and who may write.
use super::Web;
use app::{
    error::AppError,
    visitor::{Client, Encrypted, Nonce},
};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use uuid::Uuid;

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What no page of ours uses and nobody's may, of what browsers of these years all know: they complain about
/// others.
const NO_PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), \
    gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()";

/// Security headers, the nonce that lets this answer's own scripts run, and where the request came from.
pub(super) async fn headers(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let nonce = Uuid::new_v4().simple().to_string();
    if let Some(client) = web.proxies.client(request.extensions(), request.headers()) {
        request.extensions_mut().insert(Client(client));
    }
    request.extensions_mut().insert(Encrypted(web.is_secure()));
    request.extensions_mut().insert(Nonce(nonce.clone()));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(policy(&nonce)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    // for browsers that do not know `frame-ancestors`
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(PERMISSIONS_POLICY, HeaderValue::from_static(NO_PERMISSIONS));
    if web.is_secure() {
        // on plain HTTP browsers only complain about these
        headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        // not `no-store`, which would keep pages out of the back/forward cache
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    response
}

fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; \
         manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// Lets a write through only if a page of ours has sent it, as a form of ours.
pub(super) async fn same_site(State(web): State<Web>, request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_read || (is_ours(request.headers(), &web.app.origin) && is_form(request.headers())) {
        return next.run(request).await;
    }
    AppError::Forbidden.into_response()
}

/// Browsers say where a request comes from: by Sec-Fetch-Site on HTTPS and on this machine, else by
/// Origin. Who says neither is no browser of today.
fn is_ours(headers: &HeaderMap, public: &str) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match (text(FETCH_SITE), text(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => is_own(origin, public, text(header::HOST)),
        (None, None) => false,
    }
}

/// Whether an origin is this site: under its public address, or under the name that the request itself was
/// sent to, since a server on the local network has several. The scheme is the public address's either way:
/// behind a proxy only that tells what people use.
fn is_own(origin: &str, public: &str, host: Option<&str>) -> bool {
    let parts = origin.split_once("://").zip(public.split_once("://"));
    parts.is_some_and(|((scheme, name), (public_scheme, public_name))| {
        scheme == public_scheme && (name == public_name || host == Some(name))
    })
}

/// Other pages can send `text/plain` without asking; we never do.
fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_none_or(|kind| {
        // the last one is our island's: other pages would have to ask before they send it
        ["application/x-www-form-urlencoded", "application/json", "application/x-tokkatot-lines"]
            .iter()
            .any(|ours| kind.starts_with(ours))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn only_our_own_pages_may_write() {
        let ours = |pairs: &[_]| is_ours(&asking(pairs), "https://farm.example");
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(ours(&[("origin", "https://farm.example"), ("host", "10.0.0.1:3000")]));
        assert!(ours(&[("origin", "https://other.example"), ("host", "other.example")]));
        assert!(!ours(&[("sec-fetch-site", "cross-site"), ("origin", "https://farm.example")]));
        assert!(!ours(&[("sec-fetch-site", "same-site")]));
        assert!(!ours(&[("origin", "https://evil.example"), ("host", "farm.example")]));
        assert!(!ours(&[("origin", "https://evil.farm.example"), ("host", "farm.example")]));
        assert!(!ours(&[("origin", "null"), ("host", "farm.example")]));
        assert!(!ours(&[("origin", "null"), ("host", "null")]));
        assert!(!ours(&[("host", "farm.example")]));
    }

    #[test]
    fn another_scheme_is_another_site() {
        let ours = |public: &str, origin: &'static str, host: &'static str| {
            is_ours(&asking(&[("origin", origin), ("host", host)]), public)
        };
        assert!(!ours("https://farm.example", "http://farm.example", "farm.example"));
        assert!(!ours("http://10.0.0.1:3000", "https://10.0.0.1:3000", "10.0.0.1:3000"));
        // on the local network a phone knows the server by another address than the one that is set
        assert!(ours("http://10.0.0.1:3000", "http://192.168.1.2:3000", "192.168.1.2:3000"));
        assert!(!ours("http://10.0.0.1:3000", "https://192.168.1.2:3000", "192.168.1.2:3000"));
    }

    #[test]
    fn a_form_of_another_kind_is_not_ours() {
        assert!(is_form(&asking(&[("content-type", "application/x-www-form-urlencoded")])));
        assert!(is_form(&asking(&[])));
        assert!(is_form(&asking(&[("content-type", "application/x-tokkatot-lines")])));
        assert!(!is_form(&asking(&[("content-type", "text/plain")])));
        assert!(!is_form(&asking(&[("content-type", "multipart/form-data; boundary=x")])));
    }
}
