use serde_json::json;

use super::itm::{API, SEARCH, Tenant, rows, statuses};
use crate::{Cut, Fault, FaultKind, MalformedKind, Matcher, Place, Reply, Request};

/// The answer to a search for two tickets while the fault is armed.
fn struck(kind: FaultKind) -> Reply {
    let mut tenant = Tenant::holding(2);
    tenant.vendor.fault(Fault::once(Matcher::place(Place::ItmSearch), kind));
    tenant.post(SEARCH, json!({}))
}

#[test]
fn faults_strike_each_place_apart() {
    let requests = [
        Request::post_form("/v2/apis/auth/oauth/token", &[]),
        Request::post_json(SEARCH, "{}"),
        Request::get(&format!("{API}/activity/events/a%2Fb?includes=screenshots")),
        Request::get(&format!("{API}/activity/events/a/messages/default/contents/_raw")),
        Request::put_json(&format!("{API}/activity/events/a/annotations/workflow/assignment"), "{}"),
        Request::patch_json(&format!("{API}/activity/events/a/annotations/workflow"), "{}"),
        Request::post_json(&format!("{API}/activity/events/a/annotations/comments"), "{}"),
        Request::patch(&format!("{API}/activity/events/a/tags?tagValue=b")),
        Request::get(&format!("{API}/auth/users")),
        Request::get("/screenshots/a.jpg"),
        Request::post_form("/v1/token", &[]),
        Request::post_json("/api/v1/tric/incidents", "{}"),
    ];
    let cases: [(Place, &[usize]); 10] = [
        (Place::Itm, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (Place::ItmToken, &[0]),
        (Place::ItmSearch, &[1]),
        (Place::ItmEvent, &[2]),
        (Place::ItmMail, &[3]),
        (Place::ItmWrite, &[4, 5, 6, 7]),
        (Place::ItmUsers, &[8]),
        (Place::ItmScreenshot, &[9]),
        (Place::Token, &[0, 10]),
        (Place::Api, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 11]),
    ];
    for (place, expected) in cases {
        let strikes = |request: &Request| {
            let mut tenant = Tenant::new();
            tenant.vendor.fault(Fault::once(Matcher::place(place.clone()), FaultKind::Status(599)));
            tenant.send(request.clone()).status == 599
        };
        let struck: Vec<usize> = (0..requests.len()).filter(|index| strikes(&requests[*index])).collect();
        assert_eq!(struck, expected, "{place:?}");
    }
}

#[test]
fn replaced_answers_are_in_the_products_envelope() {
    assert_eq!(statuses(&struck(FaultKind::Status(503))), (503, json!(503)));
    let reply = struck(FaultKind::RetryAfter(429, "30".into()));
    assert_eq!((statuses(&reply), reply.header("retry-after")), ((429, json!(429)), Some("30")));
}

#[test]
fn an_error_can_hide_in_a_200() {
    let reply = struck(FaultKind::EnvelopeStatus {
        status: 400,
        code: "it:error:some-error".into(),
        message: "Something is wrong".into(),
    });
    let inside = json!({ "status": 400, "code": "it:error:some-error", "message": "Something is wrong" });
    assert_eq!((reply.status, reply.json()), (200, json!({ "_status": inside })));
    let reply = struck(FaultKind::EmptyEnvelope);
    assert_eq!((reply.status, reply.json()), (200, json!({ "_status": {} })));
}

#[test]
fn a_row_of_a_page_can_be_malformed() {
    let reply = struck(FaultKind::MalformedRow { kind: MalformedKind::MissingId, row: 1 });
    assert!(rows(&reply)[0].get("fqid").is_some() && rows(&reply)[1].get("fqid").is_none());
    assert_eq!(reply.json()["_meta"]["stats"]["total"], 2);
}

#[test]
fn a_body_that_never_ends_looks_like_what_was_asked_for() {
    let cases = [
        (Request::post_json(SEARCH, "{}"), "application/json", &br#"{"data":["#[..]),
        (
            Request::get(&format!("{API}/activity/events/a/messages/default/contents/_raw")),
            "application/octet-stream",
            b"Subject: ",
        ),
        (Request::get("/screenshots/a.jpg"), "image/jpeg", b"\xff\xd8\xff"),
    ];
    for (request, content_type, begin) in cases {
        let mut tenant = Tenant::new();
        tenant.vendor.fault(Fault::once(Matcher::any(), FaultKind::Endless(5000)));
        let reply = tenant.send(request);
        assert!(reply.endless && reply.body.len() >= 5000 && reply.body.starts_with(begin));
        assert_eq!((reply.status, reply.header("content-type")), (200, Some(content_type)));
    }
}

#[test]
fn a_write_is_done_before_its_answer_is_lost_and_not_when_it_never_came() {
    for (cut, tags) in [(Cut::BeforeRequest, 0), (Cut::BeforeReply, 1)] {
        let mut tenant = Tenant::holding(1);
        tenant.vendor.fault(Fault::once(Matcher::place(Place::ItmWrite), FaultKind::Drop(cut)));
        let path = tenant.path("/tags?tagValue=t");
        assert_eq!(tenant.send(Request::patch(&path)).cut, cut);
        assert_eq!(tenant.ticket().tags.len(), tags);
        assert_eq!(tenant.vendor.requests()[0].status, 0);
    }
}

#[test]
fn tokens_can_expire_in_between() {
    let mut tenant = Tenant::new();
    tenant.vendor.fault(Fault::once(Matcher::place(Place::ItmSearch), FaultKind::RevokeTokens));
    assert_eq!(tenant.post(SEARCH, json!({})).status, 401);
    tenant.token = tenant.vendor.issue_itm_token();
    assert_eq!(tenant.post(SEARCH, json!({})).status, 200);
}

#[test]
fn every_request_is_recorded_with_its_method_and_query() {
    let mut tenant = Tenant::holding(1);
    tenant.send(Request::patch(&tenant.path("/tags?tagValue=t")));
    let recorded = &tenant.vendor.requests()[0];
    assert_eq!((recorded.method.as_str(), recorded.status), ("PATCH", 200));
    assert!(recorded.path.contains("%3D") && recorded.body.is_empty());
    assert_eq!(recorded.parameter("tagValue").as_deref(), Some("t"));
}
