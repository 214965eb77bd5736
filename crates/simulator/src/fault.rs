//! Misbehaviour on demand.

use std::time::Duration;

use crate::malformed::MalformedKind;
use crate::matcher::Matcher;
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
    /// A 200 of so many bytes, as its `content-length` tells; in memory, what it begins with.
    Large(u64),
    /// The connection drops. With [`Cut::BeforeRequest`] nothing is processed.
    Drop(Cut),
    /// The answer takes this long.
    Delay(Duration),
    /// The usual body up to this many bytes, as if it were complete.
    Truncate(usize),
    /// The usual body with a byte in it that is not UTF-8; in JSON it stands in a text.
    InvalidUtf8,
    /// The request is processed, and answered with this status, `content-type` and body.
    Instead(u16, String, String),
    /// The usual body as if it were of this type.
    ContentType(String),
    /// The usual rows, of which one is not as it should be. What is shown in full is the first row.
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
