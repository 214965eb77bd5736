//! Polling through the component: every incident once, whatever happens in between.

use std::time::Duration;

use chrono::TimeDelta;
use proofpoint_simulator::{Fault, FaultKind, MalformedKind, Matcher};
use proofpoint_tests::{INCIDENTS, World, case, fetched, id, refused};
use serde_json::{Value, json};

/// Steps until no more is waiting; each checkpoint takes the place of the one before.
async fn drain(world: &mut World, options: &Value, checkpoint: &mut Value) -> Vec<Value> {
    let mut delivered = Vec::new();
    for _ in 0..100 {
        let batch = world.fetch(options.clone(), checkpoint).await.unwrap();
        delivered.extend(batch["incidents"].as_array().unwrap().clone());
        *checkpoint = batch["checkpoint"].clone();
        if batch["more"] == false {
            return delivered;
        }
    }
    panic!("there is always more");
}

/// Event and display number of what was delivered.
fn events(delivered: &[Value]) -> Vec<(&str, u64)> {
    let number = |row: &Value| row["incident"]["display-id"].as_str().unwrap().parse().unwrap();
    delivered.iter().map(|row| (row["event"].as_str().unwrap(), number(row))).collect()
}

fn both() -> Value {
    json!({ "fetch-states": ["open_incidents", "closed_incidents"] })
}

#[tokio::test]
async fn a_first_fetch_of_450_delivers_each_once_and_oldest_first() {
    let mut world = World::new().await;
    world.add_incidents(450, 60);
    let mut checkpoint = Value::Null;
    let mut steps = Vec::new();
    let mut all = Vec::new();
    loop {
        let batch = world.fetch(json!({}), &checkpoint).await.unwrap();
        steps.push(fetched(&batch).len());
        all.extend(fetched(&batch));
        checkpoint = batch["checkpoint"].clone();
        assert_eq!((&batch["warnings"], &batch["retry-after-ms"]), (&json!([]), &Value::Null));
        if batch["more"] == false {
            break;
        }
    }
    assert_eq!(steps, [200, 200, 50]);
    assert_eq!(all, (1..=450).map(id).collect::<Vec<_>>());
    let again = world.fetch(json!({}), &checkpoint).await.unwrap();
    assert_eq!((fetched(&again).len(), &again["more"]), (0, &json!(false)));
}

#[tokio::test]
async fn a_burst_in_one_instant_is_delivered_in_small_steps() {
    let mut world = World::new().await;
    for n in 1..=300 {
        world.add(n, TimeDelta::minutes(5), |_| {});
    }
    let mut delivered = Vec::new();
    let mut checkpoint = Value::Null;
    loop {
        let batch = world.fetch(json!({ "max-fetch": 70 }), &checkpoint).await.unwrap();
        assert!(fetched(&batch).len() <= 70);
        delivered.extend(fetched(&batch));
        checkpoint = batch["checkpoint"].clone();
        if batch["more"] == false {
            break;
        }
    }
    assert_eq!(delivered.len(), 300);
    delivered.sort();
    delivered.dedup();
    assert_eq!(delivered.len(), 300);
}

#[tokio::test]
async fn an_item_carries_what_a_case_is_filed_under() {
    let mut world = World::new().await;
    world.add(781, TimeDelta::hours(1), |incident| incident.title = "Look at this".into());
    let options = json!({ "incident-type": "CTR", "include-raw": true });
    let batch = world.fetch(options, &Value::Null).await.unwrap();
    let item = &batch["incidents"][0];
    assert_eq!((&item["event"], &item["name"]), (&json!("created"), &json!("INC-781 Look at this")));
    assert_eq!(item["incident-type"], "CTR");
    assert_eq!(item["occurred"], item["incident"]["created-at"]);
    assert_eq!(item["url"], format!("https://threatresponse.proofpoint.com/incidents/{}", id(781)).as_str());
    assert!(item["incident"]["raw-json"].as_str().unwrap().contains("\"displayId\":781"));
    for absent in ["detail", "enrichment-error", "warning"] {
        assert_eq!(item[absent], Value::Null, "{absent}");
    }
    let plain = world.fetch(json!({}), &Value::Null).await.unwrap();
    assert_eq!(plain["incidents"][0]["incident-type"], "Cloud Threat Response Incident");
}

