use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Bench, MESSAGES, SEARCH, at, message};
use crate::{Incident, Message, MessageShape, NullStyle, Options, TapThreat};

/// A message from Targeted Attack Protection, in an incident.
fn bench(set: impl FnOnce(&mut Options)) -> Bench {
    let mut bench = Bench::with(set);
    let created_at = at("2026-05-06T12:15:45.853Z");
    let copy = Message {
        received_at: at("2026-05-06T00:19:00Z"),
        verdict: None,
        confidence: None,
        remediation_status: Some("mailbox_not_found".into()),
        threats: vec![TapThreat {
            tap_id: "ab".repeat(32),
            kind: "delivered_url_threat".into(),
            value: "https://pay.example.net/".into(),
        }],
        ..Message::at(1, created_at)
    };
    bench.vendor.add_incident(Incident {
        messages: vec![copy, Message::at(2, created_at)],
        sources: vec!["tap_alert".into()],
        ..Incident::at(7, created_at)
    });
    bench
}

fn id(n: u64) -> String {
    Message::at(n, at("2026-05-06T00:00:00Z")).id
}

fn first_row(style: NullStyle) -> Value {
    let mut bench = bench(|options| options.null_style = style);
    let body = json!({ "filters": { "message_id_filters": ["<1@mail.example.net>"] } });
    let reply = bench.post(MESSAGES, body).json();
    assert_eq!(reply["total"], 1);
    reply["messages"][0].clone()
}

#[test]
fn rows_are_in_snake_case_with_islands_of_camel_case() {
    let row = first_row(NullStyle::Explicit);
    assert_eq!((&row["id"], &row["email_recipient_id"]), (&json!(id(1)), &json!(id(1))));
    assert_eq!(
        (&row["message_id"], &row["email_subject"]),
        (&json!("<1@mail.example.net>"), &json!("Invoice 1"))
    );
    assert_eq!(row["sender_address"], "sender1@example.net");
    assert_eq!(row["recipient_address"], "user1@example.com");
    assert_eq!((&row["disposition"], &row["clear_verdict"]), (&json!("low_risk"), &Value::Null));
    assert_eq!(row["remediation_status"], "mailbox_not_found");
    assert_eq!(row["abuse_reporter_rank"], "not_a_reporter");
    let status = json!({ "is_read": false, "message_delivered": true, "permitted_clicks": 0 });
    assert_eq!(row["message_status"], status);
    assert_eq!(row["sources"][0]["type"], "TapAlert");
    assert_eq!(row["incidents"][0]["display_id"], 7);
    assert_eq!(row["incidents"][0]["link_attribute"], Value::Null);
    assert_eq!(row["tap_threat_types"], json!(["delivered_url_threat"]));
    assert_eq!(row["tapThreats"][0]["tapId"], "ab".repeat(32));
    assert_eq!(row["urls"][0]["url"], "https://pay.example.net/invoice/1");
    assert_eq!(row["urls"][0]["emailId"], row["email_id"]);
    assert_eq!((&row["body_present"], &row["mime_content_present"]), (&json!(false), &json!(false)));
}

#[test]
fn rows_tell_the_time_of_the_record_without_a_zone_and_that_of_the_mail_with_one() {
    let row = first_row(NullStyle::Explicit);
    assert_eq!(row["created_at"], "2026-05-06T12:15:45.853");
    assert_eq!(row["updated_at"], "2026-05-06T12:15:45.853");
    assert_eq!(row["received_time"], "2026-05-06T12:15:45.853+00:00");
    assert_eq!(row["received_at"], "2026-05-06T00:19:00.000+00:00");
}

#[test]
fn the_older_style_has_neither_nulls_nor_islands() {
    let row = first_row(NullStyle::Omit);
    assert!(row.as_object().unwrap().values().all(|value| !value.is_null()), "{row}");
    assert!(row.get("urls").is_none() && row.get("tapThreats").is_none());
    assert_eq!(row["vip"], false);

    let row = first_row(NullStyle::Explicit);
    for key in [
        "clear_verdict",
        "clear_confidence",
        "remediation_status_context",
        "quarantine_strategy",
        "body_expired",
        "mime_content_expired",
        "email_message_size",
        "click_block_exclusive",
        "tapCampaigns",
        "attachments",
    ] {
        assert_eq!(row.get(key), Some(&Value::Null), "{key}");
    }
    assert!(row.get("vip").is_none());
}

