//! What differs between two boards, as little as will do.
use super::{
    Board,
    view::{Groups, ID},
};
use crate::{
    document::render,
    home::{Difference, all_values, devices_differ, rows_differ, tiles_differ},
    live::{PagePatch, ValuePatch},
    state::Assets,
};
use domain::Timestamp;
use leptos::prelude::*;
use std::sync::Arc;

/// All of it.
pub(super) fn everything(assets: &Arc<Assets>, board: &Board, now: Timestamp) -> PagePatch {
    let board = board.clone();
    let html = render(assets, || view! { <Groups board/> });
    PagePatch { now: now.as_millis(), pieces: vec![(ID.to_owned(), html)], ..PagePatch::default() }
}

/// Every number and age.
pub(super) fn values(board: &Board) -> Vec<ValuePatch> {
    let of_group = |group: &super::Group| all_values(&group.tiles, group.rows.iter());
    board.groups.iter().flat_map(of_group).collect()
}

/// What must change on a page that shows `old`, so that it shows `new`.
pub(super) fn difference(
    assets: &Arc<Assets>,
    (old, new): (&Board, &Board),
    now: Timestamp,
) -> PagePatch {
    if old.shape() != new.shape() {
        return everything(assets, new, now);
    }
    let mut found = Difference::default();
    found.page.now = now.as_millis();
    for (old, new) in old.groups.iter().zip(&new.groups) {
        tiles_differ(assets, (&old.tiles, &new.tiles), &mut found);
        devices_differ(assets, (&old.devices, &new.devices), &mut found);
        rows_differ(assets, (old.rows.iter(), new.rows.iter()), &mut found);
    }
    found.into_page()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        board::Group,
        home::{RowLook, RowView},
    };

    const NOW: Timestamp = Timestamp::from_millis(1_770_878_820_000);

    fn board(title: &str, rows: &[(&str, &str)]) -> Board {
        let row = |(id, name): &(&str, &str)| RowView {
            look: RowLook {
                id: (*id).to_owned(),
                href: None,
                icon: "signal",
                name: (*name).to_owned(),
                about: None,
                tag: None,
            },
            values: Vec::new(),
        };
        Board::new(vec![Group::rows(title.to_owned(), rows.iter().map(row).collect())])
    }

    fn pieces(old: &Board, new: &Board) -> Vec<String> {
        let found = difference(&Arc::new(Assets::default()), (old, new), NOW);
        found.pieces.into_iter().map(|(id, _)| id).collect()
    }

    #[test]
    fn only_what_changed_is_sent_and_all_of_it_where_something_came_or_went() {
        let old = board("A", &[("a", "one"), ("b", "two")]);
        assert_eq!(pieces(&old, &old), Vec::<String>::new());
        assert_eq!(pieces(&old, &board("A", &[("a", "one"), ("b", "three")])), ["b"]);
        assert_eq!(pieces(&old, &board("A", &[("a", "one")])), [ID]);
        assert_eq!(pieces(&old, &board("B", &[("a", "one"), ("b", "two")])), [ID]);
        assert_ne!(old.fingerprint(), board("A", &[("a", "one"), ("b", "x")]).fingerprint());
    }

    #[test]
    fn a_group_of_which_nothing_is_to_be_said_is_left_out() {
        assert_eq!(board("A", &[]).groups, []);
    }
}
