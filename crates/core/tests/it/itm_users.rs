//! Users: listing, finding, and whether the key may do so.

use crate::support::{World, always, once, texts};
use proofpoint_core::Error;
use proofpoint_core::health::Report;
use proofpoint_core::itm::users::{User, UserPage, UserQuery};
use proofpoint_simulator as sim;
use serde_json::{Value, json};
use sim::itm::User as Person;
use sim::{FaultKind, MalformedKind, NullStyle, Place};
use std::collections::BTreeSet;

fn list(world: &World, query: &UserQuery) -> Result<UserPage, Error> {
    world.itm(async |itm| itm.user_list(query).await)
}

fn find(world: &World, name: &str) -> Result<User, Error> {
    world.itm(async |itm| itm.user_find(name).await)
}

fn q() -> UserQuery {
    UserQuery::default()
}

fn some(text: &str) -> Option<String> {
    Some(text.into())
}

fn world_of(people: &[Person]) -> World {
    let world = World::without_quota();
    for person in people {
        world.vendor.borrow_mut().add_user(person.clone());
    }
    world
}

/// A world with so many users, all called after their number.
fn crowd(count: u32) -> World {
    let people: Vec<Person> = (0..count).map(|n| Person::named("User", &format!("Nr{n}"))).collect();
    world_of(&people)
}

/// The queries of the lists that were asked for.
fn queries(world: &World) -> Vec<String> {
    let path = |(method, path, body): (String, String, Value)| {
        assert_eq!((method.as_str(), body), ("GET", Value::Null));
        path.strip_prefix("/v2/apis/auth/users?").unwrap().to_owned()
    };
    world.sent().into_iter().map(path).collect()
}

/// A page of rows that the service might give as well.
fn rows(world: &World, rows: Value) {
    let page = json!({"data": rows, "_meta": {"stats": {"total": rows.as_array().unwrap().len()}}});
    always(world, Place::ItmUsers, FaultKind::WrongJson(page.to_string()));
}

#[test]
fn a_cursor_that_would_break_out_of_its_request_is_refused() {
    let world = World::without_quota();
    let seal = proofpoint_core::seal::Seal { kind: "itm-user-list", version: 2, argument: "cursor" };
    let place = (0_u32, 0_u32, Vec::<u64>::new());
    let cursor = |parameters: &str| seal.seal(&(0_u64, (parameters, Vec::<String>::new()), &place)).unwrap();
    for (parameters, good) in [("status=active&", true), ("\0", false), (" HTTP/1.1\r\nx: y", false)] {
        let query = UserQuery { cursor: Some(cursor(parameters)), ..UserQuery::default() };
        let page = world.itm(async |itm| itm.user_list(&query).await);
        let refused = matches!(&page, Err(Error::InvalidArgument { argument, .. }) if argument == "cursor");
        assert_eq!((page.is_ok(), refused), (good, !good), "{parameters:?}");
    }
    assert_eq!(world.api_calls(), 1);
}

