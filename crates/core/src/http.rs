//! HTTP as values, and the one trait through which the core touches the world.

use crate::Error;
use crate::time::Timestamp;
use core::fmt;
use core::future::Future;
use core::time::Duration;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The methods the two products use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
}

impl Method {
    /// The method's name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
        }
    }
}

/// A request, complete as it goes out.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Absolute URL, already percent-encoded.
    pub url: String,
    /// Header fields; names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body; none for `GET`.
    pub body: Option<Vec<u8>>,
}

/// Shows method and URL only: headers hold tokens, bodies hold secrets, and the query of a presigned link is
/// one.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, _) = self.url.split_once('?').unwrap_or((&self.url, ""));
        write!(f, "{} {shown}", self.method.as_str())
    }
}

/// Scheme, host and port, path and query of an absolute URL. A fragment is nothing that is sent.
pub fn parts(url: &str) -> Option<(&str, &str, String)> {
    let (scheme, rest) = url.split_once("://")?;
    let rest = rest.split('#').next()?;
    let (authority, path) = rest.split_at(rest.find(['/', '?', '\\']).unwrap_or(rest.len()));
    let slash = if path.starts_with('/') { "" } else { "/" };
    (!authority.is_empty()).then(|| (scheme, authority, format!("{slash}{path}")))
}

/// A complete answer, whatever its status.
#[derive(Clone, Default)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Header fields in the order received; names in any case.
    pub headers: Vec<(String, String)>,
    /// The body, not larger than [`Limits::max_body`].
    pub body: Vec<u8>,
}

impl Response {
    /// The first header field of this name, compared without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.trim())
    }
}

/// Shows the status and the size only: bodies hold people's mail.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.status, self.body.len())
    }
}

/// How far one request may go.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest time for the whole exchange, and so for each of its parts: connecting, the first byte,
    /// the time between bytes.
    pub timeout: Duration,
    /// Largest body that is accepted, in bytes.
    pub max_body: usize,
}

/// Why there is no complete answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// The server certainly did not get the request: no name, no connection.
    NotSent(String),
    /// The same, and another try would end alike: not trusted, not allowed.
    NotAllowed(String),
    /// The connection broke after the server may have got the request.
    Broken(String),
    /// No answer in time; the server may have got the request.
    Timeout,
    /// The answer is larger than [`Limits::max_body`].
    TooLarge,
    /// The answer is JSON whose values would take more memory than there is.
    TooManyValues,
}

/// The world: requests, sleep and two clocks. All of it is injected, none of it is assumed.
pub trait Transport {
    /// Sends a request and collects the answer within the limits.
    fn send(
        &self,
        request: &Request,
        limits: Limits,
    ) -> impl Future<Output = Result<Response, TransportError>>;

    /// Waits.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()>;

    /// The time of day.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment; never goes back. Deadlines, budgets and token lives use it.
    fn uptime(&self) -> Duration;
}

/// Everything but letters, digits and `-._~`: what may stand in a path segment or a query value as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as the value of a query parameter or of a form's field.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

/// An id as one path segment. Ids come from outside: one that holds `/` must not reach another resource, and
/// dots alone, which mean a folder however they are encoded, are refused.
pub fn segment(argument: &str, id: &str) -> Result<String, Error> {
    if percent_decode_str(id).all(|byte| byte == b'.') {
        return Err(Error::argument(argument, format!("`{id}` is not an id")));
    }
    Ok(encoded(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_one_path_segment() {
        for (id, expected) in [
            ("44cca4c8-e513-42e5-984a-965de7f39537", "44cca4c8-e513-42e5-984a-965de7f39537"),
            ("../messages/x", "..%2Fmessages%2Fx"),
            ("b2l/cm+vdA==", "b2l%2Fcm%2BvdA%3D%3D"),
            ("a b?c#d%e", "a%20b%3Fc%23d%25e"),
            ("..x", "..x"),
            ("x%2e", "x%252e"),
            ("ü", "%C3%BC"),
        ] {
            assert_eq!(segment("id", id).unwrap(), expected);
        }
        for id in ["", ".", "..", "...", "%2e", "%2E%2e", ".%2E"] {
            let refused = segment("fqid", id).unwrap_err();
            assert!(matches!(refused, Error::InvalidArgument { argument, .. } if argument == "fqid"), "{id}");
        }
    }

    #[test]
    fn a_url_reaches_the_host_before_its_path_or_its_query() {
        for (url, authority, path) in [
            ("https://b.test/a?x=/1", "b.test", "/a?x=/1"),
            ("https://b.test:8443", "b.test:8443", "/"),
            ("https://b.test?x=/1", "b.test", "/?x=/1"),
            ("https://b.test#x/y?z", "b.test", "/"),
            ("https://b.test/a#x", "b.test", "/a"),
            ("https://evil.test\\@good.test/", "evil.test", "/\\@good.test/"),
        ] {
            assert_eq!(parts(url), Some(("https", authority, path.to_owned())), "{url}");
        }
        for url in ["b.test/a", "https:///a", "//b.test", ""] {
            assert_eq!(parts(url), None, "{url}");
        }
    }

    #[test]
    fn a_request_shows_neither_its_query_nor_its_headers_nor_its_body() {
        let request = Request {
            method: Method::Get,
            url: "https://bucket.test/a.jpg?X-Amz-Signature=s3cret".into(),
            headers: vec![("authorization", "Bearer s3cret".into())],
            body: Some(b"s3cret".to_vec()),
        };
        assert_eq!(format!("{request:?}"), "GET https://bucket.test/a.jpg");
    }
}
