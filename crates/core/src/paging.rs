//! How lists are read, page by page: one loop for both products.

use crate::Error;
use crate::client::{Call, Client};
use crate::http::{Response, Transport};
use crate::json::{self, Object};
use crate::seal::{Seal, hash};
use crate::vocabulary::shown;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// Rows asked for at once. Sources put the maximum of Threat Response at 200 or 500, clients of Insider
/// Threat Management ask for 100 to 1000; 200 works everywhere.
pub(crate) const PAGE_ROWS: u32 = 200;

/// Identities of rows a cursor keeps, should the list shift before it is read on: a page of them.
const LAST_ROWS: usize = 200;

/// Bits of an identity that are not kept: what is left takes seven bytes of a cursor, and tells more rows
/// apart than any list has.
const UNKEPT_BITS: u32 = 15;

/// Rows that are passed over in one call, for filters that the service does not know, before the list is
/// given as far as it was found.
const MOST_PASSED_OVER: u32 = 10_000;

/// Bytes of rows that are taken in one call before the list is given as far as it was found: the component
/// has some 256 MiB for everything.
const MOST_BYTES: usize = 16 << 20;

/// Bytes that a row counts for beside its text.
const ROW_BYTES: usize = 1024;

/// A list of the service's, and how much of it is wanted.
pub(crate) trait List {
    /// Where the rows stand in the answer.
    fn key(&self) -> &'static str;

    /// Rows wanted.
    fn limit(&self) -> u32;

    /// The call for so many rows from one on.
    fn call(&self, start: u32, rows: u32) -> Call;
}

/// What a page leaves to the next one: the cursor's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor<Q> {
    /// Identity of the query as it was given, so that another one is noticed.
    pub(crate) given: u64,
    /// The query itself: a cursor needs nothing beside it.
    pub(crate) query: Q,
    /// How far its list was read.
    pub(crate) place: Place,
}

/// How far a list was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Rows that are passed.
    pub(crate) row: u32,
    /// How many there were in all.
    pub(crate) total: u32,
    /// Identities of the last of them.
    last: Vec<u64>,
}

impl<Q> Cursor<Q> {
    /// Before the first row.
    pub(crate) fn first(given: u64, query: Q) -> Self {
        Self { given, query, place: Place::default() }
    }
}

/// A row and the text it was read from.
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

    /// The row's identity: what it is addressed by, or its text where it has nothing of the kind.
    pub(crate) fn identity(&self) -> u64 {
        let address = Object::new(&self.value).and_then(|object| object.address());
        hash(address.as_deref().unwrap_or(&self.raw).as_bytes())
    }
}

impl<T: Transport> Client<'_, T> {
    /// Reads rows from a place on, page after page, until the limit is met, none is left, or what a call
    /// may take (calls, time, memory) is spent after at least one page; the place moves along. Answers
    /// whether the list goes on.
    ///
    /// Each row is handed over once; `take` answers whether it counts, or is to be passed over.
    pub(crate) async fn rows(
        &self,
        list: &dyn List,
        place: &mut Place,
        take: &mut dyn FnMut(&Row) -> Result<bool, Error>,
    ) -> Result<bool, Error> {
        let Place { row, total, last } = place;
        let (mut taken, mut passed_over, mut bytes) = (0_u32, 0_u32, 0_usize);
        let mut seen = Vec::new();
        for identity in last.iter() {
            insert(&mut seen, *identity);
        }
        // The first row of the page before.
        let mut before = last.first().copied();
        loop {
            let room = list.limit().saturating_sub(taken);
            if room == 0 || passed_over >= MOST_PASSED_OVER || bytes >= MOST_BYTES {
                return Ok(true);
            }
            // What is passed over makes room for more.
            let asked = room.saturating_add(passed_over).min(PAGE_ROWS);
            let call = list.call(*row, asked);
            let response = match self.send(&call).await {
                Ok(response) => response,
                Err(error) => {
                    // A service may list only so many rows, and refuse what lies behind.
                    let ends = matches!(error, Error::RateLimited { .. } | Error::Rejected { .. });
                    let begun = taken.saturating_add(passed_over) > 0;
                    return if begun && (ends || self.is_over()) { Ok(true) } else { Err(error) };
                }
            };
            let page = Page::read(&call, &response, list.key(), asked)?;
            let ends = page.is_last(*row);
            let end = row.saturating_add(count(&page.rows));
            let told = page.total.unwrap_or(end.max(*total));
            let vanished = total.saturating_sub(told).min(*row);
            let grew = page.total.is_some() && told > *total;
            *total = told;
            if vanished > 0 {
                // Rows left the list while it was read (they were closed, say), and those behind them moved
                // up: as many may have slipped past.
                *row = row.saturating_sub(vanished);
                before = None;
                continue;
            }
            let (mut first, mut new) = (None, false);
            for raw in &page.rows {
                if taken == list.limit() {
                    break;
                }
                *row = row.saturating_add(1);
                let read = Row::read(raw);
                let identity = read.identity() >> UNKEPT_BITS;
                first.get_or_insert(identity);
                if !insert(&mut seen, identity) {
                    continue;
                }
                new = true;
                last.push(identity);
                if take(&read)? {
                    taken = taken.saturating_add(1);
                    bytes = bytes.saturating_add(read.raw.len()).saturating_add(ROW_BYTES);
                } else {
                    passed_over = passed_over.saturating_add(1);
                }
            }
            last.drain(..last.len().saturating_sub(LAST_ROWS));
            if !new && !grew && first.is_some() && first == before {
                // The same page again, however far it lies: without a total, that is how the list ends.
                return match page.total {
                    None => Ok(false),
                    Some(_) => Err(call.unreadable(&response, "the service did not honour the offset")),
                };
            }
            before = first;
            if ends && *row >= end {
                return Ok(false);
            }
        }
    }
}

