//! Messages: the search, one message in its three shapes, the download.

use crate::support::{World, always, once, texts};
use proofpoint_core::Error;
use proofpoint_core::ctr::messages::{Message, MessagePage, MessageQuery};
use proofpoint_core::mail::Eml;
use proofpoint_simulator as sim;
use serde_json::json;
use std::time::Duration;

const MESSAGES: &str = "/api/v1/tric/messages";

fn list(world: &World, query: &MessageQuery) -> Result<MessagePage, Error> {
    world.call(async |ctr| ctr.message_list(query).await)
}

fn get(world: &World, id: &str) -> Result<Message, Error> {
    world.call(async |ctr| ctr.message_get(id, false).await)
}

fn download(world: &World, id: &str, includes: &[&str]) -> Result<Eml, Error> {
    world.call(async |ctr| ctr.message_download(id, &texts(includes)).await)
}

/// A world with one message, and its id.
fn world_with(message: impl FnOnce(sim::Message) -> sim::Message) -> (World, String) {
    let world = World::without_quota();
    let message = message(sim::Message::at(7, world.now()));
    let id = message.id.clone();
    world.vendor.borrow_mut().add_message(message);
    (world, id)
}

fn paths(world: &World) -> Vec<String> {
    world.sent().into_iter().map(|(_, path, _)| path).collect()
}

#[test]
fn every_filter_is_sent_under_its_documented_key() {
    let world = World::without_quota();
    let query = MessageQuery {
        start_time: Some("2026-01-02T03:04:05.678+01:00".into()),
        end_time: Some("2026-01-03".into()),
        message_id_filters: texts(&["<a@example.com>"]),
        recipient_address_filters: texts(&["u@example.com"]),
        sender_address_filters: texts(&["s@example.net"]),
        subject_filters: texts(&["Invoice"]),
        source_filters: texts(&["tap_alert", "mail_bomb"]),
        other_filters: texts(&["reporter"]),
        verdict_filters: texts(&["threat"]),
        disposition_filters: texts(&["phish"]),
        confidence_filters: texts(&["high"]),
        status_filters: texts(&["message_delivered", "unread"]),
        quarantine_filters: texts(&["quarantine_pending", "mailbox_not_found", "dl_resolved"]),
        tap_threat_filters: texts(&["abc123"]),
        tap_threat_type_filters: texts(&["delivered_url_threat"]),
        sort: Some("asc".into()),
        limit: Some(1),
        ..MessageQuery::default()
    };
    list(&world, &query).unwrap();
    assert_eq!(
        world.bodies(MESSAGES),
        [json!({
            "startRow": 0,
            "endRow": 1,
            "sortParams": [{"sort": "asc", "colId": "received_time"}],
            "filters": {
                "time_range_filter": {"start": "2026-01-02 02:04:05", "end": "2026-01-03 00:00:00"},
                "message_id_filters": ["<a@example.com>"],
                "recipient_address_filters": ["u@example.com"],
                "sender_address_filters": ["s@example.net"],
                "subject_filters": ["Invoice"],
                "source_filters": ["tap", "mail_bomb"],
                "other_filters": ["reporter"],
                "verdict_filters": ["verdict_threat"],
                "disposition_filters": ["phish"],
                "confidence_filters": ["confidence_high"],
                "status_filters": ["message_delivered", "message_unread"],
                "quarantine_filters": ["quarantine_pending", "quarantine_mailbox_not_found", "dl_resolved"],
                "tap_threat_filters": ["abc123"],
                "tap_threat_type_filters": ["tap_threat_type_delivered_url_threat"],
            },
        })]
    );
}

