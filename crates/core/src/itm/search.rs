//! Searching tickets, in the service's `$` language.

use super::annotations::required;
use super::ticket::Ticket;
use super::vocabulary::{self as words, Severity};
use super::{ACTIVITY, Itm};
use crate::Error;
use crate::client::Call;
use crate::http::{Transport, encoded};
use crate::json::Object;
use crate::paging::{self, List, Row, limit};
use crate::seal::Seal;
use crate::time::{self, Timestamp};
use crate::vocabulary::shown;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Which tickets are wanted. Fields as in the contract's `ticket-query`.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct TicketQuery {
    pub start_time: Option<String>,
    pub end_time: Option<String>,
    pub status_filters: Vec<String>,
    pub severity_filters: Vec<String>,
    pub user_filters: Vec<String>,
    pub name_filters: Vec<String>,
    pub entity_types: Vec<String>,
    pub filters_json: Option<String>,
    pub all_activity: bool,
    pub sort: Option<String>,
    pub limit: Option<u32>,
    pub cursor: Option<String>,
    pub include_raw: bool,
}

/// A page of tickets. Fields as in the contract's `ticket-page`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct TicketPage {
    pub tickets: Vec<Ticket>,
    pub total: u32,
    pub next: Option<String>,
    pub warnings: Vec<String>,
}

const CURSOR: Seal = Seal { kind: "itm-ticket-search", version: 1, argument: "cursor" };

/// Rows a search gives where nothing else is asked for.
const DEFAULT_LIMIT: u32 = 50;

impl<T: Transport> Itm<'_, T> {
    /// Searches tickets, page after page, until `limit` are found, none is left, or the budget ends.
    pub async fn ticket_search(&self, query: &TicketQuery) -> Result<TicketPage, Error> {
        let limit = limit(query.limit, DEFAULT_LIMIT)?;
        let mut cursor = paging::open_cursor(&CURSOR, query.cursor.as_deref(), query.given(), || {
            query.check(self.client.transport().now())
        })?;
        let first = cursor.place.row == 0;
        let search = cursor.query.search(limit);
        let mut newest = None;
        let mut answer = TicketPage::default();
        let mut take = |row: &Row| {
            newest = newest.max(cursor.query.sorted_at(row));
            if !search.wants(row) {
                return Ok(false);
            }
            let (ticket, warning) = Ticket::read(&row.value, &row.raw, query.include_raw, self.config);
            if let Some(filter) = cursor.query.mismatch(&ticket) {
                return Err(Error::InvalidResponse(format!(
                    "the service did not honour `{filter}`: it answered ticket {}, which does not match",
                    shown(&ticket.fqid)
                )));
            }
            answer.tickets.push(ticket);
            answer.warnings.extend(warning);
            Ok(true)
        };
        let more = self.client.rows(&search, &mut cursor.place, &mut take).await?;
        answer.total = cursor.place.total;
        if more {
            if first && cursor.query.direction == "desc" {
                cursor.query.pinned = newest.map(|at| at.saturating_add(1));
            }
            answer.next = Some(CURSOR.seal(&cursor)?);
        }
        Ok(answer)
    }
}

/// A search, and how much of it is wanted.
#[derive(Debug)]
pub(super) struct Search {
    /// `entityTypes`.
    pub(super) entity_types: Vec<String>,
    /// The clauses, all of which hold.
    pub(super) clauses: Vec<Value>,
    /// Field of `event` to sort by.
    pub(super) column: String,
    /// `asc` or `desc`.
    pub(super) direction: String,
    /// Severities that the service cannot be asked for: rows of others are passed over.
    pub(super) severities: Vec<String>,
    /// Rows wanted.
    pub(super) limit: u32,
}

impl List for Search {
    fn key(&self) -> &'static str {
        "data"
    }

    fn limit(&self) -> u32 {
        self.limit
    }

    /// The total is only exact where it is asked for. Rows of one instant keep their order by their ids.
    fn call(&self, start: u32, rows: u32) -> Call {
        let order = json!({"order": self.direction, "unmapped_type": "boolean"});
        let mut by_time = serde_json::Map::new();
        by_time.insert(format!("event.{}", self.column), order.clone());
        let mut body = json!({"sort": [by_time, {"event.id": order}]});
        if let Some(body) = body.as_object_mut().filter(|_| !self.clauses.is_empty()) {
            body.insert("filters".into(), json!({"$and": self.clauses}));
        }
        let types = encoded(&self.entity_types.join(","));
        let query = format!("entityTypes={types}&offset={start}&limit={rows}&trackTotalHits=true");
        Call::query(ACTIVITY, format!("/activity/event-queries?{query}"), body)
    }
}

