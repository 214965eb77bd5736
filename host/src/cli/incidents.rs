//! `proofpoint incidents`.

use clap::Subcommand;
use proofpoint_host::GuestError;
use serde_json::{Value, json};

use super::incident_view;
use super::messages::MESSAGES;
use super::query::Page;
use super::query::incidents::{FetchOptions, Filters, IncidentQuery, MessageUpload, NewIncident};
use super::table::Column;
use super::text::{counted, number, text, thousands, time};
use super::write::{DryRun, write};
use super::{Done, Failure, Global, Output, Session, fetch};

/// Commands about incidents.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List incidents, newest first
    List(IncidentQuery),
    /// Count incidents
    Count(Filters),
    /// Show incidents in full
    Get {
        /// Ids, or the numbers that the console shows: INC-781
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
        /// Add the vendor's own JSON as raw-json
        #[arg(long)]
        include_raw: bool,
    },
    /// Deliver what is new as JSON lines, once each, with a checkpoint
    #[command(
        after_help = "Example: proofpoint incidents fetch --checkpoint ctr.checkpoint --follow | ingest"
    )]
    Fetch {
        #[command(flatten)]
        args: fetch::Args,
        #[command(flatten)]
        options: FetchOptions,
    },
    /// List the messages of an incident
    Messages {
        /// The incident's id, or the number that the console shows: INC-781
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        page: Page,
    },
    /// Create an incident
    Create {
        #[command(flatten)]
        incident: NewIncident,
        #[command(flatten)]
        dry_run: DryRun,
    },
    /// Attach a message to an incident
    AddMessage {
        #[command(flatten)]
        message: MessageUpload,
        #[command(flatten)]
        dry_run: DryRun,
    },
}

const INCIDENTS: [Column; 8] = [
    Column::new("INCIDENT", |row| number(&row["display-id"])),
    Column::new("CREATED", |row| time(&row["created-at"])),
    Column::new("STATE", |row| text(&row["state"])),
    Column::new("PRIORITY", |row| text(&row["priority"])),
    Column::new("TITLE", |row| text(&row["title"])).flexible(),
    Column::new("MSGS", |row| text(&row["message-count"])).number(),
    Column::new("DISPOSITIONS", |row| text(&row["dispositions"])).spare(),
    Column::new("ID", |row| text(&row["id"])).spare(),
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
        Command::List(query) => {
            let page = session.call("incidents.incident-list", json!({ "query": query })).await?;
            output.page(&page, "incidents", &INCIDENTS)
        }
        Command::Count(filters) => {
            let count = session.call("incidents.incident-count", json!({ "query": filters })).await?;
            output.view(&count, |_| thousands(count.as_u64().unwrap_or_default()))
        }
        Command::Get { ids, include_raw } => get(session, output, &ids, include_raw).await,
        Command::Fetch { args, options } => {
            fetch::run(global, session, &fetch::INCIDENTS, args, options).await
        }
        Command::Messages { id, page } => {
            let id = resolved(session, &[id]).await?.pop().transpose()?;
            let parameters = json!({ "id": id, "page": page });
            let page = session.call("incidents.incident-messages", parameters).await?;
            output.page(&page, "messages", &MESSAGES)
        }
        Command::Create { incident, dry_run } => {
            let told = |created: &Value| {
                format!("created {}  {}", number(&created["display-id"]), text(&created["id"]))
            };
            let parameters = json!({ "incident": incident });
            write(session, output, dry_run, "incidents.incident-create", parameters, told).await
        }
        Command::AddMessage { mut message, dry_run } => {
            let asked = std::slice::from_ref(&message.incident_id);
            if let Some(id) = resolved(session, asked).await?.pop().transpose()? {
                message.incident_id = id;
            }
            let told = |added: &Value| {
                let count = added["uploaded-recipients-count"].as_u64();
                let copies = count.map(|count| format!(" for {}", counted(count, "recipient")));
                format!("added {}{}", text(&added["rfc-message-id"]), copies.unwrap_or_default())
            };
            let parameters = json!({ "message": message });
            write(session, output, dry_run, "incidents.incident-add-message", parameters, told).await
        }
    }
}

async fn get(session: &mut Session, output: &Output, asked: &[String], include_raw: bool) -> Done {
    let ids = resolved(session, asked).await?;
    let known: Vec<&String> = ids.iter().flatten().collect();
    let mut results = Vec::new();
    if !known.is_empty() {
        let parameters = json!({ "ids": known, "include-raw": include_raw });
        let answer = session.call("incidents.incident-get", parameters).await?;
        results = answer.as_array().cloned().unwrap_or_default();
    }
    let mut results = results.into_iter();
    let result = |id: Result<String, GuestError>| {
        let mut result = id.map(|_| results.next().unwrap_or_default())?;
        GuestError::from_json(&result["error"]).map_or_else(|| Ok(result["ok"].take()), Err)
    };
    let results = asked.iter().cloned().zip(ids.into_iter().map(result)).collect();
    output.each(asked.len(), results, |output, details| output.views(details, incident_view::detail))
}

/// The ids, with display numbers looked up: people know `INC-781`, the vendor's resources go by id.
pub(crate) async fn resolved(
    session: &mut Session,
    asked: &[String],
) -> Result<Vec<Result<String, GuestError>>, Failure> {
    let numbers: Vec<&str> = asked.iter().filter_map(|id| display_number(id)).collect();
    let mut rows = Vec::new();
    if !numbers.is_empty() {
        let query = json!({ "incident-id-filters": numbers, "limit": numbers.len() });
        let page = session.call("incidents.incident-list", json!({ "query": query })).await?;
        rows = page["incidents"].as_array().cloned().unwrap_or_default();
    }
    let look_up = |id: &String| {
        let Some(number) = display_number(id) else { return Ok(id.clone()) };
        let row = rows.iter().find(|row| row["display-id"] == number.trim_start_matches('0'));
        row.and_then(|row| row["id"].as_str()).map(str::to_owned).ok_or_else(|| {
            let message = format!("there is no incident INC-{number}");
            GuestError::new("not-found", json!({ "message": message }))
        })
    };
    Ok(asked.iter().map(look_up).collect())
}

/// `781` of `781`, `INC-781` and `inc-781`.
pub(crate) fn display_number(id: &str) -> Option<&str> {
    let prefix = id.get(..4).filter(|prefix| prefix.eq_ignore_ascii_case("INC-"));
    let digits = prefix.and_then(|prefix| id.get(prefix.len()..)).unwrap_or(id);
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_numbers_are_told_from_ids() {
        for (id, number) in [
            ("781", Some("781")),
            ("INC-781", Some("781")),
            ("inc-781", Some("781")),
            ("INC-", None),
            ("", None),
            ("6f9619ff-8b86-d011-b42d-00cf4fc964ff", None),
        ] {
            assert_eq!(display_number(id), number, "{id}");
        }
    }
}
