//! What each kind of fault does to an answer.

use crate::fault::FaultKind;
use crate::wire::Reply;

const HTML: &str =
    "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>\n";

impl FaultKind {
    /// The answer given in place of the usual one; none where the request is processed all the same.
    pub(crate) fn answer(&self) -> Option<Reply> {
        let reply = match self {
            FaultKind::Status(status) => Reply::error(*status, "The request could not be served."),
            FaultKind::StatusBody(status, content_type, body) => {
                Reply::new(*status, content_type, body.as_str())
            }
            FaultKind::RetryAfter(status, value) => {
                let mut reply = Reply::error(*status, "Try again later.");
                reply.headers.push(("retry-after".into(), value.clone()));
                reply
            }
            FaultKind::Empty(status) => Reply::empty(*status),
            FaultKind::Html => Reply::new(200, "text/html; charset=utf-8", HTML),
            FaultKind::HtmlStatus(status) => Reply::new(*status, "text/html; charset=utf-8", HTML),
            FaultKind::WrongJson(text) => Reply::json_text(text.as_str()),
            FaultKind::Redirect(location) => {
                let mut reply = Reply::empty(302);
                reply.headers.push(("location".into(), location.clone()));
                reply
            }
            FaultKind::Endless(size) => {
                let row = br#"{"filler":"........................................"},"#;
                let mut body = br#"{"incidents":["#.to_vec();
                body.extend(row.iter().cycle().take(*size));
                Reply { endless: true, ..Reply::json_text(body) }
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
                let rows = body.as_object_mut().and_then(|body| {
                    let key = if body.contains_key("incidents") { "incidents" } else { "messages" };
                    body.get_mut(key)
                });
                if let Some(row) = rows.and_then(|rows| rows.get_mut(*row)) {
                    *row = kind.spoil(row.take());
                    reply.body = body.to_string().into_bytes();
                }
            }
            _ => {}
        }
        reply
    }
}
