use base64ct::{Base64, Encoding};
use serde_json::json;

use super::{Bench, MESSAGES};
use crate::{AnswerBody, Message};

/// A vendor with one message, and the message's path.
fn bench(change: impl FnOnce(Message) -> Message) -> (Bench, String) {
    let mut bench = Bench::new();
    let message = change(Message::at(1, bench.vendor.now()));
    let path = format!("{MESSAGES}/{}", message.id);
    bench.vendor.add_message(message);
    (bench, path)
}

fn status(bench: &mut Bench, path: &str) -> String {
    let reply = bench.get(&format!("{path}/fetchStatus"));
    reply.json()["messageStatus"].as_str().unwrap().to_owned()
}

fn download(bench: &mut Bench, path: &str) -> Vec<u8> {
    let reply = bench.get(&format!("{path}/download"));
    assert_eq!(reply.status, 200);
    reply.body
}

fn loaded(change: impl FnOnce(Message) -> Message) -> (Bench, String) {
    let (mut bench, path) = bench(|message| change(message.fetching(&["fetched"])));
    bench.get(&format!("{path}/fetch"));
    assert_eq!(status(&mut bench, &path), "fetched");
    (bench, path)
}

fn is_note(body: &[u8]) -> bool {
    body.len() == 81 && body.is_ascii() && body.iter().filter(|byte| **byte == b'\n').count() == 1
}

#[test]
fn a_mail_is_asked_for_waited_for_and_downloaded() {
    let (mut bench, path) = bench(|message| message);
    assert_eq!(status(&mut bench, &path), "not_fetched");
    let begun = bench.get(&format!("{path}/fetch"));
    assert_eq!((begun.status, begun.json()["messageStatus"].as_str()), (200, Some("fetch_in_progress")));
    assert_eq!(status(&mut bench, &path), "fetch_in_progress");
    assert!(is_note(&download(&mut bench, &path)));
    assert_eq!(status(&mut bench, &path), "fetched");
    let reply = bench.get(&format!("{path}/download"));
    assert_eq!(reply.header("content-type"), Some("application/octet-stream"));
    let id = bench.vendor.messages().next().unwrap().id.clone();
    assert_eq!(Some(reply.body), bench.vendor.mail(&id));
    assert_eq!(status(&mut bench, &path), "fetched", "the last one stays");
    assert_eq!(bench.get(&path).json()["details"]["mimeContentPresent"], true);
}

#[test]
fn a_download_that_was_not_asked_for_is_a_note_of_81_bytes() {
    let (mut bench, path) = bench(|message| message);
    assert!(is_note(&download(&mut bench, &path)));
}

#[test]
fn outside_of_the_us_a_mail_is_loaded_and_never_given() {
    let (mut bench, path) = loaded(|message| message);
    bench.vendor.options().response.us_hosted = false;
    assert!(is_note(&download(&mut bench, &path)));
}

#[test]
fn the_statuses_are_the_messages_own_or_everyones() {
    let (mut bench, path) = bench(|message| message.fetching(&["throttled", "fetch_in_progress", "fetched"]));
    bench.get(&format!("{path}/fetch"));
    let told: Vec<String> = (0..4).map(|_| status(&mut bench, &path)).collect();
    assert_eq!(told, ["throttled", "fetch_in_progress", "fetched", "fetched"]);

    let (mut bench, path) = self::bench(|message| message);
    bench.vendor.options().response.fetch_statuses = vec!["fetched".into()];
    bench.get(&format!("{path}/fetch"));
    assert_eq!(status(&mut bench, &path), "fetched");
}

