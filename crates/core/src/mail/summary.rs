//! What stands in a mail, read from the mail itself.
//!
//! All of it was written by its sender: nothing is believed, everything is bounded, and what is left out is told.

use super::header::{LONGEST, characters, encoded_words, field, fields, is_cut};
use super::links::Links;
use super::mime::{leaves, split};
use super::{Attachment, MailSummary, address, authentication, size};
use crate::digest::sha256;
use crate::time;

/// Fields with results of authentication that are read.
const MOST_RESULTS: usize = 20;

/// Attachments that are told of one mail at most, so that a mail made of thousands cannot swell its answer.
const MOST_ATTACHMENTS: usize = 500;

/// Bytes of text in which links are looked for. A mail as large as the memory would not leave room for its characters.
const MOST_TEXT: usize = 8 << 20;

impl MailSummary {
    /// Reads a mail.
    pub(super) fn read(mail: &[u8]) -> Self {
        let (head, _) = split(mail);
        let mut warnings = Vec::new();
        let mut mailboxes = |name: &str| {
            let field = field(head, name).unwrap_or_default();
            if is_cut(&field) {
                warnings.push(format!("its `{name}` is longer than {LONGEST} bytes; the rest is left out"));
            }
            address::mailboxes(&field)
        };
        let text = |name| Some(encoded_words(&field(head, name)?)).filter(|text| !text.is_empty());
        let mut summary = Self {
            from_addresses: mailboxes("from"),
            reply_to_addresses: mailboxes("reply-to"),
            to_addresses: mailboxes("to"),
            cc_addresses: mailboxes("cc"),
            rfc_message_id: text("message-id"),
            subject: text("subject"),
            date: field(head, "date").and_then(|date| time::mail_date(&date)).map(time::rfc3339),
            authentication: authentication::results(&fields(head, "authentication-results", MOST_RESULTS)),
            ..Self::default()
        };
        let mut links = Links::default();
        let mut attachments: usize = 0;
        let (mut room, mut text_is_cut) = (MOST_TEXT, false);
        let complete = leaves(mail, &mut |leaf| {
            if !leaf.attached {
                let mut content = leaf.content();
                text_is_cut |= content.len() > room;
                content.truncate(room);
                room = room.saturating_sub(content.len());
                let text = characters(&leaf.charset, &content);
                match leaf.content_type.as_deref() {
                    Some("text/html") => links.html(&text),
                    _ => links.text(&text),
                }
                return;
            }
            attachments = attachments.saturating_add(1);
            if attachments <= MOST_ATTACHMENTS {
                let content = leaf.content();
                summary.attachments.push(Attachment {
                    name: leaf.name.clone(),
                    content_type: leaf.content_type.clone(),
                    size: size(&content),
                    sha256: sha256(&content),
                });
            }
        });
        if links.more {
            warnings.push(format!("it has more than {} links; the rest is left out", links.found.len()));
        }
        if text_is_cut {
            warnings
                .push(format!("it has more than {MOST_TEXT} bytes of text; links behind them are left out"));
        }
        if attachments > MOST_ATTACHMENTS {
            warnings.push(format!(
                "it has {attachments} attachments, of which the first {MOST_ATTACHMENTS} are told"
            ));
        }
        if !complete {
            warnings.push(
                "it has parts that were not looked at: too many, too deep, or with a head too long to read"
                    .into(),
            );
        }
        summary.links = links.found;
        summary.warnings = warnings;
        summary
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Mailbox;

    const MAIL: &[u8] = b"Received: from x\r\nAuthentication-Results: mx.example.com; spf=fail smtp.mailfrom=e.test\r\n\
        From: \"Payroll\" <evil@example.net>\r\nReply-To: other@example.org\r\nTo: a@example.com,\r\n b@example.com\r\n\
        Subject: =?utf-8?q?Pr=C3=A4?=\r\n =?utf-8?b?bWll?=\r\nDate: Fri, 20 Nov 2026 10:11:12 +0100 (CET)\r\n\
        Message-ID: <1@example.net>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\
        Content-Type: text/plain; charset=iso-8859-1\r\n\r\nSee https://a.example/\xe4.\r\n--x\r\n\
        Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<a href=3D\"https://b.exam=\r\n\
        ple/?a&amp;b\">x</a>\r\n--x\r\nContent-Type: application/pdf; name=a.pdf\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nYWJj\r\n--x--\r\n";

    fn mailbox(email: &str, name: Option<&str>) -> Mailbox {
        Mailbox { email: Some(email.into()), name: name.map(str::to_owned) }
    }

    #[test]
    fn a_mail_is_told_in_one_record() {
        let summary = MailSummary::read(MAIL);
        assert_eq!(summary.from_addresses, [mailbox("evil@example.net", Some("Payroll"))]);
        assert_eq!(summary.reply_to_addresses, [mailbox("other@example.org", None)]);
        assert_eq!(summary.to_addresses, [mailbox("a@example.com", None), mailbox("b@example.com", None)]);
        assert_eq!(summary.subject.as_deref(), Some("Prämie"));
        assert_eq!(summary.date.as_deref(), Some("2026-11-20T09:11:12.000Z"));
        assert_eq!(summary.rfc_message_id.as_deref(), Some("<1@example.net>"));
        assert_eq!(summary.links, ["https://a.example/ä", "https://b.example/?a&b"]);
        assert_eq!(summary.authentication.first().map(|result| &*result.outcome), Some("fail"));
        let [attachment] = summary.attachments.as_slice() else { panic!("{:?}", summary.attachments) };
        assert_eq!((attachment.name.as_deref(), attachment.size), (Some("a.pdf"), 3));
        assert_eq!(attachment.sha256, sha256(b"abc"));
        assert!(summary.warnings.is_empty(), "{:?}", summary.warnings);
    }

    #[test]
    fn what_is_left_out_is_told() {
        let mut mail = format!("From: a@b\nTo: {}\n", "c@example.com, ".repeat(5000));
        mail.push_str("Content-Type: multipart/mixed; boundary=o\n\n");
        for n in 0..900 {
            mail.push_str(&format!(
                "--o\nContent-Type: a/b\n\nx\n--o\n\nhttps://{n}.example https://x{n}.example\n"
            ));
        }
        let summary = MailSummary::read(mail.as_bytes());
        assert_eq!(summary.attachments.len(), 500);
        assert!(summary.to_addresses.len() > 900);
        let warned = |part: &str| summary.warnings.iter().any(|warning| warning.contains(part));
        assert!(warned("`to`") && warned("not looked at"), "{:?}", summary.warnings);
    }

    #[test]
    fn of_an_endless_text_no_more_than_its_beginning_is_read() {
        let mut mail = b"Content-Type: multipart/mixed; boundary=o\n\n".to_vec();
        for n in 0..3 {
            mail.extend_from_slice(format!("--o\n\nhttps://{n}.example/\n").as_bytes());
            mail.extend_from_slice(&b"\xff".repeat(MOST_TEXT / 2));
            mail.push(b'\n');
        }
        let summary = MailSummary::read(&mail);
        assert_eq!(summary.links, ["https://0.example/", "https://1.example/"]);
        assert!(summary.warnings.iter().any(|warning| warning.contains("text")), "{:?}", summary.warnings);
    }

    #[test]
    fn a_folded_line_is_no_field_of_its_own() {
        let mail =
            b"From: a@b\r\nSubject: x\r\n Content-Type: text/plain\r\n \r\nContent-Type: multipart/mixed; \
            boundary=\"=?utf-8?q?abc?=\"\r\n\r\n--=?utf-8?q?abc?=\r\nContent-Type: a/b\r\n\r\nhidden\r\n";
        assert_eq!(MailSummary::read(mail).attachments.len(), 1);
    }
}
