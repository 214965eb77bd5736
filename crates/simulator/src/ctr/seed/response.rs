//! Believable workflows and lists.

use super::Ctr;
use crate::chance::Chance;
use crate::ctr::lists::{ListEntry, OrgList};
use crate::ctr::workflow::Workflow;
use crate::options::Options;
use crate::time::Timestamp;

impl Ctr {
    /// Adds workflows, unless there are some.
    pub(super) fn seed_workflows(&mut self, now: Timestamp) {
        if !self.workflows.is_empty() {
            return;
        }
        let named = |name: &str, workflow: Workflow| Workflow {
            id: Chance::of(name).uuid(),
            name: name.into(),
            ..workflow
        };
        self.workflows = vec![
            named("Quarantine and close", Workflow::on_incidents(1, now)),
            Workflow {
                description: Some("Closes the incident as it is.".into()),
                remediation: None,
                ..named("Close without action", Workflow::on_incidents(2, now))
            },
            named("Quarantine messages", Workflow::on_messages(3, now)),
            Workflow {
                description: Some("Puts the messages back into their mailboxes.".into()),
                remediation: Some("restore_success".into()),
                ..named("Restore messages", Workflow::on_messages(4, now))
            },
            Workflow {
                description: None,
                ..named("Tell the legal department", Workflow::on_incidents(5, now)).disabled()
            },
        ];
    }

    /// Fills the lists of each cluster, unless there are entries.
    pub(super) fn seed_lists(&mut self, options: &Options) {
        for cluster in &options.response.clusters {
            let safe = vec![
                ListEntry::new("$from", "equal", "news@partner.test").commented("Newsletter"),
                ListEntry::new("$ip", "equal", "192.0.2.25"),
            ];
            let block = vec![
                ListEntry::new("$from", "equal", "billing@pay-portal.test").commented("Invoice fraud"),
                ListEntry::new("$hfrom", "contain", "helpdesk-login"),
                ListEntry::new("$host", "not_contain", "example.com"),
            ];
            self.lists.entry((OrgList::Safe, cluster.clone())).or_insert(safe);
            self.lists.entry((OrgList::Block, cluster.clone())).or_insert(block);
        }
    }
}
