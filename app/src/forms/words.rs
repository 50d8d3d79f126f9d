//! What is said of what was typed.
use super::Faults;
use crate::reader::Reader;
use domain::names::{self, BadName};

/// Why a name or another line can not stay as it is; `longest` is how many characters it may have.
pub(crate) fn bad_name(reader: &Reader, bad: BadName, longest: usize) -> String {
    match bad {
        BadName::Empty => reader.say("field-required"),
        BadName::Control => reader.say("field-control"),
        BadName::TooLong => reader.say_with("field-too-long", &[("n", &reader.count(longest))]),
    }
}

/// A name as it is kept; nothing, and the reason beside the field, if it is none.
pub(crate) fn name(
    reader: &Reader,
    (field, typed): (&'static str, &str),
    faults: &mut Faults,
) -> Option<String> {
    names::clean(typed).map_err(|bad| faults.add(field, bad_name(reader, bad, names::LONGEST))).ok()
}

/// That a number is none, or not within its bounds.
pub(crate) fn bad_range(reader: &Reader, from: u32, to: u32) -> String {
    let (from, to) = (reader.whole(from.into()), reader.whole(to.into()));
    reader.say_with("field-range", &[("from", &from), ("to", &to)])
}
