//! What a page can fail with. One match turns it into a status and into the reader's words.
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use store::StoreError;

/// Why a request was not done, as far as the outside may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppError {
    /// Nobody is signed in.
    SignInFirst,
    /// There is no such thing, or it is not this person's to see: the two look the same.
    NotFound,
    /// It came from another site, or the role does not allow it.
    Forbidden,
    /// It makes no sense.
    BadRequest,
    /// It is larger than anything we ask for.
    TooLarge,
    /// Too many at once; try again later.
    Busy,
    /// What it needs is away for the moment.
    Unavailable,
    /// A fault of ours.
    Unknown,
}

impl AppError {
    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::SignInFirst => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Busy => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What a bare status stands for.
    pub const fn of(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::SignInFirst,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            413 => Self::TooLarge,
            429 => Self::Busy,
            400..=499 => Self::BadRequest,
            502..=504 => Self::Unavailable,
            _ => Self::Unknown,
        }
    }

    /// The message that says it, and the one that says what to do (`-help`).
    pub const fn message(self) -> &'static str {
        match self {
            Self::SignInFirst | Self::NotFound => "error-not-found",
            Self::Forbidden => "error-forbidden",
            Self::BadRequest => "error-bad-request",
            Self::TooLarge => "error-too-large",
            Self::Busy => "error-busy",
            Self::Unavailable => "error-unavailable",
            Self::Unknown => "error-unknown",
        }
    }

    /// The title of the problem for programs (RFC 9457).
    pub const fn title(self) -> &'static str {
        match self {
            Self::SignInFirst => "Sign in first",
            Self::NotFound => "Not found",
            Self::Forbidden => "Forbidden",
            Self::BadRequest => "Bad request",
            Self::TooLarge => "Too large",
            Self::Busy => "Too many requests",
            Self::Unavailable => "Temporarily unavailable",
            Self::Unknown => "Internal error",
        }
    }

    /// After how many seconds it is worth to try again.
    pub const fn retry_after_s(self) -> Option<u16> {
        match self {
            Self::Unavailable => Some(5),
            Self::Busy => Some(10),
            _ => None,
        }
    }
}

impl From<StoreError> for AppError {
    /// The store's own words are for the log only.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Timeout(_) => {
                tracing::warn!(error = %error, "The database did not answer in time");
                Self::Unavailable
            }
            // a membership that ended after the request had come looks like one that never was
            StoreError::Refused(_) => {
                tracing::info!(error = %error, "A change was asked for by who has no part in it");
                Self::NotFound
            }
            StoreError::Conflict { .. } | StoreError::Failed(_) => {
                tracing::error!(error = %error, "The database refused a request");
                Self::Unknown
            }
        }
    }
}

/// Only the status and the error itself: the server's outer layer gives it a page or a problem
/// document, as the client wants.
impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if let Some(seconds) = self.retry_after_s() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}
