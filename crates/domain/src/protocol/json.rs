//! Strict JSON: a key that stands twice in one object is refused wherever it stands, also inside
//! fields nobody reads. serde_json's own limit of 128 levels keeps the stack bounded.
use super::{Refusal, refusal::shorten, text::Text};
use serde::{
    Deserialize,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
};
use std::{borrow::Cow, cell::RefCell, collections::HashSet, fmt};

/// Parses `text` as `T`, after a look at every key in it.
pub(super) fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Refusal> {
    refuse_duplicate_keys(text)?;
    serde_json::from_str(text).map_err(Refusal::from)
}

fn refuse_duplicate_keys(text: &str) -> Result<(), Refusal> {
    let duplicate = RefCell::new(None);
    let mut json = serde_json::Deserializer::from_str(text);
    let walked = Walk(&duplicate).deserialize(&mut json).and_then(|()| json.end());
    match (duplicate.take(), walked) {
        (Some(key), _) => Err(Refusal::DuplicateKey(key)),
        (None, walked) => walked.map_err(Refusal::from),
    }
}

/// Visits any JSON value and keeps nothing but the first key that stood twice.
#[derive(Clone, Copy)]
struct Walk<'w>(&'w RefCell<Option<String>>);

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();
    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while elements.next_element_seed(self)?.is_some() {}
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let mut seen: HashSet<Cow<'de, str>> = HashSet::new();
        while let Some(Text(key)) = fields.next_key()? {
            if seen.contains(&key) {
                self.0.borrow_mut().get_or_insert_with(|| shorten(&key));
                return Err(de::Error::custom("duplicate key"));
            }
            seen.insert(key);
            fields.next_value_seed(self)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicate_keys_are_refused_at_every_level() {
        for bad in
            [r#"{"a":1,"a":1}"#, r#"{"x":[{"y":{"a":1,"b":2,"a":3}}]}"#, r#"{"a":1,"\u0061":2}"#]
        {
            assert_eq!(refuse_duplicate_keys(bad), Err(Refusal::DuplicateKey("a".into())), "{bad}");
        }
        assert_eq!(refuse_duplicate_keys(r#"{"a":{"a":1},"b":[{"a":1},{"a":2}]}"#), Ok(()));
    }

    #[test]
    fn deep_nesting_ends_before_the_stack_does() {
        for open in ["[", "{\"a\":"] {
            let deep = open.repeat(100_000);
            assert_eq!(refuse_duplicate_keys(&deep), Err(Refusal::TooDeep));
        }
    }
}
