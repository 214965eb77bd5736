//! The vendor's spellings of time.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// This machine's time, in whole milliseconds.
pub(crate) fn system_now() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millisecond(i64::try_from(elapsed.as_millis()).unwrap_or_default()).unwrap_or_default()
}

/// The instant in whole milliseconds, the precision the vendor keeps and shows.
pub(crate) fn to_millisecond(instant: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(instant.as_millisecond()).unwrap_or(instant)
}

/// Incident rows and summaries: `2025-12-03T13:37:09.741+00:00`.
pub(crate) fn offset(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S.%3f+00:00").to_string()
}

/// Comments and activities, without a zone: `2025-11-17T15:37:13.039`.
pub(crate) fn naive(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S.%3f").to_string()
}

/// The moment an activity occurred, without a zone and in microseconds: `2025-11-17T15:37:13.037895`.
pub(crate) fn naive_micro(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S.%6f").to_string()
}

/// The `Date` header: `Wed, 03 Dec 2025 13:37:09 GMT`.
pub(crate) fn http(instant: Timestamp) -> String {
    instant.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Reads a filter's time: exactly `YYYY-MM-DD HH:MM:SS`, in UTC.
pub(crate) fn parse_filter_time(text: &str) -> Option<Timestamp> {
    if text.len() != "YYYY-MM-DD HH:MM:SS".len() {
        return None;
    }
    let time = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?;
    TimeZone::UTC.to_timestamp(time).ok()
}
