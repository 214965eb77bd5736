//! What goes wrong with each call about tickets and users, one by one: a refusal that looks like an answer, and an
//! answer that does not come.

use std::time::Duration;

use chrono::TimeDelta;
use proofpoint_simulator::itm::User;
use proofpoint_simulator::{Fault, FaultKind, Matcher, Place};
use proofpoint_tests::{World, case, fqid};
use serde_json::{Value, json};

/// A function, what it is called with, and where its first request goes.
type Call = (&'static str, Value, Place);

async fn scene() -> World {
    let world = World::new().await;
    world.add_ticket(1, TimeDelta::minutes(5), |_| {});
    world.vendor().add_user(User::named("Ines", "Moreau"));
    world
}

/// Every function that reads a ticket or users. What finds an owner by name reads users before it writes.
fn reads() -> Vec<Call> {
    let of_one = json!({ "fqid": fqid(1), "includes": [] });
    let change = json!({ "status-id": "s", "assignee": "Ines Moreau" });
    vec![
        ("tickets.ticket-get", of_one.clone(), Place::ItmEvent),
        ("tickets.screenshot-list", json!({ "fqid": fqid(1) }), Place::ItmEvent),
        ("tickets.screenshot-get", json!({ "fqid": fqid(1), "id": "1-1" }), Place::ItmEvent),
        ("tickets.ticket-search", json!({ "query": {} }), Place::ItmSearch),
        ("tickets.ticket-fetch", json!({ "options": {}, "checkpoint": null }), Place::ItmSearch),
        ("tickets.email-get", of_one, Place::ItmMail),
        ("users.user-list", json!({ "query": {} }), Place::ItmUsers),
        ("users.user-find", json!({ "name-or-email": "Ines Moreau" }), Place::ItmUsers),
        (
            "tickets.ticket-assign-owner",
            json!({ "fqid": fqid(1), "assignee": "Ines Moreau" }),
            Place::ItmUsers,
        ),
        ("tickets.ticket-set-status", json!({ "fqid": fqid(1), "change": change }), Place::ItmUsers),
    ]
}

/// Every function that writes, and how many calls it makes where the answer leaves open what happened.
fn writes() -> Vec<(&'static str, Value, usize)> {
    let change = json!({ "status-id": "s" });
    vec![
        ("tickets.ticket-assign-owner", json!({ "fqid": fqid(1), "assignee": "id:u-1" }), 2),
        ("tickets.ticket-set-status", json!({ "fqid": fqid(1), "change": change }), 2),
        ("tickets.ticket-add-comment", json!({ "fqid": fqid(1), "text": "t" }), 1),
        ("tickets.ticket-add-tag", json!({ "fqid": fqid(1), "tag": "t" }), 1),
    ]
}

/// A 200 with everything that a good answer of any kind has, but for the status that it tells of.
fn good_but(status: &Value) -> FaultKind {
    let user = User::named("Ines", "Moreau");
    let row = json!({
        "fqid": fqid(1), "id": user.id, "alias": user.alias, "status": "active", "event": { "id": "e" },
        "incident": { "id": "i" }, "details": { "user": { "firstName": "Ines", "lastName": "Moreau" } },
    });
    let screens = json!({ "screenshots": [{ "id": "1-1", "url": "https://bucket.example.com/1-1.jpg" }] });
    let body = json!({
        "_status": { "status": status, "code": "it:error:some-error", "message": "It was not done." },
        "_meta": { "stats": { "total": 1 } }, "data": [row], "fqid": fqid(1), "event": { "id": "e" },
        "ui": screens,
    });
    FaultKind::WrongJson(body.to_string())
}

/// Arms a fault anew.
fn fault(world: &World, place: Place, kind: FaultKind) {
    let mut vendor = world.vendor();
    vendor.clear_faults();
    vendor.clear_requests();
    vendor.fault(Fault::always(Matcher::place(place), kind));
}

#[tokio::test]
async fn a_good_answer_with_a_good_status_is_taken() {
    let mut world = scene().await;
    fault(&world, Place::ItmEvent, good_but(&json!(200)));
    world.ticket(&fqid(1), &[]).await.unwrap();
    fault(&world, Place::ItmUsers, good_but(&json!("200")));
    world.call("users.user-find", json!({ "name-or-email": "Ines Moreau" })).await.unwrap();
}

#[tokio::test]
async fn a_refusal_inside_a_200_is_never_taken_for_an_answer() {
    let mut world = scene().await;
    for (function, parameters, place) in reads() {
        let of_one = matches!(place, Place::ItmEvent | Place::ItmMail);
        let bad_request = if of_one { "not-found" } else { "rejected" };
        for (status, expected) in [
            (json!(400), bad_request),
            (json!("400"), bad_request),
            (json!(403), "forbidden"),
            (json!(404), "not-found"),
            (json!(409), "rejected"),
            (json!(302), "invalid-response"),
            (json!(399), "invalid-response"),
            (json!(0), "invalid-response"),
            (json!("failed"), "invalid-response"),
        ] {
            fault(&world, place.clone(), good_but(&status));
            let answer = world.call(function, parameters.clone()).await;
            assert_eq!(case(&answer), expected, "{function} {status}");
            let sent = world.api();
            assert_eq!(sent.len(), 1, "{function} {status}: {sent:#?}");
        }
    }
}

#[tokio::test]
async fn a_write_refused_inside_a_200_is_refused_and_one_with_an_odd_status_is_open() {
    let mut world = scene().await;
    for (function, parameters, calls) in writes() {
        for (status, expected, calls) in [
            (json!(400), "rejected", 1),
            (json!("400"), "rejected", 1),
            (json!(403), "forbidden", 1),
            (json!(404), "not-found", 1),
            (json!(409), "rejected", 1),
            (json!(302), "outcome-unknown", calls),
            (json!(399), "outcome-unknown", calls),
            (json!("failed"), "outcome-unknown", calls),
        ] {
            fault(&world, Place::ItmWrite, good_but(&status));
            let answer = world.call(function, parameters.clone()).await;
            assert_eq!(case(&answer), expected, "{function} {status}");
            let sent = world.api();
            assert_eq!(sent.len(), calls, "{function} {status}: {sent:#?}");
            assert!(sent[1..].iter().all(|call| call.method == "GET"), "{function} {status}");
        }
    }
}

#[tokio::test]
async fn a_call_that_is_not_answered_in_time_is_a_timeout_also_after_a_good_one() {
    let mut world = scene().await;
    world.set("request_timeout_ms", "1000");
    world.search(json!({})).await.unwrap();
    let late = [
        "tickets.ticket-get",
        "tickets.ticket-search",
        "tickets.ticket-fetch",
        "tickets.email-get",
        "users.user-find",
    ];
    for (function, parameters, place) in reads().into_iter().filter(|(name, ..)| late.contains(name)) {
        fault(&world, place, FaultKind::Delay(Duration::from_secs(30)));
        let answer = world.call(function, parameters).await;
        assert_eq!(case(&answer), "timeout", "{function}");
        assert!(answer.unwrap_err().message().contains("request_timeout_ms"), "{function}");
        assert_eq!(world.counts(), (1, 0), "{function}: one call, with the token that is there");
    }
    world.vendor().clear_faults();
    world.search(json!({})).await.unwrap();
}
