//! The operations of Threat Response, each with what it promises.

use crate::world::World;
use crate::{Operation, check};
use proofpoint_core::Error;
use proofpoint_core::ctr::fetch::{FetchOptions, IncidentBatch};
use proofpoint_core::ctr::incidents::{Incident, IncidentDetail, IncidentQuery, MessageUpload, NewIncident};
use proofpoint_core::ctr::lists::ListEntry;
use proofpoint_core::ctr::messages::{Message, MessageQuery, PageQuery};
use proofpoint_core::ctr::workflows::Run;

/// Ids that the seeds know.
pub const INCIDENT: &str = "00000000-0000-4000-8000-00000000030d";
/// See [`INCIDENT`].
pub const MESSAGE: &str = "00000000-0000-4000-9000-000000000001";
/// See [`INCIDENT`].
pub const WORKFLOW: &str = "00000000-0000-4000-a000-000000000001";
/// See [`INCIDENT`].
pub const RUN: &str = "00000000-0000-4000-b000-000000000001";

const CONSOLE: &str = "https://threatresponse.proofpoint.com";

/// Incidents: listed, counted, got, fetched, created.
pub const INCIDENTS: &[Operation] = &[
    incident_list,
    incident_count,
    incident_get,
    |world| incident_fetch(world, None).map(drop),
    incident_create,
    incident_add_message,
];

/// Messages: listed, got, those of an incident.
pub const MESSAGES: &[Operation] = &[message_list, message_get, incident_messages];

/// Workflows: listed, run, waited for.
pub const WORKFLOWS: &[Operation] = &[workflow_list, workflow_run, workflow_run_get, workflow_run_wait];

/// The organisation's lists: read and changed.
pub const LISTS: &[Operation] = &[entry_list, entry_add, entry_remove];

/// E-mails.
pub const DOWNLOADS: &[Operation] = &[message_download];

fn incident_list(world: &World) -> Result<(), Error> {
    let mut query = IncidentQuery {
        start_time: world.flag(2).then(|| "7 days".to_owned()),
        source_filters: world.filters("abuse_mailbox"),
        verdict_filters: world.filters("low_risk"),
        limit: Some(world.limit()),
        include_raw: world.raw(),
        ..IncidentQuery::default()
    };
    let page = world.ctr(async |ctr| ctr.incident_list(&query).await)?;
    check::rows(page.incidents.iter().map(|incident| incident.id.as_str()), world.limit());
    page.incidents.iter().for_each(|one| incident(one, world.raw()));
    if let Some(next) = page.next {
        check::sealed(&next);
        query.cursor = Some(next);
        let next = world.ctr(async |ctr| ctr.incident_list(&query).await);
        assert!(!matches!(next, Err(Error::InvalidArgument { .. })), "{next:?}");
    }
    Ok(())
}

fn incident_count(world: &World) -> Result<(), Error> {
    world.ctr(async |ctr| ctr.incident_count(&IncidentQuery::default()).await).map(drop)
}

fn incident_get(world: &World) -> Result<(), Error> {
    let ids = [INCIDENT.to_owned(), INCIDENT.to_uppercase()];
    let details = world.ctr(async |ctr| ctr.incident_get(&ids, world.raw()).await)?;
    assert_eq!(details.len(), 2);
    for one in &details {
        match one {
            Ok(one) => {
                assert!(one.incident.id.eq_ignore_ascii_case(INCIDENT), "{}", one.incident.id);
                detail(one, world.raw());
            }
            Err(error) => check::error(error, check::Shown::Bounded),
        }
    }
    Ok(())
}

