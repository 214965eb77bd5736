//! Messages, workflows and lists, as tests set and see them.

use super::Vendor;
use crate::ctr;
use crate::ctr::lists::{ListEntry, OrgList};
use crate::ctr::message::Message;
use crate::ctr::workflow::{Run, Workflow};

impl Vendor {
    /// Adds a message that is in no incident, in place of one with the same id.
    pub fn add_message(&mut self, message: Message) {
        self.ctr.loose.retain(|known| known.id != message.id);
        self.ctr.loose.push(message);
    }

    /// All messages there are, visible or not: those of incidents, oldest incident first, then the others.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.ctr.all_messages()
    }

    /// One message, visible or not.
    pub fn message(&self, id: &str) -> Option<&Message> {
        self.messages().find(|message| message.id == id)
    }

    /// Changes a message in any way, wherever it is. An unknown id changes nothing.
    pub fn change_message(&mut self, id: &str, change: impl FnMut(&mut Message)) {
        self.ctr.change_message(id, change);
    }

    /// The mail that a download of this message gives once it is loaded.
    pub fn mail(&self, id: &str) -> Option<Vec<u8>> {
        self.message(id).map(ctr::content)
    }

    /// The status that was last told of loading this message's mail: `fetch_in_progress` before it was asked
    /// for, `not_fetched` where nothing was begun.
    pub fn fetch_status(&self, id: &str) -> &str {
        self.ctr.fetch_status(id)
    }

    /// Adds a workflow, in place of one with the same id.
    pub fn add_workflow(&mut self, workflow: Workflow) {
        match self.ctr.workflows.iter_mut().find(|known| known.id == workflow.id) {
            Some(known) => *known = workflow,
            None => self.ctr.workflows.push(workflow),
        }
    }

    /// All workflows there are, in the order in which they were added.
    pub fn workflows(&self) -> &[Workflow] {
        &self.ctr.workflows
    }

    /// Changes a workflow in any way. An unknown id changes nothing.
    pub fn change_workflow(&mut self, id: &str, change: impl FnOnce(&mut Workflow)) {
        self.ctr.workflows.iter_mut().find(|workflow| workflow.id == id).map(change);
    }

    /// All runs that were started, oldest first, whether or not the answer arrived.
    pub fn runs(&self) -> &[Run] {
        &self.ctr.runs
    }

    /// Adds an entry to a cluster's list.
    pub fn add_entry(&mut self, list: OrgList, cluster: &str, entry: ListEntry) {
        self.ctr.lists.entry((list, cluster.into())).or_default().push(entry);
    }

    /// The entries of a cluster's list, oldest first.
    pub fn entries(&self, list: OrgList, cluster: &str) -> &[ListEntry] {
        self.ctr.entries(list, cluster)
    }
}
