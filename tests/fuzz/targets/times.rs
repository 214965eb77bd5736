//! Times as people, the services and mails write them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proofpoint_fuzz::{limit_memory, times};

fuzz_target!(init: limit_memory(256), |data: &[u8]| times::run(&String::from_utf8_lossy(data)));
