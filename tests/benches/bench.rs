//! What the sandbox costs: measured side by side in one run, told as ratios.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use http_body_util::{BodyExt, Full};
use proofpoint_core::client::Session;
use proofpoint_core::ctr::Ctr;
use proofpoint_core::ctr::incidents::IncidentQuery;
use proofpoint_core::http::{Limits, Request, Response, Transport, TransportError};
use proofpoint_core::{Config, time};
use proofpoint_host::{Cache, Connector, Instance, Settings, http::Client};
use proofpoint_simulator::server::Server;
use proofpoint_simulator::{Clock, Fault, FaultKind, Matcher, Options, Vendor};
use serde_json::json;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const ROUNDS: usize = 200;
const LATENCY: Duration = Duration::from_millis(20);
const IN_FLIGHT: u32 = 16;

fn main() {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(async {
        let mut vendor =
            Vendor::new(Options { clock: Clock::System, calls_per_minute: None, ..Options::default() });
        vendor.seed(400);
        Server::start(vendor, 0).await.unwrap()
    });
    let mut settings = Settings::default();
    for (name, value) in server.environment() {
        let key = name.strip_prefix("PROOFPOINT_").unwrap_or(&name).to_lowercase();
        settings.set(&key, &value).unwrap();
    }
    settings.set("ctr_calls_per_minute", "0").unwrap();
    let client = Client::new(&Default::default()).unwrap();

    start_up(&runtime, &settings, &client);
    let connector = Connector::load(&component(), &Cache::disabled()).unwrap();
    let mut instance = connector.instance(&settings, &client);
    list(&runtime, &settings, &client, &mut instance);
    details(&runtime, &server, &mut instance);
    runtime.block_on(server.stop());
}

/// The component that `just component` builds.
fn component() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    root.join("target/wasm32-wasip2/component/proofpoint_connector.wasm")
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Load, instantiate and make a first call, with and without the component in the cache.
fn start_up(runtime: &Runtime, settings: &Settings, client: &Client) {
    let directory = tempfile::tempdir().unwrap();
    let start = |cache: &Cache| {
        let begin = Instant::now();
        let connector = Connector::load(&component(), cache).unwrap();
        let mut instance = connector.instance(settings, client);
        call(runtime, &mut instance, "incidents.incident-count", json!({}));
        begin.elapsed()
    };
    let warm = Cache::in_directory(directory.path());
    start(&warm);
    let (mut cold_times, mut warm_times) = (Vec::new(), Vec::new());
    for _ in 0..9 {
        cold_times.push(start(&Cache::disabled()));
        warm_times.push(start(&warm));
    }
    let (cold, warm) = (median(cold_times), median(warm_times));
    println!(
        "start-up to the first answer   cold cache {:7.2} ms   warm cache {:7.2} ms   warm/cold {:.2}",
        ms(cold),
        ms(warm),
        warm.as_secs_f64() / cold.as_secs_f64()
    );
}

/// A warm `incident-list` of 200 rows, through the component and natively, over the same pool.
fn list(runtime: &Runtime, settings: &Settings, client: &Client, instance: &mut Instance) {
    let config = Config::read(|key| Ok(settings.get(key).map(ToOwned::to_owned))).unwrap();
    let native = Native { client, session: RefCell::new(None), begin: Instant::now() };
    let query = IncidentQuery { limit: Some(200), ..IncidentQuery::default() };
    let (mut through, mut natively) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        let page = call(runtime, instance, "incidents.incident-list", json!({"query": {"limit": 200}}));
        through.push(begin.elapsed());
        assert_eq!(page["incidents"].as_array().map(Vec::len), Some(200));
        let begin = Instant::now();
        let ctr = Ctr::new(&native, &config, &native.session).unwrap();
        let page = runtime.block_on(ctr.incident_list(&query)).unwrap();
        natively.push(begin.elapsed());
        assert_eq!(page.incidents.len(), 200);
    }
    let (through, natively) = (median(through), median(natively));
    println!(
        "incident-list of 200, warm     component  {:7.2} ms   native     {:7.2} ms   component/native {:.2}",
        ms(through),
        ms(natively),
        through.as_secs_f64() / natively.as_secs_f64()
    );
}

/// `incident-get` of 200 ids while the server takes 20 ms for each, against the ideal.
fn details(runtime: &Runtime, server: &Server, instance: &mut Instance) {
    let ids: Vec<String> = server.vendor().visible_ids().into_iter().take(200).collect();
    let slow = Matcher::path_containing("/incidents/").method("GET");
    server.vendor().fault(Fault::always(slow, FaultKind::Delay(LATENCY)));
    let mut times = Vec::new();
    for _ in 0..7 {
        let begin = Instant::now();
        let details = call(runtime, instance, "incidents.incident-get", json!({"ids": ids}));
        times.push(begin.elapsed());
        assert!(details.as_array().unwrap().iter().all(|detail| detail.get("ok").is_some()));
    }
    server.vendor().clear_faults();
    let (measured, ideal) = (median(times), LATENCY * 200_u32.div_ceil(IN_FLIGHT));
    println!(
        "incident-get of 200 at 20 ms   component  {:7.2} ms   ideal      {:7.2} ms   component/ideal  {:.2}",
        ms(measured),
        ms(ideal),
        measured.as_secs_f64() / ideal.as_secs_f64()
    );
}

fn call(
    runtime: &Runtime,
    instance: &mut Instance,
    function: &str,
    arguments: serde_json::Value,
) -> serde_json::Value {
    runtime.block_on(instance.call(function, &arguments)).unwrap().unwrap()
}

/// The core's transport over the host's own pool of connections.
struct Native<'a> {
    client: &'a Client,
    session: RefCell<Option<Rc<Session>>>,
    begin: Instant,
}

impl Transport for Native<'_> {
    async fn send(&self, request: &Request, _: Limits) -> Result<Response, TransportError> {
        let mut outgoing = http::Request::builder().method(request.method.as_str()).uri(&request.url);
        for (name, value) in &request.headers {
            outgoing = outgoing.header(*name, value);
        }
        let body = Full::from(request.body.clone().unwrap_or_default());
        let body = body.map_err(|never| match never {}).boxed_unsync();
        let response = self.client.send(outgoing.body(body).unwrap(), None).await.unwrap();
        let (parts, body) = response.into_parts();
        let headers = parts
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()));
        Ok(Response {
            status: parts.status.as_u16(),
            headers: headers.collect(),
            body: body.collect().await.unwrap().to_bytes().into(),
        })
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn now(&self) -> time::Timestamp {
        let since_1970 = std::time::UNIX_EPOCH.elapsed().unwrap();
        time::from_ms(since_1970.as_millis().try_into().unwrap())
    }

    fn uptime(&self) -> Duration {
        self.begin.elapsed()
    }
}
