//! Numbers as a reader writes them.
use super::{Digits, Lang};
use icu::{
    decimal::{DecimalFormatter, input::Decimal},
    locale::{Locale, locale},
};

fn locale(lang: Lang, digits: Digits) -> Locale {
    match (lang, digits) {
        (Lang::Km, Digits::Latin) => locale!("km-u-nu-latn"),
        (Lang::Km, Digits::Khmer) => locale!("km-u-nu-khmr"),
        (Lang::En, Digits::Latin) => locale!("en-u-nu-latn"),
        (Lang::En, Digits::Khmer) => locale!("en-u-nu-khmr"),
    }
}

/// A value with so many decimals, rounded half away from zero; what is no number is a dash.
pub(super) fn decimal(value: f64, decimals: u8, lang: Lang, digits: Digits) -> String {
    let rounded = round(value, decimals);
    // "-0.0" is what is left of a small negative number
    let rounded = if rounded == 0.0 { 0.0 } else { rounded };
    let plain = format!("{rounded:.*}", usize::from(decimals));
    format(&plain, lang, digits).unwrap_or_else(|| "–".to_owned())
}

/// A whole number.
pub(super) fn whole(value: i64, lang: Lang, digits: Digits) -> String {
    let plain = value.to_string();
    format(&plain, lang, digits).unwrap_or(plain)
}

fn format(plain: &str, lang: Lang, digits: Digits) -> Option<String> {
    let number: Decimal = plain.parse().ok()?;
    let formatter =
        DecimalFormatter::try_new(locale(lang, digits).into(), Default::default()).ok()?;
    Some(formatter.format_to_string(&number))
}

fn round(value: f64, decimals: u8) -> f64 {
    let scale = 10_f64.powi(i32::from(decimals));
    (value * scale).round() / scale
}

/// The digits of a finished text in the reader's own; for times and dates, which are put together.
pub(super) fn digits(text: &str, digits: Digits) -> String {
    match digits {
        Digits::Latin => text.to_owned(),
        Digits::Khmer => text
            .chars()
            .map(|c| c.to_digit(10).and_then(|d| char::from_u32(0x17E0 + d)).unwrap_or(c))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_fixed_and_rounded() {
        let say = |value, decimals| decimal(value, decimals, Lang::Km, Digits::Latin);
        assert_eq!(say(28.5, 1), "28.5");
        assert_eq!(say(29.95, 1), "30.0");
        assert_eq!(say(68.4, 0), "68");
        assert_eq!(say(-0.04, 1), "0.0");
        assert_eq!(say(f64::NAN, 1), "–");
        assert_eq!(say(f64::INFINITY, 1), "–");
    }

    #[test]
    fn khmer_digits_are_a_setting_in_both_languages() {
        for lang in Lang::ALL {
            assert_eq!(decimal(28.5, 1, lang, Digits::Khmer).replace(',', "."), "២៨.៥");
            assert_eq!(decimal(28.5, 1, lang, Digits::Latin), "28.5");
        }
        assert_eq!(digits("1:05", Digits::Khmer), "១:០៥");
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(whole(12_500, Lang::En, Digits::Latin), "12,500");
    }
}
