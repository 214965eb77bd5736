//! A stand-in for Proofpoint Cloud Threat Response and Insider Threat Management, for tests and demonstrations.
//!
//! [`Vendor`] is the whole vendor as a state machine: a [`Request`] goes in, a [`Reply`] comes out, and
//! time is what it is told. It has no sockets, no threads and no randomness of its own, so that a test
//! can run thousands of schedules against it, and a failing one fails again. What is known of the real
//! service it does, oddities included; where accounts of the service differ, [`Options`] holds a switch.
//! A [`Fault`] makes it misbehave on demand, and every request is kept for the test to look at.
//!
//! With the feature `server` (on by default), [`server::Server`] puts it on a local port and carries out
//! delays, dropped connections and cut bodies for real.
//!
//! ```
//! use proofpoint_simulator::{Incident, Options, Request, Vendor};
//!
//! let mut vendor = Vendor::new(Options::default());
//! vendor.add_incident(Incident::at(781, vendor.now()));
//! let token = vendor.issue_token();
//!
//! let request = Request::post_json("/api/v1/tric/incidents/count", "{}").bearer(&token);
//! assert_eq!(vendor.handle(&request).body, b"1");
//! ```

#![forbid(unsafe_code)]

mod chance;
mod ctr;
mod fault;
pub mod itm;
mod mail;
mod malformed;
mod matcher;
mod options;
mod quota;
mod record;
#[cfg(feature = "server")]
pub mod server;
mod strike;
mod time;
mod vendor;
mod wire;

pub use ctr::incident::{Activity, Comment, Incident, User};
pub use ctr::lists::{ListEntry, OrgList};
pub use ctr::message::{Message, TapThreat};
pub use ctr::options::{AbsentEntry, AnswerBody, MessageShape, MessageTime, ResponseOptions};
pub use ctr::workflow::{Run, Workflow};
pub use fault::{Fault, FaultKind};
pub use itm::{ItmOptions, Ticket};
pub use malformed::MalformedKind;
pub use matcher::{Matcher, Place};
pub use options::{
    Clock, EndRow, NullStyle, Options, OverCap, TieOrder, TimePrecision, TokenBody, UnknownValues,
};
pub use record::Recorded;
pub use time::Timestamp;
pub use vendor::Vendor;
pub use wire::{Cut, Reply, Request};

#[cfg(test)]
mod tests;
