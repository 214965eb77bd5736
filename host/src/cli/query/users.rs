//! Records of the interface `users`.

use clap::Args;
use serde::Serialize;

use super::Page;

/// `user-query`.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct UserQuery {
    #[command(flatten)]
    #[serde(flatten)]
    filters: Filters,
    #[command(flatten)]
    #[serde(flatten)]
    page: Page,
}

/// The part of `user-query` that says which users.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "Filters")]
struct Filters {
    /// User name; * stands for any text: '*@example.com'
    #[arg(long, visible_alias = "user", value_name = "NAME")]
    alias: Option<String>,
    /// First name; * stands for any text
    #[arg(long, value_name = "NAME")]
    first_name: Option<String>,
    /// Last name; * stands for any text
    #[arg(long, visible_alias = "name", value_name = "NAME")]
    last_name: Option<String>,
    /// active (the default), inactive, pending, deleted, error
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    status: Vec<String>,
    /// Statuses of the parent: active, inactive, pending, deleted
    #[arg(long, visible_alias = "parent-status", value_name = "STATUS", value_delimiter = ',')]
    parent_statuses: Vec<String>,
    /// Assignments, as the service takes them
    #[arg(long, value_name = "TEXT")]
    assignments: Option<String>,
    /// Whether inactive policies count
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    include_inactive_policies: Option<bool>,
    /// What comes with each user in its raw-json: relations, lastLoginDate, logs, tenant…
    #[arg(long, value_name = "WHAT")]
    includes: Option<String>,
}
