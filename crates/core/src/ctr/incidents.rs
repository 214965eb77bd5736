//! Incidents: list, count, get, create, attach a message.

use super::paging::{Cursor, Listing, Row, count, limit, time_range};
use super::vocabulary as words;
use super::{Ctr, segment, uuid};
use crate::Error;
use crate::client::Call;
use crate::http::Transport;
use crate::json::Object;
use crate::seal::{Seal, hash};
use crate::time::{self, Timestamp, from_ms};
use futures_util::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub(crate) const PATH: &str = "/api/v1/tric/incidents";
pub(crate) const MODULE: &str = "Threat Response incidents";

/// Details that are asked for at a time.
pub(crate) const IN_FLIGHT: usize = 16;

/// Ids one `incident-get` takes at most.
const MOST_IDS: usize = 1000;

/// Rows a list gives where nothing else is asked for.
const DEFAULT_LIMIT: u32 = 50;

/// Which incidents are wanted. Fields as in the contract's `incident-query`.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct IncidentQuery {
    pub start_time: Option<String>,
    pub end_time: Option<String>,
    pub incident_id_filters: Vec<String>,
    pub source_filters: Vec<String>,
    pub other_filters: Vec<String>,
    pub verdict_filters: Vec<String>,
    pub disposition_filters: Vec<String>,
    pub confidence_filters: Vec<String>,
    pub priority_filters: Vec<String>,
    pub sort: Option<String>,
    pub limit: Option<u32>,
    pub cursor: Option<String>,
    pub include_raw: bool,
}

/// An incident. Fields as in the contract's `incident`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct Incident {
    pub id: String,
    pub display_id: Option<String>,
    pub sid: Option<String>,
    pub tenant_id: Option<String>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub state: Option<String>,
    pub priority: Option<String>,
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
    pub opened_at: Option<String>,
    pub closed_at: Option<String>,
    pub assigned_team_id: Option<String>,
    pub assigned_team_name: Option<String>,
    pub assigned_user_id: Option<String>,
    pub assigned_user_name: Option<String>,
    pub message_count: Option<u32>,
    pub comment_count: Option<u32>,
    pub false_positive_count: Option<u32>,
    pub vap: Option<bool>,
    pub vip: Option<bool>,
    pub source_types: Vec<String>,
    pub sources: Vec<IncidentSource>,
    pub abuse_source_ids: Vec<String>,
    pub dispositions: Vec<String>,
    pub clear_verdicts: Vec<String>,
    pub clear_confidences: Vec<String>,
    pub url: Option<String>,
    pub raw_json: Option<String>,
}

/// Where an incident came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct IncidentSource {
    pub kind: String,
    pub name: Option<String>,
}

/// A page of incidents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct IncidentPage {
    pub incidents: Vec<Incident>,
    pub total: u32,
    pub next: Option<String>,
    pub warnings: Vec<String>,
}

/// A comment on an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct Comment {
    pub id: Option<String>,
    pub author: Option<String>,
    pub author_id: Option<String>,
    pub text: Option<String>,
    pub deleted: bool,
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
}

/// Something that happened to an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct Activity {
    pub id: Option<String>,
    pub activity_type: Option<String>,
    pub content: Option<String>,
    pub cause_type: Option<String>,
    pub cause_name: Option<String>,
    pub occurred_at: Option<String>,
    pub details_json: Option<String>,
}

/// An incident in full.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct IncidentDetail {
    pub incident: Incident,
    pub comments: Vec<Comment>,
    pub activities: Vec<Activity>,
    pub raw_json: Option<String>,
}

/// An incident to create.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct NewIncident {
    pub title: String,
    pub description: Option<String>,
    pub priority: Option<String>,
}

/// An incident that was created.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct CreatedIncident {
    pub id: String,
    pub display_id: Option<String>,
    pub created_at: Option<String>,
    pub url: Option<String>,
}

