//! `proofpoint tickets`.

mod screenshots;

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value, json};

use super::query::tickets::{FetchOptions, StatusChange, TicketQuery};
use super::save::Force;
use super::table::Column;
use super::text::{first_of, joined, one_line, text, time};
use super::write::{DryRun, write};
use super::{Done, Global, Output, Session, fetch, mail, many, ticket_view};

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
        #[command(flatten)]
        dry_run: DryRun,
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
        #[command(flatten)]
        dry_run: DryRun,
    },
    /// Set the status of a ticket, and nothing that is not named
    SetStatus {
        /// What the ticket is addressed by
        #[arg(value_name = "FQID")]
        fqid: String,
        #[command(flatten)]
        change: StatusChange,
        #[command(flatten)]
        dry_run: DryRun,
    },
    /// Add a tag to a ticket
    Tag {
        /// What the ticket is addressed by
        #[arg(value_name = "FQID")]
        fqid: String,
        /// The tag's id
        #[arg(value_name = "TAG")]
        tag: String,
        #[command(flatten)]
        dry_run: DryRun,
    },
    /// Get the e-mail that a ticket is about
    Email {
        /// What the ticket is addressed by
        #[arg(value_name = "FQID")]
        fqid: String,
        /// Tell what stands in it: addresses, links, attachments
        #[arg(long)]
        summary: bool,
        #[command(flatten)]
        save: mail::Save,
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
            get(session, output, &fqids, &includes).await
        }
        Command::Search(query) => {
            let page = session.call("tickets.ticket-search", json!({ "query": query })).await?;
            output.page(&page, "tickets", &TICKETS)
        }
        Command::Fetch { args, options } => fetch::run(global, session, &fetch::TICKETS, args, options).await,
        Command::Assign { fqid, assignee, dry_run } => {
            let told = |receipt: &Value| done(receipt, &format!("assigned to {assignee}"));
            let parameters = json!({ "fqid": fqid, "assignee": assignee });
            write(session, output, dry_run, "tickets.ticket-assign-owner", parameters, told).await
        }
        Command::Comment { fqid, text, kind, dry_run } => {
            let told = |receipt: &Value| done(receipt, "comment added");
            let parameters = json!({ "fqid": fqid, "text": text, "kind": kind });
            write(session, output, dry_run, "tickets.ticket-add-comment", parameters, told).await
        }
        Command::SetStatus { fqid, change, dry_run } => {
            let told = |receipt: &Value| done(receipt, &format!("status set to {}", change.status_id));
            let parameters = json!({ "fqid": fqid, "change": change });
            write(session, output, dry_run, "tickets.ticket-set-status", parameters, told).await
        }
        Command::Tag { fqid, tag, dry_run } => {
            let told = |receipt: &Value| done(receipt, &format!("tagged {tag}"));
            let parameters = json!({ "fqid": fqid, "tag": tag });
            write(session, output, dry_run, "tickets.ticket-add-tag", parameters, told).await
        }
        Command::Email { fqid, summary, save } => {
            let includes: &[&str] = if summary { &["summary"] } else { &[] };
            let parameters = json!({ "fqid": fqid, "includes": includes });
            mail::show(session, output, "tickets.email-get", parameters, save).await
        }
        Command::Screenshots { fqid, save: None, .. } => screenshots::list(session, output, &fqid).await,
        Command::Screenshots { fqid, save: Some(directory), force } => {
            screenshots::save(session, output, &fqid, &directory, force).await
        }
    }
}

async fn get(session: &mut Session, output: &Output, fqids: &[String], includes: &[&str]) -> Done {
    let parameters = |fqid: &str| json!({ "fqid": fqid, "includes": includes });
    let function = "tickets.ticket-get";
    let results =
        many::each(session, function, fqids, parameters, many::concerns_all, |_, it| Ok(it)).await?;
    output.each(fqids.len(), results, |output, tickets| output.views(tickets, ticket_view::ticket))
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
