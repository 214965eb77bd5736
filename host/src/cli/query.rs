//! The contract's query records as flags. A flag is named after its field; short forms stand where a
//! person would look for them. Serialised, a record is the JSON that the component takes.

pub(crate) mod incidents;
pub(crate) mod lists;
pub(crate) mod messages;
pub(crate) mod tickets;
pub(crate) mod users;

use clap::Args;
use serde::Serialize;

/// `page-query`, and the end of every query that is paged.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "Rows")]
pub(crate) struct Page {
    /// Rows wanted; default 50 incidents, messages or tickets, 200 messages of an incident, 100 users
    #[arg(long, value_name = "ROWS")]
    pub(crate) limit: Option<u32>,
    /// Go on behind the previous page: its `next`
    #[arg(long)]
    cursor: Option<String>,
    /// Add the vendor's own JSON as raw-json
    #[arg(long)]
    include_raw: bool,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::{Args, Command, Subcommand};
    use serde_json::json;

    use super::*;

    const INCIDENTS: &str = include_str!("../../../wit/incidents.wit");
    const LISTS: &str = include_str!("../../../wit/email-lists.wit");
    const MESSAGES: &str = include_str!("../../../wit/messages.wit");
    const TICKETS: &str = include_str!("../../../wit/tickets.wit");
    const TYPES: &str = include_str!("../../../wit/types.wit");
    const USERS: &str = include_str!("../../../wit/users.wit");
    const README: &str = include_str!("../../../README.md");

    fn fields(contract: &str, record: &str) -> BTreeSet<String> {
        let (_, rest) = contract.split_once(&format!("record {record} {{")).unwrap();
        let (record, _) = rest.split_once("\n  }").unwrap();
        let fields = record.lines().map(str::trim).filter(|line| !line.starts_with("///"));
        fields.filter_map(|line| line.split_once(": ")).map(|(name, _)| name.to_owned()).collect()
    }

    /// The default that the contract's description of a record's `limit` names.
    fn default_limit(contract: &str, record: &str) -> String {
        let (_, rest) = contract.split_once(&format!("record {record} {{")).unwrap();
        let (record, _) = rest.split_once("    limit: ").unwrap();
        let (_, default) = record.rsplit_once("default ").unwrap();
        default.chars().take_while(char::is_ascii_digit).collect()
    }

    fn flags<A: Args>() -> BTreeSet<String> {
        let command = A::augment_args(Command::new("test"));
        command.get_arguments().map(|flag| flag.get_id().as_str().replace('_', "-")).collect()
    }

    fn names<A: Serialize>(record: &A) -> BTreeSet<String> {
        json!(record).as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn every_field_of_a_query_is_a_flag_of_its_name() {
        fn holds<A: Args + Serialize + Default>(contract: &str, record: &str) {
            assert_eq!(flags::<A>(), fields(contract, record), "{record}");
            assert_eq!(names(&A::default()), fields(contract, record), "{record}");
        }
        holds::<incidents::IncidentQuery>(INCIDENTS, "incident-query");
        holds::<incidents::FetchOptions>(INCIDENTS, "fetch-options");
        holds::<incidents::NewIncident>(INCIDENTS, "new-incident");
        holds::<incidents::MessageUpload>(INCIDENTS, "message-upload");
        holds::<messages::MessageQuery>(MESSAGES, "message-query");
        holds::<tickets::TicketQuery>(TICKETS, "ticket-query");
        holds::<tickets::FetchOptions>(TICKETS, "fetch-options");
        holds::<tickets::StatusChange>(TICKETS, "status-change");
        holds::<users::UserQuery>(USERS, "user-query");
    }

    #[test]
    fn an_entry_is_added_with_every_field_that_has_a_meaning_then() {
        let mut entry = fields(LISTS, "list-entry");
        assert!(entry.remove("raw-json"));
        assert_eq!(flags::<lists::NewEntry>(), entry);
        assert_eq!(names(&lists::NewEntry::default()), entry);
        assert!(entry.remove("comment"));
        assert_eq!(names(&lists::Entry::default()), entry);
    }

    #[test]
    fn the_help_of_limit_names_the_defaults_of_the_contract() {
        let command = Page::augment_args(Command::new("test"));
        let limit = command.get_arguments().find(|flag| flag.get_id() == "limit").unwrap();
        let help = limit.get_help().unwrap().to_string();
        for (contract, record, rows) in [
            (INCIDENTS, "incident-query", "incidents"),
            (MESSAGES, "message-query", "incidents, messages"),
            (TICKETS, "ticket-query", "incidents, messages or tickets"),
            (TYPES, "page-query", "messages of an incident"),
            (USERS, "user-query", "users"),
        ] {
            let default = default_limit(contract, record);
            assert!(help.contains(&format!("{default} {rows}")), "{record}: {default}: {help}");
        }
    }

    #[test]
    fn the_readme_lists_the_flags_of_each_command() {
        for (group, command) in [
            ("incidents", super::super::incidents::Command::augment_subcommands(Command::new("incidents"))),
            ("messages", super::super::messages::Command::augment_subcommands(Command::new("messages"))),
            ("workflows", super::super::workflows::Command::augment_subcommands(Command::new("workflows"))),
            ("lists", super::super::lists::Command::augment_subcommands(Command::new("lists"))),
            ("tickets", super::super::tickets::Command::augment_subcommands(Command::new("tickets"))),
            ("users", super::super::users::Command::augment_subcommands(Command::new("users"))),
        ] {
            for command in command.get_subcommands() {
                let start = format!("| `{group} {}", command.get_name());
                let ends = |rest: &str| rest.starts_with(['`', ' ']);
                let row = README.lines().find(|line| line.strip_prefix(&start).is_some_and(ends));
                let row = row.unwrap_or_else(|| panic!("README.md lacks {start}"));
                let words = row.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
                let mut shown: BTreeSet<&str> = words.filter_map(|word| word.strip_prefix("--")).collect();
                for flag in command.get_arguments().filter(|flag| !flag.is_positional()) {
                    let names = flag.get_long_and_visible_aliases().unwrap();
                    assert!(names.iter().any(|name| shown.remove(name)), "{row} lacks {names:?}");
                }
                assert_eq!(shown, BTreeSet::new(), "{row}");
            }
        }
    }
}