#[test]
fn every_parameter_is_sent_under_the_name_that_the_service_knows() {
    for (query, expected) in [
        (q(), "limit=100&offset=0"),
        (UserQuery { alias: some("*@example.com"), ..q() }, "alias=%2A%40example.com&limit=100&offset=0"),
        (
            UserQuery { status: texts(&["active", "Error", "active"]), ..q() },
            "status=active%2Cerror&limit=100&offset=0",
        ),
        (UserQuery { assignments: some("a b"), ..q() }, "assignments=a%20b&limit=100&offset=0"),
        (
            UserQuery { include_inactive_policies: Some(true), ..q() },
            "includeInactivePolicies=true&limit=100&offset=0",
        ),
        (
            UserQuery { include_inactive_policies: Some(false), ..q() },
            "includeInactivePolicies=false&limit=100&offset=0",
        ),
        (UserQuery { first_name: some("In*"), ..q() }, "details.user.firstName=In%2A&limit=100&offset=0"),
        (
            UserQuery { last_name: some("Mo&x=y"), ..q() },
            "details.user.lastName=Mo%26x%3Dy&limit=100&offset=0",
        ),
        (UserQuery { includes: some("lastlogindate"), ..q() }, "includes=lastLoginDate&limit=100&offset=0"),
        (
            UserQuery { parent_statuses: texts(&["inactive", "deleted"]), ..q() },
            "parentStatuses=inactive%2Cdeleted&limit=100&offset=0",
        ),
        (
            UserQuery { alias: some(""), assignments: some(""), status: vec![], limit: Some(7), ..q() },
            "limit=7&offset=0",
        ),
        (
            UserQuery {
                alias: some("a"),
                status: texts(&["pending"]),
                assignments: some("b"),
                include_inactive_policies: Some(true),
                first_name: some("c"),
                last_name: some("d"),
                includes: some("relations.trusted"),
                parent_statuses: texts(&["active"]),
                limit: Some(300),
                ..q()
            },
            "alias=a&status=pending&assignments=b&includeInactivePolicies=true&details.user.firstName=c\
             &details.user.lastName=d&includes=relations.trusted&parentStatuses=active&limit=200&offset=0",
        ),
    ] {
        let world = world_of(&[]);
        list(&world, &query).unwrap();
        assert_eq!(queries(&world), [expected]);
    }
}

#[test]
fn a_parameter_finds_what_it_names() {
    let held = Person { assignments: texts(&["policy-1"]), ..Person::named("Ines", "Moreau") };
    let orphan = Person { parent_status: "deleted".into(), ..Person::named("Jonas", "Weber") };
    let world = world_of(&[held, orphan, Person::named("Lars", "Holm").status("inactive")]);
    for (query, expected) in [
        (q(), vec!["Ines", "Jonas"]),
        (UserQuery { status: texts(&["inactive"]), ..q() }, vec!["Lars"]),
        (UserQuery { status: texts(&["active", "inactive"]), ..q() }, vec!["Ines", "Jonas", "Lars"]),
        (UserQuery { alias: some("*weber@*"), ..q() }, vec!["Jonas"]),
        (UserQuery { assignments: some("policy-1"), ..q() }, vec!["Ines"]),
        (UserQuery { first_name: some("j*"), ..q() }, vec!["Jonas"]),
        (UserQuery { last_name: some("moreau"), ..q() }, vec!["Ines"]),
        (UserQuery { parent_statuses: texts(&["deleted"]), ..q() }, vec!["Jonas"]),
    ] {
        let page = list(&world, &query).unwrap();
        let names: Vec<&str> = page.users.iter().map(|user| user.first_name.as_deref().unwrap()).collect();
        assert_eq!((names, page.total as usize), (expected.clone(), expected.len()), "{query:?}");
    }
}

#[test]
fn every_field_of_a_user_is_read_in_either_style_of_nulls() {
    for null_style in [NullStyle::Omit, NullStyle::Explicit] {
        let bare = Person {
            id: "bare".into(),
            alias: None,
            kind: None,
            first_name: None,
            last_name: None,
            email: None,
            ..Person::named("x", "y")
        };
        let world = world_of(&[Person::named("Ines", "Moreau"), bare]);
        world.vendor.borrow_mut().options().itm.null_style = null_style;
        let users = list(&world, &q()).unwrap().users;
        let expected = User {
            id: world.vendor.borrow().users()[0].id.clone(),
            alias: some("ines.moreau@example.com"),
            email: some("ines.moreau@example.com"),
            first_name: some("Ines"),
            last_name: some("Moreau"),
            name: some("Ines Moreau"),
            status: some("active"),
            kind: some("it:auth:user"),
            raw_json: None,
        };
        let nothing = User { id: "bare".into(), status: some("active"), ..User::default() };
        assert_eq!(users, [expected, nothing], "{null_style:?}");
    }
}

