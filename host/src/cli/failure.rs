//! How a command fails: one line on standard error, an object on standard output where JSON was asked
//! for, and an exit code.

use std::fmt;
use std::io::{self, ErrorKind};
use std::process::ExitCode;

use proofpoint_host::settings::SettingsError;
use proofpoint_host::{CallError, GuestError, LoadError, http};
use serde_json::json;

use super::output::{Output, say};
use super::text::{self, one_line};

/// What the help says about exit codes.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  anything that has no code of its own
  2  bad usage or argument
  3  configuration
  4  unauthorized or forbidden
  5  not found
  6  rate-limited
  7  unavailable, timeout or outcome unknown";

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// To be reported. The host's own failures take the same form as the component's.
    Error(GuestError),
    /// Reported already; what is left is the exit code.
    Reported(u8),
    /// Whoever read standard output has gone. Nothing to report, and nobody to report it to.
    Closed,
}

impl Failure {
    /// A bad argument.
    pub(crate) fn argument(argument: &str, message: impl Into<String>) -> Self {
        Self::choice(argument, message, Vec::new())
    }

    /// A bad argument, where there are others to choose from.
    pub(crate) fn choice(argument: &str, message: impl Into<String>, allowed: Vec<String>) -> Self {
        let payload = json!({ "argument": argument, "message": message.into(), "allowed": allowed });
        Self::Error(GuestError::new("invalid-argument", payload))
    }

    /// A problem of this program's own configuration.
    pub(crate) fn configuration(key: &str, message: impl ToString) -> Self {
        let payload = json!({ "key": key, "message": message.to_string() });
        Self::Error(GuestError::new("configuration", payload))
    }

    /// Anything else that is not the component's to report.
    pub(crate) fn host(message: impl ToString) -> Self {
        Self::Error(GuestError::new("host", json!({ "message": message.to_string() })))
    }

    /// What failed of several things that were asked for, said: the first gives the exit code. None where
    /// nothing failed.
    pub(crate) fn first_of(failures: &[(String, GuestError)]) -> Option<Self> {
        for (name, error) in failures {
            say(format!("error: {name}: {}", line(error)));
        }
        failures.first().map(|(_, first)| Self::Reported(exit_code(first.case())))
    }

    /// Said on standard error, and there only.
    pub(crate) fn said(self) -> Self {
        let Self::Error(error) = self else { return self };
        say(format!("error: {}", line(&error)));
        Self::Reported(exit_code(error.case()))
    }

    /// Writes the report and gives the exit code.
    pub(crate) fn report(&self, output: &Output) -> ExitCode {
        match self {
            Self::Closed => ExitCode::SUCCESS,
            Self::Reported(code) => ExitCode::from(*code),
            Self::Error(error) => {
                say(format!("error: {}", line(error)));
                if output.is_for_programs() {
                    // Whether anybody still reads it changes nothing any more.
                    let _ = output.line(&text::json(&json!({ "error": error.to_json() })));
                }
                ExitCode::from(exit_code(error.case()))
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => error.fmt(f),
            Self::Reported(code) => write!(f, "exit code {code}"),
            Self::Closed => f.write_str("standard output was closed"),
        }
    }
}

/// An error on one line. Of the host's own errors, the case says nothing to a person.
fn line(error: &GuestError) -> String {
    one_line(&if error.case() == "host" { error.message().to_owned() } else { error.to_string() })
}

/// The exit code of an error's case.
pub(crate) fn exit_code(case: &str) -> u8 {
    match case {
        "invalid-argument" => 2,
        "configuration" => 3,
        "unauthorized" | "forbidden" => 4,
        "not-found" => 5,
        "rate-limited" => 6,
        "unavailable" | "timeout" | "outcome-unknown" => 7,
        _ => 1,
    }
}

impl From<GuestError> for Failure {
    fn from(error: GuestError) -> Self {
        Self::Error(error)
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        match &error {
            CallError::Parameters(problem) => Self::argument(&problem.path, &problem.message),
            CallError::UnknownFunction { .. } => Self::argument("function", error.to_string()),
            CallError::Deadline(_) => {
                Self::Error(GuestError::new("timeout", json!({ "message": error.to_string() })))
            }
            CallError::Trap(_) => {
                Self::Error(GuestError::new("trap", json!({ "message": error.to_string() })))
            }
            CallError::OutcomeUnknown(_) => {
                Self::Error(GuestError::new("outcome-unknown", json!({ "message": error.to_string() })))
            }
            _ => Self::host(error),
        }
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Self::configuration(error.key(), &error)
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        Self::configuration("component", error)
    }
}

impl From<http::SetupError> for Failure {
    fn from(error: http::SetupError) -> Self {
        Self::configuration("ca-file", error)
    }
}

/// Errors of standard output. Files name themselves with [`Failure::host`].
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::host(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_has_its_exit_code() {
        for (case, code) in [
            ("invalid-argument", 2),
            ("configuration", 3),
            ("unauthorized", 4),
            ("forbidden", 4),
            ("not-found", 5),
            ("rate-limited", 6),
            ("unavailable", 7),
            ("timeout", 7),
            ("outcome-unknown", 7),
            ("rejected", 1),
            ("invalid-response", 1),
            ("unsupported", 1),
            ("trap", 1),
            ("host", 1),
        ] {
            assert_eq!(exit_code(case), code, "{case}");
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        assert!(matches!(Failure::from(io::Error::from(ErrorKind::BrokenPipe)), Failure::Closed));
        assert!(matches!(Failure::from(io::Error::from(ErrorKind::StorageFull)), Failure::Error(_)));
    }
}
