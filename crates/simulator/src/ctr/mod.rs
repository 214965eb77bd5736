//! Cloud Threat Response: tokens, the call limit, and the endpoints by path.

mod detail;
mod filter;
pub(crate) mod incident;
mod rows;
mod search;
mod seed;
mod store;
mod token;
mod write;

use serde_json::{Value, json};

use crate::chance::Chance;
use crate::options::Options;
use crate::quota::Calls;
use crate::time::Timestamp;
use crate::wire::{Reply, Request};
use store::Store;
use token::Tokens;

/// The product's state.
pub(crate) struct Ctr {
    pub(crate) store: Store,
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
        if !self.tokens.accepts(now, request) {
            return Reply::error(401, "The access token is missing, invalid or expired.");
        }
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        match segments.as_slice() {
            ["api", "v1", "tric", "incidents", rest @ ..] => {
                if !options.entitled_incidents {
                    return not_entitled();
                }
                self.incidents(options, now, request, rest).unwrap_or_else(|refusal| refusal)
            }
            ["api", "v1", "emailProtection", "modules", "spam", "orgSafeList" | "orgBlockList"] => {
                if !options.entitled_email_protection {
                    return not_entitled();
                }
                list_entries(request)
            }
            _ => Reply::error(404, "Not found."),
        }
    }

    fn incidents(
        &mut self,
        options: &Options,
        now: Timestamp,
        request: &Request,
        rest: &[&str],
    ) -> Result<Reply, Reply> {
        match (request.method.as_str(), rest) {
            ("POST", []) => self.search(options, now, &body(request)?),
            ("POST", ["count"]) => self.count(options, now, &body(request)?),
            ("POST", ["createIncident"]) => self.create(options, now, &body(request)?),
            ("POST", ["uploadMessage"]) => self.upload(now, &body(request)?),
            ("GET", [id]) => self.detail(options, now, id),
            ("POST", [id, "messages"]) => self.messages(options, now, id, &body(request)?),
            (_, [] | [_] | [_, "messages"]) => Err(Reply::error(405, "Method not allowed.")),
            _ => Err(Reply::error(404, "Not found.")),
        }
    }
}

/// Access is granted per module; the answer is plain text.
fn not_entitled() -> Reply {
    Reply::new(403, "text/plain", "No permission to perform this action.")
}

/// The entries of a cluster's organisational list: none. What matters is which keys may ask.
fn list_entries(request: &Request) -> Reply {
    if request.method != "GET" {
        return Reply::error(405, "Method not allowed.");
    }
    match request.parameter("clusterId") {
        Some(cluster) if !cluster.is_empty() => Reply::json_value(200, &json!({ "entries": [] })),
        _ => Reply::error(400, "ClusterId is required."),
    }
}

/// The request's body, which must be a JSON object.
fn body(request: &Request) -> Result<Value, Reply> {
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(object)) => Ok(Value::Object(object)),
        _ => Err(Reply::error(400, "The body must be a JSON object.")),
    }
}
