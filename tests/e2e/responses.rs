//! Messages, workflows and lists through the component: what goes over the wire for each function, what comes
//! back as the contract says, and what a dry run shows instead.

use std::collections::BTreeSet;

use proofpoint_simulator::itm::{User, WorkflowStatus};
use proofpoint_simulator::{
    Cut, Fault, FaultKind, Incident, ListEntry, Matcher, Message, MessageShape, OrgList, Place, Recorded,
    Workflow,
};
use proofpoint_tests::{INCIDENTS, World, connector, event_path};
use serde_json::{Value, json};

const MESSAGES: &str = "/api/v1/tric/messages";
const WORKFLOWS: &str = "/api/v1/tric/workflows";
const BLOCK: &str = "/api/v1/emailProtection/modules/spam/orgBlockList?clusterId=example_hosted";
const SAFE: &str = "/api/v1/emailProtection/modules/spam/orgSafeList?clusterId=example_hosted";
const MAIL: &[u8] = b"From: Ada <ada@example.net>\r\nSubject: =?utf-8?q?Pr=C3=A4mie?=\r\n\
    Authentication-Results: mx.example.com; dmarc=fail header.from=example.net\r\n\
    Content-Type: text/html\r\n\r\n<a href=\"https://login.example.net/?a=1&amp;b=2\">here</a>\r\n";

