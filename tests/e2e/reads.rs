//! Reads when the vendor, or what is in between, misbehaves.

use std::time::Duration;

use proofpoint_simulator::{Cut, Fault, FaultKind, Matcher};
use proofpoint_tests::{World, case, id};
use serde_json::json;

const LONG: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_read_is_repeated_after_5xx_and_broken_connections() {
    for kind in [
        FaultKind::Status(500),
        FaultKind::HtmlStatus(503),
        FaultKind::Drop(Cut::BeforeRequest),
        FaultKind::Drop(Cut::BeforeReply),
        FaultKind::Drop(Cut::InBody(10)),
    ] {
        let mut world = World::new().await;
        world.add_incidents(3, 0);
        world.vendor().fault(Fault::once(Matcher::api(), kind.clone()));
        assert_eq!(world.list(json!({})).await.unwrap()["total"], 3, "{kind:?}");
        assert_eq!(world.counts(), (2, 1), "{kind:?}");
    }
}

#[tokio::test]
async fn a_read_that_keeps_failing_is_unavailable_after_three_calls() {
    let mut world = World::new().await;
    world.vendor().fault(Fault::always(Matcher::api(), FaultKind::Status(502)));
    assert_eq!(case(&world.list(json!({})).await), "unavailable");
    assert_eq!(world.counts(), (3, 1));
    world.vendor().clear_faults();
    world.list(json!({})).await.unwrap();
}

#[tokio::test]
async fn a_token_request_is_repeated_like_a_read() {
    let mut world = World::new().await;
    world.vendor().fault(Fault::once(Matcher::token(), FaultKind::Status(503)));
    world.list(json!({})).await.unwrap();
    assert_eq!(world.counts(), (1, 2));
}

#[tokio::test]
async fn no_repeat_is_begun_that_the_time_for_the_call_does_not_allow() {
    let mut world = World::new().await;
    world.set("call_timeout_ms", "400");
    world.vendor().fault(Fault::always(Matcher::api(), FaultKind::Status(503)));
    let answer = world.list(json!({})).await;
    assert!(["unavailable", "timeout"].contains(&case(&answer)), "{answer:?}");
    assert_eq!(world.counts(), (1, 1));
}

