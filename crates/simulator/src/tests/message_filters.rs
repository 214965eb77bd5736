use serde_json::{Value, json};

use super::{Bench, MESSAGES, at};
use crate::{Incident, Message, MessageTime, TapThreat, UnknownValues};

/// Six messages: 1 from TAP with a threat, 2 read, 3 with clicks, 4 phish with a verdict, 5 reported by its
/// recipient, 6 remediated and outside of incidents.
fn assorted() -> Bench {
    let mut bench = Bench::new();
    let now = bench.vendor.now();
    let threat = TapThreat {
        tap_id: "ab".repeat(32),
        kind: "delivered_url_threat".into(),
        value: "https://x.test/".into(),
    };
    let undecided =
        |n| Message { verdict: None, confidence: None, delivered: false, read: None, ..Message::at(n, now) };
    let messages = vec![
        Message { sources: vec!["tap_alert".into()], threats: vec![threat], ..undecided(1) },
        Message { delivered: true, read: Some(true), ..undecided(2) },
        Message { delivered: true, read: Some(false), permitted_clicks: 3, ..undecided(3) },
        Message {
            disposition: "phish".into(),
            verdict: Some("threat".into()),
            confidence: Some("low".into()),
            ..undecided(4)
        },
        Message { reporter: true, ..undecided(5) },
    ];
    bench.vendor.add_incident(Incident { messages, ..Incident::at(1, now) });
    let sources = vec!["mail_bomb".into()];
    let remediation_status = Some("quarantine_pending".into());
    bench.vendor.add_message(Message { sources, remediation_status, ..undecided(6) });
    bench
}

