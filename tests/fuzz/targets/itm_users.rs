//! Answers to the operations on users.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proofpoint_fuzz::{itm, limit_memory, run};

fuzz_target!(init: limit_memory(256), |data: &[u8]| run(itm::USERS, data));
