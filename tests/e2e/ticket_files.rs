//! What comes with a ticket as bytes: its e-mail and its screenshots.

use chrono::TimeDelta;
use proofpoint_simulator::itm::MailForm;
use proofpoint_simulator::{Cut, Fault, FaultKind, Matcher, Place};
use proofpoint_tests::{World, case, column, content, fqid};
use serde_json::{Value, json};

/// A mail with every byte there is, which is no text in any encoding.
fn mail() -> Vec<u8> {
    let mut mail = b"From: a@example.com\r\nSubject: \xfc\r\n\r\n".to_vec();
    mail.extend((0..=255_u8).cycle().take(1024));
    mail.extend(b"\x00\r\n.\r\nprivate-mail-body");
    mail
}

/// Of that mail, by `sha256sum`.
const MAIL_SHA256: &str = "8f9513d0ea2838eccf1bdcbde9a50f7fe67c6832e3a05aea392dd0c6da76902e";

/// Of the simulator's picture, by `sha256sum`.
const PICTURE_SHA256: &str = "13135ea6309499491245f4c75ccd73b64edf65d02315108a8f7172417d94db18";

async fn with_mail(mail: impl Into<Vec<u8>>) -> World {
    let world = World::new().await;
    let mail = mail.into();
    world.add_ticket(1, TimeDelta::minutes(1), |ticket| ticket.mail = Some(mail));
    world
}

async fn email(world: &mut World, includes: &[&str]) -> Result<Value, proofpoint_host::GuestError> {
    world.call("tickets.email-get", json!({ "fqid": fqid(1), "includes": includes })).await
}

async fn screenshot(world: &mut World, id: &str) -> Result<Value, proofpoint_host::GuestError> {
    world.call("tickets.screenshot-get", json!({ "fqid": fqid(1), "id": id })).await
}

#[tokio::test]
async fn a_mail_comes_byte_for_byte_with_its_hash_and_type() {
    let mut world = with_mail(mail()).await;
    let eml = email(&mut world, &[]).await.unwrap();
    assert!(content(&eml) == mail(), "the bytes differ");
    assert_eq!((&eml["size"], &eml["sha256"]), (&json!(mail().len()), &json!(MAIL_SHA256)));
    assert_eq!((&eml["content-type"], &eml["summary"]), (&json!("application/octet-stream"), &json!(null)));
}

#[tokio::test]
async fn attachments_are_listed_from_the_mail_itself_where_they_are_asked_for() {
    let mail = "From: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
                --b\r\nContent-Type: text/plain\r\n\r\nHello\r\n\
                --b\r\nContent-Type: application/pdf; name=\"a.pdf\"\r\n\
                Content-Disposition: attachment; filename=\"a.pdf\"\r\n\
                Content-Transfer-Encoding: base64\r\n\r\nJVBERiAA/w==\r\n--b--\r\n";
    let mut world = with_mail(mail).await;
    let eml = email(&mut world, &["summary"]).await.unwrap();
    let expected = json!([{
        "name": "a.pdf",
        "content-type": "application/pdf",
        "size": 7,
        "sha256": "046b23d09e95f4b1d303e4e8ad0d9abb14318813a74aa9ed07ece38c9a21a4e6",
    }]);
    assert_eq!(eml["summary"]["attachments"], expected);
    assert_eq!(world.counts().0, 1);
    assert_eq!(email(&mut world, &[]).await.unwrap()["summary"], json!(null));
}

#[tokio::test]
async fn what_is_no_mail_is_an_error_and_never_shown() {
    for form in [MailForm::Html, MailForm::Json] {
        let mut world = with_mail(mail()).await;
        world.vendor().options().itm.mail_form = form;
        assert_eq!(case(&email(&mut world, &[]).await), "invalid-response", "{form:?}");
        assert_eq!(world.counts().0, 1, "{form:?}");
    }
    for kind in [
        FaultKind::Empty(200),
        FaultKind::Empty(204),
        FaultKind::EmptyEnvelope,
        FaultKind::WrongJson("\"private-mail-body\"".into()),
        FaultKind::StatusBody(200, "application/octet-stream".into(), "private-mail-body".into()),
        FaultKind::StatusBody(200, "message/rfc822".into(), "<html>Subject: x</html>".into()),
    ] {
        let mut world = with_mail(mail()).await;
        world.vendor().fault(Fault::always(Matcher::place(Place::ItmMail), kind.clone()));
        let error = email(&mut world, &[]).await.unwrap_err();
        assert_eq!(error.case(), "invalid-response", "{kind:?}");
        assert!(!error.to_json().to_string().contains("private"), "{error}");
    }
}

