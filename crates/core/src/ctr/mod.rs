//! Cloud Threat Response: one file for each of the vendor's resources.

pub mod fetch;
pub mod health;
pub mod incidents;
mod listing;
pub mod lists;
pub mod messages;
pub mod vocabulary;
pub mod workflows;

use crate::client::{Client, PlannedRequest, Session};
use crate::http::Transport;
use crate::oauth::Account;
use crate::{Config, Error};
use std::cell::RefCell;
use std::rc::Rc;

/// The operations of Cloud Threat Response, for the length of one exported call.
#[derive(Debug)]
pub struct Ctr<'a, T> {
    pub(crate) client: Client<'a, T>,
    pub(crate) config: &'a Config,
}

impl<'a, T: Transport> Ctr<'a, T> {
    /// Begins a call: checks that credentials are configured and takes up the account's session.
    pub fn new(
        transport: &'a T,
        config: &'a Config,
        session: &RefCell<Option<Rc<Session>>>,
    ) -> Result<Self, Error> {
        let session = Session::of(session, Account::ctr(&config.ctr)?);
        let calls_per_minute = config.ctr.calls_per_minute;
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
}

/// Where ids of incidents come from.
pub(crate) const INCIDENT_IDS: &str =
    "`incident-list` gives it, which finds it by its display number with `incident-id-filters`";

/// Checks that an argument is one of the vendor's ids, a UUID; `source` says where such ids come from.
pub(crate) fn uuid(argument: &str, id: &str, source: &str) -> Result<(), Error> {
    let shape = id.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    if shape && id.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(Error::argument(
        argument,
        format!(
            "`{}` is not an id (a UUID such as 44cca4c8-e513-42e5-984a-965de7f39537) as {source}",
            crate::vocabulary::shown(id)
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uuids_are_incident_ids() {
        assert!(uuid("ids", "44cca4c8-e513-42e5-984a-965de7f39537", INCIDENT_IDS).is_ok());
        for id in ["", "781", "INC-781", "../messages/x", "44cca4c8-e513-42e5-984a-965de7f3953g"] {
            assert!(matches!(uuid("ids", id, INCIDENT_IDS), Err(Error::InvalidArgument { .. })), "{id}");
        }
    }
}
