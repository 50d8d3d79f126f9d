//! What the stream carries beside the contract's own fields: finished text, and where it belongs.
use serde::{Deserialize, Serialize};

/// The words of the island, made on the server.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct LiveWords {
    /// "Connection lost".
    pub lost: String,
    /// "Showing values from {time}".
    pub lost_since: String,
    /// Ages with `{n}`: seconds, minutes, hours, days.
    pub ago: [String; 4],
    /// The reader's ten digits, if they are not 0–9.
    pub digits: Option<String>,
    /// The time the page was made for, milliseconds.
    pub now: i64,
}

/// When a value was measured and when it grows old, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Age {
    /// Measured.
    pub at: i64,
    /// Old after this span.
    pub stale: i64,
    /// No longer shown after this span.
    pub gone: i64,
}

/// A number as it stands on the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// As people read it: `28.5`.
    pub text: String,
    /// As programs read it.
    pub data: String,
    /// Where it is on its gauge, such as `52.2%`; empty without one.
    pub pin: String,
}

/// A new number for one place on the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// What the browser reads of any event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// How the page differs from what it was.
    pub page: PagePatch,
}
