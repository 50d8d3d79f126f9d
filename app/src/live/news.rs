//! What passes between server and island: finished text, and where it belongs. The server writes it as
//! JSON; the island reads it with the browser's own parser, because one of ours would be a third of
//! all that a phone has to load.

/// The words of the island, made on the server.
#[derive(Debug, Clone, Default)]
pub struct LiveWords {
    /// The stream's address.
    pub address: String,
    /// What the page was made of: the stream sends only what differs.
    pub fingerprint: String,
    /// The time the page was made for, milliseconds.
    pub now: i64,
    /// "Connection lost".
    pub lost: String,
    /// "Showing values from {time}".
    pub lost_since: String,
    /// Ages with `{n}`: seconds, minutes, hours, days; a bar between them.
    pub ago: String,
    /// The reader's ten digits, or nothing for 0–9.
    pub digits: String,
}

/// When a value was measured and when it grows old, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "ssr", derive(serde::Serialize))]
pub struct Age {
    /// Measured.
    pub at: i64,
    /// Old after this span.
    pub stale: i64,
    /// No longer shown after this span.
    pub gone: i64,
}

/// A number as it stands on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "ssr", derive(serde::Serialize))]
pub struct Shown {
    /// As people read it: `28.5`.
    pub text: String,
    /// As programs read it.
    pub data: String,
    /// Where it is on its gauge, such as `52.2%`; empty without one.
    pub pin: String,
}

/// A new number for one place on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "ssr", derive(serde::Serialize))]
pub struct ValuePatch {
    /// The element's id.
    pub id: String,
    /// The number, unless only its age is new.
    pub shown: Option<Shown>,
    /// Its age.
    pub age: Age,
    /// RFC 3339.
    pub datetime: String,
    /// The time of day it was measured, in words.
    pub clock: String,
}

/// What changed on the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "ssr", derive(serde::Serialize))]
pub struct PagePatch {
    /// The time it was made for, milliseconds.
    pub now: i64,
    /// Everything within `<main>`, when pieces came or went.
    pub main: Option<String>,
    /// Whole elements by id, when more than a number changed.
    pub pieces: Vec<(String, String)>,
    /// Numbers.
    pub values: Vec<ValuePatch>,
    /// What to tell people who listen to the page; empty for nothing.
    pub announcement: String,
}
