//! Records of the interface `tickets`.

use clap::Args;
use serde::Serialize;

use super::Page;

/// `ticket-query`.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct TicketQuery {
    #[command(flatten)]
    #[serde(flatten)]
    filters: Filters,
    #[command(flatten)]
    #[serde(flatten)]
    page: Page,
    /// desc (newest first) or asc, optionally for a column: observedAt:asc, ingestedAt:desc
    #[arg(long, value_name = "ORDER")]
    sort: Option<String>,
}

/// The part of `ticket-query` that says which tickets.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "Filters")]
struct Filters {
    /// Observed at or after: a time, a date, `3 days`, `12 hours ago`, `yesterday`
    #[arg(long, visible_alias = "since", value_name = "TIME")]
    start_time: Option<String>,
    /// Observed before; same forms
    #[arg(long, visible_alias = "until", value_name = "TIME")]
    end_time: Option<String>,
    /// new, reopened, in-progress, escalated, on-hold, resolved, false-positive, not-an-issue
    #[arg(long, visible_alias = "status", value_name = "STATUS", value_delimiter = ',')]
    status_filters: Vec<String>,
    /// critical, high, medium, low
    #[arg(long, visible_alias = "severity", value_name = "SEVERITY", value_delimiter = ',')]
    severity_filters: Vec<String>,
    /// E-mail address, user name, name or id of the user whose activity it was; once for each
    #[arg(long, visible_alias = "user", value_name = "USER")]
    user_filters: Vec<String>,
    /// Name of an incident, for example EMAIL-DLP-PCI; once for each
    #[arg(long, visible_alias = "name", value_name = "NAME")]
    name_filters: Vec<String>,
    /// event (the default), casbevent, audit, network
    #[arg(long, visible_alias = "type", value_name = "TYPE", value_delimiter = ',')]
    entity_types: Vec<String>,
    /// Further filters in the service's own language, as the console exports them: "$(cat export.json)"
    #[arg(long, value_name = "JSON")]
    filters_json: Option<String>,
    /// Activities that raised no incident as well
    #[arg(long)]
    all_activity: bool,
}

/// `fetch-options`.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "What to fetch")]
pub(crate) struct FetchOptions {
    /// Where a fetch without a checkpoint begins: `3 days`, a date, a time
    #[arg(long, value_name = "TIME")]
    first_fetch: Option<String>,
    /// Tickets that one step delivers at most, 1 to 200
    #[arg(long, value_name = "COUNT")]
    max_fetch: Option<u32>,
    /// Minutes read again for tickets that are indexed late
    #[arg(long, value_name = "MINUTES")]
    fetch_delta_minutes: Option<u32>,
    /// The label on each ticket
    #[arg(long, value_name = "LABEL")]
    ticket_type: Option<String>,
    /// critical, high, medium, low
    #[arg(long, visible_alias = "severity", value_name = "SEVERITY", value_delimiter = ',')]
    severity_filters: Vec<String>,
    /// event (the default), casbevent, audit, network
    #[arg(long, visible_alias = "type", value_name = "TYPE", value_delimiter = ',')]
    entity_types: Vec<String>,
    /// Further filters in the service's own language; what they leave out is never delivered
    #[arg(long, value_name = "JSON")]
    filters_json: Option<String>,
    /// Add the vendor's own JSON as raw-json
    #[arg(long)]
    include_raw: bool,
}

/// `status-change`.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct StatusChange {
    /// Id of the new status, as the tenant has it
    #[arg(value_name = "STATUS-ID")]
    pub(crate) status_id: String,
    /// The status's title
    #[arg(long)]
    title: Option<String>,
    /// Category: open:in-progress
    #[arg(long)]
    category: Option<String>,
    /// The new owner: a user's id, name or e-mail address; else the owner stays
    #[arg(long, value_name = "USER")]
    assignee: Option<String>,
    /// Remediations to start: quarantine; else none
    #[arg(long, visible_alias = "remediation", value_name = "NAME", value_delimiter = ',')]
    remediation_actions: Vec<String>,
}
