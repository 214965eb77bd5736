//! Single incidents and their messages.

use chrono::TimeDelta;
use proofpoint_simulator::{Activity, Comment, Message, User};
use proofpoint_tests::{INCIDENTS, World, id, ids, refused};
use serde_json::{Value, json};

fn get(ids: &[String]) -> Value {
    json!({ "ids": ids })
}

#[tokio::test]
async fn details_come_in_the_order_of_the_ids_and_a_repeated_id_is_asked_for_once() {
    let mut world = World::new().await;
    world.add_incidents(20, 0);
    let asked: Vec<String> = [7, 3, 7, 19, 3, 1, 7].map(id).to_vec();
    let answer = world.call("incidents.incident-get", get(&asked)).await.unwrap();
    let got: Vec<&str> = answer
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["ok"]["incident"]["id"].as_str().unwrap())
        .collect();
    assert_eq!(got, asked);
    let mut paths: Vec<String> = world.api().iter().map(|call| call.path.clone()).collect();
    paths.sort();
    assert_eq!(paths, [1, 3, 7, 19].map(|n| format!("{INCIDENTS}/{}", id(n))));
    assert!(world.api().iter().all(|call| call.method == "GET"));
}

#[tokio::test]
async fn an_unknown_id_hides_none_of_the_others() {
    let mut world = World::new().await;
    world.add_incidents(2, 0);
    let answer = world.call("incidents.incident-get", get(&[1, 99, 2].map(id))).await.unwrap();
    assert_eq!(answer[0]["ok"]["incident"]["id"], id(1).as_str());
    assert_eq!(answer[1]["error"]["case"], "not-found");
    assert_eq!(answer[2]["ok"]["incident"]["id"], id(2).as_str());
    assert_eq!(world.counts(), (3, 1));
}

