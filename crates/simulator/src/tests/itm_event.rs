use base64ct::{Base64, Encoding};
use serde_json::{Value, json};

use super::itm::{API, SEARCH, Tenant, encoded, rows, statuses};
use crate::itm::{StateLayout, UnknownFqid, WorkflowStatus, fqid};
use crate::{MalformedKind, NullStyle, Ticket};

#[test]
fn an_event_has_its_fields_at_the_top_beside_the_status() {
    let mut tenant = Tenant::of(|at| Ticket::at(7, at));
    let event = tenant.event("");
    assert_eq!(event["_status"], json!({ "status": 200, "code": "it:error:none" }));
    assert_eq!(event["fqid"], tenant.fqid());
    assert_eq!((&event["contextId"], &event["partitionKey"]), (&json!("ctx-7"), &json!("p?7")));
    assert_eq!(event["incident"]["status"], "incident:status:new");
    assert_eq!(event["incident"]["severity"], "incident:severity:850:critical");
    assert_eq!(event["messages"][0]["recipients"][0]["email"], "partner7@example.net");
    assert_eq!(event["annotations"]["history"][0]["text"], "Status set to new");
    assert_eq!(event["event"]["ingestedAt"], "2026-05-28T20:25:40.000Z");
    let row = &rows(&tenant.post(SEARCH, json!({})))[0];
    let mut listed = event.clone();
    listed.as_object_mut().unwrap().remove("_status");
    assert_eq!(row, &listed);
}

#[test]
fn a_full_event_has_every_part_and_a_bare_one_none() {
    let parts = [
        "incident",
        "activity",
        "indicators",
        "resources",
        "messages",
        "user",
        "endpoint",
        "process",
        "processing",
        "annotations",
        "custom",
        "audit",
        "details",
    ];
    let full = Tenant::of(|at| Ticket::full(1, at)).event("");
    let mut bare = Tenant::of(|at| Ticket::bare(1, at));
    let omitted = bare.event("");
    bare.vendor.options().itm.null_style = NullStyle::Explicit;
    let explicit = bare.event("");
    for part in parts {
        assert!(!full[part].is_null(), "{part}");
        assert!(omitted.get(part).is_none(), "{part}");
        assert!(explicit.get(part).is_none_or(Value::is_null), "{part}");
    }
    assert_eq!(explicit.get("incident"), Some(&Value::Null));
}

#[test]
fn keys_can_be_added_taken_away_and_left_out_of_links() {
    let mut tenant = Tenant::of(|at| Ticket::at(1, at));
    let fqid = tenant.fqid();
    tenant.vendor.change_ticket(&fqid, |ticket| {
        ticket.extra.insert("newFeature".into(), json!([1]));
        ticket.extra.insert("event".into(), Value::Null);
    });
    tenant.vendor.options().itm.timeline_keys = false;
    let event = tenant.event("");
    assert_eq!(event["newFeature"], json!([1]));
    for key in ["event", "contextId", "partitionKey"] {
        assert!(event.get(key).is_none(), "{key}");
    }
}

#[test]
fn an_fqid_is_base64_with_all_its_odd_letters_and_one_segment() {
    let mut tenant = Tenant::holding(12);
    let fqids = tenant.vendor.visible_fqids();
    for letter in ['/', '+', '='] {
        assert!(fqids.iter().any(|fqid| fqid.contains(letter)), "{letter}");
    }
    let ticket = tenant.vendor.ticket(&fqids[0]).unwrap();
    let decoded = Base64::decode_vec(&fqids[0]).unwrap();
    assert_eq!(decoded, format!("oitroot-op1-activity-events#p?1#{}", ticket.id).into_bytes());
    assert_eq!(fqid("p?1", &ticket.id), fqids[0]);
    for fqid in &fqids {
        let whole = tenant.get(&format!("{API}/activity/events/{}", encoded(fqid)));
        assert_eq!(whole.json()["fqid"], *fqid);
        let raw = tenant.get(&format!("{API}/activity/events/{fqid}"));
        assert_eq!(raw.status, if fqid.contains('/') { 404 } else { 200 });
    }
}

