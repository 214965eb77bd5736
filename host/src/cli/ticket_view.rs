//! A ticket in full, for people.

use serde_json::Value;

use super::output::Output;
use super::text::{SHOWN, bytes, counted, first_of, joined, mailbox, some, text, time};
use super::view::View;

/// The readable view of a `ticket`: what is it, who did it, to what, and what has been done about it.
pub(crate) fn ticket(output: &Output, ticket: &Value) -> String {
    let mut view = View::new(output);
    view.heading(&first_of(&[&ticket["incident-name"], &ticket["incident-kind"], &Value::from("Ticket")]));
    let severity = text(&ticket["severity"]);
    let alarming = matches!(severity.as_str(), "critical" | "high");
    let severity = if alarming { output.bad(&severity) } else { severity };
    view.field("severity", &joined(&[severity, text(&ticket["status"])]));
    view.field("observed", &time(&ticket["observed-at"]));
    let workflow = &ticket["workflow"];
    view.field("owner", &first_of(&[&workflow["assignee-name"], &workflow["assignee-id"]]));
    view.field("workflow", &joined(&[text(&workflow["status-title"]), text(&workflow["category"])]));
    view.field("status id", &text(&workflow["status-id"]));
    view.field("rules", &text(&ticket["rules"]));
    view.field("tags", &text(&ticket["tags"]));
    view.link("link", &text(&ticket["timeline-url"]));
    view.field("fqid", &text(&ticket["fqid"]));
    view.paragraphs("Description", &ticket["description"]);
    who(&mut view, ticket);
    what(&mut view, ticket);
    screenshots(&mut view, list(&ticket["screenshots"]));
    view.timeline(&events(ticket));
    view.finish()
}

/// The name of a ticket's user, as it stands in a table.
pub(crate) fn user(ticket: &Value) -> String {
    let user = &ticket["user"];
    first_of(&[&user["email"], &user["display-name"], &user["name"], &user["username"], &user["id"]])
}

fn who(view: &mut View<'_>, ticket: &Value) {
    let (user, endpoint) = (&ticket["user"], &ticket["endpoint"]);
    let name = mailbox(&first_of(&[&user["display-name"], &user["name"]]), &text(&user["email"]));
    let user = joined(&[name, text(&user["username"]), text(&user["aliases"])]);
    let endpoint = joined(&[first_of(&[&endpoint["fqdn"], &endpoint["hostname"]]), text(&endpoint["ip"])]);
    let application = text(&ticket["application"]);
    if [&user, &endpoint, &application].into_iter().all(String::is_empty) {
        return;
    }
    view.section("Who");
    view.field("user", &user);
    view.field("endpoint", &endpoint);
    view.field("application", &application);
}

fn what(view: &mut View<'_>, ticket: &Value) {
    let (messages, resources) = (list(&ticket["messages"]), list(&ticket["resources"]));
    let indicators: Vec<String> = list(&ticket["indicators"])
        .iter()
        .map(|it| first_of(&[&it["name"], &it["kind"], &it["id"]]))
        .collect();
    if messages.is_empty() && resources.is_empty() && indicators.is_empty() {
        return;
    }
    view.section("What");
    view.field("indicators", &some(&indicators));
    for message in messages.iter().take(SHOWN) {
        let kind = first_of(&[&message["kind"], &Value::from("message")]);
        let subject = text(&message["subject"]);
        let subject = if subject.is_empty() { "(no subject)".to_owned() } else { format!("“{subject}”") };
        view.field(&kind, &joined(&[subject, time(&message["sent-at"])]));
        let person = |it: &Value| mailbox(&text(&it["name"]), &text(&it["email"]));
        let recipients: Vec<String> = list(&message["recipients"]).iter().map(person).collect();
        let attachments: Vec<String> = list(&message["attachments"]).iter().map(text).collect();
        view.field("  from", &person(&message["sender"]));
        view.field("  to", &some(&recipients));
        view.field("  attached", &some(&attachments));
    }
    view.field("", &rest(messages.len(), "message"));
    for resource in resources.iter().take(SHOWN) {
        let name = if resource["target"] == true { "target" } else { "resource" };
        let what = first_of(&[&resource["path"], &resource["url"], &resource["name"], &resource["id"]]);
        view.field(name, &joined(&[what, bytes(&resource["size"]), text(&resource["content-type"])]));
    }
    view.field("", &rest(resources.len(), "resource"));
}

