//! `proofpoint messages`.

use std::path::PathBuf;

use clap::Subcommand;
use proofpoint_host::GuestError;
use serde_json::{Value, json};

use super::query::messages::MessageQuery;
use super::save::{self, Directory, Force};
use super::table::Column;
use super::text::{counted, joined, text, time};
use super::view::View;
use super::{Done, Failure, Global, Output, Session, mail, mail_view, many};

/// Commands about messages: each is one recipient's copy of a mail.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List messages, newest first
    List(Box<MessageQuery>),
    /// Show what the product knows of messages
    Get {
        /// Ids, as a list shows them
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
        /// Add the vendor's own JSON as raw-json
        #[arg(long)]
        include_raw: bool,
    },
    /// Download the mail of a message and tell what stands in it
    Show {
        /// The message's id
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        save: mail::Save,
    },
    /// Download the mails of messages
    Download {
        /// Ids, as a list shows them
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
        /// Save each in this directory, under its id
        #[arg(long, value_name = "DIR", required = true)]
        save: PathBuf,
        #[command(flatten)]
        force: Force,
        /// Tell what stands in each: addresses, links, attachments
        #[arg(long)]
        summary: bool,
    },
}

/// What a list of messages shows.
pub(crate) const MESSAGES: [Column; 7] = [
    Column::new("RECEIVED", |row| time(&row["received-at"])),
    Column::new("SUBJECT", |row| text(&row["subject"])).flexible(),
    Column::new("FROM", |row| text(&row["sender-address"])).flexible(),
    Column::new("TO", |row| text(&row["recipient-address"])).flexible(),
    Column::new("DISPOSITION", |row| text(&row["disposition"])),
    Column::new("REMEDIATION", |row| text(&row["remediation-status"])).spare(),
    Column::new("ID", |row| text(&row["id"])).beneath(),
];

pub(crate) async fn run(global: &Global, output: &Output, command: Command) -> Done {
    perform(&mut Session::open(global)?, output, command).await
}

/// Runs a command through this session.
pub(crate) async fn perform(session: &mut Session, output: &Output, command: Command) -> Done {
    match command {
        Command::List(query) => {
            let page = session.call("messages.message-list", json!({ "query": query })).await?;
            output.page(&page, "messages", &MESSAGES)
        }
        Command::Get { ids, include_raw } => {
            let parameters = |id: &str| json!({ "id": id, "include-raw": include_raw });
            let function = "messages.message-get";
            let ends = many::concerns_all;
            let results = many::each(session, function, &ids, parameters, ends, |_, it| Ok(it)).await?;
            output.each(ids.len(), results, |output, messages| output.views(messages, view))
        }
        Command::Show { id, save } => {
            let parameters = json!({ "id": id, "includes": ["summary"] });
            mail::show(session, output, "messages.message-download", parameters, save).await
        }
        Command::Download { ids, save, force, summary } => {
            let directory = Directory::named(&save, force)?;
            download(session, output, &many::each_once(ids), directory, summary).await
        }
    }
}

/// Downloads and saves each mail.
async fn download(
    session: &mut Session,
    output: &Output,
    ids: &[String],
    mut directory: Directory,
    summary: bool,
) -> Done {
    let (mut results, mut wanted) = (many::Results::new(), Vec::new());
    for id in ids {
        // No call is spent on what cannot be saved.
        match directory.check(id, save::MAIL) {
            Err(Failure::Error(error)) => results.push((id.clone(), Err(error))),
            done => {
                done?;
                wanted.push(id.clone());
            }
        }
    }
    let includes: &[&str] = if summary { &["summary"] } else { &[] };
    let parameters = |id: &str| json!({ "id": id, "includes": includes });
    let save = |id: &str, mut mail: Value| {
        mail["id"] = id.into();
        let path = directory.save(id, save::MAIL, &save::content(&mail)?)?;
        Ok(save::saved(mail, &path))
    };
    let function = "messages.message-download";
    results.extend(many::each(session, function, &wanted, parameters, concerns_all, save).await?);
    output.each(ids.len(), results, |output, mails| {
        match summary {
            true => output.views(mails, mail_view::mail)?,
            false => output.rows(&Value::from(mails), mails, &save::SAVED)?,
        }
        output.footer(&format!("{} saved", counted(mails.len() as u64, "mail")))
    })
}

