//! Instants: one type, one reader of what people write, one reader of what the vendor writes.

use crate::Error;
use crate::vocabulary::shown;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};
use std::collections::BinaryHeap;

/// An instant.
pub type Timestamp = DateTime<Utc>;

/// The first and the last millisecond that RFC 3339 has a form for, in the years 0 and 9999.
const FIRST_MS: i64 = -62_167_219_200_000;
const LAST_MS: i64 = 253_402_300_799_999;

/// The year 9990: no time that a person means is later.
const NO_LATER_THAN_S: i64 = 253_086_854_400;

/// Reads a time as people write it; relative forms count back from `now`.
///
/// RFC 3339 (`2026-01-02T03:04:05Z`), `2026-01-02 03:04:05` and `2026-01-02` (both UTC), `3 days`,
/// `12 hours ago`, `today` and `yesterday` (their first moment, UTC), `now`.
///
/// ```
/// use proofpoint_core::time::{parse, rfc3339};
/// let now = "2026-01-10T12:00:00Z".parse().unwrap();
/// assert_eq!(rfc3339(parse("start-time", "3 days", now).unwrap()), "2026-01-07T12:00:00.000Z");
/// ```
pub fn parse(argument: &str, text: &str, now: Timestamp) -> Result<Timestamp, Error> {
    let text = text.trim();
    let instant = absolute(text).or_else(|| named(text, now)).or_else(|| relative(text, now));
    // Years that the vendor's form of four digits cannot hold are slips.
    instant.filter(|instant| (0..NO_LATER_THAN_S).contains(&instant.timestamp())).ok_or_else(|| {
        Error::argument(
            argument,
            format!(
                "`{}` is not a time; use for example `2026-01-02T03:04:05Z`, `2026-01-02 03:04:05`, \
                 `2026-01-02`, `3 days`, `12 hours ago`, `yesterday` or `now`",
                shown(text)
            ),
        )
    })
}

/// Reads a time as the vendor writes it: RFC 3339 with an offset or `Z`, or the same without (then it
/// is UTC: comments, activities and searched messages come so).
pub fn absolute(text: &str) -> Option<Timestamp> {
    // One parser, one form: what is missing is filled in first.
    let (date, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, "00:00:00"));
    let seconds = if time.len() == "00:00".len() { ":00" } else { "" };
    let zone = if time.ends_with(['Z', 'z']) || time.contains(['+', '-']) { "" } else { "Z" };
    let zoned = DateTime::parse_from_rfc3339(&format!("{date}T{time}{seconds}{zone}")).ok()?;
    Some(zoned.to_utc()).filter(has_four_digits)
}

/// The instant so many milliseconds after 1970; none where RFC 3339 has no form for it.
pub fn of_ms(ms: i64) -> Option<Timestamp> {
    Timestamp::from_timestamp_millis(ms).filter(has_four_digits)
}

/// Whether the year of an instant is one that RFC 3339 can write.
fn has_four_digits(instant: &Timestamp) -> bool {
    (0..=9999).contains(&instant.year())
}

fn named(text: &str, now: Timestamp) -> Option<Timestamp> {
    let midnight = |days: u64| {
        now.date_naive().checked_sub_days(Days::new(days)).map(|date| date.and_time(NaiveTime::MIN).and_utc())
    };
    match text.to_ascii_lowercase().as_str() {
        "now" => Some(now),
        "today" => midnight(0),
        "yesterday" => midnight(1),
        _ => None,
    }
}

fn relative(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.to_ascii_lowercase();
    let text = text.strip_suffix("ago").unwrap_or(&text).trim();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = text.split_at_checked(digits)?;
    let seconds: i64 = match unit.trim() {
        "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 3600,
        "d" | "day" | "days" => 86_400,
        "w" | "week" | "weeks" => 604_800,
        "month" | "months" => 2_592_000,
        _ => return None,
    };
    now.checked_sub_signed(TimeDelta::try_seconds(count.parse::<i64>().ok()?.checked_mul(seconds)?)?)
}

/// The `start-time` and `end-time` of a query, if it has any; the end is now where none is given.
pub fn range(
    start: Option<&str>,
    end: Option<&str>,
    now: Timestamp,
) -> Result<Option<(Timestamp, Timestamp)>, Error> {
    let Some(start) = start else {
        return match end {
            None => Ok(None),
            Some(_) => Err(Error::argument("end-time", "`end-time` needs a `start-time`")),
        };
    };
    let start = parse("start-time", start, now)?;
    let end = parse("end-time", end.unwrap_or("now"), now)?;
    if end <= start {
        return Err(Error::argument(
            "end-time",
            format!("the end ({}) must be after the start ({})", rfc3339(end), rfc3339(start)),
        ));
    }
    Ok(Some((start, end)))
}

