//! Is everything there that the connector needs?

use chrono::TimeDelta;
use proofpoint_simulator::{Fault, FaultKind, Matcher, Place};
use proofpoint_tests::{SECRET, World, refused};
use serde_json::{Value, json};

async fn check(world: &mut World) -> Value {
    world.call("health.test-connectivity", json!({ "products": ["ctr"] })).await.unwrap()
}

/// Module and outcome of each report.
fn outcomes(reports: &Value) -> Vec<(String, String)> {
    let reports = reports.as_array().unwrap().iter();
    reports
        .map(|report| {
            assert_eq!(report["product"], "ctr");
            assert_eq!(report["ok"], report["problem"].is_null());
            let problem = report["problem"]["case"].as_str().unwrap_or("ok");
            (report["module"].as_str().unwrap().to_owned(), problem.to_owned())
        })
        .collect()
}

fn expected<const N: usize>(outcomes: [(&str, &str); N]) -> Vec<(String, String)> {
    outcomes.map(|(module, outcome)| (module.to_owned(), outcome.to_owned())).to_vec()
}

#[tokio::test]
async fn a_good_key_passes_with_one_harmless_read_of_each_module() {
    let mut world = World::new().await;
    let reports = check(&mut world).await;
    assert_eq!(
        outcomes(&reports),
        expected([("token", "ok"), ("incidents", "ok"), ("email-protection", "ok")])
    );
    let api = world.api();
    let calls: Vec<(&str, &str)> =
        api.iter().map(|call| (call.method.as_str(), call.path.as_str())).collect();
    assert_eq!(
        calls,
        [("POST", "/api/v1/tric/incidents"), ("GET", "/api/v1/emailProtection/modules/spam/orgBlockList"),]
    );
    assert_eq!(world.counts(), (2, 1));
    for report in reports.as_array().unwrap() {
        assert!(report["latency-ms"].is_u64(), "{report}");
        let skew = report["clock-skew-ms"].as_i64().unwrap();
        assert!(skew.abs() <= 60_000 && skew % 1000 == 0, "{report}");
    }
}

#[tokio::test]
async fn each_modules_entitlement_is_told_apart() {
    let mut world = World::with(|options| options.entitled_email_protection = false).await;
    let reports = check(&mut world).await;
    assert_eq!(
        outcomes(&reports),
        expected([("token", "ok"), ("incidents", "ok"), ("email-protection", "forbidden")])
    );

    let mut world = World::with(|options| options.entitled_incidents = false).await;
    let reports = check(&mut world).await;
    assert_eq!(
        outcomes(&reports),
        expected([("token", "ok"), ("incidents", "forbidden"), ("email-protection", "ok")])
    );
    assert!(reports[1]["message"].as_str().unwrap().contains("No permission"), "{reports}");
}

#[tokio::test]
async fn refused_credentials_are_one_report_and_nothing_more_is_sent() {
    let mut world = World::new().await;
    world.vendor().options().client_secret = "another".into();
    let reports = check(&mut world).await;
    assert_eq!(outcomes(&reports), expected([("token", "unauthorized")]));
    assert!(!reports.to_string().contains(SECRET));
    assert_eq!(world.counts(), (0, 1));
}

#[tokio::test]
async fn the_clock_skew_is_read_from_the_date() {
    for minutes in [-90, 90] {
        let mut world = World::with(|options| options.clock_skew = TimeDelta::minutes(minutes)).await;
        let reports = check(&mut world).await;
        let skew = reports[1]["clock-skew-ms"].as_i64().unwrap() - minutes * 60_000;
        assert!(skew.abs() <= 60_000, "{reports}");
    }
    let mut world = World::with(|options| options.date_header = false).await;
    let reports = check(&mut world).await;
    assert!(reports.as_array().unwrap().iter().all(|report| report["clock-skew-ms"].is_null()), "{reports}");
}