/// A step of polling, and where it answers, the one behind it.
pub fn incident_fetch(world: &World, checkpoint: Option<&str>) -> Result<IncidentBatch, Error> {
    let mut states = vec!["open".to_owned()];
    if world.flag(4) {
        states.push("closed".to_owned());
    }
    let options = FetchOptions {
        max_fetch: Some(world.limit().min(200)),
        fetch_states: states,
        fetch_enrich: Some(world.flag(3)),
        include_raw: world.raw(),
        ..FetchOptions::default()
    };
    let batch = world.ctr(async |ctr| ctr.incident_fetch(&options, checkpoint).await)?;
    assert!(batch.incidents.len() <= world.limit().min(200) as usize);
    check::sealed(&batch.checkpoint);
    check::ordered(batch.incidents.iter().map(|fetched| fetched.occurred.as_str()));
    assert!(!batch.more || checkpoint != Some(&batch.checkpoint), "a step that gets nowhere");
    for fetched in &batch.incidents {
        check::time(&fetched.occurred);
        check::link(&fetched.url, CONSOLE);
        incident(&fetched.incident, world.raw());
        if let Some(one) = &fetched.detail {
            detail(one, world.raw());
        }
        let twice = |other: &&_| {
            let other: &&proofpoint_core::ctr::fetch::FetchedIncident = other;
            other.event == fetched.event && other.incident == fetched.incident
        };
        assert_eq!(batch.incidents.iter().filter(twice).count(), 1, "{fetched:?} comes twice");
    }
    if world.flag(5) {
        let next = world.ctr(async |ctr| ctr.incident_fetch(&options, Some(&batch.checkpoint)).await);
        assert!(!matches!(next, Err(Error::InvalidArgument { .. })), "{next:?}");
    }
    Ok(batch)
}

fn incident_create(world: &World) -> Result<(), Error> {
    let new = NewIncident {
        title: "Invoice".into(),
        description: Some("by hand".into()),
        priority: Some("high".into()),
    };
    if world.flag(7) {
        let planned = world
            .ctr(async |ctr| ctr.dry_run(async |ctr| ctr.incident_create(&new).await.map(drop)).await)?;
        assert!(planned.is_some() && world.sent.get() == 0, "a dry run sent something");
    }
    let created = world.ctr(async |ctr| ctr.incident_create(&new).await)?;
    assert!(!created.id.is_empty());
    check::times([&created.created_at]);
    check::link(&created.url, CONSOLE);
    Ok(())
}

fn incident_add_message(world: &World) -> Result<(), Error> {
    let upload = MessageUpload {
        incident_id: INCIDENT.into(),
        rfc_message_id: "<1@mail.example.net>".into(),
        recipient_addresses: vec!["user1@example.com".into()],
        ..MessageUpload::default()
    };
    let uploaded = world.ctr(async |ctr| ctr.incident_add_message(&upload).await)?;
    assert!(!uploaded.incident_id.is_empty() && !uploaded.rfc_message_id.is_empty());
    Ok(())
}

fn message_list(world: &World) -> Result<(), Error> {
    let mut query = MessageQuery {
        start_time: world.flag(2).then(|| "7 days".to_owned()),
        source_filters: world.filters("abuse_mailbox"),
        recipient_address_filters: world.filters("user1@example.com"),
        limit: Some(world.limit()),
        include_raw: world.raw(),
        ..MessageQuery::default()
    };
    let page = world.ctr(async |ctr| ctr.message_list(&query).await)?;
    check::rows(page.messages.iter().map(|message| message.id.as_str()), world.limit());
    page.messages.iter().for_each(|one| message(one, world.raw()));
    if let Some(next) = page.next {
        check::sealed(&next);
        query.cursor = Some(next);
        let next = world.ctr(async |ctr| ctr.message_list(&query).await);
        assert!(!matches!(next, Err(Error::InvalidArgument { .. })), "{next:?}");
    }
    Ok(())
}

fn message_get(world: &World) -> Result<(), Error> {
    let got = world.ctr(async |ctr| ctr.message_get(MESSAGE, world.raw()).await)?;
    message(&got, world.raw());
    Ok(())
}

fn incident_messages(world: &World) -> Result<(), Error> {
    let mut page = PageQuery { limit: Some(world.limit()), cursor: None, include_raw: world.raw() };
    let messages = world.ctr(async |ctr| ctr.incident_messages(INCIDENT, &page).await)?;
    check::rows(messages.messages.iter().map(|message| message.id.as_str()), world.limit());
    messages.messages.iter().for_each(|one| message(one, world.raw()));
    if let Some(next) = messages.next {
        check::sealed(&next);
        page.cursor = Some(next);
        let next = world.ctr(async |ctr| ctr.incident_messages(INCIDENT, &page).await);
        assert!(!matches!(next, Err(Error::InvalidArgument { .. })), "{next:?}");
    }
    Ok(())
}

