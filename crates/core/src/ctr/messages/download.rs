//! Downloading the mail of a message: the product loads it first, which takes a while.

use super::super::Ctr;
use super::{MODULE, path};
use crate::Error;
use crate::client::{Call, looks_like_html};
use crate::http::Transport;
use crate::json::Object;
use crate::mail::{self, Eml};
use core::time::Duration;
use serde_json::Value;

/// Time to wait while the product loads a mail, and while it is throttled.
const LOADING: Duration = Duration::from_secs(5);
const THROTTLED: Duration = Duration::from_secs(30);

/// A text as short as this, and no mail, is the note that stands in for a mail which cannot be had. The one
/// that was seen has 81 bytes.
const LONGEST_NOTE: usize = 1024;

impl<T: Transport> Ctr<'_, T> {
    /// Downloads the mail of a message. Includes: `summary`.
    pub async fn message_download(&self, id: &str, includes: &[String]) -> Result<Eml, Error> {
        let summary = !mail::INCLUDES.check_all("includes", includes)?.is_empty();
        let path = path(id)?;
        self.client.be_patient();
        let fetch = Call::get(MODULE, format!("{path}/fetch"));
        fetch.expect_words(&self.client.send(&fetch).await?)?;
        let status = Call::get(MODULE, format!("{path}/fetchStatus"));
        loop {
            let response = self.client.send(&status).await?;
            let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
            let state = Object::new(&answer)
                .and_then(|answer| answer.text(&["messageStatus"]))
                .ok_or_else(|| status.unreadable(&response, "it has no `messageStatus`"))?;
            let wait = match state.as_str() {
                "fetched" => break,
                "fetch_in_progress" => LOADING,
                "throttled" => THROTTLED,
                _ => {
                    return Err(Error::Unavailable(format!(
                        "the service could not load the mail of message {id}: it says `{}`; it may lie in no \
                         mailbox that the service can read",
                        crate::vocabulary::shown(&state)
                    )));
                }
            };
            if !self.client.pause(wait).await {
                return Err(Error::Timeout(format!(
                    "the service is still loading the mail of message {id} (`{state}`) and the time for the \
                     call (`call_timeout_ms`) does not last; call again, it goes on meanwhile"
                )));
            }
        }
        let call = Call { bytes: true, ..Call::get(MODULE, format!("{path}/download")) };
        let response = self.client.send(&call).await?;
        let body = response.body.trim_ascii();
        if mail::is_mail(&response.body) {
            let content_type = response.header("content-type").map(str::to_owned);
            Ok(Eml::new(response.body, content_type, summary))
        } else if body.is_empty()
            || body.len() > LONGEST_NOTE
            || looks_like_html(&response)
            || body.starts_with(b"{")
        {
            Err(call.unreadable(&response, "it is not an e-mail (RFC 5322)"))
        } else {
            Err(Error::Unsupported(format!(
                "the service answered a note of {} bytes instead of the mail of message {id}: downloads work \
                 only for tenants that are hosted in the US",
                response.body.len()
            )))
        }
    }
}
