//! Tokens: as few as possible, never one too old, never another account's.

use proofpoint_simulator::{Fault, FaultKind, Matcher, TokenBody};
use proofpoint_tests::{SECRET, World, case, id};
use serde_json::{Value, json};

fn answer_with_life(world: &World, life: Value) {
    let vendor = &mut *world.vendor();
    let token = vendor.issue_token();
    let body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": life });
    vendor.options().token_body = TokenBody::Text(body.to_string());
}

#[tokio::test]
async fn one_token_serves_any_number_of_calls() {
    let mut world = World::new().await;
    world.add_incidents(3, 0);
    for _ in 0..10 {
        world.list(json!({})).await.unwrap();
        world.call("incidents.incident-count", json!({ "query": {} })).await.unwrap();
        world.call("incidents.incident-get", json!({ "ids": [id(1), id(2)] })).await.unwrap();
    }
    assert_eq!(world.counts(), (40, 1));
}

#[tokio::test]
async fn sixteen_calls_at_once_share_one_token() {
    let mut world = World::new().await;
    world.add_incidents(16, 0);
    let ids: Vec<String> = (1..=16).map(id).collect();
    world.call("incidents.incident-get", json!({ "ids": ids })).await.unwrap();
    assert_eq!(world.counts(), (16, 1));
}

#[tokio::test]
async fn sixteen_calls_that_are_refused_at_once_renew_the_token_once() {
    let mut world = World::new().await;
    world.add_incidents(16, 0);
    world.list(json!({})).await.unwrap();
    world.vendor().revoke_tokens();
    world.vendor().clear_requests();
    let ids: Vec<String> = (1..=16).map(id).collect();
    let answer = world.call("incidents.incident-get", json!({ "ids": ids })).await.unwrap();
    assert!(answer.as_array().unwrap().iter().all(|result| result["ok"].is_object()), "{answer}");
    let (calls, tokens) = world.counts();
    assert!(tokens == 1 && calls <= 32, "{calls} calls, {tokens} tokens");
}

/// The guest's clock cannot be moved, so the life is what varies: a token of which nothing is left is
/// not used again, one that is good for a while is.
#[tokio::test]
async fn a_token_is_renewed_when_its_life_is_used_up() {
    for (life, tokens) in [
        (json!(0), 3),
        (json!("0"), 3),
        (json!(120), 1),
        (json!(61), 1),
        (json!(3600), 1),
        (json!("3600"), 1),
        (Value::Null, 1),
    ] {
        let mut world = World::new().await;
        answer_with_life(&world, life.clone());
        for _ in 0..3 {
            world.list(json!({})).await.unwrap();
        }
        assert_eq!(world.counts(), (3, tokens), "expires_in {life}");
    }
}

#[tokio::test]
async fn a_token_answer_may_leave_out_the_life_and_write_the_type_small() {
    for body in [TokenBody::LowerCaseType, TokenBody::WithoutExpiry] {
        let mut world = World::with(|options| options.token_body = body.clone()).await;
        world.list(json!({})).await.unwrap();
        world.list(json!({})).await.unwrap();
        assert_eq!(world.counts(), (2, 1), "{body:?}");
    }
}

