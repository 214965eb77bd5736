//! Polling: everything once, oldest first, whatever happens in between. One mechanism, two sources.
//!
//! Neither product has a change feed: a poll lists what appeared since some time, oldest first, in pages of
//! rows. Three facts make that hard. Rows become visible late, up to the *overlap* after their time. Many can
//! share a second, which is all the time filter of Threat Response resolves. And a step may end anywhere: its
//! room is full, the call budget is spent, a call failed.
//!
//! * [`Memory`] keeps what was delivered from the *floor* on. The floor rises only over time that is
//!   settled: passed by the scan, and older than the overlap when the scan began.
//! * [`Position`] is where a reader stands: a second, and a row counted from that second. It only grows,
//!   so every page is progress. Listing again from the second of the last row, not from a row number,
//!   keeps a reader right when rows are inserted before it.
//!
//! One step reads the checkpoint, lists, and answers what is new together with the next checkpoint. It
//! runs two readers over the same list:
//!
//! * The **scan** lists what appeared from the memory's floor on, without a filter on the state: an incident
//!   that opens and closes between two polls is seen all the same, and rows never vanish from the list while
//!   it is read. States are told apart here.
//! * The **sweep**, for fetches that include closings, looks through what appeared earlier, back to the
//!   look-back, for what has closed since. It takes a few pages of each step.
//!
//! How they make the promise hold is written down in `docs/fetch.md`.

mod listed;
mod memory;
mod position;
mod readers;
mod state;

pub use memory::Memory;
pub use position::{Passed, Position};

pub(crate) use listed::{Entry, Listed};

use crate::client::Client;
use crate::http::Transport;
use crate::paging::{List, Row};
use crate::seal::Seal;
use crate::time::{self, from_ms};
use crate::{Error, config};
use core::time::Duration;
use state::State;

/// How far a clock may be off: a minute on either side, and some.
pub const CLOCK_MARGIN_MS: i64 = 120_000;

/// The list is read up to so far after now, should the server's clock be ahead.
const AHEAD_MS: i64 = 3_600_000;

/// Calls with which a step that gets details gets anywhere: a page of the sweep, one of the scan, a detail. With
/// fewer it would read the same page again and again.
const WITH_A_DETAIL: usize = 3;

/// Why something is delivered.
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

/// What is polled: how it is listed, what its rows say, what is delivered of them.
pub(crate) trait Source {
    /// A row, read.
    type Record: Clone;
    /// What one more call tells of it.
    type Detail;
    /// What is delivered.
    type Item;
    /// The list of them.
    type Rows: List;
    /// The world.
    type Transport: Transport;

    /// What rows are called.
    const NOUN: &'static str;

    /// The client of the call.
    fn client(&self) -> &Client<'_, Self::Transport>;

    /// The list from one time (milliseconds since 1970, whole seconds) to another, oldest first; all of it, or
    /// what is closed.
    fn list(&self, from: i64, until: i64, closed: bool) -> Self::Rows;

    /// Reads a row.
    fn read(&self, row: &Row) -> Entry<Self::Record>;

    /// Keeps the text of a row on its record, and answers what to call it.
    fn keep_raw(&self, record: &mut Self::Record, row: &Row) -> String;

    /// Whether a row is delivered at all, however it came.
    fn wants(&self, _record: &Self::Record) -> bool {
        true
    }

    /// Gets the detail of a record, with a single request; none where details are not wanted.
    async fn detail(&self, record: &Self::Record) -> Option<Result<Self::Detail, Error>>;

    /// What is delivered of a row.
    fn item(
        &self,
        row: &Listed<Self::Record>,
        event: Event,
        occurred: String,
        detail: Option<Self::Detail>,
        enrichment_error: Option<String>,
    ) -> Self::Item;
}

/// What a step is to do: options and configuration, checked and settled. Times are in milliseconds.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Deliver what is new.
    pub(crate) open: bool,
    /// Deliver closings.
    pub(crate) closed: bool,
    /// Items of one step at most.
    pub(crate) most: usize,
    /// Our clock.
    pub(crate) now: i64,
    /// What is read again for late indexing.
    pub(crate) overlap: i64,
    /// How long after its creation a closing is still found.
    pub(crate) lookback: i64,
    /// Whether each comes with its detail, which is one more call.
    pub(crate) details: bool,
}

