//! What was typed as a name, to look for and to count failures by.
use crate::limits::Subject;
use domain::logins;

/// A login as the database may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Login {
    name: Option<String>,
    subject: Subject,
}

impl Login {
    /// Reads what was typed. What no account can be called has no name at all.
    pub(super) fn read(typed: &str) -> Self {
        let name = logins::normalise(typed);
        let subject = match &name {
            Some(name) => Subject::login(name),
            None => Subject::login(&typed.trim().to_lowercase()),
        };
        Self { name, subject }
    }

    /// The name to look for, if it can be one.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// One subject for all spellings, to count failures by where no account has this name.
    pub(super) const fn subject(&self) -> Subject {
        self.subject
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_count_together_however_a_name_is_typed() {
        for (one, other) in
            [("012 345 678", "+855 12 345 678"), ("SOKHA", "sok\u{200b}ha"), ("a b", " A b ")]
        {
            assert_eq!(Login::read(one).subject(), Login::read(other).subject(), "{one}");
        }
        assert_ne!(Login::read("sokha").subject(), Login::read("dara").subject());
        assert_eq!(Login::read("a\0b").name(), None);
    }
}
