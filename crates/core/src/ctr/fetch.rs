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
//! What was delivered is remembered by [`Memory`], where a reader stands by [`Position`]; how both make
//! the promise hold is written down in `docs/fetch.md`.

use super::Ctr;
use super::incidents::{IN_FLIGHT, Incident, IncidentDetail, MODULE, PATH};
use super::paging::{Listing, PAGE_ROWS, Page, Row, time_range};
use super::vocabulary as words;
use crate::Error;
use crate::fetch::{CLOCK_MARGIN_MS, Memory, Passed, Position};
use crate::http::Transport;
use crate::seal::{Seal, hash};
use crate::time::{self, from_ms};
use core::time::Duration;
use futures_util::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};
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

/// Pages of the sweep in one step: a day of closings of a large tenant costs a few steps, an idle
/// tenant one call.
const SWEEP_PAGES: u32 = 2;

/// The list is read up to so far after now, should the server's clock be ahead.
const AHEAD_MS: i64 = 3_600_000;

/// Waits between the three attempts at a detail.
const DETAIL_WAITS: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// What a step leaves to the next one. Times are milliseconds since 1970.
#[derive(Debug, Serialize, Deserialize)]
struct State {
    /// When the fetch began: what had closed before is not delivered as created.
    began: i64,
    /// What was delivered as created, by creation; its floor is where a scan begins.
    created: Memory,
    /// Where the scan stands that the last step could not finish.
    scan: Option<Scan>,
    /// Closings, when they are fetched.
    closings: Option<Closings>,
    /// Details that failed so many times, of incidents not delivered yet.
    failures: Vec<(u64, u8)>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Scan {
    /// When its first page was asked for; what is indexed later than that it may have missed.
    began: i64,
    position: Position,
}

#[derive(Debug, Serialize, Deserialize)]
struct Closings {
    /// Closings that were delivered, by the time of closing.
    delivered: Memory,
    sweep: Option<Sweep>,
    /// The sweep got no call in the last step.
    due: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Sweep {
    /// When the scan before it began: all earlier closings are found by that scan or by this sweep.
    began: i64,
    position: Position,
    /// Incidents created later are the scan's.
    until: i64,
    /// Older closings that were delivered, with the second of creation: from the position's on, they are
    /// listed again.
    edge: Vec<(i64, u64)>,
}

/// A row on its way.
#[derive(Clone, Debug)]
struct Listed {
    /// Identity of the incident.
    key: u64,
    /// Creation in milliseconds, or a later time: a row without a readable one borrows that of the row
    /// behind it, so that it is remembered for long enough.
    at: i64,
    /// Second of creation, or an earlier one: a row without borrows that of the row before it, so that no
    /// reader passes anything by.
    second: i64,
    /// Identity of its closing and when that was, if it is closed.
    closing: Option<(u64, i64)>,
    incident: Incident,
    warning: Option<String>,
}

impl Passed for Listed {
    fn second(&self) -> i64 {
        self.second
    }
}

/// Who found a candidate, and so where it is remembered.
#[derive(Clone, Copy)]
enum Reader {
    Scan,
    Sweep,
}

/// How a candidate came out.
enum Outcome {
    /// It is delivered, with its detail or with the reason why it has none.
    Deliver(Option<Box<IncidentDetail>>, Option<String>),
    /// Not in this step: its detail failed so many times, or the step has to end with this error.
    Later(u8, Option<Error>),
}

/// Options and configuration, settled.
struct Plan {
    open: bool,
    closed: bool,
    most: usize,
    now: i64,
    overlap: i64,
    /// Where the look-back for closings begins.
    lookback_from: i64,
    incident_type: String,
    enrich: bool,
    include_raw: bool,
}

impl Plan {
    /// Up to when everything was surely visible to a reader that began at a time.
    fn indexed(&self, began: i64) -> i64 {
        began.saturating_sub(self.overlap).saturating_sub(CLOCK_MARGIN_MS)
    }
}

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

