//! The code of a box that somebody scanned who has no farm for it yet. It waits in a cookie, since the way to a farm
//! leads over several pages and forms; nothing but the code is in it, which stands on the box.
use crate::cookies::{Bound, cookies};
use axum::response::Response;
use domain::codes::Code;
use http::HeaderMap;
use std::time::Duration;

const COOKIE: Bound = Bound { plain: "box", encrypted: "__Host-box" };
/// Long enough for an account and a farm.
const LIFE: Duration = Duration::from_hours(1);

/// The code of a box that is to be claimed once there is a farm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedBox(pub(crate) Code);

impl WantedBox {
    /// What the request's cookie says.
    pub(crate) fn read(headers: &HeaderMap, is_encrypted: bool) -> Option<Self> {
        cookies(headers, COOKIE.name(is_encrypted)).find_map(Code::parse).map(Self)
    }

    /// Keeps it for the pages that follow.
    pub(super) fn keep(&self, response: &mut Response, is_encrypted: bool) {
        COOKIE.set(response, is_encrypted, (self.0.as_str(), LIFE));
    }

    /// Where it is claimed, on a farm.
    pub(crate) fn address(&self, farm: domain::FarmId) -> String {
        format!("/farms/{farm}/claim?code={}", self.0.as_str())
    }

    /// Forgets it: it has led to a farm.
    pub(crate) fn forget(response: &mut Response, is_encrypted: bool) {
        COOKIE.set(response, is_encrypted, ("", Duration::ZERO));
    }
}
