//! Polling tickets through the component: every ticket once, whatever happens in between.

use chrono::TimeDelta;
use proofpoint_simulator::{Fault, FaultKind, MalformedKind, Matcher, Place, Ticket};
use proofpoint_tests::{World, case, fqid};
use serde_json::{Value, json};

/// Steps until no more is waiting, each in an instance of its own; each checkpoint takes the place of the
/// one before.
async fn drain(world: &mut World, options: &Value, checkpoint: &mut Value) -> Vec<Value> {
    let mut delivered = Vec::new();
    for _ in 0..100 {
        world.set("itm_calls_per_minute", "0");
        let batch = step(world, options, checkpoint).await;
        delivered.extend(batch["tickets"].as_array().unwrap().clone());
        *checkpoint = batch["checkpoint"].clone();
        if batch["more"] == false {
            return delivered;
        }
    }
    panic!("there is always more");
}

async fn step(world: &mut World, options: &Value, checkpoint: &Value) -> Value {
    let parameters = json!({ "options": options, "checkpoint": checkpoint });
    world.call("tickets.ticket-fetch", parameters).await.unwrap()
}

fn fqids(delivered: &[Value]) -> Vec<String> {
    delivered.iter().map(|row| row["ticket"]["fqid"].as_str().unwrap().to_owned()).collect()
}

fn numbers(range: std::ops::RangeInclusive<u64>) -> Vec<String> {
    range.map(fqid).collect()
}