#[test]
fn asking_again_begins_anew_only_after_a_failure() {
    let (mut bench, path) = bench(|message| message.fetching(&["throttled", "error"]));
    let fetch = format!("{path}/fetch");
    bench.get(&fetch);
    assert_eq!(status(&mut bench, &path), "throttled");
    bench.get(&fetch);
    assert_eq!(status(&mut bench, &path), "error");
    assert!(is_note(&download(&mut bench, &path)));
    bench.get(&fetch);
    assert_eq!(status(&mut bench, &path), "throttled");

    let (mut bench, path) = loaded(|message| message);
    bench.get(&format!("{path}/fetch"));
    assert!(!is_note(&download(&mut bench, &path)), "it is still there");
}

#[test]
fn a_mail_can_be_anything() {
    let (mut bench, path) = loaded(|message| message.mail(*b"\xff\x00 no mail"));
    bench.vendor.options().response.mail_content_type = "message/rfc822".into();
    let reply = bench.get(&format!("{path}/download"));
    assert_eq!(reply.header("content-type"), Some("message/rfc822"));
    assert_eq!(reply.body, b"\xff\x00 no mail");

    let id = bench.vendor.messages().next().unwrap().id.clone();
    bench.vendor.change_message(&id, |message| message.mail = Some(Vec::new()));
    assert_eq!(download(&mut bench, &path), b"");
}

#[test]
fn the_answer_to_a_fetch_can_be_empty() {
    let (mut bench, path) = bench(|message| message);
    bench.vendor.options().response.fetch_body = AnswerBody::Empty;
    let reply = bench.get(&format!("{path}/fetch"));
    assert_eq!((reply.status, reply.body.as_slice()), (200, &b""[..]));
    assert_eq!(status(&mut bench, &path), "fetch_in_progress");
}

#[test]
fn an_unknown_message_has_no_mail() {
    let mut bench = Bench::new();
    for action in ["fetch", "fetchStatus", "download"] {
        assert_eq!(bench.get(&format!("{MESSAGES}/nobody/{action}")).status, 404, "{action}");
        assert_eq!(bench.post(&format!("{MESSAGES}/nobody/{action}"), json!({})).status, 405, "{action}");
    }
    assert_eq!(bench.get(&format!("{MESSAGES}/nobody/other")).status, 404);
}

#[test]
fn a_mail_has_results_of_two_servers_links_in_two_forms_and_an_attachment() {
    let (mut bench, path) = loaded(|message| Message { subject: "Rechnung fällig ".repeat(8), ..message });
    let mail = String::from_utf8(download(&mut bench, &path)).unwrap();
    assert!(!mail.replace("\r\n", "").contains('\n'), "every line ends in CRLF");
    assert_eq!(mail.matches("\r\nAuthentication-Results: ").count(), 2);
    assert!(mail.contains("\r\nFrom: \"Accounts\" <sender1@example.net>\r\nTo: <user1@example.com>\r\n"));
    assert!(mail.contains("\r\nMessage-ID: <1@mail.example.net>\r\n"));
    assert!(mail.contains("\r\nhttps://pay.example.net/invoice/1\r\n"));
    assert!(mail.contains("filename=\"invoice.pdf\""));
    let (_, html) = mail.split_once("Content-Type: text/html").unwrap();
    let encoded = html.split("\r\n\r\n").nth(1).unwrap().split_once("\r\n--").unwrap().0.replace("\r\n", "");
    let html = String::from_utf8(Base64::decode_vec(&encoded).unwrap()).unwrap();
    assert!(html.contains("href=\"https://example.net/login?step=1&amp;id="), "{html}");

    let (_, subject) = mail.split_once("\r\nSubject: ").unwrap();
    let subject = subject.split_once("\r\nDate: ").unwrap().0;
    let words = subject.split("\r\n ").map(|word| {
        assert!(word.len() <= 75, "{word}");
        let encoded = word.strip_prefix("=?utf-8?B?").unwrap().strip_suffix("?=").unwrap();
        String::from_utf8(Base64::decode_vec(encoded).unwrap()).unwrap()
    });
    assert_eq!(words.collect::<String>(), "Rechnung fällig ".repeat(8));
}
