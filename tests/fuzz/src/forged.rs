//! Cursors and checkpoints that an outsider writes.

use crate::check::Shown;
use crate::input::Input;
use crate::world::{SECRET, TOKEN, World};
use crate::{check, ctr, holds, itm};
use base64ct::{Base64UrlUnpadded, Encoding};
use proofpoint_core::Error;
use proofpoint_core::ctr::incidents::IncidentQuery;
use proofpoint_core::ctr::messages::{MessageQuery, PageQuery};
use proofpoint_core::itm::search::TicketQuery;
use proofpoint_core::itm::users::UserQuery;
use proofpoint_core::seal::hash;

/// A kind of sealed text, its version, and what takes it.
pub type Kind = (&'static str, u32, fn(&World, &str) -> Result<(), Error>);

/// Checkpoints.
pub const CHECKPOINTS: &[Kind] = &[
    ("ctr-incident-fetch", 1, |world, text| ctr::incident_fetch(world, Some(text)).map(drop)),
    ("itm-ticket-fetch", 1, |world, text| itm::ticket_fetch(world, Some(text)).map(drop)),
];

/// Cursors.
pub const CURSORS: &[Kind] = &[
    ("ctr-incident-list", 1, |world, text| {
        let query = IncidentQuery { cursor: Some(text.into()), ..IncidentQuery::default() };
        next(world.ctr(async |ctr| ctr.incident_list(&query).await)?.next)
    }),
    ("ctr-message-list", 1, |world, text| {
        let query = MessageQuery { cursor: Some(text.into()), ..MessageQuery::default() };
        next(world.ctr(async |ctr| ctr.message_list(&query).await)?.next)
    }),
    ("ctr-incident-messages", 1, |world, text| {
        let page = PageQuery { cursor: Some(text.into()), ..PageQuery::default() };
        next(world.ctr(async |ctr| ctr.incident_messages(ctr::INCIDENT, &page).await)?.next)
    }),
    ("itm-ticket-search", 1, |world, text| {
        let query = TicketQuery { cursor: Some(text.into()), ..TicketQuery::default() };
        next(world.itm(async |itm| itm.ticket_search(&query).await)?.next)
    }),
    ("itm-user-list", 2, |world, text| {
        let query = UserQuery { cursor: Some(text.into()), ..UserQuery::default() };
        next(world.itm(async |itm| itm.user_list(&query).await)?.next)
    }),
];

fn next(cursor: Option<String>) -> Result<(), Error> {
    cursor.iter().for_each(|cursor| check::sealed(cursor));
    Ok(())
}

/// Gives an operation a cursor or a checkpoint: the kind, how it is asked, the length of the text in two bytes, the
/// text, answers. Half of the kinds take the text as it stands, half as a payload that gets its checksum.
pub fn run(kinds: &[Kind], argument: &str, data: &[u8]) {
    let [choice, flags, low, high, rest @ ..] = data else { return };
    let length = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
    let (text, answers) = rest.split_at(length);
    let input = Input::read(&[&[*choice, *flags], answers].concat()).expect("two bytes");
    let (kind, version, take) = kinds[usize::from(input.operation / 2) % kinds.len()];
    let text = match input.operation % 2 {
        0 => sealed(kind, version, text),
        _ => String::from_utf8_lossy(text).into_owned(),
    };
    // What the caller gives may be repeated to him.
    if holds(text.as_bytes(), TOKEN) || holds(data, SECRET) || holds(data, TOKEN) {
        return;
    }
    let world = World::answering(input);
    let ended = take(&world, &text);
    let refused = matches!(&ended, Err(Error::InvalidArgument { argument: named, .. }) if named == argument);
    assert!(refused || is_sealed(kind, version, &text), "taken: {text}");
    assert!(!refused || world.sent.get() == 0, "refused after it was used: {text}");
    if let Err(error) = &ended {
        check::error(error, Shown::Bounded);
    }
}

/// A payload with the checksum that it should have.
fn sealed(kind: &str, version: u32, payload: &[u8]) -> String {
    let payload = Base64UrlUnpadded::encode_string(payload);
    format!("{kind}.{version}.{:016x}.{payload}", hash(payload.as_bytes()))
}

/// Whether a text has the form and the checksum of one that was sealed by the core.
fn is_sealed(kind: &str, version: u32, text: &str) -> bool {
    let Some(rest) = text.trim().strip_prefix(&format!("{kind}.{version}.")) else { return false };
    rest.split_once('.').is_some_and(|(sum, payload)| sum == format!("{:016x}", hash(payload.as_bytes())))
}