/// RFC 3339 in UTC with milliseconds: the form of every time in the contract.
pub fn rfc3339(instant: Timestamp) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The vendor's filter form: `YYYY-MM-DD HH:MM:SS`, UTC, fractions cut off.
pub fn filter_form(instant: Timestamp) -> String {
    let text = instant.to_rfc3339_opts(SecondsFormat::Secs, true);
    text.trim_end_matches('Z').replace('T', " ")
}

/// The instant so many milliseconds after 1970; those that RFC 3339 has no form for are clamped.
pub fn from_ms(ms: i64) -> Timestamp {
    of_ms(ms.clamp(FIRST_MS, LAST_MS)).unwrap_or_default()
}

/// Puts items in the order of their times, in milliseconds; equals keep their order.
pub fn in_order<T>(mut items: Vec<(i64, T)>) -> Vec<T> {
    let times = items.iter().map(|(ms, _)| *ms).collect();
    arrange(times, &mut |one, other| items.swap(one, other));
    items.into_iter().map(|(_, item)| item).collect()
}

/// Puts items in the order of a time in the contract's form; items without come first.
pub fn oldest_first<T>(mut items: Vec<T>, time: impl Fn(&T) -> Option<&str>) -> Vec<T> {
    let ms = |item: &T| time(item).and_then(absolute).map_or(i64::MIN, |instant| instant.timestamp_millis());
    let times = items.iter().map(ms).collect();
    arrange(times, &mut |one, other| items.swap(one, other));
    items
}

/// Puts what has these times in their order, by exchanging two at a time.
fn arrange(times: Vec<i64>, swap: &mut dyn FnMut(usize, usize)) {
    // Where each belongs.
    let mut places = vec![0; times.len()];
    for (place, (_, from)) in sorted(times).into_iter().enumerate() {
        if let Some(belongs) = places.get_mut(from) {
            *belongs = place;
        }
    }
    for place in 0..places.len() {
        while let Some(belongs) = places.get(place).copied().filter(|belongs| *belongs != place) {
            places.swap(place, belongs);
            swap(place, belongs);
        }
    }
}

/// Numbers in order, each with its place before; equals keep their order. A heap takes a third of a sort's code.
pub(crate) fn sorted(numbers: Vec<i64>) -> Vec<(i64, usize)> {
    let places = numbers.into_iter().enumerate().map(|(place, number)| (number, place));
    BinaryHeap::from(places.collect::<Vec<_>>()).into_sorted_vec()
}

/// The `Date` of a mail: `[Fri, ]20 Nov 2026 10:11[:12] +0100 [(CET)]`. Zones by letters other than UTC are not
/// reliable, and read as UTC.
pub fn mail_date(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let text = text.split_once(',').map_or(text, |(_, rest)| rest);
    let mut words = text.split_ascii_whitespace();
    let day = words.next()?.parse().ok()?;
    let month = words.next()?.get(..3)?.to_ascii_lowercase();
    let month = (1..).zip(MONTHS).find_map(|(number, name)| (name == month).then_some(number))?;
    let year = words.next()?.parse().ok().filter(|year| (1900..=9999).contains(year))?;
    let mut clock = words.next()?.split(':').map(|part| part.parse::<u32>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next().unwrap_or(Some(0))?);
    // A leap second is the one before it.
    let local = NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(hour, minute, second.min(59))?;
    let zone = words.next().unwrap_or_default();
    let offset = match zone.split_at_checked(1) {
        Some((sign @ ("+" | "-"), digits)) => {
            let digits: i64 = digits.parse().ok()?;
            let minutes = digits.div_euclid(100).saturating_mul(60).saturating_add(digits.rem_euclid(100));
            if sign == "+" { minutes } else { minutes.saturating_neg() }
        }
        _ => 0,
    };
    local.and_utc().checked_sub_signed(TimeDelta::try_minutes(offset)?).filter(has_four_digits)
}