#[test]
fn copies_of_a_mail_share_its_id_and_its_sender() {
    let mut bench = Bench::new();
    let now = bench.vendor.now();
    let copy =
        |n| Message { rfc_message_id: "<a@b>".into(), sender: "s@x.test".into(), ..Message::at(n, now) };
    bench.vendor.add_message(copy(1));
    bench.vendor.add_message(copy(2));
    bench.vendor.add_message(Message::at(3, now));
    let rows = bench.post(MESSAGES, json!({})).json()["messages"].clone();
    let row = |n: u64| rows.as_array().unwrap().iter().find(|row| row["id"] == id(n)).unwrap();
    for key in ["email_id", "sender_id", "pps_guid"] {
        assert_eq!(row(1)[key], row(2)[key]);
        assert_ne!(row(1)[key], row(3)[key]);
    }
}

#[test]
fn a_message_in_two_incidents_is_one_row_that_names_both() {
    let mut bench = bench(|_| {});
    let created_at = at("2026-05-06T12:15:45.853Z");
    let messages = vec![Message::at(9, created_at), Message::at(1, created_at)];
    bench.vendor.add_incident(Incident { messages, ..Incident::at(8, created_at) });
    let body = json!({ "filters": { "message_id_filters": ["<1@mail.example.net>"] } });
    let reply = bench.post(MESSAGES, body).json();
    assert_eq!(reply["total"], 1);
    let incidents = &reply["messages"][0]["incidents"];
    assert_eq!((&incidents[0]["display_id"], &incidents[1]["display_id"]), (&json!(7), &json!(8)));
    assert_eq!(incidents[1]["link_attribute"], "sender_and_url");
}

#[test]
fn one_message_has_three_shapes() {
    let mut bench = bench(|_| {});
    let path = format!("{MESSAGES}/{}", id(1));
    let nested = bench.get(&path).json();
    assert_eq!((&nested["timeline"], &nested["comments"]), (&json!([]), &json!([])));
    let details = &nested["details"];
    assert_eq!(details["emailSubject"], "Invoice 1");
    assert_eq!(
        (&details["createdAt"], &details["receivedAt"]),
        (&json!(1_778_069_745_853_u64), &json!(1_778_026_740_000_u64))
    );
    assert_eq!(details["messageStatus"]["permittedClicks"], 0);
    assert_eq!(details["incidents"][0]["displayId"], 7);

    bench.vendor.options().response.message_shape = MessageShape::SnakeCase;
    assert_eq!(bench.get(&path).json(), first_row(NullStyle::Explicit));

    bench.vendor.options().response.message_shape = MessageShape::CamelCase;
    let flat = bench.get(&path).json();
    assert_eq!(flat["remediationStatus"], "mailbox_not_found");
    assert_eq!(flat["createdAt"], "2026-05-06T12:15:45.853+00:00");
    let incident = bench.vendor.visible_ids().remove(0);
    let rows = bench.post(&format!("{SEARCH}/{incident}/messages"), json!({})).json()["messages"].clone();
    assert!(rows.as_array().unwrap().contains(&flat), "as in the incident");
}

#[test]
fn a_message_is_known_as_soon_as_its_incident() {
    let mut bench = bench(|_| {});
    let now = bench.vendor.now();
    let hidden = Incident { messages: vec![Message::at(5, now)], ..Incident::at(9, now) };
    bench.vendor.add_incident(hidden.visible(now + TimeDelta::minutes(30)));
    for unknown in [id(5), id(6), "nobody".into()] {
        let reply = bench.get(&format!("{MESSAGES}/{unknown}"));
        assert_eq!((reply.status, message(&reply).as_str()), (404, "Message not found."));
    }
    assert_eq!(bench.post(MESSAGES, json!({})).json()["total"], 2);
    bench.vendor.advance(Duration::from_secs(1800));
    assert_eq!(bench.get(&format!("{MESSAGES}/{}", id(5))).status, 200);
    assert_eq!(bench.vendor.messages().count(), 3);
}
