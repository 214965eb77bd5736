//! Tickets as they are read: in full, searched, and told apart from what is no ticket.

use chrono::TimeDelta;
use proofpoint_simulator::itm::{Endpoint, Message, StateLayout, StatusStyle, UnknownFqid};
use proofpoint_simulator::{
    Fault, FaultKind, MalformedKind, Matcher, NullStyle, OverCap, Place, Ticket, TimePrecision,
};
use proofpoint_tests::{World, case, column, event_path, fqid};
use serde_json::{Value, json};

const MINUTE: TimeDelta = TimeDelta::minutes(1);

fn inner(status: u16) -> FaultKind {
    let message = "Event e-1 was not found.".into();
    FaultKind::EnvelopeStatus { status, code: "it:error:some-error".into(), message }
}

fn fault(world: &World, kind: FaultKind) {
    world.vendor().fault(Fault::always(Matcher::place(Place::ItmEvent), kind));
}

#[tokio::test]
async fn a_ticket_comes_with_everything_that_the_service_tells() {
    let mut world = World::new().await;
    let fqid = world.add_ticket(7, MINUTE, |_| {});
    let ticket = world.ticket(&fqid, &[]).await.unwrap();
    assert_eq!(ticket["fqid"], fqid.as_str());
    for (field, expected) in [
        ("incident-kind", json!("it:platform:incident")),
        ("incident-name", json!("EMAIL-DLP-PCI")),
        ("status", json!("new")),
        ("severity", json!("critical")),
        ("severity-number", json!(850)),
        ("rules", json!(["E-mail with card numbers"])),
        ("categories", json!(["pfpt:incident:email:gateway:mta:message:outbound"])),
        ("application", json!("Outlook")),
        ("tags", json!(["tag-7"])),
        ("screenshots", json!([])),
        ("raw-json", Value::Null),
    ] {
        assert_eq!(ticket[field], expected, "{field}");
    }
    assert_eq!(ticket["user"]["email"], "user7@example.com");
    assert_eq!(ticket["endpoint"]["hostname"], "laptop-7");
    assert_eq!(ticket["endpoint"]["ip"], "192.0.2.17");
    assert_eq!(ticket["indicators"][0]["name"], "PCI numbers");
    let message = &ticket["messages"][0];
    assert_eq!((&message["kind"], &message["subject"]), (&json!("email"), &json!("Invoice 7")));
    assert_eq!(message["sender"]["email"], "user7@example.com");
    assert_eq!(message["recipients"][0]["email"], "partner7@example.net");
    assert_eq!(message["attachments"], json!(["invoice-7.pdf"]));
    assert_eq!(ticket["resources"][0]["path"], "C:\\Users\\user7\\invoice-7.pdf");
    assert_eq!(ticket["resources"][0]["size"], 48_213);
    assert_eq!(ticket["comments"][0]["text"], "Looked at");
    assert_eq!(ticket["comments"][0]["author"], "Ines Moreau");
    assert_eq!(ticket["history"][0]["text"], "Status set to new");
    assert_eq!(ticket["workflow"]["status-title"], "New");
    assert_eq!(ticket["workflow"]["category"], "open:new");
    let custom: Value = serde_json::from_str(ticket["custom-json"].as_str().unwrap()).unwrap();
    assert_eq!(custom["email"]["data"]["components"]["messages"]["folder"], "Sent");
    let observed = ticket["observed-at"].as_str().unwrap();
    assert!(observed.ends_with('Z') && observed.len() == "2026-01-02T03:04:05.678Z".len(), "{observed}");
}

#[tokio::test]
async fn what_the_service_leaves_out_or_sends_as_null_is_none() {
    for style in [NullStyle::Omit, NullStyle::Explicit] {
        let mut world = World::with(|options| options.itm.null_style = style).await;
        let bare = Ticket::bare(1, world.now() - MINUTE);
        let fqid = bare.fqid.clone();
        world.vendor().add_ticket(bare);
        let ticket = world.ticket(&fqid, &[]).await.unwrap();
        for field in ["incident-id", "status", "severity", "user", "endpoint", "workflow", "custom-json"] {
            assert_eq!(ticket[field], Value::Null, "{field} {style:?}");
        }
        for field in ["rules", "indicators", "messages", "resources", "comments", "history", "tags"] {
            assert_eq!(ticket[field], json!([]), "{field} {style:?}");
        }
    }
}

