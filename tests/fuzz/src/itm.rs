//! The operations of Insider Threat Management, each with what it promises.

use crate::world::World;
use crate::{Operation, check};
use proofpoint_core::Error;
use proofpoint_core::itm::annotations::StatusChange;
use proofpoint_core::itm::fetch::{FetchOptions, TicketBatch};
use proofpoint_core::itm::search::TicketQuery;
use proofpoint_core::itm::ticket::Ticket;
use proofpoint_core::itm::users::{User, UserQuery};

/// Ids that the seeds know.
pub const FQID: &str = "b2l/cm+vdA==";
/// See [`FQID`].
pub const OWNER: &str = "00000000-0000-4000-8000-000000000001";
/// See [`FQID`].
pub const SCREENSHOT: &str = "shot-1";

const CONSOLE: &str = "https://tenant.test/v2/apps/";

/// Tickets: got, searched, fetched, changed.
pub const TICKETS: &[Operation] = &[
    ticket_get,
    ticket_search,
    |world| ticket_fetch(world, None).map(drop),
    ticket_assign_owner,
    ticket_add_comment,
    ticket_set_status,
    ticket_add_tag,
];

/// Users: listed, found.
pub const USERS: &[Operation] = &[user_list, user_find];

/// E-mails and screenshots.
pub const DOWNLOADS: &[Operation] = &[email_get, screenshot_list, screenshot_get];

fn includes(world: &World) -> Vec<String> {
    let asked = [(world.raw(), "raw-json"), (world.flag(1), "screenshots")];
    asked.into_iter().filter(|(wanted, _)| *wanted).map(|(_, name)| name.to_owned()).collect()
}

fn ticket_get(world: &World) -> Result<(), Error> {
    let got = world.itm(async |itm| itm.ticket_get(FQID, &includes(world)).await)?;
    ticket(&got, world.raw());
    Ok(())
}

fn ticket_search(world: &World) -> Result<(), Error> {
    let mut query = TicketQuery {
        start_time: world.flag(2).then(|| "7 days".to_owned()),
        severity_filters: world.filters("critical"),
        status_filters: world.filters("new"),
        all_activity: world.flag(3),
        limit: Some(world.limit()),
        include_raw: world.raw(),
        ..TicketQuery::default()
    };
    let page = world.itm(async |itm| itm.ticket_search(&query).await)?;
    check::rows(page.tickets.iter().map(|ticket| ticket.fqid.as_str()), world.limit());
    page.tickets.iter().for_each(|one| ticket(one, world.raw()));
    if let Some(next) = page.next {
        check::sealed(&next);
        query.cursor = Some(next);
        let next = world.itm(async |itm| itm.ticket_search(&query).await);
        assert!(!matches!(next, Err(Error::InvalidArgument { .. })), "{next:?}");
    }
    Ok(())
}

/// A step of polling, and where it answers, the one behind it.
pub fn ticket_fetch(world: &World, checkpoint: Option<&str>) -> Result<TicketBatch, Error> {
    let options = FetchOptions {
        max_fetch: Some(world.limit().min(200)),
        severity_filters: world.filters("critical"),
        include_raw: world.raw(),
        ..FetchOptions::default()
    };
    let batch = world.itm(async |itm| itm.ticket_fetch(&options, checkpoint).await)?;
    check::rows(batch.tickets.iter().map(|fetched| fetched.ticket.fqid.as_str()), world.limit().min(200));
    check::sealed(&batch.checkpoint);
    assert!(!batch.more || checkpoint != Some(&batch.checkpoint), "a step that gets nowhere");
    let known = |fetched: &'_ proofpoint_core::itm::fetch::FetchedTicket| fetched.warning.is_none();
    let ingested = batch.tickets.iter().filter(|fetched| known(fetched));
    check::ordered(ingested.filter_map(|fetched| fetched.ticket.ingested_at.as_deref()));
    for fetched in &batch.tickets {
        check::time(&fetched.occurred);
        check::link(&fetched.url, CONSOLE);
        ticket(&fetched.ticket, world.raw());
    }
    if world.flag(5) {
        let next = world.itm(async |itm| itm.ticket_fetch(&options, Some(&batch.checkpoint)).await);
        assert!(!matches!(next, Err(Error::InvalidArgument { .. })), "{next:?}");
    }
    Ok(batch)
}