/// A call as it is expected: method, path with query, and JSON body, null where there is none.
type Call = (&'static str, String, Value);

/// A message of an incident, and a workflow for each of them; nothing in it takes time.
struct Scene {
    world: World,
    message: String,
    incident: String,
    workflow: String,
}

impl Scene {
    async fn new() -> Scene {
        let world = World::new().await;
        let (message, incident, workflow) = {
            let mut vendor = world.vendor();
            let now = vendor.now();
            let message = Message::at(1, now).mail(MAIL).fetching(&["fetched"]);
            let id = message.id.clone();
            let incident = Incident { messages: vec![message], ..Incident::at(1, now) };
            let incident_id = incident.id.clone();
            vendor.add_incident(incident);
            let workflow = Workflow::on_incidents(1, now).running(&["IN_PROGRESS", "SUCCESS"]);
            let workflow_id = workflow.id.clone();
            vendor.add_workflow(workflow);
            (id, incident_id, workflow_id)
        };
        let mut scene = Scene { world, message, incident, workflow };
        scene.world.set("ctr_cluster_id", "example_hosted");
        scene
    }

    /// Calls a function, and compares what came over the wire with what is expected.
    async fn expect(&mut self, function: &str, parameters: Value, expected: Vec<Call>) -> Value {
        self.world.vendor().clear_requests();
        let answer = self.world.call(function, parameters).await.unwrap();
        let calls = self.world.api();
        assert_eq!(calls.iter().map(shape).collect::<Vec<Call>>(), expected, "{function}");
        for call in calls {
            assert!(
                call.header("authorization").is_some_and(|value| value.starts_with("Bearer ")),
                "{call:#?}"
            );
            let accept = if call.path.ends_with("/download") { "*/*" } else { "application/json" };
            assert_eq!(call.header("accept"), Some(accept), "{call:#?}");
            let content_type = (!call.body.is_empty()).then_some("application/json");
            assert_eq!(call.header("content-type"), content_type, "{call:#?}");
        }
        answer
    }
}

fn shape(call: &Recorded) -> Call {
    let method = ["GET", "POST", "PUT", "PATCH"].into_iter().find(|name| *name == call.method).unwrap();
    let query = if call.query.is_empty() { String::new() } else { format!("?{}", call.query) };
    (method, format!("{}{query}", call.path), call.json())
}

fn get(target: String) -> Call {
    ("GET", target, Value::Null)
}

#[tokio::test]
async fn messages_are_listed_by_the_time_they_were_received() {
    let mut scene = Scene::new().await;
    let body = |filters: Value, end: u32| {
        json!({
            "startRow": 0, "endRow": end, "filters": filters,
            "sortParams": [{ "sort": "desc", "colId": "received_time" }],
        })
    };
    let page = scene
        .expect(
            "messages.message-list",
            json!({ "query": {} }),
            vec![("POST", MESSAGES.to_owned(), body(json!({}), 50))],
        )
        .await;
    assert_eq!((&page["total"], &page["messages"][0]["id"]), (&json!(1), &json!(scene.message)));
    let query = json!({
        "recipient-address-filters": ["user1@example.com"], "quarantine-filters": ["pending"], "limit": 2,
    });
    let filters = json!({
        "recipient_address_filters": ["user1@example.com"], "quarantine_filters": ["quarantine_pending"],
    });
    let expected = vec![("POST", MESSAGES.to_owned(), body(filters, 2))];
    scene.expect("messages.message-list", json!({ "query": query }), expected).await;
}

#[tokio::test]
async fn a_search_of_everything_that_can_be_asked() {
    let mut scene = Scene::new().await;
    let threat = "ab".repeat(32);
    let query = json!({
        "start-time": "2026-01-02T05:04:05+02:00",
        "end-time": "2026-02-03 04:05:06",
        "message-id-filters": ["<a@b>"],
        "recipient-address-filters": ["u@example.com", "v@example.com"],
        "sender-address-filters": ["s@example.net"],
        "subject-filters": ["a, \"b\" ü"],
        "source-filters": ["tap", "mail_bomb"],
        "other-filters": ["reporter"],
        "verdict-filters": ["threat"],
        "disposition-filters": ["phish"],
        "confidence-filters": ["high"],
        "status-filters": ["unread", "message_delivered"],
        "quarantine-filters": ["success", "restore_pending"],
        "tap-threat-filters": [threat],
        "tap-threat-type-filters": ["delivered_url_threat"],
        "sort": "asc",
        "limit": 25,
    });
    let body = json!({
        "startRow": 0,
        "endRow": 25,
        "sortParams": [{ "sort": "asc", "colId": "received_time" }],
        "filters": {
            "time_range_filter": { "start": "2026-01-02 03:04:05", "end": "2026-02-03 04:05:06" },
            "message_id_filters": ["<a@b>"],
            "recipient_address_filters": ["u@example.com", "v@example.com"],
            "sender_address_filters": ["s@example.net"],
            "subject_filters": ["a, \"b\" ü"],
            "source_filters": ["tap", "mail_bomb"],
            "other_filters": ["reporter"],
            "verdict_filters": ["verdict_threat"],
            "disposition_filters": ["phish"],
            "confidence_filters": ["confidence_high"],
            "status_filters": ["message_unread", "message_delivered"],
            "quarantine_filters": ["quarantine_success", "restore_pending"],
            "tap_threat_filters": [threat],
            "tap_threat_type_filters": ["tap_threat_type_delivered_url_threat"],
        },
    });
    let call = ("POST", MESSAGES.to_owned(), body);
    let page = scene.expect("messages.message-list", json!({ "query": query }), vec![call]).await;
    assert_eq!(page, json!({ "messages": [], "total": 0, "next": null, "warnings": [] }));
}

#[tokio::test]
async fn a_message_is_one_record_from_the_search_the_incident_and_itself() {
    let mut scene = Scene::new().await;
    let path = format!("{MESSAGES}/{}", scene.message);
    let by_id = json!({ "id": scene.message, "include-raw": false });
    let found = scene.world.call("messages.message-list", json!({ "query": {} })).await.unwrap();
    let found = found["messages"][0].clone();
    for shape in [MessageShape::Details, MessageShape::SnakeCase, MessageShape::CamelCase] {
        scene.world.vendor().options().response.message_shape = shape;
        let message = scene.expect("messages.message-get", by_id.clone(), vec![get(path.clone())]).await;
        for field in ["id", "subject", "sender-address", "recipient-address", "received-at", "disposition"] {
            assert_eq!(message[field], found[field], "{shape:?} {field}");
        }
    }
    let page = json!({ "id": scene.incident, "page": { "include-raw": false } });
    let of_incident = scene.world.call("incidents.incident-messages", page).await.unwrap();
    for field in ["id", "subject", "sender-address", "recipient-address"] {
        assert_eq!(of_incident["messages"][0][field], found[field], "{field}");
    }
    let raw = json!({ "id": scene.message, "include-raw": true });
    let raw = scene.world.call("messages.message-get", raw).await.unwrap();
    assert!(raw["raw-json"].as_str().unwrap().contains("emailSubject"));
}

#[tokio::test]
async fn a_download_is_the_mail_its_digest_and_what_stands_in_it() {
    let mut scene = Scene::new().await;
    let path = format!("{MESSAGES}/{}", scene.message);
    let calls = ["fetch", "fetchStatus", "download"].map(|step| get(format!("{path}/{step}"))).to_vec();
    let parameters = json!({ "id": scene.message, "includes": ["summary"] });
    let eml = scene.expect("messages.message-download", parameters, calls).await;
    assert_eq!(eml["size"], MAIL.len());
    assert_eq!(eml["sha256"].as_str().map(str::len), Some(64));
    let summary = &eml["summary"];
    assert_eq!(summary["subject"], "Prämie");
    assert_eq!(summary["from-addresses"], json!([{ "email": "ada@example.net", "name": "Ada" }]));
    assert_eq!(summary["links"], json!(["https://login.example.net/?a=1&b=2"]));
    let result = &summary["authentication"][0];
    assert_eq!((&result["method"], &result["outcome"]), (&json!("dmarc"), &json!("fail")));
}

#[tokio::test]
async fn hostile_mails_end_in_an_answer_and_never_in_a_trap() {
    let nested: String = (0..5000)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"))
        .collect();
    let wide =
        format!("Content-Type: multipart/mixed; boundary=o\r\n\r\n{}", "--o\r\n\r\nx\r\n".repeat(100_000));
    let headers = format!("X-A: {}\r\n", "a ".repeat(1_000_000));
    let many_headers = "To: <a@example.com>\r\n".repeat(200_000);
    let links = "https://example.com/".repeat(200_000);
    let encoded = format!("Subject: {}\r\n", "=?utf-8?b?////?= ".repeat(50_000));
    let odd = "Content-Transfer-Encoding: base64\r\nContent-Type: text/html; charset=\"\u{fffd}\"\r\n\r\n=====&#x;&#99999999;";
    let mut scene = Scene::new().await;
    for hostile in [&nested, &wide, &headers, &many_headers, &format!("\r\n{links}"), &encoded, odd] {
        let mail = [b"From: a@example.com\r\n".as_slice(), hostile.as_bytes()].concat();
        let id = scene.message.clone();
        scene.world.vendor().change_message(&id, |message| message.mail = Some(mail.clone()));
        let parameters = json!({ "id": id, "includes": ["summary"] });
        match scene.world.call("messages.message-download", parameters).await {
            Ok(eml) => assert_eq!(eml["size"], mail.len()),
            Err(error) => assert_eq!(error.case(), "invalid-response", "{error}"),
        }
    }
}

#[tokio::test]
async fn workflows_are_listed_run_and_waited_for() {
    let mut scene = Scene::new().await;
    let parameters = json!({ "enabled": true, "kind": "incident", "include-raw": false });
    let list = vec![get(format!("{WORKFLOWS}?enabled=true&type=incident"))];
    let found = scene.expect("workflows.workflow-list", parameters, list).await;
    assert_eq!((&found[0]["id"], &found[0]["kind"]), (&json!(scene.workflow), &json!("incident")));

    let parameters = json!({ "id": scene.workflow, "target-ids": [scene.incident] });
    let path = format!("{WORKFLOWS}/{}/run", scene.workflow);
    let body = json!({ "targetIds": [scene.incident] });
    let run = scene.expect("workflows.workflow-run", parameters, vec![("POST", path, body)]).await;
    assert_eq!(run["state"], "IN_PROGRESS");
    let path = format!("{WORKFLOWS}/run/{}", run["id"].as_str().unwrap());
    let by_id = json!({ "run-id": run["id"] });
    let ended = scene.expect("workflows.workflow-run-wait", by_id.clone(), vec![get(path.clone())]).await;
    assert_eq!(ended["state"], "SUCCESS");
    scene.expect("workflows.workflow-run-get", by_id, vec![get(path)]).await;
}

#[tokio::test]
async fn a_run_whose_answer_is_lost_happened_once_and_is_told_so() {
    let mut scene = Scene::new().await;
    let on = Matcher::place(Place::WorkflowRun);
    scene.world.vendor().fault(Fault::once(on, FaultKind::Drop(Cut::BeforeReply)));
    let parameters = json!({ "id": scene.workflow, "target-ids": [scene.incident] });
    let error = scene.world.call("workflows.workflow-run", parameters).await.unwrap_err();
    assert_eq!(error.case(), "outcome-unknown");
    assert_eq!((scene.world.counts().0, scene.world.vendor().runs().len()), (1, 1));
}

#[tokio::test]
async fn entries_are_added_listed_and_removed_and_the_second_time_is_unchanged() {
    let mut scene = Scene::new().await;
    let entry =
        json!({ "attribute": "from", "operator": "equal", "value": "a@example.net", "comment": "why" });
    let parameters = json!({ "list-name": "block", "entry": entry });
    let body = |action: &str, comment: bool| {
        let mut body = json!({
            "action": action, "attribute": "$from", "operator": "equal", "value": "a@example.net",
        });
        if comment {
            body["comment"] = json!("why");
        }
        body
    };
    let add = || vec![("POST", BLOCK.to_owned(), body("add", true))];
    for outcome in ["added", "unchanged"] {
        let answer = scene.expect("email-lists.entry-add", parameters.clone(), add()).await;
        assert_eq!(answer, json!({ "outcome": outcome }));
    }
    let list = json!({ "list-name": "block", "include-raw": false });
    let found = scene.expect("email-lists.entry-list", list, vec![get(BLOCK.to_owned())]).await;
    let removal = json!({ "list-name": "block", "entry": found[0] });
    let both = vec![get(BLOCK.to_owned()), ("POST", BLOCK.to_owned(), body("delete", false))];
    let answer = scene.expect("email-lists.entry-remove", removal.clone(), both).await;
    assert_eq!(answer, json!({ "outcome": "removed" }));
    let answer = scene.expect("email-lists.entry-remove", removal, vec![get(BLOCK.to_owned())]).await;
    assert_eq!(answer, json!({ "outcome": "unchanged" }));
    let safe = json!({ "list-name": "safe", "include-raw": false });
    scene.expect("email-lists.entry-list", safe, vec![get(SAFE.to_owned())]).await;
}

#[tokio::test]
async fn an_incident_is_created_and_given_a_message() {
    let mut scene = Scene::new().await;
    let incident = json!({ "title": "By phone", "description": "d", "priority": "high" });
    let call = ("POST", format!("{INCIDENTS}/createIncident"), incident.clone());
    let parameters = json!({ "incident": incident });
    let created = scene.expect("incidents.incident-create", parameters, vec![call]).await;

    let upload = json!({
        "incident-id": created["id"], "rfc-message-id": "<a@b>",
        "recipient-addresses": ["u@example.com", "v@example.com"],
        "sender": "s@example.net", "subject": "Invoice", "disposition": "phish",
    });
    let body = json!({ "incident_id": created["id"], "message": {
        "rfcMessageId": "<a@b>", "recipient_addresses": ["u@example.com", "v@example.com"],
        "sender": "s@example.net", "subject": "Invoice", "disposition": "phish",
    } });
    let call = ("POST", format!("{INCIDENTS}/uploadMessage"), body);
    let parameters = json!({ "message": upload });
    let added = scene.expect("incidents.incident-add-message", parameters, vec![call]).await;
    assert_eq!(added["uploaded-recipients-count"], 2);
}

#[tokio::test]
async fn a_dry_run_shows_the_request_of_each_write_and_sends_none() {
    let mut scene = Scene::new().await;
    let fqid = scene.world.add_ticket(1, chrono::TimeDelta::minutes(5), |_| {});
    let ines = User::named("Ines", "Moreau");
    scene.world.vendor().add_user(ines.clone());
    let listed = ListEntry::new("$from", "equal", "a@example.net");
    scene.world.vendor().add_entry(OrgList::Block, "example_hosted", listed);
    let entry = json!({ "attribute": "from", "operator": "equal", "value": "a@example.net" });
    let sent_entry = |action: &str| json!({ "action": action, "attribute": "$from", "operator": "equal", "value": "a@example.net" });
    let upload = json!({
        "incident-id": scene.incident, "rfc-message-id": "<a@b>", "recipient-addresses": ["u@example.com"],
    });
    let message = json!({ "rfcMessageId": "<a@b>", "recipient_addresses": ["u@example.com"] });
    let status = WorkflowStatus::of_slug("resolved").unwrap().id;
    let changed = json!({ "disposition": { "status": { "id": status } }, "assignee": { "id": ines.id } });
    let comment = json!({ "data": [{ "kind": "it:comment:note", "text": "t" }] });
    let found = get("/v2/apis/auth/users?alias=ines.moreau%40example.com&limit=200&offset=0".to_owned());
    let path = event_path(&fqid);
    // What is called with what, what is read on the way, and what is sent in the end.
    let writes: Vec<(&str, Value, Vec<Call>, Call)> = vec![
        (
            "incidents.incident-create",
            json!({ "incident": { "title": "t" } }),
            vec![],
            ("POST", format!("{INCIDENTS}/createIncident"), json!({ "title": "t" })),
        ),
        (
            "incidents.incident-add-message",
            json!({ "message": upload }),
            vec![],
            (
                "POST",
                format!("{INCIDENTS}/uploadMessage"),
                json!({ "incident_id": scene.incident, "message": message }),
            ),
        ),
        (
            "workflows.workflow-run",
            json!({ "id": scene.workflow, "target-ids": [scene.incident] }),
            vec![],
            ("POST", format!("{WORKFLOWS}/{}/run", scene.workflow), json!({ "targetIds": [scene.incident] })),
        ),
        (
            "email-lists.entry-add",
            json!({ "list-name": "safe", "entry": entry }),
            vec![],
            ("POST", SAFE.to_owned(), sent_entry("add")),
        ),
        (
            "email-lists.entry-remove",
            json!({ "list-name": "block", "entry": entry }),
            vec![get(BLOCK.to_owned())],
            ("POST", BLOCK.to_owned(), sent_entry("delete")),
        ),
        (
            "tickets.ticket-assign-owner",
            json!({ "fqid": fqid, "assignee": "ines.moreau@example.com" }),
            vec![found.clone()],
            ("PUT", format!("{path}/annotations/workflow/assignment"), json!({ "id": ines.id })),
        ),
        (
            "tickets.ticket-add-comment",
            json!({ "fqid": fqid, "text": "t" }),
            vec![],
            ("POST", format!("{path}/annotations/comments"), comment),
        ),
        (
            "tickets.ticket-set-status",
            json!({ "fqid": fqid, "change": { "status-id": status, "assignee": "ines.moreau@example.com" } }),
            vec![found],
            ("PATCH", format!("{path}/annotations/workflow"), json!({ "state": changed })),
        ),
        (
            "tickets.ticket-add-tag",
            json!({ "fqid": fqid, "tag": "t" }),
            vec![],
            ("PATCH", format!("{path}/tags?tagValue=t"), Value::Null),
        ),
    ];
    let planned: BTreeSet<&str> =
        connector().functions().filter_map(|name| name.strip_prefix("dry-run.")).collect();
    let tried = writes.iter().filter_map(|(write, ..)| write.split_once('.')).map(|(_, function)| function);
    assert_eq!(tried.collect::<BTreeSet<_>>(), planned);
    for (write, parameters, reads, request) in writes {
        let (_, function) = write.split_once('.').unwrap();
        let plan = scene.expect(&format!("dry-run.{function}"), parameters.clone(), reads.clone()).await;
        let (method, target, body) = request.clone();
        let url = format!("{}{target}", scene.world.server.url());
        assert_eq!((&plan["method"], &plan["url"]), (&json!(method), &json!(url)), "{write}");
        let planned = plan["body"].as_str().map_or(Value::Null, |body| serde_json::from_str(body).unwrap());
        assert_eq!(planned, body, "{write}");
        scene.expect(write, parameters, [reads, vec![request]].concat()).await;
    }
    let absent = json!({ "attribute": "from", "operator": "equal", "value": "nobody@example.net" });
    let parameters = json!({ "list-name": "block", "entry": absent });
    let plan = scene.expect("dry-run.entry-remove", parameters, vec![get(BLOCK.to_owned())]).await;
    assert_eq!(plan, Value::Null);
}

#[test]
fn every_function_of_these_interfaces_is_compared_here() {
    let source = include_str!("responses.rs");
    let writes = ["incidents.incident-create", "incidents.incident-add-message"];
    let interfaces = ["messages.", "workflows.", "email-lists."];
    for function in connector().functions().filter(|name| {
        writes.contains(name) || interfaces.iter().any(|interface| name.starts_with(interface))
    }) {
        let compared = [format!("expect(\"{function}\""), format!("expect(\n            \"{function}\"")];
        assert!(compared.iter().any(|call| source.contains(call)), "{function}");
    }
}
