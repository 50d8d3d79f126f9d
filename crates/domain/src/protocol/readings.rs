//! Payload of `up/readings`.
use super::{
    Refusal, json, scan,
    text::{Text, check_text, number},
    text_of,
};
use crate::{Channel, readings::Quality};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Most readings of one message.
pub const MAX_READINGS: usize = 1000;
/// The channel of a reading that names no device.
pub const DEFAULT_CHANNEL: &str = "main";

/// The largest `seq`: what any JSON reader takes exactly. A node that counts a message a second gets
/// there after the sun has gone out.
pub const MAX_SEQ: i64 = 1 << 53;

/// What readings and states messages share.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head<'a> {
    /// The node's own name for its present run.
    pub boot: Option<Cow<'a, str>>,
    /// The message's number within the boot; 0 to [`MAX_SEQ`].
    pub seq: Option<i64>,
    /// The oldest number the node still holds; what lies before is given up.
    pub first: Option<i64>,
    /// When it was sent, Unix milliseconds by the node's clock.
    pub ts: Option<i64>,
}

/// One measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading<'a> {
    /// The device's name on its node.
    pub device: Cow<'a, str>,
    /// The quantity.
    pub sensor: Cow<'a, str>,
    /// The value, finite.
    pub value: f64,
    /// Its unit; `None` is the quantity's own.
    pub unit: Option<Cow<'a, str>>,
    /// How far the node trusts it.
    pub quality: Quality,
    /// When it was measured, Unix milliseconds by the node's clock; `None` is the message's time.
    pub ts: Option<i64>,
}

/// Reads a payload; its readings are added to `into`, which is unchanged if the message is refused.
///
/// Payloads of the usual shape are scanned by hand, all others go through serde; both give the same.
pub fn parse_readings<'a>(
    payload: &'a [u8],
    into: &mut Vec<Reading<'a>>,
) -> Result<Head<'a>, Refusal> {
    let text = text_of(payload)?;
    let before = into.len();
    let parsed = match scan::readings(text, into) {
        Some(head) => Ok(head),
        None => {
            into.truncate(before);
            by_serde(text, into)
        }
    };
    let checked = parsed.and_then(|head| {
        let new = into.get(before..).unwrap_or_default();
        check(&head, new).map(|()| head)
    });
    if checked.is_err() {
        into.truncate(before);
    }
    checked
}

/// The head of a readings or states message whose other content was refused, if that much can be
/// read: its number counts as come, or the node would send it for ever. Firmware that prints a failed
/// measurement as NaN sends what is no JSON at all, but its head comes first.
pub fn salvage_head(payload: &[u8]) -> Option<Head<'_>> {
    #[derive(Deserialize)]
    struct HeadOnly<'a> {
        #[serde(borrow, default)]
        boot: Option<Text<'a>>,
        seq: Option<i64>,
        first: Option<i64>,
        ts: Option<i64>,
    }
    let text = text_of(payload).ok()?;
    let head = match serde_json::from_str(text) {
        Ok(HeadOnly { boot, seq, first, ts }) => {
            Head { boot: boot.map(|boot| boot.0), seq, first, ts }
        }
        Err(error) if error.is_data() => return None,
        Err(_) => scan::head_of_broken(text)?,
    };
    head.check().ok().map(|()| head)
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    boot: Option<Text<'a>>,
    seq: Option<i64>,
    first: Option<i64>,
    ts: Option<i64>,
    #[serde(borrow)]
    readings: Vec<Element<'a>>,
}

#[derive(Deserialize)]
struct Element<'a> {
    #[serde(borrow, default)]
    device: Option<Text<'a>>,
    #[serde(borrow)]
    sensor: Text<'a>,
    #[serde(borrow)]
    value: &'a RawValue,
    #[serde(borrow, default)]
    unit: Option<Text<'a>>,
    quality: Option<Quality>,
    ts: Option<i64>,
}

/// The slow and sure way, and the only one that says what is wrong.
pub(super) fn by_serde<'a>(
    text: &'a str,
    into: &mut Vec<Reading<'a>>,
) -> Result<Head<'a>, Refusal> {
    let message: Message<'a> = json::parse(text)?;
    for element in message.readings {
        into.push(Reading {
            device: element.device.map_or(Cow::Borrowed(DEFAULT_CHANNEL), |device| device.0),
            sensor: element.sensor.0,
            value: number("value", element.value)?,
            unit: element.unit.map(|unit| unit.0),
            quality: element.quality.unwrap_or(Quality::Good),
            ts: element.ts,
        });
    }
    let Message { boot, seq, first, ts, .. } = message;
    Ok(Head { boot: boot.map(|boot| boot.0), seq, first, ts })
}

