//! Which passwords are good enough. No rules of composition: length, and not what anybody would guess.

/// Characters of the shortest password.
pub const SHORTEST: usize = 10;
/// Bytes of the longest; a hash of more would keep a server busy.
pub const LONGEST_BYTES: usize = 1024;

/// A password that has no more characters than these besides what is known of a person is not one.
#[cfg(feature = "server")]
const REST: usize = 4;

/// Why a password was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Under ten characters.
    #[error("a password has at least 10 characters")]
    TooShort,
    /// Over 1,024 bytes.
    #[error("a password has at most 1,024 bytes")]
    TooLong,
    /// Among the first that somebody would try.
    #[error("the password is easy to guess")]
    Guessable,
}

/// Checks the length alone, which a browser can do as well.
pub fn check_length(password: &str) -> Result<(), PasswordError> {
    if password.len() > LONGEST_BYTES {
        return Err(PasswordError::TooLong);
    }
    if password.chars().count() < SHORTEST {
        return Err(PasswordError::TooShort);
    }
    Ok(())
}

/// Checks a new password. `known` is what others know of the person: name, phone, e-mail, user name. Takes
/// some milliseconds.
#[cfg(feature = "server")]
pub fn check(password: &str, known: &[&str]) -> Result<(), PasswordError> {
    check_length(password)?;
    let known = what_is_known(known);
    let inputs: Vec<&str> = known.iter().map(String::as_str).collect();
    // two names and a digit are too many tries for the estimate, though hardly for a neighbour
    let rest = inputs.iter().fold(password.to_lowercase(), |rest, part| rest.replace(part, ""));
    if rest.chars().count() <= REST {
        return Err(PasswordError::Guessable);
    }
    if zxcvbn::zxcvbn(password, &inputs).score() < zxcvbn::Score::Three {
        return Err(PasswordError::Guessable);
    }
    Ok(())
}

/// The words that one who knows the person and the place would try first, in lower case, longest first.
#[cfg(feature = "server")]
fn what_is_known(known: &[&str]) -> Vec<String> {
    let parts = known.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    // a phone number as it is dialled at home
    let dialled = known.iter().filter_map(|text| Some(format!("0{}", text.strip_prefix("+855")?)));
    let place = ["tokkatot", "chicken", "poultry", "មាន់", "កសិដ្ឋាន"];
    let whole = known.iter().copied().chain(parts).chain(place).map(str::to_lowercase);
    let mut words: Vec<String> =
        whole.chain(dialled).filter(|word| word.chars().count() > 2).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.dedup();
    words
}

#[cfg(all(test, feature = "server"))]
mod tests {
    use super::*;

    const KNOWN: [&str; 3] = ["Chan Sokha", "+85512345678", "sokha@example.com"];

    #[test]
    fn what_anybody_would_try_is_refused() {
        for bad in [
            "password123",
            "1234567890",
            "qwertyuiop",
            "aaaaaaaaaaaa",
            "chansokha1",
            "0123456789",
            "012345678a",
            "sokhasokha",
            "tokkatot2024",
            "abcdefghij",
        ] {
            assert_eq!(check(bad, &KNOWN), Err(PasswordError::Guessable), "{bad}");
        }
    }

    #[test]
    fn what_nobody_would_guess_is_taken_without_rules_of_composition() {
        for good in
            ["rice field seven buffalo", "kxwvbtqzmlrh", "ស្រូវ៧គោទុំមាន់ក្រហម", "7 hens & 1 dog!"]
        {
            assert_eq!(check(good, &KNOWN), Ok(()), "{good}");
        }
    }

    #[test]
    fn lengths_are_counted_in_characters_and_bounded_in_bytes() {
        assert_eq!(check("ស្រូវ៧គោ", &[]), Err(PasswordError::TooShort));
        assert_eq!(check(&"ក".repeat(342), &[]), Err(PasswordError::TooLong));
        assert_eq!(check_length(&"x".repeat(1024)), Ok(()));
    }
}
