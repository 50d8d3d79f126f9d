//! Codes that people read out, write down and type: invitations, forgotten passwords, recovery. Eight
//! characters of 32 that nobody takes for another, so 40 bits.
use std::fmt;

/// No 0, O, 1 or I.
const ALPHABET: [char; 32] = [
    '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L',
    'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
];
/// Characters of a code.
const LENGTH: usize = 8;

/// A code. Shown in two groups, as `K7RM 4PXD`; kept without the space.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Code(String);

impl Code {
    /// The code of 40 random bits: the lowest of `bits`.
    pub fn from_bits(bits: u64) -> Self {
        let digit = |place: usize| {
            let value = usize::try_from((bits >> (place * 5)) & 31).unwrap_or_default();
            ALPHABET.get(value).copied().unwrap_or('2')
        };
        Self((0..LENGTH).map(digit).collect())
    }

    /// The code that somebody typed, in any case and with spaces and dashes where they like. `None` if it
    /// can be none.
    pub fn parse(typed: &str) -> Option<Self> {
        let mut code = String::with_capacity(LENGTH);
        for c in typed.chars() {
            if c.is_whitespace()
                || matches!(c, '-' | '\u{200B}'..='\u{200F}' | '\u{2010}'..='\u{2015}')
            {
                continue;
            }
            let c = c.to_ascii_uppercase();
            if code.len() == LENGTH || !ALPHABET.contains(&c) {
                return None;
            }
            code.push(c);
        }
        (code.len() == LENGTH).then_some(Self(code))
    }

    /// The eight characters, as they are kept and stand in links.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, c) in self.0.chars().enumerate() {
            if place == LENGTH / 2 {
                f.write_str(" ")?;
            }
            fmt::Write::write_char(f, c)?;
        }
        Ok(())
    }
}

// A code is as good as a password.
impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_read_however_it_is_written() {
        for typed in ["K7RM4PXD", "k7rm 4pxd", " K7RM-4PXD ", "k7-rm-4p-xd", "K7RM\u{200B}4PXD\n"] {
            assert_eq!(Code::parse(typed).unwrap().as_str(), "K7RM4PXD", "{typed:?}");
        }
        for typed in ["", "K7RM4PX", "K7RM4PXDD", "K7RM4PX0", "K7RM4PXI", "K7RM4PXé", "K7RM_4PXD"]
        {
            assert_eq!(Code::parse(typed), None, "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn every_code_is_read_back_and_every_bit_counts(bits in 0_u64..1 << 40, other in 0_u64..1 << 40) {
            let code = Code::from_bits(bits);
            prop_assert_eq!(Code::parse(&code.to_string()), Some(code.clone()));
            prop_assert_eq!(code.to_string().len(), 9);
            prop_assert_eq!(code == Code::from_bits(other), bits == other);
        }
    }
}
