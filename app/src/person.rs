//! What people type about themselves: their name, and how they sign in.
use crate::{forms::Faults, reader::Reader};
use domain::{
    emails,
    names::{self, BadName},
    phones,
};

/// A name as it is kept; nothing, and the reason beside the field, if it is none.
pub(crate) fn name(
    reader: &Reader,
    (field, typed): (&'static str, &str),
    faults: &mut Faults,
) -> Option<String> {
    let fault = match names::clean(typed) {
        Ok(name) => return Some(name),
        Err(BadName::Empty) => reader.say("field-required"),
        Err(BadName::Control) => reader.say("field-control"),
        Err(BadName::TooLong) => {
            let most = i64::try_from(names::LONGEST).unwrap_or(i64::MAX);
            reader.say_with("field-too-long", &[("n", &reader.whole(most))])
        }
    };
    faults.add(field, fault);
    None
}

/// A phone number or an e-mail address, in its one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Contact {
    /// `+85512345678`.
    Phone(String),
    /// With its host in lower case.
    Email(String),
}

impl Contact {
    /// Reads what was typed; nothing if it is neither.
    pub(crate) fn read(typed: &str) -> Option<Self> {
        if typed.contains('@') {
            emails::normalise(typed).map(Self::Email)
        } else {
            phones::normalise(typed).map(Self::Phone)
        }
    }

    /// The address, if it is one.
    pub(crate) fn email(&self) -> Option<&str> {
        match self {
            Self::Email(email) => Some(email),
            Self::Phone(_) => None,
        }
    }

    /// The number, if it is one.
    pub(crate) fn phone(&self) -> Option<&str> {
        match self {
            Self::Phone(phone) => Some(phone),
            Self::Email(_) => None,
        }
    }

    /// Either of them.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Phone(contact) | Self::Email(contact) => contact,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_field_takes_a_phone_number_or_an_address_in_any_usual_form() {
        let phone = Some(Contact::Phone("+85512345678".to_owned()));
        assert_eq!(Contact::read("012 345 678"), phone);
        assert_eq!(Contact::read("០១២ ៣៤៥ ៦៧៨"), phone);
        let email = Some(Contact::Email("Sok@example.com".to_owned()));
        assert_eq!(Contact::read(" Sok@Example.COM "), email);
        for bad in ["", "sok", "sok@", "123", "a\0@b.com", "012\x00345678"] {
            assert_eq!(Contact::read(bad), None, "{bad:?}");
        }
    }
}
