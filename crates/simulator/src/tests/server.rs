use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::COUNT;
use crate::server::Server;
use crate::{Cut, Fault, FaultKind, Incident, Matcher, Options, Vendor};

/// A server with three incidents, and a token for it.
async fn started() -> (Server, String) {
    let mut vendor = Vendor::new(Options::default());
    for n in 1..=3 {
        vendor.add_incident(Incident::at(n, vendor.now()));
    }
    let token = vendor.issue_token();
    (Server::start(vendor, 0).await.unwrap(), token)
}

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.url().trim_start_matches("http://")).await.unwrap()
}

fn request(token: &str, connection: &str) -> String {
    format!(
        "POST {COUNT}?a=b HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
         connection: {connection}\r\ncontent-length: 2\r\n\r\n{{}}"
    )
}

/// All that comes back over a connection of its own.
async fn exchange(server: &Server, token: &str) -> String {
    let mut stream = connect(server).await;
    stream.write_all(request(token, "close").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A dropped connection may end in a reset: what came before it counts.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn it_answers_http_1_and_records_the_request() {
    let (server, token) = started().await;
    let answer = exchange(&server, &token).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\n3"), "{answer}");
    assert!(
        answer.contains("content-length: 1\r\n") && answer.contains("date: Thu, 28 May 2026"),
        "{answer}"
    );
    let vendor = server.vendor();
    let recorded = &vendor.requests()[0];
    assert_eq!((recorded.path.as_str(), recorded.query.as_str()), (COUNT, "a=b"));
    assert_eq!((recorded.method.as_str(), recorded.json()), ("POST", serde_json::json!({})));
}

#[tokio::test]
async fn it_answers_http_2_to_a_client_that_begins_with_it() {
    let (server, token) = started().await;
    let client = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
    for _ in 0..3 {
        let request = hyper::Request::post(format!("{}{COUNT}", server.url()))
            .header("authorization", format!("Bearer {token}"))
            .body(Full::new(Bytes::from("{}")))
            .unwrap();
        let response = client.request(request).await.unwrap();
        assert_eq!((response.status().as_u16(), response.version()), (200, hyper::Version::HTTP_2));
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "3");
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn connections_are_counted_not_requests() {
    let (server, token) = started().await;
    let mut stream = connect(&server).await;
    for _ in 0..2 {
        stream.write_all(request(&token, "keep-alive").as_bytes()).await.unwrap();
        let mut answer = [0; 1024];
        assert!(stream.read(&mut answer).await.unwrap() > 0);
    }
    exchange(&server, &token).await;
    assert_eq!((server.connections(), server.vendor().requests().len()), (2, 3));
}

#[tokio::test]
async fn it_leaves_the_date_out_when_told() {
    let (server, token) = started().await;
    server.vendor().options().date_header = false;
    assert!(!exchange(&server, &token).await.contains("date:"));
}

#[tokio::test]
async fn dropped_connections_get_no_answer() {
    for cut in [Cut::BeforeRequest, Cut::BeforeReply] {
        let (server, token) = started().await;
        server.vendor().fault(Fault::once(Matcher::any(), FaultKind::Drop(cut)));
        assert_eq!(exchange(&server, &token).await, "");
        assert!(exchange(&server, &token).await.ends_with('3'));
    }
}

#[tokio::test]
async fn a_cut_body_is_shorter_than_promised() {
    let (server, token) = started().await;
    server.vendor().revoke_tokens();
    server.vendor().fault(Fault::once(Matcher::any(), FaultKind::Drop(Cut::InBody(5))));
    let answer = exchange(&server, &token).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 401") && !head.contains("content-length: 5\r\n"), "{head}");
    assert_eq!(body, r#"{"err"#);
}

#[tokio::test]
async fn a_delay_is_waited_for() {
    let (server, token) = started().await;
    server.vendor().fault(Fault::once(Matcher::any(), FaultKind::Delay(Duration::from_millis(80))));
    let start = Instant::now();
    exchange(&server, &token).await;
    assert!(start.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn an_endless_body_goes_on_until_the_client_has_enough() {
    let (server, token) = started().await;
    server.vendor().fault(Fault::once(Matcher::any(), FaultKind::Endless(1000)));
    let mut stream = connect(&server).await;
    stream.write_all(request(&token, "close").as_bytes()).await.unwrap();
    let mut much = vec![0; 1_000_000];
    stream.read_exact(&mut much).await.unwrap();
}

#[tokio::test]
async fn a_large_body_tells_its_length_and_ends_there() {
    let (server, token) = started().await;
    server.vendor().fault(Fault::once(Matcher::any(), FaultKind::Large(150_000)));
    let answer = exchange(&server, &token).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-length: 150000"), "{head}");
    assert_eq!(body.len(), 150_000);
}

#[tokio::test]
async fn the_environment_points_at_it() {
    let (server, _) = started().await;
    let environment = server.environment();
    let url = server.url();
    assert!(url.starts_with("http://127.0.0.1:"));
    assert_eq!(environment[0], ("PROOFPOINT_CTR_BASE_URL".into(), url.clone()));
    assert_eq!(environment[1], ("PROOFPOINT_CTR_AUTH_URL".into(), format!("{url}/v1/token")));
    assert_eq!(environment[2], ("PROOFPOINT_CTR_CLIENT_ID".into(), "simulator-client".into()));
    assert_eq!(environment[3], ("PROOFPOINT_CTR_CLIENT_SECRET".into(), "simulator-secret".into()));
    assert_eq!(environment[4], ("PROOFPOINT_CTR_CLUSTER_ID".into(), "example_hosted".into()));
}

#[tokio::test]
async fn stopping_frees_the_port_and_ends_connections() {
    let (server, token) = started().await;
    let mut stream = connect(&server).await;
    stream.write_all(request(&token, "keep-alive").as_bytes()).await.unwrap();
    assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
    let port: u16 = server.url().rsplit(':').next().unwrap().parse().unwrap();
    server.stop().await;
    assert_eq!(stream.read(&mut [0; 1024]).await.unwrap_or(0), 0);
    Server::start(Vendor::new(Options::default()), port).await.unwrap().stop().await;
}

#[tokio::test]
async fn requests_that_are_answered_at_once_are_counted() {
    let (server, token) = started().await;
    server.vendor().fault(Fault::always(Matcher::any(), FaultKind::Delay(Duration::from_millis(200))));
    exchange(&server, &token).await;
    assert_eq!(server.most_at_once(), 1);
    tokio::join!(exchange(&server, &token), exchange(&server, &token), exchange(&server, &token));
    assert_eq!(server.most_at_once(), 3);
}
