//! How the vendor's lists are read, page by page: one loop for all of them.

use super::Ctr;
use crate::client::Call;
use crate::http::{Response, Transport};
use crate::json::{self, Object};
use crate::seal::hash;
use crate::{Error, time};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// Rows asked for at once. Sources put the service's maximum at 200 or 500; 200 works everywhere.
pub(crate) const PAGE_ROWS: u32 = 200;

/// Identities of rows a cursor keeps, should the list shift before it is read on.
const LAST_ROWS: usize = 24;

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

/// What a page leaves to the next one: the cursor's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor<Q> {
    /// Identity of the query as it was given, so that another one is noticed.
    pub(crate) given: u64,
    /// The query itself: a cursor needs nothing beside it.
    pub(crate) query: Q,
    /// Rows that are passed.
    pub(crate) row: u32,
    /// How many there were in all.
    pub(crate) total: u32,
    /// Identities of the last of them.
    pub(crate) last: Vec<u64>,
}

impl<Q> Cursor<Q> {
    /// Before the first row.
    pub(crate) fn first(given: u64, query: Q) -> Self {
        Self { given, query, row: 0, total: 0, last: Vec::new() }
    }
}

/// A row and the text it was read from.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) value: Value,
    pub(crate) raw: String,
}

impl Row {
    /// Reads a row; one whose text is no JSON after all is null.
    pub(crate) fn read(raw: &RawValue) -> Self {
        let raw = raw.get().to_owned();
        let parse = |text: &str| serde_json::from_slice(text.as_bytes()).ok();
        let value = parse(&raw).or_else(|| parse(&json::whole_characters(&raw))).unwrap_or_default();
        Self { value, raw }
    }

    /// The row's identity: its id, or its text where it has none.
    pub(crate) fn identity(&self) -> u64 {
        let id = Object::new(&self.value).and_then(|object| object.text(&["id"]));
        hash(id.as_deref().unwrap_or(&self.raw).as_bytes())
    }
}

/// The rows that were found.
#[derive(Debug)]
pub(crate) struct Found {
    /// The rows, none twice.
    pub(crate) rows: Vec<Row>,
    /// How many match in all.
    pub(crate) total: u32,
    /// Whether the list goes on behind them.
    pub(crate) more: bool,
}

impl<T: Transport> Ctr<'_, T> {
    /// Reads rows from the cursor on, page after page, until the limit is met, none is left, or the budget
    /// ends after at least one page; the cursor moves along.
    pub(crate) async fn rows<Q>(&self, listing: &Listing, cursor: &mut Cursor<Q>) -> Result<Found, Error> {
        let Cursor { row, total, last, .. } = cursor;
        self.read_rows(listing, row, total, last).await
    }

    async fn read_rows(
        &self,
        listing: &Listing,
        row: &mut u32,
        total: &mut u32,
        last: &mut Vec<u64>,
    ) -> Result<Found, Error> {
        let mut found = Found { rows: Vec::new(), total: *total, more: true };
        let mut seen = Vec::new();
        for identity in last.iter() {
            insert(&mut seen, *identity);
        }
        loop {
            let room = listing.limit.saturating_sub(count(&found.rows));
            if room == 0 {
                return Ok(found);
            }
            let call = listing.call(*row, room.min(PAGE_ROWS));
            let response = match self.client.send(&call).await {
                Err(Error::RateLimited { .. }) if !found.rows.is_empty() => return Ok(found),
                other => other?,
            };
            let page = Page::read(&call, &response, listing.key)?;
            let ends = page.is_last(*row);
            let end = row.saturating_add(count(&page.rows));
            let vanished = total.saturating_sub(page.total.unwrap_or(end)).min(count(&seen)).min(*row);
            *total = page.total.unwrap_or(end);
            found.total = *total;
            if vanished > 0 {
                // Rows left the list while it was read (they were closed, say), and those behind them moved
                // up: as many may have slipped past.
                *row = row.saturating_sub(vanished);
                continue;
            }
            for raw in &page.rows {
                if count(&found.rows) == listing.limit {
                    break;
                }
                *row = row.saturating_add(1);
                let read = Row::read(raw);
                let identity = read.identity();
                if insert(&mut seen, identity) {
                    last.push(identity);
                    found.rows.push(read);
                }
            }
            last.drain(..last.len().saturating_sub(LAST_ROWS));
            if ends && *row >= end {
                found.more = false;
                return Ok(found);
            }
        }
    }
}

impl Listing {
    /// The call for some rows. `endRow` is exclusive: 0..1 is one row.
    pub(crate) fn call(&self, start: u32, rows: u32) -> Call {
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

/// What every paged answer has, whatever its rows are called.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    total: Option<&'a RawValue>,
    #[serde(borrow, default, alias = "incidents", alias = "messages")]
    rows: Option<&'a RawValue>,
}

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
        let wrong = |what: String| call.unreadable(response, &what);
        let envelope: Envelope<'_> = json::read(&response.body).map_err(wrong)?;
        let total = envelope.total.and_then(|raw| raw.get().parse().ok());
        let rows = match envelope.rows {
            Some(raw) => json::elements(raw).ok_or_else(|| wrong(format!("its `{key}` is not a list")))?,
            None if total == Some(0) => Vec::new(),
            None => return Err(wrong(format!("it has no `{key}`"))),
        };
        Ok(Self { total, rows })
    }

    /// Whether no rows follow these, which were asked for from row `start` on.
    ///
    /// A page shorter than asked does not mean the end: the service may give fewer at once.
    pub(crate) fn is_last(&self, start: u32) -> bool {
        let count = count(&self.rows);
        count == 0 || self.total.is_some_and(|total| start.saturating_add(count) >= total)
    }
}

/// Inserts into a sorted list; answers whether it was not there yet.
fn insert(sorted: &mut Vec<u64>, identity: u64) -> bool {
    let place = sorted.binary_search(&identity);
    if let Err(place) = place {
        sorted.insert(place, identity);
    }
    place.is_err()
}

/// The `time_range_filter`: both ends are always sent, in UTC, to the second.
pub(crate) fn time_range(start: time::Timestamp, end: time::Timestamp) -> Value {
    json!({"start": time::filter_form(start), "end": time::filter_form(end)})
}

/// The limit of a list, at least one row.
pub(crate) fn limit(limit: Option<u32>, default: u32) -> Result<u32, Error> {
    match limit {
        Some(0) => Err(Error::argument("limit", "`0` rows cannot be listed; use at least 1")),
        given => Ok(given.unwrap_or(default)),
    }
}

/// How many there are, in the contract's type.
pub(crate) fn count<I>(items: &[I]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}
