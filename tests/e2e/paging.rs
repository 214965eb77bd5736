//! Reading on with a cursor.

use chrono::TimeDelta;
use proofpoint_simulator::Incident;
use proofpoint_tests::{World, id, ids, refused};
use serde_json::{Value, json};

#[tokio::test]
async fn reading_on_gives_each_row_once_while_new_ones_arrive() {
    let mut world = World::new().await;
    world.add_incidents(450, 3600);
    let mut seen = Vec::new();
    let mut cursor = Value::Null;
    for page in 0.. {
        let answer = world.list(json!({ "limit": 60, "cursor": cursor })).await.unwrap();
        seen.extend(ids(&answer, "incidents"));
        cursor = answer["next"].clone();
        if cursor.is_null() {
            break;
        }
        // Newer than every row, one of them in the very second of the newest row.
        let offset = TimeDelta::milliseconds(page * 10_000 + 1);
        for n in 0..7_u64 {
            world.add(1000 + page as u64 * 10 + n, TimeDelta::hours(1) - offset * n as i32, |_| {});
        }
    }
    let wanted: Vec<String> = (1..=450).rev().map(id).collect();
    let old: Vec<String> = seen.iter().filter(|id| wanted.contains(id)).cloned().collect();
    assert_eq!(old, wanted, "each of the first ones once, newest first");
    let mut unique = seen.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), seen.len(), "nothing came twice");
}

#[tokio::test]
async fn rows_that_are_indexed_late_push_none_of_the_others_out() {
    let mut world = World::new().await;
    world.add_incidents(200, 3600);
    let mut seen = Vec::new();
    let mut cursor = Value::Null;
    for page in 0_u64.. {
        let answer = world.list(json!({ "limit": 50, "cursor": cursor })).await.unwrap();
        seen.extend(ids(&answer, "incidents"));
        cursor = answer["next"].clone();
        if cursor.is_null() {
            break;
        }
        // Between rows that were passed already: all that follow move on by five.
        let vendor = &mut *world.vendor();
        let newest = vendor.incident(&id(200)).unwrap().created_at;
        for n in 0..5 {
            vendor.add_incident(Incident::at(1000 + page * 10 + n, newest - TimeDelta::milliseconds(500)));
        }
    }
    assert_eq!(seen, (1..=200).rev().map(id).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_cursor_carries_its_filters() {
    let mut world = World::new().await;
    for n in 1..=30 {
        world.add(n, TimeDelta::seconds(100 - n as i64), |incident| incident.vap = n % 2 == 0);
    }
    let first = world.list(json!({ "limit": 5, "other-filters": ["vap"] })).await.unwrap();
    assert_eq!(first["total"], 15);
    for query in [
        json!({ "limit": 5, "cursor": first["next"] }),
        json!({ "limit": 5, "cursor": first["next"], "other-filters": ["vap"] }),
    ] {
        let second = world.list(query).await.unwrap();
        assert_eq!(ids(&second, "incidents"), [20, 18, 16, 14, 12].map(id));
    }
    let sent = world.counts();
    let other = world.list(json!({ "cursor": first["next"], "priority-filters": ["low"] })).await;
    assert_eq!(refused(other).0, "cursor");
    assert_eq!(world.counts(), sent);
}

#[tokio::test]
async fn a_cursor_that_is_damaged_or_foreign_is_refused() {
    let mut world = World::new().await;
    world.add_incidents(10, 0);
    world.add(11, TimeDelta::zero(), |incident| {
        incident.messages =
            (0..3).map(|n| proofpoint_simulator::Message::at(n, incident.created_at)).collect();
    });
    let list = world.list(json!({ "limit": 5 })).await.unwrap()["next"].as_str().unwrap().to_owned();
    let messages = json!({ "id": id(11), "page": { "limit": 1 } });
    let messages = world.call("incidents.incident-messages", messages).await.unwrap()["next"].clone();
    let fetch = world.fetch(json!({}), &Value::Null).await.unwrap()["checkpoint"].clone();
    let sent = world.counts();

    let cut = &list[..list.len() - 1];
    let changed = list.replace(&list[list.len() - 4..], "AAAA");
    let version = list.replacen(".1.", ".2.", 1);
    assert_ne!(version, list);
    for wrong in ["", "garbage", "a.b.c.d", cut, &changed, &version, "\u{0}é"] {
        assert_eq!(refused(world.list(json!({ "cursor": wrong })).await).0, "cursor", "{wrong}");
    }
    for foreign in [&messages, &fetch] {
        assert_eq!(refused(world.list(json!({ "cursor": foreign })).await).0, "cursor");
    }
    let parameters = json!({ "id": id(11), "page": { "cursor": list } });
    assert_eq!(refused(world.call("incidents.incident-messages", parameters).await).0, "cursor");
    assert_eq!(world.counts(), sent, "nothing was sent");
}

#[tokio::test]
async fn a_cursor_is_printable_and_works_in_another_instance() {
    let mut world = World::new().await;
    world.add_incidents(20, 0);
    let first = world.list(json!({ "limit": 12 })).await.unwrap();
    let cursor = first["next"].as_str().unwrap();
    assert!(cursor.bytes().all(|byte| byte.is_ascii_graphic()), "{cursor}");
    let parameters = json!({ "query": { "cursor": cursor } });
    let second = world.instance().call("incidents.incident-list", &parameters).await.unwrap().unwrap();
    assert_eq!(ids(&second, "incidents"), (1..=8).rev().map(id).collect::<Vec<_>>());
    assert_eq!(second["next"], Value::Null);
}
