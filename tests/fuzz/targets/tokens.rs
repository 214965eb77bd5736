//! Answers to the requests for tokens, and what becomes of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proofpoint_fuzz::{limit_memory, tokens};

fuzz_target!(init: limit_memory(256), |data: &[u8]| tokens::run(data));
