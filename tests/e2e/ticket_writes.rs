//! Changing a ticket: what happens at the vendor, and never twice.

use std::time::Duration;

use chrono::TimeDelta;
use proofpoint_host::GuestError;
use proofpoint_simulator::itm::{FlatWorkflow, StateLayout, UnknownFqid, User, WorkflowStatus, WriteReply};
use proofpoint_simulator::{Cut, Fault, FaultKind, Matcher, Options, Place};
use proofpoint_tests::{World, case, event_path, fqid, refused};
use serde_json::{Value, json};

const WRITES: [&str; 4] = [
    "tickets.ticket-assign-owner",
    "tickets.ticket-set-status",
    "tickets.ticket-add-comment",
    "tickets.ticket-add-tag",
];

/// Those of which reading the ticket tells whether they happened.
const READABLE: [&str; 2] = ["tickets.ticket-assign-owner", "tickets.ticket-set-status"];

async fn scene(configure: impl FnOnce(&mut Options)) -> World {
    let world = World::with(configure).await;
    world.add_ticket(1, TimeDelta::minutes(5), |_| {});
    for user in [
        User::named("Ines", "Moreau"),
        User::named("Jonas", "Weber"),
        User::named("Jonas", "Keller"),
        User::named("Lars", "Holm").status("inactive"),
    ] {
        world.vendor().add_user(user);
    }
    world
}

fn ines() -> String {
    User::named("Ines", "Moreau").id
}

fn status(slug: &str) -> &'static str {
    WorkflowStatus::of_slug(slug).unwrap().id
}

/// What each write is called with.
fn parameters(function: &str) -> Value {
    let fqid = fqid(1);
    match function {
        "tickets.ticket-assign-owner" => json!({ "fqid": fqid, "assignee": ines() }),
        "tickets.ticket-set-status" => {
            json!({ "fqid": fqid, "change": { "status-id": status("resolved") } })
        }
        "tickets.ticket-add-comment" => json!({ "fqid": fqid, "text": "looked at it" }),
        _ => json!({ "fqid": fqid, "tag": "tag-9" }),
    }
}

async fn write(world: &mut World, function: &str) -> Result<Value, GuestError> {
    world.call(function, parameters(function)).await
}

fn fault(world: &World, kind: FaultKind) {
    world.vendor().fault(Fault::always(Matcher::place(Place::ItmWrite), kind));
}

/// Whether the vendor did what the write asks for.
fn happened(world: &World, function: &str) -> bool {
    let vendor = world.vendor();
    let ticket = vendor.ticket(&fqid(1)).unwrap();
    let workflow = ticket.workflow.as_ref().unwrap();
    match function {
        "tickets.ticket-assign-owner" => workflow.assignee.as_ref().is_some_and(|(id, _)| *id == ines()),
        "tickets.ticket-set-status" => workflow.status_id == status("resolved"),
        "tickets.ticket-add-comment" => ticket.comments.len() == 2,
        _ => ticket.tags.contains(&"tag-9".to_owned()),
    }
}

/// Methods of the calls, and that all are about the ticket.
fn methods(world: &World) -> Vec<String> {
    let api = world.api();
    assert!(api.iter().all(|call| call.path.starts_with(&event_path(&fqid(1)))), "{api:#?}");
    api.into_iter().map(|call| call.request.method).collect()
}

fn method(function: &str) -> &'static str {
    match function {
        "tickets.ticket-assign-owner" => "PUT",
        "tickets.ticket-add-comment" => "POST",
        _ => "PATCH",
    }
}

#[tokio::test]
async fn a_write_is_done_whatever_it_is_answered_with() {
    for reply in [WriteReply::Event, WriteReply::StatusOnly, WriteReply::Empty, WriteReply::NoContent] {
        for code in [200, 201] {
            for function in WRITES {
                let mut world = scene(|options| {
                    options.itm.write_reply = reply;
                    options.itm.write_status = code;
                })
                .await;
                let assignee = (function == "tickets.ticket-assign-owner").then(ines);
                let receipt = write(&mut world, function).await.unwrap();
                let expected = json!({
                    "fqid": fqid(1), "assignee-id": assignee, "confirmed-by-reading": false,
                });
                assert_eq!(receipt, expected, "{function} {reply:?} {code}");
                assert!(happened(&world, function), "{function} {reply:?} {code}");
                assert_eq!(methods(&world), [method(function)], "{function} {reply:?} {code}");
            }
        }
    }
}

