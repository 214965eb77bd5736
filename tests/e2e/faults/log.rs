//! Everything that this process logs, searched while it is written.

use std::io::Write;
use std::sync::Mutex;

use proofpoint_tests::{ITM_SECRET, SECRET};
use tracing_subscriber::EnvFilter;

/// What the search came to.
#[derive(Debug)]
pub(super) struct Log {
    /// Requests that were told of.
    pub(super) requests: usize,
    /// Lines that hold what none may.
    pub(super) indiscreet: Vec<String>,
}

static LOG: Mutex<Log> = Mutex::new(Log { requests: 0, indiscreet: Vec::new() });

/// Begins to log, for the whole process: requests go out in tasks of their own.
pub(super) fn begin() {
    // wasmtime's own traces tell of every call out of the guest, with its path and query.
    let filter = EnvFilter::new("trace,wasmtime_wasi_http=debug");
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(|| Search).init();
}

/// What it has come to so far.
pub(super) fn so_far<R>(look: impl FnOnce(&Log) -> R) -> R {
    look(&LOG.lock().unwrap())
}

struct Search;

impl Write for Search {
    /// Gets a line at a time.
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let mut log = LOG.lock().unwrap();
        log.requests += usize::from(text.contains(" -> "));
        // All tokens of the simulator begin alike.
        let secrets = [SECRET.to_owned(), ITM_SECRET.to_owned(), "sim-".to_owned()];
        let in_forms = secrets.iter().map(|secret| secret.replace('-', "%2D"));
        let others = ["X-Amz-Signature=", super::subjects::MAIL_TEXT].map(str::to_owned);
        if secrets.iter().cloned().chain(in_forms).chain(others).any(|secret| text.contains(&secret)) {
            log.indiscreet.push(text.into_owned());
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
