//! What is typed about a house, and what of it is kept.
use super::birds::{OLDEST, age_on, day_0, read_age, read_count, read_kind};
use crate::{
    days::{self, NoDay},
    forms::{self, Faults},
    reader::Reader,
};
use chrono::NaiveDate;
use domain::{HouseId, names::same_key, poultry::BirdKind};
use serde::Deserialize;
use store::houses::{House, HouseFacts};

/// The form, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HouseForm {
    pub(super) name: String,
    #[serde(default)]
    pub(super) kind: String,
    pub(super) birds: String,
    /// Days old: instead of `placed_on`, or the same.
    pub(super) age: String,
    pub(super) placed_on: String,
    /// The identity that a new house is to have: however often the form is sent, it is added once.
    #[serde(default, deserialize_with = "forms::identity")]
    pub(super) id: Option<HouseId>,
}

/// What is known when the form is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// The day on the farm.
    pub(super) today: NaiveDate,
    /// All houses of the farm.
    pub(super) houses: &'a [House],
    /// The one that is edited, or that the same form has added before.
    pub(super) house: Option<HouseId>,
}

impl HouseForm {
    /// The form of a house as it is.
    pub(super) fn of(facts: &HouseFacts) -> Self {
        Self {
            name: facts.name.clone(),
            kind: facts.birds.name().to_owned(),
            birds: facts.bird_count.map(|n| n.to_string()).unwrap_or_default(),
            age: String::new(),
            placed_on: facts.placed_on.map(|day| day.to_string()).unwrap_or_default(),
            id: None,
        }
    }

    /// The form of a new house, which will most likely hold what the last one holds.
    pub(super) fn new(houses: &[House]) -> Self {
        let kind = houses.last().map_or(BirdKind::Local, |house| house.facts.birds);
        Self {
            name: String::new(),
            kind: kind.name().to_owned(),
            birds: String::new(),
            age: String::new(),
            placed_on: String::new(),
            id: Some(store::houses::new_id()),
        }
    }

    /// What is kept. A house for no birds has no day 0 either.
    pub(super) fn read(&self, reader: &Reader, known: Known<'_>) -> Result<HouseFacts, Faults> {
        let mut faults = Faults::default();
        let name = forms::name(reader, ("name", &self.name), &mut faults).unwrap_or_default();
        if known.has_another(&name) {
            faults.add("name", reader.say("houses-same-name"));
        }
        let birds = read_kind(&self.kind).unwrap_or_else(|| {
            faults.add("kind", reader.say("field-required"));
            BirdKind::Other
        });
        let count = read_count(reader, &self.birds).unwrap_or_else(|fault| {
            faults.add("birds", fault);
            None
        });
        let placed_on = self.placed_on(reader, known, &mut faults);
        let bird_count = count.filter(|n| *n > 0).and_then(|n| i32::try_from(n).ok());
        let placed_on = placed_on.filter(|_| count != Some(0));
        let facts = HouseFacts { name, birds, bird_count, placed_on };
        if faults.is_empty() { Ok(facts) } else { Err(faults) }
    }

    /// That another house is called so.
    pub(super) fn same_name(reader: &Reader) -> Faults {
        let mut faults = Faults::default();
        faults.add("name", reader.say("houses-same-name"));
        faults
    }

    /// Day 0 by the days or by the date. Days win over a date that was there before.
    fn placed_on(
        &self,
        reader: &Reader,
        known: Known<'_>,
        faults: &mut Faults,
    ) -> Option<NaiveDate> {
        let age = read_age(reader, &self.age).unwrap_or_else(|fault| {
            faults.add("age", fault);
            None
        });
        let date = read_date(&self.placed_on, known.today).unwrap_or_else(|message| {
            let example = known.today.to_string();
            faults.add("placed_on", reader.say_with(message, &[("example", &example)]));
            None
        });
        let Some(by_age) = age.map(|age| day_0(known.today, age)) else { return date };
        if date.is_some_and(|date| date != by_age && Some(date) != known.placed_on()) {
            faults.add("age", reader.say("houses-two-days"));
        }
        Some(by_age)
    }
}

impl Known<'_> {
    /// Whether another house is called so.
    fn has_another(self, name: &str) -> bool {
        let key = same_key(name);
        let mut others = self.houses.iter().filter(|house| Some(house.id) != self.house);
        others.any(|house| same_key(&house.facts.name) == key)
    }

    /// Day 0 of the house that is edited, as it is now.
    fn placed_on(self) -> Option<NaiveDate> {
        self.houses.iter().find(|house| Some(house.id) == self.house)?.facts.placed_on
    }
}

/// A day up to today as browsers send it, or as people write it where the browser has no calendar; nothing
/// if nothing was typed. The error is the message that says why not.
fn read_date(typed: &str, today: NaiveDate) -> Result<Option<NaiveDate>, &'static str> {
    let Some(date) = days::read(typed).map_err(|NoDay| "field-date")? else { return Ok(None) };
    match age_on(today, date) {
        ..0 => Err("houses-future"),
        age if age > i64::from(OLDEST) => Err("houses-too-long-ago"),
        _ => Ok(Some(date)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Lang;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn read(age: &str, placed_on: &str, before: Option<&str>) -> Result<HouseFacts, Faults> {
        let id: HouseId = "6a5ba5ee-1111-4000-8000-0000000000b1".parse().unwrap();
        let facts = HouseFacts {
            name: "A".to_owned(),
            birds: BirdKind::Layer,
            bird_count: None,
            placed_on: before.map(day),
        };
        let houses = [House { id, facts, devices: 0 }];
        let form = HouseForm {
            birds: "500".to_owned(),
            age: age.to_owned(),
            placed_on: placed_on.to_owned(),
            ..HouseForm::of(&houses[0].facts)
        };
        let known = Known { today: day("2026-02-12"), houses: &houses, house: Some(id) };
        form.read(&Reader::new(Lang::En), known)
    }

    fn placed(age: &str, placed_on: &str, before: Option<&str>) -> Option<NaiveDate> {
        read(age, placed_on, before).unwrap().placed_on
    }

    #[test]
    fn birds_are_placed_by_their_age_or_by_a_date() {
        assert_eq!(placed("", "", None), None);
        assert_eq!(placed("២៤", "", None), Some(day("2026-01-19")));
        assert_eq!(placed("", "2026-01-19", None), Some(day("2026-01-19")));
        assert_eq!(placed("", "១៩/០១/២០២៦", None), Some(day("2026-01-19")));
        assert_eq!(placed("24", "2026-01-19", None), Some(day("2026-01-19")));
    }

    #[test]
    fn days_win_over_the_date_that_was_there_and_contradict_one_that_was_typed() {
        let before = Some("2026-01-01");
        assert_eq!(placed("24", "2026-01-01", before), Some(day("2026-01-19")));
        let faults = read("24", "2026-01-02", before).unwrap_err();
        assert!(faults.of("age").is_some(), "{faults:?}");
    }

    #[test]
    fn days_that_can_not_be_are_refused() {
        let at = |date| read("", date, None).unwrap_err().of("placed_on").unwrap();
        assert!(at("2026-02-13").contains("still to come"), "{}", at("2026-02-13"));
        assert!(at("1970-01-01").contains("long ago"));
        for bad in
            ["2026-02-30", "yesterday", "0", "-2026-01-01", "+99999-01-01", "2026-01-01T00:00"]
        {
            assert!(!at(bad).is_empty(), "{bad}");
        }
        assert!(read("-1", "", None).unwrap_err().of("age").is_some());
    }
}
