//! What is asked about birds wherever it is asked: their kind, how many, how old.
use crate::{
    forms::{Choice, bad_range},
    reader::Reader,
};
use chrono::{Days, NaiveDate};
use domain::{
    numbers::{BadNumber, parse_whole},
    poultry::BirdKind,
};
use store::houses::HouseFacts;

/// Birds of one house at most.
pub(crate) const MOST: u32 = 1_000_000;
/// Days of the oldest birds.
pub(crate) const OLDEST: u32 = 3650;

/// The kinds to choose from, the most usual ones first.
pub(crate) fn kinds(reader: &Reader) -> Vec<Choice> {
    [
        (BirdKind::Local, "hen"),
        (BirdKind::Broiler, "chick"),
        (BirdKind::Layer, "egg"),
        (BirdKind::Other, "question"),
    ]
    .map(|(kind, icon)| Choice {
        value: kind.name(),
        label: reader.say(&format!("bird-{}", kind.name())),
        help: reader.find(&format!("bird-{}-help", kind.name())),
        icon,
    })
    .into()
}

/// The kind of that name.
pub(crate) fn read_kind(name: &str) -> Option<BirdKind> {
    BirdKind::ALL.into_iter().find(|kind| kind.name() == name)
}

/// How many birds; nothing if nothing was typed.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn read_count(reader: &Reader, typed: &str) -> Result<Option<u32>, String> {
    read(reader, typed, MOST)
}

/// How many days old; nothing if nothing was typed.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn read_age(reader: &Reader, typed: &str) -> Result<Option<u32>, String> {
    read(reader, typed, OLDEST)
}

fn read(reader: &Reader, typed: &str, most: u32) -> Result<Option<u32>, String> {
    match parse_whole(typed) {
        Ok(number) if number <= most => Ok(Some(number)),
        Err(BadNumber::Empty) => Ok(None),
        Ok(_) | Err(BadNumber::NotWhole | BadNumber::TooLarge) => Err(bad_range(reader, 0, most)),
    }
}

/// Day 0 of birds that are so old today.
pub(crate) fn day_0(today: NaiveDate, age: u32) -> NaiveDate {
    today.checked_sub_days(Days::new(age.into())).unwrap_or(today)
}

/// How old birds of that day 0 are; negative if it is still to come.
pub(crate) fn age_on(today: NaiveDate, placed_on: NaiveDate) -> i64 {
    today.signed_duration_since(placed_on).num_days()
}

/// "500 broilers · day 24".
pub(crate) fn about(reader: &Reader, facts: &HouseFacts, today: NaiveDate) -> String {
    let kind = facts.birds.name();
    let birds = match facts.bird_count {
        Some(n) => reader.say_with(&format!("birds-{kind}"), &[("n", &reader.whole(n.into()))]),
        None if facts.placed_on.is_none() => return reader.say("houses-empty"),
        None => reader.say(&format!("bird-{kind}")),
    };
    let day = facts.placed_on.map(|placed_on| {
        let age = age_on(today, placed_on);
        reader.say_with("home-day", &[("n", &reader.whole(age))])
    });
    [Some(birds), day].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Lang;

    const EN: Reader = Reader::new(Lang::En);

    #[test]
    fn birds_are_told_by_number_kind_and_day_as_far_as_they_are_known() {
        let today = NaiveDate::from_ymd_opt(2026, 2, 12).unwrap();
        let say = |bird_count, age: Option<u32>| {
            let placed_on = age.map(|age| day_0(today, age));
            let facts =
                HouseFacts { name: "A".into(), birds: BirdKind::Broiler, bird_count, placed_on };
            about(&EN, &facts, today)
        };
        assert_eq!(say(Some(500), Some(24)), "500 broilers · day 24");
        assert_eq!(say(Some(1500), None), "1,500 broilers");
        assert_eq!(say(None, Some(0)), "Broiler · day 0");
        assert_eq!(say(None, None), "No birds");
    }

    #[test]
    fn numbers_of_birds_and_days_have_their_bounds() {
        assert_eq!(read_count(&EN, "១,០០០"), Ok(Some(1000)));
        assert_eq!(read_count(&EN, " "), Ok(None));
        for typed in ["-1", "1000001", "99999999999", "many"] {
            let fault = read_count(&EN, typed).unwrap_err();
            assert_eq!(fault, "Please type a number from 0 to 1,000,000.", "{typed}");
        }
        assert_eq!(read_age(&EN, "3650"), Ok(Some(3650)));
        assert!(read_age(&EN, "3651").is_err());
    }
}