#[tokio::test]
async fn the_list_is_asked_for_oldest_first_and_without_a_state() {
    let mut world = World::new().await;
    world.fetch(json!({ "first-fetch": "1 day" }), &Value::Null).await.unwrap();
    let body = world.only_body();
    assert_eq!(world.api()[0].path, INCIDENTS);
    assert_eq!((&body["startRow"], &body["endRow"]), (&json!(0), &json!(200)));
    assert_eq!(body["sortParams"], json!([{ "sort": "asc", "colId": "createdAt" }]));
    assert_eq!(body["filters"].as_object().unwrap().keys().collect::<Vec<_>>(), ["time_range_filter"]);
}

#[tokio::test]
async fn what_is_indexed_late_is_delivered_once() {
    let mut world = World::new().await;
    world.add_incidents(20, 60);
    for n in 21..=25 {
        let late = world.now() + TimeDelta::seconds(5);
        world.add(n, TimeDelta::minutes(20), |incident| incident.visible_at = late);
    }
    let mut checkpoint = Value::Null;
    assert_eq!(drain(&mut world, &json!({}), &mut checkpoint).await.len(), 20);
    world.vendor().advance(Duration::from_secs(10));
    let late = drain(&mut world, &json!({}), &mut checkpoint).await;
    assert_eq!(events(&late), (21..=25).map(|n| ("created", n)).collect::<Vec<_>>());
    assert_eq!(drain(&mut world, &json!({}), &mut checkpoint).await.len(), 0);
}

#[tokio::test]
async fn an_incident_that_closes_between_two_polls_is_not_missed() {
    let mut world = World::new().await;
    let mut checkpoint = Value::Null;
    drain(&mut world, &json!({}), &mut checkpoint).await;
    world.vendor().advance(Duration::from_secs(20));
    world.add(1, TimeDelta::seconds(10), |incident| incident.closed_at = Some(incident.created_at));
    let delivered = drain(&mut world, &json!({}), &mut checkpoint).await;
    assert_eq!(events(&delivered), [("created", 1)]);
}

#[tokio::test]
async fn closings_long_after_the_creation_are_swept_once_each() {
    let mut world = World::new().await;
    for n in 1..=30 {
        world.add(n, TimeDelta::hours(60) - TimeDelta::minutes(n as i64), |_| {});
    }
    let mut checkpoint = Value::Null;
    let created = drain(&mut world, &both(), &mut checkpoint).await;
    assert_eq!(events(&created), (1..=30).map(|n| ("created", n)).collect::<Vec<_>>());

    let mut closed = Vec::new();
    for round in 0..3_u64 {
        world.vendor().advance(Duration::from_secs(5));
        let now = world.now();
        for n in [3, 17, 28] {
            world.vendor().set_state(&id(n + round), Some(now));
        }
        let delivered = drain(&mut world, &both(), &mut checkpoint).await;
        let mut numbers = events(&delivered);
        numbers.sort_unstable();
        assert_eq!(numbers, [3, 17, 28].map(|n| ("closed", n + round)), "round {round}");
        closed.extend(delivered);
    }
    assert!(closed.iter().all(|item| item["occurred"] == item["incident"]["closed-at"]));
    for _ in 0..3 {
        assert_eq!(drain(&mut world, &both(), &mut checkpoint).await, Vec::<Value>::new());
    }
}

#[tokio::test]
async fn a_fetch_of_closings_alone_delivers_closings_alone() {
    let mut world = World::new().await;
    world.add_incidents(5, 600);
    let options = json!({ "fetch-states": ["closed"] });
    let mut checkpoint = Value::Null;
    assert_eq!(drain(&mut world, &options, &mut checkpoint).await.len(), 0);
    world.vendor().advance(Duration::from_secs(5));
    let now = world.now();
    world.vendor().set_state(&id(4), Some(now));
    let delivered = drain(&mut world, &options, &mut checkpoint).await;
    assert_eq!(events(&delivered), [("closed", 4)]);
    assert_eq!(drain(&mut world, &options, &mut checkpoint).await.len(), 0);
}

#[tokio::test]
async fn each_incident_is_delivered_with_its_detail_and_one_that_keeps_failing_without() {
    let mut world = World::new().await;
    world.add_incidents(20, 60);
    world.vendor().fault(Fault::always(Matcher::path_containing(&id(7)), FaultKind::Status(500)));
    world.vendor().fault(Fault::once(Matcher::path_containing(&id(9)), FaultKind::Html));
    world.vendor().fault(Fault::always(Matcher::path_containing(&id(11)), FaultKind::Status(404)));
    let options = json!({ "fetch-enrich": true });
    let mut checkpoint = Value::Null;
    let delivered = drain(&mut world, &options, &mut checkpoint).await;
    assert_eq!(events(&delivered), (1..=20).map(|n| ("created", n)).collect::<Vec<_>>());
    for (n, item) in (1..).zip(&delivered) {
        let without = n == 7 || n == 11;
        assert_eq!(item["enrichment-error"].is_string(), without, "{n}");
        assert_eq!(item["detail"].is_null(), without, "{n}");
        assert!(item["detail"]["incident"]["id"].as_str().is_none_or(|it| it == id(n)));
    }
    let attempts = |n| world.api().iter().filter(|call| call.path.ends_with(&id(n))).count();
    assert_eq!([attempts(7), attempts(9), attempts(11), attempts(12)], [3, 2, 1, 1]);
    assert_eq!(drain(&mut world, &options, &mut checkpoint).await.len(), 0);
}

