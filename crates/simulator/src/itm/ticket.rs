//! What a ticket is made of.

use base64ct::{Base64, Encoding};
use serde_json::{Map, Value, json};

use super::mail;
use super::status::WorkflowStatus;
use crate::malformed::MalformedKind;
use crate::time::Timestamp;

/// A ticket: an activity, and the incident that it raised. Any part may be missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    /// What its ids and names follow from.
    pub number: u64,
    /// The activity's id, a UUID.
    pub id: String,
    /// What the endpoints know it by: see [`fqid`].
    pub fqid: String,
    /// First part of a link to the timeline.
    pub context_id: Option<String>,
    /// Second part of a link to the timeline.
    pub partition_key: Option<String>,
    /// `event`, `casbevent`, `audit` or `network`.
    pub entity_type: String,
    /// `email:pps`, `endpoint:agent`, `cloud:isolation` or `platform:analytics`.
    pub source: String,
    /// When the service took it in; it keeps milliseconds.
    pub ingested_at: Timestamp,
    /// When it was observed.
    pub observed_at: Option<Timestamp>,
    /// When it took place.
    pub occurred_at: Option<Timestamp>,
    /// From when on the endpoints know it. Later than `ingested_at` where it is indexed late.
    pub visible_at: Timestamp,
    /// What the activity raised; none where it raised nothing.
    pub incident: Option<Incident>,
    /// Categories of the activity, the primary one first.
    pub categories: Vec<String>,
    /// Whose activity it was.
    pub user: Option<Person>,
    /// Where it took place.
    pub endpoint: Option<Endpoint>,
    /// The program that was used.
    pub application: Option<String>,
    /// What gave it away.
    pub indicators: Vec<Indicator>,
    /// Messages that it concerns.
    pub messages: Vec<Message>,
    /// Files and pages that it concerns.
    pub resources: Vec<Resource>,
    /// Comments, oldest first.
    pub comments: Vec<Note>,
    /// What happened to the ticket, oldest first.
    pub history: Vec<Note>,
    /// Where the ticket stands.
    pub workflow: Option<Workflow>,
    /// Ids of tags.
    pub tags: Vec<String>,
    /// Pictures of the screen.
    pub screenshots: Vec<Screenshot>,
    /// The e-mail that it is about, RFC 5322.
    pub mail: Option<Vec<u8>>,
    /// Free fields.
    pub custom: Map<String, Value>,
    /// Keys that the row carries besides, in place of the usual ones where they are the same.
    pub extra: Map<String, Value>,
    /// What is wrong with its row, if anything.
    pub malformed: Option<MalformedKind>,
}

impl Ticket {
    /// A new ticket about an e-mail, visible at once. Ids, names and the mail follow from `n`; the fqids
    /// of every three in a row have `/`, `+` and neither, and their padding differs too.
    pub fn at(n: u64, ingested_at: Timestamp) -> Ticket {
        let sender = format!("user{n}@example.com");
        let recipient = format!("partner{n}@example.net");
        let subject = format!("Invoice {n}");
        let attachments = vec![format!("invoice-{n}.pdf")];
        Ticket {
            mail: Some(mail::written(&sender, &recipient, &subject, ingested_at, &attachments)),
            user: Some(Person::named(&format!("User {n}"), &sender)),
            indicators: vec![Indicator::named("PCI numbers")],
            messages: vec![Message {
                subject,
                sent_at: Some(ingested_at),
                sender,
                recipients: vec![recipient],
                attachments,
            }],
            incident: Some(Incident {
                id: uuid(0x9, n),
                kind: "it:platform:incident".into(),
                name: Some("EMAIL-DLP-PCI".into()),
                description: None,
                status: Some(WorkflowStatus::NEW.incident_status()),
                severity: Some("incident:severity:850:critical".into()),
                reasons: vec!["E-mail with card numbers".into()],
                remediations: Vec::new(),
            }),
            workflow: Some(Workflow::at(&WorkflowStatus::NEW)),
            history: vec![Note::new(ingested_at, "Status set to new")],
            ..Ticket::bare(n, ingested_at)
        }
    }

