//! Lists, counts and filters: what goes over the wire, and what comes back.

use chrono::TimeDelta;
use proofpoint_simulator::{EndRow, OverCap};
use proofpoint_tests::{INCIDENTS, SECRET, World, case, ids, refused};
use serde_json::{Value, json};

/// What may be written, and how it is sent.
type Values = &'static [(&'static str, &'static str)];

/// The lists of a query, the vendor's key of each, and their values.
const VOCABULARIES: [(&str, &str, Values); 6] = [
    (
        "source-filters",
        "source_filters",
        &[
            ("abuse_mailbox", "abuse_mailbox"),
            ("tap", "tap"),
            ("tap_alert", "tap"),
            ("smart_search", "smart_search"),
            ("message_csv_upload", "message_csv_upload"),
        ],
    ),
    (
        "other-filters",
        "other_filters",
        &[
            ("open_incidents", "open_incidents"),
            ("open", "open_incidents"),
            ("closed_incidents", "closed_incidents"),
            ("closed", "closed_incidents"),
            ("vap", "vap"),
        ],
    ),
    (
        "verdict-filters",
        "verdict_filters",
        &[
            ("verdict_failed", "verdict_failed"),
            ("failed", "verdict_failed"),
            ("verdict_low_risk", "verdict_low_risk"),
            ("low_risk", "verdict_low_risk"),
            ("verdict_manual_review", "verdict_manual_review"),
            ("manual_review", "verdict_manual_review"),
            ("verdict_threat", "verdict_threat"),
            ("threat", "verdict_threat"),
        ],
    ),
    (
        "disposition-filters",
        "disposition_filters",
        &[
            ("bulk", "bulk"),
            ("clean", "clean"),
            ("impostor", "impostor"),
            ("in_progress", "in_progress"),
            ("internal", "internal"),
            ("low_risk", "low_risk"),
            ("malware", "malware"),
            ("manual_review", "manual_review"),
            ("not_set", "not_set"),
            ("phish", "phish"),
            ("scam", "scam"),
            ("simulated_phish", "simulated_phish"),
            ("spam", "spam"),
            ("suspicious", "suspicious"),
            ("tap_false_positive", "tap_false_positive"),
            ("toad", "toad"),
            ("vendor", "vendor"),
        ],
    ),
    (
        "confidence-filters",
        "confidence_filters",
        &[
            ("confidence_high", "confidence_high"),
            ("high", "confidence_high"),
            ("confidence_medium", "confidence_medium"),
            ("medium", "confidence_medium"),
            ("confidence_low", "confidence_low"),
            ("low", "confidence_low"),
        ],
    ),
    ("priority-filters", "priority_filters", &[("high", "high"), ("medium", "medium"), ("low", "low")]),
];

#[tokio::test]
async fn every_filter_is_sent_as_documented() {
    let mut world = World::new().await;
    let page = world
        .list(json!({
            "start-time": "2026-01-02T05:04:05+02:00",
            "end-time": "2026-02-03 04:05:06",
            "incident-id-filters": ["781", "INC-782", "inc-783"],
            "source-filters": ["tap", "abuse_mailbox"],
            "other-filters": ["open", "vap"],
            "verdict-filters": ["threat", "verdict_failed"],
            "disposition-filters": ["phish", "malware"],
            "confidence-filters": ["high"],
            "priority-filters": ["low"],
            "sort": "closedAt:asc",
            "limit": 25,
        }))
        .await
        .unwrap();
    assert_eq!(page, json!({ "incidents": [], "total": 0, "next": null, "warnings": [] }));
    assert_eq!(
        world.only_body(),
        json!({
            "startRow": 0,
            "endRow": 25,
            "sortParams": [{ "sort": "asc", "colId": "closedAt" }],
            "filters": {
                "time_range_filter": { "start": "2026-01-02 03:04:05", "end": "2026-02-03 04:05:06" },
                "incident_id_filters": ["781", "782", "783"],
                "source_filters": ["tap", "abuse_mailbox"],
                "other_filters": ["open_incidents", "vap"],
                "verdict_filters": ["verdict_threat", "verdict_failed"],
                "disposition_filters": ["phish", "malware"],
                "confidence_filters": ["confidence_high"],
                "priority_filters": ["low"],
            },
        })
    );
}

#[tokio::test]
async fn a_list_without_a_query_asks_for_the_newest_fifty() {
    let mut world = World::new().await;
    world.add_incidents(60, 0);
    let page = world.list(json!({})).await.unwrap();
    assert_eq!(page["incidents"].as_array().unwrap().len(), 50);
    assert_eq!(page["incidents"][0]["display-id"], "60");
    assert_eq!(
        world.only_body(),
        json!({
            "startRow": 0,
            "endRow": 50,
            "sortParams": [{ "sort": "desc", "colId": "createdAt" }],
            "filters": {},
        })
    );
}

