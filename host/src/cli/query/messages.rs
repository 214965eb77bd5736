//! Records of the interface `messages`.

use clap::Args;
use serde::Serialize;

use super::Page;

/// `message-query`.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct MessageQuery {
    #[command(flatten)]
    #[serde(flatten)]
    filters: Filters,
    #[command(flatten)]
    #[serde(flatten)]
    page: Page,
    /// desc (newest first) or asc
    #[arg(long, value_name = "ORDER")]
    sort: Option<String>,
}

/// The part of `message-query` that says which messages.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "Filters")]
struct Filters {
    /// Received at or after: a time, a date, `3 days`, `12 hours ago`, `yesterday`
    #[arg(long, visible_alias = "since", value_name = "TIME")]
    start_time: Option<String>,
    /// Received up to this second; same forms
    #[arg(long, visible_alias = "until", value_name = "TIME")]
    end_time: Option<String>,
    /// Message-ID with its angle brackets: <a@example.com>; once for each
    #[arg(long, visible_alias = "message-id", value_name = "MESSAGE-ID")]
    message_id_filters: Vec<String>,
    /// Addresses of recipients
    #[arg(long, visible_alias = "recipient", value_name = "ADDRESS", value_delimiter = ',')]
    recipient_address_filters: Vec<String>,
    /// Addresses of senders
    #[arg(long, visible_alias = "sender", value_name = "ADDRESS", value_delimiter = ',')]
    sender_address_filters: Vec<String>,
    /// Part of the subject; once for each
    #[arg(long, visible_alias = "subject", value_name = "TEXT")]
    subject_filters: Vec<String>,
    /// abuse_mailbox, tap, smart_search, message_csv_upload, mail_bomb
    #[arg(long, visible_alias = "source", value_name = "SOURCE", value_delimiter = ',')]
    source_filters: Vec<String>,
    /// reporter: the copy of who reported it
    #[arg(long, visible_alias = "other", value_name = "WHICH", value_delimiter = ',')]
    other_filters: Vec<String>,
    /// threat, manual_review, low_risk, failed
    #[arg(long, visible_alias = "verdict", value_name = "VERDICT", value_delimiter = ',')]
    verdict_filters: Vec<String>,
    /// phish, malware, impostor, spam, clean…
    #[arg(long, visible_alias = "disposition", value_name = "DISPOSITION", value_delimiter = ',')]
    disposition_filters: Vec<String>,
    /// high, medium, low
    #[arg(long, visible_alias = "confidence", value_name = "CONFIDENCE", value_delimiter = ',')]
    confidence_filters: Vec<String>,
    /// delivered, unread, read, permitted_click
    #[arg(long, visible_alias = "status", value_name = "STATUS", value_delimiter = ',')]
    status_filters: Vec<String>,
    /// What became of it: success, pending, not_attempted, failed_other, restore_success…
    #[arg(long, visible_alias = "quarantine", value_name = "STATE", value_delimiter = ',')]
    quarantine_filters: Vec<String>,
    /// Ids of threats in Targeted Attack Protection
    #[arg(long, visible_alias = "threat", value_name = "ID", value_delimiter = ',')]
    tap_threat_filters: Vec<String>,
    /// delivered_url_threat, delivered_attachment_threat, delivered_message_threat, unprotected_url_threat
    #[arg(long, visible_alias = "threat-type", value_name = "TYPE", value_delimiter = ',')]
    tap_threat_type_filters: Vec<String>,
}