#[tokio::test]
async fn a_token_answer_without_a_usable_token_is_an_invalid_response_and_not_repeated() {
    let secret = "a-text-that-must-not-be-shown";
    for body in [
        TokenBody::WithoutToken,
        TokenBody::Text(String::new()),
        TokenBody::Text("<html>sign in</html>".into()),
        TokenBody::Text(format!("\"{secret}\"")),
        TokenBody::Text(format!(r#"{{"access_token":"{secret}","token_type":"mac"}}"#)),
        TokenBody::Text(format!(r#"{{"access_token":"{secret}\r\nx: y","token_type":"Bearer"}}"#)),
        TokenBody::Text(format!(r#"{{"access_token":"{secret}"#)),
    ] {
        let mut world = World::with(|options| options.token_body = body.clone()).await;
        let answer = world.list(json!({})).await;
        assert_eq!(case(&answer), "invalid-response", "{body:?}");
        assert!(!answer.unwrap_err().to_json().to_string().contains(secret), "{body:?}");
        assert_eq!(world.counts(), (0, 1), "{body:?}");
    }
}

#[tokio::test]
async fn a_401_makes_one_renewal_and_one_repeat() {
    let mut world = World::new().await;
    world.add_incidents(2, 0);
    world.list(json!({})).await.unwrap();
    world.vendor().revoke_tokens();
    world.vendor().clear_requests();
    let page = world.list(json!({})).await.unwrap();
    assert_eq!(page["total"], 2);
    let statuses: Vec<u16> = world.vendor().requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [401, 200, 200], "call, token, call");
    let api = world.api();
    assert_ne!(api[0].header("authorization"), api[1].header("authorization"));
    world.list(json!({})).await.unwrap();
    assert_eq!(world.counts(), (3, 1), "the new token is kept");
}

#[tokio::test]
async fn a_401_that_stays_is_unauthorized_after_two_calls_and_two_tokens() {
    let mut world = World::new().await;
    world.vendor().fault(Fault::always(Matcher::api(), FaultKind::Status(401)));
    assert_eq!(case(&world.list(json!({})).await), "unauthorized");
    assert_eq!(world.counts(), (2, 2));

    world.vendor().clear_faults();
    world.list(json!({})).await.unwrap();
    assert_eq!(world.counts(), (3, 3), "the refused token is not kept");
}

#[tokio::test]
async fn wrong_credentials_are_unauthorized_at_once() {
    let mut world = World::new().await;
    world.set("ctr_client_secret", "not-the-secret-but-one-all-the-same");
    let error = world.list(json!({})).await.unwrap_err();
    assert_eq!(error.case(), "unauthorized");
    assert!(error.message().contains("ctr_client_secret"), "{error}");
    assert!(!error.to_json().to_string().contains("not-the-secret"), "{error}");
    assert_eq!(world.counts(), (0, 1));
}

#[tokio::test]
async fn an_answer_of_the_token_endpoint_is_never_repeated() {
    for status in [400, 401, 403, 404, 500] {
        let mut world = World::new().await;
        let body = format!(r#"{{"errorMessage":"you sent {SECRET}"}}"#);
        let echo = FaultKind::StatusBody(status, "application/json".into(), body);
        world.vendor().fault(Fault::always(Matcher::token(), echo));
        // What comes back is searched for the secret by the harness.
        let error = world.list(json!({})).await.unwrap_err();
        assert!(!error.to_string().contains("you sent"), "{error}");
        assert_eq!(world.counts().0, 0, "{status}");
    }
}

/// An instance is bound to its settings in this host: other credentials and another host are another
/// instance, which shares the connections and nothing else.
#[tokio::test]
async fn other_credentials_get_a_token_of_their_own() {
    let mut world = World::new().await;
    world.list(json!({})).await.unwrap();
    let first = world.api()[0].header("authorization").unwrap().to_owned();

    world.vendor().options().client_id = "another-client".into();
    world.set("ctr_client_id", "another-client");
    world.list(json!({})).await.unwrap();
    assert_eq!(world.counts(), (2, 2));
    assert_eq!(world.tokens()[1].form()[1].1, "another-client");
    assert_ne!(world.api()[1].header("authorization"), Some(first.as_str()));
}

#[tokio::test]
async fn another_host_never_sees_the_first_ones_token() {
    let mut world = World::new().await;
    world.list(json!({})).await.unwrap();
    let token = world.api()[0].header("authorization").unwrap().to_owned();

    let mut other = World::new().await;
    world.set("ctr_base_url", &other.server.url());
    assert_eq!(case(&world.list(json!({})).await), "unauthorized", "the other host issued none");
    let seen = other.api();
    assert_eq!((seen.len(), world.tokens().len()), (2, 3));
    assert!(seen.iter().all(|call| call.header("authorization") != Some(token.as_str())));
    other.list(json!({})).await.unwrap();
}

#[tokio::test]
async fn two_instances_share_no_token() {
    let world = World::new().await;
    for _ in 0..2 {
        let parameters = json!({ "query": {} });
        world.instance().call("incidents.incident-count", &parameters).await.unwrap().unwrap();
    }
    assert_eq!(world.counts(), (2, 2));
}

#[tokio::test]
async fn a_token_that_the_service_echoes_is_taken_out_of_its_message() {
    let mut world = World::new().await;
    answer_with_life(&world, json!(3600));
    world.list(json!({})).await.unwrap();
    let token = world.api()[0].header("authorization").unwrap().replace("Bearer ", "");
    for status in [400, 403, 404, 409] {
        let body = json!({ "errorMessage": format!("the token {token} is not for this") }).to_string();
        let echo = FaultKind::StatusBody(status, "application/json".into(), body);
        world.vendor().clear_faults();
        world.vendor().fault(Fault::always(Matcher::api(), echo));
        let error = world.list(json!({})).await.unwrap_err();
        assert!(error.message().contains("the token [redacted] is not for this"), "{error}");
    }
}
