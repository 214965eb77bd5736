//! Searching and counting: which rows, in which order, and which page of them.

use std::cmp::Reverse;

use serde_json::Value;

use super::Ctr;
use super::filter::{Facts, Filter, Scope};
use super::incident::Incident;
use super::store::Place;
use crate::chance::mix;
use crate::options::{EndRow, Options, OverCap, TieOrder};
use crate::time::Timestamp;
use crate::wire::Reply;

/// The rows that a request asks for.
pub(crate) struct Page {
    pub(crate) start_row: u64,
    pub(crate) end_row: u64,
    /// How many rows that is, by the vendor's reading.
    pub(crate) length: usize,
}

impl Page {
    /// Reads `startRow` and `endRow`; without them the page is the first, as long as it may be.
    pub(crate) fn parse(body: &Value, options: &Options) -> Result<Page, Reply> {
        let row = |key: &str, default: u64| match body.get(key) {
            None | Some(Value::Null) => Ok(default),
            Some(value) => value
                .as_u64()
                .ok_or_else(|| Reply::error(400, &format!("{key} must be an integer of at least 0."))),
        };
        let start_row = row("startRow", 0)?;
        let end_row = row("endRow", start_row.saturating_add(options.page_cap.into()))?;
        let behind = match options.end_row {
            EndRow::Exclusive => end_row,
            EndRow::Inclusive => end_row.saturating_add(1),
        };
        let asked = behind.saturating_sub(start_row);
        let cap = u64::from(options.page_cap);
        if asked > cap && options.over_cap == OverCap::Reject {
            return Err(Reply::error(400, &format!("A page must not exceed {cap} rows.")));
        }
        let length = usize::try_from(asked.min(cap)).unwrap_or(usize::MAX);
        Ok(Page { start_row, end_row, length })
    }

    /// The page's part of all the matches.
    pub(crate) fn of<'a, T>(&self, matches: &'a [T]) -> &'a [T] {
        let start = usize::try_from(self.start_row).unwrap_or(usize::MAX).min(matches.len());
        let end = start.saturating_add(self.length).min(matches.len());
        matches.get(start..end).unwrap_or_default()
    }
}

/// The column and the direction of a sort.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Sort {
    by_closing: bool,
    descending: bool,
}

/// Reads the first of `sortParams`: its column, where it is one of these, and whether it descends.
fn first_sort<'a>(body: &Value, columns: &[&'a str]) -> Result<Option<(&'a str, bool)>, Reply> {
    let first = match body.get("sortParams") {
        None | Some(Value::Null) => None,
        Some(Value::Array(params)) => params.first(),
        Some(_) => return Err(Reply::error(400, "sortParams must be an array.")),
    };
    let text = |key: &str| first.and_then(|param| param.get(key)).and_then(Value::as_str);
    let column = columns.iter().find(|column| text("colId") == Some(**column));
    Ok(column.map(|column| (*column, text("sort") != Some("asc"))))
}

/// The sort of incidents. Newest first by creation where there is none, or an unknown column.
fn parse_sort(body: &Value) -> Result<Sort, Reply> {
    let (column, descending) = first_sort(body, &["createdAt", "closedAt"])?.unwrap_or(("createdAt", true));
    Ok(Sort { by_closing: column == "closedAt", descending })
}

/// Whether rows are to be listed from the lowest value of a column, the only one that they are sorted by.
/// Sorts by others are ignored.
pub(crate) fn ascending(body: &Value, column: &str) -> Result<bool, Reply> {
    Ok(first_sort(body, &[column])?.is_some_and(|(_, descending)| !descending))
}

impl Ctr {
    /// `POST /incidents`: a page of rows, with the number of all matches and the echo of the rows asked.
    pub(crate) fn search(&mut self, options: &Options, now: Timestamp, body: &Value) -> Result<Reply, Reply> {
        let page = Page::parse(body, options)?;
        let sort = parse_sort(body)?;
        let filter = Filter::parse(body, Scope::Incidents, options)?;
        self.searches += 1;

        let mut matches: Vec<Match> = self
            .matching(&filter, now)
            .map(|(place, incident)| Match { place, closed_at: incident.closed_at(now) })
            .collect();
        order(&mut matches, sort);
        if options.tie_order == TieOrder::Shuffled {
            shuffle_ties(&mut matches, sort, mix(options.seed ^ self.searches));
        }

        let (total, start_row, end_row) = (matches.len(), page.start_row, page.end_row);
        let mut text =
            format!(r#"{{"total":{total},"startRow":{start_row},"endRow":{end_row},"incidents":["#)
                .into_bytes();
        for (index, found) in page.of(&matches).iter().enumerate() {
            if index > 0 {
                text.push(b',');
            }
            text.extend_from_slice(self.store.row(found.place, options.null_style, now));
        }
        text.extend_from_slice(b"]}");
        Ok(Reply::json_text(text))
    }

    /// `POST /incidents/count`: a bare number.
    pub(crate) fn count(&self, options: &Options, now: Timestamp, body: &Value) -> Result<Reply, Reply> {
        let filter = Filter::parse(body, Scope::Incidents, options)?;
        Ok(Reply::json_text(self.matching(&filter, now).count().to_string()))
    }

    fn matching(&self, filter: &Filter, now: Timestamp) -> impl Iterator<Item = (Place, &Incident)> {
        self.store.iter().filter(move |(_, incident)| {
            incident.visible_at <= now
                && filter.matches(&Facts {
                    at: incident.created_at,
                    display_id: incident.display_id,
                    closed: incident.closed_at(now).is_some(),
                    vap: incident.vap,
                    priority: incident.priority.as_slice(),
                    sources: &incident.sources,
                    dispositions: &incident.dispositions,
                    verdicts: &incident.verdicts,
                    confidences: &incident.confidences,
                    message: None,
                })
        })
    }
}

struct Match {
    place: Place,
    closed_at: Option<Timestamp>,
}

impl Match {
    /// What the sort column tells rows apart by.
    fn sort_value(&self, sort: Sort) -> Option<Timestamp> {
        if sort.by_closing { self.closed_at } else { Some(self.place.0) }
    }
}

/// Orders the matches, which come oldest first. Those without a closing come last either way.
fn order(matches: &mut [Match], sort: Sort) {
    match (sort.by_closing, sort.descending) {
        (false, false) => {}
        (false, true) => matches.reverse(),
        (true, false) => matches.sort_by_key(|found| (found.closed_at.is_none(), found.closed_at)),
        (true, true) => matches.sort_by_key(|found| Reverse(found.closed_at)),
    }
}

fn shuffle_ties(matches: &mut [Match], sort: Sort, salt: u64) {
    for tie in matches.chunk_by_mut(|one, other| one.sort_value(sort) == other.sort_value(sort)) {
        tie.sort_unstable_by_key(|found| mix(salt ^ found.place.1));
    }
}
