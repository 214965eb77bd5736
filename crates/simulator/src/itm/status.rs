//! The statuses that the simulator's tenant has for its tickets.

/// A status that a ticket can be set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkflowStatus {
    /// What it is set by: a UUID, or a slug where the tenant made it up.
    pub id: &'static str,
    /// What `incident.status` becomes, without `incident:status:`.
    pub slug: &'static str,
    /// Its category, without `it:workflow:disposition:category:`.
    pub category: &'static str,
    /// What the console calls it.
    pub title: &'static str,
}

impl WorkflowStatus {
    /// The one of new tickets.
    pub const NEW: WorkflowStatus = status("5b0f3c9e-1d1a-4e52-9c57-0b6a7c1f0a01", "new", "open:new", "New");

    /// All there are.
    pub const ALL: [WorkflowStatus; 9] = [
        WorkflowStatus::NEW,
        status("5b0f3c9e-1d1a-4e52-9c57-0b6a7c1f0a02", "reopened", "open:reopened", "Reopened"),
        status("5b0f3c9e-1d1a-4e52-9c57-0b6a7c1f0a03", "in-progress", "open:in-progress", "In progress"),
        status("5b0f3c9e-1d1a-4e52-9c57-0b6a7c1f0a04", "escalated", "open:escalated", "Escalated"),
        status("5b0f3c9e-1d1a-4e52-9c57-0b6a7c1f0a05", "on-hold", "open:on-hold", "On hold"),
        status("5b0f3c9e-1d1a-4e52-9c57-0b6a7c1f0a06", "resolved", "closed:resolved", "Resolved"),
        status(
            "5b0f3c9e-1d1a-4e52-9c57-0b6a7c1f0a07",
            "false-positive",
            "closed:false-positive",
            "False positive",
        ),
        status("5b0f3c9e-1d1a-4e52-9c57-0b6a7c1f0a08", "not-an-issue", "closed:not-an-issue", "Not an issue"),
        status(
            "it-activity-event-workflow-status-approved-by-manager",
            "approved-by-manager",
            "closed:approved-by-manager",
            "Approved by manager",
        ),
    ];

    /// The status of this slug: `in-progress`.
    pub fn of_slug(slug: &str) -> Option<&'static WorkflowStatus> {
        Self::ALL.iter().find(|status| status.slug == slug)
    }

    /// The status of this id.
    pub fn of_id(id: &str) -> Option<&'static WorkflowStatus> {
        Self::ALL.iter().find(|status| status.id == id)
    }

    /// As `incident.status` has it: `incident:status:in-progress`.
    pub fn incident_status(&self) -> String {
        format!("{INCIDENT_STATUS}{}", self.slug)
    }

    /// As a disposition has it: `it:workflow:disposition:category:open:in-progress`.
    pub fn disposition_category(&self) -> String {
        format!("{CATEGORY}{}", self.category)
    }
}

pub(crate) const INCIDENT_STATUS: &str = "incident:status:";
pub(crate) const CATEGORY: &str = "it:workflow:disposition:category:";

const fn status(
    id: &'static str,
    slug: &'static str,
    category: &'static str,
    title: &'static str,
) -> WorkflowStatus {
    WorkflowStatus { id, slug, category, title }
}