#[tokio::test]
async fn a_malformed_incident_is_delivered_raw_with_a_warning_and_stops_nothing() {
    for kind in [
        MalformedKind::BadCreatedAt,
        MalformedKind::MissingCreatedAt,
        MalformedKind::MissingId,
        MalformedKind::NotAnObject,
    ] {
        let mut world = World::new().await;
        for n in 1..=5 {
            world.add(n, TimeDelta::seconds(600 - n as i64), |incident| {
                incident.malformed = (n == 3).then_some(kind);
            });
        }
        let mut checkpoint = Value::Null;
        let delivered = drain(&mut world, &json!({}), &mut checkpoint).await;
        let odd: Vec<&Value> = delivered.iter().filter(|item| item["warning"].is_string()).collect();
        assert_eq!((delivered.len(), odd.len()), (5, 1), "{kind:?}");
        assert!(odd[0]["incident"]["raw-json"].is_string(), "{kind:?}");
        let mut good: Vec<&str> = delivered
            .iter()
            .filter(|item| item["warning"].is_null())
            .map(|item| item["incident"]["display-id"].as_str().unwrap())
            .collect();
        good.sort_unstable();
        assert_eq!(good, ["1", "2", "4", "5"], "{kind:?}");
        assert_eq!(drain(&mut world, &json!({}), &mut checkpoint).await.len(), 0, "{kind:?}: only once");
    }
}

#[tokio::test]
async fn a_checkpoint_that_is_damaged_foreign_or_of_another_version_is_refused() {
    let mut world = World::new().await;
    world.add_incidents(300, 60);
    let good = world.fetch(json!({}), &Value::Null).await.unwrap()["checkpoint"].as_str().unwrap().to_owned();
    assert!(good.bytes().all(|byte| byte.is_ascii_graphic()));
    let cursor = world.list(json!({ "limit": 5 })).await.unwrap()["next"].as_str().unwrap().to_owned();
    let sent = world.counts();
    let (kind, rest) = good.split_once('.').unwrap();
    let (version, rest) = rest.split_once('.').unwrap();
    let other_version = format!("{kind}.{}.{rest}", version.parse::<u32>().unwrap() + 1);
    for wrong in ["", "garbage", "{}", &good[..good.len() / 2], &format!("{good}A"), &other_version, &cursor]
    {
        let (argument, _) = refused(world.fetch(json!({}), &json!(wrong)).await);
        assert_eq!(argument, "checkpoint", "{wrong}");
    }
    assert_eq!(world.counts(), sent, "nothing was sent");
    assert_eq!(fetched(&world.fetch(json!({}), &json!(good)).await.unwrap()).len(), 100);
}

