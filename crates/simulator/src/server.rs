//! The vendor on a local port: HTTP/1.1, and HTTP/2 for clients that begin with it.
//!
//! All of the vendor's hosts are served on the one port, told apart by path. Delays, dropped connections
//! and cut or endless bodies happen for real.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::vendor::Vendor;
use crate::wire::{Cut, Reply, Request};

mod body;

use body::{Body, Dropped};

/// A vendor on a local port. It ends when it is dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    vendor: Mutex<Vendor>,
    connections: AtomicUsize,
    /// Requests that are being answered.
    answering: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl Server {
    /// Serves a vendor on 127.0.0.1; port 0 takes a free one. Links to screenshots lead to it, unless the
    /// options have another origin.
    ///
    /// # Errors
    ///
    /// Where the port is taken.
    pub async fn start(mut vendor: Vendor, port: u16) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        vendor.options().itm.screenshot_origin.get_or_insert_with(|| format!("http://{address}"));
        let shared = Arc::new(Shared {
            vendor: Mutex::new(vendor),
            connections: AtomicUsize::new(0),
            answering: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Server { address, shared, accepting })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The vendor. Requests wait while it is held: let go of it before awaiting an answer.
    pub fn vendor(&self) -> MutexGuard<'_, Vendor> {
        self.shared.vendor()
    }

    /// TCP connections accepted so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Requests that were being answered at the same time, at most. A delay makes each last.
    pub fn most_at_once(&self) -> usize {
        self.shared.most_at_once.load(Ordering::SeqCst)
    }

    /// The environment variables that point the `proofpoint` command at this server's Cloud Threat Response.
    pub fn environment(&self) -> Vec<(String, String)> {
        let mut vendor = self.vendor();
        let options = vendor.options();
        [
            ("BASE_URL", self.url()),
            ("AUTH_URL", format!("{}{}", self.url(), crate::wire::TOKEN_PATH)),
            ("CLIENT_ID", options.client_id.clone()),
            ("CLIENT_SECRET", options.client_secret.clone()),
            ("CLUSTER_ID", options.response.clusters.first().cloned().unwrap_or_default()),
        ]
        .map(|(name, value)| (format!("PROOFPOINT_CTR_{name}"), value))
        .into()
    }

    /// The environment variables that point the `proofpoint` command at this server's Insider Threat
    /// Management, screenshots included.
    pub fn itm_environment(&self) -> Vec<(String, String)> {
        let mut vendor = self.vendor();
        let options = &vendor.options().itm;
        [
            ("BASE_URL", self.url()),
            ("API_VERSION", options.api_version.clone()),
            ("CLIENT_ID", options.client_id.clone()),
            ("CLIENT_SECRET", options.client_secret.clone()),
            ("SCREENSHOT_HOSTS", self.address.to_string()),
        ]
        .map(|(name, value)| (format!("PROOFPOINT_ITM_{name}"), value))
        .into()
    }

    /// Stops accepting, drops all connections, and frees the port.
    pub async fn stop(mut self) {
        self.accepting.abort();
        // Its only failure is the one just asked for.
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    fn vendor(&self) -> MutexGuard<'_, Vendor> {
        self.vendor.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is being answered, or was until its connection ended.
struct Answering(Arc<Shared>);

impl Answering {
    fn begin(shared: Arc<Shared>) -> Answering {
        let at_once = shared.answering.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        shared.most_at_once.fetch_max(at_once, Ordering::SeqCst);
        Answering(shared)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.answering.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Accepts until the task is aborted, which ends the connections too.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                connections.spawn(serve(stream, Arc::clone(&shared)));
            }
            // Too many open files, most likely: some may close.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

/// Serves one connection, of whatever kind.
async fn serve(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, shared: Arc<Shared>) {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // Whether there is a date is the vendor's to say.
    builder.http1().auto_date_header(false);
    builder.http2().auto_date_header(false);
    let service = service_fn(|request| answer(request, Arc::clone(&shared)));
    // A connection that broke has nobody to tell.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}

/// The vendor's answer. An error makes hyper drop the connection without one.
async fn answer(
    request: hyper::Request<Incoming>,
    shared: Arc<Shared>,
) -> Result<hyper::Response<Body>, Dropped> {
    let request = received(request).await.map_err(|_| Dropped)?;
    let _answering = Answering::begin(Arc::clone(&shared));
    let reply = shared.vendor().handle(&request);
    tokio::time::sleep(reply.delay).await;
    match reply.cut {
        Cut::BeforeRequest | Cut::BeforeReply => Err(Dropped),
        Cut::No | Cut::InBody(_) => sent(reply),
    }
}

async fn received(request: hyper::Request<Incoming>) -> Result<Request, hyper::Error> {
    let (head, body) = request.into_parts();
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    Ok(Request {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
            .collect(),
        body: body.collect().await?.to_bytes().into(),
    })
}

/// The answer as hyper sends it; one that HTTP has no form for drops the connection.
fn sent(reply: Reply) -> Result<hyper::Response<Body>, Dropped> {
    let mut response = hyper::Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    if let Cut::InBody(_) = reply.cut {
        response = response.header("content-length", reply.body.len());
    }
    response.body(Body::of(reply)).map_err(|_| Dropped)
}
