use serde_json::{Value, json};

use super::{Bench, SEARCH, at, message};
use crate::{Activity, Comment, Incident, Message, NullStyle, Request, User};

fn incident() -> Incident {
    let analyst = User { id: "u-1".into(), name: "Ines Moreau".into() };
    let created_at = at("2025-11-17T15:37:13.039Z");
    Incident {
        assigned_user: Some(analyst.clone()),
        comments: vec![Comment {
            at: at("2025-11-17T16:00:00Z"),
            author: analyst,
            text: "Looks real.".into(),
            deleted: false,
        }],
        activities: vec![Activity {
            at: at("2025-11-17T15:50:00.037895Z"),
            kind: "priority_change".into(),
            cause: "history".into(),
            cause_name: Some("Raise priority".into()),
            details: json!({ "new_priority": "high", "old_priority": null }),
        }],
        messages: (1..=3).map(|n| Message::at(n, created_at)).collect(),
        ..Incident::at(7, created_at)
    }
}

fn bench(style: NullStyle) -> (Bench, String) {
    let mut bench = Bench::with(|options| options.null_style = style);
    bench.vendor.add_incident(incident());
    (bench, format!("{SEARCH}/{}", incident().id))
}

fn detail(style: NullStyle) -> Value {
    let (mut bench, path) = bench(style);
    bench.get(&path).json()
}

#[test]
fn the_summary_spells_some_things_its_own_way_and_lacks_others() {
    let summary = &detail(NullStyle::Explicit)["summary"];
    assert_eq!(summary["assignedApplicationUserName"], "Ines Moreau");
    assert_eq!(summary["messageSourceData"]["hasAbuseAlert"], true);
    assert_eq!(summary["messageSourceData"]["hasTapAlert"], false);
    assert_eq!(summary["createdAt"], "2025-11-17T15:37:13.039+00:00");
    assert_eq!(summary["closedAt"], Value::Null);
    assert!(summary["openedAt"].is_string() && summary["falsePositiveCount"].is_u64());
    for key in [
        "assignedUserName",
        "sourceTypes",
        "dispositions",
        "clearVerdicts",
        "clearConfidences",
        "vap",
        "commentCount",
    ] {
        assert!(summary.get(key).is_none(), "{key}");
    }
}

#[test]
fn comments_are_in_snake_case_with_times_without_a_zone() {
    let detail = detail(NullStyle::Explicit);
    let comment = &detail["comments"][0];
    assert_eq!(comment["created_at"], "2025-11-17T16:00:00.000");
    assert_eq!((&comment["author"], &comment["comment"]), (&json!("Ines Moreau"), &json!("Looks real.")));
    assert_eq!(comment["activity_type"], "comment_addition");

    let activity = &detail["activities"][2];
    assert_eq!(comment["id"], activity["id"], "a comment has the id of its activity");
    assert_eq!(comment["comment_id"], activity["comment_id"]);
    assert_ne!(comment["comment_id"], comment["id"]);
    assert_eq!(activity["activity_details"], json!({ "original_content": "Looks real." }));
}

#[test]
fn activities_come_oldest_first_with_nulls_in_either_style() {
    let detail = detail(NullStyle::Omit);
    let activities = detail["activities"].as_array().unwrap();
    let kinds: Vec<_> = activities.iter().map(|activity| &activity["activity_type"]).collect();
    assert_eq!(kinds, ["incident_creation", "priority_change", "comment_addition"]);
    let change = &activities[1];
    assert_eq!(change["occurred_at"], "2025-11-17T15:50:00.037895");
    assert_eq!(change["causing_workflow_name"], "Raise priority");
    assert_eq!(change.get("causing_user_name"), Some(&Value::Null));
    assert!(detail["summary"].get("closedAt").is_none(), "the summary omits them");
}

#[test]
fn the_same_detail_comes_again() {
    assert_eq!(detail(NullStyle::Explicit), detail(NullStyle::Explicit));
}

#[test]
fn an_unknown_incident_is_404() {
    let (mut bench, _) = bench(NullStyle::Explicit);
    let reply = bench.get(&format!("{SEARCH}/nobody"));
    assert_eq!((reply.status, message(&reply).is_empty()), (404, false));
    assert_eq!(bench.post(&format!("{SEARCH}/nobody/messages"), json!({})).status, 404);
    assert_eq!(bench.get("/api/v1/tric/nothing").status, 404);
    assert_eq!(bench.send(Request::get(SEARCH)).status, 405);
}

#[test]
fn an_encoded_slash_stays_inside_its_segment() {
    let mut bench = Bench::new();
    bench.vendor.add_incident(Incident { id: "a/messages".into(), ..incident() });
    assert_eq!(bench.get(&format!("{SEARCH}/a%2Fmessages")).status, 200);
    assert_eq!(bench.get(&format!("{SEARCH}/a/messages")).status, 405);
}

#[test]
fn messages_come_in_pages_beside_the_detail_in_camel_case() {
    let (mut bench, path) = bench(NullStyle::Explicit);
    let body = json!({
        "startRow": 1,
        "endRow": 3,
        "sortParams": [{ "sort": "asc", "colId": "createdAt" }],
        "filters": { "disposition_filters": ["low_risk"] },
    });
    let reply = bench.post(&format!("{path}/messages"), body).json();
    assert_eq!((&reply["total"], &reply["startRow"], &reply["endRow"]), (&json!(3), &json!(1), &json!(3)));
    assert_eq!(reply["summary"], bench.get(&path).json()["summary"]);
    let messages = reply["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0]["emailSubject"], "Invoice 2");
    assert_eq!(messages[0]["senderAddress"], "sender2@example.net");
    assert_eq!(messages[0]["recipientAddress"], "user2@example.com");
}

#[test]
fn messages_can_be_filtered_but_not_by_what_only_incidents_have() {
    let (mut bench, path) = bench(NullStyle::Explicit);
    let mut total = |filters| {
        bench.post(&format!("{path}/messages"), json!({ "filters": filters })).json()["total"].clone()
    };
    assert_eq!(total(json!({ "verdict_filters": ["verdict_threat"] })), 0);
    assert_eq!(total(json!({ "verdict_filters": ["verdict_low_risk"] })), 3);
    assert_eq!(total(json!({ "priority_filters": ["high"] })), 3);
}
