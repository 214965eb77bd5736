//! The built component, in the real host and on the command line, against the simulated vendor over
//! HTTP. One module for each theme; every test has a vendor of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod cli;
mod cli_fetch;
mod cli_responses;
mod cli_tickets;
mod connections;
mod contract;
mod details;
mod errors;
mod faults;
mod fetch;
mod guard;
mod health;
mod itm_tokens;
mod itm_wire;
mod paging;
mod quota;
mod reads;
mod responses;
mod secrets;
mod shapes;
mod ticket_faults;
mod ticket_fetch;
mod ticket_files;
mod ticket_writes;
mod tickets;
mod tokens;
mod users;
mod wire;
mod writes;
