//! A sign of life for what takes longer than a moment.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::Instant;

/// What takes no longer goes without a sign.
const MOMENT: Duration = Duration::from_secs(1);

/// A sign on standard error, where that is a terminal, from a second after its making until it is dropped.
pub(crate) struct Progress {
    bar: ProgressBar,
    begun: Instant,
}

impl Progress {
    /// For one thing.
    pub(crate) fn of(what: &str) -> Self {
        Self::with(ProgressBar::new_spinner(), what)
    }

    /// For so many things, one after the other.
    pub(crate) fn of_many(what: &str, count: usize) -> Self {
        let bar = ProgressBar::new(count as u64);
        let style = ProgressStyle::with_template("{spinner} {msg} {pos}/{len} {wide_bar}");
        Self::with(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())), what)
    }

    fn with(bar: ProgressBar, what: &str) -> Self {
        bar.set_draw_target(ProgressDrawTarget::hidden());
        bar.set_message(what.to_owned());
        Self { bar, begun: Instant::now() }
    }

    /// Waits for one thing.
    pub(crate) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        let done = tokio::select! {
            biased;
            done = &mut work => done,
            () = tokio::time::sleep_until(self.begun + MOMENT), if self.bar.is_hidden() => {
                self.bar.set_draw_target(ProgressDrawTarget::stderr());
                self.bar.enable_steady_tick(Duration::from_millis(100));
                work.await
            }
        };
        self.bar.inc(1);
        done
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
