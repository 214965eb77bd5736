//! A tenant of Insider Threat Management, for the tests of it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{ItmOptions, Options, Reply, Request, Ticket, Timestamp, Vendor};

pub(super) const API: &str = "/v2/apis";
pub(super) const SEARCH: &str = "/v2/apis/activity/event-queries?entityTypes=event";

/// A vendor, and a token for it.
pub(super) struct Tenant {
    pub(super) vendor: Vendor,
    pub(super) token: String,
}

impl Tenant {
    pub(super) fn new() -> Tenant {
        Tenant::with(|_| {})
    }

    pub(super) fn with(set: impl FnOnce(&mut ItmOptions)) -> Tenant {
        let mut options = Options::default();
        set(&mut options.itm);
        let mut vendor = Vendor::new(options);
        let token = vendor.issue_itm_token();
        Tenant { vendor, token }
    }

    /// With tickets `1..=count`, a minute apart, the newest a minute ago.
    pub(super) fn holding(count: u64) -> Tenant {
        let mut tenant = Tenant::new();
        for n in 1..=count {
            tenant.vendor.add_ticket(Ticket::at(n, tenant.ago(60 * (count + 1 - n))));
        }
        tenant
    }

    /// With this ticket only.
    pub(super) fn of(ticket: impl FnOnce(Timestamp) -> Ticket) -> Tenant {
        let mut tenant = Tenant::new();
        tenant.vendor.add_ticket(ticket(tenant.ago(60)));
        tenant
    }

    pub(super) fn ago(&self, seconds: u64) -> Timestamp {
        self.vendor.now() - TimeDelta::seconds(seconds as i64)
    }

    pub(super) fn send(&mut self, request: Request) -> Reply {
        let request = request.bearer(&self.token);
        self.vendor.handle(&request)
    }

    pub(super) fn get(&mut self, target: &str) -> Reply {
        self.send(Request::get(target))
    }

    pub(super) fn post(&mut self, target: &str, body: Value) -> Reply {
        self.send(Request::post_json(target, &body.to_string()))
    }

    /// The first ticket's fqid.
    pub(super) fn fqid(&self) -> String {
        self.vendor.tickets().next().unwrap().fqid.clone()
    }

    /// The first ticket.
    pub(super) fn ticket(&self) -> &Ticket {
        self.vendor.tickets().next().unwrap()
    }

    /// A path below the first ticket.
    pub(super) fn path(&self, below: &str) -> String {
        format!("{API}/activity/events/{}{below}", encoded(&self.fqid()))
    }

    /// The first ticket as the endpoint shows it.
    pub(super) fn event(&mut self, query: &str) -> Value {
        let reply = self.get(&self.path(query));
        assert_eq!(reply.status, 200, "{:?}", reply.json());
        reply.json()
    }

    /// Numbers of the tickets that these filters find, in the order they were taken in.
    pub(super) fn found(&mut self, filters: Value) -> Vec<u64> {
        let sort = json!([{ "event.ingestedAt": { "order": "asc" } }]);
        let reply = self.post(SEARCH, json!({ "filters": filters, "sort": sort }));
        assert_eq!(reply.status, 200, "{:?}", reply.json());
        self.numbers(&reply)
    }

    /// Numbers of the tickets in a list.
    pub(super) fn numbers(&self, reply: &Reply) -> Vec<u64> {
        rows(reply)
            .iter()
            .map(|row| self.vendor.ticket(row["fqid"].as_str().unwrap()).unwrap().number)
            .collect()
    }
}

pub(super) fn rows(reply: &Reply) -> Vec<Value> {
    reply.json()["data"].as_array().unwrap().clone()
}

/// The statuses of an answer: HTTP's, and the one inside.
pub(super) fn statuses(reply: &Reply) -> (u16, Value) {
    (reply.status, reply.json()["_status"]["status"].clone())
}

/// An fqid as a segment of a path.
pub(super) fn encoded(fqid: &str) -> String {
    fqid.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}
