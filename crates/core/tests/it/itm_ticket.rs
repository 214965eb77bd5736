//! A ticket as it is read: every field, every odd shape.

use crate::support::{World, ago, always, minutes, texts};
use chrono::TimeDelta;
use proofpoint_core::Error;
use proofpoint_core::itm::ticket::{
    Indicator, Screenshot, Ticket, TicketEndpoint, TicketMessage, TicketNote, TicketResource, TicketUser,
    TicketWorkflow,
};
use proofpoint_core::mail::Mailbox;
use proofpoint_simulator as sim;
use serde_json::{Value, json};
use sim::itm::{Note, Resource, StateLayout, Workflow};
use sim::{FaultKind, MalformedKind, NullStyle, Place};

fn get(world: &World, fqid: &str, includes: &[&str]) -> Result<Ticket, Error> {
    world.itm(async |itm| itm.ticket_get(fqid, &texts(includes)).await)
}

/// The ticket that an event is read as.
fn read(event: &Value) -> Ticket {
    let world = World::without_quota();
    always(&world, Place::ItmEvent, FaultKind::WrongJson(event.to_string()));
    get(&world, "f", &[]).unwrap()
}

fn with(ticket: sim::Ticket, extra: Value) -> sim::Ticket {
    let Value::Object(extra) = extra else { panic!("an object") };
    sim::Ticket { extra, ..ticket }
}

fn some(text: &str) -> Option<String> {
    Some(text.into())
}

/// 2026-05-28T20:26:40Z is what the vendor's clock shows.
const AT: &str = "2026-05-28T19:26:40.000Z";

