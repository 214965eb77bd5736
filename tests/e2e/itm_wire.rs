//! Insider Threat Management: what goes over the wire for each function, call by call.

use chrono::TimeDelta;
use proofpoint_simulator::Recorded;
use proofpoint_simulator::itm::{User, WorkflowStatus};
use proofpoint_tests::{ITM_SECRET, World, connector, event_path, refused};
use serde_json::{Value, json};

const USERS: &str = "/v2/apis/auth/users";
const QUERIES: &str = "/v2/apis/activity/event-queries";

/// A call as it is expected: method, path with query, and JSON body, null where there is none.
type Call = (&'static str, String, Value);

/// A ticket with everything, the users it may be given to, and the id of the first of them.
struct Scene {
    world: World,
    fqid: String,
    ines: String,
}

impl Scene {
    async fn new() -> Scene {
        let world = World::new().await;
        let fqid = world.add_ticket(1, TimeDelta::minutes(5), |_| {});
        let ines = User::named("Ines", "Moreau");
        let id = ines.id.clone();
        world.vendor().add_user(ines);
        Scene { world, fqid, ines: id }
    }

    /// Calls a function, and compares what came over the wire since then with what is expected.
    async fn expect(&mut self, function: &str, parameters: Value, expected: Vec<Call>) -> Value {
        self.world.vendor().clear_requests();
        let answer = self.world.call(function, parameters).await.unwrap();
        let calls: Vec<Recorded> = self.world.api();
        let sent: Vec<Call> = calls.iter().map(shape).collect();
        assert_eq!(sent, expected, "{function}");
        calls.iter().for_each(assert_headers);
        answer
    }
}

fn shape(call: &Recorded) -> Call {
    let method = ["GET", "POST", "PUT", "PATCH"].into_iter().find(|name| *name == call.method).unwrap();
    let query = if call.query.is_empty() { String::new() } else { format!("?{}", call.query) };
    (method, format!("{}{query}", call.path), call.json())
}

/// The token, what is accepted, and the type of the body where there is one.
fn assert_headers(call: &Recorded) {
    let linked = call.path.starts_with("/screenshots/");
    let mail = call.path.ends_with("/_raw");
    let bearer = call.header("authorization").is_some_and(|value| value.starts_with("Bearer sim-itm-"));
    assert_eq!(bearer, !linked, "{call:#?}");
    let accept = if linked || mail { "*/*" } else { "application/json" };
    assert_eq!(call.header("accept"), Some(accept), "{call:#?}");
    let content_type = (!call.body.is_empty()).then_some("application/json");
    assert_eq!(call.header("content-type"), content_type, "{call:#?}");
    let length = call.header("content-length").map_or(0, |length| length.parse().unwrap());
    assert_eq!(length, call.body.len(), "{call:#?}");
    assert_eq!(call.header("transfer-encoding"), None, "{call:#?}");
}

fn get(target: String) -> Call {
    ("GET", target, Value::Null)
}

fn sorted_by(column: &str, direction: &str) -> Value {
    let order = json!({ "order": direction, "unmapped_type": "boolean" });
    json!([{ format!("event.{column}"): order }, { "event.id": order }])
}

#[tokio::test]
async fn the_token_request_is_a_form_of_exactly_four_fields() {
    let mut world = World::new().await;
    world.search(json!({})).await.unwrap();
    let requests = world.vendor().requests().to_vec();
    let token = &requests[0];
    assert_eq!((token.method.as_str(), token.path.as_str()), ("POST", "/v2/apis/auth/oauth/token"));
    assert_eq!(token.query, "");
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", "simulator-itm-client"),
        ("client_secret", ITM_SECRET),
        ("scope", "*"),
    ];
    let mut form = token.form();
    form.sort();
    let mut expected = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    expected.sort();
    assert_eq!(form, expected);
    assert_eq!(token.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(token.header("accept"), Some("application/json"));
    assert_eq!(token.header("authorization"), None);
    assert_eq!(world.counts(), (1, 1));
}

#[tokio::test]
async fn reads_of_one_ticket() {
    let mut scene = Scene::new().await;
    let (fqid, path) = (scene.fqid.clone(), event_path(&scene.fqid));
    let screens = format!("{path}?includes=screenshots");

    let plain = json!({ "fqid": fqid, "includes": [] });
    scene.expect("tickets.ticket-get", plain.clone(), vec![get(path.clone())]).await;
    let raw = json!({ "fqid": fqid, "includes": ["raw-json"] });
    scene.expect("tickets.ticket-get", raw, vec![get(path.clone())]).await;
    let with = json!({ "fqid": fqid, "includes": ["raw-json", "screenshots"] });
    scene.expect("tickets.ticket-get", with, vec![get(screens.clone())]).await;

    let mail = get(format!("{path}/messages/default/contents/_raw?stream=true"));
    scene.expect("tickets.email-get", plain, vec![mail.clone()]).await;
    let summary = json!({ "fqid": fqid, "includes": ["summary"] });
    scene.expect("tickets.email-get", summary, vec![mail]).await;

    scene.expect("tickets.screenshot-list", json!({ "fqid": fqid }), vec![get(screens.clone())]).await;
    scene.world.vendor().clear_requests();
    scene.world.call("tickets.screenshot-get", json!({ "fqid": fqid, "id": "1-2" })).await.unwrap();
    let calls = scene.world.api();
    calls.iter().for_each(assert_headers);
    assert_eq!(calls.len(), 2);
    assert_eq!(shape(&calls[0]), get(screens));
    assert_eq!((calls[1].method.as_str(), calls[1].path.as_str()), ("GET", "/screenshots/1-2.jpg"));
    let names = ["X-Amz-Date", "X-Amz-Expires", "X-Amz-Signature"];
    assert!(names.iter().all(|name| calls[1].parameter(name).is_some()), "the link as it was given");
    assert_eq!(scene.world.counts(), (2, 0));
}

#[tokio::test]
async fn a_search_of_everything_that_can_be_asked() {
    let mut scene = Scene::new().await;
    let clause = json!({ "$stringIn": { "activity.primaryCategory": ["x"] } });
    let query = json!({
        "start-time": "2026-01-02T05:04:05.250+02:00",
        "end-time": "2026-02-03 04:05:06",
        "status-filters": ["new", "incident:status:on-hold", "incident:status:ours"],
        "severity-filters": ["critical", "incident:severity:700:high"],
        "user-filters": ["a@example.com", "Ann"],
        "name-filters": ["EMAIL-DLP-PCI"],
        "entity-types": ["event", "casbevent"],
        "filters-json": clause.to_string(),
        "sort": "occurredAt:asc",
        "limit": 25,
    });
    let users = ["user.email", "user.name", "user.username", "user.id"];
    let users = users.map(|field| json!({ "$stringIn": { field: ["a@example.com", "Ann"] } }));
    let body = json!({
        "sort": sorted_by("occurredAt", "asc"),
        "filters": { "$and": [
            { "$isNull": { "incident.id": false } },
            { "$datetimeGE": { "event.observedAt": 1_767_323_045_250_i64 } },
            { "$datetimeLT": { "event.observedAt": 1_770_091_506_000_i64 } },
            { "$stringIn": { "incident.status": [
                "incident:status:new", "incident:status:on-hold", "incident:status:ours",
            ] } },
            { "$stringIn": { "incident.name": ["EMAIL-DLP-PCI"] } },
            { "$or": users },
            { "$stringIn": { "incident.severity": [
                "incident:severity:850:critical", "incident:severity:700:high",
            ] } },
            clause,
        ] },
    });
    let target = "entityTypes=event%2Ccasbevent&offset=0&limit=25&trackTotalHits=true";
    let call = ("POST", format!("{QUERIES}?{target}"), body);
    let page = scene.expect("tickets.ticket-search", json!({ "query": query }), vec![call]).await;
    assert_eq!(page, json!({ "tickets": [], "total": 0, "next": null, "warnings": [] }));
}

#[tokio::test]
async fn a_search_without_a_query_asks_for_the_newest_fifty_that_raised_an_incident() {
    let mut scene = Scene::new().await;
    let target = format!("{QUERIES}?entityTypes=event&offset=0&limit=50&trackTotalHits=true");
    let sort = sorted_by("observedAt", "desc");
    let raised = json!({ "$and": [{ "$isNull": { "incident.id": false } }] });
    let usual = ("POST", target.clone(), json!({ "sort": sort, "filters": raised }));
    scene.expect("tickets.ticket-search", json!({ "query": {} }), vec![usual]).await;
    let all = ("POST", target, json!({ "sort": sort }));
    let query = json!({ "query": { "all-activity": true } });
    scene.expect("tickets.ticket-search", query, vec![all]).await;
}

#[tokio::test]
async fn a_fetch_asks_by_the_time_of_intake_oldest_first() {
    let mut scene = Scene::new().await;
    let options = json!({
        "first-fetch": "2026-01-02T03:04:05Z",
        "entity-types": ["audit"],
        "severity-filters": ["high"],
        "filters-json": r#"{"filters":{"$not":{"$isNull":{"user.id":true}}}}"#,
    });
    scene
        .world
        .call("tickets.ticket-fetch", json!({ "options": options, "checkpoint": null }))
        .await
        .unwrap();
    let calls = scene.world.api();
    calls.iter().for_each(assert_headers);
    let [call] = calls.as_slice() else { panic!("{calls:#?}") };
    let (method, target, body) = shape(call);
    let expected = format!("{QUERIES}?entityTypes=audit&offset=0&limit=200&trackTotalHits=true");
    assert_eq!((method, target), ("POST", expected));
    assert_eq!(body["sort"], sorted_by("ingestedAt", "asc"));
    let clauses = body["filters"]["$and"].as_array().unwrap();
    assert_eq!(clauses.len(), 4, "severities are no part of it: {body}");
    assert_eq!(clauses[0], json!({ "$isNull": { "incident.id": false } }));
    // From a second before: rows of the first second are not lost to one that compares whole seconds.
    assert_eq!(clauses[1], json!({ "$datetimeGE": { "event.ingestedAt": 1_767_323_044_000_i64 } }));
    assert!(clauses[2]["$datetimeLT"]["event.ingestedAt"].is_i64(), "{body}");
    assert_eq!(clauses[3], json!({ "$not": { "$isNull": { "user.id": true } } }));
}

#[tokio::test]
async fn writes_of_one_ticket() {
    let mut scene = Scene::new().await;
    let (fqid, path, ines) = (scene.fqid.clone(), event_path(&scene.fqid), scene.ines.clone());
    let status = WorkflowStatus::of_slug("in-progress").unwrap().id;

    let assign = ("PUT", format!("{path}/annotations/workflow/assignment"), json!({ "id": ines }));
    let by_id = json!({ "fqid": fqid, "assignee": ines });
    scene.expect("tickets.ticket-assign-owner", by_id, vec![assign.clone()]).await;
    let by_email = json!({ "fqid": fqid, "assignee": "ines.moreau@example.com" });
    let found = get(format!("{USERS}?alias=ines.moreau%40example.com&limit=200&offset=0"));
    scene.expect("tickets.ticket-assign-owner", by_email, vec![found.clone(), assign]).await;

    let comment = json!({ "fqid": fqid, "text": "looked \"at\"\nä" });
    let body = json!({ "data": [{ "kind": "it:comment:note", "text": "looked \"at\"\nä" }] });
    let call = ("POST", format!("{path}/annotations/comments"), body);
    scene.expect("tickets.ticket-add-comment", comment, vec![call]).await;
    let of_kind = json!({ "fqid": fqid, "text": "x", "kind": "it:comment:other" });
    let body = json!({ "data": [{ "kind": "it:comment:other", "text": "x" }] });
    let call = ("POST", format!("{path}/annotations/comments"), body);
    scene.expect("tickets.ticket-add-comment", of_kind, vec![call]).await;

    let workflow = format!("{path}/annotations/workflow");
    let minimal = json!({ "fqid": fqid, "change": { "status-id": status } });
    let body = json!({ "state": { "disposition": { "status": { "id": status } } } });
    let call = ("PATCH", workflow.clone(), body);
    scene.expect("tickets.ticket-set-status", minimal, vec![call]).await;
    let whole = json!({ "fqid": fqid, "change": {
        "status-id": status,
        "title": "In progress",
        "category": "open:in-progress",
        "assignee": "ines.moreau@example.com",
        "remediation-actions": ["quarantine"],
    } });
    let body = json!({ "state": {
        "disposition": {
            "status": { "id": status, "alias": "In progress" },
            "category": "it:workflow:disposition:category:open:in-progress",
        },
        "assignee": { "id": ines },
        "actions": [{ "kind": "uim:incident:remediation:quarantine" }],
    } });
    scene.expect("tickets.ticket-set-status", whole, vec![found, ("PATCH", workflow, body)]).await;

    let tag = json!({ "fqid": fqid, "tag": "a tag&b=c/ü" });
    let call = ("PATCH", format!("{path}/tags?tagValue=a%20tag%26b%3Dc%2F%C3%BC"), Value::Null);
    scene.expect("tickets.ticket-add-tag", tag, vec![call]).await;
}

#[tokio::test]
async fn lists_of_users() {
    let mut scene = Scene::new().await;
    let plain = get(format!("{USERS}?limit=100&offset=0"));
    scene.expect("users.user-list", json!({ "query": {} }), vec![plain]).await;
    let query = json!({
        "alias": "*@example.com",
        "status": ["active", "inactive", "pending", "deleted", "error"],
        "assignments": "a b",
        "include-inactive-policies": false,
        "first-name": "In*",
        "last-name": "Mo&reau",
        "includes": "relations.trusted",
        "parent-statuses": ["active", "inactive", "pending", "deleted"],
        "limit": 7,
    });
    let target = "alias=%2A%40example.com&status=active%2Cinactive%2Cpending%2Cdeleted%2Cerror\
                  &assignments=a%20b&includeInactivePolicies=false&details.user.firstName=In%2A\
                  &details.user.lastName=Mo%26reau&includes=relations.trusted\
                  &parentStatuses=active%2Cinactive%2Cpending%2Cdeleted&limit=7&offset=0";
    let call = get(format!("{USERS}?{target}"));
    scene.expect("users.user-list", json!({ "query": query }), vec![call]).await;
}

#[tokio::test]
async fn finding_a_user() {
    let mut scene = Scene::new().await;
    let find = |name: &str| json!({ "name-or-email": name });
    let target = |filters: &str| get(format!("{USERS}?{filters}&limit=200&offset=0"));
    let by_email = vec![target("alias=ines.moreau%40example.com")];
    scene.expect("users.user-find", find("ines.moreau@example.com"), by_email).await;
    let by_full_name = vec![target("details.user.firstName=Ines&details.user.lastName=Moreau")];
    scene.expect("users.user-find", find("Ines Moreau"), by_full_name).await;
    let by_first_name =
        ["alias=Ines", "details.user.lastName=Ines", "details.user.firstName=Ines"].map(target);
    scene.expect("users.user-find", find("Ines"), by_first_name.to_vec()).await;
}

#[tokio::test]
async fn the_check_asks_for_a_token_a_ticket_and_a_user() {
    let mut scene = Scene::new().await;
    let search = (
        "POST",
        format!("{QUERIES}?entityTypes=event&offset=0&limit=1&trackTotalHits=true"),
        json!({ "sort": sorted_by("observedAt", "desc") }),
    );
    let users = get(format!("{USERS}?limit=1"));
    let products = json!({ "products": ["itm"] });
    scene.expect("health.test-connectivity", products, vec![search, users]).await;
    assert_eq!(scene.world.counts(), (2, 1));
}

#[tokio::test]
async fn every_function_about_tickets_and_users_is_compared_here() {
    // What comes behind it compares nothing that is sent.
    let (source, _) = include_str!("itm_wire.rs").split_once("fn every_function").unwrap();
    let of_itm = |name: &&str| name.starts_with("tickets.") || name.starts_with("users.");
    for function in connector().functions().filter(of_itm) {
        assert!(source.contains(&format!("\"{function}\"")), "{function}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_refused_before_anything_is_sent() {
    let mut world = World::new().await;
    let fqid = proofpoint_tests::fqid(1);
    for (function, parameters, argument) in [
        ("tickets.ticket-get", json!({ "fqid": "", "includes": [] }), "fqid"),
        ("tickets.ticket-get", json!({ "fqid": " \n", "includes": [] }), "fqid"),
        ("tickets.ticket-get", json!({ "fqid": "x".repeat(2000), "includes": [] }), "fqid"),
        ("tickets.ticket-get", json!({ "fqid": fqid, "includes": ["comments"] }), "includes"),
        ("tickets.email-get", json!({ "fqid": "", "includes": [] }), "fqid"),
        ("tickets.email-get", json!({ "fqid": fqid, "includes": ["screenshots"] }), "includes"),
        ("tickets.screenshot-list", json!({ "fqid": "" }), "fqid"),
        ("tickets.screenshot-get", json!({ "fqid": "", "id": "1-1" }), "fqid"),
        ("tickets.ticket-assign-owner", json!({ "fqid": "", "assignee": "id:u" }), "fqid"),
        ("tickets.ticket-assign-owner", json!({ "fqid": fqid, "assignee": "" }), "assignee"),
        ("tickets.ticket-assign-owner", json!({ "fqid": fqid, "assignee": "id: " }), "assignee"),
        ("tickets.ticket-assign-owner", json!({ "fqid": fqid, "assignee": "*" }), "assignee"),
        ("tickets.ticket-add-comment", json!({ "fqid": "", "text": "x" }), "fqid"),
        ("tickets.ticket-add-comment", json!({ "fqid": fqid, "text": " " }), "text"),
        ("tickets.ticket-add-comment", json!({ "fqid": fqid, "text": "x", "kind": "" }), "kind"),
        ("tickets.ticket-set-status", json!({ "fqid": "", "change": { "status-id": "s" } }), "fqid"),
        ("tickets.ticket-set-status", json!({ "fqid": fqid, "change": { "status-id": "" } }), "status-id"),
        (
            "tickets.ticket-set-status",
            json!({ "fqid": fqid, "change": { "status-id": "s", "title": "" } }),
            "title",
        ),
        (
            "tickets.ticket-set-status",
            json!({ "fqid": fqid, "change": { "status-id": "s", "category": "open" } }),
            "category",
        ),
        (
            "tickets.ticket-set-status",
            json!({ "fqid": fqid, "change": { "status-id": "s", "assignee": "" } }),
            "assignee",
        ),
        (
            "tickets.ticket-set-status",
            json!({ "fqid": fqid, "change": { "status-id": "s", "remediation-actions": ["erase"] } }),
            "remediation-actions",
        ),
        ("tickets.ticket-add-tag", json!({ "fqid": "", "tag": "t" }), "fqid"),
        ("tickets.ticket-add-tag", json!({ "fqid": fqid, "tag": "" }), "tag"),
        ("tickets.ticket-search", json!({ "query": { "limit": 0 } }), "limit"),
        ("tickets.ticket-search", json!({ "query": { "status-filters": ["open"] } }), "status-filters"),
        ("tickets.ticket-search", json!({ "query": { "severity-filters": ["urgent"] } }), "severity-filters"),
        ("tickets.ticket-search", json!({ "query": { "entity-types": ["mail"] } }), "entity-types"),
        ("tickets.ticket-search", json!({ "query": { "filters-json": "{" } }), "filters-json"),
        ("tickets.ticket-search", json!({ "query": { "filters-json": "{\"a\":1}" } }), "filters-json"),
        ("tickets.ticket-search", json!({ "query": { "sort": "name" } }), "sort"),
        ("tickets.ticket-search", json!({ "query": { "start-time": "soon" } }), "start-time"),
        ("tickets.ticket-search", json!({ "query": { "end-time": "now" } }), "end-time"),
        ("tickets.ticket-search", json!({ "query": { "cursor": "garbage" } }), "cursor"),
        ("tickets.ticket-fetch", json!({ "options": { "max-fetch": 201 }, "checkpoint": null }), "max-fetch"),
        ("tickets.ticket-fetch", json!({ "options": {}, "checkpoint": "garbage" }), "checkpoint"),
        ("users.user-list", json!({ "query": { "status": ["gone"] } }), "status"),
        ("users.user-list", json!({ "query": { "includes": "everything" } }), "includes"),
        ("users.user-list", json!({ "query": { "parent-statuses": ["error"] } }), "parent-statuses"),
        ("users.user-find", json!({ "name-or-email": "" }), "name-or-email"),
        ("users.user-find", json!({ "name-or-email": "*@example.com" }), "name-or-email"),
    ] {
        let answer = world.call(function, parameters.clone()).await;
        assert_eq!(refused(answer).0, argument, "{function} {parameters}");
    }
    assert_eq!(world.counts(), (0, 0));
}
