//! Each case of the contract's `error` on the command line: exit code, one line, and an object for
//! programs. The harness searches everything that is printed for the secret and the tokens.

use std::time::Duration;

use proofpoint_simulator::{Cut, Fault, FaultKind, Matcher};
use proofpoint_tests::{World, id};
use serde_json::{Value, json};

/// A text of the vendor's that must not be shown.
const BODY: &str = "Dear-customer-your-password-is-in-this-body";

/// Runs a command that fails, in each form of output, and answers the object that programs get.
async fn fails(world: &World, arguments: &[&str], code: i32, case: &str) -> Value {
    let piped = world.run(arguments).await;
    piped.failed(code, &format!("error: {case}: "));
    let error = piped.json();
    assert_eq!(error.as_object().unwrap().len(), 1, "{error}");
    assert_eq!(error["error"]["case"], case, "{error}");
    assert!(error["error"]["payload"]["message"].as_str().unwrap().len() > 10, "{error}");
    for shown in [&piped.stdout, &piped.stderr] {
        assert!(!shown.contains(BODY) && !shown.contains("Sign in"), "{shown}");
    }
    error["error"]["payload"].clone()
}

async fn with_fault(on: Matcher, kind: FaultKind) -> World {
    let world = World::new().await;
    world.add_incidents(3, 0);
    world.vendor().fault(Fault::always(on, kind));
    world
}

const LIST: &[&str] = &["incidents", "list"];
const CREATE: &[&str] = &["incidents", "create", "--title", "t"];

#[tokio::test]
async fn a_wrong_argument_is_2_and_names_the_allowed_values() {
    let world = World::new().await;
    let arguments = ["incidents", "list", "--source", "nonsense"];
    let payload = fails(&world, &arguments, 2, "invalid-argument").await;
    assert_eq!(payload["argument"], "source-filters");
    assert_eq!(payload["allowed"], json!(["abuse_mailbox", "tap", "smart_search", "message_csv_upload"]));
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn a_configuration_problem_is_3_and_names_the_key() {
    for (key, value) in [
        ("ctr_client_id", ""),
        ("ctr_client_secret", ""),
        ("ctr_base_url", "http://example.com"),
        ("ctr_auth_url", "ftp://example.com"),
        ("ctr_max_fetch", "many"),
        ("request_timeout_ms", "0"),
    ] {
        let mut world = World::new().await;
        world.set(key, value);
        let payload = fails(&world, LIST, 3, "configuration").await;
        assert_eq!(payload["key"], key);
        assert_eq!(world.counts(), (0, 0));
    }
}

#[tokio::test]
async fn refused_credentials_are_4() {
    let world = World::new().await;
    world.vendor().options().client_secret = "another".into();
    fails(&world, LIST, 4, "unauthorized").await;
    assert_eq!(world.counts(), (0, 1));

    let refusal = FaultKind::StatusBody(401, "text/plain".into(), BODY.into());
    let world = with_fault(Matcher::token(), refusal).await;
    fails(&world, LIST, 4, "unauthorized").await;
}

#[tokio::test]
async fn a_missing_permission_is_4_and_told_from_wrong_credentials() {
    let world = World::with(|options| options.entitled_incidents = false).await;
    let payload = fails(&world, LIST, 4, "forbidden").await;
    assert!(payload["message"].as_str().unwrap().contains("Threat Response incidents"), "{payload}");
}

#[tokio::test]
async fn an_unknown_id_is_5() {
    let world = World::new().await;
    fails(&world, &["incidents", "get", &id(1)], 5, "not-found").await;
    fails(&world, &["incidents", "messages", &id(1)], 5, "not-found").await;
    fails(&world, &["incidents", "get", "INC-77"], 5, "not-found").await;
}

#[tokio::test]
async fn a_spent_quota_is_6_and_says_when() {
    let world = with_fault(Matcher::api(), FaultKind::RetryAfter(429, "7".into())).await;
    let payload = fails(&world, LIST, 6, "rate-limited").await;
    assert_eq!(payload["retry-after-ms"], 7000);
    assert_eq!(world.counts(), (1, 1));
}

#[tokio::test]
async fn a_timeout_is_7() {
    let mut world = with_fault(Matcher::api(), FaultKind::Delay(Duration::from_secs(10))).await;
    world.set("request_timeout_ms", "300");
    fails(&world, LIST, 7, "timeout").await;
    assert_eq!(world.counts(), (1, 1));
}

#[tokio::test]
async fn a_service_that_is_down_is_7() {
    let world = with_fault(Matcher::api(), FaultKind::HtmlStatus(503)).await;
    fails(&world, LIST, 7, "unavailable").await;
    assert_eq!(world.counts(), (3, 1));
}

#[tokio::test]
async fn a_write_without_an_answer_is_7_and_its_outcome_unknown() {
    for kind in [
        FaultKind::Drop(Cut::BeforeReply),
        FaultKind::Drop(Cut::InBody(5)),
        FaultKind::StatusBody(500, "text/plain".into(), BODY.into()),
        FaultKind::Html,
    ] {
        let world = with_fault(Matcher::api(), kind).await;
        fails(&world, CREATE, 7, "outcome-unknown").await;
        assert_eq!(world.counts(), (1, 1));
    }
}

#[tokio::test]
async fn a_refused_request_is_1_with_the_vendors_words() {
    let body = r#"{"errorMessage":"error.api.duplicate\nentry"}"#;
    let world =
        with_fault(Matcher::api(), FaultKind::StatusBody(409, "application/json".into(), body.into())).await;
    let payload = fails(&world, CREATE, 1, "rejected").await;
    assert_eq!(payload["status"], 409);
    assert!(payload["message"].as_str().unwrap().contains("error.api.duplicate"));
    assert_eq!(world.counts(), (1, 1));
}

#[tokio::test]
async fn an_answer_that_is_not_the_apis_is_1_and_not_repeated_to_the_user() {
    for kind in [
        FaultKind::Html,
        FaultKind::WrongJson(format!(r#"{{"note":"{BODY}"}}"#)),
        FaultKind::StatusBody(200, "text/plain".into(), BODY.into()),
        FaultKind::Truncate(50),
    ] {
        let world = with_fault(Matcher::api(), kind).await;
        fails(&world, LIST, 1, "invalid-response").await;
        assert_eq!(world.counts(), (1, 1));
    }
}

#[tokio::test]
async fn programs_get_the_error_as_an_object_and_people_only_the_line() {
    let world = World::with(|options| options.entitled_incidents = false).await;
    for format in ["json", "jsonl"] {
        let ran = world.run(["incidents", "list", "--output", format]).await;
        assert_eq!(ran.failed(4, "forbidden").json()["error"]["case"], "forbidden");
    }
    for format in ["table", "markdown"] {
        let ran = world.run(["incidents", "list", "--output", format]).await;
        assert_eq!(ran.failed(4, "forbidden").stdout, "");
    }
}

#[tokio::test]
async fn a_verbose_run_shows_requests_but_neither_secret_nor_token() {
    let world = World::new().await;
    world.add_incidents(3, 0);
    let ran = world.run(["incidents", "list", "--verbose", "--include-raw"]).await;
    assert_eq!(ran.code, Some(0));
    assert!(ran.stderr.contains("POST 127.0.0.1/v1/token"), "{}", ran.stderr);
    let ran = world.run(["incidents", "list", "--verbose", "--source", "nonsense"]).await;
    assert_eq!(ran.code, Some(2));
}