#[test]
fn every_field_that_any_source_tells_of_is_read() {
    let world = World::without_quota();
    let at = ago(&world, minutes(60));
    let mut full = sim::Ticket::full(7, at).observed(at - TimeDelta::minutes(2));
    full.occurred_at = Some(at - TimeDelta::minutes(3));
    full.categories.push("it:second".into());
    full.incident.as_mut().unwrap().description = some("Card numbers left the company");
    full.incident.as_mut().unwrap().reasons.push("Second rule".into());
    full.user.as_mut().unwrap().aliases = texts(&["CORP\\user7"]);
    full.indicators[0].snippet = some("4111");
    full.resources[0].content_type = some("application/pdf");
    full.resources.push(Resource::page("https://share.example.com/s/1"));
    full.messages[0].recipients.push("second@example.net".into());
    full.workflow.as_mut().unwrap().assignee = Some(("user-1".into(), "Ines Moreau".into()));
    full.comments[0].kind = some("it:comment:note");
    let fqid = world.add_ticket(full);
    let ticket = get(&world, &fqid, &[]).unwrap();
    let note = |kind: Option<&str>, text: &str, author: Option<&str>| TicketNote {
        id: some("note-1779996400000"),
        kind: kind.map(str::to_owned),
        text: some(text),
        author: author.map(str::to_owned),
        created_at: some(AT),
    };
    let mailbox =
        |name: &str, host: &str| Mailbox { email: Some(format!("{name}@{host}")), name: some(name) };
    let expected = Ticket {
        id: some("00000000-0000-4000-8000-000000000007"),
        fqid: fqid.clone(),
        incident_id: some("00000000-0000-4000-9000-000000000007"),
        incident_kind: some("it:platform:incident"),
        incident_name: some("EMAIL-DLP-PCI"),
        description: some("Card numbers left the company"),
        status: some("new"),
        severity: some("critical"),
        severity_number: Some(850),
        rules: texts(&["E-mail with card numbers", "Second rule"]),
        observed_at: some("2026-05-28T19:24:40.000Z"),
        occurred_at: some("2026-05-28T19:23:40.000Z"),
        ingested_at: some(AT),
        categories: texts(&["pfpt:incident:email:gateway:mta:message:outbound", "it:second"]),
        user: Some(TicketUser {
            id: some("person-user7"),
            email: some("user7@example.com"),
            name: some("User 7"),
            username: some("user7"),
            display_name: some("User 7"),
            aliases: texts(&["CORP\\user7"]),
        }),
        endpoint: Some(TicketEndpoint {
            hostname: some("laptop-7"),
            fqdn: some("laptop-7.corp.example.com"),
            ip: some("192.0.2.17"),
        }),
        application: some("Outlook"),
        indicators: vec![Indicator {
            id: some("indicator-pci-numbers"),
            name: some("PCI numbers"),
            kind: some("pfpt:indicator:content"),
        }],
        messages: vec![TicketMessage {
            kind: some("email"),
            subject: some("Invoice 7"),
            sent_at: some(AT),
            sender: Some(mailbox("user7", "example.com")),
            recipients: vec![mailbox("partner7", "example.net"), mailbox("second", "example.net")],
            attachments: texts(&["invoice-7.pdf"]),
        }],
        resources: vec![
            TicketResource {
                id: some("resource-invoice-7.pdf"),
                kind: some("it:resource:file"),
                name: some("invoice-7.pdf"),
                path: some("C:\\Users\\user7\\invoice-7.pdf"),
                target: Some(false),
                extension: some("pdf"),
                size: Some(48_213),
                content_type: some("application/pdf"),
                ..TicketResource::default()
            },
            TicketResource {
                id: some("resource-https://share.example.com/s/1"),
                kind: some("it:resource:url"),
                name: some("https://share.example.com/s/1"),
                url: some("https://share.example.com/s/1"),
                host: some("share.example.com"),
                target: Some(true),
                ..TicketResource::default()
            },
        ],
        comments: vec![note(Some("it:comment:note"), "Looked at", Some("Ines Moreau"))],
        history: vec![note(None, "Status set to new", None)],
        workflow: Some(TicketWorkflow {
            status_id: some("5b0f3c9e-1d1a-4e52-9c57-0b6a7c1f0a01"),
            status_title: some("New"),
            category: some("open:new"),
            assignee_id: some("user-1"),
            assignee_name: some("Ines Moreau"),
            // Compared below: the order of its keys plays no part.
            state_json: ticket.workflow.as_ref().and_then(|workflow| workflow.state_json.clone()),
        }),
        tags: texts(&["tag-7"]),
        screenshots: Vec::new(),
        custom_json: some(r#"{"email":{"data":{"components":{"messages":{"folder":"Sent"}}}}}"#),
        timeline_url: Some(format!(
            "https://tenant.test/v2/apps/search/timeline?contextId=ctx-7&activityId=p%3F7&fqid={}\
             &field=user.name&region=us-east-1&sources=email%3Apps",
            fqid.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
        )),
        raw_json: None,
    };
    let state = ticket.workflow.as_ref().and_then(|workflow| workflow.state_json.as_deref()).unwrap();
    let expected_state = json!({
        "assignee": {"id": "user-1", "name": "Ines Moreau"},
        "disposition": {
            "category": "it:workflow:disposition:category:open:new",
            "status": {"alias": "New", "id": "5b0f3c9e-1d1a-4e52-9c57-0b6a7c1f0a01"},
        },
    });
    assert_eq!(serde_json::from_str::<Value>(state).unwrap(), expected_state);
    assert_eq!(ticket, expected);
}

#[test]
fn a_ticket_of_which_nothing_is_known_reads_the_same_with_nulls_and_with_missing_keys() {
    for null_style in [NullStyle::Omit, NullStyle::Explicit] {
        let world = World::without_quota();
        world.vendor.borrow_mut().options().itm.null_style = null_style;
        world.vendor.borrow_mut().options().itm.timeline_keys = false;
        let fqid = world.add_ticket(sim::Ticket {
            observed_at: None,
            occurred_at: None,
            ..sim::Ticket::bare(5, ago(&world, minutes(60)))
        });
        let expected = Ticket {
            id: some("00000000-0000-4000-8000-000000000005"),
            fqid: fqid.clone(),
            ingested_at: some(AT),
            ..Ticket::default()
        };
        assert_eq!(get(&world, &fqid, &[]).unwrap(), expected, "{null_style:?}");
    }
}

#[test]
fn a_full_ticket_reads_the_same_with_nulls_and_with_missing_keys() {
    let read = |null_style| {
        let world = World::without_quota();
        world.vendor.borrow_mut().options().itm.null_style = null_style;
        let fqid = world.add_ticket(sim::Ticket::full(5, ago(&world, minutes(60))));
        let mut ticket = get(&world, &fqid, &["screenshots"]).unwrap();
        // The service's own object, nulls and all.
        let state = ticket.workflow.as_mut().unwrap().state_json.take().unwrap();
        assert_eq!(state.contains("null"), null_style == NullStyle::Explicit, "{state}");
        ticket
    };
    assert_eq!(read(NullStyle::Omit), read(NullStyle::Explicit));
}

#[test]
fn the_status_is_found_in_the_nested_and_in_the_flat_workflow() {
    for layout in [StateLayout::Disposition, StateLayout::Flat] {
        let world = World::without_quota();
        world.vendor.borrow_mut().options().itm.state_layout = layout;
        let mut ticket = sim::Ticket::at(2, world.now());
        ticket.workflow.as_mut().unwrap().assignee = Some(("u".into(), "Ines".into()));
        let fqid = world.add_ticket(ticket);
        let ticket = get(&world, &fqid, &[]).unwrap();
        let workflow = ticket.workflow.unwrap();
        assert_eq!(ticket.status.as_deref(), Some("new"));
        assert_eq!((workflow.assignee_id, workflow.assignee_name), (some("u"), some("Ines")));
        let nested = layout == StateLayout::Disposition;
        assert_eq!(workflow.status_id.is_some(), nested);
        assert_eq!(workflow.category.as_deref(), nested.then_some("open:new"));
    }
    for (state, status) in [
        (json!({"status": "incident:status:resolved"}), some("resolved")),
        (json!({"status": "something else"}), None),
        (json!({"status": {"id": 7}}), None),
        (json!({}), None),
        (Value::Null, None),
        (json!("incident:status:resolved"), None),
    ] {
        let ticket = read(&json!({"fqid": "f", "annotations": {"workflow": {"state": state}}}));
        assert_eq!(ticket.status, status, "{state}");
    }
}

#[test]
fn an_owner_is_found_beside_the_state_as_well_as_in_it() {
    for workflow in [
        json!({"state": {"assignee": {"id": "u", "displayName": "Ines"}}}),
        json!({"state": {"assignment": {"id": "u", "alias": "Ines"}}}),
        json!({"state": {}, "assignment": {"id": "u", "name": "Ines"}}),
        json!({"assignee": {"id": "u", "name": "Ines"}}),
    ] {
        let ticket = read(&json!({"fqid": "f", "annotations": {"workflow": workflow}}));
        let read = ticket.workflow.unwrap();
        assert_eq!((read.assignee_id, read.assignee_name), (some("u"), some("Ines")), "{workflow}");
    }
}

#[test]
fn a_severity_is_read_in_every_spelling() {
    for (text, name, number) in [
        (json!("incident:severity:850:critical"), some("critical"), Some(850)),
        (json!("incident:severity:700:High"), some("high"), Some(700)),
        (json!("incident:severity:medium"), some("medium"), None),
        (json!("LOW"), some("low"), None),
        (json!("other:severity:3:low"), some("low"), None),
        (json!("incident:severity:99999999999:low"), some("low"), None),
        (json!(null), None, None),
        (json!(""), None, None),
        (json!({"id": 1}), None, None),
    ] {
        let ticket = read(&json!({"fqid": "f", "incident": {"severity": text}}));
        assert_eq!((ticket.severity, ticket.severity_number), (name, number), "{text}");
    }
}

#[test]
fn notes_come_oldest_first_as_far_as_their_times_are_known() {
    let world = World::without_quota();
    let at = ago(&world, minutes(60));
    let notes = |texts: &[(&str, i64)]| -> Vec<Note> {
        texts.iter().map(|(text, after)| Note::new(at + TimeDelta::minutes(*after), text)).collect()
    };
    let ticket = sim::Ticket {
        comments: notes(&[("third", 9), ("first", 1), ("second", 5)]),
        history: notes(&[("newest", 9), ("oldest", 1)]),
        ..sim::Ticket::at(1, at)
    };
    let fqid = world.add_ticket(ticket);
    let said = |notes: &[TicketNote]| -> Vec<String> {
        notes.iter().map(|note| note.text.clone().unwrap()).collect()
    };
    let ticket = get(&world, &fqid, &[]).unwrap();
    assert_eq!(said(&ticket.comments), ["first", "second", "third"]);
    assert_eq!(said(&ticket.history), ["oldest", "newest"]);
    // Only the texts are known of the service: then its own order is all there is.
    world.vendor.borrow_mut().options().itm.note_details = false;
    let ticket = get(&world, &fqid, &[]).unwrap();
    assert_eq!(said(&ticket.comments), ["third", "first", "second"]);
    assert!(ticket.comments.iter().all(|note| note.created_at.is_none() && note.author.is_none()));
}

#[test]
fn notes_and_tags_of_an_unknown_shape_are_read_as_far_as_they_can_be() {
    let ticket = read(&json!({"fqid": "f", "annotations": {
        "comments": ["just text", {"text": "t", "createdBy": "ines", "timestamp": 1_779_996_400_000_i64}, 7, null],
        "history": [{"text": "h", "user": {"email": "ines@example.com"}, "at": "2026-05-28T19:26:40Z"}],
        "tags": ["plain", {"id": "by-id"}, {"id": "x", "name": "by name"}, null],
    }}));
    let note = |text: Option<&str>, author: Option<&str>, at: Option<&str>| TicketNote {
        text: text.map(str::to_owned),
        author: author.map(str::to_owned),
        created_at: at.map(str::to_owned),
        ..TicketNote::default()
    };
    assert_eq!(
        ticket.comments,
        [
            note(Some("just text"), None, None),
            note(None, None, None),
            note(None, None, None),
            note(Some("t"), Some("ines"), Some(AT)),
        ]
    );
    assert_eq!(ticket.history, [note(Some("h"), Some("ines@example.com"), Some(AT))]);
    assert_eq!(
        ticket.tags.iter().map(String::as_str).collect::<std::collections::BTreeSet<_>>(),
        ["by name", "by-id", "plain",].into()
    );
}

#[test]
fn tags_are_found_beside_the_annotations_and_one_alias_without_a_list() {
    for (event, tags) in [
        (json!({"annotations": {"tags": ["a"]}, "tags": ["b"]}), vec!["a"]),
        (json!({"annotations": {"tags": []}, "tags": [{"id": "b"}]}), vec!["b"]),
        (json!({"fqid": "f", "annotations": null, "tags": ["b", "c"]}), vec!["b", "c"]),
        (json!({"fqid": "f"}), vec![]),
    ] {
        assert_eq!(read(&event).tags, tags, "{event}");
    }
    for (aliases, expected) in [
        (json!("one"), vec!["one"]),
        (json!(["one", "two"]), vec!["one", "two"]),
        (json!(""), vec![]),
        (json!({"a": "b"}), vec![]),
    ] {
        let ticket = read(&json!({"fqid": "f", "user": {"aliases": aliases}}));
        assert_eq!(ticket.user.unwrap().aliases, expected, "{aliases}");
    }
}

#[test]
fn what_is_shown_of_a_ticket_for_diagnosis_holds_neither_links_nor_what_a_person_did() {
    let world = World::without_quota();
    let fqid = world.add_ticket(sim::Ticket::full(4, ago(&world, minutes(60))));
    let ticket = get(&world, &fqid, &["screenshots", "raw-json"]).unwrap();
    assert!(ticket.raw_json.as_ref().unwrap().contains("Signature"));
    let shown = format!("{ticket:?}");
    assert!(shown.contains(&fqid) && shown.len() < 300, "{shown}");
    assert!(!shown.contains("Signature") && !shown.contains("example.com"), "{shown}");
}

/// As many as a hostile answer can hold.
#[test]
fn a_ticket_of_very_many_notes_screenshots_and_windows_is_read_in_reasonable_time() {
    let number = |n: usize| n * 7919 % 40_000;
    let at = |n: usize| json!({"text": n.to_string(), "at": 1_779_996_400_000_u64 + number(n) as u64});
    let comments: Vec<Value> = (0..40_000).map(at).collect();
    let shots: Vec<Value> = (0..40_000).map(|n| json!({"id": number(n).to_string()})).collect();
    let window = |n: usize| json!({"title": format!("w{n}"), "screenshot": {"id": (n / 2).to_string()}});
    let windows: Vec<Value> = (0..80_000).map(window).collect();
    let ticket = read(&json!({
        "fqid": "f", "annotations": {"comments": comments}, "ui": {"screenshots": shots, "windows": windows},
    }));
    assert_eq!(ticket.comments.len(), 40_000);
    assert!(ticket.comments.is_sorted_by_key(|note| note.created_at.clone()));
    assert!(ticket.screenshots.iter().enumerate().all(|(n, shot)| {
        let id = number(n);
        shot.id == id.to_string() && shot.windows == [format!("w{}", 2 * id), format!("w{}", 2 * id + 1)]
    }));
}

#[test]
fn values_of_an_unexpected_type_cost_nothing_else() {
    let world = World::without_quota();
    let ticket = sim::Ticket::full(4, ago(&world, minutes(60))).malformed(MalformedKind::WrongTypes);
    let fqid = world.add_ticket(ticket);
    let ticket = get(&world, &fqid, &[]).unwrap();
    assert_eq!((ticket.fqid, ticket.observed_at), (fqid, some(AT)));
    assert_eq!((ticket.status, ticket.user, ticket.workflow), (None, None, None));
    assert!(ticket.messages.is_empty() && ticket.indicators.is_empty() && ticket.comments.is_empty());
}

#[test]
fn the_ids_of_an_event_stand_in_for_one_another() {
    for (event, id, fqid) in [
        (json!({"fqid": "f", "id": "i", "event": {"id": "e"}}), some("i"), "f"),
        (json!({"fqid": "f", "event": {"id": "e"}}), some("e"), "f"),
        (json!({"id": "i", "event": {"id": "e"}}), some("i"), "i"),
        (json!({"event": {"id": "e"}}), some("e"), "e"),
        (json!({"fqid": "", "id": "i"}), some("i"), "i"),
        (json!({"fqid": "", "id": "", "event": {"id": "e"}}), some("e"), "e"),
    ] {
        let ticket = read(&event);
        assert_eq!((ticket.id, ticket.fqid.as_str(), ticket.raw_json), (id, fqid, None), "{event}");
    }
    let nameless = read(&json!({"incident": {"name": "N"}}));
    assert_eq!(
        (nameless.fqid.as_str(), nameless.raw_json.as_deref()),
        ("", Some(r#"{"incident":{"name":"N"}}"#))
    );
}

#[test]
fn a_sender_is_taken_from_the_headers_where_the_message_names_none() {
    let message =
        json!({"headers": {"parsed": {"from": [{"email": "a@x", "displayName": "A"}, {"email": "b@x"}]}}});
    let ticket = read(&json!({"fqid": "f", "messages": [message, {}, "text", null]}));
    let sender = Mailbox { email: some("a@x"), name: some("A") };
    assert_eq!(
        ticket.messages,
        [TicketMessage { sender: Some(sender), ..TicketMessage::default() }, TicketMessage::default(),]
    );
}

#[test]
fn a_timeline_link_names_the_region_and_where_the_activity_was_seen() {
    let world = World::without_quota();
    world.set("itm_base_url", "https://apis.tenant.test/");
    world.set("itm_api_version", "v3");
    world.set("itm_region", "eu-central-1");
    world.vendor.borrow_mut().options().itm.api_version = "v3".into();
    let at = ago(&world, minutes(60));
    let machine = sim::Ticket { endpoint: Some(sim::itm::Endpoint::named("m")), ..sim::Ticket::bare(3, at) };
    for (ticket, sources) in [
        (sim::Ticket::at(1, at), "email%3Apps"),
        (machine, "endpoint%3Aagent"),
        (
            sim::Ticket::bare(6, at),
            "cloud%3Aisolation%2Cemail%3Apps%2Cendpoint%3Aagent%2Cplatform%3Aanalytics",
        ),
    ] {
        let fqid = world.add_ticket(ticket);
        let link = get(&world, &fqid, &[]).unwrap().timeline_url.unwrap();
        assert!(
            link.starts_with("https://apis.tenant.test/v3/apps/search/timeline?contextId=ctx-"),
            "{link}"
        );
        assert!(link.ends_with(&format!("&field=user.name&region=eu-central-1&sources={sources}")), "{link}");
    }
}

#[test]
fn without_a_part_of_its_link_a_ticket_comes_all_the_same() {
    let world = World::without_quota();
    let at = ago(&world, minutes(60));
    for ticket in [
        sim::Ticket { context_id: None, ..sim::Ticket::at(1, at) },
        sim::Ticket { partition_key: None, ..sim::Ticket::at(2, at) },
    ] {
        let fqid = world.add_ticket(ticket);
        let ticket = get(&world, &fqid, &[]).unwrap();
        assert_eq!((ticket.timeline_url, ticket.incident_name), (None, some("EMAIL-DLP-PCI")));
    }
}

#[test]
fn screenshots_and_the_services_own_json_come_only_where_they_are_asked_for() {
    let world = World::without_quota();
    let fqid = world.add_ticket(sim::Ticket::full(7, ago(&world, minutes(60))));
    let plain = get(&world, &fqid, &[]).unwrap();
    assert!(plain.screenshots.is_empty() && plain.raw_json.is_none());
    let ticket = get(&world, &fqid, &["screenshots", "raw-json", "screenshots"]).unwrap();
    let expected = ["7-1", "7-2"].map(|id| Screenshot {
        id: id.into(),
        file: Some(format!("{id}.jpg")),
        width: Some(64),
        height: Some(40),
        size: ticket.screenshots[0].size,
        windows: texts(&["Outlook"]),
        host: some("screenshots.example.com"),
    });
    assert_eq!(ticket.screenshots, expected);
    assert!(ticket.screenshots[0].size.unwrap() > 100);
    let raw: Value = serde_json::from_str(ticket.raw_json.as_deref().unwrap()).unwrap();
    assert_eq!(raw["processing"]["actions"][0]["channel"], "email");
    assert!(raw["ui"]["screenshots"][0]["links"]["access"]["href"].is_string());
    let raw_only = get(&world, &fqid, &["raw-json"]).unwrap();
    assert!(raw_only.screenshots.is_empty() && raw_only.raw_json.unwrap().starts_with('{'));
    let paths: Vec<String> = world.sent().into_iter().map(|(_, path, _)| path).collect();
    let path = &paths[0];
    assert!(!path.contains('?'));
    assert_eq!(paths[1..], [format!("{path}?includes=screenshots"), path.clone()]);
}

#[test]
fn an_unknown_include_is_refused_before_anything_is_sent() {
    let world = World::without_quota();
    for include in ["metrics", "", "raw_json"] {
        match get(&world, "f", &["screenshots", include]) {
            Err(Error::InvalidArgument { argument, allowed, .. }) => {
                assert_eq!((argument.as_str(), allowed), ("includes", texts(&["screenshots", "raw-json"])));
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(world.vendor.borrow().requests().is_empty());
}

#[test]
fn a_text_cut_in_the_middle_of_an_emoji_costs_nothing_else() {
    let world = World::without_quota();
    let event = r#"{"fqid":"f","incident":{"name":"N \ud83d"},"_status":{"status":200}}"#;
    always(&world, Place::ItmEvent, FaultKind::WrongJson(event.into()));
    let ticket = get(&world, "f", &["raw-json"]).unwrap();
    assert_eq!(ticket.incident_name, some("N \u{fffd}"));
    assert_eq!(ticket.raw_json.as_deref(), Some(event));
}

#[test]
fn one_wrong_byte_costs_nothing_else() {
    let world = World::without_quota();
    let fqid = world.add_ticket(sim::Ticket::at(1, world.now()));
    always(&world, Place::ItmEvent, FaultKind::InvalidUtf8);
    let ticket = get(&world, &fqid, &["raw-json"]).unwrap();
    assert!(ticket.raw_json.unwrap().contains('\u{fffd}'));
}

#[test]
fn free_fields_are_kept_only_where_they_are_an_object_with_something_in_it() {
    let world = World::without_quota();
    for (custom, expected) in [
        (json!({"a": [null]}), some(r#"{"a":[null]}"#)),
        (json!({}), None),
        (Value::Null, None),
        (json!("text"), None),
        (json!([1]), None),
    ] {
        let ticket = with(sim::Ticket::at(1, world.now()), json!({"custom": custom}));
        let fqid = world.add_ticket(ticket);
        assert_eq!(get(&world, &fqid, &[]).unwrap().custom_json, expected, "{custom}");
    }
}

#[test]
fn a_large_file_has_its_size() {
    let size = 5_000_000_000_u64;
    let resources = json!([{"size": size}, {"size": size.to_string()}, {"size": -1}, {"size": 1.5}]);
    let ticket = read(&json!({"fqid": "f", "resources": resources}));
    let sizes: Vec<Option<u64>> = ticket.resources.iter().map(|resource| resource.size).collect();
    assert_eq!(sizes, [Some(size), Some(size), None, None]);
}

#[test]
fn a_workflow_of_which_nothing_is_known_is_not_made_up() {
    let world = World::without_quota();
    let ticket = sim::Ticket { workflow: None, ..sim::Ticket::at(1, world.now()) };
    let fqid = world.add_ticket(ticket);
    assert_eq!(get(&world, &fqid, &[]).unwrap().workflow, None);
    let status = Workflow { status_id: "slug".into(), title: None, category: None, assignee: None };
    let fqid = world.add_ticket(sim::Ticket { workflow: Some(status), ..sim::Ticket::at(2, world.now()) });
    let workflow = get(&world, &fqid, &[]).unwrap().workflow.unwrap();
    assert_eq!((workflow.status_id, workflow.status_title, workflow.category), (some("slug"), None, None));
}
