//! An incident in full, for people.

use serde_json::Value;

use super::output::Output;
use super::text::{counted, first_of, joined, number, text, time};
use super::view::View;

/// The readable view of an `incident-detail`: what, who, and what happened when.
pub(crate) fn detail(output: &Output, detail: &Value) -> String {
    let incident = &detail["incident"];
    let mut view = View::new(output);
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
    view.link("link", &text(&incident["url"]));
    view.field("id", &text(&incident["id"]));
    view.paragraphs("Description", &incident["description"]);
    view.timeline(&events(detail));
    view.finish()
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
    events
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