fn screenshots(view: &mut View<'_>, screenshots: &[Value]) {
    if screenshots.is_empty() {
        return;
    }
    view.section("Screenshots");
    for screenshot in screenshots {
        let about = [text(&screenshot["windows"]), dimensions(screenshot), bytes(&screenshot["size"])];
        view.field("id", &joined(&[text(&screenshot["id"]), joined(&about)]));
    }
}

/// `1920×1080`.
pub(crate) fn dimensions(screenshot: &Value) -> String {
    match (screenshot["width"].as_u64(), screenshot["height"].as_u64()) {
        (Some(width), Some(height)) => format!("{width}×{height}"),
        _ => String::new(),
    }
}

fn rest(count: usize, noun: &str) -> String {
    match count.saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("and {} more", counted(more as u64, noun)),
    }
}

/// History and comments in one timeline, oldest first. A note without a time stands behind the one that it
/// follows in its own list. The times have one form, so that their order is that of their texts.
fn events(ticket: &Value) -> Vec<(String, String)> {
    let mut events = Vec::new();
    for (field, line) in [("history", entry_line as fn(&Value) -> String), ("comments", comment_line)] {
        let mut since = String::new();
        for note in list(&ticket[field]) {
            let at = text(&note["created-at"]);
            if !at.is_empty() {
                since.clone_from(&at);
            }
            events.push((since.clone(), at, line(note)));
        }
    }
    events.sort_by(|a, b| a.0.cmp(&b.0));
    events.into_iter().map(|(_, at, what)| (at, what)).collect()
}

fn entry_line(entry: &Value) -> String {
    let what = first_of(&[&entry["text"], &entry["kind"], &Value::from("something")]);
    match text(&entry["author"]) {
        nobody if nobody.is_empty() => what,
        author => format!("{what} ({author})"),
    }
}