#[tokio::test]
async fn notes_need_neither_an_author_nor_a_time() {
    let mut world = World::with(|options| options.itm.note_details = false).await;
    let fqid = world.add_ticket(1, MINUTE, |_| {});
    let ticket = world.ticket(&fqid, &[]).await.unwrap();
    for list in ["comments", "history"] {
        let note = &ticket[list][0];
        assert!(note["text"].is_string(), "{note}");
        assert_eq!((&note["author"], &note["created-at"]), (&Value::Null, &Value::Null), "{note}");
    }
}

#[tokio::test]
async fn the_workflow_is_read_in_both_of_its_layouts() {
    for layout in [StateLayout::Disposition, StateLayout::Flat] {
        let mut world = World::with(|options| options.itm.state_layout = layout).await;
        let fqid = world.add_ticket(1, MINUTE, |ticket| {
            ticket.workflow.as_mut().unwrap().assignee = Some(("u-1".into(), "Ines Moreau".into()));
        });
        let ticket = world.ticket(&fqid, &[]).await.unwrap();
        assert_eq!(ticket["status"], "new", "{layout:?}");
        assert_eq!(ticket["workflow"]["assignee-id"], "u-1", "{layout:?}");
        assert_eq!(ticket["workflow"]["assignee-name"], "Ines Moreau", "{layout:?}");
        let state: Value = serde_json::from_str(ticket["workflow"]["state-json"].as_str().unwrap()).unwrap();
        let key = if layout == StateLayout::Flat { "status" } else { "disposition" };
        assert!(!state[key].is_null(), "{state}");
    }
}

#[tokio::test]
async fn a_ticket_comes_with_what_its_includes_name_and_nothing_more() {
    let mut world = World::new().await;
    let fqid = world.add_ticket(3, MINUTE, |_| {});
    let raw = world.ticket(&fqid, &["raw-json"]).await.unwrap();
    let own: Value = serde_json::from_str(raw["raw-json"].as_str().unwrap()).unwrap();
    assert_eq!((&own["fqid"], &own["audit"]["kind"]), (&raw["fqid"], &json!("it:audit:none")));
    assert_eq!((&raw["screenshots"], &own["ui"]), (&json!([]), &Value::Null));
    let with = world.ticket(&fqid, &["screenshots"]).await.unwrap();
    assert_eq!(column(&with, "screenshots", "id"), ["3-1", "3-2"]);
    assert_eq!(with["raw-json"], Value::Null);
    let host = world.server.url().replace("http://", "");
    let expected = json!({
        "id": "3-1", "file": "3-1.jpg", "width": 64, "height": 40,
        "size": with["screenshots"][0]["size"], "windows": ["Outlook"], "host": host,
    });
    assert_eq!(with["screenshots"][0], expected);
    assert!(!with.to_string().contains("X-Amz"), "{with}");
}

#[tokio::test]
async fn a_timeline_link_is_built_of_encoded_parts_and_the_configured_region() {
    let mut world = World::new().await;
    world.set("itm_region", "eu-central-1");
    for (n, source) in [(1, "email%3Apps"), (2, "endpoint%3Aagent"), (3, "")] {
        let fqid = world.add_ticket(n, MINUTE, |ticket| {
            ticket.context_id = Some("ctx 1&x=ü".into());
            if source != "email%3Apps" {
                ticket.messages = Vec::new();
            }
            ticket.endpoint = (source == "endpoint%3Aagent").then(|| Endpoint::named("laptop"));
        });
        let mark = ["-", "%3F", "%3E"].into_iter().find(|mark| {
            let partition = Ticket::bare(n, world.now()).partition_key.unwrap();
            partition == format!("p{}{n}", mark.replace("%3F", "?").replace("%3E", ">"))
        });
        let all = "cloud%3Aisolation%2Cemail%3Apps%2Cendpoint%3Aagent%2Cplatform%3Aanalytics";
        let expected = format!(
            "{}/v2/apps/search/timeline?contextId=ctx%201%26x%3D%C3%BC&activityId=p{}{n}&fqid={}\
             &field=user.name&region=eu-central-1&sources={}",
            world.server.url(),
            mark.unwrap(),
            event_path(&fqid).rsplit_once('/').unwrap().1,
            if source.is_empty() { all } else { source },
        );
        assert_eq!(world.ticket(&fqid, &[]).await.unwrap()["timeline-url"], expected.as_str());
    }
}