#[test]
fn every_value_is_sent_as_the_service_spells_it() {
    let quarantine = "quarantine_mailbox_not_found quarantine_message_not_found quarantine_success \
        quarantine_not_attempted quarantine_pending dl_resolved quarantine_skipped_skip_list \
        quarantine_skipped_abuse_mailbox quarantine_skipped_no_server_for_mailbox quarantine_skipped_cancelled \
        quarantine_failed_insufficient_permissions quarantine_failed_invalid_authentication \
        quarantine_failed_invalid_license_for_mailbox quarantine_failed_invalid_quarantine_folder \
        quarantine_failed_invalid_quarantine_mailbox quarantine_failed_missing_message_id \
        quarantine_failed_no_connectivity quarantine_failed_no_server_found_for_mailbox \
        quarantine_failed_throttled quarantine_failed_other restore_not_in_quarantine_mailbox restore_pending \
        restore_success restore_skipped_server_disabled restore_skipped_server_unavailable \
        restore_failed_insufficient_permissions restore_failed_invalid_authentication \
        restore_failed_invalid_license_for_mailbox restore_failed_invalid_quarantine_folder \
        restore_failed_invalid_quarantine_mailbox restore_failed_no_connectivity \
        restore_failed_no_server_found_for_mailbox restore_failed_throttled restore_failed_other";
    type Set = fn(&mut MessageQuery) -> &mut Vec<String>;
    let cases: [(&str, Set, &str); 8] = [
        (
            "source_filters",
            |q| &mut q.source_filters,
            "abuse_mailbox tap smart_search message_csv_upload mail_bomb",
        ),
        ("other_filters", |q| &mut q.other_filters, "reporter"),
        (
            "verdict_filters",
            |q| &mut q.verdict_filters,
            "verdict_failed verdict_low_risk verdict_manual_review verdict_threat",
        ),
        (
            "disposition_filters",
            |q| &mut q.disposition_filters,
            "bulk clean impostor in_progress internal low_risk malware manual_review not_set phish scam \
             simulated_phish spam suspicious tap_false_positive toad vendor",
        ),
        (
            "confidence_filters",
            |q| &mut q.confidence_filters,
            "confidence_high confidence_medium confidence_low",
        ),
        (
            "status_filters",
            |q| &mut q.status_filters,
            "message_delivered message_unread message_read permitted_click",
        ),
        ("quarantine_filters", |q| &mut q.quarantine_filters, quarantine),
        (
            "tap_threat_type_filters",
            |q| &mut q.tap_threat_type_filters,
            "tap_threat_type_delivered_attachment_threat tap_threat_type_delivered_message_threat \
             tap_threat_type_delivered_url_threat tap_threat_type_unprotected_url_threat",
        ),
    ];
    for (key, field, values) in cases {
        let values: Vec<&str> = values.split_whitespace().collect();
        let world = World::without_quota();
        let mut query = MessageQuery::default();
        *field(&mut query) = texts(&values);
        list(&world, &query).unwrap();
        assert_eq!(world.bodies(MESSAGES)[0]["filters"][key], json!(values), "{key}");

        *field(&mut query) = texts(&["no_such_value"]);
        let Err(Error::InvalidArgument { argument, allowed, .. }) = list(&world, &query) else {
            panic!("{key}: accepted");
        };
        assert_eq!((argument.replace('-', "_"), allowed), (key.to_owned(), texts(&values)));
        assert_eq!(world.api_calls(), 1, "{key}: nothing more was sent");
    }
}

#[test]
fn wrong_values_are_refused_before_anything_is_sent() {
    let query = MessageQuery::default;
    for (argument, wrong) in [
        ("message-id-filters", MessageQuery { message_id_filters: texts(&["a@example.com"]), ..query() }),
        ("message-id-filters", MessageQuery { message_id_filters: texts(&["<a@exa mple>"]), ..query() }),
        ("recipient-address-filters", MessageQuery { recipient_address_filters: texts(&["ada"]), ..query() }),
        ("sender-address-filters", MessageQuery { sender_address_filters: texts(&["a b@c"]), ..query() }),
        ("subject-filters", MessageQuery { subject_filters: texts(&[" "]), ..query() }),
        ("sort", MessageQuery { sort: Some("createdAt:desc".into()), ..query() }),
        ("limit", MessageQuery { limit: Some(0), ..query() }),
        ("end-time", MessageQuery { end_time: Some("now".into()), ..query() }),
        ("cursor", MessageQuery { cursor: Some("nonsense".into()), ..query() }),
    ] {
        let world = World::without_quota();
        match list(&world, &wrong) {
            Err(Error::InvalidArgument { argument: named, .. }) => assert_eq!(named, argument),
            other => panic!("{argument}: {other:?}"),
        }
        assert_eq!(world.api_calls(), 0);
    }
}

