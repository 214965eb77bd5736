use std::time::Duration;

use serde_json::{Value, json};

use super::{Bench, SEARCH, WORKFLOWS, message};
use crate::{Cut, Fault, FaultKind, Incident, Matcher, Message, Place, Reply, Request, Timestamp, Workflow};

/// Two incidents with a message each, and three workflows: on incidents, on messages, and disabled.
fn bench() -> Bench {
    let mut bench = Bench::new();
    let now = bench.vendor.now();
    for n in 1..=2 {
        let messages = vec![Message::at(n, now)];
        bench.vendor.add_incident(Incident { messages, ..Incident::at(n, now) });
    }
    bench.vendor.add_workflow(Workflow::on_incidents(1, now));
    bench.vendor.add_workflow(Workflow::on_messages(2, now));
    bench.vendor.add_workflow(Workflow::on_incidents(3, now).disabled());
    bench
}

fn workflow(bench: &Bench, n: usize) -> String {
    bench.vendor.workflows()[n - 1].id.clone()
}

fn run(bench: &mut Bench, n: usize, targets: Value) -> Reply {
    let path = format!("{WORKFLOWS}/{}/run", workflow(bench, n));
    bench.post(&path, json!({ "targetIds": targets }))
}

fn incident(n: u64) -> String {
    Incident::at(n, Timestamp::UNIX_EPOCH).id
}

