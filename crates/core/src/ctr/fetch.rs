//! Polling incidents: what [`crate::fetch`] needs to know about them.

use super::Ctr;
use super::incidents::{Incident, IncidentDetail, by_creation};
use super::listing::{Listing, time_range};
use super::vocabulary as words;
use crate::Error;
use crate::client::Client;
use crate::config::Product;
use crate::fetch::{self, Entry, Event, Listed, Plan, Source, within};
use crate::http::Transport;
use crate::json::Object;
use crate::paging::{PAGE_ROWS, Row};
use crate::seal::Seal;
use crate::time::from_ms;
use core::time::Duration;
use serde_json::json;

/// How to fetch. Fields as in the contract's `fetch-options`; what is not given comes from the
/// configuration.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct FetchOptions {
    pub first_fetch: Option<String>,
    pub max_fetch: Option<u32>,
    pub fetch_states: Vec<String>,
    pub fetch_delta_minutes: Option<u32>,
    pub closed_lookback_days: Option<u32>,
    pub incident_type: Option<String>,
    pub fetch_enrich: Option<bool>,
    pub include_raw: bool,
}

/// An incident as a fetch delivers it. Fields as in the contract's `fetched-incident`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct FetchedIncident {
    pub event: Event,
    pub name: String,
    pub occurred: String,
    pub incident_type: String,
    pub url: Option<String>,
    pub incident: Incident,
    pub detail: Option<IncidentDetail>,
    pub enrichment_error: Option<String>,
    pub warning: Option<String>,
}

/// One step of a fetch. Fields as in the contract's `incident-batch`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct IncidentBatch {
    pub incidents: Vec<FetchedIncident>,
    pub checkpoint: String,
    pub more: bool,
    pub retry_after: Option<Duration>,
    pub warnings: Vec<String>,
}

const CHECKPOINT: Seal = Seal { kind: "ctr-incident-fetch", version: 1, argument: "checkpoint" };

impl<T: Transport> Ctr<'_, T> {
    /// Checks the settings of a fetch.
    pub(crate) fn check_fetch(&self) -> Result<(), Error> {
        let options = FetchOptions::default();
        let plan = self.plan(&options)?;
        self.since(&options, &plan).map(drop)
    }

    /// The next step of polling. A failure before anything was found is an error and leaves the given
    /// checkpoint good; one after it ends the step with what was found.
    pub async fn incident_fetch(
        &self,
        options: &FetchOptions,
        checkpoint: Option<&str>,
    ) -> Result<IncidentBatch, Error> {
        let plan = self.plan(options)?;
        let since = match checkpoint {
            Some(_) => plan.now,
            None => self.since(options, &plan)?,
        };
        let ctr = &self.config.ctr;
        let source = Incidents {
            ctr: self,
            now: plan.now,
            incident_type: options.incident_type.as_deref().unwrap_or(&ctr.incident_type),
            enrich: plan.details,
            include_raw: options.include_raw,
        };
        let batch = fetch::step(&source, plan, &CHECKPOINT, checkpoint, since).await?;
        Ok(IncidentBatch {
            incidents: batch.items,
            checkpoint: batch.checkpoint,
            more: batch.more,
            retry_after: batch.retry_after,
            warnings: batch.warnings,
        })
    }

    fn since(&self, options: &FetchOptions, plan: &Plan) -> Result<i64, Error> {
        let given = options.first_fetch.as_deref();
        fetch::first_fetch(Product::Ctr, given, &self.config.ctr.first_fetch, plan.now)
    }

    fn plan(&self, options: &FetchOptions) -> Result<Plan, Error> {
        let ctr = &self.config.ctr;
        let states = match options.fetch_states.as_slice() {
            [] => words::STATES.check_all("ctr_fetch_states", &ctr.fetch_states).map_err(|_| {
                Error::configuration(
                    "ctr_fetch_states",
                    format!(
                        "`ctr_fetch_states` is `{}`; use {}",
                        ctr.fetch_states.join(","),
                        words::STATES.values.join(" or ")
                    ),
                )
            })?,
            given => words::STATES.check_all("fetch-states", given)?,
        };
        let details = options.fetch_enrich.unwrap_or(ctr.fetch_enrich);
        if details && ctr.calls_per_minute == 1 {
            return Err(Error::configuration(
                "ctr_calls_per_minute",
                "a fetch with details needs at least 2 calls a minute: one to list, one for a detail",
            ));
        }
        let delta =
            within("fetch-delta-minutes", options.fetch_delta_minutes, ctr.fetch_delta_minutes, 0, 1440)?;
        let days =
            within("closed-lookback-days", options.closed_lookback_days, ctr.closed_lookback_days, 1, 90)?;
        let most = within("max-fetch", options.max_fetch, ctr.max_fetch, 1, 200)?;
        Ok(Plan {
            open: states.contains(&words::OPEN),
            closed: states.contains(&words::CLOSED),
            most: usize::try_from(most).unwrap_or(usize::MAX),
            now: self.client.transport().now().timestamp_millis(),
            overlap: delta.saturating_mul(60_000),
            lookback: days.saturating_mul(86_400_000),
            details,
        })
    }
}