/// A message to attach to an incident.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct MessageUpload {
    pub incident_id: String,
    pub rfc_message_id: String,
    pub recipient_addresses: Vec<String>,
    pub sender: Option<String>,
    pub subject: Option<String>,
    pub disposition: Option<String>,
}

/// A message that was attached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct UploadedMessage {
    pub incident_id: String,
    pub incident_display_id: Option<String>,
    pub rfc_message_id: String,
    pub uploaded_recipients_count: Option<u32>,
}

/// A query that was checked: values as the vendor spells them, times as instants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Checked {
    /// Milliseconds since 1970, both or none.
    range: Option<(i64, i64)>,
    ids: Vec<String>,
    sources: Vec<String>,
    others: Vec<String>,
    verdicts: Vec<String>,
    dispositions: Vec<String>,
    confidences: Vec<String>,
    priorities: Vec<String>,
    column: String,
    direction: String,
}

const CURSOR: Seal = Seal { kind: "ctr-incident-list", version: 1, argument: "cursor" };

impl IncidentQuery {
    /// Identity of the query without what may differ from page to page; none where nothing is asked.
    fn given(&self) -> Option<u64> {
        let lists = [
            &self.incident_id_filters,
            &self.source_filters,
            &self.other_filters,
            &self.verdict_filters,
            &self.disposition_filters,
            &self.confidence_filters,
            &self.priority_filters,
        ];
        let texts = [&self.start_time, &self.end_time, &self.sort];
        if lists.iter().all(|l| l.is_empty()) && texts.iter().all(|t| t.is_none()) {
            return None;
        }
        let mut text = String::new();
        let fields = lists.into_iter().map(Vec::as_slice).chain(texts.into_iter().map(Option::as_slice));
        for field in fields {
            // Separators that no value holds keep values and fields apart.
            for value in field {
                text.push_str(value);
                text.push('\u{1f}');
            }
            text.push('\u{1e}');
        }
        Some(hash(text.as_bytes()))
    }

    fn check(&self, now: Timestamp) -> Result<Checked, Error> {
        let owned = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let (column, direction) = sort(self.sort.as_deref().unwrap_or("desc"))?;
        let mut others = words::OTHERS.check_all("other-filters", &self.other_filters)?;
        // Both states together match nothing at the vendor; here they mean what they say: any state.
        if others.contains(&words::OPEN) && others.contains(&words::CLOSED) {
            others.retain(|other| *other != words::OPEN && *other != words::CLOSED);
        }
        Ok(Checked {
            range: range(self.start_time.as_deref(), self.end_time.as_deref(), now)?,
            ids: display_ids(&self.incident_id_filters)?,
            sources: owned(words::SOURCES.check_all("source-filters", &self.source_filters)?),
            others: owned(others),
            verdicts: owned(words::VERDICTS.check_all("verdict-filters", &self.verdict_filters)?),
            dispositions: owned(
                words::DISPOSITIONS.check_all("disposition-filters", &self.disposition_filters)?,
            ),
            confidences: owned(words::CONFIDENCES.check_all("confidence-filters", &self.confidence_filters)?),
            priorities: owned(words::PRIORITIES.check_all("priority-filters", &self.priority_filters)?),
            column: column.to_owned(),
            direction: direction.to_owned(),
        })
    }
}

/// `[COLUMN:]asc|desc`.
fn sort(text: &str) -> Result<(&'static str, &'static str), Error> {
    let (column, direction) = text.split_once(':').unwrap_or(("createdAt", text));
    let column = match column.trim() {
        "createdAt" | "created-at" => "createdAt",
        "closedAt" | "closed-at" => "closedAt",
        _ => "",
    };
    let direction = match direction.trim().to_ascii_lowercase().as_str() {
        "asc" => "asc",
        "desc" => "desc",
        _ => "",
    };
    if column.is_empty() || direction.is_empty() {
        let shown: String = text.chars().take(60).collect();
        return Err(Error::InvalidArgument {
            argument: "sort".into(),
            message: format!("`{shown}` is not a value of `sort`"),
            allowed: ["asc", "desc", "createdAt:asc", "createdAt:desc", "closedAt:asc", "closedAt:desc"]
                .map(str::to_owned)
                .to_vec(),
        });
    }
    Ok((column, direction))
}

