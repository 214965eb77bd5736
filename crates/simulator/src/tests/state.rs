use std::time::Duration;

use serde_json::{Value, json};

use super::{Bench, SEARCH, at, rows};
use crate::{Clock, Incident, Options, Request, Vendor};

fn row(bench: &mut Bench) -> Value {
    rows(&bench.post(SEARCH, json!({}))).remove(0)
}

#[test]
fn an_incident_closes_by_itself_when_its_time_comes() {
    let mut bench = Bench::new();
    let closed_at = bench.vendor.now() + Duration::from_secs(300);
    bench.vendor.add_incident(Incident::at(1, bench.ago(60)).closed(closed_at));
    let open = row(&mut bench);
    assert_eq!((&open["state"], &open["closedAt"]), (&json!("open"), &Value::Null));
    assert_eq!(open["updatedAt"], open["createdAt"]);

    bench.vendor.advance(Duration::from_secs(300));
    let closed = row(&mut bench);
    assert_eq!(closed["state"], "closed");
    assert!(closed["closedAt"].is_string() && closed["closedAt"] == closed["updatedAt"]);
    assert_eq!(bench.found(json!({ "other_filters": ["closed_incidents"] })), [1]);
}

#[test]
fn reopening_takes_the_closing_away_and_is_a_change() {
    let mut bench = Bench::holding(1);
    let id = bench.vendor.visible_ids().remove(0);
    bench.vendor.set_state(&id, Some(bench.vendor.now()));
    let closed = row(&mut bench);
    bench.vendor.advance(Duration::from_secs(5));
    bench.vendor.set_state(&id, None);
    let open = row(&mut bench);
    assert_eq!((&open["state"], &open["closedAt"]), (&json!("open"), &Value::Null));
    assert!(open["updatedAt"].as_str() > closed["updatedAt"].as_str());
}

#[test]
fn a_changed_or_removed_incident_shows_as_such() {
    let mut bench = Bench::holding(2);
    let ids = bench.vendor.visible_ids();
    bench.found(json!({}));
    bench.vendor.change_incident(&ids[0], |incident| incident.title = "Renamed".into());
    assert_eq!(bench.post(SEARCH, json!({})).json()["incidents"][1]["title"], "Renamed");

    bench.vendor.remove_incident(&ids[1]);
    assert_eq!(bench.found(json!({})), [1]);
    assert_eq!(bench.get(&format!("{SEARCH}/{}", ids[1])).status, 404);
    assert!(bench.vendor.incident(&ids[1]).is_none());
}

#[test]
fn an_incident_of_the_same_id_replaces_the_former() {
    let mut bench = Bench::holding(2);
    bench.vendor.add_incident(Incident::at(1, bench.ago(1)));
    assert_eq!(bench.found(json!({})), [2, 1]);
}

#[test]
fn a_manual_clock_moves_only_when_told() {
    let mut vendor = Vendor::new(Options::default());
    let start = vendor.now();
    assert_eq!(vendor.now(), start);
    vendor.advance(Duration::from_millis(1500));
    assert_eq!(vendor.now(), start + Duration::from_millis(1500));
    vendor.set_now(at("2026-01-01T00:00:00Z"));
    assert_eq!(vendor.now(), at("2026-01-01T00:00:00Z"));
}

#[test]
fn a_system_clock_runs_on_from_where_it_is_set() {
    let mut vendor = Vendor::new(Options { clock: Clock::System, ..Options::default() });
    let start = vendor.now();
    vendor.advance(Duration::from_secs(3600));
    assert!(vendor.now() >= start + Duration::from_secs(3600));
    vendor.set_now(at("2020-01-01T00:00:00Z"));
    std::thread::sleep(Duration::from_millis(5));
    assert!(vendor.now() > at("2020-01-01T00:00:00Z") && vendor.now() < at("2020-01-01T01:00:00Z"));
}

#[test]
fn the_date_header_shows_the_vendors_time_askew_or_not_at_all() {
    let mut vendor = Vendor::new(Options::default());
    vendor.set_now(at("2026-05-28T10:00:00.900Z"));
    let date = |vendor: &mut Vendor| vendor.handle(&Request::get("/")).header("Date").map(str::to_owned);
    assert_eq!(date(&mut vendor).unwrap(), "Thu, 28 May 2026 10:00:00 GMT");
    vendor.options().clock_skew = chrono::TimeDelta::minutes(-61);
    assert_eq!(date(&mut vendor).unwrap(), "Thu, 28 May 2026 08:59:00 GMT");
    vendor.options().date_header = false;
    assert_eq!(date(&mut vendor), None);
}
