//! What the host lets through: the configured hosts, over TLS that it trusts.

use std::path::PathBuf;
use std::sync::Arc;

use http_body_util::BodyExt;
use proofpoint_tests::{World, case};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use wasmtime_wasi_http::{Error, WasiHttpView};

/// TLS in front of a world's vendor, with a certificate of an authority of its own.
struct Front {
    url: String,
    ca_file: PathBuf,
}

impl Front {
    /// With a certificate for these names, speaking these protocols.
    async fn new(world: &World, names: &[&str], protocols: &[&str]) -> Front {
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
        let ca_file = world.directory().join("ca.pem");
        std::fs::write(&ca_file, authority.pem()).unwrap();

        let mut config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let behind = world.server.url().replace("http://", "");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, behind) = (acceptor.clone(), behind.clone());
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut vendor = TcpStream::connect(behind).await.unwrap();
                    // However it ends, it is over.
                    let _ = tokio::io::copy_bidirectional(&mut stream, &mut vendor).await;
                });
            }
        });
        Front { url, ca_file }
    }

    fn point(&self, world: &mut World) {
        world.set("itm_base_url", &self.url);
        world.set("ctr_base_url", &self.url);
        world.set("ctr_auth_url", &format!("{}/v1/token", self.url));
    }
}

#[tokio::test]
async fn a_private_authority_is_trusted_when_it_is_named() {
    for protocols in [&["h2", "http/1.1"][..], &["http/1.1"], &[]] {
        let mut world = World::new().await;
        world.add_incidents(3, 0);
        let front = Front::new(&world, &["localhost"], protocols).await;
        front.point(&mut world);
        let ca_file = front.ca_file.to_str().unwrap();
        let page = world.run(["incidents", "list", "--ca-file", ca_file]).await.good().json();
        assert_eq!(page["total"], 3, "{protocols:?}");
        assert_eq!((world.counts(), world.server.connections()), ((1, 1), 1));
    }
}

#[tokio::test]
async fn an_untrusted_certificate_is_refused_and_nothing_sent() {
    let mut world = World::new().await;
    let front = Front::new(&world, &["localhost"], &["http/1.1"]).await;
    front.point(&mut world);
    for arguments in [&["incidents", "count"][..], &["tickets", "search"], &["tickets", "tag", "f", "t"]] {
        world.run(arguments).await.failed(7, "the server's certificate is not trusted");
    }
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn a_token_is_sent_to_no_server_whose_certificate_is_not_trusted() {
    let mut world = World::new().await;
    world.add_incidents(1, 0);
    let front = Front::new(&world, &["localhost"], &["http/1.1"]).await;
    // The token itself comes from a server that is trusted.
    world.set("ctr_base_url", &front.url);
    let id = proofpoint_tests::id(1);
    let commands = [
        &["incidents", "count"][..],
        &["incidents", "create", "--title", "t"],
        &["messages", "show", &id],
        &["lists", "add", "block", "from", "equal", "a@example.com"],
    ];
    for (arguments, tokens) in commands.iter().zip(1..) {
        world.run(*arguments).await.failed(7, "the server's certificate is not trusted");
        assert_eq!(world.counts(), (0, tokens), "{arguments:?}");
    }
    let ca_file = front.ca_file.to_str().unwrap();
    let count = world.run(["incidents", "count", "--ca-file", ca_file]).await.good().stdout;
    assert_eq!((count.as_str(), world.counts().0), ("1\n", 1));
}

#[tokio::test]
async fn a_screenshot_is_loaded_from_no_server_whose_certificate_is_not_trusted() {
    let mut world = World::new().await;
    let fqid = world.add_ticket(1, chrono::TimeDelta::minutes(1), |ticket| ticket.screenshots.truncate(1));
    let front = Front::new(&world, &["localhost"], &["http/1.1"]).await;
    world.vendor().options().itm.screenshot_origin = Some(front.url.clone());
    world.set("itm_screenshot_hosts", &front.url.replace("https://", ""));
    let saved = world.directory().join("screens");
    let save = ["tickets", "screenshots", &fqid, "--save", saved.to_str().unwrap()];
    let pictures = || world.api().iter().filter(|call| call.path.starts_with("/screenshots/")).count();
    world.run(save).await.failed(7, "the server's certificate is not trusted");
    assert_eq!((pictures(), saved.exists()), (0, false));
    world.run(save.into_iter().chain(["--ca-file", front.ca_file.to_str().unwrap()])).await.good();
    assert_eq!((pictures(), saved.join("1-1.jpg").is_file()), (1, true));
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let mut world = World::new().await;
    let front = Front::new(&world, &["elsewhere.example.com"], &["http/1.1"]).await;
    front.point(&mut world);
    let ca_file = front.ca_file.to_str().unwrap();
    world.run(["incidents", "count", "--ca-file", ca_file]).await.failed(7, "certificate is not trusted");
    world.run(["tickets", "search", "--ca-file", ca_file]).await.failed(7, "certificate is not trusted");
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn insecure_works_and_says_so_aloud() {
    let mut world = World::new().await;
    let front = Front::new(&world, &["elsewhere.example.com"], &["http/1.1"]).await;
    front.point(&mut world);
    let ran = world.run(["incidents", "count", "--insecure"]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "0\n"), "{ran:#?}");
    assert!(ran.stderr.starts_with("WARNING: --insecure:"), "{ran:#?}");
    assert_eq!(ran.stderr.lines().count(), 1);
}

/// A proxy that leads every connection to this address, whatever name was asked for.
async fn proxy_to(address: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let address = address.clone();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(client.read_u8().await.unwrap());
                }
                assert!(head.starts_with(b"CONNECT "), "nothing is sent in the clear");
                let mut server = TcpStream::connect(address).await.unwrap();
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                // However it ends, it is over.
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    url
}

