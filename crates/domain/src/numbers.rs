//! Numbers as people type them: in Latin or Khmer digits, with thousands apart or not.

/// Why a number was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadNumber {
    /// Nothing was typed.
    #[error("a number has at least one digit")]
    Empty,
    /// It is not a whole number from 0 up.
    #[error("a whole number has digits only")]
    NotWhole,
    /// It is over 4,294,967,295.
    #[error("the number is too large")]
    TooLarge,
}

/// A whole number from 0 up. Thousands may stand apart by a comma, a dot or a space, as in `1,500`.
pub fn parse_whole(typed: &str) -> Result<u32, BadNumber> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(BadNumber::Empty);
    }
    let mut groups = typed.split(|c: char| matches!(c, ',' | '.') || c.is_whitespace());
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let lengths = if rest.is_empty() { 1..=usize::MAX } else { 1..=3 };
    // 1,5 and 1.5 are no whole numbers
    if !lengths.contains(&first.chars().count())
        || rest.iter().any(|group| group.chars().count() != 3)
    {
        return Err(BadNumber::NotWhole);
    }
    let mut number = Some(0_u32);
    for c in std::iter::once(first).chain(rest).flat_map(str::chars) {
        let digit = digit(c).ok_or(BadNumber::NotWhole)?;
        number = number.and_then(|number| number.checked_mul(10)?.checked_add(digit));
    }
    number.ok_or(BadNumber::TooLarge)
}

/// A number with or without decimals, which stand behind a point or a comma, as in `28,5` or `-0.5`; nothing if it is
/// none, or has more than 15 characters.
pub fn parse_decimal(typed: &str) -> Option<f64> {
    let typed = typed.trim();
    let (sign, digits) = match typed.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (-1.0, rest),
        None => (1.0, typed),
    };
    let plain = in_latin_digits(digits).replace(',', ".");
    let is_number = typed.chars().count() <= 15
        && plain.bytes().filter(|byte| *byte == b'.').count() <= 1
        && plain.starts_with(|c: char| c.is_ascii_digit())
        && plain.ends_with(|c: char| c.is_ascii_digit())
        && plain.bytes().all(|byte| byte == b'.' || byte.is_ascii_digit());
    plain.parse::<f64>().ok().filter(|_| is_number).map(|number| sign * number)
}

/// The text with Latin digits in the place of Khmer ones.
pub fn in_latin_digits(typed: &str) -> String {
    let latin = |c| digit(c).and_then(|digit| char::from_digit(digit, 10));
    typed.chars().map(|c| latin(c).unwrap_or(c)).collect()
}

/// What a Latin or Khmer digit stands for.
pub(crate) fn digit(c: char) -> Option<u32> {
    match c {
        '\u{17E0}'..='\u{17E9}' => u32::from(c).checked_sub(0x17E0),
        c => c.to_digit(10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_with_decimals_is_understood_as_people_type_it() {
        for (typed, number) in [
            ("28.5", 28.5),
            (" 28,5 ", 28.5),
            ("-0.5", -0.5),
            ("\u{2212}3", -3.0),
            ("២៨,៥", 28.5),
            ("007", 7.0),
        ] {
            assert_eq!(parse_decimal(typed), Some(number), "{typed}");
        }
        for typed in
            ["", " ", "1.2.3", "1,234.5", ".5", "5.", "1e3", "inf", "NaN", "--1", "+1", "1 2", "x"]
        {
            assert_eq!(parse_decimal(typed), None, "{typed}");
        }
        assert_eq!(parse_decimal(&"9".repeat(16)), None);
    }

    #[test]
    fn a_whole_number_is_understood_as_people_type_it() {
        for (typed, number) in [
            ("0", 0),
            (" 500 ", 500),
            ("០០៧", 7),
            ("៥០០", 500),
            ("1,500", 1500),
            ("1.500", 1500),
            ("១ ៥០០", 1500),
            ("12\u{a0}000,000", 12_000_000),
            ("4294967295", u32::MAX),
        ] {
            assert_eq!(parse_whole(typed), Ok(number), "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_whole_number_is_refused() {
        assert_eq!(parse_whole(" \u{a0}"), Err(BadNumber::Empty));
        for typed in [
            "-5", "+5", "1.5", "1,50", "1,5000", "1500,000", ",500", "5,", "1e3", "x", "٥", "5\0",
            "½",
        ] {
            assert_eq!(parse_whole(typed), Err(BadNumber::NotWhole), "{typed:?}");
        }
        assert_eq!(parse_whole("4294967296"), Err(BadNumber::TooLarge));
        assert_eq!(parse_whole(&"9".repeat(10_000)), Err(BadNumber::TooLarge));
        assert_eq!(parse_whole(&format!("{}x", "9".repeat(10_000))), Err(BadNumber::NotWhole));
    }

    #[test]
    fn khmer_digits_become_latin_ones_and_all_else_stays() {
        assert_eq!(in_latin_digits("២០២៦-០២-12 ក"), "2026-02-12 ក");
    }
}
