//! A query for messages: checked against the vocabularies before it is sent, and against the rows after.

use super::super::listing::{Listing, time_range, whole_seconds};
use super::super::vocabulary as words;
use super::{MODULE, Message, PATH};
use crate::Error;
use crate::json::Object;
use crate::paging::{self, Row};
use crate::time::{self, Timestamp, from_ms};
use crate::vocabulary::{Vocabulary, shown};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Which messages are wanted. Fields as in the contract's `message-query`.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct MessageQuery {
    pub start_time: Option<String>,
    pub end_time: Option<String>,
    pub message_id_filters: Vec<String>,
    pub recipient_address_filters: Vec<String>,
    pub sender_address_filters: Vec<String>,
    pub subject_filters: Vec<String>,
    pub source_filters: Vec<String>,
    pub other_filters: Vec<String>,
    pub verdict_filters: Vec<String>,
    pub disposition_filters: Vec<String>,
    pub confidence_filters: Vec<String>,
    pub status_filters: Vec<String>,
    pub quarantine_filters: Vec<String>,
    pub tap_threat_filters: Vec<String>,
    pub tap_threat_type_filters: Vec<String>,
    pub sort: Option<String>,
    pub limit: Option<u32>,
    pub cursor: Option<String>,
    pub include_raw: bool,
}

/// A query that was checked: values as the vendor spells them, times as instants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checked {
    /// Milliseconds since 1970, both or none.
    range: Option<(i64, i64)>,
    /// For each filter its place in [`FILTERS`] and its values.
    lists: Vec<(usize, Vec<String>)>,
    direction: String,
}

/// What a filter's values may be.
#[derive(Clone, Copy)]
enum Values {
    /// One of the vendor's words.
    Of(Vocabulary),
    /// A Message-ID in its angle brackets.
    MessageId,
    /// An e-mail address.
    Address,
    /// Any text.
    Text,
}

/// The vendor's filters, in the order of [`MessageQuery::lists`].
const FILTERS: [(&str, Values); 13] = [
    ("message_id_filters", Values::MessageId),
    ("recipient_address_filters", Values::Address),
    ("sender_address_filters", Values::Address),
    ("subject_filters", Values::Text),
    ("source_filters", Values::Of(words::MESSAGE_SOURCES)),
    ("other_filters", Values::Of(words::MESSAGE_OTHERS)),
    ("verdict_filters", Values::Of(words::VERDICTS)),
    ("disposition_filters", Values::Of(words::DISPOSITIONS)),
    ("confidence_filters", Values::Of(words::CONFIDENCES)),
    ("status_filters", Values::Of(words::STATUSES)),
    ("quarantine_filters", Values::Of(words::QUARANTINE)),
    ("tap_threat_filters", Values::Text),
    ("tap_threat_type_filters", Values::Of(words::THREAT_TYPES)),
];

impl Values {
    fn check(self, argument: &str, value: &str) -> Result<String, Error> {
        let text = value.trim();
        let wrong = match self {
            Self::Of(words) => return words.check(argument, text).map(str::to_owned),
            Self::MessageId if !is_message_id(text) => "a Message-ID in angle brackets, as `<a@example.com>`",
            Self::Address if !is_address(text) => "an e-mail address",
            Self::Text if text.is_empty() => "a text to look for",
            _ => return Ok(text.to_owned()),
        };
        Err(Error::argument(argument, format!("`{}` is not {wrong}", shown(text))))
    }
}

/// Whether a text is one e-mail address, and nothing beside it.
pub(crate) fn is_address(text: &str) -> bool {
    text.contains('@') && !text.contains(|c: char| c.is_whitespace() || c.is_control() || ",;<>".contains(c))
}

/// Whether a text is a Message-ID with its angle brackets.
pub(crate) fn is_message_id(text: &str) -> bool {
    let inner = text.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or_default();
    !inner.is_empty() && !inner.contains(|c: char| c.is_whitespace() || c.is_control() || "<>".contains(c))
}

impl MessageQuery {
    /// The lists, in the order of [`FILTERS`].
    fn lists(&self) -> [&[String]; 13] {
        [
            &self.message_id_filters,
            &self.recipient_address_filters,
            &self.sender_address_filters,
            &self.subject_filters,
            &self.source_filters,
            &self.other_filters,
            &self.verdict_filters,
            &self.disposition_filters,
            &self.confidence_filters,
            &self.status_filters,
            &self.quarantine_filters,
            &self.tap_threat_filters,
            &self.tap_threat_type_filters,
        ]
    }

    /// Identity of the query without what may differ from page to page; none where nothing is asked.
    pub(super) fn given(&self) -> Option<u64> {
        let times = [self.start_time.as_slice(), self.end_time.as_slice(), self.sort.as_slice()];
        paging::given(&[self.lists().as_slice(), times.as_slice()].concat())
    }