#[test]
fn rows_that_do_not_match_the_filter_are_an_error() {
    let one = |value: &str| texts(&[value]);
    let query = MessageQuery::default;
    for (key, asked) in [
        ("message_id_filters", MessageQuery { message_id_filters: one("<other@example.com>"), ..query() }),
        (
            "recipient_address_filters",
            MessageQuery { recipient_address_filters: one("no@example.org"), ..query() },
        ),
        ("sender_address_filters", MessageQuery { sender_address_filters: one("no@example.org"), ..query() }),
        ("subject_filters", MessageQuery { subject_filters: one("nowhere to be seen"), ..query() }),
        ("source_filters", MessageQuery { source_filters: one("mail_bomb"), ..query() }),
        ("verdict_filters", MessageQuery { verdict_filters: one("threat"), ..query() }),
        ("disposition_filters", MessageQuery { disposition_filters: one("toad"), ..query() }),
        ("confidence_filters", MessageQuery { confidence_filters: one("low"), ..query() }),
        ("status_filters", MessageQuery { status_filters: one("permitted_click"), ..query() }),
        ("quarantine_filters", MessageQuery { quarantine_filters: one("restore_success"), ..query() }),
        ("tap_threat_filters", MessageQuery { tap_threat_filters: one("ffff"), ..query() }),
        (
            "tap_threat_type_filters",
            MessageQuery { tap_threat_type_filters: one("unprotected_url_threat"), ..query() },
        ),
        (
            "time_range_filter",
            MessageQuery {
                start_time: Some("2001-01-01".into()),
                end_time: Some("2001-01-02".into()),
                ..query()
            },
        ),
    ] {
        let (world, id) = world_with(|message| sim::Message {
            confidence: Some("high".into()),
            sources: texts(&["tap_alert"]),
            read: Some(false),
            remediation_status: Some("mailbox_not_found".into()),
            threats: vec![sim::TapThreat {
                tap_id: "ab".repeat(32),
                kind: "delivered_url_threat".into(),
                value: "https://example.net".into(),
            }],
            ..message
        });
        // A server that knows none of the filters answers everything.
        world.vendor.borrow_mut().options().ignored_filters = texts(&[key]);
        match list(&world, &asked) {
            Err(Error::InvalidResponse(message)) => {
                assert!(message.contains(key) && message.contains(&id), "{key}: {message}");
            }
            other => panic!("{key}: {other:?}"),
        }
    }
}

#[test]
fn a_row_that_does_not_tell_is_not_held_against_the_filter() {
    let (world, _) = world_with(|message| sim::Message {
        verdict: None,
        confidence: None,
        remediation_status: None,
        read: None,
        ..message
    });
    let ignored = ["verdict_filters", "confidence_filters", "quarantine_filters", "status_filters"];
    world.vendor.borrow_mut().options().ignored_filters = texts(&ignored);
    let query = MessageQuery {
        verdict_filters: texts(&["threat"]),
        confidence_filters: texts(&["low"]),
        quarantine_filters: texts(&["restore_success"]),
        status_filters: texts(&["message_read"]),
        ..MessageQuery::default()
    };
    assert_eq!(list(&world, &query).unwrap().messages.len(), 1);
}

#[test]
fn pages_follow_each_other_without_gap_or_repetition_while_messages_arrive() {
    let world = World::without_quota();
    let start = world.now();
    for n in 0..450 {
        let at = start - chrono::TimeDelta::seconds(1000 - n);
        world.vendor.borrow_mut().add_message(sim::Message::at(n as u64, at));
    }
    let mut query = MessageQuery { limit: Some(220), ..MessageQuery::default() };
    let mut ids = Vec::new();
    for round in 0..3_u64 {
        let page = list(&world, &query).unwrap();
        ids.extend(page.messages.into_iter().map(|message| message.id));
        query.cursor = page.next;
        let now = world.now();
        for n in 0..5 {
            world.vendor.borrow_mut().add_message(sim::Message::at(1000 + round * 5 + n, now));
        }
        world.advance(Duration::from_secs(5));
    }
    assert_eq!(query.cursor, None);
    let distinct: std::collections::BTreeSet<&String> = ids.iter().collect();
    assert_eq!((ids.len(), distinct.len()), (450, 450));
}

