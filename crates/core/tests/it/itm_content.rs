//! E-mails and screenshots, byte for byte, and where they may be loaded from.

use crate::support::{World, ago, always, inside_200, minutes, once, texts};
use proofpoint_core::Error;
use proofpoint_core::itm::screenshots::ScreenshotImage;
use proofpoint_core::itm::ticket::Screenshot;
use proofpoint_core::mail::Eml;
use proofpoint_simulator as sim;
use serde_json::{Value, json};
use sim::itm::MailForm;
use sim::{Cut, FaultKind, Place, Ticket};
use std::time::Duration;

const MAIL: &[u8] =
    b"From: <a@example.com>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\n\xff\x00\xfe no text\r\n";
const MAIL_SHA256: &str = "d74a335affb508987f849b13b08c77e4c7cb1204fbec0ab35b78e790066f60e2";

const PICTURE: &[u8] = b"\xff\xd8\xff\x00picture";
const PICTURE_SHA256: &str = "ddc5ba38eede92c151e6d0f1e20f4e6d4cf2118c583c4268470e8a8c983cf1c5";

fn email(world: &World, fqid: &str, includes: &[&str]) -> Result<Eml, Error> {
    world.itm(async |itm| itm.email_get(fqid, &texts(includes)).await)
}

fn world_of_mail(mail: &[u8]) -> (World, String) {
    let world = World::without_quota();
    let ticket = Ticket { mail: Some(mail.to_vec()), ..Ticket::at(3, ago(&world, minutes(60))) };
    let fqid = world.add_ticket(ticket);
    (world, fqid)
}

#[test]
fn an_email_comes_byte_for_byte_with_its_digest() {
    let (world, fqid) = world_of_mail(MAIL);
    let expected = Eml {
        content: MAIL.to_vec(),
        size: 76,
        sha256: MAIL_SHA256.into(),
        content_type: Some("application/octet-stream".into()),
        summary: None,
    };
    let eml = email(&world, &fqid, &[]).unwrap();
    assert_eq!(eml, expected);
    assert_eq!(format!("{eml:?}"), format!("e-mail (76 bytes, {MAIL_SHA256})"));
    let segment = fqid.replace('=', "%3D");
    let path = format!("/v2/apis/activity/events/{segment}/messages/default/contents/_raw?stream=true");
    assert_eq!(world.sent(), [("GET".to_owned(), path, Value::Null)]);
}

#[test]
fn a_mail_of_any_charset_and_line_ending_is_kept_as_it_is() {
    for mail in [
        b"Received: x\n\ty\nFrom: a\n".as_slice(),
        b"From: a\r\n\r\n{\"_status\":{\"status\":404}}",
        b"Return-Path: <>\r\nFrom: a\r\n\r\n<html>\xff</html>",
        b"from:a\r\n\r\n",
    ] {
        let (world, fqid) = world_of_mail(mail);
        assert_eq!(email(&world, &fqid, &[]).unwrap().content, mail, "{}", String::from_utf8_lossy(mail));
    }
}

#[test]
fn what_stands_in_a_mail_is_told_where_it_is_asked_for() {
    let world = World::without_quota();
    let fqid = world.add_ticket(Ticket::at(3, ago(&world, minutes(60))));
    assert_eq!(email(&world, &fqid, &[]).unwrap().summary, None);
    let summary = email(&world, &fqid, &["summary"]).unwrap().summary.unwrap();
    let [attachment] = summary.attachments.as_slice() else { panic!("{summary:?}") };
    assert_eq!(attachment.name.as_deref(), Some("invoice-3.pdf"));
    assert_eq!(attachment.content_type.as_deref(), Some("application/pdf"));
    assert_eq!(attachment.size, 265);
    assert_eq!(world.api_calls(), 2, "not by another call");
    let error = email(&world, &fqid, &["body"]).unwrap_err();
    assert!(matches!(error, Error::InvalidArgument { argument, .. } if argument == "includes"));
    assert_eq!(world.api_calls(), 2);
}

