//! From facts to words: what Home says of a farm to one reader, as a pure function.
use super::{
    facts::{Facts, Reading},
    model::{
        AgeView, AnswerLook, AnswerView, HomeView, Moment, Mood, Note, RowLook, RowView, Sentence,
        Tag, Titles,
    },
    scene::{Scene, Weather},
    tell_devices::{controllers, device, is_running},
    tell_values::{name_id, new_devices, quantity, side_id, small, tiles},
};
use crate::{
    live::Age,
    reader::{Reader, days_since, rfc3339},
};
use chrono_tz::Tz;
use domain::{
    HouseId, Timestamp,
    devices::DeviceKind,
    home::Verdict,
    poultry::Side,
    readings::{AgeLimits, Freshness, SensorKind},
};
use store::home::House;

/// One reader looking at one farm at one time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Teller<'f> {
    pub(crate) facts: &'f Facts,
    pub(crate) reader: Reader,
    pub(crate) now: Timestamp,
}

/// All of Home, with one house in front: the wanted one, else the first.
pub(crate) fn tell(teller: Teller<'_>, wanted: Option<HouseId>) -> HomeView {
    let facts = teller.facts;
    let reader = teller.reader;
    let houses = facts.houses();
    let judged: Vec<Judged<'_>> = houses.iter().map(|house| Judged::new(teller, *house)).collect();
    let chosen = judged
        .iter()
        .find(|judged| wanted.is_some() && judged.house.map(|house| house.id) == wanted)
        .or_else(|| judged.first());
    let whole_farm = Judged::new(teller, None);
    let chosen = chosen.unwrap_or(&whole_farm);
    let others = judged.iter().filter(|j| j.house.map(|h| h.id) != chosen.house.map(|h| h.id));
    let is_unknown = matches!(chosen.verdict, Verdict::Unknown { .. });
    HomeView {
        titles: titles(&reader, is_unknown),
        answer: chosen.answer(teller, others.clone()),
        tiles: tiles(teller, &chosen.readings),
        devices: facts
            .devices(chosen.house)
            .filter(|d| !d.kind.is_sensor())
            .map(|d| device(teller, d))
            .collect(),
        others: others.map(|judged| judged.row(teller)).collect(),
        controllers: controllers(teller, chosen.house),
        new: new_devices(teller),
        stop: format!("/farms/{}/stop", facts.farm.id),
    }
}

fn titles(reader: &Reader, is_unknown: bool) -> Titles {
    Titles {
        values: reader.say(if is_unknown { "home-values-last" } else { "home-values" }),
        devices: reader.say("home-devices"),
        others: reader.say("home-others"),
        controllers: reader.say("home-connection"),
        new: reader.say("home-new"),
        new_help: reader.say("home-new-help"),
        empty: reader.say("home-empty"),
        stop: reader.say("stop-title"),
    }
}

/// A house with its values and what they come to.
struct Judged<'f> {
    house: Option<&'f House>,
    readings: Vec<Reading<'f>>,
    verdict: Verdict,
    /// The place of the reading that decided.
    rests_on: Option<usize>,
}

impl<'f> Judged<'f> {
    fn new(teller: Teller<'f>, house: Option<&'f House>) -> Self {
        let readings = teller.facts.readings(house, teller.now);
        let (answer, reading) = teller.facts.answer(&readings, teller.now);
        let rests_on = reading
            .and_then(|reading| readings.iter().position(|r| r.series.id == reading.series.id));
        Self { house, readings, verdict: answer.verdict, rests_on }
    }

