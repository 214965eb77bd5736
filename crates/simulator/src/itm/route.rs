//! The endpoints by path.

use percent_encoding::percent_decode_str;

use crate::wire::Request;

/// Where a request of this product goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// The version in its path; none where there is none, as in links to screenshots.
    pub(crate) version: Option<String>,
    pub(crate) to: To,
}

/// An endpoint, with the fqid or the name that its path holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum To {
    Token,
    Users,
    Search,
    Event(String),
    Mail(String),
    Assignment(String),
    Workflow(String),
    Comments(String),
    Tags(String),
    Health(String),
    Screenshot(String),
    Nowhere,
}

impl Route {
    /// The request's route; none where it is not for this product.
    pub(crate) fn of(request: &Request) -> Option<Route> {
        let segments = segments(&request.path)?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        match segments.as_slice() {
            ["screenshots", file] => Some(Route { version: None, to: To::Screenshot((*file).into()) }),
            [version @ ("v1" | "v2" | "v3"), "apis", rest @ ..] => {
                Some(Route { version: Some((*version).into()), to: To::of(rest) })
            }
            _ => None,
        }
    }

    /// Whether it asks for a token.
    pub(crate) fn is_token(request: &Request) -> bool {
        Route::of(request).is_some_and(|route| route.to == To::Token)
    }
}

impl To {
    fn of(segments: &[&str]) -> To {
        match segments {
            ["auth", "oauth", "token"] => To::Token,
            ["auth", "users"] => To::Users,
            ["activity", "event-queries"] => To::Search,
            ["activity", "events", fqid, rest @ ..] => To::of_event((*fqid).into(), rest),
            [service, "_health"] => To::Health((*service).into()),
            _ => To::Nowhere,
        }
    }

    fn of_event(fqid: String, segments: &[&str]) -> To {
        match segments {
            [] => To::Event(fqid),
            ["messages", "default", "contents", "_raw"] => To::Mail(fqid),
            ["annotations", "workflow", "assignment"] => To::Assignment(fqid),
            ["annotations", "workflow"] => To::Workflow(fqid),
            ["annotations", "comments"] => To::Comments(fqid),
            ["tags"] => To::Tags(fqid),
            _ => To::Nowhere,
        }
    }

    /// Whether requests that go there change an event.
    pub(crate) fn writes(&self) -> bool {
        matches!(self, To::Assignment(_) | To::Workflow(_) | To::Comments(_) | To::Tags(_))
    }
}

/// The path's segments, decoded one by one. Like many a proxy it steps back at `..`, so that an fqid
/// which was not encoded may lead elsewhere.
fn segments(path: &str) -> Option<Vec<String>> {
    let mut segments = Vec::new();
    for segment in path.strip_prefix('/')?.split('/') {
        match segment {
            "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(percent_decode_str(segment).decode_utf8_lossy().into_owned()),
        }
    }
    Some(segments)
}