#[tokio::test]
async fn without_its_parts_there_is_no_link_but_all_the_rest() {
    let mut world = World::new().await;
    for missing in ["contextId", "partitionKey"] {
        let fqid = world.add_ticket(1, MINUTE, |ticket| {
            ticket.extra.insert(missing.into(), Value::Null);
        });
        let ticket = world.ticket(&fqid, &[]).await.unwrap();
        assert_eq!((&ticket["timeline-url"], &ticket["status"]), (&Value::Null, &json!("new")), "{missing}");
    }
    world.vendor().options().itm.timeline_keys = false;
    assert_eq!(world.ticket(&fqid(1), &[]).await.unwrap()["timeline-url"], Value::Null);
    let page = world.search(json!({})).await.unwrap();
    assert_eq!((&page["tickets"][0]["timeline-url"], &page["total"]), (&Value::Null, &json!(1)));
}

#[tokio::test]
async fn a_base_url_is_taken_with_and_without_slash_and_path() {
    for end in ["", "/", "///", "/v2/apis", "/v2/apis/"] {
        let mut world = World::new().await;
        let fqid = world.add_ticket(1, MINUTE, |_| {});
        world.set("itm_base_url", &format!("{}{end}", world.server.url()));
        let ticket = world.ticket(&fqid, &[]).await.unwrap();
        assert_eq!(world.api()[0].path, event_path(&fqid), "{end}");
        assert_eq!(world.tokens()[0].path, "/v2/apis/auth/oauth/token", "{end}");
        let link = ticket["timeline-url"].as_str().unwrap();
        assert!(link.starts_with(&format!("{}/v2/apps/search/timeline?", world.server.url())), "{link}");
    }
}

#[tokio::test]
async fn each_version_of_the_api_is_spoken_and_the_second_where_none_is_set() {
    for version in ["v1", "v2", "v3"] {
        let mut world = World::with(|options| options.itm.api_version = version.into()).await;
        let fqid = world.add_ticket(1, MINUTE, |_| {});
        let ticket = world.ticket(&fqid, &[]).await.unwrap();
        assert!(world.api()[0].path.starts_with(&format!("/{version}/apis/")));
        assert!(ticket["timeline-url"].as_str().unwrap().contains(&format!("/{version}/apps/")));
    }
    let mut world = World::new().await;
    world.set("itm_api_version", "");
    world.search(json!({})).await.unwrap();
    assert!(world.api()[0].path.starts_with("/v2/apis/"));
    world.set("itm_api_version", "v4");
    let error = world.search(json!({})).await.unwrap_err().to_json();
    assert_eq!(
        (&error["case"], &error["payload"]["key"]),
        (&json!("configuration"), &json!("itm_api_version"))
    );
}

#[tokio::test]
async fn an_fqid_stays_one_segment_whatever_is_in_it() {
    let mut world = World::new().await;
    for (fqid, segment) in [
        ("../../auth/users", "..%2F..%2Fauth%2Fusers"),
        ("a/b+c==", "a%2Fb%2Bc%3D%3D"),
        ("x?y#z%2e;ü", "x%3Fy%23z%252e%3B%C3%BC"),
    ] {
        for (function, rest) in
            [("tickets.ticket-get", ""), ("tickets.email-get", "/messages/default/contents/_raw")]
        {
            world.vendor().clear_requests();
            let answer = world.call(function, json!({ "fqid": fqid, "includes": [] })).await;
            assert_eq!(case(&answer), "not-found", "{fqid}");
            let api = world.api();
            assert_eq!(api.len(), 1, "{api:#?}");
            assert_eq!(api[0].path, format!("/v2/apis/activity/events/{segment}{rest}"), "{fqid}");
        }
    }
    world.vendor().clear_requests();
    for fqid in [".", "..", "%2e%2E"] {
        let answer = world.call("tickets.ticket-get", json!({ "fqid": fqid, "includes": [] })).await;
        assert_eq!(case(&answer), "invalid-argument", "{fqid}");
    }
    assert!(world.api().is_empty());
    for n in 1..=3 {
        let fqid = world.add_ticket(n, MINUTE, |_| {});
        assert_eq!(world.ticket(&fqid, &[]).await.unwrap()["fqid"], fqid.as_str());
    }
    let awkward = world.add_ticket(4, MINUTE, |ticket| ticket.fqid = "../../auth/users".into());
    assert_eq!(world.ticket(&awkward, &[]).await.unwrap()["fqid"], awkward.as_str());
}