    fn main(&self) -> Option<&Reading<'f>> {
        self.readings.get(self.rests_on?)
    }

    fn name<'n>(&self, teller: Teller<'n>) -> &'n str
    where
        'f: 'n,
    {
        self.house.map_or(&teller.facts.farm.name, |house| &house.name)
    }

    fn href(&self, teller: Teller<'_>) -> String {
        let farm = teller.facts.farm.id;
        match self.house {
            Some(house) => format!("/farms/{farm}?house={}", house.id),
            None => format!("/farms/{farm}"),
        }
    }

    fn title(&self, teller: Teller<'_>) -> String {
        match title_of(self.verdict) {
            "home-unknown" => teller.reader.say("home-unknown"),
            id => teller.reader.say_with(id, &[("house", self.name(teller))]),
        }
    }

    fn answer<'o>(
        &self,
        teller: Teller<'_>,
        others: impl Iterator<Item = &'o Judged<'o>>,
    ) -> AnswerView {
        let reader = teller.reader;
        let is_unknown = matches!(self.verdict, Verdict::Unknown { .. });
        let mut notes = self.notes(teller);
        notes.extend(others.filter_map(|other| other.note_elsewhere(teller)));
        AnswerView {
            look: AnswerLook {
                mood: mood_of(self.verdict),
                scene: self.scene(teller),
                about: self.about(teller),
                title: self.title(teller),
                notes,
                again: self.href(teller),
                checked: (!is_unknown).then(|| reader.say_around("home-checked", "ago", &[])),
                check_now: reader.say("home-check-now"),
            },
            say: self.say(teller),
            // its time of day goes into a sentence, should the connection be lost
            checked: self.main().map(|r| AgeView {
                clock: teller.when(r.latest.at),
                ..age(teller, r.latest.at, r.limits)
            }),
        }
    }

    /// "House 1 · 500 birds · day 24"
    fn about(&self, teller: Teller<'_>) -> String {
        let reader = teller.reader;
        let Some(house) = self.house else { return teller.facts.farm.name.clone() };
        let count =
            house.bird_count.map(|n| reader.say_with("home-birds", &[("n", &reader.whole(n))]));
        let day = house.placed_on.map(|placed_on| {
            let day = days_since(placed_on, teller.now, teller.facts.zone);
            reader.say_with("home-day", &[("n", &reader.whole(i64::from(day)))])
        });
        [Some(house.name.clone()), count, day].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    fn say(&self, teller: Teller<'_>) -> Vec<Sentence> {
        let reader = teller.reader;
        match (self.verdict, self.main()) {
            (Verdict::Good, Some(main)) => {
                let value = quantity(teller, main, main.latest.value);
                let now = Sentence::plain(reader.say_with("home-now", &[("value", &value)]));
                let running = teller
                    .facts
                    .devices(self.house)
                    .filter(|d| is_running(d) && says_it_runs(d.kind))
                    .take(2)
                    .map(|d| {
                        Sentence::plain(reader.say_with("home-running", &[("device", &d.name)]))
                    });
                std::iter::once(now).chain(running).collect()
            }
            (Verdict::Wrong { side, value, limit, .. }, Some(main)) => {
                let (value, limit) = (quantity(teller, main, value), limit_of(teller, main, limit));
                let values = [("value", value.as_str()), ("limit", limit.as_str())];
                let since = teller.facts.past_since(self.house, main.series);
                vec![match (side, since) {
                    (Side::High, Some(since)) => teller.sentence("home-over-since", since, &values),
                    (Side::Low, Some(since)) => teller.sentence("home-under-since", since, &values),
                    (Side::High, None) => Sentence::plain(reader.say_with("home-over", &values)),
                    (Side::Low, None) => Sentence::plain(reader.say_with("home-under", &values)),
                }]
            }
            (Verdict::Unknown { since: Some(since) }, _) => {
                vec![teller.sentence("home-no-data-since", since, &[])]
            }
            _ => vec![Sentence::plain(reader.say("home-no-data-yet"))],
        }
    }

    /// What is not known of this house, and which controllers are silent.
    fn notes(&self, teller: Teller<'_>) -> Vec<Note> {
        let reader = teller.reader;
        let silent = teller.facts.silent_controllers(self.house).map(|(node, last_seen)| {
            teller.sentence("controller-silent-since", last_seen, &[("node", node.as_str())])
        });
        // of a house of which nothing is known, one sentence has said so already
        let is_known = !matches!(self.verdict, Verdict::Unknown { .. });
        let readings = self.readings.iter().filter(|_| is_known);
        let unknown = readings.enumerate().filter_map(|(place, r)| {
            let measure = r.measure?;
            let is_gone = measure.freshness(teller.now) == Freshness::NoData;
            if !is_gone || Some(place) == self.rests_on {
                return None;
            }
            let is_old = r.limits.judge(r.latest.at, teller.now) == Freshness::NoData;
            let id = if is_old { "home-silent-since" } else { "home-suspect-since" };
            let sensor = reader.say(&name_id(measure.sensor));
            Some(teller.sentence(id, r.latest.at, &[("sensor", &sensor)]))
        });
        silent
            .chain(unknown)
            .map(|text| Note { mood: Mood::Lost, icon: "sensor", text, href: None })
            .collect()
    }

    /// That this other house is in trouble.
    fn note_elsewhere(&self, teller: Teller<'_>) -> Option<Note> {
        let mood = mood_of(self.verdict);
        let icon = match mood {
            Mood::Bad => "critical",
            Mood::Warn => "warning",
            Mood::Good | Mood::Lost | Mood::Going | Mood::Quiet => return None,
        };
        Some(Note {
            mood,
            icon,
            text: Sentence::plain(self.title(teller)),
            href: Some(self.href(teller)),
        })
    }

    fn scene(&self, teller: Teller<'_>) -> Scene {
        let runs = |kinds: &[DeviceKind]| {
            teller.facts.devices(self.house).any(|d| kinds.contains(&d.kind) && is_running(d))
        };
        let tank = self.readings.iter().find(|r| r.is(SensorKind::WaterLevel)).map(|r| {
            let is_known = r.freshness(teller.now) != Freshness::NoData;
            is_known.then(|| tenths(r.latest.value))
        });
        Scene {
            weather: match self.verdict {
                Verdict::Wrong { sensor: SensorKind::Temperature, side: Side::High, .. } => {
                    Weather::Hot
                }
                Verdict::Wrong { sensor: SensorKind::Temperature, side: Side::Low, .. } => {
                    Weather::Cold
                }
                Verdict::Wrong { .. } | Verdict::Good => Weather::Good,
                Verdict::Unknown { .. } => Weather::Lost,
            },
            fan: runs(&[DeviceKind::Fan]),
            light: runs(&[DeviceKind::Light]),
            heat: runs(&[DeviceKind::Lamp, DeviceKind::Heater]),
            tank,
        }
    }

    fn row(&self, teller: Teller<'_>) -> RowView {
        let house = self.house.map(|house| house.id.to_string()).unwrap_or_default();
        let value = self.main().or_else(|| self.readings.first());
        RowView {
            look: RowLook {
                id: format!("h-{house}"),
                href: Some(self.href(teller)),
                icon: "coop",
                name: self.name(teller).to_owned(),
                about: None,
                tag: Some(self.tag(teller)),
            },
            values: value
                .map(|r| small(teller, r, format!("w-{house}"), None))
                .into_iter()
                .collect(),
        }
    }

    fn tag(&self, teller: Teller<'_>) -> Tag {
        let mood = mood_of(self.verdict);
        let id = match self.verdict {
            Verdict::Good => "value-normal",
            Verdict::Wrong { sensor, side, .. } => side_id(sensor, side),
            Verdict::Unknown { .. } => "value-unknown",
        };
        Tag { mood, icon: icon_of(mood), text: teller.reader.say(id) }
    }
}

