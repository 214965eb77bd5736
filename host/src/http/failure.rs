//! The client's errors as the `wasi:http` error codes that the component judges by.
//!
//! What matters most is whether the request can have reached the server: codes of the connect phase
//! (refused, DNS, TLS) promise that it did not, so that a write may be repeated. A connection timeout
//! promises nothing: other hosts use it for idle connections too.

use std::error::Error as Source;
use std::io::{self, ErrorKind};

use hyper_util::client::legacy;
use wasmtime_wasi_http::Error;

/// What a request without an answer failed by.
pub(super) fn of_request(error: &legacy::Error) -> Error {
    let chain = chain(error);
    if !error.is_connect() {
        // A broken record of TLS is a broken connection: the request was on its way.
        let broken = tls(&chain).map(|_| Error::ConnectionTerminated);
        return broken.or_else(|| exchange(&chain)).unwrap_or(Error::HttpProtocolError);
    }
    tls(&chain)
        .or_else(|| prohibited(&chain))
        .or_else(|| dns(&chain))
        .or_else(|| connect(&chain))
        .unwrap_or_else(|| {
            // Proxies, mostly: no code says what is wrong with one.
            let cause = chain.last().map(ToString::to_string).unwrap_or_default();
            tracing::warn!("no connection: {cause}");
            Error::DestinationUnavailable
        })
}

/// What a response body broke off by.
pub(super) fn of_body(error: &hyper::Error) -> Error {
    if error.is_timeout() {
        return Error::HttpResponseTimeout;
    }
    match exchange(&chain(error)) {
        Some(Error::ConnectionTerminated) => Error::HttpResponseIncomplete,
        Some(other) => other,
        None => Error::HttpProtocolError,
    }
}

type Chain<'a> = Vec<&'a (dyn Source + 'static)>;

/// The error and its causes, outermost first, those that hide inside an `io::Error` included.
fn chain<'a>(error: &'a (dyn Source + 'static)) -> Chain<'a> {
    let mut chain = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        chain.push(error);
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = inner.map(|inner| inner as &(dyn Source + 'static)).or_else(|| error.source());
    }
    chain
}

fn tls(chain: &Chain<'_>) -> Option<Error> {
    let error = chain.iter().find_map(|error| error.downcast_ref::<rustls::Error>())?;
    Some(match error {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
            Error::TlsCertificateError
        }
        rustls::Error::AlertReceived(alert) => Error::TlsAlertReceived {
            alert_id: Some(u8::from(*alert)),
            alert_message: Some(format!("{alert:?}")),
        },
        _ => Error::TlsProtocolError,
    })
}

/// The resolver's own refusal, or the system's.
fn prohibited(chain: &Chain<'_>) -> Option<Error> {
    (io_kind(chain)? == ErrorKind::PermissionDenied).then_some(Error::DestinationIpProhibited)
}

/// hyper-util wraps what the resolver says in a private type of this text.
fn dns(chain: &Chain<'_>) -> Option<Error> {
    let at = chain.iter().position(|error| error.to_string().starts_with("dns error"))?;
    let cause = chain.get(at..)?.last()?.to_string();
    Some(Error::DnsError { rcode: Some(cause), info_code: None })
}

fn connect(chain: &Chain<'_>) -> Option<Error> {
    Some(match io_kind(chain)? {
        ErrorKind::ConnectionRefused => Error::ConnectionRefused,
        ErrorKind::TimedOut => Error::ConnectionTimeout,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::AddrNotAvailable => {
            Error::DestinationIpUnroutable
        }
        kind if is_broken(kind) => Error::DestinationUnavailable,
        _ => return None,
    })
}

fn exchange(chain: &Chain<'_>) -> Option<Error> {
    if let Some(error) = chain.iter().find_map(|error| error.downcast_ref::<hyper::Error>()) {
        if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
            return Some(Error::ConnectionTerminated);
        }
        if error.is_parse() {
            return Some(Error::HttpProtocolError);
        }
    }
    match io_kind(chain)? {
        ErrorKind::TimedOut => Some(Error::ConnectionReadTimeout),
        kind if is_broken(kind) => Some(Error::ConnectionTerminated),
        _ => None,
    }
}

fn io_kind(chain: &Chain<'_>) -> Option<ErrorKind> {
    let kinds = chain.iter().filter_map(|error| error.downcast_ref::<io::Error>()).map(io::Error::kind);
    kinds.into_iter().find(|kind| *kind != ErrorKind::Other)
}

fn is_broken(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::NotConnected
            | ErrorKind::UnexpectedEof
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(error: impl Into<Box<dyn Source + Send + Sync>>) -> io::Error {
        io::Error::other(io::Error::other(error))
    }

    fn name(error: Option<Error>) -> String {
        format!("{error:?}")
    }

    #[test]
    fn causes_are_found_however_deep_they_hide() {
        let unknown = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        assert_eq!(name(tls(&chain(&wrapped(unknown)))), "Some(TlsCertificateError)");
        let alert = rustls::Error::AlertReceived(rustls::AlertDescription::UnknownCA);
        assert!(name(tls(&chain(&wrapped(alert)))).contains("alert_id: Some(48)"));
        let other = rustls::Error::HandshakeNotComplete;
        assert_eq!(name(tls(&chain(&wrapped(other)))), "Some(TlsProtocolError)");
        assert_eq!(name(tls(&chain(&wrapped("text")))), "None");
    }

    #[test]
    fn a_broken_connection_means_different_things_before_and_after_it_was_made() {
        for (kind, connecting, exchanging) in [
            (ErrorKind::ConnectionRefused, "Some(ConnectionRefused)", "None"),
            (ErrorKind::TimedOut, "Some(ConnectionTimeout)", "Some(ConnectionReadTimeout)"),
            (ErrorKind::ConnectionReset, "Some(DestinationUnavailable)", "Some(ConnectionTerminated)"),
            (ErrorKind::UnexpectedEof, "Some(DestinationUnavailable)", "Some(ConnectionTerminated)"),
            (ErrorKind::HostUnreachable, "Some(DestinationIpUnroutable)", "None"),
        ] {
            let error = wrapped(io::Error::from(kind));
            assert_eq!(name(connect(&chain(&error))), connecting);
            assert_eq!(name(exchange(&chain(&error))), exchanging);
        }
    }
}
