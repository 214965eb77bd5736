//! The vendor's JSON in all its styles.

use chrono::TimeDelta;
use proofpoint_simulator::{MalformedKind, NullStyle, User};
use proofpoint_tests::{World, id, ids};
use serde_json::{Value, json};

async fn listed(style: NullStyle, priority: Option<&str>) -> Value {
    let mut world = World::with(|options| {
        options.null_style = style;
        options.clock = proofpoint_simulator::Clock::Manual("2026-01-02T03:04:05.678Z".parse().unwrap());
    })
    .await;
    world.add(1, TimeDelta::zero(), |incident| {
        incident.priority = priority.map(str::to_owned);
        incident.verdicts = Vec::new();
        incident.confidences = Vec::new();
        incident.sources = vec!["tap_alert".into()];
    });
    let mut page = world.list(json!({})).await.unwrap();
    let detail = world.call("incidents.incident-get", json!({ "ids": [id(1)] })).await.unwrap();
    json!([page["incidents"][0].take(), detail[0]["ok"]["incident"]])
}

#[tokio::test]
async fn null_and_missing_are_the_same() {
    for priority in [None, Some("low")] {
        let mut omitted = listed(NullStyle::Omit, priority).await;
        let explicit = listed(NullStyle::Explicit, priority).await;
        // What only the older service has.
        assert_eq!(omitted[0]["sid"].take(), "9000001");
        assert_eq!(omitted[0]["vip"].take(), false);
        assert_eq!(omitted[1]["sid"].take(), "9000001");
        assert_eq!(omitted, explicit);
        assert_eq!(explicit[0]["priority"], json!(priority));
        assert_eq!(explicit[0]["created-at"], "2026-01-02T03:04:05.678Z");
        for list in ["clear-verdicts", "clear-confidences", "abuse-source-ids"] {
            assert_eq!(explicit[0][list], json!([]), "{list}");
        }
        for absent in ["assigned-user-id", "assigned-user-name", "closed-at", "description"] {
            assert_eq!(explicit[0][absent], Value::Null, "{absent}");
        }
    }
}

#[tokio::test]
async fn a_row_names_its_person_team_and_sources() {
    let mut world = World::new().await;
    world.add(1, TimeDelta::zero(), |incident| {
        incident.assigned_user = Some(User { id: id(900), name: "Ada".into() });
        incident.sources = vec!["abuse_mailbox".into(), "tap_alert".into()];
    });
    let page = world.list(json!({})).await.unwrap();
    let row = &page["incidents"][0];
    assert_eq!((&row["assigned-user-id"], &row["assigned-user-name"]), (&json!(id(900)), &json!("Ada")));
    assert_eq!(row["assigned-team-name"], "Analyst");
    assert_eq!(row["source-types"], json!(["abuse_mailbox", "tap_alert"]));
    assert_eq!(
        row["sources"],
        json!([
            { "kind": "AbuseMailbox", "name": "Abuse Mailbox for Example" },
            { "kind": "TapAlert", "name": null },
        ])
    );
    assert_eq!(row["raw-json"], Value::Null);
}

#[tokio::test]
async fn a_malformed_row_is_passed_on_raw_with_a_warning_and_the_others_as_usual() {
    for (kind, raw) in [
        (MalformedKind::BadCreatedAt, "the day before yesterday"),
        (MalformedKind::MissingCreatedAt, "Invoice 2"),
        (MalformedKind::MissingId, "Invoice 2"),
        (MalformedKind::NotAnObject, "not an incident"),
    ] {
        let mut world = World::new().await;
        for n in 1..=3 {
            world.add(n, TimeDelta::seconds(10 - n as i64), |incident| {
                incident.malformed = (n == 2).then_some(kind);
            });
        }
        let page = world.list(json!({})).await.unwrap();
        let got = ids(&page, "incidents");
        assert_eq!((got.len(), got[0].clone(), got[2].clone()), (3, id(3), id(1)), "{kind:?}");
        assert_eq!(page["warnings"].as_array().unwrap().len(), 1, "{kind:?}");
        let rows = page["incidents"].as_array().unwrap();
        assert!(rows[1]["raw-json"].as_str().unwrap().contains(raw), "{kind:?}");
        assert_eq!((&rows[0]["raw-json"], &rows[2]["raw-json"]), (&Value::Null, &Value::Null));
    }
}

#[tokio::test]
async fn fields_of_the_wrong_type_cost_only_themselves() {
    let mut world = World::new().await;
    world.add(1, TimeDelta::zero(), |incident| incident.malformed = Some(MalformedKind::WrongTypes));
    let page = world.list(json!({ "include-raw": true })).await.unwrap();
    let row = &page["incidents"][0];
    assert_eq!(row["id"], id(1).as_str());
    assert_eq!((&row["message-count"], &row["vap"]), (&Value::Null, &Value::Null));
    assert_eq!((&row["source-types"], &row["sources"]), (&json!([]), &json!([])));
    assert!(row["raw-json"].as_str().unwrap().contains("vap as text"));
}

#[tokio::test]
async fn unknown_keys_and_values_are_kept() {
    let mut world = World::new().await;
    world.add(1, TimeDelta::hours(1), |incident| {
        for (key, value) in [
            ("state", json!("archived")),
            ("priority", json!("critical")),
            ("sourceTypes", json!(["carrier_pigeon"])),
            ("dispositions", json!(["deep_fake"])),
            ("aNewField", json!({ "nested": [1, 12_345_678_901_234_567_890_u64, "ü\u{1F512}"] })),
        ] {
            incident.extra.insert(key.into(), value);
        }
    });
    // Filters that an unknown value cannot be judged by give no false alarm.
    let query = json!({ "include-raw": true, "start-time": "1 day" });
    let page = world.list(query).await.unwrap();
    let row = &page["incidents"][0];
    assert_eq!((&row["state"], &row["priority"]), (&json!("archived"), &json!("critical")));
    assert_eq!(row["source-types"], json!(["carrier_pigeon"]));
    assert_eq!(row["dispositions"], json!(["deep_fake"]));
    assert_eq!(page["warnings"], json!([]));
    let raw: Value = serde_json::from_str(row["raw-json"].as_str().unwrap()).unwrap();
    assert_eq!(raw["aNewField"]["nested"], json!([1, 12_345_678_901_234_567_890_u64, "ü\u{1F512}"]));
    assert_eq!(raw["displayId"], 1);
}

#[tokio::test]
async fn times_come_in_utc_however_they_were_written() {
    let mut world = World::new().await;
    world.add(1, TimeDelta::zero(), |incident| {
        for (key, value) in [
            ("createdAt", json!("2026-01-02T05:04:05.678+02:00")),
            ("updatedAt", json!("2026-01-02T03:04:05.678901")),
            ("closedAt", json!(1_767_323_045_678_i64)),
        ] {
            incident.extra.insert(key.into(), value);
        }
    });
    let page = world.list(json!({})).await.unwrap();
    for field in ["created-at", "updated-at", "closed-at"] {
        assert_eq!(page["incidents"][0][field], "2026-01-02T03:04:05.678Z", "{field}");
    }
}
