use serde_json::json;

use super::{Bench, LISTS, MESSAGES, SEARCH, WORKFLOWS};
use crate::{Cut, Fault, FaultKind, ListEntry, MalformedKind, Matcher, Message, OrgList, Place, Request};

#[test]
fn faults_strike_each_place_apart() {
    let requests = [
        Request::post_json(MESSAGES, "{}"),
        Request::get(&format!("{MESSAGES}/a%2Fb")),
        Request::get(&format!("{MESSAGES}/a/fetch")),
        Request::get(&format!("{MESSAGES}/a/fetchStatus")),
        Request::get(&format!("{MESSAGES}/a/download")),
        Request::get(&format!("{WORKFLOWS}?enabled=true")),
        Request::post_json(&format!("{WORKFLOWS}/a/run"), "{}"),
        Request::get(&format!("{WORKFLOWS}/run/a")),
        Request::get(&format!("{LISTS}/orgSafeList?clusterId=a")),
        Request::post_json(&format!("{LISTS}/orgBlockList"), "{}"),
        Request::post_json(SEARCH, "{}"),
        Request::post_json(&format!("{SEARCH}/a/messages"), "{}"),
    ];
    let cases: [(Matcher, &[usize]); 11] = [
        (Matcher::place(Place::Messages), &[0]),
        (Matcher::place(Place::Message), &[1]),
        (Matcher::place(Place::MailFetch), &[2]),
        (Matcher::place(Place::MailFetchStatus), &[3]),
        (Matcher::place(Place::MailDownload), &[4]),
        (Matcher::place(Place::Workflows), &[5]),
        (Matcher::place(Place::WorkflowRun), &[6]),
        (Matcher::place(Place::WorkflowRunState), &[7]),
        (Matcher::place(Place::OrgLists), &[8, 9]),
        (Matcher::place(Place::OrgLists).method("POST"), &[9]),
        (Matcher::place(Place::Api), &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    ];
    for (matcher, expected) in cases {
        let strikes = |request: &Request| {
            let mut bench = Bench::new();
            bench.vendor.fault(Fault::once(matcher.clone(), FaultKind::Status(599)));
            bench.send(request.clone()).status == 599
        };
        let struck: Vec<usize> = (0..requests.len()).filter(|index| strikes(&requests[*index])).collect();
        assert_eq!(struck, expected, "{matcher:?}");
    }
}

#[test]
fn every_request_counts_towards_the_limit() {
    let mut bench = Bench::with(|options| options.calls_per_minute = Some(7));
    let id = Message::at(1, bench.vendor.now()).id;
    let statuses = [
        bench.post(MESSAGES, json!({})).status,
        bench.get(&format!("{MESSAGES}/{id}")).status,
        bench.get(&format!("{MESSAGES}/{id}/fetch")).status,
        bench.get(&format!("{MESSAGES}/{id}/fetchStatus")).status,
        bench.get(&format!("{MESSAGES}/{id}/download")).status,
        bench.get(WORKFLOWS).status,
        bench.get(&format!("{LISTS}/orgSafeList")).status,
        bench.get(WORKFLOWS).status,
    ];
    assert_eq!(statuses, [200, 404, 404, 404, 404, 200, 400, 429]);
    assert_eq!(bench.vendor.requests().len(), 8);
}

#[test]
fn a_key_without_the_module_may_use_neither_messages_nor_workflows() {
    let mut bench = Bench::with(|options| options.entitled_incidents = false);
    for path in [format!("{MESSAGES}/a"), format!("{MESSAGES}/a/download"), WORKFLOWS.into()] {
        let reply = bench.get(&path);
        assert_eq!(
            (reply.status, reply.body.as_slice()),
            (403, &b"No permission to perform this action."[..])
        );
    }
    assert_eq!(bench.get(&format!("{LISTS}/orgSafeList?clusterId=example_hosted")).status, 200);
}

#[test]
fn rows_of_each_list_can_be_malformed() {
    let spoilt = |kind, request: Request| {
        let mut bench = Bench::new();
        let now = bench.vendor.now();
        bench.vendor.add_message(Message::at(1, now));
        bench.vendor.add_workflow(crate::Workflow::on_messages(1, now));
        bench.vendor.add_entry(OrgList::Safe, "example_hosted", ListEntry::new("$ip", "equal", "192.0.2.1"));
        bench.vendor.fault(Fault::once(Matcher::any(), FaultKind::MalformedRow { kind, row: 0 }));
        bench.send(request).json()
    };
    let messages = || Request::post_json(MESSAGES, "{}");
    let row = spoilt(MalformedKind::BadCreatedAt, messages())["messages"][0].clone();
    assert_eq!(row["created_at"], "the day before yesterday");
    let row = spoilt(MalformedKind::MissingCreatedAt, messages())["messages"][0].clone();
    assert!(row["id"].is_string() && row.get("created_at").is_none());
    let row = spoilt(MalformedKind::WrongTypes, messages())["messages"][0].clone();
    assert!(row["created_at"].is_string() && row["email_subject"].is_number());
    let list = Request::get(&format!("{LISTS}/orgSafeList?clusterId=example_hosted"));
    assert!(spoilt(MalformedKind::NotAnObject, list)["entries"][0].is_string());
    let row = spoilt(MalformedKind::MissingId, Request::get(WORKFLOWS))["workflows"][0].clone();
    assert!(row["name"].is_string() && row.get("id").is_none());
}

#[test]
fn a_body_that_never_ends_looks_like_what_was_asked_for() {
    let cases = [
        (Request::post_json(MESSAGES, "{}"), &br#"{"messages":["#[..]),
        (Request::get(WORKFLOWS), br#"{"workflows":["#),
        (Request::get(&format!("{LISTS}/orgSafeList")), br#"{"entries":["#),
        (Request::get(&format!("{MESSAGES}/a/download")), b"Subject: Endless\r\n\r\n"),
    ];
    for (request, begin) in cases {
        let mut bench = Bench::new();
        bench.vendor.fault(Fault::once(Matcher::any(), FaultKind::Endless(5000)));
        let reply = bench.send(request);
        assert!(reply.endless && reply.body.len() >= 5000 && reply.body.starts_with(begin));
    }
}

#[test]
fn an_entry_is_added_though_the_answer_is_lost() {
    for (cut, entries) in [(Cut::BeforeRequest, 0), (Cut::BeforeReply, 1)] {
        let mut bench = Bench::new();
        bench.vendor.fault(Fault::once(Matcher::place(Place::OrgLists), FaultKind::Drop(cut)));
        let body = json!({ "action": "add", "attribute": "$ip", "operator": "equal", "value": "192.0.2.1" });
        let target = format!("{LISTS}/orgSafeList");
        let query = "clusterId=example_hosted".to_owned();
        let request = Request { query, ..Request::post_json(&target, &body.to_string()) };
        assert_eq!(bench.send(request).cut, cut);
        assert_eq!(bench.vendor.entries(OrgList::Safe, "example_hosted").len(), entries);
        let recorded = &bench.vendor.requests()[0];
        assert_eq!((recorded.status, recorded.json()), (0, body));
        assert_eq!(recorded.parameter("clusterId").as_deref(), Some("example_hosted"));
    }
}
