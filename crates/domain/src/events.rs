//! What the audit trail tells: every kind of event there is, who caused it, and how grave it is.
use serde::{Deserialize, Serialize};

/// Whose doing an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventCategory {
    /// A node's or device's.
    Device,
    /// A person's.
    User,
    /// The server's own.
    System,
}

impl EventCategory {
    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::User => "user",
            Self::System => "system",
        }
    }
}

/// How grave an event is, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Worth a look.
    Warning,
    /// Something did not work.
    Error,
    /// Birds or data are in danger.
    Critical,
}

impl Severity {
    /// All of them, least first.
    pub const ALL: [Self; 4] = [Self::Info, Self::Warning, Self::Error, Self::Critical];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }

    /// The severity of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal, $category:ident, $severity:ident, $message:literal;)+) => {
        /// What happened. Its name is stored; people read a text made of the name and the event's data.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum EventKind {
            $($(#[$doc])* $kind),+
        }

        impl EventKind {
            /// All kinds, in the order of this file.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// The name in the database, up to 50 characters.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name),+
                }
            }

            /// Whose doing it is.
            pub const fn category(self) -> EventCategory {
                match self {
                    $(Self::$kind => EventCategory::$category),+
                }
            }

            /// How grave it is.
            pub const fn severity(self) -> Severity {
                match self {
                    $(Self::$kind => Severity::$severity),+
                }
            }

            /// The English fallback that is stored and never shown.
            pub const fn message(self) -> &'static str {
                match self {
                    $(Self::$kind => $message),+
                }
            }

            /// The kind of that name.
            pub fn parse(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$kind),)+
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// The operator or a person with the right registered a controller.
    NodeRegistered = "node_registered", System, Info, "A node was registered";
    /// A controller got a new password.
    NodeRotated = "node_rotated", System, Info, "A node's password was changed";
    /// A controller's credential was withdrawn.
    NodeRevoked = "node_revoked", System, Warning, "A node's credential was withdrawn";
    /// A controller can be reached again.
    NodeOnline = "node_online", Device, Info, "A node came online";
    /// A controller can not be reached.
    NodeOffline = "node_offline", Device, Warning, "A node went offline";
    /// A controller started again.
    NodeRestarted = "node_restarted", Device, Info, "A node started again";
    /// A controller's clock is wrong; its times are corrected.
    NodeClockWrong = "node_clock_wrong", Device, Warning, "A node's clock is wrong";
    /// A controller dropped messages before they could be delivered.
    ReadingsGivenUp = "readings_given_up", Device, Warning, "A node gave up undelivered messages";
    /// A channel was heard of for the first time.
    DeviceFound = "device_found", Device, Info, "A new device was found";
    /// A device went to another farm with its controller; its history stays.
    DeviceLeft = "device_left", Device, Info, "A device left the farm with its controller";
    /// A manager accepted a new device.
    DeviceApproved = "device_approved", User, Info, "A device was approved";
    /// A device can be reached again.
    DeviceOnline = "device_online", Device, Info, "A device came online";
    /// A device can not be reached.
    DeviceOffline = "device_offline", Device, Warning, "A device went offline";
    /// A person signed in.
    SignedIn = "signed_in", User, Info, "A person signed in";
    /// A sign-in was refused.
    SignInRefused = "sign_in_refused", User, Warning, "A sign-in was refused";
    /// A person asked for what is not theirs to see.
    AccessRefused = "access_refused", User, Warning, "Access to a farm was refused";
    /// A person signed out.
    SignedOut = "signed_out", User, Info, "A person signed out";
    /// A farm was made.
    FarmCreated = "farm_created", User, Info, "A farm was made";
    /// A demonstration farm was filled with history.
    DemoSeeded = "demo_seeded", System, Info, "The demonstration farm was seeded";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name_and_fits_its_column() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::parse(kind.name()), Some(*kind));
            assert!(kind.name().len() <= 50, "{}", kind.name());
        }
    }
}
