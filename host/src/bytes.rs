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
use crate::bindings::exports::proofpoint::connector::types::{
    Attachment, AuthenticationResult, Eml, Error, Failure, MailSummary, Mailbox,
};
use crate::guest_error::GuestError;
use crate::state::State;

/// A call of one of these functions, with its parameters.
#[derive(Debug, PartialEq)]
pub(crate) enum BytesCall<'a> {
    Email { fqid: &'a str, includes: Vec<String> },
    Message { id: &'a str, includes: Vec<String> },
    Screenshot { fqid: &'a str, id: &'a str },
}

impl<'a> BytesCall<'a> {
    /// None for every other function.
    pub(crate) fn of(function: &str, parameters: &'a [Val]) -> Option<Self> {
        match (function, parameters) {
            ("tickets.email-get", [Val::String(fqid), Val::List(includes)]) => {
                Some(Self::Email { fqid, includes: texts(includes) })
            }
            ("messages.message-download", [Val::String(id), Val::List(includes)]) => {
                Some(Self::Message { id, includes: texts(includes) })
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
        let tickets = exports.proofpoint_connector_tickets();
        let messages = exports.proofpoint_connector_messages();
        let store = store.as_context_mut();
        Ok(match self {
            Self::Email { fqid, includes } => {
                tickets.call_email_get(store, fqid, includes).await?.map(email).map_err(error)
            }
            Self::Message { id, includes } => {
                messages.call_message_download(store, id, includes).await?.map(email).map_err(error)
            }
            Self::Screenshot { fqid, id } => {
                tickets.call_screenshot_get(store, fqid, id).await?.map(screenshot).map_err(error)
            }
        })
    }
}

fn texts(values: &[Val]) -> Vec<String> {
    let text = |value: &Val| if let Val::String(text) = value { Some(text.clone()) } else { None };
    values.iter().filter_map(text).collect()
}

fn email(Eml { content, size, sha256, content_type, summary: told }: Eml) -> Value {
    json!({
        "content": Base64::encode_string(&content),
        "size": size,
        "sha256": sha256,
        "content-type": content_type,
        "summary": told.map(summary),
    })
}

fn summary(summary: MailSummary) -> Value {
    let mailboxes = |all: Vec<Mailbox>| all.into_iter().map(mailbox).collect::<Vec<_>>();
    json!({
        "rfc-message-id": summary.rfc_message_id,
        "from-addresses": mailboxes(summary.from_addresses),
        "reply-to-addresses": mailboxes(summary.reply_to_addresses),
        "to-addresses": mailboxes(summary.to_addresses),
        "cc-addresses": mailboxes(summary.cc_addresses),
        "subject": summary.subject,
        "date": summary.date,
        "authentication": summary.authentication.into_iter().map(result).collect::<Vec<_>>(),
        "links": summary.links,
        "attachments": summary.attachments.into_iter().map(attachment).collect::<Vec<_>>(),
        "warnings": summary.warnings,
    })
}

fn mailbox(Mailbox { email, name }: Mailbox) -> Value {
    json!({ "email": email, "name": name })
}

fn result(AuthenticationResult { server, method, outcome, detail }: AuthenticationResult) -> Value {
    json!({ "server": server, "method": method, "outcome": outcome, "detail": detail })
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
        let mail = [text("f"), Val::List(vec![text("summary")])];
        let includes = || vec!["summary".to_owned()];
        let expected = Some(BytesCall::Email { fqid: "f", includes: includes() });
        assert_eq!(BytesCall::of("tickets.email-get", &mail), expected);
        let expected = Some(BytesCall::Message { id: "f", includes: includes() });
        assert_eq!(BytesCall::of("messages.message-download", &mail), expected);
        let screenshot = [text("f"), text("1")];
        let expected = Some(BytesCall::Screenshot { fqid: "f", id: "1" });
        assert_eq!(BytesCall::of("tickets.screenshot-get", &screenshot), expected);
        assert_eq!(BytesCall::of("tickets.ticket-add-tag", &screenshot), None);
    }

    #[test]
    fn answers_are_the_contract_s_records_in_json() {
        let text = |text: &str| Some(text.to_owned());
        let mail = |summary| Eml {
            content: b"hi".to_vec(),
            size: 2,
            sha256: "ab".to_owned(),
            content_type: None,
            summary,
        };
        let expected = r#"{"content":"aGk=","size":2,"sha256":"ab","content-type":null,"summary":null}"#;
        assert_eq!(email(mail(None)).to_string(), expected);
        let mailbox = |email: &str| vec![Mailbox { email: text(email), name: None }];
        let told = MailSummary {
            rfc_message_id: text("<i>"),
            from_addresses: mailbox("f"),
            reply_to_addresses: mailbox("r"),
            to_addresses: vec![Mailbox { email: None, name: text("t") }],
            cc_addresses: mailbox("c"),
            subject: text("s"),
            date: text("d"),
            authentication: vec![AuthenticationResult {
                server: text("m"),
                method: "spf".to_owned(),
                outcome: "fail".to_owned(),
                detail: None,
            }],
            links: vec!["l".to_owned()],
            attachments: vec![Attachment {
                name: None,
                content_type: text("a/b"),
                size: 1,
                sha256: "cd".to_owned(),
            }],
            warnings: vec!["w".to_owned()],
        };
        let expected = json!({
            "rfc-message-id": "<i>",
            "from-addresses": [{ "email": "f", "name": null }],
            "reply-to-addresses": [{ "email": "r", "name": null }],
            "to-addresses": [{ "email": null, "name": "t" }],
            "cc-addresses": [{ "email": "c", "name": null }],
            "subject": "s",
            "date": "d",
            "authentication": [{ "server": "m", "method": "spf", "outcome": "fail", "detail": null }],
            "links": ["l"],
            "attachments": [{ "name": null, "content-type": "a/b", "size": 1, "sha256": "cd" }],
            "warnings": ["w"],
        });
        assert_eq!(email(mail(Some(told)))["summary"], expected);
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
