//! The writes: a new incident, a message attached to one. Checked here, sent once.

use super::record::console_link;
use super::{MODULE, PATH};
use crate::Error;
use crate::client::Call;
use crate::ctr::messages::{is_address, is_message_id};
use crate::ctr::vocabulary as words;
use crate::ctr::{Ctr, INCIDENT_IDS, uuid};
use crate::http::Transport;
use crate::json::Object;
use crate::vocabulary::shown;
use serde_json::{Value, json};

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

impl<T: Transport> Ctr<'_, T> {
    /// Creates an incident.
    pub async fn incident_create(&self, incident: &NewIncident) -> Result<CreatedIncident, Error> {
        let title = incident.title.trim();
        if title.is_empty() || title.contains(char::is_control) {
            return Err(Error::argument("title", "the title must be one line of text"));
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
        uuid("incident-id", &message.incident_id, INCIDENT_IDS)?;
        let rfc_id = message.rfc_message_id.trim();
        if !is_message_id(rfc_id) {
            return Err(Error::argument(
                "rfc-message-id",
                "the Message-ID must stand in angle brackets, as `<a@example.com>`",
            ));
        }
        let recipients: Vec<&str> =
            message.recipient_addresses.iter().map(|address| address.trim()).collect();
        if recipients.is_empty() || recipients.len() > 10_000 {
            return Err(Error::argument(
                "recipient-addresses",
                format!("{} recipients were given; give 1 to 10000", recipients.len()),
            ));
        }
        if let Some(wrong) = recipients.iter().find(|address| !is_address(address)) {
            return Err(Error::argument(
                "recipient-addresses",
                format!("`{}` is not an e-mail address", shown(wrong)),
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
        let (object, response) = self.written(&call).await?;
        let object = Object::new(&object);
        let text = |key| object.and_then(|o| o.text(&[key]));
        let (incident_id, rfc_message_id) = (text("incident_id"), text("rfcMessageId"));
        let count = object.and_then(|o| o.count(&["uploadedRecipientsCount"]));
        if incident_id.is_none() && rfc_message_id.is_none() && count.is_none() {
            return Err(call.unreadable(&response, "it tells of no message that was attached"));
        }
        Ok(UploadedMessage {
            incident_id: incident_id.unwrap_or_else(|| message.incident_id.clone()),
            incident_display_id: text("incidentDisplayId"),
            rfc_message_id: rfc_message_id.unwrap_or_else(|| rfc_id.to_owned()),
            uploaded_recipients_count: count,
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

fn set(body: &mut Value, key: &str, value: Option<&str>) {
    if let (Some(object), Some(value)) = (body.as_object_mut(), value) {
        object.insert(key.into(), value.into());
    }
}
