//! Cloud Threat Response: tokens, the call limit, and the endpoints by path.

mod content;
mod detail;
mod filter;
pub(crate) mod incident;
pub(crate) mod lists;
mod mail;
pub(crate) mod message;
mod message_row;
mod messages;
pub(crate) mod options;
mod route;
mod rows;
mod search;
mod seed;
mod store;
mod token;
mod vocabulary;
pub(crate) mod workflow;
mod workflows;
mod write;

use std::collections::HashMap;

use serde_json::Value;

use crate::chance::Chance;
use crate::options::Options;
use crate::quota::Calls;
use crate::time::Timestamp;
use crate::wire::{Reply, Request};
use content::Load;
pub(crate) use content::content;
use lists::{ListEntry, OrgList};
use message::Message;
pub(crate) use route::To;
use store::Store;
use token::Tokens;
use workflow::{Run, Workflow};

/// The product's state.
pub(crate) struct Ctr {
    pub(crate) store: Store,
    /// Messages that are in no incident.
    pub(crate) loose: Vec<Message>,
    pub(crate) workflows: Vec<Workflow>,
    pub(crate) runs: Vec<Run>,
    /// The organisational lists, by cluster.
    pub(crate) lists: HashMap<(OrgList, String), Vec<ListEntry>>,
    /// The mails that were asked for, by the id of their message.
    loads: HashMap<String, Load>,
    pub(crate) tokens: Tokens,
    calls: Calls,
    /// Where new ids come from.
    chance: Chance,
    /// Searches so far, so that ties may come in another order each time.
    searches: u64,
}

impl Ctr {
    pub(crate) fn new(seed: u64) -> Ctr {
        Ctr {
            store: Store::default(),
            loose: Vec::new(),
            workflows: Vec::new(),
            runs: Vec::new(),
            lists: HashMap::new(),
            loads: HashMap::new(),
            tokens: Tokens::new(seed),
            calls: Calls::default(),
            chance: Chance::new(seed),
            searches: 0,
        }
    }

    /// Counts a call, or refuses it with a 429. Token requests go to another host and do not count.
    pub(crate) fn admit(&mut self, options: &Options, now: Timestamp, request: &Request) -> Option<Reply> {
        if request.is_token() || self.calls.admit(now, options.calls_per_minute, options.calls_per_day) {
            return None;
        }
        let mut reply = Reply::error(429, "Too many requests.");
        if let Some(value) = &options.retry_after {
            reply.headers.push(("retry-after".into(), value.clone()));
        }
        Some(reply)
    }

    /// Answers a request that has been admitted.
    pub(crate) fn answer(&mut self, options: &Options, now: Timestamp, request: &Request) -> Reply {
        if request.is_token() {
            return self.tokens.answer(options, now, request);
        }
        self.serve(options, now, request).unwrap_or_else(|refusal| refusal)
    }

    fn serve(&mut self, options: &Options, now: Timestamp, request: &Request) -> Result<Reply, Reply> {
        if !self.tokens.accepts(now, request) {
            return Err(Reply::error(401, "The access token is missing, invalid or expired."));
        }
        let to = To::of(request);
        let entitled = match to {
            To::List(_) => options.entitled_email_protection,
            To::Nowhere => true,
            _ => options.entitled_incidents,
        };
        if !entitled {
            return Err(not_entitled());
        }
        match (request.method.as_str(), &to) {
            ("POST", To::Search) => self.search(options, now, &body(request)?),
            ("POST", To::Count) => self.count(options, now, &body(request)?),
            ("POST", To::Create) => self.create(options, now, &body(request)?),
            ("POST", To::Upload) => self.upload(now, &body(request)?),
            ("GET", To::Incident(id)) => self.detail(options, now, id),
            ("POST", To::IncidentMessages(id)) => self.incident_messages(options, now, id, &body(request)?),
            ("POST", To::Messages) => self.search_messages(options, now, &body(request)?),
            ("GET", To::Message(id)) => self.message(options, now, id),
            ("GET", To::Fetch(id)) => self.fetch(options, now, id),
            ("GET", To::FetchStatus(id)) => self.ask_fetch_status(options, now, id),
            ("GET", To::Download(id)) => self.download(options, now, id),
            ("GET", To::Workflows) => self.list_workflows(options, request),
            ("POST", To::Run(id)) => self.run_workflow(options, now, id, &body(request)?),
            ("GET", To::RunState(id)) => self.run_state(now, id),
            ("GET" | "POST", To::List(list)) => self.org_list(options, request, *list),
            (_, To::Nowhere) => Err(Reply::error(404, "Not found.")),
            _ => Err(Reply::error(405, "Method not allowed.")),
        }
    }
}

/// Access is granted per module; the answer is plain text.
fn not_entitled() -> Reply {
    Reply::new(403, "text/plain", "No permission to perform this action.")
}

/// The request's body, which must be a JSON object.
fn body(request: &Request) -> Result<Value, Reply> {
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(object)) => Ok(Value::Object(object)),
        _ => Err(Reply::error(400, "The body must be a JSON object.")),
    }
}
