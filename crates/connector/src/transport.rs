//! The core's `Transport` over `wasi:http` and the WASI clocks.
//!
//! Two rules of the host shape this file. A parent resource must outlive its children (the pollable goes
//! before the stream, the stream before the body, the body before the response): fields are declared
//! child first, because fields are dropped in that order. And a failed write is not reported: the answer,
//! or the true error, comes from the response.

use crate::executor::ready;
use proofpoint_core::http::{Limits, Method, Request, Response, Transport, TransportError, parts};
use proofpoint_core::time::Timestamp;
use std::rc::Rc;
use std::time::Duration;
use wasi::clocks::{monotonic_clock, wall_clock};
use wasi::http::outgoing_handler;
use wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, Method as WasiMethod, OutgoingBody,
    OutgoingRequest, RequestOptions, Scheme,
};
use wasi::io::poll::Pollable;
use wasi::io::streams::{InputStream, OutputStream, StreamError};

/// Bytes read at a time.
const CHUNK: u64 = 64 * 1024;

/// WASI as the core sees it.
#[derive(Debug)]
pub(crate) struct WasiTransport;

impl Transport for WasiTransport {
    async fn send(&self, request: &Request, limits: Limits) -> Result<Response, TransportError> {
        let (outgoing, body) = outgoing(request).map_err(TransportError::NotSent)?;
        let options = options(limits.timeout);
        let answer = outgoing_handler::handle(outgoing, Some(options)).map_err(|code| failure(&code))?;
        let awaited = Awaited { pollable: Rc::new(answer.subscribe()), answer };
        if let (Some(body), Some(bytes)) = (body, &request.body) {
            write(body, bytes).await;
        }
        ready(&awaited.pollable).await;
        let response = match awaited.answer.get() {
            Some(Ok(Ok(response))) => response,
            Some(Ok(Err(code))) => return Err(failure(&code)),
            _ => return Err(TransportError::Broken("the host answered nothing".into())),
        };
        drop(awaited);
        let status = response.status();
        let headers = response
            .headers()
            .entries()
            .into_iter()
            .map(|(name, value)| (name, String::from_utf8_lossy(&value).into_owned()))
            .collect();
        let incoming = response.consume().map_err(|()| TransportError::Broken("no body".into()))?;
        drop(response);
        let body = read(incoming, limits.max_body).await?;
        Ok(Response { status, headers, body })
    }

    async fn sleep(&self, duration: Duration) {
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        ready(&Rc::new(monotonic_clock::subscribe_duration(nanoseconds))).await;
    }

    fn now(&self) -> Timestamp {
        let now = wall_clock::now();
        i64::try_from(now.seconds)
            .ok()
            .and_then(|seconds| Timestamp::from_timestamp(seconds, now.nanoseconds))
            .unwrap_or_default()
    }

    fn uptime(&self) -> Duration {
        Duration::from_nanos(monotonic_clock::now())
    }
}

/// A response that is awaited; fields in the order in which they must be dropped.
struct Awaited {
    pollable: Rc<Pollable>,
    answer: FutureIncomingResponse,
}

/// A body that is read; fields in the order in which they must be dropped.
struct Reading {
    pollable: Rc<Pollable>,
    stream: InputStream,
    _body: IncomingBody,
}

/// A body that is written; fields in the order in which they must be dropped.
struct Writing {
    pollable: Rc<Pollable>,
    stream: OutputStream,
    body: OutgoingBody,
}

fn outgoing(request: &Request) -> Result<(OutgoingRequest, Option<OutgoingBody>), String> {
    let (scheme, authority, path) = parts(&request.url).ok_or("the URL has no scheme or no host")?;
    let headers = Fields::new();
    for (name, value) in &request.headers {
        headers
            .append(name, value.as_bytes())
            .map_err(|_| format!("the host refuses the header field `{name}`"))?;
    }
    // What may have a body tells its length also where there is none (RFC 9110 8.6): not every server takes
    // silence for nothing.
    let length = request.body.as_ref().map(Vec::len).or((request.method != Method::Get).then_some(0));
    if let Some(length) = length {
        headers
            .append("content-length", length.to_string().as_bytes())
            .map_err(|_| "the host refuses the header field `content-length`")?;
    }
    let outgoing = OutgoingRequest::new(headers);
    let method = match request.method {
        Method::Get => WasiMethod::Get,
        Method::Post => WasiMethod::Post,
        Method::Put => WasiMethod::Put,
        Method::Patch => WasiMethod::Patch,
    };
    let scheme = if scheme.eq_ignore_ascii_case("https") { Scheme::Https } else { Scheme::Http };
    // The URL is not told: that of a presigned link is a permission.
    let refused = |()| "the host refuses the URL".to_owned();
    outgoing.set_method(&method).map_err(refused)?;
    outgoing.set_scheme(Some(&scheme)).map_err(refused)?;
    outgoing.set_authority(Some(authority)).map_err(refused)?;
    outgoing.set_path_with_query(Some(&path)).map_err(refused)?;
    // A GET must not open a body at all.
    let body = request.body.as_ref().map(|_| outgoing.body()).transpose().map_err(refused)?;
    Ok((outgoing, body))
}

