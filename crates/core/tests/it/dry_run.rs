//! Dry runs: the very request of the write, and nothing sent that changes anything.

use crate::support::{World, texts};
use proofpoint_core::Error;
use proofpoint_core::client::PlannedRequest;
use proofpoint_core::ctr::Ctr;
use proofpoint_core::ctr::incidents::{MessageUpload, NewIncident};
use proofpoint_core::ctr::lists::ListEntry;
use proofpoint_core::itm::Itm;
use proofpoint_core::itm::annotations::StatusChange;
use proofpoint_simulator as sim;

const UUID: &str = "44cca4c8-e513-42e5-984a-965de7f39537";

fn world() -> World {
    let world = World::without_quota();
    world.set("ctr_cluster_id", "example_hosted");
    let entry = sim::ListEntry::new("$from", "equal", "here@example.net");
    world.vendor.borrow_mut().add_entry(sim::OrgList::Block, "example_hosted", entry);
    let now = world.now();
    world.vendor.borrow_mut().add_workflow(sim::Workflow::on_incidents(1, now));
    world
}

/// The same operation twice, each time on a new world: planned, and done. The plan is what was sent.
fn is_what_is_sent<R>(
    plan: impl FnOnce(&World) -> Result<Option<PlannedRequest>, Error>,
    write: impl FnOnce(&World) -> Result<R, Error>,
) {
    let planning = world();
    let planned = plan(&planning).unwrap().unwrap();
    assert!(
        planning.sent().iter().all(|(method, path, _)| {
            method == "GET" || path.starts_with("/v2/apis/activity/event-queries")
        })
    );
    let writing = world();
    let _ = write(&writing);
    let sent = writing.sent();
    let (method, path, body) = sent.last().unwrap();
    assert_eq!(planned.method, method);
    let url = planned.url.split_once("://").unwrap().1;
    assert_eq!(url.split_once('/').unwrap().1, path.trim_start_matches('/'));
    let body_of = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(planned.body.as_deref().map_or(serde_json::Value::Null, body_of), *body);
    let shown = format!("{planned:?}");
    assert!(!shown.contains("Bearer") && !shown.contains("secret"), "{shown}");
}

fn ctr<R>(operation: impl AsyncFn(&Ctr<'_, World>) -> Result<R, Error>) {
    is_what_is_sent(
        |world| world.call(async |ctr| ctr.dry_run(async |ctr| operation(ctr).await.map(drop)).await),
        |world| world.call(async |ctr| operation(&ctr).await),
    );
}

fn itm<R>(operation: impl AsyncFn(&Itm<'_, World>) -> Result<R, Error>) {
    is_what_is_sent(
        |world| world.itm(async |itm| itm.dry_run(async |itm| operation(itm).await.map(drop)).await),
        |world| world.itm(async |itm| operation(&itm).await),
    );
}

fn entry(value: &str) -> ListEntry {
    ListEntry {
        attribute: "from".into(),
        operator: "equal".into(),
        value: value.into(),
        ..ListEntry::default()
    }
}

#[test]
fn the_plan_of_each_write_is_what_the_write_sends() {
    ctr(async |ctr| ctr.incident_create(&NewIncident { title: "t".into(), ..NewIncident::default() }).await);
    ctr(async |ctr| {
        ctr.incident_add_message(&MessageUpload {
            incident_id: UUID.into(),
            rfc_message_id: "<a@b>".into(),
            recipient_addresses: texts(&["u@x"]),
            ..MessageUpload::default()
        })
        .await
    });
    ctr(async |ctr| ctr.workflow_run(UUID, &texts(&[UUID])).await);
    ctr(async |ctr| ctr.entry_add("block", None, &entry("new@example.net")).await);
    ctr(async |ctr| ctr.entry_remove("block", None, &entry("here@example.net")).await);
    itm(async |itm| itm.ticket_assign_owner("f/1", "id:u1").await);
    itm(async |itm| itm.ticket_add_comment("f/1", "text", None).await);
    itm(async |itm| {
        let change = StatusChange {
            status_id: "s".into(),
            remediation_actions: texts(&["quarantine"]),
            ..StatusChange::default()
        };
        itm.ticket_set_status("f/1", &change).await
    });
    itm(async |itm| itm.ticket_add_tag("f/1", "t").await);
}

#[test]
fn a_plan_resolves_names_as_the_write_does() {
    let world = world();
    world.vendor.borrow_mut().seed_tickets(3);
    let user = world.vendor.borrow().users()[0].clone();
    let email = user.email.clone().unwrap();
    let planned = world
        .itm(async |itm| {
            itm.dry_run(async |itm| itm.ticket_assign_owner("f/1", &email).await.map(drop)).await
        })
        .unwrap()
        .unwrap();
    assert!(planned.url.ends_with("/activity/events/f%2F1/annotations/workflow/assignment"), "{planned:?}");
    assert!(planned.body.unwrap().contains(&user.id));
    assert!(world.sent().iter().all(|(method, path, _)| method == "GET" && path.contains("/auth/users")));
}

#[test]
fn nothing_is_planned_where_nothing_would_be_sent() {
    let world = world();
    let planned = world.call(async |ctr| {
        ctr.dry_run(async |ctr| ctr.entry_remove("block", None, &entry("absent@example.net")).await.map(drop))
            .await
    });
    assert_eq!(planned.unwrap(), None);
}

#[test]
fn what_is_wrong_with_a_write_is_wrong_with_its_plan() {
    let world = world();
    let planned =
        world.call(async |ctr| ctr.dry_run(async |ctr| ctr.workflow_run("x", &[]).await.map(drop)).await);
    assert!(matches!(planned, Err(Error::InvalidArgument { .. })), "{planned:?}");
    assert_eq!(world.api_calls(), 0);
}
