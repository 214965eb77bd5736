//! The command line's JSON, for every function of the component and for every type of the contract language.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proofpoint_fuzz::{arguments, limit_memory};

fuzz_target!(
    init: {
        arguments::prepare();
        limit_memory(512);
    },
    |data: &[u8]| arguments::run(data)
);
