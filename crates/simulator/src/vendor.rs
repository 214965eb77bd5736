//! The vendor: its clock, its faults and its memory of requests, around the products' own state.

use std::time::Duration;

use chrono::TimeDelta;

use crate::ctr::Ctr;
use crate::ctr::incident::Incident;
use crate::fault::{Armed, Fault, FaultKind};
use crate::itm::{Itm, Route, Ticket, User};
use crate::options::{Clock, Options};
use crate::record::Recorded;
use crate::time::{self, Timestamp};
use crate::wire::{Cut, Reply, Request};

mod response;

/// The whole vendor as a state machine. See the [crate's documentation](crate).
pub struct Vendor {
    options: Options,
    /// How far the vendor's time is ahead of this machine's; for [`Clock::System`] only.
    ahead: TimeDelta,
    armed: Armed,
    requests: Vec<Recorded>,
    ctr: Ctr,
    itm: Itm,
}

impl Vendor {
    /// A vendor that holds nothing yet: no incidents, no tickets.
    pub fn new(options: Options) -> Vendor {
        Vendor {
            ahead: TimeDelta::zero(),
            armed: Armed::default(),
            requests: Vec::new(),
            ctr: Ctr::new(options.seed),
            itm: Itm::new(options.seed),
            options,
        }
    }

    /// Receives a request, keeps it, lets an armed fault strike, and answers.
    pub fn handle(&mut self, request: &Request) -> Reply {
        let now = self.now();
        let (mut reply, struck) = self.answer(now, request);
        if self.options.date_header {
            let shown = now.checked_add_signed(self.options.clock_skew).unwrap_or(now);
            reply.headers.push(("date".into(), time::http(shown)));
        }
        let status =
            if matches!(reply.cut, Cut::BeforeRequest | Cut::BeforeReply) { 0 } else { reply.status };
        self.requests.push(Recorded { at: now, request: request.clone(), status, struck });
        reply
    }

    /// The answer, and whether a fault made a difference to it.
    fn answer(&mut self, now: Timestamp, request: &Request) -> (Reply, bool) {
        let route = Route::of(request);
        let fault = self.armed.find(request);
        let arrives =
            !fault.as_ref().is_some_and(|fault| matches!(fault.kind, FaultKind::Drop(Cut::BeforeRequest)));
        if arrives {
            let refusal = match &route {
                Some(route) => self.itm.admit(&self.options.itm, now, route),
                None => self.ctr.admit(&self.options, now, request),
            };
            if let Some(refusal) = refusal {
                return (refusal, false);
            }
        }
        let Some(kind) = fault.map(Fault::strike) else {
            return (self.serve(now, request, route.as_ref()), false);
        };
        if !arrives {
            return (kind.spoil(Reply::empty(503)), true);
        }
        if let Some(reply) = kind.answer(request) {
            return (reply, true);
        }
        let revokes = matches!(kind, FaultKind::RevokeTokens);
        if revokes {
            self.revoke_tokens();
            self.revoke_itm_tokens();
        }
        let usual = self.serve(now, request, route.as_ref());
        let spoilt = kind.spoil(usual.clone());
        let struck = revokes || spoilt != usual;
        (spoilt, struck)
    }

    /// The usual answer of the product that is asked.
    fn serve(&mut self, now: Timestamp, request: &Request, route: Option<&Route>) -> Reply {
        match route {
            Some(route) => self.itm.answer(&self.options.itm, now, request, route),
            None => self.ctr.answer(&self.options, now, request),
        }
    }

    /// The switches, changeable at any time.
    pub fn options(&mut self) -> &mut Options {
        &mut self.options
    }

    /// The vendor's time.
    pub fn now(&self) -> Timestamp {
        match self.options.clock {
            Clock::Manual(now) => now,
            Clock::System => {
                let now = time::system_now();
                now.checked_add_signed(self.ahead).unwrap_or(now)
            }
        }
    }

    /// Sets the vendor's time. A [`Clock::System`] goes on from there.
    pub fn set_now(&mut self, now: Timestamp) {
        match &mut self.options.clock {
            Clock::Manual(instant) => *instant = now,
            Clock::System => self.ahead = now.signed_duration_since(time::system_now()),
        }
    }

    /// Moves the vendor's time on.
    pub fn advance(&mut self, by: Duration) {
        let now = self.now();
        let later = TimeDelta::from_std(by).ok().and_then(|by| now.checked_add_signed(by));
        self.set_now(later.unwrap_or(now));
    }

    /// Everything that came over the wire, oldest first, token requests and dropped ones included.
    pub fn requests(&self) -> &[Recorded] {
        &self.requests
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&mut self) {
        self.requests.clear();
    }

    /// Arms a fault.
    pub fn fault(&mut self, fault: Fault) {
        self.armed.arm(fault);
    }

