//! The rules of protocol v1 that a checker can see kept or broken from the broker's side.

macro_rules! rules {
    ($($rule:ident = $id:literal, $section:literal, $sentence:literal, $fix:literal;)+) => {
        /// One rule of docs/devices.md.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = $sentence] $rule),+
        }

        impl Rule {
            /// All rules, in the order of the report.
            pub const ALL: &[Self] = &[$(Self::$rule),+];

            /// Its name in reports.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$rule => $id),+ }
            }

            /// What it demands.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$rule => $sentence),+ }
            }

            /// What to do in a firmware that breaks it.
            pub const fn fix(self) -> &'static str {
                match self { $(Self::$rule => $fix),+ }
            }

            /// Where it is explained.
            pub const fn reference(self) -> &'static str {
                match self { $(Self::$rule => concat!("docs/devices.md#", $section)),+ }
            }
        }
    };
}

rules! {
    ClientId = "client-id", "connecting",
        "The node connects under its own name as client id.",
        "give the MQTT client the node's name as client id: a second connection then takes the first one's place";
    LastWill = "last-will", "availability",
        "When its connection breaks, the broker says offline in its name, retained.",
        "set the last will to topic up/availability, payload offline, retain on, before connecting";
    Online = "online", "availability",
        "After each connect the node says online, retained.",
        "publish online on up/availability with retain on as the first message after CONNACK";
    Reconnect = "reconnect", "connecting",
        "After a broken connection the node comes back by itself, in the same boot.",
        "connect again with a pause that grows from 1 s to 30 s, without restarting the program";
    Heartbeat = "heartbeat", "heartbeat",
        "A well-formed heartbeat comes after each connect and then in time.",
        "publish boot, uptime_s and firmware on up/heartbeat after each connect and every 30 s";
    StateAfterConnect = "state-after-connect", "state",
        "After each connect the node tells the state of all its switches.",
        "publish one up/state with every switch after online, also where nothing has changed";
    Command = "command", "commands",
        "A command is answered with executing, then completed, within 10 s, and the state agrees.",
        "on down/command publish up/result executing, switch, publish up/state, publish up/result completed";
    Off = "off", "commands",
        "The command off switches off.",
        "do the action off like on";
    Dedupe = "dedupe", "commands",
        "A command that comes twice is done once.",
        "keep the command_ids that were taken until an hour after their expires_at, and drop what is among them";
    Expired = "expired", "commands",
        "A command whose time is over is dropped without a word.",
        "compare expires_at with the clock before anything else, and drop what is not before it";
    UnknownDevice = "unknown-device", "commands",
        "A command for a device that the node does not have is answered with failed.",
        "answer failed with an error where device is none of the node's names";
    UnknownAction = "unknown-action", "commands",
        "An action that the node does not know is answered with failed.",
        "answer failed with an error for every action that is not implemented";
    Bounds = "bounds", "commands",
        "A value out of bounds is answered with failed, and nothing moves.",
        "check value against the bounds of the device before it is applied; never clamp";
    TimedOn = "timed-on", "commands",
        "An on with duration_ms ends by itself after that time.",
        "keep the end of a timed on in the node and switch off then, connected or not";
    Config = "config", "configuration",
        "A configuration is answered with its version on up/config_ack.",
        "store the configuration, then publish its version on up/config_ack";
    ConfigOlder = "config-older", "configuration",
        "An older configuration changes nothing and is answered with the version in force.",
        "compare version with the stored one, keep the higher one, and answer with it";
    Time = "time", "time",
        "The node sets its clock by down/time.",
        "set the clock by now wherever it differs by more than 2 s, forwards and backwards";
    Readings = "readings", "readings",
        "Readings are well formed, with boot, seq, ts and a unit that fits the quantity.",
        "send the form of docs/devices.md; leave a measurement out where the sensor has failed";
    Seq = "seq", "numbers",
        "Numbers of readings and states count up by one within a boot, and are never used again.",
        "use one counter for both kinds, start it with the program, and count when a message is made";
    Replay = "replay", "numbers",
        "What was not acknowledged comes again after a reconnect: all of it, unchanged, in order.",
        "keep each numbered message until down/ack covers it, and send from the oldest one after each connect";
    AckBoot = "ack-boot", "numbers",
        "An acknowledgement of another boot makes the node forget nothing.",
        "compare boot in down/ack with the present boot before forgetting";
    Ack = "ack", "numbers",
        "What was acknowledged never comes again.",
        "forget everything up to seq when down/ack comes for the present boot";
    First = "first", "numbers",
        "When the memory was too small, the node says from which number on it has the messages.",
        "put first (the oldest number still held) into every message while something before it was given up";
    Retained = "retained", "topics",
        "Nothing but availability is retained.",
        "publish with retain off on all topics but up/availability, and clear what the broker keeps (an empty retained payload)";
    Log = "log", "log",
        "Lines for the operator are well formed and at most 60 a minute.",
        "send level debug, info, warn or error and a message, and drop lines beyond a few a minute";
    NewBoot = "new-boot", "numbers",
        "After a restart the node has a new boot name.",
        "make a name at each start that was never used before: random, or a counter in permanent memory";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_every_reference_leads_to_a_heading() {
        let text = include_str!("../../../docs/devices.md");
        let slug = |heading: &str| heading.trim().to_lowercase().replace(' ', "-");
        let headings: BTreeSet<String> = text
            .lines()
            .filter_map(|line| {
                line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#'))
            })
            .map(slug)
            .collect();
        for rule in Rule::ALL {
            let section = rule.reference().split_once('#').unwrap().1;
            assert!(headings.contains(section), "{section} is no heading of docs/devices.md");
            assert!(text.contains(&format!("`{}`", rule.id())), "{} is not explained", rule.id());
        }
        let ids: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        assert_eq!(ids.len(), Rule::ALL.len());
    }
}
