//! Days as people type them, where the browser has no calendar to choose from.
use chrono::{Datelike as _, NaiveDate};
use domain::numbers::in_latin_digits;

/// What was typed is no day, or none that anybody here lives to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoDay;

/// A day of the years 1900 to 2999, as browsers send it (`2026-02-12`) or as people write it (`12/2/2026`,
/// `១២.២.២០២៦`); nothing if nothing was typed.
pub(crate) fn read(typed: &str) -> Result<Option<NaiveDate>, NoDay> {
    let typed = in_latin_digits(typed.trim()).replace(['/', '.'], "-");
    if typed.is_empty() {
        return Ok(None);
    }
    let day = |format: &&str| {
        let day = NaiveDate::parse_from_str(&typed, format).ok()?;
        (1900..3000).contains(&day.year()).then_some(day)
    };
    ["%Y-%m-%d", "%d-%m-%Y"].iter().find_map(day).map(Some).ok_or(NoDay)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_understood_as_browsers_and_people_write_it() {
        let day = NaiveDate::from_ymd_opt(2026, 2, 12);
        for typed in ["2026-02-12", " 12/02/2026 ", "12/2/2026", "12.2.2026", "១២-០២-២០២៦"]
        {
            assert_eq!(read(typed), Ok(day), "{typed}");
        }
        assert_eq!(read(" "), Ok(None));
    }

    #[test]
    fn half_a_day_is_none() {
        for typed in [
            "12.2.",
            "2026-02",
            "0",
            "12/2/26",
            "2026-02-30",
            "yesterday",
            "-2026-01-01",
            "+99999-01-01",
            "9999-01-01",
            "-4712-01-01",
            "2026-01-01T00:00",
            "\0",
        ] {
            assert_eq!(read(typed), Err(NoDay), "{typed}");
        }
    }
}
