//! A ticket as the service shows it: an event with an incident and what people noted on it.

use super::timeline;
use super::vocabulary::{CATEGORY_PREFIX, SEVERITY_PREFIX, STATUS_PREFIX};
use crate::Config;
use crate::json::{Object, text};
use crate::mail::Mailbox;
use crate::seal::hash;
use crate::time::{oldest_first, sorted};
use core::fmt;
use serde_json::Value;

/// A ticket. Fields as in the contract's `ticket`.
#[derive(Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct Ticket {
    pub id: Option<String>,
    pub fqid: String,
    pub incident_id: Option<String>,
    pub incident_kind: Option<String>,
    pub incident_name: Option<String>,
    pub description: Option<String>,
    pub status: Option<String>,
    pub severity: Option<String>,
    pub severity_number: Option<u32>,
    pub rules: Vec<String>,
    pub observed_at: Option<String>,
    pub occurred_at: Option<String>,
    pub ingested_at: Option<String>,
    pub categories: Vec<String>,
    pub user: Option<TicketUser>,
    pub endpoint: Option<TicketEndpoint>,
    pub application: Option<String>,
    pub indicators: Vec<Indicator>,
    pub messages: Vec<TicketMessage>,
    pub resources: Vec<TicketResource>,
    pub comments: Vec<TicketNote>,
    pub history: Vec<TicketNote>,
    pub workflow: Option<TicketWorkflow>,
    pub tags: Vec<String>,
    pub screenshots: Vec<Screenshot>,
    pub custom_json: Option<String>,
    pub timeline_url: Option<String>,
    pub raw_json: Option<String>,
}

/// Shows what it is addressed by and where it stands: the rest is what a person did, and links that need no
/// credentials.
impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.raw_json.as_ref().map(String::len);
        let [name, status] = [&self.incident_name, &self.status];
        write!(f, "ticket {} ({name:?}, {status:?}, raw {size:?})", self.fqid)
    }
}

/// The person whose activity it was. Fields as in the contract's `ticket-user`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct TicketUser {
    pub id: Option<String>,
    pub email: Option<String>,
    pub name: Option<String>,
    pub username: Option<String>,
    pub display_name: Option<String>,
    pub aliases: Vec<String>,
}

/// What gave the ticket away. Fields as in the contract's `indicator`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct Indicator {
    pub id: Option<String>,
    pub name: Option<String>,
    pub kind: Option<String>,
}

/// A message that the activity concerns. Fields as in the contract's `ticket-message`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct TicketMessage {
    pub kind: Option<String>,
    pub subject: Option<String>,
    pub sent_at: Option<String>,
    pub sender: Option<Mailbox>,
    pub recipients: Vec<Mailbox>,
    pub attachments: Vec<String>,
}

/// A thing that the activity concerns. Fields as in the contract's `ticket-resource`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct TicketResource {
    pub id: Option<String>,
    pub kind: Option<String>,
    pub name: Option<String>,
    pub path: Option<String>,
    pub url: Option<String>,
    pub host: Option<String>,
    pub target: Option<bool>,
    pub extension: Option<String>,
    pub size: Option<u64>,
    pub content_type: Option<String>,
}

/// Where the activity took place. Fields as in the contract's `ticket-endpoint`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct TicketEndpoint {
    pub hostname: Option<String>,
    pub fqdn: Option<String>,
    pub ip: Option<String>,
}

/// A comment, or an entry of the history. Fields as in the contract's `ticket-note`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct TicketNote {
    pub id: Option<String>,
    pub kind: Option<String>,
    pub text: Option<String>,
    pub author: Option<String>,
    pub created_at: Option<String>,
}

/// Where the ticket stands. Fields as in the contract's `ticket-workflow`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct TicketWorkflow {
    pub status_id: Option<String>,
    pub status_title: Option<String>,
    pub category: Option<String>,
    pub assignee_id: Option<String>,
    pub assignee_name: Option<String>,
    pub state_json: Option<String>,
}

/// A picture of the user's screen. Fields as in the contract's `screenshot`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct Screenshot {
    pub id: String,
    pub file: Option<String>,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub size: Option<u32>,
    pub windows: Vec<String>,
    pub host: Option<String>,
}

impl Ticket {
    /// Reads a ticket from its value and the text that this was read from. One that is no object, or is not
    /// addressed by anything, keeps its text.
    pub(crate) fn read(
        value: &Value,
        raw: &str,
        include_raw: bool,
        config: &Config,
    ) -> (Self, Option<String>) {
        let mut ticket = Object::new(value).map(|event| Self::from_event(event, config)).unwrap_or_default();
        let warning =
            ticket.fqid.is_empty().then(|| "a ticket has no fqid; it is passed on as it came".to_owned());
        ticket.raw_json = (include_raw || warning.is_some()).then(|| raw.to_owned());
        (ticket, warning)
    }

