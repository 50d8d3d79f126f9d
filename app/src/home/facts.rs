//! What is known of a farm: loaded once, then kept up with the news.
use crate::{
    error::AppError,
    reader::{days_since, zone},
};
use chrono_tz::Tz;
use domain::{
    DeviceId, HouseId, SeriesId, Timestamp,
    home::{Answer, Measure, Verdict, judge},
    live::{LiveDevice, LiveReading},
    poultry::{BirdKind, GoodRange},
    readings::{AgeLimits, Quality, SensorKind},
};
use std::{collections::HashMap, time::Duration};
use store::{
    AsyncPgConnection, Database, FarmScope,
    home::{Device, Farm, House, Latest, Series, load, past_limit_since},
};

/// How often a sensor is taken to report until it is known.
const USUAL_INTERVAL: Duration = Duration::from_secs(30);

/// A series in a house. What serves several houses may be right for one and not for another, whose birds are
/// younger: each has its own limits.
type Standpoint = (Option<HouseId>, SeriesId);

/// A farm as last known.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// The farm itself.
    pub(crate) farm: Farm,
    /// Its zone.
    pub(crate) zone: Tz,
    /// What is past its limit and decides a verdict, or has gone past it before our eyes: since when, as
    /// far as that can be told.
    past_limit_since: HashMap<Standpoint, Option<Timestamp>>,
}

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

/// One quantity of one device, with what we know of its kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'f> {
    /// The device.
    pub(crate) device: &'f Device,
    /// The quantity.
    pub(crate) series: &'f Series,
    /// Its newest value.
    pub(crate) latest: Latest,
    /// When it grows old.
    pub(crate) limits: AgeLimits,
    /// What it means, where we know the quantity.
    pub(crate) measure: Option<Measure>,
}

impl Facts {
    /// The same on a connection of one's own, for streams.
    ///
    /// # Errors
    /// The database did not answer.
    pub(crate) async fn load(
        database: &Database,
        scope: &FarmScope,
        now: Timestamp,
    ) -> Result<Option<Self>, AppError> {
        scope.read(database, async |conn| Self::read(conn, scope, now).await).await
    }

    /// Everything of a farm; nothing if it is gone.
    ///
    /// # Errors
    /// The database did not answer.
    pub(crate) async fn read(
        conn: &mut AsyncPgConnection,
        scope: &FarmScope,
        now: Timestamp,
    ) -> Result<Option<Self>, AppError> {
        let Some(farm) = load(conn, scope).await? else { return Ok(None) };
        let zone = zone(&farm.timezone);
        let mut facts = Self { farm, zone, past_limit_since: HashMap::new() };
        // houses with the same limits are asked for once
        let mut asked = Vec::new();
        for (standpoint, device, measure) in facts.past_limits(now) {
            let Some(past) = measure.good.past(measure.value) else { continue };
            let question = (standpoint.1, past);
            let known = asked.iter().find(|(one, _)| *one == question).map(|(_, since)| *since);
            let since = match known {
                Some(since) => since,
                None => past_limit_since(conn, device, measure.sensor, past, now).await?,
            };
            asked.push((question, since));
            facts.past_limit_since.insert(standpoint, since);
        }
        Ok(Some(facts))
    }

    /// What decides the verdict of a house and is past its limit.
    fn past_limits(&self, now: Timestamp) -> Vec<(Standpoint, DeviceId, Measure)> {
        let mut found = Vec::new();
        for house in self.houses() {
            let readings = self.readings(house, now);
            let (answer, reading) = self.answer(&readings, now);
            if let (Verdict::Wrong { .. }, Some(reading)) = (answer.verdict, reading)
                && let Some(measure) = reading.measure
            {
                found.push((standpoint(house, reading.series), reading.device.id, measure));
            }
        }
        found
    }

    /// Since when the value of a series has been past its limit in a house, if that is known.
    pub(crate) fn past_since(&self, house: Option<&House>, series: &Series) -> Option<Timestamp> {
        self.past_limit_since.get(&standpoint(house, series)).copied().flatten()
    }

    /// Whether that is settled for all that decides a verdict.
    pub(crate) fn knows_since(&self, now: Timestamp) -> bool {
        let past = self.past_limits(now);
        past.iter().all(|(standpoint, ..)| self.past_limit_since.contains_key(standpoint))
    }

