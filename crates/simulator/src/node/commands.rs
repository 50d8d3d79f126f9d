//! What a node does when it is told to, and when a timed switching ends.
use super::{
    Kept, Node, Outgoing, SwitchState,
    seen::Verdict,
    wire::{self, Command, Up, on_off},
};
use domain::{Channel, Timestamp};
use std::time::Duration;

impl Node {
    pub(super) fn commanded(&mut self, command: &Command, now: Timestamp) {
        if !self.clock.is_set() {
            // nobody can tell whether it has expired
            return self.failed(command, "the clock is not set", now);
        }
        match self.seen.judge(command, self.clock.shows(now)) {
            Verdict::Drop => return,
            Verdict::Refuse => return self.failed(command, "too many commands at once", now),
            Verdict::Do => {}
        }
        let Ok(channel) = command.device.parse::<Channel>() else {
            return self.failed(command, "no such device", now);
        };
        let Some(was_on) = self.find_switch(&channel).map(|switch| switch.is_on) else {
            return self.failed(command, "no such device", now);
        };
        let (is_on, value) = match (command.action.as_str(), command.value) {
            ("on", _) => (true, None),
            ("off", _) => (false, None),
            ("set_value", Some(value)) if !(0.0..=100.0).contains(&value) => {
                return self.failed(command, "the value is not within 0 to 100", now);
            }
            ("set_angle", Some(value)) if !(0.0..=180.0).contains(&value) => {
                return self.failed(command, "the value is not within 0 to 180", now);
            }
            ("set_value" | "set_angle", Some(value)) => (value != 0.0, Some(value)),
            ("set_value" | "set_angle", None) => return self.failed(command, "no value", now),
            _ => return self.failed(command, "no such action", now),
        };
        if is_on && !was_on {
            if let Err(why) = self.may_start(&channel, now) {
                return self.failed(command, why, now);
            }
            self.started(&channel, now);
        }
        let Some(switch) = self.switches.iter_mut().find(|switch| switch.channel == channel) else {
            return self.failed(command, "no such device", now);
        };
        let lasts = command.duration_ms.filter(|_| is_on).map(Duration::from_millis);
        *switch = SwitchState {
            channel: channel.clone(),
            is_on,
            value,
            cause: "command",
            since: if switch.is_on == is_on { switch.since } else { now },
            caused_at: now,
            ends_at: lasts.map(|span| now.plus(span)),
        };
        self.result(command, "executing", None, None, now);
        self.tell_states(|switch| switch.channel == channel, now);
        self.result(command, "completed", Some(on_off(is_on)), None, now);
    }

    fn find_switch(&self, channel: &Channel) -> Option<&SwitchState> {
        self.switches.iter().find(|switch| switch.channel == *channel)
    }

    /// Ends what was to last only for a while, and what has run for as long as it may.
    pub(super) fn end_timed(&mut self, now: Timestamp) {
        let over = |at: Option<Timestamp>| at.is_some_and(|at| now >= at);
        let why = |switch: &SwitchState| match (over(switch.ends_at), over(self.must_end(switch))) {
            (true, _) => Some((switch.channel.clone(), "timer")),
            (false, true) => Some((switch.channel.clone(), "safety")),
            (false, false) => None,
        };
        let ended: Vec<(Channel, &'static str)> = self.switches.iter().filter_map(why).collect();
        for (channel, cause) in ended {
            self.set(&channel, false, cause, now);
        }
    }

    /// Switches and tells; what is so already is left as it is.
    pub(super) fn set(
        &mut self,
        channel: &Channel,
        is_on: bool,
        cause: &'static str,
        now: Timestamp,
    ) {
        let Some(switch) = self.switches.iter_mut().find(|switch| switch.channel == *channel)
        else {
            return;
        };
        if switch.is_on == is_on {
            return;
        }
        let channel = channel.clone();
        *switch = SwitchState {
            channel: channel.clone(),
            is_on,
            value: None,
            cause,
            since: now,
            caused_at: now,
            ends_at: None,
        };
        if is_on {
            self.started(&channel, now);
        }
        self.tell_states(|switch| switch.channel == channel, now);
    }

    /// Keeps a state message about the switches that `are_meant`.
    pub(super) fn tell_states(&mut self, are_meant: impl Fn(&SwitchState) -> bool, now: Timestamp) {
        let meant = self.switches.iter().filter(|switch| are_meant(switch)).cloned();
        let states = meant.collect();
        self.keep(Kept::States(states), now);
    }

    fn failed(&mut self, command: &Command, error: &str, now: Timestamp) {
        self.result(command, "failed", None, Some(error), now);
    }

    fn result(
        &mut self,
        command: &Command,
        status: &str,
        state: Option<&str>,
        error: Option<&str>,
        now: Timestamp,
    ) {
        let result = wire::CommandResult {
            command_id: &command.command_id,
            status,
            state,
            error,
            ts: self.clock.tells(now),
        };
        let payload = wire::json(&result);
        self.outbox.push_back(Outgoing { up: Up::Result, payload, retain: false });
    }
}
