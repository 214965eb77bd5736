use std::time::Duration;

use serde_json::{Value, json};

use super::itm::{SEARCH, Tenant, rows};
use crate::{Reply, Request, Ticket};

fn tenant() -> Tenant {
    Tenant::of(|at| Ticket::full(1, at))
}

fn link(tenant: &mut Tenant) -> String {
    let event = tenant.event("?includes=screenshots");
    event["ui"]["screenshots"][0]["links"]["access"]["href"].as_str().unwrap().to_owned()
}

/// Loads what a link leads to, without a token.
fn load(tenant: &mut Tenant, link: &str) -> Reply {
    let target = link.strip_prefix("https://screenshots.example.com").unwrap();
    tenant.vendor.handle(&Request::get(target))
}

#[test]
fn screenshots_come_only_where_they_are_asked_for() {
    let mut tenant = tenant();
    assert!(tenant.event("").get("ui").is_none());
    assert!(rows(&tenant.post(SEARCH, json!({})))[0].get("ui").is_none());
    let event = tenant.event("?includes=metrics,screenshots");
    let listed = rows(&tenant.post(&format!("{SEARCH}&includes=screenshots"), json!({}))).remove(0);
    assert_eq!(event["ui"], listed["ui"]);

    let ids = |list: &Value, id: fn(&Value) -> &Value| -> Vec<Value> {
        list.as_array().unwrap().iter().map(|item| id(item).clone()).collect()
    };
    let screenshots = ids(&event["ui"]["screenshots"], |it| &it["id"]);
    assert_eq!(screenshots, ["1-1", "1-2"]);
    assert_eq!(ids(&event["ui"]["windows"], |it| &it["screenshot"]["id"]), screenshots);
    assert_eq!(event["ui"]["windows"][0]["title"], "Outlook");
}

#[test]
fn a_link_leads_to_a_picture_without_a_token() {
    let mut tenant = tenant();
    let link = link(&mut tenant);
    let reply = load(&mut tenant, &link);
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("image/jpeg")));
    assert!(reply.body.starts_with(b"\xff\xd8\xff") && reply.body.ends_with(b"\xff\xd9"));
    let size = tenant.event("?includes=screenshots")["ui"]["screenshots"][0]["size"].clone();
    assert_eq!(size, reply.body.len());
}

#[test]
fn a_token_is_one_proof_too_many() {
    let mut tenant = tenant();
    let link = link(&mut tenant);
    let target = link.strip_prefix("https://screenshots.example.com").unwrap();
    let reply = tenant.get(target);
    assert_eq!((reply.status, reply.header("content-type")), (400, Some("application/xml")));
}

#[test]
fn a_link_is_good_for_its_picture_and_its_time() {
    let mut tenant = tenant();
    let link = link(&mut tenant);
    assert_eq!(load(&mut tenant, &link.replace("1-1", "1-2")).status, 403);
    assert_eq!(load(&mut tenant, &link.replace("Expires=900", "Expires=9000")).status, 403);
    assert_eq!(load(&mut tenant, link.split_once('?').unwrap().0).status, 403);
    let mut flipped = link.clone();
    let last = if flipped.pop() == Some('0') { '1' } else { '0' };
    flipped.push(last);
    assert_eq!(load(&mut tenant, &flipped).status, 403);

    tenant.vendor.advance(Duration::from_secs(899));
    assert_eq!(load(&mut tenant, &link).status, 200);
    tenant.vendor.advance(Duration::from_secs(1));
    assert_eq!(load(&mut tenant, &link).status, 403);
}

#[test]
fn links_can_lead_elsewhere() {
    let mut tenant = tenant();
    tenant.vendor.options().itm.screenshot_origin = Some("http://127.0.0.1:8080".into());
    assert!(link(&mut tenant).starts_with("http://127.0.0.1:8080/screenshots/1-1.jpg?X-Amz-"));
}
