use std::collections::HashSet;

use chrono::TimeDelta;
use serde_json::json;

use super::Bench;
use crate::{Incident, Message, OrgList};

fn seeded(seed: u64) -> Vec<Incident> {
    let mut bench = Bench::with(|options| options.seed = seed);
    bench.vendor.seed(300);
    bench.vendor.incidents().cloned().collect()
}

#[test]
fn a_seed_always_gives_the_same_incidents_and_another_gives_others() {
    assert_eq!(seeded(7), seeded(7));
    assert_ne!(seeded(7), seeded(8));
}

#[test]
fn seeded_incidents_are_numbered_by_age_and_lie_in_the_last_week() {
    let bench = Bench::new();
    let incidents = seeded(7);
    assert_eq!(incidents.len(), 300);
    assert!(incidents.is_sorted_by_key(|incident| incident.display_id));
    assert!(incidents.iter().all(|incident| {
        incident.created_at <= bench.vendor.now()
            && incident.created_at > bench.vendor.now() - TimeDelta::weeks(1)
    }));
    let ids: HashSet<_> = incidents.iter().map(|incident| &incident.id).collect();
    assert_eq!(ids.len(), 300);
}

#[test]
fn seeded_incidents_show_what_real_ones_do() {
    let incidents = seeded(7);
    let some = |is: fn(&Incident) -> bool| {
        let count = incidents.iter().filter(|incident| is(incident)).count();
        assert!(count > 10 && count < 290, "{count}");
    };
    some(|it| it.closed_at.is_some());
    some(|it| it.priority.is_none());
    some(|it| it.sources == ["tap_alert"]);
    some(|it| it.verdicts.is_empty());
    some(|it| it.assigned_user.is_some());
    assert!(incidents.iter().all(|it| !it.messages.is_empty() && it.title.contains("[@]")));
}

#[test]
fn seeding_again_goes_on_with_the_numbers() {
    let mut bench = Bench::new();
    bench.vendor.seed(3);
    bench.vendor.seed(2);
    let ids: HashSet<_> = bench.vendor.visible_ids().into_iter().collect();
    assert_eq!(ids.len(), 5);
    let mut numbers = bench.found(json!({}));
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
}

#[test]
fn seeded_messages_hold_every_word_of_each_vocabulary() {
    let mut bench = Bench::new();
    bench.vendor.seed(100);
    let messages: Vec<&Message> = bench.vendor.messages().collect();
    let distinct = |of: fn(&Message) -> Option<&str>| {
        messages.iter().filter_map(|message| of(message)).collect::<HashSet<_>>().len()
    };
    assert_eq!(distinct(|it| Some(&it.disposition)), 17);
    assert_eq!(distinct(|it| it.verdict.as_deref()), 4);
    assert_eq!(distinct(|it| it.confidence.as_deref()), 3);
    assert_eq!(distinct(|it| it.remediation_status.as_deref()), 34);
    assert_eq!(distinct(|it| it.sources.first().map(String::as_str)), 5);
    assert_eq!(distinct(|it| it.threats.first().map(|threat| threat.kind.as_str())), 4);
    assert_eq!(distinct(|it| Some(&it.id)), messages.len());
    let some = |is: fn(&Message) -> bool| assert!(messages.iter().any(|message| is(message)));
    some(|it| !it.delivered);
    some(|it| it.read.is_none());
    some(|it| it.read == Some(true));
    some(|it| it.read == Some(false));
    some(|it| it.permitted_clicks > 0);
    some(|it| it.reporter);
    some(|it| it.remediation_status.as_deref() == Some("mailbox_not_found"));
    some(|it| it.remediation_status.as_deref() == Some("quarantine_pending"));
    assert!(messages.iter().all(|it| it.received_at <= it.created_at && !it.urls.is_empty()));
}

#[test]
fn a_seed_always_gives_the_same_messages_and_another_gives_others() {
    let seeded = |seed| {
        let mut bench = Bench::with(|options| options.seed = seed);
        bench.vendor.seed(20);
        bench.vendor.messages().cloned().collect::<Vec<_>>()
    };
    assert_eq!(seeded(7), seeded(7));
    let others: HashSet<String> = seeded(8).into_iter().map(|message| message.id).collect();
    assert!(seeded(7).iter().all(|message| !others.contains(&message.id)));
}

#[test]
fn seeding_adds_workflows_and_entries_once() {
    let mut bench = Bench::new();
    bench.vendor.seed(1);
    let workflows = bench.vendor.workflows().to_vec();
    for (kind, enabled) in [("INCIDENT", true), ("INCIDENT", false), ("MESSAGE", true)] {
        assert!(workflows.iter().any(|it| it.kind == kind && it.enabled == enabled), "{kind} {enabled}");
    }
    let entries = |bench: &Bench, list| bench.vendor.entries(list, "example_hosted").to_vec();
    let (safe, block) = (entries(&bench, OrgList::Safe), entries(&bench, OrgList::Block));
    assert!(!safe.is_empty() && !block.is_empty());
    bench.vendor.seed(1);
    assert_eq!(bench.vendor.workflows(), workflows);
    assert_eq!((entries(&bench, OrgList::Safe), entries(&bench, OrgList::Block)), (safe, block));
}
