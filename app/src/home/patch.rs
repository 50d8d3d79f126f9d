//! What differs between two views of Home, as little as will do: numbers where only numbers changed,
//! whole pieces where their look did, and all of it when pieces came or went.
use super::{
    model::{AgeView, AnswerView, DeviceView, HomeView, RowView, TileView},
    pieces,
};
use crate::{
    document::render,
    live::{PagePatch, Shown, ValuePatch},
    state::Assets,
};
use domain::{SeriesId, Timestamp};
use leptos::prelude::*;
use std::sync::Arc;

/// A difference, with the numbers kept apart by series.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    /// Pieces and everything else.
    pub(crate) page: PagePatch,
    /// Numbers and ages.
    pub(crate) values: Vec<(SeriesId, ValuePatch)>,
}

/// All of `new`.
pub(crate) fn everything(assets: &Arc<Assets>, new: &HomeView) -> String {
    let home = new.clone();
    render(assets, || view! { <pieces::Home home/> })
}

/// What must change on a page that shows `old`, so that it shows `new`.
pub(crate) fn difference(
    assets: &Arc<Assets>,
    old: &HomeView,
    new: &HomeView,
    now: Timestamp,
) -> Difference {
    let mut found = Difference::default();
    found.page.now = now.as_millis();
    if old.answer.look.title != new.answer.look.title {
        found.page.announcement.clone_from(&new.answer.look.title);
    }
    if old.titles != new.titles || old.shape() != new.shape() {
        found.page.main = Some(everything(assets, new));
        return found;
    }
    answer(assets, old, new, &mut found);
    tiles_differ(assets, (&old.tiles, &new.tiles), &mut found);
    devices_differ(assets, (&old.devices, &new.devices), &mut found);
    rows_differ(assets, (old.rows(), new.rows()), &mut found);
    found
}

/// What differs between tiles that stand for the same series.
pub(crate) fn tiles_differ(
    assets: &Arc<Assets>,
    (old, new): (&[TileView], &[TileView]),
    found: &mut Difference,
) {
    for (old, new) in old.iter().zip(new) {
        let id = format!("v{}", new.look.series.0);
        if old.look != new.look {
            let tile = new.clone();
            found.page.pieces.push((id, render(assets, || view! { <pieces::Tile tile/> })));
        } else if new.look.none.is_none() {
            let shown = (&old.shown, &new.shown);
            found.value(new.look.series, id, Some(shown), (&old.age, &new.age));
        }
    }
}

/// What differs between the cards of the same devices.
pub(crate) fn devices_differ(
    assets: &Arc<Assets>,
    (old, new): (&[DeviceView], &[DeviceView]),
    found: &mut Difference,
) {
    for (old, new) in old.iter().zip(new) {
        if old != new {
            let device = new.clone();
            let said = |view: &DeviceView| view.latch.as_ref().and_then(|latch| latch.said.clone());
            if let Some(now_said) =
                said(new).filter(|now_said| said(old).as_ref() != Some(now_said))
            {
                found.page.announcement = now_said;
            }
            let html = render(assets, || view! { <pieces::Device device/> });
            found.page.pieces.push((format!("d-{}", new.id), html));
        }
    }
}

/// What differs between lines that stand for the same.
pub(crate) fn rows_differ<'v>(
    assets: &Arc<Assets>,
    (old, new): (impl Iterator<Item = &'v RowView>, impl Iterator<Item = &'v RowView>),
    found: &mut Difference,
) {
    for (old, new) in old.zip(new) {
        let values = old.values.iter().zip(&new.values);
        if old.look != new.look || values.clone().any(|(old, new)| old.look != new.look) {
            let row = new.clone();
            let html = render(assets, || view! { <pieces::Row row/> });
            found.page.pieces.push((new.look.id.clone(), html));
            continue;
        }
        for (old, new) in values.filter(|(_, new)| new.look.none.is_none()) {
            let shown = (&old.shown, &new.shown);
            let id = new.look.id.clone();
            found.value(new.look.series, id, Some(shown), (&old.age, &new.age));
        }
    }
}

/// The sentences of an answer.
pub(crate) fn say(assets: &Arc<Assets>, answer: &AnswerView) -> (String, String) {
    let say = answer.say.clone();
    ("say".to_owned(), render(assets, || view! { <pieces::Say say/> }))
}

fn answer(assets: &Arc<Assets>, old: &HomeView, new: &HomeView, found: &mut Difference) {
    let (old, new) = (&old.answer, &new.answer);
    if old.look != new.look || old.checked.is_some() != new.checked.is_some() {
        let answer = new.clone();
        let html = render(assets, || view! { <pieces::Answer answer/> });
        found.page.pieces.push(("home-answer".to_owned(), html));
        return;
    }
    if old.say != new.say {
        found.page.pieces.push(say(assets, new));
    }
    if let (Some(old), Some(new)) = (&old.checked, &new.checked)
        && old.age != new.age
    {
        found.page.values.push(patch("checked".to_owned(), None, new));
    }
}

impl Difference {
    fn value(
        &mut self,
        series: SeriesId,
        id: String,
        shown: Option<(&Shown, &Shown)>,
        age: (&AgeView, &AgeView),
    ) {
        let number = shown.filter(|(old, new)| old != new).map(|(_, new)| new.clone());
        if number.is_some() || age.0.age != age.1.age {
            self.values.push((series, patch(id, number, age.1)));
        }
    }
}

/// A new number or age for one place.
pub(super) fn patch(id: String, shown: Option<Shown>, age: &AgeView) -> ValuePatch {
    ValuePatch { id, shown, age: age.age, datetime: age.datetime.clone(), clock: age.clock.clone() }
}
