//! The vocabularies of messages.

/// What a message may have been found to be.
pub(crate) const DISPOSITIONS: [&str; 17] = [
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
];

/// The filters' spelling of a source, and the rows'.
pub(crate) const SOURCES: [(&str, &str); 5] = [
    ("abuse_mailbox", "abuse_mailbox"),
    ("tap", "tap_alert"),
    ("smart_search", "smart_search"),
    ("message_csv_upload", "message_csv_upload"),
    (MAIL_BOMB, MAIL_BOMB),
];

/// The source that only the search for messages knows.
pub(crate) const MAIL_BOMB: &str = "mail_bomb";

/// The filters' spelling of what a recipient did.
pub(crate) const STATUSES: [&str; 4] =
    ["message_delivered", "message_unread", "message_read", "permitted_click"];

/// What filters put before a kind of threat.
pub(crate) const THREAT_PREFIX: &str = "tap_threat_type_";

/// The rows' spelling of a kind of threat.
pub(crate) const THREATS: [&str; 4] = [
    "delivered_attachment_threat",
    "delivered_message_threat",
    "delivered_url_threat",
    "unprotected_url_threat",
];

/// The rows' spelling of a verdict; filters put `verdict_` before it.
pub(crate) const VERDICTS: [&str; 4] = ["failed", "low_risk", "manual_review", "threat"];

/// The rows' spelling of a confidence; filters put `confidence_` before it.
pub(crate) const CONFIDENCES: [&str; 3] = ["high", "medium", "low"];

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
