//! One house or all, where there are several: links at the head of a page.
use crate::{icons::Icon, reader::Reader};
use domain::{FarmId, HouseId};
use leptos::prelude::*;
use store::home::House;

/// Which house a page of a farm is about.
#[derive(Debug, Clone)]
pub(crate) struct Picked {
    pub(crate) farm: FarmId,
    /// The page's place on the farm, such as `devices`.
    pub(crate) place: &'static str,
    /// All houses without one.
    pub(crate) house: Option<HouseId>,
    pub(crate) houses: Vec<House>,
}

impl Picked {
    /// The page's address.
    pub(crate) fn address(&self) -> String {
        self.of(self.house)
    }

    fn of(&self, house: Option<HouseId>) -> String {
        let query = house.map(|house| format!("?house={house}")).unwrap_or_default();
        format!("/farms/{}/{}{query}", self.farm, self.place)
    }
}

/// The links.
#[component]
pub(crate) fn HousePick(reader: Reader, picked: Picked) -> impl IntoView {
    let chip = |house: Option<HouseId>, icon: &'static str, name: String| {
        let current = (picked.house == house).then_some("true");
        view! {
            <a class="chip" href=picked.of(house) aria-current=current>
                <Icon name=icon/>
                <span>{name}</span>
            </a>
        }
    };
    (picked.houses.len() > 1).then(|| {
        let all = chip(None, "home", reader.say("devices-all"));
        let houses = picked.houses.iter().map(|one| chip(Some(one.id), "coop", one.name.clone()));
        view! {
            <nav class="pick" aria-label=reader.say("houses-title")>
                {all} {houses.collect_view()}
            </nav>
        }
    })
}
