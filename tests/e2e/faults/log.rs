//! Everything that this process logs, searched while it is written.

use std::io::Write;
use std::sync::{LazyLock, Mutex};

use proofpoint_tests::{ITM_SECRET, SECRET, spellings};
use tracing_subscriber::EnvFilter;

use super::subjects::MAIL_TEXT;

/// What no line may hold. All tokens of the simulator begin alike.
static SECRETS: LazyLock<Vec<String>> =
    LazyLock::new(|| [SECRET, ITM_SECRET, "sim-", "X-Amz-Signature=", MAIL_TEXT].map(spellings).concat());

/// How many requests were told of, and the lines that hold what none may.
static LOG: Mutex<(usize, Vec<String>)> = Mutex::new((0, Vec::new()));

/// Begins to log, for the whole process: requests go out in tasks of their own.
pub(super) fn begin() {
    // wasmtime's own traces tell of every call out of the guest, with its path and query.
    let filter = EnvFilter::new("trace,wasmtime_wasi_http=debug");
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(|| Search).init();
}

/// So many requests at least were told of, and no secret with them.
pub(super) fn check(least: usize) {
    let log = LOG.lock().unwrap();
    let (requests, indiscreet) = &*log;
    assert!(*requests > least, "each request is logged: {requests}, of more than {least}");
    assert!(indiscreet.is_empty(), "{indiscreet:#?}");
}

struct Search;

impl Write for Search {
    /// Gets a line at a time.
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let mut log = LOG.lock().unwrap();
        log.0 += usize::from(text.contains(" -> "));
        if SECRETS.iter().any(|secret| text.contains(secret)) {
            log.1.push(text.into_owned());
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
