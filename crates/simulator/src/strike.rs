//! What each kind of fault does to an answer.

use serde_json::json;

use crate::ctr;
use crate::fault::FaultKind;
use crate::itm::{Route, To, envelope};
use crate::wire::{Reply, Request};

pub(crate) const HTML: &str =
    "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>\n";

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
            FaultKind::Endless(size) => {
                let (content_type, begin, filler) = endless(request);
                let mut body = begin.to_vec();
                body.extend(filler.iter().cycle().take(*size));
                Reply { endless: true, ..Reply::new(200, content_type, body) }
            }
            FaultKind::Drop(_)
            | FaultKind::Delay(_)
            | FaultKind::Truncate(_)
            | FaultKind::InvalidUtf8
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
            FaultKind::InvalidUtf8 => reply.body.insert(reply.body.len() / 2, 0xff),
            FaultKind::MalformedRow { kind, row } => {
                let mut body = reply.json();
                let lists = ["incidents", "messages", "workflows", "entries", "data"];
                let key = lists.into_iter().find(|key| body.get(key).is_some());
                if let Some(row) = key.and_then(|key| body.get_mut(key)?.get_mut(*row)) {
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

/// The type, the beginning and the rest of a body that never ends.
fn endless(request: &Request) -> (&'static str, &'static [u8], &'static [u8]) {
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
