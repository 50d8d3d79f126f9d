//! User names, for people with neither e-mail address nor phone number. They have one form, so that one
//! name is found however it is typed. The database's check `users_username_check` has the same rule.
use crate::{names, phones};
use unicode_normalization::UnicodeNormalization as _;

/// Characters of a name.
const LENGTH: std::ops::RangeInclusive<usize> = 2..=50;

/// The one form of a user name: composed, in small letters, without what is invisible. `None` if it is
/// none: with a space or an @ inside, or like a phone number at its beginning.
pub fn normalise(typed: &str) -> Option<String> {
    let name: String =
        names::visible(typed.trim()).nfc().flat_map(char::to_lowercase).nfc().collect();
    let name = name.trim();
    let is_name = LENGTH.contains(&name.chars().count())
        && !name.starts_with(|c: char| c == '+' || c.is_ascii_digit())
        && !name.contains(|c: char| c == '@' || c.is_whitespace() || c.is_control())
        && phones::normalise(name).is_none();
    is_name.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_name_is_one_however_it_is_typed() {
        for typed in ["sokha", " SokHa ", "sok\u{200b}ha"] {
            assert_eq!(normalise(typed).as_deref(), Some("sokha"), "{typed:?}");
        }
        assert_eq!(normalise("Rene\u{301}"), normalise("ren\u{e9}"));
        assert_eq!(normalise("សុខា").as_deref(), Some("សុខា"));
    }

    #[test]
    fn what_can_be_taken_for_something_else_is_none() {
        for bad in
            ["", "a", "+855", "1sok", "០១២៣៤៥៦៧៨", "sok@x", "sok ha", "a\0b", &"x".repeat(51)]
        {
            assert_eq!(normalise(bad), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn the_form_of_a_form_is_itself(typed in ".{0,20}") {
            if let Some(name) = normalise(&typed) {
                prop_assert_eq!(normalise(&name), Some(name));
            }
        }
    }
}
