//! The switches of messages, workflows and lists.

use crate::wire::Reply;

/// How messages, workflows and the organisational lists behave. Part of [`crate::Options`].
#[derive(Debug, Clone)]
pub struct ResponseOptions {
    /// Shape of one message in full. Default [`MessageShape::Details`], the newest account of it.
    pub message_shape: MessageShape,
    /// Which time of a message a time filter restricts. Default [`MessageTime::ReceivedTime`].
    pub message_time: MessageTime,
    /// What `fetchStatus` tells of a message that has no statuses of its own, one for each time it is
    /// asked; the last stays. Default `fetch_in_progress`, then `fetched`.
    pub fetch_statuses: Vec<String>,
    /// What `fetch` is answered with. Default a JSON object that tells a status.
    pub fetch_body: AnswerBody,
    /// Whether the tenant is hosted in the US. Where not, mails are loaded as usual, and a download is
    /// answered with a note. Default true.
    pub us_hosted: bool,
    /// Media type of a download. Default `application/octet-stream`; the service's is not known.
    pub mail_content_type: String,
    /// Whether the list of workflows is a bare array. Default false: it stands under `workflows`.
    pub bare_workflows: bool,
    /// The states of a run of a workflow that has none of its own: the first is told when it starts, the
    /// next one each time it is asked for; the last stays. Default `IN_PROGRESS` twice, then `SUCCESS`.
    pub run_states: Vec<String>,
    /// Whether a target that does not exist, or is of the wrong kind, is a 400. Default true; otherwise the
    /// run passes over it.
    pub check_targets: bool,
    /// The mail clusters there are; others are a 400. Default `example_hosted`.
    pub clusters: Vec<String>,
    /// What a change of a list is answered with. Default [`AnswerBody::Empty`]: no client reads it.
    pub list_body: AnswerBody,
    /// What deleting an entry does that is not there. Default [`AbsentEntry::Reject`].
    pub absent_entry: AbsentEntry,
}

impl Default for ResponseOptions {
    fn default() -> ResponseOptions {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).into()).collect();
        ResponseOptions {
            message_shape: MessageShape::Details,
            message_time: MessageTime::ReceivedTime,
            fetch_statuses: texts(&["fetch_in_progress", "fetched"]),
            fetch_body: AnswerBody::Json(r#"{"messageStatus":"fetch_in_progress"}"#.into()),
            us_hosted: true,
            mail_content_type: "application/octet-stream".into(),
            bare_workflows: false,
            run_states: texts(&["IN_PROGRESS", "IN_PROGRESS", "SUCCESS"]),
            check_targets: true,
            clusters: texts(&["example_hosted"]),
            list_body: AnswerBody::Empty,
            absent_entry: AbsentEntry::Reject,
        }
    }
}

/// Shape of one message in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageShape {
    /// Under `details` in camel case, with times in milliseconds, beside `timeline` and `comments`.
    Details,
    /// As a row of the search.
    SnakeCase,
    /// As a row of an incident's messages.
    CamelCase,
}

/// A time of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageTime {
    /// `received_time`, when the service came to know it.
    ReceivedTime,
    /// `received_at`, when the mail was received.
    ReceivedAt,
}

/// What an answer says beside its status, a 200.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerBody {
    /// Nothing.
    Empty,
    /// This JSON text.
    Json(String),
}

impl AnswerBody {
    pub(crate) fn reply(&self) -> Reply {
        match self {
            AnswerBody::Empty => Reply::empty(200),
            AnswerBody::Json(text) => Reply::json_text(text.as_str()),
        }
    }
}

/// What deleting an entry does that is not in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbsentEntry {
    /// It gets a 400.
    Reject,
    /// It is answered as if it had been done.
    Accept,
}