#[tokio::test]
async fn one_module_that_is_down_does_not_hide_the_other() {
    let mut world = World::new().await;
    world.vendor().fault(Fault::always(Matcher::search(), FaultKind::Html));
    world.vendor().fault(Fault::always(Matcher::path_containing("orgBlockList"), FaultKind::Html));
    let reports = check(&mut world).await;
    assert_eq!(
        outcomes(&reports),
        expected([
            ("token", "ok"),
            ("incidents", "invalid-response"),
            ("email-protection", "invalid-response")
        ])
    );
}

#[tokio::test]
async fn an_unknown_product_is_refused() {
    let mut world = World::new().await;
    for products in [json!(["tap"]), json!(["ctr", "tap"]), json!([""]), json!(["CTR"])] {
        let (argument, allowed) =
            refused(world.call("health.test-connectivity", json!({ "products": products })).await);
        assert_eq!((argument.as_str(), allowed), ("products", ["ctr", "itm"].map(str::to_owned).to_vec()));
    }
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn check_shows_what_was_found_and_fails_where_something_is_missing() {
    let world = World::with(|options| options.entitled_email_protection = false).await;
    let ran = world.run(["check", "ctr"]).await;
    ran.failed(4, "ctr email-protection: forbidden");
    assert_eq!(outcomes(&ran.json()).len(), 3);

    let world = World::new().await;
    let table = world.run(["check", "ctr", "--output", "markdown"]).await.good().stdout;
    for module in ["token", "incidents", "email-protection"] {
        assert!(table.contains(module), "{table}");
    }
}

#[tokio::test]
async fn the_second_product_is_checked_with_a_search_and_a_list_of_users() {
    let check = json!({ "products": ["itm"] });
    for (activity, users) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut world = World::with(|options| {
            options.itm.entitled_activity = activity;
            options.itm.entitled_users = users;
        })
        .await;
        let reports = world.call("health.test-connectivity", check.clone()).await.unwrap();
        let outcome = |granted: bool| if granted { Value::Null } else { json!("forbidden") };
        let found: Vec<(&Value, &Value, &Value)> = reports
            .as_array()
            .unwrap()
            .iter()
            .map(|report| (&report["product"], &report["module"], &report["problem"]["case"]))
            .collect();
        let (itm, modules) = (json!("itm"), ["token", "activity", "users"].map(|name| json!(name)));
        let outcomes = [Value::Null, outcome(activity), outcome(users)];
        let expected: Vec<_> =
            modules.iter().zip(&outcomes).map(|(module, outcome)| (&itm, module, outcome)).collect();
        assert_eq!(found, expected);
        assert_eq!(world.counts(), (2, 1));
    }
}

#[tokio::test]
async fn every_product_that_is_configured_is_checked_where_none_is_named() {
    let none = json!({ "products": [] });
    let products = |reports: Value| -> Vec<Value> {
        reports.as_array().unwrap().iter().map(|report| report["product"].clone()).collect()
    };
    let mut world = World::new().await;
    let reports = world.call("health.test-connectivity", none.clone()).await.unwrap();
    assert_eq!(products(reports), ["ctr", "ctr", "ctr", "itm", "itm", "itm"]);
    for key in ["itm_base_url", "itm_client_id", "itm_client_secret"] {
        world.set(key, "");
    }
    let reports = world.call("health.test-connectivity", none).await.unwrap();
    assert_eq!(products(reports), ["ctr", "ctr", "ctr"]);
}

#[tokio::test]
async fn an_error_in_the_envelope_of_a_200_fails_its_module() {
    let mut world = World::new().await;
    let denied =
        FaultKind::EnvelopeStatus { status: 403, code: "it:error:forbidden".into(), message: "no".into() };
    world.vendor().fault(Fault::always(Matcher::place(Place::ItmSearch), denied));
    let check = json!({ "products": ["itm"] });
    let reports = world.call("health.test-connectivity", check).await.unwrap();
    assert_eq!(reports[1]["problem"]["case"], "forbidden");
    assert_eq!(reports[2]["ok"], true);
}
