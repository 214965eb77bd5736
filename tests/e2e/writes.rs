//! Creating an incident and attaching a message: what is sent, and never twice.

use chrono::TimeDelta;
use proofpoint_host::GuestError;
use proofpoint_simulator::{Cut, Fault, FaultKind, Matcher};
use proofpoint_tests::{INCIDENTS, World, case, id, refused};
use serde_json::{Value, json};

async fn create(world: &mut World, incident: Value) -> Result<Value, GuestError> {
    world.call("incidents.incident-create", json!({ "incident": incident })).await
}

async fn add_message(world: &mut World, message: Value) -> Result<Value, GuestError> {
    world.call("incidents.incident-add-message", json!({ "message": message })).await
}

fn upload() -> Value {
    json!({ "incident-id": id(1), "rfc-message-id": "<a@b>", "recipient-addresses": ["u@example.com"] })
}

fn upload_with(field: &str, value: Value) -> Value {
    let mut upload = upload();
    upload[field] = value;
    upload
}

#[tokio::test]
async fn a_created_incident_is_sent_as_it_was_given() {
    for status in [200, 201] {
        let mut world = World::with(|options| options.create_status = status).await;
        let incident = json!({ "title": "Reported by phone", "description": "d", "priority": "HIGH" });
        let created = create(&mut world, incident).await.unwrap();
        let expected = json!({ "title": "Reported by phone", "description": "d", "priority": "high" });
        assert_eq!(world.only_body(), expected);
        assert_eq!(world.api()[0].path, format!("{INCIDENTS}/createIncident"));
        let vendor = world.vendor();
        let stored = vendor.incidents().next().unwrap();
        assert_eq!(created["id"], stored.id.as_str());
        assert_eq!(created["display-id"], stored.display_id.to_string().as_str());
        let link = format!("https://threatresponse.proofpoint.com/incidents/{}", stored.id);
        assert_eq!(created["url"], link.as_str());
        assert!(created["created-at"].as_str().unwrap().ends_with('Z'));
    }
}

#[tokio::test]
async fn what_was_not_given_is_not_sent() {
    let mut world = World::new().await;
    create(&mut world, json!({ "title": "t" })).await.unwrap();
    assert_eq!(world.only_body(), json!({ "title": "t" }));
}

