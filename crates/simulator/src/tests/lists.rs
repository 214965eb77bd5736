use serde_json::{Value, json};

use super::{Bench, LISTS, message};
use crate::{AbsentEntry, AnswerBody, ListEntry, NullStyle, OrgList, Reply, Request};

const CLUSTER: &str = "example_hosted";

fn path(list: OrgList) -> String {
    let name = if list == OrgList::Safe { "orgSafeList" } else { "orgBlockList" };
    format!("{LISTS}/{name}?clusterId={CLUSTER}")
}

fn change(bench: &mut Bench, list: OrgList, body: Value) -> Reply {
    let Request { path, query, .. } = Request::get(&path(list));
    bench.send(Request { query, ..Request::post_json(&path, &body.to_string()) })
}

fn entry(action: &str, attribute: &str, operator: &str, value: &str) -> Value {
    json!({ "action": action, "attribute": attribute, "operator": operator, "value": value })
}

#[test]
fn what_is_added_is_listed_until_it_is_deleted() {
    let mut bench = Bench::new();
    let mut body = entry("add", "$from", "equal", "a@x.test");
    body["comment"] = "Fraud".into();
    let reply = change(&mut bench, OrgList::Block, body);
    assert_eq!((reply.status, reply.body.as_slice()), (200, &b""[..]));
    change(&mut bench, OrgList::Block, entry("add", "$hfrom", "equal", "a@x.test"));
    let listed = json!({ "entries": [
        { "attribute": "$from", "operator": "equal", "value": "a@x.test", "comment": "Fraud" },
        { "attribute": "$hfrom", "operator": "equal", "value": "a@x.test", "comment": null },
    ]});
    assert_eq!(bench.get(&path(OrgList::Block)).json(), listed);
    assert_eq!(bench.get(&path(OrgList::Safe)).json(), json!({ "entries": [] }));

    change(&mut bench, OrgList::Block, entry("delete", "$from", "equal", "a@x.test"));
    let left = [ListEntry::new("$hfrom", "equal", "a@x.test")];
    assert_eq!(bench.vendor.entries(OrgList::Block, CLUSTER), left);
    bench.vendor.options().null_style = NullStyle::Omit;
    let listed = json!([{ "attribute": "$hfrom", "operator": "equal", "value": "a@x.test" }]);
    assert_eq!(bench.get(&path(OrgList::Block)).json()["entries"], listed);
}

#[test]
fn a_second_entry_of_the_same_kind_is_a_duplicate_whatever_its_comment() {
    let mut bench = Bench::new();
    let there = ListEntry::new("$ip", "equal", "192.0.2.1").commented("Old");
    bench.vendor.add_entry(OrgList::Safe, CLUSTER, there.clone());
    let mut body = entry("add", "$ip", "equal", "192.0.2.1");
    body["comment"] = "New".into();
    let reply = change(&mut bench, OrgList::Safe, body);
    let duplicate = "error.api.emailprotection.lists.samelist.duplicate.entry";
    assert_eq!((reply.status, message(&reply).as_str()), (400, duplicate));
    assert_eq!(bench.vendor.entries(OrgList::Safe, CLUSTER), [there]);
    assert_eq!(change(&mut bench, OrgList::Safe, entry("add", "$ip", "contain", "192.0.2.1")).status, 200);
}

#[test]
fn each_list_has_its_operators() {
    let operators = ["equal", "contain", "is_in_list", "not_equal", "not_contain", "starts_with", ""];
    for (list, good) in [(OrgList::Safe, 3), (OrgList::Block, 5)] {
        for (index, operator) in operators.iter().enumerate() {
            let mut bench = Bench::new();
            let reply = change(&mut bench, list, entry("add", "$host", operator, "x.test"));
            assert_eq!(reply.status, if index < good { 200 } else { 400 }, "{list:?} {operator}");
        }
    }
}

#[test]
fn an_entry_is_checked() {
    let mut bench = Bench::new();
    let commented = |comment: Value| {
        let mut body = entry("add", "$rcpt", "equal", "a@x.test");
        body["comment"] = comment;
        body
    };
    for body in [
        entry("add", "from", "equal", "a@x.test"),
        entry("add", "$subject", "equal", "a@x.test"),
        entry("add", "$from", "equal", " "),
        entry("replace", "$from", "equal", "a@x.test"),
        json!({ "action": "add", "attribute": "$from", "operator": "equal" }),
        commented(json!("é".repeat(151))),
        commented(json!(7)),
    ] {
        let reply = change(&mut bench, OrgList::Block, body.clone());
        assert_eq!((reply.status, message(&reply).is_empty()), (400, false), "{body}");
    }
    assert!(bench.vendor.entries(OrgList::Block, CLUSTER).is_empty());
    assert_eq!(change(&mut bench, OrgList::Block, commented(json!("é".repeat(150)))).status, 200);
    for attribute in ["$from", "$hfrom", "$ip", "$host", "$helo"] {
        let reply = change(&mut bench, OrgList::Block, entry("add", attribute, "equal", "a@x.test"));
        assert_eq!(reply.status, 200, "{attribute}");
    }
}

#[test]
fn deleting_what_is_not_there_is_refused_or_not() {
    let mut bench = Bench::new();
    let body = entry("delete", "$from", "equal", "a@x.test");
    let reply = change(&mut bench, OrgList::Safe, body.clone());
    assert_eq!((reply.status, message(&reply).is_empty()), (400, false));
    bench.vendor.options().response.absent_entry = AbsentEntry::Accept;
    assert_eq!(change(&mut bench, OrgList::Safe, body).status, 200);
}

#[test]
fn the_answer_to_a_change_can_have_a_body() {
    let mut bench = Bench::new();
    bench.vendor.options().response.list_body = AnswerBody::Json(r#"{"status":"OK"}"#.into());
    let reply = change(&mut bench, OrgList::Safe, entry("add", "$from", "equal", "a@x.test"));
    assert_eq!((reply.status, reply.json()), (200, json!({ "status": "OK" })));
}

#[test]
fn a_list_belongs_to_a_cluster_that_must_be_known() {
    let mut bench = Bench::with(|options| options.response.clusters.push("second/hosted".into()));
    bench.vendor.add_entry(OrgList::Safe, "second/hosted", ListEntry::new("$ip", "equal", "192.0.2.1"));
    let entries = |bench: &mut Bench, cluster: &str| {
        let reply = bench.get(&format!("{LISTS}/orgSafeList?clusterId={cluster}"));
        (reply.status, reply.json()["entries"].as_array().map(Vec::len))
    };
    assert_eq!(entries(&mut bench, CLUSTER), (200, Some(0)));
    assert_eq!(entries(&mut bench, "second%2Fhosted"), (200, Some(1)));
    assert_eq!(entries(&mut bench, "other"), (400, None));
    assert_eq!(entries(&mut bench, ""), (400, None));
}
