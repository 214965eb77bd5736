//! One place where a request is sent and its answer judged: token, budget, deadline, retry.

use crate::config::{Product, Secret};
use crate::http::{Limits, Method, Request, Response, Transport, TransportError};
use crate::json::{self, Object};
use crate::oauth::{Account, Token};
use crate::quota::{Quota, WINDOW};
use crate::retry::{self, Kind};
use crate::time::{self, Timestamp};
use crate::{Config, Error};
use core::cell::{Cell, RefCell};
use core::fmt;
use core::time::Duration;
use futures_util::future::{Either, select};
use futures_util::lock::Mutex;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::pin::pin;
use std::rc::Rc;

/// Requests of one call that are under way at a time.
pub(crate) const IN_FLIGHT: usize = 16;

/// What outlives a call: the token and the budget of one account.
#[derive(Debug)]
pub struct Session {
    account: Account,
    token: Mutex<Option<Token>>,
    quota: RefCell<Quota>,
}

impl Session {
    /// The session of an account: the one in `slot` if it belongs to this very account, else a new one,
    /// so that neither a token nor a budget is carried over to other credentials or another host.
    pub fn of(slot: &RefCell<Option<Rc<Self>>>, account: Account) -> Rc<Self> {
        let mut slot = slot.borrow_mut();
        match &*slot {
            Some(session) if session.account == account => session.clone(),
            _ => {
                let session =
                    Rc::new(Self { account, token: Mutex::new(None), quota: RefCell::new(Quota::default()) });
                slot.insert(session).clone()
            }
        }
    }
}

/// A request to the API, before it has a token and a host.
#[derive(Clone)]
pub struct Call {
    /// Whether it may be repeated.
    pub kind: Kind,
    /// The method.
    pub method: Method,
    /// Path and query behind the base URL, percent-encoded.
    pub path: String,
    /// JSON body.
    pub body: Option<Value>,
    /// What the key must be entitled to, as a person knows it.
    pub module: &'static str,
    /// How often it is sent at most when it may be repeated.
    pub attempts: u32,
    /// Whether its answer is wanted as it is, byte for byte, and not as JSON.
    pub bytes: bool,
}

/// Shows method and path only, as a request does.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.split('?').next().unwrap_or_default();
        write!(f, "{} {path}", self.method.as_str())
    }
}

impl Call {
    /// A `GET`.
    pub fn get(module: &'static str, path: String) -> Self {
        Self {
            kind: Kind::Read,
            method: Method::Get,
            path,
            body: None,
            module,
            attempts: retry::ATTEMPTS,
            bytes: false,
        }
    }

    /// A `POST` that only reads.
    pub fn query(module: &'static str, path: String, body: Value) -> Self {
        Self { method: Method::Post, body: Some(body), ..Self::get(module, path) }
    }

    /// A `POST` that changes something.
    pub fn write(module: &'static str, path: String, body: Value) -> Self {
        Self::change(Method::Post, module, path, Some(body))
    }

    /// Anything that changes something.
    pub fn change(method: Method, module: &'static str, path: String, body: Option<Value>) -> Self {
        Self { kind: Kind::Write, method, body, ..Self::get(module, path) }
    }

    /// The same call, sent only once.
    pub fn once(self) -> Self {
        Self { attempts: 1, ..self }
    }

    /// A judged answer that has to be a JSON object, whatever it holds.
    pub(crate) fn expect_object(&self, response: &Response) -> Result<(), Error> {
        let whole = |body| serde_json::from_slice::<&RawValue>(body).is_ok();
        if is_object(&response.body) && whole(&response.body) {
            return Ok(());
        }
        Err(self.unreadable(response, "it is not a JSON object, or cut off"))
    }

    /// A judged answer to a write of which nothing is read: it may be empty, and any JSON object.
    pub(crate) fn expect_receipt(&self, response: &Response) -> Result<(), Error> {
        // Many a server calls also nothing at all `text/html`.
        let blank = response.body.trim_ascii().is_empty() && !looks_like_html(response);
        if response.body.is_empty() || blank { Ok(()) } else { self.expect_object(response) }
    }

    /// A judged answer of which nothing is known, so that any words will do; but a page comes from somebody else,
    /// and half an answer tells nothing.
    pub(crate) fn expect_words(&self, response: &Response) -> Result<(), Error> {
        let body = response.body.trim_ascii();
        let is_json = body.starts_with(b"{") || body.starts_with(b"[");
        let cut_off = is_json && serde_json::from_slice::<&RawValue>(body).is_err();
        if !body.is_empty() && (cut_off || looks_like_html(response)) {
            return Err(self.unreadable(response, "it is cut off"));
        }
        Ok(())
    }