    /// The severity as the service spells it; by its name alone where it has no number.
    pub(super) fn full_severity(&self) -> Option<String> {
        let name = self.severity.as_ref()?;
        Some(match self.severity_number {
            Some(number) => format!("{SEVERITY_PREFIX}{number}:{name}"),
            None => name.clone(),
        })
    }

    fn from_event(o: Object<'_>, config: &Config) -> Self {
        let event = o.object(&["event"]);
        let incident = o.object(&["incident"]);
        let annotations = o.object(&["annotations"]);
        let of_incident = |key: &str| incident.and_then(|incident| incident.text(&[key]));
        let time = |key: &str| event.and_then(|event| event.time(&[key]));
        let severity = of_incident("severity");
        let workflow = annotations.and_then(|a| a.object(&["workflow"])).map(TicketWorkflow::read);
        let flat = annotations
            .and_then(|a| a.object(&["workflow"])?.object(&["state"])?.text(&["status"]))
            .filter(|status| status.starts_with(STATUS_PREFIX));
        Self {
            id: o.text(&["id"]).or_else(|| event?.text(&["id"])),
            fqid: o.address().unwrap_or_default(),
            incident_id: of_incident("id"),
            incident_kind: of_incident("kind"),
            incident_name: of_incident("name"),
            description: of_incident("description"),
            status: of_incident("status").or(flat).map(|status| stripped(&status, STATUS_PREFIX)),
            severity_number: severity.as_deref().and_then(severity_number),
            severity: severity
                .as_deref()
                .and_then(|full| full.rsplit(':').next())
                .map(str::to_ascii_lowercase),
            rules: incident.map(|incident| names(incident, "reasons")).unwrap_or_default(),
            observed_at: time("observedAt"),
            occurred_at: time("occurredAt"),
            ingested_at: time("ingestedAt"),
            categories: o.object(&["activity"]).map(|a| a.texts(&["categories"])).unwrap_or_default(),
            user: o.object(&["user"]).map(TicketUser::read),
            endpoint: o.object(&["endpoint"]).map(TicketEndpoint::read),
            application: o.object(&["process"]).and_then(|p| p.object(&["application"])?.text(&["name"])),
            indicators: o.objects(&["indicators"]).map(Indicator::read).collect(),
            messages: o.objects(&["messages"]).map(TicketMessage::read).collect(),
            resources: o.objects(&["resources"]).map(TicketResource::read).collect(),
            comments: notes(annotations, "comments"),
            history: notes(annotations, "history"),
            workflow,
            tags: annotations
                .map(|annotations| names(annotations, "tags"))
                .filter(|tags| !tags.is_empty())
                .unwrap_or_else(|| names(o, "tags")),
            screenshots: o.object(&["ui"]).map(Screenshot::read_all).unwrap_or_default(),
            custom_json: object_json(o, "custom"),
            timeline_url: timeline::url(&config.itm, o),
            raw_json: None,
        }
    }
}

impl TicketUser {
    fn read(o: Object<'_>) -> Self {
        Self {
            id: o.text(&["id"]),
            email: o.text(&["email"]),
            name: o.text(&["name"]),
            username: o.text(&["username"]),
            display_name: o.text(&["displayName"]),
            aliases: o.text(&["aliases"]).map_or_else(|| o.texts(&["aliases"]), |only| vec![only]),
        }
    }
}

impl TicketEndpoint {
    fn read(o: Object<'_>) -> Self {
        Self {
            hostname: o.text(&["hostname"]),
            fqdn: o.text(&["fqdn"]),
            ip: o.object(&["location"]).and_then(|location| location.text(&["ip"])),
        }
    }
}

impl Indicator {
    fn read(o: Object<'_>) -> Self {
        Self { id: o.text(&["id"]), name: o.text(&["name"]), kind: o.text(&["kind"]) }
    }
}

impl Mailbox {
    fn read(o: Object<'_>) -> Self {
        Self { email: o.text(&["email"]), name: o.text(&["name", "displayName"]) }
    }
}

impl TicketMessage {
    fn read(o: Object<'_>) -> Self {
        let from =
            || o.object(&["headers"])?.object(&["parsed"])?.objects(&["from"]).next().map(Mailbox::read);
        Self {
            kind: o.text(&["kind"]),
            subject: o.text(&["subject"]),
            sent_at: o.time(&["sentAt"]),
            sender: o.object(&["sender"]).map(Mailbox::read).or_else(from),
            recipients: o.objects(&["recipients"]).map(Mailbox::read).collect(),
            attachments: names(o, "attachments"),
        }
    }
}

