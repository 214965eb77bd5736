//! The call limit: so many calls in any window of time.

use std::collections::VecDeque;

use chrono::TimeDelta;

use crate::options::Options;
use crate::time::Timestamp;

const MINUTE: TimeDelta = TimeDelta::minutes(1);
const DAY: TimeDelta = TimeDelta::hours(24);

/// When the calls of the last day came.
#[derive(Default)]
pub(crate) struct Calls(VecDeque<Timestamp>);

impl Calls {
    /// Counts a call, unless a limit is reached.
    pub(crate) fn admit(&mut self, options: &Options, now: Timestamp) -> bool {
        while self.0.front().is_some_and(|call| now.signed_duration_since(*call) >= DAY) {
            self.0.pop_front();
        }
        let within = |window: TimeDelta, limit: Option<u32>| {
            let recent = self.0.iter().rev().take_while(|call| now.signed_duration_since(**call) < window);
            limit.is_none_or(|limit| recent.take(limit as usize).count() < limit as usize)
        };
        let admitted = within(MINUTE, options.calls_per_minute) && within(DAY, options.calls_per_day);
        if admitted {
            self.0.push_back(now);
        }
        admitted
    }
}
