//! What each kind of fault does to an answer.

use serde_json::{Value, json};

use crate::ctr;
use crate::fault::FaultKind;
use crate::itm::{Route, To, envelope};
use crate::wire::{Reply, Request};

pub(crate) const HTML: &str =
    "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>\n";

/// Bytes of a large body that are sent at a time.
const LARGE_PART: usize = 64 * 1024;

impl FaultKind {
    /// The answer given in place of the usual one; none where the request is processed all the same.
    pub(crate) fn answer(&self, request: &Request) -> Option<Reply> {
        let reply = match self {
            FaultKind::Status(status) => error(request, *status, "The request could not be served."),
            FaultKind::StatusBody(status, content_type, body) => {
                Reply::new(*status, content_type, body.as_str())
            }
            FaultKind::RetryAfter(status, value) => {
                let mut reply = error(request, *status, "Try again later.");
                reply.headers.push(("retry-after".into(), value.clone()));
                reply
            }
            FaultKind::Empty(status) => Reply::empty(*status),
            FaultKind::Html => Reply::new(200, "text/html; charset=utf-8", HTML),
            FaultKind::HtmlStatus(status) => Reply::new(*status, "text/html; charset=utf-8", HTML),
            FaultKind::WrongJson(text) => Reply::json_text(text.as_str()),
            FaultKind::EnvelopeStatus { status, code, message } => {
                envelope::inside(200, *status, code, message)
            }
            FaultKind::EmptyEnvelope => Reply::json_value(200, &json!({ "_status": {} })),
            FaultKind::Redirect(location) => {
                let mut reply = Reply::empty(302);
                reply.headers.push(("location".into(), location.clone()));
                reply
            }
            FaultKind::Endless(size) => endless(request, *size),
            FaultKind::Large(length) => Reply { length: Some(*length), ..endless(request, LARGE_PART) },
            FaultKind::Drop(_)
            | FaultKind::Delay(_)
            | FaultKind::Truncate(_)
            | FaultKind::InvalidUtf8
            | FaultKind::Instead(..)
            | FaultKind::ContentType(_)
            | FaultKind::MalformedRow { .. }
            | FaultKind::RevokeTokens => return None,
        };
        Some(reply)
    }

    /// The usual answer, spoilt.
    pub(crate) fn spoil(&self, mut reply: Reply) -> Reply {
        match self {
            FaultKind::Drop(cut) => reply.cut = *cut,
            FaultKind::Delay(delay) => reply.delay = *delay,
            FaultKind::Truncate(length) => reply.body.truncate(*length),
            FaultKind::InvalidUtf8 => not_utf8(&mut reply.body),
            FaultKind::Instead(status, content_type, body) => {
                reply = Reply::new(*status, content_type, body.as_str());
            }
            FaultKind::ContentType(content_type) => {
                reply.headers.retain(|(name, _)| name != "content-type");
                reply.headers.push(("content-type".into(), content_type.clone()));
            }
            FaultKind::MalformedRow { kind, row } => {
                let mut body = reply.json();
                if let Some(row) = row_of(&mut body, *row) {
                    *row = kind.spoil(row.take());
                    reply.body = body.to_string().into_bytes();
                }
            }
            _ => {}
        }
        reply
    }
}

/// An error in the envelope of the product that was asked.
fn error(request: &Request, status: u16, message: &str) -> Reply {
    match Route::of(request) {
        Some(_) => envelope::error(status, message),
        None => Reply::error(status, message),
    }
}

/// Puts a byte that is not UTF-8 into a body: in JSON into a text of its own, in the first row where there are
/// some, else in the middle.
fn not_utf8(body: &mut Vec<u8>) {
    let place = |part: &[u8]| body.windows(part.len()).position(|window| window == part);
    let object = if body.starts_with(b"{") { place(b"[{\"").map(|at| at + 1).or(Some(0)) } else { None };
    match object.map(|at| at + 1).filter(|at| body.get(*at) == Some(&b'"')) {
        Some(at) => drop(body.splice(at..at, *b"\"odd\":\"\xff\",")),
        None => body.insert(body.len() / 2, 0xff),
    }
}

/// A row of a list. Of what is shown in full, the first is what tells of it.
fn row_of(body: &mut Value, row: usize) -> Option<&mut Value> {
    let has = |key: &&str| body.get(key).is_some();
    // A ticket has messages and details of its own.
    let is_ticket = has(&"fqid");
    let list = ["incidents", "messages", "workflows", "entries", "data"].into_iter().find(has);
    let part = ["summary", "details"].into_iter().find(has);
    match (list, part) {
        (Some(list), _) if !is_ticket => body.get_mut(list)?.get_mut(row),
        _ if row > 0 || !body.is_object() => None,
        (_, Some(part)) if !is_ticket => body.get_mut(part),
        _ => Some(body),
    }
}

/// A body that begins as it should, and is repeated from then on.
fn endless(request: &Request, size: usize) -> Reply {
    let (content_type, begin, filler) = parts_of_endless(request);
    let mut body = begin.to_vec();
    body.extend(filler.iter().cycle().take(size));
    Reply { endless: true, ..Reply::new(200, content_type, body) }
}

/// The type, the beginning and the rest of a body that never ends.
fn parts_of_endless(request: &Request) -> (&'static str, &'static [u8], &'static [u8]) {
    let row = br#"{"filler":"........................................"},"#;
    match Route::of(request).map(|route| route.to) {
        Some(To::Mail(_)) => endless_mail(),
        Some(To::Screenshot(_)) => ("image/jpeg", b"\xff\xd8\xff", b"\x00"),
        Some(_) => ("application/json", br#"{"data":["#, row),
        None => match ctr::To::of(request) {
            ctr::To::Download(_) => endless_mail(),
            ctr::To::Messages => ("application/json", br#"{"messages":["#, row),
            ctr::To::Workflows => ("application/json", br#"{"workflows":["#, row),
            ctr::To::List(_) => ("application/json", br#"{"entries":["#, row),
            _ => ("application/json", br#"{"incidents":["#, row),
        },
    }
}

fn endless_mail() -> (&'static str, &'static [u8], &'static [u8]) {
    ("application/octet-stream", b"Subject: Endless\r\n\r\n", b"More and more.\r\n")
}
