use std::time::Duration;

use serde_json::json;

use super::itm::{API, SEARCH, Tenant, statuses};
use crate::Request;
use crate::itm::StatusStyle;

const USERS: &str = "/v2/apis/auth/users";

#[test]
fn a_missing_or_wrong_token_is_401() {
    let mut tenant = Tenant::holding(1);
    for request in [Request::get(USERS), Request::get(&tenant.path("")).bearer("made-up")] {
        assert_eq!(statuses(&tenant.vendor.handle(&request)), (401, json!(401)));
    }
    tenant.vendor.revoke_itm_tokens();
    assert_eq!(tenant.post(SEARCH, json!({})).status, 401);
}

#[test]
fn a_client_is_refused_where_it_is_not_entitled_and_only_there() {
    let mut tenant = Tenant::holding(1);
    tenant.vendor.options().itm.entitled_activity = false;
    assert_eq!(statuses(&tenant.post(SEARCH, json!({}))), (403, json!(403)));
    assert_eq!(statuses(&tenant.get(&tenant.path(""))), (403, json!(403)));
    assert_eq!(tenant.get(USERS).status, 200);

    let mut tenant = Tenant::holding(1);
    tenant.vendor.options().itm.entitled_users = false;
    assert_eq!(statuses(&tenant.get(USERS)), (403, json!(403)));
    assert_eq!(tenant.post(SEARCH, json!({})).status, 200);
}

#[test]
fn only_one_version_is_served() {
    for version in ["v1", "v2", "v3"] {
        let mut tenant = Tenant::new();
        tenant.vendor.options().itm.api_version = version.into();
        for asked in ["v1", "v2", "v3"] {
            let reply = tenant.get(&format!("/{asked}/apis/auth/users"));
            assert_eq!(reply.status, if asked == version { 200 } else { 404 });
            assert_eq!(reply.json()["_status"]["status"], reply.status);
        }
    }
}

#[test]
fn what_is_not_there_is_404() {
    let mut tenant = Tenant::new();
    for path in
        ["/v2/apis/auth/nothing", "/v2/apis/activity/events/x/annotations", "/v2/apis/nothing/_health"]
    {
        assert_eq!(statuses(&tenant.get(path)), (404, json!(404)), "{path}");
    }
    for path in ["//v2/apis/auth/users", "/None/apis/auth/users", "/v2/apps/auth/users"] {
        assert_ne!(tenant.get(path).status, 200, "{path}");
    }
}

#[test]
fn services_tell_their_health_one_of_them_to_anybody() {
    let mut tenant = Tenant::new();
    for service in ["activity", "auth", "report;realm=observeit", "workbench"] {
        let target = format!("{API}/{service}/_health");
        assert_eq!(statuses(&tenant.get(&target)), (200, json!(200)), "{service}");
        let stranger = tenant.vendor.handle(&Request::get(&target)).status;
        assert_eq!(stranger, if service == "workbench" { 200 } else { 401 }, "{service}");
    }
}

#[test]
fn the_status_inside_can_be_a_text_or_missing() {
    let mut tenant = Tenant::with(|options| options.status_style = StatusStyle::Text);
    assert_eq!(statuses(&tenant.get(USERS)), (200, json!("200")));
    assert_eq!(statuses(&tenant.get(&format!("{API}/nothing"))), (404, json!("404")));

    tenant.vendor.options().itm.status_style = StatusStyle::Missing;
    let reply = tenant.get(USERS).json();
    assert!(reply.get("_status").is_none() && reply["data"].is_array());
    assert_eq!(statuses(&tenant.get(&format!("{API}/nothing"))), (404, json!(404)));
}

#[test]
fn there_is_no_call_limit_unless_one_is_set() {
    let mut tenant = Tenant::new();
    assert!((0..500).all(|_| tenant.get(USERS).status == 200));

    tenant.vendor.options().itm.calls_per_minute = Some(2);
    tenant.vendor.advance(Duration::from_secs(60));
    let answers: Vec<u16> = (0..3).map(|_| tenant.get(USERS).status).collect();
    assert_eq!(answers, [200, 200, 429]);
    let refused = tenant.get(USERS);
    assert_eq!((statuses(&refused), refused.header("retry-after")), ((429, json!(429)), None));
    tenant.vendor.options().itm.retry_after = Some("30".into());
    assert_eq!(tenant.get(USERS).header("retry-after"), Some("30"));
    assert_ne!(tenant.vendor.handle(&Request::post_form("/v2/apis/auth/oauth/token", &[])).status, 429);
    tenant.vendor.advance(Duration::from_secs(60));
    assert_eq!(tenant.get(USERS).status, 200);
}

#[test]
fn the_products_call_limits_are_apart() {
    let mut tenant = Tenant::new();
    tenant.vendor.options().calls_per_minute = Some(0);
    assert_eq!(tenant.get(USERS).status, 200);
}
