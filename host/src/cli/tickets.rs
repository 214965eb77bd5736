//! `proofpoint tickets`.

mod files;

use std::path::PathBuf;

use clap::Subcommand;
use proofpoint_host::GuestError;
use serde_json::{Value, json};

use super::progress::Progress;
use super::query::tickets::{FetchOptions, StatusChange, TicketQuery};
use super::save::Force;
use super::table::Column;
use super::text::{first_of, joined, one_line, text, time};
use super::ticket_view;
use super::{Done, Failure, Global, Output, Session, fetch};

/// Commands about tickets.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show tickets in full
    Get {
        /// What the tickets are addressed by, as a search shows it
        #[arg(value_name = "FQID", required = true)]
        fqids: Vec<String>,
        /// List the screenshots as well
        #[arg(long)]
        screenshots: bool,
        /// Add the vendor's own JSON as raw-json
        #[arg(long)]
        include_raw: bool,
    },
    /// Search tickets, newest first
    Search(TicketQuery),
    /// Deliver what is new as JSON lines, once each, with a checkpoint
    #[command(after_help = "Example: proofpoint tickets fetch --checkpoint itm.checkpoint --follow | ingest")]
    Fetch {
        #[command(flatten)]
        args: fetch::Args,
        #[command(flatten)]
        options: FetchOptions,
    },
    /// Assign a ticket to an owner
    Assign {
        /// What the ticket is addressed by
        #[arg(value_name = "FQID")]
        fqid: String,
        /// The owner's id, name or e-mail address; `id:` before an id that looks like a name
        #[arg(value_name = "USER")]
        assignee: String,
    },
    /// Add a comment to a ticket
    Comment {
        /// What the ticket is addressed by
        #[arg(value_name = "FQID")]
        fqid: String,
        /// What it says; behind `--` where it begins with a hyphen
        #[arg(value_name = "TEXT")]
        text: String,
        /// Kind of comment; default it:comment:note
        #[arg(long)]
        kind: Option<String>,
    },
    /// Set the status of a ticket, and nothing that is not named
    SetStatus {
        /// What the ticket is addressed by
        #[arg(value_name = "FQID")]
        fqid: String,
        #[command(flatten)]
        change: StatusChange,
    },
    /// Add a tag to a ticket
    Tag {
        /// What the ticket is addressed by
        #[arg(value_name = "FQID")]
        fqid: String,
        /// The tag's id
        #[arg(value_name = "TAG")]
        tag: String,
    },
    /// Get the e-mail that a ticket is about
    Email {
        /// What the ticket is addressed by
        #[arg(value_name = "FQID")]
        fqid: String,
        /// Save the mail in this file; `-` writes it to standard output
        #[arg(long, value_name = "FILE")]
        save: Option<PathBuf>,
        #[command(flatten)]
        force: Force,
        /// List its attachments
        #[arg(long)]
        attachments: bool,
    },
    /// List or save the screenshots of a ticket
    Screenshots {
        /// What the ticket is addressed by
        #[arg(value_name = "FQID")]
        fqid: String,
        /// Save each in this directory, under its id
        #[arg(long, value_name = "DIR")]
        save: Option<PathBuf>,
        #[command(flatten)]
        force: Force,
    },
}

/// What a list of tickets shows.
pub(crate) const TICKETS: [Column; 7] = [
    Column::new("SEVERITY", |row| text(&row["severity"])),
    Column::new("OBSERVED", |row| time(&row["observed-at"])),
    Column::new("STATUS", |row| text(&row["status"])),
    Column::new("NAME", |row| first_of(&[&row["incident-name"], &row["incident-kind"]])).flexible(),
    Column::new("USER", ticket_view::user).flexible(),
    Column::new("OWNER", |row| {
        first_of(&[&row["workflow"]["assignee-name"], &row["workflow"]["assignee-id"]])
    })
    .spare(),
    Column::new("FQID", |row| text(&row["fqid"])).beneath(),
];

pub(crate) async fn run(global: &Global, output: &Output, command: Command) -> Done {
    perform(global, &mut Session::open(global)?, output, command).await
}

