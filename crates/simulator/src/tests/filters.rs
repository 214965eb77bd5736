use serde_json::json;

use super::{Bench, COUNT, SEARCH, at};
use crate::{Incident, TimePrecision, UnknownValues};

/// Six incidents: 1 from TAP, 2 of high priority, 3 closed, 4 with a threat, 5 of a very attacked person,
/// 6 phish.
fn assorted() -> Bench {
    let mut bench = Bench::holding(6);
    let now = bench.vendor.now();
    let ids: Vec<String> = bench.vendor.incidents().map(|incident| incident.id.clone()).collect();
    bench.vendor.change_incident(&ids[0], |it| it.sources = vec!["tap_alert".into()]);
    bench.vendor.change_incident(&ids[0], |it| it.priority = None);
    bench.vendor.change_incident(&ids[1], |it| it.priority = Some("high".into()));
    bench.vendor.set_state(&ids[2], Some(now));
    bench.vendor.change_incident(&ids[3], |it| it.verdicts = vec!["threat".into(), "manual_review".into()]);
    bench.vendor.change_incident(&ids[3], |it| it.confidences = vec!["low".into()]);
    bench.vendor.change_incident(&ids[4], |it| it.vap = true);
    bench.vendor.change_incident(&ids[5], |it| it.dispositions = vec!["phish".into()]);
    bench
}

#[test]
fn every_key_filters_by_its_own_vocabulary() {
    let mut bench = assorted();
    let cases = [
        (json!({ "source_filters": ["tap"] }), vec![1]),
        (json!({ "source_filters": ["abuse_mailbox"] }), vec![2, 3, 4, 5, 6]),
        (json!({ "priority_filters": ["high"] }), vec![2]),
        (json!({ "priority_filters": ["medium"] }), vec![3, 4, 5, 6]),
        (json!({ "other_filters": ["closed_incidents"] }), vec![3]),
        (json!({ "other_filters": ["open_incidents"] }), vec![1, 2, 4, 5, 6]),
        (json!({ "other_filters": ["vap"] }), vec![5]),
        (json!({ "verdict_filters": ["verdict_threat"] }), vec![4]),
        (json!({ "confidence_filters": ["confidence_low"] }), vec![4]),
        (json!({ "disposition_filters": ["phish"] }), vec![6]),
        (json!({ "incident_id_filters": ["2", "5", "77"] }), vec![2, 5]),
    ];
    for (filters, expected) in cases {
        assert_eq!(bench.found(filters.clone()), expected, "{filters}");
    }
}

#[test]
fn values_of_a_list_are_alternatives_and_keys_restrict_each_other() {
    let mut bench = assorted();
    assert_eq!(bench.found(json!({ "priority_filters": ["high", "medium"] })), [2, 3, 4, 5, 6]);
    assert_eq!(
        bench.found(json!({ "priority_filters": ["medium"], "disposition_filters": ["phish", "malware"] })),
        [6]
    );
}

#[test]
fn open_and_closed_together_match_nothing() {
    let mut bench = assorted();
    assert!(bench.found(json!({ "other_filters": ["open_incidents", "closed_incidents"] })).is_empty());
    assert_eq!(bench.found(json!({ "other_filters": ["open_incidents", "vap"] })), [5]);
}

#[test]
fn filters_may_be_missing_null_or_empty() {
    let mut bench = assorted();
    assert_eq!(bench.post(COUNT, json!({})).json(), 6);
    for filters in [json!(null), json!({}), json!({ "source_filters": [], "other_filters": null })] {
        assert_eq!(bench.found(filters.clone()).len(), 6, "{filters}");
    }
}

#[test]
fn an_unknown_key_is_ignored() {
    let mut bench = assorted();
    assert_eq!(bench.found(json!({ "disposition": ["phish"], "sortParams": [] })).len(), 6);
}

