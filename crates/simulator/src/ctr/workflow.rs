//! What a workflow is made of, and a run of it.

use chrono::TimeDelta;

use crate::time::Timestamp;

/// A workflow that is started by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// A UUID.
    pub id: String,
    /// Name.
    pub name: String,
    /// What it does, for people.
    pub description: Option<String>,
    /// Whether it can be run.
    pub enabled: bool,
    /// What it is run on, as rows spell it: `INCIDENT` or `MESSAGE`.
    pub kind: String,
    /// Whether it is run on demand only.
    pub on_demand: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// What becomes of its targets' messages, as [`crate::Message::remediation_status`].
    pub remediation: Option<String>,
    /// Whether it closes the incidents that it is run on.
    pub closes: bool,
    /// The states of its runs: the first is told when one starts, the next one each time it is asked for; the
    /// last stays. Where there are none, [`crate::ResponseOptions::run_states`]. A run does to its targets
    /// what it does when it starts, if its last state is `SUCCESS`.
    pub states: Vec<String>,
}

impl Workflow {
    /// An enabled workflow on incidents, which quarantines and closes. Its id and name follow from `n`.
    pub fn on_incidents(n: u64, now: Timestamp) -> Workflow {
        let created_at = now.checked_sub_signed(TimeDelta::days(90)).unwrap_or(now);
        Workflow {
            id: format!("00000000-0000-4000-a000-{:012x}", n & 0xffff_ffff_ffff),
            name: format!("Quarantine and close {n}"),
            description: Some(
                "Quarantines the messages, tells the recipients and closes the incident.".into(),
            ),
            enabled: true,
            kind: "INCIDENT".into(),
            on_demand: true,
            created_at,
            updated_at: created_at,
            remediation: Some("quarantine_success".into()),
            closes: true,
            states: Vec::new(),
        }
    }

    /// An enabled workflow on messages, which quarantines. Its id and name follow from `n`.
    pub fn on_messages(n: u64, now: Timestamp) -> Workflow {
        Workflow {
            name: format!("Quarantine {n}"),
            description: Some("Quarantines the messages.".into()),
            kind: "MESSAGE".into(),
            closes: false,
            ..Workflow::on_incidents(n, now)
        }
    }

    /// This workflow, which cannot be run.
    pub fn disabled(self) -> Workflow {
        Workflow { enabled: false, ..self }
    }

    /// This workflow, whose runs have these states, one after the other.
    pub fn running(self, states: &[&str]) -> Workflow {
        Workflow { states: states.iter().map(|state| (*state).into()).collect(), ..self }
    }
}

/// A run of a workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// A UUID.
    pub id: String,
    /// Id of the workflow.
    pub workflow_id: String,
    /// Ids of the incidents or messages.
    pub targets: Vec<String>,
    /// When it was started.
    pub created_at: Timestamp,
    /// When its state last changed.
    pub updated_at: Timestamp,
    /// The state that it was last told to be in.
    pub state: String,
    /// The states that are to come.
    pub to_come: Vec<String>,
}

impl Run {
    /// Goes on to its next state.
    pub(crate) fn go_on(&mut self, now: Timestamp) {
        if self.to_come.is_empty() {
            return;
        }
        let state = self.to_come.remove(0);
        if state != self.state {
            self.updated_at = now;
        }
        self.state = state;
    }
}