#[test]
fn what_is_no_email_is_an_invalid_response_and_none_of_it_is_repeated() {
    for form in [MailForm::Json, MailForm::Html] {
        let (world, fqid) = world_of_mail(MAIL);
        world.vendor.borrow_mut().options().itm.mail_form = form;
        let error = email(&world, &fqid, &[]).unwrap_err();
        assert!(matches!(error, Error::InvalidResponse(_)), "{form:?}: {error:?}");
    }
    for (kind, content) in [
        ("text/plain", "Secret words"),
        ("application/octet-stream", "Secret words: of no mail\r\n\r\n"),
        ("application/octet-stream", ""),
        ("message/rfc822", "\r\n\r\nSubject: behind the head\r\n"),
        ("application/octet-stream", "Subject\r\nFrom: secret\r\n"),
    ] {
        let (world, fqid) = world_of_mail(MAIL);
        always(&world, Place::ItmMail, FaultKind::StatusBody(200, kind.into(), content.into()));
        match email(&world, &fqid, &[]) {
            Err(Error::InvalidResponse(message)) => {
                assert!(!message.to_lowercase().contains("secret"), "{message}");
            }
            other => panic!("{content}: {other:?}"),
        }
    }
    for kind in [FaultKind::Empty(204), FaultKind::EmptyEnvelope, FaultKind::Endless(64 << 20)] {
        let (world, fqid) = world_of_mail(MAIL);
        always(&world, Place::ItmMail, kind.clone());
        assert!(matches!(email(&world, &fqid, &[]), Err(Error::InvalidResponse(_))), "{kind:?}");
    }
}

#[test]
fn a_mail_larger_than_allowed_is_refused() {
    let mail = [b"From: a\r\n\r\n".as_slice(), &[b'x'; 3000]].concat();
    let (world, fqid) = world_of_mail(&mail);
    world.set("max_response_bytes", mail.len());
    assert_eq!(email(&world, &fqid, &[]).unwrap().content, mail);
    world.set("max_response_bytes", mail.len() - 1);
    let error = email(&world, &fqid, &[]).unwrap_err();
    assert!(matches!(error, Error::InvalidResponse(_)) && error.message().contains("max_response_bytes"));
}

#[test]
fn a_ticket_without_a_mail_and_an_unknown_one_are_not_found() {
    let world = World::without_quota();
    let fqid = world.add_ticket(Ticket { mail: None, ..Ticket::at(3, world.now()) });
    for (fqid, style) in [
        (fqid.as_str(), sim::itm::UnknownFqid::Status404),
        ("unknown", sim::itm::UnknownFqid::Status404),
        ("unknown", sim::itm::UnknownFqid::Inner404),
        ("unknown", sim::itm::UnknownFqid::Inner400),
    ] {
        world.vendor.borrow_mut().options().itm.unknown_fqid = style;
        assert!(matches!(email(&world, fqid, &[]), Err(Error::NotFound(_))), "{fqid} {style:?}");
    }
}

#[test]
fn a_broken_download_begins_again_and_ends_whole() {
    let (world, fqid) = world_of_mail(MAIL);
    once(&world, Place::ItmMail, FaultKind::Drop(Cut::InBody(20)));
    assert_eq!(email(&world, &fqid, &[]).unwrap().content, MAIL);
    assert_eq!(world.api_calls(), 2);
}

/// A world with a ticket that has two screenshots, whose host is allowed.
fn gallery() -> (World, String) {
    let world = World::without_quota();
    let mut ticket = Ticket::full(7, ago(&world, minutes(60)));
    ticket.screenshots[0].content = PICTURE.to_vec();
    let fqid = world.add_ticket(ticket);
    world.set("itm_screenshot_hosts", "other.example.com, Screenshots.example.com");
    (world, fqid)
}

fn screenshot(world: &World, fqid: &str, id: &str) -> Result<ScreenshotImage, Error> {
    world.itm(async |itm| itm.screenshot_get(fqid, id).await)
}

fn screenshots(world: &World, fqid: &str) -> Result<Vec<Screenshot>, Error> {
    world.itm(async |itm| itm.screenshot_list(fqid).await)
}

/// Lets the ticket have one screenshot, `s`, behind this link.
fn link_to(world: &World, link: &str) {
    let event =
        json!({"fqid": "f", "ui": {"screenshots": [{"id": "s", "links": {"access": {"href": link}}}]}});
    world.vendor.borrow_mut().clear_faults();
    always(world, Place::ItmEvent, FaultKind::WrongJson(event.to_string()));
}

/// Requests to the place where screenshots are, or might be.
fn loads(world: &World) -> Vec<sim::Recorded> {
    let vendor = world.vendor.borrow();
    vendor.requests().iter().filter(|request| !request.path.starts_with("/v2/apis")).cloned().collect()
}

