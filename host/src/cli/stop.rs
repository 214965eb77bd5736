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
    /// Listens from now on. The first signal no longer ends the program by itself; the second does.
    pub(crate) fn listen() -> io::Result<Self> {
        let (sender, receiver) = watch::channel(false);
        let mut signals = Signals::listen()?;
        tokio::spawn(async move {
            signals.next().await;
            let grace = GRACE.as_secs();
            say(format!(
                "stopping; what is under way has up to {grace} s to end, a second signal ends it now"
            ));
            let _ = sender.send(true);
            let code = signals.next().await;
            std::process::exit(code)
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
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for the next one; gives the exit code by which a shell knows that it ended a program.
    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.interrupt.recv() => 130,
            _ = self.terminate.recv() => 143,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> i32 {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        130
    }
}
