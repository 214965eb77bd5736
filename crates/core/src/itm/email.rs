//! The e-mail that a ticket is about, byte for byte.

use super::{ACTIVITY, Itm, path, vocabulary};
use crate::Error;
use crate::client::Call;
use crate::http::Transport;
use crate::mail::{self, Eml};

impl<T: Transport> Itm<'_, T> {
    /// Gets the e-mail of a ticket. Includes: `attachments`.
    pub async fn email_get(&self, fqid: &str, includes: &[String]) -> Result<Eml, Error> {
        let attachments = !vocabulary::EMAIL_INCLUDES.check_all("includes", includes)?.is_empty();
        let path = format!("{}/messages/default/contents/_raw?stream=true", path(fqid)?);
        let call = Call { bytes: true, ..Call::get(ACTIVITY, path) };
        let response = self.client.send(&call).await?;
        if !mail::is_mail(&response.body) {
            return Err(call.unreadable(&response, "it is not an e-mail (RFC 5322)"));
        }
        let content_type = response.header("content-type").map(str::to_owned);
        Eml::new(response.body, content_type, attachments)
    }
}