#[tokio::test]
async fn an_error_in_the_envelope_in_place_of_a_mail_is_that_error() {
    for (status, expected) in
        [(404, "not-found"), (400, "not-found"), (403, "forbidden"), (500, "unavailable")]
    {
        let mut world = with_mail(mail()).await;
        let kind = FaultKind::EnvelopeStatus { status, code: "it:error:x".into(), message: "no".into() };
        world.vendor().fault(Fault::always(Matcher::place(Place::ItmMail), kind));
        assert_eq!(case(&email(&mut world, &[]).await), expected, "{status}");
    }
    let mut world = World::new().await;
    world.add_ticket(1, TimeDelta::minutes(1), |ticket| ticket.mail = None);
    assert_eq!(case(&email(&mut world, &[]).await), "not-found");
}

#[tokio::test]
async fn a_mail_that_was_cut_off_is_no_mail_and_one_that_is_too_large_is_refused() {
    let mut world = with_mail(mail()).await;
    world.vendor().fault(Fault::always(Matcher::place(Place::ItmMail), FaultKind::Drop(Cut::InBody(50))));
    assert_eq!(case(&email(&mut world, &[]).await), "unavailable");

    let mut world = with_mail([mail(), vec![b'x'; 5000]].concat()).await;
    world.set("max_response_bytes", "2048");
    let error = email(&mut world, &[]).await.unwrap_err();
    assert_eq!(error.case(), "invalid-response");
    assert!(error.message().contains("max_response_bytes"), "{error}");
    world.set("max_response_bytes", "65536");
    assert_eq!(email(&mut world, &[]).await.unwrap()["size"], mail().len() + 5000);
    world.vendor().fault(Fault::always(Matcher::place(Place::ItmMail), FaultKind::Endless(1024)));
    assert_eq!(case(&email(&mut world, &[]).await), "invalid-response");
}

#[tokio::test]
async fn a_screenshot_is_loaded_from_its_link_without_the_token() {
    let mut world = World::new().await;
    world.add_ticket(1, TimeDelta::minutes(1), |_| {});
    let list = world.call("tickets.screenshot-list", json!({ "fqid": fqid(1) })).await.unwrap();
    let list = json!({ "screenshots": list });
    assert_eq!(column(&list, "screenshots", "id"), ["1-1", "1-2"]);
    let image = screenshot(&mut world, "1-2").await.unwrap();
    let bytes = content(&image);
    assert!(bytes.starts_with(b"\xff\xd8\xff"));
    let expected = json!({
        "id": "1-2", "content": image["content"], "size": bytes.len(), "sha256": PICTURE_SHA256,
        "content-type": "image/jpeg",
    });
    assert_eq!(image, expected);
    let api = world.api();
    let linked = api.last().unwrap();
    assert!(linked.path.starts_with("/screenshots/") && linked.header("authorization").is_none());
    assert!(linked.header("cookie").is_none() && linked.body.is_empty());
}

#[tokio::test]
async fn a_host_that_is_not_configured_is_never_asked_for_a_screenshot() {
    let own = |world: &World| world.server.url().replace("http://", "");
    for hosts in ["", "bucket.s3.amazonaws.com", "127.0.0.1", "127.0.0.1:1"] {
        let mut world = World::new().await;
        world.add_ticket(1, TimeDelta::minutes(1), |_| {});
        world.set("itm_screenshot_hosts", hosts);
        let error = screenshot(&mut world, "1-1").await.unwrap_err();
        let json = error.to_json();
        assert_eq!(
            (&json["case"], &json["payload"]["key"]),
            (&json!("configuration"), &json!("itm_screenshot_hosts"))
        );
        assert!(error.message().contains(&own(&world)) && !error.message().contains("X-Amz"), "{error}");
        assert_eq!(world.counts().0, 1, "the ticket alone was asked for: {hosts}");
    }
    for origin in [
        "http://user@127.0.0.1:1",
        "http://bucket.s3.amazonaws.com",
        "ftp://bucket.s3.amazonaws.com",
        "https://evil.example.com/https://bucket.s3.amazonaws.com",
        "//bucket.s3.amazonaws.com",
        "bucket.s3.amazonaws.com",
        "https://bucket.s3.amazonaws.com.evil.example.com",
        "https://evil.example.com\\@bucket.s3.amazonaws.com",
    ] {
        let mut world = World::new().await;
        world.add_ticket(1, TimeDelta::minutes(1), |_| {});
        world.set("itm_screenshot_hosts", "bucket.s3.amazonaws.com");
        world.vendor().options().itm.screenshot_origin = Some(origin.into());
        assert_eq!(case(&screenshot(&mut world, "1-1").await), "configuration", "{origin}");
        assert_eq!(world.counts().0, 1, "{origin}");
    }
}