#[test]
fn a_user_of_another_shape_is_read_as_far_as_it_can_be() {
    let world = world_of(&[]);
    rows(
        &world,
        json!([
            {"id": 7, "alias": "jdoe", "firstName": "J", "email": "j@x", "name": "J. Doe", "status": null},
            {"id": "a", "alias": "a@x", "details": {"user": {"displayName": "Shown", "lastName": "Last"}}},
            {"id": "b", "details": null, "displayName": "B"},
        ]),
    );
    let users = list(&world, &q()).unwrap().users;
    let told: Vec<[Option<&str>; 4]> = users
        .iter()
        .map(|user| {
            [Some(user.id.as_str()), user.email.as_deref(), user.name.as_deref(), user.last_name.as_deref()]
        })
        .collect();
    assert_eq!(
        told,
        [
            [Some("7"), Some("j@x"), Some("J. Doe"), None],
            [Some("a"), Some("a@x"), Some("Shown"), Some("Last")],
            [Some("b"), None, Some("B"), None],
        ]
    );
}

#[test]
fn what_is_included_stands_in_the_services_own_json() {
    let world =
        world_of(&[Person { policies: vec![("p".into(), false)], ..Person::named("Ines", "Moreau") }]);
    let query = UserQuery {
        includes: some("policy-assignments"),
        include_inactive_policies: Some(true),
        include_raw: true,
        ..q()
    };
    let user = list(&world, &query).unwrap().users.remove(0);
    let raw: Value = serde_json::from_str(user.raw_json.as_deref().unwrap()).unwrap();
    assert_eq!(raw["policyAssignments"], json!([{"id": "p", "active": false}]));
    assert!(list(&world, &q()).unwrap().users[0].raw_json.is_none());
}

#[test]
fn a_list_is_paged_to_its_limit_whatever_the_service_gives_at_once() {
    for (page_cap, limit, expected, asked) in [
        (1000, None, 100, vec!["limit=100&offset=0"]),
        (1000, Some(201), 201, vec!["limit=200&offset=0", "limit=1&offset=200"]),
        (150, Some(230), 230, vec!["limit=200&offset=0", "limit=80&offset=150"]),
        (1000, Some(1000), 250, vec!["limit=200&offset=0", "limit=200&offset=200"]),
    ] {
        let world = crowd(250);
        world.vendor.borrow_mut().options().itm.page_cap = page_cap;
        let page = list(&world, &UserQuery { limit, ..q() }).unwrap();
        let distinct: BTreeSet<&str> = page.users.iter().map(|user| user.id.as_str()).collect();
        assert_eq!((page.users.len(), distinct.len(), page.total), (expected, expected, 250));
        assert_eq!((queries(&world), page.next.is_some()), (texts(&asked), expected < 250));
    }
}

#[test]
fn a_cursor_carries_the_query_and_refuses_another_one() {
    let world = crowd(25);
    let query = UserQuery { alias: some("user*"), limit: Some(10), ..q() };
    let first = list(&world, &query).unwrap();
    let alone = UserQuery { cursor: first.next.clone(), limit: Some(100), ..q() };
    let rest = list(&world, &alone).unwrap();
    assert_eq!((rest.users.len(), rest.next), (15, None));
    assert_eq!(queries(&world)[1], "alias=user%2A&limit=100&offset=10");
    let same = UserQuery { cursor: first.next, ..query };
    assert_eq!(list(&world, &same).unwrap().users.len(), 10);
    let calls = world.api_calls();
    let with = |change: fn(&mut UserQuery)| {
        let mut query = same.clone();
        change(&mut query);
        query
    };
    for query in [
        with(|q| q.alias = some("other")),
        with(|q| q.status = texts(&["active"])),
        with(|q| q.assignments = some("a")),
        with(|q| q.include_inactive_policies = Some(false)),
        with(|q| q.first_name = some("a")),
        with(|q| q.last_name = some("a")),
        with(|q| q.includes = some("logs")),
        with(|q| q.parent_statuses = texts(&["active"])),
        with(|q| q.cursor = some("garbage")),
    ] {
        match list(&world, &query) {
            Err(Error::InvalidArgument { argument, .. }) => assert_eq!(argument, "cursor"),
            other => panic!("{query:?}: {other:?}"),
        }
    }
    assert_eq!(world.api_calls(), calls);
}

