//! Identities. A string or a bare UUID never stands for one of these inside the program.
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map($name)
            }
        }
    )+};
}

uuid_id! {
    /// A farm.
    FarmId,
    /// A person's account.
    UserId,
    /// One channel of a node: what a farmer calls a device.
    DeviceId,
    /// A physical controller with one credential.
    NodeId,
    /// A coop.
    HouseId,
    /// A way into a farm.
    InvitationId,
    /// A sign-in that lasts.
    SessionId,
    /// Something a device was told to do: the identity of the first tap.
    CommandId,
    /// A pressed emergency stop.
    StopId,
}

/// One sensor quantity of one device; the key of its readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SeriesId(pub i32);

/// One run of a node between two power cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BootId(pub i32);

/// Why a hardware name was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was given.
    #[error("a name needs at least one character")]
    Empty,
    /// Over 50 characters.
    #[error("a name has at most 50 characters")]
    TooLong,
    /// Something that MQTT topics, files or people would trip over.
    #[error("a name has only letters A-Z and a-z, digits, '-' and '_'")]
    Character,
}

/// Checks the rule both hardware names share: 1–50 characters of `[A-Za-z0-9_-]`, so that a name is
/// safe in a topic, an access-control file and a URL.
fn check_name(text: &str) -> Result<(), NameError> {
    match text.len() {
        0 => Err(NameError::Empty),
        51.. => Err(NameError::TooLong),
        _ if text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') => Ok(()),
        _ => Err(NameError::Character),
    }
}

macro_rules! hardware_name {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether `text` would be accepted, without copying it.
            pub fn check(text: &str) -> Result<(), NameError> {
                check_name(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                check_name(&text).map(|()| Self(text))
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                check_name(text).map(|()| Self(text.to_owned()))
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

hardware_name! {
    /// A node's name: its MQTT user name and the second level of its topics.
    NodeName,
    /// A device's name on its node, such as `air` or `fan1`.
    Channel,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_break_a_topic_are_refused() {
        for bad in ["a/b", "a+b", "#", "$SYS", "a b", "a\0b", "ទ្រុង", "a:b", "a\n"] {
            assert_eq!(bad.parse::<NodeName>(), Err(NameError::Character), "{bad:?}");
        }
        assert_eq!("".parse::<NodeName>(), Err(NameError::Empty));
        assert_eq!("a".repeat(51).parse::<NodeName>(), Err(NameError::TooLong));
        assert!("a".repeat(50).parse::<NodeName>().is_ok());
    }
}
