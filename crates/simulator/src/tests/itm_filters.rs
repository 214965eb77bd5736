use serde_json::{Value, json};

use super::itm::{SEARCH, Tenant, statuses};
use crate::itm::{Indicator, Person, Resource};
use crate::{Ticket, TimePrecision};

/// Three tickets: of Ann's mail, Bob's files and an activity that raised nothing.
fn three() -> Tenant {
    let mut tenant = Tenant::new();
    let ann = Ticket {
        user: Some(Person::named("Ann", "ann@example.com")),
        indicators: vec![Indicator::named("PCI numbers"), Indicator::named("Names")],
        ..Ticket::at(1, tenant.ago(300))
    };
    let mut bob = Ticket {
        user: Some(Person::named("Bob", "bob@example.com")),
        indicators: vec![Indicator::named("Names")],
        resources: vec![
            Resource { labels: vec!["Secret".into()], ..Resource::file("C:\\a.txt", 1) },
            Resource { labels: vec!["Public".into(), "Draft".into()], ..Resource::file("C:\\b.txt", 2) },
        ],
        ..Ticket::at(2, tenant.ago(200))
    };
    bob.incident.as_mut().unwrap().status = Some("incident:status:resolved".into());
    tenant.vendor.add_ticket(ann);
    tenant.vendor.add_ticket(bob);
    tenant.vendor.add_ticket(Ticket::bare(3, tenant.ago(100)));
    tenant
}

#[test]
fn clauses_are_understood() {
    let mut tenant = three();
    let bobs = tenant.ago(200).timestamp_millis();
    let cases: [(Value, &[u64]); 17] = [
        (json!({ "$stringIn": { "user.email": ["ann@example.com", "nobody"] } }), &[1]),
        (json!({ "$stringIn": { "user.email": ["ANN@example.com"] } }), &[]),
        (json!({ "$stringIn": { "user.email": [] } }), &[]),
        (json!({ "$stringIn": { "indicators.name": ["Names"] } }), &[1, 2]),
        (json!({ "$stringIn": { "resources.classification.labels.name": ["Draft"] } }), &[2]),
        (json!({ "$not": { "$stringIn": { "indicators.name": ["Names"] } } }), &[3]),
        (json!({ "$datetimeGE": { "event.ingestedAt": bobs } }), &[2, 3]),
        (json!({ "$datetimeGE": { "event.ingestedAt": bobs + 1 } }), &[3]),
        (json!({ "$datetimeLT": { "event.ingestedAt": bobs } }), &[1]),
        (json!({ "$datetimeLT": { "event.ingestedAt": bobs + 1 } }), &[1, 2]),
        (json!({ "$dtRelativeGE": { "event.observedAt": -150_000 } }), &[3]),
        (json!({ "$isNull": { "incident.id": false } }), &[1, 2]),
        (json!({ "$isNull": { "incident.id": true } }), &[3]),
        (json!({ "$and": [] }), &[1, 2, 3]),
        (json!({ "$or": [] }), &[]),
        (
            json!({ "$or": [
                { "$stringIn": { "incident.status": ["incident:status:resolved"] } },
                { "$and": [{ "$isNull": { "user": true } }, { "$not": { "$isNull": { "fqid": true } } }] },
            ] }),
            &[2, 3],
        ),
        (json!({ "$stringIn": { "user.name": ["Ann", "Bob"], "indicators.name": ["PCI numbers"] } }), &[1]),
    ];
    for (filter, numbers) in cases {
        assert_eq!(tenant.found(filter.clone()), numbers, "{filter}");
    }
}

#[test]
fn a_malformed_filter_is_400_and_says_what_is_wrong_with_it() {
    let cases = [
        json!([]),
        json!({}),
        json!("user.email"),
        json!({ "$like": { "user.email": "a*" } }),
        json!({ "user.email": ["a"] }),
        json!({ "$and": { "$isNull": { "a": true } } }),
        json!({ "$not": [] }),
        json!({ "$stringIn": { "user.email": "a" } }),
        json!({ "$stringIn": { "user.email": [7] } }),
        json!({ "$stringIn": ["a"] }),
        json!({ "$datetimeGE": { "event.ingestedAt": "2026-01-01T00:00:00Z" } }),
        json!({ "$dtRelativeGE": { "event.ingestedAt": "-1d" } }),
        json!({ "$isNull": { "incident.id": "false" } }),
    ];
    for filters in cases {
        let reply = three().post(SEARCH, json!({ "filters": filters }));
        assert_eq!(statuses(&reply), (400, json!(400)), "{filters}");
        let details = reply.json()["_status"]["params"]["details"].clone();
        assert!(details[0]["message"].as_str().is_some_and(|it| it.starts_with("filters")), "{details}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let filters = json!({ "$and": [{ "$like": {} }, { "$isNull": { "a": 1 } }] });
    let reply = three().post(SEARCH, json!({ "filters": filters }));
    assert_eq!(
        reply.json()["_status"]["params"]["details"],
        json!([
            { "message": "filters.$and[0].$like: the operator is not known." },
            { "message": "filters.$and[1].$isNull.a: the value is of the wrong type." },
        ])
    );
}

#[test]
fn a_body_that_is_no_object_is_400() {
    for body in ["", "[]", "{"] {
        let reply = three().send(crate::Request::post_json(SEARCH, body));
        assert_eq!(statuses(&reply), (400, json!(400)), "{body}");
    }
}

#[test]
fn times_can_be_compared_by_the_second() {
    let mut tenant = Tenant::new();
    let second = tenant.ago(60);
    tenant.vendor.add_ticket(Ticket::at(1, second + chrono::TimeDelta::milliseconds(700)));
    let filter = json!({ "$datetimeGE": { "event.ingestedAt": second.timestamp_millis() + 1 } });
    assert_eq!(tenant.found(filter.clone()), [1]);
    tenant.vendor.options().itm.time_precision = TimePrecision::Second;
    assert_eq!(tenant.found(filter), [] as [u64; 0]);
}

#[test]
fn filters_can_be_without_effect() {
    let mut tenant = three();
    tenant.vendor.options().itm.honour_filters = false;
    assert_eq!(tenant.found(json!({ "$or": [] })), [1, 2, 3]);
    assert_eq!(tenant.post(SEARCH, json!({ "filters": { "$like": {} } })).status, 400);
}

#[test]
fn entity_types_and_sources_restrict() {
    let mut tenant = three();
    tenant.vendor.add_ticket(Ticket {
        entity_type: "casbevent".into(),
        source: "cloud:isolation".into(),
        ..Ticket::at(4, tenant.ago(50))
    });
    let mut found = |query: &str| {
        let reply = tenant.post(&format!("/v2/apis/activity/event-queries?{query}"), json!({}));
        tenant.numbers(&reply)
    };
    assert_eq!(found("entityTypes=event"), [1, 2, 3]);
    assert_eq!(found("entityTypes=casbevent"), [4]);
    assert_eq!(found("entityTypes=event,casbevent"), [1, 2, 3, 4]);
    assert_eq!(found(""), [1, 2, 3, 4]);
    assert_eq!(found("sources=endpoint:agent,cloud:isolation&asyncKind=opensearch"), [4]);
}
