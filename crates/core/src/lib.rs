//! The protocol of Proofpoint Cloud Threat Response, free of sockets, clocks and WASI.
//!
//! Everything the connector knows about the vendor's API lives here: how a token is minted, what a
//! request looks like, how an answer is judged, how polling loses nothing. Operations are `async fn`
//! over the small [`http::Transport`] trait, so the same code runs inside the component, natively,
//! and in tests with an in-memory transport and a fake clock.
//!
//! Data flows one way: [`config`] -> operation ([`ctr`]) -> [`client`] -> [`http::Transport`], and
//! back from the vendor's JSON ([`json`]) to domain types.
#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod client;
pub mod config;
pub mod ctr;
pub mod error;
pub mod fetch;
pub mod http;
pub mod json;
pub mod oauth;
mod paging;
pub mod quota;
pub mod retry;
pub mod seal;
pub mod time;

pub use config::Config;
pub use error::Error;