    /// A judged answer that is not what the API promises. After a write it leaves the outcome open.
    pub fn unreadable(&self, response: &Response, what: &str) -> Error {
        let what = if response.body.is_empty() {
            "it is empty"
        } else if looks_like_html(response) {
            "it is an HTML page, from a proxy or a login page in between"
        } else {
            what
        };
        let message = format!(
            "{} {}: the answer ({}) is not usable: {what}",
            self.method.as_str(),
            self.path,
            response.status
        );
        match self.kind {
            Kind::Read => Error::InvalidResponse(message),
            Kind::Write => {
                Error::OutcomeUnknown(format!("{message}; look whether it happened before trying again"))
            }
        }
    }
}

/// A client for the length of one exported call.
#[derive(Debug)]
pub struct Client<'a, T> {
    transport: &'a T,
    session: Rc<Session>,
    request_timeout: Duration,
    max_body: usize,
    calls_per_minute: u32,
    /// Uptime at which the exported call has to be over.
    deadline: Cell<Duration>,
    /// What is left of the time the call may wait for budget.
    patience: Cell<Duration>,
    /// Why the vendor refused a request as it would refuse every other one: the rest of the call sends
    /// nothing more.
    refused: RefCell<Option<Error>>,
    /// The server's clock when it last answered with one, and ours at that moment.
    clocks: Cell<Option<(Timestamp, Timestamp)>>,
    /// The write that a dry run came to; none where writes are sent.
    plan: Option<RefCell<Option<PlannedRequest>>>,
}

/// A request that a dry run would have sent. Fields as in the contract's `planned-request`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct PlannedRequest {
    pub method: &'static str,
    pub url: String,
    pub body: Option<String>,
}

impl<'a, T: Transport> Client<'a, T> {
    /// A client whose deadline begins to run now.
    pub fn new(transport: &'a T, session: Rc<Session>, config: &Config, calls_per_minute: u32) -> Self {
        Self {
            transport,
            session,
            request_timeout: config.request_timeout,
            max_body: config.max_response_bytes,
            calls_per_minute,
            deadline: Cell::new(transport.uptime().saturating_add(config.call_timeout)),
            patience: Cell::new(config.quota_wait),
            refused: RefCell::new(None),
            clocks: Cell::new(None),
            plan: None,
        }
    }

    /// From here on a write is only noted, not sent.
    pub(crate) fn plan_writes(&mut self) {
        self.plan = Some(RefCell::default());
    }

    /// What a dry run came to, by how the operation ended: the write that was not sent, or none where all is
    /// as wished already.
    pub(crate) fn planned(&self, ended: Result<(), Error>) -> Result<Option<PlannedRequest>, Error> {
        let planned = self.plan.as_ref().and_then(RefCell::take);
        if planned.is_some() { Ok(planned) } else { ended.map(|()| None) }
    }

    /// Lets the call wait for budget as long as its time lasts, not only for `quota_wait_ms`: it waits anyway.
    pub(crate) fn be_patient(&self) {
        self.patience.set(Duration::MAX);
    }

    /// Ends the call at this uptime, should it not end sooner.
    pub(crate) fn end_by(&self, uptime: Duration) {
        self.deadline.set(self.deadline.get().min(uptime));
    }

    /// Waits, if there is time for it and for a request after it.
    pub(crate) async fn pause(&self, duration: Duration) -> bool {
        let in_time = duration < self.remaining();
        if in_time {
            self.transport.sleep(duration).await;
        }
        in_time
    }

    /// The product it calls.
    pub fn product(&self) -> Product {
        self.session.account.product
    }