/// All three timeouts WASI knows. A host that does not support one says so, and the core's own limit on
/// the whole exchange holds all the same.
fn options(timeout: Duration) -> RequestOptions {
    let nanoseconds = Some(u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX));
    let options = RequestOptions::new();
    let _unsupported = options.set_connect_timeout(nanoseconds);
    let _unsupported = options.set_first_byte_timeout(nanoseconds);
    let _unsupported = options.set_between_bytes_timeout(nanoseconds);
    options
}

/// Writes as much as the host permits at a time. An error is not reported: the response tells it.
async fn write(body: OutgoingBody, bytes: &[u8]) {
    let Ok(stream) = body.write() else { return };
    let writing = Writing { pollable: Rc::new(stream.subscribe()), stream, body };
    let mut rest = bytes;
    while !rest.is_empty() {
        let Ok(permitted) = writing.stream.check_write() else { return };
        let length = usize::try_from(permitted).unwrap_or(usize::MAX).min(rest.len());
        let (now, later) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        if now.is_empty() {
            ready(&writing.pollable).await;
        } else if writing.stream.write(now).is_err() {
            return;
        }
        rest = later;
    }
    let _reported_by_the_response = writing.stream.flush();
    let Writing { pollable, stream, body } = writing;
    drop(pollable);
    drop(stream);
    let _reported_by_the_response = OutgoingBody::finish(body, None);
}

async fn read(incoming: IncomingBody, most: usize) -> Result<Vec<u8>, TransportError> {
    let stream = incoming.stream().map_err(|()| TransportError::Broken("no body".into()))?;
    let reading = Reading { pollable: Rc::new(stream.subscribe()), stream, _body: incoming };
    let mut bytes = Vec::new();
    loop {
        match reading.stream.read(CHUNK) {
            Ok(chunk) if chunk.is_empty() => ready(&reading.pollable).await,
            Ok(chunk) => {
                if bytes.len().saturating_add(chunk.len()) > most {
                    return Err(TransportError::TooLarge);
                }
                bytes.extend_from_slice(&chunk);
            }
            Err(StreamError::Closed) => return Ok(bytes),
            Err(StreamError::LastOperationFailed(error)) => {
                // The host tells a timeout between bytes only in words.
                let words = error.to_debug_string();
                return Err(match words.to_ascii_lowercase().contains("timeout") {
                    true => TransportError::Timeout,
                    false => TransportError::Broken("in the middle of the answer".into()),
                });
            }
        }
    }
}

/// What a failed exchange says about whether the server got the request.
fn failure(code: &ErrorCode) -> TransportError {
    let not_sent = |why: &str| TransportError::NotSent(why.to_owned());
    let not_allowed = |why: &str| TransportError::NotAllowed(why.to_owned());
    match code {
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) => not_sent("the host name cannot be resolved"),
        ErrorCode::DestinationNotFound | ErrorCode::DestinationIpUnroutable => {
            not_sent("there is no such host")
        }
        ErrorCode::DestinationUnavailable => not_sent("the host is not available"),
        ErrorCode::DestinationIpProhibited | ErrorCode::HttpRequestDenied => {
            not_allowed("the host that runs this component does not allow it; check the configured URLs")
        }
        ErrorCode::ConnectionRefused => not_sent("the connection was refused"),
        ErrorCode::ConnectionLimitReached => not_sent("too many connections"),
        ErrorCode::TlsCertificateError => not_allowed("the server's certificate is not trusted"),
        // These two can come after the request was sent.
        ErrorCode::TlsProtocolError => TransportError::Broken("TLS failed".into()),
        ErrorCode::TlsAlertReceived(_) => TransportError::Broken("the server broke off TLS".into()),
        // jco reports a server that is silent for the connect timeout as a connection that was not made,
        // although it may have got the request. A write must not be repeated on such a word.
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => TransportError::Timeout,
        ErrorCode::HttpResponseBodySize(_) => TransportError::TooLarge,
        ErrorCode::ConnectionTerminated => TransportError::Broken("closed by the other side".into()),
        ErrorCode::HttpResponseIncomplete => TransportError::Broken("the answer is incomplete".into()),
        ErrorCode::HttpProtocolError => TransportError::Broken("the answer is not HTTP".into()),
        _ => TransportError::Broken("the exchange failed".into()),
    }
}
