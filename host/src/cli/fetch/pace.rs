//! When the next step of a fetch is due.

use std::time::Duration;

use serde_json::Value;

use super::super::Failure;

/// The longest wait after failures, unless the interval itself is longer.
const LONGEST_BACKOFF: Duration = Duration::from_secs(300);

/// What comes after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Another step, at once.
    AtOnce,
    /// Another step after this time.
    Wait(Duration),
    /// Nothing: everything was delivered.
    Done,
    /// Nothing in this run, but more can be had after this time.
    Later(Duration),
}

/// Decides from how the steps go.
#[derive(Debug)]
pub(super) struct Pace {
    follow: bool,
    interval: Duration,
    /// Whether a step of this run succeeded.
    begun: bool,
    /// Failures since the last success.
    failures: u32,
}

impl Pace {
    pub(super) fn new(follow: bool, interval: Duration) -> Self {
        Self { follow, interval, begun: false, failures: 0 }
    }

    /// After a step that delivered `batch`.
    pub(super) fn after_batch(&mut self, batch: &Value) -> Next {
        self.begun = true;
        self.failures = 0;
        let wait = batch["retry-after-ms"].as_u64().map(Duration::from_millis);
        match (batch["more"] == true, wait) {
            (true, None) => Next::AtOnce,
            (true, Some(wait)) => self.wait(wait),
            (false, wait) if self.follow => Next::Wait(self.interval.max(wait.unwrap_or_default())),
            (false, _) => Next::Done,
        }
    }

    /// After a step that failed; none where the failure ends the fetch. Failures that pass are waited
    /// out when following. A budget that is spent is no failure once something was delivered.
    pub(super) fn after_failure(&mut self, failure: &Failure) -> Option<Next> {
        let Failure::Error(error) = failure else { return None };
        match error.case() {
            "rate-limited" if self.follow || self.begun => {
                let wait = error.retry_after_ms().map(Duration::from_millis);
                Some(self.wait(wait.unwrap_or(self.interval)))
            }
            "timeout" | "unavailable" | "invalid-response" if self.follow => {
                let longest = LONGEST_BACKOFF.max(self.interval);
                let doubled = self.interval.saturating_mul(1 << self.failures.min(16));
                self.failures += 1;
                Some(Next::Wait(doubled.min(longest)))
            }
            _ => None,
        }
    }

    fn wait(&self, wait: Duration) -> Next {
        if self.follow { Next::Wait(wait) } else { Next::Later(wait) }
    }
}

/// Reads `500ms`, `60s`, `5m`, `1h`.
pub(super) fn interval(text: &str) -> Result<Duration, String> {
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let milliseconds: Option<u64> = match unit {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let number: Option<u64> = digits.parse().ok().filter(|number| *number > 0);
    let interval = number.zip(milliseconds).and_then(|(number, unit)| number.checked_mul(unit));
    interval.map(Duration::from_millis).ok_or_else(|| "expected a time such as 30s, 5m or 1h".to_owned())
}

#[cfg(test)]
mod tests {
    use proofpoint_host::GuestError;
    use serde_json::json;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn pace(follow: bool) -> Pace {
        Pace::new(follow, MINUTE)
    }

    fn failure(case: &str) -> Failure {
        Failure::Error(GuestError::new(case, json!({ "message": "m", "retry-after-ms": 7000 })))
    }

    #[test]
    fn a_batch_says_what_comes_next() {
        let wait = Duration::from_millis(7000);
        for (batch, once, following) in [
            (json!({ "more": true, "retry-after-ms": null }), Next::AtOnce, Next::AtOnce),
            (json!({ "more": true, "retry-after-ms": 7000 }), Next::Later(wait), Next::Wait(wait)),
            (json!({ "more": false, "retry-after-ms": null }), Next::Done, Next::Wait(MINUTE)),
            (json!({ "more": false, "retry-after-ms": 7000 }), Next::Done, Next::Wait(MINUTE)),
        ] {
            assert_eq!(pace(false).after_batch(&batch), once, "{batch}");
            assert_eq!(pace(true).after_batch(&batch), following, "{batch}");
        }
    }

    #[test]
    fn failures_that_pass_are_waited_out_longer_and_longer() {
        let mut pace = pace(true);
        let waits: Vec<u64> = (0..5)
            .map(|_| match pace.after_failure(&failure("unavailable")) {
                Some(Next::Wait(wait)) => wait.as_secs(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(waits, [60, 120, 240, 300, 300]);
        pace.after_batch(&json!({ "more": false }));
        assert_eq!(pace.after_failure(&failure("timeout")), Some(Next::Wait(MINUTE)));
    }

    #[test]
    fn failures_end_a_single_run_and_those_that_stay_end_following_too() {
        for case in ["timeout", "unavailable", "invalid-response", "rate-limited", "unauthorized"] {
            assert_eq!(pace(false).after_failure(&failure(case)), None, "{case}");
        }
        for case in ["unauthorized", "forbidden", "configuration", "invalid-argument", "rejected", "trap"] {
            assert_eq!(pace(true).after_failure(&failure(case)), None, "{case}");
        }
        assert_eq!(pace(true).after_failure(&Failure::Closed), None);
    }

    #[test]
    fn a_spent_budget_is_waited_for_or_left_to_the_next_run() {
        let wait = Duration::from_millis(7000);
        assert_eq!(pace(true).after_failure(&failure("rate-limited")), Some(Next::Wait(wait)));
        let mut once = pace(false);
        once.after_batch(&json!({ "more": true }));
        assert_eq!(once.after_failure(&failure("rate-limited")), Some(Next::Later(wait)));
    }

    #[test]
    fn intervals_are_read() {
        assert_eq!(interval("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(interval("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(interval("1h"), Ok(Duration::from_secs(3600)));
        assert_eq!(interval("100ms"), Ok(Duration::from_millis(100)));
        for wrong in ["", "soon", "60", "0s", "-5s", "5 m", "99999999999999999999s", "9999999999999999h"] {
            assert!(interval(wrong).is_err(), "{wrong}");
        }
    }
}
