//! From one step to the next: a button's wish, what was typed, and what is wrong with it.
use super::{
    draft::{Draft, Go, MOST_HOUSES, Step},
    plan::{Plan, check, plan},
};
use crate::{
    forms::{Faults, Steps},
    houses::birds::{MOST, OLDEST},
    reader::Reader,
};
use domain::numbers::{BadNumber, parse_whole};

/// The numbers that have − and +. `public/boot.js` steps as [`less`] and [`more`] do.
pub(super) const HOUSES: Steps = Steps { least: 1, most: MOST_HOUSES, by: 1 };
pub(super) const BIRDS: Steps = Steps { least: 0, most: MOST, by: 50 };
pub(super) const DAYS: Steps = Steps { least: 0, most: OLDEST, by: 1 };

/// What the wizard does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Then {
    /// Shows a step.
    Show(Step, Faults),
    /// Makes the farm.
    Make(Plan),
}

/// Does what a button asks for.
pub(super) fn go(reader: &Reader, draft: &mut Draft, step: Step, go: Go) -> Then {
    match go {
        Go::Next => return next(reader, draft, step),
        // nobody gets ahead of what is checked
        Go::To(to) => return Then::Show(to.min(step), Faults::default()),
        Go::FewerHouses => less(reader, &mut draft.houses, HOUSES),
        Go::MoreHouses => more(reader, &mut draft.houses, HOUSES),
        Go::FewerBirds => less(reader, &mut draft.birds, BIRDS),
        Go::MoreBirds => more(reader, &mut draft.birds, BIRDS),
        Go::Younger => less(reader, &mut draft.age, DAYS),
        Go::Older => more(reader, &mut draft.age, DAYS),
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

/// What is no number stays as it was typed.
fn less(reader: &Reader, typed: &mut String, Steps { least, most, by }: Steps) {
    if let Some(number) = number(typed) {
        *typed = reader.field(number.saturating_sub(by).clamp(least, most));
    }
}

fn more(reader: &Reader, typed: &mut String, Steps { least, most, by }: Steps) {
    if let Some(number) = number(typed) {
        *typed = reader.field(number.saturating_add(by).clamp(least, most));
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
    use crate::reader::{Digits, Lang};
    use domain::poultry::BirdKind;

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
        more(&EN, &mut typed, DAYS);
        assert_eq!(typed, "many");
        let khmer = Reader { digits: Digits::Khmer, ..EN };
        let mut typed = "1,450".to_owned();
        more(&khmer, &mut typed, BIRDS);
        assert_eq!(typed, "១៥០០");
    }
}
