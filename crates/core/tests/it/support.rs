//! A transport that hands requests to the simulated vendor: no sockets, no threads, no real time.

use proofpoint_core::client::Session;
use proofpoint_core::ctr::Ctr;
use proofpoint_core::http::{Limits, Request, Response, Transport, TransportError};
use proofpoint_core::itm::Itm;
use proofpoint_core::time::Timestamp;
use proofpoint_core::{Config, Error};
use proofpoint_simulator as sim;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// The vendor, the connector's clock, and its configuration.
pub struct World {
    pub vendor: RefCell<sim::Vendor>,
    pub settings: RefCell<Vec<(&'static str, String)>>,
    /// How far the connector's clock is ahead of the vendor's, in milliseconds.
    pub skew_ms: Cell<i64>,
    uptime: Cell<Duration>,
    session: RefCell<Option<Rc<Session>>>,
    itm_session: RefCell<Option<Rc<Session>>>,
}

impl World {
    pub fn new(options: sim::Options) -> Self {
        let settings = vec![
            ("ctr_base_url", "https://api.test".to_owned()),
            ("ctr_auth_url", "https://auth.test/v1/token".to_owned()),
            ("ctr_client_id", options.client_id.clone()),
            ("ctr_client_secret", options.client_secret.clone()),
            ("ctr_calls_per_minute", "0".to_owned()),
            ("itm_base_url", "https://tenant.test".to_owned()),
            ("itm_client_id", options.itm.client_id.clone()),
            ("itm_client_secret", options.itm.client_secret.clone()),
        ];
        Self {
            vendor: RefCell::new(sim::Vendor::new(options)),
            settings: RefCell::new(settings),
            skew_ms: Cell::new(0),
            uptime: Cell::new(Duration::from_secs(1000)),
            session: RefCell::new(None),
            itm_session: RefCell::new(None),
        }
    }

    /// A vendor that keeps no quota of its own.
    pub fn without_quota() -> Self {
        Self::new(sim::Options { calls_per_minute: None, ..sim::Options::default() })
    }

    pub fn set(&self, key: &'static str, value: impl ToString) {
        let mut settings = self.settings.borrow_mut();
        settings.retain(|(k, _)| *k != key);
        settings.push((key, value.to_string()));
    }

    /// Lets time pass, for the vendor and the connector alike.
    pub fn advance(&self, by: Duration) {
        self.vendor.borrow_mut().advance(by);
        self.uptime.set(self.uptime.get() + by);
    }

    /// What the vendor's clock shows.
    pub fn now(&self) -> Timestamp {
        self.vendor.borrow().now()
    }

    /// Forgets token and budget, as a restarted process does.
    pub fn restart(&self) {
        *self.session.borrow_mut() = None;
        *self.itm_session.borrow_mut() = None;
    }

    /// Runs an operation of Cloud Threat Response as one exported call.
    pub fn call<R>(
        &self,
        operation: impl AsyncFnOnce(Ctr<'_, World>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let config = self.config()?;
        let ctr = Ctr::new(self, &config, &self.session)?;
        block_on(operation(ctr))
    }

    /// Runs an operation of Insider Threat Management as one exported call.
    pub fn itm<R>(
        &self,
        operation: impl AsyncFnOnce(Itm<'_, World>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let config = self.config()?;
        let itm = Itm::new(self, &config, &self.itm_session)?;
        block_on(operation(itm))
    }

    fn config(&self) -> Result<Config, Error> {
        Config::read(|key| Ok(self.settings.borrow().iter().find(|(k, _)| *k == key).map(|(_, v)| v.clone())))
    }

    /// Requests that went to the API, without those for tokens.
    pub fn api_calls(&self) -> usize {
        self.vendor.borrow().requests().iter().filter(|recorded| !recorded.is_token()).count()
    }

    pub fn token_calls(&self) -> usize {
        self.vendor.borrow().requests().iter().filter(|recorded| recorded.is_token()).count()
    }

    /// What went to the API, without what went for tokens: method, path and query, JSON body (null without one).
    pub fn sent(&self) -> Vec<(String, String, serde_json::Value)> {
        let vendor = self.vendor.borrow();
        let sent = vendor.requests().iter().filter(|recorded| !recorded.is_token());
        sent.map(|r| {
            let query = if r.query.is_empty() { String::new() } else { format!("?{}", r.query) };
            (r.method.clone(), format!("{}{query}", r.path), r.json())
        })
        .collect()
    }

    /// The form fields of the requests for tokens.
    pub fn token_forms(&self) -> Vec<Vec<(String, String)>> {
        let vendor = self.vendor.borrow();
        vendor.requests().iter().filter(|r| r.is_token()).map(|r| r.form()).collect()
    }

    /// Adds a ticket, and answers its fqid.
    pub fn add_ticket(&self, ticket: sim::Ticket) -> String {
        let fqid = ticket.fqid.clone();
        self.vendor.borrow_mut().add_ticket(ticket);
        fqid
    }

    /// The JSON bodies of the requests whose path ends so.
    pub fn bodies(&self, path_end: &str) -> Vec<serde_json::Value> {
        let vendor = self.vendor.borrow();
        vendor.requests().iter().filter(|r| r.path.ends_with(path_end)).map(|r| r.json()).collect()
    }
}

impl Transport for World {
    async fn send(&self, request: &Request, limits: Limits) -> Result<Response, TransportError> {
        let rest = request.url.split_once("://").unwrap().1;
        let (_, target) = rest.split_once('/').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let reply = self.vendor.borrow_mut().handle(&sim::Request {
            method: request.method.as_str().to_owned(),
            path: format!("/{path}"),
            query: query.to_owned(),
            headers: request.headers.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect(),
            body: request.body.clone().unwrap_or_default(),
        });
        if reply.delay >= limits.timeout {
            std::future::pending::<()>().await;
        }
        self.advance(reply.delay);
        match reply.cut {
            sim::Cut::BeforeRequest => return Err(TransportError::NotSent("refused".into())),
            sim::Cut::BeforeReply | sim::Cut::InBody(_) => {
                return Err(TransportError::Broken("cut off".into()));
            }
            sim::Cut::No => {}
        }
        if reply.endless || reply.body.len() > limits.max_body {
            return Err(TransportError::TooLarge);
        }
        Ok(Response { status: reply.status, headers: reply.headers, body: reply.body })
    }

    async fn sleep(&self, duration: Duration) {
        self.advance(duration);
    }

    fn now(&self) -> Timestamp {
        self.vendor.borrow().now() + chrono::TimeDelta::milliseconds(self.skew_ms.get())
    }

    fn uptime(&self) -> Duration {
        self.uptime.get()
    }
}

/// Runs a future that never waits for anything real.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..100_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("the future waits for something that never happens");
}

/// Arms a fault for every request to a place.
pub fn always(world: &World, place: sim::Place, kind: sim::FaultKind) {
    world.vendor.borrow_mut().fault(sim::Fault::always(sim::Matcher::place(place), kind));
}

/// Arms a fault for the next request to a place.
pub fn once(world: &World, place: sim::Place, kind: sim::FaultKind) {
    world.vendor.borrow_mut().fault(sim::Fault::once(sim::Matcher::place(place), kind));
}

/// A 200 whose `_status` tells of an error.
pub fn inside_200(status: u16) -> sim::FaultKind {
    let (code, message) = ("it:error:some-error".into(), "Something is wrong".into());
    sim::FaultKind::EnvelopeStatus { status, code, message }
}

pub fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

pub fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

pub fn ago(world: &World, by: Duration) -> Timestamp {
    world.now() - chrono::TimeDelta::from_std(by).unwrap()
}
