//! The call budget: so many calls in any 60 seconds, counted here so that none is wasted on a 429.
//!
//! The vendor allows 10 calls a minute and sends no header that tells how many are left, so the
//! connector keeps the times of its own calls and answers before it would send one too many.

use core::time::Duration;
use std::collections::VecDeque;

/// The window the vendor counts in.
pub const WINDOW: Duration = Duration::from_secs(60);

/// A rolling window of calls.
#[derive(Debug, Default)]
pub struct Quota {
    sent: VecDeque<Duration>,
    /// The vendor said that its window is full until then: others use the same key.
    full_until: Duration,
}

impl Quota {
    /// Takes one call out of the budget, or tells how long to wait for one. `per_minute` 0 is no budget.
    pub fn take(&mut self, per_minute: u32, now: Duration) -> Result<(), Duration> {
        self.room(1, per_minute, now)?;
        if per_minute > 0 {
            self.sent.push_back(now);
        }
        Ok(())
    }

    /// Whether so many calls, or all there are in a minute, can be made now, or how long to wait until they can.
    /// Takes none.
    pub fn room(&mut self, calls: usize, per_minute: u32, now: Duration) -> Result<(), Duration> {
        if per_minute == 0 {
            return Ok(());
        }
        if now < self.full_until {
            return Err(self.full_until.saturating_sub(now));
        }
        while self.sent.front().is_some_and(|sent| now.saturating_sub(*sent) >= WINDOW) {
            self.sent.pop_front();
        }
        let allowed = usize::try_from(per_minute).unwrap_or(usize::MAX);
        // So many have to leave the window.
        let missing = self.sent.len().saturating_add(calls.min(allowed)).saturating_sub(allowed);
        match missing.checked_sub(1).and_then(|last| self.sent.get(last)) {
            Some(sent) => Err(sent.saturating_add(WINDOW).saturating_sub(now)),
            None => Ok(()),
        }
    }

    /// Notes that the vendor refused a call and for how long, so that none is wasted until then.
    pub fn refused(&mut self, now: Duration, retry_after: Duration) {
        self.full_until = self.full_until.max(now.saturating_add(retry_after));
    }

    /// How long until the oldest call leaves the window; the whole window where none is in it.
    pub fn frees_in(&self, now: Duration) -> Duration {
        self.sent.front().map_or(WINDOW, |sent| sent.saturating_add(WINDOW).saturating_sub(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_eleventh_call_in_a_minute_waits_until_the_first_leaves_the_window() {
        let mut quota = Quota::default();
        for i in 0..10 {
            assert_eq!(quota.take(10, s(100 + i)), Ok(()));
        }
        assert_eq!(quota.take(10, s(112)), Err(s(48)));
        assert_eq!(quota.take(10, s(159)), Err(s(1)));
        assert_eq!(quota.take(10, s(160)), Ok(()));
        assert_eq!(quota.take(10, s(160)), Err(s(1)), "the second call leaves at 161");
    }

    #[test]
    fn room_for_several_calls_comes_when_so_many_have_left_the_window() {
        let mut quota = Quota::default();
        for at in [0, 1, 3] {
            assert_eq!(quota.take(3, s(at)), Ok(()));
        }
        assert_eq!(quota.room(1, 3, s(10)), Err(s(50)));
        assert_eq!(quota.room(2, 3, s(10)), Err(s(51)));
        assert_eq!(quota.room(3, 3, s(10)), Err(s(53)));
        assert_eq!(quota.room(9, 3, s(10)), Err(s(53)), "there are no more than all");
        assert_eq!((quota.room(1, 3, s(60)), quota.room(2, 3, s(60))), (Ok(()), Err(s(1))));
        assert_eq!(quota.room(9, 3, s(63)), Ok(()));
        assert_eq!(quota.room(9, 0, s(10)), Ok(()));
    }

    #[test]
    fn zero_means_no_budget() {
        let mut quota = Quota::default();
        assert!((0..1000).all(|_| quota.take(0, s(1)).is_ok()));
    }

    #[test]
    fn a_refusal_of_the_vendor_stops_further_calls_until_then() {
        let mut quota = Quota::default();
        assert_eq!(quota.take(10, s(100)), Ok(()));
        quota.refused(s(101), s(30));
        assert_eq!(quota.take(10, s(111)), Err(s(20)));
        assert_eq!(quota.take(10, s(131)), Ok(()));
    }

    #[test]
    fn a_refused_call_costs_nothing() {
        let mut quota = Quota::default();
        assert_eq!(quota.take(1, s(0)), Ok(()));
        for i in 1..60 {
            assert_eq!(quota.take(1, s(i)), Err(s(60 - i)));
        }
        assert_eq!(quota.take(1, s(60)), Ok(()));
    }
}
