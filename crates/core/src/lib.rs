//! The protocols of Proofpoint Cloud Threat Response and Insider Threat Management, free of sockets, clocks and WASI.
//!
//! Everything the connector knows about the vendor's API lives here: how a token is minted, what a
//! request looks like, how an answer is judged, how polling loses nothing. Operations are `async fn`
//! over the small [`http::Transport`] trait, so the same code runs inside the component, natively,
//! and in tests with an in-memory transport and a fake clock.
//!
//! Data flows one way: [`config`] -> operation ([`ctr`], [`itm`]) -> [`client`] -> [`http::Transport`], and
//! back from the vendor's JSON ([`json`]) to domain types.
#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod client;
pub mod config;
pub mod ctr;
mod digest;
pub mod error;
pub mod fetch;
pub mod health;
pub mod http;
pub mod itm;
pub mod json;
pub mod mail;
pub mod oauth;
mod paging;
pub mod quota;
pub mod retry;
pub mod seal;
pub mod time;
pub mod vocabulary;

pub use config::Config;
pub use error::Error;
