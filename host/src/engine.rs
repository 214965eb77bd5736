//! The WebAssembly engine: asynchronous, and able to interrupt a guest that spins.

use std::time::Duration;

use wasmtime::{Config, Engine};

/// How often a running guest gives way to the host's timers. Ten milliseconds are far below any
/// deadline, and cost nothing measurable.
const TICK: Duration = Duration::from_millis(10);

/// A new engine whose epoch advances for as long as it lives.
pub(crate) fn new() -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config.epoch_interruption(true);
    let engine = Engine::new(&config)?;
    let weak = engine.weak();
    std::thread::spawn(move || {
        while let Some(engine) = weak.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    });
    Ok(engine)
}
