//! A span of time as people type it: a whole number and its unit.
use crate::{forms::Faults, reader::Reader};
use domain::numbers::parse_whole;
use std::time::Duration;

/// The units, each with its seconds.
const UNITS: [(&str, u64); 3] = [("s", 1), ("min", 60), ("h", 3600)];

/// What was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TypedSpan {
    pub(super) number: String,
    /// `s`, `min` or `h`.
    pub(super) unit: String,
}

impl TypedSpan {
    /// A span in the largest unit that it is a whole number of; nothing is an empty number.
    pub(super) fn of(reader: &Reader, span: Option<Duration>, otherwise: &str) -> Self {
        let Some(span) = span else {
            return Self { number: String::new(), unit: otherwise.to_owned() };
        };
        let seconds = span.as_secs();
        let fits = |(_, size): &&(&str, u64)| seconds >= *size && seconds.is_multiple_of(*size);
        let (unit, size) = UNITS.iter().rev().find(fits).copied().unwrap_or(("s", 1));
        let number = u32::try_from(seconds / size).unwrap_or(u32::MAX);
        Self { number: reader.field(number), unit: unit.to_owned() }
    }

    /// The span; nothing if nothing was typed. What is none, or not within its bounds, is said beside the field.
    pub(super) fn read(
        &self,
        reader: &Reader,
        field: &'static str,
        (least, most): (Duration, Duration),
        faults: &mut Faults,
    ) -> Option<Duration> {
        if self.number.trim().is_empty() {
            return None;
        }
        let size = UNITS.iter().find(|(unit, _)| *unit == self.unit).map(|(_, size)| *size);
        let seconds = parse_whole(&self.number).ok().zip(size);
        let span = seconds.map(|(number, size)| Duration::from_secs(u64::from(number) * size));
        let span = span.filter(|span| (least..=most).contains(span));
        if span.is_none() {
            let (from, to) = (reader.span(least), reader.span(most));
            faults
                .add(field, reader.say_with("configs-span-range", &[("from", &from), ("to", &to)]));
        }
        span
    }
}

/// The units to choose from.
pub(super) fn units(reader: &Reader) -> Vec<(String, String)> {
    UNITS
        .iter()
        .map(|(unit, _)| (unit.to_string(), reader.say(&format!("configs-unit-{unit}"))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Lang;

    const DAY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(86_400));

    fn read(number: &str, unit: &str) -> Result<Option<Duration>, String> {
        let typed = TypedSpan { number: number.to_owned(), unit: unit.to_owned() };
        let mut faults = Faults::default();
        let span = typed.read(&Reader::new(Lang::En), "max_on", DAY, &mut faults);
        faults.of("max_on").map_or(Ok(span), Err)
    }

    #[test]
    fn a_span_is_a_number_of_its_unit_within_bounds_that_are_told() {
        let seconds = |seconds| Ok(Some(Duration::from_secs(seconds)));
        assert_eq!(read(" ", "min"), Ok(None));
        assert_eq!(
            (read("90", "s"), read("១០", "min"), read("24", "h")),
            (seconds(90), seconds(600), seconds(86_400))
        );
        for (number, unit) in [
            ("0", "s"),
            ("25", "h"),
            ("1.5", "h"),
            ("-1", "s"),
            ("x", "s"),
            ("1", "years"),
            ("4294967295", "h"),
        ] {
            let fault = read(number, unit).unwrap_err();
            assert!(
                fault.contains("1\u{a0}s") && fault.contains("24\u{a0}h"),
                "{number} {unit}: {fault}"
            );
        }
    }

    #[test]
    fn a_span_goes_back_in_its_largest_unit() {
        let reader = Reader::new(Lang::En);
        let typed = |seconds| {
            let typed = TypedSpan::of(&reader, Some(Duration::from_secs(seconds)), "min");
            format!("{} {}", typed.number, typed.unit)
        };
        assert_eq!(
            (typed(90), typed(600), typed(86_400)),
            ("90 s".into(), "10 min".into(), "24 h".into())
        );
        assert_eq!(TypedSpan::of(&reader, None, "min").unit, "min");
    }
}
