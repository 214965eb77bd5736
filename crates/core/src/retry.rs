//! When a request is sent again, and after how long.
//!
//! A read is repeated after 5xx and broken connections. A write is repeated only when the server
//! certainly did not get it. What the budget refuses (429) is not this module's: repeating it within
//! the window only burns calls.

use crate::http::{Response, TransportError};
use core::time::Duration;

/// Whether a request may be processed twice without harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Changes nothing at the vendor.
    Read,
    /// Changes something; must never happen twice.
    Write,
}

/// Requests sent for one call at most.
pub const ATTEMPTS: u32 = 3;

/// Waits before the second and the third attempt. Long enough for a restart behind a load balancer,
/// short enough for a person who waits.
const BACKOFF: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// The longest wait a server can ask for with `Retry-After` on a 503.
const LONGEST: Duration = Duration::from_secs(30);

/// The longest wait a server can ask for with `Retry-After` on a 429: a wrong one must not stop us for days.
const LONGEST_REFUSAL: Duration = Duration::from_secs(3600);

/// How long to wait before the attempt after `attempt` (from 1), or none where it must not be repeated.
pub fn backoff(kind: Kind, attempt: u32, outcome: &Result<Response, TransportError>) -> Option<Duration> {
    if attempt >= ATTEMPTS {
        return None;
    }
    let wait = BACKOFF.get(usize::try_from(attempt).ok()?.checked_sub(1)?).copied()?;
    match outcome {
        Err(TransportError::NotSent(_)) => Some(wait),
        Err(TransportError::Broken(_)) if kind == Kind::Read => Some(wait),
        Ok(response) if response.status >= 500 && kind == Kind::Read => {
            Some(retry_after(response).map_or(wait, |asked| asked.clamp(wait, LONGEST)))
        }
        _ => None,
    }
}

/// How long a 429 keeps us from calling: what it asks for, else `unasked`; at least a second, at most an hour.
pub fn refusal(response: &Response, unasked: Duration) -> Duration {
    retry_after(response).unwrap_or(unasked).clamp(Duration::from_secs(1), LONGEST_REFUSAL)
}

/// `Retry-After` in seconds; the form with a date is not used by any service we know of.
fn retry_after(response: &Response) -> Option<Duration> {
    response.header("retry-after")?.parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> Result<Response, TransportError> {
        Ok(Response { status, ..Response::default() })
    }

    #[test]
    fn reads_are_repeated_on_5xx_and_broken_connections() {
        for outcome in [
            status(500),
            status(502),
            status(503),
            status(504),
            Err(TransportError::Broken("reset".into())),
            Err(TransportError::NotSent("refused".into())),
        ] {
            assert_eq!(backoff(Kind::Read, 1, &outcome), Some(Duration::from_millis(500)));
            assert_eq!(backoff(Kind::Read, 2, &outcome), Some(Duration::from_secs(2)));
            assert_eq!(backoff(Kind::Read, 3, &outcome), None);
        }
    }

    #[test]
    fn nothing_is_repeated_after_an_answer_that_settles_it() {
        for outcome in [
            status(200),
            status(400),
            status(401),
            status(404),
            status(429),
            Err(TransportError::TooLarge),
            Err(TransportError::Timeout),
            Err(TransportError::NotAllowed("not trusted".into())),
        ] {
            assert_eq!(backoff(Kind::Read, 1, &outcome), None);
        }
    }

    #[test]
    fn a_write_is_repeated_only_when_it_was_certainly_not_sent() {
        let wait = Some(Duration::from_millis(500));
        assert_eq!(backoff(Kind::Write, 1, &Err(TransportError::NotSent("refused".into()))), wait);
        for outcome in [
            status(500),
            status(503),
            Err(TransportError::Broken("reset".into())),
            Err(TransportError::Timeout),
        ] {
            assert_eq!(backoff(Kind::Write, 1, &outcome), None);
        }
    }

    #[test]
    fn a_503_can_ask_for_a_longer_wait_within_reason() {
        let asks = |seconds: &str| {
            Ok(Response {
                status: 503,
                headers: vec![("Retry-After".into(), seconds.into())],
                ..Response::default()
            })
        };
        assert_eq!(backoff(Kind::Read, 1, &asks("7")), Some(Duration::from_secs(7)));
        assert_eq!(backoff(Kind::Read, 1, &asks("86400")), Some(LONGEST));
        assert_eq!(backoff(Kind::Read, 1, &asks("soon")), Some(Duration::from_millis(500)));
    }
}
