//! Polling: every incident once, oldest first, whatever happens in between.
//!
//! One step reads the checkpoint, lists, and answers what is new together with the next checkpoint. It
//! runs two readers over the same list of incidents:
//!
//! * The **scan** lists what was created from the memory's floor on, without a filter on the state:
//!   an incident that opens and closes between two polls is seen all the same, and rows never vanish
//!   from the list while it is read. States are told apart here.
//! * The **sweep**, for fetches that include closings, looks through incidents created earlier, back to
//!   the look-back, for those that have closed since. It takes a few pages of each step.
//!
//! What was delivered is remembered by [`Memory`](crate::fetch::Memory), where a reader stands by
//! [`Position`](crate::fetch::Position); how both make the promise hold is written down in `docs/fetch.md`.

mod listed;
mod plan;
mod readers;
mod state;

use super::Ctr;
use super::incidents::{Incident, IncidentDetail};
use crate::http::Transport;
use crate::seal::Seal;
use crate::{Error, time};
use core::time::Duration;
use plan::Plan;
use state::State;

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

/// Why an incident is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is new.
    Created,
    /// It has closed.
    Closed,
}

impl Event {
    /// The event's name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Closed => "closed",
        }
    }
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

/// What a step has so far.
#[derive(Default)]
struct Step {
    delivered: Vec<FetchedIncident>,
    warnings: Vec<String>,
    /// Pages that were read: from the first on, what was found is kept whatever happens.
    pages: u32,
    /// Why the step ended early.
    stopped: Option<Error>,
    /// More is known to be waiting.
    more: bool,
}

impl<T: Transport> Ctr<'_, T> {
    /// Checks the settings of a fetch.
    pub(crate) fn check_fetch(&self) -> Result<(), Error> {
        let options = FetchOptions::default();
        self.first_state(&options, &self.plan(&options)?).map(drop)
    }

    /// The next step of polling. A failure before anything was found is an error and leaves the given
    /// checkpoint good; one after it ends the step with what was found.
    pub async fn incident_fetch(
        &self,
        options: &FetchOptions,
        checkpoint: Option<&str>,
    ) -> Result<IncidentBatch, Error> {
        let plan = self.plan(options)?;
        let mut state = match checkpoint {
            Some(text) => CHECKPOINT.open(text)?,
            None => self.first_state(options, &plan)?,
        };
        state.follow(&plan);
        let mut step = Step::default();
        // A sweep that got no call in the step before has the first one in this step: however much the
        // scan has to read, both go on.
        let due = state.closings.as_ref().is_some_and(|closings| closings.due);
        if due {
            self.sweep(&plan, &mut state, &mut step).await?;
        }
        if let Some(scan) = self.scan(&plan, &mut state, &mut step).await?
            && !due
        {
            state.begin_sweep(&plan, scan);
            self.sweep(&plan, &mut state, &mut step).await?;
        }
        step.finish(state, checkpoint)
    }
}

impl Step {
    fn is_full(&mut self, plan: &Plan) -> bool {
        let full = self.delivered.len() >= plan.most;
        self.more |= full;
        full
    }

    fn finish(mut self, mut state: State, before: Option<&str>) -> Result<IncidentBatch, Error> {
        self.delivered = time::oldest_first(self.delivered, |fetched| Some(fetched.occurred.as_str()));
        self.warnings.extend(state.shrink());
        let checkpoint = CHECKPOINT.seal(&state)?;
        if let Some(error) = self.stopped.take_if(|_| before == Some(checkpoint.as_str())) {
            // Not one row further: the engine must know why.
            return Err(error);
        }
        let retry_after = match &self.stopped {
            Some(Error::RateLimited { retry_after, .. }) => Some(*retry_after),
            Some(error) => {
                self.warnings.push(format!("the step ended early: {error}"));
                None
            }
            None => None,
        };
        Ok(IncidentBatch {
            incidents: self.delivered,
            checkpoint,
            more: self.more || self.stopped.is_some(),
            retry_after,
            warnings: self.warnings,
        })
    }
}
