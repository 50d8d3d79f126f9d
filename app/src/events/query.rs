//! What a reader of the log looks for: it stands in the address, so that links, the way back and the file
//! keep it. What is no address of ours is refused; fields that we do not know are let be. What people type
//! by hand goes back to them with a word beside it.
use crate::{
    days::{self, NoDay},
    error::AppError,
    forms::{self, Faults},
    reader::Reader,
};
use chrono::{NaiveDate, NaiveTime, TimeDelta, TimeZone as _};
use chrono_tz::Tz;
use domain::{
    Timestamp, UserId,
    events::{EventCategory, Severity},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use store::events::{Cursor, EventFilter};

/// The fields as they come.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Fields {
    #[serde(default)]
    q: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    before: String,
}

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) text: Option<String>,
    pub(crate) category: Option<EventCategory>,
    pub(crate) severity: Option<Severity>,
    pub(crate) person: Option<UserId>,
    pub(crate) from: Option<NaiveDate>,
    pub(crate) to: Option<NaiveDate>,
}

/// Which page of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The newest.
    Newest,
    /// Older than this.
    After(Cursor),
    /// Newer than this.
    Before(Cursor),
}

/// What was typed by hand, as it goes back into the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Typed {
    pub(crate) text: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

/// What the fields mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// What of it is understood.
    pub(crate) wanted: Wanted,
    pub(crate) place: Place,
    pub(crate) typed: Typed,
    /// What is not.
    pub(crate) faults: Faults,
}

impl Fields {
    /// What they mean; `today` is an example of a day.
    ///
    /// # Errors
    /// They are of no page or form of ours.
    pub(crate) fn read(self, reader: &Reader, today: NaiveDate) -> Result<Asked, AppError> {
        let mut faults = Faults::default();
        let is_there = !self.q.trim().is_empty();
        let text = is_there.then(|| forms::name(reader, ("q", &self.q), &mut faults)).flatten();
        let mut day = |field, typed: &str| {
            days::read(typed).unwrap_or_else(|NoDay| {
                let example = today.to_string();
                faults.add(field, reader.say_with("field-date", &[("example", &example)]));
                None
            })
        };
        let (from, to) = (day("from", &self.from), day("to", &self.to));
        let wanted = Wanted {
            text,
            category: given(&self.category, EventCategory::parse)?,
            severity: given(&self.severity, Severity::parse)?,
            person: given(&self.person, |id| id.parse().ok())?,
            from,
            to,
        };
        let (after, before) = (given(&self.after, cursor)?, given(&self.before, cursor)?);
        let place = match (after, before) {
            (None, None) => Place::Newest,
            (Some(after), None) => Place::After(after),
            (None, Some(before)) => Place::Before(before),
            (Some(_), Some(_)) => return Err(AppError::BadRequest),
        };
        let typed = Typed { text: self.q, from: self.from, to: self.to };
        Ok(Asked { wanted, place, typed, faults })
    }
}

