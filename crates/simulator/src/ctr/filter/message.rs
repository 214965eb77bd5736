//! What only messages can be filtered by.

use super::{Clause, Filter, Lists};
use crate::ctr::message::Message;
use crate::ctr::vocabulary::{REMEDIATIONS, STATUSES, THREAT_PREFIX, THREATS};
use crate::options::UnknownValues;
use crate::wire::Reply;

impl Filter {
    /// Reads the keys that only the search for messages knows.
    pub(super) fn read_message(&mut self, lists: &Lists<'_>) -> Result<(), Reply> {
        let free: fn(&str) -> bool = |value| !value.is_empty();
        self.message(lists, "message_id_filters", free, |message, id| message.rfc_message_id == id)?;
        self.message(lists, "recipient_address_filters", free, |message, address| {
            message.recipient.eq_ignore_ascii_case(address)
        })?;
        self.message(lists, "sender_address_filters", free, |message, address| {
            message.sender.eq_ignore_ascii_case(address)
        })?;
        self.message(lists, "subject_filters", free, |message, part| {
            message.subject.to_lowercase().contains(&part.to_lowercase())
        })?;
        self.message(lists, "status_filters", |value| STATUSES.contains(&value), has_status)?;
        self.message(lists, "quarantine_filters", |value| REMEDIATIONS.contains(&value), is_remediated)?;
        self.message(lists, "tap_threat_filters", free, |message, id| {
            message.threats.iter().any(|threat| threat.tap_id == id)
        })?;
        self.message(lists, "tap_threat_type_filters", is_threat, |message, kind| {
            message.threats.iter().any(|threat| kind.strip_prefix(THREAT_PREFIX) == Some(&threat.kind))
        })?;
        let others = lists.read("other_filters", |value| match value {
            "reporter" => Some(Clause::Reporter),
            _ => (lists.options.unknown_values == UnknownValues::MatchNothing).then_some(Clause::Nothing),
        })?;
        self.0.extend(others.into_iter().flatten());
        Ok(())
    }

    fn message(
        &mut self,
        lists: &Lists<'_>,
        key: &str,
        known: fn(&str) -> bool,
        is: fn(&Message, &str) -> bool,
    ) -> Result<(), Reply> {
        if let Some(wanted) = lists.read(key, |value| known(value).then(|| value.to_owned()))? {
            self.0.push(Clause::Message(is, wanted));
        }
        Ok(())
    }
}

fn is_threat(value: &str) -> bool {
    value.strip_prefix(THREAT_PREFIX).is_some_and(|kind| THREATS.contains(&kind))
}

fn has_status(message: &Message, status: &str) -> bool {
    match status {
        "message_delivered" => message.delivered,
        "message_unread" => message.read == Some(false),
        "message_read" => message.read == Some(true),
        _ => message.permitted_clicks > 0,
    }
}

/// Rows sometimes drop the `quarantine_` of the filter.
fn is_remediated(message: &Message, status: &str) -> bool {
    let short = status.strip_prefix("quarantine_").unwrap_or(status);
    message.remediation_status.as_deref().is_some_and(|it| it == status || it == short)
}
