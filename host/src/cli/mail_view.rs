//! An e-mail in short, for people: what stands in it, and no link that can be followed by mistake.

use serde_json::Value;

use super::output::Output;
use super::table::Column;
use super::text::{bytes, defanged, mailbox, some, text, time};
use super::view::View;

const AUTHENTICATION: [Column; 4] = [
    Column::new("CHECK", |row| text(&row["method"])),
    Column::new("RESULT", |row| text(&row["outcome"])),
    Column::new("SERVER", |row| text(&row["server"])).flexible(),
    Column::new("DETAIL", |row| text(&row["detail"])).wrapped(),
];

const ATTACHMENTS: [Column; 4] = [
    Column::new("ATTACHMENT", |row| text(&row["name"])).flexible(),
    Column::new("TYPE", |row| text(&row["content-type"])).flexible(),
    Column::new("SIZE", |row| bytes(&row["size"])).number(),
    Column::new("SHA-256", |row| text(&row["sha256"])).beneath(),
];

/// The readable view of an `eml`, with the file it was saved in where there is one.
pub(crate) fn mail(output: &Output, mail: &Value) -> String {
    let summary = &mail["summary"];
    let mut view = View::new(output);
    if summary.is_object() {
        let subject = text(&summary["subject"]);
        view.heading(if subject.is_empty() { "(no subject)" } else { &subject });
        for (name, field) in [
            ("from", "from-addresses"),
            ("reply to", "reply-to-addresses"),
            ("to", "to-addresses"),
            ("copy to", "cc-addresses"),
        ] {
            view.field(name, &people(&summary[field]));
        }
        view.field("date", &time(&summary["date"]));
        view.field("message-id", &text(&summary["rfc-message-id"]));
    }
    view.field("saved", &text(&mail["path"]));
    view.field("size", &bytes(&mail["size"]));
    view.field("sha-256", &text(&mail["sha256"]));
    view.field("type", &text(&mail["content-type"]));
    for warning in list(&summary["warnings"]) {
        view.field("warning", &text(warning));
    }
    view.rows(
        "What servers found (believe your own alone)",
        list(&summary["authentication"]),
        &AUTHENTICATION,
    );
    let links: Vec<String> = list(&summary["links"]).iter().map(|link| defanged(&text(link))).collect();
    view.items("Links", &links);
    view.rows("Attachments", list(&summary["attachments"]), &ATTACHMENTS);
    view.finish()
}

fn people(mailboxes: &Value) -> String {
    let person = |it: &Value| mailbox(&text(&it["name"]), &text(&it["email"]));
    some(&list(mailboxes).iter().map(person).collect::<Vec<_>>())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::output::Format;
    use super::*;

    fn example() -> Value {
        json!({
            "path": "m.eml", "size": 1234, "sha256": "ab", "content-type": "application/octet-stream",
            "summary": {
                "rfc-message-id": "<1@example.net>",
                "from-addresses": [{ "name": "Your\u{202e} bank", "email": "evil@example.net" }],
                "reply-to-addresses": [],
                "to-addresses": (0..12).map(|n| json!({ "email": format!("p{n}@example.com") })).collect::<Vec<_>>(),
                "cc-addresses": [{ "name": "Ann", "email": null }],
                "subject": "Pay\u{1b}[31m at http://evil.example",
                "date": "2026-01-02T03:04:05.000Z",
                "authentication": [
                    { "server": "mx.example.com", "method": "spf", "outcome": "fail", "detail": null },
                    { "server": null, "method": "dmarc", "outcome": "none", "detail": "header.from=example.net" },
                ],
                "links": ["https://evil.example/a_b"],
                "attachments": [{ "name": null, "content-type": "a/b", "size": 1, "sha256": "cd" }],
                "warnings": ["it has more"],
            },
        })
    }

    fn shown(format: Format, eml: &Value) -> String {
        mail(&Output { format, colours: false, width: Some(60) }, eml)
    }

    #[test]
    fn a_person_can_read_it() {
        let expected = "\
Pay[31m at hxxp://evil.example
  from         Your bank <evil@example.net>
  to           p0@example.com, p1@example.com,
               p2@example.com, p3@example.com,
               p4@example.com, p5@example.com,
               p6@example.com, p7@example.com,
               p8@example.com, p9@example.com and 2 more
  copy to      Ann
  date         2026-01-02 03:04
  message-id   <1@example.net>
  saved        m.eml
  size         1.2 kB
  sha-256      ab
  type         application/octet-stream
  warning      it has more

What servers found (believe your own alone)
CHECK  RESULT  SERVER          DETAIL
spf    fail    mx.example.com
dmarc  none                    header.from=example.net

Links
  hxxps://evil[.]example/a_b

Attachments
ATTACHMENT  TYPE  SIZE  SHA-256
            a/b    1 B  cd";
        assert_eq!(shown(Format::Table, &example()), expected);
    }

    #[test]
    fn what_was_not_asked_for_is_left_out() {
        let mut bare = example();
        bare["summary"] = Value::Null;
        bare["path"] = Value::Null;
        let expected = "  size         1.2 kB\n  sha-256      ab\n  type         application/octet-stream";
        assert_eq!(shown(Format::Table, &bare), expected);
    }

    #[test]
    fn markdown_makes_no_link_of_one() {
        let markdown = shown(Format::Markdown, &example());
        assert!(markdown.contains("### Links\n\n- hxxps://evil\\[.\\]example/a\\_b\n"), "{markdown}");
        assert!(markdown.contains("| spf | fail | mx.example.com |  |"), "{markdown}");
        assert!(markdown.contains("- **from**: Your bank \\<evil@example.net>"), "{markdown}");
    }
}
