use std::time::Duration;

use serde_json::{Value, json};

use super::itm::{API, SEARCH, Tenant, statuses};
use crate::itm::RefreshTokens;
use crate::{Reply, Request, TokenBody};

const URL: &str = "/v2/apis/auth/oauth/token";
const CREDENTIALS: [(&str, &str); 4] = [
    ("grant_type", "client_credentials"),
    ("client_id", "simulator-itm-client"),
    ("client_secret", "simulator-itm-secret"),
    ("scope", "*"),
];

fn login(tenant: &mut Tenant) -> Reply {
    tenant.vendor.handle(&Request::post_form(URL, &CREDENTIALS))
}

fn refresh(tenant: &mut Tenant, token: &Value) -> Reply {
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", "simulator-itm-client"),
        ("refresh_token", token.as_str().unwrap()),
    ];
    tenant.vendor.handle(&Request::post_form(URL, &fields))
}

#[test]
fn a_token_lives_a_day_and_opens_the_api() {
    let mut tenant = Tenant::new();
    let reply = login(&mut tenant).json();
    assert_eq!((&reply["token_type"], &reply["expires_in"]), (&json!("Bearer"), &json!(86_399)));
    assert_eq!(reply["_status"], json!({ "status": 200, "code": "it:error:none" }));

    tenant.token = reply["access_token"].as_str().unwrap().into();
    tenant.vendor.advance(Duration::from_secs(86_398));
    assert_eq!(tenant.post(SEARCH, json!({})).status, 200);
    tenant.vendor.advance(Duration::from_secs(1));
    assert_eq!(statuses(&tenant.post(SEARCH, json!({}))), (401, json!(401)));
}

#[test]
fn a_refresh_needs_no_secret_and_gives_another_token() {
    let mut tenant = Tenant::new();
    let first = login(&mut tenant).json();
    tenant.vendor.revoke_itm_tokens();
    let second = refresh(&mut tenant, &first["refresh_token"]).json();
    assert_ne!(first["access_token"], second["access_token"]);
    tenant.token = second["access_token"].as_str().unwrap().into();
    assert_eq!(tenant.post(SEARCH, json!({})).status, 200);
    assert_eq!(refresh(&mut tenant, &second["refresh_token"]).status, 200);
    assert_eq!(statuses(&refresh(&mut tenant, &json!("made-up"))), (401, json!(401)));
}

#[test]
fn refresh_tokens_can_be_missing_or_refused() {
    let mut tenant = Tenant::with(|options| options.refresh_tokens = RefreshTokens::Never);
    assert!(login(&mut tenant).json().get("refresh_token").is_none());

    let mut tenant = Tenant::with(|options| options.refresh_tokens = RefreshTokens::OmittedOnRefresh);
    let given = login(&mut tenant).json()["refresh_token"].clone();
    for _ in 0..2 {
        let refreshed = refresh(&mut tenant, &given);
        assert_eq!(refreshed.status, 200, "the former stays good");
        assert!(refreshed.json().get("refresh_token").is_none());
    }

    let mut tenant = Tenant::with(|options| options.refresh_tokens = RefreshTokens::Refused);
    let given = login(&mut tenant).json()["refresh_token"].clone();
    assert_eq!(statuses(&refresh(&mut tenant, &given)), (401, json!(401)));
}

#[test]
fn json_under_the_header_of_a_form_is_taken_unless_switched_off() {
    let body: Value = CREDENTIALS.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    let mut request = Request::post_form(URL, &[]);
    request.body = body.to_string().into();
    for (taken, status) in [(true, 200), (false, 400)] {
        let mut tenant = Tenant::with(|options| options.json_token_body = taken);
        assert_eq!(tenant.vendor.handle(&request).status, status);
    }
}

#[test]
fn wrong_credentials_are_401_and_wrong_forms_400() {
    let mut scopeless = CREDENTIALS.to_vec();
    scopeless.pop();
    let wrong = |index: usize, value| {
        let mut fields = CREDENTIALS.to_vec();
        fields[index].1 = value;
        Request::post_form(URL, &fields)
    };
    let cases = [
        (wrong(1, "simulator-client"), 401),
        (wrong(2, "simulator-secret"), 401),
        (wrong(0, "password"), 400),
        (Request::post_form(URL, &scopeless), 400),
        (Request::post_json(URL, "[]"), 400),
        (Request::get(URL), 405),
    ];
    for (request, status) in cases {
        let reply = Tenant::new().vendor.handle(&request);
        assert_eq!(statuses(&reply), (status, json!(status)), "{request:?}");
        let inside = reply.json()["_status"].clone();
        assert!(inside["code"].as_str().unwrap().starts_with("it:error:"));
        assert!(!inside["message"].as_str().unwrap().is_empty());
    }
}

#[test]
fn odd_token_bodies_can_be_switched_on() {
    let body = |shape| login(&mut Tenant::with(|options| options.token_body = shape)).json();
    assert_eq!(body(TokenBody::LowerCaseType)["token_type"], "bearer");
    assert!(body(TokenBody::WithoutToken).get("access_token").is_none());
    assert!(body(TokenBody::WithoutExpiry).get("expires_in").is_none());
    assert_eq!(body(TokenBody::Text("[]".into())), json!([]));
}

#[test]
fn one_products_tokens_are_no_good_for_the_other() {
    let mut tenant = Tenant::new();
    let incidents = Request::post_json("/api/v1/tric/incidents", "{}");
    let other = tenant.vendor.issue_token();
    assert_eq!(tenant.send(incidents.clone()).status, 401);
    assert_eq!(tenant.vendor.handle(&Request::get(&format!("{API}/auth/users")).bearer(&other)).status, 401);
    tenant.vendor.revoke_itm_tokens();
    assert_eq!(tenant.vendor.handle(&incidents.bearer(&other)).status, 200);
}

#[test]
fn a_recorded_token_request_does_not_show_its_secret() {
    let mut tenant = Tenant::new();
    login(&mut tenant);
    let recorded = &tenant.vendor.requests()[0];
    assert!(recorded.is_token() && !format!("{recorded:?}").contains("simulator-itm-secret"));
    assert!(recorded.form().contains(&("client_secret".into(), "simulator-itm-secret".into())));
}
