//! Names that people give: their own, their farms' and houses'. Any script and any markup is a name; what
//! is invisible is not kept, and one name typed in two ways compares equal by its key.

mod khmer;

use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

/// Grapheme clusters of the longest name: what people count as characters.
pub const LONGEST: usize = 60;
/// Bytes of a cluster on average, at most: one may be made of any number of marks.
const BYTES: usize = 20;

/// Why a name was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing that can be seen.
    #[error("a name has at least one character")]
    Empty,
    /// Over 60 grapheme clusters, or what else is the longest.
    #[error("a name has so many characters at most")]
    TooLong,
    /// NUL or another control character.
    #[error("a name has no control characters")]
    Control,
}

/// The name as it is kept: composed (NFC), without what is invisible or turns the direction of writing,
/// and with single spaces.
pub fn clean(typed: &str) -> Result<String, BadName> {
    clean_line(typed, LONGEST)
}

/// The same for a line that is no name, such as a place, with its own number of grapheme clusters.
pub fn clean_line(typed: &str, longest: usize) -> Result<String, BadName> {
    if typed.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return Err(BadName::Control);
    }
    let name = spaced(&visible(typed).nfc().collect::<String>());
    if name.is_empty() {
        return Err(BadName::Empty);
    }
    if name.len() > longest.saturating_mul(BYTES) || name.graphemes(true).count() > longest {
        return Err(BadName::TooLong);
    }
    Ok(name)
}

/// What two names have in common that people take for one: capital letters, invisible characters, spaces
/// and the order in which a Khmer cluster was typed make no difference.
pub fn same_key(name: &str) -> String {
    let lower = visible(name).nfc().flat_map(char::to_lowercase);
    let ordered = khmer::in_order(lower);
    spaced(&ordered.into_iter().nfc().collect::<String>())
}

/// The text without what is invisible.
pub(crate) fn visible(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|c| !is_invisible(*c))
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Unicode's ignorable characters, among them joiners, marks of direction and Khmer's inherent vowels, and
/// the letters that look like nothing. Variation selectors stay: emoji need them.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_kept_as_people_see_it() {
        for (typed, kept) in [
            ("  Sok \t Dara\r\n", "Sok Dara"),
            ("សុខ\u{200B}ដារ៉ា\u{FEFF}", "សុខដារ៉ា"),
            ("abc\u{202E}cod.exe", "abccod.exe"),
            ("Rene\u{301}", "Ren\u{E9}"),
            ("<svg onload=alert(1)> & {{7*7}}", "<svg onload=alert(1)> & {{7*7}}"),
        ] {
            assert_eq!(clean(typed).unwrap(), kept, "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for empty in ["", " \n ", "\u{200B}\u{202E}", "\u{3164}", "\u{17B4}"] {
            assert_eq!(clean(empty), Err(BadName::Empty), "{empty:?}");
        }
        for control in ["a\0b", "\u{1B}[31mred", "a\u{85}b\u{7F}"] {
            assert_eq!(clean(control), Err(BadName::Control), "{control:?}");
        }
        assert_eq!(clean(&"ក".repeat(10_000)), Err(BadName::TooLong));
        assert_eq!(clean(&format!("a{}", "\u{301}".repeat(10_000))), Err(BadName::TooLong));
    }

    #[test]
    fn length_is_counted_in_what_people_call_characters() {
        let cluster = "ស្ត្រី";
        assert!(clean(&cluster.repeat(60)).is_ok());
        assert_eq!(clean(&cluster.repeat(61)), Err(BadName::TooLong));
        assert_eq!(clean_line(&cluster.repeat(61), 61).unwrap(), cluster.repeat(61));
    }

    #[test]
    fn one_name_in_two_encodings_compares_equal() {
        for (one, other) in [
            ("Sok  DARA", "sok dara"),
            ("Ren\u{E9}", "RENE\u{301}"),
            // coeng ro before or after another subscript
            ("ស\u{17D2}ត\u{17D2}រ\u{17B8}", "ស\u{17D2}រ\u{17D2}ត\u{17B8}"),
            // the vowel typed before the subscript
            ("ខ\u{17D2}ម\u{17C2}រ", "ខ\u{17C2}\u{17D2}មរ"),
            // composed and decomposed vowels, in any order
            ("ក\u{17BE}", "ក\u{17C1}\u{17B8}"),
            ("ក\u{17BE}", "ក\u{17B8}\u{17C1}"),
            ("ក\u{17C4}", "ក\u{17C1}\u{17B6}"),
            ("ក\u{17C2}", "ក\u{17C1}\u{17C1}"),
            // register shifter, vowel and sign in any order
            ("ប\u{17C9}\u{17BB}\u{17C6}", "ប\u{17C6}\u{17BB}\u{17C9}"),
            // subscripts that look the same
            ("បណ\u{17D2}\u{178A}\u{17B6}ញ", "បណ\u{17D2}\u{178F}\u{17B6}ញ"),
            ("ខ\u{17D2}មែរ\u{200B}ក", "ខ\u{17D2}មែរក"),
        ] {
            assert_eq!(same_key(one), same_key(other), "{one} {other}");
        }
    }

    #[test]
    fn different_names_stay_different() {
        for (one, other) in [("កា", "កី"), ("ក្រ", "រ្ក"), ("ដា", "តា"), ("a b", "ab"), ("កុំ", "កំ")]
        {
            assert_ne!(same_key(one), same_key(other), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn cleaning_and_keys_are_stable(typed in "(\\PC|[\u{1780}-\u{17DD}]|[ \u{200B}]){0,30}") {
            if let Ok(name) = clean(&typed) {
                prop_assert_eq!(clean(&name), Ok(name.clone()));
                prop_assert_eq!(same_key(&name), same_key(&typed));
            }
            let key = same_key(&typed);
            prop_assert_eq!(same_key(&key), key);
        }

        #[test]
        fn the_order_of_typing_a_cluster_makes_no_difference(
            marks in proptest::sample::subsequence(vec!["\u{17D2}ម", "\u{17C9}", "\u{17BB}", "\u{17C6}"], 1..=4)
                .prop_flat_map(|marks| (Just(marks.clone()), Just(marks).prop_shuffle())),
        ) {
            let (one, other) = marks;
            prop_assert_eq!(same_key(&format!("ក{}", one.concat())), same_key(&format!("ក{}", other.concat())));
        }
    }
}