#[tokio::test]
async fn an_unknown_fqid_is_not_found_however_the_service_says_so() {
    for style in [UnknownFqid::Status404, UnknownFqid::Inner404, UnknownFqid::Inner400] {
        for status_style in [StatusStyle::Number, StatusStyle::Text] {
            let mut world = World::with(|options| {
                options.itm.unknown_fqid = style;
                options.itm.status_style = status_style;
            })
            .await;
            for function in ["tickets.ticket-get", "tickets.email-get"] {
                let answer = world.call(function, json!({ "fqid": fqid(9), "includes": [] })).await;
                assert_eq!(case(&answer), "not-found", "{function} {style:?} {status_style:?}");
                assert!(answer.unwrap_err().message().contains("The event was not found"));
            }
            for (function, parameters) in [
                ("tickets.screenshot-list", json!({ "fqid": fqid(9) })),
                ("tickets.screenshot-get", json!({ "fqid": fqid(9), "id": "9-1" })),
            ] {
                let answer = world.call(function, parameters).await;
                assert_eq!(case(&answer), "not-found", "{function} {style:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_error_in_the_envelope_of_a_200_is_that_error() {
    for (status, expected, calls) in [
        (400, "not-found", 1),
        (401, "unauthorized", 2),
        (403, "forbidden", 1),
        (404, "not-found", 1),
        (409, "rejected", 1),
        (429, "rate-limited", 1),
        (500, "unavailable", 3),
    ] {
        let mut world = World::new().await;
        let fqid = world.add_ticket(1, MINUTE, |_| {});
        fault(&world, inner(status));
        let error = world.ticket(&fqid, &[]).await.unwrap_err();
        assert_eq!(error.case(), expected, "{status}");
        assert_eq!(world.counts().0, calls, "{status}");
        if status != 429 {
            assert!(error.message().contains("Event e-1 was not found."), "{error}");
        }
    }
    let mut world = World::new().await;
    world.vendor().fault(Fault::always(Matcher::place(Place::ItmSearch), inner(400)));
    let error = world.search(json!({})).await.unwrap_err().to_json();
    let expected = json!({
        "status": 400, "code": "it:error:some-error", "message": "Event e-1 was not found.",
    });
    assert_eq!(error, json!({ "case": "rejected", "payload": expected }));
}

#[tokio::test]
async fn the_envelope_may_be_a_text_or_missing_where_all_is_well() {
    for style in [StatusStyle::Text, StatusStyle::Missing] {
        let mut world = World::with(|options| options.itm.status_style = style).await;
        let fqid = world.add_ticket(1, MINUTE, |_| {});
        assert_eq!(world.ticket(&fqid, &[]).await.unwrap()["status"], "new", "{style:?}");
        assert_eq!(world.search(json!({})).await.unwrap()["total"], 1, "{style:?}");
    }
}

#[tokio::test]
async fn what_is_no_ticket_is_never_taken_for_one() {
    for kind in [
        FaultKind::Html,
        FaultKind::Empty(200),
        FaultKind::Empty(204),
        FaultKind::EmptyEnvelope,
        FaultKind::WrongJson("{}".into()),
        FaultKind::WrongJson("[]".into()),
        FaultKind::WrongJson("null".into()),
        FaultKind::WrongJson("true".into()),
        FaultKind::Truncate(40),
        FaultKind::Redirect("/elsewhere".into()),
        FaultKind::StatusBody(200, "application/json".into(), "<html>Sign in</html>".into()),
    ] {
        let mut world = World::new().await;
        let fqid = world.add_ticket(1, MINUTE, |_| {});
        world.vendor().fault(Fault::always(Matcher::place(Place::ItmEvent), kind.clone()));
        world.vendor().fault(Fault::always(Matcher::place(Place::ItmSearch), kind.clone()));
        for (function, parameters) in [
            ("tickets.ticket-get", json!({ "fqid": fqid, "includes": [] })),
            ("tickets.screenshot-list", json!({ "fqid": fqid })),
            ("tickets.ticket-search", json!({ "query": {} })),
            ("tickets.ticket-fetch", json!({ "options": {}, "checkpoint": null })),
        ] {
            world.vendor().clear_requests();
            let answer = world.call(function, parameters).await;
            assert_eq!(case(&answer), "invalid-response", "{function} {kind:?}");
            assert!(!answer.unwrap_err().to_string().contains("Sign in"), "{function} {kind:?}");
            assert_eq!(world.counts().0, 1, "{function} {kind:?}");
        }
    }
}

#[tokio::test]
async fn an_html_error_page_is_an_error_with_a_message() {
    for (status, expected) in
        [(403, "forbidden"), (404, "not-found"), (418, "rejected"), (502, "unavailable")]
    {
        let mut world = World::new().await;
        let fqid = world.add_ticket(1, MINUTE, |_| {});
        fault(&world, FaultKind::HtmlStatus(status));
        let error = world.ticket(&fqid, &[]).await.unwrap_err();
        assert_eq!(error.case(), expected, "{status}");
        assert!(error.message().contains("HTML page") && !error.message().contains('<'), "{error}");
    }
}

#[tokio::test]
async fn a_search_is_paged_to_any_limit_with_none_twice_and_none_missing() {
    for (cap, over) in [(1000, OverCap::Clamp), (30, OverCap::Clamp), (200, OverCap::Reject)] {
        let mut world = World::with(|options| {
            options.itm.page_cap = cap;
            options.itm.over_cap = over;
        })
        .await;
        world.add_tickets(450, 0);
        let page = world.search(json!({ "limit": 430 })).await.unwrap();
        let newest: Vec<String> = (1..=450).rev().map(fqid).collect();
        assert_eq!(column(&page, "tickets", "fqid"), newest[..430], "{cap}");
        assert_eq!(page["total"], 450);
        let query = json!({ "cursor": page["next"], "limit": 50 });
        let rest = world.search(query).await.unwrap();
        assert_eq!((column(&rest, "tickets", "fqid"), &rest["next"]), (newest[430..].to_vec(), &Value::Null));
    }
}

#[tokio::test]
async fn tickets_that_arrive_meanwhile_do_not_shift_the_pages() {
    let mut world = World::new().await;
    world.add_tickets(20, 60);
    let page = world.search(json!({ "limit": 10 })).await.unwrap();
    for n in 21..=25 {
        world.add_ticket(n, TimeDelta::zero(), |_| {});
    }
    let rest = world.search(json!({ "cursor": page["next"], "limit": 50 })).await.unwrap();
    assert_eq!(column(&rest, "tickets", "fqid"), (1..=10).rev().map(fqid).collect::<Vec<_>>());
    assert_eq!(rest["next"], Value::Null);
}

#[tokio::test]
async fn tickets_that_arrive_meanwhile_come_twice_in_no_order() {
    for sort in ["ingestedAt:desc", "occurredAt:desc", "observedAt:asc"] {
        let mut world = World::new().await;
        world.add_tickets(20, 60);
        let first = world.search(json!({ "limit": 5, "sort": sort })).await.unwrap();
        for n in 21..=23 {
            world.add_ticket(n, TimeDelta::zero(), |_| {});
        }
        let rest = world.search(json!({ "cursor": first["next"], "limit": 50 })).await.unwrap();
        let mut all = [column(&first, "tickets", "fqid"), column(&rest, "tickets", "fqid")].concat();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count, "{sort}: none twice");
        assert!((1..=20).all(|n| all.contains(&fqid(n))), "{sort}: none missing");
    }
}

#[tokio::test]
async fn a_service_that_compares_whole_seconds_is_not_taken_for_one_that_ignores_filters() {
    let mut world = World::with(|options| options.itm.time_precision = TimePrecision::Second).await;
    let now = world.now();
    let second = now - TimeDelta::hours(1) - TimeDelta::nanoseconds(now.timestamp_subsec_nanos().into());
    for n in 1..=6 {
        let tenths = TimeDelta::milliseconds(100 * i64::try_from(n).unwrap());
        world.vendor().add_ticket(Ticket::at(n, second + tenths));
    }
    let until = |tenths: i64| (second + TimeDelta::milliseconds(100 * tenths)).to_rfc3339();
    let whole = json!({ "start-time": until(0), "end-time": until(10) });
    assert_eq!(world.search(whole).await.unwrap()["total"], 6);
    let first = world.search(json!({ "limit": 2 })).await.unwrap();
    let rest = world.search(json!({ "cursor": first["next"], "limit": 10 })).await.unwrap();
    assert_eq!(column(&rest, "tickets", "fqid"), [4, 3, 2, 1].map(fqid));
}

#[tokio::test]
async fn a_cursor_carries_its_query_and_is_no_other_ones() {
    let mut world = World::new().await;
    world.add_tickets(5, 60);
    let query = json!({ "limit": 2, "name-filters": ["EMAIL-DLP-PCI"] });
    let cursor = world.search(query).await.unwrap()["next"].clone();
    let same = json!({ "cursor": cursor, "name-filters": ["EMAIL-DLP-PCI"] });
    assert_eq!(column(&world.search(same).await.unwrap(), "tickets", "fqid"), [3, 2, 1].map(fqid));
    world.vendor().clear_requests();
    let other = world.search(json!({ "cursor": cursor, "name-filters": ["OTHER"] })).await;
    assert_eq!(case(&other), "invalid-argument");
    let users = world.call("users.user-list", json!({ "query": { "cursor": cursor } })).await;
    assert_eq!(case(&users), "invalid-argument");
    assert_eq!(world.counts().0, 0);
}

#[tokio::test]
async fn every_filter_finds_its_ticket_alone() {
    let mut world = World::new().await;
    world.add_tickets(3, 3600 * 48);
    let wanted = world.add_ticket(9, TimeDelta::hours(1), |ticket| {
        let incident = ticket.incident.as_mut().unwrap();
        incident.name = Some("USB-COPY".into());
        incident.status = Some("incident:status:on-hold".into());
        incident.severity = Some("incident:severity:500:medium".into());
        ticket.entity_type = "event".into();
    });
    for query in [
        json!({ "start-time": "1 day" }),
        json!({ "status-filters": ["on-hold"] }),
        json!({ "status-filters": ["resolved", "incident:status:on-hold"] }),
        json!({ "severity-filters": ["medium"] }),
        json!({ "severity-filters": ["low", "medium"] }),
        json!({ "severity-filters": ["incident:severity:500:medium"] }),
        json!({ "user-filters": ["user9@example.com"] }),
        json!({ "user-filters": ["User 9"] }),
        json!({ "user-filters": ["nobody", "user9"] }),
        json!({ "user-filters": ["person-user9"] }),
        json!({ "name-filters": ["USB-COPY"] }),
        json!({ "filters-json": r#"{"$stringIn":{"user.email":["user9@example.com"]}}"# }),
        json!({ "filters-json": r#"{"name":"x","filters":{"$stringIn":{"user.email":["user9@example.com"]}}}"# }),
    ] {
        let page = world.search(query.clone()).await.unwrap();
        assert_eq!(column(&page, "tickets", "fqid"), [wanted.as_str()], "{query}");
    }
    let critical = world.search(json!({ "severity-filters": ["critical"] })).await.unwrap();
    assert_eq!((column(&critical, "tickets", "fqid").len(), &critical["total"]), (3, &json!(3)));
}

#[tokio::test]
async fn activity_without_an_incident_comes_only_where_it_is_asked_for() {
    let mut world = World::new().await;
    world.add_ticket(1, TimeDelta::minutes(2), |ticket| ticket.incident = None);
    world.add_ticket(2, MINUTE, |_| {});
    world.add_ticket(3, MINUTE, |ticket| ticket.entity_type = "audit".into());
    assert_eq!(column(&world.search(json!({})).await.unwrap(), "tickets", "fqid"), [fqid(2)]);
    let all = world.search(json!({ "all-activity": true })).await.unwrap();
    assert_eq!(column(&all, "tickets", "fqid"), [fqid(2), fqid(1)]);
    let audit = world.search(json!({ "entity-types": ["audit"] })).await.unwrap();
    assert_eq!(column(&audit, "tickets", "fqid"), [fqid(3)]);
}

#[tokio::test]
async fn a_service_that_ignores_a_filter_gives_an_error_and_never_wrong_tickets() {
    let mut world = World::with(|options| options.itm.honour_filters = false).await;
    world.add_ticket(1, TimeDelta::hours(1), |_| {});
    for (query, filter) in [
        (json!({ "start-time": "2024-01-01", "end-time": "2024-01-02" }), "start-time"),
        (json!({ "status-filters": ["resolved"] }), "status-filters"),
        (json!({ "name-filters": ["OTHER"] }), "name-filters"),
        (json!({ "user-filters": ["nobody@example.com"] }), "user-filters"),
    ] {
        let answer = world.search(query.clone()).await;
        assert_eq!(case(&answer), "invalid-response", "{query}");
        assert!(answer.unwrap_err().message().contains(filter), "{query}");
    }
}

#[tokio::test]
async fn one_malformed_row_does_not_cost_the_page() {
    for kind in [
        MalformedKind::BadCreatedAt,
        MalformedKind::MissingCreatedAt,
        MalformedKind::MissingId,
        MalformedKind::NotAnObject,
        MalformedKind::WrongTypes,
    ] {
        let mut world = World::new().await;
        world.add_tickets(3, 60);
        let spoilt = FaultKind::MalformedRow { kind, row: 1 };
        world.vendor().fault(Fault::always(Matcher::place(Place::ItmSearch), spoilt));
        let page = world.search(json!({})).await.unwrap();
        let fqids = column(&page, "tickets", "fqid");
        assert_eq!((fqids.len(), &fqids[0], &fqids[2]), (3, &fqid(3), &fqid(1)), "{kind:?}");
        if fqids[1].is_empty() {
            assert!(page["tickets"][1]["raw-json"].is_string(), "{kind:?} {page}");
            assert!(!page["warnings"].as_array().unwrap().is_empty(), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_sender_may_stand_in_the_headers_alone() {
    let mut world = World::new().await;
    let fqid = world.add_ticket(1, MINUTE, |ticket| {
        let parsed = json!([{ "email": "h@example.com", "displayName": "H" }]);
        let message = json!({ "kind": "email", "headers": { "parsed": { "from": parsed } } });
        ticket.extra.insert("messages".into(), json!([message]));
    });
    let ticket = world.ticket(&fqid, &[]).await.unwrap();
    assert_eq!(ticket["messages"][0]["sender"], json!({ "email": "h@example.com", "name": "H" }));
}

#[tokio::test]
async fn a_message_with_many_recipients_keeps_them_all() {
    let mut world = World::new().await;
    let recipients: Vec<String> = (0..500).map(|n| format!("r{n}@example.net")).collect();
    let fqid = world.add_ticket(1, MINUTE, |ticket| {
        ticket.messages = vec![Message { recipients: recipients.clone(), ..ticket.messages[0].clone() }];
    });
    let ticket = world.ticket(&fqid, &[]).await.unwrap();
    assert_eq!(column(&ticket["messages"][0], "recipients", "email"), recipients);
}

#[tokio::test]
async fn a_ticket_without_a_time_stays_in_the_list_while_it_is_paged() {
    let mut world = World::new().await;
    for n in 1..=5 {
        world.add_ticket(n, MINUTE, |ticket| {
            if n == 3 {
                ticket.extra = json!({"event": {"id": "e-3"}}).as_object().cloned().unwrap_or_default();
            }
        });
    }
    let (mut found, mut cursor) = (Vec::new(), Value::Null);
    for _ in 0..4 {
        let page = world.search(json!({"limit": 2, "cursor": cursor})).await.unwrap();
        found.extend(column(&page, "tickets", "fqid"));
        cursor = page["next"].clone();
        if cursor.is_null() {
            break;
        }
    }
    found.sort();
    let mut all: Vec<String> = (1..=5).map(fqid).collect();
    all.sort();
    assert_eq!(found, all);
}

#[tokio::test]
async fn a_severity_filter_that_the_service_ignores_is_an_error() {
    let mut world = World::with(|options| options.itm.honour_filters = false).await;
    world.add_ticket(7, MINUTE, |_| {});
    let low = world.search(json!({"severity-filters": ["incident:severity:300:low"]})).await;
    assert_eq!(case(&low), "invalid-response");
    world.search(json!({"severity-filters": ["critical"]})).await.unwrap();
}

#[tokio::test]
async fn an_error_inside_a_list_of_users_is_no_missing_ticket() {
    let mut world = World::new().await;
    world.vendor().fault(Fault::always(Matcher::place(Place::ItmUsers), inner(400)));
    let users = world.call("users.user-list", json!({})).await;
    assert_eq!(case(&users), "rejected");
}