#[test]
fn wrong_arguments_are_named_and_nothing_is_sent() {
    let world = crowd(1);
    for (named, query) in [
        ("limit", UserQuery { limit: Some(0), ..q() }),
        ("status", UserQuery { status: texts(&["awake"]), ..q() }),
        ("status", UserQuery { status: texts(&["active,inactive"]), ..q() }),
        ("includes", UserQuery { includes: some("relations,logs"), ..q() }),
        ("parent-statuses", UserQuery { parent_statuses: texts(&["error"]), ..q() }),
    ] {
        match list(&world, &query) {
            Err(Error::InvalidArgument { argument, allowed, .. }) => {
                assert_eq!((argument.as_str(), allowed.is_empty()), (named, named == "limit"));
            }
            other => panic!("{named}: {other:?}"),
        }
    }
    for name in ["", "  ", "*", "Ines*", "*@example.com"] {
        let error = find(&world, name).unwrap_err();
        assert!(
            matches!(error, Error::InvalidArgument { argument, .. } if argument == "name-or-email"),
            "{name}"
        );
    }
    assert!(world.vendor.borrow().requests().is_empty());
}

#[test]
fn a_malformed_user_is_passed_on_with_a_warning_and_stops_no_other() {
    for (kind, warned) in [
        (MalformedKind::MissingId, true),
        (MalformedKind::NotAnObject, true),
        (MalformedKind::WrongTypes, false),
    ] {
        let world = crowd(3);
        once(&world, Place::ItmUsers, FaultKind::MalformedRow { kind, row: 1 });
        let page = list(&world, &q()).unwrap();
        assert_eq!((page.users.len(), page.warnings.len()), (3, usize::from(warned)), "{kind:?}");
        assert_eq!(
            (page.users[1].id.is_empty(), page.users[1].raw_json.is_some()),
            (warned, warned),
            "{kind:?}"
        );
        assert_eq!(page.users[2].first_name.as_deref(), Some("User"));
    }
}

#[test]
fn a_user_is_found_by_address_and_by_every_form_of_the_name() {
    let world = world_of(&[
        Person::named("Ines", "Moreau"),
        Person::named("Ana Maria", "Lopez"),
        Person { alias: some("jdoe"), ..Person::named("John", "Doe") },
        Person::named("Lars", "Holm").status("inactive"),
    ]);
    for (name, found, calls) in [
        ("ines.moreau@example.com", "Ines", 1),
        ("INES.Moreau@example.com", "Ines", 1),
        (" Ines Moreau ", "Ines", 1),
        ("ines   moreau", "Ines", 1),
        ("Ana Maria Lopez", "Ana Maria", 1),
        ("jdoe", "John", 1),
        ("Moreau", "Ines", 3),
        ("ines", "Ines", 3),
    ] {
        world.vendor.borrow_mut().clear_requests();
        assert_eq!(find(&world, name).unwrap().first_name.as_deref(), Some(found), "{name}");
        assert_eq!(world.api_calls(), calls, "{name}");
    }
    for nobody in ["lars.holm@example.com", "Lars Holm", "Holm", "In", "Ines Doe", "nobody@example.com"] {
        match find(&world, nobody) {
            Err(Error::InvalidArgument { argument, message, allowed }) => {
                assert_eq!((argument.as_str(), allowed.len()), ("name-or-email", 0), "{nobody}");
                assert!(message.contains(nobody) && message.contains("user-list"), "{message}");
            }
            other => panic!("{nobody}: {other:?}"),
        }
    }
}