impl Teller<'_> {
    /// A moment in the farm's zone.
    pub(crate) fn moment(self, at: Timestamp) -> Moment {
        Moment { datetime: rfc3339(at), text: self.reader.moment(at, self.now, self.zone()) }
    }

    /// A short line with a moment called `time` in it.
    pub(crate) fn since(self, id: &str, at: Timestamp, values: &[(&str, &str)]) -> Sentence {
        let (before, after) = self.reader.say_around(id, "time", values);
        Sentence { before, moment: Some(self.moment(at)), after }
    }

    /// A sentence with a moment called `when` in it.
    pub(crate) fn sentence(self, id: &str, at: Timestamp, values: &[(&str, &str)]) -> Sentence {
        let (before, after) = self.reader.say_around(id, "when", values);
        let moment = Moment { datetime: rfc3339(at), text: self.when(at) };
        Sentence { before, moment: Some(moment), after }
    }

    fn when(self, at: Timestamp) -> String {
        self.reader.when(at, self.now, self.zone())
    }

    pub(crate) fn zone(self) -> Tz {
        self.facts.zone
    }
}

impl Sentence {
    pub(crate) fn plain(text: String) -> Self {
        Self { before: text, moment: None, after: String::new() }
    }
}

/// How old a value is, and when it will be too old.
pub(crate) fn age(teller: Teller<'_>, at: Timestamp, limits: AgeLimits) -> AgeView {
    let age = teller.now.since(at);
    let millis = |span: std::time::Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    let left = limits.stale.saturating_sub(age);
    let tenths = left.as_millis().saturating_mul(503) / limits.stale.as_millis().max(1);
    AgeView {
        age: Age { at: at.as_millis(), stale: millis(limits.stale), gone: millis(limits.no_data) },
        datetime: rfc3339(at),
        text: teller.reader.ago(age),
        clock: teller.reader.moment(at, teller.now, teller.zone()),
        ring: u16::try_from(tenths).unwrap_or(503),
    }
}

