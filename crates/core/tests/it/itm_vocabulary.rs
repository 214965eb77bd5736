//! Every value that a filter may have, written out: each is sent as the service spells it.

use crate::support::{World, texts};
use proofpoint_core::itm::search::TicketQuery;
use proofpoint_core::itm::users::UserQuery;
use proofpoint_core::itm::vocabulary as words;
use serde_json::json;

/// A parameter of the only request to the API.
fn parameter(world: &World, name: &str) -> String {
    let vendor = world.vendor.borrow();
    let request = vendor.requests().iter().find(|request| !request.is_token()).unwrap();
    request.parameter(name).unwrap().into_owned()
}

#[test]
fn every_status_of_a_ticket_is_sent_with_its_prefix() {
    let sent = [
        ("new", "incident:status:new"),
        ("reopened", "incident:status:reopened"),
        ("in-progress", "incident:status:in-progress"),
        ("escalated", "incident:status:escalated"),
        ("on-hold", "incident:status:on-hold"),
        ("resolved", "incident:status:resolved"),
        ("false-positive", "incident:status:false-positive"),
        ("not-an-issue", "incident:status:not-an-issue"),
    ];
    assert_eq!(words::STATUSES.values, sent.map(|(value, _)| value));
    for (value, spelled) in sent {
        let world = World::without_quota();
        let query = TicketQuery { status_filters: texts(&[value]), ..TicketQuery::default() };
        world.itm(async |itm| itm.ticket_search(&query).await).unwrap();
        let body = &world.bodies("/activity/event-queries")[0];
        assert_eq!(body["filters"]["$and"][1], json!({"$stringIn": {"incident.status": [spelled]}}));
    }
}

#[test]
fn every_type_of_entity_is_sent_as_it_is() {
    let sent = ["event", "casbevent", "audit", "network"];
    assert_eq!(words::ENTITY_TYPES.values, sent);
    for value in sent {
        let world = World::without_quota();
        let query = TicketQuery { entity_types: texts(&[value]), ..TicketQuery::default() };
        world.itm(async |itm| itm.ticket_search(&query).await).unwrap();
        assert_eq!(parameter(&world, "entityTypes"), value);
    }
}

#[test]
fn every_value_of_a_query_for_users_is_sent_as_it_is() {
    let statuses = ["active", "inactive", "pending", "deleted", "error"];
    let parents = ["active", "inactive", "pending", "deleted"];
    let includes = [
        "relations.trusted",
        "relations.members",
        "relations.trustees",
        "relations.assignments",
        "relations",
        "relations.sources",
        "relations.targets",
        "lastLoginDate",
        "logs",
        "tenant",
        "policy-assignments",
    ];
    assert_eq!(words::USER_STATUSES.values, statuses);
    assert_eq!(words::PARENT_STATUSES.values, parents);
    assert_eq!(words::USER_INCLUDES.values, includes);
    let q = UserQuery::default;
    let status = |value| UserQuery { status: texts(&[value]), ..q() };
    let parent = |value| UserQuery { parent_statuses: texts(&[value]), ..q() };
    let include = |value: &str| UserQuery { includes: Some(value.into()), ..q() };
    let queries = statuses.map(|value| ("status", value, status(value))).into_iter();
    let queries = queries.chain(parents.map(|value| ("parentStatuses", value, parent(value))));
    let queries = queries.chain(includes.map(|value| ("includes", value, include(value))));
    for (name, value, query) in queries {
        let world = World::without_quota();
        world.itm(async |itm| itm.user_list(&query).await).unwrap();
        assert_eq!(parameter(&world, name), value);
    }
}