#[tokio::test]
async fn calls_carry_the_bearer_token_and_the_content_type() {
    let mut world = World::new().await;
    world.list(json!({})).await.unwrap();
    let id = world.add(1, TimeDelta::zero(), |_| {});
    world.call("incidents.incident-get", json!({ "ids": [id] })).await.unwrap();
    let token = world.vendor().requests()[1].header("authorization").unwrap().to_owned();
    assert!(token.starts_with("Bearer ") && token.len() > 20);
    let api = world.api();
    let [list, get] = api.as_slice() else { panic!("{api:#?}") };
    assert_eq!((list.method.as_str(), list.path.as_str(), list.query.as_str()), ("POST", INCIDENTS, ""));
    assert_eq!(list.header("content-type"), Some("application/json"));
    assert_eq!(list.header("content-length"), Some(list.body.len().to_string().as_str()));
    assert_eq!(get.method, "GET");
    assert_eq!(get.path, format!("{INCIDENTS}/{id}"));
    assert!(get.body.is_empty() && get.header("content-type").is_none());
    for call in [list, get] {
        assert_eq!(call.header("authorization"), Some(token.as_str()));
        assert_eq!(call.header("accept"), Some("application/json"));
    }
}

#[tokio::test]
async fn the_token_request_is_a_form_of_exactly_three_fields() {
    let mut world = World::new().await;
    world.list(json!({})).await.unwrap();
    let requests = world.vendor().requests().to_vec();
    let first = &requests[0];
    assert_eq!((first.method.as_str(), first.path.as_str(), first.query.as_str()), ("POST", "/v1/token", ""));
    assert_eq!(first.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(first.header("authorization"), None);
    let expected =
        [("grant_type", "client_credentials"), ("client_id", "simulator-client"), ("client_secret", SECRET)];
    assert_eq!(first.form(), expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn credentials_with_signs_of_the_form_arrive_as_they_are() {
    let secret = "a&b=c+d %20é/?#";
    let mut world = World::with(|options| options.client_secret = secret.into()).await;
    world.list(json!({})).await.unwrap();
    assert_eq!(world.tokens()[0].form()[2].1, secret);
}

#[tokio::test]
async fn as_many_rows_come_as_were_asked_for() {
    for (limit, calls) in [
        (1, vec![(0, 1)]),
        (199, vec![(0, 199)]),
        (200, vec![(0, 200)]),
        (201, vec![(0, 200), (200, 201)]),
        (450, vec![(0, 200), (200, 400), (400, 450)]),
    ] {
        let mut world = World::new().await;
        world.add_incidents(460, 0);
        let page = world.list(json!({ "limit": limit })).await.unwrap();
        let mut rows = ids(&page, "incidents");
        assert_eq!(rows.len(), limit);
        rows.sort();
        rows.dedup();
        assert_eq!(rows.len(), limit, "some came twice");
        assert_eq!((&page["total"], page["next"].is_string()), (&json!(460), true));
        let asked: Vec<(u64, u64)> = world
            .api()
            .iter()
            .map(|call| (call.json()["startRow"].as_u64().unwrap(), call.json()["endRow"].as_u64().unwrap()))
            .collect();
        assert_eq!(asked, calls, "limit {limit}");
    }
}

#[tokio::test]
async fn no_rows_cannot_be_asked_for() {
    let mut world = World::new().await;
    let zero = world.list(json!({ "limit": 0 })).await;
    assert_eq!(refused(zero).0, "limit");
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn a_limit_beyond_the_end_gives_all_there_are_and_no_next() {
    let mut world = World::new().await;
    world.add_incidents(450, 0);
    let page = world.list(json!({ "limit": u32::MAX })).await.unwrap();
    assert_eq!((ids(&page, "incidents").len(), &page["next"]), (450, &Value::Null));
    assert_eq!(world.counts(), (3, 1));
}

#[tokio::test]
async fn every_allowed_value_is_sent_as_the_vendor_spells_it() {
    let mut world = World::new().await;
    for (field, key, values) in VOCABULARIES {
        for (written, sent) in values {
            for written in [(*written).to_owned(), written.to_uppercase(), format!(" {written} ")] {
                world.vendor().clear_requests();
                let query = json!({ "query": { field: [written] } });
                assert_eq!(world.call("incidents.incident-count", query).await.unwrap(), 0);
                assert_eq!(world.only_body(), json!({ "filters": { key: [sent] } }), "{written}");
            }
        }
    }
}

#[tokio::test]
async fn a_value_outside_its_vocabulary_is_refused_before_anything_is_sent() {
    let mut world = World::new().await;
    for (field, _, values) in VOCABULARIES {
        let mut allowed: Vec<&str> = values.iter().map(|(_, sent)| *sent).collect();
        allowed.sort_unstable();
        allowed.dedup();
        for wrong in ["nonsense", "", "phish,malware", "verdict_", "confidence_", "*"] {
            for values in [json!([wrong]), json!([allowed[0], wrong])] {
                let query = json!({ field: values });
                let (argument, mut known) = refused(world.list(query.clone()).await);
                known.sort();
                assert_eq!(argument, field, "{query}");
                assert_eq!(known, allowed, "{query}");
                let count = world.call("incidents.incident-count", json!({ "query": query })).await;
                assert_eq!(refused(count).0, field);
            }
        }
    }
    for wrong in ["", "INC-", "INC-x", "-1", "1.5", "44cca4c8-e513-42e5-984a-965de7f39537"] {
        let (argument, _) = refused(world.list(json!({ "incident-id-filters": [wrong] })).await);
        assert_eq!(argument, "incident-id-filters", "{wrong}");
    }
    for wrong in ["", "up", "createdAt", "title:asc", "createdAt:asc:desc"] {
        let (argument, allowed) = refused(world.list(json!({ "sort": wrong })).await);
        assert_eq!((argument.as_str(), allowed.is_empty()), ("sort", false), "{wrong}");
    }
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn open_and_closed_together_are_any_state() {
    let mut world = World::new().await;
    world.add(1, TimeDelta::hours(2), |_| {});
    world.add(2, TimeDelta::hours(1), |incident| incident.closed_at = Some(incident.created_at));
    world.add(3, TimeDelta::hours(1), |incident| incident.vap = true);
    let page = world.list(json!({ "other-filters": ["open", "closed"] })).await.unwrap();
    assert_eq!(ids(&page, "incidents").len(), 3);
    assert_eq!(world.only_body()["filters"], json!({}));

    world.vendor().clear_requests();
    let both = json!({ "other-filters": ["closed_incidents", "vap", "open_incidents"] });
    assert_eq!(ids(&world.list(both).await.unwrap(), "incidents").len(), 1);
    assert_eq!(world.only_body()["filters"], json!({ "other_filters": ["vap"] }));
}

#[tokio::test]
async fn each_filter_finds_what_it_is_for() {
    let mut world = World::new().await;
    world.add(1, TimeDelta::days(2), |_| {});
    let wanted = world.add(2, TimeDelta::hours(1), |incident| {
        incident.closed_at = Some(incident.created_at + TimeDelta::minutes(5));
        incident.sources = vec!["tap_alert".into()];
        incident.verdicts = vec!["threat".into()];
        incident.dispositions = vec!["phish".into()];
        incident.confidences = vec!["low".into()];
        incident.priority = Some("high".into());
        incident.vap = true;
    });
    for query in [
        json!({ "start-time": "1 day" }),
        json!({ "incident-id-filters": ["INC-2"] }),
        json!({ "source-filters": ["tap"] }),
        json!({ "other-filters": ["closed"] }),
        json!({ "other-filters": ["vap"] }),
        json!({ "verdict-filters": ["threat"] }),
        json!({ "disposition-filters": ["phish"] }),
        json!({ "confidence-filters": ["low"] }),
        json!({ "priority-filters": ["high"] }),
    ] {
        let page = world.list(query.clone()).await.unwrap();
        assert_eq!(ids(&page, "incidents"), [wanted.as_str()], "{query}");
        let count = world.call("incidents.incident-count", json!({ "query": query })).await;
        assert_eq!(count.unwrap(), 1, "{query}");
    }
}

#[tokio::test]
async fn a_service_that_ignores_a_filter_gives_an_error_and_never_wrong_rows() {
    let mut world = World::with(|options| options.honour_filters = false).await;
    world.add(1, TimeDelta::hours(1), |_| {});
    for (query, key) in [
        (json!({ "start-time": "2024-01-01", "end-time": "2024-01-02" }), "time_range_filter"),
        (json!({ "incident-id-filters": ["999"] }), "incident_id_filters"),
        (json!({ "source-filters": ["tap"] }), "source_filters"),
        (json!({ "other-filters": ["closed"] }), "other_filters"),
        (json!({ "other-filters": ["vap"] }), "other_filters"),
        (json!({ "verdict-filters": ["threat"] }), "verdict_filters"),
        (json!({ "disposition-filters": ["phish"] }), "disposition_filters"),
        (json!({ "confidence-filters": ["low"] }), "confidence_filters"),
        (json!({ "priority-filters": ["high"] }), "priority_filters"),
    ] {
        let answer = world.list(query.clone()).await;
        assert_eq!(case(&answer), "invalid-response", "{query}");
        assert!(answer.unwrap_err().message().contains(&format!("`{key}`")), "{query}");
    }
}

#[tokio::test]
async fn a_service_that_knows_the_dispositions_under_another_key_is_noticed() {
    let mut world = World::with(|options| options.disposition_key = "disposition".into()).await;
    world.add(1, TimeDelta::hours(1), |_| {});
    let answer = world.list(json!({ "disposition-filters": ["phish"] })).await;
    assert_eq!(case(&answer), "invalid-response");
}

#[tokio::test]
async fn an_end_needs_a_start_before_it() {
    let mut world = World::new().await;
    for query in [
        json!({ "end-time": "now" }),
        json!({ "start-time": "2026-01-02", "end-time": "2026-01-01" }),
        json!({ "start-time": "2026-01-02", "end-time": "2026-01-02" }),
        json!({ "start-time": "1 hour", "end-time": "1 day" }),
        json!({ "start-time": "2126-01-01" }),
    ] {
        assert_eq!(refused(world.list(query.clone()).await).0, "end-time", "{query}");
    }
    for wrong in ["soon", "2026-13-01", "3 fortnights", ""] {
        assert_eq!(refused(world.list(json!({ "start-time": wrong })).await).0, "start-time", "{wrong}");
    }
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn a_start_alone_reaches_up_to_this_very_moment() {
    let mut world = World::new().await;
    world.add_incidents(1, 0);
    let page = world.list(json!({ "start-time": "90 minutes ago" })).await.unwrap();
    assert_eq!(ids(&page, "incidents").len(), 1, "created in the second that has not ended yet");
    let range = world.only_body()["filters"]["time_range_filter"].clone();
    let instant = |key: &str| {
        let text = range[key].as_str().unwrap();
        chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap().and_utc()
    };
    let length = (instant("end") - instant("start")).num_seconds();
    assert!((5400..=5401).contains(&length), "both ends are whole seconds: {length}");
    let ahead = instant("end") - world.now();
    assert!(ahead >= TimeDelta::zero() && ahead < TimeDelta::minutes(2), "{ahead}");
}

#[tokio::test]
async fn pages_smaller_than_asked_are_followed_to_the_end() {
    let mut world = World::with(|options| options.page_cap = 30).await;
    world.add_incidents(100, 0);
    let page = world.list(json!({ "limit": 200 })).await.unwrap();
    let mut rows = ids(&page, "incidents");
    rows.sort();
    rows.dedup();
    assert_eq!((rows.len(), &page["next"]), (100, &Value::Null));
    assert_eq!(world.counts().0, 4);
}

#[tokio::test]
async fn an_inclusive_end_row_gives_no_row_twice_and_none_too_many() {
    let mut world = World::with(|options| {
        options.end_row = EndRow::Inclusive;
        options.page_cap = 500;
    })
    .await;
    world.add_incidents(460, 0);
    assert_eq!(ids(&world.list(json!({ "limit": 1 })).await.unwrap(), "incidents").len(), 1);
    let mut rows = ids(&world.list(json!({ "limit": 450 })).await.unwrap(), "incidents");
    assert_eq!(rows.len(), 450);
    rows.sort();
    rows.dedup();
    assert_eq!(rows.len(), 450);
}

#[tokio::test]
async fn no_more_rows_than_the_service_gives_at_once_are_asked_for() {
    let mut world = World::with(|options| options.over_cap = OverCap::Reject).await;
    world.add_incidents(450, 0);
    assert_eq!(ids(&world.list(json!({ "limit": 450 })).await.unwrap(), "incidents").len(), 450);
}

#[tokio::test]
async fn a_count_is_the_vendors_number_and_only_the_filters_are_sent() {
    let mut world = World::new().await;
    world.add_incidents(7, 0);
    let query = json!({ "query": { "priority-filters": ["medium"], "limit": 3, "sort": "asc" } });
    assert_eq!(world.call("incidents.incident-count", query).await.unwrap(), 7);
    assert_eq!(world.only_body(), json!({ "filters": { "priority_filters": ["medium"] } }));
    assert_eq!(world.api()[0].path, format!("{INCIDENTS}/count"));
}
