//! What a step is to do: options and configuration, checked and settled.

use super::listed::Listed;
use super::{Event, FetchOptions, FetchedIncident};
use crate::Error;
use crate::ctr::Ctr;
use crate::ctr::incidents::IncidentDetail;
use crate::ctr::vocabulary as words;
use crate::fetch::CLOCK_MARGIN_MS;
use crate::http::Transport;
use crate::time::{self, from_ms};

/// The list is read up to so far after now, should the server's clock be ahead.
pub(super) const AHEAD_MS: i64 = 3_600_000;

/// Options and configuration, settled.
pub(super) struct Plan {
    pub(super) open: bool,
    pub(super) closed: bool,
    pub(super) most: usize,
    pub(super) now: i64,
    pub(super) overlap: i64,
    /// How long after its creation a closing is still found.
    pub(super) lookback: i64,
    pub(super) incident_type: String,
    pub(super) enrich: bool,
    pub(super) include_raw: bool,
}

impl<T: Transport> Ctr<'_, T> {
    pub(super) fn plan(&self, options: &FetchOptions) -> Result<Plan, Error> {
        let ctr = &self.config.ctr;
        let within = |argument: &str, given: Option<u32>, default: u32, least: u32, most: u32| match given {
            Some(n) if !(least..=most).contains(&n) => Err(Error::argument(
                argument,
                format!("`{n}` is out of range; use a number from {least} to {most}"),
            )),
            given => Ok(i64::from(given.unwrap_or(default))),
        };
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
        let enrich = options.fetch_enrich.unwrap_or(ctr.fetch_enrich);
        if enrich && ctr.calls_per_minute == 1 {
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
        let now = self.client.transport().now().timestamp_millis();
        Ok(Plan {
            open: states.contains(&words::OPEN),
            closed: states.contains(&words::CLOSED),
            most: usize::try_from(most).unwrap_or(usize::MAX),
            now,
            overlap: delta.saturating_mul(60_000),
            lookback: days.saturating_mul(86_400_000),
            incident_type: options.incident_type.clone().unwrap_or_else(|| ctr.incident_type.clone()),
            enrich,
            include_raw: options.include_raw,
        })
    }
}

impl Plan {
    /// Up to when everything was surely visible to a reader that began at a time.
    pub(super) fn indexed(&self, began: i64) -> i64 {
        began.saturating_sub(self.overlap).saturating_sub(CLOCK_MARGIN_MS)
    }

    pub(super) fn fetched(
        &self,
        row: &Listed,
        event: Event,
        detail: Option<IncidentDetail>,
        enrichment_error: Option<String>,
    ) -> FetchedIncident {
        let incident = &row.incident;
        let occurred = match event {
            Event::Created => row.at,
            Event::Closed => row.closing.map_or(row.at, |(_, at)| at),
        };
        let title = incident.title.as_deref().unwrap_or("(no title)");
        FetchedIncident {
            event,
            name: match &incident.display_id {
                Some(number) => format!("INC-{number} {title}"),
                None => title.to_owned(),
            },
            occurred: time::rfc3339(from_ms(occurred.min(self.now.saturating_add(AHEAD_MS)))),
            incident_type: self.incident_type.clone(),
            url: incident.url.clone(),
            incident: incident.clone(),
            detail,
            enrichment_error,
            warning: row.warning.clone(),
        }
    }
}
