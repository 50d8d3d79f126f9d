//! Why a device is as it is, since when, and what will end it. Facts alone: pages put them into words.
//!
//! Who wins: emergency stop, interlock, manual override, rule, schedule, and only then what it does by
//! itself.
use super::{Action, Held, Interlocks, Rule, Stop, Switched, must_end};
use crate::{StopId, Timestamp, UserId, devices::DeviceState};
use uuid::Uuid;

/// A person has taken a device from automation for a while.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Override {
    /// What they set.
    pub action: Action,
    /// Who.
    pub by: Option<UserId>,
    /// When.
    pub since: Timestamp,
    /// Until when it holds.
    pub until: Timestamp,
}

impl Override {
    /// Whether it holds.
    pub fn stands(&self, now: Timestamp) -> bool {
        now < self.until
    }
}

/// A rule or a schedule that has the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Automation {
    /// The rule or schedule.
    pub id: Uuid,
    /// Since when.
    pub since: Timestamp,
    /// Until when, if it is known.
    pub until: Option<Timestamp>,
}

/// What is known of a device.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// What it switched.
    pub switched: Switched<'a>,
    /// When it ends an `on` by itself.
    pub ends_at: Option<Timestamp>,
    /// The emergency stop that holds it.
    pub stop: Option<Stop>,
    /// What interlocks it has.
    pub interlocks: &'a Interlocks,
    /// The interlock that switched it last, and when.
    pub interlocked: Option<(Rule, Timestamp)>,
    /// The emergency stop whose `off` was the last that it carried out, and when it did.
    pub was_stopped: Option<(StopId, Timestamp)>,
    /// The manual override.
    pub manual: Option<Override>,
    /// The rule that has it.
    pub rule: Option<Automation>,
    /// The schedule that has it.
    pub schedule: Option<Automation>,
}

/// Why it is as it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Because {
    /// Everything was stopped.
    Stop(StopId),
    /// An emergency stop switched it off and holds it no longer.
    WasStopped(StopId),
    /// An interlock switched it.
    Interlock(Rule),
    /// Somebody switched it by hand.
    Hand(Option<UserId>),
    /// A rule has it.
    Rule(Uuid),
    /// A schedule has it.
    Schedule(Uuid),
    /// Nothing of ours: it does so by itself.
    Itself,
}

/// What will end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// A manager who lets the farm go on.
    Release,
    /// The device itself, at that time.
    Timer(Timestamp),
    /// An interlock, at that time.
    Interlock(Timestamp),
    /// Automation takes over, at that time.
    Automation(Timestamp),
    /// The rule or schedule, at that time if it is known.
    Program(Option<Timestamp>),
    /// Only another command.
    Nothing,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Why {
    /// The cause.
    pub because: Because,
    /// Since when, if it is known.
    pub since: Option<Timestamp>,
    /// Its end.
    pub ends: Ends,
    /// What an interlock would refuse now: off while it must run, on while it must rest.
    pub held: Option<Held>,
}

/// Why a device is as it is at `now`.
pub fn why(standing: &Standing<'_>, now: Timestamp) -> Why {
    let switched = &standing.switched;
    let is_off = switched.state == DeviceState::Off;
    let automation = |found: Option<Automation>| {
        found.filter(|found| found.until.is_none_or(|until| now < until))
    };
    let since = switched.since;
    let (because, since, ends) = if let Some(stop) = standing.stop {
        (Because::Stop(stop.id), Some(stop.since), Ends::Release)
    } else if let Some((rule, at)) = standing.interlocked.filter(|_| is_off) {
        (Because::Interlock(rule), Some(at), ends(standing, None, now))
    } else if let Some(manual) = standing.manual.filter(|manual| manual.stands(now)) {
        let takes_over = Ends::Automation(manual.until);
        (Because::Hand(manual.by), Some(manual.since), ends(standing, Some(takes_over), now))
    } else if let Some(rule) = automation(standing.rule) {
        let program = Ends::Program(rule.until);
        (Because::Rule(rule.id), Some(rule.since), ends(standing, Some(program), now))
    } else if let Some(schedule) = automation(standing.schedule) {
        let program = Ends::Program(schedule.until);
        (Because::Schedule(schedule.id), Some(schedule.since), ends(standing, Some(program), now))
    } else if let Some((stop, at)) = standing.was_stopped.filter(|_| is_off) {
        (Because::WasStopped(stop), Some(at), ends(standing, None, now))
    } else {
        (Because::Itself, since, ends(standing, None, now))
    };
    Why { because, since, ends, held: super::hold::holds(standing.interlocks, switched, now) }
}

/// The earliest end: the device's own timer, its interlock, or whatever follows.
fn ends(standing: &Standing<'_>, then: Option<Ends>, now: Timestamp) -> Ends {
    let is_on = standing.switched.state == DeviceState::On;
    let timer = standing.ends_at.filter(|at| is_on && now < *at);
    let interlock = must_end(standing.interlocks, &standing.switched);
    let at = |ends: Ends| match ends {
        Ends::Timer(at) | Ends::Interlock(at) | Ends::Automation(at) => Some(at),
        Ends::Program(at) => at,
        Ends::Release | Ends::Nothing => None,
    };
    let all = [timer.map(Ends::Timer), interlock.map(Ends::Interlock), then];
    let timed = all.into_iter().flatten().filter(|ends| at(*ends).is_some());
    timed.min_by_key(|ends| at(*ends)).or(then).unwrap_or(Ends::Nothing)
}

#[cfg(test)]
mod tests;