/// The server's clock as its `Date` header tells it.
pub fn http_date(text: &str) -> Option<Timestamp> {
    let since_1970 = httpdate::parse_http_date(text).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Timestamp::from_timestamp(i64::try_from(since_1970.as_secs()).ok()?, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_mails_are_read_in_the_forms_that_mails_have() {
        for (text, expected) in [
            ("Fri, 20 Nov 2026 10:11:12 +0100 (CET)", Some("2026-11-20T09:11:12.000Z")),
            ("20 Nov 2026 10:11 -0330", Some("2026-11-20T13:41:00.000Z")),
            ("Fri,\t1 November 2026  23:59:60 GMT", Some("2026-11-01T23:59:59.000Z")),
            ("31 Feb 2026 10:11:12 +0000", None),
            ("Fri, 20 Nov 2026", None),
            ("20 Nov 2026 25:00:00 +0000", None),
            ("20 Nov 26 10:00:00 +0000", None),
            ("20 Nov 2026 10:00:00 +99999999999999999999", None),
            ("", None),
        ] {
            assert_eq!(mail_date(text).map(rfc3339).as_deref(), expected, "{text}");
        }
    }
    use proptest::prelude::*;

    const NOW: &str = "2026-03-01T12:30:00.250Z";

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    #[test]
    fn people_write_times_in_many_ways() {
        for (text, expected) in [
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"),
            ("2026-01-02T03:04:05.6789+02:00", "2026-01-02T01:04:05.678Z"),
            ("2026-01-02t03:04:05z", "2026-01-02T03:04:05.000Z"),
            ("2026-01-02T03:04:05", "2026-01-02T03:04:05.000Z"),
            ("2026-01-02 03:04:05", "2026-01-02T03:04:05.000Z"),
            ("2026-01-02 03:04", "2026-01-02T03:04:00.000Z"),
            ("2026-01-02", "2026-01-02T00:00:00.000Z"),
            (" 3 days ", "2026-02-26T12:30:00.250Z"),
            ("3days", "2026-02-26T12:30:00.250Z"),
            ("1 day ago", "2026-02-28T12:30:00.250Z"),
            ("12 Hours Ago", "2026-03-01T00:30:00.250Z"),
            ("90 min", "2026-03-01T11:00:00.250Z"),
            ("30 seconds", "2026-03-01T12:29:30.250Z"),
            ("2 weeks", "2026-02-15T12:30:00.250Z"),
            ("1 month", "2026-01-30T12:30:00.250Z"),
            ("yesterday", "2026-02-28T00:00:00.000Z"),
            ("today", "2026-03-01T00:00:00.000Z"),
            ("now", "2026-03-01T12:30:00.250Z"),
        ] {
            assert_eq!(rfc3339(parse("start-time", text, now()).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_with_examples() {
        for text in [
            "",
            "tomorrow-ish",
            "3 fortnights",
            "days",
            "-3 days",
            "100000 months",
            "9999-12-31T23:59:59.999Z",
            "1969-12-31",
            "99999999999999999999 days",
            "9223372036854775807 weeks",
            "2026-13-01",
            "2026-02-30",
            "10/11/2026",
            "ago",
            "3 days from now",
            "12 hours ago\nnow",
        ] {
            let Err(Error::InvalidArgument { argument, message, .. }) = parse("end-time", text, now()) else {
                panic!("{text} was accepted");
            };
            assert_eq!(argument, "end-time");
            assert!(message.contains("12 hours ago") && !message.contains(char::is_control), "{message}");
        }
    }

    #[test]
    fn vendor_times_are_zoned_or_naive_utc() {
        for (text, expected) in [
            ("2025-12-03T13:37:09.741+00:00", "2025-12-03T13:37:09.741Z"),
            ("2025-11-17T15:37:13.039", "2025-11-17T15:37:13.039Z"),
            ("2025-11-17T15:37:13.037895", "2025-11-17T15:37:13.037Z"),
            ("2026-08-06T12:15:45.853Z", "2026-08-06T12:15:45.853Z"),
            ("2026-08-06 12:15:45", "2026-08-06T12:15:45.000Z"),
        ] {
            assert_eq!(rfc3339(absolute(text).unwrap()), expected);
        }
        assert_eq!(absolute("garbage"), None);
    }

    #[test]
    fn a_year_that_rfc_3339_cannot_write_is_no_time() {
        for text in ["0000-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "9999-12-31T23:59:60Z"] {
            let read = absolute(text).map(rfc3339);
            assert!(
                read.as_ref().is_none_or(|text| text.len() == "9999-12-31T23:59:59.000Z".len()),
                "{read:?}"
            );
        }
        assert_eq!(mail_date("31 Dec 9999 23:59:59 -2359"), None);
        assert_eq!((of_ms(i64::MAX), of_ms(LAST_MS + 1), of_ms(FIRST_MS - 1)), (None, None, None));
        assert_eq!(rfc3339(from_ms(i64::MIN)), "0000-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(from_ms(i64::MAX)), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn filters_take_seconds_and_no_zone() {
        assert_eq!(filter_form(now()), "2026-03-01 12:30:00");
    }

    #[test]
    fn a_date_header_is_an_instant() {
        assert_eq!(
            http_date("Sun, 01 Mar 2026 12:30:00 GMT").map(rfc3339).as_deref(),
            Some("2026-03-01T12:30:00.000Z")
        );
        assert_eq!(http_date("soon"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_answered_without_a_panic(text: String) {
            let _ = parse("start-time", &text, now());
        }

        #[test]
        fn written_times_read_back(ms in 0_i64..4_102_444_800_000) {
            prop_assert_eq!(absolute(&rfc3339(from_ms(ms))).unwrap().timestamp_millis(), ms);
            prop_assert_eq!(absolute(&filter_form(from_ms(ms))).unwrap().timestamp(), ms.div_euclid(1000));
        }
    }
}
