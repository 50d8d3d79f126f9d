//! Payload of `up/heartbeat`.
use super::{
    Refusal, json,
    text::{Text, check_text, whole},
    text_of,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A sign of life, with figures about the node itself; each may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heartbeat<'a> {
    /// The node's own name for its present run.
    pub boot: Option<Cow<'a, str>>,
    /// Seconds since it started.
    pub uptime_s: Option<i64>,
    /// Version of its firmware.
    pub firmware: Option<Cow<'a, str>>,
    /// Strength of its radio signal in dBm.
    pub rssi_dbm: Option<i32>,
    /// Charge of its battery in percent.
    pub battery_pct: Option<i32>,
    /// Free memory in bytes.
    pub heap_free: Option<i64>,
    /// When it was sent, Unix milliseconds by the node's clock.
    pub ts: Option<i64>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    boot: Option<Text<'a>>,
    #[serde(borrow, default)]
    uptime_s: Option<&'a RawValue>,
    #[serde(borrow, default)]
    firmware: Option<Text<'a>>,
    #[serde(borrow, default)]
    rssi_dbm: Option<&'a RawValue>,
    #[serde(borrow, default)]
    battery_pct: Option<&'a RawValue>,
    #[serde(borrow, default)]
    heap_free: Option<&'a RawValue>,
    ts: Option<i64>,
}

impl<'a> Heartbeat<'a> {
    /// Reads a payload.
    pub fn parse(payload: &'a [u8]) -> Result<Self, Refusal> {
        let message: Message<'a> = json::parse(text_of(payload)?)?;
        let boot = message.boot.map(|boot| boot.0);
        let firmware = message.firmware.map(|firmware| firmware.0);
        for (field, text) in [("boot", &boot), ("firmware", &firmware)] {
            text.as_ref().map_or(Ok(()), |text| check_text(field, text, 50))?;
        }
        Ok(Self {
            boot: boot.filter(|boot| !boot.is_empty()),
            uptime_s: whole("uptime_s", message.uptime_s)?,
            firmware,
            rssi_dbm: small("rssi_dbm", message.rssi_dbm)?,
            battery_pct: small("battery_pct", message.battery_pct)?,
            heap_free: whole("heap_free", message.heap_free)?,
            ts: message.ts,
        })
    }
}

fn small(field: &'static str, raw: Option<&RawValue>) -> Result<Option<i32>, Refusal> {
    let narrow = |number: i64| {
        i32::try_from(number).map_err(|_| Refusal::bad_number(field, &number.to_string()))
    };
    whole(field, raw)?.map(narrow).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_whole_numbers_and_may_be_missing() {
        let payload = br#"{"boot":"k3f9","uptime_s":86400,"firmware":"2.1.0","rssi_dbm":-65,
            "battery_pct":81.6,"heap_free":null,"ts":1700000000000}"#;
        let heartbeat = Heartbeat::parse(payload).unwrap();
        assert_eq!((heartbeat.uptime_s, heartbeat.rssi_dbm), (Some(86_400), Some(-65)));
        assert_eq!((heartbeat.battery_pct, heartbeat.heap_free), (Some(82), None));
        assert_eq!(Heartbeat::parse(b"{}"), Ok(Heartbeat::default()));
    }

    #[test]
    fn figures_out_of_range_are_refused() {
        let reason = |payload: &[u8]| Heartbeat::parse(payload).unwrap_err().reason();
        assert_eq!(reason(br#"{"uptime_s":1e300}"#), "bad-number");
        assert_eq!(reason(br#"{"battery_pct":9999999999}"#), "bad-number");
        assert_eq!(reason(br#"{"rssi_dbm":"-65"}"#), "bad-field");
    }
}
