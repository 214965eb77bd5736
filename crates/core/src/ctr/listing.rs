//! The lists of Threat Response: rows from one number to another, sorted by a column.

use crate::client::Call;
use crate::paging::List;
use crate::time;
use serde_json::{Value, json};

/// A list of the vendor's, and how much of it is wanted.
#[derive(Debug)]
pub(crate) struct Listing {
    /// What the key must be entitled to.
    pub(crate) module: &'static str,
    /// Path of the resource.
    pub(crate) path: String,
    /// Where the rows stand in the answer.
    pub(crate) key: &'static str,
    /// The column to sort by.
    pub(crate) column: String,
    /// `asc` or `desc`.
    pub(crate) direction: String,
    /// The vendor's `filters` object.
    pub(crate) filters: Option<Value>,
    /// Rows wanted.
    pub(crate) limit: u32,
}

impl List for Listing {
    fn key(&self) -> &'static str {
        self.key
    }

    fn limit(&self) -> u32 {
        self.limit
    }

    /// `endRow` is exclusive: 0..1 is one row.
    fn call(&self, start: u32, rows: u32) -> Call {
        let mut body = json!({
            "startRow": start,
            "endRow": start.saturating_add(rows),
            "sortParams": [{"sort": self.direction, "colId": self.column}],
        });
        if let (Some(filters), Some(body)) = (&self.filters, body.as_object_mut()) {
            body.insert("filters".into(), filters.clone());
        }
        Call::query(self.module, self.path.clone(), body)
    }
}

/// A range in milliseconds, as the `time_range_filter` can tell it: it has whole seconds. A fraction of the end
/// is rounded up: what was created a moment ago is wanted.
pub(crate) fn whole_seconds((start, end): (time::Timestamp, time::Timestamp)) -> (i64, i64) {
    let end = end.timestamp_millis().saturating_add(999).div_euclid(1000).saturating_mul(1000);
    (start.timestamp_millis(), end)
}

/// The `time_range_filter`: both ends are always sent, in UTC, to the second.
pub(crate) fn time_range(start: time::Timestamp, end: time::Timestamp) -> Value {
    json!({"start": time::filter_form(start), "end": time::filter_form(end)})
}
