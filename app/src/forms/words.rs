//! What is said of what was typed.
use crate::reader::Reader;
use domain::names::BadName;

/// Why a name or another line can not stay as it is; `longest` is how many characters it may have.
pub(crate) fn bad_name(reader: &Reader, bad: BadName, longest: usize) -> String {
    let longest = i64::try_from(longest).unwrap_or(i64::MAX);
    match bad {
        BadName::Empty => reader.say("field-required"),
        BadName::Control => reader.say("field-control"),
        BadName::TooLong => reader.say_with("field-too-long", &[("n", &reader.whole(longest))]),
    }
}

/// That a number is none, or not within its bounds.
pub(crate) fn bad_range(reader: &Reader, from: u32, to: u32) -> String {
    let (from, to) = (reader.whole(from.into()), reader.whole(to.into()));
    reader.say_with("field-range", &[("from", &from), ("to", &to)])
}
