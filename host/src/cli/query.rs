//! The contract's query records as flags. A flag is named after its field; short forms stand where a
//! person would look for them. Serialised, a record is the JSON that the component takes.

pub(crate) mod incidents;
pub(crate) mod tickets;
pub(crate) mod users;

use clap::Args;
use serde::Serialize;

/// `page-query`, and the end of every query that is paged.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "Rows")]
pub(crate) struct Page {
    /// Rows wanted
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

    use clap::{Args, Command};
    use serde_json::json;

    use super::*;

    const INCIDENTS: &str = include_str!("../../../wit/incidents.wit");
    const TICKETS: &str = include_str!("../../../wit/tickets.wit");
    const USERS: &str = include_str!("../../../wit/users.wit");

    fn fields(contract: &str, record: &str) -> BTreeSet<String> {
        let (_, rest) = contract.split_once(&format!("record {record} {{")).unwrap();
        let (record, _) = rest.split_once("\n  }").unwrap();
        let fields = record.lines().map(str::trim).filter(|line| !line.starts_with("///"));
        fields.filter_map(|line| line.split_once(": ")).map(|(name, _)| name.to_owned()).collect()
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
        holds::<tickets::TicketQuery>(TICKETS, "ticket-query");
        holds::<tickets::FetchOptions>(TICKETS, "fetch-options");
        holds::<tickets::StatusChange>(TICKETS, "status-change");
        holds::<users::UserQuery>(USERS, "user-query");
    }
}
