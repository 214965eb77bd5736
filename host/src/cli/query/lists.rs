//! Records of the interface `email-lists`.

use clap::Args;
use serde::Serialize;

/// What identifies a `list-entry`.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Entry {
    /// from (envelope sender), hfrom (header sender), ip, host, helo, rcpt
    #[arg(value_name = "ATTRIBUTE")]
    pub(crate) attribute: String,
    /// equal, contain, is_in_list; of the block list also not_equal and not_contain
    #[arg(value_name = "OPERATOR")]
    pub(crate) operator: String,
    /// What it is compared with
    #[arg(value_name = "VALUE")]
    pub(crate) value: String,
}

/// `list-entry`, as it is added.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct NewEntry {
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) entry: Entry,
    /// Why it is there: at most 150 characters
    #[arg(long)]
    comment: Option<String>,
}
