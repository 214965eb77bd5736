//! Functions that answer bytes.
//!
//! Calls by name take values of the component model, in which each byte takes 32: an e-mail of 30 MB would
//! take a gigabyte. So these functions are called through the typed bindings instead, and their answers become
//! the same JSON as every other's.

use base64ct::{Base64, Encoding as _};
use serde_json::{Value, json};
use wasmtime::component::Val;
use wasmtime::{AsContextMut, Store};

use crate::bindings::ConnectorExports;
use crate::bindings::exports::proofpoint::connector::tickets::ScreenshotImage;
use crate::bindings::exports::proofpoint::connector::types::{Attachment, Eml, Error, Failure};
use crate::guest_error::GuestError;
use crate::state::State;

/// A call of one of these functions, with its parameters.
#[derive(Debug, PartialEq)]
pub(crate) enum BytesCall<'a> {
    Email { fqid: &'a str, includes: Vec<String> },
    Screenshot { fqid: &'a str, id: &'a str },
}

impl<'a> BytesCall<'a> {
    /// None for every other function.
    pub(crate) fn of(function: &str, parameters: &'a [Val]) -> Option<Self> {
        match (function, parameters) {
            ("tickets.email-get", [Val::String(fqid), Val::List(includes)]) => {
                let text =
                    |value: &Val| if let Val::String(text) = value { Some(text.clone()) } else { None };
                Some(Self::Email { fqid, includes: includes.iter().filter_map(text).collect() })
            }
            ("tickets.screenshot-get", [Val::String(fqid), Val::String(id)]) => {
                Some(Self::Screenshot { fqid, id })
            }
            _ => None,
        }
    }

    pub(crate) async fn run(
        &self,
        exports: &ConnectorExports,
        store: &mut Store<State>,
    ) -> wasmtime::Result<Result<Value, GuestError>> {
        let (tickets, store) = (exports.proofpoint_connector_tickets(), store.as_context_mut());
        Ok(match self {
            Self::Email { fqid, includes } => {
                tickets.call_email_get(store, fqid, includes).await?.map(email).map_err(error)
            }
            Self::Screenshot { fqid, id } => {
                tickets.call_screenshot_get(store, fqid, id).await?.map(screenshot).map_err(error)
            }
        })
    }
}

fn email(Eml { content, size, sha256, content_type, attachments }: Eml) -> Value {
    json!({
        "content": Base64::encode_string(&content),
        "size": size,
        "sha256": sha256,
        "content-type": content_type,
        "attachments": attachments.into_iter().map(attachment).collect::<Vec<_>>(),
    })
}

fn attachment(Attachment { name, content_type, size, sha256 }: Attachment) -> Value {
    json!({ "name": name, "content-type": content_type, "size": size, "sha256": sha256 })
}

fn screenshot(ScreenshotImage { id, content, size, sha256, content_type }: ScreenshotImage) -> Value {
    json!({
        "id": id,
        "content": Base64::encode_string(&content),
        "size": size,
        "sha256": sha256,
        "content-type": content_type,
    })
}

