use std::time::Duration;

use serde_json::json;

use super::{Bench, SEARCH, at, numbers};
use crate::{EndRow, Incident, OverCap, TieOrder};

#[test]
fn end_row_is_exclusive() {
    let mut bench = Bench::holding(5);
    for (start, end, expected) in
        [(0, 2, vec![5, 4]), (2, 4, vec![3, 2]), (4, 9, vec![1]), (5, 9, vec![]), (0, 0, vec![])]
    {
        let reply = bench.post(SEARCH, json!({ "startRow": start, "endRow": end }));
        assert_eq!(numbers(&reply), expected, "{start} to {end}");
    }
}

#[test]
fn end_row_can_be_inclusive() {
    let mut bench = Bench::holding(5);
    bench.vendor.options().end_row = EndRow::Inclusive;
    assert_eq!(numbers(&bench.post(SEARCH, json!({ "startRow": 0, "endRow": 2 }))), [5, 4, 3]);
    assert_eq!(numbers(&bench.post(SEARCH, json!({ "startRow": 3, "endRow": 3 }))), [2]);
}

#[test]
fn the_envelope_counts_all_matches_and_echoes_the_rows_asked_for() {
    let mut bench = Bench::holding(3);
    let reply = bench.post(SEARCH, json!({ "startRow": 1, "endRow": 499 })).json();
    assert_eq!((&reply["total"], &reply["startRow"], &reply["endRow"]), (&json!(3), &json!(1), &json!(499)));
    let empty = Bench::new().post(SEARCH, json!({ "startRow": 0, "endRow": 499 })).json();
    assert_eq!(empty, json!({ "total": 0, "startRow": 0, "endRow": 499, "incidents": [] }));
}

#[test]
fn a_page_beyond_the_cap_is_clamped_or_refused() {
    let mut bench = Bench::holding(12);
    bench.vendor.options().page_cap = 10;
    let reply = bench.post(SEARCH, json!({ "startRow": 0, "endRow": 12 }));
    assert_eq!(numbers(&reply).len(), 10);
    assert_eq!((&reply.json()["total"], &reply.json()["endRow"]), (&json!(12), &json!(12)));

    bench.vendor.options().over_cap = OverCap::Reject;
    assert_eq!(bench.post(SEARCH, json!({ "startRow": 0, "endRow": 12 })).status, 400);
    assert_eq!(bench.post(SEARCH, json!({ "startRow": 2, "endRow": 12 })).status, 200);
}

#[test]
fn rows_sort_by_creation_or_closing_either_way() {
    let mut bench = Bench::holding(4);
    bench.vendor.set_state(&Incident::at(2, at("2020-01-01T00:00:00Z")).id, Some(bench.ago(5)));
    bench.vendor.set_state(&Incident::at(1, at("2020-01-01T00:00:00Z")).id, Some(bench.ago(3)));
    for (sort, column, expected) in [
        ("asc", "createdAt", [1, 2, 3, 4]),
        ("desc", "createdAt", [4, 3, 2, 1]),
        ("asc", "closedAt", [2, 1, 3, 4]),
        ("desc", "closedAt", [1, 2, 3, 4]),
    ] {
        let reply = bench.post(SEARCH, json!({ "sortParams": [{ "sort": sort, "colId": column }] }));
        assert_eq!(numbers(&reply), expected, "{column} {sort}");
    }
}

#[test]
fn incidents_added_out_of_order_are_listed_in_the_order_of_their_creation() {
    let mut bench = Bench::new();
    for (n, age) in [(1, 20), (2, 40), (3, 30)] {
        bench.vendor.add_incident(Incident::at(n, bench.ago(age)));
    }
    assert_eq!(bench.found(json!({})), [2, 3, 1]);
}

#[test]
fn ties_keep_their_order_or_change_it_on_every_call() {
    let mut bench = Bench::new();
    for n in 1..=8 {
        bench.vendor.add_incident(Incident::at(n, bench.ago(60)));
    }
    bench.vendor.add_incident(Incident::at(9, bench.ago(50)));
    let stable = bench.found(json!({}));
    assert_eq!(stable, bench.found(json!({})));

    bench.vendor.options().tie_order = TieOrder::Shuffled;
    let (one, other) = (bench.found(json!({})), bench.found(json!({})));
    assert_ne!(one, other);
    let sorted = |mut numbers: Vec<u64>| {
        numbers.sort_unstable();
        numbers
    };
    assert_eq!(sorted(one.clone()), stable);
    assert_eq!((one[8], other[8]), (9, 9), "only ties change places");
}

#[test]
fn rows_of_the_wrong_type_are_refused() {
    let mut bench = Bench::new();
    for body in [
        json!({ "startRow": "0" }),
        json!({ "endRow": -1 }),
        json!({ "endRow": 1.5 }),
        json!({ "sortParams": {} }),
        json!({ "filters": [] }),
        json!([]),
    ] {
        assert_eq!(bench.post(SEARCH, body.clone()).status, 400, "{body}");
    }
}

#[test]
fn an_incident_is_not_shown_before_it_is_indexed() {
    let mut bench = Bench::new();
    let incident = Incident::at(1, bench.ago(60)).visible(bench.vendor.now() + Duration::from_secs(600));
    let detail = format!("{SEARCH}/{}", incident.id);
    bench.vendor.add_incident(incident);
    assert!(bench.found(json!({})).is_empty() && bench.vendor.visible_ids().is_empty());
    assert_eq!(bench.get(&detail).status, 404);

    bench.vendor.advance(Duration::from_secs(600));
    assert_eq!((bench.found(json!({})), bench.get(&detail).status), (vec![1], 200));
    assert_eq!(bench.vendor.visible_ids().len(), 1);
}
