use base64ct::{Base64, Encoding};
use serde_json::json;

use super::itm::{Tenant, statuses};
use crate::Ticket;
use crate::itm::MailForm;

const RAW: &str = "/messages/default/contents/_raw?stream=true";

#[test]
fn a_mail_comes_byte_for_byte_and_is_not_utf_8() {
    let mut tenant = Tenant::of(|at| Ticket::at(1, at));
    let reply = tenant.get(&tenant.path(RAW));
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/octet-stream")));
    assert_eq!(Some(&reply.body), tenant.ticket().mail.as_ref());
    assert!(std::str::from_utf8(&reply.body).is_err());

    let text = String::from_utf8_lossy(&reply.body).into_owned();
    assert!(
        text.starts_with("From: <user1@example.com>\r\nTo: <partner1@example.net>\r\nSubject: Invoice 1\r\n")
    );
    assert!(!text.replace("\r\n", "").contains('\n'), "every line ends in CRLF");
    let (_, attachment) = text.split_once("filename=\"invoice-1.pdf\"").unwrap();
    let (_, encoded) = attachment.split_once("\r\n\r\n").unwrap();
    let encoded = encoded.split_once("\r\n--").unwrap().0.replace("\r\n", "");
    assert!(Base64::decode_vec(&encoded).unwrap().starts_with(b"%PDF-"));
}

#[test]
fn stream_is_true_or_false_in_lower_case() {
    let mut tenant = Tenant::of(|at| Ticket::at(1, at));
    for (stream, status) in [
        ("?stream=true", 200),
        ("?stream=false", 200),
        ("", 200),
        ("?stream=True", 400),
        ("?stream=None", 400),
    ] {
        let path = tenant.path(&format!("/messages/default/contents/_raw{stream}"));
        assert_eq!(tenant.get(&path).status, status, "{stream}");
    }
}

#[test]
fn a_mail_can_come_as_json_or_be_a_page_to_sign_in() {
    let mut tenant = Tenant::of(|at| Ticket::at(1, at));
    tenant.vendor.options().itm.mail_form = MailForm::Json;
    let reply = tenant.get(&tenant.path(RAW));
    let content = reply.json()["content"].as_str().unwrap().to_owned();
    assert_eq!(Some(Base64::decode_vec(&content).unwrap()), tenant.ticket().mail);

    tenant.vendor.options().itm.mail_form = MailForm::Html;
    let reply = tenant.get(&tenant.path(RAW));
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/html; charset=utf-8")));
}

#[test]
fn an_event_without_a_mail_is_404() {
    let mut tenant = Tenant::of(|at| Ticket::bare(1, at));
    assert_eq!(statuses(&tenant.get(&tenant.path(RAW))), (404, json!(404)));
}