#[tokio::test]
async fn options_out_of_range_are_refused() {
    let mut world = World::new().await;
    for (options, argument) in [
        (json!({ "max-fetch": 0 }), "max-fetch"),
        (json!({ "max-fetch": 201 }), "max-fetch"),
        (json!({ "fetch-delta-minutes": 1441 }), "fetch-delta-minutes"),
        (json!({ "closed-lookback-days": 0 }), "closed-lookback-days"),
        (json!({ "closed-lookback-days": 91 }), "closed-lookback-days"),
        (json!({ "fetch-states": ["ajar"] }), "fetch-states"),
        (json!({ "first-fetch": "soon" }), "first-fetch"),
    ] {
        assert_eq!(refused(world.fetch(options.clone(), &Value::Null).await).0, argument, "{options}");
    }
    for (key, wrong) in [
        ("ctr_first_fetch", "soon"),
        ("ctr_max_fetch", "0"),
        ("ctr_fetch_states", "ajar"),
        ("ctr_fetch_enrich", "maybe"),
    ] {
        let mut world = World::new().await;
        world.set(key, wrong);
        let error = world.fetch(json!({}), &Value::Null).await.unwrap_err().to_json();
        assert_eq!((&error["case"], &error["payload"]["key"]), (&json!("configuration"), &json!(key)));
    }
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn a_step_that_fails_leaves_the_stored_checkpoint_good() {
    let mut world = World::new().await;
    world.add_incidents(450, 60);
    let first = world.fetch(json!({}), &Value::Null).await.unwrap();
    let stored = first["checkpoint"].clone();
    for kind in [FaultKind::Status(403), FaultKind::Html, FaultKind::Truncate(100), FaultKind::Status(429)] {
        world.vendor().fault(Fault::once(Matcher::search(), kind));
        world.fetch(json!({}), &stored).await.unwrap_err();
    }
    let mut checkpoint = stored.clone();
    let rest = drain(&mut world, &json!({}), &mut checkpoint).await;
    assert_eq!(events(&rest), (201..=450).map(|n| ("created", n)).collect::<Vec<_>>());
    // An engine that crashed before it stored the last checkpoint reads the same again.
    let mut checkpoint = stored;
    assert_eq!(drain(&mut world, &json!({}), &mut checkpoint).await.len(), 250);
}

#[tokio::test]
async fn a_failure_in_the_middle_keeps_what_was_found() {
    let mut world = World::with(|options| options.page_cap = 50).await;
    world.add_incidents(120, 60);
    world.vendor().fault(Fault::once(Matcher::search(), FaultKind::Html).after(1));
    let first = world.fetch(json!({}), &Value::Null).await.unwrap();
    assert_eq!(fetched(&first), (1..=50).map(id).collect::<Vec<_>>());
    assert_eq!((&first["more"], first["warnings"].as_array().unwrap().len()), (&json!(true), 1));
    let mut checkpoint = first["checkpoint"].clone();
    let rest = drain(&mut world, &json!({}), &mut checkpoint).await;
    assert_eq!(events(&rest), (51..=120).map(|n| ("created", n)).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_end_of_the_budget_ends_the_step_and_says_when_to_go_on() {
    let mut world = World::with(|options| options.page_cap = 20).await;
    world.set("ctr_calls_per_minute", "3");
    world.add_incidents(100, 60);
    let first = world.fetch(json!({}), &Value::Null).await.unwrap();
    // Pages begin in the second of the last row, so they overlap a little.
    let count = fetched(&first).len() as u64;
    assert!((50..=60).contains(&count), "{count}");
    assert_eq!(fetched(&first), (1..=count).map(id).collect::<Vec<_>>());
    let wait = first["retry-after-ms"].as_u64().unwrap();
    assert!(first["more"] == true && wait > 0 && wait <= 60_000, "{wait}");
    assert_eq!(case(&world.fetch(json!({}), &first["checkpoint"]).await), "rate-limited");
    assert_eq!(world.counts(), (3, 1));

    // A fresh instance stands for the next minute.
    world.set("ctr_calls_per_minute", "0");
    let mut checkpoint = first["checkpoint"].clone();
    let rest = drain(&mut world, &json!({}), &mut checkpoint).await;
    assert_eq!(events(&rest), (count + 1..=100).map(|n| ("created", n)).collect::<Vec<_>>());
}

#[tokio::test]
async fn details_are_spread_over_steps_within_the_budget() {
    let mut world = World::new().await;
    world.add_incidents(25, 60);
    let options = json!({ "fetch-enrich": true });
    let mut checkpoint = Value::Null;
    let mut delivered = Vec::new();
    for _ in 0..10 {
        // Each instance has a minute's budget.
        world.set("ctr_calls_per_minute", "10");
        let batch = world.fetch(options.clone(), &checkpoint).await.unwrap();
        delivered.extend(batch["incidents"].as_array().unwrap().clone());
        checkpoint = batch["checkpoint"].clone();
        if batch["more"] == false {
            break;
        }
        assert!(batch["retry-after-ms"].is_u64(), "{batch}");
    }
    assert_eq!(events(&delivered), (1..=25).map(|n| ("created", n)).collect::<Vec<_>>());
    assert!(delivered.iter().all(|item| item["detail"].is_object()));
    let details = world.api().iter().filter(|call| call.method == "GET").count();
    assert_eq!(details, 25, "none was asked for twice");
}

#[tokio::test]
async fn a_service_that_lists_in_another_order_is_noticed() {
    let mut world = World::new().await;
    for n in 1..=4 {
        world.add(n, TimeDelta::minutes(60 - n as i64), |incident| {
            let created = format!("2020-01-01T00:00:{:02}.000+00:00", 59 - n);
            incident.extra.insert("createdAt".into(), json!(created));
        });
    }
    assert_eq!(case(&world.fetch(json!({}), &Value::Null).await), "invalid-response");
}