    /// The transport, for its clocks.
    pub fn transport(&self) -> &'a T {
        self.transport
    }

    /// Sends a call and judges its answer: any 2xx is good, the rest is an error.
    ///
    /// A 401 makes one renewal of the token and one repeat.
    pub async fn send(&self, call: &Call) -> Result<Response, Error> {
        if let Some(refused) = &*self.refused.borrow() {
            return Err(refused.clone());
        }
        if let (Kind::Write, Some(plan)) = (call.kind, &self.plan) {
            plan.replace(Some(PlannedRequest {
                method: call.method.as_str(),
                url: self.url(call),
                body: call.body.as_ref().map(json::text),
            }));
            return Err(Error::Unsupported("a dry run sends no write".into()));
        }
        let mut token = self.token(None).await?;
        let mut response = self.authorized(call, &token).await?;
        if response.status == 401 && self.refused.borrow().is_none() {
            token = self.token(Some(&token)).await?;
            response = self.authorized(call, &token).await?;
            if response.status == 401 {
                self.forget(&token).await;
            }
        }
        if !call.bytes {
            response.body = text(&response.body).into_owned().into_bytes();
        }
        let judged = judge(call, response, &token.value);
        if let Err(refused @ Error::Unauthorized(_)) = &judged {
            self.refused.replace(Some(refused.clone()));
        }
        judged
    }

    fn url(&self, call: &Call) -> String {
        format!("{}{}", self.session.account.base_url, call.path)
    }

    async fn authorized(&self, call: &Call, token: &Token) -> Result<Response, Error> {
        let mut headers = vec![
            ("authorization", format!("Bearer {}", token.value.expose())),
            ("accept", if call.bytes { "*/*" } else { "application/json" }.to_owned()),
        ];
        let body = match &call.body {
            Some(body) => {
                headers.push(("content-type", "application/json".to_owned()));
                Some(json::text(body).into_bytes())
            }
            None => None,
        };
        let request = Request { method: call.method, url: self.url(call), headers, body };
        self.exchange(&request, call.kind, call.attempts, true).await
    }

    /// The session's token, minted if there is none, if it expires soon, or if it is the `refused` one.
    /// Calls that run side by side wait for one another here, so that one mints for all.
    pub async fn token(&self, refused: Option<&Token>) -> Result<Token, Error> {
        let mut kept = self.session.token.lock().await;
        if let Some(token) = &*kept
            && token.is_fresh(self.transport.uptime())
            && refused != Some(token)
        {
            return Ok(token.clone());
        }
        let account = &self.session.account;
        let read =
            |response: &Response| Token::from_answer(account.product, response, self.transport.uptime());
        // A token that was refused does not vouch for another one.
        if let Some(before) = kept.take()
            && refused.is_none()
            && let Some(request) = account.refresh_request(&before)
            && let Ok(response) = self.once(&request).await?
            && let Ok(token) = read(&response)
        {
            let token = token.refreshed_from(&before);
            *kept = Some(token.clone());
            return Ok(token);
        }
        // The token endpoint has no known quota: its calls are not counted.
        let response = self.exchange(&account.token_request(), Kind::Read, retry::ATTEMPTS, false).await?;
        let token = read(&response)?;
        *kept = Some(token.clone());
        Ok(token)
    }

    /// A token minted now, whatever is kept.
    pub async fn new_token(&self) -> Result<Token, Error> {
        *self.session.token.lock().await = None;
        self.token(None).await
    }

    async fn forget(&self, token: &Token) {
        let mut kept = self.session.token.lock().await;
        if kept.as_ref() == Some(token) {
            *kept = None;
        }
    }

    /// Gets what a presigned link leads to, without a token: the link is the permission.
    pub async fn linked(&self, url: &str) -> Result<Response, Error> {
        let headers = vec![("accept", "*/*".to_owned())];
        let request = Request { method: Method::Get, url: url.to_owned(), headers, body: None };
        self.exchange(&request, Kind::Read, retry::ATTEMPTS, false).await
    }

    /// Sends a request, again where that is safe and in time. An answer of any status but 429 is `Ok`.
    async fn exchange(
        &self,
        request: &Request,
        kind: Kind,
        attempts: u32,
        counted: bool,
    ) -> Result<Response, Error> {
        let mut attempt: u32 = 1;
        self.permit(counted).await?;
        loop {
            let outcome = self.once(request).await?;
            if let Ok(response) = &outcome
                && response.status == 429
            {
                let wait = if counted {
                    let now = self.transport.uptime();
                    let mut quota = self.session.quota.borrow_mut();
                    let wait = retry::refusal(response, quota.frees_in(now));
                    quota.refused(now, wait);
                    wait
                } else {
                    retry::refusal(response, WINDOW)
                };
                if let Err(refused) = self.wait_for_budget(wait, "the service answered 429").await {
                    self.refused.replace(Some(refused.clone()));
                    return Err(refused);
                }
                self.permit(counted).await?;
                continue;
            }
            match retry::backoff(kind, attempt, &outcome) {
                Some(wait) if attempt < attempts && wait < self.remaining() => {
                    self.transport.sleep(wait).await;
                    attempt = attempt.saturating_add(1);
                    if self.permit(counted).await.is_err() {
                        return self.settle(request, kind, outcome);
                    }
                }
                _ => return self.settle(request, kind, outcome),
            }
        }
    }

    fn settle(
        &self,
        request: &Request,
        kind: Kind,
        outcome: Result<Response, TransportError>,
    ) -> Result<Response, Error> {
        let write = kind == Kind::Write;
        let unknown = |what: &str| {
            Error::OutcomeUnknown(format!(
                "{request:?} was sent and {what}; look whether it happened before trying again"
            ))
        };
        match outcome {
            Ok(response) if response.status >= 500 && write => {
                Err(unknown(&format!("the service answered {}", response.status)))
            }
            Ok(response) => Ok(response),
            Err(TransportError::NotSent(why) | TransportError::NotAllowed(why)) => {
                Err(Error::Unavailable(format!("no connection for {request:?}: {why}")))
            }
            Err(TransportError::Broken(why)) if write => {
                Err(unknown(&format!("the connection broke ({why})")))
            }
            Err(TransportError::Broken(why)) => {
                Err(Error::Unavailable(format!("the connection broke during {request:?}: {why}")))
            }
            Err(TransportError::Timeout) if write => Err(unknown("no answer came in time")),
            Err(TransportError::Timeout) => Err(Error::Timeout(format!(
                "no answer to {request:?} in time (`request_timeout_ms`, `call_timeout_ms`)"
            ))),
            Err(TransportError::TooLarge) if write => Err(unknown("its answer is too large to read")),
            Err(TransportError::TooLarge) => Err(Error::InvalidResponse(format!(
                "the answer to {request:?} is larger than {} bytes (`max_response_bytes`)",
                self.max_body
            ))),
            Err(TransportError::TooManyValues) if write => {
                Err(unknown("its answer has too many values to read"))
            }
            Err(TransportError::TooManyValues) => Err(Error::InvalidResponse(format!(
                "the answer to {request:?} has too many values to read; ask for less at once"
            ))),
        }
    }

    /// Sends a request once, within the request's and the call's time.
    async fn once(&self, request: &Request) -> Result<Result<Response, TransportError>, Error> {
        let timeout = self.request_timeout.min(self.remaining());
        if timeout.is_zero() {
            return Err(Error::Timeout(format!(
                "the time for the call (`call_timeout_ms`) is over; {request:?} was not sent"
            )));
        }
        let send = pin!(self.transport.send(request, Limits { timeout, max_body: self.max_body }));
        let expiry = pin!(self.transport.sleep(timeout));
        let mut outcome = match select(send, expiry).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(_) => Err(TransportError::Timeout),
        };
        if outcome.as_ref().is_ok_and(|response| size_of_values(&response.body) > MOST_OF_VALUES) {
            outcome = Err(TransportError::TooManyValues);
        }
        if let Ok(response) = &mut outcome
            && let Some(inner) = inner_status(request, response)
        {
            response.status = inner;
        }
        if let Ok(response) = &outcome
            && let Some(theirs) = response.header("date").and_then(time::http_date)
        {
            self.clocks.set(Some((theirs, self.transport.now())));
        }
        Ok(outcome)
    }

    /// How far the server's clock is ahead of ours, in milliseconds, to the second; none before it told.
    pub fn clock_skew_ms(&self) -> Option<i32> {
        let (theirs, ours) = self.clocks.get()?;
        let seconds = theirs.timestamp().saturating_sub(ours.timestamp());
        Some(i32::try_from(seconds.saturating_mul(1000)).unwrap_or(i32::MAX))
    }

    /// The time of day, by the server's clock or by ours, whichever is behind; in milliseconds.
    pub fn cautious_now_ms(&self) -> i64 {
        let ours = self.transport.now().timestamp_millis();
        let ahead = self.clock_skew_ms().map_or(0, i64::from).min(0);
        ours.saturating_add(ahead)
    }

    /// Whether the time for the exported call is over.
    pub fn is_over(&self) -> bool {
        self.remaining().is_zero()
    }

    fn remaining(&self) -> Duration {
        self.deadline.get().saturating_sub(self.transport.uptime())
    }

    /// Takes one call out of the budget, waiting for it as long as the call may; calls that do not count
    /// need none.
    async fn permit(&self, counted: bool) -> Result<(), Error> {
        match counted {
            true => self.budget(&|quota, limit, now| quota.take(limit, now)).await,
            false => Ok(()),
        }
    }

    /// Makes sure that so many calls, or all there are in a minute, can follow each other, and takes none: what
    /// needs several to get anywhere must not spend them one at a time.
    pub(crate) async fn budget_for(&self, calls: usize) -> Result<(), Error> {
        self.budget(&|quota, limit, now| quota.room(calls, limit, now)).await
    }

    /// How long until half of the budget is there: what is worth coming back for.
    pub(crate) fn half_budget_in(&self) -> Duration {
        let half = usize::try_from(self.calls_per_minute.div_ceil(2)).unwrap_or(usize::MAX);
        let room = self.session.quota.borrow_mut().room(half, self.calls_per_minute, self.transport.uptime());
        room.err().unwrap_or_default()
    }

    async fn budget(
        &self,
        ask: &dyn Fn(&mut Quota, u32, Duration) -> Result<(), Duration>,
    ) -> Result<(), Error> {
        loop {
            let limit = self.calls_per_minute;
            let answer = ask(&mut self.session.quota.borrow_mut(), limit, self.transport.uptime());
            let Err(wait) = answer else { return Ok(()) };
            let why = format!(
                "the budget of {limit} calls a minute (`{}`) is spent",
                self.session.account.product.key("calls_per_minute")
            );
            self.wait_for_budget(wait, &why).await?;
        }
    }

    async fn wait_for_budget(&self, wait: Duration, why: &str) -> Result<(), Error> {
        let patience = self.patience.get();
        if wait > patience || wait >= self.remaining() {
            return Err(Error::RateLimited {
                message: format!(
                    "{why}; try again in {} s",
                    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0))
                ),
                retry_after: wait,
            });
        }
        self.patience.set(patience.saturating_sub(wait));
        self.transport.sleep(wait).await;
        Ok(())
    }
}

