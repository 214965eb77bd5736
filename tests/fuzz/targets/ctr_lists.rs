//! Answers to the operations on safe and block lists.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proofpoint_fuzz::{ctr, limit_memory, run};

fuzz_target!(init: limit_memory(256), |data: &[u8]| run(ctr::LISTS, data));
