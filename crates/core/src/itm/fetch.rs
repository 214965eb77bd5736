//! Polling tickets: what [`crate::fetch`] needs to know about them.

use super::Itm;
use super::search::{
    Search, entity_types, free_filters, has_severity, instant, raised_an_incident, severities,
};
use super::ticket::Ticket;
use crate::client::Client;
use crate::config::Product;
use crate::fetch::{self, Entry, Event, Listed, Plan, Source, within};
use crate::http::Transport;
use crate::json::Object;
use crate::paging::{PAGE_ROWS, Row};
use crate::seal::Seal;
use crate::{Config, Error};
use core::convert::Infallible;
use core::time::Duration;
use serde_json::Value;

/// How to fetch. Fields as in the contract's `fetch-options` of tickets; what is not given comes from the
/// configuration.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct FetchOptions {
    pub first_fetch: Option<String>,
    pub max_fetch: Option<u32>,
    pub fetch_delta_minutes: Option<u32>,
    pub ticket_type: Option<String>,
    pub severity_filters: Vec<String>,
    pub entity_types: Vec<String>,
    pub filters_json: Option<String>,
    pub include_raw: bool,
}

/// A ticket as a fetch delivers it. Fields as in the contract's `fetched-ticket`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct FetchedTicket {
    pub name: String,
    pub occurred: String,
    pub ticket_type: String,
    pub url: Option<String>,
    pub ticket: Ticket,
    pub warning: Option<String>,
}

/// One step of a fetch. Fields as in the contract's `ticket-batch`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct TicketBatch {
    pub tickets: Vec<FetchedTicket>,
    pub checkpoint: String,
    pub more: bool,
    pub retry_after: Option<Duration>,
    pub warnings: Vec<String>,
}

const CHECKPOINT: Seal = Seal { kind: "itm-ticket-fetch", version: 1, argument: "checkpoint" };

impl<T: Transport> Itm<'_, T> {
    /// Checks the settings of a fetch.
    pub(super) fn check_fetch(&self) -> Result<(), Error> {
        let options = FetchOptions::default();
        self.since(&options, self.plan(&options)?.now).map(drop)
    }

    /// The next step of polling. A failure before anything was found is an error and leaves the given
    /// checkpoint good; one after it ends the step with what was found.
    pub async fn ticket_fetch(
        &self,
        options: &FetchOptions,
        checkpoint: Option<&str>,
    ) -> Result<TicketBatch, Error> {
        let plan = self.plan(options)?;
        let since = match checkpoint {
            Some(_) => plan.now,
            None => self.since(options, plan.now)?,
        };
        // Every row is read, whatever its severity, so that none moves another one's place.
        severities(&options.severity_filters)?;
        let source = Tickets {
            client: &self.client,
            config: self.config,
            ticket_type: options.ticket_type.as_deref().unwrap_or(&self.config.itm.ticket_type),
            severities: &options.severity_filters,
            entity_types: entity_types(&options.entity_types)?,
            filters: free_filters(options.filters_json.as_deref())?,
            include_raw: options.include_raw,
        };
        let batch = fetch::step(&source, plan, &CHECKPOINT, checkpoint, since).await?;
        Ok(TicketBatch {
            tickets: batch.items,
            checkpoint: batch.checkpoint,
            more: batch.more,
            retry_after: batch.retry_after,
            warnings: batch.warnings,
        })
    }

    fn since(&self, options: &FetchOptions, now: i64) -> Result<i64, Error> {
        let given = options.first_fetch.as_deref();
        fetch::first_fetch(Product::Itm, given, &self.config.itm.first_fetch, now)
    }

    fn plan(&self, options: &FetchOptions) -> Result<Plan, Error> {
        let itm = &self.config.itm;
        let delta =
            within("fetch-delta-minutes", options.fetch_delta_minutes, itm.fetch_delta_minutes, 0, 1440)?;
        let most = within("max-fetch", options.max_fetch, itm.max_fetch, 1, 200)?;
        Ok(Plan {
            open: true,
            closed: false,
            most: usize::try_from(most).unwrap_or(usize::MAX),
            now: self.client.transport().now().timestamp_millis(),
            overlap: delta.saturating_mul(60_000),
            lookback: 0,
            details: false,
        })
    }
}

/// Tickets as a source of polling, by the time that the service took them in.
struct Tickets<'a, 'b, T> {
    client: &'a Client<'b, T>,
    config: &'a Config,
    ticket_type: &'a str,
    severities: &'a [String],
    entity_types: Vec<String>,
    filters: Option<Value>,
    include_raw: bool,
}

impl<T: Transport> Source for Tickets<'_, '_, T> {
    type Record = Ticket;
    type Detail = Infallible;
    type Item = FetchedTicket;
    type Rows = Search;
    type Transport = T;

    const NOUN: &'static str = "ticket";

    fn client(&self) -> &Client<'_, T> {
        self.client
    }

    fn list(&self, from: i64, until: i64, _closed: bool) -> Search {
        let range = [("$datetimeGE", from), ("$datetimeLT", until)];
        let range = range.map(|(operator, ms)| instant(operator, "event.ingestedAt", ms));
        Search {
            entity_types: self.entity_types.clone(),
            clauses: [raised_an_incident()].into_iter().chain(range).chain(self.filters.clone()).collect(),
            column: "ingestedAt".to_owned(),
            direction: "asc".to_owned(),
            severities: Vec::new(),
            limit: PAGE_ROWS,
        }
    }

    fn read(&self, row: &Row) -> Entry<Ticket> {
        let (record, warning) = Ticket::read(&row.value, &row.raw, self.include_raw, self.config);
        let event = Object::new(&row.value).and_then(|row| row.object(&["event"]));
        let at = event.and_then(|event| event.instant(&["ingestedAt"])).map(|at| at.timestamp_millis());
        Entry { record, at, closed: None, warning }
    }

    fn keep_raw(&self, record: &mut Ticket, row: &Row) -> String {
        record.raw_json = Some(row.raw.clone());
        record.fqid.clone()
    }

    /// A ticket whose severity cannot be told is delivered: nobody else would miss it.
    fn wants(&self, ticket: &Ticket) -> bool {
        ticket.severity.is_none() || has_severity(self.severities, ticket.full_severity().as_deref())
    }

    async fn detail(&self, _ticket: &Ticket) -> Option<Result<Infallible, Error>> {
        None
    }

    fn item(
        &self,
        row: &Listed<Ticket>,
        _event: Event,
        ingested: String,
        _detail: Option<Infallible>,
        _enrichment_error: Option<String>,
    ) -> FetchedTicket {
        let ticket = row.record.clone();
        let name = ticket.incident_name.as_deref().unwrap_or("(no name)");
        let user = ticket.user.as_ref().and_then(|user| {
            [&user.email, &user.display_name, &user.name, &user.username].into_iter().flatten().next()
        });
        FetchedTicket {
            name: user.map_or_else(|| name.to_owned(), |user| format!("{name} {user}")),
            occurred: ticket.occurred_at.clone().or_else(|| ticket.observed_at.clone()).unwrap_or(ingested),
            ticket_type: self.ticket_type.to_owned(),
            url: ticket.timeline_url.clone(),
            warning: row.warning.clone(),
            ticket,
        }
    }
}