#[tokio::test]
async fn a_setting_of_hosts_that_names_something_else_is_a_configuration_error() {
    for wrong in [
        "https://bucket.s3.amazonaws.com",
        "*.s3.amazonaws.com",
        "me@bucket.example.com",
        "bucket.example.com/x",
    ] {
        let mut world = World::new().await;
        world.add_ticket(1, TimeDelta::minutes(1), |_| {});
        world.set("itm_screenshot_hosts", &format!("bucket.example.com, {wrong}"));
        let error = screenshot(&mut world, "1-1").await.unwrap_err().to_json();
        assert_eq!(error["payload"]["key"], "itm_screenshot_hosts", "{wrong}: {error}");
        let saved = world.directory().join("screens");
        let ran = world.run(["tickets", "screenshots", &fqid(1), "--save", saved.to_str().unwrap()]).await;
        ran.failed(3, &format!("`itm_screenshot_hosts` names `{wrong}`; give host names alone"));
        assert_eq!((world.vendor().requests().len(), saved.exists()), (0, false), "{wrong}");
    }
}

#[tokio::test]
async fn a_screenshot_that_cannot_be_loaded_says_why_and_not_its_link() {
    let mut world = World::new().await;
    world.add_ticket(1, TimeDelta::minutes(1), |_| {});
    assert_eq!(case(&screenshot(&mut world, "1-9").await), "not-found");
    for (kind, expected) in [
        (FaultKind::Status(403), "unavailable"),
        (FaultKind::Status(404), "not-found"),
        (FaultKind::Status(503), "unavailable"),
        (FaultKind::Status(418), "invalid-response"),
        (FaultKind::Empty(200), "invalid-response"),
        (FaultKind::Html, "invalid-response"),
        (FaultKind::WrongJson("{}".into()), "invalid-response"),
        (FaultKind::Redirect("http://127.0.0.1:1/elsewhere".into()), "invalid-response"),
        (FaultKind::Drop(Cut::InBody(5)), "unavailable"),
        (FaultKind::Endless(1024), "invalid-response"),
    ] {
        world.vendor().clear_faults();
        world.set("max_response_bytes", "65536");
        world.vendor().fault(Fault::always(Matcher::place(Place::ItmScreenshot), kind.clone()));
        let error = screenshot(&mut world, "1-1").await.unwrap_err();
        assert_eq!(error.case(), expected, "{kind:?}");
        assert!(!error.to_json().to_string().contains("X-Amz"), "{error}");
    }
}

#[tokio::test]
async fn a_link_that_expired_meanwhile_is_asked_for_anew_each_time() {
    let mut world = World::new().await;
    world.add_ticket(1, TimeDelta::minutes(1), |_| {});
    screenshot(&mut world, "1-1").await.unwrap();
    world.vendor().advance(std::time::Duration::from_secs(1000));
    screenshot(&mut world, "1-1").await.unwrap();
    world.vendor().options().itm.screenshot_link_seconds = 0;
    let error = screenshot(&mut world, "1-1").await.unwrap_err();
    assert_eq!(error.case(), "unavailable");
    assert!(error.message().contains("expired"), "{error}");
}

#[tokio::test]
async fn a_ticket_without_screenshots_has_an_empty_list() {
    let mut world = World::new().await;
    world.add_ticket(1, TimeDelta::minutes(1), |ticket| ticket.screenshots = Vec::new());
    let list = world.call("tickets.screenshot-list", json!({ "fqid": fqid(1) })).await.unwrap();
    assert_eq!(list, json!([]));
}
