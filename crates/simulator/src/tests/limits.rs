use std::time::Duration;

use serde_json::json;

use super::{Bench, COUNT, message};
use crate::{Cut, Fault, FaultKind, Matcher, Request};

fn status(bench: &mut Bench) -> u16 {
    bench.post(COUNT, json!({})).status
}

#[test]
fn the_eleventh_call_of_a_rolling_minute_is_429_without_retry_after() {
    let mut bench = Bench::with(|options| options.calls_per_minute = Some(10));
    assert_eq!(status(&mut bench), 200);
    bench.vendor.advance(Duration::from_secs(30));
    for _ in 0..9 {
        assert_eq!(status(&mut bench), 200);
    }
    let refused = bench.post(COUNT, json!({}));
    assert_eq!((refused.status, refused.header("retry-after")), (429, None));
    assert!(!message(&refused).is_empty());

    bench.vendor.advance(Duration::from_millis(29_999));
    assert_eq!(status(&mut bench), 429);
    bench.vendor.advance(Duration::from_millis(1));
    assert_eq!(status(&mut bench), 200, "the first call is a minute old");
    assert_eq!(status(&mut bench), 429, "the other nine are not");
}

#[test]
fn token_calls_and_dropped_ones_do_not_count_but_faulted_ones_do() {
    let mut bench = Bench::with(|options| options.calls_per_minute = Some(1));
    bench.vendor.fault(Fault::once(Matcher::api(), FaultKind::Drop(Cut::BeforeRequest)));
    bench.vendor.fault(Fault::once(Matcher::api(), FaultKind::Status(503)));
    bench.vendor.handle(&Request::get("/v1/token"));
    bench.post(COUNT, json!({}));
    assert_eq!(status(&mut bench), 503);
    assert_eq!(status(&mut bench), 429);
}

#[test]
fn a_fault_is_not_used_up_by_a_refused_call() {
    let mut bench = Bench::with(|options| options.calls_per_minute = Some(0));
    bench.vendor.fault(Fault::once(Matcher::api(), FaultKind::Status(503)));
    assert_eq!(status(&mut bench), 429);
    bench.vendor.options().calls_per_minute = None;
    assert_eq!(status(&mut bench), 503);
}

#[test]
fn a_refusal_can_say_when_to_come_back() {
    let mut bench = Bench::with(|options| {
        options.calls_per_minute = Some(0);
        options.retry_after = Some("17".into());
    });
    assert_eq!(bench.post(COUNT, json!({})).header("retry-after"), Some("17"));
}

#[test]
fn a_day_can_have_a_limit_too() {
    let mut bench = Bench::with(|options| {
        options.calls_per_day = Some(2);
        options.token_life_seconds = u32::MAX;
    });
    assert_eq!([status(&mut bench), status(&mut bench), status(&mut bench)], [200, 200, 429]);
    bench.vendor.advance(Duration::from_secs(24 * 3600));
    assert_eq!(status(&mut bench), 200);
}
