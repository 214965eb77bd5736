//! Requests over loopback sockets, each answered by a hand-written peer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ::http::request;
use http_body_util::Full;
use hyper::body::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// What the peer does with a connection once it has read a request.
#[derive(Clone, Copy)]
enum Peer {
    Answer(&'static str),
    Hang,
    HangUp,
    /// Answers with the request line and the body.
    Echo,
}

const HELLO: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nkeep-alive: timeout=5\r\n\r\nhello";

async fn serve(peer: Peer) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = connections.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(converse(stream, peer));
        }
    });
    (url, connections)
}

async fn converse(mut stream: TcpStream, peer: Peer) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        match peer {
            Peer::Echo => {
                let request = String::from_utf8_lossy(&buffer[..read]);
                let (line, body) =
                    (request.lines().next().unwrap(), request.split("\r\n\r\n").nth(1).unwrap());
                let echo = format!("{line} {body}");
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{echo}", echo.len());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            Peer::Answer(text) => stream.write_all(text.as_bytes()).await.unwrap(),
            Peer::Hang => {}
            Peer::HangUp => return,
        }
    }
}

fn outbound(base_url: &str) -> Outbound {
    let mut settings = Settings::default();
    settings.set("ctr_base_url", base_url).unwrap();
    Outbound::new(&Client::new(&Options::default()).unwrap(), &settings)
}

fn patience(milliseconds: u64) -> Option<RequestOptions> {
    let timeout = Some(Duration::from_millis(milliseconds));
    Some(RequestOptions {
        connect_timeout: timeout,
        first_byte_timeout: timeout,
        between_bytes_timeout: timeout,
    })
}

async fn get(outbound: &mut Outbound, url: &str) -> Result<(Response<()>, String), Error> {
    send(outbound, Request::get(url), "").await
}

async fn send(
    outbound: &mut Outbound,
    request: request::Builder,
    body: &'static str,
) -> Result<(Response<()>, String), Error> {
    let body = Full::new(Bytes::from(body)).map_err(|never| match never {}).boxed_unsync();
    let request = request.body(body).unwrap();
    let sent = outbound.send_request(request, patience(300), Box::new(async { Ok(()) }));
    let (response, _) = Box::into_pin(sent).await?;
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await?.to_bytes();
    Ok((Response::from_parts(parts, ()), String::from_utf8(bytes.to_vec()).unwrap()))
}