/// Bytes that the values of a JSON answer may take: the component has some 256 MiB for everything.
const MOST_OF_VALUES: usize = 128 << 20;

/// About how much memory the values of a body take that begins as JSON does: tiny ones take many times their text,
/// and an object many times a list. What stands in strings is counted as well, which is little.
fn size_of_values(body: &[u8]) -> usize {
    let begin = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    if !begin.starts_with(b"{") && !begin.starts_with(b"[") {
        return 0;
    }
    let takes = |byte: &u8| match byte {
        b',' | b'[' => 32,
        b'{' => 450,
        _ => 0_usize,
    };
    begin.iter().map(takes).fold(0, usize::saturating_add)
}

/// The status of an answer that does not tell whether the request went well.
const ODD: u16 = 0;

/// Insider Threat Management tells an error inside a 200 as well: then the status of its `_status` counts. An
/// event that there is not is answered 400 that way. What is told there and is no success is none. Nothing else
/// has a `_status`: whoever answers with one means it.
fn inner_status(request: &Request, response: &Response) -> Option<u16> {
    if !(200..=299).contains(&response.status) {
        return None;
    }
    let told = told(response)?;
    let Some(told) = Object::new(&told) else { return Some(ODD) };
    let Some(status) = told.text(&["status"]) else {
        let fine = told.text(&["code"]).is_none_or(|code| code == "it:error:none");
        return (!fine).then_some(ODD);
    };
    match status.parse() {
        Ok(200..=299) => None,
        Ok(400) if request.method == Method::Get && request.url.contains("/activity/events/") => Some(404),
        Ok(status @ 300..=599) => Some(status),
        _ => Some(ODD),
    }
}

