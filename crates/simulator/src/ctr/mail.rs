//! The mail of a message that has none of its own.

use base64ct::{Base64, Encoding};

use super::message::Message;
use crate::chance::Chance;
use crate::mail::{BOUNDARY, attach, encode, end};
use crate::time;

const ALTERNATIVE: &str = "=_simulator_alternative";

/// What an encoded word may hold, so that with its frame it has no more than 75 characters.
const WORD: usize = 45;

/// A mail with what two servers found of it, an encoded subject, a text with plain links, an HTML with more
/// of them, and an attachment. All copies of a message have the same.
pub(crate) fn of(message: &Message) -> Vec<u8> {
    let mut mail = head(message).into_bytes();
    mail.extend_from_slice(
        format!(
            "--{BOUNDARY}\r\nContent-Type: multipart/alternative; boundary=\"{ALTERNATIVE}\"\r\n\r\n\
             --{ALTERNATIVE}\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: 8bit\r\n\r\n{}\r\n\
             --{ALTERNATIVE}\r\nContent-Type: text/html; charset=utf-8\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n",
            text(message)
        )
        .as_bytes(),
    );
    encode(&mut mail, html(message).as_bytes());
    mail.extend_from_slice(format!("--{ALTERNATIVE}--\r\n").as_bytes());
    attach(&mut mail, "invoice.pdf");
    end(&mut mail);
    mail
}

fn head(message: &Message) -> String {
    let Message { sender, rfc_message_id, .. } = message;
    let (domain, date) = (message.sender_domain(), time::mail(message.received_at));
    let subject = encoded_words(&message.subject);
    format!(
        "Return-Path: <{sender}>\r\n\
         Authentication-Results: mx.example.com;\r\n\
         \tspf=fail smtp.mailfrom={domain};\r\n\
         \tdkim=none;\r\n\
         \tdmarc=fail (p=none) header.from={domain}\r\n\
         Received: from relay.example.org (relay.example.org [198.51.100.23])\r\n\
         \tby mx.example.com with ESMTPS; {date}\r\n\
         Authentication-Results: relay.example.org; spf=softfail smtp.mailfrom={domain}\r\n\
         From: \"Accounts\" <{sender}>\r\n\
         To: <{}>\r\n\
         Subject: {subject}\r\n\
         Date: {date}\r\n\
         Message-ID: {rfc_message_id}\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"{BOUNDARY}\"\r\n\r\n",
        message.recipient,
    )
}

fn text(message: &Message) -> String {
    let links: String = message.urls.iter().map(|url| format!("{url}\r\n")).collect();
    format!("Guten Tag,\r\n\r\nbitte prüfen Sie das hier:\r\n{links}\r\nGrüße\r\n")
}

fn html(message: &Message) -> String {
    let domain = message.sender_domain();
    let id = Chance::of(&message.rfc_message_id).number();
    let links: String =
        message.urls.iter().map(|url| format!("<p>{}</p>\r\n", url.replace('&', "&amp;"))).collect();
    format!(
        "<!DOCTYPE html>\r\n<html><body>\r\n{links}\
         <a href=\"https://{domain}/login?step=1&amp;id={id:016x}\">Anmelden</a>\r\n\
         <img src=\"https://{domain}/open.gif\" alt=\"\">\r\n</body></html>\r\n"
    )
}

/// The text as encoded words of RFC 2047.
fn encoded_words(text: &str) -> String {
    let mut words = vec![String::new()];
    for character in text.chars() {
        match words.last_mut() {
            Some(word) if word.len() + character.len_utf8() <= WORD => word.push(character),
            _ => words.push(character.into()),
        }
    }
    let words: Vec<String> =
        words.iter().map(|word| format!("=?utf-8?B?{}?=", Base64::encode_string(word.as_bytes()))).collect();
    words.join("\r\n ")
}