#[tokio::test]
async fn what_is_no_uuid_is_refused_before_anything_is_sent() {
    let mut world = World::new().await;
    for wrong in [
        "",
        "781",
        "INC-781",
        "../messages/x",
        "..",
        "%2e%2e",
        "44cca4c8-e513-42e5-984a-965de7f39537/messages",
        "44cca4c8-e513-42e5-984a-965de7f39537?x",
        "44cca4c8e51342e5984a965de7f39537",
        "44cca4c8-e513-42e5-984a-965de7f3953\u{661}",
    ] {
        assert_eq!(refused(world.call("incidents.incident-get", get(&[id(1), wrong.into()])).await).0, "ids");
        let messages = json!({ "id": wrong });
        assert_eq!(refused(world.call("incidents.incident-messages", messages).await).0, "id", "{wrong}");
        let upload =
            json!({ "incident-id": wrong, "rfc-message-id": "<a@b>", "recipient-addresses": ["a@b"] });
        let upload = world.call("incidents.incident-add-message", json!({ "message": upload })).await;
        assert_eq!(refused(upload).0, "incident-id", "{wrong}");
    }
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn at_least_one_and_at_most_a_thousand_ids_are_taken() {
    let mut world = World::new().await;
    assert_eq!(refused(world.call("incidents.incident-get", get(&[])).await).0, "ids");
    let many: Vec<String> = (0..1001).map(id).collect();
    assert_eq!(refused(world.call("incidents.incident-get", get(&many)).await).0, "ids");
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn a_detail_has_comments_and_activities_oldest_first() {
    let mut world = World::new().await;
    let author = User { id: id(900), name: "Ines Moreau".into() };
    let incident_id = world.add(5, TimeDelta::hours(3), |incident| {
        let at = |minutes| incident.created_at + TimeDelta::minutes(minutes);
        let comment = |minutes, text: &str| Comment {
            at: at(minutes),
            author: author.clone(),
            text: text.into(),
            deleted: minutes == 20,
        };
        incident.comments = vec![comment(20, "second"), comment(10, "first")];
        incident.activities = vec![Activity {
            at: at(15),
            kind: "quarantine".into(),
            cause: "history".into(),
            cause_name: Some("Quarantine threats".into()),
            details: json!({ "quarantine_attempts": [{ "state": "complete" }] }),
        }];
        incident.assigned_user = Some(author.clone());
        incident.description = Some("what happened".into());
    });
    let answer = world.call("incidents.incident-get", get(&[incident_id])).await.unwrap();
    let detail = &answer[0]["ok"];
    let incident = &detail["incident"];
    assert_eq!(incident["assigned-user-id"], id(900).as_str(), "from assignedApplicationUserId");
    assert_eq!(incident["assigned-user-name"], "Ines Moreau");
    assert_eq!(incident["description"], "what happened");
    assert_eq!(incident["comment-count"], 2);
    assert_eq!(
        incident["url"],
        format!("https://threatresponse.proofpoint.com/incidents/{}", id(5)).as_str()
    );
    assert_eq!(detail["raw-json"], Value::Null);
    let texts = |list: &str, field: &str| -> Vec<String> {
        let rows = detail[list].as_array().unwrap().iter();
        rows.map(|row| row[field].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(texts("comments", "text"), ["first", "second"]);
    assert_eq!(detail["comments"][1]["deleted"], true);
    assert_eq!(
        texts("activities", "activity-type"),
        ["incident_creation", "comment_addition", "quarantine", "comment_addition"]
    );
    assert_eq!(texts("activities", "cause-name"), ["", "Ines Moreau", "Quarantine threats", "Ines Moreau"]);
    let details: Value =
        serde_json::from_str(detail["activities"][2]["details-json"].as_str().unwrap()).unwrap();
    assert_eq!(details["quarantine_attempts"][0]["state"], "complete");
    // The vendor writes these without a zone.
    let first = detail["comments"][0]["created-at"].as_str().unwrap();
    let expected = world.now() - TimeDelta::hours(3) + TimeDelta::minutes(10);
    assert_eq!(first, expected.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
}

#[tokio::test]
async fn a_source_is_spelled_alike_in_the_list_and_in_the_detail() {
    let mut world = World::new().await;
    let sources = ["abuse_mailbox", "tap_alert", "smart_search", "message_csv_upload"];
    world.add(1, TimeDelta::zero(), |incident| incident.sources = sources.map(str::to_owned).to_vec());
    let sorted = |incident: &Value| {
        let mut kinds: Vec<String> = serde_json::from_value(incident["source-types"].clone()).unwrap();
        kinds.sort();
        kinds
    };
    let list = world.list(json!({})).await.unwrap();
    let detail = world.call("incidents.incident-get", get(&[id(1)])).await.unwrap();
    assert_eq!(
        sorted(&list["incidents"][0]),
        ["abuse_mailbox", "message_csv_upload", "smart_search", "tap_alert"]
    );
    assert_eq!(sorted(&detail[0]["ok"]["incident"]), sorted(&list["incidents"][0]));
}

#[tokio::test]
async fn the_vendors_own_answer_is_passed_on_when_wanted() {
    let mut world = World::new().await;
    world.add_incidents(1, 0);
    let parameters = json!({ "ids": [id(1)], "include-raw": true });
    let answer = world.call("incidents.incident-get", parameters).await.unwrap();
    let raw: Value = serde_json::from_str(answer[0]["ok"]["raw-json"].as_str().unwrap()).unwrap();
    assert_eq!(raw["summary"]["id"], id(1).as_str());
    assert_eq!(raw["summary"]["messageSourceData"]["hasAbuseAlert"], true);
    assert_eq!(answer[0]["ok"]["incident"]["raw-json"], Value::Null);
}

#[tokio::test]
async fn messages_of_an_incident_are_paged_oldest_first() {
    let mut world = World::new().await;
    let incident_id = world.add(1, TimeDelta::hours(1), |incident| {
        let at = |n: u64| incident.created_at + TimeDelta::seconds(n as i64);
        incident.messages = (0..230).map(|n| Message::at(n, at(n))).collect();
    });
    let wanted: Vec<String> =
        (0..230).map(|n| Message::at(n, proofpoint_simulator::Timestamp::UNIX_EPOCH).id).collect();
    let parameters = json!({ "id": incident_id, "page": { "limit": 225 } });
    let first = world.call("incidents.incident-messages", parameters).await.unwrap();
    assert_eq!((ids(&first, "messages"), &first["total"]), (wanted[..225].to_vec(), &json!(230)));
    let api = world.api();
    assert_eq!(api[0].path, format!("{INCIDENTS}/{incident_id}/messages"));
    let sort = json!([{ "sort": "asc", "colId": "createdAt" }]);
    assert_eq!(api[0].json(), json!({ "startRow": 0, "endRow": 200, "sortParams": sort }));
    assert_eq!(api[1].json(), json!({ "startRow": 200, "endRow": 225, "sortParams": sort }));

    let parameters = json!({ "id": incident_id, "page": { "cursor": first["next"] } });
    let rest = world.call("incidents.incident-messages", parameters).await.unwrap();
    assert_eq!((ids(&rest, "messages"), &rest["next"]), (wanted[225..].to_vec(), &Value::Null));

    world.add_incidents(1, 0);
    let other = json!({ "id": id(2), "page": { "cursor": first["next"] } });
    assert_eq!(refused(world.call("incidents.incident-messages", other).await).0, "cursor");
}

#[tokio::test]
async fn a_message_has_its_addresses_verdict_and_times() {
    let mut world = World::new().await;
    let incident_id = world.add(1, TimeDelta::hours(1), |incident| {
        let mut message = Message::at(4, incident.created_at);
        message.remediation_status = Some("quarantine_pending".into());
        incident.messages = vec![message];
    });
    let parameters = json!({ "id": incident_id, "page": { "include-raw": true } });
    let page = world.call("incidents.incident-messages", parameters).await.unwrap();
    let message = &page["messages"][0];
    for (field, value) in [
        ("rfc-message-id", "<4@mail.example.net>"),
        ("subject", "Invoice 4"),
        ("sender-address", "sender4@example.net"),
        ("recipient-address", "user4@example.com"),
        ("disposition", "low_risk"),
        ("clear-verdict", "low_risk"),
        ("clear-confidence", "high"),
        ("remediation-status", "quarantine_pending"),
    ] {
        assert_eq!(message[field], value, "{field}");
    }
    assert!(message["received-at"].as_str().unwrap().ends_with('Z'));
    assert!(message["raw-json"].as_str().unwrap().contains("\"emailSubject\":\"Invoice 4\""));
}