    fn plan(&self, options: &FetchOptions) -> Result<Plan, Error> {
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
            lookback_from: now.saturating_sub(days.saturating_mul(86_400_000)),
            incident_type: options.incident_type.clone().unwrap_or_else(|| ctr.incident_type.clone()),
            enrich,
            include_raw: options.include_raw,
        })
    }

    fn first_state(&self, options: &FetchOptions, plan: &Plan) -> Result<State, Error> {
        let now = from_ms(plan.now);
        let since = match &options.first_fetch {
            Some(text) => time::parse("first-fetch", text, now)?,
            None => time::parse("ctr_first_fetch", &self.config.ctr.first_fetch, now)
                .map_err(|e| Error::configuration("ctr_first_fetch", e.message()))?,
        };
        let since = since.timestamp_millis();
        Ok(State {
            began: plan.now,
            created: Memory::new(since),
            scan: None,
            closings: Some(Closings { delivered: Memory::new(since), sweep: None, due: false }),
            failures: Vec::new(),
        })
    }

    /// Reads what was created from the floor on. Answers the scan if it came to the end of the list.
    async fn scan(&self, plan: &Plan, state: &mut State, step: &mut Step) -> Result<Option<Scan>, Error> {
        let until = plan.now.saturating_add(AHEAD_MS);
        let resumed = state.scan.take();
        let mut scan = resumed
            .unwrap_or_else(|| Scan { began: plan.now, position: Position::at_ms(state.created.floor()) });
        let ended = loop {
            if step.is_full(plan) {
                break false;
            }
            let Some((rows, last)) = self.page(plan, step, scan.position, until, None).await? else {
                break false;
            };
            if resumed.is_none() && step.pages == 1 {
                scan.began = scan.began.min(self.client.cautious_now_ms());
                state.began = state.began.min(scan.began);
            }
            let wanted = |row: &Listed| state.event(plan, row);
            let candidates = rows.iter().enumerate().filter_map(|(i, row)| Some((i, wanted(row)?))).collect();
            let passed = self.deliver(plan, state, step, &rows, candidates, Reader::Scan).await;
            for row in &rows {
                state.created.seen(row.key, row.at);
            }
            scan.position = scan.position.after(&rows, passed);
            if passed < rows.len() {
                break false;
            }
            if last {
                break true;
            }
        };
        state.created.settle(scan.position.second.saturating_mul(1000).min(plan.indexed(scan.began)));
        if !ended {
            state.scan = Some(scan);
        }
        Ok(ended.then_some(scan))
    }

    /// Looks through what was created before the scan's window for closings, a few pages at a time.
    ///
    /// It never makes the engine come back at once (`more`) for a page that it could not have: that is the
    /// next step's.
    async fn sweep(&self, plan: &Plan, state: &mut State, step: &mut Step) -> Result<(), Error> {
        state.set_due(false);
        for _ in 0..SWEEP_PAGES {
            let Some((position, until)) = state.sweep().map(|sweep| (sweep.position, sweep.until)) else {
                break;
            };
            if step.is_full(plan) {
                break;
            }
            // The last scan may have begun before the look-back: then there is nothing to sweep.
            let empty = position.second.saturating_mul(1000) > until;
            let (rows, last) = match empty {
                true => (Vec::new(), true),
                false => match self.page(plan, step, position, until, Some(words::CLOSED)).await? {
                    Some(page) => page,
                    None => {
                        state.set_due(true);
                        match step.stopped.take() {
                            None | Some(Error::RateLimited { .. }) => {}
                            Some(error) => {
                                step.warnings.push(format!("the sweep for closings waits: {error}"))
                            }
                        }
                        break;
                    }
                },
            };
            // What lies before the position was looked at already and is the next sweep's.
            let wanted = |row: &Listed| row.second() >= position.second && state.closing_is_new(row);
            let candidates = rows
                .iter()
                .enumerate()
                .filter(|(_, row)| wanted(row))
                .map(|(i, _)| (i, Event::Closed))
                .collect();
            let passed = self.deliver(plan, state, step, &rows, candidates, Reader::Sweep).await;
            if let Some(sweep) = state.sweep() {
                sweep.position = position.after(&rows, passed);
                let second = sweep.position.second;
                sweep.edge.retain(|(at, _)| *at >= second);
            }
            if passed < rows.len() {
                break;
            }
            if last {
                state.sweep_ended(plan);
            }
        }
        Ok(())
    }

    /// Lists a page, oldest first, and whether it is the last one. None ends the step: the page cannot
    /// be had, but others were.
    async fn page(
        &self,
        plan: &Plan,
        step: &mut Step,
        position: Position,
        until: i64,
        state: Option<&str>,
    ) -> Result<Option<(Vec<Listed>, bool)>, Error> {
        let from = from_ms(position.list_from().saturating_mul(1000));
        // Fractions are cut off on the wire; the end is rounded up.
        let mut filters = json!({"time_range_filter": time_range(from, from_ms(until.saturating_add(999)))});
        if let (Some(state), Some(filters)) = (state, filters.as_object_mut()) {
            filters.insert("other_filters".into(), json!([state]));
        }
        let listing = Listing {
            module: MODULE,
            path: PATH.to_owned(),
            key: "incidents",
            column: "createdAt".to_owned(),
            direction: "asc".to_owned(),
            filters: Some(filters),
            limit: PAGE_ROWS,
        };
        let call = listing.call(position.row, PAGE_ROWS);
        let listed = match self.client.send(&call).await {
            Err(error) => Err(error),
            Ok(response) => match Page::read(&call, &response, listing.key) {
                Err(error) => Err(error),
                Ok(page) => {
                    self.listed(plan, &page, position, until).map(|rows| (rows, page.is_last(position.row)))
                }
            },
        };
        match listed {
            Ok(listed) => {
                step.pages = step.pages.saturating_add(1);
                Ok(Some(listed))
            }
            Err(error) if step.pages == 0 => Err(error),
            Err(error) => {
                step.stopped = Some(error);
                Ok(None)
            }
        }
    }

    fn listed(
        &self,
        plan: &Plan,
        page: &Page<'_>,
        position: Position,
        until: i64,
    ) -> Result<Vec<Listed>, Error> {
        let instant =
            |text: &Option<String>| text.as_deref().and_then(time::absolute).map(|t| t.timestamp_millis());
        let mut rows = Vec::with_capacity(page.rows.len());
        let mut newest: Option<i64> = None;
        for raw in &page.rows {
            let row = Row::read(raw);
            let (incident, warning) = Incident::read(&row, plan.include_raw, &self.config.ctr.console_url);
            let created = instant(&incident.created_at);
            if created < newest && created.is_some() {
                return Err(Error::InvalidResponse(format!(
                    "the service did not list incidents in the order asked: {} is older than the row before it",
                    incident.id
                )));
            }
            newest = created.or(newest);
            let key = row.identity();
            let closed = incident.state.as_deref().is_some_and(|state| state.eq_ignore_ascii_case("closed"));
            let closing = closed.then(|| {
                let ended = instant(&incident.closed_at).or_else(|| instant(&incident.updated_at));
                let when = ended.or(created).unwrap_or(plan.now);
                (hash(format!("{key} {when}").as_bytes()), when)
            });
            rows.push(Listed {
                key,
                at: created.unwrap_or(until),
                second: newest.map_or(position.second, |ms| ms.div_euclid(1000)),
                closing,
                incident,
                warning,
            });
        }
        let mut behind = until;
        for row in rows.iter_mut().rev() {
            match row.incident.created_at {
                Some(_) => behind = row.at,
                None => row.at = behind,
            }
        }
        Ok(rows)
    }

    /// Delivers candidates (row and event) as far as there is room, and answers how many rows are passed: all
    /// before the first that has to wait.
    async fn deliver(
        &self,
        plan: &Plan,
        state: &mut State,
        step: &mut Step,
        rows: &[Listed],
        candidates: Vec<(usize, Event)>,
        reader: Reader,
    ) -> usize {
        let room = plan.most.saturating_sub(step.delivered.len());
        let mut waiting = candidates.get(room).map(|(index, _)| *index);
        let now: Vec<(usize, Event, &Listed, u8)> = candidates
            .into_iter()
            .take(room)
            .filter_map(|(index, event)| {
                let row = rows.get(index)?;
                Some((index, event, row, state.failures_of(row.key)))
            })
            .collect();
        let outcomes: Vec<_> = stream::iter(now)
            .map(|(index, event, row, failed)| async move {
                (index, event, row, self.enrich(plan, row, failed).await)
            })
            .buffered(IN_FLIGHT)
            .collect()
            .await;
        for (index, event, row, outcome) in outcomes {
            state.failures.retain(|(key, _)| *key != row.key);
            match outcome {
                Outcome::Deliver(detail, enrichment_error) => {
                    match reader {
                        Reader::Scan => state.delivered(row, event),
                        Reader::Sweep => state.swept(plan, row),
                    }
                    step.warnings.extend(row.warning.clone());
                    step.delivered.push(plan.fetched(
                        row,
                        event,
                        detail.map(|detail| *detail),
                        enrichment_error,
                    ));
                }
                Outcome::Later(failed, error) => {
                    if failed > 0 {
                        state.failures.push((row.key, failed));
                    }
                    step.stopped = step.stopped.take().or(error);
                    waiting = Some(waiting.map_or(index, |first| first.min(index)));
                }
            }
        }
        step.more |= waiting.is_some();
        waiting.unwrap_or(rows.len())
    }

    /// Gets a candidate's detail if that is wanted. What would fail for every incident alike (budget,
    /// credentials, time) ends the step; what fails for this one is tried three times.
    async fn enrich(&self, plan: &Plan, row: &Listed, mut failed: u8) -> Outcome {
        if !plan.enrich {
            return Outcome::Deliver(None, None);
        }
        if row.incident.id.is_empty() {
            return Outcome::Deliver(None, Some("the incident has no id to ask for".to_owned()));
        }
        loop {
            match self.incident_detail(&row.incident.id, plan.include_raw, true).await {
                Ok(detail) => return Outcome::Deliver(Some(Box::new(detail)), None),
                Err(gone @ Error::NotFound(_)) => return Outcome::Deliver(None, Some(gone.to_string())),
                Err(
                    stop @ (Error::RateLimited { .. } | Error::Unauthorized(_) | Error::Configuration { .. }),
                ) => {
                    return Outcome::Later(failed, Some(stop));
                }
                Err(stop) if self.client.is_over() => return Outcome::Later(failed, Some(stop)),
                Err(error) => {
                    failed = failed.saturating_add(1);
                    let Some(wait) = DETAIL_WAITS.get(usize::from(failed).saturating_sub(1)) else {
                        return Outcome::Deliver(None, Some(error.to_string()));
                    };
                    self.client.transport().sleep(*wait).await;
                }
            }
        }
    }
}

