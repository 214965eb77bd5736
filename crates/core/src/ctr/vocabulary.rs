//! The vendor's vocabularies. The server silently ignores a value it does not know and answers
//! unfiltered rows, so every value is checked before it is sent.

use crate::vocabulary::Vocabulary;

/// `source_filters`.
pub const SOURCES: Vocabulary = Vocabulary {
    prefix: "",
    suffix: "_alert",
    values: &["abuse_mailbox", "tap", "smart_search", "message_csv_upload"],
};

/// The state that means open, in `other_filters`.
pub const OPEN: &str = "open_incidents";
/// The state that means closed, in `other_filters`.
pub const CLOSED: &str = "closed_incidents";

/// `other_filters`.
pub const OTHERS: Vocabulary =
    Vocabulary { prefix: "", suffix: "_incidents", values: &[OPEN, CLOSED, "vap"] };

/// The states a fetch delivers.
pub const STATES: Vocabulary = Vocabulary { prefix: "", suffix: "_incidents", values: &[OPEN, CLOSED] };

/// `verdict_filters`.
pub const VERDICTS: Vocabulary = Vocabulary {
    prefix: "verdict_",
    suffix: "",
    values: &["verdict_failed", "verdict_low_risk", "verdict_manual_review", "verdict_threat"],
};

/// `disposition_filters`, and the disposition of an uploaded message.
pub const DISPOSITIONS: Vocabulary = Vocabulary {
    prefix: "",
    suffix: "",
    values: &[
        "bulk",
        "clean",
        "impostor",
        "in_progress",
        "internal",
        "low_risk",
        "malware",
        "manual_review",
        "not_set",
        "phish",
        "scam",
        "simulated_phish",
        "spam",
        "suspicious",
        "tap_false_positive",
        "toad",
        "vendor",
    ],
};

/// `confidence_filters`.
pub const CONFIDENCES: Vocabulary = Vocabulary {
    prefix: "confidence_",
    suffix: "",
    values: &["confidence_high", "confidence_medium", "confidence_low"],
};

/// `source_filters` of messages.
pub const MESSAGE_SOURCES: Vocabulary = Vocabulary {
    prefix: "",
    suffix: "_alert",
    values: &["abuse_mailbox", "tap", "smart_search", "message_csv_upload", "mail_bomb"],
};

/// `other_filters` of messages.
pub const MESSAGE_OTHERS: Vocabulary = Vocabulary::plain(&["reporter"]);

/// `status_filters`.
pub const STATUSES: Vocabulary = Vocabulary {
    prefix: "message_",
    suffix: "",
    values: &["message_delivered", "message_unread", "message_read", "permitted_click"],
};

/// `tap_threat_type_filters`.
pub const THREAT_TYPES: Vocabulary = Vocabulary {
    prefix: "tap_threat_type_",
    suffix: "",
    values: &[
        "tap_threat_type_delivered_attachment_threat",
        "tap_threat_type_delivered_message_threat",
        "tap_threat_type_delivered_url_threat",
        "tap_threat_type_unprotected_url_threat",
    ],
};

/// `quarantine_filters`. Rows spell some of them without `quarantine_`.
pub const QUARANTINE: Vocabulary = Vocabulary {
    prefix: "quarantine_",
    suffix: "",
    values: &[
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
    ],
};

/// What a workflow is run on.
pub const WORKFLOW_KINDS: Vocabulary = Vocabulary::plain(&["incident", "message"]);

/// What of a mail an entry of a list is compared with; on the wire each has a `$` before it.
pub const ATTRIBUTES: Vocabulary =
    Vocabulary { prefix: "$", suffix: "", values: &["$from", "$hfrom", "$ip", "$host", "$helo", "$rcpt"] };

/// The two lists.
pub const LISTS: Vocabulary = Vocabulary::plain(&["safe", "block"]);

/// How an entry of the safe list is compared.
pub const SAFE_OPERATORS: Vocabulary = Vocabulary::plain(&["equal", "contain", "is_in_list"]);

/// How an entry of the block list is compared.
pub const BLOCK_OPERATORS: Vocabulary =
    Vocabulary::plain(&["equal", "not_equal", "contain", "not_contain", "is_in_list"]);

/// `priority_filters`, and the priority of a new incident.
pub const PRIORITIES: Vocabulary = Vocabulary { prefix: "", suffix: "", values: &["high", "medium", "low"] };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    #[test]
    fn every_value_is_known_with_and_without_its_prefix() {
        for vocabulary in [SOURCES, OTHERS, STATES, VERDICTS, DISPOSITIONS, CONFIDENCES, PRIORITIES] {
            for value in vocabulary.values {
                assert_eq!(vocabulary.find(value), Some(*value));
                assert_eq!(vocabulary.find(&value.to_uppercase()), Some(*value));
                assert_eq!(vocabulary.find(value.strip_prefix(vocabulary.prefix).unwrap()), Some(*value));
            }
        }
        assert_eq!(OTHERS.find("open"), Some("open_incidents"));
        assert_eq!(SOURCES.find("tap_alert"), Some("tap"), "as rows spell it");
    }

    #[test]
    fn an_unknown_value_names_the_allowed_ones() {
        let Err(Error::InvalidArgument { argument, message, allowed }) =
            VERDICTS.check("verdict-filters", "verdict_evil")
        else {
            panic!("accepted");
        };
        assert_eq!(argument, "verdict-filters");
        assert!(message.contains("verdict_evil"));
        assert_eq!(allowed, VERDICTS.values);
        assert_eq!(PRIORITIES.find(""), None);
        assert_eq!(VERDICTS.find("verdict_"), None);
    }
}
