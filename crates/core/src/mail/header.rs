//! Header fields: unfolding, parameters, encoded words.

use percent_encoding::percent_decode_str;

/// Longest field that is looked at; what is longer was made to be a burden.
pub(super) const LONGEST: usize = 16_384;

/// Whether a value was too long, and is cut off: in front of a character at the latest.
pub(super) fn is_cut(value: &str) -> bool {
    value.len().saturating_add(char::MAX_LEN_UTF8) > LONGEST
}

/// The value of the first field of this name in a head, unfolded.
pub(super) fn field(head: &[u8], name: &str) -> Option<String> {
    fields(head, name, 1).pop()
}

/// The values of the first fields of this name in a head, so many at most, unfolded.
pub(super) fn fields(head: &[u8], name: &str, most: usize) -> Vec<String> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    // Whether the lines that follow go on with the last of them.
    let mut open = false;
    for line in head.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.first().is_some_and(|byte| b" \t".contains(byte)) {
            if let (true, Some(value)) = (open, found.last_mut())
                && value.len() < LONGEST
            {
                value.extend_from_slice(beginning(line));
            }
            continue;
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or_default();
        let (before, value) = line.split_at_checked(colon).unwrap_or_default();
        open = before.trim_ascii_end().eq_ignore_ascii_case(name.as_bytes());
        if open {
            if found.len() == most {
                break;
            }
            found.push(beginning(value.get(1..).unwrap_or_default().trim_ascii_start()).to_vec());
        }
    }
    let text = |value: Vec<u8>| {
        let mut text = String::from_utf8_lossy(&value).trim().to_owned();
        text.truncate(text.floor_char_boundary(LONGEST));
        text
    };
    found.into_iter().map(text).collect()
}

/// As much of a line as is looked at: a line as large as the memory must not be copied, let alone made characters.
fn beginning(line: &[u8]) -> &[u8] {
    line.get(..LONGEST).unwrap_or(line)
}