    /// An activity of which nothing is known but ids and when it was taken in.
    pub fn bare(n: u64, ingested_at: Timestamp) -> Ticket {
        let id = uuid(0x8, n);
        let mark = match n % 3 {
            0 => '-',
            1 => '?',
            _ => '>',
        };
        let partition = format!("p{mark}{n}");
        Ticket {
            number: n,
            fqid: fqid(&partition, &id),
            id,
            context_id: Some(format!("ctx-{n}")),
            partition_key: Some(partition),
            entity_type: "event".into(),
            source: "email:pps".into(),
            ingested_at,
            observed_at: Some(ingested_at),
            occurred_at: Some(ingested_at),
            visible_at: ingested_at,
            incident: None,
            categories: Vec::new(),
            user: None,
            endpoint: None,
            application: None,
            indicators: Vec::new(),
            messages: Vec::new(),
            resources: Vec::new(),
            comments: Vec::new(),
            history: Vec::new(),
            workflow: None,
            tags: Vec::new(),
            screenshots: Vec::new(),
            mail: None,
            custom: Map::new(),
            extra: Map::new(),
            malformed: None,
        }
    }

    /// A ticket with everything that any source tells of.
    pub fn full(n: u64, ingested_at: Timestamp) -> Ticket {
        let usual = Ticket::at(n, ingested_at);
        Ticket {
            categories: vec!["pfpt:incident:email:gateway:mta:message:outbound".into()],
            endpoint: Some(Endpoint::named(&format!("laptop-{n}"))),
            application: Some("Outlook".into()),
            resources: vec![Resource::file(&format!("C:\\Users\\user{n}\\invoice-{n}.pdf"), 48_213)],
            comments: vec![Note {
                author: Some("Ines Moreau".into()),
                ..Note::new(ingested_at, "Looked at")
            }],
            tags: vec![format!("tag-{n}")],
            screenshots: vec![Screenshot::at(&format!("{n}-1")), Screenshot::at(&format!("{n}-2"))],
            custom: Map::from_iter([(
                "email".to_owned(),
                json!({ "data": { "components": { "messages": { "folder": "Sent" } } } }),
            )]),
            extra: Map::from_iter([
                (
                    "processing".to_owned(),
                    json!({ "actions": [{
                        "kind": "it:rule:action:kind:prevention:block",
                        "channel": "email",
                        "reasons": [{ "id": "r-1", "kind": "pfpt:rule:action:reason:kind:rule", "trigger": true }],
                    }] }),
                ),
                ("audit".to_owned(), json!({ "kind": "it:audit:none" })),
                ("details".to_owned(), json!({ "text": "Mail held back" })),
            ]),
            ..usual
        }
    }

    /// This ticket, known to the endpoints only from then on.
    pub fn visible(self, visible_at: Timestamp) -> Ticket {
        Ticket { visible_at, ..self }
    }

    /// This ticket, observed then.
    pub fn observed(self, observed_at: Timestamp) -> Ticket {
        Ticket { observed_at: Some(observed_at), ..self }
    }

    /// This ticket, whose activity took place then.
    pub fn occurred(self, occurred_at: Timestamp) -> Ticket {
        Ticket { occurred_at: Some(occurred_at), ..self }
    }

    /// This ticket, with a malformed row.
    pub fn malformed(self, kind: MalformedKind) -> Ticket {
        Ticket { malformed: Some(kind), ..self }
    }
}

/// An fqid as the service makes it: index, partition and id in base64, `=` padding included.
pub fn fqid(partition: &str, id: &str) -> String {
    Base64::encode_string(format!("oitroot-op1-activity-events#{partition}#{id}").as_bytes())
}

/// What an activity raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// A UUID.
    pub id: String,
    /// `it:platform:incident`, `pfpt:incident:general:data:violation`.
    pub kind: String,
    /// Such as `EMAIL-DLP-PCI`.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// In full: `incident:status:new`.
    pub status: Option<String>,
    /// In full: `incident:severity:850:critical`.
    pub severity: Option<String>,
    /// Names of the rules that raised it.
    pub reasons: Vec<String>,
    /// Kinds of the remediations that were started: `uim:incident:remediation:quarantine`.
    pub remediations: Vec<String>,
}

/// Whose activity it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Id, where the service knows the person.
    pub id: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// User name.
    pub username: Option<String>,
    /// Name for people.
    pub display_name: Option<String>,
    /// Other names.
    pub aliases: Vec<String>,
    /// Whether the person is attacked a lot.
    pub vap: bool,
}

impl Person {
    /// A person of this name and address.
    pub fn named(name: &str, email: &str) -> Person {
        let username = email.split('@').next().unwrap_or_default();
        Person {
            id: Some(format!("person-{username}")),
            email: Some(email.into()),
            name: Some(name.into()),
            username: Some(username.into()),
            display_name: Some(name.into()),
            aliases: Vec::new(),
            vap: false,
        }
    }
}

