//! Events and users as the endpoints show them.

use serde_json::{Value, json};

use super::options::{ItmOptions, StateLayout};
use super::parts::{Incident, Indicator, Message, Note, Person, Resource};
use super::ticket::Ticket;
use super::user::User;
use crate::options::NullStyle;
use crate::time;

/// The switches that the look of an event depends on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    null_style: NullStyle,
    timeline_keys: bool,
    note_details: bool,
    state_layout: StateLayout,
}

impl Style {
    pub(crate) fn of(options: &ItmOptions) -> Style {
        Style {
            null_style: options.null_style,
            timeline_keys: options.timeline_keys,
            note_details: options.note_details,
            state_layout: options.state_layout,
        }
    }
}

/// An event, without its screenshots.
pub(crate) fn event(ticket: &Ticket, style: Style) -> Value {
    let timeline = |key: &Option<String>| key.clone().filter(|_| style.timeline_keys);
    let mut row = json!({
        "id": ticket.id,
        "fqid": ticket.fqid,
        "contextId": timeline(&ticket.context_id),
        "partitionKey": timeline(&ticket.partition_key),
        "event": {
            "id": ticket.id,
            "kind": format!("it:activity:{}", ticket.entity_type),
            "observedAt": ticket.observed_at.map(time::zulu),
            "occurredAt": ticket.occurred_at.map(time::zulu),
            "ingestedAt": time::zulu(ticket.ingested_at),
        },
        "incident": ticket.incident.as_ref().map(incident),
        "activity": primary(&ticket.categories),
        "indicators": some(&ticket.indicators, indicator),
        "resources": some(&ticket.resources, resource),
        "messages": some(&ticket.messages, message),
        "user": ticket.user.as_ref().map(person),
        "endpoint": ticket.endpoint.as_ref().map(|endpoint| json!({
            "hostname": endpoint.hostname,
            "fqdn": endpoint.fqdn,
            "location": endpoint.ip.as_ref().map(|ip| json!({ "ip": ip })),
        })),
        "process": ticket.application.as_ref().map(|name| json!({
            "application": { "name": name, "description": format!("{name} application"), "vendor": "Example" },
        })),
        "annotations": annotations(ticket, style),
        "custom": Some(&ticket.custom).filter(|custom| !custom.is_empty()),
    });
    if let Some(fields) = row.as_object_mut() {
        fields.extend(ticket.extra.clone());
    }
    if style.null_style == NullStyle::Omit {
        prune(&mut row);
    }
    match ticket.malformed {
        Some(kind) => kind.spoil(row),
        None => row,
    }
}

/// A user.
pub(crate) fn user(user: &User, style: NullStyle) -> Value {
    let mut row = json!({
        "id": user.id,
        "alias": user.alias,
        "status": user.status,
        "kind": user.kind,
        "details": {
            "user": {
                "firstName": user.first_name,
                "lastName": user.last_name,
                "email": user.email,
            },
        },
    });
    if let Some(fields) = row.as_object_mut() {
        fields.extend(user.extra.clone());
    }
    if style == NullStyle::Omit {
        prune(&mut row);
    }
    match user.malformed {
        Some(kind) => kind.spoil(row),
        None => row,
    }
}

fn incident(incident: &Incident) -> Value {
    let reason = |(index, name): (usize, &String)| {
        json!({
            "id": format!("reason-{index}"),
            "name": name,
            "alias": name.to_ascii_lowercase().replace(' ', "-"),
            "severity": incident.severity,
            "kind": "pfpt:incident:reason:rule",
            "indicators": [{ "index": 0 }],
        })
    };
    let remediation = |kind: &String| json!({ "kind": kind, "status": "pending" });
    json!({
        "id": incident.id,
        "kind": incident.kind,
        "name": incident.name,
        "description": incident.description,
        "status": incident.status,
        "severity": incident.severity,
        "reasons": incident.reasons.iter().enumerate().map(reason).collect::<Vec<_>>(),
        "remediations": some(&incident.remediations, remediation),
    })
}

fn primary(categories: &[String]) -> Option<Value> {
    let primary = categories.first()?;
    Some(json!({ "categories": categories, "primaryCategory": primary }))
}

fn indicator(indicator: &Indicator) -> Value {
    let matches = indicator.snippet.as_ref().map(|snippet| {
        json!([{
            "op": "contains",
            "object": { "id": "o-1", "name": "body", "kind": "email:body" },
            "snippets": [{ "content": { "data": snippet } }],
            "result": { "value": true, "stats": { "count": 1 } },
            "params": [{ "value": indicator.name }],
        }])
    });
    json!({ "id": indicator.id, "name": indicator.name, "kind": indicator.kind, "matches": matches })
}

