//! What an incident is made of.

use serde_json::{Map, Value};

use super::message::Message;
use crate::malformed::MalformedKind;
use crate::time::Timestamp;

/// An incident, past and future: what the endpoints show of it follows from the vendor's time.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// A UUID.
    pub id: String,
    /// The number that the console shows as `INC-781`.
    pub display_id: u64,
    /// When it was created; the vendor keeps milliseconds.
    pub created_at: Timestamp,
    /// From when on the endpoints know it. Later than its creation where it is indexed late.
    pub visible_at: Timestamp,
    /// When it closes, which may lie ahead. Its state and its time of change follow.
    pub closed_at: Option<Timestamp>,
    /// When it last changed in another way than by closing.
    pub changed_at: Option<Timestamp>,
    /// Title, as shown: the service defangs addresses and links (`a[@]b[.]com`, `hxxps://`).
    pub title: String,
    /// Free text; shown in the detail only.
    pub description: Option<String>,
    /// `high`, `medium` or `low`; the service has incidents without.
    pub priority: Option<String>,
    /// In the spelling of rows: `abuse_mailbox`, `tap_alert` (the filter says `tap`), `smart_search`,
    /// `message_csv_upload`.
    pub sources: Vec<String>,
    /// Dispositions of its messages, such as `phish`.
    pub dispositions: Vec<String>,
    /// In the spelling of rows, without the filter's prefix: `threat`, `low_risk`, `manual_review`,
    /// `failed`.
    pub verdicts: Vec<String>,
    /// In the spelling of rows, without the filter's prefix: `high`, `medium`, `low`.
    pub confidences: Vec<String>,
    /// Whether a very attacked person is involved.
    pub vap: bool,
    /// Who it is assigned to.
    pub assigned_user: Option<User>,
    /// Comments. The activities that go with them are the vendor's to add.
    pub comments: Vec<Comment>,
    /// Activities other than the creation and the comments, which the vendor adds.
    pub activities: Vec<Activity>,
    /// Messages, one for each recipient.
    pub messages: Vec<Message>,
    /// Keys that the row carries besides, in place of the usual ones where they are the same.
    pub extra: Map<String, Value>,
    /// What is wrong with its row, if anything.
    pub malformed: Option<MalformedKind>,
}

impl Incident {
    /// An open incident from an abuse mailbox, visible at once. Its id, number and title follow from `n`.
    pub fn at(n: u64, created_at: Timestamp) -> Incident {
        Incident {
            id: format!("00000000-0000-4000-8000-{:012x}", n & 0xffff_ffff_ffff),
            display_id: n,
            created_at,
            visible_at: created_at,
            closed_at: None,
            changed_at: None,
            title: format!("user{n}[@]example[.]com reported a message \"Invoice {n}\""),
            description: None,
            priority: Some("medium".into()),
            sources: vec!["abuse_mailbox".into()],
            dispositions: vec!["low_risk".into()],
            verdicts: vec!["low_risk".into()],
            confidences: vec!["high".into()],
            vap: false,
            assigned_user: None,
            comments: Vec::new(),
            activities: Vec::new(),
            messages: Vec::new(),
            extra: Map::new(),
            malformed: None,
        }
    }

    /// This incident, known to the endpoints only from then on.
    pub fn visible(self, visible_at: Timestamp) -> Incident {
        Incident { visible_at, ..self }
    }

    /// This incident, closing then.
    pub fn closed(self, closed_at: Timestamp) -> Incident {
        Incident { closed_at: Some(closed_at), ..self }
    }

    /// This incident, with a malformed row.
    pub fn malformed(self, kind: MalformedKind) -> Incident {
        Incident { malformed: Some(kind), ..self }
    }

    /// When it closed, seen from now.
    pub(crate) fn closed_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.closed_at.filter(|closed_at| *closed_at <= now)
    }

    /// When it last changed, seen from now.
    pub(crate) fn updated_at(&self, now: Timestamp) -> Timestamp {
        let changes = [self.changed_at, self.closed_at(now)];
        changes.into_iter().flatten().fold(self.created_at, Timestamp::max)
    }
}

/// A person of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// A UUID.
    pub id: String,
    /// The name shown.
    pub name: String,
}

/// A comment on an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// When it was written.
    pub at: Timestamp,
    /// Who wrote it.
    pub author: User,
    /// What it says.
    pub text: String,
    /// Whether it has been deleted since.
    pub deleted: bool,
}

/// Something that happened to an incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// When it happened.
    pub at: Timestamp,
    /// `priority_change`, `quarantine` and others.
    pub kind: String,
    /// What caused it: `system`, `history` (a workflow) or `application_user`.
    pub cause: String,
    /// The name of the workflow or the person.
    pub cause_name: Option<String>,
    /// A JSON object whose keys depend on the kind.
    pub details: Value,
}
