//! Payload of `up/state`.
use super::{
    Head, Refusal, json,
    readings::check_channel,
    text::{Text, check_text, number},
    text_of,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Most states of one message.
pub const MAX_STATES: usize = 200;

/// What some or all of a node's devices say of themselves.
#[derive(Debug, Clone, PartialEq)]
pub struct States<'a> {
    /// Boot, number and time of the message.
    pub head: Head<'a>,
    /// One per device.
    pub states: Vec<DeviceState<'a>>,
}

/// What one device says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceState<'a> {
    /// The device's name on its node.
    pub device: Cow<'a, str>,
    /// Such as `on` or `off`.
    pub state: Cow<'a, str>,
    /// The number that goes with it: percent of a pwm, degrees of a servo.
    pub value: Option<f64>,
    /// Why it is so: `command`, `button`, `timer`, `safety` …
    pub cause: Option<Cow<'a, str>>,
    /// Since when, Unix milliseconds by the node's clock.
    pub since: Option<i64>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    boot: Option<Text<'a>>,
    seq: Option<i64>,
    first: Option<i64>,
    ts: Option<i64>,
    #[serde(borrow)]
    states: Vec<Element<'a>>,
}

#[derive(Deserialize)]
struct Element<'a> {
    #[serde(borrow)]
    device: Text<'a>,
    #[serde(borrow)]
    state: Text<'a>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
    #[serde(borrow, default)]
    cause: Option<Text<'a>>,
    since: Option<i64>,
}

impl<'a> States<'a> {
    /// Reads a payload.
    pub fn parse(payload: &'a [u8]) -> Result<Self, Refusal> {
        let message: Message<'a> = json::parse(text_of(payload)?)?;
        let Message { boot, seq, first, ts, states } = message;
        let head = Head { boot: boot.map(|boot| boot.0), seq, first, ts };
        head.check()?;
        if states.len() > MAX_STATES {
            return Err(Refusal::TooMany(states.len()));
        }
        let states = states.into_iter().map(DeviceState::try_from).collect::<Result<_, _>>()?;
        Ok(Self { head, states })
    }
}

impl<'a> TryFrom<Element<'a>> for DeviceState<'a> {
    type Error = Refusal;
    fn try_from(element: Element<'a>) -> Result<Self, Refusal> {
        let Element { device: Text(device), state: Text(state), value, cause, since } = element;
        check_channel(&device)?;
        check_text("state", &state, 50)?;
        let cause = cause.map(|cause| cause.0);
        cause.as_ref().map_or(Ok(()), |cause| check_text("cause", cause, 50))?;
        let value = value.map(|raw| number("value", raw));
        Ok(Self { device, state, value: value.transpose()?, cause, since })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_with_what_they_may_leave_out() {
        let payload = br#"{"boot":"k","seq":7,"ts":1700000000000,"states":[
            {"device":"fan1","state":"on","value":null,"cause":"command","since":1699999999000},
            {"device":"servo","state":"open","value":42.5}]}"#;
        let message = States::parse(payload).unwrap();
        assert_eq!(message.head.seq, Some(7));
        assert_eq!((&*message.states[0].state, message.states[0].value), ("on", None));
        assert_eq!(message.states[0].cause.as_deref(), Some("command"));
        assert_eq!((message.states[1].value, message.states[1].since), (Some(42.5), None));
    }

    #[test]
    fn a_state_must_name_its_device_and_be_short() {
        let reason = |payload: &str| States::parse(payload.as_bytes()).unwrap_err().reason();
        assert_eq!(reason(r#"{"states":[{"state":"on"}]}"#), "bad-field");
        assert_eq!(reason(r#"{"states":[{"device":"a b","state":"on"}]}"#), "bad-text");
        let long = "x".repeat(51);
        assert_eq!(
            reason(&format!(r#"{{"states":[{{"device":"a","state":"{long}"}}]}}"#)),
            "bad-text"
        );
        assert_eq!(reason(r#"{"states":[{"device":"a","state":"on","value":"5"}]}"#), "bad-field");
    }
}
