//! Lists that shift, repeat themselves, or are larger than they should be, while they are read.

use crate::support::{World, ago, always, once, texts};
use chrono::TimeDelta;
use proofpoint_core::Error;
use proofpoint_core::itm::search::{TicketPage, TicketQuery};
use proofpoint_core::itm::users::UserQuery;
use proofpoint_simulator as sim;
use serde_json::{Value, json};
use sim::{FaultKind, Place, Ticket};
use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

fn search(world: &World, query: &TicketQuery) -> Result<TicketPage, Error> {
    world.itm(async |itm| itm.ticket_search(query).await)
}

fn q() -> TicketQuery {
    TicketQuery::default()
}

/// A world with so many tickets, a second apart, the newest a minute ago.
fn world_of(count: u64) -> World {
    let world = World::without_quota();
    for n in 1..=count {
        world.add_ticket(Ticket::at(n, ago(&world, Duration::from_secs(60 + count - n))));
    }
    world
}

/// Walks a search to its end, page by page; answers the fqids of the tickets.
fn walk(world: &World, mut query: TicketQuery) -> Vec<String> {
    let mut found = Vec::new();
    for _ in 0..100 {
        let page = search(world, &query).unwrap();
        found.extend(page.tickets.into_iter().map(|ticket| ticket.fqid));
        query.cursor = page.next;
        if query.cursor.is_none() {
            return found;
        }
    }
    panic!("the search does not come to an end");
}

/// A page of such rows, as the service might give it.
fn rows(range: Range<u32>, total: Option<u32>) -> FaultKind {
    let rows: Vec<Value> = range.map(|n| json!({"id": format!("f{n}")})).collect();
    FaultKind::WrongJson(json!({"data": rows, "_meta": {"stats": {"total": total}}}).to_string())
}

fn offsets(world: &World) -> Vec<(String, String)> {
    let vendor = world.vendor.borrow();
    let part = |request: &sim::Recorded, name| request.parameter(name).unwrap().into_owned();
    let lists = vendor.requests().iter().filter(|request| request.parameter("offset").is_some());
    lists.map(|request| (part(request, "offset"), part(request, "limit"))).collect()
}

#[test]
fn tickets_that_arrive_within_the_first_call_cost_none_of_the_older_ones() {
    for (sort, arrivals) in [
        ("desc", 10),
        ("desc", 100),
        ("desc", 200),
        ("desc", 700),
        ("ingestedAt:desc", 100),
        ("occurredAt:desc", 300),
    ] {
        let world = world_of(1000);
        let old: BTreeSet<String> = world.vendor.borrow().visible_fqids().into_iter().collect();
        // They come while the answer to the first request is on its way.
        once(&world, Place::ItmSearch, FaultKind::Delay(Duration::from_secs(30)));
        for n in 0..arrivals {
            world.add_ticket(Ticket::at(5000 + n, world.now() + TimeDelta::seconds(10)));
        }
        let found = walk(&world, TicketQuery { limit: Some(400), sort: Some(sort.into()), ..q() });
        let distinct: BTreeSet<String> = found.iter().cloned().collect();
        assert!(old.is_subset(&distinct), "{sort} {arrivals}: {} given", distinct.len());
        // What a cursor remembers is not given again.
        assert!(arrivals > 200 || distinct.len() == found.len(), "{sort} {arrivals}: repeated");
    }
}

#[test]
fn tickets_that_are_resolved_between_two_calls_cost_no_other() {
    for resolved in [10, 25, 150, 350] {
        let world = world_of(1000);
        let all: BTreeSet<String> = world.vendor.borrow().visible_fqids().into_iter().collect();
        let mut query = TicketQuery { limit: Some(400), status_filters: texts(&["new"]), ..q() };
        let first = search(&world, &query).unwrap();
        for ticket in &first.tickets[..resolved] {
            world.vendor.borrow_mut().change_ticket(&ticket.fqid, |ticket| {
                ticket.incident.as_mut().unwrap().status = Some("incident:status:resolved".into());
            });
        }
        query.cursor = first.next;
        let mut found: Vec<String> = first.tickets.into_iter().map(|ticket| ticket.fqid).collect();
        found.extend(walk(&world, query));
        let distinct: BTreeSet<String> = found.iter().cloned().collect();
        assert_eq!(distinct, all, "{resolved}");
        assert!(resolved > 200 || distinct.len() == found.len(), "{resolved}: repeated");
    }
}

