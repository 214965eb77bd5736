//! What the fuzz targets share: a world whose service answers what the fuzzer wants, the operations of both
//! products with what each of them promises, and a seed of every answer from the simulator.
//!
//! A target is a file in `targets/`; it reads its input, runs, and panics where a promise is broken.
#![forbid(unsafe_code)]

#[cfg(feature = "component")]
pub mod arguments;
pub mod check;
pub mod ctr;
pub mod forged;
pub mod input;
pub mod itm;
pub mod times;
pub mod tokens;
pub mod world;

use cap::Cap;
use check::Shown;
use input::Input;
use proofpoint_core::Error;
use std::alloc::System;
use world::{CALL_TIMEOUT, SECRET, TOKEN, World};

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// Sets how much memory there is beside the fuzzer's own, in MiB. The component has 256, and pointers half as wide.
pub fn limit_memory(mib: usize) {
    MEMORY.set_limit(mib << 20).expect("less is in use");
}

/// Bytes of a large answer: a little less than are taken.
const LARGE: usize = 31 << 20;

/// One exported call, or a few that follow from one another, with what they promise.
pub type Operation = fn(&World) -> Result<(), Error>;

/// Runs the operation that an input chooses on the answers that it holds.
pub fn run(operations: &[Operation], data: &[u8]) {
    let Some(input) = Input::read(data).filter(|_| !holds(data, SECRET)) else { return };
    // What the service says of a failure may repeat the token, and then it is taken out; its records do not.
    if input.answers.iter().any(|answer| answer.status < 300 && holds(&answer.body, TOKEN)) {
        return;
    }
    let operation = operations[usize::from(input.operation) % operations.len()];
    let world = World::answering(input);
    if let Err(error) = operation(&world) {
        check::error(&error, Shown::Bounded);
    }
    let longest = CALL_TIMEOUT * world.calls.get();
    assert!(world.elapsed() <= longest, "{:?} took {:?}", world.calls, world.elapsed());
}

/// Whether data holds the secret (which the API is never given, and so cannot repeat) or the token, also with what no
/// error shows in between.
pub fn holds(data: &[u8], text: &str) -> bool {
    let shown: Vec<u8> = data.iter().copied().filter(u8::is_ascii_graphic).collect();
    shown.windows(text.len()).any(|window| window == text.as_bytes())
}

/// The same on answers that are made large, of which there are few.
pub fn large(operations: &[Operation], data: &[u8]) {
    let Some(mut input) = Input::read(data).filter(|_| !holds(data, SECRET)) else { return };
    input.answers.truncate(4);
    if let Some(last) = input.answers.pop() {
        input.answers.push(last.swollen(LARGE));
    }
    let operation = operations[usize::from(input.operation) % operations.len()];
    let world = World::answering(input);
    world.each_request.set(CALL_TIMEOUT / 4);
    if let Err(error) = operation(&world) {
        check::error(&error, Shown::Bounded);
    }
}