#[test]
fn a_user_is_found_whichever_words_of_the_name_are_the_last() {
    let world = world_of(&[
        Person::named("Ludwig", "van Beethoven"),
        Person::named("Ludwig", "Beethoven"),
        Person::named("Maria Anna", "de la Cruz"),
        Person::named("Ludwig Otto", "von Beethoven"),
    ]);
    for (name, found) in [
        ("Ludwig van Beethoven", "ludwig.van beethoven@example.com"),
        ("ludwig  VAN beethoven", "ludwig.van beethoven@example.com"),
        ("Ludwig Beethoven", "ludwig.beethoven@example.com"),
        ("Maria Anna de la Cruz", "maria anna.de la cruz@example.com"),
    ] {
        world.vendor.borrow_mut().clear_requests();
        assert_eq!(find(&world, name).unwrap().email.as_deref(), Some(found), "{name}");
        assert_eq!(world.api_calls(), 1, "{name}");
    }
    match find(&world, "Ludwig der Beethoven") {
        Err(Error::InvalidArgument { allowed, .. }) => assert_eq!(allowed.len(), 3, "{allowed:?}"),
        other => panic!("{other:?}"),
    }
    // Two may be called the same, though their names part at different words.
    world
        .vendor
        .borrow_mut()
        .add_user(Person { id: "other".into(), ..Person::named("Ludwig van", "Beethoven") });
    match find(&world, "Ludwig van Beethoven") {
        Err(Error::InvalidArgument { message, allowed, .. }) => {
            assert!(message.contains("several") && allowed.len() == 2, "{message}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_address_is_found_without_regard_to_case_also_where_the_service_goes_by_it() {
    let world = world_of(&[Person::named("Ines", "Moreau"), Person::named("Jonas", "Weber")]);
    world.vendor.borrow_mut().options().itm.users_by_case = true;
    for (address, calls) in [("ines.moreau@example.com", 1), ("INES.MOREAU@EXAMPLE.COM", 2)] {
        world.vendor.borrow_mut().clear_requests();
        assert_eq!(find(&world, address).unwrap().first_name.as_deref(), Some("Ines"), "{address}");
        assert_eq!(world.api_calls(), calls, "{address}");
    }
    let world = world_of(&[Person { alias: some("jdoe"), ..Person::named("John", "Doe") }]);
    world.vendor.borrow_mut().options().itm.users_by_case = true;
    assert_eq!(find(&world, "JDoe").unwrap().first_name.as_deref(), Some("John"));
}

#[test]
fn an_address_that_is_nobodys_user_name_is_looked_for_among_the_first_users() {
    let jdoe = Person { alias: some("jdoe"), ..Person::named("John", "Doe") };
    let gone = Person { alias: some("gone"), ..Person::named("Lars", "Holm").status("inactive") };
    let world = world_of(&[Person::named("Ines", "Moreau"), gone, jdoe]);
    for n in 0..300 {
        world.vendor.borrow_mut().add_user(Person::named("User", &format!("Nr{n}")));
    }
    assert_eq!(find(&world, "John.Doe@example.com").unwrap().alias.as_deref(), Some("jdoe"));
    assert_eq!(queries(&world).last().unwrap(), "limit=200&offset=0");
    match find(&world, "lars.holm@example.com") {
        Err(Error::InvalidArgument { message, allowed, .. }) => {
            assert!(message.contains("no active user") && allowed.is_empty(), "{allowed:?}");
        }
        other => panic!("{other:?}"),
    }
    let person =
        |id: &str| json!({"id": id, "alias": id, "details": {"user": {"email": "shared@example.com"}}});
    rows(&world, json!([person("a"), person("b")]));
    match find(&world, "shared@example.com") {
        Err(Error::InvalidArgument { message, allowed, .. }) => {
            assert!(message.contains("several") && allowed.len() == 2, "{message}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn users_who_do_not_match_the_filter_are_an_error() {
    let user = json!({"id": "u-1", "alias": "ines.moreau@example.com", "status": "Inactive",
        "details": {"user": {"firstName": "Ines", "lastName": "Moreau"}}});
    for (query, named) in [
        (UserQuery { status: texts(&["active", "pending"]), ..q() }, Some("status")),
        (UserQuery { status: texts(&["active", "inactive"]), ..q() }, None),
        (UserQuery { alias: some("*@example.net"), ..q() }, Some("alias")),
        (UserQuery { alias: some("INES*@Example.com"), ..q() }, None),
        (UserQuery { alias: some("*moreau*"), ..q() }, None),
        (UserQuery { alias: some("ines"), ..q() }, Some("alias")),
        (UserQuery { first_name: some("I*s"), ..q() }, None),
        (UserQuery { first_name: some("*x*"), ..q() }, Some("first-name")),
        (UserQuery { last_name: some("moreau"), ..q() }, None),
        (UserQuery { last_name: some("Mor"), ..q() }, Some("last-name")),
        (UserQuery { last_name: some("*"), ..q() }, None),
        (UserQuery { last_name: some(""), ..q() }, None),
        (q(), None),
    ] {
        let world = world_of(&[]);
        rows(&world, json!([user]));
        match (list(&world, &query), named) {
            (Ok(page), None) => assert_eq!(page.users.len(), 1),
            (Err(Error::InvalidResponse(message)), Some(named)) => {
                assert!(message.contains(&format!("`{named}`")) && message.contains("u-1"), "{message}");
            }
            other => panic!("{query:?}: {other:?}"),
        }
        // What a row does not tell proves nothing.
        let world = world_of(&[]);
        rows(&world, json!([{"id": "u-1"}, "text"]));
        assert_eq!(list(&world, &query).unwrap().users.len(), 2, "{query:?}");
    }
}

#[test]
fn a_filter_holds_on_every_page_of_a_cursor() {
    let world = crowd(30);
    let first = list(&world, &UserQuery { last_name: some("Nr*"), limit: Some(10), ..q() }).unwrap();
    let page = json!({"data": [{"id": "u-1", "details": {"user": {"lastName": "Other"}}}],
        "_meta": {"stats": {"total": 30}}});
    always(&world, Place::ItmUsers, FaultKind::WrongJson(page.to_string()));
    let next = UserQuery { cursor: first.next, limit: Some(1), ..q() };
    assert!(matches!(list(&world, &next), Err(Error::InvalidResponse(_))));
}

#[test]
fn several_users_of_a_name_are_listed_and_none_is_chosen() {
    let twin =
        Person { id: "twin".into(), email: None, alias: some("jw2"), ..Person::named("Jonas", "Weber") };
    let named_jonas = Person::named("Peter", "Jonas");
    let world =
        world_of(&[Person::named("Jonas", "Weber"), twin, Person::named("Jonas", "Keller"), named_jonas]);
    for (name, expected) in [
        ("Jonas Weber", vec!["Jonas Weber <jonas.weber@example.com> id:", "Jonas Weber <jw2> id:twin"]),
        ("Weber", vec!["Jonas Weber <jonas.weber@example.com> id:", "Jonas Weber <jw2> id:twin"]),
        // One is so called by the last name, others by the first.
        (
            "Jonas",
            vec![
                "Peter Jonas <peter.jonas@example.com> id:",
                "Jonas Weber <jonas.weber@example.com> id:",
                "Jonas Weber <jw2> id:twin",
                "Jonas Keller <jonas.keller@example.com> id:",
            ],
        ),
    ] {
        match find(&world, name) {
            Err(Error::InvalidArgument { message, allowed, .. }) => {
                assert!(message.contains("several"), "{message}");
                assert_eq!(allowed.len(), expected.len(), "{allowed:?}");
                assert!(allowed.iter().zip(&expected).all(|(told, it)| told.starts_with(it)), "{allowed:?}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn a_user_whose_first_and_last_name_are_the_same_is_one() {
    let world = world_of(&[Person::named("Jonas", "Jonas")]);
    assert_eq!(find(&world, "Jonas").unwrap().last_name.as_deref(), Some("Jonas"));
}

#[test]
fn only_an_active_user_with_an_id_is_found_whatever_the_service_lists() {
    let ines = |id: Value, status: Value| json!({"id": id, "status": status, "details": {"user": {"firstName": "Ines", "lastName": "Moreau"}}});
    for (people, found) in [
        (json!([ines(json!("a"), json!("inactive"))]), None),
        (json!([ines(json!("a"), json!("deleted")), ines(json!("b"), json!("Active"))]), some("b")),
        (json!([ines(json!("a"), Value::Null)]), some("a")),
        (json!([ines(Value::Null, json!("active"))]), None),
        (json!([{"id": "a", "status": "active", "alias": "someone else"}]), None),
    ] {
        let world = world_of(&[]);
        rows(&world, people.clone());
        match find(&world, "Ines Moreau") {
            Ok(user) => assert_eq!(Some(user.id), found, "{people}"),
            Err(error) => {
                assert!(found.is_none() && error.message().contains("no active user"), "{people}: {error:?}");
            }
        }
    }
}

#[test]
fn a_name_that_more_bear_than_are_looked_through_is_not_taken_for_one() {
    let mut people: Vec<Person> = (0..250).map(|n| Person::named(&format!("Given{n}"), "Smith")).collect();
    people.push(Person::named("Smith", "Given"));
    let world = world_of(&people);
    match find(&world, "Smith") {
        Err(Error::InvalidArgument { message, allowed, .. }) => {
            assert!(message.contains("several") && allowed.len() == 20, "{message}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_failure_on_the_way_is_not_taken_for_nobody() {
    let world = world_of(&[Person::named("Ines", "Moreau")]);
    always(&world, Place::ItmUsers, FaultKind::Status(503));
    assert!(matches!(find(&world, "Ines"), Err(Error::Unavailable(_))));
}

fn check(world: &World) -> Result<Vec<Report>, Error> {
    world.itm(async |itm| itm.test_connectivity().await)
}

#[test]
fn connectivity_is_told_for_the_token_the_activity_and_the_users() {
    let world = crowd(3);
    world.skew_ms.set(-90_000);
    let reports = check(&world).unwrap();
    let told: Vec<_> = reports
        .iter()
        .map(|report| (report.product.as_str(), report.module, report.problem.is_none()))
        .collect();
    assert_eq!(told, [("itm", "token", true), ("itm", "activity", true), ("itm", "users", true)]);
    assert!(reports.iter().all(|report| report.clock_skew_ms == Some(90_000) && report.latency.is_some()));
    let sent: Vec<String> =
        world.sent().into_iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    assert_eq!(
        sent,
        [
            "POST /v2/apis/activity/event-queries?entityTypes=event&offset=0&limit=1&trackTotalHits=true",
            "GET /v2/apis/auth/users?limit=1",
        ]
    );
    // Each check asks for a token anew: the kept one proves nothing.
    check(&world).unwrap();
    assert_eq!(world.token_calls(), 2);
}

#[test]
fn a_module_that_was_not_granted_fails_its_check_and_no_other() {
    for (activity, users) in [(false, true), (true, false), (false, false)] {
        let world = crowd(3);
        world.vendor.borrow_mut().options().itm.entitled_activity = activity;
        world.vendor.borrow_mut().options().itm.entitled_users = users;
        let reports = check(&world).unwrap();
        let good: Vec<bool> = reports.iter().map(|report| report.problem.is_none()).collect();
        assert_eq!(good, [true, activity, users]);
        let problems = reports.iter().filter_map(|report| report.problem.as_ref());
        assert!(problems.clone().all(|problem| matches!(problem, Error::Forbidden(_))), "{reports:?}");
    }
}

#[test]
fn a_check_without_a_good_token_ends_there() {
    let world = crowd(3);
    world.set("itm_client_secret", "wrong");
    let reports = check(&world).unwrap();
    assert!(reports.len() == 1 && matches!(reports[0].problem, Some(Error::Unauthorized(_))), "{reports:?}");
    assert!(!reports[0].message.contains("wrong"));
    assert_eq!(world.api_calls(), 0);
}

#[test]
fn a_login_page_or_an_error_inside_a_200_fails_the_check() {
    for kind in [
        FaultKind::Html,
        crate::support::inside_200(500),
        crate::support::inside_200(403),
        FaultKind::Empty(200),
    ] {
        let world = crowd(3);
        always(&world, Place::Api, kind.clone());
        let reports = check(&world).unwrap();
        let good: Vec<bool> = reports.iter().map(|report| report.problem.is_none()).collect();
        assert_eq!(good, [true, false, false], "{kind:?}");
    }
}

#[test]
fn the_check_finds_what_a_fetch_would_stumble_over() {
    for (key, value) in
        [("itm_first_fetch", "soon"), ("itm_max_fetch", "0"), ("itm_fetch_delta_minutes", "x")]
    {
        let world = crowd(1);
        world.set(key, value);
        let checked = check(&world);
        assert!(matches!(checked, Err(Error::Configuration { key: named, .. }) if named == key));
    }
}
