//! An incident in full, for people.

use serde_json::Value;

use super::output::{Format, Output};
use super::table::escaped;
use super::text::{counted, first_of, lines, number, text, time};

/// The readable view of an `incident-detail`: what, who, and what happened when.
pub(crate) fn detail(output: &Output, detail: &Value) -> String {
    let incident = &detail["incident"];
    let mut view = View { output, lines: Vec::new() };
    let title = format!("{}  {}", number(&incident["display-id"]), text(&incident["title"]));
    view.heading(title.trim());
    view.field("state", &joined(&[text(&incident["state"]), priority(incident), attacked(incident)]));
    view.field("created", &time(&incident["created-at"]));
    view.field("updated", &time(&incident["updated-at"]));
    view.field("closed", &time(&incident["closed-at"]));
    let owner = [text(&incident["assigned-user-name"]), text(&incident["assigned-team-name"])];
    view.field("assigned to", &joined(&owner));
    view.field("sources", &text(&incident["source-types"]));
    view.field("contents", &contents(incident));
    view.field("link", &text(&incident["url"]));
    view.field("id", &text(&incident["id"]));
    let description = incident["description"].as_str().map(lines).unwrap_or_default();
    if !description.is_empty() {
        view.section("Description");
        description.iter().for_each(|line| view.paragraph(line));
    }
    view.section("Timeline");
    let mut events = events(detail);
    if events.is_empty() {
        events.push((String::new(), "nothing yet".to_owned()));
    }
    for (at, what) in events {
        view.event(&at, &what);
    }
    view.lines.join("\n")
}

fn priority(incident: &Value) -> String {
    match text(&incident["priority"]) {
        none if none.is_empty() => none,
        priority => format!("{priority} priority"),
    }
}

fn attacked(incident: &Value) -> String {
    let marks = [("vap", "very attacked person"), ("vip", "very important person")];
    let marks =
        marks.iter().filter(|(field, _)| incident[*field] == true).map(|(_, mark)| (*mark).to_owned());
    joined(&marks.collect::<Vec<_>>())
}

fn contents(incident: &Value) -> String {
    let counts = [
        ("message-count", "message"),
        ("comment-count", "comment"),
        ("false-positive-count", "false positive"),
    ];
    let counts = counts.iter().filter_map(|(field, noun)| Some(counted(incident[*field].as_u64()?, noun)));
    joined(&counts.collect::<Vec<_>>())
}

fn joined(parts: &[String]) -> String {
    let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

/// Activities and comments in one timeline, oldest first. The times have one form, so that their order
/// is that of their texts. That a comment was added is said by the comment.
fn events(detail: &Value) -> Vec<(String, String)> {
    let list = |field: &str| detail[field].as_array().map(Vec::as_slice).unwrap_or_default();
    let comments = list("comments");
    let said_twice =
        |activity: &Value| activity["activity-type"] == "comment_addition" && !comments.is_empty();
    let activities = list("activities").iter().filter(|activity| !said_twice(activity));
    let mut events: Vec<(String, String)> = activities
        .map(|activity| (text(&activity["occurred-at"]), activity_line(activity)))
        .chain(comments.iter().map(|comment| (text(&comment["created-at"]), comment_line(comment))))
        .collect();
    events.sort_by(|a, b| a.0.cmp(&b.0));
    events.into_iter().map(|(at, what)| (time(&Value::from(at)), what)).collect()
}

fn activity_line(activity: &Value) -> String {
    let kind = text(&activity["activity-type"]).replace('_', " ");
    let what = joined(&[kind, text(&activity["content"])]);
    match first_of(&[&activity["cause-name"], &activity["cause-type"]]) {
        nobody if nobody.is_empty() => what,
        cause => format!("{what} ({cause})"),
    }
}

fn comment_line(comment: &Value) -> String {
    let author = first_of(&[&comment["author"], &comment["author-id"], &Value::from("somebody")]);
    let deleted = if comment["deleted"] == true { " (deleted)" } else { "" };
    format!("{author}{deleted}: “{}”", text(&comment["text"]))
}

/// Lines of the view, wrapped to the terminal.
struct View<'a> {
    output: &'a Output,
    lines: Vec<String>,
}