fn listed(reply: &Value) -> Vec<&str> {
    reply.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[test]
fn workflows_are_listed_by_what_they_are_and_run_on() {
    let mut bench = bench();
    let row = bench.get(WORKFLOWS).json()["workflows"][1].clone();
    assert_eq!(
        (&row["type"], &row["enabled"], &row["on_demand"]),
        (&json!("MESSAGE"), &json!(true), &json!(true))
    );
    assert_eq!(
        (row["createdAt"].as_str(), &row["satoriEnabled"]),
        (Some("2026-02-27T20:26:40.000Z"), &Value::Null)
    );
    let all = ["Quarantine and close 1", "Quarantine 2", "Quarantine and close 3"];
    for (query, expected) in [
        ("", &[0, 1, 2][..]),
        ("?enabled=true", &[0, 1]),
        ("?enabled=false", &[2]),
        ("?type=incident", &[0, 2]),
        ("?enabled=true&type=message", &[1]),
        ("?enabled=false&type=message", &[]),
    ] {
        let reply = bench.get(&format!("{WORKFLOWS}{query}")).json();
        let expected: Vec<&str> = expected.iter().map(|index: &usize| all[*index]).collect();
        assert_eq!(listed(&reply["workflows"]), expected, "{query}");
    }
    for query in ["?type=INCIDENT", "?enabled=True", "?enabled="] {
        assert_eq!(bench.get(&format!("{WORKFLOWS}{query}")).status, 400, "{query}");
    }
}

#[test]
fn the_list_can_be_a_bare_array_and_its_parameters_without_effect() {
    let mut bench = bench();
    bench.vendor.options().response.bare_workflows = true;
    bench.vendor.options().ignored_filters = vec!["enabled".into()];
    let reply = bench.get(&format!("{WORKFLOWS}?enabled=false&type=incident")).json();
    assert_eq!(listed(&reply), ["Quarantine and close 1", "Quarantine and close 3"]);
}

#[test]
fn a_run_goes_through_its_states_as_it_is_asked_for() {
    let mut bench = bench();
    let started = run(&mut bench, 1, json!([incident(1)])).json();
    assert_eq!(
        (&started["state"], &started["workflowId"]),
        (&json!("IN_PROGRESS"), &json!(workflow(&bench, 1)))
    );
    let path = format!("{WORKFLOWS}/run/{}", started["id"].as_str().unwrap());
    bench.vendor.advance(Duration::from_secs(5));
    assert_eq!(bench.get(&path).json(), started);
    let ended = bench.get(&path).json();
    assert_eq!((&ended["state"], &ended["createdAt"]), (&json!("SUCCESS"), &started["createdAt"]));
    assert_ne!(ended["updatedAt"], started["updatedAt"]);
    assert_eq!(bench.get(&path).json(), ended);
    assert_eq!(bench.get(&format!("{WORKFLOWS}/run/nothing")).status, 404);
}

#[test]
fn a_run_on_an_incident_quarantines_its_messages_and_closes_it() {
    let mut bench = bench();
    run(&mut bench, 1, json!([incident(1)]));
    assert_eq!(bench.found(json!({ "other_filters": ["open_incidents"] })), [2]);
    let changed = bench.vendor.incident(&incident(1)).unwrap();
    assert_eq!(changed.messages[0].remediation_status.as_deref(), Some("quarantine_success"));
    let detail = bench.get(&format!("{SEARCH}/{}", incident(1))).json();
    assert_eq!(detail["activities"][1]["causing_workflow_name"], "Quarantine and close 1");
}

#[test]
fn a_run_on_a_message_remediates_that_message_alone() {
    let mut bench = bench();
    let ids: Vec<String> = bench.vendor.messages().map(|message| message.id.clone()).collect();
    bench.vendor.change_workflow(&workflow(&bench, 2), |workflow| {
        workflow.remediation = Some("restore_success".into());
    });
    assert_eq!(run(&mut bench, 2, json!([ids[1]])).status, 200);
    let statuses: Vec<_> =
        ids.iter().map(|id| &bench.vendor.message(id).unwrap().remediation_status).collect();
    assert_eq!(statuses, [&None, &Some("restore_success".to_owned())]);
    assert_eq!(bench.found(json!({ "other_filters": ["open_incidents"] })), [1, 2]);
}

#[test]
fn a_run_that_is_to_fail_does_nothing() {
    for state in ["FAILED", "CANCELLED", "PAUSED_FOR_APPROVAL"] {
        let mut bench = bench();
        bench.vendor.change_workflow(&workflow(&bench, 1), |workflow| {
            workflow.states = vec!["IN_PROGRESS".into(), state.into()];
        });
        let id = run(&mut bench, 1, json!([incident(1)])).json()["id"].as_str().unwrap().to_owned();
        assert_eq!(bench.get(&format!("{WORKFLOWS}/run/{id}")).json()["state"], state);
        assert_eq!(bench.vendor.incident(&incident(1)).unwrap().closed_at, None);
    }
}

#[test]
fn a_run_is_checked() {
    let mut bench = bench();
    let a_message = bench.vendor.messages().next().unwrap().id.clone();
    let cases = [
        (1, json!([]), 400),
        (1, json!("a"), 400),
        (1, json!([7]), 400),
        (1, json!(["nobody"]), 400),
        (1, json!([a_message]), 400),
        (2, json!([incident(1)]), 400),
        (3, json!([incident(1)]), 400),
    ];
    for (n, targets, status) in cases {
        let reply = run(&mut bench, n, targets.clone());
        assert_eq!((reply.status, message(&reply).is_empty()), (status, false), "{targets}");
    }
    let reply = bench.post(&format!("{WORKFLOWS}/nothing/run"), json!({ "targetIds": [incident(1)] }));
    assert_eq!(reply.status, 404);
    let path = format!("{WORKFLOWS}/{}/run", workflow(&bench, 1));
    assert_eq!(bench.send(Request::post_json(&path, "[]")).status, 400);
    assert_eq!(bench.get(&path).status, 405);
    assert!(bench.vendor.runs().is_empty());

    bench.vendor.options().response.check_targets = false;
    assert_eq!(run(&mut bench, 1, json!(["nobody", incident(1)])).status, 200);
    assert!(bench.vendor.incident(&incident(1)).unwrap().closed_at.is_some());
}

#[test]
fn a_run_happens_though_its_answer_is_lost_and_again_when_asked_again() {
    for (cut, runs) in [(Cut::BeforeRequest, 0), (Cut::BeforeReply, 1)] {
        let mut bench = bench();
        bench.vendor.fault(Fault::once(Matcher::place(Place::WorkflowRun), FaultKind::Drop(cut)));
        assert_eq!(run(&mut bench, 1, json!([incident(1)])).cut, cut);
        assert_eq!(bench.vendor.runs().len(), runs);
        run(&mut bench, 1, json!([incident(1), incident(2)]));
        let last = bench.vendor.runs().last().unwrap();
        assert_eq!((bench.vendor.runs().len(), last.targets.len()), (runs + 1, 2));
        assert_eq!(last.state, "IN_PROGRESS");
    }
}
