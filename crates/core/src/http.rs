//! HTTP as values, and the one trait through which the core touches the world.

use crate::time::Timestamp;
use core::fmt;
use core::future::Future;
use core::time::Duration;

/// The methods the two products use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
}

impl Method {
    /// The method's name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
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

/// Shows method and URL only: headers hold tokens, bodies hold secrets.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_str(), self.url)
    }
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
    /// The server certainly did not get the request: no name, no connection, no TLS, not allowed.
    NotSent(String),
    /// The connection broke after the server may have got the request.
    Broken(String),
    /// No answer in time; the server may have got the request.
    Timeout,
    /// The answer is larger than [`Limits::max_body`].
    TooLarge,
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
