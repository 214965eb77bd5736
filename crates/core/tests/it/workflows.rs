//! Workflows: the list, a run that happens once, waiting for how it ends.

use crate::support::{World, always, once, texts};
use proofpoint_core::Error;
use proofpoint_core::ctr::workflows::{Run, Workflow};
use proofpoint_simulator as sim;
use serde_json::{Value, json};
use std::time::Duration;

const WORKFLOWS: &str = "/api/v1/tric/workflows";

/// A world with an incident and a workflow on incidents whose runs go through these states.
fn world_running(states: &[&str]) -> World {
    let world = World::without_quota();
    let now = world.now();
    let mut vendor = world.vendor.borrow_mut();
    vendor.add_incident(sim::Incident::at(1, now));
    vendor.add_workflow(sim::Workflow::on_incidents(1, now).running(states));
    drop(vendor);
    world
}

fn workflow(world: &World) -> String {
    world.vendor.borrow().workflows()[0].id.clone()
}

fn incident(world: &World) -> String {
    world.vendor.borrow().visible_ids()[0].clone()
}

fn list(world: &World, enabled: Option<bool>, kind: Option<&str>) -> Result<Vec<Workflow>, Error> {
    world.call(async |ctr| ctr.workflow_list(enabled, kind, false).await)
}

fn run(world: &World) -> Result<Run, Error> {
    let (id, targets) = (workflow(world), [incident(world)]);
    world.call(async |ctr| ctr.workflow_run(&id, &targets).await)
}

fn wait(world: &World, run: &Run, timeout: Option<u64>) -> Result<Run, Error> {
    let timeout = timeout.map(Duration::from_secs);
    world.call(async |ctr| ctr.workflow_run_wait(&run.id, timeout).await)
}

#[test]
fn workflows_are_listed_from_either_envelope() {
    for bare in [false, true] {
        let world = world_running(&[]);
        let now = world.now();
        world.vendor.borrow_mut().add_workflow(sim::Workflow::on_messages(2, now).disabled());
        world.vendor.borrow_mut().options().response.bare_workflows = bare;
        let all = list(&world, None, None).unwrap();
        let shown: Vec<_> = all.iter().map(|w| (w.kind.as_deref(), w.enabled, w.name.as_deref())).collect();
        assert_eq!(
            shown,
            [
                (Some("incident"), Some(true), Some("Quarantine and close 1")),
                (Some("message"), Some(false), Some("Quarantine 2")),
            ]
        );
        for (enabled, kind, query, count) in [
            (Some(true), None, "?enabled=true", 1),
            (Some(false), None, "?enabled=false", 1),
            (None, Some("message"), "?type=message", 1),
            (Some(true), Some("INCIDENT"), "?enabled=true&type=incident", 1),
            (Some(false), Some("incident"), "?enabled=false&type=incident", 0),
        ] {
            assert_eq!(list(&world, enabled, kind).unwrap().len(), count, "{query}");
            let (method, path, body) = world.sent().pop().unwrap();
            assert_eq!((method.as_str(), path, body), ("GET", format!("{WORKFLOWS}{query}"), Value::Null));
        }
    }
}

