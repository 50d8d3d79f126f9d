//! What people type as their name at the door: a phone number, an e-mail address or a user name. None can
//! be taken for another, so a login has one form.
use crate::{emails, names, phones, usernames};

/// The form under which an account is looked for. `None` if no account can be called that.
pub fn normalise(typed: &str) -> Option<String> {
    phones::normalise(typed).or_else(|| usernames::normalise(typed)).or_else(|| {
        let address = names::visible(typed).collect::<String>().to_lowercase();
        emails::normalise(&address)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_has_one_form_however_it_is_typed() {
        for (form, spellings) in [
            (
                "+85512345678",
                ["012 345 678", "០១២ ៣៤៥ ៦៧៨", "\u{202a}+855\u{a0}12 345 678\u{202c}"],
            ),
            ("sokha", ["sokha", " Sok\u{200b}ha ", "SOKHA"]),
            ("a@b.example", ["A@b.Example", " a@b.example", "a@\u{200b}b.example"]),
        ] {
            for typed in spellings {
                assert_eq!(normalise(typed).as_deref(), Some(form), "{typed:?}");
            }
        }
    }

    #[test]
    fn what_nobody_can_be_called_has_none() {
        for typed in ["", " \u{200b}", "a\0b", "a b", "@", &"x".repeat(255)] {
            assert_eq!(normalise(typed), None, "{typed:?}");
        }
    }
}
