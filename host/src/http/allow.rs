//! Which hosts may be reached.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::Uri;

use crate::settings::Settings;

/// Scheme, host and port of each configured URL. Nothing else is reachable.
#[derive(Debug, Clone)]
pub(super) struct AllowList(Arc<BTreeSet<Origin>>);

type Origin = (String, String, u16);

impl AllowList {
    /// From the URLs among the settings. A malformed one allows nothing; the component reports it.
    pub(super) fn of(settings: &Settings) -> Self {
        let urls = settings.urls().filter_map(|(_, url)| url.trim().parse().ok());
        Self(Arc::new(urls.filter_map(|uri| origin(&uri)).collect()))
    }

    pub(super) fn permits(&self, uri: &Uri) -> bool {
        origin(uri).is_some_and(|origin| self.0.contains(&origin))
    }
}

fn origin(uri: &Uri) -> Option<Origin> {
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let port = uri.port_u16().or(match scheme.as_str() {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    })?;
    let host = uri.host()?.trim_end_matches('.').to_ascii_lowercase();
    Some((scheme, host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(base_url: &str, uri: &str) -> bool {
        let mut settings = Settings::default();
        settings.set("ctr_base_url", base_url).unwrap();
        AllowList::of(&settings).permits(&uri.parse().unwrap())
    }

    #[test]
    fn scheme_host_and_port_must_be_the_configured_ones() {
        for (uri, allowed) in [
            ("https://api.example.com/incidents", true),
            ("https://API.Example.com./x", true),
            ("https://api.example.com:443/", true),
            ("http://api.example.com/", false),
            ("https://api.example.com:8443/", false),
            ("https://example.com/", false),
            ("https://evil.api.example.com/", false),
            ("https://api.example.com.evil.com/", false),
            ("https://user@api.example.com/", true),
            ("https://api.example.com@evil.com/", false),
            ("/incidents", false),
        ] {
            assert_eq!(permits("https://api.example.com/base", uri), allowed, "{uri}");
        }
    }

    #[test]
    fn defaults_are_allowed_and_a_malformed_url_allows_nothing() {
        assert!(permits("http://127.0.0.1:8080", "https://auth.proofpoint.com/v1/token"));
        assert!(permits("http://127.0.0.1:8080", "http://127.0.0.1:8080/x"));
        assert!(!permits("not a url", "https://threatprotection-api.proofpoint.com/"));
    }

    #[test]
    fn the_console_is_linked_to_and_not_reachable() {
        assert!(!permits("https://api.example.com", "https://threatresponse.proofpoint.com/"));
    }
}
