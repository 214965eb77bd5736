//! Cloud Threat Response: one file for each of the vendor's resources.

pub mod fetch;
pub mod health;
pub mod incidents;
pub mod messages;
mod paging;
pub mod vocabulary;

use crate::client::{Client, Session};
use crate::http::Transport;
use crate::oauth::Account;
use crate::{Config, Error};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
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
        Ok(Self { client: Client::new(transport, session, config), config })
    }
}

/// Everything but letters, digits and `-._~`: what may stand in a path segment as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An id as one path segment. Ids come from outside: one that holds `/` must not reach another resource,
/// nor may `.` or `..`.
pub(crate) fn segment(id: &str) -> String {
    match id {
        "." => "%2E".to_owned(),
        ".." => "%2E%2E".to_owned(),
        _ => utf8_percent_encode(id, SEGMENT).to_string(),
    }
}

/// Checks that an argument is one of the vendor's ids, a UUID.
pub(crate) fn uuid(argument: &str, id: &str) -> Result<(), Error> {
    let shape = id.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    if shape && id.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit()) {
        return Ok(());
    }
    let shown: String = id.chars().take(60).collect();
    Err(Error::argument(
        argument,
        format!(
            "`{shown}` is not an incident id (a UUID such as 44cca4c8-e513-42e5-984a-965de7f39537); \
             `incident-list` finds it by its display number with `incident-id-filters`"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_one_path_segment() {
        for (id, expected) in [
            ("44cca4c8-e513-42e5-984a-965de7f39537", "44cca4c8-e513-42e5-984a-965de7f39537"),
            ("../messages/x", "..%2Fmessages%2Fx"),
            ("a b?c#d%e", "a%20b%3Fc%23d%25e"),
            ("..", "%2E%2E"),
            (".", "%2E"),
            ("ü", "%C3%BC"),
        ] {
            assert_eq!(segment(id), expected);
        }
    }

    #[test]
    fn only_uuids_are_incident_ids() {
        assert!(uuid("ids", "44cca4c8-e513-42e5-984a-965de7f39537").is_ok());
        for id in ["", "781", "INC-781", "../messages/x", "44cca4c8-e513-42e5-984a-965de7f3953g"] {
            assert!(matches!(uuid("ids", id), Err(Error::InvalidArgument { .. })), "{id}");
        }
    }
}
