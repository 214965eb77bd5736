//! A world without sockets and without time of its own, whose service answers what an input holds, or the simulator.

use crate::check;
use crate::input::{Answer, Input};
use proofpoint_core::client::Session;
use proofpoint_core::ctr::Ctr;
use proofpoint_core::http::{Limits, Request, Response, Transport, TransportError};
use proofpoint_core::itm::Itm;
use proofpoint_core::time::Timestamp;
use proofpoint_core::{Config, Error};
use proofpoint_simulator as sim;
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// The secret of both keys, and the token of both products where the input holds no others. Neither may be shown.
pub const SECRET: &str = "client-s3cret-of-both";
/// See [`SECRET`].
pub const TOKEN: &str = "acc3ss-t0ken";

/// The longest that one call takes.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(300);

/// Where the world's time begins: the simulator's.
const BEGIN: i64 = 1_780_000_000;

const SETTINGS: [(&str, &str); 10] = [
    ("ctr_base_url", "https://api.test"),
    ("ctr_auth_url", "https://auth.test/v1/token"),
    ("ctr_client_id", "simulator-client"),
    ("ctr_client_secret", SECRET),
    ("ctr_cluster_id", "example_hosted"),
    ("itm_base_url", "https://tenant.test"),
    ("itm_client_id", "simulator-itm-client"),
    ("itm_client_secret", SECRET),
    ("itm_screenshot_hosts", "screenshots.example.com"),
    ("ctr_calls_per_minute", "0"),
];

/// A service, a clock, a configuration.
pub struct World {
    service: Service,
    flags: u8,
    /// Whether tokens come from the input as well.
    pub answers_tokens: Cell<bool>,
    config: Config,
    uptime: Cell<Duration>,
    sessions: [RefCell<Option<Rc<Session>>>; 2],
    /// Calls so far.
    pub calls: Cell<u32>,
    /// Requests so far, without those for tokens.
    pub sent: Cell<u32>,
    /// Time that each request takes, so that no number of answers keeps a call from its end.
    pub each_request: Cell<Duration>,
    /// The answers of the simulator, without those for tokens.
    pub given: RefCell<Vec<Answer>>,
}

enum Service {
    Answers { answers: Vec<Answer>, next: Cell<usize> },
    Simulator(Box<RefCell<sim::Vendor>>),
}

impl World {
    /// A world that answers what an input holds.
    pub fn answering(input: Input) -> Self {
        Self::of(Service::Answers { answers: input.answers, next: Cell::new(0) }, input.flags)
    }

    /// A world that answers what the simulator does, and notes it.
    pub fn simulated(mut vendor: sim::Vendor, flags: u8) -> Self {
        vendor.options().client_secret = SECRET.into();
        vendor.options().itm.client_secret = SECRET.into();
        Self::of(Service::Simulator(Box::new(RefCell::new(vendor))), flags)
    }

    fn of(service: Service, flags: u8) -> Self {
        let setting = |key: &str| SETTINGS.iter().find(|(known, _)| *known == key);
        let mut config = Config::read(|key| Ok(setting(key).map(|(_, value)| (*value).to_owned())))
            .expect("the settings are good");
        config.call_timeout = CALL_TIMEOUT;
        Self {
            service,
            flags,
            answers_tokens: Cell::new(false),
            config,
            uptime: Cell::new(Duration::ZERO),
            sessions: [RefCell::new(None), RefCell::new(None)],
            calls: Cell::new(0),
            sent: Cell::new(0),
            each_request: Cell::new(Duration::from_secs(1)),
            given: RefCell::new(Vec::new()),
        }
    }

    /// One of eight switches of how an operation is asked.
    pub fn flag(&self, number: u8) -> bool {
        self.flags >> number & 1 == 1
    }

    /// Whether rows are asked for with their text.
    pub fn raw(&self) -> bool {
        self.flag(0)
    }

    /// How much of a list is wanted.
    pub fn limit(&self) -> u32 {
        if self.flag(1) { 3 } else { 300 }
    }