#[tokio::test]
async fn a_comment_is_stored_without_an_alias() {
    let mut world = scene(|_| {}).await;
    write(&mut world, "tickets.ticket-add-comment").await.unwrap();
    let vendor = world.vendor();
    let comment = vendor.ticket(&fqid(1)).unwrap().comments.last().unwrap();
    assert_eq!((comment.text.as_str(), comment.kind.as_deref()), ("looked at it", Some("it:comment:note")));
    assert_eq!(comment.alias, None);
}

#[tokio::test]
async fn a_status_alone_changes_neither_owner_nor_starts_a_remediation() {
    let mut world = scene(|_| {}).await;
    write(&mut world, "tickets.ticket-assign-owner").await.unwrap();
    write(&mut world, "tickets.ticket-set-status").await.unwrap();
    let vendor = world.vendor();
    let ticket = vendor.ticket(&fqid(1)).unwrap();
    assert_eq!(ticket.workflow.as_ref().unwrap().assignee.as_ref().unwrap().0, ines());
    assert_eq!(ticket.incident.as_ref().unwrap().remediations, Vec::<String>::new());
    assert_eq!(ticket.incident.as_ref().unwrap().status.as_deref(), Some("incident:status:resolved"));
}

#[tokio::test]
async fn a_remediation_is_started_only_where_it_is_asked_for_by_name() {
    let mut world = scene(|_| {}).await;
    for (action, expected) in [("quarantine", 1), ("uim:incident:remediation:ours", 2)] {
        let change = json!({ "status-id": status("escalated"), "remediation-actions": [action] });
        world.call("tickets.ticket-set-status", json!({ "fqid": fqid(1), "change": change })).await.unwrap();
        let vendor = world.vendor();
        let incident = vendor.ticket(&fqid(1)).unwrap().incident.clone().unwrap();
        assert_eq!(incident.remediations.len(), expected, "{incident:?}");
    }
}

#[tokio::test]
async fn a_tenants_own_status_has_a_slug_for_an_id() {
    let mut world = scene(|_| {}).await;
    let id = status("approved-by-manager");
    assert!(id.starts_with("it-activity"));
    let change = json!({ "status-id": id, "category": "it:workflow:disposition:category:closed:approved" });
    world.call("tickets.ticket-set-status", json!({ "fqid": fqid(1), "change": change })).await.unwrap();
    let ticket = world.ticket(&fqid(1), &[]).await.unwrap();
    assert_eq!(
        (&ticket["workflow"]["status-id"], &ticket["status"]),
        (&json!(id), &json!("approved-by-manager"))
    );
    assert_eq!(ticket["workflow"]["category"], "closed:approved");
}

#[tokio::test]
async fn an_owner_is_found_by_name_or_address_and_never_guessed() {
    for name in ["ines.moreau@example.com", "INES.Moreau@Example.com", "Ines Moreau", "moreau", "ines"] {
        let mut world = scene(|_| {}).await;
        let parameters = json!({ "fqid": fqid(1), "assignee": name });
        let receipt = world.call("tickets.ticket-assign-owner", parameters).await.unwrap();
        assert_eq!(receipt["assignee-id"], ines(), "{name}");
        assert!(happened(&world, "tickets.ticket-assign-owner"), "{name}");
    }
    let mut world = scene(|_| {}).await;
    for (name, candidates) in
        [("Jonas", 2), ("nobody@example.com", 0), ("Lars Holm", 0), ("lars.holm@example.com", 0)]
    {
        for (function, parameters) in [
            ("tickets.ticket-assign-owner", json!({ "fqid": fqid(1), "assignee": name })),
            (
                "tickets.ticket-set-status",
                json!({ "fqid": fqid(1), "change": { "status-id": status("resolved"), "assignee": name } }),
            ),
        ] {
            let (argument, allowed) = refused(world.call(function, parameters).await);
            assert_eq!((argument.as_str(), allowed.len()), ("assignee", candidates), "{function} {name}");
        }
    }
    assert!(world.api().iter().all(|call| call.method == "GET"), "nothing was written");
}