fn workflow_list(world: &World) -> Result<(), Error> {
    let kind = world.flag(2).then_some("incident");
    let enabled = world.flag(3).then_some(true);
    let workflows = world.ctr(async |ctr| ctr.workflow_list(enabled, kind, world.raw()).await)?;
    for workflow in &workflows {
        check::times([&workflow.created_at, &workflow.updated_at]);
        check::raw(&workflow.raw_json, world.raw() || workflow.id.is_empty());
        assert!(enabled.is_none() || workflow.enabled != Some(false));
    }
    Ok(())
}

fn workflow_run(world: &World) -> Result<(), Error> {
    let targets = [INCIDENT.to_owned(), INCIDENT.to_owned()];
    let started = world.ctr(async |ctr| ctr.workflow_run(WORKFLOW, &targets).await);
    assert!(world.sent.get() <= 2, "a run is sent once, and once more after a 401");
    run(&started?);
    Ok(())
}

fn workflow_run_get(world: &World) -> Result<(), Error> {
    let got = world.ctr(async |ctr| ctr.workflow_run_get(RUN).await)?;
    assert!(got.id.eq_ignore_ascii_case(RUN));
    run(&got);
    Ok(())
}

fn workflow_run_wait(world: &World) -> Result<(), Error> {
    let got = world.ctr(async |ctr| ctr.workflow_run_wait(RUN, None).await)?;
    assert_eq!(got.state, "SUCCESS");
    run(&got);
    Ok(())
}

fn entry() -> ListEntry {
    ListEntry {
        attribute: "from".into(),
        operator: "equal".into(),
        value: "sender@example.net".into(),
        ..ListEntry::default()
    }
}

fn list_name(world: &World) -> &'static str {
    if world.flag(2) { "safe" } else { "block" }
}

fn entry_list(world: &World) -> Result<(), Error> {
    let entries = world.ctr(async |ctr| ctr.entry_list(list_name(world), None, world.raw()).await)?;
    for entry in &entries {
        check::raw(&entry.raw_json, world.raw() || entry.attribute.is_empty() || entry.value.is_empty());
    }
    Ok(())
}

fn entry_add(world: &World) -> Result<(), Error> {
    world.ctr(async |ctr| ctr.entry_add(list_name(world), None, &entry()).await).map(drop)
}

fn entry_remove(world: &World) -> Result<(), Error> {
    world.ctr(async |ctr| ctr.entry_remove(list_name(world), None, &entry()).await).map(drop)
}

fn message_download(world: &World) -> Result<(), Error> {
    let includes: Vec<String> = world.flag(2).then(|| "summary".to_owned()).into_iter().collect();
    let eml = world.ctr(async |ctr| ctr.message_download(MESSAGE, &includes).await)?;
    check::mail(&eml, &world.last_body(), world.flag(2));
    Ok(())
}

fn incident(one: &Incident, raw: bool) {
    check::times([&one.created_at, &one.updated_at, &one.opened_at, &one.closed_at]);
    check::link(&one.url, CONSOLE);
    if one.raw_json.is_some() || raw {
        check::raw(&one.raw_json, raw);
    }
}

fn detail(one: &IncidentDetail, raw: bool) {
    check::raw(&one.raw_json, raw);
    incident(&one.incident, false);
    one.comments.iter().for_each(|comment| check::times([&comment.created_at, &comment.updated_at]));
    one.activities.iter().for_each(|activity| check::times([&activity.occurred_at]));
}

fn message(one: &Message, raw: bool) {
    check::times([&one.received_at, &one.created_at, &one.updated_at]);
    check::raw(&one.raw_json, raw || one.id.is_empty());
}

fn run(one: &Run) {
    assert!(!one.id.is_empty() && !one.state.is_empty());
    check::times([&one.created_at, &one.updated_at]);
    check::raw(&one.raw_json, true);
}
