//! What people type as their name: an e-mail address, a user name, or a phone number in any usual form.

/// A login as the database may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Login {
    names: Vec<String>,
    key: String,
}

impl Login {
    /// Reads what was typed: no invisible marks, Khmer digits too, and a Cambodian number with or
    /// without its country. What no account can be called has no names at all.
    pub(super) fn read(typed: &str) -> Self {
        let plain: String = typed
            .trim()
            .chars()
            .filter(|c| !matches!(c, '\u{200B}'..='\u{200D}' | '\u{FEFF}'))
            .map(latin_digit)
            .collect();
        let key = plain.to_lowercase();
        if plain.is_empty() || plain.len() > 254 || plain.chars().any(char::is_control) {
            return Self { names: Vec::new(), key };
        }
        let mut names = phone(&plain);
        names.push(plain);
        Self { names, key }
    }

    /// The names to look for, in this order.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// One name for all spellings, to count failures by.
    pub(super) fn key(&self) -> &str {
        self.names.first().unwrap_or(&self.key)
    }
}

fn latin_digit(c: char) -> char {
    match c {
        '\u{17E0}'..='\u{17E9}' => {
            u32::from(c).checked_sub(0x17E0).and_then(|d| char::from_digit(d, 10)).unwrap_or(c)
        }
        other => other,
    }
}

/// The international and the local form of a phone number, if it is one.
fn phone(text: &str) -> Vec<String> {
    let mut digits = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() => {}
            ' ' | '\u{a0}' | '-' | '.' | '(' | ')' => {}
            _ => return Vec::new(),
        }
    }
    let local = match digits.strip_prefix("855") {
        Some(rest) => rest.trim_start_matches('0'),
        None => match digits.strip_prefix('0') {
            Some(rest) => rest,
            None => return Vec::new(),
        },
    };
    vec![format!("+855{local}"), format!("0{local}")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_is_known_in_every_usual_form() {
        for typed in
            ["012 345 678", "+855 12 345 678", "855-12-345-678", "០១២ ៣៤៥ ៦៧៨", "(012)345.678"]
        {
            let login = Login::read(typed);
            assert_eq!(login.names().first().map(String::as_str), Some("+85512345678"), "{typed}");
            assert!(login.names().iter().any(|name| name == "012345678"), "{typed}");
            assert_eq!(login.key(), "+85512345678");
        }
    }

    #[test]
    fn names_and_addresses_are_taken_as_they_are_without_invisible_marks() {
        assert_eq!(Login::read(" sok\u{200b}ha ").names(), ["sokha"]);
        assert_eq!(Login::read("a@b.example").names(), ["a@b.example"]);
    }

    #[test]
    fn what_nobody_can_be_called_is_not_looked_for() {
        assert!(Login::read("a\0b").names().is_empty());
        assert!(Login::read(&"x".repeat(255)).names().is_empty());
    }
}
