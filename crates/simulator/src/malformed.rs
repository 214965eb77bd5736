//! Rows that are not as they should be.

use serde_json::{Map, Value, json};

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MalformedKind {
    /// `createdAt` is a text that is no time; of a message, `created_at`; of a ticket, `event.ingestedAt`.
    BadCreatedAt,
    /// There is no `createdAt`; of a message, no `created_at`; of a ticket, no `event.ingestedAt`.
    MissingCreatedAt,
    /// There is no `id`, and of a ticket no `fqid`.
    MissingId,
    /// The row is a text.
    NotAnObject,
    /// Texts are numbers, numbers texts, lists objects.
    WrongTypes,
}

impl MalformedKind {
    pub(crate) fn spoil(self, mut row: Value) -> Value {
        let Some(fields) = row.as_object_mut() else {
            return row;
        };
        match self {
            MalformedKind::BadCreatedAt => {
                if let Some((fields, key)) = time(fields) {
                    fields.insert(key.into(), json!("the day before yesterday"));
                }
            }
            MalformedKind::MissingCreatedAt => {
                if let Some((fields, key)) = time(fields) {
                    fields.remove(key);
                }
            }
            MalformedKind::MissingId => {
                fields.remove("id");
                fields.remove("fqid");
            }
            MalformedKind::NotAnObject => return json!("not an incident"),
            MalformedKind::WrongTypes => {
                let kept = ["id", "createdAt", "created_at", "fqid", "event", "_status"];
                for (key, value) in fields.iter_mut().filter(|(key, _)| !kept.contains(&key.as_str())) {
                    *value = match value {
                        Value::String(_) => json!(42),
                        Value::Number(_) | Value::Bool(_) => json!(format!("{key} as text")),
                        Value::Array(_) => json!({ "0": value.take() }),
                        Value::Null | Value::Object(_) => json!([[]]),
                    };
                }
            }
        }
        row
    }
}

/// Where a row tells its time: a ticket's in `event`, others' beside the rest.
fn time(fields: &mut Map<String, Value>) -> Option<(&mut Map<String, Value>, &'static str)> {
    if fields.contains_key("event") {
        Some((fields.get_mut("event")?.as_object_mut()?, "ingestedAt"))
    } else {
        let key = if fields.contains_key("created_at") { "created_at" } else { "createdAt" };
        Some((fields, key))
    }
}
