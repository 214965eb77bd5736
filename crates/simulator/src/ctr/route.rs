//! The endpoints by path.

use super::lists::OrgList;
use crate::wire::Request;

/// An endpoint, with the id that its path holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum To {
    Search,
    Count,
    Create,
    Upload,
    Incident(String),
    IncidentMessages(String),
    Messages,
    Message(String),
    Fetch(String),
    FetchStatus(String),
    Download(String),
    Workflows,
    Run(String),
    RunState(String),
    List(OrgList),
    Nowhere,
}

impl To {
    pub(crate) fn of(request: &Request) -> To {
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        match segments.as_slice() {
            ["api", "v1", "tric", "incidents", rest @ ..] => To::of_incidents(rest),
            ["api", "v1", "tric", "messages", rest @ ..] => To::of_messages(rest),
            ["api", "v1", "tric", "workflows", rest @ ..] => To::of_workflows(rest),
            ["api", "v1", "emailProtection", "modules", "spam", "orgSafeList"] => To::List(OrgList::Safe),
            ["api", "v1", "emailProtection", "modules", "spam", "orgBlockList"] => To::List(OrgList::Block),
            _ => To::Nowhere,
        }
    }

    fn of_incidents(segments: &[&str]) -> To {
        match segments {
            [] => To::Search,
            ["count"] => To::Count,
            ["createIncident"] => To::Create,
            ["uploadMessage"] => To::Upload,
            [id] => To::Incident((*id).into()),
            [id, "messages"] => To::IncidentMessages((*id).into()),
            _ => To::Nowhere,
        }
    }

    fn of_messages(segments: &[&str]) -> To {
        match segments {
            [] => To::Messages,
            [id] => To::Message((*id).into()),
            [id, "fetch"] => To::Fetch((*id).into()),
            [id, "fetchStatus"] => To::FetchStatus((*id).into()),
            [id, "download"] => To::Download((*id).into()),
            _ => To::Nowhere,
        }
    }

    fn of_workflows(segments: &[&str]) -> To {
        match segments {
            [] => To::Workflows,
            ["run", id] => To::RunState((*id).into()),
            [id, "run"] => To::Run((*id).into()),
            _ => To::Nowhere,
        }
    }
}
