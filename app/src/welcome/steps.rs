//! From one step to the next: a button's wish, what was typed, and what is wrong with it.
use super::draft::{Draft, Go, HOUSE_FIELDS, MOST_HOUSES, Step};
use crate::{
    forms::{Faults, bad_name, bad_range},
    houses::birds::{MOST, OLDEST, read_age, read_count, read_kind},
    reader::Reader,
};
use domain::{
    names::{BadName, LONGEST, clean, clean_line, same_key},
    numbers::{BadNumber, parse_whole},
    poultry::BirdKind,
};

/// Characters of a place in words.
pub(crate) const LONGEST_PLACE: usize = 120;
/// Birds a press of − or + is about.
pub(super) const BIRDS_STEP: u32 = 50;

/// What the wizard does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Then {
    /// Shows a step.
    Show(Step, Faults),
    /// Makes the farm.
    Make(Plan),
}

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

/// Does what a button asks for.
pub(super) fn go(reader: &Reader, draft: &mut Draft, step: Step, go: Go) -> Then {
    match go {
        Go::Next => return next(reader, draft, step),
        // nobody gets ahead of what is checked
        Go::To(to) => return Then::Show(to.min(step), Faults::default()),
        Go::FewerHouses => less(&mut draft.houses, 1, 1),
        Go::MoreHouses => more(&mut draft.houses, 1, MOST_HOUSES),
        Go::FewerBirds => less(&mut draft.birds, BIRDS_STEP, 0),
        Go::MoreBirds => more(&mut draft.birds, BIRDS_STEP, MOST),
        Go::Younger => less(&mut draft.age, 1, 0),
        Go::Older => more(&mut draft.age, 1, OLDEST),
    }
    Then::Show(step, Faults::default())
}

/// One step on, if all up to here is right; else to the first that is not.
fn next(reader: &Reader, draft: &Draft, step: Step) -> Then {
    for checked in Step::ALL.into_iter().filter(|checked| *checked <= step) {
        let mut faults = Faults::default();
        check(reader, draft, checked, &mut faults);
        if !faults.is_empty() {
            return Then::Show(checked, faults);
        }
    }
    match step.after() {
        Some(after) => Then::Show(after, Faults::default()),
        None => Then::Make(plan(reader, draft)),
    }
}