impl State {
    /// Closings are followed from the beginning, or from the step on that first asks for them.
    fn follow(&mut self, plan: &Plan) {
        if !plan.closed {
            self.closings = None;
        } else if self.closings.is_none() {
            self.closings = Some(Closings { delivered: Memory::new(plan.now), sweep: None, due: false });
        }
    }

    /// What the scan delivers a row as, if it does.
    fn event(&self, plan: &Plan, row: &Listed) -> Option<Event> {
        let new = plan.open && !self.created.is_done(row.key, row.at);
        // Only what is open, or was when the fetch began, is new to a fetch of open incidents.
        let bygone = |(_, closed)| closed < self.began.saturating_sub(CLOCK_MARGIN_MS);
        if new && (plan.closed || !row.closing.is_some_and(bygone)) {
            return Some(Event::Created);
        }
        self.closing_is_new(row).then_some(Event::Closed)
    }

    fn closing_is_new(&self, row: &Listed) -> bool {
        match (&self.closings, row.closing) {
            (Some(closings), Some((key, at))) => {
                let edge =
                    closings.sweep.as_ref().is_some_and(|sweep| sweep.edge.iter().any(|(_, k)| *k == key));
                !edge && !closings.delivered.is_done(key, at)
            }
            _ => false,
        }
    }

