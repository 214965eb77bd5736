//! The WebAssembly engine: asynchronous, and able to interrupt a guest that spins.

use std::time::Duration;

use wasmtime::{Config, Engine};

/// How often a running guest gives way to the host's timers. Ten milliseconds are far below any
/// deadline, and cost nothing measurable.
const TICK: Duration = Duration::from_millis(10);

/// What the guards around a call rest on: for a host that makes an engine of its own.
pub fn engine_config() -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true);
    config
}

/// Lets an engine's epoch advance for as long as it lives.
pub(crate) fn keep_ticking(engine: &Engine) {
    let weak = engine.weak();
    std::thread::spawn(move || {
        while let Some(engine) = weak.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    });
}
