//! Searching tickets: what is asked, how pages are walked, which rows are taken.

use crate::support::{World, ago, always, minutes, once, texts};
use chrono::TimeDelta;
use proofpoint_core::Error;
use proofpoint_core::itm::search::{TicketPage, TicketQuery};
use proofpoint_simulator as sim;
use serde_json::{Value, json};
use sim::itm::{Person, WorkflowStatus};
use sim::{Fault, FaultKind, MalformedKind, Matcher, Place, Ticket};
use std::collections::BTreeSet;
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

fn with_severity(ticket: Ticket, severity: &str) -> Ticket {
    let incident = ticket
        .incident
        .clone()
        .map(|it| sim::itm::Incident { severity: Some(format!("incident:severity:{severity}")), ..it });
    Ticket { incident, ..ticket }
}

fn numbers(world: &World, page: &TicketPage) -> Vec<u64> {
    let vendor = world.vendor.borrow();
    page.tickets.iter().map(|ticket| vendor.ticket(&ticket.fqid).unwrap().number).collect()
}

/// Walks a search to its end, page by page; answers the numbers of the tickets.
fn walk(world: &World, mut query: TicketQuery) -> Vec<u64> {
    let mut found = Vec::new();
    for _ in 0..1000 {
        let page = search(world, &query).unwrap();
        found.extend(numbers(world, &page));
        query.cursor = page.next;
        if query.cursor.is_none() {
            return found;
        }
    }
    panic!("the search does not come to an end");
}

/// The clauses of the `n`th search.
fn clauses(world: &World, n: usize) -> Value {
    world.bodies("/event-queries")[n]["filters"]["$and"].clone()
}

/// Offset and limit of each search.
fn pages(world: &World) -> Vec<(u64, u64)> {
    let vendor = world.vendor.borrow();
    let number = |request: &sim::Recorded, name: &str| request.parameter(name).unwrap().parse().unwrap();
    let searches = vendor.requests().iter().filter(|request| request.path.ends_with("/event-queries"));
    searches.map(|request| (number(request, "offset"), number(request, "limit"))).collect()
}

fn raised() -> Value {
    json!({"$isNull": {"incident.id": false}})
}

#[test]
fn a_search_that_asks_nothing_wants_the_newest_fifty_that_raised_an_incident() {
    let world = world_of(60);
    world.add_ticket(Ticket::bare(100, world.now()));
    let page = search(&world, &q()).unwrap();
    assert_eq!(numbers(&world, &page), (11..=60).rev().collect::<Vec<_>>());
    assert_eq!((page.total, page.warnings.len()), (60, 0));
    let order = json!({"order": "desc", "unmapped_type": "boolean"});
    let body = json!({
        "sort": [{"event.observedAt": order}, {"event.id": order}],
        "filters": {"$and": [raised()]},
    });
    let path = "/v2/apis/activity/event-queries?entityTypes=event&offset=0&limit=50&trackTotalHits=true";
    assert_eq!(world.sent(), [("POST".to_owned(), path.to_owned(), body)]);
}