#[test]
fn screenshots_are_listed_with_their_windows_and_hosts() {
    let (world, fqid) = gallery();
    world.vendor.borrow_mut().change_ticket(&fqid, |ticket| {
        ticket.screenshots[0].windows = texts(&["Outlook", "invoice.pdf"]);
        ticket.screenshots[1].windows.clear();
    });
    let expected = [("7-1", texts(&["Outlook", "invoice.pdf"])), ("7-2", vec![])].map(|(id, windows)| {
        let size = world
            .vendor
            .borrow()
            .ticket(&fqid)
            .unwrap()
            .screenshots
            .iter()
            .find(|s| s.id == id)
            .unwrap()
            .content
            .len();
        Screenshot {
            id: id.into(),
            file: Some(format!("{id}.jpg")),
            width: Some(64),
            height: Some(40),
            size: Some(u32::try_from(size).unwrap()),
            windows,
            host: Some("screenshots.example.com".into()),
        }
    });
    assert_eq!(screenshots(&world, &fqid).unwrap(), expected);
    assert!(world.sent()[0].1.ends_with("?includes=screenshots"));
    let without = world.add_ticket(Ticket::at(1, world.now()));
    assert_eq!(screenshots(&world, &without).unwrap(), []);
}

#[test]
fn a_screenshot_of_an_odd_shape_is_listed_as_far_as_it_can_be() {
    let (world, _) = gallery();
    let ui = json!({
        "screenshots": [
            {"id": 7, "w": "64", "h": -1, "size": 1.5, "links": null},
            {"file": "no id"},
            "text",
            {"id": "b", "links": {"access": {"href": "HTTPS://Bucket.Example.com:8443/b"}}},
        ],
        "windows": [{"title": "W", "screenshot": {"id": 7}}, {"screenshot": {"id": 7}}, {"title": "X"}],
    });
    always(&world, Place::ItmEvent, FaultKind::WrongJson(json!({"fqid": "f", "ui": ui}).to_string()));
    let expected = [
        Screenshot { id: "7".into(), windows: texts(&["W"]), ..Screenshot::default() },
        Screenshot { id: "b".into(), host: Some("bucket.example.com:8443".into()), ..Screenshot::default() },
    ];
    assert_eq!(screenshots(&world, "f").unwrap(), expected);
}

#[test]
fn a_screenshot_is_loaded_from_its_link_without_credentials() {
    let (world, fqid) = gallery();
    let expected = ScreenshotImage {
        id: "7-1".into(),
        content: PICTURE.to_vec(),
        size: 11,
        sha256: PICTURE_SHA256.into(),
        content_type: "image/jpeg".into(),
    };
    let image = screenshot(&world, &fqid, "7-1").unwrap();
    assert_eq!(image, expected);
    assert_eq!(format!("{image:?}"), format!("screenshot 7-1 (11 bytes, {PICTURE_SHA256})"));
    let loads = loads(&world);
    let [load] = loads.as_slice() else { panic!("{loads:?}") };
    assert_eq!((load.method.as_str(), load.path.as_str()), ("GET", "/screenshots/7-1.jpg"));
    assert!(load.header("authorization").is_none() && load.body.is_empty());
    assert!(load.parameter("X-Amz-Signature").is_some(), "the link's own query is kept");
    assert_eq!(world.api_calls(), 2);
}

#[test]
fn a_link_to_a_host_that_is_not_allowed_is_not_followed() {
    let (world, _) = gallery();
    for link in [
        "https://evil.test/s.jpg",
        "https://evil.test/screenshots.example.com/s.jpg",
        "https://sub.screenshots.example.com/s.jpg",
        "https://screenshots.example.com.evil.test/s.jpg",
        "https://screenshots.example.com:8443/s.jpg",
        "https://screenshots.example.com@evil.test/s.jpg",
        "https://user:pass@screenshots.example.com/s.jpg",
        "https://evil.test\\@screenshots.example.com/s.jpg",
        "https://evil.test#@screenshots.example.com/s.jpg",
        "https://screenshots.example.com./s.jpg",
        "http://screenshots.example.com/s.jpg",
        "ftp://screenshots.example.com/s.jpg",
        "//screenshots.example.com/s.jpg",
        "/s.jpg",
        "https:///s.jpg",
        "",
    ] {
        link_to(&world, link);
        match screenshot(&world, "f", "s") {
            Err(Error::Configuration { key, .. }) => assert_eq!(key, "itm_screenshot_hosts", "{link}"),
            Err(Error::InvalidResponse(_)) if link.is_empty() => {}
            other => panic!("{link}: {other:?}"),
        }
    }
    assert!(loads(&world).is_empty());
}

