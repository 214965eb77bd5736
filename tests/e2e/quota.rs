//! The call budget, and the vendor's own limit.

use chrono::TimeDelta;
use proofpoint_host::GuestError;
use proofpoint_simulator::{Fault, FaultKind, Matcher};
use proofpoint_tests::{World, case, id, ids};
use serde_json::{Value, json};

const MINUTE: u64 = 60_000;

fn retry_after(answer: Result<Value, GuestError>) -> u64 {
    assert_eq!(case(&answer), "rate-limited");
    let error = answer.unwrap_err();
    let wait = error.retry_after_ms().unwrap();
    assert!(wait > 0 && wait <= MINUTE, "{error}");
    wait
}

#[tokio::test]
async fn the_eleventh_call_within_a_minute_is_not_sent() {
    let mut world = World::new().await;
    world.set("ctr_calls_per_minute", "10");
    for _ in 0..10 {
        world.list(json!({})).await.unwrap();
    }
    retry_after(world.list(json!({})).await);
    retry_after(world.call("incidents.incident-count", json!({ "query": {} })).await);
    assert_eq!(world.counts(), (10, 1));
}

#[tokio::test]
async fn ten_calls_a_minute_are_the_default() {
    let mut world = World::with(|options| options.calls_per_minute = Some(10)).await;
    world.set("ctr_calls_per_minute", "");
    for _ in 0..10 {
        world.list(json!({})).await.unwrap();
    }
    retry_after(world.list(json!({})).await);
    assert_eq!(world.counts(), (10, 1), "the vendor never had to refuse");
}

#[tokio::test]
async fn without_a_budget_every_call_is_sent() {
    let mut world = World::new().await;
    for _ in 0..25 {
        world.list(json!({})).await.unwrap();
    }
    assert_eq!(world.counts(), (25, 1));
}

#[tokio::test]
async fn a_429_without_a_wait_holds_calls_back_for_the_window() {
    for budget in ["10", "0"] {
        let mut world = World::new().await;
        world.set("ctr_calls_per_minute", budget);
        world.vendor().fault(Fault::once(Matcher::api(), FaultKind::Status(429)));
        let wait = retry_after(world.list(json!({})).await);
        assert!(wait > MINUTE / 2, "{wait}");
        assert_eq!(world.counts(), (1, 1), "a 429 is not answered with another call");
    }
}

#[tokio::test]
async fn a_429_with_a_wait_is_believed_and_no_call_wasted_until_then() {
    let mut world = World::new().await;
    world.set("ctr_calls_per_minute", "10");
    world.vendor().fault(Fault::once(Matcher::api(), FaultKind::RetryAfter(429, "37".into())));
    assert_eq!(retry_after(world.list(json!({})).await), 37_000);
    let then = retry_after(world.list(json!({})).await);
    assert!(then <= 37_000, "{then}");
    assert_eq!(world.counts(), (1, 1));
}

#[tokio::test]
async fn a_wait_that_cannot_be_read_is_as_good_as_none() {
    let mut world = World::new().await;
    for value in ["soon", "-5", "1.5", "Wed, 21 Oct 2015 07:28:00 GMT", ""] {
        world.vendor().fault(Fault::once(Matcher::api(), FaultKind::RetryAfter(429, value.into())));
        assert_eq!(retry_after(world.list(json!({})).await), MINUTE, "{value}");
    }
    world.vendor().fault(Fault::once(Matcher::api(), FaultKind::RetryAfter(429, "0".into())));
    assert_eq!(retry_after(world.list(json!({})).await), 1000, "never at once");
}

#[tokio::test]
async fn a_list_that_the_budget_cuts_short_gives_what_it_has_and_goes_on_later() {
    let mut world = World::with(|options| options.page_cap = 10).await;
    world.set("ctr_calls_per_minute", "4");
    world.add_incidents(75, 0);
    let first = world.list(json!({ "limit": 70 })).await.unwrap();
    assert_eq!(ids(&first, "incidents"), (36..=75).rev().map(id).collect::<Vec<_>>());
    assert_eq!((&first["total"], world.counts()), (&json!(75), (4, 1)));
    retry_after(world.list(json!({ "limit": 30, "cursor": first["next"] })).await);

    // A fresh instance stands for the next minute.
    world.set("ctr_calls_per_minute", "0");
    let rest = world.list(json!({ "limit": 30, "cursor": first["next"] })).await.unwrap();
    assert_eq!(ids(&rest, "incidents"), (6..=35).rev().map(id).collect::<Vec<_>>());
}

#[tokio::test]
async fn details_beyond_the_budget_are_rate_limited_one_by_one() {
    let mut world = World::new().await;
    world.set("ctr_calls_per_minute", "5");
    world.add_incidents(20, 0);
    let asked: Vec<String> = (1..=20).map(id).collect();
    let answer = world.call("incidents.incident-get", json!({ "ids": asked })).await.unwrap();
    for (index, result) in answer.as_array().unwrap().iter().enumerate() {
        if index < 5 {
            assert_eq!(result["ok"]["incident"]["id"], asked[index].as_str());
        } else {
            assert_eq!(result["error"]["case"], "rate-limited", "{index}");
        }
    }
    assert_eq!(world.counts(), (5, 1));
}

#[tokio::test]
async fn a_call_that_is_refused_for_its_arguments_costs_no_budget() {
    let mut world = World::new().await;
    world.set("ctr_calls_per_minute", "1");
    for _ in 0..3 {
        assert_eq!(case(&world.list(json!({ "limit": 0 })).await), "invalid-argument");
    }
    world.list(json!({})).await.unwrap();
    retry_after(world.list(json!({})).await);
}

#[tokio::test]
async fn every_repeat_is_a_call_of_the_budget() {
    let mut world = World::new().await;
    world.set("ctr_calls_per_minute", "2");
    world.add(1, TimeDelta::zero(), |_| {});
    world.list(json!({})).await.unwrap();
    world.vendor().revoke_tokens();
    retry_after(world.list(json!({})).await);
    assert_eq!(world.counts(), (2, 2), "the repeat after the renewal is not sent");
}