/// Numbers of the messages that these filters find.
fn found(bench: &mut Bench, filters: &Value) -> Vec<u64> {
    let reply = bench.post(MESSAGES, json!({ "filters": filters }));
    assert_eq!(reply.status, 200, "{:?}", reply.json());
    let number = |row: &Value| row["email_subject"].as_str()?.strip_prefix("Invoice ")?.parse().ok();
    let rows = reply.json()["messages"].as_array().unwrap().clone();
    let mut numbers: Vec<u64> = rows.iter().map(|row| number(row).unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

#[test]
fn every_key_filters_by_its_own_field() {
    let mut bench = assorted();
    let cases = [
        (json!({ "message_id_filters": ["<2@mail.example.net>", "<9@mail.example.net>"] }), vec![2]),
        (json!({ "message_id_filters": ["2@mail.example.net"] }), vec![]),
        (json!({ "recipient_address_filters": ["USER3@example.com"] }), vec![3]),
        (json!({ "recipient_address_filters": ["example.com"] }), vec![]),
        (json!({ "sender_address_filters": ["sender4@example.net"] }), vec![4]),
        (json!({ "subject_filters": ["voice 5", "nothing"] }), vec![5]),
        (json!({ "subject_filters": ["INVOICE"] }), vec![1, 2, 3, 4, 5, 6]),
        (json!({ "source_filters": ["tap"] }), vec![1]),
        (json!({ "source_filters": ["abuse_mailbox"] }), vec![2, 3, 4, 5]),
        (json!({ "source_filters": ["mail_bomb"] }), vec![6]),
        (json!({ "other_filters": ["reporter"] }), vec![5]),
        (json!({ "verdict_filters": ["verdict_threat"] }), vec![4]),
        (json!({ "confidence_filters": ["confidence_low"] }), vec![4]),
        (json!({ "disposition_filters": ["phish"] }), vec![4]),
        (json!({ "status_filters": ["message_delivered"] }), vec![2, 3]),
        (json!({ "status_filters": ["message_read"] }), vec![2]),
        (json!({ "status_filters": ["message_unread"] }), vec![3]),
        (json!({ "status_filters": ["permitted_click"] }), vec![3]),
        (json!({ "quarantine_filters": ["quarantine_pending"] }), vec![6]),
        (json!({ "tap_threat_filters": ["ab".repeat(32)] }), vec![1]),
        (json!({ "tap_threat_type_filters": ["tap_threat_type_delivered_url_threat"] }), vec![1]),
        (json!({ "tap_threat_type_filters": ["tap_threat_type_unprotected_url_threat"] }), vec![]),
    ];
    for (filters, expected) in cases {
        assert_eq!(found(&mut bench, &filters), expected, "{filters}");
    }
}

#[test]
fn values_are_alternatives_and_keys_restrict_each_other() {
    let mut bench = assorted();
    let either = json!({ "status_filters": ["message_read", "permitted_click"] });
    assert_eq!(found(&mut bench, &either), [2, 3]);
    let both = json!({ "status_filters": ["message_delivered"], "subject_filters": ["Invoice 3"] });
    assert_eq!(found(&mut bench, &both), [3]);
}

#[test]
fn a_row_may_lack_the_prefix_that_its_remediation_is_filtered_by() {
    let mut bench = assorted();
    let id = Message::at(6, bench.vendor.now()).id;
    for (row, filter) in [
        ("mailbox_not_found", "quarantine_mailbox_not_found"),
        ("quarantine_mailbox_not_found", "quarantine_mailbox_not_found"),
        ("dl_resolved", "dl_resolved"),
        ("restore_failed_throttled", "restore_failed_throttled"),
    ] {
        bench.vendor.change_message(&id, |message| message.remediation_status = Some(row.into()));
        assert_eq!(found(&mut bench, &json!({ "quarantine_filters": [filter] })), [6], "{row}");
    }
    let other = json!({ "quarantine_filters": ["quarantine_failed_throttled"] });
    assert!(found(&mut bench, &other).is_empty());
}

#[test]
fn keys_that_others_send_are_ignored_without_a_word() {
    let mut bench = assorted();
    for key in [
        "rfc_message_id_filters",
        "recipient_filters",
        "sender_filters",
        "subject_filter",
        "disposition",
        "priority_filters",
        "incident_id_filters",
    ] {
        assert_eq!(found(&mut bench, &json!({ (key): ["high"] })).len(), 6, "{key}");
    }
}

#[test]
fn what_only_messages_know_does_not_filter_incidents() {
    let mut bench = assorted();
    for filters in [
        json!({ "source_filters": ["mail_bomb"] }),
        json!({ "other_filters": ["reporter"] }),
        json!({ "message_id_filters": ["<9@x.test>"] }),
    ] {
        assert_eq!(bench.found(filters.clone()), [1], "{filters}");
    }
}

#[test]
fn an_unknown_value_is_ignored_or_matches_nothing() {
    let mut bench = assorted();
    let unknown = [
        json!({ "status_filters": ["read"] }),
        json!({ "quarantine_filters": ["mailbox_not_found"] }),
        json!({ "tap_threat_type_filters": ["delivered_url_threat"] }),
        json!({ "other_filters": ["open_incidents"] }),
    ];
    for filters in &unknown {
        assert_eq!(found(&mut bench, filters).len(), 6, "{filters}");
    }
    bench.vendor.options().unknown_values = UnknownValues::MatchNothing;
    for filters in &unknown {
        assert!(found(&mut bench, filters).is_empty(), "{filters}");
    }
}

#[test]
fn one_key_alone_can_be_without_effect() {
    let mut bench = assorted();
    let filters = json!({
        "time_range_filter": { "start": "2020-01-01 00:00:00", "end": "2020-01-02 00:00:00" },
        "subject_filters": ["Invoice 3"],
        "status_filters": ["message_delivered"],
    });
    assert!(found(&mut bench, &filters).is_empty());
    bench.vendor.options().ignored_filters = vec!["time_range_filter".into()];
    assert_eq!(found(&mut bench, &filters), [3]);
    bench.vendor.options().ignored_filters.push("subject_filters".into());
    assert_eq!(found(&mut bench, &filters), [2, 3]);
    bench.vendor.options().honour_filters = false;
    assert_eq!(found(&mut bench, &filters).len(), 6);
}

#[test]
fn which_time_a_time_filter_goes_by_can_be_switched() {
    let mut bench = Bench::new();
    let early = at("2026-05-20T10:00:00Z");
    let late = at("2026-05-20T12:00:00Z");
    bench.vendor.add_message(Message { received_at: early, ..Message::at(1, late) });
    let around = |time: &str| {
        json!({ "time_range_filter": {
            "start": format!("2026-05-20 {time}:00"),
            "end": format!("2026-05-20 {time}:30"),
        }})
    };
    assert_eq!(found(&mut bench, &around("12:00")), [1]);
    assert!(found(&mut bench, &around("10:00")).is_empty());
    bench.vendor.options().response.message_time = MessageTime::ReceivedAt;
    assert_eq!(found(&mut bench, &around("10:00")), [1]);
    assert!(found(&mut bench, &around("12:00")).is_empty());
}

#[test]
fn a_list_that_is_not_one_of_texts_is_refused() {
    let mut bench = Bench::new();
    for filters in [json!({ "subject_filters": "a" }), json!({ "other_filters": [1] }), json!([])] {
        assert_eq!(bench.post(MESSAGES, json!({ "filters": filters })).status, 400, "{filters}");
    }
}
