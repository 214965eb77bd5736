//! The reference host of the Proofpoint connector component.
//!
//! It loads the component, hands it its settings, the configured HTTP hosts and the clocks, and calls
//! its functions, guarded in memory and time. One instance has two doors: calls by name with JSON
//! ([`Instance::call`]), and typed ones ([`Instance::typed`] with [`bindings`]).
//!
//! ```no_run
//! use proofpoint_host::{Connector, Settings, http};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let settings = Settings::load(None, None, std::env::vars_os())?;
//! let connector = Connector::load("connector.wasm".as_ref(), &Default::default())?;
//! let mut instance = connector.instance(&settings, &http::Client::new(&http::Options::default())?);
//! let query = serde_json::json!({ "query": { "limit": 5 } });
//! match instance.call("incidents.incident-list", &query).await? {
//!     Ok(page) => println!("{page}"),
//!     Err(problem) => eprintln!("{problem}"),
//! }
//! # Ok(())
//! # }
//! ```

#![deny(unsafe_code)]

mod bytes;
mod cache;
mod clock;
mod component;
mod engine;
mod guest_error;
pub mod http;
mod instance;
pub mod json;
mod limits;
pub mod settings;
mod state;
mod writes;

pub use cache::Cache;
pub use clock::Clock;
pub use component::{Connector, LoadError};
pub use engine::engine_config;
pub use guest_error::GuestError;
pub use instance::{CallError, Instance};
pub use settings::Settings;
pub use state::State;
pub use wasmtime;

/// Typed bindings of the component's exports, generated from the contract in `wit/`.
#[allow(missing_docs, unreachable_pub, unused_qualifications)]
pub mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "connector-exports",
        exports: { default: async },
    });
}
