//! Messages: one copy of a mail in one recipient's mailbox.

use super::paging::{PAGE_ROWS, Page, rows_body};
use super::{Ctr, segment, uuid};
use crate::Error;
use crate::client::Call;
use crate::http::Transport;
use crate::json::{self, Object};
use crate::seal::{Seal, hash};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// One copy of a message. Fields as in the contract's `message`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct Message {
    pub id: String,
    pub email_id: Option<String>,
    pub rfc_message_id: Option<String>,
    pub subject: Option<String>,
    pub sender_address: Option<String>,
    pub recipient_address: Option<String>,
    pub received_at: Option<String>,
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
    pub disposition: Option<String>,
    pub clear_verdict: Option<String>,
    pub clear_confidence: Option<String>,
    pub remediation_status: Option<String>,
    pub delivered: Option<bool>,
    pub read: Option<bool>,
    pub permitted_clicks: Option<u32>,
    pub source_types: Vec<String>,
    pub tap_threat_types: Vec<String>,
    pub incident_ids: Vec<String>,
    pub content_present: Option<bool>,
    pub raw_json: Option<String>,
}

/// A page of messages of an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct MessagePage {
    pub messages: Vec<Message>,
    pub total: u32,
    pub next: Option<String>,
    pub warnings: Vec<String>,
}

/// Which part of a list is wanted.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct PageQuery {
    pub limit: Option<u32>,
    pub cursor: Option<String>,
    pub include_raw: bool,
}

/// What a page of messages leaves to the next one.
#[derive(Serialize, Deserialize)]
struct Cursor {
    incident: String,
    row: u32,
}

const CURSOR: Seal = Seal { kind: "ctr-incident-messages", version: 1, argument: "cursor" };

impl<T: Transport> Ctr<'_, T> {
    /// Lists the messages of an incident, oldest first.
    pub async fn incident_messages(&self, id: &str, page: &PageQuery) -> Result<MessagePage, Error> {
        uuid("id", id)?;
        let limit = limit(page.limit, PAGE_ROWS)?;
        let mut row = match &page.cursor {
            None => 0,
            Some(text) => {
                let cursor: Cursor = CURSOR.open(text)?;
                if cursor.incident != id {
                    return Err(Error::argument("cursor", "it belongs to another incident"));
                }
                cursor.row
            }
        };
        let path = format!("/api/v1/tric/incidents/{}/messages", segment(id));
        let mut answer = MessagePage::default();
        let mut seen = BTreeSet::new();
        loop {
            let room = limit.saturating_sub(count(&answer.messages));
            let body = rows_body(row, room.min(PAGE_ROWS), "createdAt", "asc");
            let call = Call::query("Threat Response incidents", path.clone(), body);
            let response = match self.client.send(&call).await {
                Err(Error::RateLimited { .. }) if !answer.messages.is_empty() => {
                    answer.next = Some(CURSOR.seal(&Cursor { incident: id.to_owned(), row })?);
                    return Ok(answer);
                }
                other => other?,
            };
            let page_read = Page::read(&call, &response, "messages")?;
            let last = page_read.is_last(row);
            let end = row.saturating_add(count(&page_read.rows));
            answer.total = page_read.total.unwrap_or(end);
            for raw in &page_read.rows {
                if count(&answer.messages) == limit {
                    break;
                }
                row = row.saturating_add(1);
                let (message, warning) = Message::read(raw, page.include_raw);
                if seen.insert(hash(identity(&message.id, raw).as_bytes())) {
                    answer.messages.push(message);
                    answer.warnings.extend(warning);
                }
            }
            if last && row >= end {
                return Ok(answer);
            }
            if count(&answer.messages) == limit {
                answer.next = Some(CURSOR.seal(&Cursor { incident: id.to_owned(), row })?);
                return Ok(answer);
            }
        }
    }
}

impl Message {
    /// Reads a message in any of the vendor's spellings: snake case from the search, camel case inside
    /// an incident. A row that is no object, or has no id, keeps its raw text.
    pub fn read(raw: &RawValue, include_raw: bool) -> (Self, Option<String>) {
        let value = json::value(raw);
        let Some(object) = Object::new(&value) else {
            let warning = "a message is not a JSON object; it is passed on as it came".to_owned();
            return (Self { raw_json: Some(raw.get().to_owned()), ..Self::default() }, Some(warning));
        };
        let mut message = Self::from_object(object);
        let warning =
            message.id.is_empty().then(|| "a message has no id; it is passed on as it came".to_owned());
        message.raw_json = (include_raw || warning.is_some()).then(|| raw.get().to_owned());
        (message, warning)
    }

    fn from_object(o: Object<'_>) -> Self {
        let status = o.object(&["message_status", "messageStatus"]);
        Self {
            id: o.text(&["id", "email_recipient_id", "emailRecipientId"]).unwrap_or_default(),
            email_id: o.text(&["email_id", "emailId"]),
            rfc_message_id: o.text(&["message_id", "messageId", "rfcMessageId"]),
            subject: o.text(&["email_subject", "emailSubject", "subject"]),
            sender_address: o.text(&["sender_address", "senderAddress"]),
            recipient_address: o.text(&["recipient_address", "recipientAddress"]),
            received_at: o.time(&["received_at", "receivedAt", "received_time", "receivedTime"]),
            created_at: o.time(&["created_at", "createdAt"]),
            updated_at: o.time(&["updated_at", "updatedAt"]),
            disposition: o.text(&["disposition"]),
            clear_verdict: o.text(&["clear_verdict", "clearVerdict"]),
            clear_confidence: o.text(&["clear_confidence", "clearConfidence"]),
            remediation_status: o.text(&["remediation_status", "remediationStatus"]),
            delivered: status.and_then(|s| s.flag(&["message_delivered", "messageDelivered"])),
            read: status.and_then(|s| s.flag(&["is_read", "isRead"])),
            permitted_clicks: status.and_then(|s| s.count(&["permitted_clicks", "permittedClicks"])),
            source_types: o
                .objects(&["sources"])
                .filter_map(|source| source.text(&["type"]))
                .map(|kind| super::incidents::snake_case(&kind))
                .collect(),
            tap_threat_types: o.texts(&["tap_threat_types", "tapThreatTypes"]),
            incident_ids: o.objects(&["incidents"]).filter_map(|incident| incident.text(&["id"])).collect(),
            content_present: o.flag(&["mime_content_present", "mimeContentPresent"]),
            raw_json: None,
        }
    }
}

/// The limit of a list, at least one row.
pub(crate) fn limit(limit: Option<u32>, default: u32) -> Result<u32, Error> {
    match limit {
        Some(0) => Err(Error::argument("limit", "`0` rows cannot be listed; use at least 1")),
        given => Ok(given.unwrap_or(default)),
    }
}

/// What identifies a row: its id, or its text where it has none.
pub(crate) fn identity<'a>(id: &'a str, raw: &'a RawValue) -> &'a str {
    if id.is_empty() { raw.get() } else { id }
}

/// How many there are, in the contract's type.
pub(crate) fn count<I>(items: &[I]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}