fn range(start: Option<&str>, end: Option<&str>, now: Timestamp) -> Result<Option<(i64, i64)>, Error> {
    let Some(start) = start else {
        return match end {
            None => Ok(None),
            Some(_) => Err(Error::argument("end-time", "`end-time` needs a `start-time`")),
        };
    };
    let start = time::parse("start-time", start, now)?;
    let end = time::parse("end-time", end.unwrap_or("now"), now)?;
    if end <= start {
        return Err(Error::argument(
            "end-time",
            format!("the end ({}) must be after the start ({})", time::rfc3339(end), time::rfc3339(start)),
        ));
    }
    Ok(Some((start.timestamp_millis(), end.timestamp_millis())))
}

/// Display numbers, with or without the console's `INC-`.
fn display_ids(values: &[String]) -> Result<Vec<String>, Error> {
    values
        .iter()
        .map(|value| {
            let text = value.trim();
            let number = match text.split_at_checked(4) {
                Some((prefix, number)) if prefix.eq_ignore_ascii_case("INC-") => number,
                _ => text,
            };
            if !number.is_empty() && number.len() <= 18 && number.bytes().all(|b| b.is_ascii_digit()) {
                return Ok(number.to_owned());
            }
            let shown: String = value.chars().take(60).collect();
            Err(Error::argument(
                "incident-id-filters",
                format!("`{shown}` is not a display number such as `781` or `INC-781`"),
            ))
        })
        .collect()
}

impl Checked {
    /// The vendor's `filters` object.
    fn filters(&self) -> Value {
        let mut filters = Map::new();
        if let Some((start, end)) = self.range {
            filters.insert("time_range_filter".into(), time_range(from_ms(start), from_ms(end)));
        }
        for (key, values) in [
            ("incident_id_filters", &self.ids),
            ("source_filters", &self.sources),
            ("other_filters", &self.others),
            ("verdict_filters", &self.verdicts),
            ("disposition_filters", &self.dispositions),
            ("confidence_filters", &self.confidences),
            ("priority_filters", &self.priorities),
        ] {
            if !values.is_empty() {
                filters.insert(key.into(), json!(values));
            }
        }
        Value::Object(filters)
    }

    fn listing(&self, limit: u32) -> Listing {
        Listing {
            module: MODULE,
            path: PATH.to_owned(),
            key: "incidents",
            column: self.column.clone(),
            direction: self.direction.clone(),
            filters: Some(self.filters()),
            limit,
        }
    }

    /// Ends a list that runs back from the newest incident at that very incident, so that later ones do not
    /// shift it while it is read on.
    fn pin(&mut self, newest: Option<&Incident>) {
        let created = newest.and_then(|incident| time::absolute(incident.created_at.as_deref()?));
        if let Some(created) = created
            && self.column == "createdAt"
            && self.direction == "desc"
        {
            let end = created.timestamp_millis().saturating_add(1000);
            let (start, given_end) = self.range.unwrap_or((0, end));
            self.range = Some((start, given_end.min(end)));
        }
    }

