//! E-mails: what is one, and what stands in it.

mod address;
mod authentication;
mod header;
mod links;
mod mime;
mod summary;

use crate::digest::sha256;
use crate::vocabulary::Vocabulary;
use core::fmt;

/// What a mail can be given with.
pub const INCLUDES: Vocabulary = Vocabulary::plain(&["summary"]);

/// An e-mail as it was sent. Fields as in the contract's `eml`.
#[derive(Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct Eml {
    pub content: Vec<u8>,
    pub size: u32,
    pub sha256: String,
    pub content_type: Option<String>,
    pub summary: Option<MailSummary>,
}

/// What stands in an e-mail. Fields as in the contract's `mail-summary`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct MailSummary {
    pub rfc_message_id: Option<String>,
    pub from_addresses: Vec<Mailbox>,
    pub reply_to_addresses: Vec<Mailbox>,
    pub to_addresses: Vec<Mailbox>,
    pub cc_addresses: Vec<Mailbox>,
    pub subject: Option<String>,
    pub date: Option<String>,
    pub authentication: Vec<AuthenticationResult>,
    pub links: Vec<String>,
    pub attachments: Vec<Attachment>,
    pub warnings: Vec<String>,
}

/// A sender or a recipient. Fields as in the contract's `mailbox`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct Mailbox {
    pub email: Option<String>,
    pub name: Option<String>,
}

/// What a server found. Fields as in the contract's `authentication-result`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct AuthenticationResult {
    pub server: Option<String>,
    pub method: String,
    pub outcome: String,
    pub detail: Option<String>,
}

/// An attachment. Fields as in the contract's `attachment`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct Attachment {
    pub name: Option<String>,
    pub content_type: Option<String>,
    pub size: u32,
    pub sha256: String,
}

/// Header fields of which every mail has at least one.
const USUAL_FIELDS: [&str; 8] =
    ["from", "to", "date", "subject", "message-id", "received", "return-path", "mime-version"];

impl Eml {
    /// A mail by its bytes, with what stands in it where that is wanted.
    pub fn new(content: Vec<u8>, content_type: Option<String>, with_summary: bool) -> Self {
        Self {
            size: size(&content),
            sha256: sha256(&content),
            content_type,
            summary: with_summary.then(|| MailSummary::read(&content)),
            content,
        }
    }
}

/// Shows the size and the hash only: bodies hold people's mail.
impl fmt::Debug for Eml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "e-mail ({} bytes, {})", self.size, self.sha256)
    }
}

/// Whether bytes begin like an e-mail: with header fields, a usual one among them. A line that is no field ends
/// them: a sender who writes one must not make the mail none.
pub fn is_mail(bytes: &[u8]) -> bool {
    let mut usual = false;
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match line.first() {
            None => break,
            // A folded field goes on.
            Some(b' ' | b'\t') => continue,
            Some(_) => {}
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { break };
        let name = line.get(..colon).unwrap_or_default().trim_ascii_end();
        if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
            break;
        }
        usual |= USUAL_FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field.as_bytes()));
    }
    usual
}

fn size(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MAIL: &[u8] = b"From: a@example.com\r\nTo: b@example.com\r\nSubject: =?utf-8?q?Angebot_f=C3=BCr?=\r\n \
        Sie\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nHello \xff\r\n--x\r\n\
        Content-Type: application/pdf; name=\"=?utf-8?q?Pr=C3=A4mie.pdf?=\"\r\nContent-Disposition: attachment; \
        filename*=utf-8''Pr%C3%A4mie.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nYWJj\r\n--x--\r\n";

    #[test]
    fn a_mail_comes_with_its_hash_and_a_summary_where_it_is_asked_for() {
        let eml = Eml::new(MAIL.to_vec(), None, true);
        assert_eq!((eml.content.as_slice(), eml.sha256.as_str()), (MAIL, &*sha256(MAIL)));
        let shown = format!("{eml:?}");
        assert!(shown.contains(&sha256(MAIL)) && !shown.contains("example"), "{shown}");
        let summary = eml.summary.unwrap();
        assert_eq!(summary.subject.as_deref(), Some("Angebot für Sie"));
        let [attachment] = summary.attachments.as_slice() else { panic!("{:?}", summary.attachments) };
        assert_eq!(attachment.name.as_deref(), Some("Prämie.pdf"));
        assert!(Eml::new(MAIL.to_vec(), None, false).summary.is_none());
    }

    #[test]
    fn only_what_begins_with_header_fields_is_a_mail() {
        assert!(is_mail(MAIL));
        assert!(is_mail(b"Received: from x\n by y\nSubject: no body"));
        assert!(is_mail(b"Received: from x\r\nFrom: a@b\r\nno field at all\r\nSubject: x\r\n\r\nhi"));
        assert!(is_mail(b"X-Y: from x\n \t\r\nSubject: behind a line of white space"));
        for other in [
            b"".as_slice(),
            b"<html><body>Subject: login</body></html>",
            b"{\"_status\": {\"status\": 200}}",
            b"OK",
            b"Error: not found\r\n",
            b"Sorry, this mail\r\nSubject: is gone\r\n",
            b": x\r\nFrom: a\r\n",
        ] {
            assert!(!is_mail(other), "{}", String::from_utf8_lossy(other));
        }
    }

    #[test]
    fn a_mail_made_of_nested_parts_is_read_without_harm_and_told_to_be_incomplete() {
        let mut mail = String::from("From: a@example.com\r\n");
        for depth in 0..5000 {
            mail.push_str(&format!("Content-Type: multipart/mixed; boundary=b{depth}\r\n\r\n--b{depth}\r\n"));
        }
        let summary = Eml::new(mail.into_bytes(), None, true).summary.unwrap();
        assert_eq!(summary.warnings.len(), 1, "{summary:?}");
        let nested = "From: a\r\nContent-Type: message/rfc822\r\n\r\n".repeat(5000);
        let summary = Eml::new(nested.into_bytes(), None, true).summary.unwrap();
        assert_eq!((summary.attachments.len(), summary.warnings.len()), (1, 0));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>, at: prop::sample::Index) {
            is_mail(&bytes);
            let mut mail = MAIL.to_vec();
            let place = at.index(mail.len());
            mail.splice(place..place, bytes);
            let _ = Eml::new(mail, None, true);
        }
    }
}