#[test]
fn a_message_whose_rows_name_its_id_each_in_another_way_comes_once() {
    let world = World::without_quota();
    let rows = json!([{"email_recipient_id": "m-1"}, {"id": "m-1"}, {"emailRecipientId": "m-1"}]);
    let page = json!({"total": 3, "messages": rows}).to_string();
    world.vendor.borrow_mut().fault(sim::Fault::always(sim::Matcher::api(), sim::FaultKind::WrongJson(page)));
    let page = list(&world, &MessageQuery::default()).unwrap();
    assert_eq!(page.messages.iter().map(|message| message.id.as_str()).collect::<Vec<_>>(), ["m-1"]);
}

#[test]
fn one_message_has_one_shape_whatever_the_service_sends() {
    let mut seen = Vec::new();
    for shape in [sim::MessageShape::Details, sim::MessageShape::SnakeCase, sim::MessageShape::CamelCase] {
        let (world, id) = world_with(|message| sim::Message { read: Some(true), ..message });
        world.vendor.borrow_mut().options().response.message_shape = shape;
        let message = get(&world, &id).unwrap();
        assert_eq!(paths(&world), [format!("{MESSAGES}/{id}")]);
        assert_eq!(message.id, id);
        assert_eq!(message.subject.as_deref(), Some("Invoice 7"));
        assert_eq!(message.sender_address.as_deref(), Some("sender7@example.net"));
        assert_eq!(message.recipient_address.as_deref(), Some("user7@example.com"));
        assert_eq!(message.received_at.as_deref(), Some(&*proofpoint_core::time::rfc3339(world.now())));
        seen.push(message);
    }
    assert_eq!(seen[1].disposition.as_deref(), Some("low_risk"));
    assert_eq!(seen[1], seen[2], "snake and camel case");
}

#[test]
fn an_answer_that_is_no_such_message_is_not_taken_for_one() {
    for body in
        ["[]", "{}", "null", "{\"details\":{}}", "{\"details\":{\"id\":\"another\",\"emailSubject\":\"x\"}}"]
    {
        let (world, id) = world_with(|message| message);
        always(&world, sim::Place::Message, sim::FaultKind::WrongJson(body.into()));
        assert!(matches!(get(&world, &id), Err(Error::InvalidResponse(_))), "{body}");
    }
    let (world, _) = world_with(|message| message);
    let unknown = "44cca4c8-e513-42e5-984a-965de7f39537";
    assert!(matches!(get(&world, unknown), Err(Error::NotFound(_))));
}

#[test]
fn an_id_never_reaches_another_endpoint() {
    let (world, _) = world_with(|message| message);
    for id in ["", "..", "../incidents/x", "7", "44cca4c8-e513-42e5-984a-965de7f39537/fetch"] {
        for result in [get(&world, id).err(), download(&world, id, &[]).err()] {
            assert!(matches!(result, Some(Error::InvalidArgument { .. })), "{id}: {result:?}");
        }
    }
    assert_eq!(world.api_calls(), 0);
}

#[test]
fn a_download_asks_for_the_mail_waits_for_it_and_gets_it() {
    const MAIL: &[u8] = b"From: a@example.com\r\n\r\nhello";
    let states = ["throttled", "fetch_in_progress", "fetched"];
    let (world, id) = world_with(|message| message.mail(MAIL).fetching(&states));
    let begin = world.now();
    let eml = download(&world, &id, &[]).unwrap();
    let path = format!("{MESSAGES}/{id}");
    let status = format!("{path}/fetchStatus");
    assert_eq!(
        world.sent().into_iter().map(|(method, path, _)| (method, path)).collect::<Vec<_>>(),
        [format!("{path}/fetch"), status.clone(), status.clone(), status, format!("{path}/download")]
            .map(|path| ("GET".to_owned(), path))
    );
    assert_eq!((world.now() - begin).num_seconds(), 35, "30 s when throttled, 5 s in progress");
    assert_eq!((eml.content.as_slice(), eml.size as usize), (MAIL, MAIL.len()));
    assert_eq!(eml.sha256, "0b7f23d983f30f034be4fc216f31d46eff42a7b291717796dcfb1c835f436791");
    assert_eq!(eml.content_type.as_deref(), Some("application/octet-stream"));
    assert_eq!(eml.summary, None);
}

