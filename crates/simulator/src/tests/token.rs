use std::time::Duration;

use serde_json::json;

use super::{Bench, SEARCH, message};
use crate::{Options, Request, TokenBody, Vendor};

const URL: &str = "/v1/token";

fn credentials() -> Request {
    Request::post_form(
        URL,
        &[
            ("grant_type", "client_credentials"),
            ("client_id", "simulator-client"),
            ("client_secret", "simulator-secret"),
        ],
    )
}

#[test]
fn a_token_has_exactly_three_keys_and_opens_the_api() {
    let mut vendor = Vendor::new(Options::default());
    let reply = vendor.handle(&credentials()).json();
    assert_eq!(reply.as_object().unwrap().len(), 3);
    assert_eq!((&reply["token_type"], &reply["expires_in"]), (&json!("Bearer"), &json!(3600)));

    let token = reply["access_token"].as_str().unwrap();
    assert_eq!(vendor.handle(&Request::post_json(SEARCH, "{}").bearer(token)).status, 200);
}

#[test]
fn wrong_credentials_are_401_and_wrong_forms_400() {
    let fields = |id, secret, grant| {
        Request::post_form(URL, &[("grant_type", grant), ("client_id", id), ("client_secret", secret)])
    };
    let mut json = credentials();
    json.headers = vec![("content-type".into(), "application/json".into())];
    let mut scoped = credentials();
    scoped.body.extend_from_slice(b"&scope=all");
    let cases = [
        (fields("simulator-client", "wrong", "client_credentials"), 401),
        (fields("wrong", "simulator-secret", "client_credentials"), 401),
        (fields("simulator-client", "simulator-secret", "password"), 400),
        (scoped, 400),
        (json, 400),
        (Request::get(URL), 405),
    ];
    for (request, status) in cases {
        let reply = Vendor::new(Options::default()).handle(&request);
        assert_eq!(reply.status, status, "{request:?}");
        assert!(!message(&reply).is_empty());
    }
}

#[test]
fn a_missing_unknown_expired_or_revoked_token_is_401() {
    let mut bench = Bench::with(|options| options.token_life_seconds = 60);
    assert_eq!(bench.vendor.handle(&Request::post_json(SEARCH, "{}")).status, 401);
    assert_eq!(bench.vendor.handle(&Request::post_json(SEARCH, "{}").bearer("made-up")).status, 401);

    bench.vendor.advance(Duration::from_secs(59));
    assert_eq!(bench.post(SEARCH, json!({})).status, 200);
    bench.vendor.advance(Duration::from_secs(1));
    assert_eq!(bench.post(SEARCH, json!({})).status, 401);

    bench.token = bench.vendor.issue_token();
    assert_eq!(bench.post(SEARCH, json!({})).status, 200);
    bench.vendor.revoke_tokens();
    let refused = bench.post(SEARCH, json!({}));
    assert_eq!((refused.status, message(&refused).is_empty()), (401, false));
}

#[test]
fn odd_token_bodies_can_be_switched_on() {
    let body = |token_body| {
        let mut vendor = Vendor::new(Options { token_body, ..Options::default() });
        vendor.handle(&credentials()).json()
    };
    assert_eq!(body(TokenBody::LowerCaseType)["token_type"], "bearer");
    assert!(body(TokenBody::WithoutToken).get("access_token").is_none());
    assert!(body(TokenBody::WithoutExpiry).get("expires_in").is_none());
    assert_eq!(body(TokenBody::Text("[]".into())), json!([]));
}

#[test]
fn a_recorded_token_request_does_not_show_its_secret() {
    let mut bench = Bench::new();
    bench.vendor.handle(&credentials());
    bench.post(SEARCH, json!({}));
    let shown = format!("{:?}", bench.vendor.requests());
    assert!(!shown.contains("simulator-secret") && !shown.contains(&bench.token), "{shown}");
    assert!(shown.contains(SEARCH));
    assert_eq!(bench.vendor.requests()[0].form()[2], ("client_secret".into(), "simulator-secret".into()));
}

#[test]
fn a_key_without_a_module_is_refused_there_and_only_there() {
    let refused = "No permission to perform this action.";
    let list = "/api/v1/emailProtection/modules/spam/orgBlockList?clusterId=example_hosted";

    let mut bench = Bench::with(|options| options.entitled_incidents = false);
    let reply = bench.post(SEARCH, json!({}));
    assert_eq!((reply.status, reply.body.as_slice()), (403, refused.as_bytes()));
    assert_eq!(bench.get(list).json(), json!({ "entries": [] }));

    let mut bench = Bench::with(|options| options.entitled_email_protection = false);
    assert_eq!(bench.post(SEARCH, json!({})).status, 200);
    let reply = bench.get(list);
    assert_eq!((reply.status, reply.body.as_slice()), (403, refused.as_bytes()));
}

#[test]
fn an_organisational_list_needs_a_cluster() {
    let mut bench = Bench::new();
    let reply = bench.get("/api/v1/emailProtection/modules/spam/orgSafeList");
    assert_eq!((reply.status, message(&reply).as_str()), (400, "ClusterId is required."));
}
