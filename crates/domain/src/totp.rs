//! The second factor: six digits that an app on the phone makes anew every 30 seconds (RFC 6238, SHA-1).
use crate::Timestamp;
use crate::numbers::digit;
use hmac::{Hmac, Mac as _};
use sha1::Sha1;
use std::fmt::Write as _;

/// Bytes of a secret: as many as the hash has.
pub const SECRET_BYTES: usize = 20;
/// Seconds of one step.
const STEP_SECONDS: i64 = 30;
/// How many steps a phone's clock may be off, either way.
const WINDOW: i64 = 1;
/// Digits of a code, as a power of ten.
const MODULUS: u32 = 1_000_000;
/// RFC 4648.
const BASE32: [char; 32] = [
    'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S',
    'T', 'U', 'V', 'W', 'X', 'Y', 'Z', '2', '3', '4', '5', '6', '7',
];

/// The step whose code was typed, for whoever remembers it: one at most `WINDOW` away from now, and newer
/// than `newest_used`, so that no code works twice. `None` if it is no such code.
pub fn verify(secret: &[u8], typed: &str, now: Timestamp, newest_used: Option<i64>) -> Option<i64> {
    let typed = digits(typed)?;
    let current = now.as_millis().div_euclid(STEP_SECONDS * 1000);
    // all steps are looked at, so that the time taken tells nothing
    let mut found = None;
    for step in current - WINDOW..=current + WINDOW {
        let is_it = code(secret, step) == Some(typed);
        if is_it && newest_used.is_none_or(|used| step > used) {
            found = Some(step);
        }
    }
    found
}

/// Whether what was typed looks like a code at all.
pub fn is_code(typed: &str) -> bool {
    digits(typed).is_some()
}

/// The secret as an authenticator takes it when it is typed: base32 without padding.
pub fn base32(secret: &[u8]) -> String {
    let mut text = String::with_capacity(secret.len().div_ceil(5) * 8);
    for chunk in secret.chunks(5) {
        let bits = chunk.iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        let length = chunk.len() * 8;
        let digits = length.div_ceil(5);
        let bits = bits << (digits * 5 - length);
        for place in (0..digits).rev() {
            let value = usize::try_from((bits >> (place * 5)) & 31).unwrap_or_default();
            text.extend(BASE32.get(value));
        }
    }
    text
}

/// What an authenticator takes as a QR code: `otpauth://totp/issuer:account?…`.
pub fn uri(issuer: &str, account: &str, secret: &[u8]) -> String {
    let (issuer, account) = (percent_encode(issuer), percent_encode(account));
    format!(
        "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP_SECONDS}",
        base32(secret)
    )
}

/// RFC 4226's number of six digits.
fn code(secret: &[u8], step: i64) -> Option<u32> {
    let counter = u64::try_from(step).ok()?;
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).ok()?;
    mac.update(&counter.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest.last()? & 0xf);
    let word: [u8; 4] = digest.get(offset..offset + 4)?.try_into().ok()?;
    Some((u32::from_be_bytes(word) & 0x7fff_ffff) % MODULUS)
}

/// Six digits, Latin or Khmer, with spaces where one likes.
fn digits(typed: &str) -> Option<u32> {
    let mut number = 0_u32;
    let mut count = 0;
    for c in typed.chars().filter(|c| !c.is_whitespace()) {
        let digit = digit(c)?;
        count += 1;
        if count > 6 {
            return None;
        }
        number = number * 10 + digit;
    }
    (count == 6).then_some(number)
}

fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // writing to a String does not fail
            _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    /// RFC 6238, appendix B, its last six digits.
    #[test]
    fn the_standards_examples_are_met() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(verify(SECRET, code, at(seconds), None), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_clock_may_be_off_by_one_step_and_no_more() {
        for (seconds, is_taken) in [(29, true), (59, true), (89, true), (90, false)] {
            assert_eq!(
                verify(SECRET, "287 082", at(seconds), None).is_some(),
                is_taken,
                "{seconds}"
            );
        }
        assert_eq!(verify(SECRET, "២៨៧០៨២", at(59), None), Some(1));
    }

    #[test]
    fn no_code_works_twice() {
        assert_eq!(verify(SECRET, "287082", at(59), Some(0)), Some(1));
        assert_eq!(verify(SECRET, "287082", at(59), Some(1)), None);
        assert_eq!(verify(SECRET, "287082", at(59), Some(2)), None);
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for bad in ["", "28708", "2870822", "28708a", "-287082", "287082 287082"] {
            assert_eq!(verify(SECRET, bad, at(59), None), None, "{bad:?}");
        }
    }

    #[test]
    fn the_secret_reaches_an_authenticator() {
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(base32(b"f"), "MY");
        assert_eq!(
            uri("Tokkatot", "sok@example.com", SECRET),
            "otpauth://totp/Tokkatot:sok%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Tokkatot&algorithm=SHA1&digits=6&period=30"
        );
    }

    proptest! {
        #[test]
        fn anything_may_be_typed(typed in ".{0,12}", seconds in 0_i64..1 << 40) {
            let step = verify(SECRET, &typed, at(seconds), None);
            prop_assert!(step.is_none_or(|step| (step - seconds / 30).abs() <= 1));
        }
    }
}
