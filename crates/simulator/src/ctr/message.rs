//! What a message is made of.

use super::incident::Incident;
use crate::time::Timestamp;

/// One recipient's copy of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The copy's UUID.
    pub id: String,
    /// The RFC 5322 Message-ID, with its angle brackets. The id that copies share follows from it.
    pub rfc_message_id: String,
    /// When the service came to know it; rows call it `created_at` and `received_time`.
    pub created_at: Timestamp,
    /// When the mail was received; rows call it `received_at`.
    pub received_at: Timestamp,
    /// When it last changed.
    pub changed_at: Option<Timestamp>,
    /// Subject, as sent.
    pub subject: String,
    /// Sender, not defanged.
    pub sender: String,
    /// This copy's recipient, not defanged.
    pub recipient: String,
    /// Such as `phish`.
    pub disposition: String,
    /// Without the filter's prefix, such as `threat`.
    pub verdict: Option<String>,
    /// Without the filter's prefix, such as `high`.
    pub confidence: Option<String>,
    /// As rows spell it: `quarantine_pending`, or as the filter does without `quarantine_`:
    /// `mailbox_not_found`.
    pub remediation_status: Option<String>,
    /// In the spelling of rows, as [`Incident::sources`]; also `mail_bomb`. Where there are none, those of
    /// its incident.
    pub sources: Vec<String>,
    /// Whether it was delivered.
    pub delivered: bool,
    /// Whether it was read, where that is known.
    pub read: Option<bool>,
    /// Clicks on its links that were permitted.
    pub permitted_clicks: u32,
    /// Whether its recipient reported it. How rows say so is not known: only `not_a_reporter` was seen.
    pub reporter: bool,
    /// What Targeted Attack Protection found in it.
    pub threats: Vec<TapThreat>,
    /// The links in its text.
    pub urls: Vec<String>,
    /// The mail, whatever it is. None: a mail that follows from the rest.
    pub mail: Option<Vec<u8>>,
    /// What `fetchStatus` tells, one for each time it is asked; the last stays. Where there are none,
    /// [`crate::ResponseOptions::fetch_statuses`].
    pub fetch_statuses: Vec<String>,
}

/// A threat that Targeted Attack Protection found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TapThreat {
    /// 64 hexadecimal digits.
    pub tap_id: String,
    /// Without the filter's prefix, such as `delivered_url_threat`.
    pub kind: String,
    /// The link or the attachment's hash.
    pub value: String,
}

impl Message {
    /// A delivered, unread message whose id, addresses, subject and link follow from `n`.
    pub fn at(n: u64, created_at: Timestamp) -> Message {
        Message {
            id: format!("00000000-0000-4000-9000-{:012x}", n & 0xffff_ffff_ffff),
            rfc_message_id: format!("<{n}@mail.example.net>"),
            created_at,
            received_at: created_at,
            changed_at: None,
            subject: format!("Invoice {n}"),
            sender: format!("sender{n}@example.net"),
            recipient: format!("user{n}@example.com"),
            disposition: "low_risk".into(),
            verdict: Some("low_risk".into()),
            confidence: Some("high".into()),
            remediation_status: None,
            sources: Vec::new(),
            delivered: true,
            read: Some(false),
            permitted_clicks: 0,
            reporter: false,
            threats: Vec::new(),
            urls: vec![format!("https://pay.example.net/invoice/{n}")],
            mail: None,
            fetch_statuses: Vec::new(),
        }
    }

    /// This message with another mail.
    pub fn mail(self, mail: impl Into<Vec<u8>>) -> Message {
        Message { mail: Some(mail.into()), ..self }
    }

    /// This message, of which `fetchStatus` tells these, one after the other.
    pub fn fetching(self, statuses: &[&str]) -> Message {
        Message { fetch_statuses: statuses.iter().map(|status| (*status).into()).collect(), ..self }
    }

    /// The domain of its sender.
    pub(crate) fn sender_domain(&self) -> &str {
        domain(&self.sender)
    }
}

/// A message as the endpoints know it, with what it belongs to.
pub(crate) struct Found<'a> {
    pub(crate) message: &'a Message,
    /// The incidents it is in.
    pub(crate) incidents: Vec<&'a Incident>,
    /// Whether its mail has been loaded.
    pub(crate) loaded: bool,
}

impl<'a> Found<'a> {
    /// Its own sources, or those of its incident.
    pub(crate) fn sources(&self) -> &'a [String] {
        match self.incidents.first() {
            Some(incident) if self.message.sources.is_empty() => &incident.sources,
            _ => &self.message.sources,
        }
    }

    /// Whether a very attacked person is involved.
    pub(crate) fn vap(&self) -> bool {
        self.incidents.iter().any(|incident| incident.vap)
    }
}

/// The domain of an address.
pub(crate) fn domain(address: &str) -> &str {
    address.split_once('@').map_or(address, |(_, domain)| domain)
}
