//! Readings payloads of the usual shape, scanned by hand in a third of serde's time: known keys only,
//! each at most once, texts without escapes, plain numbers. Anything else, wrong or merely unusual,
//! is `None`: serde then decides, so that this file can neither accept nor refuse on its own.
use super::readings::{DEFAULT_CHANNEL, Head, Reading};
use crate::readings::Quality;
use std::borrow::Cow;

/// The head of the payload, with its readings added to `into`; on `None` what was added is to be
/// taken back.
pub(super) fn readings<'a>(text: &'a str, into: &mut Vec<Reading<'a>>) -> Option<Head<'a>> {
    let mut cursor = Cursor { text, at: 0 };
    let mut head = Head::default();
    let mut seen = Seen::default();
    cursor.object(|cursor, key| {
        match key {
            "boot" => head.boot = Some(Cow::Borrowed(seen.first(0, cursor.string())?)),
            "seq" => head.seq = Some(seen.first(1, cursor.whole())?),
            "ts" => head.ts = Some(seen.first(2, cursor.whole())?),
            "first" => head.first = Some(seen.first(3, cursor.whole())?),
            "readings" => seen.first(4, cursor.array(|cursor| reading(cursor, into)))?,
            _ => return None,
        }
        Some(())
    })?;
    cursor.space();
    (cursor.at == text.len() && seen.has(4)).then_some(head)
}

/// The head of a payload that is broken further on: what stands before the first key that is not part
/// of it. `None` unless boot and number are among that, each once.
pub(super) fn head_of_broken(text: &str) -> Option<Head<'_>> {
    let mut cursor = Cursor { text, at: 0 };
    let mut head = Head::default();
    let mut seen = Seen::default();
    cursor.skip(b'{')?;
    while let Some(key) = cursor.string() {
        cursor.skip(b':')?;
        match key {
            "boot" => head.boot = Some(Cow::Borrowed(seen.first(0, cursor.string())?)),
            "seq" => head.seq = Some(seen.first(1, cursor.whole())?),
            "ts" => head.ts = Some(seen.first(2, cursor.whole())?),
            "first" => head.first = Some(seen.first(3, cursor.whole())?),
            _ => break,
        }
        if cursor.skip(b',').is_none() {
            break;
        }
    }
    (seen.has(0) && seen.has(1)).then_some(head)
}

fn reading<'a>(cursor: &mut Cursor<'a>, into: &mut Vec<Reading<'a>>) -> Option<()> {
    let (mut device, mut sensor, mut value) = (DEFAULT_CHANNEL, "", 0.0);
    let (mut unit, mut quality, mut ts) = (None, Quality::Good, None);
    let mut seen = Seen::default();
    cursor.object(|cursor, key| {
        match key {
            "device" => device = seen.first(0, cursor.string())?,
            "sensor" => sensor = seen.first(1, cursor.string())?,
            "value" => value = seen.first(2, cursor.number())?,
            "unit" => unit = Some(Cow::Borrowed(seen.first(3, cursor.string())?)),
            "quality" => quality = seen.first(4, cursor.quality())?,
            "ts" => ts = Some(seen.first(5, cursor.whole())?),
            _ => return None,
        }
        Some(())
    })?;
    let (device, sensor) = (Cow::Borrowed(device), Cow::Borrowed(sensor));
    let complete = seen.has(1) && seen.has(2);
    complete.then(|| into.push(Reading { device, sensor, value, unit, quality, ts }))
}

/// Which keys of one object have been met.
#[derive(Default)]
struct Seen(u8);

impl Seen {
    fn has(&self, key: u8) -> bool {
        self.0 & (1 << key) != 0
    }

