//! The parts that mails of both products are made of.

use base64ct::{Base64, Encoding};

/// What stands between the outer parts of a mail.
pub(crate) const BOUNDARY: &str = "=_simulator_part";

/// Adds an attachment with a content that follows from its name.
pub(crate) fn attach(mail: &mut Vec<u8>, name: &str) {
    let content = format!("%PDF-1.4\n% {name}\n{}", "4111 1111 1111 1111\n".repeat(12));
    let media_type = if name.ends_with(".csv") { "text/csv" } else { "application/pdf" };
    let head = format!(
        "--{BOUNDARY}\r\nContent-Type: {media_type}; name=\"{name}\"\r\n\
         Content-Disposition: attachment; filename=\"{name}\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n"
    );
    mail.extend_from_slice(head.as_bytes());
    encode(mail, content.as_bytes());
}

/// Adds bytes in base64, in lines.
pub(crate) fn encode(mail: &mut Vec<u8>, content: &[u8]) {
    for line in Base64::encode_string(content).as_bytes().chunks(76) {
        mail.extend_from_slice(line);
        mail.extend_from_slice(b"\r\n");
    }
}

/// Ends the outer parts.
pub(crate) fn end(mail: &mut Vec<u8>) {
    mail.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
}