/// What every paged answer has, whatever its rows are called.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    total: Option<&'a RawValue>,
    #[serde(default, rename = "_meta")]
    meta: Value,
    #[serde(borrow, default, alias = "incidents", alias = "messages", alias = "data")]
    rows: Option<&'a RawValue>,
}

impl Envelope<'_> {
    /// How many rows match: at the top in Threat Response, in `_meta.stats` in Insider Threat Management.
    fn total(&self) -> Option<u32> {
        let stats = Object::new(&self.meta).and_then(|meta| meta.object(&["stats"]));
        let meta = stats.and_then(|stats| stats.count(&["total"]));
        self.total.and_then(|raw| raw.get().parse().ok()).or(meta)
    }
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
    /// Reads a judged answer whose rows stand under `key`. Rows beyond those asked for are left to the next page.
    pub(crate) fn read(call: &Call, response: &'a Response, key: &str, asked: u32) -> Result<Self, Error> {
        let wrong = |what: String| call.unreadable(response, &what);
        let envelope: Envelope<'_> = json::read(&response.body).map_err(wrong)?;
        let total = envelope.total();
        let rows = match envelope.rows {
            Some(raw) => {
                json::elements(raw, asked).ok_or_else(|| wrong(format!("its `{key}` is not a list")))?
            }
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
pub(crate) fn insert(sorted: &mut Vec<u64>, identity: u64) -> bool {
    let place = sorted.binary_search(&identity);
    if let Err(place) = place {
        sorted.insert(place, identity);
    }
    place.is_err()
}

/// Opens a cursor, or begins with a query. What is given beside a cursor must be what it carries.
pub(crate) fn open_cursor<Q: DeserializeOwned>(
    seal: &Seal,
    cursor: Option<&str>,
    given: Option<u64>,
    check: impl FnOnce() -> Result<Q, Error>,
) -> Result<Cursor<Q>, Error> {
    let Some(text) = cursor else { return Ok(Cursor::first(given.unwrap_or_default(), check()?)) };
    let cursor: Cursor<Q> = seal.open(text)?;
    if given.is_some_and(|given| given != cursor.given) {
        return Err(Error::argument(
            "cursor",
            "it belongs to another query; give the same filters as for the first page, or none",
        ));
    }
    Ok(cursor)
}

/// Identity of a query by its fields; none where all of them are empty.
pub(crate) fn given(fields: &[&[String]]) -> Option<u64> {
    if fields.iter().all(|field| field.is_empty()) {
        return None;
    }
    let mut text = String::new();
    for field in fields {
        // Separators that no value holds keep values and fields apart.
        for value in *field {
            text.push_str(value);
            text.push('\u{1f}');
        }
        text.push('\u{1e}');
    }
    Some(hash(text.as_bytes()))
}

/// `[COLUMN:]asc|desc`, the column in camel or in kebab case; by default the first one, newest first.
pub(crate) fn sort(
    text: Option<&str>,
    columns: &[&'static str],
) -> Result<(&'static str, &'static str), Error> {
    let first = columns.first().copied().unwrap_or_default();
    let text = text.unwrap_or("desc");
    let (column, direction) = text.split_once(':').unwrap_or((first, text));
    let plain = |name: &str| name.trim().replace('-', "").to_ascii_lowercase();
    let column = columns.iter().copied().find(|known| plain(known) == plain(column));
    let direction = ["asc", "desc"].into_iter().find(|known| *known == plain(direction));
    column.zip(direction).ok_or_else(|| {
        let both = |column: &&str| ["asc", "desc"].map(|direction| format!("{column}:{direction}"));
        Error::InvalidArgument {
            argument: "sort".into(),
            message: format!("`{}` is not a value of `sort`", shown(text)),
            allowed: ["asc", "desc"]
                .map(str::to_owned)
                .into_iter()
                .chain(columns.iter().flat_map(both))
                .collect(),
        }
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_beyond_those_asked_for_are_left_to_the_next_page() {
        let call = Call::get("", String::new());
        let body = br#"{"data":[1,[2,"]"],{"a":3},4,5],"_meta":{"stats":{"total":5}}}"#;
        let response = Response { status: 200, body: body.to_vec(), ..Response::default() };
        for (asked, given, is_last) in [(1, 1, false), (3, 3, false), (5, 5, true), (200, 5, true)] {
            let page = Page::read(&call, &response, "data", asked).unwrap();
            assert_eq!((page.rows.len(), page.is_last(0)), (given, is_last), "{asked}");
        }
        let rows = Page::read(&call, &response, "data", 3).unwrap().rows;
        assert_eq!(rows.iter().map(|row| row.get()).collect::<Vec<_>>(), ["1", r#"[2,"]"]"#, r#"{"a":3}"#]);
    }
}