    /// `value` unless the key was met before.
    fn first<T>(&mut self, key: u8, value: Option<T>) -> Option<T> {
        if self.has(key) {
            return None;
        }
        self.0 |= 1 << key;
        value
    }
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Steps over `byte` and the space before it.
    #[inline]
    fn skip(&mut self, byte: u8) -> Option<()> {
        self.space();
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    /// `{"key": …, …}`; `field` is called behind each colon.
    #[inline]
    fn object(&mut self, mut field: impl FnMut(&mut Self, &'a str) -> Option<()>) -> Option<()> {
        self.skip(b'{')?;
        loop {
            let key = self.string()?;
            self.skip(b':')?;
            field(self, key)?;
            if self.skip(b',').is_none() {
                return self.skip(b'}');
            }
        }
    }

    #[inline]
    fn array(&mut self, mut element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.skip(b'[')?;
        loop {
            element(self)?;
            if self.skip(b',').is_none() {
                return self.skip(b']');
            }
        }
    }

    /// A text without escapes.
    #[inline]
    fn string(&mut self) -> Option<&'a str> {
        self.skip(b'"')?;
        let start = self.at;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' | 0..=0x1f => return None,
                _ => self.at += 1,
            }
        }
        let text = self.text.get(start..self.at);
        self.at += 1;
        text
    }

    /// A whole number without a sign, at most 18 digits.
    #[inline]
    fn whole(&mut self) -> Option<i64> {
        self.space();
        let start = self.at;
        let mut number = 0_i64;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            number = number.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            self.at += 1;
        }
        let digits = self.at - start;
        let leading_zero = digits > 1 && self.text.as_bytes().get(start) == Some(&b'0');
        let goes_on = matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        ((1..=18).contains(&digits) && !leading_zero && !goes_on).then_some(number)
    }

    #[inline]
    fn quality(&mut self) -> Option<Quality> {
        self.whole().and_then(|code| i16::try_from(code).ok()).and_then(|code| code.try_into().ok())
    }

    /// A number without exponent. Up to nine digits, the mantissa and the power of ten are exact, so
    /// their quotient is the nearest float; longer ones are left to the standard library.
    #[inline]
    fn number(&mut self) -> Option<f64> {
        self.space();
        let start = self.at;
        let negative = self.peek() == Some(b'-');
        self.at += usize::from(negative);
        let (mut mantissa, before) = self.digits(0)?;
        if before > 1 && self.text.as_bytes().get(self.at - before) == Some(&b'0') {
            return None;
        }
        let mut after = 0;
        if self.peek() == Some(b'.') {
            self.at += 1;
            (mantissa, after) = self.digits(mantissa)?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            return None;
        }
        if before + after > 9 {
            return self.text.get(start..self.at)?.parse().ok().filter(|n: &f64| n.is_finite());
        }
        let value = f64::from(mantissa) / POWERS.get(after)?;
        Some(if negative { -value } else { value })
    }

    /// At least one digit, appended to `number`; wraps, which matters only beyond nine digits.
    #[inline]
    fn digits(&mut self, mut number: u32) -> Option<(u32, usize)> {
        let start = self.at;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            number = number.wrapping_mul(10).wrapping_add(u32::from(digit - b'0'));
            self.at += 1;
        }
        (self.at > start).then_some((number, self.at - start))
    }
}

const POWERS: [f64; 10] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

#[cfg(test)]
mod tests {
    use super::{super::readings::by_serde, *};
    use proptest::prelude::*;

    fn both_agree(text: &str) {
        let (mut scanned, mut parsed) = (Vec::new(), Vec::new());
        if let Some(head) = readings(text, &mut scanned) {
            assert_eq!(Ok(head), by_serde(text, &mut parsed), "{text}");
            assert_eq!(scanned, parsed, "{text}");
        }
    }

    /// Pieces from which both valid and broken messages grow.
    fn piece() -> impl Strategy<Value = String> {
        let number = prop_oneof![
            any::<f64>().prop_map(|n| n.to_string()),
            any::<i64>().prop_map(|n| n.to_string()),
            "-?[0-9]{1,12}(\\.[0-9]{1,12})?(e-?[0-9]{1,3})?",
        ];
        let fixed = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            " ",
            "\"",
            "null",
            "true",
            "\"boot\":",
            "\"seq\":",
            "\"ts\":",
            "\"first\":",
            "\"readings\":[",
            "\"device\":",
            "\"sensor\":",
            "\"value\":",
            "\"unit\":",
            "\"quality\":",
            "\"°C\"",
            "\"\\u00b0C\"",
            "\"temperature\"",
            "0",
            "3",
            "\"x\":1",
            "-",
            "1e400",
            "NaN",
        ]);
        prop_oneof![3 => fixed.prop_map(str::to_owned), 1 => number]
    }

    fn usual() -> impl Strategy<Value = String> {
        let element = ("[a-z0-9]{1,8}", "[a-z_]{1,12}", piece(), 0..5_u8).prop_map(
            |(device, sensor, value, quality)| {
                format!(r#"{{"device":"{device}","sensor":"{sensor}","value":{value},"quality":{quality}}}"#)
            },
        );
        (any::<u32>(), prop::collection::vec(element, 0..6)).prop_map(|(seq, elements)| {
            format!(r#"{{"boot":"k3f9","seq":{seq}, "readings": [{}]}}"#, elements.join(","))
        })
    }

    proptest! {
        #[test]
        fn what_the_scanner_takes_serde_takes_alike(pieces in prop::collection::vec(piece(), 0..40)) {
            both_agree(&pieces.concat());
        }

        #[test]
        fn messages_of_the_usual_shape_are_read_alike(text in usual()) {
            both_agree(&text);
        }

        #[test]
        fn one_changed_byte_never_parts_the_two(text in usual(), at in any::<prop::sample::Index>(), byte in 0x20..0x7f_u8) {
            let mut bytes = text.into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            both_agree(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn numbers_are_read_to_the_last_bit(number in "-?(0|[1-9][0-9]{0,11})(\\.[0-9]{1,12})?") {
            let mut cursor = Cursor { text: &number, at: 0 };
            let read = cursor.number().map(f64::to_bits);
            prop_assert_eq!(read, number.parse().ok().map(f64::to_bits));
        }
    }

    #[test]
    fn the_usual_shape_needs_no_serde() {
        let text = r#"{"boot":"k3f9","seq":1042,"ts":1700000000000,"readings":[{"device":"air",
            "sensor":"temperature","value":28.5,"unit":"°C","quality":0}]}"#;
        assert!(readings(text, &mut Vec::new()).is_some());
    }
}