#[test]
fn an_fqid_that_is_not_encoded_leads_elsewhere() {
    let mut tenant = Tenant::new();
    let users = tenant.get(&format!("{API}/activity/events/../../auth/users"));
    assert_eq!(users.json()["data"], json!([]));
    let encoded = tenant.get(&format!("{API}/activity/events/..%2F..%2Fauth%2Fusers"));
    assert_eq!(statuses(&encoded), (404, json!(404)));
}

#[test]
fn an_unknown_fqid_is_404_or_hides_it_in_a_200() {
    let cases = [
        (UnknownFqid::Status404, (404, json!(404))),
        (UnknownFqid::Inner404, (200, json!(404))),
        (UnknownFqid::Inner400, (200, json!(400))),
    ];
    for (switch, expected) in cases {
        let mut tenant = Tenant::with(|options| options.unknown_fqid = switch);
        let reply = tenant.get(&format!("{API}/activity/events/nobody"));
        assert_eq!(statuses(&reply), expected);
        assert!(reply.json()["_status"]["message"].is_string());
    }
}

#[test]
fn the_workflow_state_is_nested_or_flat() {
    let mut tenant = Tenant::of(|at| Ticket::at(1, at));
    let new = WorkflowStatus::NEW;
    assert_eq!(
        tenant.event("")["annotations"]["workflow"]["state"],
        json!({ "disposition": {
            "status": { "id": new.id, "alias": "New" },
            "category": "it:workflow:disposition:category:open:new",
        } })
    );
    tenant.vendor.options().itm.state_layout = StateLayout::Flat;
    let state = json!({ "status": "incident:status:new" });
    assert_eq!(tenant.event("")["annotations"]["workflow"]["state"], state);
    assert_eq!(rows(&tenant.post(SEARCH, json!({})))[0]["annotations"]["workflow"]["state"], state);
}

#[test]
fn notes_tell_who_and_when_or_only_what() {
    let mut tenant = Tenant::of(|at| Ticket::full(1, at));
    let comment = tenant.event("")["annotations"]["comments"][0].clone();
    assert_eq!((&comment["text"], &comment["author"]["name"]), (&json!("Looked at"), &json!("Ines Moreau")));
    assert!(comment["createdAt"].is_string() && comment["id"].is_string());
    tenant.vendor.options().itm.note_details = false;
    assert_eq!(tenant.event("")["annotations"]["comments"], json!([{ "text": "Looked at" }]));
}

#[test]
fn a_row_can_be_malformed_in_each_way() {
    let row = |kind| {
        Tenant::of(|at| Ticket::at(1, at).malformed(kind)).post(SEARCH, json!({})).json()["data"][0].clone()
    };
    let bad = row(MalformedKind::BadCreatedAt);
    assert!(bad["event"]["ingestedAt"].as_str().unwrap().contains("yesterday"));
    assert!(row(MalformedKind::MissingCreatedAt)["event"].get("ingestedAt").is_none());
    let nameless = row(MalformedKind::MissingId);
    assert!(nameless.get("fqid").is_none() && nameless.get("id").is_none());
    assert!(row(MalformedKind::NotAnObject).is_string());
    let wrong = row(MalformedKind::WrongTypes);
    assert!(wrong["fqid"].is_string() && wrong["user"].is_array() && wrong["messages"].is_object());
}

#[test]
fn a_changed_or_removed_ticket_shows_as_such() {
    let mut tenant = Tenant::holding(2);
    let fqids = tenant.vendor.visible_fqids();
    tenant.found(json!({ "$and": [] }));
    tenant.vendor.change_ticket(&fqids[0], |ticket| ticket.tags.push("t-1".into()));
    assert_eq!(rows(&tenant.post(SEARCH, json!({})))[0]["annotations"]["tags"], json!([{ "id": "t-1" }]));
    assert_eq!(tenant.vendor.remove_ticket(&fqids[0]).unwrap().number, 1);
    assert_eq!(tenant.found(json!({ "$and": [] })), [2]);
    tenant.vendor.add_ticket(Ticket::at(2, tenant.ago(1)));
    assert_eq!(tenant.vendor.tickets().count(), 1, "the same fqid replaces the former");
}
