//! The safe and the block list.

use crate::support::{World, always, texts};
use proofpoint_core::Error;
use proofpoint_core::ctr::lists::{ListEntry, Outcome};
use proofpoint_simulator as sim;
use serde_json::json;
use sim::OrgList::{Block, Safe};

const SAFE: &str = "/api/v1/emailProtection/modules/spam/orgSafeList?clusterId=example_hosted";
const BLOCK: &str = "/api/v1/emailProtection/modules/spam/orgBlockList?clusterId=example_hosted";

fn world_of(list: sim::OrgList, entries: Vec<sim::ListEntry>) -> World {
    let world = World::without_quota();
    world.set("ctr_cluster_id", "example_hosted");
    for entry in entries {
        world.vendor.borrow_mut().add_entry(list, "example_hosted", entry);
    }
    world
}

fn entry(attribute: &str, operator: &str, value: &str) -> ListEntry {
    let (attribute, operator, value) = (attribute.to_owned(), operator.to_owned(), value.to_owned());
    ListEntry { attribute, operator, value, ..ListEntry::default() }
}

fn list(world: &World, name: &str) -> Result<Vec<ListEntry>, Error> {
    world.call(async |ctr| ctr.entry_list(name, None, false).await)
}

fn add(world: &World, name: &str, entry: &ListEntry) -> Result<Outcome, Error> {
    world.call(async |ctr| ctr.entry_add(name, None, entry).await)
}

fn remove(world: &World, name: &str, entry: &ListEntry) -> Result<Outcome, Error> {
    world.call(async |ctr| ctr.entry_remove(name, None, entry).await)
}

#[test]
fn every_attribute_and_operator_is_sent_as_the_service_spells_it() {
    for (name, path, operators) in [
        ("safe", SAFE, vec!["equal", "contain", "is_in_list"]),
        ("block", BLOCK, vec!["equal", "not_equal", "contain", "not_contain", "is_in_list"]),
    ] {
        for attribute in ["from", "hfrom", "ip", "host", "helo", "rcpt"] {
            for operator in &operators {
                for spelled in [attribute.to_owned(), format!("${attribute}")] {
                    let world = world_of(Safe, vec![]);
                    let added = ListEntry {
                        comment: Some(" seen in INC-7 ".into()),
                        ..entry(&spelled, operator, " x.example ")
                    };
                    always(&world, sim::Place::OrgLists, sim::FaultKind::Empty(200));
                    assert_eq!(add(&world, name, &added).unwrap(), Outcome::Added);
                    let body = json!({
                        "action": "add",
                        "attribute": format!("${attribute}"),
                        "operator": operator,
                        "value": "x.example",
                        "comment": "seen in INC-7",
                    });
                    assert_eq!(world.sent(), [("POST".to_owned(), path.to_owned(), body)]);
                }
            }
        }
    }
}

#[test]
fn wrong_arguments_are_refused_before_anything_is_sent() {
    let good = || entry("from", "equal", "x");
    for (argument, name, wrong) in [
        ("list-name", "grey", good()),
        ("attribute", "safe", entry("subject", "equal", "x")),
        ("operator", "safe", entry("from", "not_equal", "x")),
        ("operator", "safe", entry("from", "not_contain", "x")),
        ("operator", "block", entry("from", "like", "x")),
        ("value", "block", entry("from", "equal", " ")),
        ("value", "block", entry("from", "equal", "a\nb")),
        ("comment", "safe", ListEntry { comment: Some("ü".repeat(151)), ..good() }),
    ] {
        let world = world_of(Safe, vec![]);
        match add(&world, name, &wrong) {
            Err(Error::InvalidArgument { argument: named, .. }) => assert_eq!(named, argument),
            other => panic!("{argument}: {other:?}"),
        }
        assert_eq!(world.api_calls(), 0);
    }
    let world = world_of(Safe, vec![]);
    let longest = ListEntry { comment: Some("ü".repeat(150)), ..good() };
    assert_eq!(add(&world, "safe", &longest).unwrap(), Outcome::Added);
}

#[test]
fn a_cluster_is_named_in_the_call_or_configured() {
    let world = World::without_quota();
    let result = list(&world, "safe");
    assert!(
        matches!(&result, Err(Error::InvalidArgument { argument, .. }) if argument == "cluster-id"),
        "{result:?}"
    );
    assert_eq!(world.api_calls(), 0);
    world.set("ctr_cluster_id", "configured");
    let _ = world.call(async |ctr| ctr.entry_list("safe", Some("named & more"), false).await);
    let _ = list(&world, "safe");
    let asked: Vec<String> = world.sent().into_iter().map(|(_, path, _)| path).collect();
    assert!(asked[0].ends_with("orgSafeList?clusterId=named%20%26%20more"), "{asked:?}");
    assert!(asked[1].ends_with("orgSafeList?clusterId=configured"), "{asked:?}");
}