/// The part of an answer that tells how the request went.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, rename = "_status", default)]
    status: Option<&'a RawValue>,
}

/// The `_status` of an answer that is an object and has one, wrong characters or not; null where it cannot be
/// read: an error must not pass for none.
fn told(response: &Response) -> Option<Value> {
    if !is_object(&response.body) {
        return None;
    }
    let text = text(&response.body);
    let envelope: Envelope<'_> = serde_json::from_slice(text.as_bytes()).ok()?;
    let status = envelope.status?.get();
    let read = |text: &str| serde_json::from_slice(text.as_bytes()).ok();
    Some(read(status).or_else(|| read(&json::whole_characters(status))).unwrap_or_default())
}

/// Bytes of a body with wrong ones that are read: each of those takes three as a character, and a body of nothing
/// else would take the whole memory.
const MOST_REPAIRED: usize = 8 << 20;

/// A body as text: one wrong byte in one row must not cost the whole page.
fn text(body: &[u8]) -> Cow<'_, str> {
    let body = unmarked(body);
    let wrong = str::from_utf8(body).is_err();
    String::from_utf8_lossy(body.get(..MOST_REPAIRED).filter(|_| wrong).unwrap_or(body))
}

/// A body without the mark that some put before UTF-8.
fn unmarked(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// Whether a body begins as a JSON object does.
fn is_object(body: &[u8]) -> bool {
    unmarked(body).trim_ascii_start().starts_with(b"{")
}

/// Turns an answer that is no success into the error it stands for.
fn judge(call: &Call, response: Response, token: &Secret) -> Result<Response, Error> {
    let status = response.status;
    let what = format!("{} {}", call.method.as_str(), call.path);
    let said = || match vendor_message(&response, token) {
        text if text.is_empty() => String::new(),
        text => format!(": {text}"),
    };
    match status {
        200..=299 => Ok(response),
        401 => Err(Error::Unauthorized(format!(
            "{what} answered 401 also with a new token{}; check that the key is active",
            said()
        ))),
        403 => Err(Error::Forbidden(format!(
            "{what} answered 403{}; the key is good but lacks the {} permission",
            said(),
            call.module
        ))),
        404 => Err(Error::NotFound(format!("{what} found nothing{}", said()))),
        400..=499 => Err(Error::Rejected {
            status,
            code: told(&response)
                .and_then(|told| Object::new(&told)?.text(&["code"]))
                .map(|code| plain(&code, token)),
            message: match vendor_message(&response, token) {
                text if text.is_empty() => format!("{what} answered {status}"),
                text => text,
            },
        }),
        500.. => Err(Error::Unavailable(format!("{what} answered {status}{}; try again later", said()))),
        300..=399 => Err(call.unreadable(&response, "it redirects elsewhere, which is never followed")),
        _ => Err(call.unreadable(&response, "it does not tell whether the request went well")),
    }
}

/// What the service said, fit for an error: its own message and details, or a short plain text.
fn vendor_message(response: &Response, token: &Secret) -> String {
    let text = match serde_json::from_slice::<Value>(&response.body) {
        Ok(value) => Object::new(&value).map(said).unwrap_or_default(),
        Err(_) if looks_like_html(response) => "an HTML page, from a proxy in between".to_owned(),
        Err(_) => String::from_utf8_lossy(&response.body).into_owned(),
    };
    plain(&text, token)
}

/// The message in an error's body: at its top, or in its `_status`, there with details.
fn said(body: Object<'_>) -> String {
    let status = body.object(&["_status"]);
    let message = body.text(&["errorMessage", "message"]).or_else(|| status?.text(&["message"]));
    let details = status.and_then(|status| status.object(&["params"]));
    let details = details.into_iter().flat_map(|params| params.objects(&["details"]));
    let parts: Vec<String> =
        message.into_iter().chain(details.filter_map(|detail| detail.text(&["message"]))).collect();
    parts.join("; ")
}

/// A text of the service on one line, at most 300 characters, without the token should the service echo it.
fn plain(text: &str, token: &Secret) -> String {
    let text = text.replace(token.expose(), "[redacted]");
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.trim().chars().take(300).collect()
}

pub(crate) fn looks_like_html(response: &Response) -> bool {
    response.header("content-type").is_some_and(|kind| kind.contains("html"))
        || response.body.trim_ascii_start().starts_with(b"<")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_of_wrong_bytes_does_not_fill_the_memory() {
        let long = "x".repeat(MOST_REPAIRED + 10);
        assert_eq!(text(long.as_bytes()).len(), long.len());
        assert_eq!(text(b"caf\xe9"), "caf\u{fffd}");
        assert_eq!(text(&b"\xff".repeat(32 << 20)).len(), 3 * MOST_REPAIRED);
    }

    #[test]
    fn a_call_shows_neither_its_query_nor_its_body() {
        let body = serde_json::json!({"data": [{"text": "s3cret"}]});
        let call = Call::write("", "/comments?tagValue=s3cret".into(), body);
        assert_eq!(format!("{call:?}"), "POST /comments");
    }
}
