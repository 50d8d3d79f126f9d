//! Forms in which one of a list is chosen, and nothing else: what takes a thing's place.
use super::Faults;
use crate::reader::Reader;
use serde::Deserialize;
use std::str::FromStr;

/// What was chosen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct With {
    #[serde(default)]
    with: String,
}

impl With {
    /// What was chosen; or why that can not be, by the messages for nothing at all, and for what is not there. What
    /// was on an older page and what never was look the same.
    pub(crate) fn read<T: FromStr>(
        &self,
        reader: &Reader,
        (nothing, gone): (&str, &str),
    ) -> Result<T, Faults> {
        let fault = if self.with.is_empty() { nothing } else { gone };
        self.with.parse().map_err(|_| Self::fault(reader, fault))
    }

    /// Says beside the list why what was chosen can not be.
    pub(crate) fn fault(reader: &Reader, id: &str) -> Faults {
        let mut faults = Faults::default();
        faults.add("with", reader.say(id));
        faults
    }
}
