//! The two readers, scan and sweep, and what they have in common: delivering.

use super::listed::Listed;
use super::plan::{AHEAD_MS, Plan};
use super::state::{Scan, State};
use super::{Event, Step};
use crate::Error;
use crate::ctr::Ctr;
use crate::ctr::incidents::{IN_FLIGHT, IncidentDetail};
use crate::ctr::vocabulary as words;
use crate::fetch::Position;
use crate::http::Transport;
use core::time::Duration;
use futures_util::stream::{self, StreamExt};

/// Pages of the sweep in one step: a day of closings of a large tenant costs a few steps, an idle
/// tenant one call.
pub(super) const SWEEP_PAGES: u32 = 2;

/// Waits between the three attempts at a detail.
pub(super) const DETAIL_WAITS: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// Who found a candidate, and so where it is remembered.
#[derive(Clone, Copy)]
pub(super) enum Reader {
    Scan,
    Sweep,
}

/// How a candidate came out.
pub(super) enum Outcome {
    /// It is delivered, with its detail or with the reason why it has none.
    Deliver(Option<Box<IncidentDetail>>, Option<String>),
    /// Not in this step: its detail failed so many times, or the step has to end with this error.
    Later(u8, Option<Error>),
}

impl<T: Transport> Ctr<'_, T> {
    /// Reads what was created from the floor on. Answers the scan if it came to the end of the list.
    pub(super) async fn scan(
        &self,
        plan: &Plan,
        state: &mut State,
        step: &mut Step,
    ) -> Result<Option<Scan>, Error> {
        let until = plan.now.saturating_add(AHEAD_MS);
        let resumed = state.scan.take();
        let mut fresh = resumed.is_none();
        let mut scan = resumed
            .unwrap_or_else(|| Scan { began: plan.now, position: Position::at_ms(state.created.floor()) });
        let ended = loop {
            if step.is_full(plan) {
                break false;
            }
            let Some((rows, last)) = self.page(plan, step, scan.position, until, None).await? else {
                break false;
            };
            if core::mem::take(&mut fresh) {
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
        if fresh {
            // Not one page was read: it begins when it can.
            return Ok(None);
        }
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
    pub(super) async fn sweep(&self, plan: &Plan, state: &mut State, step: &mut Step) -> Result<(), Error> {
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
            let wanted = |row: &Listed| row.second >= position.second && state.closing_is_new(row);
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

    /// Delivers candidates (row and event) as far as there is room, and answers how many rows are passed: all
    /// before the first that has to wait.
    pub(super) async fn deliver(
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
