use std::collections::HashSet;

use chrono::TimeDelta;
use serde_json::json;

use super::itm::Tenant;
use crate::itm::User;
use crate::{Options, Ticket, Vendor};

fn seeded(seed: u64) -> Vec<Ticket> {
    let mut vendor = Vendor::new(Options { seed, ..Options::default() });
    vendor.seed_tickets(300);
    vendor.tickets().cloned().collect()
}

#[test]
fn a_seed_always_gives_the_same_tickets_and_another_gives_others() {
    assert_eq!(seeded(7), seeded(7));
    assert_ne!(seeded(7), seeded(8));
}

#[test]
fn seeded_tickets_lie_in_the_last_week_and_seeding_goes_on() {
    let mut tenant = Tenant::new();
    tenant.vendor.seed_tickets(3);
    tenant.vendor.seed_tickets(297);
    let (now, week) = (tenant.vendor.now(), TimeDelta::weeks(1));
    assert!(tenant.vendor.tickets().all(|it| it.ingested_at <= now && it.ingested_at > now - week));
    let fqids: HashSet<String> = tenant.vendor.visible_fqids().into_iter().collect();
    assert_eq!(fqids.len(), 300);
    let emails: HashSet<_> = tenant.vendor.users().iter().map(|user| &user.email).collect();
    assert_eq!(emails.len(), tenant.vendor.users().len(), "users are there once");
}

#[test]
fn seeded_tickets_show_what_real_ones_do() {
    let tickets = seeded(7);
    let some = |is: fn(&Ticket) -> bool| {
        let count = tickets.iter().filter(|ticket| is(ticket)).count();
        assert!(count > 10 && count < 290, "{count}");
    };
    some(|it| it.mail.is_some());
    some(|it| it.incident.is_none());
    some(|it| it.endpoint.is_some() && !it.screenshots.is_empty());
    some(|it| it.entity_type == "casbevent");
    some(|it| it.workflow.as_ref().is_some_and(|workflow| workflow.assignee.is_some()));
    some(|it| !it.comments.is_empty());
    some(|it| !it.tags.is_empty());
    assert!(tickets.iter().all(|it| it.user.is_some() && !it.indicators.is_empty()));
    assert!(
        tickets.iter().all(|it| it.occurred_at < it.observed_at && it.observed_at < Some(it.ingested_at))
    );
}

#[test]
fn seeded_owners_are_users_and_two_share_a_first_name() {
    let mut tenant = Tenant::new();
    tenant.vendor.seed_tickets(100);
    let ids: HashSet<String> = tenant.vendor.users().iter().map(|user| user.id.clone()).collect();
    let owners: Vec<&str> = tenant
        .vendor
        .tickets()
        .filter_map(|ticket| Some(ticket.workflow.as_ref()?.assignee.as_ref()?.0.as_str()))
        .collect();
    assert!(!owners.is_empty() && owners.iter().all(|owner| ids.contains(*owner)));
    let jonas = |user: &&User| user.first_name.as_deref() == Some("Jonas");
    assert_eq!(tenant.vendor.users().iter().filter(jonas).count(), 2);
}

#[test]
fn seeding_incidents_adds_no_tickets() {
    let mut tenant = Tenant::new();
    tenant.vendor.seed(5);
    assert_eq!(tenant.found(json!({ "$and": [] })), [] as [u64; 0]);
    assert!(tenant.vendor.users().is_empty());
}
