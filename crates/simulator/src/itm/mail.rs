//! The raw e-mail of a ticket.

use std::fmt::Write;

use base64ct::{Base64, Encoding};
use serde_json::json;

use super::Itm;
use super::envelope;
use super::options::{ItmOptions, MailForm};
use crate::mail::{BOUNDARY, attach, end};
use crate::strike::HTML;
use crate::time::{self, Timestamp};
use crate::wire::{Reply, Request};

impl Itm {
    /// `GET /activity/events/{fqid}/messages/default/contents/_raw?stream=true`.
    pub(crate) fn mail(
        &self,
        options: &ItmOptions,
        now: Timestamp,
        request: &Request,
        fqid: &str,
    ) -> Result<Reply, Reply> {
        if !matches!(request.parameter("stream").as_deref(), None | Some("true" | "false")) {
            return Err(envelope::invalid(&["stream must be true or false.".into()]));
        }
        let ticket = self.visible(options, now, fqid)?;
        let mail = ticket.mail.as_ref().ok_or_else(|| envelope::error(404, "The event has no message."))?;
        Ok(match options.mail_form {
            MailForm::Octets => Reply::new(200, "application/octet-stream", mail.as_slice()),
            MailForm::Html => Reply::new(200, "text/html; charset=utf-8", HTML),
            MailForm::Json => Reply::json_value(
                200,
                &json!({ "content": Base64::encode_string(mail), "_status": envelope::fine(200) }),
            ),
        })
    }
}

/// A mail with a text in Latin-1, so that it is not UTF-8, and attachments.
pub(crate) fn written(
    sender: &str,
    recipient: &str,
    subject: &str,
    sent_at: Timestamp,
    attachments: &[String],
) -> Vec<u8> {
    let mut head = String::new();
    // Writing to a string does not fail.
    let _ = write!(
        head,
        "From: <{sender}>\r\nTo: <{recipient}>\r\nSubject: {subject}\r\nDate: {}\r\n\
         Message-ID: <{:x}.{}@example.com>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"{BOUNDARY}\"\r\n\r\n\
         --{BOUNDARY}\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n",
        time::mail(sent_at),
        sent_at.timestamp_millis(),
        subject.len(),
    );
    let mut mail = head.into_bytes();
    mail.extend_from_slice(b"Please find it attached. Gr\xfc\xdfe\r\n");
    for name in attachments {
        attach(&mut mail, name);
    }
    end(&mut mail);
    mail
}
