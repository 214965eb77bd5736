use std::time::Duration;

use serde_json::json;

use super::{Bench, COUNT, SEARCH, message, numbers, rows};
use crate::{Cut, Fault, FaultKind, MalformedKind, Matcher, Reply, Request};

/// The answer to a search for two incidents while the fault is armed.
fn struck(kind: FaultKind) -> Reply {
    let mut bench = Bench::holding(2);
    bench.vendor.fault(Fault::once(Matcher::search(), kind));
    bench.post(SEARCH, json!({}))
}

#[test]
fn answers_can_be_replaced() {
    let reply = struck(FaultKind::Status(503));
    assert_eq!((reply.status, message(&reply).is_empty()), (503, false));

    let reply = struck(FaultKind::StatusBody(502, "text/plain".into(), "bad gateway".into()));
    assert_eq!((reply.status, reply.header("content-type")), (502, Some("text/plain")));
    assert_eq!(reply.body, b"bad gateway");

    let reply = struck(FaultKind::RetryAfter(429, "30".into()));
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("30")));

    let reply = struck(FaultKind::Empty(204));
    assert_eq!((reply.status, reply.body.len()), (204, 0));

    for (kind, status) in [(FaultKind::Html, 200), (FaultKind::HtmlStatus(504), 504)] {
        let reply = struck(kind);
        assert_eq!(reply.status, status);
        assert!(reply.header("content-type").unwrap().starts_with("text/html"));
        assert!(reply.body.starts_with(b"<!DOCTYPE html>"));
    }

    let reply = struck(FaultKind::WrongJson(r#"{"rows":1}"#.into()));
    assert_eq!((reply.status, reply.json()), (200, json!({ "rows": 1 })));

    let reply = struck(FaultKind::Redirect("https://elsewhere.test/".into()));
    assert_eq!((reply.status, reply.header("location")), (302, Some("https://elsewhere.test/")));

    let reply = struck(FaultKind::Endless(100_000));
    assert!(reply.endless && reply.body.len() >= 100_000);

    let reply = struck(FaultKind::Large(1 << 26));
    assert!(reply.endless && reply.body.starts_with(b"{\"incidents\":[") && reply.length == Some(1 << 26));
}

#[test]
fn answers_can_be_spoilt() {
    let usual = Bench::holding(2).post(SEARCH, json!({}));

    let reply = struck(FaultKind::Truncate(20));
    assert_eq!((reply.status, reply.body.as_slice()), (200, &usual.body[..20]));

    let reply = struck(FaultKind::InvalidUtf8);
    assert_eq!(reply.status, 200);
    assert!(std::str::from_utf8(&reply.body).is_err());
    let read: serde_json::Value = serde_json::from_str(&String::from_utf8_lossy(&reply.body)).unwrap();
    assert_eq!((read["total"].as_u64(), read["incidents"][0]["odd"].as_str()), (Some(2), Some("\u{fffd}")));

    let reply = struck(FaultKind::Instead(502, "text/plain".into(), "no".into()));
    assert_eq!((reply.status, reply.header("content-type")), (502, Some("text/plain")));
    assert_eq!(reply.body, b"no");

    let reply = struck(FaultKind::ContentType("text/plain".into()));
    assert_eq!((reply.header("content-type"), &reply.body), (Some("text/plain"), &usual.body));
    assert_eq!(reply.headers.iter().filter(|(name, _)| name == "content-type").count(), 1);

    let reply = struck(FaultKind::Delay(Duration::from_secs(70)));
    assert_eq!((reply.delay, &reply.body), (Duration::from_secs(70), &usual.body));

    let reply = struck(FaultKind::Drop(Cut::InBody(5)));
    assert_eq!((reply.cut, &reply.body), (Cut::InBody(5), &usual.body));

    let reply = struck(FaultKind::MalformedRow { kind: MalformedKind::MissingId, row: 1 });
    assert!(rows(&reply)[0].get("id").is_some() && rows(&reply)[1].get("id").is_none());
}

#[test]
fn what_is_shown_in_full_can_be_spoilt_like_a_row() {
    let mut bench = Bench::holding(1);
    let path = format!("{SEARCH}/{}", bench.vendor.visible_ids()[0]);
    for (row, spoilt) in [(0, true), (1, false)] {
        let kind = FaultKind::MalformedRow { kind: MalformedKind::MissingId, row };
        bench.vendor.fault(Fault::once(Matcher::path(&path), kind));
        assert_eq!(bench.get(&path).json()["summary"].get("id").is_none(), spoilt);
    }
}

#[test]
fn what_is_answered_instead_was_done_all_the_same() {
    let create = "/api/v1/tric/incidents/createIncident";
    let mut bench = Bench::new();
    let kind = FaultKind::Instead(500, "text/plain".into(), String::new());
    bench.vendor.fault(Fault::once(Matcher::path(create), kind));
    assert_eq!(bench.post(create, json!({ "title": "Odd mail" })).status, 500);
    assert_eq!(bench.vendor.incidents().count(), 1);
}

#[test]
fn a_drop_before_the_request_does_nothing_and_one_before_the_reply_does_it_all() {
    let create = "/api/v1/tric/incidents/createIncident";
    for (cut, created) in [(Cut::BeforeRequest, 0), (Cut::BeforeReply, 1)] {
        let mut bench = Bench::new();
        bench.vendor.fault(Fault::once(Matcher::path(create), FaultKind::Drop(cut)));
        assert_eq!(bench.post(create, json!({ "title": "Odd mail" })).cut, cut);
        assert_eq!(bench.vendor.incidents().count(), created);
        assert_eq!(bench.vendor.requests()[0].status, 0);
    }
}

#[test]
fn tokens_can_expire_in_between() {
    let mut bench = Bench::new();
    bench.vendor.fault(Fault::once(Matcher::search(), FaultKind::RevokeTokens));
    assert_eq!(bench.post(SEARCH, json!({})).status, 401);
    bench.token = bench.vendor.issue_token();
    assert_eq!(bench.post(SEARCH, json!({})).status, 200);
}

#[test]
fn a_fault_lets_some_pass_and_strikes_as_often_as_told() {
    let mut bench = Bench::new();
    bench.vendor.fault(Fault::once(Matcher::search(), FaultKind::Status(500)).after(1).times(2));
    let statuses: Vec<u16> = (0..5).map(|_| bench.post(SEARCH, json!({})).status).collect();
    assert_eq!(statuses, [200, 500, 500, 200, 200]);

    bench.vendor.fault(Fault::always(Matcher::search(), FaultKind::Status(500)));
    assert!((0..50).all(|_| bench.post(SEARCH, json!({})).status == 500));
    bench.vendor.clear_faults();
    assert_eq!(bench.post(SEARCH, json!({})).status, 200);
}

#[test]
fn faults_strike_one_after_the_other() {
    let mut bench = Bench::new();
    bench.vendor.fault(Fault::once(Matcher::any(), FaultKind::Status(500)));
    bench.vendor.fault(Fault::once(Matcher::any(), FaultKind::Status(502)));
    let statuses: Vec<u16> = (0..3).map(|_| bench.post(SEARCH, json!({})).status).collect();
    assert_eq!(statuses, [500, 502, 200]);
}

#[test]
fn a_fault_strikes_only_what_it_is_for() {
    let closed = r#"{"filters":{"other_filters":["closed_incidents"]}}"#;
    let requests = [
        Request::post_form("/v1/token", &[]),
        Request::post_json(SEARCH, "{}"),
        Request::post_json(SEARCH, closed),
        Request::post_json(COUNT, "{}"),
        Request::get(&format!("{SEARCH}/7")),
    ];
    let cases = [
        (Matcher::any(), [true, true, true, true, true]),
        (Matcher::token(), [true, false, false, false, false]),
        (Matcher::api(), [false, true, true, true, true]),
        (Matcher::search(), [false, true, true, false, false]),
        (Matcher::search().body("closed_incidents"), [false, false, true, false, false]),
        (Matcher::path(COUNT), [false, false, false, true, false]),
        (Matcher::path_containing("/incidents"), [false, true, true, true, true]),
        (Matcher::path_containing("/incidents").method("GET"), [false, false, false, false, true]),
    ];
    for (matcher, expected) in cases {
        let struck = requests.clone().map(|request| {
            let mut bench = Bench::new();
            bench.vendor.fault(Fault::once(matcher.clone(), FaultKind::Status(599)));
            bench.send(request).status == 599
        });
        assert_eq!(struck, expected, "{matcher:?}");
    }
}

#[test]
fn every_request_is_recorded_with_its_time_and_status() {
    let mut bench = Bench::holding(1);
    let now = bench.vendor.now();
    let reply = bench.post(SEARCH, json!({ "endRow": 1 }));
    assert_eq!(numbers(&reply), [1]);
    bench.get(&format!("{SEARCH}/nobody?x=1"));
    let [search, detail] = bench.vendor.requests() else { panic!("two requests") };
    assert_eq!((search.at, search.status, search.json()), (now, 200, json!({ "endRow": 1 })));
    assert_eq!(search.header("Content-Type"), Some("application/json"));
    assert_eq!((detail.status, detail.query.as_str(), detail.is_token()), (404, "x=1", false));
    bench.vendor.clear_requests();
    assert!(bench.vendor.requests().is_empty());
}
