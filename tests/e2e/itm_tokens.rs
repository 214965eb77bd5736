//! Tokens of Insider Threat Management: as few as possible, with or without a refresh token.

use std::time::Duration;

use proofpoint_simulator::itm::{RefreshTokens, StatusStyle};
use proofpoint_simulator::{Cut, Fault, FaultKind, Matcher, Place, TokenBody};
use proofpoint_tests::{ITM_SECRET, World, case};
use serde_json::json;

/// The grants that were asked for, in their order.
fn grants(world: &World) -> Vec<String> {
    let form = |request: &proofpoint_simulator::Recorded| request.form();
    let grant = |form: Vec<(String, String)>| form.into_iter().find(|(name, _)| name == "grant_type");
    world.tokens().iter().filter_map(|request| grant(form(request)).map(|(_, value)| value)).collect()
}

#[tokio::test]
async fn a_token_without_a_refresh_token_is_as_good() {
    for style in [RefreshTokens::Given, RefreshTokens::Never] {
        let mut world = World::with(|options| options.itm.refresh_tokens = style).await;
        for _ in 0..5 {
            world.search(json!({})).await.unwrap();
        }
        world.call("users.user-list", json!({ "query": {} })).await.unwrap();
        assert_eq!(world.counts(), (6, 1), "{style:?}");
        assert_eq!(grants(&world), ["client_credentials"], "{style:?}");
    }
}

/// The next answers to token requests: good tokens of which nothing is left, each with this refresh token.
fn answer_used_up(world: &World, refresh: &[Option<&str>]) {
    let mut vendor = world.vendor();
    for refresh in refresh {
        let token = vendor.issue_itm_token();
        let mut body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": 0 });
        if let Some(refresh) = refresh {
            body["refresh_token"] = json!(refresh);
        }
        let answer = FaultKind::WrongJson(body.to_string());
        vendor.fault(Fault::once(Matcher::place(Place::ItmToken), answer));
    }
}