impl Search {
    /// Whether a row is wanted, as far as the service cannot be asked.
    fn wants(&self, row: &Row) -> bool {
        let incident = Object::new(&row.value).and_then(|row| row.object(&["incident"]));
        has_severity(&self.severities, incident.and_then(|incident| incident.text(&["severity"])).as_deref())
    }
}

/// Whether a row's severity is one of those asked for; a row without one is none of them.
pub(super) fn has_severity(asked: &[String], row: Option<&str>) -> bool {
    let is =
        |asked: &String| Severity::asked("", asked).is_ok_and(|asked| row.is_some_and(|row| asked.is(row)));
    asked.is_empty() || asked.iter().any(is)
}

/// Severities asked for, checked: as a clause where the full name of each is known, else to be sorted out
/// here.
pub(super) fn severities(asked: &[String]) -> Result<(Option<Value>, Vec<String>), Error> {
    let mut full = Vec::new();
    let mut names_only = false;
    for value in asked {
        match Severity::asked("severity-filters", value)?.full() {
            Some(value) => full.push(value),
            None => names_only = true,
        }
    }
    let clause = (!full.is_empty() && !names_only).then(|| string_in("incident.severity", json!(full)));
    let rest = if names_only { asked.to_vec() } else { Vec::new() };
    Ok((clause, rest))
}

/// Types of entity, checked; by default events.
pub(super) fn entity_types(asked: &[String]) -> Result<Vec<String>, Error> {
    Ok(match words::ENTITY_TYPES.check_all("entity-types", asked)? {
        none if none.is_empty() => vec!["event".to_owned()],
        types => types.into_iter().map(str::to_owned).collect(),
    })
}

/// The clause in `filters-json`: the one given, or the `filters` of a whole exploration.
pub(super) fn free_filters(text: Option<&str>) -> Result<Option<Value>, Error> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let wrong = |what: &str| Error::argument("filters-json", format!("the filters are {what}"));
    let mut value: Value = serde_json::from_slice(text.as_bytes())
        .map_err(|error| wrong(&format!("not JSON (line {}, column {})", error.line(), error.column())))?;
    if let Some(filters) = value.get_mut("filters") {
        value = filters.take();
    }
    let operators = Object::new(&value).is_some_and(|clause| {
        clause.entries().next().is_some() && clause.entries().all(|(key, _)| key.starts_with('$'))
    });
    if operators {
        return Ok(Some(value));
    }
    Err(wrong("not a clause such as `{\"$stringIn\":{\"user.email\":[\"a@example.com\"]}}`"))
}

/// The clause that leaves only what raised an incident.
pub(super) fn raised_an_incident() -> Value {
    json!({"$isNull": {"incident.id": false}})
}

/// A clause about an instant, in milliseconds.
pub(super) fn instant(operator: &str, field: &str, ms: i64) -> Value {
    clause(operator, field, json!(ms))
}

fn string_in(field: &str, values: Value) -> Value {
    clause("$stringIn", field, values)
}

fn clause(operator: &str, field: &str, operand: Value) -> Value {
    json!({operator: {field: operand}})
}

/// A query that was checked: values as the service spells them, times as instants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Checked {
    /// Milliseconds since 1970, both or none; the end is not in it.
    range: Option<(i64, i64)>,
    statuses: Vec<String>,
    severities: Vec<String>,
    users: Vec<String>,
    names: Vec<String>,
    entity_types: Vec<String>,
    /// JSON text of a clause.
    filters: Option<String>,
    all_activity: bool,
    column: String,
    direction: String,
    /// From here on, by the column that is sorted by, later tickets came after the first page: a search that
    /// runs back from the newest ends there, so that they do not shift it while it is read on.
    pinned: Option<i64>,
}

impl TicketQuery {
    /// Identity of the query without what may differ from page to page; none where nothing is asked.
    fn given(&self) -> Option<u64> {
        let all_activity = self.all_activity.then(|| "all".to_owned());
        paging::given(&[
            &self.status_filters,
            &self.severity_filters,
            &self.user_filters,
            &self.name_filters,
            &self.entity_types,
            self.start_time.as_slice(),
            self.end_time.as_slice(),
            self.filters_json.as_slice(),
            all_activity.as_slice(),
            self.sort.as_slice(),
        ])
    }

