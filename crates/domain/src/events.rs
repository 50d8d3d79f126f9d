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
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Device, Self::User, Self::System];

    /// The category of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.name() == name)
    }

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
    /// A controller left its farm.
    NodeReleased = "node_released", System, Warning, "A node left its farm";
    /// A controller can be reached again.
    NodeOnline = "node_online", Device, Info, "A node came online";
    /// A controller can not be reached.
    NodeOffline = "node_offline", Device, Warning, "A node went offline";
    /// A controller started again.
    NodeRestarted = "node_restarted", Device, Info, "A node started again";
    /// A controller's clock is wrong; its times are corrected.
    NodeClockWrong = "node_clock_wrong", Device, Warning, "A node's clock is wrong";
    /// A controller sends what nobody can read.
    NodeAnswersWrongly = "node_answers_wrongly", Device, Warning, "A node sends what can not be read";
    /// A controller dropped messages before they could be delivered.
    ReadingsGivenUp = "readings_given_up", Device, Warning, "A node gave up undelivered messages";
    /// A channel was heard of for the first time.
    DeviceFound = "device_found", Device, Info, "A new device was found";
    /// A device went to another farm with its controller; its history stays.
    DeviceLeft = "device_left", Device, Info, "A device left the farm with its controller";
    /// A manager accepted a new device.
    DeviceApproved = "device_approved", User, Info, "A device was approved";
    /// A manager gave a device another name, kind, picture or place.
    DeviceChanged = "device_changed", User, Info, "A device was changed";
    /// A manager put a device elsewhere in the order of pages.
    DeviceOrdered = "device_ordered", User, Info, "A device was put elsewhere on pages";
    /// A manager took a device out of use.
    DeviceRetired = "device_retired", User, Warning, "A device was taken out of use";
    /// A manager brought a device back into use.
    DeviceRestored = "device_restored", User, Info, "A device is in use again";
    /// A device got the place of new hardware; its name and its history stay.
    DeviceReplaced = "device_replaced", User, Warning, "A device's hardware was replaced";
    /// A manager claimed a controller for the farm.
    NodeClaimed = "node_claimed", User, Info, "A node was claimed";
    /// Another controller took over a controller's devices; the old one was shut out.
    NodeReplaced = "node_replaced", User, Warning, "A node was replaced";
    /// A device can be reached again.
    DeviceOnline = "device_online", Device, Info, "A device came online";
    /// A device can not be reached.
    DeviceOffline = "device_offline", Device, Warning, "A device went offline";
    /// Something was asked of a device.
    CommandRequested = "command_requested", User, Info, "A command was asked for";
    /// Something was asked of a device that is not done; nothing was sent.
    CommandRefused = "command_refused", User, Warning, "A command was refused";
    /// A device did what it was told.
    CommandCompleted = "command_completed", Device, Info, "A command was carried out";
    /// A command was not carried out.
    CommandFailed = "command_failed", Device, Error, "A command failed";
    /// A device did not answer a command in time, or could not be reached.
    CommandTimeout = "command_timeout", Device, Warning, "A command got no answer in time";
    /// A newer command took the place of one that waited.
    CommandSuperseded = "command_superseded", System, Info, "A command was superseded";
    /// A command was taken back before it was sent.
    CommandCancelled = "command_cancelled", System, Info, "A command was cancelled";
    /// A device answered a command after it had been given up.
    CommandResultLate = "command_result_late", Device, Warning, "A device answered too late";
    /// A node answered a command that it was never given.
    CommandResultUnknown = "command_result_unknown", Device, Warning, "A node answered a command it was not given";
    /// A person pressed the emergency stop.
    StopPressed = "stop_pressed", User, Critical, "The emergency stop was pressed";
    /// A manager let a stopped farm or house go on.
    StopReleased = "stop_released", User, Warning, "The emergency stop was released";
    /// A device that a person had taken went back to automation.
    OverrideEnded = "override_ended", System, Info, "A manual override ended";
    /// A device had run as long as it may.
    SwitchedOffByInterlock = "device_switched_off_by_interlock", System, Warning, "An interlock switched a device off";
    /// A manager changed what a device must keep to.
    InterlocksChanged = "interlocks_changed", User, Warning, "A device's interlocks were changed";
    /// A manager changed how often a sensor is read, or what values a device may take.
    DeviceConfigured = "device_configured", User, Info, "A device's settings were changed";
    /// A manager corrected a sensor, or took the correction back.
    SensorCalibrated = "sensor_calibrated", User, Warning, "A sensor's calibration was changed";
    /// A controller has its wanted configuration in force.
    ConfigConfirmed = "config_confirmed", Device, Info, "A node confirmed its configuration";
    /// A controller will not have its wanted configuration.
    ConfigRefused = "config_refused", Device, Warning, "A node refused its configuration";
    /// A person signed in.
    SignedIn = "signed_in", User, Info, "A person signed in";
    /// A sign-in was refused.
    SignInRefused = "sign_in_refused", User, Warning, "A sign-in was refused";
    /// A person asked for what is not theirs to see.
    AccessRefused = "access_refused", User, Warning, "Access to a farm was refused";
    /// A person signed out.
    SignedOut = "signed_out", User, Info, "A person signed out";
    /// A person made an account.
    SignedUp = "signed_up", User, Info, "A person signed up";
    /// An account was made by the operator.
    UserCreated = "user_created", System, Info, "An account was made by the operator";
    /// A person changed the password; the other sessions ended.
    PasswordChanged = "password_changed", User, Warning, "A password was changed";
    /// A password was set by a reset code; all sessions ended.
    PasswordReset = "password_reset", User, Warning, "A password was set by a reset code";
    /// A code to set a new password was issued.
    ResetCodeIssued = "reset_code_issued", User, Warning, "A reset code was issued";
    /// A person changed their name, sign-in names or settings.
    AccountChanged = "account_changed", User, Info, "An account was changed";
    /// A person closed their account for the time being.
    AccountDeactivated = "account_deactivated", User, Warning, "An account was deactivated";
    /// A person deleted their account.
    AccountDeleted = "account_deleted", User, Warning, "An account was deleted";
    /// The operator opened a closed account again.
    AccountOpened = "account_opened", System, Warning, "An account was opened again by the operator";
    /// A person began to set up a second factor; sign-in does not ask for it yet.
    SecondFactorBegun = "second_factor_begun", User, Info, "A second factor was begun";
    /// Sign-in asks for a second factor from now on.
    SecondFactorOn = "second_factor_on", User, Info, "A second factor was turned on";
    /// Sign-in asks for no second factor any more.
    SecondFactorOff = "second_factor_off", User, Warning, "A second factor was turned off";
    /// The operator turned off the second factor of somebody who has lost it.
    SecondFactorReset = "second_factor_reset", System, Warning, "A second factor was turned off by the operator";
    /// A person made other recovery codes in place of those before.
    RecoveryCodesMade = "recovery_codes_made", User, Info, "Recovery codes were made";
    /// A recovery code stood in for the second factor.
    RecoveryCodeUsed = "recovery_code_used", User, Warning, "A recovery code was used";
    /// A person said what one of their phones is called.
    SessionNamed = "session_named", User, Info, "A session was named";
    /// A person ended one of their sessions from another.
    SessionEnded = "session_ended", User, Info, "A session was ended";
    /// A person ended all their other sessions.
    SessionsEnded = "sessions_ended", User, Info, "All other sessions were ended";
    /// A farm's name, place or time zone was changed.
    FarmChanged = "farm_changed", User, Info, "A farm was changed";
    /// A farm was deleted; it can be brought back for 30 days.
    FarmDeleted = "farm_deleted", User, Warning, "A farm was deleted";
    /// A deleted farm was brought back.
    FarmRestored = "farm_restored", User, Info, "A farm was brought back";
    /// An admin paused a farm; for its members it is away.
    FarmPaused = "farm_paused", User, Warning, "A farm was paused";
    /// An admin opened a paused farm again.
    FarmResumed = "farm_resumed", User, Info, "A farm was opened again";
    /// A house was added.
    HouseAdded = "house_added", User, Info, "A house was added";
    /// A house's name or birds were changed.
    HouseChanged = "house_changed", User, Info, "A house was changed";
    /// A house was taken off the list.
    HouseRemoved = "house_removed", User, Warning, "A house was removed";
    /// A person was invited.
    InvitationMade = "invitation_made", User, Info, "An invitation was made";
    /// An invitation was taken back.
    InvitationRevoked = "invitation_revoked", User, Info, "An invitation was taken back";
    /// A person became a member by an invitation.
    InvitationUsed = "invitation_used", User, Info, "An invitation was used";
    /// A member got another role.
    MemberRoleChanged = "member_role_changed", User, Warning, "A member's role was changed";
    /// A member was removed.
    MemberRemoved = "member_removed", User, Warning, "A member was removed";
    /// A member left the farm.
    MemberLeft = "member_left", User, Info, "A member left";
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