#[tokio::test]
async fn an_incident_needs_a_title_and_a_known_priority() {
    let mut world = World::new().await;
    for title in ["", "  \n"] {
        assert_eq!(refused(create(&mut world, json!({ "title": title })).await).0, "title");
    }
    let (argument, allowed) =
        refused(create(&mut world, json!({ "title": "t", "priority": "urgent" })).await);
    assert_eq!(
        (argument.as_str(), allowed),
        ("priority", ["high", "medium", "low"].map(str::to_owned).to_vec())
    );
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn an_attached_message_is_sent_in_the_vendors_mixed_spelling() {
    let mut world = World::new().await;
    world.add_incidents(1, 0);
    let message = json!({
        "incident-id": id(1),
        "rfc-message-id": "<a.b@example.com>",
        "recipient-addresses": ["u@example.com", "v@example.com"],
        "sender": "s@example.net",
        "subject": "Invoice",
        "disposition": "phish",
    });
    let added = add_message(&mut world, message).await.unwrap();
    assert_eq!(
        world.only_body(),
        json!({
            "incident_id": id(1),
            "message": {
                "rfcMessageId": "<a.b@example.com>",
                "recipient_addresses": ["u@example.com", "v@example.com"],
                "sender": "s@example.net",
                "subject": "Invoice",
                "disposition": "phish",
            },
        })
    );
    assert_eq!(world.api()[0].path, format!("{INCIDENTS}/uploadMessage"));
    assert_eq!(
        added,
        json!({
            "incident-id": id(1),
            "incident-display-id": "1",
            "rfc-message-id": "<a.b@example.com>",
            "uploaded-recipients-count": 2,
        })
    );
}

#[tokio::test]
async fn a_message_id_needs_its_angle_brackets() {
    let mut world = World::new().await;
    for wrong in ["", "a@b", "<a@b", "a@b>", "<>", "<a b@c>", "<a@b>\r\nX: y", "<<a@b>>", "<a@b> <c@d>"] {
        let message = upload_with("rfc-message-id", json!(wrong));
        assert_eq!(refused(add_message(&mut world, message).await).0, "rfc-message-id", "{wrong:?}");
    }
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn one_to_ten_thousand_recipients_are_taken() {
    let mut world = World::new().await;
    world.add_incidents(1, 0);
    let people = |count: usize| json!((0..count).map(|n| format!("u{n}@x")).collect::<Vec<_>>());
    for wrong in [people(0), people(10_001), json!(["nobody"]), json!(["u@x", ""])] {
        let message = upload_with("recipient-addresses", wrong);
        assert_eq!(refused(add_message(&mut world, message).await).0, "recipient-addresses");
    }
    assert_eq!(world.counts(), (0, 0));
    let added = add_message(&mut world, upload_with("recipient-addresses", people(10_000))).await.unwrap();
    assert_eq!(added["uploaded-recipients-count"], 10_000);
}

#[tokio::test]
async fn a_disposition_outside_the_vocabulary_is_refused() {
    let mut world = World::new().await;
    for wrong in ["evil", "", "verdict_threat"] {
        let (argument, allowed) =
            refused(add_message(&mut world, upload_with("disposition", json!(wrong))).await);
        assert_eq!((argument.as_str(), allowed.len()), ("disposition", 17), "{wrong}");
    }
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn a_write_whose_outcome_is_open_is_sent_once_and_says_so() {
    for kind in [
        FaultKind::Status(500),
        FaultKind::Status(503),
        FaultKind::HtmlStatus(502),
        FaultKind::Drop(Cut::BeforeReply),
        FaultKind::Drop(Cut::BeforeRequest),
        FaultKind::Drop(Cut::InBody(10)),
        FaultKind::Truncate(10),
        FaultKind::Html,
        FaultKind::Empty(200),
        FaultKind::WrongJson("[]".into()),
        FaultKind::WrongJson("{}".into()),
        FaultKind::Redirect("/elsewhere".into()),
    ] {
        let mut world = World::new().await;
        world.vendor().fault(Fault::always(Matcher::api(), kind.clone()));
        let answer = create(&mut world, json!({ "title": "once" })).await;
        assert_eq!(case(&answer), "outcome-unknown", "{kind:?}");
        assert_eq!(world.counts(), (1, 1), "{kind:?}");
    }
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_has_happened_once() {
    let mut world = World::new().await;
    world.vendor().fault(Fault::once(Matcher::api(), FaultKind::Drop(Cut::BeforeReply)));
    assert_eq!(case(&create(&mut world, json!({ "title": "once" })).await), "outcome-unknown");
    assert_eq!(world.vendor().incidents().count(), 1);
}

#[tokio::test]
async fn a_write_on_a_connection_that_died_meanwhile_is_not_sent_twice() {
    let mut world = World::new().await;
    world.add_incidents(1, 0);
    world.list(json!({})).await.unwrap();
    world.vendor().fault(Fault::once(Matcher::api(), FaultKind::Drop(Cut::BeforeReply)));
    assert_eq!(case(&add_message(&mut world, upload()).await), "outcome-unknown");
    assert_eq!(world.counts(), (2, 1));
    assert_eq!(world.vendor().incident(&id(1)).unwrap().messages.len(), 1);
}

#[tokio::test]
async fn a_write_that_is_not_answered_in_time_is_open_too() {
    let mut world = World::new().await;
    world.set("request_timeout_ms", "300");
    let delay = FaultKind::Delay(std::time::Duration::from_secs(10));
    world.vendor().fault(Fault::always(Matcher::api(), delay));
    assert_eq!(case(&create(&mut world, json!({ "title": "once" })).await), "outcome-unknown");
    assert_eq!(world.counts(), (1, 1));
}

#[tokio::test]
async fn a_write_that_was_certainly_refused_is_repeated() {
    let mut world = World::new().await;
    world.list(json!({})).await.unwrap();
    world.vendor().revoke_tokens();
    create(&mut world, json!({ "title": "once" })).await.unwrap();
    assert_eq!(world.counts(), (3, 2));
    assert_eq!(world.vendor().incidents().count(), 1);
}

#[tokio::test]
async fn a_refused_write_tells_what_the_vendor_said() {
    let mut world = World::new().await;
    world.add(1, TimeDelta::zero(), |_| {});
    let body = r#"{"errorMessage":"error.api.incidents.duplicate"}"#;
    let refusal = FaultKind::StatusBody(409, "application/json".into(), body.into());
    world.vendor().fault(Fault::always(Matcher::api(), refusal));
    let error = add_message(&mut world, upload()).await.unwrap_err();
    assert_eq!(
        error.to_json(),
        json!({
            "case": "rejected",
            "payload": { "status": 409, "code": null, "message": "error.api.incidents.duplicate" },
        })
    );
    assert_eq!(world.counts(), (1, 1));
    let unknown = World::new().await;
    let mut unknown = unknown;
    assert_eq!(case(&add_message(&mut unknown, upload()).await), "not-found");
}
