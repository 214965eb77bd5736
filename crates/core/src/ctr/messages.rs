//! Messages: one copy of a mail in one recipient's mailbox.

use super::incidents::{MODULE, PATH};
use super::listing::Listing;
use super::{Ctr, uuid};
use crate::Error;
use crate::http::{Transport, segment};
use crate::json::{Object, snake_case};
use crate::paging::{Cursor, PAGE_ROWS, Row, limit};
use crate::seal::{Seal, hash};

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

const CURSOR: Seal = Seal { kind: "ctr-incident-messages", version: 1, argument: "cursor" };

impl<T: Transport> Ctr<'_, T> {
    /// Lists the messages of an incident, oldest first.
    pub async fn incident_messages(&self, id: &str, page: &PageQuery) -> Result<MessagePage, Error> {
        uuid("id", id)?;
        let listing = Listing {
            module: MODULE,
            path: format!("{PATH}/{}/messages", segment("id", id)?),
            key: "messages",
            column: "createdAt".to_owned(),
            direction: "asc".to_owned(),
            filters: None,
            limit: limit(page.limit, PAGE_ROWS)?,
        };
        let given = hash(id.as_bytes());
        let mut cursor = match &page.cursor {
            None => Cursor::first(given, ()),
            Some(text) => CURSOR.open(text)?,
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
            answer.next = Some(CURSOR.seal(&cursor)?);
        }
        Ok(answer)
    }
}

impl Message {
    /// Reads a message in any of the vendor's spellings: snake case from the search, camel case inside
    /// an incident. A row that is no object, or has no id, keeps its raw text.
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