impl TicketResource {
    fn read(o: Object<'_>) -> Self {
        Self {
            id: o.text(&["id"]),
            kind: o.text(&["kind"]),
            name: o.text(&["name"]),
            path: o.text(&["path"]),
            url: o.text(&["url"]),
            host: o.text(&["host"]),
            target: o.flag(&["target"]),
            extension: o.text(&["extension"]),
            size: o.text(&["size"]).and_then(|size| size.parse().ok()),
            content_type: o.text(&["contentType"]),
        }
    }
}

impl TicketNote {
    fn read(value: &Value) -> Self {
        let Some(o) = Object::new(value) else {
            return Self { text: value.as_str().map(str::to_owned), ..Self::default() };
        };
        // Who and when are known of no capture: whatever is there and looks like it is shown.
        let person = ["author", "createdBy", "user"];
        let author = o.object(&person).and_then(|a| a.text(&["name", "displayName", "email", "id"]));
        Self {
            id: o.text(&["id"]),
            kind: o.text(&["kind"]),
            text: o.text(&["text"]),
            author: author.or_else(|| o.text(&person)),
            created_at: o.time(&["createdAt", "created", "at", "observedAt", "timestamp"]),
        }
    }
}

impl TicketWorkflow {
    fn read(workflow: Object<'_>) -> Self {
        let state = workflow.object(&["state"]).unwrap_or(workflow);
        let disposition = state.object(&["disposition"]);
        let status = disposition.and_then(|d| d.object(&["status"]));
        let assignee = state
            .object(&["assignee", "assignment"])
            .or_else(|| workflow.object(&["assignee", "assignment"]));
        Self {
            status_id: status.and_then(|status| status.text(&["id"])),
            status_title: status.and_then(|status| status.text(&["alias", "name", "title"])),
            category: disposition
                .and_then(|d| d.text(&["category"]))
                .map(|category| stripped(&category, CATEGORY_PREFIX)),
            assignee_id: assignee.and_then(|assignee| assignee.text(&["id"])),
            assignee_name: assignee.and_then(|a| a.text(&["name", "displayName", "alias", "email"])),
            state_json: object_json(workflow, "state"),
        }
    }
}

impl Screenshot {
    /// The screenshots of an event's `ui`, with the windows that are seen in them.
    pub(super) fn read_all(ui: Object<'_>) -> Vec<Self> {
        let read = |o: Object<'_>| {
            Some(Self {
                id: o.text(&["id"])?,
                file: o.text(&["file"]),
                width: o.count(&["w"]),
                height: o.count(&["h"]),
                size: o.count(&["size"]),
                windows: Vec::new(),
                host: Self::link(o)
                    .and_then(|link| super::screenshots::host(&link).map(str::to_ascii_lowercase)),
            })
        };
        let mut screenshots: Vec<Self> = ui.objects(&["screenshots"]).filter_map(read).collect();
        // There may be very many of both: each window is looked up once.
        let key = |id: &str| hash(id.as_bytes()).cast_signed();
        let keys = sorted(screenshots.iter().map(|screenshot| key(&screenshot.id)).collect());
        for window in ui.objects(&["windows"]) {
            let id = window.object(&["screenshot"]).and_then(|screenshot| screenshot.text(&["id"]));
            let first = id.and_then(|id| {
                let first = keys.partition_point(|(other, _)| *other < key(&id));
                screenshots.get_mut(keys.get(first)?.1).filter(|screenshot| screenshot.id == id)
            });
            if let Some(screenshot) = first {
                screenshot.windows.extend(window.text(&["title"]));
            }
        }
        screenshots
    }

    /// The presigned link of a screenshot.
    pub(super) fn link(screenshot: Object<'_>) -> Option<String> {
        screenshot.object(&["links"])?.object(&["access"])?.text(&["href"])
    }
}

/// An object inside another one, as JSON text.
fn object_json(o: Object<'_>, key: &str) -> Option<String> {
    o.object(&[key]).and_then(|_| o.json(&[key]))
}

fn stripped(text: &str, prefix: &str) -> String {
    text.strip_prefix(prefix).unwrap_or(text).to_owned()
}

/// `incident:severity:850:critical`: 850.
fn severity_number(full: &str) -> Option<u32> {
    full.strip_prefix(SEVERITY_PREFIX)?.split(':').next()?.parse().ok()
}

/// The names of a list of objects, or the texts of a list of texts.
fn names(o: Object<'_>, key: &str) -> Vec<String> {
    let named = o.objects(&[key]).filter_map(|item| item.text(&["name", "id"]));
    named.chain(o.texts(&[key])).collect()
}

fn notes(annotations: Option<Object<'_>>, key: &str) -> Vec<TicketNote> {
    let Some(annotations) = annotations else { return Vec::new() };
    let notes = annotations.list(&[key]).map(TicketNote::read).collect();
    oldest_first(notes, |note: &TicketNote| note.created_at.as_deref())
}

/// The JSON text of a value that was not read from text of its own.
pub(super) fn raw(value: &Value) -> String {
    text(value)
}
