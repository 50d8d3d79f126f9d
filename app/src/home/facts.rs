//! What is known of a farm: loaded once, then kept up with the news.
use crate::{
    error::AppError,
    reader::{days_since, zone},
};
use chrono_tz::Tz;
use domain::{
    HouseId, SeriesId, Timestamp,
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

/// A farm as last known.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// The farm itself.
    pub(crate) farm: Farm,
    /// Its zone.
    pub(crate) zone: Tz,
    /// What is past its limit and decides a verdict, or has gone past it before our eyes: since when, as
    /// far as that can be told.
    past_limit_since: HashMap<SeriesId, Option<Timestamp>>,
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
    /// Everything of a farm; nothing if it is gone.
    ///
    /// # Errors
    /// The database did not answer.
    pub(crate) async fn load(
        database: &Database,
        scope: &FarmScope,
        now: Timestamp,
    ) -> Result<Option<Self>, AppError> {
        scope.run(database, async |conn| Self::read(conn, scope, now).await).await
    }

    /// The same within a transaction.
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
        for (device, series, measure) in facts.past_limits(now) {
            if let Some(past) = measure.good.past(measure.value) {
                let since = past_limit_since(conn, device, measure.sensor, past, now).await?;
                facts.past_limit_since.insert(series, since);
            }
        }
        Ok(Some(facts))
    }

    /// What decides the verdict of a house and is past its limit.
    fn past_limits(&self, now: Timestamp) -> Vec<(domain::DeviceId, SeriesId, Measure)> {
        let mut found: Vec<(domain::DeviceId, SeriesId, Measure)> = Vec::new();
        for house in self.houses() {
            let readings = self.readings(house, now);
            let (answer, reading) = self.answer(&readings, now);
            if let (Verdict::Wrong { .. }, Some(reading)) = (answer.verdict, reading)
                && let Some(measure) = reading.measure
                && !found.iter().any(|(_, series, _)| *series == reading.series.id)
            {
                found.push((reading.device.id, reading.series.id, measure));
            }
        }
        found
    }

    /// Since when the value of a series has been past its limit, if that is known.
    pub(crate) fn past_since(&self, series: SeriesId) -> Option<Timestamp> {
        self.past_limit_since.get(&series).copied().flatten()
    }

    /// Whether that is settled for all that decides a verdict.
    pub(crate) fn knows_since(&self, now: Timestamp) -> bool {
        let past = self.past_limits(now);
        past.iter().all(|(_, series, _)| self.past_limit_since.contains_key(series))
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
        for (series, after) in self.standings(now) {
            // a value that can not be trusted says nothing either way
            let Some(is_past) = after.is_past else { continue };
            let before = before.get(&series);
            if !is_past {
                self.past_limit_since.remove(&series);
            } else if before.is_some_and(|before| before.is_just_before(&after)) {
                self.past_limit_since.insert(series, Some(after.at));
            }
        }
        taken
    }

    /// How each value stands to its limits.
    fn standings(&self, now: Timestamp) -> HashMap<SeriesId, Standing> {
        let houses = self.houses().into_iter();
        let readings = houses.flat_map(|house| self.readings(house, now));
        readings.filter_map(|r| Some((r.series.id, Standing::of(r.measure?)))).collect()
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
