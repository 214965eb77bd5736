use serde_json::{Value, json};

use super::itm::{Tenant, statuses};
use crate::itm::{FlatWorkflow, StateLayout, User, WorkflowStatus, WriteReply};
use crate::{Reply, Request, Ticket};

const ASSIGNMENT: &str = "/annotations/workflow/assignment";
const WORKFLOW: &str = "/annotations/workflow";
const COMMENTS: &str = "/annotations/comments";

/// A tenant with a ticket and a user.
fn tenant() -> Tenant {
    let mut tenant = Tenant::of(|at| Ticket::at(1, at));
    tenant.vendor.add_user(User::named("Ines", "Moreau"));
    tenant
}

fn ines() -> String {
    User::named("Ines", "Moreau").id
}

fn put(tenant: &mut Tenant, below: &str, body: Value) -> Reply {
    tenant.send(Request::put_json(&tenant.path(below), &body.to_string()))
}

fn patch(tenant: &mut Tenant, below: &str, body: Value) -> Reply {
    tenant.send(Request::patch_json(&tenant.path(below), &body.to_string()))
}

fn post(tenant: &mut Tenant, below: &str, body: Value) -> Reply {
    tenant.post(&tenant.path(below), body)
}

/// Texts of the history.
fn history(tenant: &Tenant) -> Vec<&str> {
    tenant.ticket().history.iter().map(|note| note.text.as_str()).collect()
}

/// Asserts that an answer is a 400 that names what is wrong, and that the ticket is as it was.
fn assert_refused(reply: &Reply, tenant: &Tenant, of: &Value) {
    assert_eq!(statuses(reply), (400, json!(400)), "{of}");
    assert!(reply.json()["_status"]["params"]["details"][0]["message"].is_string());
    assert_eq!(tenant.ticket(), &Ticket::at(1, tenant.ago(60)), "{of}");
}

#[test]
fn an_owner_is_put() {
    let mut tenant = tenant();
    let reply = put(&mut tenant, ASSIGNMENT, json!({ "id": ines() }));
    assert_eq!(statuses(&reply), (200, json!(200)));
    let assignee = json!({ "id": ines(), "name": "Ines Moreau" });
    assert_eq!(reply.json()["annotations"]["workflow"]["state"]["assignee"], assignee);
    assert_eq!(tenant.event("")["annotations"]["workflow"]["state"]["assignee"], assignee);
    assert_eq!(history(&tenant), ["Status set to new", "Assigned to Ines Moreau"]);
    assert_eq!(tenant.event("")["annotations"]["history"][1]["text"], "Assigned to Ines Moreau");

    tenant.vendor.options().itm.state_layout = StateLayout::Flat;
    assert_eq!(tenant.event("")["annotations"]["workflow"]["state"]["assignee"], assignee);
}

#[test]
fn an_owner_is_a_user_of_the_tenant() {
    for body in [json!({ "id": null }), json!({}), json!({ "id": "nobody" }), json!({ "id": "" }), json!([])]
    {
        let mut tenant = tenant();
        let reply = put(&mut tenant, ASSIGNMENT, body.clone());
        assert_refused(&reply, &tenant, &body);
    }
}

#[test]
fn other_methods_are_405() {
    let mut tenant = tenant();
    assert_eq!(statuses(&post(&mut tenant, ASSIGNMENT, json!({ "id": ines() }))), (405, json!(405)));
    assert_eq!(put(&mut tenant, WORKFLOW, json!({})).status, 405);
    assert_eq!(patch(&mut tenant, COMMENTS, json!({})).status, 405);
    assert_eq!(post(&mut tenant, "/tags?tagValue=t", json!({})).status, 405);
    assert_eq!(history(&tenant), ["Status set to new"]);
}

#[test]
fn a_status_alone_is_enough_and_changes_nothing_else() {
    for status in WorkflowStatus::ALL {
        let mut tenant = tenant();
        put(&mut tenant, ASSIGNMENT, json!({ "id": ines() }));
        let state = json!({ "disposition": { "status": { "id": status.id } } });
        assert_eq!(patch(&mut tenant, WORKFLOW, json!({ "state": state })).status, 200);
        let event = tenant.event("");
        assert_eq!(event["incident"]["status"], format!("incident:status:{}", status.slug));
        assert!(event["incident"].get("remediations").is_none());
        assert_eq!(
            event["annotations"]["workflow"]["state"],
            json!({
                "disposition": {
                    "status": { "id": status.id, "alias": status.title },
                    "category": status.disposition_category(),
                },
                "assignee": { "id": ines(), "name": "Ines Moreau" },
            })
        );
        assert_eq!(history(&tenant).last(), Some(&&*format!("Status set to {}", status.slug)));
    }
}

#[test]
fn a_status_can_come_with_all_the_rest() {
    let mut tenant = tenant();
    let status = WorkflowStatus::of_slug("in-progress").unwrap();
    let category = "it:workflow:disposition:category:open:other";
    let state = json!({
        "disposition": { "status": { "id": status.id, "alias": "On it" }, "category": category },
        "assignee": { "id": ines() },
        "actions": [{ "kind": "uim:incident:remediation:quarantine" }],
    });
    let event = patch(&mut tenant, WORKFLOW, json!({ "state": state })).json();
    let state = &event["annotations"]["workflow"]["state"];
    assert_eq!(state["disposition"]["status"]["alias"], "On it");
    assert_eq!(
        (&state["disposition"]["category"], &state["assignee"]["id"]),
        (&json!(category), &json!(ines()))
    );
    assert_eq!(event["incident"]["remediations"][0]["kind"], "uim:incident:remediation:quarantine");
    assert_eq!(history(&tenant).len(), 4);
}