    fn check(&self, now: Timestamp) -> Result<Checked, Error> {
        let given = |argument: &str, values: &[String]| -> Result<Vec<String>, Error> {
            values.iter().map(|value| required(argument, value).map(str::to_owned)).collect()
        };
        let statuses: Result<Vec<String>, Error> =
            self.status_filters.iter().map(|value| words::status("status-filters", value)).collect();
        severities(&self.severity_filters)?;
        let range = time::range(self.start_time.as_deref(), self.end_time.as_deref(), now)?;
        let columns = ["observedAt", "occurredAt", "ingestedAt"];
        let (column, direction) = paging::sort(self.sort.as_deref(), &columns)?;
        Ok(Checked {
            range: range.map(|(start, end)| (start.timestamp_millis(), end.timestamp_millis())),
            statuses: statuses?,
            severities: self.severity_filters.clone(),
            users: given("user-filters", &self.user_filters)?,
            names: given("name-filters", &self.name_filters)?,
            entity_types: entity_types(&self.entity_types)?,
            filters: free_filters(self.filters_json.as_deref())?.map(|clause| super::ticket::raw(&clause)),
            all_activity: self.all_activity,
            column: column.to_owned(),
            direction: direction.to_owned(),
            pinned: None,
        })
    }
}

impl Checked {
    fn search(&self, limit: u32) -> Search {
        let mut clauses = Vec::new();
        if !self.all_activity {
            clauses.push(raised_an_incident());
        }
        if let Some((start, end)) = self.range {
            clauses.push(instant("$datetimeGE", "event.observedAt", start));
            clauses.push(instant("$datetimeLT", "event.observedAt", end));
        }
        if let Some(end) = self.pinned {
            // What has no such time stays in the list, at its end.
            let field = format!("event.{}", self.column);
            let unknown = clause("$isNull", &field, json!(true));
            clauses.push(json!({"$or": [instant("$datetimeLT", &field, end), unknown]}));
        }
        if !self.statuses.is_empty() {
            clauses.push(string_in("incident.status", json!(self.statuses)));
        }
        if !self.names.is_empty() {
            clauses.push(string_in("incident.name", json!(self.names)));
        }
        if !self.users.is_empty() {
            let fields = ["user.email", "user.name", "user.username", "user.id"];
            let any: Vec<Value> = fields.iter().map(|field| string_in(field, json!(self.users))).collect();
            clauses.push(json!({"$or": any}));
        }
        let (severity, severities) = severities(&self.severities).unwrap_or_default();
        clauses.extend(severity);
        clauses.extend(self.filters.as_deref().and_then(|text| serde_json::from_slice(text.as_bytes()).ok()));
        Search {
            entity_types: self.entity_types.clone(),
            clauses,
            column: self.column.clone(),
            direction: self.direction.clone(),
            severities,
            limit,
        }
    }

    /// When a row happened, by the column that is sorted by, in milliseconds.
    fn sorted_at(&self, row: &Row) -> Option<i64> {
        let at = Object::new(&row.value)?.object(&["event"])?.instant(&[&self.column])?;
        Some(at.timestamp_millis())
    }

    /// The filter that a row does not match, if it certainly does not: then the service ignored it.
    ///
    /// A field that is missing proves nothing.
    fn mismatch(&self, row: &Ticket) -> Option<&'static str> {
        let excludes = |asked: &[String], found: &[Option<&String>]| {
            let is = |found: &&String| asked.iter().any(|asked| asked.eq_ignore_ascii_case(found));
            let mut known = found.iter().flatten();
            !asked.is_empty() && known.clone().next().is_some() && !known.any(is)
        };
        let observed = row.observed_at.as_deref().and_then(time::absolute).map(|t| t.timestamp_millis());
        // A service that compares whole seconds honours the range as well.
        if let (Some((start, end)), Some(at)) = (self.range, observed)
            && (at <= start.saturating_sub(1000) || at >= end.saturating_add(1000))
        {
            return Some("start-time, end-time");
        }
        if row.severity.is_some() && !has_severity(&self.severities, row.full_severity().as_deref()) {
            return Some("severity-filters");
        }
        let status = row.status.as_ref().map(|status| format!("{}{status}", words::STATUS_PREFIX));
        let user = row.user.as_ref();
        let names: Vec<Option<&String>> = user
            .into_iter()
            .flat_map(|user| {
                let fields = [&user.email, &user.name, &user.username, &user.id, &user.display_name];
                fields.map(Option::as_ref).into_iter().chain(user.aliases.iter().map(Some))
            })
            .collect();
        [
            ("status-filters", excludes(&self.statuses, &[status.as_ref()])),
            ("name-filters", excludes(&self.names, &[row.incident_name.as_ref()])),
            ("user-filters", excludes(&self.users, &names)),
        ]
        .into_iter()
        .find_map(|(filter, excluded)| excluded.then_some(filter))
    }
}
