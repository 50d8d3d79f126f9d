//! What is known of a farm: loaded once, then kept up with the news.

mod loading;
mod news;

pub(crate) use news::Taken;

use crate::reader::days_since;
use chrono_tz::Tz;
use domain::{
    HouseId, SeriesId, Timestamp,
    home::{Answer, Measure, judge},
    poultry::{BirdKind, GoodRange},
    readings::{AgeLimits, SensorKind},
};
use std::{collections::HashMap, time::Duration};
use store::home::{Device, Farm, House, Latest, Series};

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
}

fn standpoint(house: Option<&House>, series: &Series) -> Standpoint {
    (house.map(|house| house.id), series.id)
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