fn resource(resource: &Resource) -> Value {
    let label = |name: &String| json!({ "kind": "ms:mip", "name": name });
    let extension = resource.path.as_ref().and_then(|_| resource.name.rsplit_once('.'));
    let host = resource.url.as_deref().and_then(|url| url.split('/').nth(2));
    json!({
        "id": resource.id,
        "kind": resource.kind,
        "name": resource.name,
        "path": resource.path,
        "url": resource.url,
        "host": host,
        "target": resource.target,
        "extension": extension.map(|(_, extension)| extension),
        "size": resource.size,
        "contentType": resource.content_type,
        "classification": some(&resource.labels, label).map(|labels| json!({ "labels": labels })),
    })
}

fn message(message: &Message) -> Value {
    let mailbox = |email: &String| {
        let name = email.split('@').next();
        json!({ "id": format!("mailbox-{email}"), "email": email, "name": name })
    };
    json!({
        "kind": "email",
        "subject": message.subject,
        "sentAt": message.sent_at.map(time::zulu),
        "sender": mailbox(&message.sender),
        "recipients": message.recipients.iter().map(mailbox).collect::<Vec<_>>(),
        "headers": { "parsed": { "from": [{ "email": message.sender, "displayName": message.sender }] } },
        "attachments": some(&message.attachments, |name| json!({ "name": name })),
        "location": { "name": "Sent" },
    })
}

fn person(person: &Person) -> Value {
    let vap = json!({ "labels": [{ "value": "pfpt:user:classification:vap" }] });
    json!({
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "username": person.username,
        "displayName": person.display_name,
        "aliases": some(&person.aliases, |alias| json!(alias)),
        "classification": Some(vap).filter(|_| person.vap),
    })
}

fn annotations(ticket: &Ticket, style: Style) -> Option<Value> {
    let note = |note: &Note| self::note(note, style);
    let annotations = json!({
        "comments": some(&ticket.comments, note),
        "history": some(&ticket.history, note),
        "workflow": state(ticket, style.state_layout).map(|state| json!({ "state": state })),
        "tags": some(&ticket.tags, |tag| json!({ "id": tag })),
    });
    let told = annotations.as_object().is_some_and(|parts| parts.values().any(|part| !part.is_null()));
    told.then_some(annotations)
}

fn note(note: &Note, style: Style) -> Value {
    let mut row = json!({ "text": note.text, "kind": note.kind, "alias": note.alias });
    if style.note_details
        && let Some(fields) = row.as_object_mut()
    {
        fields.insert("id".into(), format!("note-{}", note.at.timestamp_millis()).into());
        fields.insert("createdAt".into(), time::zulu(note.at).into());
        fields.insert("author".into(), json!(note.author.as_ref().map(|name| json!({ "name": name }))));
    }
    row
}

fn state(ticket: &Ticket, layout: StateLayout) -> Option<Value> {
    let workflow = ticket.workflow.as_ref()?;
    let assignee = workflow.assignee.as_ref().map(|(id, name)| json!({ "id": id, "name": name }));
    Some(match layout {
        StateLayout::Disposition => json!({
            "disposition": {
                "status": { "id": workflow.status_id, "alias": workflow.title },
                "category": workflow.category,
            },
            "assignee": assignee,
        }),
        StateLayout::Flat => json!({
            "status": ticket.incident.as_ref().and_then(|incident| incident.status.as_deref()),
            "assignee": assignee,
        }),
    })
}

/// The event's screenshots with their links, and the windows on them.
pub(crate) fn screens(ticket: &Ticket, link: impl Fn(&str) -> String) -> Value {
    let mut windows = Vec::new();
    let mut screenshots = Vec::new();
    for screenshot in &ticket.screenshots {
        let (width, height) = screenshot.size;
        screenshots.push(json!({
            "id": screenshot.id,
            "file": format!("{}.jpg", screenshot.id),
            "w": width,
            "h": height,
            "x": 0,
            "y": 0,
            "size": screenshot.content.len(),
            "links": { "access": { "href": link(&screenshot.id) } },
        }));
        for title in &screenshot.windows {
            windows.push(json!({ "title": title, "screenshot": { "id": screenshot.id } }));
        }
    }
    json!({ "screenshots": screenshots, "windows": windows })
}

/// A list, or none where it is empty.
fn some<T>(items: &[T], row: impl Fn(&T) -> Value) -> Option<Vec<Value>> {
    (!items.is_empty()).then(|| items.iter().map(row).collect())
}

/// Takes the nulls out of objects.
fn prune(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(prune);
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        _ => {}
    }
}
