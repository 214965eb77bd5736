//! Insider Threat Management: tokens, events with their annotations, users, and screenshots.
//!
//! Its types are named here without the product, unlike in the crate's root: [`Ticket`], [`User`].

pub(crate) mod envelope;
mod event;
mod filter;
mod mail;
mod options;
mod parts;
mod path;
mod route;
mod rows;
mod screenshot;
mod search;
mod seed;
mod sort;
mod status;
mod store;
mod ticket;
mod token;
mod user;
mod users;
mod write;

use serde_json::{Value, json};

use crate::chance::mix;
use crate::quota::Calls;
use crate::time::Timestamp;
use crate::wire::{Reply, Request};
pub use options::{
    FlatWorkflow, ItmOptions, MailForm, RefreshTokens, StateLayout, StatusStyle, UnknownFqid, WriteReply,
};
pub use parts::{Endpoint, Incident, Indicator, Message, Note, Person, Resource, Screenshot, Workflow};
pub(crate) use route::{Route, To};
pub use status::WorkflowStatus;
use store::Store;
pub use ticket::{Ticket, fqid};
use token::Tokens;
pub use user::User;

/// The product's state.
pub(crate) struct Itm {
    pub(crate) store: Store,
    pub(crate) users: Vec<User>,
    pub(crate) tokens: Tokens,
    calls: Calls,
    /// What links to screenshots are signed with, and ties shuffled by.
    secret: u64,
    /// Searches so far, so that ties may come in another order each time.
    searches: u64,
}

impl Itm {
    pub(crate) fn new(seed: u64) -> Itm {
        Itm {
            store: Store::default(),
            users: Vec::new(),
            tokens: Tokens::new(seed),
            calls: Calls::default(),
            secret: mix(seed),
            searches: 0,
        }
    }

    /// Counts a call, or refuses it with a 429.
    pub(crate) fn admit(&mut self, options: &ItmOptions, now: Timestamp, route: &Route) -> Option<Reply> {
        if matches!(route.to, To::Token | To::Screenshot(_))
            || self.calls.admit(now, options.calls_per_minute, None)
        {
            return None;
        }
        let mut reply = envelope::error(429, "Too many requests.");
        if let Some(value) = &options.retry_after {
            reply.headers.push(("retry-after".into(), value.clone()));
        }
        Some(envelope::restyle(reply, options.status_style))
    }

    /// Answers a request that has been admitted.
    pub(crate) fn answer(
        &mut self,
        options: &ItmOptions,
        now: Timestamp,
        request: &Request,
        route: &Route,
    ) -> Reply {
        let reply = self.serve(options, now, request, route).unwrap_or_else(|refusal| refusal);
        envelope::restyle(reply, options.status_style)
    }

    fn serve(
        &mut self,
        options: &ItmOptions,
        now: Timestamp,
        request: &Request,
        route: &Route,
    ) -> Result<Reply, Reply> {
        if route.version.as_ref().is_some_and(|version| *version != options.api_version) {
            return Err(envelope::error(404, "Not found."));
        }
        match &route.to {
            To::Token => return self.tokens.answer(options, now, request),
            To::Screenshot(file) => return self.screenshot(now, request, file),
            To::Health(service) if service == "workbench" => return health(service),
            _ => {}
        }
        if !self.tokens.accepts(now, request) {
            return Err(envelope::error(401, "The access token is missing, invalid or expired."));
        }
        let entitled = match &route.to {
            To::Users => options.entitled_users,
            to => options.entitled_activity || matches!(to, To::Health(_) | To::Nowhere),
        };
        if !entitled {
            return Err(envelope::error(403, "The client is not entitled to this service."));
        }
        match (request.method.as_str(), &route.to) {
            ("GET", To::Users) => self.list_users(options, request),
            ("POST", To::Search) => self.search(options, now, request, &body(request)?),
            ("GET", To::Event(fqid)) => self.event(options, now, request, fqid),
            ("GET", To::Mail(fqid)) => self.mail(options, now, request, fqid),
            ("PUT", To::Assignment(fqid)) => self.assign(options, now, request, fqid),
            ("PATCH", To::Workflow(fqid)) => self.set_state(options, now, request, fqid),
            ("POST", To::Comments(fqid)) => self.comment(options, now, request, fqid),
            ("PATCH", To::Tags(fqid)) => self.tag(options, now, request, fqid),
            ("GET", To::Health(service)) => health(service),
            (_, To::Nowhere) => Err(envelope::error(404, "Not found.")),
            _ => Err(envelope::error(405, "Method not allowed.")),
        }
    }

    /// Adds a user, in place of one with the same id.
    pub(crate) fn add_user(&mut self, user: User) {
        match self.users.iter_mut().find(|known| known.id == user.id) {
            Some(known) => *known = user,
            None => self.users.push(user),
        }
    }
}

const SERVICES: [&str; 9] = [
    "auth",
    "activity",
    "depot",
    "registry",
    "ruler",
    "notification",
    "report",
    "data-delivery",
    "workbench",
];

/// `GET /{service}/_health`. The service may carry a matrix parameter: `report;realm=observeit`.
fn health(service: &str) -> Result<Reply, Reply> {
    let name = service.split(';').next().unwrap_or_default();
    if !SERVICES.contains(&name) {
        return Err(envelope::error(404, "Not found."));
    }
    Ok(Reply::json_value(200, &json!({ "_status": envelope::fine(200) })))
}

/// The request's body, which must be a JSON object.
fn body(request: &Request) -> Result<Value, Reply> {
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(object)) => Ok(Value::Object(object)),
        _ => Err(envelope::invalid(&["The body must be a JSON object.".into()])),
    }
}
