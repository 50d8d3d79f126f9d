//! What news of sensors and devices does to a farm's facts.
use super::{Facts, Standpoint, standpoint};
use domain::{
    Timestamp,
    home::Measure,
    live::{LiveDevice, LiveReading},
    readings::{AgeLimits, Quality},
};
use std::collections::HashMap;
use store::home::Latest;

/// What news did to facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// They are as new now.
    New,
    /// They knew better.
    Old,
    /// It takes more than the news to know: ask the database.
    Unknown,
}

impl Facts {
    /// Takes newer values in; what became of each, in their order.
    pub(crate) fn take_readings(&mut self, news: &[LiveReading], now: Timestamp) -> Vec<Taken> {
        let before = self.standings(now);
        let taken = news.iter().map(|new| self.take_reading(new)).collect();
        for (standpoint, after) in self.standings(now) {
            // a value that can not be trusted says nothing either way
            let Some(is_past) = after.is_past else { continue };
            let before = before.get(&standpoint);
            if !is_past {
                self.past_limit_since.remove(&standpoint);
            } else if before.is_some_and(|before| before.is_just_before(&after)) {
                self.past_limit_since.insert(standpoint, Some(after.at));
            }
        }
        taken
    }

    /// How each value stands to the limits of each house that it is for.
    fn standings(&self, now: Timestamp) -> HashMap<Standpoint, Standing> {
        let houses = self.houses().into_iter();
        let readings = houses.flat_map(|house| {
            self.readings(house, now).into_iter().map(move |reading| (house, reading))
        });
        readings
            .filter_map(|(house, r)| Some((standpoint(house, r.series), Standing::of(r.measure?))))
            .collect()
    }

    fn take_reading(&mut self, news: &LiveReading) -> Taken {
        let device = self.farm.devices.iter_mut().find(|device| device.id == news.device_id);
        let series = device.and_then(|device| {
            device.series.iter_mut().find(|series| series.sensor == news.sensor)
        });
        let Some(series) = series else { return Taken::Unknown };
        if series.latest.is_some_and(|latest| latest.at > news.ts) {
            return Taken::Old;
        }
        series.latest = Some(Latest { value: news.value, at: news.ts, quality: news.quality });
        Taken::New
    }

    /// Takes in what a device said of itself. That it came or went is only believed of the database,
    /// which knows since when, and which of two servers spoke last.
    pub(crate) fn take_device(&mut self, news: &LiveDevice) -> Taken {
        let Some(device) = self.farm.devices.iter_mut().find(|d| d.id == news.device_id) else {
            return Taken::Unknown;
        };
        if news.reported_at < device.reported_at {
            return Taken::Old;
        }
        device.reported_state.clone_from(&news.state);
        device.reported_cause.clone_from(&news.cause);
        device.reported_since = news.since;
        device.reported_at = news.reported_at;
        match &device.place {
            Some(place) if place.is_online != news.is_online => Taken::Unknown,
            _ => Taken::New,
        }
    }
}

/// A value and its limits.
#[derive(Debug, Clone, Copy)]
struct Standing {
    /// `None` if it can not be trusted.
    is_past: Option<bool>,
    at: Timestamp,
    limits: AgeLimits,
}

impl Standing {
    fn of(measure: Measure) -> Self {
        let is_past = (measure.quality != Quality::Suspect)
            .then(|| measure.good.past(measure.value).is_some());
        Self { is_past, at: measure.at, limits: measure.limits }
    }

    /// Whether this was within the limits and nothing can have happened between it and the next.
    fn is_just_before(&self, next: &Self) -> bool {
        self.is_past == Some(false) && self.at.plus(self.limits.stale) >= next.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        SeriesId,
        devices::{DeviceKind, DeviceType},
        poultry::BirdKind,
    };
    use std::time::Duration;
    use store::home::{Device, Farm, House, Limits, Series};

    const NOW: Timestamp = Timestamp::from_millis(1_770_878_820_000);
    const AIR: &str = "6a5ba5ee-1111-4000-8000-0000000000d1";

    fn house(id: &str, days_old: i32) -> House {
        let today = NOW.as_millis() / 86_400_000;
        let day = i32::try_from(today).unwrap() - days_old;
        House {
            id: id.parse().unwrap(),
            name: String::new(),
            birds: BirdKind::Broiler,
            bird_count: None,
            placed_on: chrono::NaiveDate::from_epoch_days(day),
        }
    }

    /// One thermometer for a house of chicks and one of grown birds.
    fn farm() -> Facts {
        let latest = Latest { value: 30.0, at: NOW, quality: Quality::Good };
        let series = Series {
            id: SeriesId(1),
            sensor: "temperature".to_owned(),
            unit: "°C".to_owned(),
            interval: Some(Duration::from_secs(30)),
            latest: Some(latest),
        };
        let device = Device {
            id: AIR.parse().unwrap(),
            name: String::new(),
            kind: DeviceKind::Climate,
            device_type: DeviceType::Sensor,
            icon: None,
            house: None,
            is_approved: true,
            place: None,
            reported_state: None,
            reported_cause: None,
            reported_since: None,
            reported_at: None,
            series: vec![series],
            limits: Limits::default(),
        };
        let farm = Farm {
            id: "6a5ba5ee-1111-4000-8000-000000000001".parse().unwrap(),
            name: String::new(),
            timezone: "Asia/Phnom_Penh".to_owned(),
            houses: vec![
                house("6a5ba5ee-1111-4000-8000-0000000000b1", 1),
                house("6a5ba5ee-1111-4000-8000-0000000000b2", 40),
            ],
            devices: vec![device],
        };
        Facts { farm, zone: chrono_tz::Asia::Phnom_Penh, past_limit_since: HashMap::new() }
    }

    fn hears(facts: &mut Facts, value: f64, after_s: u64) {
        let at = NOW.plus(Duration::from_secs(after_s));
        let news = LiveReading {
            device_id: AIR.parse().unwrap(),
            node: "house-1".parse().unwrap(),
            channel: "air".parse().unwrap(),
            sensor: "temperature".to_owned(),
            unit: "°C".to_owned(),
            value,
            quality: Quality::Good,
            ts: at,
        };
        assert_eq!(facts.take_readings(&[news], at), [Taken::New]);
    }

    #[test]
    fn what_is_past_the_limit_in_one_house_alone_stays_so_since_then() {
        let mut facts = farm();
        let (chicks, grown) = (facts.farm.houses[0].clone(), facts.farm.houses[1].clone());
        let series = facts.farm.devices[0].series[0].clone();
        let since =
            |facts: &Facts| [&chicks, &grown].map(|house| facts.past_since(Some(house), &series));
        assert!(!facts.knows_since(NOW), "chicks are cold at 30 °C");
        facts.past_limit_since.insert(standpoint(Some(&chicks), &series), Some(NOW));
        hears(&mut facts, 30.5, 30);
        assert!(facts.knows_since(NOW), "and nothing has to be asked again");
        assert_eq!(since(&facts), [Some(NOW), None]);
        hears(&mut facts, 35.0, 60);
        assert_eq!(since(&facts), [None, Some(NOW.plus(Duration::from_secs(60)))]);
        hears(&mut facts, 30.5, 90);
        assert_eq!(since(&facts), [Some(NOW.plus(Duration::from_secs(90))), None]);
    }
}
