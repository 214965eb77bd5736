//! Insider Threat Management on the wire: tokens, the status inside an answer, URLs, the budget.

use crate::support::{World, ago, always, inside_200, minutes, once};
use proofpoint_core::Error;
use proofpoint_core::itm::annotations::StatusChange;
use proofpoint_core::itm::search::TicketQuery;
use proofpoint_core::itm::users::UserQuery;
use proofpoint_simulator as sim;
use serde_json::{Value, json};
use sim::itm::{RefreshTokens, StatusStyle, WorkflowStatus};
use sim::{Cut, FaultKind, Place};
use std::time::Duration;

/// A world with one ticket, and its fqid.
fn world_of_one() -> (World, String) {
    let world = World::without_quota();
    let fqid = world.add_ticket(sim::Ticket::full(1, ago(&world, minutes(60))));
    (world, fqid)
}

fn search(world: &World) -> Result<usize, Error> {
    world.itm(async |itm| Ok(itm.ticket_search(&TicketQuery::default()).await?.tickets.len()))
}

fn get(world: &World, fqid: &str) -> Result<String, Error> {
    world.itm(async |itm| Ok(itm.ticket_get(fqid, &[]).await?.fqid))
}

fn comment(world: &World, fqid: &str) -> Result<(), Error> {
    world.itm(async |itm| itm.ticket_add_comment(fqid, "t", None).await.map(drop))
}

fn users(world: &World) -> Result<usize, Error> {
    world.itm(async |itm| Ok(itm.user_list(&UserQuery::default()).await?.users.len()))
}

fn field<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// The grants that tokens were asked for with.
fn grants(world: &World) -> Vec<String> {
    world.token_forms().iter().map(|form| field(form, "grant_type").unwrap().to_owned()).collect()
}

/// Lets the token that is kept expire, which lives for almost a day.
fn expire(world: &World) {
    world.advance(Duration::from_secs(86_400));
}