#[tokio::test]
async fn requests_that_follow_each_other_share_a_connection() {
    let (url, connections) = serve(Peer::Answer(HELLO)).await;
    let mut outbound = outbound(&url);
    for _ in 0..5 {
        let (response, body) = get(&mut outbound, &url).await.unwrap();
        assert_eq!(body, "hello");
        assert!(!response.headers().contains_key("keep-alive"));
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_host_that_is_not_configured_is_not_even_connected_to() {
    let (url, connections) = serve(Peer::Answer(HELLO)).await;
    let denied = get(&mut outbound("http://127.0.0.1:1"), &url).await;
    assert!(matches!(denied, Err(Error::HttpRequestDenied)));
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_instance_has_so_many_requests_under_way_and_unread_answers_count() {
    let (url, connections) = serve(Peer::Answer("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello")).await;
    let mut outbound = outbound(&url);
    let mut ask = || {
        let body = Full::new(Bytes::new()).map_err(|never| match never {}).boxed_unsync();
        let request = Request::get(&url).body(body).unwrap();
        Box::into_pin(outbound.send_request(request, patience(300), Box::new(async { Ok(()) })))
    };
    let mut unread = Vec::new();
    for _ in 0..EXCHANGES {
        unread.push(ask().await.unwrap().0);
    }
    assert!(matches!(ask().await.map(drop), Err(Error::ConnectionLimitReached)));
    assert_eq!(connections.load(Ordering::SeqCst), EXCHANGES, "nobody waits behind what is not read");
    unread.pop();
    assert!(ask().await.is_ok());
}

#[tokio::test]
async fn trailers_stay_behind() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-more\r\n\r\n\
                   5\r\nhello\r\n0\r\nx-more: 1\r\n\r\n";
    let (url, _) = serve(Peer::Answer(chunked)).await;
    let body = Full::new(Bytes::new()).map_err(|never| match never {}).boxed_unsync();
    let request = Request::get(&url).body(body).unwrap();
    let sent = outbound(&url).send_request(request, patience(300), Box::new(async { Ok(()) }));
    let body = Box::into_pin(sent).await.unwrap().0.into_body().collect().await.unwrap();
    assert!(body.trailers().is_none());
    assert_eq!(body.to_bytes(), "hello");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let moved = "HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n";
    let (url, connections) = serve(Peer::Answer(moved)).await;
    let (response, _) = get(&mut outbound(&url), &url).await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_refused_connection_is_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert!(matches!(get(&mut outbound(&url), &url).await, Err(Error::ConnectionRefused)));
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_a_dns_error() {
    let url = "http://no-such-host.invalid";
    assert!(matches!(get(&mut outbound(url), url).await, Err(Error::DnsError { .. })));
}

#[tokio::test]
async fn a_name_that_leads_into_a_private_network_is_not_connected_to_unless_that_is_allowed() {
    let (url, connections) = serve(Peer::Answer(HELLO)).await;
    let named = url.replace("127.0.0.1", "private.test");
    let denied = get(&mut outbound(&named), &named).await;
    assert!(matches!(denied, Err(Error::DestinationIpProhibited)), "{denied:?}");
    assert_eq!(connections.load(Ordering::SeqCst), 0);
    let mut settings = Settings::default();
    settings.set("ctr_base_url", &named).unwrap();
    let options = Options { private_addresses: true, ..Options::default() };
    let mut allowed = Outbound::new(&Client::new(&options).unwrap(), &settings);
    assert_eq!(get(&mut allowed, &named).await.unwrap().1, "hello");
}

#[tokio::test]
async fn header_fields_that_nobody_needs_stay_behind() {
    let answer =
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nset-cookie: a=b\r\nretry-after: 7\r\nserver: x\r\n\r\n";
    let (url, _) = serve(Peer::Answer(answer)).await;
    let (response, _) = get(&mut outbound(&url), &url).await.unwrap();
    let names: Vec<&str> = response.headers().keys().map(|name| name.as_str()).collect();
    assert_eq!(names, ["content-length", "retry-after"]);
}

#[tokio::test]
async fn a_server_that_hangs_up_without_an_answer_terminated_the_connection() {
    let (url, _) = serve(Peer::HangUp).await;
    assert!(matches!(get(&mut outbound(&url), &url).await, Err(Error::ConnectionTerminated)));
}

#[tokio::test]
async fn a_silent_server_is_a_read_timeout() {
    let (url, _) = serve(Peer::Hang).await;
    assert!(matches!(get(&mut outbound(&url), &url).await, Err(Error::ConnectionReadTimeout)));
}

#[tokio::test]
async fn a_tls_handshake_that_stalls_is_a_connection_timeout() {
    let (url, _) = serve(Peer::Hang).await;
    let url = url.replace("http:", "https:");
    assert!(matches!(get(&mut outbound(&url), &url).await, Err(Error::ConnectionTimeout)));
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_a_tls_error() {
    let (url, _) = serve(Peer::Answer(HELLO)).await;
    let url = url.replace("http:", "https:");
    assert!(matches!(get(&mut outbound(&url), &url).await, Err(Error::TlsProtocolError)));
}

#[tokio::test]
async fn a_body_that_stalls_is_a_read_timeout() {
    let (url, _) = serve(Peer::Answer("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello")).await;
    assert!(matches!(get(&mut outbound(&url), &url).await, Err(Error::ConnectionReadTimeout)));
}

#[tokio::test]
async fn what_is_not_http_is_a_protocol_error() {
    let (url, _) = serve(Peer::Answer("SSH-2.0-OpenSSH_9.9\r\n\r\n")).await;
    assert!(matches!(get(&mut outbound(&url), &url).await, Err(Error::HttpProtocolError)));
}

#[tokio::test]
async fn every_method_goes_out_as_it_is() {
    let (url, _) = serve(Peer::Echo).await;
    let mut outbound = outbound(&url);
    for method in ["GET", "POST", "PUT", "PATCH"] {
        let request = Request::builder().method(method).uri(format!("{url}/x?tagValue=t%2F1"));
        let (_, echo) = send(&mut outbound, request, "body").await.unwrap();
        assert_eq!(echo, format!("{method} /x?tagValue=t%2F1 HTTP/1.1 body"));
    }
}

/// What is logged while it lives, by this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_query_can_hold_a_signature_and_stands_in_no_log_and_no_error() {
    let (good, _) = serve(Peer::Answer(HELLO)).await;
    let (broken, _) = serve(Peer::HangUp).await;
    let (log, unreachable) = (Log::default(), "http://no-such-host.invalid".to_owned());
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    for (url, allowed) in [(&good, &good), (&broken, &broken), (&unreachable, &unreachable), (&good, &broken)]
    {
        let answer = get(&mut outbound(allowed), &format!("{url}/shot.jpg?X-Amz-Signature=5ec7e7")).await;
        if let Err(error) = answer {
            assert!(!format!("{error} {error:?}").contains("5ec7e7"), "{error:?}");
        }
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(log.matches("/shot.jpg -> ").count(), 4, "{log}");
    assert!(!log.contains("5ec7e7"), "{log}");
}