/// What stands before the first parameter of a value, in lower case: `multipart/mixed`, `attachment`.
pub(super) fn token(value: &str) -> String {
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A parameter of a value for people, in any of its forms: `name=x`, `name="x"`, `name*=utf-8''x`, and either in
/// pieces (`name*0=`, `name*1*=`).
pub(super) fn parameter(value: &str, name: &str) -> Option<String> {
    let (charset, bytes) = joined(value, name)?;
    Some(match charset {
        Some(charset) => characters(&charset, &bytes),
        None => encoded_words(&String::from_utf8_lossy(&bytes)),
    })
}

/// The bytes of a parameter as they stand, and the charset where its form has one.
pub(super) fn joined(value: &str, name: &str) -> Option<(Option<String>, Vec<u8>)> {
    let mut pieces: Vec<(u32, bool, String)> = Vec::new();
    for (key, value) in parameters(value) {
        let Some(rest) = key.strip_prefix(name) else { continue };
        match rest.strip_prefix('*') {
            None if rest.is_empty() => insert(&mut pieces, 0, false, value),
            None => {}
            Some("") => insert(&mut pieces, 0, true, value),
            Some(rest) => {
                let (number, encoded) = match rest.strip_suffix('*') {
                    Some(number) => (number, true),
                    None => (rest, false),
                };
                if let Ok(number) = number.parse() {
                    insert(&mut pieces, number, encoded, value);
                }
            }
        }
    }
    let extended = pieces.iter().any(|(_, encoded, _)| *encoded);
    let mut charset = String::new();
    let mut bytes = Vec::new();
    for (number, encoded, text) in &pieces {
        if !encoded {
            bytes.extend_from_slice(text.as_bytes());
            continue;
        }
        let mut text = text.as_str();
        if let (0, Some((before, rest))) = (number, text.split_once('\''))
            && let Some((_, rest)) = rest.split_once('\'')
        {
            charset = before.to_ascii_lowercase();
            text = rest;
        }
        bytes.extend(percent_decode_str(text));
    }
    (!pieces.is_empty()).then(|| (extended.then_some(charset), bytes))
}

/// Inserts a piece in the order of the numbers. Of two with one number the encoded one counts, else the first.
fn insert(pieces: &mut Vec<(u32, bool, String)>, number: u32, encoded: bool, text: String) {
    let place = pieces.partition_point(|(other, ..)| *other < number);
    match pieces.get_mut(place).filter(|(other, ..)| *other == number) {
        Some(piece) if encoded && !piece.1 => *piece = (number, encoded, text),
        Some(_) => {}
        None => pieces.insert(place, (number, encoded, text)),
    }
}

/// The parameters of a value, names in lower case, quotes taken off.
fn parameters(value: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let (mut part, mut quoted, mut escaped) = (String::new(), false, false);
    // Up to here the part is between quotes, where spaces count.
    let mut kept: usize = 0;
    let mut end = |part: &mut String, kept: usize| {
        let length = part.trim_end().len().max(kept);
        part.truncate(length);
        if let Some((name, value)) = part.split_once('=') {
            found.push((name.trim_end().to_ascii_lowercase(), value.to_owned()));
        }
        part.clear();
    };
    for c in value.chars() {
        match c {
            _ if escaped => {
                part.push(c);
                escaped = false;
            }
            '\\' if quoted => escaped = true,
            '"' => {
                quoted = !quoted;
                kept = part.len();
            }
            ';' if !quoted => {
                end(&mut part, kept);
                kept = 0;
            }
            c if !quoted && c.is_whitespace() && (part.is_empty() || part.ends_with('=')) => {}
            c => part.push(c),
        }
    }
    end(&mut part, kept);
    found
}

/// A text whose encoded words (`=?utf-8?q?Pr=C3=A4mie?=`) stand for characters.
pub(super) fn encoded_words(text: &str) -> String {
    let mut out = String::new();
    // Behind the last end of a word there is none: it is not looked for again and again.
    let end = text.rfind("?=").map_or(0, |end| end.saturating_add(2));
    let (mut rest, behind) = text.split_at_checked(end).unwrap_or((text, ""));
    let mut after_word = false;
    while let Some((before, word)) = rest.split_once("=?") {
        let mut parts = word.splitn(3, '?');
        let word = (|| {
            let (charset, encoding, tail) = (parts.next()?, parts.next()?, parts.next()?);
            if !["B", "b", "Q", "q"].contains(&encoding) {
                return None;
            }
            let (data, tail) = tail.split_once("?=")?;
            let bytes = match encoding {
                "B" | "b" => super::mime::base64(data.as_bytes()),
                _ => super::mime::quoted_printable(data.replace('_', " ").as_bytes()),
            };
            Some((characters(&charset.to_ascii_lowercase(), &bytes), tail))
        })();
        let Some((decoded, tail)) = word else {
            out.push_str(before);
            out.push_str("=?");
            rest = rest.get(before.len().saturating_add(2)..).unwrap_or_default();
            after_word = false;
            continue;
        };
        // White space between two encoded words is not part of the text.
        if !(after_word && before.trim().is_empty()) {
            out.push_str(before);
        }
        out.push_str(&decoded);
        rest = tail;
        after_word = true;
    }
    out.push_str(rest);
    out.push_str(behind);
    out
}

/// Bytes as characters. Western single-byte charsets share Latin-1's letters; of others, what is ASCII or
/// UTF-8 is read.
pub(super) fn characters(charset: &str, bytes: &[u8]) -> String {
    match charset {
        "iso-8859-1" | "iso-8859-15" | "latin1" | "windows-1252" => {
            bytes.iter().map(|b| char::from(*b)).collect()
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn parameters_come_in_many_forms() {
        for (value, expected) in [
            ("attachment; filename=a.pdf", "a.pdf"),
            ("attachment; FileName=\"a; b \\\"c\\\".pdf\"", "a; b \"c\".pdf"),
            ("attachment; filename*=utf-8'de'Pr%C3%A4mie.pdf", "Prämie.pdf"),
            ("attachment; filename*=iso-8859-1''Pr%E4mie.pdf", "Prämie.pdf"),
            ("attachment; filename=x; filename*=utf-8''y", "y"),
            ("attachment; filename*0=\"long \"; filename*1=\"name.pdf\"", "long name.pdf"),
            ("attachment; filename*0*=utf-8''Pr%C3%A4; filename*1=mie.pdf", "Prämie.pdf"),
            ("attachment; filename=\"=?utf-8?B?UHLDpG1pZQ==?= =?utf-8?q?_1.pdf?=\"", "Prämie 1.pdf"),
            ("attachment; filename=\"=?utf-8?x?a?= b.pdf\"", "=?utf-8?x?a?= b.pdf"),
            ("attachment; filename=\"never closed", "never closed"),
        ] {
            assert_eq!(parameter(value, "filename").as_deref(), Some(expected), "{value}");
        }
        assert_eq!(parameter("attachment; filenames=x", "filename"), None);
    }

    #[test]
    fn words_that_never_end_are_read_once() {
        for end in ["", "?="] {
            let text = format!("{}{end}", "=?x?x?x".repeat(200_000));
            let begin = Instant::now();
            assert_eq!(encoded_words(&text), text);
            let text = format!("{}{end}", "=?x?q".repeat(200_000));
            assert!(encoded_words(&text).len() <= text.len());
            assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
        }
    }

    #[test]
    fn of_an_endless_field_no_more_than_its_beginning_is_read() {
        let head = [b"To: \t".as_slice(), &b"\xff".repeat(100_000), b"\r\n ", &b"x".repeat(100_000)].concat();
        let text = field(&head, "to").unwrap();
        assert!(is_cut(&text) && text.len() <= LONGEST, "{}", text.len());
    }

    #[test]
    fn a_folded_field_is_one_line() {
        let head = b"X: 1\r\nContent-Type: multipart/mixed;\r\n\tboundary=b\r\nTo: c";
        assert_eq!(field(head, "content-type").as_deref(), Some("multipart/mixed;\tboundary=b"));
        assert_eq!(field(head, "from"), None);
    }
}