    /// The filter that a row does not match, if it certainly does not: then the service ignored it.
    ///
    /// A field that is missing, empty or of an unknown spelling proves nothing.
    fn mismatch(&self, row: &Incident) -> Option<&'static str> {
        let excludes = |asked: &[String], known: &words::Vocabulary, found: &[String]| {
            let excluded = |value: &String| known.find(value).is_some_and(|v| !asked.iter().any(|a| a == v));
            !asked.is_empty() && !found.is_empty() && found.iter().all(excluded)
        };
        let state = row.state.as_deref().map(str::to_ascii_lowercase);
        let other = |name: &str| self.others.iter().any(|o| o == name);
        let created = row.created_at.as_deref().and_then(time::absolute).map(|t| t.timestamp_millis());
        if let (Some((start, end)), Some(at)) = (self.range, created)
            && (at < start.saturating_sub(1000) || at > end.saturating_add(1000))
        {
            return Some("time_range_filter");
        }
        if let Some(id) = &row.display_id
            && !self.ids.is_empty()
            && !self.ids.contains(id)
        {
            return Some("incident_id_filters");
        }
        let open = state.as_deref() == Some("open");
        let closed = state.as_deref() == Some("closed");
        if (other(words::OPEN) && closed)
            || (other(words::CLOSED) && open)
            || (other("vap") && row.vap == Some(false))
        {
            return Some("other_filters");
        }
        let priority: Vec<String> = row.priority.iter().cloned().collect();
        [
            ("source_filters", excludes(&self.sources, &words::SOURCES, &row.source_types)),
            ("verdict_filters", excludes(&self.verdicts, &words::VERDICTS, &row.clear_verdicts)),
            ("disposition_filters", excludes(&self.dispositions, &words::DISPOSITIONS, &row.dispositions)),
            ("confidence_filters", excludes(&self.confidences, &words::CONFIDENCES, &row.clear_confidences)),
            ("priority_filters", excludes(&self.priorities, &words::PRIORITIES, &priority)),
        ]
        .into_iter()
        .find_map(|(key, excluded)| excluded.then_some(key))
    }
}

