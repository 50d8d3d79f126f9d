//! How people sign in, as they type it.
use domain::{emails, phones};

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
