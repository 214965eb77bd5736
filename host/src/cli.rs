//! The command line. Each group of commands is a file; what they share is in a file each as well.

mod atomic;
pub(crate) mod call;
pub(crate) mod check;
mod checkpoint;
pub(crate) mod demo;
mod failure;
mod fetch;
mod global;
mod incident_view;
pub(crate) mod incidents;
pub(crate) mod inspect;
pub(crate) mod lists;
mod mail;
mod mail_view;
mod many;
pub(crate) mod messages;
mod output;
mod progress;
mod query;
mod save;
mod session;
pub(crate) mod simulate;
mod stop;
mod table;
mod text;
mod ticket_view;
pub(crate) mod tickets;
mod usage;
pub(crate) mod users;
mod view;
pub(crate) mod workflows;
mod write;

use std::process::ExitCode;

pub(crate) use failure::{EXIT_CODES, Failure};
pub(crate) use global::Global;
use output::Output;
use session::Session;
pub(crate) use usage::parse;

/// How a command ends.
type Done = Result<(), Failure>;

/// Runs a command and turns its end into the exit code.
pub(crate) fn run(global: &Global, command: impl AsyncFnOnce(&Output) -> Done) -> ExitCode {
    global.start_logging();
    let output = global.output();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::from(error).report(&output),
    };
    let done = runtime.block_on(command(&output));
    // Not waited for: a write to a pipe that nobody reads must not hold up the end.
    runtime.shutdown_background();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(&output),
    }
}
