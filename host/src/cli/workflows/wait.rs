//! Waiting for the end of a run.

use proofpoint_host::Settings;
use serde_json::{Value, json};

use super::super::{Failure, Global, Session};

/// The key that bounds a call, and its largest value.
const CALL_TIMEOUT: &str = "call_timeout_ms";
const LONGEST_CALL: u32 = 86_400_000;

/// What a call is given beyond the time that it waits, for its last request.
const MARGIN: u32 = 60_000;

/// Whether the end of a run is waited for, and how long.
#[derive(Debug, Default, Clone, Copy, clap::Args)]
pub(crate) struct Wait {
    /// Wait until it has ended; 1 is the exit code where it did not succeed, 7 where it is still under way
    #[arg(long)]
    wait: bool,
    /// Wait so long at most; default: call_timeout_ms
    #[arg(long, value_name = "SECONDS", requires = "wait", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    timeout: Option<u32>,
}

impl Wait {
    pub(crate) fn is_wanted(self) -> bool {
        self.wait
    }

    /// A session whose calls may take as long as is to be waited.
    pub(crate) fn session(self, global: &Global) -> Result<Session, Failure> {
        let mut settings = Session::settings(global)?;
        self.extend(&mut settings)?;
        Session::with(global, &settings)
    }

    /// Waits, and gives the run that has succeeded.
    pub(crate) async fn until_it_ends(self, session: &mut Session, run_id: &Value) -> Result<Value, Failure> {
        let parameters = json!({ "run-id": run_id, "timeout-ms": self.milliseconds() });
        session.call("workflows.workflow-run-wait", parameters).await
    }

    fn milliseconds(self) -> Option<u32> {
        self.timeout.map(|seconds| seconds.saturating_mul(1000))
    }

    /// Grants calls more time where they need it. A malformed setting is the component's to report.
    fn extend(self, settings: &mut Settings) -> Result<(), Failure> {
        let given: Option<u32> = settings.get(CALL_TIMEOUT).and_then(|text| text.trim().parse().ok());
        let needed = self.milliseconds().map(|time| time.saturating_add(MARGIN).min(LONGEST_CALL));
        if let (Some(given), Some(needed)) = (given, needed)
            && given < needed
        {
            settings.set(CALL_TIMEOUT, needed.to_string())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_may_take_as_long_as_is_to_be_waited() {
        let extended = |given: &str, timeout| {
            let mut settings = Settings::default();
            settings.set(CALL_TIMEOUT, given).unwrap();
            Wait { wait: true, timeout }.extend(&mut settings).unwrap();
            settings.get(CALL_TIMEOUT).unwrap().to_owned()
        };
        assert_eq!(extended("300000", None), "300000");
        assert_eq!(extended("300000", Some(5)), "300000");
        assert_eq!(extended("300000", Some(3600)), "3660000");
        assert_eq!(extended("1000", Some(1)), "61000");
        assert_eq!(extended("300000", Some(86_400)), "86400000");
        assert_eq!(extended("soon", Some(3600)), "soon");
    }
}
