//! What is typed about a farm, and what of it is kept.
use crate::{farms::read_farm, forms::Faults, reader::Reader};
use chrono_tz::Tz;
use serde::Deserialize;
use store::farms::FarmFacts;

/// The form, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FarmForm {
    pub(super) name: String,
    pub(super) place: String,
    pub(super) zone: String,
}

impl FarmForm {
    /// The form of a farm as it is.
    pub(super) fn of(facts: &FarmFacts) -> Self {
        Self {
            name: facts.name.clone(),
            place: facts.location.clone().unwrap_or_default(),
            zone: facts.timezone.clone(),
        }
    }

    /// What is kept.
    pub(super) fn read(&self, reader: &Reader, before: &FarmFacts) -> Result<FarmFacts, Faults> {
        let mut faults = Faults::default();
        let (name, location) = read_farm(reader, (&self.name, &self.place), &mut faults);
        let is_known = self.zone == before.timezone || self.zone.parse::<Tz>().is_ok();
        if !is_known {
            faults.add("zone", reader.say("settings-zone-unknown"));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let (timezone, coordinates) = (self.zone.clone(), before.coordinates);
        Ok(FarmFacts { name, location, timezone, coordinates })
    }

    /// That there is no such time zone.
    pub(super) fn unknown_zone(reader: &Reader) -> Faults {
        let mut faults = Faults::default();
        faults.add("zone", reader.say("settings-zone-unknown"));
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Lang;

    fn read(name: &str, place: &str, zone: &str) -> Result<FarmFacts, Faults> {
        let before = FarmFacts {
            name: "Farm".to_owned(),
            location: None,
            timezone: "Asia/Phnom_Penh".to_owned(),
            coordinates: Some((11.0, 104.0)),
        };
        let form =
            FarmForm { name: name.to_owned(), place: place.to_owned(), zone: zone.to_owned() };
        form.read(&Reader::new(Lang::En), &before)
    }

    #[test]
    fn what_is_typed_is_cleaned_and_what_is_not_asked_stays() {
        let facts = read(" A\u{200B}  b ", " ", "Asia/Bangkok").unwrap();
        assert_eq!((facts.name.as_str(), facts.location), ("A b", None));
        assert_eq!(
            (facts.timezone.as_str(), facts.coordinates),
            ("Asia/Bangkok", Some((11.0, 104.0)))
        );
    }

    #[test]
    fn what_can_not_be_kept_is_named() {
        let long = "ក".repeat(121);
        let fault =
            |name, place, zone, field| read(name, place, zone).unwrap_err().of(field).is_some();
        assert!(fault("", "", "Asia/Bangkok", "name"));
        assert!(fault("a\0", "", "Asia/Bangkok", "name"));
        assert!(fault("a", &long, "Asia/Bangkok", "place"));
        for zone in ["", "Asia/Angkor", "Asia/Bangkok ", "../etc/passwd", "'"] {
            assert!(fault("a", "", zone, "zone"), "{zone}");
        }
    }
}