#[test]
fn a_cursor_stays_short_however_much_it_has_passed() {
    let world = world_of(1000);
    let query = TicketQuery { limit: Some(900), ..q() };
    let cursor = search(&world, &query).unwrap().next.unwrap();
    assert!(cursor.len() < 2048, "{}", cursor.len());
}

#[test]
fn a_search_that_runs_back_is_pinned_by_the_column_that_it_is_sorted_by() {
    for (sort, field) in [
        ("desc", Some("event.observedAt")),
        ("ingestedAt:desc", Some("event.ingestedAt")),
        ("occurredAt:desc", Some("event.occurredAt")),
        ("asc", None),
        ("ingestedAt:asc", None),
    ] {
        let world = world_of(0);
        for n in 1..=30 {
            let at = |minutes: u64| ago(&world, Duration::from_secs(60 * (minutes + 100 - n)));
            world.add_ticket(Ticket::at(n, at(0)).observed(at(1)).occurred(at(2)));
        }
        let minutes = field.map_or(0, |field| match field {
            "event.ingestedAt" => 70,
            "event.observedAt" => 71,
            _ => 72,
        });
        let newest = ago(&world, Duration::from_secs(60 * minutes)).timestamp_millis();
        let query = TicketQuery { limit: Some(10), sort: Some(sort.into()), ..q() };
        assert_eq!(walk(&world, query).len(), 30, "{sort}");
        let raised = json!({"$isNull": {"incident.id": false}});
        let pinned = field
            .map(|field| json!({"$or": [{"$datetimeLT": {field: newest + 1}}, {"$isNull": {field: true}}]}));
        let expected: Vec<Value> = [Some(raised), pinned].into_iter().flatten().collect();
        for body in &world.bodies("/event-queries")[1..] {
            assert_eq!(body["filters"]["$and"], json!(expected), "{sort}");
        }
    }
}

