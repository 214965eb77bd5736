//! TCP connections, straight or through the environment's proxy.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::resolve::Resolver;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Makes the connection below TLS.
#[derive(Clone)]
pub(super) struct Dial {
    tcp: HttpConnector<Resolver>,
    proxies: Option<Proxies>,
}

#[derive(Clone)]
struct Proxies {
    matcher: Arc<Matcher>,
    /// Whoever runs the program named the proxy: it may be anywhere.
    tcp: HttpConnector<Resolver>,
}

impl Dial {
    pub(super) fn new(proxy_from_env: bool, private_addresses: bool) -> Self {
        let connector = |private| {
            let mut tcp = HttpConnector::new_with_resolver(Resolver::new(private));
            tcp.set_nodelay(true);
            tcp.enforce_http(false);
            tcp
        };
        let proxies = || Proxies { matcher: Arc::new(Matcher::from_env()), tcp: connector(true) };
        Self { tcp: connector(private_addresses), proxies: proxy_from_env.then(proxies) }
    }
}

impl Service<Uri> for Dial {
    type Response = TokioIo<TcpStream>;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Failure>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.tcp.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, destination: Uri) -> Self::Future {
        let mut tcp = self.tcp.clone();
        let proxy = self
            .proxies
            .as_ref()
            .and_then(|proxies| Some((proxies.matcher.intercept(&destination)?, proxies.tcp.clone())));
        Box::pin(async move {
            let Some((proxy, tcp)) = proxy else { return Ok(tcp.call(destination).await?) };
            if proxy.uri().scheme_str() != Some("http") {
                let message = "only proxies with an http:// address can be used";
                return Err(io::Error::new(io::ErrorKind::Unsupported, message).into());
            }
            let mut tunnel = Tunnel::new(proxy.uri().clone(), tcp);
            if let Some(credentials) = proxy.basic_auth() {
                tunnel = tunnel.with_auth(credentials.clone());
            }
            Ok(tunnel.call(destination).await?)
        })
    }
}
