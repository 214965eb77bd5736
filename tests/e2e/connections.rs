//! Connections are few and used side by side.

use std::time::Duration;

use proofpoint_simulator::{Fault, FaultKind, Matcher};
use proofpoint_tests::{World, id};
use serde_json::json;

#[tokio::test]
async fn twenty_calls_share_one_connection() {
    let mut world = World::new().await;
    world.add_incidents(3, 0);
    for _ in 0..20 {
        world.list(json!({})).await.unwrap();
    }
    assert_eq!((world.counts(), world.server.connections()), ((20, 1), 1));
}

#[tokio::test]
async fn instances_share_the_connections() {
    let world = World::new().await;
    for _ in 0..5 {
        let parameters = json!({ "query": {} });
        world.instance().call("incidents.incident-count", &parameters).await.unwrap().unwrap();
    }
    assert_eq!((world.counts(), world.server.connections()), ((5, 5), 1));
}

#[tokio::test]
async fn two_hundred_details_go_side_by_side_over_at_most_sixteen_connections() {
    let mut world = World::new().await;
    world.add_incidents(200, 0);
    let delay = FaultKind::Delay(Duration::from_millis(50));
    world.vendor().fault(Fault::always(Matcher::path_containing("/incidents/"), delay));
    let asked: Vec<String> = (1..=200).map(id).collect();
    let answer = world.call("incidents.incident-get", json!({ "ids": asked })).await.unwrap();
    assert_eq!(answer.as_array().unwrap().len(), 200);
    assert!(answer.as_array().unwrap().iter().all(|result| result["ok"].is_object()));
    assert_eq!(world.counts(), (200, 1));
    let (connections, at_once) = (world.server.connections(), world.server.most_at_once());
    assert!((8..=16).contains(&at_once), "{at_once} at once");
    assert!(connections <= 16, "{connections} connections");
}
