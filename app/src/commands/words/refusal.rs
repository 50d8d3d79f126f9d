//! Why a device is told nothing.
use super::Words;
use domain::commands::{Held, Refused, Rule};

impl Words<'_> {
    /// Why something that was asked for is not done at all. `running` is the device that runs instead.
    pub(crate) fn refused(self, refused: &Refused, running: Option<&str>) -> String {
        let reader = self.reader;
        let id = format!("command-not-{}", refused.code());
        match refused {
            Refused::Interlocked(held) => self.held(held, running),
            Refused::Stopped { since, .. } => reader.say_with(&id, &[("when", &self.when(*since))]),
            Refused::Duration { least, most } => {
                let (least, most) = (reader.span(*least), reader.span(*most));
                reader.say_with(&id, &[("least", &least), ("most", &most)])
            }
            Refused::OutOfRange { bounds, unit } => {
                let (least, most) =
                    (self.amount(*unit, bounds.least), self.amount(*unit, bounds.most));
                reader.say_with(&id, &[("least", &least), ("most", &most)])
            }
            Refused::UnknownAction
            | Refused::NotASwitch
            | Refused::NotInUse
            | Refused::NotOff
            | Refused::WrongAction
            | Refused::NoValue
            | Refused::NotANumber
            | Refused::NoDuration
            | Refused::NoPortion => reader.say(&id),
        }
    }

    /// Which of its rules keeps a device as it is, and until when. `running` is the device that runs instead.
    pub(crate) fn held(self, held: &Held, running: Option<&str>) -> String {
        self.told("command-held", held, running)
    }

    /// The same in the words of one kind of messages.
    pub(super) fn told(self, kind: &str, held: &Held, running: Option<&str>) -> String {
        let reader = self.reader;
        let rule = match held.rule {
            Rule::MaxOn => "max-on",
            Rule::MinOn => "min-on",
            Rule::MinOff => "min-off",
            Rule::MaxStarts => "max-starts",
            Rule::Exclusive => "exclusive",
        };
        let mut values = Vec::new();
        let mut id = format!("{kind}-{rule}");
        if held.rule == Rule::Exclusive {
            let device = running.map_or_else(|| reader.say("command-held-other"), str::to_owned);
            values.push(("device", device));
        }
        if let Some(until) = held.until {
            id.push_str("-until");
            values.push(("when", self.when(until)));
        }
        let values: Vec<(&str, &str)> =
            values.iter().map(|(name, v)| (*name, v.as_str())).collect();
        // without a time the rules that always have one say only themselves
        reader.find_with(&id, &values).unwrap_or_else(|| reader.say("command-interlocked-why"))
    }
}
