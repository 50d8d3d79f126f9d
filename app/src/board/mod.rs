//! The part of a page that stays true while it is open: groups of tiles, devices and lines. What people type
//! into stands beside it, never in it, since news may replace any of it.

mod follower;
mod patch;
mod stream;
mod view;

pub(crate) use follower::Follower;
pub(crate) use stream::{Followed, Seen};
pub(crate) use view::Groups;

use crate::{
    document::LiveSource,
    home::{DeviceView, LostWords, RowView, TileView},
};
use domain::Timestamp;
use leptos::prelude::*;
use std::hash::{DefaultHasher, Hash, Hasher};

/// All of it, in finished words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Board {
    pub(crate) groups: Vec<Group>,
}

/// Things under one title.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Group {
    /// Empty for none.
    pub(crate) title: String,
    /// A sentence below the title, or in place of what there is none of.
    pub(crate) help: Option<String>,
    pub(crate) tiles: Vec<TileView>,
    pub(crate) devices: Vec<DeviceView>,
    pub(crate) rows: Vec<RowView>,
}

impl Group {
    /// Lines under a title.
    pub(crate) fn rows(title: String, rows: Vec<RowView>) -> Self {
        Self { title, rows, ..Self::default() }
    }

    /// Devices under a title.
    pub(crate) fn devices(title: String, devices: Vec<DeviceView>) -> Self {
        Self { title, devices, ..Self::default() }
    }

    fn is_empty(&self) -> bool {
        self.help.is_none()
            && self.tiles.is_empty()
            && self.devices.is_empty()
            && self.rows.is_empty()
    }
}

impl Board {
    /// Groups of which something is to be said.
    pub(crate) fn new(groups: Vec<Group>) -> Self {
        Self { groups: groups.into_iter().filter(|group| !group.is_empty()).collect() }
    }

    /// The stream of the page that shows it.
    pub(crate) fn source(&self, address: String, now: Timestamp) -> LiveSource {
        LiveSource {
            address,
            fingerprint: self.fingerprint(),
            now: now.as_millis(),
            lost: |reader| view! { <LostWords reader/> }.into_any(),
        }
    }

    /// The same for two that differ in numbers and ages only.
    fn fingerprint(&self) -> String {
        let mut hasher = DefaultHasher::new();
        for group in &self.groups {
            (&group.title, &group.help).hash(&mut hasher);
            group.tiles.iter().for_each(|tile| tile.look.hash(&mut hasher));
            group.devices.hash(&mut hasher);
            for row in &group.rows {
                row.look.hash(&mut hasher);
                row.values.iter().for_each(|value| value.look.hash(&mut hasher));
            }
        }
        format!("{:016x}", hasher.finish())
    }

    /// The titles and the names of all pieces in their order: where these are the same, pieces can be
    /// exchanged one by one.
    fn shape(&self) -> Vec<String> {
        let of_group = |group: &Group| {
            let head = format!("{}\n{}", group.title, group.help.as_deref().unwrap_or_default());
            let tiles = group.tiles.iter().map(|tile| format!("v{}", tile.look.series.0));
            let devices = group.devices.iter().map(|device| device.id.clone());
            let rows = group.rows.iter().flat_map(|row| {
                let values = row.values.iter().map(|value| value.look.id.clone());
                std::iter::once(row.look.id.clone()).chain(values)
            });
            std::iter::once(head).chain(tiles).chain(devices).chain(rows).collect::<Vec<_>>()
        };
        self.groups.iter().flat_map(of_group).collect()
    }
}
