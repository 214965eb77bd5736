use serde_json::{Value, json};

use super::{Bench, MESSAGES};
use crate::{EndRow, Incident, Message, OverCap, TieOrder};

/// Messages `1..=count`, a second apart, the newest a second ago: odd ones in incidents, even ones not.
fn holding(count: u64) -> Bench {
    let mut bench = Bench::new();
    for n in 1..=count {
        let message = Message::at(n, bench.ago(count + 1 - n));
        if n % 2 == 0 {
            bench.vendor.add_message(message);
        } else {
            let incident = Incident::at(n, message.created_at);
            bench.vendor.add_incident(Incident { messages: vec![message], ..incident });
        }
    }
    bench
}

fn page(bench: &mut Bench, body: Value) -> (Value, Vec<u64>) {
    let reply = bench.post(MESSAGES, body);
    assert_eq!(reply.status, 200, "{:?}", reply.json());
    let answer = reply.json();
    let number = |row: &Value| row["email_subject"].as_str().unwrap()["Invoice ".len()..].parse().unwrap();
    let numbers = answer["messages"].as_array().unwrap().iter().map(number).collect();
    (json!([answer["total"], answer["startRow"], answer["endRow"]]), numbers)
}

fn sorted(column: &str, direction: &str) -> Value {
    json!({ "sortParams": [{ "sort": direction, "colId": column }] })
}

#[test]
fn a_page_holds_the_rows_before_its_end_and_the_total_and_echoes_what_was_asked() {
    let mut bench = holding(5);
    assert_eq!(page(&mut bench, json!({ "startRow": 1, "endRow": 3 })), (json!([5, 1, 3]), vec![4, 3]));
    assert_eq!(page(&mut bench, json!({ "startRow": 4, "endRow": 204 })), (json!([5, 4, 204]), vec![1]));
    assert_eq!(page(&mut bench, json!({ "startRow": 9, "endRow": 10 })), (json!([5, 9, 10]), vec![]));
    bench.vendor.options().end_row = EndRow::Inclusive;
    assert_eq!(page(&mut bench, json!({ "startRow": 0, "endRow": 1 })).1, [5, 4]);
}

#[test]
fn a_page_has_a_cap() {
    let mut bench = holding(5);
    bench.vendor.options().page_cap = 2;
    assert_eq!(page(&mut bench, json!({ "startRow": 0, "endRow": 5 })), (json!([5, 0, 5]), vec![5, 4]));
    bench.vendor.options().over_cap = OverCap::Reject;
    assert_eq!(bench.post(MESSAGES, json!({ "startRow": 0, "endRow": 5 })).status, 400);
}

#[test]
fn rows_are_sorted_by_the_time_they_were_received_and_by_nothing_else() {
    let mut bench = holding(4);
    assert_eq!(page(&mut bench, json!({})).1, [4, 3, 2, 1]);
    assert_eq!(page(&mut bench, sorted("received_time", "asc")).1, [1, 2, 3, 4]);
    assert_eq!(page(&mut bench, sorted("received_time", "desc")).1, [4, 3, 2, 1]);
    for ignored in ["received_at", "createdAt", "email_subject", ""] {
        assert_eq!(page(&mut bench, sorted(ignored, "asc")).1, [4, 3, 2, 1], "{ignored}");
    }
    assert_eq!(bench.post(MESSAGES, json!({ "sortParams": "asc" })).status, 400);
}

#[test]
fn rows_of_one_moment_keep_their_order_unless_told_otherwise() {
    let mut bench = Bench::new();
    for n in 1..=30 {
        bench.vendor.add_message(Message::at(n, bench.vendor.now()));
    }
    let first = page(&mut bench, json!({})).1;
    assert_eq!(page(&mut bench, json!({})).1, first);
    bench.vendor.options().tie_order = TieOrder::Shuffled;
    let (once, mut again) = (page(&mut bench, json!({})).1, page(&mut bench, json!({})).1);
    assert_ne!(once, again);
    again.sort_unstable();
    assert_eq!(again, (1..=30).collect::<Vec<_>>());
}
