//! The core against the simulated vendor, in memory, on a clock that the tests move.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod client;
mod dry_run;
mod fetch;
mod fetch_model;
mod fetch_property;
mod incidents;
mod itm_client;
mod itm_content;
mod itm_fetch;
mod itm_paging;
mod itm_search;
mod itm_ticket;
mod itm_users;
mod itm_vocabulary;
mod itm_writes;
mod lists;
mod messages;
mod support;
mod workflows;
