//! What polling needs to remember so that nothing is lost and nothing comes twice.
//!
//! The vendor has no change feed: a poll lists what was created since some time, oldest first, in pages
//! of rows. Three facts make that hard. Incidents become visible late, up to the *overlap* after their
//! creation. Many can share a second, which is all the time filter resolves. And a step may end anywhere:
//! its room is full, the call budget is spent, a call failed.
//!
//! * [`Memory`] keeps what was delivered from the *floor* on. The floor rises only over time that is
//!   settled: passed by the scan, and older than the overlap when the scan began.
//! * [`Position`] is where a scan stands: a second, and a row counted from that second. It only grows,
//!   so every page is progress. Listing again from the second of the last row, not from a row number,
//!   keeps a scan right when rows are inserted before it.

mod memory;
mod position;

pub use memory::Memory;
pub use position::{Passed, Position};

/// How far a clock may be off: a minute on either side, and some.
pub const CLOCK_MARGIN_MS: i64 = 120_000;
