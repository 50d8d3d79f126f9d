//! Times of day, dates and ages in words, in the farm's zone.
use super::{ClockStyle, Lang, Reader, numbers};
use chrono::{DateTime, Datelike, NaiveDate, Timelike};
use chrono_tz::Tz;
use domain::Timestamp;
use icu::{
    calendar::{Date, Gregorian},
    datetime::{
        FixedCalendarDateTimeFormatter,
        fieldsets::{MD, YMD, YMDE},
    },
    locale::{Locale, locale},
};
use std::time::Duration;

/// The time zone of that name; where the name is unknown, the zone of Cambodia.
pub fn zone(name: &str) -> Tz {
    name.parse().unwrap_or(chrono_tz::Asia::Phnom_Penh)
}

/// The moment on a farm's own clock and calendar.
pub fn on_farm(at: Timestamp, zone: Tz) -> DateTime<Tz> {
    DateTime::from_timestamp_micros(at.as_micros()).unwrap_or_default().with_timezone(&zone)
}

/// RFC 3339 in UTC, for `<time datetime>` and for programs.
pub fn rfc3339(at: Timestamp) -> String {
    DateTime::from_timestamp_micros(at.as_micros())
        .unwrap_or_default()
        .to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// Whole days since the birds were placed (day 0), on the farm's calendar.
pub fn days_since(placed_on: NaiveDate, now: Timestamp, zone: Tz) -> i32 {
    let days = on_farm(now, zone).date_naive().signed_duration_since(placed_on).num_days();
    i32::try_from(days).unwrap_or_default()
}

/// The message that names a part of the day. Mornings begin at 4, evenings at 4 pm, nights at 7 pm;
/// noon itself has a word of its own.
const fn day_part(hour: u32, minute: u32) -> &'static str {
    match (hour, minute) {
        (4..=11, _) => "day-morning",
        (12, 0) => "day-noon",
        (12..=15, _) => "day-afternoon",
        (16..=18, _) => "day-evening",
        _ => "day-night",
    }
}

/// A day as people name it.
enum Day {
    Today,
    Yesterday,
    /// In words.
    Date(String),
}

impl Reader {
    /// A time of day: "1:05 រសៀល", "1:05 pm" or "13:05".
    fn time_of_day(&self, hour: u32, minute: u32) -> String {
        match self.clock {
            ClockStyle::Hours24 => numbers::digits(&format!("{hour:02}:{minute:02}"), self.digits),
            ClockStyle::Hours12 => {
                let shown = match hour % 12 {
                    0 => 12,
                    other => other,
                };
                let time = numbers::digits(&format!("{shown}:{minute:02}"), self.digits);
                // a no-break space: the number and its word stay on one line
                let part = match (self.lang, hour) {
                    (Lang::En, 12..) => "day-afternoon",
                    (Lang::En, _) => "day-morning",
                    (Lang::Km, _) => day_part(hour, minute),
                };
                format!("{time}\u{a0}{}", self.say(part))
            }
        }
    }

    /// The time of day of a moment.
    pub fn clock_time(&self, at: Timestamp, zone: Tz) -> String {
        let at = on_farm(at, zone);
        self.time_of_day(at.hour(), at.minute())
    }

    /// When something was, as seen at `now`, for a short line: the time of day if that was today or
    /// yesterday, before that the day.
    pub fn moment(&self, at: Timestamp, now: Timestamp, zone: Tz) -> String {
        match self.day_and_time(at, now, zone) {
            (Day::Today, time) => time,
            (Day::Yesterday, time) => self.say_with("yesterday-at", &[("time", &time)]),
            (Day::Date(date), _) => date,
        }
    }

    /// The same for a sentence, with day and time: Khmer puts its word for the hour before the time, and
    /// not before the day.
    pub fn when(&self, at: Timestamp, now: Timestamp, zone: Tz) -> String {
        match self.day_and_time(at, now, zone) {
            (Day::Today, time) => self.say_with("when-today", &[("time", &time)]),
            (Day::Yesterday, time) => self.say_with("when-yesterday", &[("time", &time)]),
            (Day::Date(date), time) => {
                self.say_with("when-date", &[("date", &date), ("time", &time)])
            }
        }
    }

    fn day_and_time(&self, at: Timestamp, now: Timestamp, zone: Tz) -> (Day, String) {
        let (at, today) = (on_farm(at, zone), on_farm(now, zone).date_naive());
        let date = at.date_naive();
        let day = if date == today {
            Day::Today
        } else if date.succ_opt() == Some(today) {
            Day::Yesterday
        } else {
            Day::Date(self.date(date))
        };
        (day, self.time_of_day(at.hour(), at.minute()))
    }

