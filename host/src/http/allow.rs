//! Which hosts may be reached.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use http::uri::Authority;
use http::{Method, Uri};

use crate::settings::Settings;

/// The methods that the two products use.
const METHODS: [Method; 4] = [Method::GET, Method::POST, Method::PUT, Method::PATCH];

/// Scheme, host and port of each configured URL and host. Nothing else is reachable.
#[derive(Debug, Clone)]
pub(super) struct AllowList(Arc<BTreeSet<Origin>>);

pub(super) type Origin = (String, String, u16);

impl AllowList {
    /// From the URLs and hosts among the settings. A malformed one allows nothing; the component reports it.
    pub(super) fn of(settings: &Settings) -> Self {
        let urls = settings.urls().filter_map(|(_, url)| url.trim().parse().ok());
        let hosts = settings.get("itm_screenshot_hosts").unwrap_or_default().split(',');
        let urls = urls.chain(hosts.flat_map(urls_of));
        Self(Arc::new(urls.filter_map(|uri| origin(&uri)).collect()))
    }

    /// Whether a request may be sent: with a method that the products use, to a host that is configured.
    pub(super) fn permits(&self, method: &Method, uri: &Uri) -> bool {
        METHODS.contains(method) && origin(uri).is_some_and(|origin| self.0.contains(&origin))
    }
}

/// What `host[:port]` stands for: HTTPS, and on this machine HTTP as well.
fn urls_of(host: &str) -> Vec<Uri> {
    let Ok(authority) = host.trim().parse::<Authority>() else { return Vec::new() };
    // A user is no part of a host, and what is left of `host:` and `host:99999` no port.
    let rest = authority.as_str().strip_prefix(authority.host());
    if rest.is_none_or(|rest| !rest.is_empty() && authority.port_u16().is_none()) {
        return Vec::new();
    }
    let schemes: &[&str] = if is_loopback(authority.host()) { &["https", "http"] } else { &["https"] };
    schemes.iter().filter_map(|scheme| format!("{scheme}://{authority}").parse().ok()).collect()
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

pub(super) fn origin(uri: &Uri) -> Option<Origin> {
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
        with("ctr_base_url", base_url, uri)
    }

    fn with(key: &str, value: &str, uri: &str) -> bool {
        let mut settings = Settings::default();
        settings.set(key, value).unwrap();
        AllowList::of(&settings).permits(&Method::GET, &uri.parse().unwrap())
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
    fn methods_that_the_products_do_not_use_are_refused() {
        let url = "https://api.example.com".parse().unwrap();
        let mut settings = Settings::default();
        settings.set("ctr_base_url", "https://api.example.com").unwrap();
        for (method, allowed) in [
            ("GET", true),
            ("PATCH", true),
            ("DELETE", false),
            ("HEAD", false),
            ("CONNECT", false),
            ("get", false),
        ] {
            assert_eq!(AllowList::of(&settings).permits(&method.parse().unwrap(), &url), allowed, "{method}");
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

    #[test]
    fn the_tenant_of_insider_threat_management_is_reachable_once_it_is_named() {
        let tenant = "https://tenant.explore.proofpoint.com/v2/apis/activity";
        assert!(with("itm_base_url", "https://tenant.explore.proofpoint.com", tenant));
        assert!(!permits("https://api.example.com", tenant));
    }

    #[test]
    fn screenshots_come_from_the_hosts_that_are_named_and_over_https() {
        let hosts = "shots.example.com, Other.Example.com:8443 ,127.0.0.1:8080,[::1]:81,localhost";
        for (uri, allowed) in [
            ("https://shots.example.com/a.jpg?signature=x", true),
            ("https://shots.example.com:443/", true),
            ("https://SHOTS.example.com./", true),
            ("http://shots.example.com/", false),
            ("https://shots.example.com:8443/", false),
            ("https://evil.shots.example.com/", false),
            ("https://other.example.com:8443/", true),
            ("https://other.example.com/", false),
            ("http://127.0.0.1:8080/", true),
            ("https://127.0.0.1:8080/", true),
            ("http://127.0.0.1/", false),
            ("http://127.0.0.2:8080/", false),
            ("http://[::1]:81/", true),
            ("http://localhost/", true),
            ("https://localhost/", true),
        ] {
            assert_eq!(with("itm_screenshot_hosts", hosts, uri), allowed, "{uri}");
        }
    }

    #[test]
    fn what_is_no_host_allows_nothing() {
        for hosts in
            ["", ",", "https://a.example.com", "a.example.com/x", "u@a.example.com", "*", "a.example.com:"]
        {
            assert!(!with("itm_screenshot_hosts", hosts, "https://a.example.com/"), "{hosts}");
        }
        assert!(!with("itm_screenshot_hosts", "a.example.com:99999", "https://a.example.com/"));
        assert!(!with("itm_screenshot_hosts", "10.0.0.1:80", "http://10.0.0.1:80/"));
    }
}
