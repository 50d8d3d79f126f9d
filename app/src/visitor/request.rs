//! What a request says of itself: where it comes from, what it asks for, and how.
use http::{Method, header, request::Parts};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr};

/// Characters of a browser's name that are kept; it may say anything.
const LONGEST_USER_AGENT: usize = 512;

/// Where a request came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Came {
    /// The client's address.
    pub address: IpAddr,
    /// The browser, as it names itself.
    pub user_agent: String,
}

/// The script nonce of this request, set by the guard around all pages.
#[derive(Debug, Clone)]
pub struct Nonce(pub String);

/// The address a request came from, set by the guard around all pages.
#[derive(Debug, Clone, Copy)]
pub struct Client(pub IpAddr);

/// Whether people reach this server by HTTPS, set by the guard around all pages: decides how cookies are made.
#[derive(Debug, Clone, Copy)]
pub struct Encrypted(pub bool);

/// Set by the gate: the address written to is that of a page as well.
#[derive(Debug, Clone, Copy)]
pub struct IsPage;

/// What was written to can not be asked for, unless it is where its page is.
pub(super) fn address(parts: &Parts) -> &str {
    let is_page = matches!(parts.method, Method::GET | Method::HEAD)
        || parts.extensions.get::<IsPage>().is_some();
    match parts.uri.path_and_query() {
        Some(address) if is_page => address.as_str(),
        _ => "/",
    }
}

/// What can be asked for and is shown: neither a form nor a stream.
pub(super) fn is_document(parts: &Parts) -> bool {
    let accept = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    parts.method == Method::GET && accept.is_some_and(|accept| accept.contains("text/html"))
}

/// `Sec-Purpose: prefetch`, or `prefetch;prerender`.
pub(super) fn is_prefetch(parts: &Parts) -> bool {
    let purpose = parts.headers.get("sec-purpose").and_then(|purpose| purpose.to_str().ok());
    purpose.is_some_and(|purpose| purpose.split(';').any(|part| part.trim() == "prefetch"))
}

pub(super) fn came(parts: &Parts) -> Came {
    let client = parts.extensions.get::<Client>();
    let user_agent = parts.headers.get(header::USER_AGENT).and_then(|name| name.to_str().ok());
    Came {
        address: client.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |client| client.0),
        user_agent: user_agent.unwrap_or_default().chars().take(LONGEST_USER_AGENT).collect(),
    }
}