/// The icon that belongs to a mood.
pub(crate) const fn icon_of(mood: Mood) -> &'static str {
    match mood {
        Mood::Good => "check",
        Mood::Warn => "warning",
        Mood::Bad => "critical",
        Mood::Lost => "question",
        Mood::Going => "play",
        Mood::Quiet => "pause",
    }
}

fn mood_of(verdict: Verdict) -> Mood {
    match verdict {
        Verdict::Good => Mood::Good,
        Verdict::Wrong { sensor: SensorKind::Temperature, .. } => Mood::Bad,
        Verdict::Wrong { .. } => Mood::Warn,
        Verdict::Unknown { .. } => Mood::Lost,
    }
}

fn title_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "home-good",
        Verdict::Unknown { .. } => "home-unknown",
        Verdict::Wrong { sensor, side, .. } => match (sensor, side) {
            (SensorKind::Temperature, Side::High) => "home-too-hot",
            (SensorKind::Temperature, Side::Low) => "home-too-cold",
            (SensorKind::Humidity, Side::High) => "home-too-humid",
            (SensorKind::Humidity, Side::Low) => "home-too-dry",
            (SensorKind::WaterLevel, Side::Low) => "home-water-low",
            (SensorKind::FeedLevel, Side::Low) => "home-feed-low",
            _ => "home-past-limit",
        },
    }
}

/// A limit has no more decimals than it needs.
fn limit_of(teller: Teller<'_>, reading: &Reading<'_>, limit: f64) -> String {
    let decimals = u8::from(limit.fract() != 0.0);
    let number = teller.reader.decimal(limit, decimals);
    format!("{number}\u{a0}{}", reading.series.unit)
}

/// Whether running is worth a word in the answer.
const fn says_it_runs(kind: DeviceKind) -> bool {
    matches!(kind, DeviceKind::Fan | DeviceKind::Heater | DeviceKind::Lamp | DeviceKind::Pump)
}

fn tenths(percent: f64) -> u8 {
    match percent {
        p if p >= 95.0 => 10,
        p if p >= 85.0 => 9,
        p if p >= 75.0 => 8,
        p if p >= 65.0 => 7,
        p if p >= 55.0 => 6,
        p if p >= 45.0 => 5,
        p if p >= 35.0 => 4,
        p if p >= 25.0 => 3,
        p if p >= 15.0 => 2,
        p if p >= 5.0 => 1,
        _ => 0,
    }
}