#[test]
fn which_key_filters_by_disposition_can_be_switched() {
    let mut bench = assorted();
    bench.vendor.options().disposition_key = "disposition".into();
    assert_eq!(bench.found(json!({ "disposition": ["phish"] })), [6]);
    assert_eq!(bench.found(json!({ "disposition_filters": ["phish"] })).len(), 6);
}

#[test]
fn an_unknown_value_is_ignored_or_matches_nothing() {
    let mut bench = assorted();
    // Without their prefix, and in the spelling of rows, values are unknown.
    let alone = [
        json!({ "verdict_filters": ["threat"] }),
        json!({ "source_filters": ["tap_alert"] }),
        json!({ "incident_id_filters": ["INC-2"] }),
        json!({ "other_filters": ["open"] }),
    ];
    let beside = json!({ "verdict_filters": ["threat", "verdict_threat"] });
    for filters in &alone {
        assert_eq!(bench.found(filters.clone()).len(), 6, "{filters}");
    }
    assert_eq!(bench.found(beside.clone()), [4]);

    bench.vendor.options().unknown_values = UnknownValues::MatchNothing;
    for filters in &alone {
        assert!(bench.found(filters.clone()).is_empty(), "{filters}");
    }
    assert_eq!(bench.found(beside), [4]);
}

#[test]
fn filters_can_be_dishonoured_altogether() {
    let mut bench = assorted();
    bench.vendor.options().honour_filters = false;
    assert_eq!(bench.found(json!({ "other_filters": ["closed_incidents"] })).len(), 6);
}

#[test]
fn a_list_that_is_not_one_of_texts_is_refused() {
    let mut bench = Bench::new();
    for filters in [json!({ "source_filters": "tap" }), json!({ "incident_id_filters": [583] })] {
        assert_eq!(bench.post(SEARCH, json!({ "filters": filters })).status, 400, "{filters}");
    }
}

#[test]
fn a_time_filter_needs_both_ends_in_the_vendors_format() {
    let mut bench = Bench::new();
    let good = "2026-05-28 10:00:00";
    for window in [
        json!({ "start": good }),
        json!({ "end": good }),
        json!({ "start": good, "end": "2026-05-28T10:00:00" }),
        json!({ "start": good, "end": "2026-05-28 10:00:00Z" }),
        json!({ "start": good, "end": "2026-5-28 10:00:00" }),
        json!({ "start": good, "end": 1 }),
        json!([good, good]),
    ] {
        let reply = bench.post(SEARCH, json!({ "filters": { "time_range_filter": window } }));
        assert_eq!(reply.status, 400, "{window}");
    }
}

#[test]
fn ends_of_a_time_filter_are_in_or_out_at_either_precision() {
    let mut bench = Bench::new();
    let created = ["10:00:00Z", "10:00:00.300Z", "10:00:05Z", "10:00:05.700Z"];
    for (n, time) in (1..).zip(created) {
        bench.vendor.add_incident(Incident::at(n, at(&format!("2026-05-28T{time}"))));
    }
    use TimePrecision::{Millisecond, Second};
    for (start_in, end_in, precision, expected) in [
        (true, true, Millisecond, vec![1, 2, 3]),
        (false, true, Millisecond, vec![2, 3]),
        (true, false, Millisecond, vec![1, 2]),
        (true, true, Second, vec![1, 2, 3, 4]),
        (false, true, Second, vec![3, 4]),
        (true, false, Second, vec![1, 2]),
    ] {
        let options = bench.vendor.options();
        (options.start_inclusive, options.end_inclusive) = (start_in, end_in);
        options.time_precision = precision;
        let window = json!({ "start": "2026-05-28 10:00:00", "end": "2026-05-28 10:00:05" });
        let found = bench.found(json!({ "time_range_filter": window }));
        assert_eq!(found, expected, "{start_in} {end_in} {precision:?}");
    }
}

#[test]
fn a_count_is_a_bare_number_of_what_a_search_would_find() {
    let mut bench = assorted();
    let reply = bench.post(COUNT, json!({ "filters": { "other_filters": ["open_incidents"] } }));
    assert_eq!(reply.body, b"5");
}