#[test]
fn the_token_request_is_a_form_with_the_scope() {
    let (world, _) = world_of_one();
    search(&world).unwrap();
    let vendor = world.vendor.borrow();
    let request = &vendor.requests()[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/v2/apis/auth/oauth/token"));
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!((request.header("authorization"), request.query.as_str()), (None, ""));
    let expected = [
        ("grant_type", "client_credentials"),
        ("client_id", "simulator-itm-client"),
        ("client_secret", "simulator-itm-secret"),
        ("scope", "*"),
    ];
    assert_eq!(request.form(), expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
}

#[test]
fn credentials_with_signs_of_their_own_arrive_as_they_are() {
    let (world, _) = world_of_one();
    let secret = "a+b&c=d e%2A/ü";
    world.vendor.borrow_mut().options().itm.client_secret = secret.into();
    world.set("itm_client_secret", secret);
    assert_eq!(search(&world).unwrap(), 1);
}

#[test]
fn a_token_serves_all_its_life_and_its_refresh_token_mints_the_next() {
    let (world, _) = world_of_one();
    search(&world).unwrap();
    world.advance(Duration::from_secs(86_338));
    search(&world).unwrap();
    assert_eq!(world.token_calls(), 1);
    world.advance(Duration::from_secs(1));
    search(&world).unwrap();
    expire(&world);
    search(&world).unwrap();
    let forms = world.token_forms();
    assert_eq!(grants(&world), ["client_credentials", "refresh_token", "refresh_token"]);
    for form in &forms[1..] {
        let keys: Vec<&str> = form.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["grant_type", "client_id", "refresh_token"], "the secret stays at home");
    }
    assert_ne!(
        field(&forms[1], "refresh_token"),
        field(&forms[2], "refresh_token"),
        "each brought a new one"
    );
    assert!(world.vendor.borrow().requests().iter().all(|request| request.status == 200));
}

#[test]
fn a_token_of_an_hour_serves_until_a_minute_before_its_end() {
    let (world, _) = world_of_one();
    world.vendor.borrow_mut().options().itm.token_life_seconds = 3600;
    search(&world).unwrap();
    world.advance(Duration::from_secs(3539));
    search(&world).unwrap();
    assert_eq!(grants(&world), ["client_credentials"]);
    world.advance(Duration::from_secs(1));
    search(&world).unwrap();
    assert_eq!(grants(&world), ["client_credentials", "refresh_token"]);
    assert!(world.vendor.borrow().requests().iter().all(|request| request.status == 200));
}

#[test]
fn a_refresh_token_is_kept_where_a_refresh_brings_no_other() {
    let (world, _) = world_of_one();
    world.vendor.borrow_mut().options().itm.refresh_tokens = RefreshTokens::OmittedOnRefresh;
    for _ in 0..3 {
        search(&world).unwrap();
        expire(&world);
    }
    assert_eq!(grants(&world), ["client_credentials", "refresh_token", "refresh_token"]);
    let forms = world.token_forms();
    assert_eq!(field(&forms[1], "refresh_token"), field(&forms[2], "refresh_token"));
}

#[test]
fn without_a_refresh_token_the_credentials_mint_the_next() {
    let (world, _) = world_of_one();
    world.vendor.borrow_mut().options().itm.refresh_tokens = RefreshTokens::Never;
    for _ in 0..2 {
        search(&world).unwrap();
        expire(&world);
    }
    assert_eq!(grants(&world), ["client_credentials", "client_credentials"]);
}

#[test]
fn a_refresh_that_fails_falls_back_to_the_credentials_in_the_same_call() {
    for kind in [
        FaultKind::Status(400),
        FaultKind::Status(401),
        FaultKind::Status(429),
        FaultKind::Status(503),
        FaultKind::Html,
        FaultKind::Empty(200),
        FaultKind::WrongJson("{}".into()),
        FaultKind::Drop(Cut::BeforeReply),
        FaultKind::Delay(minutes(2)),
        inside_200(401),
        inside_200(500),
    ] {
        let (world, _) = world_of_one();
        search(&world).unwrap();
        expire(&world);
        once(&world, Place::ItmToken, kind.clone());
        search(&world).unwrap();
        search(&world).unwrap();
        assert_eq!(grants(&world), ["client_credentials", "refresh_token", "client_credentials"], "{kind:?}");
        assert_eq!(world.api_calls(), 3, "{kind:?}");
    }
}

#[test]
fn a_refused_refresh_token_is_not_tried_again() {
    let (world, _) = world_of_one();
    world.vendor.borrow_mut().options().itm.refresh_tokens = RefreshTokens::Refused;
    for _ in 0..2 {
        search(&world).unwrap();
        expire(&world);
    }
    world.vendor.borrow_mut().options().itm.refresh_tokens = RefreshTokens::Never;
    search(&world).unwrap();
    let expected =
        ["client_credentials", "refresh_token", "client_credentials", "refresh_token", "client_credentials"];
    assert_eq!(grants(&world), expected);
    expire(&world);
    search(&world).unwrap();
    assert_eq!(grants(&world).last().unwrap(), "client_credentials", "the last answer brought none");
    assert_eq!(world.token_calls(), 6);
}

#[test]
fn a_401_is_answered_with_a_token_from_the_credentials_and_one_repeat() {
    for inside in [false, true] {
        let (world, fqid) = world_of_one();
        search(&world).unwrap();
        if inside {
            once(&world, Place::Api, inside_200(401));
        } else {
            world.vendor.borrow_mut().revoke_itm_tokens();
        }
        comment(&world, &fqid).unwrap();
        assert_eq!(grants(&world), ["client_credentials", "client_credentials"], "{inside}");
        assert_eq!(world.api_calls(), 3, "{inside}");
        assert_eq!(world.vendor.borrow().ticket(&fqid).unwrap().comments.len(), 2, "{inside}");
    }
}

#[test]
fn a_401_that_stays_is_unauthorized_after_two_calls() {
    for kind in [FaultKind::Status(401), inside_200(401)] {
        let (world, _) = world_of_one();
        always(&world, Place::Api, kind.clone());
        assert!(matches!(search(&world), Err(Error::Unauthorized(_))), "{kind:?}");
        assert_eq!((world.token_calls(), world.api_calls()), (2, 2), "{kind:?}");
    }
}

#[test]
fn a_token_is_bound_to_the_credentials_and_the_tenant_and_lost_with_the_process() {
    let (world, _) = world_of_one();
    let changes: [&dyn Fn(); 4] = [
        &|| (),
        &|| world.set("itm_base_url", "https://other.test"),
        &|| {
            world.set("itm_client_id", "another");
            world.vendor.borrow_mut().options().itm.client_id = "another".into();
        },
        &|| world.restart(),
    ];
    for (n, change) in changes.iter().enumerate() {
        change();
        expire(&world);
        search(&world).unwrap();
        search(&world).unwrap();
        assert_eq!(world.token_calls(), n + 1);
    }
    assert!(grants(&world).iter().all(|grant| grant == "client_credentials"), "{:?}", grants(&world));
}

#[test]
fn the_products_share_neither_a_token_nor_a_budget() {
    let (world, _) = world_of_one();
    world.set("ctr_calls_per_minute", 1);
    world.set("itm_calls_per_minute", 1);
    let count = || world.call(async |ctr| ctr.incident_count(&Default::default()).await);
    assert!(count().is_ok() && search(&world).is_ok());
    for error in [count().unwrap_err(), search(&world).unwrap_err()] {
        assert!(matches!(error, Error::RateLimited { .. }), "{error:?}");
    }
    assert_eq!((world.token_calls(), world.api_calls()), (2, 2));
    assert!(search(&world).unwrap_err().message().contains("itm_calls_per_minute"));
}

#[test]
fn a_429_is_rate_limited_wherever_it_stands() {
    for (kind, seconds) in
        [(FaultKind::Status(429), 60), (FaultKind::RetryAfter(429, "7".into()), 7), (inside_200(429), 60)]
    {
        let (world, fqid) = world_of_one();
        always(&world, Place::Api, kind.clone());
        for error in [search(&world).unwrap_err(), comment(&world, &fqid).unwrap_err()] {
            match error {
                Error::RateLimited { retry_after, .. } => assert_eq!(retry_after.as_secs(), seconds),
                other => panic!("{kind:?}: {other:?}"),
            }
        }
        assert_eq!(world.api_calls(), 2, "{kind:?}");
    }
}

/// An error as the contract calls it.
fn case(error: &Error) -> &'static str {
    match error {
        Error::Unauthorized(_) => "unauthorized",
        Error::Forbidden(_) => "forbidden",
        Error::NotFound(_) => "not-found",
        Error::RateLimited { .. } => "rate-limited",
        Error::Unavailable(_) => "unavailable",
        Error::OutcomeUnknown(_) => "outcome-unknown",
        Error::Rejected { .. } => "rejected",
        Error::InvalidResponse(_) => "invalid-response",
        _ => "other",
    }
}

