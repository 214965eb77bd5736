//! Users: every parameter is sent, pages are followed, and a name means one person or none.

use proofpoint_simulator::itm::User;
use proofpoint_simulator::{Fault, FaultKind, MalformedKind, Matcher, OverCap, Place};
use proofpoint_tests::{World, case, column, refused};
use serde_json::{Value, json};

async fn list(world: &mut World, query: Value) -> Value {
    world.call("users.user-list", json!({ "query": query })).await.unwrap()
}

fn with(count: usize) -> Vec<User> {
    (0..count).map(|n| User::named("User", &format!("N{n:04}"))).collect()
}

async fn world_with(users: impl IntoIterator<Item = User>) -> World {
    let world = World::new().await;
    for user in users {
        world.vendor().add_user(user);
    }
    world
}

#[tokio::test]
async fn a_user_comes_with_names_address_and_status() {
    let ines = User::named("Ines", "Moreau");
    let mut world = world_with([ines.clone()]).await;
    let page = list(&mut world, json!({})).await;
    let expected = json!({
        "id": ines.id, "alias": "ines.moreau@example.com", "email": "ines.moreau@example.com",
        "first-name": "Ines", "last-name": "Moreau", "name": "Ines Moreau", "status": "active",
        "kind": "it:auth:user", "raw-json": null,
    });
    assert_eq!(page, json!({ "users": [expected], "total": 1, "next": null, "warnings": [] }));
}

#[tokio::test]
async fn each_parameter_alone_has_its_effect() {
    let odd = User {
        assignments: vec!["team-7".into()],
        parent_status: "pending".into(),
        policies: vec![("p-1".into(), false)],
        ..User::named("Odd", "One")
    };
    let usual = User::named("Usual", "Two");
    let gone = User::named("Gone", "Three").status("deleted");
    let mut world = world_with([odd, usual, gone]).await;
    for (query, names) in [
        (json!({}), vec!["Odd One", "Usual Two"]),
        (json!({ "alias": "odd*" }), vec!["Odd One"]),
        (json!({ "first-name": "Us*" }), vec!["Usual Two"]),
        (json!({ "last-name": "*o" }), vec!["Usual Two"]),
        (json!({ "status": ["deleted"] }), vec!["Gone Three"]),
        (json!({ "status": ["deleted", "active"] }), vec!["Odd One", "Usual Two", "Gone Three"]),
        (json!({ "assignments": "team-7" }), vec!["Odd One"]),
        (json!({ "parent-statuses": ["pending", "inactive"] }), vec!["Odd One"]),
        (json!({ "limit": 1 }), vec!["Odd One"]),
    ] {
        assert_eq!(column(&list(&mut world, query.clone()).await, "users", "name"), names, "{query}");
    }
    for (inactive, count) in [(Value::Null, 0), (json!(false), 0), (json!(true), 1)] {
        let query = json!({
            "alias": "odd*", "includes": "policy-assignments", "include-inactive-policies": inactive,
            "include-raw": true,
        });
        let page = list(&mut world, query).await;
        let raw: Value = serde_json::from_str(page["users"][0]["raw-json"].as_str().unwrap()).unwrap();
        assert_eq!(raw["policyAssignments"].as_array().unwrap().len(), count, "{inactive}");
    }
}

#[tokio::test]
async fn pages_are_followed_to_the_limit_and_a_cursor_goes_on() {
    for (cap, over) in [(1000, OverCap::Clamp), (40, OverCap::Clamp), (200, OverCap::Reject)] {
        let mut world = world_with(with(450)).await;
        world.vendor().options().itm.page_cap = cap;
        world.vendor().options().itm.over_cap = over;
        let first = list(&mut world, json!({ "limit": 430, "first-name": "User" })).await;
        let names: Vec<String> = (0..450).map(|n| format!("User N{n:04}")).collect();
        assert_eq!(column(&first, "users", "name"), names[..430], "{cap}");
        assert_eq!(first["total"], 450);
        let query = json!({ "cursor": first["next"], "limit": 100 });
        let rest = list(&mut world, query).await;
        assert_eq!((column(&rest, "users", "name"), &rest["next"]), (names[430..].to_vec(), &Value::Null));
        assert!(world.api().last().unwrap().query.starts_with("details.user.firstName=User&"));
    }
    let mut world = world_with(with(450)).await;
    let usual = list(&mut world, json!({})).await;
    assert_eq!((column(&usual, "users", "name").len(), usual["next"].is_string()), (100, true));
}

#[tokio::test]
async fn a_name_finds_the_one_active_user_without_regard_to_case() {
    let ines = User::named("Ines", "Moreau");
    let plain = User { alias: Some("imoreau".into()), email: None, ..User::named("Ida", "Mo Reau") };
    let mut world = world_with([ines.clone(), plain.clone(), User::named("Jo", "Weber")]).await;
    for (name, id) in [
        ("ines.moreau@example.com", &ines.id),
        ("INES.MOREAU@EXAMPLE.COM", &ines.id),
        (" Ines  Moreau ", &ines.id),
        ("ines moreau", &ines.id),
        ("Moreau", &ines.id),
        ("imoreau", &plain.id),
        ("Ida", &plain.id),
    ] {
        let user = world.call("users.user-find", json!({ "name-or-email": name })).await.unwrap();
        assert_eq!(user["id"], id.as_str(), "{name}");
    }
}