/// Nothing, or something that is understood.
fn given<T>(field: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, AppError> {
    if field.is_empty() {
        return Ok(None);
    }
    parse(field).map(Some).ok_or(AppError::BadRequest)
}

fn cursor(text: &str) -> Option<Cursor> {
    let (at, id) = text.split_once('-')?;
    let number = |hex| u64::from_str_radix(hex, 16).ok().and_then(|n| i64::try_from(n).ok());
    // 4000-01-01: later than any event
    let at = number(at).filter(|at| *at < 64_060_588_800_000_000)?;
    Some(Cursor { at: Timestamp::from_micros(at), id: number(id)? })
}

impl Place {
    /// The fields of an address.
    fn field(self) -> Option<(&'static str, String)> {
        let write = |cursor: Cursor| format!("{:x}-{:x}", cursor.at.as_micros(), cursor.id);
        match self {
            Self::Newest => None,
            Self::After(cursor) => Some(("after", write(cursor))),
            Self::Before(cursor) => Some(("before", write(cursor))),
        }
    }
}

impl Wanted {
    /// Whether everything is wanted.
    pub(crate) fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether one of the fields that fold away is in use.
    pub(crate) const fn is_narrow(&self) -> bool {
        self.severity.is_some() || self.person.is_some() || self.from.is_some() || self.to.is_some()
    }

    /// The end of an address that asks for a page of this, from its question mark on.
    pub(crate) fn query(&self, place: Place) -> String {
        let fields = [
            self.text.clone().map(|text| ("q", text)),
            self.category.map(|category| ("category", category.name().to_owned())),
            self.severity.map(|severity| ("severity", severity.name().to_owned())),
            self.person.map(|person| ("person", person.to_string())),
            self.from.map(|date| ("from", date.to_string())),
            self.to.map(|date| ("to", date.to_string())),
            place.field(),
        ];
        let pair = |(name, value): (&str, String)| {
            format!("{name}={}", utf8_percent_encode(&value, NON_ALPHANUMERIC))
        };
        let pairs = fields.into_iter().flatten().map(pair).collect::<Vec<_>>();
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    }

    /// The same for the database, in the farm's zone; both days are meant whole.
    pub(crate) fn filter(&self, zone: Tz) -> EventFilter {
        EventFilter {
            text: self.text.clone(),
            category: self.category,
            severity: self.severity,
            person: self.person,
            from: self.from.map(|date| begin_of(date, zone)),
            to: self.to.and_then(|date| date.succ_opt()).map(|next| begin_of(next, zone)),
            ..EventFilter::default()
        }
    }
}

/// The first moment of a day. Where clocks jump over midnight, days begin an hour later.
fn begin_of(date: NaiveDate, zone: Tz) -> Timestamp {
    let midnight = date.and_time(NaiveTime::MIN);
    let found = [midnight, midnight + TimeDelta::hours(1)]
        .into_iter()
        .find_map(|time| zone.from_local_datetime(&time).earliest());
    let micros =
        found.map_or(midnight.and_utc().timestamp_micros(), |time| time.timestamp_micros());
    Timestamp::from_micros(micros)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Lang;

    fn all() -> Wanted {
        Wanted {
            text: Some("ម្ចាស់ & <b>".to_owned()),
            category: Some(EventCategory::User),
            severity: Some(Severity::Warning),
            person: Some("6a5ba5ee-1111-4000-8000-0000000000a1".parse().unwrap()),
            from: NaiveDate::from_ymd_opt(2026, 2, 1),
            to: NaiveDate::from_ymd_opt(2026, 2, 12),
        }
    }

    fn read(fields: Fields) -> Result<Asked, AppError> {
        let today = NaiveDate::from_ymd_opt(2026, 2, 12).unwrap();
        fields.read(&Reader::new(Lang::En), today)
    }

    #[test]
    fn an_address_means_what_it_was_made_of() {
        let cursor = Cursor { at: Timestamp::from_micros(1_770_878_820_000_123), id: 77 };
        for place in [Place::Newest, Place::After(cursor), Place::Before(cursor)] {
            for wanted in [Wanted::default(), all()] {
                let query = wanted.query(place);
                let uri: http::Uri = format!("/farms/1/events{query}").parse().unwrap();
                let axum::extract::Query(fields) =
                    axum::extract::Query::<Fields>::try_from_uri(&uri).unwrap();
                let asked = read(fields).unwrap();
                assert_eq!((asked.wanted, asked.place), (wanted, place), "{query}");
                assert!(asked.faults.is_empty());
            }
        }
        assert_eq!(Wanted::default().query(Place::Newest), "");
    }

    #[test]
    fn what_is_no_address_of_ours_is_refused() {
        let of = |change: fn(&mut Fields)| {
            let mut fields = Fields::default();
            change(&mut fields);
            read(fields)
        };
        for wrong in [
            of(|fields| fields.category = "users".into()),
            of(|fields| fields.severity = "bad".into()),
            of(|fields| fields.person = "sok".into()),
            of(|fields| fields.after = "1".into()),
            of(|fields| fields.after = "-1--1".into()),
            of(|fields| fields.after = "ffffffffffffffff-1".into()),
        ] {
            assert_eq!(wrong, Err(AppError::BadRequest));
        }
    }

    #[test]
    fn what_was_typed_by_hand_goes_back_with_a_word_beside_it() {
        let fields = Fields {
            q: "a\0b".into(),
            severity: "warning".into(),
            from: "12.2.".into(),
            to: "១២/០២/២០២៦".into(),
            ..Fields::default()
        };
        let asked = read(fields).unwrap();
        let typed = |text: &str| text.to_owned();
        let as_typed = Typed {
            text: typed("a\0b"), from: typed("12.2."), to: typed("១២/០២/២០២៦")
        };
        assert_eq!(asked.typed, as_typed);
        assert!(asked.faults.of("q").is_some());
        assert!(asked.faults.of("from").unwrap().contains("2026-02-12"));
        assert_eq!(asked.faults.of("to"), None);
        let understood = Wanted {
            severity: Some(Severity::Warning),
            to: NaiveDate::from_ymd_opt(2026, 2, 12),
            ..Wanted::default()
        };
        assert_eq!(asked.wanted, understood);
    }

    #[test]
    fn days_are_the_farms_and_whole() {
        let filter = all().filter(chrono_tz::Asia::Phnom_Penh);
        let at = |text: &str| {
            let at = chrono::DateTime::parse_from_rfc3339(text).unwrap();
            Some(Timestamp::from_micros(at.timestamp_micros()))
        };
        assert_eq!(filter.from, at("2026-02-01T00:00:00+07:00"));
        assert_eq!(filter.to, at("2026-02-13T00:00:00+07:00"));
        let jump = NaiveDate::from_ymd_opt(2018, 11, 4).unwrap();
        let begun = begin_of(jump, chrono_tz::America::Sao_Paulo);
        assert_eq!(Some(begun), at("2018-11-04T01:00:00-02:00"));
    }
}