/// Whether a failure is not one message's. One that took too long or cannot be reached is.
fn concerns_all(error: &GuestError) -> bool {
    matches!(error.case(), "configuration" | "unauthorized" | "forbidden" | "rate-limited")
}

/// The readable view of a `message`.
fn view(output: &Output, message: &Value) -> String {
    let mut view = View::new(output);
    let subject = text(&message["subject"]);
    view.heading(if subject.is_empty() { "(no subject)" } else { &subject });
    view.field("from", &text(&message["sender-address"]));
    view.field("to", &text(&message["recipient-address"]));
    view.field("received", &time(&message["received-at"]));
    view.field("status", &status(message));
    let verdict = [&message["disposition"], &message["clear-verdict"], &message["clear-confidence"]];
    let [disposition, verdict, confidence] = verdict.map(text);
    view.field("disposition", &disposition);
    view.field("verdict", &joined(&[verdict, with_noun(&confidence, "confidence")]));
    for (name, field) in [
        ("remediation", "remediation-status"),
        ("sources", "source-types"),
        ("threats", "tap-threat-types"),
        ("incidents", "incident-ids"),
        ("message-id", "rfc-message-id"),
        ("id", "id"),
    ] {
        view.field(name, &text(&message[field]));
    }
    view.finish()
}

/// What happened to it in its mailbox.
fn status(message: &Value) -> String {
    let says = |field: &str, yes: &str, no: &str| match message[field].as_bool() {
        None => String::new(),
        Some(true) => yes.to_owned(),
        Some(false) => no.to_owned(),
    };
    let clicks = message["permitted-clicks"].as_u64().filter(|clicks| *clicks > 0);
    joined(&[
        says("delivered", "delivered", "not delivered"),
        says("read", "read", "unread"),
        clicks.map(|clicks| counted(clicks, "permitted click")).unwrap_or_default(),
    ])
}

fn with_noun(value: &str, noun: &str) -> String {
    if value.is_empty() { String::new() } else { format!("{value} {noun}") }
}

#[cfg(test)]
mod tests {
    use super::super::output::Format;
    use super::*;

    #[test]
    fn a_person_can_read_it() {
        let message = json!({
            "id": "m-1", "rfc-message-id": "<1@example.net>", "subject": "Invoice\u{1b}[2J",
            "sender-address": "a@example.net", "recipient-address": "b@example.com",
            "received-at": "2026-01-02T03:04:05.000Z", "delivered": true, "read": false, "permitted-clicks": 2,
            "disposition": "phish", "clear-verdict": "threat", "clear-confidence": "high",
            "remediation-status": null, "source-types": ["tap_alert"], "incident-ids": [],
        });
        let expected = "\
Invoice[2J
  from         a@example.net
  to           b@example.com
  received     2026-01-02 03:04
  status       delivered · unread · 2 permitted clicks
  disposition  phish
  verdict      threat · high confidence
  sources      tap_alert
  message-id   <1@example.net>
  id           m-1";
        let output = Output { format: Format::Table, colours: false, width: Some(60) };
        assert_eq!(view(&output, &message), expected);
        assert_eq!(view(&output, &json!({ "id": "m-1" })), "(no subject)\n  id           m-1");
    }

    #[test]
    fn what_concerns_one_message_does_not_hold_up_the_others() {
        let of = |case: &str| concerns_all(&GuestError::new(case, json!({ "message": "m" })));
        assert!(["configuration", "unauthorized", "forbidden", "rate-limited"].into_iter().all(of));
        let one = ["unavailable", "timeout", "not-found", "invalid-response", "unsupported", "host"];
        assert!(!one.into_iter().any(of));
    }
}