    /// Whether one of the devices is a node's.
    pub(crate) fn has_node(&self, node: &str) -> bool {
        let mut places = self.farm.devices.iter().filter_map(|device| device.place.as_ref());
        places.any(|place| place.node.as_str() == node)
    }

    /// The houses; a farm without any is one house itself (`None`).
    pub(crate) fn houses(&self) -> Vec<Option<&House>> {
        match self.farm.houses.as_slice() {
            [] => vec![None],
            houses => houses.iter().map(Some).collect(),
        }
    }

    /// One of the farm's houses.
    pub(crate) fn house(&self, id: HouseId) -> Option<&House> {
        self.farm.houses.iter().find(|house| house.id == id)
    }

    /// The moments at which values grow old or are no longer shown.
    pub(crate) fn age_borders(&self) -> impl Iterator<Item = Timestamp> {
        let series = self.farm.devices.iter().flat_map(|device| &device.series);
        let latest = series.filter_map(|series| Some((series, series.latest?)));
        latest.flat_map(|(series, latest)| {
            let limits = AgeLimits::of(series.interval.unwrap_or(USUAL_INTERVAL));
            [latest.at.plus(limits.stale), latest.at.plus(limits.no_data)]
        })
    }

    /// The accepted devices of a house; what serves the whole farm serves each house.
    pub(crate) fn devices(&self, house: Option<&House>) -> impl Iterator<Item = &Device> {
        let house: Option<HouseId> = house.map(|house| house.id);
        self.farm.devices.iter().filter(move |device| {
            device.is_approved
                && (house.is_none() || device.house.is_none() || device.house == house)
        })
    }

    /// The values of a house, the temperature first.
    pub(crate) fn readings(&self, house: Option<&House>, now: Timestamp) -> Vec<Reading<'_>> {
        let birds = house.map_or(BirdKind::Other, |house| house.birds);
        let day = house
            .and_then(|house| house.placed_on)
            .map(|placed_on| days_since(placed_on, now, self.zone));
        let mut readings: Vec<Reading<'_>> = self
            .devices(house)
            .flat_map(|device| device.series.iter().map(move |series| (device, series)))
            .filter_map(|(device, series)| reading(device, series, birds, day))
            .collect();
        readings.sort_by_key(|reading| rank(reading.measure.map(|measure| measure.sensor)));
        readings
    }

    /// The values of one device; for those that belong to no house yet.
    pub(crate) fn readings_of<'f>(&self, device: &'f Device) -> Vec<Reading<'f>> {
        let all = device.series.iter();
        all.filter_map(|series| reading(device, series, BirdKind::Other, None)).collect()
    }

    /// The verdict on a house, and the reading it rests on.
    pub(crate) fn answer<'r, 'f>(
        &self,
        readings: &'r [Reading<'f>],
        now: Timestamp,
    ) -> (Answer, Option<&'r Reading<'f>>) {
        let known: Vec<(&Reading<'f>, Measure)> =
            readings.iter().filter_map(|r| Some((r, r.measure?))).collect();
        let measures: Vec<Measure> = known.iter().map(|(_, measure)| *measure).collect();
        let answer = judge(&measures, now);
        let rests_on = answer.rests_on.and_then(|place| known.get(place)).map(|(r, _)| *r);
        (answer, rests_on)
    }

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

fn standpoint(house: Option<&House>, series: &Series) -> Standpoint {
    (house.map(|house| house.id), series.id)
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

fn reading<'f>(
    device: &'f Device,
    series: &'f Series,
    birds: BirdKind,
    day: Option<i32>,
) -> Option<Reading<'f>> {
    let latest = series.latest?;
    let limits = AgeLimits::of(series.interval.unwrap_or(USUAL_INTERVAL));
    let measure = SensorKind::parse(&series.sensor).map(|sensor| Measure {
        sensor,
        value: latest.value,
        at: latest.at,
        quality: latest.quality,
        limits,
        good: device.limits.of(sensor).or(GoodRange::by_default(sensor, birds, day)),
    });
    Some(Reading { device, series, latest, limits, measure })
}

const fn rank(sensor: Option<SensorKind>) -> u8 {
    match sensor {
        Some(SensorKind::Temperature) => 0,
        Some(SensorKind::Humidity) => 1,
        Some(SensorKind::WaterLevel) => 2,
        Some(_) => 3,
        None => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::devices::DeviceKind;
    use store::home::Limits;

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
