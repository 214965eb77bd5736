//! What a step leaves to the next one: the checkpoint's content.

use super::{CLOCK_MARGIN_MS, Event, Listed, Memory, Plan, Position};
use crate::time::{self, from_ms};
use serde::{Deserialize, Serialize};

/// What a step leaves to the next one. Times are milliseconds since 1970.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct State {
    /// When the fetch began: what had closed before is not delivered as created.
    pub(super) began: i64,
    /// What was delivered as created, by creation; its floor is where a scan begins.
    pub(super) created: Memory,
    /// Where the scan stands that the last step could not finish.
    pub(super) scan: Option<Scan>,
    /// Closings, when they are fetched.
    pub(super) closings: Option<Closings>,
    /// Details that failed so many times, of incidents not delivered yet.
    pub(super) failures: Vec<(u64, u8)>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Scan {
    /// When its first page was asked for; what is indexed later than that it may have missed.
    pub(super) began: i64,
    pub(super) position: Position,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Closings {
    /// Closings that were delivered, by the time of closing.
    pub(super) delivered: Memory,
    pub(super) sweep: Option<Sweep>,
    /// The sweep got no call in the last step, or too few to deliver anything.
    pub(super) due: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Sweep {
    /// When the scan before it began: all earlier closings are found by that scan or by this sweep.
    pub(super) began: i64,
    pub(super) position: Position,
    /// Incidents created later are the scan's.
    pub(super) until: i64,
    /// Older closings that were delivered, with the second of creation or a later one: from the position's on,
    /// they are listed again.
    pub(super) edge: Vec<(i64, u64)>,
}

impl State {
    /// Before the first step: everything from `since` on is wanted.
    pub(super) fn first(plan: &Plan, since: i64) -> Self {
        Self {
            began: plan.now,
            created: Memory::new(since),
            scan: None,
            closings: Some(Closings { delivered: Memory::new(since), sweep: None, due: false }),
            failures: Vec::new(),
        }
    }

    /// Closings are followed from the beginning, or from the step on that first asks for them.
    pub(super) fn follow(&mut self, plan: &Plan) {
        if !plan.closed {
            self.closings = None;
        } else if self.closings.is_none() {
            self.closings = Some(Closings { delivered: Memory::new(plan.now), sweep: None, due: false });
        }
    }

    /// What the scan delivers a row as, if it does.
    pub(super) fn event<R>(&self, plan: &Plan, row: &Listed<R>) -> Option<Event> {
        let new = plan.open && !self.created.is_done(row.key, row.at);
        // Only what is open, or was when the fetch began, is new to a fetch of open incidents.
        let bygone = |(_, closed)| closed < self.began.saturating_sub(CLOCK_MARGIN_MS);
        if new && (plan.closed || !row.closing.is_some_and(bygone)) {
            return Some(Event::Created);
        }
        self.closing_is_new(row).then_some(Event::Closed)
    }

    pub(super) fn closing_is_new<R>(&self, row: &Listed<R>) -> bool {
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
    pub(super) fn delivered<R>(&mut self, row: &Listed<R>, event: Event) {
        if event == Event::Created {
            self.created.insert(row.key, row.at);
        }
        if let (Some(closings), Some((key, at))) = (&mut self.closings, row.closing) {
            closings.delivered.insert(key, at);
        }
    }

    /// Remembers what the sweep delivered: as long as the next sweep would find it new, and as long as
    /// this one lists its second again.
    pub(super) fn swept<R>(&mut self, plan: &Plan, row: &Listed<R>) {
        if let (Some(closings), Some((key, at))) = (&mut self.closings, row.closing)
            && let Some(sweep) = &mut closings.sweep
        {
            if at >= plan.indexed(sweep.began) {
                closings.delivered.insert(key, at);
            } else {
                sweep.edge.push((row.at.div_euclid(1000), key));
            }
        }
    }

    /// Begins a sweep behind a finished scan, if closings are followed and none is under way.
    pub(super) fn begin_sweep(&mut self, plan: &Plan, scan: Scan) {
        let until = self.created.floor();
        if let Some(closings) = &mut self.closings {
            // What closed at the closing floor may have been created the whole look-back before.
            let from = closings.delivered.floor().min(plan.now).saturating_sub(plan.lookback);
            closings.sweep.get_or_insert_with(|| Sweep {
                began: scan.began,
                position: Position::at_ms(from),
                until,
                edge: Vec::new(),
            });
        }
    }

    pub(super) fn set_due(&mut self, due: bool) {
        if let Some(closings) = &mut self.closings {
            closings.due = due;
        }
    }

    pub(super) fn sweep(&mut self) -> Option<&mut Sweep> {
        self.closings.as_mut()?.sweep.as_mut()
    }

    /// A sweep came to its end: earlier closings are settled.
    pub(super) fn sweep_ended(&mut self, plan: &Plan) {
        if let Some(closings) = &mut self.closings
            && let Some(sweep) = closings.sweep.take()
        {
            closings.delivered.settle(plan.indexed(sweep.began));
        }
    }

    pub(super) fn failures_of(&self, key: u64) -> u8 {
        self.failures.iter().find(|(k, _)| *k == key).map_or(0, |(_, failed)| *failed)
    }

    /// Keeps the checkpoint bounded; answers what a person should know about it.
    pub(super) fn shrink(&mut self, noun: &str) -> Vec<String> {
        // Only now: a page may show what an earlier one of this step did.
        if let Some(sweep) = self.sweep() {
            let second = sweep.position.second;
            sweep.edge.retain(|(at, _)| *at >= second);
        }
        let memories = [Some(&mut self.created), self.closings.as_mut().map(|c| &mut c.delivered)];
        memories
            .into_iter()
            .flatten()
            .filter_map(Memory::shrink)
            .map(|floor| {
                format!(
                    "more {noun}s than can be remembered lie in the overlap; those that are indexed late and \
                     belong before {} are not delivered",
                    time::rfc3339(from_ms(floor))
                )
            })
            .collect()
    }
}
