use std::collections::HashSet;

use chrono::TimeDelta;
use serde_json::json;

use super::Bench;
use crate::Incident;

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