    /// Remembers what the scan delivered.
    fn delivered(&mut self, row: &Listed, event: Event) {
        if event == Event::Created {
            self.created.insert(row.key, row.at);
        }
        if let (Some(closings), Some((key, at))) = (&mut self.closings, row.closing) {
            closings.delivered.insert(key, at);
        }
    }

    /// Remembers what the sweep delivered: as long as the next sweep would find it new, and as long as
    /// this one lists its second again.
    fn swept(&mut self, plan: &Plan, row: &Listed) {
        if let (Some(closings), Some((key, at))) = (&mut self.closings, row.closing)
            && let Some(sweep) = &mut closings.sweep
        {
            if at >= plan.indexed(sweep.began) {
                closings.delivered.insert(key, at);
            } else {
                sweep.edge.push((row.second, key));
            }
        }
    }

    /// Begins a sweep behind a finished scan, if closings are followed and none is under way.
    fn begin_sweep(&mut self, plan: &Plan, scan: Scan) {
        let until = self.created.floor();
        if let Some(closings) = &mut self.closings {
            closings.sweep.get_or_insert_with(|| Sweep {
                began: scan.began,
                position: Position::at_ms(plan.lookback_from),
                until,
                edge: Vec::new(),
            });
        }
    }

    fn set_due(&mut self, due: bool) {
        if let Some(closings) = &mut self.closings {
            closings.due = due;
        }
    }

    fn sweep(&mut self) -> Option<&mut Sweep> {
        self.closings.as_mut()?.sweep.as_mut()
    }

    /// A sweep came to its end: earlier closings are settled.
    fn sweep_ended(&mut self, plan: &Plan) {
        if let Some(closings) = &mut self.closings
            && let Some(sweep) = closings.sweep.take()
        {
            closings.delivered.settle(plan.indexed(sweep.began));
        }
    }

    fn failures_of(&self, key: u64) -> u8 {
        self.failures.iter().find(|(k, _)| *k == key).map_or(0, |(_, failed)| *failed)
    }

    /// Keeps the checkpoint bounded; answers what a person should know about it.
    fn shrink(&mut self) -> Vec<String> {
        let memories = [Some(&mut self.created), self.closings.as_mut().map(|c| &mut c.delivered)];
        memories
            .into_iter()
            .flatten()
            .filter_map(Memory::shrink)
            .map(|floor| {
                format!(
                    "more incidents than can be remembered lie in the overlap; those that are indexed late and \
                     belong before {} are not delivered",
                    time::rfc3339(from_ms(floor))
                )
            })
            .collect()
    }
}

impl Plan {
    fn fetched(
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
