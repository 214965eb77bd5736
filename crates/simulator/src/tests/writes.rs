use serde_json::{Value, json};

use super::{Bench, SEARCH, message};

const CREATE: &str = "/api/v1/tric/incidents/createIncident";
const UPLOAD: &str = "/api/v1/tric/incidents/uploadMessage";

#[test]
fn a_created_incident_is_open_without_messages_and_shows_at_once() {
    let mut bench = Bench::holding(3);
    let body = json!({ "title": "Odd mail", "description": "From a user", "priority": "high" });
    let created = bench.post(CREATE, body).json();
    assert_eq!(created["displayId"], 4);
    assert!(created["createdAt"].is_string());

    let path = format!("{SEARCH}/{}", created["id"].as_str().unwrap());
    let detail = bench.get(&path).json();
    assert_eq!(detail["summary"]["description"], "From a user");
    assert_eq!(detail["summary"]["priority"], "high");
    assert_eq!(detail["activities"][0]["activity_details"]["source_name"], Value::Null);
    assert_eq!(bench.found(json!({})), [1, 2, 3, 4]);
}

#[test]
fn a_created_incident_has_medium_priority_unless_told() {
    let mut bench = Bench::new();
    bench.post(CREATE, json!({ "title": "Odd mail" }));
    assert_eq!(bench.found(json!({ "priority_filters": ["medium"] })), [1]);
}

#[test]
fn titles_are_defanged() {
    let mut bench = Bench::new();
    bench.post(CREATE, json!({ "title": "bob@tricorion.tk opened https://x.com/a v1.2" }));
    let title = bench.vendor.incidents().next().unwrap().title.clone();
    assert_eq!(title, "bob[@]tricorion[.]tk opened hxxps://x[.]com/a v1.2");
}

#[test]
fn an_incident_needs_a_title_and_a_known_priority() {
    let mut bench = Bench::new();
    for body in [json!({}), json!({ "title": " " }), json!({ "title": "a", "priority": "urgent" })] {
        let reply = bench.post(CREATE, body);
        assert_eq!((reply.status, message(&reply).is_empty()), (400, false));
    }
    assert_eq!(bench.vendor.incidents().count(), 0);
}

#[test]
fn the_status_of_a_creation_can_be_switched() {
    let mut bench = Bench::new();
    bench.vendor.options().create_status = 201;
    assert_eq!(bench.post(CREATE, json!({ "title": "a" })).status, 201);
}

#[test]
fn an_uploaded_message_becomes_one_for_each_recipient() {
    let mut bench = Bench::holding(1);
    let id = bench.vendor.visible_ids().remove(0);
    let upload = json!({
        "incident_id": id,
        "message": {
            "rfcMessageId": "<a@b>",
            "recipient_addresses": ["u@x.test", "v@x.test"],
            "disposition": "phish",
        },
    });
    assert_eq!(
        bench.post(UPLOAD, upload).json(),
        json!({
            "rfcMessageId": "<a@b>",
            "incident_id": id,
            "incidentDisplayId": 1,
            "uploadedRecipientsCount": 2,
        })
    );
    let incident = bench.vendor.incident(&id).unwrap();
    assert_eq!(incident.messages[1].recipient, "v@x.test");
    assert_eq!(incident.changed_at, Some(bench.vendor.now()));
}

#[test]
fn an_upload_is_checked() {
    let mut bench = Bench::holding(1);
    let id = bench.vendor.visible_ids().remove(0);
    let many = vec!["u@x.test"; 10_001];
    let cases = [
        ("nobody", json!({ "rfcMessageId": "<a@b>", "recipient_addresses": ["u@x.test"] }), 404),
        (&*id, json!({ "rfcMessageId": "a@b", "recipient_addresses": ["u@x.test"] }), 400),
        (&*id, json!({ "rfcMessageId": "<a@b>", "recipient_addresses": [] }), 400),
        (&*id, json!({ "rfcMessageId": "<a@b>", "recipient_addresses": many }), 400),
        (
            &*id,
            json!({ "rfcMessageId": "<a@b>", "recipient_addresses": ["u@x.test"], "disposition": "bad" }),
            400,
        ),
    ];
    for (id, message, status) in cases {
        let reply = bench.post(UPLOAD, json!({ "incident_id": id, "message": message }));
        assert_eq!(reply.status, status, "{:?}", reply.json());
    }
    assert!(bench.vendor.incident(&id).unwrap().messages.is_empty());
}
