//! A form that makes something brings the identity that it is to have: however often the form is sent, it is
//! made once.
use serde::{Deserialize, Deserializer, de::Error as _};
use std::str::FromStr;

/// What stands for nobody: in the settings of a transaction too, by which rows are guarded. Nothing is made
/// under it.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// Reads an identity, of any kind. Nothing if it is none, or stands for nobody.
pub(crate) fn read_identity<T: FromStr + PartialEq>(text: &str) -> Option<T> {
    let id: T = text.parse().ok()?;
    (NOBODY.parse().ok().as_ref() != Some(&id)).then_some(id)
}

/// The same for a field that may be missing: `#[serde(default, deserialize_with = "forms::identity")]`.
pub(crate) fn identity<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr + PartialEq,
{
    let text = String::deserialize(deserializer)?;
    read_identity(&text).map(Some).ok_or_else(|| D::Error::custom("an identity"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::FarmId;

    #[test]
    fn nothing_is_made_under_the_identity_of_nobody() {
        let read = read_identity::<FarmId>;
        let id = "6a5ba5ee-1111-4000-8000-000000000009";
        assert_eq!(read(id), Some(id.parse().unwrap()));
        // however it is written
        for none in [NOBODY, &NOBODY.replace('-', ""), &format!("{{{NOBODY}}}"), "", "1"] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