impl<T: Transport> Ctr<'_, T> {
    /// Lists incidents, page after page, until `limit` are found, none is left, or the budget ends.
    pub async fn incident_list(&self, query: &IncidentQuery) -> Result<IncidentPage, Error> {
        let limit = limit(query.limit, DEFAULT_LIMIT)?;
        let mut cursor = self.open_cursor(query)?;
        let first = cursor.row == 0;
        let found = self.rows(&cursor.query.listing(limit), &mut cursor).await?;
        let mut answer = IncidentPage { total: found.total, ..IncidentPage::default() };
        for row in &found.rows {
            let (incident, warning) = Incident::read(row, query.include_raw, &self.config.ctr.console_url);
            if let Some(key) = cursor.query.mismatch(&incident) {
                return Err(Error::InvalidResponse(format!(
                    "the service did not honour `{key}`: it answered incident {}, which does not match",
                    incident.display_id.as_deref().unwrap_or(&incident.id)
                )));
            }
            answer.incidents.push(incident);
            answer.warnings.extend(warning);
        }
        if found.more {
            if first {
                cursor.query.pin(answer.incidents.first());
            }
            answer.next = Some(CURSOR.seal(&cursor)?);
        }
        Ok(answer)
    }

    fn open_cursor(&self, query: &IncidentQuery) -> Result<Cursor<Checked>, Error> {
        let given = query.given();
        let Some(text) = &query.cursor else {
            let checked = query.check(self.client.transport().now())?;
            return Ok(Cursor::first(given.unwrap_or_default(), checked));
        };
        let cursor: Cursor<Checked> = CURSOR.open(text)?;
        if given.is_some_and(|given| given != cursor.given) {
            return Err(Error::argument(
                "cursor",
                "it belongs to another query; give the same filters as for the first page, or none",
            ));
        }
        Ok(cursor)
    }

    /// Counts the incidents that match a query.
    pub async fn incident_count(&self, query: &IncidentQuery) -> Result<u32, Error> {
        let checked = query.check(self.client.transport().now())?;
        let call = Call::query(MODULE, format!("{PATH}/count"), json!({"filters": checked.filters()}));
        let response = self.client.send(&call).await?;
        // The answer is a bare integer.
        let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let count = answer.as_u64().and_then(|count| u32::try_from(count).ok());
        count.ok_or_else(|| call.unreadable(&response, "it is not a number"))
    }

    /// Gets incidents in full, in the order of the ids; the same id costs one request.
    pub async fn incident_get(
        &self,
        ids: &[String],
        include_raw: bool,
    ) -> Result<Vec<Result<IncidentDetail, Error>>, Error> {
        if ids.is_empty() || ids.len() > MOST_IDS {
            return Err(Error::argument(
                "ids",
                format!("{} ids were given; give 1 to {MOST_IDS}", ids.len()),
            ));
        }
        for id in ids {
            uuid("ids", id)?;
        }
        self.client.token(None).await?;
        // The budget may not be enough for all: it goes to the first ones, in the order asked.
        let first = |index: usize, id: &String| ids.iter().position(|other| other == id) == Some(index);
        let unique = ids.iter().enumerate().filter(|(index, id)| first(*index, id));
        let details: Vec<(&String, Result<IncidentDetail, Error>)> = stream::iter(unique)
            .map(|(_, id)| async move { (id, self.incident_detail(id, include_raw, false).await) })
            .buffered(IN_FLIGHT)
            .collect()
            .await;
        let detail_of = |id| details.iter().find(|(other, _)| *other == id).map(|(_, detail)| detail.clone());
        Ok(ids.iter().filter_map(detail_of).collect())
    }

    /// One incident in full; `once` sends a single request even if that fails.
    pub(crate) async fn incident_detail(
        &self,
        id: &str,
        include_raw: bool,
        once: bool,
    ) -> Result<IncidentDetail, Error> {
        let call = Call::get(MODULE, format!("{PATH}/{}", segment(id)));
        let call = if once { call.once() } else { call };
        let response = self.client.send(&call).await?;
        let value: Value = serde_json::from_slice(&response.body)
            .map_err(|_| call.unreadable(&response, "it is not JSON, or cut off"))?;
        let detail = Object::new(&value)
            .and_then(|object| IncidentDetail::read(object, &self.config.ctr.console_url))
            .ok_or_else(|| call.unreadable(&response, "it has no `summary` with an `id`"))?;
        let raw = include_raw.then(|| String::from_utf8_lossy(&response.body).into_owned());
        Ok(IncidentDetail { raw_json: raw, ..detail })
    }

    /// Creates an incident.
    pub async fn incident_create(&self, incident: &NewIncident) -> Result<CreatedIncident, Error> {
        let title = incident.title.trim();
        if title.is_empty() {
            return Err(Error::argument("title", "the title must not be empty"));
        }
        let mut body = json!({"title": title});
        set(&mut body, "description", incident.description.as_deref());
        if let Some(priority) = &incident.priority {
            set(&mut body, "priority", Some(words::PRIORITIES.check("priority", priority)?));
        }
        let call = Call::write(MODULE, format!("{PATH}/createIncident"), body);
        let (object, response) = self.written(&call).await?;
        let object = Object::new(&object);
        let id = object
            .and_then(|o| o.text(&["id"]))
            .ok_or_else(|| call.unreadable(&response, "it names no id of a new incident"))?;
        Ok(CreatedIncident {
            url: console_link(&self.config.ctr.console_url, &id),
            display_id: object.and_then(|o| o.text(&["displayId"])),
            created_at: object.and_then(|o| o.time(&["createdAt"])),
            id,
        })
    }

    /// Attaches a message to an incident.
    pub async fn incident_add_message(&self, message: &MessageUpload) -> Result<UploadedMessage, Error> {
        uuid("incident-id", &message.incident_id)?;
        let rfc_id = message.rfc_message_id.trim();
        let inner = rfc_id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or_default();
        if inner.is_empty()
            || inner.contains(|c: char| c.is_whitespace() || c.is_control() || "<>".contains(c))
        {
            return Err(Error::argument(
                "rfc-message-id",
                "the Message-ID must stand in angle brackets, as `<a@example.com>`",
            ));
        }
        let recipients = &message.recipient_addresses;
        if recipients.is_empty() || recipients.len() > 10_000 {
            return Err(Error::argument(
                "recipient-addresses",
                format!("{} recipients were given; give 1 to 10000", recipients.len()),
            ));
        }
        if let Some(wrong) = recipients.iter().find(|address| !address.contains('@')) {
            let shown: String = wrong.chars().take(60).collect();
            return Err(Error::argument(
                "recipient-addresses",
                format!("`{shown}` is not an e-mail address"),
            ));
        }
        let mut upload = json!({"rfcMessageId": rfc_id, "recipient_addresses": recipients});
        set(&mut upload, "sender", message.sender.as_deref());
        set(&mut upload, "subject", message.subject.as_deref());
        if let Some(disposition) = &message.disposition {
            set(&mut upload, "disposition", Some(words::DISPOSITIONS.check("disposition", disposition)?));
        }
        let body = json!({"incident_id": message.incident_id, "message": upload});
        let call = Call::write(MODULE, format!("{PATH}/uploadMessage"), body);
        let (object, _) = self.written(&call).await?;
        let object = Object::new(&object);
        Ok(UploadedMessage {
            incident_id: object
                .and_then(|o| o.text(&["incident_id"]))
                .unwrap_or_else(|| message.incident_id.clone()),
            incident_display_id: object.and_then(|o| o.text(&["incidentDisplayId"])),
            rfc_message_id: object
                .and_then(|o| o.text(&["rfcMessageId"]))
                .unwrap_or_else(|| rfc_id.to_owned()),
            uploaded_recipients_count: object.and_then(|o| o.count(&["uploadedRecipientsCount"])),
        })
    }

    /// Sends a write and reads the JSON object it is answered with.
    async fn written(&self, call: &Call) -> Result<(Value, crate::http::Response), Error> {
        let response = self.client.send(call).await?;
        let value: Value = serde_json::from_slice(&response.body)
            .map_err(|_| call.unreadable(&response, "it is not JSON, or cut off"))?;
        if !value.is_object() {
            return Err(call.unreadable(&response, "it is not a JSON object"));
        }
        Ok((value, response))
    }
}

