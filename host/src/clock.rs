//! The clocks that a component is handed.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtxBuilder};

/// Clocks in the place of the system's, for tests and replays. Timers run in real time all the same.
pub trait Clock: Send + Sync {
    /// The time of day.
    fn now(&self) -> SystemTime;

    /// Time since some beginning; never goes back.
    fn uptime(&self) -> Duration;
}

#[derive(Clone)]
struct Told(Arc<dyn Clock>);

impl HostWallClock for Told {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        self.0.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }
}

impl HostMonotonicClock for Told {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        u64::try_from(self.0.uptime().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Hands a clock to a component.
pub(crate) fn hand_over(clock: &Arc<dyn Clock>, context: &mut WasiCtxBuilder) {
    let told = Told(clock.clone());
    context.wall_clock(told.clone()).monotonic_clock(told);
}
