//! Outbound HTTP: what the component's `wasi:http` requests go through.
//!
//! One pool of connections serves every instance, over HTTP/1.1: an instance that does not read its answers holds
//! connections of its own, and up to a number, and nobody else's. Only the configured hosts can be reached, at public
//! addresses, with the methods and the header fields that the products use; redirects are not followed, TLS is
//! verified, client secrets are put in here, and every wait is bounded.

mod allow;
mod body;
mod dial;
mod failure;
mod handler;
mod headers;
mod resolve;
mod tls;
mod vault;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::http::{Request, Response};
use http_body_util::BodyExt;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::capture_connection;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::Semaphore;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use crate::limits::{BODY_CHUNK, EXCHANGES};
use crate::settings::Settings;
use allow::AllowList;
use body::Bounded;
use dial::Dial;
pub(crate) use handler::add_to_linker;
use vault::Vault;

/// Holds where the component sets no timeout of its own.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// How connections are made.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A PEM file with certificate authorities that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Trust any certificate. Whoever sits in between can read and change everything.
    pub insecure: bool,
    /// Go through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name.
    pub proxy_from_env: bool,
    /// Connect to a configured name also where it leads to a private or link-local address. Without, only
    /// addresses that are themselves configured are reached there, and `localhost`.
    pub private_addresses: bool,
}

/// Why no client can be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The file of certificate authorities cannot be used.
    #[error("cannot use the certificate authorities in {}: {message}", .file.display())]
    CaFile {
        /// The file.
        file: PathBuf,
        /// Why.
        message: String,
    },
    /// The TLS library refuses its configuration.
    #[error("cannot set up TLS: {0}")]
    Tls(String),
}

/// The pool of connections. Clones share it.
#[derive(Clone)]
pub struct Client {
    pool: Pool<HttpsConnector<Dial>, WasiBody>,
}

impl Client {
    /// A client without connections yet.
    pub fn new(options: &Options) -> Result<Self, SetupError> {
        let tls = tls::configuration(options.ca_file.as_deref(), options.insecure)?;
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(Dial::new(options.proxy_from_env, options.private_addresses));
        let pool = Pool::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(EXCHANGES)
            .build(connector);
        Ok(Self { pool })
    }
}

/// The way out of one instance: the shared pool, the hosts this instance may reach, and its secrets.
#[derive(Clone)]
pub(crate) struct Outbound {
    client: Client,
    allowed: AllowList,
    vault: Vault,
    exchanges: Arc<Semaphore>,
}

impl Outbound {
    pub(crate) fn new(client: &Client, settings: &Settings) -> Self {
        Self {
            client: client.clone(),
            allowed: AllowList::of(settings),
            vault: Vault::of(settings),
            exchanges: Arc::new(Semaphore::new(EXCHANGES)),
        }
    }
}

type Pending<T> = Box<dyn Future<Output = Result<T, Error>> + Send>;

impl WasiHttpHooks for Outbound {
    /// The pool sets it.
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        BODY_CHUNK
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Pending<()>,
    ) -> Pending<(Response<WasiBody>, Pending<()>)> {
        let outbound = self.clone();
        Box::new(async move {
            let (method, uri) = (request.method().clone(), request.uri().clone());
            let started = Instant::now();
            let answer = outbound.exchange(request, options).await;
            // Neither query nor headers nor bodies: they can hold what must not be logged.
            let outcome = match &answer {
                Ok(response) => response.status().as_u16().to_string(),
                Err(error) => error.to_string(),
            };
            let (host, path, ms) =
                (uri.host().unwrap_or_default(), uri.path(), started.elapsed().as_millis());
            tracing::debug!("{method} {host}{path} -> {outcome} in {ms} ms");
            Ok((answer?, Box::new(async { Ok(()) }) as Pending<()>))
        })
    }
}

impl Outbound {
    /// Sends one request where it may go.
    async fn exchange(
        self,
        mut request: Request<WasiBody>,
        options: Option<RequestOptions>,
    ) -> Result<Response<WasiBody>, Error> {
        let permit = self.exchanges.try_acquire_owned().map_err(|_| Error::ConnectionLimitReached)?;
        *request.uri_mut() = self.allowed.admit(&request).ok_or(Error::HttpRequestDenied)?;
        let patience = patience(options.as_ref(), |options| options.first_byte_timeout);
        let filled = tokio::time::timeout(patience, self.vault.fill(request)).await;
        let request = filled.unwrap_or(Err(Error::ConnectionWriteTimeout))?;
        let response = self.client.send(request, options).await?;
        // It is under way until its body is gone.
        let held = move |frame| {
            let _permit = &permit;
            frame
        };
        Ok(response.map(|body| body.map_frame(held).boxed_unsync()))
    }
}

impl Client {
    /// Sends one request, to any host: what an instance may reach is settled before. The connect timeout
    /// covers name resolution, proxy and TLS handshake; the first-byte timeout begins with the connection.
    pub async fn send(
        &self,
        mut request: Request<WasiBody>,
        options: Option<RequestOptions>,
    ) -> Result<Response<WasiBody>, Error> {
        let options = options.as_ref();
        let connect = patience(options, |options| options.connect_timeout);
        let first_byte = patience(options, |options| options.first_byte_timeout);
        let between_bytes = patience(options, |options| options.between_bytes_timeout);

        headers::keep(&headers::OF_REQUESTS, request.headers_mut());
        let mut connection = capture_connection(&mut request);
        let mut response = std::pin::pin!(self.pool.request(request));
        let connected = tokio::time::timeout(connect, async {
            // What it answers is a lock guard, which must not live on.
            drop(connection.wait_for_connection_metadata().await);
        });
        let answer = tokio::select! {
            biased;
            answer = &mut response => answer,
            connected = connected => {
                connected.map_err(|_| Error::ConnectionTimeout)?;
                let answer = tokio::time::timeout(first_byte, response).await;
                answer.map_err(|_| Error::ConnectionReadTimeout)?
            }
        };
        let mut response = answer.map_err(|error| failure::of_request(&error))?;
        headers::keep(&headers::OF_ANSWERS, response.headers_mut());
        Ok(response.map(|body| Bounded::new(body, between_bytes).boxed_unsync()))
    }
}

/// How long to wait, by the component's word or the default.
fn patience(options: Option<&RequestOptions>, pick: fn(&RequestOptions) -> Option<Duration>) -> Duration {
    options.and_then(pick).unwrap_or(DEFAULT_TIMEOUT)
}

#[cfg(test)]
mod tests;
