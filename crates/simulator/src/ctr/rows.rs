//! The rows of lists, in either style of writing absent values.

use serde_json::{Map, Value, json};

use super::incident::Incident;
use crate::options::NullStyle;
use crate::time::{self, Timestamp};

/// The tenant that everything belongs to.
pub(crate) const TENANT_ID: &str = "7d3f1c52-6a0e-4c1b-9d58-2f4b8a6e0c11";
/// The team that every incident is assigned to.
pub(crate) const TEAM_ID: &str = "1b9e4a7c-52d8-4f06-8c3a-6e7d90f21b45";
/// That team's name.
pub(crate) const TEAM_NAME: &str = "Analyst";

/// A JSON object in which absent values are written as the service's age has it.
pub(crate) struct Row {
    fields: Map<String, Value>,
    style: NullStyle,
}

impl Row {
    pub(crate) fn new(style: NullStyle) -> Row {
        Row { fields: Map::new(), style }
    }

    pub(crate) fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.fields.insert(key.into(), value.into());
    }

    /// A value that may be absent: null, or no key.
    pub(crate) fn put_nullable(&mut self, key: &str, value: Option<impl Into<Value>>) {
        match (value, self.style) {
            (Some(value), _) => self.put(key, value),
            (None, NullStyle::Explicit) => self.put(key, Value::Null),
            (None, NullStyle::Omit) => {}
        }
    }

    /// A list that is null rather than empty in the newer style.
    pub(crate) fn put_list(&mut self, key: &str, list: &[String]) {
        match self.style {
            NullStyle::Explicit if list.is_empty() => self.put(key, Value::Null),
            _ => self.put(key, list),
        }
    }

    /// What only one of the styles has: the old one a service-wide number, the new one another title.
    pub(crate) fn put_identity(&mut self, incident: &Incident) {
        self.put("id", incident.id.as_str());
        self.put("displayId", incident.display_id);
        self.put("title", incident.title.as_str());
        match self.style {
            NullStyle::Omit => self.put("sid", incident.display_id.saturating_add(9_000_000)),
            NullStyle::Explicit => self.put("titlePII", incident.title.as_str()),
        }
    }

    pub(crate) fn finish(self) -> Value {
        Value::Object(self.fields)
    }
}

/// An incident as the list shows it.
pub(crate) fn incident(incident: &Incident, style: NullStyle, now: Timestamp) -> Value {
    let closed_at = incident.closed_at(now);
    let user = incident.assigned_user.as_ref();
    let from_mailbox = incident.sources.iter().any(|source| source == "abuse_mailbox");
    let mailboxes = if from_mailbox { vec![MAILBOX_ID.to_owned()] } else { Vec::new() };

    let mut row = Row::new(style);
    row.put_identity(incident);
    row.put("tenantId", TENANT_ID);
    row.put("createdAt", time::offset(incident.created_at));
    row.put("updatedAt", time::offset(incident.updated_at(now)));
    row.put_nullable("closedAt", closed_at.map(time::offset));
    row.put("state", if closed_at.is_some() { "closed" } else { "open" });
    row.put_nullable("priority", incident.priority.as_deref());
    row.put("assignedTeamId", TEAM_ID);
    row.put("assignedTeamName", TEAM_NAME);
    row.put_nullable("assignedUserId", user.map(|user| user.id.as_str()));
    row.put_nullable("assignedUserName", user.map(|user| user.name.as_str()));
    row.put("messageCount", incident.messages.len());
    row.put("commentCount", incident.comments.len());
    row.put("vap", incident.vap);
    if style == NullStyle::Omit {
        row.put("vip", false);
    }
    row.put_list("abuseSourceIds", &mailboxes);
    row.put("sourceTypes", incident.sources.as_slice());
    row.put("sourcesData", incident.sources.iter().map(|source| source_data(source)).collect::<Vec<_>>());
    row.put("dispositions", incident.dispositions.as_slice());
    row.put_list("clearVerdicts", &incident.verdicts);
    row.put_list("clearConfidences", &incident.confidences);
    row.fields.extend(incident.extra.clone());
    match incident.malformed {
        Some(kind) => kind.spoil(row.finish()),
        None => row.finish(),
    }
}

const MAILBOX_ID: &str = "c4f0a9d2-8e17-4b63-a5c9-0d7b1e6f3a28";

/// A source with its type in camel case, and with a name where it is a mailbox.
fn source_data(source: &str) -> Value {
    let kind = source_type(source);
    match source {
        "abuse_mailbox" => json!({ "type": kind, "name": "Abuse Mailbox for Example" }),
        _ => json!({ "type": kind }),
    }
}

/// `TapAlert` of `tap_alert`.
pub(crate) fn source_type(source: &str) -> String {
    source.split('_').map(capitalized).collect()
}

pub(crate) fn capitalized(word: &str) -> String {
    let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
    format!("{}{rest}", first.to_uppercase())
}
