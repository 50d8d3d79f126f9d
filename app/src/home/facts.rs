//! What is known of a farm: loaded once, then kept up with the news.
use crate::{error::AppError, reader::days_since};
use chrono_tz::Tz;
use domain::{
    HouseId, SeriesId, Timestamp,
    home::{Answer, Measure, Verdict, judge},
    live::{LiveDevice, LiveReading, News},
    poultry::{BirdKind, GoodRange},
    readings::{AgeLimits, SensorKind},
};
use std::{collections::HashMap, time::Duration};
use store::{
    Database, FarmScope,
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
    /// Since when a value has been past its limit.
    past_limit_since: HashMap<SeriesId, Timestamp>,
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
        let mut conn = scope.begin(database).await?;
        let Some(farm) = load(&mut conn, scope).await? else { return Ok(None) };
        let zone = farm.timezone.parse().unwrap_or(chrono_tz::Asia::Phnom_Penh);
        let mut facts = Self { farm, zone, past_limit_since: HashMap::new() };
        for (device, series, measure) in facts.past_limits(now) {
            if let Some(past) = measure.good.past(measure.value)
                && let Some(since) =
                    past_limit_since(&mut conn, device, measure.sensor, past, now).await?
            {
                facts.past_limit_since.insert(series, since);
            }
        }
        conn.commit().await?;
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
        self.past_limit_since.get(&series).copied()
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

    /// Takes news in. False if it is about something we have never heard of: load again.
    pub(crate) fn apply(&mut self, news: &News, now: Timestamp) -> bool {
        match news {
            News::Readings { readings } => {
                let before = self.all_past_limits(now);
                let mut known = true;
                for new in readings {
                    known &= self.take_reading(new);
                }
                let after = self.all_past_limits(now);
                self.past_limit_since.retain(|series, _| after.contains_key(series));
                let begun = after.into_iter().filter(|(series, _)| !before.contains_key(series));
                self.past_limit_since.extend(begun);
                known
            }
            News::Device(device) => self.take_device(device),
        }
    }

    /// Every value that is past its limit, and when it was measured.
    fn all_past_limits(&self, now: Timestamp) -> HashMap<SeriesId, Timestamp> {
        let is_past = |r: &Reading<'_>| r.measure.is_some_and(|m| m.good.past(m.value).is_some());
        self.houses()
            .into_iter()
            .flat_map(|house| self.readings(house, now))
            .filter(is_past)
            .map(|r| (r.series.id, r.latest.at))
            .collect()
    }

    fn take_reading(&mut self, news: &LiveReading) -> bool {
        let device = self.farm.devices.iter_mut().find(|device| device.id == news.device_id);
        let series = device.and_then(|device| {
            device.series.iter_mut().find(|series| series.sensor == news.sensor)
        });
        let Some(series) = series else { return false };
        if series.latest.is_none_or(|latest| latest.at <= news.ts) {
            series.latest = Some(Latest { value: news.value, at: news.ts, quality: news.quality });
        }
        true
    }

    fn take_device(&mut self, news: &LiveDevice) -> bool {
        let Some(device) = self.farm.devices.iter_mut().find(|d| d.id == news.device_id) else {
            return false;
        };
        device.reported_state.clone_from(&news.state);
        device.reported_cause.clone_from(&news.cause);
        device.reported_since = news.since;
        device.reported_at = news.reported_at;
        if let Some(place) = &mut device.place {
            place.is_online = news.is_online;
        }
        true
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
