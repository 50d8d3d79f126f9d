//! What was typed becomes a farm that can be made, or is told what is wrong with it.
use super::draft::{Draft, HOUSE_FIELDS, MOST_HOUSES, Step};
use crate::{
    farms::read_farm,
    forms::{Faults, bad_name, bad_range},
    houses::birds::{read_age, read_count, read_kind},
    reader::Reader,
};
use domain::{
    names::{BadName, LONGEST, clean, same_key},
    poultry::BirdKind,
};

/// A farm that can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) place: Option<String>,
    pub(super) houses: Vec<String>,
    pub(super) kind: BirdKind,
    /// In each house; none in empty ones.
    pub(super) birds: Option<i32>,
    /// Days.
    pub(super) age: Option<u32>,
}

/// What is wrong with a step.
pub(super) fn check(reader: &Reader, draft: &Draft, step: Step, faults: &mut Faults) {
    match step {
        Step::Farm => {
            read_farm(reader, (&draft.name, &draft.place), faults);
        }
        Step::Houses => {
            read_houses(reader, draft, faults);
        }
        Step::Birds => {
            read_birds(reader, draft, faults);
        }
        Step::Look => {}
    }
}

/// All of a draft that was checked.
pub(super) fn plan(reader: &Reader, draft: &Draft) -> Plan {
    let mut faults = Faults::default();
    let (kind, birds, age) = read_birds(reader, draft, &mut faults);
    let (name, place) = read_farm(reader, (&draft.name, &draft.place), &mut faults);
    Plan { name, place, houses: read_houses(reader, draft, &mut faults), kind, birds, age }
}

/// The houses' names: the usual ones where none were typed.
fn read_houses(reader: &Reader, draft: &Draft, faults: &mut Faults) -> Vec<String> {
    let Some(count) = draft.house_count() else {
        faults.add("houses", bad_range(reader, 1, MOST_HOUSES));
        return Vec::new();
    };
    let mut names: Vec<String> = Vec::new();
    for ((number, field), typed) in (1..=count).zip(HOUSE_FIELDS).zip(&draft.house_names) {
        let name = match clean(typed) {
            Ok(name) => name,
            Err(BadName::Empty) => usual_name(reader, number),
            Err(bad) => {
                faults.add(field, bad_name(reader, bad, LONGEST));
                continue;
            }
        };
        if names.iter().any(|other| same_key(other) == same_key(&name)) {
            faults.add(field, reader.say("houses-same-name"));
        }
        names.push(name);
    }
    names
}

/// "House 1".
pub(super) fn usual_name(reader: &Reader, number: u32) -> String {
    reader.say_with("welcome-house", &[("n", &reader.whole(number.into()))])
}

/// Birds that are there have an age; of a house without any nothing more is asked.
fn read_birds(
    reader: &Reader,
    draft: &Draft,
    faults: &mut Faults,
) -> (BirdKind, Option<i32>, Option<u32>) {
    let kind = read_kind(&draft.kind).unwrap_or_else(|| {
        faults.add("kind", reader.say("field-required"));
        BirdKind::Other
    });
    let required = || reader.say("field-required");
    let birds = read_count(reader, &draft.birds).and_then(|birds| birds.ok_or_else(required));
    let birds = birds.unwrap_or_else(|fault| {
        faults.add("birds", fault);
        1
    });
    if birds == 0 {
        return (kind, None, None);
    }
    let age = read_age(reader, &draft.age).and_then(|age| age.ok_or_else(required));
    let age = age.map_err(|fault| faults.add("age", fault)).ok();
    (kind, i32::try_from(birds).ok(), age)
}
