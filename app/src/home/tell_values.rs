//! Values in words: tiles, and the small ones in lists.
use super::{
    facts::Reading,
    model::{
        Gauge, Mood, RowLook, RowView, Sentence, SmallLook, SmallValue, Tag, TileLook, TileView,
    },
    tell::{Teller, age, icon_of},
    tell_devices::{device as tell_device, icon_of_device},
};
use crate::live::Shown;
use domain::{
    Timestamp,
    poultry::{GoodRange, Side},
    readings::{Freshness, Quality, SensorKind},
};
use store::home::Device;

impl Reading<'_> {
    /// Whether it measures this.
    pub(crate) fn is(&self, sensor: SensorKind) -> bool {
        self.measure.is_some_and(|measure| measure.sensor == sensor)
    }

    /// How it is shown at `now`.
    pub(crate) fn freshness(&self, now: Timestamp) -> Freshness {
        match self.latest.quality {
            Quality::Suspect => Freshness::NoData,
            Quality::Good | Quality::Estimated | Quality::Interpolated => {
                self.limits.judge(self.latest.at, now)
            }
        }
    }

    fn decimals(&self) -> u8 {
        self.measure.map_or(1, |measure| measure.sensor.decimals())
    }

    fn channel(&self) -> String {
        let place = self.device.place.as_ref();
        place.map(|place| place.channel.to_string()).unwrap_or_default()
    }
}

/// A number with its unit, held together.
pub(crate) fn quantity(teller: Teller<'_>, reading: &Reading<'_>, value: f64) -> String {
    let number = teller.reader.decimal(value, reading.decimals());
    format!("{number}\u{a0}{}", reading.series.unit)
}

/// The tiles of a house's values: the first is large, the others stand in pairs; one that is left over
/// has a line of its own.
pub(crate) fn tiles(teller: Teller<'_>, readings: &[Reading<'_>]) -> Vec<TileView> {
    let has_twins = |reading: &Reading<'_>| {
        let sensor = &reading.series.sensor;
        readings.iter().filter(|r| r.series.sensor == *sensor).count() > 1
    };
    let tiles = readings.iter().enumerate().map(|(place, reading)| {
        let is_left_over = place % 2 == 1 && place + 1 == readings.len();
        tile(teller, reading, (place == 0, is_left_over), has_twins(reading))
    });
    tiles.collect()
}

fn tile(
    teller: Teller<'_>,
    reading: &Reading<'_>,
    (is_big, is_left_over): (bool, bool),
    has_twins: bool,
) -> TileView {
    let freshness = reading.freshness(teller.now);
    let gauge = reading.measure.filter(|_| is_big && freshness == Freshness::Fresh);
    let gauge = gauge.and_then(|measure| scale(measure.good));
    let (mood, tag) = judged(teller, reading, freshness);
    TileView {
        look: TileLook {
            series: reading.series.id,
            is_big,
            is_wide: is_big || is_left_over,
            icon: icon(reading),
            name: name(teller, reading, has_twins),
            unit: reading.series.unit.clone(),
            mood,
            tag,
            gauge: gauge.map(|(low, high)| draw(teller, reading, low, high)),
            none: (freshness == Freshness::NoData).then(|| none(teller, reading)),
            device: reading.channel(),
            sensor: reading.series.sensor.clone(),
        },
        shown: shown(teller, reading, gauge),
        age: age(teller, reading.latest.at, reading.limits),
    }
}

/// A value in a line of text.
pub(crate) fn small(
    teller: Teller<'_>,
    reading: &Reading<'_>,
    id: String,
    label: Option<String>,
) -> SmallValue {
    let freshness = reading.freshness(teller.now);
    SmallValue {
        look: SmallLook {
            id,
            series: reading.series.id,
            label,
            unit: reading.series.unit.clone(),
            is_lost: freshness != Freshness::Fresh,
            none: (freshness == Freshness::NoData).then(|| none(teller, reading)),
            device: reading.channel(),
            sensor: reading.series.sensor.clone(),
        },
        shown: shown(teller, reading, None),
        age: age(teller, reading.latest.at, reading.limits),
    }
}

/// The devices that wait for a manager, with what they say.
pub(crate) fn new_devices(teller: Teller<'_>) -> Vec<RowView> {
    let new = teller.facts.farm.devices.iter().filter(|device| !device.is_approved);
    new.map(|device| new_device(teller, device)).collect()
}

/// One of them, with all that tells which one it is: what it measures, or what it is doing and since when. It leads
/// to its page.
pub(crate) fn new_device(teller: Teller<'_>, device: &Device) -> RowView {
    let node = device.place.as_ref().map(|place| place.node.to_string()).unwrap_or_default();
    let controller = teller.reader.say_with("controller", &[("node", &node)]);
    let about = if device.reported_state.is_some() {
        let told = tell_device(teller, device);
        let before = format!("{controller} · {} · {}", told.word, told.why.before);
        Sentence { before, ..told.why }
    } else {
        Sentence::plain(controller)
    };
    RowView {
        look: RowLook {
            id: format!("d-{}", device.id),
            href: Some(format!("/farms/{}/devices/{}", teller.facts.farm.id, device.id)),
            icon: icon_of_device(device),
            name: device.name.clone(),
            about: Some(about),
            tag: None,
        },
        values: labelled(teller, &teller.facts.readings_of(device)),
    }
}

