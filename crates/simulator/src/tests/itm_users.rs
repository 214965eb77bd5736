use serde_json::{Value, json};

use super::itm::{Tenant, rows, statuses};
use crate::itm::User;
use crate::{MalformedKind, NullStyle};

const USERS: &str = "/v2/apis/auth/users";

fn tenant() -> Tenant {
    let mut tenant = Tenant::new();
    let users = [
        User {
            assignments: vec!["team-a".into()],
            policies: vec![("p-1".into(), true), ("p-2".into(), false)],
            last_login: Some(tenant.ago(0)),
            ..User::named("Ines", "Moreau")
        },
        User::named("Jonas", "Weber"),
        User { parent_status: "inactive".into(), ..User::named("Jonas", "Keller") },
        User::named("Lars", "Holm").status("inactive"),
        User::named("Mina", "Park").status("pending"),
    ];
    users.into_iter().for_each(|user| tenant.vendor.add_user(user));
    tenant
}

/// Last names of the users that a query finds.
fn found(tenant: &mut Tenant, query: &str) -> Vec<String> {
    let name = |row: &Value| row["details"]["user"]["lastName"].as_str().unwrap().to_owned();
    rows(&tenant.get(&format!("{USERS}?{query}"))).iter().map(name).collect()
}

#[test]
fn a_row_is_nested() {
    let reply = tenant().get(&format!("{USERS}?limit=1"));
    let user = User::named("Ines", "Moreau");
    assert_eq!(
        reply.json(),
        json!({
            "data": [{
                "id": user.id,
                "alias": "ines.moreau@example.com",
                "status": "active",
                "kind": "it:auth:user",
                "details": { "user": {
                    "firstName": "Ines",
                    "lastName": "Moreau",
                    "email": "ines.moreau@example.com",
                } },
            }],
            "_meta": { "stats": { "total": 3 } },
            "_status": { "status": 200, "code": "it:error:none" },
        })
    );
}

#[test]
fn users_are_found_by_each_parameter() {
    let cases: [(&str, &[&str]); 14] = [
        ("", &["Moreau", "Weber", "Keller"]),
        ("status=inactive,pending", &["Holm", "Park"]),
        ("alias=*@example.com&status=active,inactive", &["Moreau", "Weber", "Keller", "Holm"]),
        ("alias=INES.moreau@example.com", &["Moreau"]),
        ("alias=jonas", &[]),
        ("alias=jonas*", &["Weber", "Keller"]),
        ("alias=*.w*r@*", &["Weber"]),
        ("details.user.firstName=jonas", &["Weber", "Keller"]),
        ("details.user.lastName=*e*er", &["Weber", "Keller"]),
        ("details.user.firstName=J*&details.user.lastName=K*", &["Keller"]),
        ("assignments=team-a", &["Moreau"]),
        ("parentStatuses=inactive,deleted", &["Keller"]),
        ("offset=1&limit=1", &["Weber"]),
        ("parentstatuses=deleted&made-up=1", &["Moreau", "Weber", "Keller"]),
    ];
    let mut tenant = tenant();
    for (query, names) in cases {
        assert_eq!(found(&mut tenant, query), names, "{query}");
    }
    tenant.vendor.options().itm.users_by_case = true;
    assert_eq!(found(&mut tenant, "alias=INES*"), [] as [&str; 0]);
}

#[test]
fn a_hundred_users_come_at_once_unless_told() {
    let mut tenant = Tenant::new();
    for n in 0..120 {
        tenant.vendor.add_user(User::named("User", &format!("{n}")));
    }
    let first = tenant.get(USERS);
    assert_eq!((rows(&first).len(), &first.json()["_meta"]["stats"]["total"]), (100, &json!(120)));
    assert_eq!(rows(&tenant.get(&format!("{USERS}?offset=100"))).len(), 20);
    assert_eq!(rows(&tenant.get(&format!("{USERS}?limit=500"))).len(), 120);
    assert_eq!(statuses(&tenant.get(&format!("{USERS}?limit=many"))), (400, json!(400)));
}

#[test]
fn more_can_be_included() {
    let mut tenant = tenant();
    let mut row = |query: &str| rows(&tenant.get(&format!("{USERS}?alias=ines*&includes={query}"))).remove(0);
    assert!(row("lastLoginDate")["lastLoginDate"].is_string());
    assert_eq!(row("tenant")["tenant"]["name"], "Example");
    assert_eq!(row("logs")["logs"], json!([]));
    assert_eq!(row("relations.assignments")["relations"], json!({ "assignments": [{ "id": "team-a" }] }));
    assert_eq!(row("relations")["relations"].as_object().unwrap().len(), 6);
    assert_eq!(row("policy-assignments")["policyAssignments"].as_array().unwrap().len(), 1);
    let all = row("policy-assignments&includeInactivePolicies=true");
    assert_eq!(all["policyAssignments"][1], json!({ "id": "p-2", "active": false }));
    assert!(row("nothing").get("nothing").is_none());
}

#[test]
fn a_user_may_lack_almost_everything() {
    let mut tenant = Tenant::new();
    tenant.vendor.add_user(User { alias: None, kind: None, email: None, ..User::named("Ines", "Moreau") });
    let row = rows(&tenant.get(USERS)).remove(0);
    assert!(row.get("alias").is_none() && row["details"]["user"].get("email").is_none());
    tenant.vendor.options().itm.null_style = NullStyle::Explicit;
    assert_eq!(rows(&tenant.get(USERS))[0].get("alias"), Some(&Value::Null));

    let id = tenant.vendor.users()[0].id.clone();
    tenant.vendor.add_user(User {
        id,
        malformed: Some(MalformedKind::MissingId),
        ..User::named("Jonas", "Weber")
    });
    let row = rows(&tenant.get(USERS)).remove(0);
    assert_eq!((row.get("id"), &row["details"]["user"]["firstName"]), (None, &json!("Jonas")));
}