impl Plan {
    /// Up to when everything was surely visible to a reader that began at a time.
    fn indexed(&self, began: i64) -> i64 {
        began.saturating_sub(self.overlap).saturating_sub(CLOCK_MARGIN_MS)
    }
}

/// A number among the options, or its default, within its limits.
pub(crate) fn within(
    argument: &str,
    given: Option<u32>,
    default: u32,
    least: u32,
    most: u32,
) -> Result<i64, Error> {
    match given {
        Some(n) if !(least..=most).contains(&n) => Err(Error::argument(
            argument,
            format!("`{n}` is out of range; use a number from {least} to {most}"),
        )),
        given => Ok(i64::from(given.unwrap_or(default))),
    }
}

/// Where a fetch without a checkpoint begins, in milliseconds; not after now.
pub(crate) fn first_fetch(
    product: config::Product,
    given: Option<&str>,
    configured: &str,
    now: i64,
) -> Result<i64, Error> {
    let key = product.key("first_fetch");
    let since = match given {
        Some(text) => time::parse("first-fetch", text, from_ms(now))?,
        None => time::parse(&key, configured, from_ms(now))
            .map_err(|error| Error::configuration(&key, error.message()))?,
    };
    Ok(since.timestamp_millis().min(now))
}

/// What a step answers.
#[derive(Debug)]
pub(crate) struct Batch<I> {
    pub(crate) items: Vec<I>,
    pub(crate) checkpoint: String,
    pub(crate) more: bool,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) warnings: Vec<String>,
}

/// The next step of polling, from a checkpoint or (none) from `since` on. A failure before anything was found
/// is an error and leaves the given checkpoint good; one after it ends the step with what was found.
pub(crate) async fn step<S: Source>(
    source: &S,
    plan: Plan,
    seal: &Seal,
    checkpoint: Option<&str>,
    since: i64,
) -> Result<Batch<S::Item>, Error> {
    let mut state = match checkpoint {
        Some(text) => seal.open(text)?,
        None => State::first(&plan, since),
    };
    state.follow(&plan);
    if plan.details {
        source.client().budget_for(WITH_A_DETAIL).await?;
    }
    let mut step =
        Step { source, plan, items: Vec::new(), warnings: Vec::new(), pages: 0, stopped: None, more: false };
    // A sweep that could do nothing in the step before has the first call in this step: however much the
    // scan has to read, both go on.
    let due = state.closings.as_ref().is_some_and(|closings| closings.due);
    if due {
        step.sweep(&mut state).await?;
    }
    if let Some(scan) = step.scan(&mut state).await?
        && !due
    {
        state.begin_sweep(&step.plan, scan);
        step.sweep(&mut state).await?;
    }
    step.finish(state, seal, checkpoint)
}

/// What a step has so far.
struct Step<'a, S: Source> {
    source: &'a S,
    plan: Plan,
    /// What is delivered, each with its time.
    items: Vec<(i64, S::Item)>,
    warnings: Vec<String>,
    /// Pages that were read: from the first on, what was found is kept whatever happens.
    pages: u32,
    /// Why the step ended early.
    stopped: Option<Error>,
    /// More is known to be waiting.
    more: bool,
}

impl<S: Source> Step<'_, S> {
    fn is_full(&mut self) -> bool {
        let full = self.items.len() >= self.plan.most;
        self.more |= full;
        full
    }

    fn finish(
        mut self,
        mut state: State,
        seal: &Seal,
        before: Option<&str>,
    ) -> Result<Batch<S::Item>, Error> {
        self.warnings.extend(state.shrink(S::NOUN));
        let checkpoint = seal.seal(&state)?;
        if let Some(error) = self.stopped.take_if(|_| before == Some(checkpoint.as_str())) {
            // Not one row further: the engine must know why.
            return Err(error);
        }
        let retry_after = match &self.stopped {
            Some(Error::RateLimited { retry_after, .. }) => {
                Some(self.source.client().half_budget_in().max(*retry_after))
            }
            Some(error) => {
                self.warnings.push(format!("the step ended early: {error}"));
                None
            }
            None => None,
        };
        Ok(Batch {
            items: time::in_order(self.items),
            checkpoint,
            more: self.more || self.stopped.is_some(),
            retry_after,
            warnings: self.warnings,
        })
    }
}
