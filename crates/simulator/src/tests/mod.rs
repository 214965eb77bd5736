//! Tests of the vendor as a whole, by subject.

mod detail;
mod faults;
mod filters;
mod itm;
mod itm_access;
mod itm_event;
mod itm_faults;
mod itm_filters;
mod itm_mail;
mod itm_paging;
mod itm_screens;
mod itm_seeds;
#[cfg(feature = "server")]
mod itm_server;
mod itm_token;
mod itm_users;
mod itm_writes;
mod limits;
mod lists;
mod mails;
mod message_filters;
mod message_paging;
mod messages;
mod paging;
mod response_faults;
mod rows;
mod seeds;
#[cfg(feature = "server")]
mod server;
mod state;
mod token;
mod workflows;
mod writes;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{Incident, Options, Reply, Request, Timestamp, Vendor};

const SEARCH: &str = "/api/v1/tric/incidents";
const COUNT: &str = "/api/v1/tric/incidents/count";
const MESSAGES: &str = "/api/v1/tric/messages";
const WORKFLOWS: &str = "/api/v1/tric/workflows";
const LISTS: &str = "/api/v1/emailProtection/modules/spam";

/// A vendor without a call limit, and a token for it.
struct Bench {
    vendor: Vendor,
    token: String,
}

impl Bench {
    fn new() -> Bench {
        Bench::with(|_| {})
    }

    fn with(set: impl FnOnce(&mut Options)) -> Bench {
        let mut options = Options { calls_per_minute: None, ..Options::default() };
        set(&mut options);
        let mut vendor = Vendor::new(options);
        let token = vendor.issue_token();
        Bench { vendor, token }
    }

    /// With incidents `1..=count`, a minute apart, the newest a minute ago.
    fn holding(count: u64) -> Bench {
        let mut bench = Bench::new();
        for n in 1..=count {
            bench.vendor.add_incident(Incident::at(n, bench.ago(60 * (count + 1 - n))));
        }
        bench
    }

    fn ago(&self, seconds: u64) -> Timestamp {
        self.vendor.now() - TimeDelta::seconds(seconds as i64)
    }

    fn send(&mut self, request: Request) -> Reply {
        let request = request.bearer(&self.token);
        self.vendor.handle(&request)
    }

    fn get(&mut self, target: &str) -> Reply {
        self.send(Request::get(target))
    }

    fn post(&mut self, path: &str, body: Value) -> Reply {
        self.send(Request::post_json(path, &body.to_string()))
    }

    /// Display numbers of the incidents that these filters find, oldest first.
    fn found(&mut self, filters: Value) -> Vec<u64> {
        let sort = json!([{ "sort": "asc", "colId": "createdAt" }]);
        let reply = self.post(SEARCH, json!({ "filters": filters, "sortParams": sort }));
        assert_eq!(reply.status, 200, "{:?}", reply.json());
        numbers(&reply)
    }
}

fn numbers(reply: &Reply) -> Vec<u64> {
    rows(reply).iter().map(|row| row["displayId"].as_u64().unwrap()).collect()
}

fn rows(reply: &Reply) -> Vec<Value> {
    reply.json()["incidents"].as_array().unwrap().clone()
}

fn message(reply: &Reply) -> String {
    reply.json()["errorMessage"].as_str().unwrap().to_owned()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
