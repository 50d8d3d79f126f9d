//! What people type as their name: an e-mail address, a user name, or a phone number in any usual form.
use crate::limits::Subject;
use domain::phones;

/// A login as the database may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Login {
    names: Vec<String>,
    subject: Subject,
}

impl Login {
    /// Reads what was typed: a phone number has one form, a name neither invisible marks nor capitals.
    /// What no account can be called has no names at all.
    pub(super) fn read(typed: &str) -> Self {
        let plain: String = typed.trim().chars().filter(|c| !is_invisible(*c)).collect();
        let plain = plain.to_lowercase();
        let phone = phones::normalise(typed);
        let subject = Subject::login(phone.as_ref().unwrap_or(&plain));
        let is_possible =
            !plain.is_empty() && plain.len() <= 254 && !plain.chars().any(char::is_control);
        let names =
            if is_possible { phone.into_iter().chain([plain]).collect() } else { Vec::new() };
        Self { names, subject }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_counts_as_one_however_it_is_typed() {
        let usual = Login::read("012 345 678");
        assert_eq!(usual.names()[..1], ["+85512345678"]);
        for typed in ["+855 12 345 678", "០១២ ៣៤៥ ៦៧៨", "\u{202a}+855\u{a0}12 345 678\u{202c}"]
        {
            let login = Login::read(typed);
            assert_eq!(login.names()[..1], usual.names()[..1], "{typed}");
            assert_eq!(login.subject(), usual.subject(), "{typed}");
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
