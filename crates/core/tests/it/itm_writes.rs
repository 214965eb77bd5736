//! Changing tickets: what is sent, that it is sent once, and what becomes of a lost answer.

use crate::support::{World, ago, always, inside_200, minutes, once, texts};
use proofpoint_core::Error;
use proofpoint_core::itm::annotations::{StatusChange, TicketReceipt};
use proofpoint_simulator as sim;
use serde_json::{Value, json};
use sim::itm::{StateLayout, User, WorkflowStatus, WriteReply};
use sim::{Cut, FaultKind, Place, Ticket};

const RESOLVED: &str = "5b0f3c9e-1d1a-4e52-9c57-0b6a7c1f0a06";

/// A world with a ticket, users, and the ticket's path.
struct Desk {
    world: World,
    fqid: String,
    path: String,
    ines: String,
}

impl Desk {
    fn new() -> Self {
        let world = World::without_quota();
        let fqid = world.add_ticket(Ticket::at(3, ago(&world, minutes(60))));
        let ines = User::named("Ines", "Moreau");
        let id = ines.id.clone();
        world.vendor.borrow_mut().add_user(ines);
        for name in ["Weber", "Keller"] {
            world.vendor.borrow_mut().add_user(User::named("Jonas", name));
        }
        let segment = fqid.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        Self { world, fqid, path: format!("/v2/apis/activity/events/{segment}"), ines: id }
    }

    fn assign(&self, assignee: &str) -> Result<TicketReceipt, Error> {
        self.world.itm(async |itm| itm.ticket_assign_owner(&self.fqid, assignee).await)
    }

    fn set_status(&self, change: &StatusChange) -> Result<TicketReceipt, Error> {
        self.world.itm(async |itm| itm.ticket_set_status(&self.fqid, change).await)
    }

    fn comment(&self, text: &str, kind: Option<&str>) -> Result<TicketReceipt, Error> {
        self.world.itm(async |itm| itm.ticket_add_comment(&self.fqid, text, kind).await)
    }

    fn tag(&self, tag: &str) -> Result<TicketReceipt, Error> {
        self.world.itm(async |itm| itm.ticket_add_tag(&self.fqid, tag).await)
    }

