//! A call limit: so many calls in any window of time.

use std::collections::VecDeque;

use chrono::TimeDelta;

use crate::time::Timestamp;

const MINUTE: TimeDelta = TimeDelta::minutes(1);
const DAY: TimeDelta = TimeDelta::hours(24);

/// When the calls of the last day came.
#[derive(Default)]
pub(crate) struct Calls(VecDeque<Timestamp>);

impl Calls {
    /// Counts a call, unless a limit is reached.
    pub(crate) fn admit(&mut self, now: Timestamp, per_minute: Option<u32>, per_day: Option<u32>) -> bool {
        while self.0.front().is_some_and(|call| now.signed_duration_since(*call) >= DAY) {
            self.0.pop_front();
        }
        let within = |window: TimeDelta, limit: Option<u32>| {
            let recent = self.0.iter().rev().take_while(|call| now.signed_duration_since(**call) < window);
            limit.is_none_or(|limit| recent.take(limit as usize).count() < limit as usize)
        };
        let admitted = within(MINUTE, per_minute) && within(DAY, per_day);
        if admitted {
            self.0.push_back(now);
        }
        admitted
    }
}
