//! Insider Threat Management: one file for each thing that can be done.
//!
//! The API is documented by the vendor to its customers alone. What is known of it is the union of what
//! several clients send and read (`docs/vendor-api.md`), so everything in an answer may be missing here.

pub mod annotations;
pub mod email;
pub mod fetch;
pub mod health;
pub mod screenshots;
pub mod search;
pub mod ticket;
mod timeline;
pub mod users;
pub mod vocabulary;

use crate::client::{Call, Client, PlannedRequest, Session};
use crate::http::{Response, Transport, segment};
use crate::json::Object;
use crate::oauth::Account;
use crate::paging::Row;
use crate::{Config, Error};
use std::cell::RefCell;
use std::rc::Rc;
use ticket::Ticket;

/// What the key must be entitled to for tickets, as a person knows it.
const ACTIVITY: &str = "Insider Threat Management activity";

/// The operations of Insider Threat Management, for the length of one exported call.
#[derive(Debug)]
pub struct Itm<'a, T> {
    pub(crate) client: Client<'a, T>,
    pub(crate) config: &'a Config,
}

impl<'a, T: Transport> Itm<'a, T> {
    /// Begins a call: checks that the tenant and credentials are configured and takes up the account's session.
    pub fn new(
        transport: &'a T,
        config: &'a Config,
        session: &RefCell<Option<Rc<Session>>>,
    ) -> Result<Self, Error> {
        let session = Session::of(session, Account::itm(&config.itm)?);
        let calls_per_minute = config.itm.calls_per_minute;
        Ok(Self { client: Client::new(transport, session, config, calls_per_minute), config })
    }

    /// Runs an operation up to the write that it would send.
    pub async fn dry_run(
        mut self,
        operation: impl AsyncFnOnce(&Self) -> Result<(), Error>,
    ) -> Result<Option<PlannedRequest>, Error> {
        self.client.plan_writes();
        let ended = operation(&self).await;
        self.client.planned(ended)
    }

    /// Gets a ticket in full. Includes: `screenshots`, `raw-json`.
    pub async fn ticket_get(&self, fqid: &str, includes: &[String]) -> Result<Ticket, Error> {
        let includes = vocabulary::TICKET_INCLUDES.check_all("includes", includes)?;
        let include_raw = includes.contains(&vocabulary::RAW_JSON);
        let event = self.event(fqid, includes.contains(&vocabulary::SCREENSHOTS)).await?;
        Ok(Ticket::read(&event.value, &event.raw, include_raw, self.config).0)
    }

    /// Gets the event of a ticket.
    async fn event(&self, fqid: &str, screenshots: bool) -> Result<Row, Error> {
        let query = if screenshots { "?includes=screenshots" } else { "" };
        let call = Call::get(ACTIVITY, format!("{}{query}", path(fqid)?));
        let response = self.client.send(&call).await?;
        event_in(&response).ok_or_else(|| call.unreadable(&response, "it is not the JSON object of a ticket"))
    }
}

/// The event that an answer holds, if it holds one: an object with more in it than how the request went.
fn event_in(response: &Response) -> Option<Row> {
    let row = Row::read(serde_json::from_slice(&response.body).ok()?);
    let named = Object::new(&row.value)?.text(&["fqid", "id"]).is_some();
    let event = Object::new(&row.value)?.object(&["event", "incident", "annotations"]).is_some();
    (named || event).then_some(row)
}

/// The path of a ticket's event.
fn path(fqid: &str) -> Result<String, Error> {
    if fqid.trim().is_empty() || fqid.len() > 1024 || fqid.contains(char::is_control) {
        return Err(Error::argument(
            "fqid",
            "a ticket is addressed by its `fqid`, as `ticket-search` and `ticket-fetch` give it",
        ));
    }
    Ok(format!("/activity/events/{}", segment("fqid", fqid.trim())?))
}