#[tokio::test]
async fn a_host_whose_name_holds_apis_keeps_it_in_links() {
    let mut world = World::new().await;
    let fqid = world.add_ticket(1, chrono::TimeDelta::minutes(1), |_| {});
    let name = "apis.explore.example.com";
    let front = Front::new(&world, &[name], &["http/1.1"]).await;
    let proxy = proxy_to(front.url.replace("https://", "")).await;
    for end in ["", "/", "/v2/apis/"] {
        world.set("itm_base_url", &format!("https://{name}{end}"));
        let ca_file = front.ca_file.to_str().unwrap();
        let arguments = ["tickets", "get", &fqid, "--ca-file", ca_file, "--proxy-from-env"];
        let mut command = world.command(arguments);
        command.env("HTTPS_PROXY", &proxy);
        let ticket = world.finish(command).await.good().json();
        let link = ticket[0]["timeline-url"].as_str().unwrap();
        assert!(link.starts_with(&format!("https://{name}/v2/apps/search/timeline?")), "{link}");
    }
}

#[tokio::test]
async fn a_ca_file_that_cannot_be_used_is_3() {
    let world = World::new().await;
    let file = world.directory().join("ca.pem");
    let arguments = ["incidents", "count", "--ca-file", file.to_str().unwrap()];
    world.run(arguments).await.failed(3, "cannot use the certificate authorities in");
    std::fs::write(&file, "no certificate").unwrap();
    world.run(arguments).await.failed(3, "it holds no PEM certificate");
    assert_eq!(world.counts(), (0, 0));
}

/// The component asks for its configured hosts alone, so the host is asked here as a component would
/// ask: through the outgoing handler of a live instance.
#[tokio::test]
async fn a_host_that_is_not_configured_cannot_be_reached() {
    let (world, other) = (World::new().await, World::new().await);
    let mut instance = world.instance();
    for (target, reached) in [(&world, true), (&other, false)] {
        let url = format!("{}/api/v1/tric/incidents", target.server.url());
        let body = http_body_util::Empty::new().map_err(|never| match never {}).boxed_unsync();
        let request = http::Request::get(&url).body(body).unwrap();
        let answer = instance
            .typed(async move |_, store| {
                let handler = store.data_mut().http().hooks;
                let sent = handler.send_request(request, None, Box::new(async { Ok(()) }));
                Ok(Box::into_pin(sent).await)
            })
            .await
            .unwrap();
        match answer {
            Ok((response, _)) => assert!(reached && response.status() == 401, "{response:?}"),
            Err(error) => assert!(!reached && matches!(error, Error::HttpRequestDenied), "{error:?}"),
        }
    }
    assert_eq!((world.server.connections(), other.server.connections()), (1, 0));
}

#[tokio::test]
async fn credentials_go_over_plain_http_to_this_machine_only() {
    let mut world = World::new().await;
    for url in ["http://example.com", "http://127.0.0.1.example.com", "http://me:pw@127.0.0.1", "http://"] {
        world.set("ctr_auth_url", url);
        let answer = world.list(json!({})).await;
        assert_eq!(case(&answer), "configuration", "{url}");
        assert!(!answer.unwrap_err().to_string().contains("me:pw"));
    }
    assert_eq!(world.counts(), (0, 0));
}
