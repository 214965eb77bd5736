//! Reading the vendor's JSON without trusting it.
//!
//! Null and missing are the same, a value of an unexpected type is as good as missing, unknown keys
//! are passed over: the service changed its serializer once already, and one odd field must not cost
//! an incident. What is read here is typed; the rest stays in `raw-json`.

use crate::time::{self, Timestamp};
use core::fmt;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// Reads an object, or tells what is wrong with the text.
pub fn read<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(text).map_err(|e| match e.classify() {
        serde_json::error::Category::Eof => "the JSON is cut off".to_owned(),
        serde_json::error::Category::Data => "it is not the JSON object expected".to_owned(),
        _ => format!("it is not JSON (line {}, column {})", e.line(), e.column()),
    })
}

/// JSON text whose escapes stand for characters: half of a surrogate pair, left where a text was cut in the
/// middle of an emoji, becomes the replacement character.
pub(crate) fn whole_characters(text: &str) -> String {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u32::from_str_radix(digits, 16).ok()
    };
    let mut whole = String::with_capacity(text.len());
    let mut at: usize = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.find('\\').unwrap_or(rest.len());
        whole.push_str(rest.get(..plain).unwrap_or_default());
        at = at.saturating_add(plain);
        let second = at.saturating_add(6);
        let length = match unit(at) {
            Some(0xd800..=0xdbff) if matches!(unit(second), Some(0xdc00..=0xdfff)) => 12,
            Some(0xd800..=0xdfff) => {
                whole.push_str("\\ufffd");
                at = second;
                continue;
            }
            // A backslash and the character it escapes.
            _ => text.get(at..).map_or(1, |escape| escape.chars().take(2).map(char::len_utf8).sum()),
        };
        let end = at.saturating_add(length).min(text.len());
        whole.push_str(text.get(at..end).unwrap_or_default());
        at = end;
    }
    whole
}

/// The first elements of the array in `raw`, each still in the vendor's own text; none if it is no array.
pub fn elements(raw: &RawValue, most: u32) -> Option<Vec<&RawValue>> {
    serde_json::Deserializer::from_slice(raw.get().as_bytes()).deserialize_seq(First(most)).ok()
}

/// So many elements of a list; of those behind them not even the place is kept.
struct First(u32);

impl<'de> Visitor<'de> for First {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut first = Vec::new();
        for _ in 0..self.0 {
            first.extend(list.next_element::<&RawValue>()?);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(first)
    }
}

