//! E-mails, and what stands in them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proofpoint_core::mail::{Eml, is_mail};
use proofpoint_fuzz::{check, limit_memory};

fuzz_target!(init: limit_memory(256), |data: &[u8]| {
    is_mail(data);
    check::mail(&Eml::new(data.to_vec(), None, true), data, true);
});