/// Incidents as a source of polling, by their creation.
struct Incidents<'a, 'b, T> {
    ctr: &'a Ctr<'b, T>,
    now: i64,
    incident_type: &'a str,
    enrich: bool,
    include_raw: bool,
}

impl<T: Transport> Source for Incidents<'_, '_, T> {
    type Record = Incident;
    type Detail = Box<IncidentDetail>;
    type Item = FetchedIncident;
    type Rows = Listing;
    type Transport = T;

    const NOUN: &'static str = "incident";

    fn client(&self) -> &Client<'_, T> {
        &self.ctr.client
    }

    fn list(&self, from: i64, until: i64, closed: bool) -> Listing {
        // Fractions are cut off on the wire; the end is rounded up.
        let range = time_range(from_ms(from), from_ms(until.saturating_add(999)));
        let mut filters = json!({"time_range_filter": range});
        if closed && let Some(filters) = filters.as_object_mut() {
            filters.insert("other_filters".into(), json!([words::CLOSED]));
        }
        by_creation("asc", Some(filters), PAGE_ROWS)
    }

    fn read(&self, row: &Row) -> Entry<Incident> {
        let (record, warning) = Incident::read(row, self.include_raw, &self.ctr.config.ctr.console_url);
        let instant = |key: &str| {
            Object::new(&row.value).and_then(|row| row.instant(&[key])).map(|at| at.timestamp_millis())
        };
        let at = instant("createdAt");
        let closed = record.state.as_deref().is_some_and(|state| state.eq_ignore_ascii_case("closed"));
        let ended = || instant("closedAt").or_else(|| instant("updatedAt")).or(at).unwrap_or(self.now);
        Entry { at, closed: closed.then(ended), record, warning }
    }

    fn keep_raw(&self, record: &mut Incident, row: &Row) -> String {
        record.raw_json = Some(row.raw.clone());
        record.display_id.as_ref().unwrap_or(&record.id).clone()
    }

    async fn detail(&self, incident: &Incident) -> Option<Result<Box<IncidentDetail>, Error>> {
        if !self.enrich {
            return None;
        }
        if incident.id.is_empty() {
            return Some(Err(Error::NotFound("the incident has no id to ask for".into())));
        }
        Some(self.ctr.incident_detail(&incident.id, self.include_raw, true).await.map(Box::new))
    }

    fn item(
        &self,
        row: &Listed<Incident>,
        event: Event,
        occurred: String,
        detail: Option<Box<IncidentDetail>>,
        enrichment_error: Option<String>,
    ) -> FetchedIncident {
        let incident = row.record.clone();
        let title = incident.title.as_deref().unwrap_or("(no title)");
        FetchedIncident {
            event,
            name: match &incident.display_id {
                Some(number) => format!("INC-{number} {title}"),
                None => title.to_owned(),
            },
            occurred,
            incident_type: self.incident_type.to_owned(),
            url: incident.url.clone(),
            detail: detail.map(|detail| *detail),
            enrichment_error,
            warning: row.warning.clone(),
            incident,
        }
    }
}
