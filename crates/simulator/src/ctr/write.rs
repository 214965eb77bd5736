//! Creating an incident and attaching a message.

use serde_json::{Value, json};

use super::Ctr;
use super::filter;
use super::incident::Incident;
use super::message::Message;
use crate::options::Options;
use crate::time::{self, Timestamp};
use crate::wire::Reply;

/// Recipients that one upload may name.
const MOST_RECIPIENTS: usize = 10_000;

impl Ctr {
    /// `POST /incidents/createIncident`: an open incident without messages, whose title gets defanged.
    pub(crate) fn create(&mut self, options: &Options, now: Timestamp, body: &Value) -> Result<Reply, Reply> {
        let title = text(body, "title").ok_or_else(|| Reply::error(400, "title is required."))?;
        let priority = match body.get("priority") {
            None | Some(Value::Null) => "medium",
            Some(value) => value
                .as_str()
                .filter(|value| ["low", "medium", "high"].contains(value))
                .ok_or_else(|| Reply::error(400, "priority must be low, medium or high."))?,
        };
        let incident = Incident {
            id: self.chance.uuid(),
            title: defang(title),
            description: text(body, "description").map(str::to_owned),
            priority: Some(priority.into()),
            sources: Vec::new(),
            dispositions: Vec::new(),
            verdicts: Vec::new(),
            confidences: Vec::new(),
            ..Incident::at(self.store.next_display_id(), now)
        };
        let answer = json!({
            "id": incident.id,
            "displayId": incident.display_id,
            "createdAt": time::offset(incident.created_at),
        });
        self.store.add(incident);
        Ok(Reply::json_value(options.create_status, &answer))
    }

    /// `POST /incidents/uploadMessage`: one message for each recipient.
    pub(crate) fn upload(&mut self, now: Timestamp, body: &Value) -> Result<Reply, Reply> {
        let refuse = |message: &str| Reply::error(400, message);
        let id = text(body, "incident_id").ok_or_else(|| refuse("incident_id is required."))?;
        let display_id = self.visible(now, id)?.display_id;
        let message = body.get("message").ok_or_else(|| refuse("message is required."))?;
        let rfc_message_id = text(message, "rfcMessageId")
            .filter(|it| it.starts_with('<') && it.ends_with('>'))
            .ok_or_else(|| refuse("rfcMessageId must be enclosed in angle brackets."))?;
        let recipients: Vec<&str> = message
            .get("recipient_addresses")
            .and_then(Value::as_array)
            .and_then(|recipients| recipients.iter().map(Value::as_str).collect())
            .filter(|recipients: &Vec<&str>| (1..=MOST_RECIPIENTS).contains(&recipients.len()))
            .ok_or_else(|| refuse("recipient_addresses must hold 1 to 10000 addresses."))?;
        let disposition = text(message, "disposition").unwrap_or("not_set");
        if !filter::is_disposition(disposition) {
            return Err(refuse("disposition is unknown."));
        }

        let copies: Vec<Message> = recipients
            .iter()
            .map(|recipient| Message {
                id: self.chance.uuid(),
                rfc_message_id: rfc_message_id.into(),
                subject: text(message, "subject").unwrap_or_default().into(),
                sender: text(message, "sender").unwrap_or_default().into(),
                recipient: (*recipient).into(),
                disposition: disposition.into(),
                verdict: None,
                confidence: None,
                urls: Vec::new(),
                ..Message::at(0, now)
            })
            .collect();
        self.store.change(id, |incident| {
            incident.messages.extend(copies);
            incident.changed_at = Some(now);
        });
        let answer = json!({
            "rfcMessageId": rfc_message_id,
            "incident_id": id,
            "incidentDisplayId": display_id,
            "uploadedRecipientsCount": recipients.len(),
        });
        Ok(Reply::json_value(200, &answer))
    }
}

/// A text that is not empty.
fn text<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

/// Makes addresses and links in a title unusable, as the service does: `a[@]b[.]com`, `hxxps://x[.]com`.
pub(crate) fn defang(title: &str) -> String {
    let word = |word: &str| {
        if word.contains('@') || word.contains("://") {
            word.replace('@', "[@]").replace('.', "[.]").replacen("http", "hxxp", 1)
        } else {
            word.to_owned()
        }
    };
    title.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