#[test]
fn a_change_is_done_whatever_words_it_is_answered_with() {
    for kind in [
        sim::FaultKind::Empty(200),
        sim::FaultKind::Empty(204),
        sim::FaultKind::StatusBody(200, "text/html".into(), "\r\n".into()),
        sim::FaultKind::StatusBody(200, "text/plain".into(), "Entry added".into()),
        sim::FaultKind::WrongJson("[]".into()),
        sim::FaultKind::WrongJson("{\"status\":\"ok\"}".into()),
    ] {
        let world = world_of(Block, vec![]);
        always(&world, sim::Place::OrgLists, kind.clone());
        assert_eq!(add(&world, "block", &entry("from", "equal", "x")).unwrap(), Outcome::Added, "{kind:?}");
    }
}

#[test]
fn a_change_that_a_page_half_an_answer_or_an_error_inside_answers_is_not_told_as_done() {
    for (kind, expected) in [
        (sim::FaultKind::Html, "outcome-unknown"),
        (sim::FaultKind::WrongJson("{\"status\":".into()), "outcome-unknown"),
        (sim::FaultKind::WrongJson("[1".into()), "outcome-unknown"),
        (sim::FaultKind::EnvelopeStatus { status: 409, code: "c".into(), message: "no".into() }, "rejected"),
    ] {
        for name in ["add", "remove"] {
            let there = sim::ListEntry::new("$from", "equal", "x");
            let world = world_of(Block, if name == "add" { vec![] } else { vec![there] });
            let on = sim::Matcher::place(sim::Place::OrgLists).method("POST");
            world.vendor.borrow_mut().fault(sim::Fault::always(on, kind.clone()));
            let wished = entry("from", "equal", "x");
            let answer =
                if name == "add" { add(&world, "block", &wished) } else { remove(&world, "block", &wished) };
            let told = match answer {
                Err(Error::OutcomeUnknown(_)) => "outcome-unknown",
                Err(Error::Rejected { status: 409, .. }) => "rejected",
                other => panic!("{name} {kind:?}: {other:?}"),
            };
            assert_eq!(told, expected, "{name} {kind:?}");
        }
    }
}

#[test]
fn what_is_there_already_is_unchanged() {
    for (name, of) in [("safe", Safe), ("block", Block)] {
        let world = world_of(of, vec![]);
        assert_eq!(add(&world, name, &entry("from", "equal", "a@example.net")).unwrap(), Outcome::Added);
        assert_eq!(add(&world, name, &entry("$from", "equal", "a@example.net")).unwrap(), Outcome::Unchanged);
        assert_eq!(list(&world, name).unwrap().len(), 1);
    }
}