#[test]
fn a_link_that_is_no_url_is_not_mended_and_not_shown() {
    let (world, _) = gallery();
    for path in ["s.jpg?q=\u{fffd}", "s jpg", "bäh.jpg", "s.jpg\n"] {
        link_to(&world, &format!("https://screenshots.example.com/{path}"));
        match screenshot(&world, "f", "s") {
            Err(Error::InvalidResponse(message)) => assert!(!message.contains(path), "{message}"),
            other => panic!("{path}: {other:?}"),
        }
    }
    assert!(loads(&world).is_empty());
}

#[test]
fn the_refusal_names_the_host_and_not_the_link() {
    let (world, _) = gallery();
    link_to(&world, "https://Evil.test:99/path?X-Amz-Signature=s3cret");
    let error = screenshot(&world, "f", "s").unwrap_err();
    assert!(
        error.message().contains("`Evil.test:99`") && error.message().contains("itm_screenshot_hosts"),
        "{error}"
    );
    assert!(!error.message().contains("s3cret") && !error.message().contains("/path"), "{error}");
}

#[test]
fn without_allowed_hosts_no_link_is_followed() {
    let (world, fqid) = gallery();
    world.set("itm_screenshot_hosts", "");
    assert!(matches!(screenshot(&world, &fqid, "7-1"), Err(Error::Configuration { .. })));
    assert!(loads(&world).is_empty());
    assert_eq!(screenshots(&world, &fqid).unwrap().len(), 2, "listing needs none");
}

#[test]
fn plain_http_is_followed_to_this_machine_alone() {
    for (host, allowed, good) in [
        ("http://127.0.0.1:4000", "127.0.0.1:4000", true),
        ("http://localhost:4000", "localhost:4000", true),
        ("http://[::1]:4000", "[::1]:4000", true),
        ("http://127.0.0.1", "127.0.0.1", true),
        ("https://bucket.test:8443", "bucket.test:8443", true),
        ("https://BUCKET.test", "bucket.test", true),
        ("http://127.0.0.1:4000", "127.0.0.1", false),
        ("http://127.evil.test:4000", "127.evil.test:4000", false),
        ("http://localhost.evil.test", "localhost.evil.test", false),
        ("http://10.0.0.1", "10.0.0.1", false),
    ] {
        let (world, fqid) = gallery();
        world.set("itm_screenshot_hosts", allowed);
        world.vendor.borrow_mut().options().itm.screenshot_origin = Some(host.into());
        let loaded = screenshot(&world, &fqid, "7-1");
        assert_eq!((loaded.is_ok(), loads(&world).len()), (good, usize::from(good)), "{host}: {loaded:?}");
        if let Err(error) = loaded {
            assert!(matches!(error, Error::Configuration { .. }), "{host}: {error:?}");
        }
    }
}

#[test]
fn an_expired_link_asks_to_try_again_and_shows_no_signature() {
    let (world, fqid) = gallery();
    world.vendor.borrow_mut().options().itm.screenshot_link_seconds = 0;
    let error = screenshot(&world, &fqid, "7-1").unwrap_err();
    assert!(matches!(&error, Error::Unavailable(message) if message.contains("expired")), "{error:?}");
    assert!(!error.message().contains("X-Amz"), "{error}");
    assert_eq!(loads(&world).len(), 1);
    // Each load asks for a link anew.
    world.vendor.borrow_mut().options().itm.screenshot_link_seconds = 900;
    screenshot(&world, &fqid, "7-1").unwrap();
    world.advance(minutes(60));
    screenshot(&world, &fqid, "7-1").unwrap();
}

#[test]
fn a_screenshot_that_is_not_there_is_not_found() {
    let (world, fqid) = gallery();
    for id in ["7-3", "", "7-1.jpg"] {
        assert!(matches!(screenshot(&world, &fqid, id), Err(Error::NotFound(_))), "{id}");
    }
    assert!(matches!(screenshot(&world, "unknown", "7-1"), Err(Error::NotFound(_))));
    assert!(loads(&world).is_empty());
    link_to(&world, "https://screenshots.example.com/screenshots/gone.jpg?X-Amz-Date=x");
    always(&world, Place::ItmScreenshot, FaultKind::Status(404));
    assert!(matches!(screenshot(&world, "f", "s"), Err(Error::NotFound(_))));
}

