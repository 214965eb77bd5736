//! The two readers, scan and sweep, and what they have in common: delivering.

use super::state::{Scan, State};
use super::{AHEAD_MS, Event, Listed, Position, Source, Step};
use crate::Error;
use crate::client::IN_FLIGHT;
use crate::http::Transport;
use crate::paging::insert;
use crate::time::{self, from_ms};
use core::time::Duration;
use futures_util::stream::{self, StreamExt};

/// Pages of the sweep in one step: a day of closings of a large tenant costs a few steps, an idle
/// tenant one call.
const SWEEP_PAGES: u32 = 2;

/// Waits between the three attempts at a detail.
const DETAIL_WAITS: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// Who found a candidate, and so where it is remembered.
#[derive(Clone, Copy)]
enum Reader {
    Scan,
    Sweep,
}

/// How a candidate came out.
enum Outcome<D> {
    /// It is delivered, with its detail or with the reason why it has none.
    Deliver(Option<D>, Option<String>),
    /// Not in this step: its detail failed so many times, or the step has to end with this error.
    Later(u8, Option<Error>),
}

impl<S: Source> Step<'_, S> {
    /// Reads what appeared from the floor on. Answers the scan if it came to the end of the list.
    pub(super) async fn scan(&mut self, state: &mut State) -> Result<Option<Scan>, Error> {
        let now = self.plan.now;
        let until = now.saturating_add(AHEAD_MS);
        let resumed = state.scan.take();
        let mut fresh = resumed.is_none();
        let mut scan =
            resumed.unwrap_or_else(|| Scan { began: now, position: Position::at_ms(state.created.floor()) });
        let ended = loop {
            if self.is_full() {
                break false;
            }
            let Some((rows, last)) = self.page(scan.position, until, false).await? else {
                break false;
            };
            if core::mem::take(&mut fresh) {
                scan.began = scan.began.min(self.source.client().cautious_now_ms());
                state.began = state.began.min(scan.began);
            }
            let wanted =
                |row: &Listed<_>| state.event(&self.plan, row).filter(|_| self.source.wants(&row.record));
            let candidates = rows.iter().enumerate().filter_map(|(i, row)| Some((i, wanted(row)?))).collect();
            let passed = self.deliver(state, &rows, candidates, Reader::Scan).await;
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
        state.created.settle(scan.position.second.saturating_mul(1000).min(self.plan.indexed(scan.began)));
        if !ended {
            state.scan = Some(scan);
        }
        Ok(ended.then_some(scan))
    }

    /// Looks through what appeared before the scan's window for closings, a few pages at a time.
    ///
    /// It never makes the engine come back at once (`more`) for a page that it could not have: that is the
    /// next step's.
    pub(super) async fn sweep(&mut self, state: &mut State) -> Result<(), Error> {
        state.set_due(false);
        for _ in 0..SWEEP_PAGES {
            let Some((position, until)) = state.sweep().map(|sweep| (sweep.position, sweep.until)) else {
                break;
            };
            if self.is_full() {
                break;
            }
            // The last scan may have begun before the look-back: then there is nothing to sweep.
            let empty = position.second.saturating_mul(1000) > until;
            let (rows, last) = match empty {
                true => (Vec::new(), true),
                false => match self.page(position, until, true).await? {
                    Some(page) => page,
                    None => {
                        state.set_due(true);
                        match self.stopped.take() {
                            None | Some(Error::RateLimited { .. }) => {}
                            Some(error) => {
                                self.warnings.push(format!("the sweep for closings waits: {error}"))
                            }
                        }
                        break;
                    }
                },
            };
            // What lies before the position was looked at already and is the next sweep's.
            let wanted = |row: &Listed<_>| row.second >= position.second && state.closing_is_new(row);
            let candidates = rows
                .iter()
                .enumerate()
                .filter(|(_, row)| wanted(row))
                .map(|(i, _)| (i, Event::Closed))
                .collect();
            let before = self.items.len();
            let passed = self.deliver(state, &rows, candidates, Reader::Sweep).await;
            // What the scan left of the budget was a page and not one detail.
            state.set_due(self.stopped.is_some() && self.items.len() == before);
            if let Some(sweep) = state.sweep() {
                sweep.position = position.after(&rows, passed);
            }
            if passed < rows.len() {
                break;
            }
            if last {
                state.sweep_ended(&self.plan);
            }
        }
        Ok(())
    }

    /// Delivers candidates (row and event) as far as there is room, and answers how many rows are passed: all
    /// before the first that has to wait.
    async fn deliver(
        &mut self,
        state: &mut State,
        rows: &[Listed<S::Record>],
        candidates: Vec<(usize, Event)>,
        reader: Reader,
    ) -> usize {
        // A page may show the same row twice.
        let mut seen = Vec::new();
        let mut is_first =
            |(index, _): &(usize, Event)| rows.get(*index).is_some_and(|row| insert(&mut seen, row.key));
        let candidates: Vec<_> = candidates.into_iter().filter(|candidate| is_first(candidate)).collect();
        let room = self.plan.most.saturating_sub(self.items.len());
        let mut waiting = candidates.get(room).map(|(index, _)| *index);
        let now: Vec<(usize, Event, &Listed<S::Record>, u8)> = candidates
            .into_iter()
            .take(room)
            .filter_map(|(index, event)| {
                let row = rows.get(index)?;
                Some((index, event, row, state.failures_of(row.key)))
            })
            .collect();
        let source = self.source;
        let outcomes: Vec<_> = stream::iter(now)
            .map(|(index, event, row, failed)| async move {
                (index, event, row, enrich(source, row, failed).await)
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
                        Reader::Sweep => state.swept(&self.plan, row),
                    }
                    self.warnings.extend(row.warning.clone());
                    let at = match event {
                        Event::Created => row.at,
                        Event::Closed => row.closing.map_or(row.at, |(_, at)| at),
                    };
                    let shown = time::rfc3339(from_ms(at.min(self.plan.now.saturating_add(AHEAD_MS))));
                    self.items.push((at, source.item(row, event, shown, detail, enrichment_error)));
                }
                Outcome::Later(failed, error) => {
                    if failed > 0 {
                        state.failures.push((row.key, failed));
                    }
                    self.stopped = self.stopped.take().or(error);
                    waiting = Some(waiting.map_or(index, |first| first.min(index)));
                }
            }
        }
        self.more |= waiting.is_some();
        waiting.unwrap_or(rows.len())
    }
}

/// Gets a candidate's detail if that is wanted. What would fail for every candidate alike (budget,
/// credentials, time) ends the step; what fails for this one is tried three times.
async fn enrich<S: Source>(source: &S, row: &Listed<S::Record>, mut failed: u8) -> Outcome<S::Detail> {
    loop {
        match source.detail(&row.record).await {
            None => return Outcome::Deliver(None, None),
            Some(Ok(detail)) => return Outcome::Deliver(Some(detail), None),
            Some(Err(gone @ Error::NotFound(_))) => return Outcome::Deliver(None, Some(gone.to_string())),
            Some(Err(
                stop @ (Error::RateLimited { .. } | Error::Unauthorized(_) | Error::Configuration { .. }),
            )) => return Outcome::Later(failed, Some(stop)),
            Some(Err(stop)) if source.client().is_over() => return Outcome::Later(failed, Some(stop)),
            Some(Err(error)) => {
                failed = failed.saturating_add(1);
                let Some(wait) = DETAIL_WAITS.get(usize::from(failed).saturating_sub(1)) else {
                    return Outcome::Deliver(None, Some(error.to_string()));
                };
                source.client().transport().sleep(*wait).await;
            }
        }
    }
}