/// The guest's clock cannot be moved, so what is used up is used up from the beginning.
#[tokio::test]
async fn a_token_that_is_used_up_is_renewed_with_its_refresh_token_and_without_the_secret() {
    for (given, sent) in [
        ([Some("refresh-1"), Some("refresh-2"), Some("refresh-3")], ["refresh-1", "refresh-2"]),
        ([Some("refresh-1"), None, None], ["refresh-1", "refresh-1"]),
    ] {
        let mut world = World::new().await;
        answer_used_up(&world, &given);
        for _ in 0..3 {
            world.search(json!({})).await.unwrap();
        }
        assert_eq!(grants(&world), ["client_credentials", "refresh_token", "refresh_token"], "{given:?}");
        for (request, sent) in world.tokens()[1..].iter().zip(sent) {
            let fields = [
                ("grant_type", "refresh_token"),
                ("client_id", "simulator-itm-client"),
                ("refresh_token", sent),
            ];
            assert_eq!(request.form(), fields.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        assert_eq!(world.counts(), (3, 3), "{given:?}");
    }
}

#[tokio::test]
async fn without_a_refresh_token_the_credentials_are_used_again() {
    let mut world = World::new().await;
    answer_used_up(&world, &[None, None]);
    world.search(json!({})).await.unwrap();
    world.search(json!({})).await.unwrap();
    assert_eq!(grants(&world), ["client_credentials", "client_credentials"]);
}

#[tokio::test]
async fn a_refresh_that_fails_in_any_way_falls_back_to_the_credentials() {
    for kind in [
        FaultKind::Status(401),
        FaultKind::Status(500),
        FaultKind::Html,
        FaultKind::Empty(200),
        FaultKind::WrongJson("{}".into()),
        FaultKind::Drop(Cut::BeforeReply),
        FaultKind::EnvelopeStatus { status: 401, code: "it:error:x".into(), message: "no".into() },
    ] {
        let mut world = World::with(|options| options.itm.refresh_tokens = RefreshTokens::Refused).await;
        answer_used_up(&world, &[Some("refresh-1")]);
        world.search(json!({})).await.unwrap();
        world.vendor().fault(Fault::once(Matcher::place(Place::ItmToken), kind.clone()));
        for _ in 0..2 {
            world.search(json!({})).await.unwrap();
        }
        let expected = ["client_credentials", "refresh_token", "client_credentials"];
        assert_eq!(grants(&world), expected, "{kind:?}");
    }
}

#[tokio::test]
async fn refused_credentials_are_unauthorized_at_once_and_name_the_keys() {
    let mut world = World::new().await;
    world.set("itm_client_secret", "not-the-secret-but-one-all-the-same");
    let error = world.search(json!({})).await.unwrap_err();
    assert_eq!(error.case(), "unauthorized");
    assert!(error.message().contains("itm_client_secret"), "{error}");
    assert!(!error.to_json().to_string().contains("not-the-secret"), "{error}");
    assert_eq!(world.counts(), (0, 1));
}

#[tokio::test]
async fn a_refusal_in_the_envelope_of_a_200_is_a_refusal_too() {
    for status in [400, 401, 403] {
        let mut world = World::new().await;
        let message = format!("you sent {ITM_SECRET}");
        let refusal = FaultKind::EnvelopeStatus { status, code: "it:error:unauthorized".into(), message };
        world.vendor().fault(Fault::always(Matcher::place(Place::ItmToken), refusal));
        // What comes back is searched for the secret by the harness.
        let error = world.search(json!({})).await.unwrap_err();
        assert_eq!(error.case(), "unauthorized", "{status}");
        assert!(!error.to_string().contains("you sent"), "{error}");
        assert_eq!(world.counts(), (0, 1), "{status}");
    }
}

#[tokio::test]
async fn a_token_answer_without_a_token_is_an_invalid_response_and_never_a_crash() {
    for kind in [
        FaultKind::Html,
        FaultKind::Empty(200),
        FaultKind::EmptyEnvelope,
        FaultKind::WrongJson("[]".into()),
        FaultKind::WrongJson(r#"{"token_type":"Bearer","expires_in":3600}"#.into()),
        FaultKind::WrongJson(r#"{"access_token":null,"token_type":"Bearer"}"#.into()),
        FaultKind::Truncate(20),
    ] {
        let mut world = World::new().await;
        world.vendor().fault(Fault::always(Matcher::place(Place::ItmToken), kind.clone()));
        assert_eq!(case(&world.search(json!({})).await), "invalid-response", "{kind:?}");
        assert_eq!(world.counts(), (0, 1), "{kind:?}");
    }
}

#[tokio::test]
async fn a_token_answer_in_another_style_is_as_good() {
    for (body, style) in [
        (TokenBody::LowerCaseType, StatusStyle::Number),
        (TokenBody::WithoutExpiry, StatusStyle::Number),
        (TokenBody::Usual, StatusStyle::Text),
        (TokenBody::Usual, StatusStyle::Missing),
    ] {
        let mut world = World::with(|options| {
            options.itm.token_body = body.clone();
            options.itm.status_style = style;
        })
        .await;
        world.search(json!({})).await.unwrap();
        world.search(json!({})).await.unwrap();
        assert_eq!(world.counts(), (2, 1), "{body:?} {style:?}");
    }
}

#[tokio::test]
async fn a_service_that_takes_only_forms_takes_the_request() {
    let mut world = World::with(|options| options.itm.json_token_body = false).await;
    world.search(json!({})).await.unwrap();
    assert!(!world.tokens()[0].body.starts_with(b"{"));
}

#[tokio::test]
async fn a_401_makes_one_renewal_from_the_credentials_and_one_repeat() {
    let mut world = World::new().await;
    world.search(json!({})).await.unwrap();
    world.vendor().revoke_itm_tokens();
    world.vendor().clear_requests();
    world.search(json!({})).await.unwrap();
    let statuses: Vec<u16> = world.vendor().requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [401, 200, 200], "call, token, call");
    assert_eq!(grants(&world), ["client_credentials"], "a refused token does not vouch for another");
}

#[tokio::test]
async fn a_401_that_stays_is_unauthorized_after_two_calls() {
    let mut world = World::new().await;
    world.vendor().fault(Fault::always(Matcher::place(Place::ItmSearch), FaultKind::Status(401)));
    assert_eq!(case(&world.search(json!({})).await), "unauthorized");
    assert_eq!(world.counts(), (2, 2));
}

#[tokio::test]
async fn the_products_share_no_token() {
    let mut world = World::new().await;
    world.list(json!({})).await.unwrap();
    world.search(json!({})).await.unwrap();
    world.list(json!({})).await.unwrap();
    world.search(json!({})).await.unwrap();
    let api = world.api();
    let tokens: Vec<&str> = api.iter().map(|call| call.header("authorization").unwrap()).collect();
    assert_eq!((tokens[0], tokens[1]), (tokens[2], tokens[3]));
    assert_ne!(tokens[0], tokens[1]);
    assert_eq!(world.counts(), (4, 2));
}

#[tokio::test]
async fn a_product_without_settings_is_a_configuration_error_and_the_other_works() {
    for key in ["itm_base_url", "itm_client_id", "itm_client_secret"] {
        let mut world = World::new().await;
        world.set(key, "");
        for (function, parameters) in [
            ("tickets.ticket-search", json!({ "query": {} })),
            ("tickets.ticket-add-tag", json!({ "fqid": "f", "tag": "t" })),
            ("users.user-list", json!({ "query": {} })),
        ] {
            let error = world.call(function, parameters).await.unwrap_err().to_json();
            assert_eq!(error["case"], "configuration", "{key} {function}");
            assert_eq!(error["payload"]["key"], key, "{function}");
        }
        world.list(json!({})).await.unwrap();
        assert_eq!(world.counts(), (1, 1), "{key}");
    }
}

#[tokio::test]
async fn a_read_that_is_not_answered_in_time_ends() {
    let mut world = World::new().await;
    world.set("request_timeout_ms", "300");
    let delay = FaultKind::Delay(Duration::from_secs(20));
    world.vendor().fault(Fault::always(Matcher::place(Place::Itm), delay));
    for (function, parameters) in [
        ("tickets.ticket-get", json!({ "fqid": "f", "includes": [] })),
        ("tickets.ticket-search", json!({ "query": {} })),
        ("tickets.email-get", json!({ "fqid": "f", "includes": [] })),
        ("users.user-list", json!({ "query": {} })),
    ] {
        assert_eq!(case(&world.call(function, parameters).await), "timeout", "{function}");
    }
    assert_eq!(world.counts(), (0, 4), "the token already is late");
}

#[tokio::test]
async fn calls_at_once_and_after_another_share_one_connection_and_one_token() {
    let mut world = World::new().await;
    world.add_tickets(5, 60);
    for n in 1..=5 {
        world.ticket(&proofpoint_tests::fqid(n), &[]).await.unwrap();
    }
    assert_eq!((world.counts(), world.server.connections()), ((5, 1), 1));
}

#[tokio::test]
async fn an_own_budget_of_calls_is_kept() {
    let mut world = World::new().await;
    world.set("itm_calls_per_minute", "2");
    world.search(json!({})).await.unwrap();
    world.search(json!({})).await.unwrap();
    let error = world.search(json!({})).await.unwrap_err();
    assert_eq!(error.case(), "rate-limited");
    assert!(error.message().contains("itm_calls_per_minute"), "{error}");
    assert!(error.to_json()["payload"]["retry-after-ms"].as_u64().unwrap() > 50_000);
    assert_eq!(world.counts().0, 2);
    world.list(json!({})).await.unwrap();
}

#[tokio::test]
async fn a_429_tells_when_to_try_again() {
    for (header, at_least) in [(Some("7"), 7_000), (None, 1_000)] {
        let mut world = World::with(|options| {
            options.itm.calls_per_minute = Some(1);
            options.itm.retry_after = header.map(str::to_owned);
        })
        .await;
        world.search(json!({})).await.unwrap();
        let error = world.search(json!({})).await.unwrap_err().to_json();
        assert_eq!(error["case"], "rate-limited", "{header:?}");
        let wait = error["payload"]["retry-after-ms"].as_u64().unwrap();
        assert!((at_least..=60_000).contains(&wait), "{header:?} {wait}");
        assert_eq!(world.counts().0, 2);
    }
}