    pub(super) fn check(&self, now: Timestamp) -> Result<Checked, Error> {
        let (_, direction) = paging::sort(self.sort.as_deref(), &["received_time"])?;
        let range = time::range(self.start_time.as_deref(), self.end_time.as_deref(), now)?;
        let mut lists = Vec::new();
        for (place, ((key, values), given)) in FILTERS.iter().zip(self.lists()).enumerate() {
            let mut checked: Vec<String> = Vec::new();
            for value in given {
                let value = values.check(&key.replace('_', "-"), value)?;
                if !checked.contains(&value) {
                    checked.push(value);
                }
            }
            if !checked.is_empty() {
                lists.push((place, checked));
            }
        }
        Ok(Checked { range: range.map(whole_seconds), lists, direction: direction.to_owned() })
    }
}

impl Checked {
    /// Filters that are set: key, kind of values, values.
    fn set(&self) -> impl Iterator<Item = (&'static str, Values, &[String])> {
        self.lists.iter().filter_map(|(place, values)| {
            FILTERS.get(*place).map(|(key, kind)| (*key, *kind, values.as_slice()))
        })
    }

    pub(super) fn listing(&self, limit: u32) -> Listing {
        let mut filters = Map::new();
        if let Some((start, end)) = self.range {
            filters.insert("time_range_filter".into(), time_range(from_ms(start), from_ms(end)));
        }
        for (key, _, values) in self.set() {
            filters.insert(key.into(), json!(values));
        }
        Listing {
            module: MODULE,
            path: PATH.to_owned(),
            key: "messages",
            column: "received_time".to_owned(),
            direction: self.direction.clone(),
            filters: Some(Value::Object(filters)),
            limit,
        }
    }

    /// Ends a list that runs back from the newest message at that very message, so that later ones do not
    /// shift it while it is read on.
    pub(super) fn pin(&mut self, newest: Option<Timestamp>) {
        if let Some(newest) = newest
            && self.direction == "desc"
        {
            let end = newest.timestamp_millis().saturating_add(1000);
            let (start, given_end) = self.range.unwrap_or((0, end));
            self.range = Some((start, given_end.min(end)));
        }
    }

    /// The filter that a row does not match, if it certainly does not: then the service ignored it.
    ///
    /// A field that is missing, empty or of an unknown spelling proves nothing.
    pub(super) fn mismatch(&self, message: &Message, row: &Row) -> Option<&'static str> {
        let o = Object::new(&row.value)?;
        if let Some((start, end)) = self.range {
            // Which of its times the service goes by is not known.
            let times = ["received_time", "received_at", "created_at"].map(|key| o.instant(&[key]));
            let times = times.into_iter().flatten().map(|time| time.timestamp_millis());
            let (mut known, mut within) = (false, false);
            for at in times {
                known = true;
                within |= start.saturating_sub(1000) <= at && at <= end.saturating_add(1000);
            }
            if known && !within {
                return Some("time_range_filter");
            }
        }
        self.set().find_map(|(key, kind, asked)| {
            let excluded = match kind {
                Values::Of(words) => words.excludes(asked, &found(key, message, o)),
                Values::MessageId | Values::Address | Values::Text => {
                    let found = found(key, message, o);
                    let holds = |text: &String| asked.iter().any(|part| may_hold(text, part));
                    !found.is_empty() && !found.iter().any(holds)
                }
            };
            excluded.then_some(key)
        })
    }
}

/// The time that the list is sorted by.
pub(super) fn column(row: &Row) -> Option<Timestamp> {
    Object::new(&row.value)?.instant(&["received_time"])
}

/// What a row says of a filter, as the filter spells it; nothing where it does not say.
fn found(key: &str, message: &Message, o: Object<'_>) -> Vec<String> {
    let one = |value: &Option<String>| value.iter().cloned().collect();
    match key {
        "message_id_filters" => one(&message.rfc_message_id),
        "recipient_address_filters" => one(&message.recipient_address),
        "sender_address_filters" => one(&message.sender_address),
        "subject_filters" => one(&message.subject),
        "source_filters" => message.source_types.clone(),
        "verdict_filters" => one(&message.clear_verdict),
        "disposition_filters" => one(&message.disposition),
        "confidence_filters" => one(&message.clear_confidence),
        "quarantine_filters" => one(&message.remediation_status),
        "tap_threat_filters" => {
            o.objects(&["tapThreats"]).filter_map(|threat| threat.text(&["tapId"])).collect()
        }
        "tap_threat_type_filters" => message.tap_threat_types.clone(),
        "status_filters" => statuses(message),
        _ => Vec::new(),
    }
}

/// What is certain of a message's status; nothing where one of them is not told.
fn statuses(message: &Message) -> Vec<String> {
    let (Some(delivered), Some(read), Some(clicks)) =
        (message.delivered, message.read, message.permitted_clicks)
    else {
        return Vec::new();
    };
    [
        (delivered, "message_delivered"),
        (!read, "message_unread"),
        (read, "message_read"),
        (clicks > 0, "permitted_click"),
    ]
    .into_iter()
    .filter(|(holds, _)| *holds)
    .map(|(_, word)| word.to_owned())
    .collect()
}

/// Whether a text may hold a part, without regard to case; of letters beyond ASCII nothing is certain.
fn may_hold(text: &str, part: &str) -> bool {
    if !text.is_ascii() || !part.is_ascii() {
        return true;
    }
    text.as_bytes().windows(part.len().max(1)).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}