/// A value as JSON text.
pub fn text(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A JSON object, read key by key.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a>(&'a Map<String, Value>);

impl<'a> Object<'a> {
    /// The object in a value, if it is one.
    pub fn new(value: &'a Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    /// The first of these keys that holds something.
    fn get(&self, keys: &[&str]) -> Option<&'a Value> {
        keys.iter().filter_map(|key| self.0.get(*key)).find(|value| !value.is_null())
    }

    /// The first of these keys that holds a string, or a number as one; an empty string is none.
    pub fn text(&self, keys: &[&str]) -> Option<String> {
        keys.iter().filter_map(|key| self.0.get(*key).and_then(as_text)).find(|text| !text.is_empty())
    }

    /// What a row is addressed by. Tickets have an fqid, which counts for more than their id, and else that of
    /// their event; some rows of messages name theirs otherwise.
    pub fn address(&self) -> Option<String> {
        self.text(&["fqid", "id", "email_recipient_id", "emailRecipientId"])
            .or_else(|| self.object(&["event"])?.text(&["id"]))
    }

    /// A count that fits 32 bits.
    pub fn count(&self, keys: &[&str]) -> Option<u32> {
        self.get(keys)?.as_u64().and_then(|n| u32::try_from(n).ok())
    }

    /// True or false.
    pub fn flag(&self, keys: &[&str]) -> Option<bool> {
        self.get(keys)?.as_bool()
    }

    /// The strings of a list; a list that is null or missing is empty.
    pub fn texts(&self, keys: &[&str]) -> Vec<String> {
        self.list(keys).filter_map(as_text).collect()
    }

    /// The elements of a list; a list that is null or missing is empty.
    pub fn list(&self, keys: &[&str]) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.get(keys).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().iter()
    }

    /// The objects of a list.
    pub fn objects(&self, keys: &[&str]) -> impl Iterator<Item = Object<'a>> + use<'a> {
        self.list(keys).filter_map(Object::new)
    }

    /// An object inside this one.
    pub fn object(&self, keys: &[&str]) -> Option<Object<'a>> {
        self.get(keys).and_then(Object::new)
    }

    /// An instant: text in any of the vendor's styles, or milliseconds since 1970.
    pub fn instant(&self, keys: &[&str]) -> Option<Timestamp> {
        match self.get(keys)? {
            Value::String(text) => time::absolute(text),
            Value::Number(number) => number.as_i64().and_then(time::of_ms),
            _ => None,
        }
    }

    /// An instant in the contract's form.
    pub fn time(&self, keys: &[&str]) -> Option<String> {
        self.instant(keys).map(time::rfc3339)
    }

    /// Whatever the first of these keys holds, as JSON text; an empty object is none.
    pub fn json(&self, keys: &[&str]) -> Option<String> {
        self.get(keys).filter(|value| value.as_object().is_none_or(|o| !o.is_empty())).map(text)
    }

    /// Keys and values, in the order of the keys.
    pub fn entries(&self) -> impl Iterator<Item = (&'a str, &'a Value)> + use<'a> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// `TapAlert` and `hasTapAlert` as rows spell it: `tap_alert`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len().saturating_add(4));
    for (i, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn null_missing_and_mistyped_are_alike() {
        for value in [json!({}), json!({"k": null}), json!({"k": {"a": 1}})] {
            let object = Object::new(&value).unwrap();
            assert_eq!(object.text(&["k"]), None);
            assert_eq!(object.count(&["k"]), None);
            assert_eq!(object.flag(&["k"]), None);
            assert_eq!(object.time(&["k"]), None);
            assert!(object.texts(&["k"]).is_empty());
        }
    }

    #[test]
    fn the_first_key_that_holds_something_wins() {
        let value = json!({"assignedUserName": null, "assignedApplicationUserName": "Ada"});
        let object = Object::new(&value).unwrap();
        assert_eq!(object.text(&["assignedUserName", "assignedApplicationUserName"]).as_deref(), Some("Ada"));
    }

    #[test]
    fn instants_are_text_or_milliseconds() {
        let value =
            json!({"a": "2025-11-17T15:37:13.039", "b": 1_786_117_389_000_i64, "c": "?", "d": i64::MAX});
        let object = Object::new(&value).unwrap();
        assert_eq!(object.time(&["a"]).as_deref(), Some("2025-11-17T15:37:13.039Z"));
        assert_eq!(object.time(&["b"]).as_deref(), Some("2026-08-07T15:43:09.000Z"));
        assert_eq!(object.time(&["c"]), None);
        assert_eq!(object.time(&["d"]), None);
    }

    #[test]
    fn half_an_emoji_is_replaced_and_nothing_else() {
        for (text, expected) in [
            (r#"{"a":"x\ud83d"}"#, r#"{"a":"x\ufffd"}"#),
            (r#"{"a":"\ude00 \ud83d\ude00"}"#, r#"{"a":"\ufffd \ud83d\ude00"}"#),
            (r#"{"a":"\\ud83d \u00e9 \n"}"#, r#"{"a":"\\ud83d \u00e9 \n"}"#),
            (r#""\ud83d\u0041""#, r#""\ufffd\u0041""#),
            ("\\", "\\"),
            ("ü\\ü", "ü\\ü"),
        ] {
            assert_eq!(whole_characters(text), expected);
        }
    }

    #[test]
    fn what_cannot_be_read_is_described() {
        let wrong = |text: &[u8]| read::<std::collections::BTreeMap<String, u8>>(text).unwrap_err();
        assert_eq!(wrong(b"{\"a\":"), "the JSON is cut off");
        assert_eq!(wrong(b"[1]"), "it is not the JSON object expected");
        assert_eq!(wrong(b"{\"a\":<html>"), "it is not JSON (line 1, column 6)");
        assert!(wrong(b"{\"a\xff\":1}").starts_with("it is not JSON"));
    }
}
