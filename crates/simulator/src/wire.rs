//! What goes over the wire, as plain values.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::itm::Route;

/// The path of Cloud Threat Response's token endpoint.
pub(crate) const TOKEN_PATH: &str = "/v1/token";

/// A request as it reaches the vendor, whichever host it was sent to: the API host and the token host
/// are told apart by the path alone.
///
/// `Debug` hides the `Authorization` header, and the body of token requests.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// Upper case, `GET`.
    pub method: String,
    /// Still percent-encoded, without the query.
    pub path: String,
    /// Without the question mark; empty where there is none.
    pub query: String,
    /// Names in any case.
    pub headers: Vec<(String, String)>,
    /// The body, empty where there is none.
    pub body: Vec<u8>,
}

impl Request {
    /// A GET of a path, which may carry a query behind a question mark.
    pub fn get(target: &str) -> Request {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Request {
            method: "GET".into(),
            path: path.into(),
            query: query.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A POST of a JSON text.
    pub fn post_json(path: &str, body: &str) -> Request {
        Request { method: "POST".into(), body: body.into(), ..Request::get(path) }
            .with("content-type", "application/json")
    }

    /// A POST of form fields.
    pub fn post_form(path: &str, fields: &[(&str, &str)]) -> Request {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Request { method: "POST".into(), body: body.into(), ..Request::get(path) }
            .with("content-type", "application/x-www-form-urlencoded")
    }

    /// A PUT of a JSON text.
    pub fn put_json(path: &str, body: &str) -> Request {
        Request { method: "PUT".into(), ..Request::post_json(path, body) }
    }

    /// A PATCH of a JSON text.
    pub fn patch_json(path: &str, body: &str) -> Request {
        Request { method: "PATCH".into(), ..Request::post_json(path, body) }
    }

    /// A PATCH without a body.
    pub fn patch(target: &str) -> Request {
        Request { method: "PATCH".into(), ..Request::get(target) }
    }

    /// This request with one more header.
    pub fn with(mut self, name: &str, value: &str) -> Request {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// This request with a bearer token.
    pub fn bearer(self, token: &str) -> Request {
        self.with("authorization", &format!("Bearer {token}"))
    }

    /// The value of a header; the case of its name plays no part.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// Whether it goes to a token endpoint.
    pub fn is_token(&self) -> bool {
        self.path == TOKEN_PATH || Route::is_token(self)
    }

    /// The value of a query parameter.
    pub fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        form_urlencoded::parse(self.query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The path's segments, each percent-decoded on its own, so that an encoded slash stays inside one.
    pub(crate) fn segments(&self) -> Vec<String> {
        let decode = |segment| percent_decode_str(segment).decode_utf8_lossy().into_owned();
        self.path.trim_start_matches('/').split('/').map(decode).collect()
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |name: &str| !name.eq_ignore_ascii_case("authorization");
        let headers: Vec<_> = self
            .headers
            .iter()
            .map(|(name, value)| (name, if shown(name) { value.as_str() } else { "(hidden)" }))
            .collect();
        let body =
            if self.is_token() { Cow::Borrowed("(hidden)") } else { String::from_utf8_lossy(&self.body) };
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &self.query)
            .field("headers", &headers)
            .field("body", &body)
            .finish()
    }
}

/// The vendor's answer, and what happens to it on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Names in lower case. There is no `content-length`: it follows from the body.
    pub headers: Vec<(String, String)>,
    /// The body in full, even where [`Reply::cut`] says that less of it arrives.
    pub body: Vec<u8>,
    /// How long the answer takes. The vendor's own clock does not move by it.
    pub delay: Duration,
    /// What becomes of the connection.
    pub cut: Cut,
    /// Whether the body is sent over and over and never ends. In memory, `body` is all there is.
    pub endless: bool,
    /// The length at which an endless body ends after all; it is told beforehand.
    pub length: Option<u64>,
}

impl Reply {
    /// An answer with a body of some type.
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Reply {
        Reply {
            headers: vec![("content-type".into(), content_type.into())],
            body: body.into(),
            ..Reply::empty(status)
        }
    }

    /// An answer without a body.
    pub(crate) fn empty(status: u16) -> Reply {
        Reply {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            delay: Duration::ZERO,
            cut: Cut::No,
            endless: false,
            length: None,
        }
    }

    /// A 200 whose body is already JSON text.
    pub(crate) fn json_text(body: impl Into<Vec<u8>>) -> Reply {
        Reply::new(200, "application/json", body)
    }

    /// A JSON value.
    pub(crate) fn json_value(status: u16, value: &Value) -> Reply {
        Reply::new(status, "application/json", value.to_string())
    }

    /// An error in the vendor's envelope, `{"errorMessage": …}`.
    pub(crate) fn error(status: u16, message: &str) -> Reply {
        Reply::json_value(status, &json!({ "errorMessage": message }))
    }

    /// The value of a header; the case of its name plays no part.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The body as JSON; null where it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// What becomes of the connection that a request came over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The answer arrives.
    No,
    /// The connection drops before the vendor saw the request: nothing was done.
    BeforeRequest,
    /// The vendor did what was asked, and the connection drops without an answer.
    BeforeReply,
    /// Status, headers and this many bytes of the body arrive, fewer than `content-length` promised.
    InBody(usize),
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
