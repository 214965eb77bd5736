//! Answers of some thirty megabytes to every operation, made of one piece over and over.
//!
//! There is more memory than the component has: a value takes up to twice as much here.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proofpoint_fuzz::{ctr, itm, large, limit_memory};

fuzz_target!(init: limit_memory(448), |data: &[u8]| {
    large(
        &[
            ctr::INCIDENTS,
            ctr::MESSAGES,
            ctr::WORKFLOWS,
            ctr::LISTS,
            ctr::DOWNLOADS,
            itm::TICKETS,
            itm::USERS,
            itm::DOWNLOADS,
        ]
        .concat(),
        data,
    );
});
