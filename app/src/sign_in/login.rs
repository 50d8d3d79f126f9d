//! What people type as their name: an e-mail address, a user name, or a phone number in any usual form.
use crate::limits::Subject;

/// A login as the database may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Login {
    names: Vec<String>,
    subject: Subject,
}

impl Login {
    /// Reads what was typed: no invisible marks, no capitals, Khmer digits too, and a Cambodian number
    /// with or without its country. What no account can be called has no names at all.
    pub(super) fn read(typed: &str) -> Self {
        let plain: String =
            typed.trim().chars().filter(|c| !is_invisible(*c)).map(latin_digit).collect();
        let plain = plain.to_lowercase();
        let mut names = phone(&plain);
        let subject = Subject::login(names.first().unwrap_or(&plain));
        let is_possible =
            !plain.is_empty() && plain.len() <= 254 && !plain.chars().any(char::is_control);
        names.push(plain);
        Self { names: if is_possible { names } else { Vec::new() }, subject }
    }

    /// The names to look for, in this order.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// One subject for all spellings, to count failures by where no account has this name.
    pub(super) fn subject(&self) -> Subject {
        self.subject
    }
}

/// Marks that come with what is copied from a phone's contacts or typed on a Khmer keyboard.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'
        | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

fn latin_digit(c: char) -> char {
    match c {
        '\u{17E0}'..='\u{17E9}' => {
            u32::from(c).checked_sub(0x17E0).and_then(|d| char::from_digit(d, 10)).unwrap_or(c)
        }
        other => other,
    }
}

/// The forms in which a phone number may be stored, the same ones for all its spellings; nothing if it
/// is no phone number.
fn phone(text: &str) -> Vec<String> {
    let mut digits = String::with_capacity(text.len());
    let mut is_international = false;
    for c in text.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() => is_international = true,
            '-' | '.' | '(' | ')' => {}
            space if space.is_whitespace() => {}
            _ => return Vec::new(),
        }
    }
    if digits.is_empty() {
        return Vec::new();
    }
    if let Some(number) = digits.strip_prefix("00") {
        (is_international, digits) = (true, number.to_owned());
    }
    let local = match digits.strip_prefix("855") {
        Some(rest) => Some(rest.trim_start_matches('0')),
        None if is_international => None,
        None => digits.strip_prefix('0'),
    };
    match local {
        Some(local) => vec![format!("+855{local}"), format!("0{local}"), format!("855{local}")],
        None => vec![format!("+{digits}"), digits],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_is_known_in_every_usual_form_and_counts_as_one() {
        let usual = Login::read("012 345 678");
        assert_eq!(usual.names()[..3], ["+85512345678", "012345678", "85512345678"]);
        for typed in [
            "+855 12 345 678",
            "855-12-345-678",
            "០១២ ៣៤៥ ៦៧៨",
            "(012)345.678",
            "\u{202a}+855\u{a0}12 345 678\u{202c}",
            "00855 12 345 678",
            "+855 (0)12 345 678",
        ] {
            let login = Login::read(typed);
            assert_eq!(login.names()[..3], usual.names()[..3], "{typed}");
            assert_eq!(login.subject(), usual.subject(), "{typed}");
        }
    }

    #[test]
    fn a_number_of_another_country_counts_as_one_too() {
        let abroad = Login::read("+66 81 234 5678");
        assert_eq!(abroad.names()[..2], ["+66812345678", "66812345678"]);
        for typed in ["66812345678", "0066-81-234-5678"] {
            assert_eq!(Login::read(typed).subject(), abroad.subject(), "{typed}");
        }
    }

    #[test]
    fn names_and_addresses_count_as_one_in_capitals_too_and_without_invisible_marks() {
        assert_eq!(Login::read(" Sok\u{200b}ha ").names(), ["sokha"]);
        assert_eq!(Login::read("A@b.Example").names(), ["a@b.example"]);
        assert_eq!(Login::read("SOKHA").subject(), Login::read("sokha").subject());
        assert_ne!(Login::read("sokha").subject(), Login::read("dara").subject());
    }

    #[test]
    fn what_nobody_can_be_called_is_not_looked_for() {
        assert!(Login::read("a\0b").names().is_empty());
        assert!(Login::read(&"x".repeat(255)).names().is_empty());
        assert!(Login::read(" \u{200b}").names().is_empty());
    }
}
