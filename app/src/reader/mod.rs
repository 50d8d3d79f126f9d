//! How one reader wants words, numbers and times. Everything a person reads is finished here, on the
//! server; the browser only counts ages on.

mod language;
mod messages;
mod numbers;
mod times;

pub use language::{COOKIE, Lang};
pub(crate) use times::on_farm;
pub use times::{days_since, rfc3339, zone};

/// Which digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Digits {
    /// 0–9.
    Latin,
    /// ០–៩.
    Khmer,
}

impl Digits {
    /// All ten, from nought on.
    pub(crate) const fn all(self) -> &'static str {
        match self {
            Self::Latin => "0123456789",
            Self::Khmer => "០១២៣៤៥៦៧៨៩",
        }
    }
}

/// How times of day are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockStyle {
    /// 1:05 with the part of the day.
    Hours12,
    /// 13:05.
    Hours24,
}

/// One reader's language and habits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reader {
    /// The language.
    pub lang: Lang,
    /// The digits.
    pub digits: Digits,
    /// The times of day.
    pub clock: ClockStyle,
}

impl Reader {
    /// Somebody of whom only the language is known.
    pub const fn new(lang: Lang) -> Self {
        Self { lang, digits: Digits::Latin, clock: ClockStyle::Hours12 }
    }

    /// The text of a message.
    pub fn say(&self, id: &str) -> String {
        self.say_with(id, &[])
    }

    /// The text of a message with finished values put in.
    pub fn say_with(&self, id: &str, values: &[(&str, &str)]) -> String {
        messages::say(self.lang, id, values)
    }

    /// The text of a message without values; nothing if there is no such message.
    pub(crate) fn find(&self, id: &str) -> Option<String> {
        self.find_with(id, &[])
    }

    /// The text of a message with finished values put in; nothing if there is no such message.
    pub(crate) fn find_with(&self, id: &str, values: &[(&str, &str)]) -> Option<String> {
        messages::find(self.lang, id, values)
    }

    /// What stands before and after the value `name` in a message, where that value is an element.
    pub fn say_around(&self, id: &str, name: &str, values: &[(&str, &str)]) -> (String, String) {
        const HERE: &str = "\u{1}";
        let mut all = vec![(name, HERE)];
        all.extend_from_slice(values);
        let text = self.say_with(id, &all);
        match text.split_once(HERE) {
            Some((before, after)) => (before.to_owned(), after.to_owned()),
            None => (text, String::new()),
        }
    }

    /// A value with so many decimals.
    pub fn decimal(&self, value: f64, decimals: u8) -> String {
        numbers::decimal(value, decimals, self.lang, self.digits)
    }

    /// How many there are.
    pub fn count(&self, number: usize) -> String {
        self.whole(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// A whole number.
    pub fn whole(&self, value: i64) -> String {
        numbers::whole(value, self.lang, self.digits)
    }

    /// A whole number to be changed by hand: nothing stands between its digits.
    pub(crate) fn field(&self, value: u32) -> String {
        numbers::digits(&value.to_string(), self.digits)
    }

    /// The same for a number with so many decimals, which stand behind a point.
    pub(crate) fn field_decimal(&self, value: f64, decimals: u8) -> String {
        numbers::digits(&format!("{value:.*}", usize::from(decimals)), self.digits)
    }
}