impl Incident {
    /// Reads a row of the list. One that is no object, or lacks its id or a readable time of creation,
    /// comes with a warning and its raw text.
    pub(crate) fn read(row: &Row, include_raw: bool, console: &str) -> (Self, Option<String>) {
        let mut incident =
            Object::new(&row.value).map(|object| Self::from_object(object, console)).unwrap_or_default();
        let missing = match (incident.id.is_empty(), incident.created_at.is_none()) {
            (true, true) => Some("is not an incident"),
            (true, false) => Some("has no id"),
            (false, true) => Some("has no readable time of creation"),
            (false, false) => None,
        };
        let warning = missing.map(|what| {
            let name = incident.display_id.as_deref().unwrap_or(match incident.id.as_str() {
                "" => "without a number",
                id => id,
            });
            format!("the row of incident {name} {what}; it is passed on as it came")
        });
        if include_raw || warning.is_some() {
            incident.raw_json = Some(row.raw.clone());
        }
        (incident, warning)
    }

    /// Reads the list's row and the detail's summary alike: what only one of them has stays empty.
    fn from_object(o: Object<'_>, console: &str) -> Self {
        let id = o.text(&["id"]).unwrap_or_default();
        let mut source_types = o.texts(&["sourceTypes"]);
        if source_types.is_empty()
            && let Some(flags) = o.object(&["messageSourceData"])
        {
            source_types = flags
                .entries()
                .filter(|(_, value)| value.as_bool() == Some(true))
                .map(|(key, _)| match key {
                    // As rows spell them.
                    "hasAbuseAlert" => "abuse_mailbox".to_owned(),
                    "hasSmartSearchImport" => "smart_search".to_owned(),
                    _ => snake_case(key.strip_prefix("has").unwrap_or(key)),
                })
                .collect();
        }
        Self {
            url: console_link(console, &id),
            id,
            display_id: o.text(&["displayId"]),
            sid: o.text(&["sid"]),
            tenant_id: o.text(&["tenantId"]),
            title: o.text(&["title", "titlePII"]),
            description: o.text(&["description"]),
            state: o.text(&["state"]),
            priority: o.text(&["priority"]),
            created_at: o.time(&["createdAt"]),
            updated_at: o.time(&["updatedAt"]),
            opened_at: o.time(&["openedAt"]),
            closed_at: o.time(&["closedAt"]),
            assigned_team_id: o.text(&["assignedTeamId"]),
            assigned_team_name: o.text(&["assignedTeamName"]),
            assigned_user_id: o.text(&["assignedUserId", "assignedApplicationUserId"]),
            assigned_user_name: o.text(&["assignedUserName", "assignedApplicationUserName"]),
            message_count: o.count(&["messageCount"]),
            comment_count: o.count(&["commentCount"]),
            false_positive_count: o.count(&["falsePositiveCount"]),
            vap: o.flag(&["vap"]),
            vip: o.flag(&["vip"]),
            source_types,
            sources: o
                .objects(&["sourcesData"])
                .map(|s| IncidentSource {
                    kind: s.text(&["type"]).unwrap_or_default(),
                    name: s.text(&["name"]),
                })
                .collect(),
            abuse_source_ids: o.texts(&["abuseSourceIds"]),
            dispositions: o.texts(&["dispositions"]),
            clear_verdicts: o.texts(&["clearVerdicts"]),
            clear_confidences: o.texts(&["clearConfidences"]),
            raw_json: None,
        }
    }
}