#[test]
fn a_summary_comes_with_the_download_where_it_is_asked_for() {
    let (world, id) = world_with(|message| message);
    let summary = download(&world, &id, &["summary"]).unwrap().summary.unwrap();
    assert!(
        !summary.from_addresses.is_empty() && !summary.links.is_empty() && !summary.attachments.is_empty()
    );
    let Err(Error::InvalidArgument { argument, allowed, .. }) = download(&world, &id, &["links"]) else {
        panic!("accepted");
    };
    assert_eq!((argument.as_str(), allowed), ("includes", texts(&["summary"])));
}

#[test]
fn a_mail_that_is_not_loaded_in_time_is_a_timeout_and_one_that_cannot_be_is_unavailable() {
    let (world, id) = world_with(|message| message.fetching(&["fetch_in_progress"]));
    world.set("call_timeout_ms", 60_000);
    let begin = world.now();
    let Err(Error::Timeout(why)) = download(&world, &id, &[]) else { panic!() };
    assert!(why.contains("call again"), "{why}");
    assert!((world.now() - begin).num_seconds() <= 60);
    assert!(!paths(&world).iter().any(|path| path.ends_with("/download")));

    let (world, id) = world_with(|message| message.fetching(&["fetch_in_progress", "broken_by_design"]));
    let Err(Error::Unavailable(why)) = download(&world, &id, &[]) else { panic!() };
    assert!(why.contains("broken_by_design"), "{why}");
}

#[test]
fn a_download_waits_for_budget_instead_of_losing_its_place() {
    let (world, id) = world_with(|m| m.fetching(&["fetch_in_progress", "fetch_in_progress", "fetched"]));
    world.set("ctr_calls_per_minute", 3);
    let begin = world.now();
    download(&world, &id, &[]).unwrap();
    assert_eq!(world.api_calls(), 5);
    assert!((world.now() - begin).num_seconds() >= 55, "two more calls have to wait for the minute's end");
}

#[test]
fn a_note_instead_of_a_mail_is_unsupported_and_names_the_reason() {
    let (world, id) = world_with(|message| message);
    world.vendor.borrow_mut().options().response.us_hosted = false;
    let Err(Error::Unsupported(why)) = download(&world, &id, &[]) else { panic!() };
    assert!(why.contains("US"), "{why}");
}

#[test]
fn what_is_no_mail_is_an_invalid_response_and_shows_nothing_of_it() {
    let text = "secret words ".repeat(200);
    for body in ["", "<html>secret words</html>", "{\"secret\": \"words\"}", &text] {
        let (world, id) = world_with(|message| message);
        let kind = sim::FaultKind::StatusBody(200, "text/plain".into(), body.into());
        always(&world, sim::Place::MailDownload, kind);
        match download(&world, &id, &[]) {
            Err(Error::InvalidResponse(why)) => assert!(!why.contains("secret"), "{why}"),
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[test]
fn a_page_in_place_of_the_first_step_ends_the_download_and_words_that_are_not_known_do_not() {
    for (kind, good) in [
        (sim::FaultKind::Html, false),
        (sim::FaultKind::WrongJson("{\"messageStatus\":".into()), false),
        (sim::FaultKind::Instead(200, "text/plain".into(), "Started".into()), true),
        (sim::FaultKind::Instead(204, "text/html".into(), String::new()), true),
    ] {
        let (world, id) = world_with(|message| message.mail("Subject: x\r\n\r\n").fetching(&["fetched"]));
        always(&world, sim::Place::MailFetch, kind.clone());
        match download(&world, &id, &[]) {
            Ok(_) => assert!(good, "{kind:?}"),
            Err(error) => {
                assert!(!good && matches!(error, Error::InvalidResponse(_)), "{kind:?}: {error}");
                assert_eq!(world.api_calls(), 1, "{kind:?}");
            }
        }
    }
}

#[test]
fn each_step_of_a_download_is_repeated_as_any_read_is() {
    for place in [sim::Place::MailFetch, sim::Place::MailFetchStatus, sim::Place::MailDownload] {
        let (world, id) = world_with(|message| message);
        once(&world, place.clone(), sim::FaultKind::Drop(sim::Cut::BeforeReply));
        download(&world, &id, &[]).unwrap_or_else(|error| panic!("{place:?}: {error}"));
    }
}
