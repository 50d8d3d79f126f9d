//! Phone numbers, which have one form each: `+`, the country, the number (E.164). People type them as
//! they are used to; accounts are found and kept apart by this form.
use crate::numbers::digit;

/// Cambodia's.
const COUNTRY: &str = "855";
/// Digits of a Cambodian number behind the country, or behind the 0 that stands for it at home.
const NATIONAL_DIGITS: std::ops::RangeInclusive<usize> = 8..=9;
/// Digits of any number with its country.
const WORLD_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// The one form of a number typed in any usual one: with spaces, dots, hyphens, slashes and brackets, in
/// Latin or Khmer digits; a Cambodian one with 0, `855`, `00855` or `+855` in front, or with nothing; one
/// of another country with `+`. `None` if it is no phone number.
pub fn normalise(typed: &str) -> Option<String> {
    let mut digits = String::with_capacity(typed.len());
    let mut is_international = false;
    for c in typed.chars() {
        match c {
            '+' | '＋' if digits.is_empty() && !is_international => is_international = true,
            c if is_separator(c) => {}
            c => digits.push(latin_digit(c)?),
        }
    }
    if is_international {
        return world(&digits);
    }
    let with_country = |digits: &str| digits.strip_prefix(COUNTRY).and_then(cambodian);
    digits
        .strip_prefix("00")
        .and_then(with_country)
        .or_else(|| with_country(&digits))
        .or_else(|| cambodian(&digits))
}

/// A number in its one form as it is dialled and written: a Cambodian one with 0 and in groups of three.
pub fn shown(number: &str) -> String {
    let Some(national) = number.strip_prefix('+').and_then(|n| n.strip_prefix(COUNTRY)) else {
        return number.to_owned();
    };
    let mut text = String::with_capacity(national.len() + 4);
    for (place, digit) in format!("0{national}").chars().enumerate() {
        // the last group takes what is left over
        if matches!(place, 3 | 6) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// With its country.
fn world(digits: &str) -> Option<String> {
    match digits.strip_prefix(COUNTRY) {
        Some(national) => cambodian(national),
        None if digits.starts_with('0') || !WORLD_DIGITS.contains(&digits.len()) => None,
        None => Some(format!("+{digits}")),
    }
}

/// Without its country, with or without the 0.
fn cambodian(digits: &str) -> Option<String> {
    let national = digits.strip_prefix('0').unwrap_or(digits);
    let fits = NATIONAL_DIGITS.contains(&national.len()) && !national.starts_with('0');
    fits.then(|| format!("+{COUNTRY}{national}"))
}

fn latin_digit(c: char) -> Option<char> {
    char::from_digit(digit(c)?, 10)
}

/// What people, or their phones, put between digits. The invisible marks come along when a number is
/// copied out of a list of contacts.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '.' | '/' | '(' | ')' | '\u{2010}'..='\u{2015}')
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_has_one_form_however_it_is_typed() {
        for typed in [
            "012345678",
            "012 345 678",
            "(012) 345-678",
            "012.345.678",
            "12 345 678",
            "85512345678",
            "855 012 345 678",
            "0085512345678",
            "+85512345678",
            "+855 (0)12 345 678",
            "＋855 12 345 678",
            "០១២ ៣៤៥ ៦៧៨",
            "\u{202A}+855\u{a0}12\u{a0}345\u{a0}678\u{202C}",
            "  012‑345‑678\u{200b} ",
        ] {
            assert_eq!(normalise(typed).as_deref(), Some("+85512345678"), "{typed}");
        }
    }

    #[test]
    fn longer_and_fixed_lines_are_numbers_too() {
        assert_eq!(normalise("088 123 4567").as_deref(), Some("+855881234567"));
        assert_eq!(normalise("023 123 456").as_deref(), Some("+85523123456"));
        // begins like the country, and is not it
        assert_eq!(normalise("085 512 345").as_deref(), Some("+85585512345"));
        assert_eq!(normalise("85 512 345").as_deref(), Some("+85585512345"));
    }

    #[test]
    fn numbers_are_shown_as_they_are_dialled() {
        for (number, text) in [
            ("+85512345678", "012 345 678"),
            ("+855881234567", "088 123 4567"),
            ("+66812345678", "+66812345678"),
        ] {
            assert_eq!(shown(number), text);
            assert_eq!(normalise(text).as_deref(), Some(number));
        }
    }

    #[test]
    fn other_countries_are_told_by_their_plus() {
        assert_eq!(normalise("+66 81 234 5678").as_deref(), Some("+66812345678"));
        assert_eq!(normalise("+1 (212) 555-0123").as_deref(), Some("+12125550123"));
        assert_eq!(normalise("66 81 234 5678"), None);
    }

    #[test]
    fn what_is_no_number_has_no_form() {
        for typed in [
            "",
            " ",
            "+",
            "0",
            "012",
            "01234567",
            "01234567890",
            "+855",
            "+855 1",
            "+0123456789",
            "+1234567890123456",
            "++85512345678",
            "0+12345678",
            "dara",
            "012a345678",
            "012345678x",
            "a@b.example",
            "012\u{0}345678",
            "00 1 212 555 0123",
        ] {
            assert_eq!(normalise(typed), None, "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn the_form_is_its_own_form_and_what_the_database_takes(typed in "[+0-9០-៩ ().-]{0,20}") {
            if let Some(number) = normalise(&typed) {
                prop_assert_eq!(normalise(&number), Some(number.clone()));
                let digits = number.strip_prefix('+').unwrap();
                prop_assert!(digits.len() >= 7 && digits.len() <= 15 && !digits.starts_with('0'));
                prop_assert!(digits.bytes().all(|b| b.is_ascii_digit()));
            }
        }

        #[test]
        fn anything_typed_is_answered(typed in ".*") {
            drop(normalise(&typed));
        }
    }
}
