//! The parts of a mail, and those of them that are attached.
//!
//! Hostile mails are bounded in depth, in parts and in the length of their fields; one that goes beyond is not
//! listed at all.

use super::header::{field, joined, parameter, token};
use core::mem;

/// Parts within parts that are followed. A reasonable mail has three or four.
const DEEPEST: u32 = 32;

/// Parts that are looked at in one mail.
const MOST_PARTS: usize = 1000;

/// An attachment, decoded.
pub(super) struct Attached {
    pub(super) name: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) content: Vec<u8>,
}

/// What is attached to a mail: parts that say so, parts with a file name, parts that are neither text nor made
/// of parts. A mail within a mail is one attachment. What is beyond the bounds is an error, in words.
pub(super) fn attached(mail: &[u8]) -> Result<Vec<Attached>, &'static str> {
    let mut found = Vec::new();
    // Parts that are still to be looked at, the next one last.
    let mut waiting = vec![(mail, 0)];
    let mut parts: usize = 0;
    while let Some((part, depth)) = waiting.pop() {
        parts = parts.saturating_add(1);
        if parts > MOST_PARTS {
            return Err("it has more than 1000 parts");
        }
        if depth > DEEPEST {
            return Err("its parts lie deeper than 32 within one another");
        }
        let (head, body) = split(part);
        let kind = field(head, "content-type")?;
        let content_type = Some(token(&kind)).filter(|kind| !kind.is_empty());
        let disposition = field(head, "content-disposition")?;
        let name = parameter(&disposition, "filename").or_else(|| parameter(&kind, "name"));
        let leaf = content_type.as_deref().unwrap_or("text/plain");
        if leaf.starts_with("multipart/") {
            let boundary = joined(&kind, "boundary").map(|(_, boundary)| boundary);
            if let Some(boundary) = boundary.filter(|boundary| !boundary.is_empty()) {
                let inner = inner_parts(body, &boundary, MOST_PARTS);
                waiting.extend(inner.into_iter().rev().map(|part| (part, depth.saturating_add(1))));
            }
            continue;
        }
        if token(&disposition) == "attachment" || name.is_some() || !leaf.starts_with("text/") {
            let content = decoded(&token(&field(head, "content-transfer-encoding")?), body);
            found.push(Attached { name, content_type, content });
        }
    }
    Ok(found)
}

/// Head and body of a part: the first empty line lies between them.
fn split(part: &[u8]) -> (&[u8], &[u8]) {
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
            if !rest.is_empty() || parts.len() > most {
                return parts;
            }
            begin = Some(next);
        }
        at = next;
    }
    parts.extend(begin.and_then(|begin| body.get(begin..)));
    parts
}

fn decoded(encoding: &str, body: &[u8]) -> Vec<u8> {
    match encoding {
        "base64" => base64(body),
        "quoted-printable" => quoted_printable(body),
        _ => body.to_vec(),
    }
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

    #[test]
    fn parts_are_attached_by_disposition_name_or_kind() {
        let mail = b"Content-Type: multipart/mixed; boundary=\"o\"\r\n\r\npreamble\r\n--o\r\n\
            Content-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\n\r\ntext\r\n--i\r\n\
            Content-Type: text/html\r\n\r\n<p>\r\n--i--\r\n--o\r\n\
            Content-Type: text/csv; name=a.csv\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n1=3B=\r\n2\r\n\
            --o\r\nContent-Disposition: attachment\r\n\r\nplain\r\n--o\r\n\
            Content-Type: message/rfc822\r\n\r\nFrom: a\r\n\r\nb\r\n--o\r\n\
            Content-Type: image/png\r\nContent-Transfer-Encoding: BASE64\r\n\r\nAQI\r\nD\r\n--o--\r\nepilogue";
        let found = attached(mail).unwrap();
        let shown: Vec<(Option<&str>, Option<&str>, &[u8])> = found
            .iter()
            .map(|a| (a.name.as_deref(), a.content_type.as_deref(), a.content.as_slice()))
            .collect();
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
        assert_eq!(attached(mail).unwrap().first().map(|a| a.content.clone()), Some(b"half".to_vec()));
    }

    /// A mail of so many parts in one.
    fn of_parts(parts: usize) -> Vec<u8> {
        let mut mail = b"Content-Type: multipart/mixed; boundary=o\n\n".to_vec();
        mail.extend(b"--o\nContent-Type: a/b\n\nx\n".repeat(parts));
        mail
    }

    /// A mail whose only attachment lies so deep.
    fn of_depth(depth: u32) -> Vec<u8> {
        let mut mail = String::new();
        for n in 0..depth {
            mail.push_str(&format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"));
        }
        mail.push_str("Content-Type: a/b\n\nx");
        mail.into_bytes()
    }

    #[test]
    fn a_mail_is_listed_in_full_or_not_at_all() {
        for (mail, expected) in [
            (of_parts(999), Ok(999)),
            (of_parts(1000), Err("1000 parts")),
            (of_parts(10_000), Err("1000 parts")),
            (of_depth(32), Ok(1)),
            (of_depth(33), Err("deeper than 32")),
            (of_depth(5000), Err("deeper than 32")),
            (format!("Content-Type: a/b; x={}\n\nx", "x".repeat(16_384)).into_bytes(), Err("16 KB")),
            (
                format!("Content-Disposition: attachment; x={}\n\nx", "x".repeat(16_384)).into_bytes(),
                Err("16 KB"),
            ),
        ] {
            match (attached(&mail).map(|found| found.len()), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(told), Err(expected)) => assert!(told.contains(expected), "{told}"),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_boundary_that_looks_like_an_encoded_word_stands_for_itself() {
        let mail =
            b"Content-Type: multipart/mixed; boundary=\"=?utf-8?q?o?=\"\n\n--o\nContent-Type: a/b\n\nno\n\
            --=?utf-8?q?o?=\nContent-Type: a/b\n\nyes\n--=?utf-8?q?o?=--\n";
        let found: Vec<Vec<u8>> = attached(mail).unwrap().into_iter().map(|a| a.content).collect();
        assert_eq!(found, [b"yes"]);
    }

    #[test]
    fn a_head_ends_at_an_empty_line_and_not_at_one_of_white_space() {
        let mail = b"Subject: x\r\n \t\r\nContent-Type: a/b\r\n\r\nbody";
        let found = attached(mail).unwrap();
        let found = found.first().map(|a| (a.content_type.as_deref(), a.content.as_slice()));
        assert_eq!(found, Some((Some("a/b"), b"body".as_slice())));
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