#[tokio::test]
async fn an_id_is_taken_as_it_is_also_where_it_looks_like_a_name() {
    let mut world = scene(|_| {}).await;
    world.vendor().add_user(User { id: "admin-7".into(), ..User::named("A", "B") });
    let parameters = json!({ "fqid": fqid(1), "assignee": "id:admin-7" });
    let receipt = world.call("tickets.ticket-assign-owner", parameters).await.unwrap();
    assert_eq!((&receipt["assignee-id"], world.only_body()), (&json!("admin-7"), json!({ "id": "admin-7" })));
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_confirmed_by_reading_once() {
    for function in READABLE {
        for kind in
            [FaultKind::Drop(Cut::BeforeReply), FaultKind::Drop(Cut::InBody(10)), FaultKind::Truncate(10)]
        {
            let mut world = scene(|_| {}).await;
            fault(&world, kind.clone());
            let receipt = write(&mut world, function).await.unwrap();
            assert_eq!(receipt["confirmed-by-reading"], true, "{function} {kind:?}");
            assert_eq!(methods(&world), [method(function), "GET"], "{function} {kind:?}");
            assert_eq!(world.counts().1, 1, "{function} {kind:?}");
        }
    }
}

#[tokio::test]
async fn a_write_that_was_done_too_late_is_confirmed_by_reading() {
    for function in READABLE {
        let mut world = scene(|_| {}).await;
        world.set("request_timeout_ms", "1500");
        fault(&world, FaultKind::Delay(Duration::from_secs(20)));
        assert_eq!(write(&mut world, function).await.unwrap()["confirmed-by-reading"], true, "{function}");
        assert_eq!(methods(&world), [method(function), "GET"], "{function}");
    }
}

/// What leaves a write's outcome open although nothing was done.
fn broken() -> Vec<FaultKind> {
    vec![
        FaultKind::Status(500),
        FaultKind::Status(503),
        FaultKind::HtmlStatus(502),
        FaultKind::Html,
        FaultKind::Drop(Cut::BeforeRequest),
        FaultKind::WrongJson("[]".into()),
        FaultKind::WrongJson("{\"_status\":".into()),
        FaultKind::Redirect("/elsewhere".into()),
        FaultKind::EnvelopeStatus { status: 500, code: "it:error:internal".into(), message: "broke".into() },
    ]
}

#[tokio::test]
async fn a_write_that_reading_does_not_show_stays_open() {
    for function in READABLE {
        for kind in broken() {
            let mut world = scene(|_| {}).await;
            fault(&world, kind.clone());
            let answer = write(&mut world, function).await;
            assert_eq!(case(&answer), "outcome-unknown", "{function} {kind:?}");
            assert_eq!(methods(&world), [method(function), "GET"], "{function} {kind:?}");
            let message = answer.unwrap_err().message().to_owned();
            assert!(message.contains("read once since and did not show"), "{message}");
        }
    }
}

#[tokio::test]
async fn a_comment_and_a_tag_stay_open_without_being_read() {
    for function in ["tickets.ticket-add-comment", "tickets.ticket-add-tag"] {
        let lost =
            [FaultKind::Drop(Cut::BeforeReply), FaultKind::Drop(Cut::InBody(10)), FaultKind::Truncate(10)];
        for kind in broken().into_iter().chain(lost) {
            let mut world = scene(|_| {}).await;
            fault(&world, kind.clone());
            let answer = write(&mut world, function).await;
            assert_eq!(case(&answer), "outcome-unknown", "{function} {kind:?}");
            assert_eq!(methods(&world), [method(function)], "{function} {kind:?}");
            assert!(!answer.unwrap_err().to_string().contains("looked at it"), "{function} {kind:?}");
        }
        let mut world = scene(|_| {}).await;
        world.set("request_timeout_ms", "1500");
        fault(&world, FaultKind::Delay(Duration::from_secs(20)));
        assert_eq!(case(&write(&mut world, function).await), "outcome-unknown", "{function}");
        assert_eq!(methods(&world), [method(function)], "{function}");
    }
}

#[tokio::test]
async fn a_lost_answer_stays_open_where_the_ticket_cannot_be_read() {
    for function in READABLE {
        for kind in [FaultKind::Html, FaultKind::Status(404), FaultKind::Status(403), FaultKind::Empty(200)] {
            let mut world = scene(|_| {}).await;
            fault(&world, FaultKind::Drop(Cut::BeforeReply));
            world.vendor().fault(Fault::always(Matcher::place(Place::ItmEvent), kind.clone()));
            let answer = write(&mut world, function).await;
            assert_eq!(case(&answer), "outcome-unknown", "{function} {kind:?}");
            assert_eq!(methods(&world), [method(function), "GET"], "{function} {kind:?}");
        }
    }
}

#[tokio::test]
async fn a_lost_answer_about_a_remediation_stays_open() {
    let mut world = scene(|_| {}).await;
    fault(&world, FaultKind::Drop(Cut::BeforeReply));
    let change = json!({ "status-id": status("resolved"), "remediation-actions": ["quarantine"] });
    let answer = world.call("tickets.ticket-set-status", json!({ "fqid": fqid(1), "change": change })).await;
    assert_eq!(case(&answer), "outcome-unknown");
    assert_eq!(methods(&world), ["PATCH"]);
}

#[tokio::test]
async fn a_lost_answer_is_not_confirmed_by_half_of_what_was_wished() {
    let mut world = scene(|_| {}).await;
    write(&mut world, "tickets.ticket-set-status").await.unwrap();
    world.vendor().clear_requests();
    fault(&world, FaultKind::Drop(Cut::BeforeRequest));
    let change = json!({ "status-id": status("resolved"), "assignee": ines() });
    let answer = world.call("tickets.ticket-set-status", json!({ "fqid": fqid(1), "change": change })).await;
    assert_eq!(case(&answer), "outcome-unknown");
    assert_eq!(methods(&world), ["PATCH", "GET"]);
}

#[tokio::test]
async fn an_owner_is_confirmed_in_both_layouts_and_a_status_only_where_its_id_is_told() {
    for (function, expected) in [(READABLE[0], None), (READABLE[1], Some("outcome-unknown"))] {
        let mut world = scene(|options| options.itm.state_layout = StateLayout::Flat).await;
        fault(&world, FaultKind::Drop(Cut::BeforeReply));
        let answer = write(&mut world, function).await;
        assert_eq!(answer.as_ref().err().map(GuestError::case), expected, "{function}");
        assert_eq!(methods(&world), [method(function), "GET"], "{function}");
    }
}

#[tokio::test]
async fn the_older_body_is_never_sent_whatever_the_service_makes_of_it() {
    for flat in [FlatWorkflow::Reject, FlatWorkflow::Accept, FlatWorkflow::Ignore] {
        let mut world = scene(|options| options.itm.flat_workflow = flat).await;
        write(&mut world, "tickets.ticket-set-status").await.unwrap();
        assert!(world.only_body()["state"]["status"].is_null(), "{flat:?}");
        assert!(happened(&world, "tickets.ticket-set-status"), "{flat:?}");
    }
}

#[tokio::test]
async fn a_write_that_was_certainly_refused_is_an_error_and_sent_once() {
    for (kind, expected) in [
        (FaultKind::Status(400), "rejected"),
        (FaultKind::Status(403), "forbidden"),
        (FaultKind::Status(404), "not-found"),
        (FaultKind::Status(409), "rejected"),
        (
            FaultKind::EnvelopeStatus { status: 400, code: "it:error:x".into(), message: "no".into() },
            "rejected",
        ),
        (
            FaultKind::EnvelopeStatus { status: 404, code: "it:error:x".into(), message: "no".into() },
            "not-found",
        ),
    ] {
        for function in WRITES {
            let mut world = scene(|_| {}).await;
            fault(&world, kind.clone());
            assert_eq!(case(&write(&mut world, function).await), expected, "{function} {kind:?}");
            assert_eq!(methods(&world), [method(function)], "{function} {kind:?}");
            assert!(!happened(&world, function));
        }
    }
}

#[tokio::test]
async fn a_refused_status_tells_each_thing_that_is_wrong() {
    let mut world = scene(|_| {}).await;
    let parameters = json!({ "fqid": fqid(1), "change": { "status-id": "no-such-status" } });
    let error = world.call("tickets.ticket-set-status", parameters).await.unwrap_err().to_json();
    let message = "The request is not valid.; state.disposition.status.id is not a status of the tenant.";
    let payload = json!({ "status": 400, "code": "it:error:bad-request", "message": message });
    assert_eq!(error, json!({ "case": "rejected", "payload": payload }));
}

#[tokio::test]
async fn a_write_to_an_unknown_fqid_is_refused_however_the_service_says_so() {
    for (style, expected) in [
        (UnknownFqid::Status404, "not-found"),
        (UnknownFqid::Inner404, "not-found"),
        (UnknownFqid::Inner400, "rejected"),
    ] {
        for function in WRITES {
            let mut world = scene(|options| options.itm.unknown_fqid = style).await;
            let mut parameters = parameters(function);
            parameters["fqid"] = json!(fqid(9));
            let answer = world.call(function, parameters).await;
            assert_eq!(case(&answer), expected, "{function} {style:?}");
            assert_eq!(world.counts().0, 1, "{function} {style:?}");
        }
    }
}

#[tokio::test]
async fn a_write_refused_for_its_token_is_sent_again_with_a_new_one() {
    for function in WRITES {
        let mut world = scene(|_| {}).await;
        world.ticket(&fqid(1), &[]).await.unwrap();
        world.vendor().revoke_itm_tokens();
        world.vendor().clear_requests();
        assert_eq!(write(&mut world, function).await.unwrap()["confirmed-by-reading"], false);
        assert_eq!(methods(&world), [method(function), method(function)], "{function}");
        let statuses: Vec<u16> = world.api().iter().map(|call| call.status).collect();
        assert_eq!((statuses, world.counts().1), (vec![401, 200], 1), "{function}");
        assert!(happened(&world, function), "{function}");
    }
}
