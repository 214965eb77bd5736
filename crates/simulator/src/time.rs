//! The vendor's spellings of time.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, NaiveDateTime, SubsecRound, Timelike, Utc};

/// An instant.
pub type Timestamp = DateTime<Utc>;

/// This machine's time, in whole milliseconds.
pub(crate) fn system_now() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_timestamp_millis(i64::try_from(elapsed.as_millis()).unwrap_or_default())
        .unwrap_or_default()
}

/// The instant in whole seconds.
pub(crate) fn to_second(instant: Timestamp) -> Timestamp {
    instant.trunc_subsecs(0)
}

/// The instant in whole milliseconds, the precision the vendor keeps and shows.
pub(crate) fn to_millisecond(instant: Timestamp) -> Timestamp {
    instant.trunc_subsecs(3)
}

/// Incident rows and summaries: `2025-12-03T13:37:09.741+00:00`.
pub(crate) fn offset(instant: Timestamp) -> String {
    instant.format("%Y-%m-%dT%H:%M:%S%.3f+00:00").to_string()
}

/// Comments and activities, without a zone: `2025-11-17T15:37:13.039`.
pub(crate) fn naive(instant: Timestamp) -> String {
    instant.format("%Y-%m-%dT%H:%M:%S%.3f").to_string()
}

/// The moment an activity occurred, without a zone and in microseconds: `2025-11-17T15:37:13.037895`.
pub(crate) fn naive_micro(instant: Timestamp) -> String {
    instant.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

/// Events: `2025-11-04T10:20:30.123Z`.
pub(crate) fn zulu(instant: Timestamp) -> String {
    instant.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// The `Date` of an e-mail: `Tue, 04 Nov 2025 10:20:30 +0000`.
pub(crate) fn mail(instant: Timestamp) -> String {
    instant.format("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// The `Date` header: `Wed, 03 Dec 2025 13:37:09 GMT`.
pub(crate) fn http(instant: Timestamp) -> String {
    instant.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Reads a filter's time: exactly `YYYY-MM-DD HH:MM:SS`, in UTC.
pub(crate) fn parse_filter_time(text: &str) -> Option<Timestamp> {
    if text.len() != "YYYY-MM-DD HH:MM:SS".len() {
        return None;
    }
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    // A leap second, `:60`, is read as the second before it.
    time.with_nanosecond(0).map(|time| time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filters_leap_second_is_the_second_before_it() {
        assert_eq!(parse_filter_time("2026-06-30 23:59:60"), Some("2026-06-30T23:59:59Z".parse().unwrap()));
    }
}
