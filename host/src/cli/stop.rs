//! The wish to stop: SIGINT (Ctrl-C) or SIGTERM.

use std::io;
use std::time::Duration;

use tokio::sync::watch;

use super::output::say;

/// How long what is under way may still take when stopping is wanted.
const GRACE: Duration = Duration::from_secs(10);

/// Becomes true, once, when the user or the system wants the program to end.
#[derive(Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens from now on; the signals no longer end the program by themselves.
    pub(crate) fn listen() -> io::Result<Self> {
        let (sender, receiver) = watch::channel(false);
        let signals = signals()?;
        tokio::spawn(async move {
            signals.await;
            say(format!("stopping; what is under way has up to {} s to end", GRACE.as_secs()));
            let _ = sender.send(true);
            // Kept: a closed channel would look like no wish at all.
            sender.closed().await;
        });
        Ok(Self(receiver))
    }

    /// Ends when stopping is wanted.
    pub(crate) async fn wanted(&mut self) {
        if self.0.wait_for(|wanted| *wanted).await.is_err() {
            std::future::pending().await
        }
    }

    /// Whether stopping is wanted.
    pub(crate) fn is_wanted(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits so long, or until stopping is wanted.
    pub(crate) async fn sleep(&mut self, time: Duration) {
        // Whichever came first, the wait is over.
        let _ = tokio::time::timeout(time, self.wanted()).await;
    }

    /// Waits for `work`, but when stopping is wanted only for a short while: then none.
    pub(crate) async fn grace<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = std::pin::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => Some(done),
            () = self.wanted() => tokio::time::timeout(GRACE, work).await.ok(),
        }
    }
}

#[cfg(unix)]
fn signals() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn signals() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    })
}
