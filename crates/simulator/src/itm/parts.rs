//! The parts of a ticket.

use super::status::WorkflowStatus;
use crate::time::Timestamp;

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
