//! The parts of a mail that are not made of parts themselves.
//!
//! Hostile mails are bounded in depth and in parts; that there is more is told.

use super::header::{field, is_cut, joined, parameter, token};
use core::mem;

/// Parts within parts that are followed. A reasonable mail has three or four, and each reads the whole of it again.
const DEEPEST: u32 = 12;

/// Parts that are looked at in one mail.
const MOST_PARTS: usize = 1000;

/// A part that is not made of parts. A mail within a mail is one.
pub(super) struct Leaf<'a> {
    /// Its file name.
    pub(super) name: Option<String>,
    /// Its media type, where it says one.
    pub(super) content_type: Option<String>,
    /// The charset of its text, in lower case; empty where it says none.
    pub(super) charset: String,
    /// Whether it is attached: it says so, has a file name, or is no text.
    pub(super) attached: bool,
    encoding: String,
    body: &'a [u8],
}

impl Leaf<'_> {
    /// Its content, decoded.
    pub(super) fn content(&self) -> Vec<u8> {
        match self.encoding.as_str() {
            "base64" => base64(self.body),
            "quoted-printable" => quoted_printable(self.body),
            _ => self.body.to_vec(),
        }
    }
}

/// Visits the parts of a mail in their order. Answers whether that was all of it.
pub(super) fn leaves<'a>(mail: &'a [u8], visit: &mut dyn FnMut(&Leaf<'a>)) -> bool {
    // Parts that are still to be looked at, the next one last.
    let mut waiting = vec![(mail, 0)];
    let mut parts: usize = 0;
    let mut all = true;
    while let Some((part, depth)) = waiting.pop() {
        parts = parts.saturating_add(1);
        if parts > MOST_PARTS {
            return false;
        }
        let (head, body) = split(part);
        let kind = field(head, "content-type").unwrap_or_default();
        let content_type = Some(token(&kind)).filter(|kind| !kind.is_empty());
        let leaf = content_type.as_deref().unwrap_or("text/plain");
        if leaf.starts_with("multipart/") {
            let boundary = joined(&kind, "boundary").map(|(_, boundary)| boundary);
            match boundary.filter(|boundary| !boundary.is_empty()) {
                Some(boundary) if depth < DEEPEST => {
                    // One more than is looked at, so that it is noticed.
                    let inner = inner_parts(body, &boundary, MOST_PARTS.saturating_add(1));
                    waiting.extend(inner.into_iter().rev().map(|part| (part, depth.saturating_add(1))));
                }
                _ => all = false,
            }
            all &= !is_cut(&kind);
            continue;
        }
        let disposition = field(head, "content-disposition").unwrap_or_default();
        all &= !is_cut(&kind) && !is_cut(&disposition);
        let name = parameter(&disposition, "filename").or_else(|| parameter(&kind, "name"));
        let encoding = field(head, "content-transfer-encoding").unwrap_or_default();
        visit(&Leaf {
            attached: token(&disposition) == "attachment" || name.is_some() || !leaf.starts_with("text/"),
            name,
            charset: parameter(&kind, "charset").unwrap_or_default().to_ascii_lowercase(),
            content_type,
            encoding: token(&encoding),
            body,
        });
    }
    all
}

/// Head and body of a part: the first empty line lies between them.
pub(super) fn split(part: &[u8]) -> (&[u8], &[u8]) {
    let mut end: usize = 0;
    for line in part.split_inclusive(|byte| *byte == b'\n') {
        let next = end.saturating_add(line.len());
        if matches!(line, b"\n" | b"\r\n") {
            return (part.get(..end).unwrap_or_default(), part.get(next..).unwrap_or_default());
        }
        end = next;
    }
    (part, &[])
}

/// The parts between the lines of a boundary. A last one that is cut off counts as well.
fn inner_parts<'a>(body: &'a [u8], boundary: &[u8], most: usize) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut begin = None;
    let mut at: usize = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let next = at.saturating_add(line.len());
        let delimiter = line.strip_prefix(b"--").and_then(|rest| rest.strip_prefix(boundary));
        let delimiter = delimiter.map(<[u8]>::trim_ascii).filter(|rest| rest.is_empty() || *rest == b"--");
        if let Some(rest) = delimiter {
            // The line break before a boundary is the boundary's.
            let end = body.get(..at).unwrap_or_default();
            let end = end.strip_suffix(b"\n").map_or(end, |end| end.strip_suffix(b"\r").unwrap_or(end));
            parts.extend(begin.take().map(|begin| end.get(begin..).unwrap_or_default()));
            if !rest.is_empty() || parts.len() >= most {
                return parts;
            }
            begin = Some(next);
        }
        at = next;
    }
    parts.extend(begin.and_then(|begin| body.get(begin..)));
    parts
}