fn comment_line(comment: &Value) -> String {
    let author = first_of(&[&comment["author"], &Value::from("somebody")]);
    format!("{author}: “{}”", text(&comment["text"]))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::output::Format;
    use super::*;

    fn output(format: Format) -> Output {
        Output { format, colours: false, width: Some(60) }
    }

    fn example() -> Value {
        json!({
            "fqid": "b2l0cm9vdA==", "incident-name": "EMAIL-DLP-PCI\u{1b}[31m", "description": "one\ntwo",
            "status": "in-progress", "severity": "critical", "severity-number": 850,
            "observed-at": "2026-01-02T03:04:05.000Z", "rules": ["PCI out"], "tags": [],
            "timeline-url": "https://tenant.example.com/v2/apps/search/timeline?fqid=b2l0cm9vdA%3D%3D&region=eu",
            "user": { "email": "ben@example.com", "display-name": "Ben Example", "username": "ben", "aliases": [] },
            "endpoint": { "hostname": "laptop-7", "fqdn": null, "ip": "192.0.2.7" },
            "application": null,
            "indicators": [{ "name": "PCI numbers" }, { "kind": "it:card" }],
            "messages": [{
                "kind": "email", "subject": "Invoice", "sent-at": "2026-01-02T03:03:00.000Z",
                "sender": { "email": "ben@example.com", "name": "ben" },
                "recipients": (0..12).map(|n| json!({ "email": format!("p{n}@example.net") })).collect::<Vec<_>>(),
                "attachments": ["cards.csv", "b.pdf"],
            }],
            "resources": [
                { "path": "C:\\Work\\cards.csv", "size": 48_213, "content-type": "text/csv", "target": null },
                { "name": "E:", "target": true },
            ],
            "workflow": { "status-id": "s-1", "status-title": "In progress", "category": "open:in-progress",
                          "assignee-id": "u-1", "assignee-name": "Ann Owner" },
            "comments": [
                { "text": "an early comment that is long enough to be broken", "author": "Ann", "created-at": "2026-01-02T04:00:00.000Z" },
                { "text": "nobody knows when", "author": null, "created-at": null },
            ],
            "history": [
                { "text": "Status set to new", "created-at": "2026-01-02T03:05:00.000Z" },
                { "text": "Assigned to Ann", "author": "Ben", "created-at": "2026-01-02T05:00:00.000Z" },
            ],
            "screenshots": [{ "id": "7-1", "width": 1920, "height": 1080, "size": 245_000, "windows": ["Outlook"] }],
        })
    }

    #[test]
    fn a_person_can_read_it() {
        let expected = "\
EMAIL-DLP-PCI[31m
  severity     critical · in-progress
  observed     2026-01-02 03:04
  owner        Ann Owner
  workflow     In progress · open:in-progress
  status id    s-1
  rules        PCI out
  link         https://tenant.example.com/v2/apps/search/timeline?fqid=b2l0cm9vdA%3D%3D&region=eu
  fqid         b2l0cm9vdA==

Description
  one
  two

Who
  user         Ben Example <ben@example.com> · ben
  endpoint     laptop-7 · 192.0.2.7

What
  indicators   PCI numbers, it:card
  email        “Invoice” · 2026-01-02 03:03
    from       ben@example.com
    to         p0@example.net, p1@example.net,
               p2@example.net, p3@example.net,
               p4@example.net, p5@example.net,
               p6@example.net, p7@example.net,
               p8@example.net, p9@example.net and 2 more
    attached   cards.csv, b.pdf
  resource     C:\\Work\\cards.csv · 48 kB · text/csv
  target       E:

Screenshots
  id           7-1 · Outlook · 1920×1080 · 245 kB

Timeline
  2026-01-02 03:05  Status set to new
  2026-01-02 04:00  Ann: “an early comment that is long
                    enough to be broken”
                    somebody: “nobody knows when”
  2026-01-02 05:00  Assigned to Ann (Ben)";
        assert_eq!(ticket(&output(Format::Table), &example()), expected);
    }

    #[test]
    fn what_a_ticket_does_not_have_is_left_out() {
        let expected = "Ticket\n  fqid         x\n\nTimeline\n                    nothing yet";
        assert_eq!(ticket(&output(Format::Table), &json!({ "fqid": "x" })), expected);
    }

    #[test]
    fn notes_without_times_keep_their_order() {
        let mut without = example();
        for field in ["comments", "history"] {
            for note in without[field].as_array_mut().unwrap() {
                note["created-at"] = Value::Null;
            }
        }
        let texts: Vec<String> = events(&without).into_iter().map(|(_, what)| what).collect();
        assert_eq!(texts[..2], ["Status set to new", "Assigned to Ann (Ben)"]);
        assert!(texts[2].starts_with("Ann:") && texts[3].starts_with("somebody:"), "{texts:?}");
    }

    #[test]
    fn markdown_has_headings_and_lists() {
        let view = ticket(&output(Format::Markdown), &example());
        assert!(view.starts_with("## EMAIL-DLP-PCI\\[31m\n"), "{view}");
        assert!(view.contains("- **owner**: Ann Owner"), "{view}");
        assert!(view.contains("- 2026-01-02 05:00 Assigned to Ann (Ben)"), "{view}");
        let mut long = example();
        long["messages"] = Value::from(vec![long["messages"][0].clone(); 13]);
        let view = ticket(&output(Format::Markdown), &long);
        let message =
            "\n- **email**: “Invoice” · 2026-01-02 03:03\n  - **from**: ben@example.com\n  - **to**: p0@";
        assert!(view.contains(message), "{view}");
        assert!(view.contains("\n- and 3 messages more\n") && !view.contains("****"), "{view}");
    }
}
