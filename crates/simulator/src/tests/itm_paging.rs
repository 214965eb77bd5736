use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::itm::{SEARCH, Tenant, rows, statuses};
use crate::{OverCap, Reply, Ticket, TieOrder};

fn page(tenant: &mut Tenant, query: &str) -> Reply {
    let sort = json!([{ "event.ingestedAt": { "order": "desc", "unmapped_type": "boolean" } }]);
    tenant.post(&format!("{SEARCH}&{query}"), json!({ "sort": sort }))
}

fn sorted(tenant: &mut Tenant, sort: Value) -> Vec<u64> {
    let reply = tenant.post(SEARCH, json!({ "sort": sort }));
    assert_eq!(reply.status, 200, "{:?}", reply.json());
    tenant.numbers(&reply)
}

#[test]
fn pages_are_cut_by_offset_and_limit_and_tell_the_total() {
    let mut tenant = Tenant::holding(5);
    let reply = page(&mut tenant, "offset=1&limit=2");
    assert_eq!(tenant.numbers(&reply), [4, 3]);
    assert_eq!(reply.json()["_meta"], json!({ "stats": { "total": 5 } }));
    assert_eq!(reply.json()["_status"], json!({ "status": 200, "code": "it:error:none" }));
    let reply = page(&mut tenant, "offset=4&limit=2");
    assert_eq!(tenant.numbers(&reply), [1]);
    assert_eq!(rows(&page(&mut tenant, "offset=9&limit=2")), [] as [Value; 0]);
    assert_eq!(statuses(&page(&mut tenant, "offset=-1")), (400, json!(400)));
    assert_eq!(statuses(&page(&mut tenant, "limit=None")), (400, json!(400)));
}

#[test]
fn a_page_beyond_the_cap_is_cut_down_or_refused() {
    let mut tenant = Tenant::holding(5);
    tenant.vendor.options().itm.page_cap = 3;
    let reply = page(&mut tenant, "limit=4");
    assert_eq!((rows(&reply).len(), &reply.json()["_meta"]["stats"]["total"]), (3, &json!(5)));
    tenant.vendor.options().itm.over_cap = OverCap::Reject;
    assert_eq!(statuses(&page(&mut tenant, "limit=4")), (400, json!(400)));
    assert_eq!(rows(&page(&mut tenant, "limit=3")).len(), 3);
}

#[test]
fn listing_can_end_at_some_row() {
    let mut tenant = Tenant::holding(5);
    tenant.vendor.options().itm.offset_cap = Some(4);
    assert_eq!(rows(&page(&mut tenant, "offset=2&limit=2")).len(), 2);
    assert_eq!(statuses(&page(&mut tenant, "offset=3&limit=2")), (400, json!(400)));
}

#[test]
fn the_total_is_capped_unless_it_is_to_be_exact() {
    let mut tenant = Tenant::holding(5);
    let total =
        |tenant: &mut Tenant, query: &str| page(tenant, query).json()["_meta"]["stats"]["total"].clone();
    assert_eq!(tenant.vendor.options().itm.total_cap, 10_000);
    tenant.vendor.options().itm.total_cap = 4;
    assert_eq!(total(&mut tenant, "limit=1"), 4);
    assert_eq!(total(&mut tenant, "limit=1&trackTotalHits=false"), 4);
    assert_eq!(total(&mut tenant, "limit=1&trackTotalHits=true"), 5);
}

#[test]
fn rows_are_sorted_by_any_path_and_those_without_come_last() {
    let mut tenant = Tenant::new();
    for (n, observed, name) in [(1, 30, "B"), (2, 10, "A"), (3, 20, "B")] {
        let mut ticket = Ticket::at(n, tenant.ago(60)).observed(tenant.ago(observed));
        ticket.incident.as_mut().unwrap().name = Some(name.into());
        tenant.vendor.add_ticket(ticket);
    }
    tenant.vendor.add_ticket(Ticket { observed_at: None, ..Ticket::bare(4, tenant.ago(60)) });
    let by = |path: &str, order: &str| json!({ path: { "order": order } });
    assert_eq!(sorted(&mut tenant, json!([by("event.observedAt", "asc")])), [1, 3, 2, 4]);
    assert_eq!(sorted(&mut tenant, json!([by("event.observedAt", "desc")])), [2, 3, 1, 4]);
    assert_eq!(
        sorted(&mut tenant, json!([by("incident.name", "desc"), by("event.observedAt", "desc")])),
        [3, 1, 2, 4]
    );
    assert_eq!(sorted(&mut tenant, json!([{ "event.id": "desc" }])), [4, 3, 2, 1]);
    assert_eq!(sorted(&mut tenant, json!([])), [1, 2, 3, 4]);
    for sort in [json!("event.id"), json!(["event.id"]), json!([by("event.id", "up")])] {
        assert_eq!(statuses(&tenant.post(SEARCH, json!({ "sort": sort }))), (400, json!(400)));
    }
}

#[test]
fn ties_come_in_the_same_order_or_in_another_each_time() {
    let mut tenant = Tenant::new();
    for n in 1..=30 {
        tenant.vendor.add_ticket(Ticket::at(n, tenant.ago(60 + n / 11)));
    }
    let sort = json!([{ "event.ingestedAt": { "order": "desc" } }]);
    assert_eq!(sorted(&mut tenant, sort.clone()), sorted(&mut tenant, sort.clone()));
    tenant.vendor.options().itm.tie_order = TieOrder::Shuffled;
    let orders: HashSet<Vec<u64>> = (0..8).map(|_| sorted(&mut tenant, sort.clone())).collect();
    assert_eq!(orders.len(), 8);
    for order in orders {
        let second = |n: &u64| n / 11;
        assert!(order.is_sorted_by_key(second), "only ties change places: {order:?}");
    }
    let by_id = json!([{ "event.ingestedAt": { "order": "desc" } }, { "event.id": { "order": "asc" } }]);
    assert_eq!(sorted(&mut tenant, by_id.clone()), sorted(&mut tenant, by_id));
}

#[test]
fn an_event_that_is_indexed_late_is_not_there_before() {
    let mut tenant = Tenant::holding(1);
    let late = Ticket::at(2, tenant.ago(600)).visible(tenant.vendor.now() + Duration::from_secs(10));
    let fqid = late.fqid.clone();
    tenant.vendor.add_ticket(late);
    assert_eq!(tenant.found(json!({ "$and": [] })), [1]);
    assert_eq!(tenant.vendor.visible_fqids().len(), 1);
    tenant.vendor.advance(Duration::from_secs(10));
    assert_eq!(tenant.found(json!({ "$and": [] })), [2, 1]);
    assert_eq!(tenant.vendor.visible_fqids()[0], fqid);
}

#[test]
fn rows_come_one_a_line_where_that_is_asked_for() {
    let mut tenant = Tenant::holding(3);
    let request = crate::Request::post_json(&format!("{SEARCH}&limit=2"), "{}");
    let reply = tenant.send(request.with("accept", "application/jsonl"));
    assert_eq!(reply.header("content-type"), Some("application/jsonl"));
    let text = String::from_utf8(reply.body).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), text.ends_with('\n')), (2, true));
    assert!(lines.iter().all(|row| row["fqid"].is_string() && row.get("_status").is_none()));
}
