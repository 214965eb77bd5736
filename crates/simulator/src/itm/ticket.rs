//! What a ticket is made of.

use base64ct::{Base64, Encoding};
use serde_json::{Map, Value, json};

use super::mail;
use super::parts::{Endpoint, Incident, Indicator, Message, Note, Person, Resource, Screenshot, Workflow};
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

fn uuid(group: u64, n: u64) -> String {
    format!("00000000-0000-4000-{group:x}000-{:012x}", n & 0xffff_ffff_ffff)
}