#[test]
fn a_wrong_state_changes_nothing() {
    let status = json!({ "id": WorkflowStatus::NEW.id });
    let states = [
        json!(null),
        json!({}),
        json!({ "disposition": {} }),
        json!({ "disposition": { "status": { "id": null } } }),
        json!({ "disposition": { "status": { "id": "nobody" } } }),
        json!({ "disposition": { "status": status, "category": "open:new" } }),
        json!({ "disposition": { "status": status }, "assignee": { "id": null } }),
        json!({ "disposition": { "status": status }, "assignee": { "id": "nobody" } }),
        json!({ "disposition": { "status": status }, "actions": [{ "kind": null }] }),
        json!({ "disposition": { "status": status }, "actions": {} }),
        json!({ "status": "incident:status:resolved" }),
    ];
    for state in states {
        let mut tenant = tenant();
        let reply = patch(&mut tenant, WORKFLOW, json!({ "state": state }));
        assert_refused(&reply, &tenant, &state);
    }
}

#[test]
fn the_older_flat_state_can_be_accepted_or_ignored() {
    let body = json!({ "state": { "status": "incident:status:resolved" } });
    for (switch, status) in [(FlatWorkflow::Accept, "resolved"), (FlatWorkflow::Ignore, "new")] {
        let mut tenant = tenant();
        tenant.vendor.options().itm.flat_workflow = switch;
        assert_eq!(patch(&mut tenant, WORKFLOW, body.clone()).status, 200);
        assert_eq!(tenant.event("")["incident"]["status"], format!("incident:status:{status}"));
    }
    let mut tenant = tenant();
    tenant.vendor.options().itm.flat_workflow = FlatWorkflow::Accept;
    let unknown = json!({ "state": { "status": "incident:status:nothing" } });
    assert_eq!(patch(&mut tenant, WORKFLOW, unknown).status, 400);
}

#[test]
fn comments_are_added_with_what_the_client_sent() {
    let mut tenant = tenant();
    let data = json!([
        { "kind": "it:comment:note", "text": "One" },
        { "kind": "it:comment:note", "text": "Two", "alias": "string" },
    ]);
    let comments =
        post(&mut tenant, COMMENTS, json!({ "data": data })).json()["annotations"]["comments"].clone();
    assert_eq!((&comments[0]["text"], comments[0].get("alias")), (&json!("One"), None));
    assert_eq!((&comments[1]["text"], &comments[1]["alias"]), (&json!("Two"), &json!("string")));
    assert_eq!(history(&tenant), ["Status set to new", "Comment added"]);
}

#[test]
fn a_comment_needs_a_kind_and_a_text() {
    let bodies = [
        json!({}),
        json!({ "data": [] }),
        json!({ "data": {} }),
        json!({ "data": [{ "text": "One" }] }),
        json!({ "data": [{ "kind": "it:comment:note" }] }),
        json!({ "data": [{ "kind": "it:comment:note", "text": "" }] }),
        json!({ "data": [{ "kind": "it:comment:note", "text": "One" }, {}] }),
    ];
    for body in bodies {
        let mut tenant = tenant();
        let reply = post(&mut tenant, COMMENTS, body.clone());
        assert_refused(&reply, &tenant, &body);
    }
}

#[test]
fn a_tag_is_added_once_by_the_query_alone() {
    let mut tenant = tenant();
    for _ in 0..2 {
        let reply = tenant.send(Request::patch(&tenant.path("/tags?tagValue=tag%20one")));
        assert_eq!(reply.json()["annotations"]["tags"], json!([{ "id": "tag one" }]));
    }
    let mut tenant = self::tenant();
    for query in ["/tags", "/tags?tagValue="] {
        let reply = tenant.send(Request::patch(&tenant.path(query)));
        assert_refused(&reply, &tenant, &json!(query));
    }
}

#[test]
fn a_write_can_be_answered_in_other_ways_and_is_done_all_the_same() {
    let cases = [
        (WriteReply::StatusOnly, 200, r#"{"_status":{"code":"it:error:none","status":200}}"#),
        (WriteReply::Empty, 200, ""),
        (WriteReply::NoContent, 204, ""),
    ];
    for (switch, status, body) in cases {
        let mut tenant = tenant();
        tenant.vendor.options().itm.write_reply = switch;
        let reply = put(&mut tenant, ASSIGNMENT, json!({ "id": ines() }));
        let json = |text: &[u8]| serde_json::from_slice::<Value>(text).ok();
        assert_eq!((reply.status, json(&reply.body)), (status, json(body.as_bytes())));
        assert_eq!(reply.body.is_empty(), body.is_empty());
        assert_eq!(history(&tenant).len(), 2);
    }
    let mut tenant = tenant();
    tenant.vendor.options().itm.write_status = 201;
    assert_eq!(statuses(&put(&mut tenant, ASSIGNMENT, json!({ "id": ines() }))), (201, json!(201)));
}

#[test]
fn an_unknown_event_cannot_be_written() {
    let mut tenant = tenant();
    let fqid = tenant.fqid();
    let path = tenant.path("/tags?tagValue=t");
    tenant.vendor.remove_ticket(&fqid);
    assert_eq!(statuses(&tenant.send(Request::patch(&path))), (404, json!(404)));
}
