//! Topics: `tokkatot/{node}/up/{kind}`.
use crate::NodeName;

/// What a message from a node is about: the last level of its topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Whether the node is connected; retained, and its last will.
    Availability,
    /// A sign of life with figures about the node itself.
    Heartbeat,
    /// What sensors measured.
    Readings,
    /// What switches say of themselves.
    State,
    /// What became of a command.
    Result,
    /// Which configuration is in force.
    ConfigAck,
    /// A line for the operator.
    Log,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Availability,
        Self::Heartbeat,
        Self::Readings,
        Self::State,
        Self::Result,
        Self::ConfigAck,
        Self::Log,
    ];

    /// The last level of the topic.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Availability => "availability",
            Self::Heartbeat => "heartbeat",
            Self::Readings => "readings",
            Self::State => "state",
            Self::Result => "result",
            Self::ConfigAck => "config_ack",
            Self::Log => "log",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A topic a node publishes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topic<'a> {
    /// The node's name, by the rule of [`NodeName`].
    pub node: &'a str,
    /// What the message is about.
    pub kind: Kind,
}

impl<'a> Topic<'a> {
    /// Reads `tokkatot/{node}/up/{kind}`; `None` for anything else.
    pub fn parse(topic: &'a [u8]) -> Option<Self> {
        let rest = std::str::from_utf8(topic).ok()?.strip_prefix("tokkatot/")?;
        let (node, rest) = rest.split_once('/')?;
        let kind = Kind::parse(rest.strip_prefix("up/")?)?;
        NodeName::check(node).ok().map(|()| Self { node, kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_topic() {
        for kind in Kind::ALL {
            let topic = format!("tokkatot/coop-1/up/{}", kind.name());
            assert_eq!(Topic::parse(topic.as_bytes()), Some(Topic { node: "coop-1", kind }));
        }
    }

    #[test]
    fn other_topics_are_none_of_ours() {
        for other in [
            "tokkatot/n/down/readings",
            "tokkatot/n/up/readings/x",
            "tokkatot/n/up/",
            "tokkatot//up/readings",
            "tokkatot/a+b/up/readings",
            "Tokkatot/n/up/readings",
            "tokkatot/n/up/READINGS",
            "",
        ] {
            assert_eq!(Topic::parse(other.as_bytes()), None, "{other}");
        }
        assert_eq!(Topic::parse(b"tokkatot/\xff/up/readings"), None);
    }
}
