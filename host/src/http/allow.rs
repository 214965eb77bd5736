//! Which hosts may be reached.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::uri::{Authority, PathAndQuery};
use http::{Method, Request, Uri};

use crate::settings::Settings;

/// The methods that the two products use.
const METHODS: [Method; 4] = [Method::GET, Method::POST, Method::PUT, Method::PATCH];

/// Scheme, host and port of each configured URL and host. Nothing else is reachable.
#[derive(Debug, Clone)]
pub(super) struct AllowList(Arc<BTreeMap<Origin, Kind>>);

pub(super) type Origin = (String, String, u16);

/// What a host is configured as.
#[derive(Debug)]
enum Kind {
    /// One of the services.
    Service,
    /// A store of screenshots: anyone's, for all one knows. Read only, and without a token.
    Screenshots,
}

impl AllowList {
    /// From the URLs and hosts among the settings. A malformed one allows nothing; the component reports it.
    pub(super) fn of(settings: &Settings) -> Self {
        let hosts = settings.get("itm_screenshot_hosts").unwrap_or_default().split(',');
        let stores = hosts.flat_map(urls_of).map(|uri| (uri, Kind::Screenshots));
        let services = settings.urls().filter_map(|(_, url)| Some((url.trim().parse().ok()?, Kind::Service)));
        // A store on the host of a service is that service.
        let all = stores.chain(services);
        Self(Arc::new(all.filter_map(|(uri, kind)| Some((origin(&uri)?, kind))).collect()))
    }

    /// Where a request is to be sent, if it may be: with a method that the products use, to a host that is
    /// configured. However it was spelt, host and port are written as everywhere else.
    pub(super) fn admit<B>(&self, request: &Request<B>) -> Option<Uri> {
        let (method, uri) = (request.method(), request.uri());
        let origin = origin(uri)?;
        let fits = match self.0.get(&origin)? {
            Kind::Service => METHODS.contains(method),
            Kind::Screenshots => method == Method::GET && !request.headers().contains_key(AUTHORIZATION),
        };
        if !fits {
            return None;
        }
        let (scheme, host, port) = origin;
        let authority = if default_port(&scheme) == Some(port) { host } else { format!("{host}:{port}") };
        let path = uri.path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
        Uri::builder().scheme(scheme.as_str()).authority(authority).path_and_query(path).build().ok()
    }
}

/// What `host[:port]` stands for: HTTPS, and on this machine HTTP as well.
fn urls_of(host: &str) -> Vec<Uri> {
    let Ok(authority) = host.trim().parse::<Authority>() else { return Vec::new() };
    let schemes: &[&str] = if is_loopback(authority.host()) { &["https", "http"] } else { &["https"] };
    schemes.iter().filter_map(|scheme| format!("{scheme}://{authority}").parse().ok()).collect()
}

pub(super) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// Scheme, host and port of a URL, in the one way they are written here.
pub(super) fn origin(uri: &Uri) -> Option<Origin> {
    let (scheme, authority) = (uri.scheme_str()?.to_ascii_lowercase(), uri.authority()?);
    // A user is no part of a host, and what is left of `host:` and `host:99999` no port.
    let rest = authority.as_str().strip_prefix(authority.host())?;
    if rest.contains('@') || (!rest.is_empty() && authority.port_u16().is_none()) {
        return None;
    }
    let port = authority.port_u16().or(default_port(&scheme))?;
    Some((scheme, authority.host().trim_end_matches('.').to_ascii_lowercase(), port))
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(base_url: &str, uri: &str) -> bool {
        with("ctr_base_url", base_url, uri)
    }

    fn with(key: &str, value: &str, uri: &str) -> bool {
        admitted(key, value, Request::get(uri)).is_some()
    }

    fn admitted(key: &str, value: &str, request: http::request::Builder) -> Option<String> {
        let mut settings = Settings::default();
        settings.set(key, value).unwrap();
        AllowList::of(&settings).admit(&request.body(()).unwrap()).map(|uri| uri.to_string())
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
            ("https://user@api.example.com/", false),
            ("https://api.example.com@api.example.com:443/", false),
            ("https://api.example.com:99999/", false),
            ("https://api.example.com:/", false),
            ("https://api.example.com@evil.com/", false),
            ("/incidents", false),
        ] {
            assert_eq!(permits("https://api.example.com/base", uri), allowed, "{uri}");
        }
    }

    #[test]
    fn methods_that_the_products_do_not_use_are_refused() {
        for (method, allowed) in [
            ("GET", true),
            ("PATCH", true),
            ("DELETE", false),
            ("HEAD", false),
            ("CONNECT", false),
            ("get", false),
        ] {
            let url = "https://api.example.com";
            let request = Request::builder().method(method).uri(url);
            assert_eq!(admitted("ctr_base_url", url, request).is_some(), allowed, "{method}");
        }
    }

    #[test]
    fn a_host_is_written_as_everywhere_else_however_the_component_spells_it() {
        for (uri, sent) in [
            ("https://API.Example.com./a%2fb?q=%20", "https://api.example.com/a%2fb?q=%20"),
            ("HTTPS://api.example.com:443", "https://api.example.com/"),
        ] {
            let sent = Some(sent.to_owned());
            assert_eq!(admitted("ctr_base_url", "https://api.example.com/base", Request::get(uri)), sent);
        }
        for other in ["https://api.example.com:8443/x", "http://[::1]:8080/x"] {
            assert_eq!(admitted("ctr_base_url", other, Request::get(other)).unwrap(), other);
        }
    }

    #[test]
    fn a_store_of_screenshots_is_only_read_and_gets_no_token() {
        let (key, url) = ("itm_screenshot_hosts", "https://shots.example.com/a.jpg");
        let host = "shots.example.com";
        assert!(admitted(key, host, Request::get(url)).is_some());
        assert!(admitted(key, host, Request::put(url)).is_none());
        assert!(admitted(key, host, Request::post(url)).is_none());
        assert!(admitted(key, host, Request::get(url).header("authorization", "Bearer t")).is_none());
        // The same host as a service is that service.
        let mut settings = Settings::default();
        settings.set(key, host).unwrap();
        settings.set("itm_base_url", "https://shots.example.com").unwrap();
        let request = Request::put(url).header("authorization", "Bearer t").body(()).unwrap();
        assert!(AllowList::of(&settings).admit(&request).is_some());
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