/// Decodes base64 as mails have it: in lines, with or without padding, anything else in between passed over.
pub(super) fn base64(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len().div_euclid(4).saturating_mul(3));
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
            b'+' => 62,
            b'/' => 63,
            b'=' => break,
            _ => continue,
        };
        bits = (bits << 6) | u32::from(value);
        count = count.wrapping_add(1);
        if count == 4 {
            let [_, a, b, c] = mem::take(&mut bits).to_be_bytes();
            bytes.extend([a, b, c]);
            count = 0;
        }
    }
    match count {
        2 => bytes.extend((bits >> 4).to_be_bytes().get(3..).unwrap_or_default()),
        3 => bytes.extend((bits >> 2).to_be_bytes().get(2..).unwrap_or_default()),
        _ => {}
    }
    bytes
}

/// Decodes quoted-printable; what is no escape stands for itself.
pub(super) fn quoted_printable(text: &[u8]) -> Vec<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'=' {
            bytes.push(*byte);
            continue;
        }
        match after {
            [b'\n', tail @ ..] | [b'\r', b'\n', tail @ ..] => rest = tail,
            [high, low, tail @ ..] if digit(high).is_some() && digit(low).is_some() => {
                let (high, low) = (digit(high).unwrap_or_default(), digit(low).unwrap_or_default());
                bytes.push((high << 4) | low);
                rest = tail;
            }
            _ => bytes.push(b'='),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64ct::{Base64, Encoding};
    use proptest::prelude::*;

    type Seen = (Option<String>, Option<String>, Vec<u8>);

    fn attached(mail: &[u8]) -> (Vec<Seen>, bool) {
        let mut found = Vec::new();
        let all = leaves(mail, &mut |leaf| {
            if leaf.attached {
                found.push((leaf.name.clone(), leaf.content_type.clone(), leaf.content()));
            }
        });
        (found, all)
    }

    #[test]
    fn parts_are_attached_by_disposition_name_or_kind() {
        let mail = b"Content-Type: multipart/mixed; boundary=\"o\"\r\n\r\npreamble\r\n--o\r\n\
            Content-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\n\r\ntext\r\n--i\r\n\
            Content-Type: text/html\r\n\r\n<p>\r\n--i--\r\n--o\r\n\
            Content-Type: text/csv; name=a.csv\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n1=3B=\r\n2\r\n\
            --o\r\nContent-Disposition: attachment\r\n\r\nplain\r\n--o\r\n\
            Content-Type: message/rfc822\r\n\r\nFrom: a\r\n\r\nb\r\n--o\r\n\
            Content-Type: image/png\r\nContent-Transfer-Encoding: BASE64\r\n\r\nAQI\r\nD\r\n--o--\r\nepilogue";
        let (found, all) = attached(mail);
        let shown: Vec<(Option<&str>, Option<&str>, &[u8])> = found
            .iter()
            .map(|(name, kind, content)| (name.as_deref(), kind.as_deref(), content.as_slice()))
            .collect();
        assert!(all);
        assert_eq!(
            shown,
            [
                (Some("a.csv"), Some("text/csv"), b"1;2".as_slice()),
                (None, None, b"plain"),
                (None, Some("message/rfc822"), b"From: a\r\n\r\nb"),
                (None, Some("image/png"), &[1, 2, 3]),
            ]
        );
    }

    #[test]
    fn a_part_that_is_cut_off_is_listed_with_what_there_is() {
        let mail = b"Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: a/b\n\nhalf";
        assert_eq!(attached(mail).0.first().map(|seen| seen.2.clone()), Some(b"half".to_vec()));
    }

    #[test]
    fn a_mail_of_ten_thousand_parts_is_bounded() {
        let mut mail = b"Content-Type: multipart/mixed; boundary=o\n\n".to_vec();
        for _ in 0..10_000 {
            mail.extend_from_slice(b"--o\nContent-Type: a/b\n\nx\n");
        }
        let (found, all) = attached(&mail);
        assert!(found.len() <= MOST_PARTS && !all);
    }

    proptest! {
        #[test]
        fn base64_is_decoded_however_it_is_broken_into_lines(bytes: Vec<u8>, width in 1_usize..80) {
            let text = Base64::encode_string(&bytes);
            let lines: Vec<&[u8]> = text.as_bytes().chunks(width).collect();
            prop_assert_eq!(base64(&lines.join(&b"\r\n"[..])), bytes);
        }
    }
}