/// Values in lines of text, each with what it is of.
pub(crate) fn labelled(teller: Teller<'_>, readings: &[Reading<'_>]) -> Vec<SmallValue> {
    let value = |reading: &Reading<'_>| {
        let label = name(teller, reading, false);
        small(teller, reading, format!("n{}", reading.series.id.0), Some(label))
    };
    readings.iter().map(value).collect()
}

fn shown(teller: Teller<'_>, reading: &Reading<'_>, gauge: Option<(f64, f64)>) -> Shown {
    let value = reading.latest.value;
    Shown {
        text: teller.reader.decimal(value, reading.decimals()),
        data: value.to_string(),
        pin: gauge.map(|(low, high)| place(value, low, high)).unwrap_or_default(),
    }
}

fn name(teller: Teller<'_>, reading: &Reading<'_>, has_twins: bool) -> String {
    let sensor = match reading.measure {
        Some(measure) => teller.reader.say(&name_id(measure.sensor)),
        // a quantity we do not know is called what its maker calls it
        None => reading.series.sensor.replace('_', " "),
    };
    if !has_twins {
        return sensor;
    }
    let values = [("sensor", sensor.as_str()), ("device", reading.device.name.as_str())];
    teller.reader.say_with("value-of", &values)
}

/// The message that names a quantity.
pub(crate) fn name_id(sensor: SensorKind) -> String {
    format!("sensor-{}", sensor.name().replace('_', "-"))
}

fn icon(reading: &Reading<'_>) -> &'static str {
    sensor_icon(reading.measure.map(|measure| measure.sensor))
}

/// The picture of a quantity, also of one that we do not know.
pub(crate) const fn sensor_icon(sensor: Option<SensorKind>) -> &'static str {
    match sensor {
        Some(SensorKind::Temperature) => "thermometer",
        Some(SensorKind::Humidity) => "humidity",
        Some(SensorKind::WaterLevel | SensorKind::WaterVolume | SensorKind::FlowRate) => "drop",
        Some(SensorKind::FeedLevel) => "feeder",
        Some(SensorKind::Weight) => "chart",
        None => "sensor",
    }
}

fn judged(
    teller: Teller<'_>,
    reading: &Reading<'_>,
    freshness: Freshness,
) -> (Option<Mood>, Option<Tag>) {
    let tag = |mood, icon, id: &str| Some(Tag { mood, icon, text: teller.reader.say(id) });
    match freshness {
        Freshness::NoData => return (Some(Mood::Lost), None),
        Freshness::Stale => return (Some(Mood::Lost), tag(Mood::Lost, "clock", "value-old")),
        Freshness::Fresh => {}
    }
    let Some(measure) = reading.measure else { return (None, None) };
    if measure.good == GoodRange::default() {
        return (None, None);
    }
    match measure.good.past(measure.value) {
        Some((side, _)) => {
            let is_grave = measure.sensor == SensorKind::Temperature;
            let mood = if is_grave { Mood::Bad } else { Mood::Warn };
            (Some(mood), tag(mood, icon_of(mood), side_id(measure.sensor, side)))
        }
        None => {
            let id = match measure.sensor {
                SensorKind::WaterLevel | SensorKind::FeedLevel => "value-enough",
                _ => "value-normal",
            };
            (Some(Mood::Good), tag(Mood::Good, "check", id))
        }
    }
}

/// The message for a value past its limit.
pub(crate) const fn side_id(sensor: SensorKind, side: Side) -> &'static str {
    match (sensor, side) {
        (SensorKind::Temperature, Side::High) => "value-too-hot",
        (SensorKind::Temperature, Side::Low) => "value-too-cold",
        (SensorKind::Humidity, Side::High) => "value-too-humid",
        (SensorKind::Humidity, Side::Low) => "value-too-dry",
        (_, Side::High) => "value-high",
        (_, Side::Low) => "value-low",
    }
}

fn none(teller: Teller<'_>, reading: &Reading<'_>) -> (String, Sentence) {
    let is_old = reading.limits.judge(reading.latest.at, teller.now) == Freshness::NoData;
    let words = teller.reader.say(if is_old { "value-none" } else { "value-suspect" });
    (words, teller.since("home-since", reading.latest.at, &[]))
}

/// The ends of the gauge: room below and above the good range, a third each.
fn scale(good: GoodRange) -> Option<(f64, f64)> {
    let (low, high) = (good.low?, good.high?);
    let room = ((high - low) * 1.2).max(1.0);
    (high > low).then_some((low - room, high + room))
}

fn draw(teller: Teller<'_>, reading: &Reading<'_>, low: f64, high: f64) -> Gauge {
    let good = reading.measure.map(|measure| measure.good).unwrap_or_default();
    let (from, to) = (good.low.unwrap_or(low), good.high.unwrap_or(high));
    let number = |limit: f64| teller.reader.decimal(limit, u8::from(limit.fract() != 0.0));
    let with_unit = format!("{}\u{a0}{}", number(to), reading.series.unit);
    let values = [("low", number(from)), ("high", with_unit)];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    Gauge {
        label: teller.reader.say_with("home-good-between", &values),
        low: (place(from, low, high), number(from)),
        high: (place(to, low, high), number(to)),
        width: format!("{:.1}%", (to - from) / (high - low) * 100.0),
    }
}

fn place(value: f64, low: f64, high: f64) -> String {
    format!("{:.1}%", ((value - low) / (high - low) * 100.0).clamp(0.0, 100.0))
}