#[test]
fn every_filter_is_sent_as_the_service_spells_it() {
    let world = World::without_quota();
    let query = TicketQuery {
        start_time: Some("2026-01-02T03:04:05.678+01:00".into()),
        end_time: Some("2026-01-03".into()),
        status_filters: texts(&["new", "In-Progress", "incident:status:our-own"]),
        severity_filters: texts(&["critical", " incident:severity:700:high "]),
        user_filters: texts(&[" a@example.com", "b"]),
        name_filters: texts(&["EMAIL-DLP-PCI"]),
        entity_types: texts(&["event", "casbevent", "event"]),
        filters_json: Some(r#"{"$stringIn":{"activity.categories":["x"]}}"#.into()),
        all_activity: true,
        sort: Some("ingested-at:asc".into()),
        limit: Some(7),
        ..q()
    };
    search(&world, &query).unwrap();
    let users = json!(["a@example.com", "b"]);
    let order = json!({"order": "asc", "unmapped_type": "boolean"});
    let body = json!({
        "sort": [{"event.ingestedAt": order}, {"event.id": order}],
        "filters": {"$and": [
            {"$datetimeGE": {"event.observedAt": 1_767_319_445_678_i64}},
            {"$datetimeLT": {"event.observedAt": 1_767_398_400_000_i64}},
            {"$stringIn": {"incident.status":
                ["incident:status:new", "incident:status:in-progress", "incident:status:our-own"]}},
            {"$stringIn": {"incident.name": ["EMAIL-DLP-PCI"]}},
            {"$or": [
                {"$stringIn": {"user.email": users}},
                {"$stringIn": {"user.name": users}},
                {"$stringIn": {"user.username": users}},
                {"$stringIn": {"user.id": users}},
            ]},
            {"$stringIn": {"incident.severity":
                ["incident:severity:850:critical", "incident:severity:700:high"]}},
            {"$stringIn": {"activity.categories": ["x"]}},
        ]},
    });
    let path = "/v2/apis/activity/event-queries?entityTypes=event%2Ccasbevent&offset=0&limit=7\
                &trackTotalHits=true";
    assert_eq!(world.sent(), [("POST".to_owned(), path.to_owned(), body)]);
}

#[test]
fn all_activity_sends_no_filters_and_finds_what_raised_nothing() {
    let world = world_of(2);
    world.add_ticket(Ticket::bare(9, world.now()));
    let page = search(&world, &TicketQuery { all_activity: true, ..q() }).unwrap();
    assert_eq!(numbers(&world, &page), [9, 2, 1]);
    assert!(world.bodies("/event-queries")[0].get("filters").is_none());
}

#[test]
fn a_filter_finds_what_it_names() {
    let world = World::without_quota();
    let base = world.now() - TimeDelta::minutes(90);
    for n in 1..=4 {
        let mut ticket = Ticket::at(n, base);
        let mut incident = ticket.incident.take().unwrap();
        incident.name = Some(format!("NAME-{n}"));
        incident.status = Some(WorkflowStatus::ALL[usize::try_from(n).unwrap()].incident_status());
        let person = Person {
            id: Some(format!("id-{n}")),
            name: Some(format!("name-{n}")),
            username: Some(format!("username-{n}")),
            ..Person::named("X", &format!("mail-{n}@example.com"))
        };
        let entity_type = if n == 4 { "audit" } else { "event" }.to_owned();
        let observed = base - TimeDelta::hours(i64::try_from(n).unwrap());
        let ticket = Ticket { incident: Some(incident), user: Some(person), entity_type, ..ticket };
        world.add_ticket(ticket.observed(observed));
    }
    for (query, expected) in [
        (TicketQuery { status_filters: texts(&["reopened"]), ..q() }, vec![1]),
        (
            TicketQuery { status_filters: texts(&["incident:status:in-progress", "escalated"]), ..q() },
            vec![2, 3],
        ),
        (TicketQuery { name_filters: texts(&["NAME-3", "NAME-9"]), ..q() }, vec![3]),
        (TicketQuery { user_filters: texts(&["mail-1@example.com"]), ..q() }, vec![1]),
        (TicketQuery { user_filters: texts(&["name-2", "username-3"]), ..q() }, vec![2, 3]),
        (TicketQuery { user_filters: texts(&["id-3"]), name_filters: texts(&["NAME-1"]), ..q() }, vec![]),
        (TicketQuery { entity_types: texts(&["audit"]), ..q() }, vec![4]),
        (TicketQuery { entity_types: texts(&["event", "audit"]), ..q() }, vec![1, 2, 3, 4]),
        (TicketQuery { start_time: Some("4 hours".into()), ..q() }, vec![1, 2]),
        (
            TicketQuery { start_time: Some("2 days".into()), end_time: Some("4 hours ago".into()), ..q() },
            vec![3],
        ),
    ] {
        assert_eq!(numbers(&world, &search(&world, &query).unwrap()), expected, "{query:?}");
    }
}

#[test]
fn critical_is_asked_of_the_service_and_the_others_are_sorted_out_here() {
    let world = World::without_quota();
    let severities = ["850:critical", "700:high", "500:medium", "300:low"];
    for n in 0..40_u64 {
        let ticket = Ticket::at(n + 1, ago(&world, minutes(100 - n)));
        world.add_ticket(with_severity(ticket, severities[usize::try_from(n % 4).unwrap()]));
    }
    for (asked, clause, expected) in [
        (vec!["critical"], Some(json!(["incident:severity:850:critical"])), 10),
        (vec!["incident:severity:500:medium"], Some(json!(["incident:severity:500:medium"])), 10),
        (vec!["High"], None, 10),
        (vec!["critical", "low"], None, 20),
        (vec!["incident:severity:700:high", "medium"], None, 20),
        (vec!["incident:severity:701:high"], Some(json!(["incident:severity:701:high"])), 0),
    ] {
        world.vendor.borrow_mut().clear_requests();
        let query = TicketQuery { severity_filters: texts(&asked), ..q() };
        let page = search(&world, &query).unwrap();
        assert_eq!((page.tickets.len(), page.next), (expected, None), "{asked:?}");
        let sent = clause.map(|values| json!({"$stringIn": {"incident.severity": values}}));
        assert_eq!(
            clauses(&world, 0),
            json!([Some(raised()), sent].into_iter().flatten().collect::<Vec<_>>())
        );
    }
}

#[test]
fn a_severity_that_is_rare_is_found_page_by_page_and_none_is_lost_or_repeated() {
    for limit in [1, 3, 50, 1000] {
        let world = World::without_quota();
        for n in 1..=500_u64 {
            let severity = if n % 60 == 0 { "700:high" } else { "300:low" };
            world.add_ticket(with_severity(Ticket::at(n, ago(&world, minutes(600 - n))), severity));
        }
        let query = TicketQuery { severity_filters: texts(&["high"]), limit: Some(limit), ..q() };
        assert_eq!(walk(&world, query), [480, 420, 360, 300, 240, 180, 120, 60], "{limit}");
        assert!(world.api_calls() < 60, "{limit}: {} calls", world.api_calls());
    }
}

/// What is newer than the first ticket of the severity asked for is no ticket of the list, but a row of it.
#[test]
fn a_severity_behind_many_newer_rows_is_found_without_a_gap() {
    let world = World::without_quota();
    for n in 1..=300_u64 {
        let severity = if n > 180 { "300:low" } else { "700:high" };
        world.add_ticket(with_severity(Ticket::at(n, ago(&world, minutes(400 - n))), severity));
    }
    let query = TicketQuery { severity_filters: texts(&["high"]), limit: Some(10), ..q() };
    assert_eq!(walk(&world, query), (1..=180).rev().collect::<Vec<_>>());
}

#[test]
fn a_severity_that_no_ticket_has_ends_the_search() {
    let world = world_of(450);
    let query = TicketQuery { severity_filters: texts(&["low"]), limit: Some(5), ..q() };
    let page = search(&world, &query).unwrap();
    assert_eq!((page.tickets.len(), page.total, page.next), (0, 450, None));
    assert!(world.api_calls() <= 8, "{}", world.api_calls());
}

#[test]
fn a_severity_that_is_far_away_is_looked_for_call_by_call() {
    let world = World::without_quota();
    let base = ago(&world, minutes(6000));
    for n in 1..=10_400_u64 {
        let ticket = Ticket::bare(n, base + TimeDelta::milliseconds(i64::try_from(n).unwrap()));
        world.add_ticket(ticket);
    }
    let last = Ticket::at(20_000, base);
    world.add_ticket(with_severity(last, "300:low"));
    let query = TicketQuery { severity_filters: texts(&["low"]), all_activity: true, limit: Some(5), ..q() };
    let page = search(&world, &query).unwrap();
    assert!(page.tickets.is_empty() && page.next.is_some());
    let rest = search(&world, &TicketQuery { cursor: page.next, ..query }).unwrap();
    assert_eq!((numbers(&world, &rest), rest.next), (vec![20_000], None));
    assert!(world.api_calls() <= 70, "{}", world.api_calls());
}

#[test]
fn a_search_goes_on_behind_what_the_budget_or_the_time_let_it_pass_over() {
    for timed in [false, true] {
        let world = World::without_quota();
        for n in 1..=900_u64 {
            let severity = if n > 5 { "300:low" } else { "700:high" };
            world.add_ticket(with_severity(Ticket::at(n, ago(&world, minutes(1000 - n))), severity));
        }
        if timed {
            world.set("call_timeout_ms", 3000);
            always(&world, Place::ItmSearch, FaultKind::Delay(Duration::from_secs(1)));
        } else {
            world.set("itm_calls_per_minute", 2);
        }
        let mut query = TicketQuery { severity_filters: texts(&["high"]), limit: Some(200), ..q() };
        let mut found = Vec::new();
        for _ in 0..5 {
            let page = search(&world, &query).unwrap();
            found.extend(numbers(&world, &page));
            query.cursor = page.next;
            world.advance(minutes(1));
            if query.cursor.is_none() {
                break;
            }
        }
        assert_eq!((found, query.cursor), (vec![5, 4, 3, 2, 1], None), "{timed}");
    }
}

#[test]
fn a_search_cut_short_answers_what_it_has_and_goes_on_from_there() {
    for timed in [false, true] {
        let world = world_of(500);
        if timed {
            world.set("call_timeout_ms", 3000);
            always(&world, Place::ItmSearch, FaultKind::Delay(Duration::from_millis(1400)));
        } else {
            world.set("itm_calls_per_minute", 2);
        }
        let query = TicketQuery { limit: Some(500), ..q() };
        let page = search(&world, &query).unwrap();
        assert_eq!((page.tickets.len(), page.total), (400, 500), "{timed}");
        world.advance(minutes(1));
        let rest = search(&world, &TicketQuery { cursor: page.next, ..query }).unwrap();
        assert_eq!((rest.tickets.len(), rest.next), (100, None), "{timed}");
    }
}

#[test]
fn the_consoles_filters_are_taken_as_a_clause_or_as_a_whole_exploration() {
    let clause = json!({"$stringIn": {"incident.name": ["EMAIL-DLP-PCI"]}});
    let several = json!({"$and": [clause, {"$not": {"$isNull": {"incident.id": true}}}]});
    for (text, expected) in [
        (clause.to_string(), Some(clause.clone())),
        (format!(" {several}\n"), Some(several.clone())),
        (
            json!({"filters": several, "sort": [{"event.id": "asc"}], "aggregates": []}).to_string(),
            Some(several),
        ),
        ("  ".into(), None),
    ] {
        let world = world_of(3);
        let page = search(&world, &TicketQuery { filters_json: Some(text), ..q() }).unwrap();
        assert_eq!(page.tickets.len(), 3);
        let expected: Vec<Value> = [Some(raised()), expected].into_iter().flatten().collect();
        assert_eq!(clauses(&world, 0), json!(expected));
        assert_eq!(world.bodies("/event-queries")[0].as_object().unwrap().len(), 2);
    }
}

#[test]
fn filters_that_are_no_clause_are_refused_before_anything_is_sent() {
    let world = world_of(1);
    for text in [
        "{",
        "[]",
        "7",
        "\"$and\"",
        "null",
        "{}",
        r#"[{"$and":[]}]"#,
        r#"{"filters":null}"#,
        r#"{"filters":[]}"#,
        r#"{"filters":{}}"#,
        r#"{"user.email":["a"]}"#,
        r#"{"$and":[],"user.email":["a"]}"#,
        "{\"$and\":[]} trailing",
        &"{\"$not\":".repeat(10_000),
    ] {
        let error = search(&world, &TicketQuery { filters_json: Some(text.into()), ..q() }).unwrap_err();
        assert!(
            matches!(&error, Error::InvalidArgument { argument, .. } if argument == "filters-json"),
            "{text}"
        );
        assert!(error.message().len() < 200, "{error}");
    }
    assert!(world.vendor.borrow().requests().is_empty());
}

#[test]
fn what_the_service_does_not_understand_is_rejected_in_its_own_words() {
    let world = world_of(1);
    let text = r#"{"$regex":{"user.email":".*"}}"#.to_owned();
    match search(&world, &TicketQuery { filters_json: Some(text), ..q() }) {
        Err(Error::Rejected { status: 400, message, .. }) => assert!(message.contains("$regex"), "{message}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn rows_come_in_the_order_asked() {
    let world = World::without_quota();
    let now = world.now();
    for (n, observed, occurred, ingested) in [(1, 50, 20, 40), (2, 40, 30, 30), (3, 45, 10, 20)] {
        let ago = |minutes| now - TimeDelta::minutes(minutes);
        world.add_ticket(Ticket::at(n, ago(ingested)).observed(ago(observed)).occurred(ago(occurred)));
    }
    for (sort, expected) in [
        (None, [2, 3, 1]),
        (Some("desc"), [2, 3, 1]),
        (Some("ASC"), [1, 3, 2]),
        (Some("observedAt:asc"), [1, 3, 2]),
        (Some("observed-at:desc"), [2, 3, 1]),
        (Some("occurredAt:asc"), [2, 1, 3]),
        (Some(" occurred-at : desc "), [3, 1, 2]),
        (Some("ingestedAt:asc"), [1, 2, 3]),
        (Some("ingestedat:desc"), [3, 2, 1]),
    ] {
        let query = TicketQuery { sort: sort.map(str::to_owned), ..q() };
        assert_eq!(numbers(&world, &search(&world, &query).unwrap()), expected, "{sort:?}");
    }
}

#[test]
fn a_limit_is_met_exactly_over_as_few_pages_as_it_takes() {
    for (limit, asked) in [
        (1, vec![(0, 1)]),
        (199, vec![(0, 199)]),
        (200, vec![(0, 200)]),
        (201, vec![(0, 200), (200, 1)]),
        (450, vec![(0, 200), (200, 200), (400, 50)]),
    ] {
        let world = world_of(500);
        let page = search(&world, &TicketQuery { limit: Some(limit), ..q() }).unwrap();
        assert_eq!((page.tickets.len(), page.total), (limit as usize, 500));
        assert_eq!(pages(&world), asked);
        assert!(page.next.is_some());
    }
}

#[test]
fn a_limit_beyond_the_end_answers_all_there_are_and_no_cursor() {
    for page_cap in [60, 1000] {
        for tie_order in [sim::TieOrder::Stable, sim::TieOrder::Shuffled] {
            let world = World::without_quota();
            world.vendor.borrow_mut().options().itm.page_cap = page_cap;
            world.vendor.borrow_mut().options().itm.tie_order = tie_order;
            // All observed at once: their ids keep them in order.
            for n in 1..=230 {
                world.add_ticket(Ticket::at(n, ago(&world, minutes(5))));
            }
            let page = search(&world, &TicketQuery { limit: Some(u32::MAX), ..q() }).unwrap();
            let distinct: BTreeSet<u64> = numbers(&world, &page).into_iter().collect();
            assert_eq!((page.tickets.len(), distinct.len(), page.next), (230, 230, None));
        }
    }
}

#[test]
fn the_total_is_exact_however_many_match() {
    let world = world_of(30);
    world.vendor.borrow_mut().options().itm.total_cap = 10;
    let page = search(&world, &TicketQuery { limit: Some(2), ..q() }).unwrap();
    assert_eq!((page.tickets.len(), page.total), (2, 30));
}

#[test]
fn a_cursor_walks_the_list_without_gap_or_repeat_while_tickets_arrive() {
    for sort in ["desc", "asc", "ingestedAt:asc"] {
        let world = world_of(330);
        let mut query = TicketQuery { limit: Some(40), sort: Some(sort.into()), ..q() };
        let mut seen = Vec::new();
        for n in 0.. {
            let page = search(&world, &query).unwrap();
            seen.extend(numbers(&world, &page));
            world.advance(minutes(1));
            for i in 0..30 {
                world.add_ticket(Ticket::at(10_000 + n * 100 + i, world.now()));
            }
            query.cursor = page.next;
            if query.cursor.is_none() || n > 60 {
                break;
            }
        }
        let distinct: BTreeSet<u64> = seen.iter().copied().collect();
        assert_eq!(distinct.len(), seen.len(), "{sort}: a row came twice");
        assert!((1..=330).all(|n| distinct.contains(&n)), "{sort}: a row was missed");
    }
}

#[test]
fn a_search_that_runs_back_ends_at_its_newest_ticket_on_every_later_page() {
    let world = world_of(100);
    let query = TicketQuery { limit: Some(10), name_filters: texts(&["EMAIL-DLP-PCI"]), ..q() };
    let first = search(&world, &query).unwrap();
    let newest = world.now().timestamp_millis() - 60_000;
    search(&world, &TicketQuery { cursor: first.next, ..query }).unwrap();
    let pinned = json!({"$or": [
        {"$datetimeLT": {"event.observedAt": newest + 1}},
        {"$isNull": {"event.observedAt": true}},
    ]});
    let names = json!({"$stringIn": {"incident.name": ["EMAIL-DLP-PCI"]}});
    assert_eq!(clauses(&world, 0), json!([raised(), names]));
    assert_eq!(clauses(&world, 1), json!([raised(), pinned, names]));
    assert_eq!(pages(&world), [(0, 10), (10, 10)]);

    // A range that was asked for stays.
    let world = world_of(100);
    let asked = TicketQuery { start_time: Some("1 day".into()), limit: Some(10), ..q() };
    let first = search(&world, &asked).unwrap();
    search(&world, &TicketQuery { cursor: first.next, limit: Some(5), ..q() }).unwrap();
    let [first, later] = [0, 1].map(|n| clauses(&world, n).as_array().unwrap().clone());
    assert_eq!((&later[..3], &later[3..]), (&first[..], &[pinned][..]));
}

/// The time of observation may be missing; such rows come last, and must not be lost behind a pin.
#[test]
fn tickets_that_were_observed_at_no_known_time_are_found_on_later_pages() {
    let world = world_of(40);
    for n in 101..=160 {
        world.add_ticket(Ticket { observed_at: None, ..Ticket::at(n, ago(&world, minutes(3))) });
    }
    let found: BTreeSet<u64> = walk(&world, TicketQuery { limit: Some(15), ..q() }).into_iter().collect();
    assert_eq!(found.len(), 100);
}

#[test]
fn a_cursor_needs_nothing_beside_it_and_refuses_another_query() {
    let world = world_of(100);
    let query = TicketQuery { limit: Some(10), status_filters: texts(&["new"]), ..q() };
    let next = search(&world, &query).unwrap().next;
    let alone = TicketQuery { cursor: next.clone(), limit: Some(5), include_raw: true, ..q() };
    assert_eq!(numbers(&world, &search(&world, &alone).unwrap()), [90, 89, 88, 87, 86]);
    let same = TicketQuery { cursor: next.clone(), ..query.clone() };
    assert_eq!(search(&world, &same).unwrap().tickets.len(), 10);
    let calls = world.api_calls();
    let with = |change: fn(&mut TicketQuery)| {
        let mut query = same.clone();
        change(&mut query);
        query
    };
    for query in [
        with(|q| q.status_filters = texts(&["resolved"])),
        with(|q| q.status_filters.clear()),
        with(|q| q.severity_filters = texts(&["critical"])),
        with(|q| q.user_filters = texts(&["a"])),
        with(|q| q.name_filters = texts(&["a"])),
        with(|q| q.entity_types = texts(&["audit"])),
        with(|q| q.start_time = Some("1 day".into())),
        with(|q| q.filters_json = Some(r#"{"$and":[]}"#.into())),
        with(|q| q.sort = Some("asc".into())),
        with(|q| q.all_activity = true),
        with(|q| q.cursor = Some("garbage".into())),
        with(|q| q.cursor = Some(String::new())),
        with(|q| q.cursor = q.cursor.as_ref().map(|text| text.replace("ticket-search", "user-list"))),
    ] {
        // A query of which nothing is left beside the cursor is no other query.
        let empty = query.status_filters.is_empty();
        match search(&world, &query) {
            Err(Error::InvalidArgument { argument, .. }) if !empty => assert_eq!(argument, "cursor"),
            Ok(_) if empty => world.vendor.borrow_mut().clear_requests(),
            other => panic!("{query:?}: {other:?}"),
        }
    }
    assert!(world.api_calls() <= calls);
}

#[test]
fn rows_that_leave_the_list_between_two_pages_take_no_other_along() {
    let world = world_of(400);
    let mut query = TicketQuery { limit: Some(200), status_filters: texts(&["new"]), ..q() };
    let first = search(&world, &query).unwrap();
    for ticket in &first.tickets[..10] {
        world.vendor.borrow_mut().change_ticket(&ticket.fqid, |ticket| {
            ticket.incident.as_mut().unwrap().status = Some("incident:status:resolved".into());
        });
    }
    query.cursor = first.next.clone();
    let second = search(&world, &query).unwrap();
    let all: BTreeSet<u64> = [&first, &second].iter().flat_map(|page| numbers(&world, page)).collect();
    assert_eq!((all.len(), second.tickets.len(), second.total), (400, 200, 390));
}

#[test]
fn rows_that_do_not_match_the_filter_are_an_error() {
    for (named, query) in [
        ("status-filters", TicketQuery { status_filters: texts(&["resolved"]), ..q() }),
        ("status-filters", TicketQuery { status_filters: texts(&["incident:status:ours"]), ..q() }),
        ("severity-filters", TicketQuery { severity_filters: texts(&["incident:severity:300:low"]), ..q() }),
        ("name-filters", TicketQuery { name_filters: texts(&["OTHER"]), ..q() }),
        ("user-filters", TicketQuery { user_filters: texts(&["other@example.com"]), ..q() }),
        ("start-time", TicketQuery { start_time: Some("1 hour".into()), ..q() }),
    ] {
        let world = World::without_quota();
        world.vendor.borrow_mut().options().itm.honour_filters = false;
        let fqid = world.add_ticket(Ticket::at(3, ago(&world, minutes(600))));
        match search(&world, &query) {
            Err(Error::InvalidResponse(message)) => {
                assert!(message.contains(named) && message.contains(&fqid), "{message}");
            }
            other => panic!("{named}: {other:?}"),
        }
    }
}

#[test]
fn a_row_that_does_not_tell_what_was_asked_for_is_taken_as_it_is() {
    let world = World::without_quota();
    world.vendor.borrow_mut().options().itm.honour_filters = false;
    world.add_ticket(Ticket { observed_at: None, ..Ticket::bare(3, ago(&world, minutes(600))) });
    let query = TicketQuery {
        start_time: Some("1 hour".into()),
        status_filters: texts(&["new"]),
        severity_filters: texts(&["critical"]),
        name_filters: texts(&["NAME"]),
        user_filters: texts(&["a@example.com"]),
        ..q()
    };
    assert_eq!(search(&world, &query).unwrap().tickets.len(), 1);
}

/// A service that compares whole seconds is none that ignores the range.
#[test]
fn a_row_within_a_second_of_the_range_is_no_mismatch() {
    let world = World::without_quota();
    world.vendor.borrow_mut().options().itm.time_precision = sim::TimePrecision::Second;
    let second = ago(&world, minutes(60));
    world.add_ticket(Ticket::at(3, second + TimeDelta::milliseconds(900)));
    let end = (second + TimeDelta::milliseconds(500)).to_rfc3339();
    let query = TicketQuery { start_time: Some("2 hours".into()), end_time: Some(end), ..q() };
    assert_eq!(search(&world, &query).unwrap().tickets.len(), 1);
}

#[test]
fn values_are_compared_without_regard_to_case_as_the_service_may_do() {
    let world = World::without_quota();
    world.vendor.borrow_mut().options().itm.honour_filters = false;
    world.add_ticket(Ticket::at(3, ago(&world, minutes(6))));
    let query = TicketQuery {
        name_filters: texts(&["email-dlp-pci"]),
        user_filters: texts(&["USER3@example.com"]),
        severity_filters: texts(&["incident:severity:850:CRITICAL"]),
        ..q()
    };
    assert_eq!(search(&world, &query).unwrap().tickets.len(), 1);
}

#[test]
fn one_malformed_row_is_passed_on_with_a_warning_and_stops_no_other() {
    for (kind, warned) in [
        (MalformedKind::MissingId, false),
        (MalformedKind::NotAnObject, true),
        (MalformedKind::WrongTypes, false),
        (MalformedKind::BadCreatedAt, false),
        (MalformedKind::MissingCreatedAt, false),
    ] {
        let world = world_of(3);
        always(&world, Place::ItmSearch, FaultKind::MalformedRow { kind, row: 1 });
        let query = TicketQuery {
            status_filters: texts(&["new"]),
            start_time: Some("1 day".into()),
            user_filters: texts(&["user1@example.com", "user2@example.com", "user3@example.com"]),
            ..q()
        };
        let page = search(&world, &query).unwrap();
        assert_eq!((page.tickets.len(), page.total, page.next), (3, 3, None), "{kind:?}");
        assert_eq!(page.warnings.len(), usize::from(warned), "{kind:?}: {:?}", page.warnings);
        let odd = &page.tickets[1];
        assert_eq!(odd.raw_json.is_some(), warned, "{kind:?}");
        if warned {
            assert_eq!((odd.fqid.as_str(), odd.raw_json.as_deref()), ("", Some("\"not an incident\"")));
        }
        assert!(page.tickets[0].raw_json.is_none() && page.tickets[2].fqid.starts_with("b2l0"));
    }
}

#[test]
fn a_row_without_any_id_keeps_its_text() {
    let world = world_of(1);
    let row = r#"{"event": {"observedAt":"2026-05-28T19:00:00.000Z"}, "incident":{"name":"N"}}"#;
    let page = format!(r#"{{"data":[{row}],"_meta":{{"stats":{{"total":1}}}}}}"#);
    always(&world, Place::ItmSearch, FaultKind::WrongJson(page));
    let page = search(&world, &q()).unwrap();
    let ticket = &page.tickets[0];
    assert_eq!((ticket.fqid.as_str(), ticket.raw_json.as_deref()), ("", Some(row)));
    assert_eq!((ticket.incident_name.as_deref(), page.warnings.len()), (Some("N"), 1));
}

#[test]
fn a_text_cut_in_the_middle_of_an_emoji_costs_nothing_else() {
    let world = world_of(1);
    let row = r#"{"fqid":"f","incident":{"name":"N \ud83d"}}"#;
    let page = format!(r#"{{"data":[{row}],"_meta":{{"stats":{{"total":1}}}}}}"#);
    always(&world, Place::ItmSearch, FaultKind::WrongJson(page));
    let page = search(&world, &q()).unwrap();
    assert_eq!(page.tickets[0].incident_name.as_deref(), Some("N \u{fffd}"));
    assert!(page.warnings.is_empty());
}

#[test]
fn a_list_without_a_total_is_read_to_its_end() {
    let world = world_of(0);
    let rows = |range: std::ops::Range<u32>| {
        let rows: Vec<Value> = range.map(|n| json!({"fqid": format!("f{n}")})).collect();
        FaultKind::WrongJson(json!({"data": rows}).to_string())
    };
    once(&world, Place::ItmSearch, rows(0..3));
    once(&world, Place::ItmSearch, rows(3..5));
    once(&world, Place::ItmSearch, rows(5..5));
    let page = search(&world, &q()).unwrap();
    assert_eq!((page.tickets.len(), page.total, page.next), (5, 5, None));
    assert_eq!(pages(&world), [(0, 50), (3, 47), (5, 45)]);
}

#[test]
fn raw_json_is_the_services_own_text_and_only_where_it_is_asked_for() {
    let world = world_of(2);
    let page = search(&world, &TicketQuery { include_raw: true, ..q() }).unwrap();
    let raw: Value = serde_json::from_str(page.tickets[0].raw_json.as_deref().unwrap()).unwrap();
    assert_eq!(raw["fqid"], page.tickets[0].fqid);
    assert_eq!(raw["incident"]["reasons"][0]["kind"], "pfpt:incident:reason:rule");
    assert!(search(&world, &q()).unwrap().tickets.iter().all(|ticket| ticket.raw_json.is_none()));
}

#[test]
fn wrong_arguments_are_named_and_nothing_is_sent() {
    let world = world_of(1);
    for (named, query) in [
        ("limit", TicketQuery { limit: Some(0), ..q() }),
        ("end-time", TicketQuery { end_time: Some("now".into()), ..q() }),
        (
            "end-time",
            TicketQuery { start_time: Some("now".into()), end_time: Some("yesterday".into()), ..q() },
        ),
        ("start-time", TicketQuery { start_time: Some("soon".into()), ..q() }),
        ("sort", TicketQuery { sort: Some("severity:asc".into()), ..q() }),
        ("sort", TicketQuery { sort: Some("observedAt:up".into()), ..q() }),
        ("status-filters", TicketQuery { status_filters: texts(&["new", "ours"]), ..q() }),
        ("status-filters", TicketQuery { status_filters: texts(&[""]), ..q() }),
        ("severity-filters", TicketQuery { severity_filters: texts(&["urgent"]), ..q() }),
        ("severity-filters", TicketQuery { severity_filters: texts(&["incident:severity:high"]), ..q() }),
        ("entity-types", TicketQuery { entity_types: texts(&["events"]), ..q() }),
    ] {
        match search(&world, &query) {
            Err(Error::InvalidArgument { argument, .. }) => assert_eq!(argument, named),
            other => panic!("{named}: {other:?}"),
        }
    }
    assert!(world.vendor.borrow().requests().is_empty());
}

#[test]
fn empty_values_of_free_filters_are_refused_and_not_sent() {
    let world = world_of(1);
    for (named, query) in [
        ("user-filters", TicketQuery { user_filters: texts(&["a", " "]), ..q() }),
        ("name-filters", TicketQuery { name_filters: texts(&[""]), ..q() }),
    ] {
        match search(&world, &query) {
            Err(Error::InvalidArgument { argument, .. }) => assert_eq!(argument, named),
            other => panic!("{named}: {other:?}"),
        }
    }
    assert!(world.vendor.borrow().requests().is_empty());
}

#[test]
fn a_search_is_repeated_where_the_service_stumbles() {
    let world = world_of(3);
    let stumble = Fault::always(Matcher::place(Place::ItmSearch), FaultKind::Status(503)).times(2);
    world.vendor.borrow_mut().fault(stumble);
    assert_eq!(search(&world, &q()).unwrap().tickets.len(), 3);
    assert_eq!(world.api_calls(), 3);
}
