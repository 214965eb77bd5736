//! Messages: one copy of a mail in one recipient's mailbox.

mod download;
mod query;

pub use query::MessageQuery;
pub(crate) use query::{is_address, is_message_id};

use super::listing::Listing;
use super::{Ctr, INCIDENT_IDS, incidents, uuid};
use crate::Error;
use crate::client::Call;
use crate::http::{Transport, segment};
use crate::json::{Object, snake_case};
use crate::paging::{self, Cursor, PAGE_ROWS, Row, limit};
use crate::seal::{Seal, hash};
use crate::vocabulary::shown;

const PATH: &str = "/api/v1/tric/messages";
const MODULE: &str = "Threat Response messages";

/// Rows a list gives where nothing else is asked for.
const DEFAULT_LIMIT: u32 = 50;

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

/// A page of messages. Fields as in the contract's `message-page`.
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

const CURSOR: Seal = Seal { kind: "ctr-message-list", version: 1, argument: "cursor" };
const INCIDENT_CURSOR: Seal = Seal { kind: "ctr-incident-messages", version: 1, argument: "cursor" };

impl<T: Transport> Ctr<'_, T> {
    /// Lists messages, page after page, until `limit` are found, none is left, or the budget ends.
    pub async fn message_list(&self, query: &MessageQuery) -> Result<MessagePage, Error> {
        let limit = limit(query.limit, DEFAULT_LIMIT)?;
        let mut cursor = paging::open_cursor(&CURSOR, query.cursor.as_deref(), query.given(), || {
            query.check(self.client.transport().now())
        })?;
        let first = cursor.place.row == 0;
        let mut answer = MessagePage::default();
        let mut newest = None;
        let mut take = |row: &Row| {
            let (message, warning) = Message::read(row, query.include_raw);
            if let Some(key) = cursor.query.mismatch(&message, row) {
                return Err(Error::InvalidResponse(format!(
                    "the service did not honour `{key}`: it answered message {}, which does not match",
                    shown(&message.id)
                )));
            }
            newest.get_or_insert_with(|| query::column(row));
            answer.messages.push(message);
            answer.warnings.extend(warning);
            Ok(true)
        };
        let listing = cursor.query.listing(limit);
        let more = self.client.rows(&listing, &mut cursor.place, &mut take).await?;
        answer.total = cursor.place.total;
        if more {
            if first {
                cursor.query.pin(newest.flatten());
            }
            answer.next = Some(CURSOR.seal(&cursor)?);
        }
        Ok(answer)
    }

    /// Gets a message.
    pub async fn message_get(&self, id: &str, include_raw: bool) -> Result<Message, Error> {
        let path = path(id)?;
        let call = Call::get(MODULE, path);
        let response = self.client.send(&call).await?;
        let wrong = || call.unreadable(&response, "it is no message with this `id`");
        let row = Row::read(serde_json::from_slice(&response.body).map_err(|_| wrong())?);
        let whole = Object::new(&row.value).ok_or_else(wrong)?;
        let mut message = Message::from_object(whole.object(&["details"]).unwrap_or(whole));
        if message.id.is_empty() && message != Message::default() {
            message.id = id.to_owned();
        }
        if !message.id.eq_ignore_ascii_case(id) {
            return Err(wrong());
        }
        message.raw_json = include_raw.then_some(row.raw);
        Ok(message)
    }

    /// Lists the messages of an incident, oldest first.
    pub async fn incident_messages(&self, id: &str, page: &PageQuery) -> Result<MessagePage, Error> {
        uuid("id", id, INCIDENT_IDS)?;
        let listing = Listing {
            module: incidents::MODULE,
            path: format!("{}/{}/messages", incidents::PATH, segment("id", id)?),
            key: "messages",
            column: "createdAt".to_owned(),
            direction: "asc".to_owned(),
            filters: None,
            limit: limit(page.limit, PAGE_ROWS)?,
        };
        let given = hash(id.as_bytes());
        let mut cursor = match &page.cursor {
            None => Cursor::first(given, ()),
            Some(text) => INCIDENT_CURSOR.open(text)?,
        };
        if cursor.given != given {
            return Err(Error::argument("cursor", "it belongs to another incident"));
        }
        let mut answer = MessagePage::default();
        let mut take = |row: &Row| {
            let (message, warning) = Message::read(row, page.include_raw);
            answer.messages.push(message);
            answer.warnings.extend(warning);
            Ok(true)
        };
        let more = self.client.rows(&listing, &mut cursor.place, &mut take).await?;
        answer.total = cursor.place.total;
        if more {
            answer.next = Some(INCIDENT_CURSOR.seal(&cursor)?);
        }
        Ok(answer)
    }
}

/// The path of a message.
fn path(id: &str) -> Result<String, Error> {
    uuid("id", id, "`message-list` and `incident-messages` give it")?;
    Ok(format!("{PATH}/{}", segment("id", id)?))
}

impl Message {
    /// Reads a message in any of the vendor's spellings: snake case from the search, camel case inside
    /// an incident and from the message itself. A row that is no object, or has no id, keeps its raw text.
    pub(crate) fn read(row: &Row, include_raw: bool) -> (Self, Option<String>) {
        let mut message = Object::new(&row.value).map(Self::from_object).unwrap_or_default();
        let warning =
            message.id.is_empty().then(|| "a message has no id; it is passed on as it came".to_owned());
        message.raw_json = (include_raw || warning.is_some()).then(|| row.raw.clone());
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
                .map(|kind| snake_case(&kind))
                .collect(),
            tap_threat_types: o.texts(&["tap_threat_types", "tapThreatTypes"]),
            incident_ids: o.objects(&["incidents"]).filter_map(|incident| incident.text(&["id"])).collect(),
            content_present: o.flag(&["mime_content_present", "mimeContentPresent"]),
            raw_json: None,
        }
    }
}