    /// Disarms all faults.
    pub fn clear_faults(&mut self) {
        self.armed.clear();
    }

    /// A token for Cloud Threat Response, as its endpoint would issue it now, without a request.
    pub fn issue_token(&mut self) -> String {
        let now = self.now();
        self.ctr.tokens.issue(&self.options, now)
    }

    /// Makes all tokens issued for Cloud Threat Response invalid: they are answered 401.
    pub fn revoke_tokens(&mut self) {
        self.ctr.tokens.revoke();
    }

    /// Adds an incident, in place of one with the same id. The vendor keeps its own order, by creation;
    /// times are kept to the millisecond.
    pub fn add_incident(&mut self, incident: Incident) {
        self.ctr.store.add(incident);
    }

    /// Adds so many believable incidents, created in the seven days before now, with their messages and as
    /// many messages beside them; and workflows and entries of lists, unless there are some. The same seed,
    /// time and history give the same incidents.
    pub fn seed(&mut self, count: usize) {
        let now = self.now();
        self.ctr.seed(&self.options, now, count);
    }

    /// All incidents there are, visible or not, oldest first.
    pub fn incidents(&self) -> impl DoubleEndedIterator<Item = &Incident> {
        self.ctr.store.iter().map(|(_, incident)| incident)
    }

    /// One incident, visible or not.
    pub fn incident(&self, id: &str) -> Option<&Incident> {
        self.ctr.store.get(id)
    }

    /// Ids of the incidents that the endpoints show now, oldest first.
    pub fn visible_ids(&self) -> Vec<String> {
        let now = self.now();
        self.incidents()
            .filter(|incident| incident.visible_at <= now)
            .map(|incident| incident.id.clone())
            .collect()
    }

    /// Closes an incident at a time, which may lie ahead, or (none) opens it again now. An unknown id
    /// changes nothing.
    pub fn set_state(&mut self, id: &str, closed_at: Option<Timestamp>) {
        let now = self.now();
        self.change_incident(id, |incident| {
            incident.closed_at = closed_at;
            if closed_at.is_none() {
                incident.changed_at = Some(now);
            }
        });
    }

    /// Changes an incident in any way. An unknown id changes nothing.
    pub fn change_incident(&mut self, id: &str, change: impl FnOnce(&mut Incident)) {
        self.ctr.store.change(id, change);
    }

    /// Removes an incident, as if it had never been there.
    pub fn remove_incident(&mut self, id: &str) -> Option<Incident> {
        self.ctr.store.remove(id)
    }

    /// A token for Insider Threat Management, as its endpoint would issue it now, without a request.
    pub fn issue_itm_token(&mut self) -> String {
        let now = self.now();
        self.itm.tokens.issue(&self.options.itm, now)
    }

    /// Makes all tokens issued for Insider Threat Management invalid; refresh tokens stay good.
    pub fn revoke_itm_tokens(&mut self) {
        self.itm.tokens.revoke();
    }

    /// Adds a ticket, in place of one with the same fqid. The vendor keeps its own order, by when it took
    /// them in; times are kept to the millisecond.
    pub fn add_ticket(&mut self, ticket: Ticket) {
        self.itm.store.add(ticket);
    }

    /// Adds so many believable tickets, taken in during the seven days before now, and the users whom they
    /// may be assigned to. The same seed, time and history give the same tickets.
    pub fn seed_tickets(&mut self, count: usize) {
        let now = self.now();
        self.itm.seed(self.options.seed, now, count);
    }

    /// All tickets there are, visible or not, in the order in which they were taken in.
    pub fn tickets(&self) -> impl DoubleEndedIterator<Item = &Ticket> {
        self.itm.store.iter()
    }

    /// One ticket, visible or not.
    pub fn ticket(&self, fqid: &str) -> Option<&Ticket> {
        self.itm.store.get(fqid)
    }

    /// Fqids of the tickets that the endpoints show now, in the order in which they were taken in.
    pub fn visible_fqids(&self) -> Vec<String> {
        let now = self.now();
        self.tickets().filter(|ticket| ticket.visible_at <= now).map(|ticket| ticket.fqid.clone()).collect()
    }

    /// Changes a ticket in any way. An unknown fqid changes nothing.
    pub fn change_ticket(&mut self, fqid: &str, change: impl FnOnce(&mut Ticket)) {
        self.itm.store.change(fqid, change);
    }

    /// Removes a ticket, as if it had never been there.
    pub fn remove_ticket(&mut self, fqid: &str) -> Option<Ticket> {
        self.itm.store.remove(fqid)
    }

    /// Adds a user whom tickets may be assigned to, in place of one with the same id.
    pub fn add_user(&mut self, user: User) {
        self.itm.add_user(user);
    }

    /// All users there are, in the order in which they were added.
    pub fn users(&self) -> &[User] {
        &self.itm.users
    }
}
