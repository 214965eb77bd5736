//! Fetching tickets, case by case: what is asked, what is delivered, what ends a step.

use crate::support::{World, ago, always, inside_200, minutes, once, texts};
use chrono::TimeDelta;
use proofpoint_core::Error;
use proofpoint_core::itm::fetch::{FetchOptions, FetchedTicket, TicketBatch};
use proofpoint_simulator as sim;
use serde_json::{Value, json};
use sim::itm::{Incident, Person};
use sim::{Fault, FaultKind, MalformedKind, Matcher, Place, Ticket};
use std::time::Duration;

fn step(world: &World, options: &FetchOptions, checkpoint: Option<&str>) -> Result<TicketBatch, Error> {
    world.itm(async |itm| itm.ticket_fetch(options, checkpoint).await)
}

/// Steps until nothing more is waiting; answers what came.
fn poll(world: &World, options: &FetchOptions, checkpoint: &mut Option<String>) -> Vec<FetchedTicket> {
    let mut came = Vec::new();
    for _ in 0..1000 {
        let batch = step(world, options, checkpoint.as_deref()).unwrap();
        came.extend(batch.tickets);
        *checkpoint = Some(batch.checkpoint);
        if !batch.more {
            return came;
        }
        world.advance(batch.retry_after.unwrap_or(Duration::ZERO));
    }
    panic!("a poll does not come to an end");
}

fn o() -> FetchOptions {
    FetchOptions::default()
}

fn numbers(world: &World, came: &[FetchedTicket]) -> Vec<u64> {
    let vendor = world.vendor.borrow();
    came.iter().map(|fetched| vendor.ticket(&fetched.ticket.fqid).unwrap().number).collect()
}

/// A world with so many tickets, a second apart, the newest ten minutes ago.
fn world_of(count: u64) -> World {
    let world = World::without_quota();
    for n in 1..=count {
        world.add_ticket(Ticket::at(n, ago(&world, minutes(10) + Duration::from_secs(count - n))));
    }
    world
}

fn with_incident(mut ticket: Ticket, change: impl FnOnce(&mut Incident)) -> Ticket {
    change(ticket.incident.as_mut().unwrap());
    ticket
}

fn with_severity(ticket: Ticket, severity: Option<&str>) -> Ticket {
    with_incident(ticket, |incident| incident.severity = severity.map(str::to_owned))
}

