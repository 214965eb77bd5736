//! The component: the contract's exports, over the core, over WASI.
//!
//! * [`exports`] takes a call, reads the configuration, runs the core's operation, answers its result.
//! * [`convert`] turns the core's domain types into the contract's records.
//! * [`transport`] is the core's `Transport` over `wasi:http` and the WASI clocks.
//! * [`executor`] runs one future to its end over `wasi:io/poll`.
//! * [`silence`] keeps std from importing `wasi:cli`.
//!
//! Nothing here may panic: a trap poisons the instance in every host.
#![cfg(target_arch = "wasm32")]
#![deny(unsafe_code, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod convert;
mod executor;
mod exports;
#[cfg(not(debug_assertions))]
mod silence;
mod transport;

/// What `wit-bindgen` makes of the contract. HTTP, I/O and clocks are the `wasi` crate's own bindings, so
/// that its types and ours are the same.
#[allow(unsafe_code, missing_docs, clippy::arithmetic_side_effects, clippy::indexing_slicing)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "connector",
        with: {
            "wasi:io/error@0.2.12": ::wasi::io::error,
            "wasi:io/poll@0.2.12": ::wasi::io::poll,
            "wasi:io/streams@0.2.12": ::wasi::io::streams,
            "wasi:clocks/monotonic-clock@0.2.12": ::wasi::clocks::monotonic_clock,
            "wasi:clocks/wall-clock@0.2.12": ::wasi::clocks::wall_clock,
            "wasi:http/types@0.2.12": ::wasi::http::types,
            "wasi:http/outgoing-handler@0.2.12": ::wasi::http::outgoing_handler,
        },
        generate_all,
    });
    export!(Connector);

    /// The component's exports hang on this type.
    #[derive(Debug)]
    pub(crate) struct Connector;
}
