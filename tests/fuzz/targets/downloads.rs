//! Answers to the operations that give e-mails and screenshots.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proofpoint_fuzz::{ctr, itm, limit_memory, run};

fuzz_target!(init: limit_memory(256), |data: &[u8]| {
    run(&[ctr::DOWNLOADS, itm::DOWNLOADS].concat(), data);
});