/// A machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its name.
    pub hostname: String,
    /// Its name with its domain.
    pub fqdn: Option<String>,
    /// Its IP address.
    pub ip: Option<String>,
}

impl Endpoint {
    /// A machine of this name.
    pub fn named(hostname: &str) -> Endpoint {
        Endpoint {
            hostname: hostname.into(),
            fqdn: Some(format!("{hostname}.corp.example.com")),
            ip: Some("192.0.2.17".into()),
        }
    }
}

/// What gave an activity away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// Id.
    pub id: String,
    /// Such as `PCI numbers`.
    pub name: String,
    /// The service's kind.
    pub kind: String,
    /// The text that it was found in, where it is shown.
    pub snippet: Option<String>,
}

impl Indicator {
    /// An indicator of this name.
    pub fn named(name: &str) -> Indicator {
        Indicator {
            id: format!("indicator-{}", name.to_ascii_lowercase().replace(' ', "-")),
            name: name.into(),
            kind: "pfpt:indicator:content".into(),
            snippet: None,
        }
    }
}

/// An e-mail that an activity concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Subject.
    pub subject: String,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// Address of the sender.
    pub sender: String,
    /// Addresses of the recipients.
    pub recipients: Vec<String>,
    /// Names of the attachments.
    pub attachments: Vec<String>,
}

/// A file or a page that an activity concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Id.
    pub id: String,
    /// The service's kind.
    pub kind: String,
    /// Name of the file or title of the page.
    pub name: String,
    /// Path of a file.
    pub path: Option<String>,
    /// Address of a page.
    pub url: Option<String>,
    /// Whether the activity aimed at it.
    pub target: bool,
    /// Size in bytes.
    pub size: Option<u64>,
    /// Media type.
    pub content_type: Option<String>,
    /// Names of its sensitivity labels.
    pub labels: Vec<String>,
}

impl Resource {
    /// A file.
    pub fn file(path: &str, size: u64) -> Resource {
        let name = path.rsplit(['\\', '/']).next().unwrap_or(path);
        Resource {
            id: format!("resource-{name}"),
            kind: "it:resource:file".into(),
            name: name.into(),
            path: Some(path.into()),
            url: None,
            target: false,
            size: Some(size),
            content_type: None,
            labels: Vec::new(),
        }
    }

    /// A page that the activity aimed at.
    pub fn page(url: &str) -> Resource {
        Resource {
            id: format!("resource-{url}"),
            kind: "it:resource:url".into(),
            name: url.into(),
            path: None,
            url: Some(url.into()),
            target: true,
            size: None,
            content_type: None,
            labels: Vec::new(),
        }
    }
}

/// A comment, or an entry of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// When it was written.
    pub at: Timestamp,
    /// What it says.
    pub text: String,
    /// `it:comment:note`; entries of the history have none.
    pub kind: Option<String>,
    /// What a client sent as its alias.
    pub alias: Option<String>,
    /// Name of who wrote it.
    pub author: Option<String>,
}

impl Note {
    /// A text without an author.
    pub fn new(at: Timestamp, text: &str) -> Note {
        Note { at, text: text.into(), kind: None, alias: None, author: None }
    }
}

/// Where a ticket stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// Id of its status.
    pub status_id: String,
    /// Title of its status.
    pub title: Option<String>,
    /// Category in full: `it:workflow:disposition:category:open:new`.
    pub category: Option<String>,
    /// Id and name of its owner.
    pub assignee: Option<(String, String)>,
}

impl Workflow {
    /// In this status, without an owner.
    pub fn at(status: &WorkflowStatus) -> Workflow {
        Workflow {
            status_id: status.id.into(),
            title: Some(status.title.into()),
            category: Some(status.disposition_category()),
            assignee: None,
        }
    }
}

/// A picture of a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screenshot {
    /// Id, which is also its name in its link.
    pub id: String,
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// Titles of the windows on it.
    pub windows: Vec<String>,
    /// The picture, a JPEG.
    pub content: Vec<u8>,
}

impl Screenshot {
    /// A small picture with one window.
    pub fn at(id: &str) -> Screenshot {
        Screenshot {
            id: id.into(),
            size: (64, 40),
            windows: vec!["Outlook".into()],
            content: include_bytes!("screen.jpg").to_vec(),
        }
    }
}

fn uuid(group: u64, n: u64) -> String {
    format!("00000000-0000-4000-{group:x}000-{:012x}", n & 0xffff_ffff_ffff)
}