#[tokio::test]
async fn a_name_is_found_also_where_the_service_goes_by_case() {
    let ines = User::named("Ines", "Moreau");
    let plain = User { alias: Some("jdoe".into()), email: None, ..User::named("John", "Doe") };
    let mut world = world_with([ines.clone(), plain.clone()]).await;
    world.vendor().options().itm.users_by_case = true;
    for (name, id, asked) in [
        ("ines.moreau@example.com", &ines.id, vec!["alias=ines.moreau%40example.com"]),
        (
            "INES.Moreau@Example.com",
            &ines.id,
            vec!["alias=INES.Moreau%40Example.com", "alias=ines.moreau%40example.com"],
        ),
        (
            "JDoe",
            &plain.id,
            vec!["alias=JDoe", "details.user.lastName=JDoe", "details.user.firstName=JDoe", "alias=jdoe"],
        ),
    ] {
        let asked: Vec<String> =
            asked.into_iter().map(|filter| format!("{filter}&limit=200&offset=0")).collect();
        for (function, parameters, field) in [
            ("users.user-find", json!({ "name-or-email": name }), "id"),
            ("dry-run.ticket-assign-owner", json!({ "fqid": "f", "assignee": name }), "body"),
        ] {
            world.vendor().clear_requests();
            let answer = world.call(function, parameters).await.unwrap();
            assert!(answer[field].as_str().unwrap().contains(id.as_str()), "{function} {name}: {answer}");
            let queries: Vec<String> = world.api().into_iter().map(|call| call.request.query).collect();
            assert_eq!(queries, asked, "{function} {name}");
        }
    }
}

#[tokio::test]
async fn none_or_several_of_a_name_are_refused_with_the_candidates() {
    let users = [
        User::named("Jonas", "Weber"),
        User::named("Jonas", "Keller"),
        User::named("Jonas", "Holm").status("inactive"),
    ];
    let mut world = world_with(users.clone()).await;
    let (argument, mut allowed) =
        refused(world.call("users.user-find", json!({ "name-or-email": "jonas" })).await);
    allowed.sort();
    let expected = [&users[1], &users[0]]
        .map(|user| format!("{} <{}> id:{}", user.name(), user.alias.as_deref().unwrap(), user.id));
    assert_eq!((argument.as_str(), allowed), ("name-or-email", expected.to_vec()));
    for name in ["Jonas Holm", "jonas.holm@example.com", "nobody@example.com", "Nobody"] {
        let (argument, allowed) =
            refused(world.call("users.user-find", json!({ "name-or-email": name })).await);
        assert_eq!((argument.as_str(), allowed), ("name-or-email", vec![]), "{name}");
    }
}

#[tokio::test]
async fn a_part_of_a_name_or_address_finds_nobody() {
    let mut world = world_with([User::named("Ines", "Moreau")]).await;
    for name in ["ines.moreau@example.co", "Ine", "es Mor", "example.com"] {
        let answer = world.call("users.user-find", json!({ "name-or-email": name })).await;
        assert_eq!(case(&answer), "invalid-argument", "{name}");
    }
}

#[tokio::test]
async fn what_is_no_list_of_users_is_never_taken_for_one() {
    for kind in [
        FaultKind::Html,
        FaultKind::Empty(200),
        FaultKind::EmptyEnvelope,
        FaultKind::WrongJson("{}".into()),
        FaultKind::WrongJson("[]".into()),
        FaultKind::Truncate(30),
    ] {
        let mut world = world_with([User::named("Ines", "Moreau")]).await;
        world.vendor().fault(Fault::always(Matcher::place(Place::ItmUsers), kind.clone()));
        for (function, parameters) in [
            ("users.user-list", json!({ "query": {} })),
            ("users.user-find", json!({ "name-or-email": "Ines" })),
            ("tickets.ticket-assign-owner", json!({ "fqid": "f", "assignee": "Ines" })),
        ] {
            let answer = world.call(function, parameters).await;
            assert_eq!(case(&answer), "invalid-response", "{function} {kind:?}");
        }
        assert!(world.api().iter().all(|call| call.method == "GET"), "{kind:?}");
    }
}

#[tokio::test]
async fn a_malformed_user_is_passed_on_raw_and_never_assigned_to() {
    for kind in [MalformedKind::MissingId, MalformedKind::NotAnObject] {
        let broken = User { malformed: Some(kind), ..User::named("Ines", "Moreau") };
        let mut world = world_with([broken, User::named("Jo", "Weber")]).await;
        let page = list(&mut world, json!({})).await;
        assert_eq!(column(&page, "users", "id").len(), 2);
        assert_eq!(page["users"][0]["id"], "", "{kind:?}");
        assert!(page["users"][0]["raw-json"].is_string(), "{kind:?}");
        assert_eq!(page["warnings"].as_array().unwrap().len(), 1);
        let parameters = json!({ "fqid": "f", "assignee": "ines.moreau@example.com" });
        let answer = world.call("tickets.ticket-assign-owner", parameters).await;
        assert_eq!(case(&answer), "invalid-argument", "{kind:?}");
    }
}