impl IncidentDetail {
    fn read(object: Object<'_>, console: &str) -> Option<Self> {
        let mut incident = Incident::from_object(object.object(&["summary"])?, console);
        if incident.id.is_empty() {
            return None;
        }
        let mut comments: Vec<Comment> = object
            .objects(&["comments"])
            .map(|c| Comment {
                // The comment's own id; `id` is that of the activity which tells of it.
                id: c.text(&["comment_id", "id"]),
                author: c.text(&["author"]),
                author_id: c.text(&["author_id"]),
                text: c.text(&["comment"]),
                deleted: c.flag(&["deleted"]).unwrap_or_default(),
                created_at: c.time(&["created_at"]),
                updated_at: c.time(&["updated_at"]),
            })
            .collect();
        let mut activities: Vec<Activity> = object
            .objects(&["activities"])
            .map(|a| Activity {
                id: a.text(&["id"]),
                activity_type: a.text(&["activity_type"]),
                content: a.text(&["content"]),
                cause_type: a.text(&["cause_type"]),
                cause_name: a.text(&["causing_user_name", "causing_workflow_name", "causing_api_key"]),
                occurred_at: a.time(&["occurred_at", "created_at"]),
                details_json: a.json(&["activity_details"]),
            })
            .collect();
        comments = time::oldest_first(comments, |comment| comment.created_at.as_deref());
        activities = time::oldest_first(activities, |activity| activity.occurred_at.as_deref());
        // The list says it with a number, the detail by its comments.
        incident.comment_count = incident.comment_count.or(Some(count(&comments)));
        Some(Self { incident, comments, activities, raw_json: None })
    }
}

fn console_link(console: &str, id: &str) -> Option<String> {
    (!id.is_empty()).then(|| format!("{console}/incidents/{}", segment(id)))
}

/// `TapAlert` and `hasTapAlert` as rows spell it: `tap_alert`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len().saturating_add(4));
    for (i, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

fn set(body: &mut Value, key: &str, value: Option<&str>) {
    if let (Some(object), Some(value)) = (body.as_object_mut(), value) {
        object.insert(key.into(), value.into());
    }
}