/// Runs a command through this session.
pub(crate) async fn perform(
    global: &Global,
    session: &mut Session,
    output: &Output,
    command: Command,
) -> Done {
    match command {
        Command::Get { fqids, screenshots, include_raw } => {
            let includes = [("screenshots", screenshots), ("raw-json", include_raw)];
            let includes: Vec<&str> = includes.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
            get(session, output, fqids, &includes).await
        }
        Command::Search(query) => {
            let page = session.call("tickets.ticket-search", json!({ "query": query })).await?;
            output.page(&page, "tickets", &TICKETS)
        }
        Command::Fetch { args, options } => fetch::run(global, session, &fetch::TICKETS, args, options).await,
        Command::Assign { fqid, assignee } => {
            let parameters = json!({ "fqid": fqid, "assignee": assignee });
            let receipt = session.call("tickets.ticket-assign-owner", parameters).await?;
            output.view(&receipt, |_| done(&receipt, &format!("assigned to {assignee}")))
        }
        Command::Comment { fqid, text, kind } => {
            let parameters = json!({ "fqid": fqid, "text": text, "kind": kind });
            let receipt = session.call("tickets.ticket-add-comment", parameters).await?;
            output.view(&receipt, |_| done(&receipt, "comment added"))
        }
        Command::SetStatus { fqid, change } => {
            let parameters = json!({ "fqid": fqid, "change": change });
            let receipt = session.call("tickets.ticket-set-status", parameters).await?;
            output.view(&receipt, |_| done(&receipt, &format!("status set to {}", change.status_id)))
        }
        Command::Tag { fqid, tag } => {
            let parameters = json!({ "fqid": fqid, "tag": tag });
            let receipt = session.call("tickets.ticket-add-tag", parameters).await?;
            output.view(&receipt, |_| done(&receipt, &format!("tagged {tag}")))
        }
        Command::Email { fqid, save, force, attachments } => {
            files::email(session, output, &fqid, attachments, save.as_deref(), force).await
        }
        Command::Screenshots { fqid, save: None, .. } => files::list(session, output, &fqid).await,
        Command::Screenshots { fqid, save: Some(directory), force } => {
            files::save_screenshots(session, output, &fqid, &directory, force).await
        }
    }
}

/// One after the other, until one fails in a way that those behind it would, too.
async fn get(session: &mut Session, output: &Output, fqids: Vec<String>, includes: &[&str]) -> Done {
    let asked = fqids.len();
    let progress = Progress::of_many("tickets.ticket-get", asked);
    let mut results: Vec<(String, Result<Value, GuestError>)> = Vec::new();
    for fqid in fqids {
        let parameters = json!({ "fqid": fqid, "includes": includes });
        let result = match session.step(&progress, "tickets.ticket-get", parameters).await {
            Ok(ticket) => Ok(ticket),
            Err(Failure::Error(error)) => Err(error),
            Err(other) => return Err(other),
        };
        let goes_on = result.as_ref().err().is_none_or(concerns_one);
        results.push((fqid, result));
        if !goes_on {
            break;
        }
    }
    drop(progress);
    output.each(asked, results, ticket_view::ticket)
}

/// Whether a failure says nothing about other tickets.
fn concerns_one(error: &GuestError) -> bool {
    matches!(error.case(), "invalid-argument" | "not-found" | "rejected" | "invalid-response" | "unsupported")
}

/// A change that was made, in one line, with the owner where one was set.
fn done(receipt: &Value, what: &str) -> String {
    let owner = match text(&receipt["assignee-id"]) {
        none if none.is_empty() => none,
        id => format!("owner id {id}"),
    };
    let read = receipt["confirmed-by-reading"] == true;
    let read = if read { "the answer was lost, but the ticket shows it" } else { "" };
    joined(&[one_line(what), owner, read.to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_with_its_owner_and_with_what_is_not_certain() {
        let receipt = |id: Value, read: bool| json!({ "assignee-id": id, "confirmed-by-reading": read });
        assert_eq!(done(&receipt(Value::Null, false), "tagged x"), "tagged x");
        assert_eq!(done(&receipt(Value::Null, false), "tagged\u{1b}[2J\nx\u{202e}"), "tagged[2J x");
        assert_eq!(done(&receipt(json!("u-1"), false), "assigned to Ann"), "assigned to Ann · owner id u-1");
        let read = "assigned to Ann · owner id u-1 · the answer was lost, but the ticket shows it";
        assert_eq!(done(&receipt(json!("u-1"), true), "assigned to Ann"), read);
    }
}
