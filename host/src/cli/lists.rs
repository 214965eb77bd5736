//! `proofpoint lists`.

use clap::Subcommand;
use serde_json::{Value, json};

use super::query::lists::{Entry, NewEntry};
use super::table::Column;
use super::text::{first_of, one_line, text, thousands};
use super::write::{DryRun, write};
use super::{Done, Global, Output, Session};

/// Commands about the safe list and the block list.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the entries of a list
    Show {
        #[command(flatten)]
        list: List,
        /// Add the vendor's own JSON as raw-json
        #[arg(long)]
        include_raw: bool,
    },
    /// Add an entry, unless it is there
    #[command(after_help = "Example: proofpoint lists add block from equal billing@example.net")]
    Add {
        #[command(flatten)]
        list: List,
        #[command(flatten)]
        entry: NewEntry,
        #[command(flatten)]
        dry_run: DryRun,
    },
    /// Remove an entry, if it is there
    Remove {
        #[command(flatten)]
        list: List,
        #[command(flatten)]
        entry: Entry,
        #[command(flatten)]
        dry_run: DryRun,
    },
}

/// Which list is meant.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// safe or block
    #[arg(value_name = "LIST")]
    list_name: String,
    /// The mail cluster; default: ctr_cluster_id
    #[arg(long, visible_alias = "cluster", value_name = "ID")]
    cluster_id: Option<String>,
}

const ENTRIES: [Column; 4] = [
    Column::new("ATTRIBUTE", |row| text(&row["attribute"])),
    Column::new("OPERATOR", |row| text(&row["operator"])),
    Column::new("VALUE", |row| first_of(&[&row["value"], &row["raw-json"]])),
    Column::new("COMMENT", |row| text(&row["comment"])).flexible(),
];

pub(crate) async fn run(global: &Global, output: &Output, command: Command) -> Done {
    perform(&mut Session::open(global)?, output, command).await
}

/// Runs a command through this session.
pub(crate) async fn perform(session: &mut Session, output: &Output, command: Command) -> Done {
    match command {
        Command::Show { list: List { list_name, cluster_id }, include_raw } => {
            let parameters =
                json!({ "list-name": list_name, "cluster-id": cluster_id, "include-raw": include_raw });
            let entries = session.call("email-lists.entry-list", parameters).await?;
            let rows = entries.as_array().map(Vec::as_slice).unwrap_or_default();
            output.rows(&entries, rows, &ENTRIES)?;
            let noun = if rows.len() == 1 { "entry" } else { "entries" };
            output.footer(&format!("{} {noun}", thousands(rows.len() as u64)))
        }
        Command::Add { list: List { list_name, cluster_id }, entry, dry_run } => {
            let told = |receipt: &Value| told(receipt, &list_name, "was in it already");
            let parameters = json!({ "list-name": list_name, "cluster-id": cluster_id, "entry": entry });
            write(session, output, dry_run, "email-lists.entry-add", parameters, told).await
        }
        Command::Remove { list: List { list_name, cluster_id }, entry, dry_run } => {
            let told = |receipt: &Value| told(receipt, &list_name, "was not in it");
            let parameters = json!({ "list-name": list_name, "cluster-id": cluster_id, "entry": entry });
            write(session, output, dry_run, "email-lists.entry-remove", parameters, told).await
        }
    }
}

/// What became of the list, in one line.
fn told(receipt: &Value, list: &str, otherwise: &str) -> String {
    let list = format!("{} list", one_line(&list.to_lowercase()));
    match text(&receipt["outcome"]).as_str() {
        "added" => format!("added to the {list}"),
        "removed" => format!("removed from the {list}"),
        "unchanged" => format!("{list} unchanged: the entry {otherwise}"),
        outcome => format!("{list}: {outcome}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_a_list_is_told_in_one_line() {
        for (outcome, line) in [
            ("added", "added to the block list"),
            ("removed", "removed from the block list"),
            ("unchanged", "block list unchanged: the entry was in it already"),
            ("moved", "block list: moved"),
        ] {
            assert_eq!(told(&json!({ "outcome": outcome }), "Block", "was in it already"), line);
        }
    }
}
