//! What the vendor's paged answers have in common.

use crate::client::Call;
use crate::http::Response;
use crate::json::elements;
use crate::{Error, time};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// Rows asked for at once. Sources put the service's maximum at 200 or 500; 200 works everywhere.
pub(crate) const PAGE_ROWS: u32 = 200;

/// A page of rows, each still in the vendor's own text.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    /// How many rows match in all, where the service told.
    pub(crate) total: Option<u32>,
    /// The rows.
    pub(crate) rows: Vec<&'a RawValue>,
}

impl<'a> Page<'a> {
    /// Reads a judged answer whose rows stand under `key`.
    pub(crate) fn read(call: &Call, response: &'a Response, key: &str) -> Result<Self, Error> {
        let members = call.members(response)?;
        let rows = match members.get(key) {
            Some(raw) if raw.get() == "null" => Vec::new(),
            Some(raw) => elements(raw)
                .ok_or_else(|| call.unreadable(response, &format!("its `{key}` is not a list")))?,
            None => return Err(call.unreadable(response, &format!("it has no `{key}`"))),
        };
        let total = members.get("total").and_then(|raw| raw.get().parse().ok());
        Ok(Self { total, rows })
    }

    /// Whether no rows follow these, which were asked for from row `start` on.
    ///
    /// A page shorter than asked does not mean the end: the service may give fewer at once.
    pub(crate) fn is_last(&self, start: u32) -> bool {
        let count = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        count == 0 || self.total.is_some_and(|total| start.saturating_add(count) >= total)
    }
}

/// The body that asks for rows. `endRow` is exclusive: 0..1 is one row.
pub(crate) fn rows_body(start: u32, rows: u32, column: &str, direction: &str) -> Value {
    json!({
        "startRow": start,
        "endRow": start.saturating_add(rows),
        "sortParams": [{"sort": direction, "colId": column}],
    })
}

/// The `time_range_filter`: both ends are always sent, in UTC, to the second.
pub(crate) fn time_range(start: time::Timestamp, end: time::Timestamp) -> Value {
    json!({"start": time::filter_form(start), "end": time::filter_form(end)})
}