#[test]
fn a_screenshot_without_a_link_is_an_invalid_response() {
    let (world, _) = gallery();
    for links in [json!(null), json!({}), json!({"access": {}}), json!({"access": {"href": null}})] {
        let event = json!({"fqid": "f", "ui": {"screenshots": [{"id": "s", "links": links}]}});
        world.vendor.borrow_mut().clear_faults();
        always(&world, Place::ItmEvent, FaultKind::WrongJson(event.to_string()));
        assert!(matches!(screenshot(&world, "f", "s"), Err(Error::InvalidResponse(_))), "{links}");
    }
}

#[test]
fn what_is_no_picture_is_never_taken_for_one() {
    type Is = fn(&Error) -> bool;
    let invalid: Is = |error| matches!(error, Error::InvalidResponse(_));
    let unavailable: Is = |error| matches!(error, Error::Unavailable(_));
    for (kind, is, times) in [
        (FaultKind::Html, invalid, 1),
        (FaultKind::WrongJson("{}".into()), invalid, 1),
        (FaultKind::Empty(200), invalid, 1),
        (FaultKind::Empty(204), invalid, 1),
        (FaultKind::StatusBody(200, "image/jpeg".into(), String::new()), invalid, 1),
        (FaultKind::StatusBody(200, "application/imagery".into(), "x".into()), invalid, 1),
        (FaultKind::StatusBody(206, "image/jpeg".into(), "x".into()), invalid, 1),
        (FaultKind::Redirect("https://evil.test/".into()), invalid, 1),
        (FaultKind::Endless(64 << 20), invalid, 1),
        (FaultKind::Status(400), invalid, 1),
        (FaultKind::Status(401), unavailable, 1),
        (FaultKind::Status(403), unavailable, 1),
        (FaultKind::Status(500), unavailable, 3),
        (inside_200(503), unavailable, 3),
        (FaultKind::Drop(Cut::InBody(3)), unavailable, 3),
    ] {
        let (world, fqid) = gallery();
        always(&world, Place::ItmScreenshot, kind.clone());
        let error = screenshot(&world, &fqid, "7-1").unwrap_err();
        assert!(is(&error), "{kind:?}: {error:?}");
        assert!(!error.message().contains("X-Amz"), "{error}");
        assert_eq!(loads(&world).len(), times, "{kind:?}");
        assert!(loads(&world).iter().all(|load| load.header("authorization").is_none()));
        assert_eq!(world.token_calls(), 1, "no new token for a link");
    }
}

#[test]
fn a_picture_of_any_type_tells_it() {
    let (world, fqid) = gallery();
    let content = "\u{89}PNG".to_owned();
    always(
        &world,
        Place::ItmScreenshot,
        FaultKind::StatusBody(200, "Image/PNG; x=y".into(), content.clone()),
    );
    let image = screenshot(&world, &fqid, "7-1").unwrap();
    assert_eq!((image.content_type.as_str(), image.content), ("image/png", content.into_bytes()));
}

#[test]
fn a_bucket_that_is_slow_or_busy_ends_the_call_as_it_should() {
    let (world, fqid) = gallery();
    always(&world, Place::ItmScreenshot, FaultKind::Delay(minutes(10)));
    assert!(matches!(screenshot(&world, &fqid, "7-1"), Err(Error::Timeout(_))));
    let (world, fqid) = gallery();
    always(&world, Place::ItmScreenshot, FaultKind::RetryAfter(429, "9".into()));
    match screenshot(&world, &fqid, "7-1") {
        Err(Error::RateLimited { retry_after, .. }) => assert_eq!(retry_after, Duration::from_secs(9)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_load_costs_nothing_of_the_budget_for_calls() {
    let (world, fqid) = gallery();
    world.set("itm_calls_per_minute", 2);
    screenshot(&world, &fqid, "7-1").unwrap();
    screenshot(&world, &fqid, "7-2").unwrap();
    assert!(matches!(screenshot(&world, &fqid, "7-1"), Err(Error::RateLimited { .. })));
    assert_eq!(loads(&world).len(), 2);
}