#[test]
fn a_step_asks_for_what_raised_an_incident_by_the_time_it_was_taken_in() {
    let world = world_of(450);
    let options = FetchOptions {
        first_fetch: Some("2026-05-28T12:00:00.250Z".into()),
        entity_types: texts(&["event", "casbevent"]),
        filters_json: Some(r#"{"filters":{"$isNull":{"user.id":false}}}"#.into()),
        ..o()
    };
    let batch = step(&world, &options, None).unwrap();
    assert_eq!((batch.tickets.len(), batch.more), (200, true));
    step(&world, &options, Some(&batch.checkpoint)).unwrap();
    let order = json!({"order": "asc", "unmapped_type": "boolean"});
    let until = world.now().timestamp_millis() + 3_600_000;
    let body = |second: i64| {
        json!({
            "sort": [{"event.ingestedAt": order}, {"event.id": order}],
            "filters": {"$and": [
                {"$isNull": {"incident.id": false}},
                {"$datetimeGE": {"event.ingestedAt": second * 1000}},
                {"$datetimeLT": {"event.ingestedAt": until}},
                {"$isNull": {"user.id": false}},
            ]},
        })
    };
    let path = "/v2/apis/activity/event-queries?entityTypes=event%2Ccasbevent&offset=0&limit=200\
                &trackTotalHits=true";
    // From whole seconds on, one second early: first where the fetch begins, then where the last ticket lies.
    let last = (world.now() - TimeDelta::minutes(10)).timestamp() - 250;
    let sent = world.sent();
    for (sent, second) in sent.iter().zip([1_779_969_599, last - 1]) {
        assert_eq!(*sent, ("POST".to_owned(), path.to_owned(), body(second)));
    }
}

#[test]
fn a_ticket_carries_what_a_case_is_filed_under() {
    let world = World::without_quota();
    world.set("itm_ticket_type", "ITM ticket");
    let at = ago(&world, minutes(60));
    let ticket = Ticket::full(7, at).observed(at - TimeDelta::minutes(1));
    let fqid = world.add_ticket(ticket.occurred(at - TimeDelta::minutes(2)));
    let fetched = poll(&world, &o(), &mut None).remove(0);
    assert_eq!(fetched.name, "EMAIL-DLP-PCI user7@example.com");
    assert_eq!((fetched.ticket_type.as_str(), fetched.warning), ("ITM ticket", None));
    assert_eq!(fetched.occurred, "2026-05-28T19:24:40.000Z");
    assert!(fetched.url.is_some() && fetched.url == fetched.ticket.timeline_url);
    assert_eq!(fetched.ticket, world.itm(async |itm| itm.ticket_get(&fqid, &[]).await).unwrap());
    let options = FetchOptions { ticket_type: Some("Other".into()), include_raw: true, ..o() };
    let fetched = poll(&world, &options, &mut None).remove(0);
    assert_eq!(fetched.ticket_type, "Other");
    let raw: Value = serde_json::from_str(&fetched.ticket.raw_json.unwrap()).unwrap();
    assert_eq!(raw["fqid"], fqid);
}

#[test]
fn a_name_and_a_time_are_made_of_what_there_is() {
    let at = "2026-05-28T19:26:40Z".parse::<sim::Timestamp>().unwrap();
    let fetched = |ticket: Ticket| {
        let world = World::without_quota();
        world.add_ticket(ticket);
        let fetched = poll(&world, &o(), &mut None).remove(0);
        (fetched.name, fetched.occurred)
    };
    let person = |email: Option<&str>, shown: Option<&str>, name: Option<&str>| Person {
        email: email.map(str::to_owned),
        display_name: shown.map(str::to_owned),
        name: name.map(str::to_owned),
        ..Person::named("x", "username@x")
    };
    for (user, expected) in [
        (Some(person(Some("a@x"), Some("Shown"), Some("Name"))), "EMAIL-DLP-PCI a@x"),
        (Some(person(None, Some("Shown"), Some("Name"))), "EMAIL-DLP-PCI Shown"),
        (Some(person(None, None, Some("Name"))), "EMAIL-DLP-PCI Name"),
        (Some(person(None, None, None)), "EMAIL-DLP-PCI username"),
        (None, "EMAIL-DLP-PCI"),
    ] {
        assert_eq!(fetched(Ticket { user, ..Ticket::at(1, at) }).0, expected);
    }
    let nameless = Ticket { user: None, ..with_incident(Ticket::at(1, at), |incident| incident.name = None) };
    let observed = Some(at - TimeDelta::hours(1));
    for (observed_at, occurred_at, expected) in [
        (observed, Some(at - TimeDelta::hours(2)), "2026-05-28T17:26:40.000Z"),
        (observed, None, "2026-05-28T18:26:40.000Z"),
        (None, None, "2026-05-28T19:26:40.000Z"),
    ] {
        let ticket = Ticket { observed_at, occurred_at, ..nameless.clone() };
        assert_eq!(fetched(ticket), ("(no name)".to_owned(), expected.to_owned()));
    }
}

#[test]
fn options_take_precedence_over_the_settings() {
    let world = world_of(40);
    world.set("itm_max_fetch", 7);
    world.set("itm_first_fetch", "2026-05-28T20:16:21Z");
    assert_eq!(step(&world, &o(), None).unwrap().tickets.len(), 7);
    assert_eq!(numbers(&world, &poll(&world, &o(), &mut None)), (21..=40).collect::<Vec<_>>());
    let first_fetch = Some("2026-05-28T20:16:11Z".into());
    let options = FetchOptions { max_fetch: Some(9), first_fetch, ..o() };
    assert_eq!(step(&world, &options, None).unwrap().tickets.len(), 9);
    assert_eq!(numbers(&world, &poll(&world, &options, &mut None)), (11..=40).collect::<Vec<_>>());
}

#[test]
fn the_overlap_is_as_long_as_the_options_say() {
    for (fetch_delta_minutes, expected) in [(60, vec![2, 1]), (30, vec![2])] {
        let options = FetchOptions { fetch_delta_minutes: Some(fetch_delta_minutes), ..o() };
        let world = World::without_quota();
        let mut checkpoint = None;
        poll(&world, &options, &mut checkpoint);
        let taken = world.now();
        world.add_ticket(Ticket::at(1, taken).visible(taken + TimeDelta::minutes(50)));
        world.add_ticket(Ticket::at(2, taken + TimeDelta::minutes(1)));
        let mut came = Vec::new();
        for _ in 0..7 {
            world.advance(minutes(10));
            came.extend(numbers(&world, &poll(&world, &options, &mut checkpoint)));
        }
        assert_eq!(came, expected, "{fetch_delta_minutes}");
    }
}

/// The last moments of the overlap, with a server that does not tell its clock.
#[test]
fn a_clock_that_is_off_by_a_minute_loses_nothing_that_is_late() {
    for skew_ms in [-60_000, 60_000] {
        let world = World::without_quota();
        world.vendor.borrow_mut().options().date_header = false;
        world.skew_ms.set(skew_ms);
        let mut checkpoint = None;
        poll(&world, &o(), &mut checkpoint);
        let taken = world.now();
        world.add_ticket(Ticket::at(1, taken).visible(taken + TimeDelta::seconds(1799)));
        world.add_ticket(Ticket::at(2, taken + TimeDelta::minutes(5)));
        world.advance(Duration::from_secs(1780));
        let mut came = Vec::new();
        for _ in 0..40 {
            came.extend(numbers(&world, &poll(&world, &o(), &mut checkpoint)));
            world.advance(Duration::from_secs(1));
        }
        assert_eq!(came, [2, 1], "{skew_ms}");
    }
}

#[test]
fn severities_are_sorted_out_here_and_what_cannot_be_told_is_delivered() {
    let world = World::without_quota();
    for (n, severity) in [
        (1, Some("incident:severity:850:critical")),
        (2, Some("incident:severity:900:critical")),
        (3, Some("incident:severity:700:high")),
        (4, Some("incident:severity:high")),
        (5, Some("HIGH")),
        (6, Some("incident:severity:300:low")),
        (7, None),
        (8, Some("")),
        (9, Some("incident:severity:500:medium")),
        (10, Some("something new")),
    ] {
        world.add_ticket(with_severity(Ticket::at(n, ago(&world, minutes(60 - n))), severity));
    }
    for (asked, expected) in [
        (vec![], vec![1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        (vec!["critical"], vec![1, 2, 7, 8]),
        (vec!["incident:severity:850:critical"], vec![1, 7, 8]),
        (vec!["high", "Critical"], vec![1, 2, 3, 4, 5, 7, 8]),
        (vec!["medium"], vec![7, 8, 9]),
    ] {
        let options = FetchOptions { severity_filters: texts(&asked), ..o() };
        assert_eq!(numbers(&world, &poll(&world, &options, &mut None)), expected, "{asked:?}");
    }
    let bodies = world.bodies("/event-queries");
    assert!(bodies.iter().all(|body| !body.to_string().contains("severity")), "the service is not asked");
}

#[test]
fn tickets_that_are_left_out_do_not_fill_a_step() {
    let world = World::without_quota();
    for n in 1..=600_u64 {
        let severity = if n % 100 == 0 { "incident:severity:700:high" } else { "incident:severity:300:low" };
        world.add_ticket(with_severity(Ticket::at(n, ago(&world, minutes(700 - n))), Some(severity)));
    }
    let options = FetchOptions { severity_filters: texts(&["high"]), max_fetch: Some(4), ..o() };
    let batch = step(&world, &options, None).unwrap();
    assert_eq!((numbers(&world, &batch.tickets), batch.more), (vec![100, 200, 300, 400], true));
    let batch = step(&world, &options, Some(&batch.checkpoint)).unwrap();
    assert_eq!((numbers(&world, &batch.tickets), batch.more), (vec![500, 600], false));
}

#[test]
fn what_raised_no_incident_or_is_not_asked_for_is_not_fetched() {
    let world = world_of(2);
    world.add_ticket(Ticket::bare(3, ago(&world, minutes(5))));
    world.add_ticket(Ticket { entity_type: "audit".into(), ..Ticket::at(4, ago(&world, minutes(5))) });
    let other = r#"{"$not":{"$stringIn":{"user.email":["user1@example.com"]}}}"#;
    for (options, expected) in [
        (o(), vec![1, 2]),
        (FetchOptions { entity_types: texts(&["audit"]), ..o() }, vec![4]),
        (FetchOptions { filters_json: Some(other.into()), ..o() }, vec![2]),
    ] {
        assert_eq!(numbers(&world, &poll(&world, &options, &mut None)), expected);
    }
}

#[test]
fn a_change_of_a_ticket_does_not_deliver_it_again() {
    let world = world_of(3);
    let mut checkpoint = None;
    assert_eq!(poll(&world, &o(), &mut checkpoint).len(), 3);
    let fqids = world.vendor.borrow().visible_fqids();
    for fqid in &fqids {
        world.itm(async |itm| itm.ticket_add_comment(fqid, "t", None).await).unwrap();
    }
    world.advance(minutes(1));
    assert!(poll(&world, &o(), &mut checkpoint).is_empty());
}

#[test]
fn a_malformed_row_is_delivered_once_with_its_text_and_stops_no_other() {
    for (kind, warned) in [
        (MalformedKind::BadCreatedAt, false),
        (MalformedKind::MissingCreatedAt, false),
        (MalformedKind::MissingId, false),
        (MalformedKind::NotAnObject, true),
        (MalformedKind::WrongTypes, false),
    ] {
        let world = world_of(5);
        always(&world, Place::ItmSearch, FaultKind::MalformedRow { kind, row: 2 });
        let batch = step(&world, &o(), None).unwrap();
        assert_eq!((batch.tickets.len(), batch.warnings.len()), (5, usize::from(warned)), "{kind:?}");
        let odd = &batch.tickets[2];
        assert_eq!(odd.warning.is_some(), warned, "{kind:?}");
        assert_eq!(odd.ticket.raw_json.as_deref(), warned.then_some("\"not an incident\""), "{kind:?}");
        let mut checkpoint = Some(batch.checkpoint);
        for _ in 0..3 {
            world.advance(minutes(1));
            assert!(poll(&world, &o(), &mut checkpoint).is_empty(), "{kind:?}");
        }
    }
}

#[test]
fn a_ticket_dated_where_it_cannot_stand_is_delivered_raw_and_stops_nothing() {
    let world = world_of(5);
    let fqid = world.vendor.borrow().visible_fqids().remove(2);
    let time = |at: sim::Timestamp| json!({"event": {"ingestedAt": at.to_rfc3339()}});
    let row = |n: i64| {
        let at = world.now() - TimeDelta::minutes(30 - n);
        let mut row = time(if n == 2 { world.now() - TimeDelta::days(900) } else { at });
        row["fqid"] = json!(if n == 2 { fqid.clone() } else { n.to_string() });
        row
    };
    let rows: Vec<Value> = (0..5).map(row).collect();
    let page = json!({"data": rows, "_meta": {"stats": {"total": 5}}});
    always(&world, Place::ItmSearch, FaultKind::WrongJson(page.to_string()));
    let batch = step(&world, &o(), None).unwrap();
    assert_eq!((batch.tickets.len(), batch.warnings.len()), (5, 1));
    let odd: Vec<_> = batch.tickets.iter().filter(|fetched| fetched.warning.is_some()).collect();
    assert_eq!((odd.len(), odd[0].ticket.fqid.as_str()), (1, fqid.as_str()));
    assert!(odd[0].ticket.raw_json.is_some());
    world.advance(minutes(1));
    assert!(poll(&world, &o(), &mut Some(batch.checkpoint)).is_empty());
}

#[test]
fn a_failed_step_leaves_its_checkpoint_good() {
    for kind in [
        FaultKind::Status(503),
        FaultKind::Status(403),
        FaultKind::Html,
        FaultKind::Truncate(50),
        FaultKind::EmptyEnvelope,
        inside_200(500),
        inside_200(401),
    ] {
        let world = world_of(5);
        let mut checkpoint = None;
        poll(&world, &o(), &mut checkpoint);
        world.add_ticket(Ticket::at(50, world.now()));
        world.advance(minutes(1));
        always(&world, Place::ItmSearch, kind.clone());
        assert!(step(&world, &o(), checkpoint.as_deref()).is_err(), "{kind:?}");
        world.vendor.borrow_mut().clear_faults();
        assert_eq!(numbers(&world, &poll(&world, &o(), &mut checkpoint)), [50], "{kind:?}");
    }
}

#[test]
fn a_page_that_fails_in_the_middle_keeps_what_was_found_before() {
    let world = world_of(150);
    world.vendor.borrow_mut().options().itm.page_cap = 60;
    let fail = Fault::always(Matcher::place(Place::ItmSearch), FaultKind::Status(500)).after(1);
    world.vendor.borrow_mut().fault(fail);
    let batch = step(&world, &o(), None).unwrap();
    assert_eq!((batch.tickets.len(), batch.more, batch.retry_after), (60, true, None));
    assert!(batch.warnings[0].contains("ended early"), "{:?}", batch.warnings);
    world.vendor.borrow_mut().clear_faults();
    assert_eq!(poll(&world, &o(), &mut Some(batch.checkpoint)).len(), 90);
}

#[test]
fn a_spent_budget_ends_the_step_with_more_and_when_to_come_back() {
    let world = world_of(150);
    world.vendor.borrow_mut().options().itm.page_cap = 60;
    world.set("itm_calls_per_minute", 1);
    let batch = step(&world, &o(), None).unwrap();
    assert_eq!((batch.tickets.len(), batch.more, batch.retry_after), (60, true, Some(minutes(1))));
    let error = step(&world, &o(), Some(&batch.checkpoint)).unwrap_err();
    assert!(matches!(error, Error::RateLimited { .. }), "{error:?}");
    world.advance(minutes(1));
    assert_eq!(poll(&world, &o(), &mut Some(batch.checkpoint)).len(), 90);
}

#[test]
fn a_list_in_another_order_than_asked_is_an_error() {
    let world = World::without_quota();
    let at = |n: i64| (world.now() - TimeDelta::minutes(n)).to_rfc3339();
    let rows: Vec<Value> =
        (0..9).map(|n| json!({"fqid": n.to_string(), "event": {"ingestedAt": at(n)}})).collect();
    let page = json!({"data": rows, "_meta": {"stats": {"total": 9}}});
    once(&world, Place::ItmSearch, FaultKind::WrongJson(page.to_string()));
    let error = step(&world, &o(), None).unwrap_err();
    assert!(matches!(&error, Error::InvalidResponse(message) if message.contains("tickets")), "{error:?}");
}

#[test]
fn a_foreign_or_damaged_checkpoint_is_refused_before_anything_is_sent() {
    let world = world_of(1);
    let mut own = None;
    poll(&world, &o(), &mut own);
    let own = own.unwrap();
    let of_incidents = world.call(async |ctr| ctr.incident_fetch(&Default::default(), None).await).unwrap();
    let calls = world.api_calls();
    let another_version = own.replace("fetch.1", "fetch.2");
    for checkpoint in ["", "garbage", &own[..own.len() - 3], &of_incidents.checkpoint, &another_version] {
        match step(&world, &o(), Some(checkpoint)) {
            Err(Error::InvalidArgument { argument, .. }) => assert_eq!(argument, "checkpoint"),
            other => panic!("{checkpoint}: {other:?}"),
        }
    }
    let error =
        world.call(async |ctr| ctr.incident_fetch(&Default::default(), Some(&own)).await).unwrap_err();
    assert!(matches!(error, Error::InvalidArgument { argument, .. } if argument == "checkpoint"));
    assert_eq!(world.api_calls(), calls);
}

#[test]
fn wrong_options_and_settings_are_named_and_nothing_is_sent() {
    let world = world_of(1);
    for (named, options) in [
        ("first-fetch", FetchOptions { first_fetch: Some("soon".into()), ..o() }),
        ("max-fetch", FetchOptions { max_fetch: Some(0), ..o() }),
        ("max-fetch", FetchOptions { max_fetch: Some(201), ..o() }),
        ("fetch-delta-minutes", FetchOptions { fetch_delta_minutes: Some(1441), ..o() }),
        ("severity-filters", FetchOptions { severity_filters: texts(&["urgent"]), ..o() }),
        ("entity-types", FetchOptions { entity_types: texts(&["ticket"]), ..o() }),
        ("filters-json", FetchOptions { filters_json: Some("[]".into()), ..o() }),
    ] {
        match step(&world, &options, None) {
            Err(Error::InvalidArgument { argument, .. }) => assert_eq!(argument, named),
            other => panic!("{named}: {other:?}"),
        }
    }
    world.set("itm_first_fetch", "soon");
    let error = step(&world, &o(), None).unwrap_err();
    assert!(matches!(error, Error::Configuration { key, .. } if key == "itm_first_fetch"));
    assert!(world.vendor.borrow().requests().is_empty());
}

#[test]
fn a_checkpoint_is_printable_and_stays_small() {
    let world = world_of(1000);
    let mut checkpoint = None;
    assert_eq!(poll(&world, &o(), &mut checkpoint).len(), 1000);
    let checkpoint = checkpoint.unwrap();
    assert!(checkpoint.bytes().all(|b| b.is_ascii_graphic()) && checkpoint.len() < 64 * 1024);
}
