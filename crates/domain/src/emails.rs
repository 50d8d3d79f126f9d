//! E-mail addresses: which texts are one, and in which form they are kept. The database's check
//! `users_email_check` has the same rule.

/// Bytes of a whole address (RFC 5321).
const LONGEST: usize = 254;
/// Bytes of one label of a host name.
const LONGEST_LABEL: usize = 63;

/// The address in a text, without the space around it and with its host in lower case. `None` if it is
/// none: RFC 5322 dot-atom at a host name with a dot; quoted local parts and comments are refused.
pub fn normalise(typed: &str) -> Option<String> {
    let address = typed.trim();
    if address.len() > LONGEST {
        return None;
    }
    let (local, host) = address.split_once('@')?;
    let is_local = local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atom));
    let is_host = host.contains('.') && host.split('.').all(is_label);
    (is_local && is_host).then(|| format!("{local}@{}", host.to_ascii_lowercase()))
}

fn is_atom(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte)
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= LONGEST_LABEL
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_are_known_and_kept_in_one_form() {
        assert_eq!(
            normalise(" sok.dara+farm@Example.COM.kh ").unwrap(),
            "sok.dara+farm@example.com.kh"
        );
        assert_eq!(normalise("O'Neil@a-b.example").unwrap(), "O'Neil@a-b.example");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in [
            "",
            "sok",
            "sok@",
            "@example.com",
            "sok@host",
            "sok dara@example.com",
            ".sok@example.com",
            "sok..dara@example.com",
            "sok@example..com",
            "sok@-example.com",
            "a@b@example.com",
            "\"sok\"@example.com",
            "sok@exam\0ple.com",
            "សុខ@example.com",
            "sok@example.com\nx@y.z",
        ] {
            assert_eq!(normalise(bad), None, "{bad:?}");
        }
        assert_eq!(normalise(&format!("{}@example.com", "a".repeat(250))), None);
        assert_eq!(normalise(&format!("a@{}.com", "b".repeat(64))), None);
    }

    proptest! {
        #[test]
        fn the_form_of_a_form_is_itself(typed in ".{0,40}|[a-z.]{1,8}@[a-zA-Z-]{1,8}\\.[a-z]{2,4}") {
            if let Some(address) = normalise(&typed) {
                prop_assert_eq!(normalise(&address), Some(address));
            }
        }
    }
}
