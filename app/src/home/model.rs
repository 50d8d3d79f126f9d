//! Home in finished words: what the page shows, before it is HTML. Each piece has a look (all that
//! changes seldom) and, beside it, the numbers and ages that change all the time; so that a stream can
//! tell a new number from a new look.
use super::scene::Scene;
use crate::live::{Age, Shown};
use domain::SeriesId;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A colour of states, with its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Mood {
    /// Check, palm.
    Good,
    /// Triangle, yolk.
    Warn,
    /// Octagon, laterite.
    Bad,
    /// Dashed, stone.
    Lost,
    /// On its way: pond.
    Going,
    /// Over and of no weight: sunk.
    Quiet,
}

/// A state in words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Tag {
    pub(crate) mood: Mood,
    pub(crate) icon: &'static str,
    pub(crate) text: String,
}

/// A text with one moment in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Sentence {
    pub(crate) before: String,
    pub(crate) moment: Option<Moment>,
    pub(crate) after: String,
}

/// A point in time, for programs and in words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Moment {
    pub(crate) datetime: String,
    pub(crate) text: String,
}

/// An age that grows on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AgeView {
    pub(crate) age: Age,
    pub(crate) datetime: String,
    /// "12 s ago".
    pub(crate) text: String,
    /// The time of day, for when the connection is lost.
    pub(crate) clock: String,
    /// How much of the ring is left, in tenths of its length of 50.3.
    pub(crate) ring: u16,
}

/// A warning within the answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Note {
    pub(crate) mood: Mood,
    pub(crate) icon: &'static str,
    pub(crate) text: Sentence,
    pub(crate) href: Option<String>,
}

/// The answer: how it is, in one line, and the sentences after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AnswerView {
    pub(crate) look: AnswerLook,
    pub(crate) say: Vec<Sentence>,
    pub(crate) checked: Option<AgeView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct AnswerLook {
    pub(crate) mood: Mood,
    pub(crate) scene: Scene,
    pub(crate) about: String,
    pub(crate) title: String,
    pub(crate) notes: Vec<Note>,
    /// The page itself, for people who want to look again.
    pub(crate) again: String,
    /// What stands before and after the age of an answer that is fresh.
    pub(crate) checked: Option<(String, String)>,
    pub(crate) check_now: String,
}

/// One value in its tile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TileView {
    pub(crate) look: TileLook,
    pub(crate) shown: Shown,
    pub(crate) age: AgeView,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct TileLook {
    pub(crate) series: SeriesId,
    /// The first, in large figures.
    pub(crate) is_big: bool,
    /// Has a line of its own.
    pub(crate) is_wide: bool,
    pub(crate) icon: &'static str,
    pub(crate) name: String,
    pub(crate) unit: String,
    /// The edge of the tile; `None` where we can not say what is good.
    pub(crate) mood: Option<Mood>,
    pub(crate) tag: Option<Tag>,
    pub(crate) gauge: Option<Gauge>,
    /// In place of the number, when there is none to trust: words, and since when.
    pub(crate) none: Option<(String, Sentence)>,
    pub(crate) device: String,
    pub(crate) sensor: String,
}

/// Where a value is good.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Gauge {
    pub(crate) label: String,
    /// The limits: place in percent, and the number.
    pub(crate) low: (String, String),
    pub(crate) high: (String, String),
    /// The width between them, in percent.
    pub(crate) width: String,
}

/// One device.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct DeviceView {
    pub(crate) id: String,
    pub(crate) node: String,
    pub(crate) channel: String,
    pub(crate) name: String,
    pub(crate) icon: &'static str,
    pub(crate) turns: bool,
    /// `on`, `off` or `unknown`.
    pub(crate) state: &'static str,
    pub(crate) word: String,
    pub(crate) why: Sentence,
}

/// A value in a line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SmallValue {
    pub(crate) look: SmallLook,
    pub(crate) shown: Shown,
    pub(crate) age: AgeView,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SmallLook {
    pub(crate) id: String,
    pub(crate) series: SeriesId,
    pub(crate) label: Option<String>,
    pub(crate) unit: String,
    /// Old, or none at all.
    pub(crate) is_lost: bool,
    /// In place of the number, when there is none to trust: words, and since when.
    pub(crate) none: Option<(String, Sentence)>,
    pub(crate) device: String,
    pub(crate) sensor: String,
}

/// A line of a list: another house, a controller, a new device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowView {
    pub(crate) look: RowLook,
    pub(crate) values: Vec<SmallValue>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct RowLook {
    pub(crate) id: String,
    pub(crate) href: Option<String>,
    pub(crate) icon: &'static str,
    pub(crate) name: String,
    pub(crate) about: Option<Sentence>,
    pub(crate) tag: Option<Tag>,
}

/// Everything on Home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HomeView {
    pub(crate) titles: Titles,
    pub(crate) answer: AnswerView,
    pub(crate) tiles: Vec<TileView>,
    pub(crate) devices: Vec<DeviceView>,
    pub(crate) others: Vec<RowView>,
    pub(crate) controllers: Vec<RowView>,
    pub(crate) new: Vec<RowView>,
    /// The page of the emergency stop.
    pub(crate) stop: String,
}

/// The titles of the groups.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Titles {
    pub(crate) values: String,
    pub(crate) devices: String,
    pub(crate) others: String,
    pub(crate) controllers: String,
    pub(crate) new: String,
    pub(crate) new_help: String,
    pub(crate) empty: String,
    pub(crate) stop: String,
}

impl HomeView {
    /// The same for two views that differ in numbers and ages only.
    pub(crate) fn fingerprint(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.titles.hash(&mut hasher);
        self.answer.look.hash(&mut hasher);
        for tile in &self.tiles {
            tile.look.hash(&mut hasher);
        }
        self.devices.hash(&mut hasher);
        for row in self.rows() {
            row.look.hash(&mut hasher);
            for value in &row.values {
                value.look.hash(&mut hasher);
            }
        }
        format!("{:016x}", hasher.finish())
    }

    /// The lines of all lists.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &RowView> {
        self.others.iter().chain(&self.controllers).chain(&self.new)
    }

    /// The names of all pieces in their order: where these are the same, pieces can be exchanged one
    /// by one.
    pub(crate) fn shape(&self) -> Vec<String> {
        let tiles = self.tiles.iter().map(|tile| format!("v{}", tile.look.series.0));
        let devices = self.devices.iter().map(|device| device.id.clone());
        let rows = self.rows().flat_map(|row| {
            std::iter::once(row.look.id.clone())
                .chain(row.values.iter().map(|value| value.look.id.clone()))
        });
        tiles.chain(devices).chain(rows).collect()
    }
}