fn ticket_assign_owner(world: &World) -> Result<(), Error> {
    let assignee = if world.flag(1) { "Ada Lovelace" } else { OWNER };
    let receipt = world.itm(async |itm| itm.ticket_assign_owner(FQID, assignee).await)?;
    assert!(receipt.fqid == FQID && receipt.assignee_id.is_some_and(|id| !id.is_empty()));
    Ok(())
}

fn ticket_add_comment(world: &World) -> Result<(), Error> {
    if world.flag(7) {
        let planned = world.itm(async |itm| {
            itm.dry_run(async |itm| itm.ticket_add_comment(FQID, "seen", None).await.map(drop)).await
        })?;
        assert!(planned.is_some() && world.sent.get() == 0, "a dry run sent something");
    }
    let receipt = world.itm(async |itm| itm.ticket_add_comment(FQID, "seen", None).await)?;
    assert!(receipt.fqid == FQID && !receipt.confirmed_by_reading);
    Ok(())
}

fn ticket_set_status(world: &World) -> Result<(), Error> {
    let change = StatusChange {
        status_id: "5b0f3c9e-1d1a-4e52-9c57-0b6a7c1f0a03".into(),
        title: Some("In progress".into()),
        category: world.flag(2).then(|| "open:in-progress".into()),
        ..StatusChange::default()
    };
    let receipt = world.itm(async |itm| itm.ticket_set_status(FQID, &change).await)?;
    assert!(receipt.fqid == FQID && receipt.assignee_id.is_none());
    Ok(())
}

fn ticket_add_tag(world: &World) -> Result<(), Error> {
    let receipt = world.itm(async |itm| itm.ticket_add_tag(FQID, "tag 1").await)?;
    assert!(receipt.fqid == FQID && !receipt.confirmed_by_reading);
    Ok(())
}

fn user_list(world: &World) -> Result<(), Error> {
    let mut query = UserQuery {
        status: world.filters("active"),
        first_name: world.flag(3).then(|| "A*".to_owned()),
        limit: Some(world.limit()),
        include_raw: world.raw(),
        ..UserQuery::default()
    };
    let page = world.itm(async |itm| itm.user_list(&query).await)?;
    check::rows(page.users.iter().map(|user| user.id.as_str()), world.limit());
    page.users.iter().for_each(|one| user(one, world.raw()));
    if let Some(next) = page.next {
        check::sealed(&next);
        query.cursor = Some(next);
        let next = world.itm(async |itm| itm.user_list(&query).await);
        assert!(!matches!(next, Err(Error::InvalidArgument { .. })), "{next:?}");
    }
    Ok(())
}

fn user_find(world: &World) -> Result<(), Error> {
    let name = ["Ada Lovelace", "ada.lovelace@example.com", "Ada", "Ada King Lovelace"];
    let name = name[usize::from(world.flag(1)) + 2 * usize::from(world.flag(2))];
    let found = world.itm(async |itm| itm.user_find(name).await)?;
    assert!(!found.id.is_empty());
    user(&found, false);
    Ok(())
}

fn email_get(world: &World) -> Result<(), Error> {
    let includes = world.filters("summary");
    let eml = world.itm(async |itm| itm.email_get(FQID, &includes).await)?;
    check::mail(&eml, &world.last_body(), world.flag(2));
    Ok(())
}

fn screenshot_list(world: &World) -> Result<(), Error> {
    world.itm(async |itm| itm.screenshot_list(FQID).await).map(drop)
}

fn screenshot_get(world: &World) -> Result<(), Error> {
    let image = world.itm(async |itm| itm.screenshot_get(FQID, SCREENSHOT).await)?;
    assert!(image.content == world.last_body() && image.size as usize == image.content.len());
    assert!(image.content_type.starts_with("image/") && !image.content.is_empty());
    Ok(())
}

fn ticket(one: &Ticket, raw: bool) {
    check::times([&one.observed_at, &one.occurred_at, &one.ingested_at]);
    check::link(&one.timeline_url, CONSOLE);
    for note in one.comments.iter().chain(&one.history) {
        check::times([&note.created_at]);
    }
    one.messages.iter().for_each(|message| check::times([&message.sent_at]));
    for notes in [&one.comments, &one.history] {
        check::ordered(notes.iter().filter_map(|note| note.created_at.as_deref()));
    }
    if one.raw_json.is_some() || raw {
        check::raw(&one.raw_json, raw);
    }
}

fn user(one: &User, raw: bool) {
    check::raw(&one.raw_json, raw || one.id.is_empty());
}
