//! Records of the interface `incidents`.

use clap::Args;
use serde::Serialize;

use super::Page;

/// `incident-query`.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct IncidentQuery {
    #[command(flatten)]
    #[serde(flatten)]
    filters: Filters,
    #[command(flatten)]
    #[serde(flatten)]
    page: Page,
    /// desc (newest first) or asc, optionally for a column: createdAt:asc, closedAt:desc
    #[arg(long, value_name = "ORDER")]
    sort: Option<String>,
}

/// The part of `incident-query` that says which incidents.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "Filters")]
pub(crate) struct Filters {
    /// Created at or after: a time, a date, `3 days`, `12 hours ago`, `yesterday`
    #[arg(long, visible_alias = "since", value_name = "TIME")]
    start_time: Option<String>,
    /// Created before; same forms
    #[arg(long, visible_alias = "until", value_name = "TIME")]
    end_time: Option<String>,
    /// Display numbers: 781 or INC-781
    #[arg(long, visible_alias = "id", value_name = "NUMBER", value_delimiter = ',')]
    incident_id_filters: Vec<String>,
    /// abuse_mailbox, tap, smart_search, message_csv_upload
    #[arg(long, visible_alias = "source", value_name = "SOURCE", value_delimiter = ',')]
    source_filters: Vec<String>,
    /// open, closed, vap
    #[arg(long, visible_alias = "state", value_name = "STATE", value_delimiter = ',')]
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
    /// high, medium, low
    #[arg(long, visible_alias = "priority", value_name = "PRIORITY", value_delimiter = ',')]
    priority_filters: Vec<String>,
}

/// `fetch-options`.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "What to fetch")]
pub(crate) struct FetchOptions {
    /// Where a fetch without a checkpoint begins: `3 days`, a date, a time
    #[arg(long, value_name = "TIME")]
    first_fetch: Option<String>,
    /// Incidents that one step delivers at most, 1 to 200
    #[arg(long, value_name = "COUNT")]
    max_fetch: Option<u32>,
    /// open_incidents, closed_incidents or both
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    fetch_states: Vec<String>,
    /// Minutes read again for incidents that are indexed late
    #[arg(long, value_name = "MINUTES")]
    fetch_delta_minutes: Option<u32>,
    /// Days after its creation for which an incident's closing is still found
    #[arg(long, value_name = "DAYS")]
    closed_lookback_days: Option<u32>,
    /// The label on each incident
    #[arg(long, value_name = "LABEL")]
    incident_type: Option<String>,
    /// Deliver each incident with its detail, one more call for each
    #[arg(long, visible_alias = "enrich", value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_missing_value = "true")]
    fetch_enrich: Option<bool>,
    /// Add the vendor's own JSON as raw-json
    #[arg(long)]
    include_raw: bool,
}

/// `new-incident`.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct NewIncident {
    /// Its title
    #[arg(long)]
    title: String,
    /// Free text
    #[arg(long)]
    description: Option<String>,
    /// high, medium or low
    #[arg(long)]
    priority: Option<String>,
}

/// `message-upload`.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct MessageUpload {
    /// The incident's id, or the number that the console shows: INC-781
    #[arg(value_name = "INCIDENT")]
    pub(crate) incident_id: String,
    /// Message-ID with its angle brackets: <a@example.com>
    #[arg(long, visible_alias = "message-id", value_name = "MESSAGE-ID")]
    rfc_message_id: String,
    /// Recipients
    #[arg(long, visible_alias = "to", value_name = "ADDRESS", value_delimiter = ',', required = true)]
    recipient_addresses: Vec<String>,
    /// Sender
    #[arg(long, visible_alias = "from", value_name = "ADDRESS")]
    sender: Option<String>,
    /// Subject
    #[arg(long)]
    subject: Option<String>,
    /// phish, malware, impostor, spam, clean…
    #[arg(long)]
    disposition: Option<String>,
}