    /// The day of a moment: "12 វិច្ឆិកា", "November 12".
    pub fn day(&self, at: Timestamp, zone: Tz) -> String {
        self.date(on_farm(at, zone).date_naive())
    }

    /// A day of this year: "12 វិច្ឆិកា", "November 12".
    fn date(&self, date: NaiveDate) -> String {
        let locale = self.locale().into();
        let formatter = FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new(locale, MD::long());
        self.write_date(date, |date| Some(formatter.ok()?.format(date).to_string()))
    }

    /// A day of any year: "12 វិច្ឆិកា 2026", "November 12, 2026".
    pub fn full_date(&self, at: Timestamp, zone: Tz) -> String {
        let locale = self.locale().into();
        let formatter =
            FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new(locale, YMD::long());
        self.write_date(on_farm(at, zone).date_naive(), |date| {
            Some(formatter.ok()?.format(date).to_string())
        })
    }

    /// The same with the day of the week.
    pub fn weekday_and_date(&self, date: NaiveDate) -> String {
        let locale = self.locale().into();
        let formatter =
            FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new(locale, YMDE::long());
        self.write_date(date, |date| Some(formatter.ok()?.format(date).to_string()))
    }

    fn locale(&self) -> Locale {
        match self.lang {
            Lang::Km => locale!("km-u-nu-latn"),
            Lang::En => locale!("en-u-nu-latn"),
        }
    }

    /// A date by a formatter, in the reader's digits; as programs write it where that can not be.
    fn write_date(
        &self,
        date: NaiveDate,
        format: impl FnOnce(&Date<Gregorian>) -> Option<String>,
    ) -> String {
        let month = u8::try_from(date.month()).unwrap_or(1);
        let day = u8::try_from(date.day()).unwrap_or(1);
        let known = Date::try_new_gregorian(date.year(), month, day).ok();
        let text = known.and_then(|date| format(&date)).unwrap_or_else(|| date.to_string());
        numbers::digits(&text, self.digits)
    }

    /// How long ago: "12 វិនាទីមុន". The browser goes on counting with the same patterns.
    pub fn ago(&self, age: Duration) -> String {
        let (id, n) = ago(age.as_secs());
        self.say_with(id, &[("n", &self.whole(i64::try_from(n).unwrap_or(i64::MAX)))])
    }

    /// How long: "3 h".
    pub fn span(&self, span: Duration) -> String {
        let (id, n) = match span.as_secs() {
            seconds @ 0..60 => ("span-seconds", seconds),
            seconds @ 60..3600 => ("span-minutes", seconds / 60),
            seconds @ 3600..172_800 => ("span-hours", seconds / 3600),
            seconds => ("span-days", seconds / 86_400),
        };
        self.say_with(id, &[("n", &self.whole(i64::try_from(n).unwrap_or(i64::MAX)))])
    }

    /// How long, to the minute: "3 h 20 min"; in seconds below a minute.
    pub fn hours_and_minutes(&self, span: Duration) -> String {
        let seconds = span.as_secs();
        if seconds < 3600 {
            return self.span(span);
        }
        let number = |n: u64| self.whole(i64::try_from(n).unwrap_or(i64::MAX));
        let (hours, minutes) = (number(seconds / 3600), number(seconds / 60 % 60));
        self.say_with("span-hours-minutes", &[("hours", &hours), ("minutes", &minutes)])
    }

    /// The four patterns of ages with `{n}` for the number: seconds, minutes, hours, days.
    pub fn ago_patterns(&self) -> [String; 4] {
        ["ago-seconds", "ago-minutes", "ago-hours", "ago-days"]
            .map(|id| self.say_with(id, &[("n", "{n}")]))
    }
}

