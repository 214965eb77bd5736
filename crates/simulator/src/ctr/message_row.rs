//! The forms that a message has in answers.

use serde_json::{Map, Value, json};

use super::incident::Incident;
use super::message::{Found, Message, TapThreat};
use super::rows::{self, Row, TENANT_ID};
use crate::chance::Chance;
use crate::options::NullStyle;
use crate::time::{self, Timestamp};

/// How the times of a row are written: those of the record, and those of the mail.
struct Times {
    record: fn(Timestamp) -> Value,
    mail: fn(Timestamp) -> Value,
}

/// A row of the search: in snake case with islands of camel case, and with two styles of time.
pub(crate) fn snake(found: &Found<'_>, style: NullStyle) -> Value {
    row(found, style, &Times { record: |at| time::naive(at).into(), mail: |at| time::offset(at).into() })
}

/// A row of an incident's messages: all in camel case.
pub(crate) fn camel(found: &Found<'_>, style: NullStyle) -> Value {
    let offset = |at| time::offset(at).into();
    in_camel_case(row(found, style, &Times { record: offset, mail: offset }))
}

/// What `details` holds: camel case with times in milliseconds.
pub(crate) fn details(found: &Found<'_>, style: NullStyle) -> Value {
    let milliseconds = |at: Timestamp| at.timestamp_millis().into();
    in_camel_case(row(found, style, &Times { record: milliseconds, mail: milliseconds }))
}

fn row(found: &Found<'_>, style: NullStyle, times: &Times) -> Value {
    let message = found.message;
    let updated_at = message.changed_at.map_or(message.created_at, |at| at.max(message.created_at));
    let mut of_mail = Chance::of(&message.rfc_message_id);
    let (email_id, pps_guid) = (of_mail.uuid(), of_mail.uuid().replace('-', ""));
    let absent = None::<Value>;

    let mut row = Row::new(style);
    row.put("id", message.id.as_str());
    row.put("email_recipient_id", message.id.as_str());
    row.put("email_id", email_id.as_str());
    row.put("sender_id", Chance::of(&message.sender).uuid());
    row.put("tenant_id", TENANT_ID);
    row.put("message_id", message.rfc_message_id.as_str());
    row.put("pps_guid", pps_guid);
    row.put("email_subject", message.subject.as_str());
    row.put("sender_address", message.sender.as_str());
    row.put("recipient_address", message.recipient.as_str());
    row.put("created_at", (times.record)(message.created_at));
    row.put("updated_at", (times.record)(updated_at));
    row.put("received_at", (times.mail)(message.received_at));
    row.put("received_time", (times.mail)(message.created_at));
    row.put("disposition", message.disposition.as_str());
    row.put_nullable("clear_verdict", message.verdict.as_deref());
    row.put_nullable("clear_confidence", message.confidence.as_deref());
    row.put_nullable("remediation_status", message.remediation_status.as_deref());
    row.put_nullable("remediation_status_context", absent.clone());
    row.put_nullable("quarantine_strategy", absent.clone());
    row.put("last_known_type", if message.delivered { "mailbox" } else { "unknown" });
    row.put("abuse_reporter_rank", if message.reporter { "reporter" } else { "not_a_reporter" });
    row.put(
        "message_status",
        json!({
            "is_read": message.read,
            "message_delivered": message.delivered,
            "permitted_clicks": message.permitted_clicks,
        }),
    );
    row.put("sources", sources(found));
    row.put("incidents", incidents(found));
    row.put("tap_threat_types", threat_kinds(&message.threats));
    row.put("tap_cleared", false);
    row.put("tap_false_positive", message.disposition == "tap_false_positive");
    row.put("vap", found.vap());
    row.put("body_present", found.loaded);
    row.put("mime_content_present", found.loaded);
    for key in ["body_expired", "mime_content_expired", "email_message_size", "click_block_exclusive"] {
        row.put_nullable(key, absent.clone());
    }
    match style {
        NullStyle::Omit => row.put("vip", false),
        NullStyle::Explicit => {
            row.put("tapThreats", threats(&message.threats));
            row.put("tapCampaigns", Value::Null);
            row.put("attachments", Value::Null);
            row.put("urls", urls(found, &email_id));
        }
    }
    row.finish()
}

fn sources(found: &Found<'_>) -> Vec<Value> {
    let source = |source: &String| {
        let id = Chance::of(&format!("{}{source}", found.message.id)).uuid();
        json!({ "id": id, "type": rows::source_type(source) })
    };
    found.sources().iter().map(source).collect()
}

/// The incidents it is in; those that it was found for by likeness say so.
fn incidents(found: &Found<'_>) -> Vec<Value> {
    let link = |messages: &[Message]| {
        let is_first = messages.first().is_some_and(|first| first.id == found.message.id);
        (!is_first).then_some("sender_and_url")
    };
    let incident = |incident: &&Incident| {
        json!({
            "id": incident.id,
            "display_id": incident.display_id,
            "title": incident.title,
            "link_attribute": link(&incident.messages),
        })
    };
    found.incidents.iter().map(incident).collect()
}

/// Each kind once.
fn threat_kinds(threats: &[TapThreat]) -> Vec<&str> {
    let mut kinds: Vec<&str> = Vec::new();
    for threat in threats {
        if !kinds.contains(&threat.kind.as_str()) {
            kinds.push(&threat.kind);
        }
    }
    kinds
}

/// Null where there are none.
fn threats(threats: &[TapThreat]) -> Value {
    if threats.is_empty() {
        return Value::Null;
    }
    let threat = |threat: &TapThreat| {
        json!({
            "id": Chance::of(&threat.tap_id).uuid(),
            "status": "active",
            "supernovaExclusive": false,
            "tapId": threat.tap_id,
            "threatValue": threat.value,
        })
    };
    threats.iter().map(threat).collect()
}

fn urls(found: &Found<'_>, email_id: &str) -> Vec<Value> {
    let created_at = time::offset(found.message.created_at);
    let url = |url: &String| {
        let mut ids = Chance::of(&format!("{email_id}{url}"));
        json!({
            "id": ids.uuid(),
            "url": url,
            "urlId": ids.uuid(),
            "emailId": email_id,
            "tenantId": TENANT_ID,
            "createdAt": created_at,
            "updatedAt": created_at,
        })
    };
    found.message.urls.iter().map(url).collect()
}

/// The value with all of its keys in camel case.
fn in_camel_case(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(key, value)| (camel_case(&key), in_camel_case(value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(values) => values.into_iter().map(in_camel_case).collect(),
        value => value,
    }
}

/// `emailSubject` of `email_subject`.
fn camel_case(key: &str) -> String {
    let mut words = key.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |key, word| key + &rows::capitalized(word))
}