#[test]
fn another_refusal_is_not_taken_for_a_duplicate() {
    let world = world_of(Safe, vec![]);
    let body = r#"{"errorMessage":"error.api.emailprotection.lists.otherlist.duplicate.entry"}"#;
    let kind = sim::FaultKind::StatusBody(400, "application/json".into(), body.into());
    always(&world, sim::Place::OrgLists, kind);
    match add(&world, "safe", &entry("from", "equal", "a@example.net")) {
        Err(Error::Rejected { status: 400, message, .. }) => {
            assert!(message.contains("otherlist"), "{message}")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_not_there_is_unchanged_and_nothing_is_sent() {
    for absent in [sim::AbsentEntry::Reject, sim::AbsentEntry::Accept] {
        let world = world_of(Block, vec![sim::ListEntry::new("$from", "equal", "a@example.net")]);
        world.vendor.borrow_mut().options().response.absent_entry = absent;
        // Same value, but another attribute or another operator, is another entry.
        for other in [entry("hfrom", "equal", "a@example.net"), entry("from", "contain", "a@example.net")] {
            assert_eq!(remove(&world, "block", &other).unwrap(), Outcome::Unchanged);
        }
        assert!(world.sent().iter().all(|(method, _, _)| method == "GET"));
        assert_eq!(list(&world, "block").unwrap().len(), 1);
    }
}

#[test]
fn what_is_listed_can_be_removed_as_it_is() {
    let entries = vec![
        sim::ListEntry::new("$from", "equal", "Evil@Example.net").commented("seen"),
        sim::ListEntry::new("$hfrom", "equal", "Evil@Example.net"),
    ];
    let world = world_of(Block, entries);
    let listed = list(&world, "block").unwrap();
    assert_eq!(
        listed[0],
        ListEntry { comment: Some("seen".into()), ..entry("from", "equal", "Evil@Example.net") }
    );
    assert_eq!(remove(&world, "block", &listed[0]).unwrap(), Outcome::Removed);
    let body = json!({
        "action": "delete", "attribute": "$from", "operator": "equal", "value": "Evil@Example.net",
    });
    assert_eq!(world.sent().pop().unwrap(), ("POST".to_owned(), BLOCK.to_owned(), body));
    assert_eq!(list(&world, "block").unwrap(), [entry("hfrom", "equal", "Evil@Example.net")]);
    // The service's own spelling is sent, however the entry was written.
    let lower = entry("$hfrom", "EQUAL", "evil@example.net");
    assert_eq!(remove(&world, "block", &lower).unwrap(), Outcome::Removed);
    assert!(list(&world, "block").unwrap().is_empty());
}

#[test]
fn whatever_is_listed_can_be_removed_as_it_is() {
    let rows = [
        ("from", "equal", "A@example.net"),
        ("from", "equal", "a@example.net"),
        ("host", "contain", " example.net "),
        ("from", "not_equal", "b@example.net"),
        ("from", "not_contain", "c@example.net"),
    ];
    for (name, path) in [("safe", SAFE), ("block", BLOCK)] {
        for (attribute, operator, value) in rows {
            let world = world_of(Safe, vec![]);
            let row = |(attribute, operator, value): (&str, &str, &str)| json!({"attribute": format!("${attribute}"), "operator": operator, "value": value});
            let body = json!({"entries": rows.map(row)}).to_string();
            always(&world, sim::Place::OrgLists, sim::FaultKind::WrongJson(body));
            assert_eq!(remove(&world, name, &entry(attribute, operator, value)).unwrap(), Outcome::Removed);
            let mut sent = row((attribute, operator, value));
            sent["action"] = json!("delete");
            assert_eq!(world.sent().pop().unwrap(), ("POST".to_owned(), path.to_owned(), sent));
        }
    }
}

#[test]
fn a_change_whose_answer_is_lost_is_never_sent_again() {
    for kind in [
        sim::FaultKind::Drop(sim::Cut::BeforeReply),
        sim::FaultKind::Delay(std::time::Duration::from_secs(61)),
        sim::FaultKind::Status(503),
    ] {
        let posts = |world: &World| world.sent().iter().filter(|(method, _, _)| method == "POST").count();
        let on = || sim::Matcher::place(sim::Place::OrgLists).method("POST");
        let world = world_of(Safe, vec![sim::ListEntry::new("$from", "equal", "a@example.net")]);
        world.vendor.borrow_mut().fault(sim::Fault::always(on(), kind.clone()));
        let added = add(&world, "safe", &entry("from", "equal", "b@example.net"));
        assert!(matches!(added, Err(Error::OutcomeUnknown(_))), "{kind:?}: {added:?}");
        assert_eq!(posts(&world), 1);
        let removed = remove(&world, "safe", &entry("from", "equal", "a@example.net"));
        assert!(matches!(removed, Err(Error::OutcomeUnknown(_))), "{kind:?}: {removed:?}");
        assert_eq!(posts(&world), 2);
    }
}

#[test]
fn a_malformed_entry_is_passed_on_with_its_text_and_hides_no_other() {
    let world = world_of(Safe, vec![]);
    let body = r#"{"entries": [{"attribute": "$from"}, 7, {"attribute": "$ip", "operator": "equal", "value": "192.0.2.1"}]}"#;
    always(&world, sim::Place::OrgLists, sim::FaultKind::WrongJson(body.into()));
    let raw: Vec<_> = list(&world, "safe").unwrap().into_iter().map(|e| (e.attribute, e.raw_json)).collect();
    assert_eq!(
        raw,
        [
            ("from".to_owned(), Some("{\"attribute\": \"$from\"}".to_owned())),
            (String::new(), Some("7".to_owned())),
            ("ip".to_owned(), None),
        ]
    );
    for wrong in ["{}", "[]", "7", "{\"entries\": {}}", "{\"entries\": null}"] {
        let world = world_of(Safe, vec![]);
        always(&world, sim::Place::OrgLists, sim::FaultKind::WrongJson(wrong.into()));
        assert!(matches!(list(&world, "safe"), Err(Error::InvalidResponse(_))), "{wrong}");
    }
}

#[test]
fn a_key_without_the_module_is_told_so() {
    let world = world_of(Safe, vec![]);
    always(&world, sim::Place::OrgLists, sim::FaultKind::Status(403));
    let result = list(&world, "safe");
    assert!(
        matches!(&result, Err(Error::Forbidden(why)) if why.contains("safe and block lists")),
        "{result:?}"
    );
    assert_eq!(
        texts(&["safe", "block"]),
        match list(&world, "x") {
            Err(Error::InvalidArgument { allowed, .. }) => allowed,
            other => panic!("{other:?}"),
        }
    );
}