/// The message and the number for an age in seconds.
const fn ago(seconds: u64) -> (&'static str, u64) {
    match seconds {
        0..60 => ("ago-seconds", seconds),
        60..3600 => ("ago-minutes", seconds / 60),
        3600..172_800 => ("ago-hours", seconds / 3600),
        _ => ("ago-days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Digits;

    const KM: Reader = Reader { lang: Lang::Km, digits: Digits::Latin, clock: ClockStyle::Hours12 };
    const EN: Reader = Reader { lang: Lang::En, ..KM };
    const PHNOM_PENH: Tz = chrono_tz::Asia::Phnom_Penh;

    #[test]
    fn khmer_day_parts_have_their_own_borders() {
        let say = |hour, minute| KM.time_of_day(hour, minute).replace('\u{a0}', " ");
        for (hour, minute, text) in [
            (0, 0, "12:00 យប់"),
            (3, 59, "3:59 យប់"),
            (4, 0, "4:00 ព្រឹក"),
            (11, 59, "11:59 ព្រឹក"),
            (12, 0, "12:00 ត្រង់"),
            (12, 20, "12:20 រសៀល"),
            (15, 59, "3:59 រសៀល"),
            (16, 0, "4:00 ល្ងាច"),
            (18, 59, "6:59 ល្ងាច"),
            (19, 0, "7:00 យប់"),
            (23, 59, "11:59 យប់"),
        ] {
            assert_eq!(say(hour, minute), text);
        }
    }

    #[test]
    fn english_says_am_and_pm_and_both_know_24_hours() {
        assert_eq!(EN.time_of_day(0, 5), "12:05\u{a0}am");
        assert_eq!(EN.time_of_day(12, 0), "12:00\u{a0}pm");
        let khmer_24 = Reader { clock: ClockStyle::Hours24, digits: Digits::Khmer, ..KM };
        assert_eq!(khmer_24.time_of_day(13, 5), "១៣:០៥");
    }

    #[test]
    fn a_moment_is_told_in_the_farms_zone_by_its_time_and_later_by_its_date() {
        // 2026-02-12 01:30 in Phnom Penh is still the 11th in UTC
        let now = Timestamp::from_millis(1_770_834_600_000);
        let ago = |hours: u64| now.minus(Duration::from_secs(hours * 3600));
        let say = |reader: Reader, at| reader.moment(at, now, PHNOM_PENH).replace('\u{a0}', " ");
        assert_eq!(say(EN, now), "1:30 am");
        assert_eq!(say(EN, ago(3)), "yesterday 10:30 pm");
        assert_eq!(say(EN, ago(48)), "February 10");
        assert_eq!(say(KM, ago(48)), "10 កុម្ភៈ");
    }

    #[test]
    fn a_date_of_any_year_has_its_year_and_where_it_heads_a_list_its_weekday() {
        let now = Timestamp::from_millis(1_770_834_600_000);
        assert_eq!(EN.full_date(now, PHNOM_PENH), "February 12, 2026");
        assert_eq!(KM.full_date(now, PHNOM_PENH), "12 កុម្ភៈ 2026");
        let day = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        assert_eq!(EN.weekday_and_date(day), "Sunday, November 22, 2026");
        assert_eq!(KM.weekday_and_date(day), "អាទិត្យ 22 វិច្ឆិកា 2026");
    }

    #[test]
    fn in_a_khmer_sentence_the_word_for_the_hour_stands_before_the_time_and_not_before_the_day() {
        let now = Timestamp::from_millis(1_770_834_600_000);
        let ago = |hours: u64| now.minus(Duration::from_secs(hours * 3600));
        let say = |reader: Reader, at| reader.when(at, now, PHNOM_PENH).replace('\u{a0}', " ");
        assert_eq!(say(KM, now), "ម៉ោង 1:30 យប់");
        assert_eq!(say(KM, ago(3)), "ម្សិលមិញ ម៉ោង 10:30 យប់");
        assert_eq!(say(KM, ago(48)), "10 កុម្ភៈ ម៉ោង 1:30 យប់");
        assert_eq!(say(EN, ago(3)), "yesterday 10:30 pm");
    }

    #[test]
    fn birds_grow_a_day_older_at_the_farms_midnight() {
        let placed = NaiveDate::from_ymd_opt(2026, 1, 19).unwrap();
        let midnight = Timestamp::from_millis(1_770_829_200_000);
        assert_eq!(days_since(placed, midnight.minus(Duration::from_secs(1)), PHNOM_PENH), 23);
        assert_eq!(days_since(placed, midnight, PHNOM_PENH), 24);
    }

    #[test]
    fn what_lasts_for_hours_is_told_to_the_minute() {
        let say =
            |seconds| EN.hours_and_minutes(Duration::from_secs(seconds)).replace('\u{a0}', " ");
        assert_eq!(say(40), "40 s");
        assert_eq!(say(3599), "59 min");
        assert_eq!(say(12_060), "3 h 21 min");
        assert_eq!(say(180_000), "50 h 0 min");
    }

    #[test]
    fn ages_grow_from_seconds_to_days() {
        let say = |seconds| EN.ago(Duration::from_secs(seconds)).replace('\u{a0}', " ");
        assert_eq!(say(0), "0 s ago");
        assert_eq!(say(59), "59 s ago");
        assert_eq!(say(60), "1 min ago");
        assert_eq!(say(3599), "59 min ago");
        assert_eq!(say(3600), "1 h ago");
        assert_eq!(say(172_800), "2 d ago");
    }
}
