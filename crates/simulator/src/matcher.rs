//! Which requests a fault is for.

use crate::ctr::To;
use crate::itm::{Route, To as ItmTo};
use crate::wire::Request;

/// Which requests a fault is for. All of its parts must hold.
#[derive(Debug, Clone)]
pub struct Matcher {
    /// Where the request goes.
    pub place: Place,
    /// Its method; none for any.
    pub method: Option<String>,
    /// What its body contains; none for anything.
    pub body: Option<String>,
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Anywhere.
    Any,
    /// A token endpoint.
    Token,
    /// Anywhere but a token endpoint.
    Api,
    /// Exactly this path.
    Path(String),
    /// A path that contains this.
    PathContaining(String),
    /// The search for messages.
    Messages,
    /// One message, in full.
    Message,
    /// What begins to load a message's mail.
    MailFetch,
    /// Whether it is loaded.
    MailFetchStatus,
    /// The mail itself.
    MailDownload,
    /// The list of workflows.
    Workflows,
    /// What starts a run of a workflow.
    WorkflowRun,
    /// What became of a run.
    WorkflowRunState,
    /// The safe list and the block list, reading and changing; a method tells them apart.
    OrgLists,
    /// Anywhere in Insider Threat Management, screenshots included.
    Itm,
    /// Its token endpoint.
    ItmToken,
    /// Its search for events.
    ItmSearch,
    /// One of its events, in full.
    ItmEvent,
    /// The e-mail of an event.
    ItmMail,
    /// What changes an event: its owner, status, comments and tags.
    ItmWrite,
    /// Its users.
    ItmUsers,
    /// Screenshots.
    ItmScreenshot,
}

impl Matcher {
    /// Every request.
    pub fn any() -> Matcher {
        Matcher { place: Place::Any, method: None, body: None }
    }

    /// Token requests.
    pub fn token() -> Matcher {
        Matcher { place: Place::Token, ..Matcher::any() }
    }

    /// All but token requests.
    pub fn api() -> Matcher {
        Matcher { place: Place::Api, ..Matcher::any() }
    }

    /// Requests to exactly this path.
    pub fn path(path: &str) -> Matcher {
        Matcher { place: Place::Path(path.into()), ..Matcher::any() }
    }

    /// Requests to a path that contains this.
    pub fn path_containing(part: &str) -> Matcher {
        Matcher { place: Place::PathContaining(part.into()), ..Matcher::any() }
    }

    /// Searches for incidents.
    pub fn search() -> Matcher {
        Matcher::path("/api/v1/tric/incidents")
    }

    /// Requests to this place.
    pub fn place(place: Place) -> Matcher {
        Matcher { place, ..Matcher::any() }
    }

    /// Only with this method.
    pub fn method(self, method: &str) -> Matcher {
        Matcher { method: Some(method.into()), ..self }
    }

    /// Only with a body that contains this.
    pub fn body(self, part: &str) -> Matcher {
        Matcher { body: Some(part.into()), ..self }
    }

    pub(crate) fn matches(&self, request: &Request) -> bool {
        let place = match &self.place {
            Place::Any => true,
            Place::Token => request.is_token(),
            Place::Api => !request.is_token(),
            Place::Path(path) => request.path == *path,
            Place::PathContaining(part) => request.path.contains(part),
            Place::Messages => To::of(request) == To::Messages,
            Place::Message => matches!(To::of(request), To::Message(_)),
            Place::MailFetch => matches!(To::of(request), To::Fetch(_)),
            Place::MailFetchStatus => matches!(To::of(request), To::FetchStatus(_)),
            Place::MailDownload => matches!(To::of(request), To::Download(_)),
            Place::Workflows => To::of(request) == To::Workflows,
            Place::WorkflowRun => matches!(To::of(request), To::Run(_)),
            Place::WorkflowRunState => matches!(To::of(request), To::RunState(_)),
            Place::OrgLists => matches!(To::of(request), To::List(_)),
            Place::Itm => Route::of(request).is_some(),
            Place::ItmToken => goes(request, |to| *to == ItmTo::Token),
            Place::ItmSearch => goes(request, |to| *to == ItmTo::Search),
            Place::ItmEvent => goes(request, |to| matches!(to, ItmTo::Event(_))),
            Place::ItmMail => goes(request, |to| matches!(to, ItmTo::Mail(_))),
            Place::ItmWrite => goes(request, ItmTo::writes),
            Place::ItmUsers => goes(request, |to| *to == ItmTo::Users),
            Place::ItmScreenshot => goes(request, |to| matches!(to, ItmTo::Screenshot(_))),
        };
        let method = self.method.as_ref().is_none_or(|method| *method == request.method);
        place && method && self.body.as_ref().is_none_or(|part| contains(&request.body, part.as_bytes()))
    }
}

/// Whether a request goes to such a place of Insider Threat Management.
fn goes(request: &Request, there: impl Fn(&ItmTo) -> bool) -> bool {
    Route::of(request).is_some_and(|route| there(&route.to))
}

fn contains(body: &[u8], part: &[u8]) -> bool {
    part.is_empty() || body.windows(part.len()).any(|window| window == part)
}