    /// Every way to write once, each with its name.
    fn all(&self) -> [(&'static str, Result<TicketReceipt, Error>); 4] {
        [
            ("assign", self.assign(&format!("id:{}", self.ines))),
            ("set-status", self.set_status(&to(RESOLVED))),
            ("comment", self.comment("Looked at", None)),
            ("tag", self.tag("tag-1")),
        ]
    }

    fn ticket(&self) -> Ticket {
        self.world.vendor.borrow().ticket(&self.fqid).unwrap().clone()
    }

    fn owner(&self) -> Option<String> {
        self.ticket().workflow.unwrap().assignee.map(|(id, _)| id)
    }

    /// Requests so far: reads of the ticket, and writes.
    fn counts(&self) -> (usize, usize) {
        let sent = self.world.sent();
        let count = |wanted: fn(&str) -> bool| sent.iter().filter(|(method, ..)| wanted(method)).count();
        (count(|method| method == "GET"), count(|method| method != "GET"))
    }

    /// The one request that was sent besides lookups of users: method, path below the ticket's, body.
    fn written(&self) -> (String, String, Value) {
        let mut sent = self.world.sent();
        sent.retain(|(_, path, _)| !path.contains("/auth/users"));
        assert_eq!(sent.len(), 1, "{sent:?}");
        let (method, path, body) = sent.remove(0);
        (method, path.strip_prefix(&self.path).unwrap().to_owned(), body)
    }
}

fn to(status_id: &str) -> StatusChange {
    StatusChange { status_id: status_id.into(), ..StatusChange::default() }
}

fn some(text: &str) -> Option<String> {
    Some(text.into())
}

fn sent(method: &str, path: &str, body: Value) -> (String, String, Value) {
    (method.into(), path.into(), body)
}

#[test]
fn an_owner_is_put_by_id_and_nothing_else_is_sent() {
    for assignee in ["{}", "id:{}", " id: {} "] {
        let desk = Desk::new();
        let receipt = desk.assign(&assignee.replace("{}", &desk.ines)).unwrap();
        let expected = sent("PUT", "/annotations/workflow/assignment", json!({"id": desk.ines}));
        assert_eq!(desk.written(), expected, "{assignee}");
        assert_eq!(desk.world.api_calls(), 1, "{assignee}");
        assert_eq!(desk.owner().as_ref(), Some(&desk.ines));
        let expected = TicketReceipt {
            fqid: desk.fqid.clone(),
            assignee_id: Some(desk.ines.clone()),
            confirmed_by_reading: false,
        };
        assert_eq!(receipt, expected);
    }
}

#[test]
fn an_id_that_is_no_uuid_is_taken_as_one_behind_its_mark() {
    let desk = Desk::new();
    desk.world.vendor.borrow_mut().add_user(User { id: "agent:7".into(), ..User::named("A", "B") });
    desk.assign("id:agent:7").unwrap();
    assert_eq!((desk.owner(), desk.world.api_calls()), (some("agent:7"), 1));
}

#[test]
fn an_owner_is_found_by_address_or_name() {
    for (assignee, lookups) in [
        ("ines.moreau@example.com", 1),
        (" Ines.Moreau@Example.com ", 1),
        ("Ines Moreau", 1),
        ("ines  MOREAU", 1),
        ("Moreau", 3),
        ("Ines", 3),
    ] {
        let desk = Desk::new();
        let receipt = desk.assign(assignee).unwrap();
        assert_eq!(receipt.assignee_id.as_ref(), Some(&desk.ines), "{assignee}");
        let (method, _, body) = desk.written();
        assert_eq!((method.as_str(), &body), ("PUT", &json!({"id": desk.ines})), "{assignee}");
        assert_eq!(desk.counts(), (lookups, 1), "{assignee}");
    }
}

#[test]
fn an_owner_who_is_nobody_or_several_is_refused_with_the_candidates_and_nothing_is_written() {
    for (assignee, allowed) in [
        ("nobody@example.com", vec![]),
        ("Nobody", vec![]),
        ("Ines Weber", vec![]),
        (
            "Jonas",
            vec!["Jonas Weber <jonas.weber@example.com> id:", "Jonas Keller <jonas.keller@example.com> id:"],
        ),
    ] {
        let desk = Desk::new();
        let change = StatusChange { assignee: some(assignee), ..to(RESOLVED) };
        for result in [desk.assign(assignee), desk.set_status(&change)] {
            match result {
                Err(Error::InvalidArgument { argument, allowed: told, .. }) => {
                    assert_eq!((argument.as_str(), told.len()), ("assignee", allowed.len()), "{assignee}");
                    assert!(
                        told.iter().zip(&allowed).all(|(told, expected)| told.starts_with(expected)),
                        "{told:?}"
                    );
                }
                other => panic!("{assignee}: {other:?}"),
            }
        }
        assert_eq!(desk.counts().1, 0, "{assignee}");
    }
}

#[test]
fn a_candidate_as_it_is_listed_names_the_id_to_give() {
    let desk = Desk::new();
    let Err(Error::InvalidArgument { allowed, .. }) = desk.assign("Jonas") else { panic!() };
    let (_, id) = allowed[1].split_once(" id:").unwrap();
    desk.assign(&format!("id:{id}")).unwrap();
    assert_eq!(desk.owner().as_deref(), Some(id));
}

#[test]
fn a_status_is_set_with_nothing_in_the_body_but_its_id() {
    let desk = Desk::new();
    let receipt = desk.set_status(&to(&format!(" {RESOLVED} "))).unwrap();
    let body = json!({"state": {"disposition": {"status": {"id": RESOLVED}}}});
    assert_eq!(desk.written(), sent("PATCH", "/annotations/workflow", body));
    assert_eq!((receipt.assignee_id, receipt.confirmed_by_reading), (None, false));
    let ticket = desk.ticket();
    assert_eq!(ticket.incident.unwrap().status.as_deref(), Some("incident:status:resolved"));
    assert_eq!(ticket.workflow.unwrap().assignee, None);
}

#[test]
fn every_part_of_a_change_is_sent_where_it_is_asked_for() {
    let status = |rest: Value| {
        let mut state = json!({"disposition": {"status": {"id": RESOLVED}}});
        state.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        json!({"state": state})
    };
    let category = "it:workflow:disposition:category:closed:resolved";
    let quarantine = json!({"kind": "uim:incident:remediation:quarantine"});
    let disposition = |parts: Value| status(json!({"disposition": parts}));
    let desk = Desk::new();
    let ines = desk.ines.clone();
    for (change, body) in [
        (
            StatusChange { title: some(" Done "), ..to(RESOLVED) },
            disposition(json!({"status": {"id": RESOLVED, "alias": "Done"}})),
        ),
        (
            StatusChange { category: some("closed:resolved"), ..to(RESOLVED) },
            disposition(json!({"status": {"id": RESOLVED}, "category": category})),
        ),
        (
            StatusChange { category: some(category), ..to(RESOLVED) },
            disposition(json!({"status": {"id": RESOLVED}, "category": category})),
        ),
        (
            StatusChange { assignee: some("ines.moreau@example.com"), ..to(RESOLVED) },
            status(json!({"assignee": {"id": ines}})),
        ),
        (
            StatusChange { remediation_actions: texts(&["quarantine"]), ..to(RESOLVED) },
            status(json!({"actions": [quarantine]})),
        ),
        (
            StatusChange {
                remediation_actions: texts(&["Quarantine", "uim:incident:remediation:our-own"]),
                ..to("it-activity-event-workflow-status-approved-by-manager")
            },
            json!({"state": {
                "disposition": {"status": {"id": "it-activity-event-workflow-status-approved-by-manager"}},
                "actions": [quarantine, {"kind": "uim:incident:remediation:our-own"}],
            }}),
        ),
        (
            StatusChange {
                title: some("Done"),
                category: some("closed:resolved"),
                assignee: Some(ines.clone()),
                remediation_actions: texts(&["quarantine"]),
                ..to(RESOLVED)
            },
            json!({"state": {
                "disposition": {"status": {"id": RESOLVED, "alias": "Done"}, "category": category},
                "assignee": {"id": ines},
                "actions": [quarantine],
            }}),
        ),
    ] {
        desk.world.vendor.borrow_mut().clear_requests();
        let receipt = desk.set_status(&change).unwrap();
        assert_eq!(desk.written(), sent("PATCH", "/annotations/workflow", body));
        assert_eq!(receipt.assignee_id, change.assignee.map(|_| ines.clone()));
    }
}

#[test]
fn a_remediation_asked_for_twice_is_started_once() {
    let desk = Desk::new();
    let actions = texts(&["quarantine", "QUARANTINE", "uim:incident:remediation:quarantine"]);
    desk.set_status(&StatusChange { remediation_actions: actions, ..to(RESOLVED) }).unwrap();
    assert_eq!(desk.ticket().incident.unwrap().remediations, ["uim:incident:remediation:quarantine"]);
}

#[test]
fn a_comment_is_posted_without_an_alias() {
    for (kind, expected) in [(None, "it:comment:note"), (Some(" it:comment:closing "), "it:comment:closing")]
    {
        let desk = Desk::new();
        desk.comment(" Said \"no\".\nTwice: ü \n", kind).unwrap();
        let body = json!({"data": [{"kind": expected, "text": "Said \"no\".\nTwice: ü"}]});
        assert_eq!(desk.written(), sent("POST", "/annotations/comments", body));
        let comment = desk.ticket().comments.remove(0);
        assert_eq!((comment.alias, comment.kind.as_deref()), (None, Some(expected)));
    }
}

#[test]
fn a_tag_goes_into_the_query_and_there_is_no_body() {
    let desk = Desk::new();
    desk.tag(" a b&tagValue=c/ü ").unwrap();
    let path = "/tags?tagValue=a%20b%26tagValue%3Dc%2F%C3%BC";
    assert_eq!(desk.written(), sent("PATCH", path, Value::Null));
    assert_eq!(desk.ticket().tags, ["a b&tagValue=c/ü"]);
    let vendor = desk.world.vendor.borrow();
    let request = vendor.requests().last().unwrap();
    assert!(request.body.is_empty() && request.header("content-type").is_none());
}

#[test]
fn empty_and_malformed_arguments_are_refused_before_anything_is_sent() {
    let desk = Desk::new();
    let change = |change: fn(&mut StatusChange)| {
        let mut status = to(RESOLVED);
        change(&mut status);
        desk.set_status(&status)
    };
    for (named, result) in [
        ("assignee", desk.assign("  ")),
        ("assignee", desk.assign("id:")),
        ("assignee", desk.assign("id:  ")),
        ("assignee", desk.assign("*")),
        ("assignee", desk.assign("*@example.com")),
        ("text", desk.comment(" \n", None)),
        ("kind", desk.comment("t", Some(" "))),
        ("tag", desk.tag("")),
        ("status-id", change(|c| c.status_id = " ".into())),
        ("title", change(|c| c.title = some(""))),
        ("category", change(|c| c.category = some(" "))),
        ("category", change(|c| c.category = some("resolved"))),
        ("category", change(|c| c.category = some("closed:"))),
        ("category", change(|c| c.category = some("it:workflow:disposition:category:"))),
        ("assignee", change(|c| c.assignee = some(""))),
        ("remediation-actions", change(|c| c.remediation_actions = texts(&["quarantine", "delete"]))),
        ("remediation-actions", change(|c| c.remediation_actions = texts(&[""]))),
        ("remediation-actions", change(|c| c.remediation_actions = texts(&["uim:incident:remediation:"]))),
        // Before the assignee is looked for.
        (
            "category",
            change(|c| {
                c.assignee = some("Ines Moreau");
                c.category = some("x");
            }),
        ),
    ] {
        match result {
            Err(Error::InvalidArgument { argument, .. }) => assert_eq!(argument, named),
            other => panic!("{named}: {other:?}"),
        }
    }
    let error = desk.world.itm(async |itm| itm.ticket_assign_owner(" ", "Ines Moreau").await).unwrap_err();
    assert!(matches!(error, Error::InvalidArgument { argument, .. } if argument == "fqid"));
    assert!(desk.world.vendor.borrow().requests().is_empty());
}

#[test]
fn every_answer_that_the_service_may_give_to_a_write_is_success() {
    for (reply, status) in [
        (WriteReply::Event, 200),
        (WriteReply::Event, 201),
        (WriteReply::StatusOnly, 200),
        (WriteReply::Empty, 200),
        (WriteReply::NoContent, 204),
    ] {
        let desk = Desk::new();
        desk.world.vendor.borrow_mut().options().itm.write_reply = reply;
        desk.world.vendor.borrow_mut().options().itm.write_status = status;
        for (name, result) in desk.all() {
            let receipt = result.unwrap();
            assert_eq!((receipt.fqid, receipt.confirmed_by_reading), (desk.fqid.clone(), false), "{name}");
        }
        assert_eq!(desk.counts(), (0, 4), "{reply:?}");
        let ticket = desk.ticket();
        assert_eq!((ticket.comments.len(), ticket.tags.len()), (1, 1), "{reply:?}");
        assert_eq!(desk.owner().as_ref(), Some(&desk.ines));
    }
    for content_type in ["text/html", "text/plain", "application/json"] {
        let desk = Desk::new();
        always(&desk.world, Place::ItmWrite, FaultKind::StatusBody(200, content_type.into(), String::new()));
        for (name, result) in desk.all() {
            assert!(result.is_ok_and(|receipt| !receipt.confirmed_by_reading), "{name} {content_type}");
        }
    }
    for body in ["{}", " {\"ok\":true}\n", r#"{"subject":"x \ud83d"}"#, "\u{feff}{}"] {
        let desk = Desk::new();
        always(&desk.world, Place::ItmWrite, FaultKind::WrongJson(body.into()));
        for (name, result) in desk.all() {
            assert!(result.is_ok(), "{name} {body}: {result:?}");
        }
    }
}

/// Answers that leave open whether the write was done.
fn open_ends() -> Vec<FaultKind> {
    vec![
        FaultKind::Status(500),
        FaultKind::HtmlStatus(502),
        FaultKind::Drop(Cut::BeforeReply),
        FaultKind::Drop(Cut::InBody(3)),
        FaultKind::Delay(minutes(2)),
        FaultKind::Html,
        FaultKind::Truncate(3),
        FaultKind::WrongJson("[]".into()),
        FaultKind::WrongJson("\"done\"".into()),
        FaultKind::StatusBody(200, "text/plain".into(), "OK".into()),
        FaultKind::StatusBody(200, "text/html".into(), " ".into()),
        FaultKind::Redirect("https://login.test/".into()),
        FaultKind::Endless(64 << 20),
        inside_200(500),
        inside_200(503),
    ]
}

#[test]
fn a_write_is_never_repeated_once_it_may_have_happened() {
    for kind in open_ends() {
        let desk = Desk::new();
        always(&desk.world, Place::ItmWrite, kind.clone());
        for (done, (name, result)) in desk.all().into_iter().enumerate() {
            // Whether an owner or a status is there can be read; whether a comment was added a moment ago cannot.
            match result {
                Ok(receipt) => assert!(receipt.confirmed_by_reading && done < 2, "{name}: {kind:?}"),
                Err(error) => {
                    assert!(matches!(error, Error::OutcomeUnknown(_)), "{name}: {kind:?}: {error:?}")
                }
            }
        }
        assert_eq!(desk.counts(), (2, 4), "{kind:?}: one read each for owner and status");
    }
}

/// Answers that are lost after the write was done.
fn lost() -> [FaultKind; 4] {
    [
        FaultKind::Drop(Cut::BeforeReply),
        FaultKind::Drop(Cut::InBody(3)),
        FaultKind::Delay(minutes(2)),
        FaultKind::Truncate(3),
    ]
}

#[test]
fn a_lost_answer_is_made_up_for_by_reading_the_ticket_once() {
    for kind in lost() {
        let desk = Desk::new();
        once(&desk.world, Place::ItmWrite, kind.clone());
        let receipt = desk.assign("Ines Moreau").unwrap();
        assert!(receipt.confirmed_by_reading, "{kind:?}");
        assert_eq!(receipt.assignee_id.as_ref(), Some(&desk.ines));
        let shapes: Vec<String> =
            desk.world.sent().into_iter().map(|(method, path, _)| format!("{method} {path}")).collect();
        assert_eq!(
            shapes[1..],
            [format!("PUT {}/annotations/workflow/assignment", desk.path), format!("GET {}", desk.path)],
            "{kind:?}"
        );

        let desk = Desk::new();
        once(&desk.world, Place::ItmWrite, kind.clone());
        let change = StatusChange {
            title: some("Done"),
            category: some("closed:resolved"),
            assignee: Some(desk.ines.clone()),
            ..to(RESOLVED)
        };
        assert!(desk.set_status(&change).unwrap().confirmed_by_reading, "{kind:?}");
        assert_eq!(desk.counts(), (1, 1), "{kind:?}");
    }
}

#[test]
fn a_state_that_differs_in_any_part_confirms_nothing() {
    let desk = Desk::new();
    let [other] = ["Jonas"].map(|first| User::named(first, "Keller").id);
    for change in [
        to("5b0f3c9e-1d1a-4e52-9c57-0b6a7c1f0a02"),
        StatusChange { title: some("Fresh"), ..to(WorkflowStatus::NEW.id) },
        StatusChange { category: some("closed:resolved"), ..to(WorkflowStatus::NEW.id) },
        StatusChange { assignee: Some(other), ..to(WorkflowStatus::NEW.id) },
    ] {
        desk.world.vendor.borrow_mut().clear_requests();
        always(&desk.world, Place::ItmWrite, FaultKind::Status(503));
        match desk.set_status(&change) {
            Err(Error::OutcomeUnknown(message)) => {
                assert!(message.contains("did not show the change"), "{message}");
            }
            other => panic!("{change:?}: {other:?}"),
        }
        assert_eq!(desk.counts(), (1, 1));
    }
    // What is wished for is there already: then it is of no account whether this write was done.
    let same =
        StatusChange { title: some(" New "), category: some("open:new"), ..to(WorkflowStatus::NEW.id) };
    for change in [to(WorkflowStatus::NEW.id), same] {
        assert!(desk.set_status(&change).unwrap().confirmed_by_reading);
    }
}

#[test]
fn where_the_ticket_cannot_be_read_the_outcome_stays_unknown_and_both_reasons_are_told() {
    for kind in [FaultKind::Status(503), FaultKind::Status(403), FaultKind::Html, inside_200(404)] {
        let desk = Desk::new();
        once(&desk.world, Place::ItmWrite, FaultKind::Drop(Cut::BeforeReply));
        always(&desk.world, Place::ItmEvent, kind.clone());
        match desk.assign(&desk.ines) {
            Err(Error::OutcomeUnknown(message)) => assert!(
                message.contains("the connection broke") && message.contains("reading the ticket"),
                "{message}"
            ),
            other => panic!("{kind:?}: {other:?}"),
        }
        assert_eq!(desk.counts().1, 1, "{kind:?}");
    }
}

#[test]
fn a_workflow_that_does_not_tell_the_status_confirms_none() {
    let desk = Desk::new();
    desk.world.vendor.borrow_mut().options().itm.state_layout = StateLayout::Flat;
    once(&desk.world, Place::ItmWrite, FaultKind::Drop(Cut::BeforeReply));
    assert!(matches!(desk.set_status(&to(RESOLVED)), Err(Error::OutcomeUnknown(_))));
    // The owner is told in either layout.
    once(&desk.world, Place::ItmWrite, FaultKind::Drop(Cut::BeforeReply));
    assert!(desk.assign(&desk.ines).unwrap().confirmed_by_reading);
}

#[test]
fn a_remediation_is_never_confirmed_by_reading() {
    for kind in lost() {
        let desk = Desk::new();
        once(&desk.world, Place::ItmWrite, kind.clone());
        let change = StatusChange { remediation_actions: texts(&["quarantine"]), ..to(RESOLVED) };
        assert!(matches!(desk.set_status(&change), Err(Error::OutcomeUnknown(_))), "{kind:?}");
        assert_eq!(desk.counts(), (0, 1), "{kind:?}");
    }
}

#[test]
fn a_lost_comment_or_tag_stays_unknown_and_is_not_looked_for() {
    for kind in lost() {
        let desk = Desk::new();
        always(&desk.world, Place::ItmWrite, kind.clone());
        for error in [desk.comment("t", None).unwrap_err(), desk.tag("t").unwrap_err()] {
            assert!(matches!(error, Error::OutcomeUnknown(_)), "{kind:?}: {error:?}");
        }
        assert_eq!(desk.counts(), (0, 2), "{kind:?}");
        assert_eq!((desk.ticket().comments.len(), desk.ticket().tags.len()), (1, 1), "{kind:?}");
    }
}

#[test]
fn a_refusal_is_certain_and_nothing_is_read_after_it() {
    type Is = fn(&Error) -> bool;
    let cases: [(FaultKind, Is); 8] = [
        (FaultKind::Status(400), |e| matches!(e, Error::Rejected { status: 400, .. })),
        (FaultKind::Status(403), |e| matches!(e, Error::Forbidden(_))),
        (FaultKind::Status(404), |e| matches!(e, Error::NotFound(_))),
        (FaultKind::Status(409), |e| matches!(e, Error::Rejected { status: 409, .. })),
        (FaultKind::Status(429), |e| matches!(e, Error::RateLimited { .. })),
        (inside_200(400), |e| matches!(e, Error::Rejected { status: 400, .. })),
        (inside_200(404), |e| matches!(e, Error::NotFound(_))),
        (inside_200(429), |e| matches!(e, Error::RateLimited { .. })),
    ];
    for (kind, is) in cases {
        let desk = Desk::new();
        always(&desk.world, Place::ItmWrite, kind.clone());
        for (name, result) in desk.all() {
            let error = result.unwrap_err();
            assert!(is(&error), "{name}: {kind:?}: {error:?}");
        }
        assert_eq!(desk.counts(), (0, 4), "{kind:?}");
    }
}

#[test]
fn what_the_service_refuses_is_told_in_its_own_words() {
    let desk = Desk::new();
    for (error, words) in [
        (desk.set_status(&to("unknown")).unwrap_err(), "not a status of the tenant"),
        (desk.assign("id:unknown").unwrap_err(), "not a user of the tenant"),
    ] {
        match error {
            Error::Rejected { status: 400, code, message } => {
                assert_eq!(code.as_deref(), Some("it:error:bad-request"));
                assert!(message.contains(words), "{message}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_write_that_was_certainly_not_sent_is_repeated() {
    let desk = Desk::new();
    once(&desk.world, Place::ItmWrite, FaultKind::Drop(Cut::BeforeRequest));
    let results = desk.all();
    assert!(results.iter().all(|(_, result)| result.is_ok()), "{results:?}");
    assert_eq!((desk.counts(), desk.ticket().comments.len()), ((0, 5), 1));
    let desk = Desk::new();
    always(&desk.world, Place::ItmWrite, FaultKind::Drop(Cut::BeforeRequest));
    for (name, result) in desk.all() {
        assert!(matches!(result, Err(Error::Unavailable(_))), "{name}: {result:?}");
    }
    assert_eq!(desk.counts().0, 0, "nothing to look for");
}

#[test]
fn a_write_that_takes_all_the_time_of_the_call_stays_unknown() {
    let desk = Desk::new();
    desk.world.set("call_timeout_ms", 5000);
    always(&desk.world, Place::ItmWrite, FaultKind::Delay(minutes(1)));
    let begin = desk.world.now();
    assert!(matches!(desk.assign(&desk.ines), Err(Error::OutcomeUnknown(_))));
    assert_eq!(desk.world.now() - begin, chrono::TimeDelta::seconds(5));
    assert_eq!(desk.counts(), (0, 1));
}

#[test]
fn a_budget_spent_on_the_lookup_leaves_the_write_undone_and_one_spent_on_the_write_leaves_it_unknown() {
    let desk = Desk::new();
    desk.world.set("itm_calls_per_minute", 1);
    assert!(matches!(desk.assign("Ines Moreau"), Err(Error::RateLimited { .. })));
    assert_eq!(desk.counts(), (1, 0));
    desk.world.advance(minutes(1));
    once(&desk.world, Place::ItmWrite, FaultKind::Drop(Cut::BeforeReply));
    assert!(matches!(desk.assign(&desk.ines), Err(Error::OutcomeUnknown(_))));
    assert_eq!(desk.counts(), (1, 1));
}

#[test]
fn no_error_repeats_what_was_written() {
    let desk = Desk::new();
    for kind in open_ends() {
        desk.world.vendor.borrow_mut().clear_faults();
        always(&desk.world, Place::ItmWrite, kind);
        let error = desk.comment("the secret remark", None).unwrap_err();
        assert!(!error.message().contains("remark"), "{error}");
    }
}
