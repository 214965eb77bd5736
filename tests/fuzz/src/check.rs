//! What holds of everything that is sent and answered.

use crate::world::{SECRET, TOKEN};
use proofpoint_core::Error;
use proofpoint_core::http::Request;
use proofpoint_core::mail::{Eml, MailSummary, Mailbox};
use proofpoint_core::time::absolute;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// How long an error may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A few lines: all that is in it is bounded.
    Bounded,
    /// As long as what the caller gave.
    AsGiven,
}

/// An error is one line for a person: without secrets, without tokens, without what moves a terminal's cursor.
pub fn error(error: &Error, shown: Shown) {
    let debug = format!("{error:?}");
    for text in [error.message(), &error.to_string(), &debug] {
        assert!(!text.contains(SECRET) && !text.contains(TOKEN), "{text}");
    }
    let message = error.message();
    assert!(!message.trim().is_empty());
    assert!(!message.contains(char::is_control), "{message:?}");
    assert!(shown == Shown::AsGiven || message.len() < 4000, "{} bytes: {message}", message.len());
}

/// A request goes where it may, once in one line, with the token in its one place and the secret to its one host.
pub fn request(request: &Request, any_token: bool) {
    let url = &request.url;
    assert!(url.bytes().all(|byte| byte.is_ascii_graphic()), "{url:?}");
    let token_endpoint = url.ends_with("/token");
    let api = url.starts_with("https://api.test/api/v1/") || url.starts_with("https://tenant.test/v2/apis/");
    assert!(api || token_endpoint || url.starts_with("https://screenshots.example.com/"), "{url}");
    let authorization =
        request.headers.iter().find(|(name, _)| *name == "authorization").map(|(_, value)| value);
    match authorization {
        Some(value) => {
            assert!(api && !token_endpoint, "a token to {url}");
            let token = value.strip_prefix("Bearer ").expect("a bearer token");
            assert!(any_token || token == TOKEN, "{token}");
            assert!(!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()), "{token:?}");
        }
        None => assert!(!api || token_endpoint, "no token to {url}"),
    }
    let body = request.body.as_deref().unwrap_or_default();
    let has =
        |text: &str| body.windows(text.len()).any(|window| window == text.as_bytes()) || url.contains(text);
    assert!(token_endpoint || !has(SECRET), "the secret to {url}");
}

/// A time of the contract: RFC 3339 in UTC with milliseconds, and read back as itself.
pub fn time(text: &str) {
    let shape =
        |text: &str| text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>();
    assert_eq!(shape(text), "0000-00-00T00:00:00.000Z", "{text}");
    let read = absolute(text).unwrap_or_else(|| panic!("{text} is not read back"));
    assert_eq!(proofpoint_core::time::rfc3339(read), text);
}

/// Times, where there are any.
pub fn times<const N: usize>(times: [&Option<String>; N]) {
    times.into_iter().flatten().for_each(|text| time(text));
}

/// The text of a row is there where it was asked for, and is JSON.
pub fn raw(raw: &Option<String>, asked: bool) {
    assert!(raw.is_some() || !asked, "no text of a row");
    if let Some(text) = raw {
        assert!(serde_json::from_str::<&RawValue>(text).is_ok(), "{text}");
    }
}

/// Links lead into the console, and stay one link.
pub fn link(link: &Option<String>, begin: &str) {
    if let Some(link) = link {
        assert!(link.starts_with(begin) && link.bytes().all(|byte| byte.is_ascii_graphic()), "{link:?}");
    }
}

/// No more rows than asked for, none of them twice.
pub fn rows<'a>(ids: impl ExactSizeIterator<Item = &'a str>, limit: u32) {
    assert!(ids.len() <= limit as usize, "{} rows of {limit}", ids.len());
    let mut seen = HashSet::new();
    for id in ids.filter(|id| !id.is_empty()) {
        assert!(seen.insert(id), "{id} comes twice");
    }
}

/// Times in order, oldest first.
pub fn ordered<'a>(times: impl Iterator<Item = &'a str>) {
    let times: Vec<&str> = times.collect();
    assert!(times.is_sorted(), "{times:?}");
}

/// A cursor or a checkpoint is short text that can be printed, stored and given back.
pub fn sealed(text: &str) {
    assert!(text.len() < 4 << 20 && text.bytes().all(|byte| byte.is_ascii_graphic()), "{text:?}");
}

/// A mail is told as it came, and nobody who writes one can make its summary large.
pub fn mail(eml: &Eml, content: &[u8], with_summary: bool) {
    assert!(eml.content == content, "other bytes");
    assert_eq!(eml.size as usize, content.len());
    let digest: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(eml.sha256, digest);
    assert_eq!(eml.summary.is_some(), with_summary);
    if let Some(told) = &eml.summary {
        summary(told, content.len());
    }
}

fn summary(summary: &MailSummary, mail: usize) {
    times([&summary.date]);
    let lists =
        [&summary.from_addresses, &summary.reply_to_addresses, &summary.to_addresses, &summary.cc_addresses];
    let mut size = 0;
    for Mailbox { email, name } in lists.into_iter().flatten() {
        assert!(email.is_some() || name.is_some(), "a mailbox of nobody");
        size += [email, name].into_iter().flatten().map(String::len).sum::<usize>();
    }
    for attachment in &summary.attachments {
        assert!(attachment.size as usize <= mail && attachment.sha256.len() == 64, "{attachment:?}");
        size += [&attachment.name, &attachment.content_type]
            .into_iter()
            .flatten()
            .map(String::len)
            .sum::<usize>();
    }
    for result in &summary.authentication {
        size += [&result.server, &result.detail].into_iter().flatten().map(String::len).sum::<usize>();
        size += result.method.len() + result.outcome.len();
    }
    size += summary.links.iter().chain(&summary.warnings).map(String::len).sum::<usize>();
    size += [&summary.subject, &summary.rfc_message_id].into_iter().flatten().map(String::len).sum::<usize>();
    assert!(
        summary.links.len() <= 1000
            && summary.attachments.len() <= 500
            && summary.authentication.len() <= 100
    );
    assert!(lists.iter().all(|list| list.len() <= 1000));
    assert!(size < 24 << 20, "a summary of {size} bytes");
    let distinct: HashSet<&String> = summary.links.iter().collect();
    assert_eq!(distinct.len(), summary.links.len(), "a link comes twice");
}
