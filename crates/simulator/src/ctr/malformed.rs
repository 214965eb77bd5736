//! Rows that are not as they should be.

use serde_json::{Value, json};

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MalformedKind {
    /// `createdAt` is a text that is no time.
    BadCreatedAt,
    /// There is no `createdAt`.
    MissingCreatedAt,
    /// There is no `id`.
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
                fields.insert("createdAt".into(), json!("the day before yesterday"));
            }
            MalformedKind::MissingCreatedAt => {
                fields.remove("createdAt");
            }
            MalformedKind::MissingId => {
                fields.remove("id");
            }
            MalformedKind::NotAnObject => return json!("not an incident"),
            MalformedKind::WrongTypes => {
                for (key, value) in fields.iter_mut().filter(|(key, _)| *key != "id" && *key != "createdAt") {
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