fn error(error: Error) -> GuestError {
    let failed =
        |case: &str, Failure { message }: Failure| GuestError::new(case, json!({ "message": message }));
    match error {
        Error::InvalidArgument(problem) => GuestError::new(
            "invalid-argument",
            json!({ "argument": problem.argument, "message": problem.message, "allowed": problem.allowed }),
        ),
        Error::Configuration(problem) => {
            GuestError::new("configuration", json!({ "key": problem.key, "message": problem.message }))
        }
        Error::Unauthorized(failure) => failed("unauthorized", failure),
        Error::Forbidden(failure) => failed("forbidden", failure),
        Error::NotFound(failure) => failed("not-found", failure),
        Error::RateLimited(limit) => GuestError::new(
            "rate-limited",
            json!({ "message": limit.message, "retry-after-ms": limit.retry_after_ms }),
        ),
        Error::Timeout(failure) => failed("timeout", failure),
        Error::Unavailable(failure) => failed("unavailable", failure),
        Error::OutcomeUnknown(failure) => failed("outcome-unknown", failure),
        Error::Rejected(refusal) => GuestError::new(
            "rejected",
            json!({ "status": refusal.status, "code": refusal.code, "message": refusal.message }),
        ),
        Error::InvalidResponse(failure) => failed("invalid-response", failure),
        Error::Unsupported(failure) => failed("unsupported", failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::exports::proofpoint::connector::types::{
        ConfigurationProblem, InvalidArgument, RateLimit, Rejection,
    };

    fn text(text: &str) -> Val {
        Val::String(text.to_owned())
    }

    #[test]
    fn functions_that_answer_bytes_are_known_by_name_and_parameters() {
        let mail = [text("f"), Val::List(vec![text("attachments")])];
        let includes = vec!["attachments".to_owned()];
        assert_eq!(BytesCall::of("tickets.email-get", &mail), Some(BytesCall::Email { fqid: "f", includes }));
        let screenshot = [text("f"), text("1")];
        let expected = Some(BytesCall::Screenshot { fqid: "f", id: "1" });
        assert_eq!(BytesCall::of("tickets.screenshot-get", &screenshot), expected);
        assert_eq!(BytesCall::of("tickets.ticket-add-tag", &screenshot), None);
    }

    #[test]
    fn answers_are_the_contract_s_records_in_json() {
        let attachment =
            Attachment { name: None, content_type: Some("a/b".to_owned()), size: 1, sha256: "cd".to_owned() };
        let mail = email(Eml {
            content: b"hi".to_vec(),
            size: 2,
            sha256: "ab".to_owned(),
            content_type: None,
            attachments: vec![attachment],
        });
        let expected = r#"{"content":"aGk=","size":2,"sha256":"ab","content-type":null,"attachments":[{"name":null,"content-type":"a/b","size":1,"sha256":"cd"}]}"#;
        assert_eq!(mail.to_string(), expected);
        let image = screenshot(ScreenshotImage {
            id: "1".to_owned(),
            content: b"hi".to_vec(),
            size: 2,
            sha256: "ab".to_owned(),
            content_type: "image/png".to_owned(),
        });
        let expected = r#"{"id":"1","content":"aGk=","size":2,"sha256":"ab","content-type":"image/png"}"#;
        assert_eq!(image.to_string(), expected);
    }

    #[test]
    fn errors_keep_their_case_and_payload() {
        let m = || "m".to_owned();
        let failure = || Failure { message: m() };
        let problem =
            InvalidArgument { argument: "a".to_owned(), message: m(), allowed: vec!["x".to_owned()] };
        let key = ConfigurationProblem { key: "k".to_owned(), message: m() };
        let limit = RateLimit { message: m(), retry_after_ms: 7 };
        let refusal = Rejection { status: 409, code: Some("dup".to_owned()), message: m() };
        for (given, expected) in [
            (
                Error::InvalidArgument(problem),
                r#"invalid-argument {"argument":"a","message":"m","allowed":["x"]}"#,
            ),
            (Error::Configuration(key), r#"configuration {"key":"k","message":"m"}"#),
            (Error::Unauthorized(failure()), r#"unauthorized {"message":"m"}"#),
            (Error::Forbidden(failure()), r#"forbidden {"message":"m"}"#),
            (Error::NotFound(failure()), r#"not-found {"message":"m"}"#),
            (Error::RateLimited(limit), r#"rate-limited {"message":"m","retry-after-ms":7}"#),
            (Error::Timeout(failure()), r#"timeout {"message":"m"}"#),
            (Error::Unavailable(failure()), r#"unavailable {"message":"m"}"#),
            (Error::OutcomeUnknown(failure()), r#"outcome-unknown {"message":"m"}"#),
            (Error::Rejected(refusal), r#"rejected {"status":409,"code":"dup","message":"m"}"#),
            (Error::InvalidResponse(failure()), r#"invalid-response {"message":"m"}"#),
            (Error::Unsupported(failure()), r#"unsupported {"message":"m"}"#),
        ] {
            let error = error(given).to_json();
            assert_eq!(format!("{} {}", error["case"].as_str().unwrap(), error["payload"]), expected);
        }
    }
}