impl View<'_> {
    fn is_markdown(&self) -> bool {
        self.output.format == Format::Markdown
    }

    fn heading(&mut self, title: &str) {
        let heading =
            if self.is_markdown() { format!("## {}\n", escaped(title)) } else { self.output.bold(title) };
        self.lines.push(heading);
    }

    fn section(&mut self, title: &str) {
        let heading = if self.is_markdown() { format!("### {title}\n") } else { self.output.bold(title) };
        self.lines.extend([String::new(), heading]);
    }

    fn field(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        self.lines.push(if self.is_markdown() {
            format!("- **{name}**: {}", escaped(value))
        } else {
            format!("  {}{value}", self.output.dim(&format!("{name:<13}")))
        });
    }

    fn event(&mut self, at: &str, what: &str) {
        if self.is_markdown() {
            self.lines.push(format!("- {at} {}", escaped(what)));
            return;
        }
        for (index, line) in wrapped(what, self.room(20)).into_iter().enumerate() {
            let margin = if index == 0 { at } else { "" };
            self.lines.push(format!("  {}  {line}", self.output.dim(&format!("{margin:<16}"))));
        }
    }

    fn paragraph(&mut self, text: &str) {
        let text = if self.is_markdown() { escaped(text) } else { text.to_owned() };
        let indent = if self.is_markdown() { "" } else { "  " };
        let lines = wrapped(&text, self.room(2));
        self.lines.extend(lines.into_iter().map(|line| format!("{indent}{line}")));
    }

    /// What the terminal leaves beside a margin; no terminal, no limit.
    fn room(&self, margin: u16) -> usize {
        self.output.width.map_or(usize::MAX, |width| usize::from(width.saturating_sub(margin).max(20)))
    }
}

/// Breaks a text between words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn output(format: Format) -> Output {
        Output { format, colours: false, width: Some(60) }
    }

    fn example() -> Value {
        json!({
            "incident": {
                "id": "i-1", "display-id": "781", "title": "Phish\u{1b}[31m!", "state": "open",
                "priority": "high", "created-at": "2026-01-02T03:04:05.000Z", "vap": true,
                "source-types": ["tap_alert"], "message-count": 1, "description": "one\ntwo",
            },
            "activities": [
                { "occurred-at": "2026-01-02T03:04:05.000Z", "activity-type": "incident_creation", "cause-type": "system" },
                { "occurred-at": "2026-01-02T05:00:00.000Z", "activity-type": "priority_change", "content": "to high", "cause-name": "Ann" },
            ],
            "comments": [
                { "created-at": "2026-01-02T04:00:00.000Z", "author": "Ben", "text": "a comment that is long enough to be broken", "deleted": false },
            ],
        })
    }

    #[test]
    fn a_person_can_read_it() {
        let expected = "\
INC-781  Phish[31m!
  state        open · high priority · very attacked person
  created      2026-01-02 03:04
  sources      tap_alert
  contents     1 message
  id           i-1

Description
  one
  two

Timeline
  2026-01-02 03:04  incident creation (system)
  2026-01-02 04:00  Ben: “a comment that is long enough to
                    be broken”
  2026-01-02 05:00  priority change · to high (Ann)";
        assert_eq!(detail(&output(Format::Table), &example()), expected);
    }

    #[test]
    fn markdown_has_headings_and_lists() {
        let view = detail(&output(Format::Markdown), &example());
        assert!(view.starts_with("## INC-781  Phish\\[31m!\n"), "{view}");
        assert!(view.contains("- **state**: open · high priority"), "{view}");
        assert!(view.contains("- 2026-01-02 04:00 Ben: “a comment"), "{view}");
    }
}