#[test]
fn a_list_that_ignores_what_was_asked_is_an_error() {
    let row =
        json!({"workflows": [{"id": "x", "name": "n", "type": "MESSAGE", "enabled": false}]}).to_string();
    for (enabled, kind, key) in [(Some(true), None, "enabled"), (None, Some("incident"), "type")] {
        let world = world_running(&[]);
        always(&world, sim::Place::Workflows, sim::FaultKind::WrongJson(row.clone()));
        match list(&world, enabled, kind) {
            Err(Error::InvalidResponse(why)) => assert!(why.contains(key), "{why}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_workflow_of_an_unknown_kind_is_shown() {
    let world = world_running(&[]);
    let rows = json!([{"id": "x", "type": "INCIDENT_OR_MESSAGE"}]).to_string();
    always(&world, sim::Place::Workflows, sim::FaultKind::WrongJson(rows));
    let kinds: Vec<_> = list(&world, None, Some("incident")).unwrap().into_iter().map(|w| w.kind).collect();
    assert_eq!(kinds, [Some("incident_or_message".to_owned())]);
}

#[test]
fn a_malformed_workflow_is_passed_on_with_its_text_and_hides_no_other() {
    let world = world_running(&[]);
    let rows = r#"[{"name": "n"}, 7, {"id": "x", "type": null}]"#;
    always(&world, sim::Place::Workflows, sim::FaultKind::WrongJson(rows.into()));
    let raw: Vec<_> = list(&world, None, None).unwrap().into_iter().map(|w| (w.id, w.raw_json)).collect();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(raw, [("".into(), text("{\"name\": \"n\"}")), ("".into(), text("7")), ("x".into(), None)]);
    for wrong in ["{}", "7", "{\"workflows\": {}}"] {
        let world = world_running(&[]);
        always(&world, sim::Place::Workflows, sim::FaultKind::WrongJson(wrong.into()));
        assert!(matches!(list(&world, None, None), Err(Error::InvalidResponse(_))), "{wrong}");
    }
}

#[test]
fn a_run_names_its_targets_once() {
    let world = world_running(&[]);
    let (id, target) = (workflow(&world), incident(&world));
    let targets = [target.clone(), target.clone(), target.to_uppercase()];
    let run = world.call(async |ctr| ctr.workflow_run(&id, &targets).await).unwrap();
    assert_eq!(run.state, "IN_PROGRESS");
    assert_eq!(run.workflow_id.as_ref(), Some(&id));
    assert_eq!(
        world.sent(),
        [("POST".to_owned(), format!("{WORKFLOWS}/{id}/run"), json!({"targetIds": [target]}))]
    );
    assert_eq!(world.vendor.borrow().runs().len(), 1);
}

#[test]
fn wrong_arguments_of_a_run_are_refused_before_anything_is_sent() {
    let world = world_running(&[]);
    let id = workflow(&world);
    let many: Vec<String> = (0..1001).map(|n| format!("00000000-0000-4000-8000-{n:012x}")).collect();
    for (argument, id, targets) in [
        ("id", "Quarantine", texts(&[&incident(&world)])),
        ("id", "../messages", texts(&[&incident(&world)])),
        ("target-ids", id.as_str(), vec![]),
        ("target-ids", id.as_str(), texts(&["INC-1"])),
        ("target-ids", id.as_str(), many),
    ] {
        match world.call(async |ctr| ctr.workflow_run(id, &targets).await) {
            Err(Error::InvalidArgument { argument: named, .. }) => assert_eq!(named, argument),
            other => panic!("{argument}: {other:?}"),
        }
    }
    assert_eq!(world.api_calls(), 0);
}

#[test]
fn a_run_whose_answer_is_lost_is_never_sent_again() {
    let refuse = |status| sim::FaultKind::Status(status);
    for kind in [
        sim::FaultKind::Drop(sim::Cut::BeforeReply),
        sim::FaultKind::Drop(sim::Cut::InBody(3)),
        sim::FaultKind::Delay(Duration::from_secs(61)),
        sim::FaultKind::Html,
        sim::FaultKind::Empty(200),
        sim::FaultKind::Truncate(10),
        sim::FaultKind::WrongJson("{}".into()),
        refuse(500),
        refuse(502),
        refuse(503),
        refuse(504),
    ] {
        let world = world_running(&[]);
        let shown = format!("{kind:?}");
        always(&world, sim::Place::WorkflowRun, kind);
        let result = run(&world);
        assert!(matches!(result, Err(Error::OutcomeUnknown(_))), "{shown}: {result:?}");
        assert_eq!(world.api_calls(), 1, "{shown}");
    }
}

#[test]
fn a_run_that_was_not_sent_is_not_sent_again_either() {
    let world = world_running(&[]);
    once(&world, sim::Place::WorkflowRun, sim::FaultKind::Drop(sim::Cut::BeforeRequest));
    let result = run(&world);
    assert!(matches!(result, Err(Error::Unavailable(_))), "{result:?}");
    assert!(world.vendor.borrow().runs().is_empty());
}

#[test]
fn a_run_that_was_certainly_refused_is_that_error() {
    for (status, expected) in [(400, "rejected"), (403, "forbidden"), (404, "not-found"), (409, "rejected")] {
        let world = world_running(&[]);
        always(&world, sim::Place::WorkflowRun, sim::FaultKind::Status(status));
        let case = match run(&world) {
            Err(Error::Rejected { .. }) => "rejected",
            Err(Error::Forbidden(_)) => "forbidden",
            Err(Error::NotFound(_)) => "not-found",
            other => panic!("{status}: {other:?}"),
        };
        assert_eq!((case, world.api_calls()), (expected, 1));
    }
    // An expired token: the service did not look at the request, so it is sent again with a new one.
    let world = world_running(&[]);
    once(&world, sim::Place::WorkflowRun, sim::FaultKind::RevokeTokens);
    run(&world).unwrap();
    assert_eq!(world.vendor.borrow().runs().len(), 1);
}

#[test]
fn a_wait_ends_when_the_run_has_succeeded() {
    let world = world_running(&["IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "SUCCESS"]);
    let started = run(&world).unwrap();
    let begin = world.now();
    let ended = wait(&world, &started, None).unwrap();
    assert_eq!((ended.id, ended.state.as_str()), (started.id.clone(), "SUCCESS"));
    assert_eq!((world.now() - begin).num_seconds(), 2 + 4);
    let asked: Vec<(String, String)> = world.sent().into_iter().skip(1).map(|(m, p, _)| (m, p)).collect();
    assert_eq!(asked, vec![("GET".to_owned(), format!("{WORKFLOWS}/run/{}", started.id)); 3]);
}

#[test]
fn a_failed_or_cancelled_run_is_no_success() {
    for state in ["FAILED", "CANCELLED"] {
        let world = world_running(&["IN_PROGRESS", state]);
        let started = run(&world).unwrap();
        match wait(&world, &started, None) {
            Err(Error::Rejected { code, message, .. }) => {
                assert_eq!(code.as_deref(), Some(state));
                assert!(message.contains(&started.id) && message.contains(state), "{message}");
            }
            other => panic!("{state}: {other:?}"),
        }
        let shown = world.call(async |ctr| ctr.workflow_run_get(&started.id).await).unwrap();
        assert_eq!(shown.state, state, "asked plainly, it is shown");
    }
}

#[test]
fn an_unknown_state_is_shown_and_not_waited_for() {
    let world = world_running(&["IN_PROGRESS", "PARTIAL"]);
    let started = run(&world).unwrap();
    match wait(&world, &started, None) {
        Err(Error::InvalidResponse(why)) => assert!(why.contains("PARTIAL"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(world.api_calls(), 2);
}

#[test]
fn a_run_that_takes_too_long_is_a_timeout() {
    let world = world_running(&["IN_PROGRESS"]);
    let started = run(&world).unwrap();
    for (timeout, expected) in [(Some(10), 10), (None, 300)] {
        let begin = world.now();
        let result = wait(&world, &started, timeout);
        assert!(matches!(&result, Err(Error::Timeout(why)) if why.contains(&started.id)), "{result:?}");
        let waited = (world.now() - begin).num_seconds();
        assert!((expected - 31..=expected).contains(&waited), "{waited}");
    }
    let asked = world.api_calls();
    wait(&world, &started, Some(0)).unwrap_err();
    assert_eq!(world.api_calls(), asked + 1, "it is asked once at least");
}

#[test]
fn a_wait_keeps_within_the_budget() {
    let world = world_running(&["IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "SUCCESS"]);
    world.set("ctr_calls_per_minute", 2);
    let started = run(&world).unwrap();
    assert_eq!(wait(&world, &started, None).unwrap().state, "SUCCESS");
    assert_eq!(world.api_calls(), 5);
}

#[test]
fn a_wait_ends_at_its_timeout_however_busy_or_slow_the_service_is() {
    let world = world_running(&["IN_PROGRESS"]);
    world.set("ctr_calls_per_minute", 2);
    let started = run(&world).unwrap();
    let begin = world.now();
    let busy = wait(&world, &started, Some(10));
    assert!(matches!(busy, Err(Error::RateLimited { .. })), "{busy:?}");
    assert!((world.now() - begin).num_seconds() <= 10, "{}", world.now() - begin);

    let world = world_running(&["IN_PROGRESS"]);
    let started = run(&world).unwrap();
    let begin = world.now();
    let on = sim::Matcher::place(sim::Place::WorkflowRunState);
    let late = sim::FaultKind::Delay(Duration::from_secs(59));
    world.vendor.borrow_mut().fault(sim::Fault::always(on, late).after(1));
    let slow = wait(&world, &started, Some(10));
    assert!(matches!(slow, Err(Error::Timeout(_))), "{slow:?}");
    assert!((world.now() - begin).num_seconds() <= 15, "five seconds for a look that began in time");
}

#[test]
fn a_run_is_asked_for_by_the_very_id_the_service_gave_it() {
    let world = world_running(&[]);
    let id = "run/7 of 2026";
    let body = json!({"id": id, "state": "SUCCESS"}).to_string();
    always(&world, sim::Place::WorkflowRun, sim::FaultKind::WrongJson(body.clone()));
    let started = run(&world).unwrap();
    let encoded = format!("{WORKFLOWS}/run/run%2F7%20of%202026");
    let on = sim::Matcher::path_containing("/workflows/run/");
    world.vendor.borrow_mut().fault(sim::Fault::always(on, sim::FaultKind::WrongJson(body)));
    assert_eq!(wait(&world, &started, None).unwrap().state, "SUCCESS");
    assert_eq!(world.sent().pop().unwrap().1, encoded);
    for wrong in ["", "..", "%2e%2e"] {
        match world.call(async |ctr| ctr.workflow_run_get(wrong).await) {
            Err(Error::InvalidArgument { argument, .. }) => assert_eq!(argument, "run-id"),
            other => panic!("{wrong}: {other:?}"),
        }
    }
}

#[test]
fn an_answer_about_another_run_is_not_believed() {
    let world = world_running(&[]);
    let started = run(&world).unwrap();
    for body in [r#"{"id": "other", "state": "SUCCESS"}"#, "{}", "[]", r#"{"state": "SUCCESS"}"#] {
        always(&world, sim::Place::WorkflowRunState, sim::FaultKind::WrongJson(body.into()));
        assert!(matches!(wait(&world, &started, None), Err(Error::InvalidResponse(_))), "{body}");
        world.vendor.borrow_mut().clear_faults();
    }
}
