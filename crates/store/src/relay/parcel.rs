//! What travels between servers, and what of it was there already.
use domain::live::{LiveEvent, News};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, VecDeque};
use uuid::Uuid;

/// Payloads of PostgreSQL's NOTIFY are shorter than 8,000 bytes.
const LARGEST_NOTIFY: usize = 7_900;
/// What a parcel adds to its event: the names and the marks.
const WRAPPING: usize = 250;
/// How many parcels are remembered. The two ways differ by seconds at most.
const REMEMBERED: usize = 4096;

/// One message on its way. Without an event it says that its sender is there.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Parcel<E> {
    /// The same for all that says the same.
    pub(super) id: Uuid,
    /// The server.
    pub(super) from: Uuid,
    /// Whether the server hears what goes by Redis; told with its greetings.
    #[serde(default)]
    pub(super) hears_redis: Option<bool>,
    /// Something before it was not carried.
    #[serde(default)]
    pub(super) missed: bool,
    pub(super) event: Option<E>,
}

impl<E> Parcel<E> {
    pub(super) fn event(id: Uuid, from: Uuid, event: E) -> Self {
        Self { id, from, hears_redis: None, missed: false, event: Some(event) }
    }

    pub(super) fn greeting(from: Uuid, hears_redis: bool) -> Self {
        let id = Uuid::new_v4();
        Self { id, from, hears_redis: Some(hears_redis), missed: false, event: None }
    }

    pub(super) fn missed(from: Uuid) -> Self {
        Self { id: Uuid::new_v4(), from, hears_redis: None, missed: true, event: None }
    }
}

/// A way that parcels come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Redis,
    Postgres,
}

/// The parcels that came lately, and by which way. What comes by the other way as well is a repetition;
/// by the same way it is another piece of the same.
#[derive(Debug, Default)]
pub(super) struct Seen {
    ways: HashMap<Uuid, Way>,
    order: VecDeque<Uuid>,
}

impl Seen {
    /// Whether a parcel is none that came by the other way before.
    pub(super) fn is_new(&mut self, id: Uuid, way: Way) -> bool {
        if let Some(first) = self.ways.get(&id) {
            return *first == way;
        }
        self.ways.insert(id, way);
        self.order.push_back(id);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.ways.remove(&oldest);
        }
        true
    }
}

/// An event small enough for NOTIFY, or several that say the same.
pub(super) fn pieces(event: &LiveEvent) -> Vec<LiveEvent> {
    let size = serde_json::to_string(event).map_or(0, |text| text.len());
    if size + WRAPPING <= LARGEST_NOTIFY {
        return vec![event.clone()];
    }
    match &event.news {
        News::Readings { readings } if readings.len() > 1 => {
            let half = readings.len() / 2;
            let (first, second) = readings.split_at(half);
            [first, second]
                .into_iter()
                .flat_map(|part| {
                    let news = News::Readings { readings: part.to_vec() };
                    pieces(&LiveEvent { news, ..event.clone() })
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{DeviceId, FarmId, Timestamp, live::LiveReading, readings::Quality};

    #[test]
    fn a_large_event_goes_in_pieces_that_say_the_same() {
        let reading = |n: u128| LiveReading {
            device_id: DeviceId(Uuid::from_u128(n)),
            node: "house-1".parse().unwrap(),
            channel: "air".parse().unwrap(),
            sensor: "temperature".to_owned(),
            unit: "°C".to_owned(),
            value: 28.5,
            quality: Quality::Good,
            ts: Timestamp::from_millis(1),
        };
        let readings: Vec<LiveReading> = (0..200).map(reading).collect();
        let event = LiveEvent {
            farm: FarmId(Uuid::nil()),
            at: Timestamp::from_millis(2),
            news: News::Readings { readings: readings.clone() },
        };
        let pieces = pieces(&event);
        assert!(pieces.len() > 1);
        let said: Vec<LiveReading> = pieces
            .iter()
            .flat_map(|piece| match &piece.news {
                News::Readings { readings } => readings.clone(),
                _ => Vec::new(),
            })
            .collect();
        assert_eq!(said, readings);
        for piece in pieces {
            let parcel = Parcel::event(Uuid::new_v4(), Uuid::new_v4(), piece);
            assert!(serde_json::to_string(&parcel).unwrap().len() <= LARGEST_NOTIFY);
        }
    }

    #[test]
    fn what_comes_by_both_ways_counts_once_and_pieces_by_one_way_all_count() {
        let mut seen = Seen::default();
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(seen.is_new(one, Way::Redis));
        assert!(!seen.is_new(one, Way::Postgres));
        assert!(seen.is_new(two, Way::Postgres) && seen.is_new(two, Way::Postgres));
        assert!(!seen.is_new(two, Way::Redis));
        for other in 0..REMEMBERED {
            seen.is_new(Uuid::from_u128(100 + u128::try_from(other).unwrap()), Way::Redis);
        }
        assert_eq!(seen.order.len(), REMEMBERED);
        assert_eq!(seen.ways.len(), REMEMBERED);
    }
}
