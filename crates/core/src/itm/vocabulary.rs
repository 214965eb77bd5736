//! The vocabularies of Insider Threat Management.
//!
//! Statuses and severities are open: tenants have their own, and of the severities only one number is known.

use crate::Error;
use crate::vocabulary::{Vocabulary, shown};

/// What stands before a status of an incident.
pub const STATUS_PREFIX: &str = "incident:status:";
/// What stands before the number and the name of a severity.
pub const SEVERITY_PREFIX: &str = "incident:severity:";
/// What stands before a category of a status.
pub const CATEGORY_PREFIX: &str = "it:workflow:disposition:category:";
/// What stands before a remediation.
pub const REMEDIATION_PREFIX: &str = "uim:incident:remediation:";

/// The severity whose full name is known.
const CRITICAL: &str = "incident:severity:850:critical";

/// The statuses that every tenant has.
pub const STATUSES: Vocabulary = Vocabulary::plain(&[
    "new",
    "reopened",
    "in-progress",
    "escalated",
    "on-hold",
    "resolved",
    "false-positive",
    "not-an-issue",
]);

/// The severities by name.
pub const SEVERITIES: Vocabulary = Vocabulary::plain(&["critical", "high", "medium", "low"]);

/// `entityTypes` of a search.
pub const ENTITY_TYPES: Vocabulary = Vocabulary::plain(&["event", "casbevent", "audit", "network"]);

/// The remediations that are known.
pub const REMEDIATIONS: Vocabulary = Vocabulary::plain(&["quarantine"]);

/// The include that lists screenshots.
pub const SCREENSHOTS: &str = "screenshots";
/// The include that keeps the service's own JSON.
pub const RAW_JSON: &str = "raw-json";
/// What a ticket can come with.
pub const TICKET_INCLUDES: Vocabulary = Vocabulary::plain(&[SCREENSHOTS, RAW_JSON]);
/// `status` of users.
pub const USER_STATUSES: Vocabulary =
    Vocabulary::plain(&["active", "inactive", "pending", "deleted", "error"]);

/// `parentStatuses` of users.
pub const PARENT_STATUSES: Vocabulary = Vocabulary::plain(&["active", "inactive", "pending", "deleted"]);

/// `includes` of users.
pub const USER_INCLUDES: Vocabulary = Vocabulary::plain(&[
    "relations.trusted",
    "relations.members",
    "relations.trustees",
    "relations.assignments",
    "relations",
    "relations.sources",
    "relations.targets",
    "lastLoginDate",
    "logs",
    "tenant",
    "policy-assignments",
]);

/// A status as the filter spells it: one that every tenant has, or a tenant's own with its prefix.
pub fn status(argument: &str, value: &str) -> Result<String, Error> {
    open(argument, value, STATUS_PREFIX, &STATUSES)
}

/// A remediation as the service spells it.
pub fn remediation(argument: &str, value: &str) -> Result<String, Error> {
    open(argument, value, REMEDIATION_PREFIX, &REMEDIATIONS)
}

/// A value of the vocabulary, or any other with its prefix.
fn open(argument: &str, value: &str, prefix: &str, known: &Vocabulary) -> Result<String, Error> {
    let value = value.trim();
    match value.strip_prefix(prefix) {
        Some(rest) if !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_graphic()) => Ok(value.to_owned()),
        _ => Ok(format!("{prefix}{}", known.check(argument, value)?)),
    }
}

/// A severity as it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity<'a> {
    /// By its full name.
    Full(&'a str),
    /// By its name alone.
    Named(&'static str),
}

impl<'a> Severity<'a> {
    /// Reads a severity that was asked for.
    pub fn asked(argument: &str, value: &'a str) -> Result<Self, Error> {
        let value = value.trim();
        if let Some((number, name)) =
            value.strip_prefix(SEVERITY_PREFIX).and_then(|rest| rest.split_once(':'))
        {
            if !name.is_empty() && number.parse::<u32>().is_ok() {
                return Ok(Self::Full(value));
            }
            return Err(Error::argument(
                argument,
                format!("`{}` is not a severity such as `{CRITICAL}`", shown(value)),
            ));
        }
        SEVERITIES.check(argument, value).map(Self::Named)
    }

    /// Its full name, where that is known.
    pub fn full(self) -> Option<&'a str> {
        match self {
            Self::Full(full) => Some(full),
            Self::Named("critical") => Some(CRITICAL),
            Self::Named(_) => None,
        }
    }

    /// Whether a row's severity is this one.
    pub fn is(self, row: &str) -> bool {
        match self {
            Self::Full(full) => row.eq_ignore_ascii_case(full),
            Self::Named(name) => row.rsplit(':').next().is_some_and(|last| last.eq_ignore_ascii_case(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_known_with_and_without_its_prefix_and_tenants_have_their_own() {
        for name in STATUSES.values {
            let full = format!("{STATUS_PREFIX}{name}");
            assert_eq!(status("status-filters", name).unwrap(), full);
            assert_eq!(status("status-filters", &full).unwrap(), full);
        }
        assert_eq!(status("status-filters", "incident:status:ours").unwrap(), "incident:status:ours");
        for wrong in ["ours", "", "incident:status:", "incident:status:a b"] {
            assert!(matches!(status("status-filters", wrong), Err(Error::InvalidArgument { .. })), "{wrong}");
        }
    }

    #[test]
    fn every_severity_is_matched_by_its_name_and_only_critical_has_a_known_number() {
        for name in SEVERITIES.values {
            let asked = Severity::asked("severity-filters", name).unwrap();
            assert!(asked.is(&format!("incident:severity:850:{name}")), "{name}");
            assert!(!asked.is("incident:severity:1:other"));
        }
        let full = "incident:severity:700:high";
        for (asked, known) in [("critical", Some(CRITICAL)), ("High", None), (full, Some(full))] {
            assert_eq!(Severity::asked("", asked).unwrap().full(), known);
        }
        assert!(!Severity::asked("", full).unwrap().is("incident:severity:701:high"));
        for wrong in ["urgent", "incident:severity:high", "incident:severity:x:high", ""] {
            assert!(Severity::asked("severity-filters", wrong).is_err(), "{wrong}");
        }
    }
}
