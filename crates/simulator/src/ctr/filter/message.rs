//! What only messages can be filtered by.

use super::{Clause, Filter, Lists};
use crate::ctr::message::Message;
use crate::options::UnknownValues;
use crate::wire::Reply;

const STATUSES: [&str; 4] = ["message_delivered", "message_unread", "message_read", "permitted_click"];

const THREAT_KINDS: [&str; 4] = [
    "tap_threat_type_delivered_attachment_threat",
    "tap_threat_type_delivered_message_threat",
    "tap_threat_type_delivered_url_threat",
    "tap_threat_type_unprotected_url_threat",
];

/// What may have become of a message, as `quarantine_filters` spells it.
pub(crate) const REMEDIATIONS: [&str; 34] = [
    "quarantine_mailbox_not_found",
    "quarantine_message_not_found",
    "quarantine_success",
    "quarantine_not_attempted",
    "quarantine_pending",
    "dl_resolved",
    "quarantine_skipped_skip_list",
    "quarantine_skipped_abuse_mailbox",
    "quarantine_skipped_no_server_for_mailbox",
    "quarantine_skipped_cancelled",
    "quarantine_failed_insufficient_permissions",
    "quarantine_failed_invalid_authentication",
    "quarantine_failed_invalid_license_for_mailbox",
    "quarantine_failed_invalid_quarantine_folder",
    "quarantine_failed_invalid_quarantine_mailbox",
    "quarantine_failed_missing_message_id",
    "quarantine_failed_no_connectivity",
    "quarantine_failed_no_server_found_for_mailbox",
    "quarantine_failed_throttled",
    "quarantine_failed_other",
    "restore_not_in_quarantine_mailbox",
    "restore_pending",
    "restore_success",
    "restore_skipped_server_disabled",
    "restore_skipped_server_unavailable",
    "restore_failed_insufficient_permissions",
    "restore_failed_invalid_authentication",
    "restore_failed_invalid_license_for_mailbox",
    "restore_failed_invalid_quarantine_folder",
    "restore_failed_invalid_quarantine_mailbox",
    "restore_failed_no_connectivity",
    "restore_failed_no_server_found_for_mailbox",
    "restore_failed_throttled",
    "restore_failed_other",
];

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
        self.message(
            lists,
            "tap_threat_type_filters",
            |value| THREAT_KINDS.contains(&value),
            |message, kind| {
                message
                    .threats
                    .iter()
                    .any(|threat| kind.strip_prefix("tap_threat_type_") == Some(&threat.kind))
            },
        )?;
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
