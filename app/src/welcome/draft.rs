//! What was typed so far. It travels in the form itself: the server keeps nothing of a farm that is not
//! made yet.
use crate::forms;
use domain::{FarmId, numbers::parse_whole, poultry::BirdKind};

/// Houses of a new farm at most; more can be added later.
pub(super) const MOST_HOUSES: u32 = 12;

/// The names of the fields with the names of the houses.
pub(super) const HOUSE_FIELDS: [&str; 12] = [
    "house-1", "house-2", "house-3", "house-4", "house-5", "house-6", "house-7", "house-8",
    "house-9", "house-10", "house-11", "house-12",
];

/// A page of the wizard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// The farm's name and place.
    Farm,
    /// How many houses, and their names.
    Houses,
    /// What birds.
    Birds,
    /// All of it once more, and the button that makes it.
    Look,
}

impl Step {
    pub(super) const ALL: [Self; 4] = [Self::Farm, Self::Houses, Self::Birds, Self::Look];

    /// As the form says it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Farm => "farm",
            Self::Houses => "houses",
            Self::Birds => "birds",
            Self::Look => "look",
        }
    }

    /// The step of that name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }

    /// The step before; the first has none.
    pub(super) fn before(self) -> Option<Self> {
        Self::ALL.into_iter().rev().find(|step| *step < self)
    }

    /// The step after; the last has none.
    pub(super) fn after(self) -> Option<Self> {
        Self::ALL.into_iter().find(|step| *step > self)
    }
}

/// The fields, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    /// The identity that the farm is to have: however often the last step is sent, it is made once.
    pub(super) farm: FarmId,
    pub(super) name: String,
    pub(super) place: String,
    /// How many.
    pub(super) houses: String,
    /// Their names; an empty one stands for the usual one.
    pub(super) house_names: [String; 12],
    pub(super) kind: String,
    /// How many in each house.
    pub(super) birds: String,
    /// Days.
    pub(super) age: String,
}

impl Draft {
    /// Nothing typed yet.
    pub(super) fn new(farm: FarmId) -> Self {
        Self {
            farm,
            name: String::new(),
            place: String::new(),
            houses: "1".to_owned(),
            house_names: <[String; 12]>::default(),
            kind: BirdKind::Local.name().to_owned(),
            birds: String::new(),
            age: String::new(),
        }
    }

    /// How many houses there are to be, as far as that can be told.
    pub(super) fn house_count(&self) -> Option<u32> {
        parse_whole(&self.houses).ok().filter(|n| (1..=MOST_HOUSES).contains(n))
    }

    /// All fields by name.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        let names = HOUSE_FIELDS.into_iter().zip(self.house_names.iter().cloned());
        [
            ("farm", self.farm.to_string()),
            ("name", self.name.clone()),
            ("place", self.place.clone()),
            ("houses", self.houses.clone()),
            ("kind", self.kind.clone()),
            ("birds", self.birds.clone()),
            ("age", self.age.clone()),
        ]
        .into_iter()
        .chain(names)
        .collect()
    }

    fn field(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "name" => &mut self.name,
            "place" => &mut self.place,
            "houses" => &mut self.houses,
            "kind" => &mut self.kind,
            "birds" => &mut self.birds,
            "age" => &mut self.age,
            house => {
                let index = HOUSE_FIELDS.iter().position(|name| *name == house)?;
                self.house_names.get_mut(index)?
            }
        })
    }
}

/// What a button asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Go {
    Next,
    /// To an earlier step, with all that was typed.
    To(Step),
    FewerHouses,
    MoreHouses,
    FewerBirds,
    MoreBirds,
    Younger,
    Older,
}

impl Go {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "next" => Self::Next,
            "fewer-houses" => Self::FewerHouses,
            "more-houses" => Self::MoreHouses,
            "fewer-birds" => Self::FewerBirds,
            "more-birds" => Self::MoreBirds,
            "younger" => Self::Younger,
            "older" => Self::Older,
            step => Self::To(Step::parse(step)?),
        })
    }
}

/// Reads the form: which page it was on, what was typed and which button was pressed. Nothing if it is no
/// form of ours: unknown, missing or repeated fields.
pub(super) fn read(pairs: Vec<(String, String)>) -> Option<(Step, Draft, Go)> {
    let (mut farm, mut step, mut go) = (None, None, None);
    let mut draft = Draft::new(FarmId(Default::default()));
    let mut seen = Vec::new();
    for (name, value) in pairs {
        match name.as_str() {
            "farm" => farm = Some(forms::read_identity::<FarmId>(&value)?),
            "step" => step = Some(Step::parse(&value)?),
            "go" => go = Some(Go::parse(&value)?),
            other => *draft.field(other)? = value,
        }
        if seen.contains(&name) {
            return None;
        }
        seen.push(name);
    }
    draft.farm = farm?;
    Some((step?, draft, go.unwrap_or(Go::Next)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FARM: &str = "6a5ba5ee-1111-4000-8000-000000000009";

    fn pairs(more: &[(&str, &str)]) -> Vec<(String, String)> {
        let all = [&[("farm", FARM), ("step", "houses")], more].concat();
        all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn what_is_written_into_the_form_is_read_from_it() {
        let mut draft = Draft::new(FARM.parse().unwrap());
        draft.name = "ក".to_owned();
        draft.house_names[11] = "Last".to_owned();
        let mut sent = draft.fields();
        sent.extend([("step", "birds".to_owned()), ("go", "houses".to_owned())]);
        let sent = sent.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        assert_eq!(read(sent), Some((Step::Birds, draft, Go::To(Step::Houses))));
    }

    #[test]
    fn unknown_missing_and_repeated_fields_are_no_form_of_ours() {
        assert!(read(pairs(&[])).is_some());
        for more in [
            [("owner_id", FARM)].as_slice(),
            &[("role", "admin")],
            &[("house-13", "x")],
            &[("go", "delete")],
            &[("farm", FARM)],
            &[("name", "a"), ("name", "b")],
        ] {
            assert_eq!(read(pairs(more)), None, "{more:?}");
        }
        assert_eq!(read(Vec::new()), None);
        for farm in ["1", "00000000-0000-0000-0000-000000000000"] {
            let all = [("farm", farm), ("step", "houses")];
            let all = all.map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(read(all.to_vec()), None, "{farm}");
        }
    }
}