    /// A value where filters are set.
    pub fn filters(&self, value: &str) -> Vec<String> {
        if self.flag(2) { vec![value.to_owned()] } else { Vec::new() }
    }

    /// The time that passed.
    pub fn elapsed(&self) -> Duration {
        self.uptime.get()
    }

    /// Makes an exported call to Threat Response.
    pub fn ctr<R>(&self, operation: impl AsyncFnOnce(Ctr<'_, Self>) -> Result<R, Error>) -> Result<R, Error> {
        self.calls.set(self.calls.get() + 1);
        block_on(operation(Ctr::new(self, &self.config, &self.sessions[0])?))
    }

    /// Makes an exported call to Insider Threat Management.
    pub fn itm<R>(&self, operation: impl AsyncFnOnce(Itm<'_, Self>) -> Result<R, Error>) -> Result<R, Error> {
        self.calls.set(self.calls.get() + 1);
        block_on(operation(Itm::new(self, &self.config, &self.sessions[1])?))
    }

    /// The body that was answered last.
    pub fn last_body(&self) -> Vec<u8> {
        match &self.service {
            Service::Answers { answers, next } => {
                answers[next.get().clamp(1, answers.len()) - 1].body.clone()
            }
            Service::Simulator(_) => {
                self.given.borrow().last().map(|answer| answer.body.clone()).unwrap_or_default()
            }
        }
    }

    fn answer(&self, request: &Request) -> Answer {
        let is_token = request.url.ends_with("/token");
        let token = || Answer {
            status: 200,
            body: format!(r#"{{"access_token":"{TOKEN}","token_type":"Bearer","expires_in":3600}}"#).into(),
            ..Answer::default()
        };
        match &self.service {
            Service::Answers { .. } if is_token && !self.answers_tokens.get() => token(),
            Service::Answers { answers, next } => {
                let place = next.replace(next.get() + 1).min(answers.len() - 1);
                answers[place].clone()
            }
            Service::Simulator(vendor) => {
                let (_, target) = request.url.split_once("://").expect("a URL");
                let (_, target) = target.split_once('/').expect("a path");
                let (path, query) = target.split_once('?').unwrap_or((target, ""));
                let reply = vendor.borrow_mut().handle(&sim::Request {
                    method: request.method.as_str().to_owned(),
                    path: format!("/{path}"),
                    query: query.to_owned(),
                    headers: request.headers.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect(),
                    body: request.body.clone().unwrap_or_default(),
                });
                Answer { status: reply.status, headers: reply.headers, body: reply.body }
            }
        }
    }
}

impl Transport for World {
    async fn send(&self, request: &Request, limits: Limits) -> Result<Response, TransportError> {
        let any_token = self.answers_tokens.get() || matches!(self.service, Service::Simulator(_));
        check::request(request, any_token);
        self.sleep(self.each_request.get().min(limits.timeout)).await;
        let answer = self.answer(request);
        if !request.url.ends_with("/token") {
            self.sent.set(self.sent.get() + 1);
        }
        if let (Service::Simulator(_), false) = (&self.service, request.url.ends_with("/token")) {
            self.given.borrow_mut().push(answer.clone());
        }
        match answer.status {
            0 => Err(TransportError::NotSent("refused".into())),
            1 => Err(TransportError::Timeout),
            2..=99 => Err(TransportError::Broken("cut off".into())),
            _ if answer.body.len() > limits.max_body => Err(TransportError::TooLarge),
            status => Ok(Response { status, headers: answer.headers, body: answer.body }),
        }
    }

    async fn sleep(&self, duration: Duration) {
        self.uptime.set(self.uptime.get() + duration);
    }

    fn now(&self) -> Timestamp {
        let passed = chrono::TimeDelta::from_std(self.uptime.get()).expect("a short while");
        Timestamp::from_timestamp(BEGIN, 0).expect("a time") + passed
    }

    fn uptime(&self) -> Duration {
        self.uptime.get()
    }
}

/// Runs a future that never waits for anything real.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..100_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("the future waits for something that never happens");
}