fn check(reader: &Reader, draft: &Draft, step: Step, faults: &mut Faults) {
    match step {
        Step::Farm => {
            read_name(reader, draft, faults);
            read_place(reader, &draft.place, faults);
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
    Plan {
        name: read_name(reader, draft, &mut faults),
        place: read_place(reader, &draft.place, &mut faults),
        houses: read_houses(reader, draft, &mut faults),
        kind,
        birds,
        age,
    }
}

fn read_name(reader: &Reader, draft: &Draft, faults: &mut Faults) -> String {
    clean(&draft.name).unwrap_or_else(|bad| {
        faults.add("name", bad_name(reader, bad, LONGEST));
        String::new()
    })
}

/// A place in words; nothing if nothing was typed.
pub(crate) fn read_place(reader: &Reader, typed: &str, faults: &mut Faults) -> Option<String> {
    match clean_line(typed, LONGEST_PLACE) {
        Ok(place) => Some(place),
        Err(BadName::Empty) => None,
        Err(bad) => {
            faults.add("place", bad_name(reader, bad, LONGEST_PLACE));
            None
        }
    }
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

/// What is no number stays as it was typed.
fn less(typed: &mut String, by: u32, least: u32) {
    if let Some(number) = number(typed) {
        *typed = number.saturating_sub(by).max(least).to_string();
    }
}

fn more(typed: &mut String, by: u32, most: u32) {
    if let Some(number) = number(typed) {
        *typed = number.saturating_add(by).min(most).to_string();
    }
}

fn number(typed: &str) -> Option<u32> {
    match parse_whole(typed) {
        Ok(number) => Some(number),
        Err(BadNumber::Empty) => Some(0),
        Err(BadNumber::NotWhole | BadNumber::TooLarge) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Lang;

    const EN: Reader = Reader::new(Lang::En);

    fn draft() -> Draft {
        let mut draft = Draft::new(store::farms::new_id());
        draft.name = "  Sok\u{200B} farm ".to_owned();
        draft.houses = "២".to_owned();
        draft.birds = "១,៥០០".to_owned();
        draft.age = "3".to_owned();
        draft
    }

    fn fault(draft: &Draft, step: Step) -> (Step, Faults) {
        match go(&EN, &mut draft.clone(), step, Go::Next) {
            Then::Show(at, faults) => (at, faults),
            Then::Make(plan) => panic!("made {plan:?}"),
        }
    }

    #[test]
    fn four_steps_lead_to_a_farm() {
        let mut draft = draft();
        for (step, then) in
            [(Step::Farm, Step::Houses), (Step::Houses, Step::Birds), (Step::Birds, Step::Look)]
        {
            let show = Then::Show(then, Faults::default());
            assert_eq!(go(&EN, &mut draft, step, Go::Next), show);
        }
        let plan = Plan {
            name: "Sok farm".to_owned(),
            place: None,
            houses: vec!["House 1".to_owned(), "House 2".to_owned()],
            kind: BirdKind::Local,
            birds: Some(1500),
            age: Some(3),
        };
        assert_eq!(go(&EN, &mut draft, Step::Look, Go::Next), Then::Make(plan));
    }

    #[test]
    fn back_keeps_what_was_typed_also_what_is_wrong() {
        let mut draft = Draft { birds: "many".to_owned(), ..draft() };
        let before = draft.clone();
        let then = go(&EN, &mut draft, Step::Birds, Go::To(Step::Farm));
        assert_eq!((then, draft), (Then::Show(Step::Farm, Faults::default()), before));
    }

    #[test]
    fn nobody_gets_ahead_of_what_is_checked() {
        let draft = Draft { name: "\u{202E}".to_owned(), ..draft() };
        let ahead = go(&EN, &mut draft.clone(), Step::Farm, Go::To(Step::Look));
        assert_eq!(ahead, Then::Show(Step::Farm, Faults::default()));
        let (step, faults) = fault(&draft, Step::Look);
        assert_eq!(
            (step, faults.of("name").as_deref()),
            (Step::Farm, Some("Please fill this in."))
        );
    }

    #[test]
    fn houses_are_one_to_twelve_of_different_names() {
        for houses in ["0", "13", "-1", "", "two"] {
            let (step, faults) =
                fault(&Draft { houses: houses.to_owned(), ..draft() }, Step::Houses);
            assert!(step == Step::Houses && faults.of("houses").is_some(), "{houses}");
        }
        let mut same = draft();
        same.house_names[0] = "house\u{200B} 2".to_owned();
        assert!(fault(&same, Step::Houses).1.of("house-2").is_some());
        // of houses that there will not be nothing is asked
        same.houses = "1".to_owned();
        assert_eq!(fault(&same, Step::Houses).0, Step::Birds);
    }

    #[test]
    fn empty_houses_have_no_day_0_and_birds_have_an_age() {
        let mut empty = Draft { birds: "0".to_owned(), age: String::new(), ..draft() };
        let Then::Make(plan) = go(&EN, &mut empty, Step::Look, Go::Next) else { panic!() };
        assert_eq!((plan.birds, plan.age), (None, None));
        empty.birds = "10".to_owned();
        assert!(fault(&empty, Step::Birds).1.of("age").is_some());
        empty.birds = String::new();
        assert!(fault(&empty, Step::Birds).1.of("birds").is_some());
    }

    #[test]
    fn the_steppers_stay_within_their_bounds_and_leave_what_is_no_number() {
        let mut draft = draft();
        let mut press = |button| {
            go(&EN, &mut draft, Step::Birds, button);
            (draft.houses.clone(), draft.birds.clone(), draft.age.clone())
        };
        assert_eq!(press(Go::FewerHouses).0, "1");
        assert_eq!(press(Go::FewerHouses).0, "1");
        assert_eq!(press(Go::MoreBirds).1, "1550");
        assert_eq!((0..4).map(|_| press(Go::Younger).2).last().unwrap(), "0");
        assert_eq!(press(Go::Older).2, "1");
        let mut typed = "many".to_owned();
        more(&mut typed, 1, 9);
        assert_eq!(typed, "many");
    }
}
