//! Misbehaviour on demand.

use std::time::Duration;

use crate::itm::{Route, To};
use crate::malformed::MalformedKind;
use crate::wire::{Cut, Request};

/// Something that goes wrong, and when.
///
/// Faults are tried in the order in which they were armed; the first that applies to a request strikes,
/// and later ones do not see that request.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The requests it is for.
    pub on: Matcher,
    /// How many requests it strikes; [`Fault::FOREVER`] for all.
    pub times: u32,
    /// How many matching requests it lets pass first.
    pub skip: u32,
    /// What happens.
    pub kind: FaultKind,
}

impl Fault {
    /// The value of [`Fault::times`] that never runs out.
    pub const FOREVER: u32 = u32::MAX;

    /// Strikes the first matching request.
    pub fn once(on: Matcher, kind: FaultKind) -> Fault {
        Fault { on, times: 1, skip: 0, kind }
    }

    /// Strikes every matching request.
    pub fn always(on: Matcher, kind: FaultKind) -> Fault {
        Fault { times: Fault::FOREVER, ..Fault::once(on, kind) }
    }

    /// Strikes so many matching requests.
    pub fn times(self, times: u32) -> Fault {
        Fault { times, ..self }
    }

    /// Lets so many matching requests pass first.
    pub fn after(self, skip: u32) -> Fault {
        Fault { skip, ..self }
    }

    /// What to do now; one of its times is used up.
    pub(crate) fn strike(&mut self) -> FaultKind {
        if self.times != Fault::FOREVER {
            self.times = self.times.saturating_sub(1);
        }
        self.kind.clone()
    }
}

/// Which requests a fault is for. All of its parts must hold.
#[derive(Debug, Clone)]
pub struct Matcher {
    /// Where the request goes.
    pub place: Place,
    /// Its method; none for any.
    pub method: Option<String>,
    /// What its body contains; none for anything.
    pub body: Option<String>,
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Anywhere.
    Any,
    /// A token endpoint.
    Token,
    /// Anywhere but a token endpoint.
    Api,
    /// Exactly this path.
    Path(String),
    /// A path that contains this.
    PathContaining(String),
    /// Anywhere in Insider Threat Management, screenshots included.
    Itm,
    /// Its token endpoint.
    ItmToken,
    /// Its search for events.
    ItmSearch,
    /// One of its events, in full.
    ItmEvent,
    /// The e-mail of an event.
    ItmMail,
    /// What changes an event: its owner, status, comments and tags.
    ItmWrite,
    /// Its users.
    ItmUsers,
    /// Screenshots.
    ItmScreenshot,
}

impl Matcher {
    /// Every request.
    pub fn any() -> Matcher {
        Matcher { place: Place::Any, method: None, body: None }
    }

    /// Token requests.
    pub fn token() -> Matcher {
        Matcher { place: Place::Token, ..Matcher::any() }
    }

    /// All but token requests.
    pub fn api() -> Matcher {
        Matcher { place: Place::Api, ..Matcher::any() }
    }

    /// Requests to exactly this path.
    pub fn path(path: &str) -> Matcher {
        Matcher { place: Place::Path(path.into()), ..Matcher::any() }
    }

    /// Requests to a path that contains this.
    pub fn path_containing(part: &str) -> Matcher {
        Matcher { place: Place::PathContaining(part.into()), ..Matcher::any() }
    }

    /// Searches for incidents.
    pub fn search() -> Matcher {
        Matcher::path("/api/v1/tric/incidents")
    }

    /// Requests to this place.
    pub fn place(place: Place) -> Matcher {
        Matcher { place, ..Matcher::any() }
    }

    /// Only with this method.
    pub fn method(self, method: &str) -> Matcher {
        Matcher { method: Some(method.into()), ..self }
    }

    /// Only with a body that contains this.
    pub fn body(self, part: &str) -> Matcher {
        Matcher { body: Some(part.into()), ..self }
    }

    fn matches(&self, request: &Request) -> bool {
        let place = match &self.place {
            Place::Any => true,
            Place::Token => request.is_token(),
            Place::Api => !request.is_token(),
            Place::Path(path) => request.path == *path,
            Place::PathContaining(part) => request.path.contains(part),
            Place::Itm => Route::of(request).is_some(),
            Place::ItmToken => goes(request, |to| *to == To::Token),
            Place::ItmSearch => goes(request, |to| *to == To::Search),
            Place::ItmEvent => goes(request, |to| matches!(to, To::Event(_))),
            Place::ItmMail => goes(request, |to| matches!(to, To::Mail(_))),
            Place::ItmWrite => goes(request, To::writes),
            Place::ItmUsers => goes(request, |to| *to == To::Users),
            Place::ItmScreenshot => goes(request, |to| matches!(to, To::Screenshot(_))),
        };
        let method = self.method.as_ref().is_none_or(|method| *method == request.method);
        place && method && self.body.as_ref().is_none_or(|part| contains(&request.body, part.as_bytes()))
    }
}

/// Whether a request goes to such a place of Insider Threat Management.
fn goes(request: &Request, there: impl Fn(&To) -> bool) -> bool {
    Route::of(request).is_some_and(|route| there(&route.to))
}

fn contains(body: &[u8], part: &[u8]) -> bool {
    part.is_empty() || body.windows(part.len()).any(|window| window == part)
}

/// What happens. Faults with an answer of their own keep the request from being processed; the others
/// spoil the usual answer. Either way the request counts towards the call limit once it has arrived.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum FaultKind {
    /// This status, with the vendor's error envelope.
    Status(u16),
    /// This status, `content-type` and body.
    StatusBody(u16, String, String),
    /// This status and `Retry-After`.
    RetryAfter(u16, String),
    /// This status and no body.
    Empty(u16),
    /// A 200 that is an HTML page, as a proxy or a log-in page would answer.
    Html,
    /// This status and an HTML page.
    HtmlStatus(u16),
    /// A 200 with this JSON.
    WrongJson(String),
    /// A 200 whose `_status` tells of an error, as Insider Threat Management may do.
    EnvelopeStatus {
        /// `_status.status`.
        status: u16,
        /// `_status.code`.
        code: String,
        /// `_status.message`.
        message: String,
    },
    /// A 200 whose `_status` is an empty object, beside which there is nothing.
    EmptyEnvelope,
    /// A 302 to this location.
    Redirect(String),
    /// A 200 that never ends; in memory, a JSON text of at least this many bytes.
    Endless(usize),
    /// The connection drops. With [`Cut::BeforeRequest`] nothing is processed.
    Drop(Cut),
    /// The answer takes this long.
    Delay(Duration),
    /// The usual body up to this many bytes, as if it were complete.
    Truncate(usize),
    /// The usual body with a byte in it that is not UTF-8.
    InvalidUtf8,
    /// The usual rows, of which one is not as it should be.
    MalformedRow {
        /// What is wrong with it.
        kind: MalformedKind,
        /// Which row of the page, from 0.
        row: usize,
    },
    /// All tokens become invalid just before the request is looked at.
    RevokeTokens,
}

/// The faults that are armed.
#[derive(Default)]
pub(crate) struct Armed(Vec<Fault>);

impl Armed {
    pub(crate) fn arm(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault that applies to the request, not yet used up. Those that let it pass take note.
    pub(crate) fn find(&mut self, request: &Request) -> Option<&mut Fault> {
        let index = self.0.iter_mut().position(|fault| {
            let applies = fault.times > 0 && fault.on.matches(request);
            let passes = applies && fault.skip > 0;
            if passes {
                fault.skip -= 1;
            }
            applies && !passes
        })?;
        self.0.get_mut(index)
    }
}
