//! Every reader of times.

use crate::check::{self, Shown};
use crate::holds;
use crate::world::{SECRET, TOKEN};
use proofpoint_core::json::Object;
use proofpoint_core::time::{self, Timestamp, absolute, filter_form, http_date, mail_date, range, rfc3339};
use serde_json::{Value, json};

/// Reads a text in every way, unless it is one that no error may show: what the caller gives may be repeated to him. Two times with a line break between are the range of a query.
pub fn run(text: &str) {
    if holds(text.as_bytes(), SECRET) || holds(text.as_bytes(), TOKEN) {
        return;
    }
    let now: Timestamp = "2026-03-01T12:30:00.250Z".parse().expect("a time");
    for read in [absolute(text), mail_date(text), http_date(text)].into_iter().flatten() {
        check::time(&rfc3339(read));
    }
    match time::parse("start-time", text, now) {
        Ok(read) => {
            check::time(&rfc3339(read));
            assert_eq!(filter_form(read).len(), "2026-03-01 12:30:00".len());
            let again = absolute(&filter_form(read)).expect("the form of filters is read back");
            assert_eq!(again.timestamp(), read.timestamp());
        }
        Err(error) => check::error(&error, Shown::Bounded),
    }
    if let Some((start, end)) = text.split_once('\n') {
        match range(Some(start), Some(end), now) {
            Ok(read) => assert!(read.is_some_and(|(start, end)| start < end)),
            Err(error) => check::error(&error, Shown::Bounded),
        }
    }
    let number = serde_json::from_str::<Value>(text).ok().filter(Value::is_number);
    for value in number.into_iter().chain([json!(text)]) {
        let row = json!({ "time": value });
        let told = Object::new(&row).and_then(|row| row.time(&["time"]));
        told.iter().for_each(|told| check::time(told));
    }
}
