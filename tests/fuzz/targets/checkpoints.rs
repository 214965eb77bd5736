//! Checkpoints that an outsider wrote.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proofpoint_fuzz::forged::{CHECKPOINTS, run};
use proofpoint_fuzz::limit_memory;

fuzz_target!(init: limit_memory(256), |data: &[u8]| run(CHECKPOINTS, "checkpoint", data));
