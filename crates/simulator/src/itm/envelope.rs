//! `_status`, which every JSON object of this API carries, and the errors that are nothing else.

use serde_json::{Map, Value, json};

use super::options::StatusStyle;
use crate::wire::Reply;

/// The `_status` of an answer that is as it should be.
pub(crate) fn fine(status: u16) -> Value {
    json!({ "status": status, "code": "it:error:none" })
}

/// An error, whose code follows from its status.
pub(crate) fn error(status: u16, message: &str) -> Reply {
    inside(status, status, code(status), message)
}

/// An error that says so in its `_status`, under a status of its own.
pub(crate) fn inside(http: u16, status: u16, code: &str, message: &str) -> Reply {
    Reply::json_value(http, &json!({ "_status": { "status": status, "code": code, "message": message } }))
}

/// A 400 that names what is wrong with a body, one by one.
pub(crate) fn invalid(details: &[String]) -> Reply {
    let details: Vec<Value> = details.iter().map(|message| json!({ "message": message })).collect();
    let status = json!({
        "status": 400,
        "code": code(400),
        "message": "The request is not valid.",
        "params": { "details": details },
    });
    Reply::json_value(400, &json!({ "_status": status }))
}

/// A list's answer around rows that are JSON text already.
pub(crate) fn list<'a>(rows: impl Iterator<Item = &'a [u8]>, total: u64) -> Reply {
    let mut body = br#"{"data":["#.to_vec();
    for (index, row) in rows.enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(row);
    }
    let rest = format!(r#"],"_meta":{{"stats":{{"total":{total}}}}},"_status":{}}}"#, fine(200));
    body.extend_from_slice(rest.as_bytes());
    Reply::json_text(body)
}

/// The answer with its `_status` in another style.
pub(crate) fn restyle(mut reply: Reply, style: StatusStyle) -> Reply {
    if style == StatusStyle::Number {
        return reply;
    }
    let mut body = reply.json();
    let Some(fields) = body.as_object_mut() else {
        return reply;
    };
    match style {
        StatusStyle::Missing if is_fine(fields) => {
            fields.remove("_status");
        }
        StatusStyle::Text => {
            if let Some(status) = fields.get_mut("_status").and_then(|status| status.get_mut("status")) {
                *status = status.to_string().into();
            }
        }
        StatusStyle::Number | StatusStyle::Missing => {}
    }
    reply.body = body.to_string().into_bytes();
    reply
}

fn is_fine(fields: &Map<String, Value>) -> bool {
    fields.get("_status").and_then(|status| status.get("code")) == Some(&json!("it:error:none"))
}

fn code(status: u16) -> &'static str {
    match status {
        400 => "it:error:bad-request",
        401 => "it:error:unauthorized",
        403 => "it:error:forbidden",
        404 => "it:error:not-found",
        405 => "it:error:method-not-allowed",
        429 => "it:error:too-many-requests",
        _ => "it:error:internal",
    }
}