#[test]
fn an_error_inside_a_200_is_the_error_it_tells_of() {
    for (status, of_a_get, of_a_search, of_a_write) in [
        (400, "not-found", "rejected", "rejected"),
        (403, "forbidden", "forbidden", "forbidden"),
        (404, "not-found", "not-found", "not-found"),
        (409, "rejected", "rejected", "rejected"),
        (429, "rate-limited", "rate-limited", "rate-limited"),
        (500, "unavailable", "unavailable", "outcome-unknown"),
        (503, "unavailable", "unavailable", "outcome-unknown"),
    ] {
        let (world, fqid) = world_of_one();
        for place in [Place::ItmEvent, Place::ItmSearch, Place::ItmWrite] {
            always(&world, place, inside_200(status));
        }
        assert_eq!(case(&get(&world, &fqid).unwrap_err()), of_a_get, "{status}");
        assert_eq!(case(&search(&world).unwrap_err()), of_a_search, "{status}");
        let error = comment(&world, &fqid).unwrap_err();
        assert_eq!(case(&error), of_a_write, "{status}");
        let writes = world.sent().iter().filter(|(_, path, _)| path.ends_with("/comments")).count();
        assert_eq!(writes, 1, "{status}");
    }
}

#[test]
fn a_refusal_carries_the_status_the_code_and_the_words_of_the_envelope() {
    let (world, fqid) = world_of_one();
    let expected = (409, Some("it:error:some-error"), "Something is wrong");
    for http in [409, 200] {
        let body = json!({"_status": {
            "status": 409, "code": "it:error:some-error", "message": "Something is wrong",
            "params": {"details": [{"message": "twice"}, {"other": 1}, {"message": "late"}]},
        }});
        once(
            &world,
            Place::ItmWrite,
            FaultKind::StatusBody(http, "application/json".into(), body.to_string()),
        );
        match comment(&world, &fqid) {
            Err(Error::Rejected { status, code, message }) => {
                assert_eq!((status, code.as_deref()), (expected.0, expected.1));
                assert_eq!(message, format!("{}; twice; late", expected.2));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_refusal_with_its_message_at_the_top_is_told_in_its_words() {
    let (world, fqid) = world_of_one();
    let body = r#"{"message":"no"}"#.to_owned();
    always(&world, Place::ItmWrite, FaultKind::StatusBody(409, "application/json".into(), body));
    match comment(&world, &fqid) {
        Err(Error::Rejected { status: 409, code: None, message }) => assert_eq!(message, "no"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_tells_of_no_success_inside_a_200_is_none() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for status in [
        r#"{"status":302}"#.to_owned(),
        r#"{"status":399,"code":"it:error:none"}"#.into(),
        r#"{"status":"302"}"#.into(),
        r#"{"status":600}"#.into(),
        r#"{"status":199}"#.into(),
        r#"{"status":70000}"#.into(),
        r#"{"status":-1}"#.into(),
        r#"{"status":"failed"}"#.into(),
        r#"{"code":"it:error:some-error"}"#.into(),
        r#"{"status":null,"code":"it:error:some-error","message":"no"}"#.into(),
        format!(r#"{{"status":{deep}}}"#),
        format!(r#"{{"status":500,"params":{deep}}}"#),
        "[]".into(),
        "\"it:error:some-error\"".into(),
    ] {
        let (world, fqid) = world_of_one();
        let body = format!(r#"{{"_status":{status},"fqid":"f","event":{{}},"data":[]}}"#);
        always(&world, Place::Api, FaultKind::StatusBody(200, "application/json".into(), body));
        for error in
            [get(&world, &fqid).unwrap_err(), search(&world).unwrap_err(), users(&world).unwrap_err()]
        {
            assert!(matches!(error, Error::InvalidResponse(_)), "{status}: {error:?}");
        }
        let error = comment(&world, &fqid).unwrap_err();
        assert!(matches!(error, Error::OutcomeUnknown(_)), "{status}: {error:?}");
        assert_eq!(world.api_calls(), 4, "{status}: nothing is asked twice");
    }
}

#[test]
fn what_tells_of_nothing_wrong_inside_a_200_is_a_success() {
    for status in [
        "null",
        "{}",
        r#"{"code":"it:error:none"}"#,
        r#"{"code":""}"#,
        r#"{"status":null,"code":null}"#,
        r#"{"status":200,"code":"it:error:none"}"#,
        r#"{"status":"201"}"#,
        r#"{"status":204,"message":"half an emoji \ud83d"}"#,
    ] {
        let (world, fqid) = world_of_one();
        let body = format!(r#"{{"_status":{status},"fqid":"f","_meta":{{"stats":{{"total":0}}}}}}"#);
        always(&world, Place::Api, FaultKind::StatusBody(200, "application/json".into(), body));
        comment(&world, &fqid).unwrap();
        assert_eq!((get(&world, &fqid).unwrap().as_str(), search(&world).unwrap()), ("f", 0), "{status}");
    }
}

/// A failed write must not pass for a good one because a byte of its answer is not as it should be.
#[test]
fn an_error_inside_a_200_is_seen_through_a_byte_order_mark_and_wrong_characters() {
    let refusal = |message: &str| format!(r#"{{"_status":{{"status":400,"message":"{message}"}}}}"#);
    for (what, body) in [
        ("a byte order mark", format!("\u{feff}{}", refusal("no"))),
        ("half an emoji", refusal(r"no \ud83d")),
        ("a status as text", r#"{"_status":{"status":"400"}}"#.to_owned()),
    ] {
        let (world, fqid) = world_of_one();
        always(&world, Place::ItmWrite, FaultKind::StatusBody(200, "application/json".into(), body));
        let error = comment(&world, &fqid).unwrap_err();
        assert!(matches!(error, Error::Rejected { status: 400, .. }), "{what}: {error:?}");
    }
    let (world, _) = world_of_one();
    world.vendor.borrow_mut().options().itm.unknown_fqid = sim::itm::UnknownFqid::Inner404;
    always(&world, Place::ItmWrite, FaultKind::InvalidUtf8);
    assert!(matches!(comment(&world, "unknown"), Err(Error::NotFound(_))), "a wrong byte");
}

#[test]
fn every_way_to_write_the_status_of_a_good_answer_is_good() {
    for style in [StatusStyle::Number, StatusStyle::Text, StatusStyle::Missing] {
        let (world, fqid) = world_of_one();
        world.vendor.borrow_mut().options().itm.status_style = style;
        world.vendor.borrow_mut().add_user(sim::itm::User::named("Ines", "Moreau"));
        assert_eq!((search(&world).unwrap(), users(&world).unwrap()), (1, 1), "{style:?}");
        assert_eq!(get(&world, &fqid).unwrap(), fqid, "{style:?}");
        comment(&world, &fqid).unwrap();
        world.vendor.borrow_mut().options().itm.unknown_fqid = sim::itm::UnknownFqid::Inner400;
        assert!(matches!(get(&world, "unknown"), Err(Error::NotFound(_))), "{style:?}");
    }
}

#[test]
fn an_unknown_ticket_is_not_found_in_each_of_the_vendors_ways() {
    use sim::itm::UnknownFqid::{Inner400, Inner404, Status404};
    for style in [Status404, Inner404, Inner400] {
        let (world, _) = world_of_one();
        world.vendor.borrow_mut().options().itm.unknown_fqid = style;
        let error = get(&world, "unknown").unwrap_err();
        assert!(matches!(&error, Error::NotFound(_)), "{style:?}: {error:?}");
        assert_eq!(world.api_calls(), 1);
    }
}

#[test]
fn a_403_names_the_missing_permission() {
    let (world, fqid) = world_of_one();
    world.vendor.borrow_mut().options().itm.entitled_activity = false;
    world.vendor.borrow_mut().options().itm.entitled_users = false;
    for (error, permission) in [
        (search(&world).unwrap_err(), "Insider Threat Management activity"),
        (get(&world, &fqid).unwrap_err(), "Insider Threat Management activity"),
        (comment(&world, &fqid).unwrap_err(), "Insider Threat Management activity"),
        (users(&world).unwrap_err(), "Insider Threat Management users"),
    ] {
        assert!(matches!(error, Error::Forbidden(_)) && error.message().contains(permission), "{error:?}");
    }
    assert_eq!(world.api_calls(), 4);
}

#[test]
fn what_is_not_the_answer_promised_is_an_invalid_response() {
    for kind in [
        FaultKind::Html,
        FaultKind::Truncate(1),
        FaultKind::Truncate(40),
        FaultKind::Empty(200),
        FaultKind::Empty(204),
        FaultKind::EmptyEnvelope,
        FaultKind::WrongJson("{}".into()),
        FaultKind::WrongJson("[]".into()),
        FaultKind::WrongJson("null".into()),
        FaultKind::WrongJson(r#"{"data":{},"_status":{"status":200}}"#.into()),
        FaultKind::Redirect("https://evil.test/".into()),
        FaultKind::Endless(64 << 20),
    ] {
        let (world, fqid) = world_of_one();
        always(&world, Place::Api, kind.clone());
        for error in
            [search(&world).unwrap_err(), users(&world).unwrap_err(), get(&world, &fqid).unwrap_err()]
        {
            assert!(matches!(error, Error::InvalidResponse(_)), "{kind:?}: {error:?}");
        }
    }
}

#[test]
fn the_base_url_is_read_with_and_without_its_slash_and_its_last_part() {
    for (base, version, expected) in [
        ("https://tenant.test", "v2", "/v2/apis"),
        ("https://tenant.test/", "v2", "/v2/apis"),
        ("https://tenant.test", "", "/v2/apis"),
        ("https://tenant.test//", "V3", "/v3/apis"),
        ("https://tenant.test", "v1", "/v1/apis"),
        ("https://apis.test/v2/apis", "v3", "/v2/apis"),
        ("https://apis.test/v2/apis/", "v2", "/v2/apis"),
    ] {
        let (world, fqid) = world_of_one();
        let served = expected.trim_matches('/').split('/').next().unwrap();
        world.vendor.borrow_mut().options().itm.api_version = served.into();
        world.set("itm_base_url", base);
        world.set("itm_api_version", version);
        assert_eq!(get(&world, &fqid).unwrap(), fqid, "{base} {version}");
        let vendor = world.vendor.borrow();
        let paths: Vec<&str> = vendor.requests().iter().map(|request| request.path.as_str()).collect();
        assert_eq!(paths[0], format!("{expected}/auth/oauth/token"));
        assert!(paths[1].starts_with(&format!("{expected}/activity/events/")), "{}", paths[1]);
    }
}

#[test]
fn missing_settings_name_their_key_and_send_nothing() {
    for key in ["itm_base_url", "itm_client_id", "itm_client_secret"] {
        let (world, _) = world_of_one();
        world.set(key, " ");
        let error = search(&world).unwrap_err();
        assert!(matches!(&error, Error::Configuration { key: named, .. } if named == key), "{error:?}");
        assert!(world.vendor.borrow().requests().is_empty());
    }
    let (world, _) = world_of_one();
    world.set("itm_api_version", "v4");
    let error = search(&world).unwrap_err();
    assert!(matches!(error, Error::Configuration { key, .. } if key == "itm_api_version"));
}

#[test]
fn an_fqid_is_one_segment_of_the_path_whatever_it_holds() {
    let (world, _) = world_of_one();
    let part = "/v2/apis/activity/events";
    for (fqid, segment) in [
        ("b2l/cm+vdA==", "b2l%2Fcm%2BvdA%3D%3D"),
        ("../../auth/users", "..%2F..%2Fauth%2Fusers"),
        ("..x", "..x"),
        (" a?includes=x#y ", "a%3Fincludes%3Dx%23y"),
        ("ü", "%C3%BC"),
    ] {
        world.vendor.borrow_mut().clear_requests();
        let change = StatusChange { status_id: WorkflowStatus::NEW.id.into(), ..StatusChange::default() };
        for error in [
            get(&world, fqid).unwrap_err(),
            world.itm(async |itm| itm.email_get(fqid, &[]).await).unwrap_err(),
            world.itm(async |itm| itm.screenshot_list(fqid).await).unwrap_err(),
            comment(&world, fqid).unwrap_err(),
            world.itm(async |itm| itm.ticket_assign_owner(fqid, "id:u").await).unwrap_err(),
            world.itm(async |itm| itm.ticket_set_status(fqid, &change).await).unwrap_err(),
            world.itm(async |itm| itm.ticket_add_tag(fqid, "t").await).unwrap_err(),
        ] {
            assert!(matches!(error, Error::NotFound(_)), "{fqid}: {error:?}");
        }
        let paths: Vec<String> = world.sent().into_iter().map(|(_, path, _)| path).collect();
        let expected = [
            "",
            "/messages/default/contents/_raw?stream=true",
            "?includes=screenshots",
            "/annotations/comments",
            "/annotations/workflow/assignment",
            "/annotations/workflow",
            "/tags?tagValue=t",
        ];
        assert_eq!(paths, expected.map(|end| format!("{part}/{segment}{end}")));
    }
    world.vendor.borrow_mut().clear_requests();
    // Dots lead out of a path, also where they are encoded.
    for fqid in ["", "  ", "a\nb", "a\u{7f}", "x".repeat(1025).as_str(), ".", " .. ", "%2e%2E", ".%2e", "%2E"]
    {
        for error in [get(&world, fqid).unwrap_err(), comment(&world, fqid).unwrap_err()] {
            assert!(matches!(error, Error::InvalidArgument { argument, .. } if argument == "fqid"), "{fqid}");
        }
    }
    assert!(world.sent().is_empty());
}

#[test]
fn requests_carry_the_headers_that_the_service_wants() {
    let (world, fqid) = world_of_one();
    get(&world, &fqid).unwrap();
    comment(&world, &fqid).unwrap();
    world.itm(async |itm| itm.email_get(&fqid, &[]).await).unwrap();
    let vendor = world.vendor.borrow();
    let told: Vec<Value> = vendor.requests()[1..]
        .iter()
        .map(|request| {
            assert!(request.header("authorization").unwrap().starts_with("Bearer sim-itm-"));
            json!([request.method, request.header("accept"), request.header("content-type")])
        })
        .collect();
    assert_eq!(
        told,
        [
            json!(["GET", "application/json", null]),
            json!(["POST", "application/json", "application/json"]),
            json!(["GET", "*/*", null]),
        ]
    );
}