#[tokio::test]
async fn an_answer_that_settles_it_is_not_asked_for_again() {
    let html = FaultKind::Html;
    for (kind, expected) in [
        (FaultKind::Status(400), "rejected"),
        (FaultKind::Status(403), "forbidden"),
        (FaultKind::Status(404), "not-found"),
        (FaultKind::Status(418), "rejected"),
        (FaultKind::HtmlStatus(403), "forbidden"),
        (html, "invalid-response"),
        (FaultKind::Empty(200), "invalid-response"),
        (FaultKind::Empty(204), "invalid-response"),
        (FaultKind::Truncate(20), "invalid-response"),
        (FaultKind::WrongJson("{}".into()), "invalid-response"),
        (FaultKind::WrongJson("[]".into()), "invalid-response"),
        (FaultKind::WrongJson("null".into()), "invalid-response"),
        (FaultKind::WrongJson(r#"{"total":1,"incidents":{}}"#.into()), "invalid-response"),
        (FaultKind::WrongJson(r#"{"total":5}"#.into()), "invalid-response"),
        (FaultKind::Redirect("/api/v1/tric/incidents/count".into()), "invalid-response"),
    ] {
        let mut world = World::new().await;
        world.add_incidents(3, 0);
        world.vendor().fault(Fault::always(Matcher::search(), kind.clone()));
        assert_eq!(case(&world.list(json!({})).await), expected, "{kind:?}");
        assert_eq!(world.counts(), (1, 1), "{kind:?}");
    }
}

#[tokio::test]
async fn a_count_and_a_detail_in_the_wrong_shape_are_invalid_responses() {
    for body in ["{}", "-1", "\"7\"", "1.5", "4294967296", "null", "[7]", "", "7 8"] {
        let mut world = World::new().await;
        world.vendor().fault(Fault::always(Matcher::api(), FaultKind::WrongJson(body.into())));
        let count = world.call("incidents.incident-count", json!({ "query": {} })).await;
        assert_eq!(case(&count), "invalid-response", "{body}");
        let details = world.call("incidents.incident-get", json!({ "ids": [id(1)] })).await.unwrap();
        assert_eq!(details[0]["error"]["case"], "invalid-response", "{body}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_takes_no_token_elsewhere() {
    let mut world = World::new().await;
    let elsewhere = World::new().await;
    let target = format!("{}/api/v1/tric/incidents", elsewhere.server.url());
    world.vendor().fault(Fault::always(Matcher::any(), FaultKind::Redirect(target)));
    world.list(json!({})).await.unwrap_err();
    world.vendor().clear_faults();
    let target = format!("{}/api/v1/tric/incidents", elsewhere.server.url());
    world.vendor().fault(Fault::always(Matcher::api(), FaultKind::Redirect(target)));
    assert_eq!(case(&world.list(json!({})).await), "invalid-response");
    assert_eq!((elsewhere.server.connections(), world.counts().0), (0, 1));
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_refused() {
    let mut world = World::new().await;
    world.set("max_response_bytes", "20000");
    world.add_incidents(100, 0);
    assert_eq!(case(&world.list(json!({ "limit": 100 })).await), "invalid-response");
    assert_eq!(world.list(json!({ "limit": 5 })).await.unwrap()["total"], 100);
    assert_eq!(world.counts(), (2, 1));
}

#[tokio::test]
async fn an_answer_that_never_ends_is_given_up() {
    let mut world = World::new().await;
    world.set("max_response_bytes", "1000000");
    world.vendor().fault(Fault::once(Matcher::api(), FaultKind::Endless(10_000)));
    assert_eq!(case(&world.list(json!({})).await), "invalid-response");
    world.list(json!({})).await.unwrap();
}

#[tokio::test]
async fn a_read_that_is_not_answered_in_time_is_a_timeout_and_the_instance_lives_on() {
    for key in ["request_timeout_ms", "call_timeout_ms"] {
        let mut world = World::new().await;
        world.add_incidents(3, 0);
        world.set(key, "300");
        world.vendor().fault(Fault::once(Matcher::api(), FaultKind::Delay(LONG)));
        let answer = world.list(json!({})).await;
        assert_eq!(case(&answer), "timeout", "{key}");
        assert!(answer.unwrap_err().message().contains(key), "{key}");
        assert_eq!(world.counts(), (1, 1), "{key}");
        assert_eq!(world.list(json!({})).await.unwrap()["total"], 3, "{key}");
        assert_eq!(world.counts(), (2, 1), "the token was kept: the instance is the same");
    }
}

#[tokio::test]
async fn a_token_that_does_not_come_in_time_is_a_timeout() {
    let mut world = World::new().await;
    world.set("request_timeout_ms", "300");
    world.vendor().fault(Fault::once(Matcher::token(), FaultKind::Delay(LONG)));
    assert_eq!(case(&world.list(json!({})).await), "timeout");
    world.list(json!({})).await.unwrap();
}

#[tokio::test]
async fn one_detail_that_does_not_come_in_time_holds_up_none_of_the_others() {
    let mut world = World::new().await;
    world.add_incidents(30, 0);
    world.set("request_timeout_ms", "500");
    world.vendor().fault(Fault::always(Matcher::path_containing(&id(3)), FaultKind::Delay(LONG)));
    let asked: Vec<String> = (1..=30).map(id).collect();
    let answer = world.call("incidents.incident-get", json!({ "ids": asked })).await.unwrap();
    for (index, result) in answer.as_array().unwrap().iter().enumerate() {
        match index {
            2 => assert_eq!(result["error"]["case"], "timeout"),
            _ => assert_eq!(result["ok"]["incident"]["id"], asked[index].as_str()),
        }
    }
}

#[tokio::test]
async fn a_host_that_is_not_there_is_unavailable() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut world = World::new().await;
    world.set("ctr_base_url", &format!("http://127.0.0.1:{port}"));
    let answer = world.list(json!({})).await;
    assert_eq!(case(&answer), "unavailable");
    assert!(answer.unwrap_err().message().contains("refused"));
    assert_eq!(world.counts(), (0, 1));
}
