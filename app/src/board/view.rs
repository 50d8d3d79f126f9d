//! Groups as HTML. Whole pages and their streams use the same pieces.
use super::{Board, Group};
use crate::home::{DeviceWithRefusal, Row, Tile};
use leptos::prelude::*;

/// The id of the element that holds all groups.
pub(super) const ID: &str = "board";

/// All groups.
#[component]
pub(crate) fn Groups(board: Board) -> impl IntoView {
    let groups = board.groups.into_iter().map(|group| view! { <OneGroup group/> });
    view! { <div id=ID class="board">{groups.collect_view()}</div> }
}

#[component]
fn OneGroup(group: Group) -> impl IntoView {
    let title = (!group.title.is_empty()).then(|| view! { <h2>{group.title}</h2> });
    let help = group.help.map(|help| view! { <p class="lead">{help}</p> });
    let tiles = (!group.tiles.is_empty()).then(|| {
        let tiles = group.tiles.into_iter().map(|tile| view! { <Tile tile/> });
        view! { <div class="values">{tiles.collect_view()}</div> }
    });
    let devices = (!group.devices.is_empty()).then(|| {
        let devices = group.devices.into_iter().map(|device| view! { <DeviceWithRefusal device/> });
        view! { <div class="devices devices--two">{devices.collect_view()}</div> }
    });
    let rows = (!group.rows.is_empty()).then(|| {
        let rows = group.rows.into_iter().map(|row| view! { <Row row/> });
        view! { <ul class="list">{rows.collect_view()}</ul> }
    });
    view! { <section class="group">{title}{help}{tiles}{devices}{rows}</section> }
}
