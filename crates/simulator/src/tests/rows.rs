use serde_json::{Value, json};

use super::{Bench, SEARCH, at, rows};
use crate::{Incident, MalformedKind, NullStyle, User};

fn tap_alert() -> Incident {
    Incident {
        priority: None,
        sources: vec!["tap_alert".into()],
        verdicts: Vec::new(),
        confidences: Vec::new(),
        ..Incident::at(781, at("2025-12-03T13:37:09.741928Z"))
    }
}

fn row(style: NullStyle, incident: Incident) -> Value {
    let mut bench = Bench::with(|options| options.null_style = style);
    bench.vendor.add_incident(incident);
    rows(&bench.post(SEARCH, json!({}))).remove(0)
}

#[test]
fn the_newer_style_writes_nulls_and_has_another_title() {
    let row = row(NullStyle::Explicit, tap_alert());
    for key in [
        "closedAt",
        "priority",
        "assignedUserId",
        "assignedUserName",
        "abuseSourceIds",
        "clearVerdicts",
        "clearConfidences",
    ] {
        assert_eq!(row.get(key), Some(&Value::Null), "{key}");
    }
    assert_eq!(row["titlePII"], row["title"]);
    assert!(row.get("sid").is_none() && row.get("vip").is_none());
}

#[test]
fn the_older_style_omits_nulls_and_has_two_more_keys() {
    let row = row(NullStyle::Omit, tap_alert());
    for key in ["closedAt", "priority", "assignedUserId", "assignedUserName", "titlePII"] {
        assert!(row.get(key).is_none(), "{key}");
    }
    for key in ["abuseSourceIds", "clearVerdicts", "clearConfidences"] {
        assert_eq!(row[key], json!([]), "{key}");
    }
    assert!(row["sid"].is_u64() && row["vip"].is_boolean());
}

#[test]
fn times_have_milliseconds_and_an_offset() {
    assert_eq!(row(NullStyle::Explicit, tap_alert())["createdAt"], "2025-12-03T13:37:09.741+00:00");
}

#[test]
fn rows_spell_sources_otherwise_than_filters_and_name_only_mailboxes() {
    let row = row(
        NullStyle::Explicit,
        Incident { sources: vec!["tap_alert".into(), "abuse_mailbox".into()], ..tap_alert() },
    );
    assert_eq!(row["sourceTypes"], json!(["tap_alert", "abuse_mailbox"]));
    assert_eq!(row["sourcesData"][0], json!({ "type": "TapAlert" }));
    assert_eq!(row["sourcesData"][1]["type"], "AbuseMailbox");
    assert!(row["sourcesData"][1]["name"].is_string());
    assert_eq!(row["abuseSourceIds"].as_array().unwrap().len(), 1);
}

#[test]
fn an_incident_is_assigned_to_a_user_of_this_name() {
    let user = User { id: "u-1".into(), name: "Ines Moreau".into() };
    let row = row(NullStyle::Omit, Incident { assigned_user: Some(user), ..tap_alert() });
    assert_eq!((&row["assignedUserId"], &row["assignedUserName"]), (&json!("u-1"), &json!("Ines Moreau")));
}

#[test]
fn a_row_carries_unknown_keys() {
    let mut incident = tap_alert();
    incident.extra.insert("newFeature".into(), json!({ "a": 1 }));
    assert_eq!(row(NullStyle::Omit, incident)["newFeature"], json!({ "a": 1 }));
}

#[test]
fn a_row_can_be_malformed_in_each_way() {
    let row = |kind| row(NullStyle::Explicit, tap_alert().malformed(kind));
    assert!(row(MalformedKind::BadCreatedAt)["createdAt"].as_str().unwrap().contains("yesterday"));
    assert!(row(MalformedKind::MissingCreatedAt).get("createdAt").is_none());
    assert!(row(MalformedKind::MissingId).get("id").is_none());
    assert!(row(MalformedKind::NotAnObject).is_string());
    let wrong = row(MalformedKind::WrongTypes);
    assert!(wrong["id"].is_string() && wrong["title"].is_number() && wrong["messageCount"].is_string());
}