#[tokio::test]
async fn a_first_fetch_of_450_delivers_each_once_and_oldest_first() {
    let mut world = World::new().await;
    world.add_tickets(450, 60);
    let mut checkpoint = Value::Null;
    let delivered = drain(&mut world, &json!({}), &mut checkpoint).await;
    assert_eq!(fqids(&delivered), numbers(1..=450));
    assert_eq!(drain(&mut world, &json!({}), &mut checkpoint).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_delivered_ticket_says_what_to_file_it_as() {
    let mut world = World::new().await;
    world.add_ticket(1, TimeDelta::minutes(1), |_| {});
    let batch = step(&mut world, &json!({ "ticket-type": "Leak" }), &Value::Null).await;
    let fetched = &batch["tickets"][0];
    let ticket = world.ticket(&fqid(1), &[]).await.unwrap();
    assert_eq!(fetched["ticket"], ticket);
    assert_eq!((&fetched["ticket-type"], &fetched["url"]), (&json!("Leak"), &ticket["timeline-url"]));
    assert_eq!(fetched["occurred"], ticket["occurred-at"]);
    let name = fetched["name"].as_str().unwrap();
    assert!(name.contains("EMAIL-DLP-PCI") && name.contains("user1"), "{name}");
    assert_eq!((&batch["more"], &batch["warnings"]), (&json!(false), &json!([])));
}

#[tokio::test]
async fn a_burst_in_one_instant_is_delivered_in_small_steps() {
    let mut world = World::new().await;
    let at = world.now() - TimeDelta::minutes(2);
    for n in 1..=130 {
        world.vendor().add_ticket(Ticket::at(n, at));
    }
    let delivered = drain(&mut world, &json!({ "max-fetch": 7 }), &mut Value::Null.clone()).await;
    let (mut found, mut expected) = (fqids(&delivered), numbers(1..=130));
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn what_is_indexed_late_within_the_overlap_still_comes_and_nothing_twice() {
    let mut world = World::new().await;
    world.add_tickets(20, 60);
    let now = world.now();
    for n in 21..=30 {
        let late = Ticket::at(n, now - TimeDelta::minutes(10)).visible(now + TimeDelta::minutes(5));
        world.vendor().add_ticket(late);
    }
    let mut checkpoint = Value::Null;
    assert_eq!(fqids(&drain(&mut world, &json!({}), &mut checkpoint).await), numbers(1..=20));
    world.vendor().advance(std::time::Duration::from_secs(360));
    let mut late = fqids(&drain(&mut world, &json!({}), &mut checkpoint).await);
    late.sort();
    let mut expected = numbers(21..=30);
    expected.sort();
    assert_eq!(late, expected);
    assert_eq!(drain(&mut world, &json!({}), &mut checkpoint).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_failed_step_leaves_its_checkpoint_good() {
    let mut world = World::new().await;
    world.add_tickets(5, 600);
    let mut checkpoint = Value::Null;
    drain(&mut world, &json!({}), &mut checkpoint).await;
    world.add_ticket(6, TimeDelta::minutes(1), |_| {});
    for kind in [FaultKind::Html, FaultKind::Status(403), FaultKind::Truncate(100), FaultKind::EmptyEnvelope]
    {
        world.vendor().fault(Fault::once(Matcher::place(Place::ItmSearch), kind.clone()));
        let parameters = json!({ "options": {}, "checkpoint": checkpoint });
        let answer = world.call("tickets.ticket-fetch", parameters).await;
        assert!(["invalid-response", "forbidden"].contains(&case(&answer)), "{kind:?}");
    }
    assert_eq!(fqids(&drain(&mut world, &json!({}), &mut checkpoint).await), [fqid(6)]);
}

#[tokio::test]
async fn a_change_of_a_ticket_does_not_deliver_it_again() {
    let mut world = World::new().await;
    world.add_tickets(3, 60);
    let mut checkpoint = Value::Null;
    assert_eq!(drain(&mut world, &json!({}), &mut checkpoint).await.len(), 3);
    let parameters = json!({ "fqid": fqid(2), "text": "seen" });
    world.call("tickets.ticket-add-comment", parameters).await.unwrap();
    assert_eq!(drain(&mut world, &json!({}), &mut checkpoint).await, Vec::<Value>::new());
}

#[tokio::test]
async fn severities_that_the_service_cannot_be_asked_for_are_sorted_out_here() {
    let mut world = World::new().await;
    for (n, severity) in [(1, "850:critical"), (2, "700:high"), (3, "300:low"), (4, "701:high")] {
        world.add_ticket(n, TimeDelta::minutes(9 - i64::try_from(n).unwrap()), |ticket| {
            ticket.incident.as_mut().unwrap().severity = Some(format!("incident:severity:{severity}"));
        });
    }
    let options = json!({ "severity-filters": ["high"] });
    let mut checkpoint = Value::Null;
    assert_eq!(fqids(&drain(&mut world, &options, &mut checkpoint).await), [2, 4].map(fqid));
}

#[tokio::test]
async fn one_malformed_row_does_not_hold_up_the_others() {
    for kind in [
        MalformedKind::BadCreatedAt,
        MalformedKind::MissingCreatedAt,
        MalformedKind::MissingId,
        MalformedKind::NotAnObject,
        MalformedKind::WrongTypes,
    ] {
        let mut world = World::new().await;
        world.add_tickets(5, 60);
        let spoilt = FaultKind::MalformedRow { kind, row: 2 };
        world.vendor().fault(Fault::once(Matcher::place(Place::ItmSearch), spoilt));
        let mut checkpoint = Value::Null;
        let first = step(&mut world, &json!({}), &checkpoint).await;
        checkpoint = first["checkpoint"].clone();
        let mut all = first["tickets"].as_array().unwrap().clone();
        all.extend(drain(&mut world, &json!({}), &mut checkpoint).await);
        let found = fqids(&all);
        for n in [1, 2, 4, 5] {
            let times = found.iter().filter(|found| **found == fqid(n)).count();
            assert_eq!(times, 1, "{kind:?} {n}");
        }
    }
}

#[tokio::test]
async fn the_products_checkpoints_are_not_taken_for_one_another() {
    let mut world = World::new().await;
    world.add_tickets(1, 60);
    let ticket = step(&mut world, &json!({}), &Value::Null).await["checkpoint"].clone();
    let incident = world.fetch(json!({}), &Value::Null).await.unwrap()["checkpoint"].clone();
    world.vendor().clear_requests();
    assert_eq!(case(&world.fetch(json!({}), &ticket).await), "invalid-argument");
    let parameters = json!({ "options": {}, "checkpoint": incident });
    assert_eq!(case(&world.call("tickets.ticket-fetch", parameters).await), "invalid-argument");
    assert_eq!(world.counts(), (0, 0));
}