#[test]
fn a_service_that_gives_more_rows_than_were_asked_for_is_read_page_by_page_all_the_same() {
    let world = world_of(0);
    for begin in [0, 200, 400] {
        once(&world, Place::ItmSearch, rows(begin..500, Some(500)));
    }
    let page = search(&world, &TicketQuery { limit: Some(450), ..q() }).unwrap();
    let found: Vec<String> = page.tickets.into_iter().map(|ticket| ticket.fqid).collect();
    assert_eq!(found, (0..450).map(|n| format!("f{n}")).collect::<Vec<_>>());
    let asked = [("0", "200"), ("200", "200"), ("400", "50")];
    assert_eq!(offsets(&world), asked.map(|(offset, limit)| (offset.to_owned(), limit.to_owned())));
    assert!(page.next.is_some());

    let page = format!(r#"{{"data":[1{}]}}"#, ",1".repeat(750_000));
    always(&world, Place::ItmSearch, FaultKind::WrongJson(page));
    let page = search(&world, &TicketQuery { limit: Some(u32::MAX), ..q() }).unwrap();
    assert_eq!((page.tickets.len(), page.warnings.len(), page.next), (1, 1, None));
}

#[test]
fn a_service_that_does_not_go_by_the_offset_is_told_of_after_two_calls() {
    // Page after page within one call, on the next call, and where the page would be the last.
    for (given, total, limit, calls) in [(200, 900, 850, 2), (60, 61, 60, 2), (60, 900, 60, 2), (3, 4, 9, 2)]
    {
        let world = world_of(0);
        always(&world, Place::ItmSearch, rows(0..given, Some(total)));
        always(&world, Place::ItmUsers, rows(0..given, Some(total)));
        let limit = Some(limit);
        let tickets = || {
            let first = search(&world, &TicketQuery { limit, ..q() })?;
            search(&world, &TicketQuery { limit, cursor: first.next, ..q() }).map(drop)
        };
        let list = |query: UserQuery| world.itm(async |itm| itm.user_list(&query).await);
        let users = || {
            let first = list(UserQuery { limit, ..UserQuery::default() })?;
            list(UserQuery { limit, cursor: first.next, ..UserQuery::default() }).map(drop)
        };
        let check = |what: &str, told: Result<(), Error>| {
            match told {
                Err(Error::InvalidResponse(message)) => assert!(message.contains("offset"), "{message}"),
                other => panic!("{what} {given} of {total}: {other:?}"),
            }
            assert_eq!(world.api_calls(), calls, "{what} {given} of {total}");
            world.vendor.borrow_mut().clear_requests();
        };
        check("tickets", tickets());
        check("users", users());
    }
}

#[test]
fn a_list_without_a_total_ends_where_it_repeats_itself() {
    let world = world_of(0);
    once(&world, Place::ItmSearch, rows(0..200, None));
    always(&world, Place::ItmSearch, rows(200..260, None));
    let page = search(&world, &TicketQuery { limit: Some(900), ..q() }).unwrap();
    assert_eq!((page.tickets.len(), page.next, world.api_calls()), (260, None, 3));
}

#[test]
fn rows_that_are_too_large_to_keep_together_come_over_several_calls() {
    let world = world_of(0);
    for n in 1..=300 {
        let mut ticket = Ticket::at(n, ago(&world, Duration::from_secs(1000 - n)));
        ticket.custom.insert("filler".into(), "x".repeat(90_000).into());
        world.add_ticket(ticket);
    }
    let query = TicketQuery { limit: Some(u32::MAX), include_raw: true, ..q() };
    let first = search(&world, &query).unwrap();
    assert_eq!((first.tickets.len(), first.total, world.api_calls()), (200, 300, 1));
    let rest = search(&world, &TicketQuery { cursor: first.next, ..query }).unwrap();
    assert_eq!((rest.tickets.len(), rest.total, rest.next), (100, 300, None));
}

#[test]
fn a_service_that_lists_only_so_many_rows_is_read_to_there_and_then_says_so() {
    let world = world_of(450);
    world.vendor.borrow_mut().options().itm.offset_cap = Some(200);
    let query = TicketQuery { limit: Some(430), ..q() };
    let page = search(&world, &query).unwrap();
    assert_eq!((page.tickets.len(), page.total), (200, 450));
    match search(&world, &TicketQuery { cursor: page.next, ..query }) {
        Err(Error::Rejected { status: 400, message, .. }) => {
            assert!(message.contains("must not exceed 200"), "{message}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn rows_are_told_apart_by_what_they_are_addressed_by() {
    for (rows, expected) in [
        (json!([{"fqid": "", "id": "x", "n": 1}, {"fqid": "", "id": "x", "n": 2}]), vec!["x"]),
        (json!([{"fqid": {}, "id": "x", "n": 1}, {"id": "x", "n": 2}]), vec!["x"]),
        (json!([{"event": {"id": "e"}, "n": 1}, {"event": {"id": "e"}, "n": 2}]), vec!["e"]),
        (json!([{"id": "", "event": {"id": "e"}}, {"id": "x", "event": {"id": "e"}}]), vec!["e", "x"]),
        (json!([{"n": 1}, {"n": 2}, {"n": 1}]), vec!["", ""]),
    ] {
        let world = world_of(0);
        let page = json!({"data": rows, "_meta": {"stats": {"total": rows.as_array().unwrap().len()}}});
        always(&world, Place::ItmSearch, FaultKind::WrongJson(page.to_string()));
        assert_eq!(walk(&world, q()), expected, "{rows}");
    }
}