fn check(head: &Head<'_>, readings: &[Reading<'_>]) -> Result<(), Refusal> {
    head.check()?;
    if readings.len() > MAX_READINGS {
        return Err(Refusal::TooMany(readings.len()));
    }
    readings.iter().try_for_each(|reading| {
        check_channel(&reading.device)?;
        check_sensor(&reading.sensor)?;
        reading.unit.as_ref().map_or(Ok(()), |unit| check_text("unit", unit, 20))
    })
}

impl Head<'_> {
    pub(super) fn check(&self) -> Result<(), Refusal> {
        for (field, number) in [("seq", self.seq), ("first", self.first)] {
            if let Some(number) = number.filter(|number| !(0..=MAX_SEQ).contains(number)) {
                return Err(Refusal::bad_number(field, &number.to_string()));
            }
        }
        match &self.boot {
            Some(boot) if boot.is_empty() => Err(Refusal::bad_text("boot", boot)),
            Some(boot) => check_text("boot", boot, 50),
            None => Ok(()),
        }
    }
}

pub(super) fn check_channel(name: &str) -> Result<(), Refusal> {
    Channel::check(name).map_err(|_| Refusal::bad_text("device", name))
}

/// Sensor names are 1–50 characters of `[a-z0-9_]`.
fn check_sensor(name: &str) -> Result<(), Refusal> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if (1..=50).contains(&name.len()) && name.bytes().all(allowed) {
        Ok(())
    } else {
        Err(Refusal::bad_text("sensor", name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(payload: &[u8]) -> Result<(Head<'_>, Vec<Reading<'_>>), Refusal> {
        let mut readings = Vec::new();
        parse_readings(payload, &mut readings).map(|head| (head, readings))
    }

    fn reason(payload: &[u8]) -> &'static str {
        parse(payload).unwrap_err().reason()
    }

    fn with_value(value: &str) -> Vec<u8> {
        format!(r#"{{"readings":[{{"sensor":"temperature","value":{value}}}]}}"#).into_bytes()
    }

    #[test]
    fn the_example_of_the_protocol_is_read() {
        let (head, readings) = parse(
            r#"{"boot":"k3f9","seq":1042,"ts":1700000000000,"readings":[{"device":"air",
            "sensor":"temperature","value":28.5,"unit":"°C","quality":0,"ts":1699999999000}]}"#
                .as_bytes(),
        )
        .unwrap();
        assert_eq!((head.boot.as_deref(), head.seq), (Some("k3f9"), Some(1042)));
        let reading = &readings[0];
        assert_eq!((&*reading.device, &*reading.sensor), ("air", "temperature"));
        assert_eq!((reading.value, reading.unit.as_deref()), (28.5, Some("°C")));
        assert_eq!(reading.ts, Some(1_699_999_999_000));
    }

    #[test]
    fn escaped_units_and_unknown_fields_are_taken() {
        let payload = br#"{"extra":{"deep":[1,{"x":null}]},"readings":[
            {"sensor":"temperature","value":-1e1,"unit":"\u00b0C","more":true}]}"#;
        let (_, readings) = parse(payload).unwrap();
        assert_eq!(readings[0].unit.as_deref(), Some("°C"));
        assert_eq!((&*readings[0].device, readings[0].value), (DEFAULT_CHANNEL, -10.0));
    }

    #[test]
    fn values_that_are_no_numbers_are_refused() {
        assert_eq!(reason(&with_value("\"29.1\"")), "bad-field");
        assert_eq!(reason(&with_value("null")), "bad-field");
        assert_eq!(reason(&with_value("true")), "bad-field");
        assert_eq!(reason(&with_value("NaN")), "bad-json");
        assert_eq!(reason(&with_value("Infinity")), "bad-json");
        assert_eq!(reason(&with_value("-Infinity")), "bad-json");
        assert_eq!(reason(&with_value("1e400")), "bad-number");
        assert_eq!(reason(&with_value("-1e400")), "bad-number");
    }

    #[test]
    fn broken_payloads_are_refused_by_their_reason() {
        assert_eq!(reason(b""), "bad-json");
        assert_eq!(reason(b"28.5"), "bad-field");
        assert_eq!(reason(b"hello"), "bad-json");
        assert_eq!(reason(br#"{"readings":[{"sensor":"temperature","value":28"#), "bad-json");
        assert_eq!(reason(b"{\"boot\":\"\xff\",\"readings\":[]}"), "not-utf8");
        assert_eq!(reason(&vec![b' '; 70 * 1024]), "too-large");
        assert_eq!(reason("[".repeat(50_000).as_bytes()), "too-deep");
        let nested = format!(r#"{{"x":{},"readings":[]}}"#, "[".repeat(50_000));
        assert_eq!(reason(nested.as_bytes()), "too-deep");
        assert_eq!(reason(br#"{"seq":1,"seq":2,"readings":[]}"#), "duplicate-key");
        assert_eq!(reason(br#"{"x":1,"x":2,"readings":[]}"#), "duplicate-key");
        assert_eq!(reason(br#"{"boot":"a"}"#), "bad-field");
        assert_eq!(reason(br#"{"readings":[]} {}"#), "bad-json");
    }

    #[test]
    fn names_and_numbers_keep_to_their_bounds() {
        let with = |fields: &str| format!(r#"{{{fields}"readings":[]}}"#);
        assert_eq!(reason(with(r#""seq":-1,"#).as_bytes()), "bad-number");
        assert_eq!(reason(with(r#""seq":9007199254740993,"#).as_bytes()), "bad-number");
        assert_eq!(reason(with(r#""first":9223372036854775807,"#).as_bytes()), "bad-number");
        assert_eq!(reason(with(r#""seq":1.5,"#).as_bytes()), "bad-field");
        assert_eq!(reason(with(r#""boot":"","#).as_bytes()), "bad-text");
        assert_eq!(reason(with(r#""boot":"a\u0000b","#).as_bytes()), "bad-text");
        let element = |text: &str| format!(r#"{{"readings":[{{{text},"value":1}}]}}"#);
        assert_eq!(reason(element(r#""sensor":"Température""#).as_bytes()), "bad-text");
        assert_eq!(reason(element(r#""sensor":"t","device":"a/b""#).as_bytes()), "bad-text");
        assert_eq!(reason(element(r#""sensor":"t","unit":"a\nb""#).as_bytes()), "bad-text");
        assert_eq!(reason(element(r#""sensor":"t","quality":4"#).as_bytes()), "bad-field");
    }

    #[test]
    fn too_many_readings_are_refused() {
        let element = r#"{"sensor":"t","value":1}"#;
        let many = |n: usize| format!(r#"{{"readings":[{}]}}"#, vec![element; n].join(","));
        assert!(parse(many(MAX_READINGS).as_bytes()).is_ok());
        assert_eq!(reason(many(MAX_READINGS + 1).as_bytes()), "too-many");
    }

    #[test]
    fn the_head_of_a_refused_message_is_saved_where_it_can_be() {
        let payload =
            br#"{"boot":"k","seq":7,"readings":[{"sensor":"t","value":1e400}],"x":"29.1"}"#;
        assert!(parse(payload).is_err());
        assert_eq!(salvage_head(payload).and_then(|head| head.seq), Some(7));
        assert_eq!(salvage_head(br#"{"boot":"k","seq":7,"seq":8}"#), None);
        assert_eq!(
            salvage_head(br#"{"readings":[{"sensor":"t","value":nan}],"boot":"k","seq":7}"#),
            None
        );
    }

    #[test]
    fn the_head_of_what_is_no_json_is_saved_if_it_comes_first() {
        let seq = |payload: &str| salvage_head(payload.as_bytes()).and_then(|head| head.seq);
        assert_eq!(seq(r#"{"boot":"k","seq":7,"readings":[{"sensor":"t","value":NaN}]}"#), Some(7));
        assert_eq!(seq(r#"{ "ts":5, "seq":7, "boot":"k", "readings":[{"sen"#), Some(7));
        assert_eq!(seq(r#"{"boot":"k","seq":7,"seq":8,"readings":[{"sen"#), None);
        assert_eq!(seq(r#"{"boot":"k","readings":[{"sen"#), None);
        assert_eq!(seq(r#"{"boot":"k","seq":-7,"readings":[{"sen"#), None);
        assert_eq!(seq("hello"), None);
    }

    #[test]
    fn a_refused_message_leaves_nothing_behind() {
        let mut readings = Vec::new();
        let bad = br#"{"readings":[{"sensor":"t","value":1},{"sensor":"T","value":1}]}"#;
        parse_readings(bad, &mut readings).unwrap_err();
        assert!(readings.is_empty());
    }
}
