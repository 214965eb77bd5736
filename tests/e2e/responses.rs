//! Messages, workflows and lists through the component: what goes over the wire for each function, what comes
//! back as the contract says, and what a dry run shows instead.

use proofpoint_simulator::{
    Cut, Fault, FaultKind, Incident, ListEntry, Matcher, Message, MessageShape, OrgList, Place, Recorded,
    Workflow,
};
use proofpoint_tests::{World, connector};
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
async fn a_dry_run_shows_the_request_of_each_write_and_sends_none() {
    let mut scene = Scene::new().await;
    let fqid = scene.world.add_ticket(1, chrono::TimeDelta::minutes(5), |_| {});
    let listed = ListEntry::new("$from", "equal", "a@example.net");
    scene.world.vendor().add_entry(OrgList::Block, "example_hosted", listed);
    let entry = json!({ "attribute": "from", "operator": "equal", "value": "a@example.net" });
    let upload = json!({
        "incident-id": scene.incident, "rfc-message-id": "<a@b>", "recipient-addresses": ["u@example.com"],
    });
    for (write, parameters) in [
        ("incidents.incident-create", json!({ "incident": { "title": "t" } })),
        ("incidents.incident-add-message", json!({ "message": upload })),
        ("workflows.workflow-run", json!({ "id": scene.workflow, "target-ids": [scene.incident] })),
        ("email-lists.entry-add", json!({ "list-name": "safe", "entry": entry })),
        ("email-lists.entry-remove", json!({ "list-name": "block", "entry": entry })),
        ("tickets.ticket-assign-owner", json!({ "fqid": fqid, "assignee": "id:u1" })),
        ("tickets.ticket-add-comment", json!({ "fqid": fqid, "text": "t" })),
        ("tickets.ticket-set-status", json!({ "fqid": fqid, "change": { "status-id": "new" } })),
        ("tickets.ticket-add-tag", json!({ "fqid": fqid, "tag": "t" })),
    ] {
        let function = write.split_once('.').unwrap().1;
        scene.world.vendor().clear_requests();
        let plan = scene.world.call(&format!("dry-run.{function}"), parameters.clone()).await.unwrap();
        assert!(scene.world.api().iter().all(|call| call.method == "GET"), "{write}");
        scene.world.vendor().clear_requests();
        let _ = scene.world.call(write, parameters).await;
        let sent = scene.world.api().into_iter().find(|call| call.method != "GET").unwrap();
        let (method, target, body) = shape(&sent);
        assert_eq!(plan["method"], method, "{write}");
        assert!(plan["url"].as_str().unwrap().ends_with(&target), "{write}: {plan}");
        let planned = plan["body"].as_str().map_or(Value::Null, |body| serde_json::from_str(body).unwrap());
        assert_eq!(planned, body, "{write}");
    }
    let absent = json!({ "attribute": "from", "operator": "equal", "value": "nobody@example.net" });
    let parameters = json!({ "list-name": "block", "entry": absent });
    assert_eq!(scene.world.call("dry-run.entry-remove", parameters).await.unwrap(), Value::Null);
}

#[test]
fn every_write_has_a_dry_run_and_every_function_of_these_interfaces_is_compared_here() {
    let functions: Vec<&str> = connector().functions().collect();
    let source = include_str!("responses.rs");
    for function in functions.iter().filter(|name| {
        ["messages.", "workflows.", "email-lists."].iter().any(|interface| name.starts_with(interface))
    }) {
        assert!(source.contains(&format!("expect(\"{function}\"")), "{function}");
    }
    for function in functions.iter().filter_map(|name| name.strip_prefix("dry-run.")) {
        assert!(source.contains(&format!(".{function}\", json!(")), "{function}");
    }
}
