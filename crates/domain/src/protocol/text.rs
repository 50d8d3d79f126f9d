//! Text and numbers of a payload: borrowed where JSON has no escapes, and checked.
use super::Refusal;
use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

/// A JSON text; serde would copy an optional `Cow`, this borrows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

/// The number that `raw` is; text, true, null and the like are refused by type.
pub(super) fn number(field: &'static str, raw: &RawValue) -> Result<f64, Refusal> {
    let text = raw.get();
    if !text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        return Err(Refusal::BadField(format!("{field} is not a number")));
    }
    text.parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
        .ok_or_else(|| Refusal::bad_number(field, text))
}

/// A number that is stored as a whole one; a fraction is rounded.
pub(super) fn whole(field: &'static str, raw: Option<&RawValue>) -> Result<Option<i64>, Refusal> {
    let Some(raw) = raw else { return Ok(None) };
    if let Ok(whole) = raw.get().parse() {
        return Ok(Some(whole));
    }
    let rounded = number(field, raw)?.round();
    format!("{rounded:.0}").parse().map(Some).map_err(|_| Refusal::bad_number(field, raw.get()))
}

/// Text that may be stored and shown: at most `most` characters, none of them a control character.
pub(super) fn check_text(field: &'static str, text: &str, most: usize) -> Result<(), Refusal> {
    let fits = text.len() <= most || text.chars().count() <= most;
    if fits && !text.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(Refusal::bad_text(field, text))
    }
}
