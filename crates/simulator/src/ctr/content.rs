//! The mail of a message: asking for it, waiting for it, and downloading it.

use serde_json::json;

use super::message::Message;
use super::{Ctr, mail};
use crate::options::Options;
use crate::time::Timestamp;
use crate::wire::Reply;

/// What a download is answered with where there is no mail to give: 81 bytes, and a 200 all the same.
const NOTE: &str = "The content of this message is not available for download from this environment.\n";

const IN_PROGRESS: &str = "fetch_in_progress";
const FETCHED: &str = "fetched";

/// How far the product is with loading a mail.
pub(crate) struct Load {
    /// How often it was asked for the status.
    polls: usize,
    status: String,
}

impl Load {
    fn begun() -> Load {
        Load { polls: 0, status: IN_PROGRESS.into() }
    }

    /// Whether asking again would begin anew.
    fn has_failed(&self) -> bool {
        ![IN_PROGRESS, FETCHED, "throttled"].contains(&self.status.as_str())
    }
}

impl Ctr {
    /// `GET /messages/{id}/fetch`: begins to load the mail, unless it is loaded or being loaded.
    pub(crate) fn fetch(&mut self, options: &Options, now: Timestamp, id: &str) -> Result<Reply, Reply> {
        self.find(now, id)?;
        if self.loads.get(id).is_none_or(Load::has_failed) {
            self.loads.insert(id.into(), Load::begun());
        }
        Ok(options.response.fetch_body.reply())
    }

    /// `GET /messages/{id}/fetchStatus`: the next of the message's statuses.
    pub(crate) fn ask_fetch_status(
        &mut self,
        options: &Options,
        now: Timestamp,
        id: &str,
    ) -> Result<Reply, Reply> {
        let own = &self.find(now, id)?.message.fetch_statuses;
        let statuses = if own.is_empty() { &options.response.fetch_statuses } else { own }.clone();
        if let Some(load) = self.loads.get_mut(id) {
            if let Some(status) = statuses.get(load.polls).or(statuses.last()) {
                load.status.clone_from(status);
            }
            load.polls += 1;
        }
        Ok(Reply::json_value(200, &json!({ "messageStatus": self.fetch_status(id) })))
    }

    /// `GET /messages/{id}/download`: the mail, once it is loaded.
    pub(crate) fn download(&self, options: &Options, now: Timestamp, id: &str) -> Result<Reply, Reply> {
        let message = self.find(now, id)?.message;
        let content_type = &options.response.mail_content_type;
        if !options.response.us_hosted || !self.is_loaded(id) {
            return Ok(Reply::new(200, content_type, NOTE));
        }
        Ok(Reply::new(200, content_type, content(message)))
    }

    /// The status as it was last told.
    pub(crate) fn fetch_status(&self, id: &str) -> &str {
        self.loads.get(id).map_or("not_fetched", |load| &load.status)
    }

    pub(crate) fn is_loaded(&self, id: &str) -> bool {
        self.fetch_status(id) == FETCHED
    }
}

/// The mail of a message, its own or one that follows from the rest.
pub(crate) fn content(message: &Message) -> Vec<u8> {
    message.mail.clone().unwrap_or_else(|| mail::of(message))
}
