//! Why a message was not taken.
use serde_json::error::Category;

/// What is wrong with a message. [`Refusal::reason`] is the short code people count and search by,
/// the `Display` text says exactly what it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// More than [`super::MAX_PAYLOAD`] bytes.
    #[error("{0} bytes, and {max} are the most", max = super::MAX_PAYLOAD)]
    TooLarge(usize),
    /// Not UTF-8 from this byte on.
    #[error("not UTF-8 at byte {0}")]
    NotUtf8(usize),
    /// Not JSON, or cut off.
    #[error("{0}")]
    BadJson(String),
    /// Nested deeper than any message needs.
    #[error("nested too deeply")]
    TooDeep,
    /// A key stands twice in one object.
    #[error("the key {0:?} stands twice in one object")]
    DuplicateKey(String),
    /// A field of another type than it must be, or a missing one.
    #[error("{0}")]
    BadField(String),
    /// A number that can not be stored: infinite, or out of its range.
    #[error("{field} is out of range: {text}")]
    BadNumber {
        /// The field.
        field: &'static str,
        /// What stood there, shortened.
        text: String,
    },
    /// A name, unit or other text with characters or a length it may not have.
    #[error("{field} may not be {text:?}")]
    BadText {
        /// The field.
        field: &'static str,
        /// What stood there, shortened.
        text: String,
    },
    /// More elements than one message may have.
    #[error("{0} elements in one message are too many")]
    TooMany(usize),
    /// Neither `online` nor `offline`.
    #[error("neither online nor offline")]
    BadAvailability,
}

impl Refusal {
    /// The short code, in kebab case.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::TooLarge(_) => "too-large",
            Self::NotUtf8(_) => "not-utf8",
            Self::BadJson(_) => "bad-json",
            Self::TooDeep => "too-deep",
            Self::DuplicateKey(_) => "duplicate-key",
            Self::BadField(_) => "bad-field",
            Self::BadNumber { .. } => "bad-number",
            Self::BadText { .. } => "bad-text",
            Self::TooMany(_) => "too-many",
            Self::BadAvailability => "bad-availability",
        }
    }

    pub(super) fn bad_number(field: &'static str, text: &str) -> Self {
        Self::BadNumber { field, text: shorten(text) }
    }

    pub(super) fn bad_text(field: &'static str, text: &str) -> Self {
        Self::BadText { field, text: shorten(text) }
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        let text = error.to_string();
        match error.classify() {
            _ if text.starts_with("recursion limit exceeded") => Self::TooDeep,
            _ if text.starts_with("number out of range") => Self::bad_number("a number", &text),
            Category::Data => Self::BadField(shorten(&text)),
            _ => Self::BadJson(shorten(&text)),
        }
    }
}

/// At most 120 characters, so that a refusal is never larger than what was refused.
pub(super) fn shorten(text: &str) -> String {
    text.chars().take(120).collect()
}
