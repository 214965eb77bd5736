//! Senders and recipients as header fields list them.

use super::Mailbox;
use super::header::encoded_words;

/// Addresses of one field that are read. A field is cut off long before it holds more.
const MOST: usize = 1000;

/// What a character belongs to.
#[derive(Default)]
struct Reader {
    found: Vec<Mailbox>,
    /// What stands outside of angle brackets and comments.
    text: String,
    /// What stands in angle brackets.
    email: Option<String>,
    /// What stands in the last comment.
    comment: String,
}

/// The addresses of a field: `Ada <ada@example.com>, "Rao, K." <k@example.com>, bob@example.com (Bob)`, and groups
/// of them (`Team: a@example.com;`).
pub(super) fn mailboxes(field: &str) -> Vec<Mailbox> {
    let mut reader = Reader::default();
    let (mut quoted, mut escaped, mut angle, mut comments) = (false, false, false, 0_u32);
    for c in field.chars() {
        let out = !quoted && comments == 0;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted || comments > 0 => {
                escaped = true;
                continue;
            }
            '"' if comments == 0 => {
                quoted = !quoted;
                continue;
            }
            '(' if !quoted => {
                comments = comments.saturating_add(1);
                if comments == 1 {
                    reader.comment.clear();
                    continue;
                }
            }
            ')' if !quoted && comments > 0 => {
                comments = comments.saturating_sub(1);
                if comments == 0 {
                    continue;
                }
            }
            '<' if out => {
                angle = true;
                reader.email = Some(String::new());
                continue;
            }
            '>' if out && angle => {
                angle = false;
                continue;
            }
            // What stands before it is the name of a group.
            ':' if out && !angle => {
                reader.text.clear();
                continue;
            }
            ',' | ';' if out && !angle => {
                reader.end();
                continue;
            }
            _ => {}
        }
        if comments > 0 {
            reader.comment.push(c);
        } else if let (true, Some(email)) = (angle, &mut reader.email) {
            email.push(c);
        } else {
            reader.text.push(c);
        }
    }
    reader.end();
    reader.found
}

impl Reader {
    /// Ends an address.
    fn end(&mut self) {
        let Self { found, text, email, comment } = self;
        let (text, comment) = (core::mem::take(text), core::mem::take(comment));
        let name = |text: &str| Some(encoded_words(text.trim())).filter(|name| !name.is_empty());
        let mailbox = match email.take() {
            Some(email) => Mailbox { email: bare(&email), name: name(&text) },
            None => Mailbox { email: bare(&text), name: name(&comment) },
        };
        if mailbox != Mailbox::default() && found.len() < MOST {
            found.push(mailbox);
        }
    }
}

fn bare(email: &str) -> Option<String> {
    Some(email.trim().to_owned()).filter(|email| !email.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_in_every_form() {
        let read = |field| -> Vec<(String, String)> {
            let text = |text: Option<String>| text.unwrap_or_default();
            mailboxes(field).into_iter().map(|m| (text(m.email), text(m.name))).collect()
        };
        for (field, expected) in [
            ("ada@example.com", vec![("ada@example.com", "")]),
            ("Ada Lovelace <ada@example.com>", vec![("ada@example.com", "Ada Lovelace")]),
            (
                "\"Rao, K. \\\"Kav\\\"\" <k@example.com>, bob@example.com (Bob (the other))",
                vec![("k@example.com", "Rao, K. \"Kav\""), ("bob@example.com", "Bob (the other)")],
            ),
            ("=?utf-8?q?J=C3=BCrgen?= <j@example.com>", vec![("j@example.com", "Jürgen")]),
            ("Team: a@example.com, b@example.com;", vec![("a@example.com", ""), ("b@example.com", "")]),
            ("undisclosed-recipients:;", vec![]),
            ("\"ceo@example.com\" <evil@example.net>", vec![("evil@example.net", "ceo@example.com")]),
            ("<never@closed", vec![("never@closed", "")]),
            ("\"never closed, a@example.com", vec![("never closed, a@example.com", "")]),
            (", ,;", vec![]),
        ] {
            let expected: Vec<(String, String)> =
                expected.into_iter().map(|(a, b): (&str, &str)| (a.to_owned(), b.to_owned())).collect();
            assert_eq!(read(field), expected, "{field}");
        }
    }

    #[test]
    fn no_more_than_a_thousand_are_read() {
        assert_eq!(mailboxes(&"a@example.com,".repeat(5000)).len(), MOST);
    }
}
