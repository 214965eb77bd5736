//! Configuration: the keys of `wit/config-keys.tsv`, read once for each call.

use crate::Error;
use core::fmt;
use core::time::Duration;

/// Names and defaults of the configuration keys, from the one table of them, `wit/config-keys.tsv`. The host
/// and the documentation draw from the same file.
pub const KEYS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/keys.rs"));

/// A product, by which its keys, its token and its answers differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// Cloud Threat Response.
    Ctr,
    /// Insider Threat Management.
    Itm,
}

impl Product {
    /// Its name in the contract, and what its keys begin with.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ctr => "ctr",
            Self::Itm => "itm",
        }
    }

    /// The full name of one of its keys.
    pub fn key(self, name: &str) -> String {
        format!("{}_{name}", self.as_str())
    }
}

/// Text that must never be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text from being shown.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What a call needs to know; credentials are checked by the calls that use them.
#[derive(Clone, Debug)]
pub struct Config {
    /// Cloud Threat Response.
    pub ctr: Ctr,
    /// Insider Threat Management.
    pub itm: Itm,
    /// Longest time for one request.
    pub request_timeout: Duration,
    /// Longest time for one exported call.
    pub call_timeout: Duration,
    /// A larger answer is refused.
    pub max_response_bytes: usize,
    /// How long a call may wait for budget.
    pub quota_wait: Duration,
}

/// Keys that begin with `ctr_`.
#[derive(Clone, Debug)]
pub struct Ctr {
    /// Base URL without a trailing slash.
    pub base_url: String,
    /// URL that mints tokens.
    pub auth_url: String,
    /// Base URL of the console without a trailing slash.
    pub console_url: String,
    /// Client id, if configured.
    pub client_id: Option<String>,
    /// Client secret, if configured.
    pub client_secret: Option<Secret>,
    /// The mail cluster whose lists are meant where a call names none.
    pub cluster_id: Option<String>,
    /// Where a fetch without a checkpoint begins.
    pub first_fetch: String,
    /// Incidents that one fetch step delivers at most.
    pub max_fetch: u32,
    /// Minutes read again for late indexing.
    pub fetch_delta_minutes: u32,
    /// States that a fetch delivers.
    pub fetch_states: Vec<String>,
    /// Days after its creation for which a closing is still found.
    pub closed_lookback_days: u32,
    /// Label on each fetched incident.
    pub incident_type: String,
    /// Whether each fetched incident comes with its detail.
    pub fetch_enrich: bool,
    /// Call budget; 0 is none.
    pub calls_per_minute: u32,
}

/// Keys that begin with `itm_`.
#[derive(Clone, Debug)]
pub struct Itm {
    /// Base URL of the tenant without a trailing slash, if configured.
    pub base_url: Option<String>,
    /// Version of the API.
    pub api_version: String,
    /// Client id, if configured.
    pub client_id: Option<String>,
    /// Client secret, if configured.
    pub client_secret: Option<Secret>,
    /// Region named in links to the console.
    pub region: String,
    /// Hosts that screenshots may be loaded from, in lower case, each with its port where one was given.
    pub screenshot_hosts: Vec<String>,
    /// Where a fetch without a checkpoint begins.
    pub first_fetch: String,
    /// Tickets that one fetch step delivers at most.
    pub max_fetch: u32,
    /// Minutes read again for late indexing.
    pub fetch_delta_minutes: u32,
    /// Label on each fetched ticket.
    pub ticket_type: String,
    /// Call budget; 0 is none.
    pub calls_per_minute: u32,
}

impl Itm {
    /// Base URL of the API, `{base}/{version}/apis`; none without a base URL. A base URL that ends so already
    /// is taken as it is.
    pub fn api_url(&self) -> Option<String> {
        let base = self.base_url.as_deref()?;
        if base.rsplit_once('/').is_some_and(|(_, last)| last == "apis") {
            return Some(base.to_owned());
        }
        Some(format!("{base}/{}/apis", self.api_version))
    }
}

impl Config {
    /// Whether anything of a product's account is configured.
    pub fn is_configured(&self, product: Product) -> bool {
        match product {
            Product::Ctr => self.ctr.client_id.is_some() || self.ctr.client_secret.is_some(),
            Product::Itm => {
                self.itm.base_url.is_some()
                    || self.itm.client_id.is_some()
                    || self.itm.client_secret.is_some()
            }
        }
    }

    /// Reads the configuration through `lookup`, which answers a key's value or why it cannot be had.
    pub fn read(lookup: impl Fn(&str) -> Result<Option<String>, String>) -> Result<Self, Error> {
        let keys = Reader { lookup };
        Ok(Self {
            ctr: Ctr {
                base_url: keys.url("ctr_base_url")?,
                auth_url: keys.url("ctr_auth_url")?,
                console_url: keys.url("ctr_console_url")?,
                client_id: keys.get("ctr_client_id")?,
                client_secret: keys.get("ctr_client_secret")?.map(Secret::new),
                cluster_id: keys.get("ctr_cluster_id")?,
                first_fetch: keys.text("ctr_first_fetch")?,
                max_fetch: keys.number("ctr_max_fetch", 1, 200)?,
                fetch_delta_minutes: keys.number("ctr_fetch_delta_minutes", 0, 1440)?,
                fetch_states: keys.list("ctr_fetch_states")?,
                closed_lookback_days: keys.number("ctr_closed_lookback_days", 1, 90)?,
                incident_type: keys.text("ctr_incident_type")?,
                fetch_enrich: keys.flag("ctr_fetch_enrich")?,
                calls_per_minute: keys.number("ctr_calls_per_minute", 0, 100_000)?,
            },
            itm: Itm {
                base_url: keys.optional_url("itm_base_url")?,
                api_version: keys.one_of("itm_api_version", &["v1", "v2", "v3"])?,
                client_id: keys.get("itm_client_id")?,
                client_secret: keys.get("itm_client_secret")?.map(Secret::new),
                region: keys.text("itm_region")?,
                screenshot_hosts: keys.hosts("itm_screenshot_hosts")?,
                first_fetch: keys.text("itm_first_fetch")?,
                max_fetch: keys.number("itm_max_fetch", 1, 200)?,
                fetch_delta_minutes: keys.number("itm_fetch_delta_minutes", 0, 1440)?,
                ticket_type: keys.text("itm_ticket_type")?,
                calls_per_minute: keys.number("itm_calls_per_minute", 0, 100_000)?,
            },
            request_timeout: keys.milliseconds("request_timeout_ms", 1)?,
            call_timeout: keys.milliseconds("call_timeout_ms", 1)?,
            max_response_bytes: usize::try_from(keys.number("max_response_bytes", 1024, 1 << 30)?)
                .unwrap_or(usize::MAX),
            quota_wait: keys.milliseconds("quota_wait_ms", 0)?,
        })
    }
}

struct Reader<F> {
    lookup: F,
}

impl<F: Fn(&str) -> Result<Option<String>, String>> Reader<F> {
    /// The configured value; an empty one is as good as none.
    fn get(&self, key: &str) -> Result<Option<String>, Error> {
        let value = (self.lookup)(key).map_err(|why| {
            Error::configuration(key, format!("the host could not read the key `{key}`: {why}"))
        })?;
        Ok(value.map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()))
    }

    /// The configured value or the table's default.
    fn text(&self, key: &str) -> Result<String, Error> {
        Ok(self.get(key)?.unwrap_or_else(|| default(key).to_owned()))
    }

    fn list(&self, key: &str) -> Result<Vec<String>, Error> {
        let text = self.text(key)?;
        Ok(text.split(',').map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()).collect())
    }

    fn flag(&self, key: &str) -> Result<bool, Error> {
        match self.text(key)?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(true),
            "false" | "no" | "0" => Ok(false),
            other => Err(Error::configuration(key, format!("`{key}` is `{other}`; use `true` or `false`"))),
        }
    }

    fn one_of(&self, key: &str, allowed: &[&str]) -> Result<String, Error> {
        let text = self.text(key)?;
        match allowed.iter().find(|value| text.eq_ignore_ascii_case(value)) {
            Some(value) => Ok((*value).to_owned()),
            None => {
                Err(Error::configuration(key, format!("`{key}` is `{text}`; use {}", allowed.join(", "))))
            }
        }
    }

    /// Host names, each with its port where it is not the usual one.
    fn hosts(&self, key: &str) -> Result<Vec<String>, Error> {
        let hosts = self.list(key)?;
        match hosts.iter().find(|host| host.contains(['/', '@', '?', '#', '*', ' '])) {
            None => Ok(hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect()),
            Some(wrong) => Err(Error::configuration(
                key,
                format!("`{key}` names `{wrong}`; give host names alone, as `bucket.s3.amazonaws.com`"),
            )),
        }
    }

    fn number(&self, key: &str, least: u32, most: u32) -> Result<u32, Error> {
        let text = self.text(key)?;
        text.parse().ok().filter(|n| (least..=most).contains(n)).ok_or_else(|| {
            Error::configuration(
                key,
                format!("`{key}` is `{text}`; use a whole number from {least} to {most}"),
            )
        })
    }

    fn milliseconds(&self, key: &str, least: u32) -> Result<Duration, Error> {
        self.number(key, least, 86_400_000).map(|ms| Duration::from_millis(ms.into()))
    }

    fn url(&self, key: &str) -> Result<String, Error> {
        check_url(key, self.text(key)?)
    }

    fn optional_url(&self, key: &str) -> Result<Option<String>, Error> {
        self.get(key)?.map(|text| check_url(key, text)).transpose()
    }
}

/// An https URL. Plain http would show the credentials to the network, so it is allowed only to
/// this machine.
fn check_url(key: &str, text: String) -> Result<String, Error> {
    if text.contains('@') {
        return Err(Error::configuration(key, format!("`{key}` must not hold a user name or password")));
    }
    let wrong = |what: &str| Error::configuration(key, format!("`{key}` is `{text}`; {what}"));
    let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong("use an https:// URL"))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if rest.contains(['?', '#']) || text.chars().any(|c| !c.is_ascii_graphic()) {
        return Err(wrong("use a plain URL without spaces, `?` or `#`"));
    }
    let host = host_of(authority);
    if host.is_empty() {
        return Err(wrong("it has no host name"));
    }
    match scheme.to_ascii_lowercase().as_str() {
        "https" => {}
        "http" if is_loopback(host) => {}
        "http" => return Err(wrong("use https:// (http:// would show the credentials to the network)")),
        _ => return Err(wrong("use an https:// URL")),
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// A key's default in [`KEYS`]; empty where it has none.
fn default(key: &str) -> &'static str {
    KEYS.iter().find(|(name, _)| *name == key).map(|(_, default)| *default).unwrap_or_default()
}

/// `host:port` or `[v6]:port` without the port.
fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

pub(crate) fn is_loopback(host: &str) -> bool {
    let v4 = host.starts_with("127.") && host.bytes().all(|b| b == b'.' || b.is_ascii_digit());
    v4 || host == "::1" || host.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, Error> {
        Config::read(|key| Ok(pairs.iter().find(|(k, _)| *k == key).map(|(_, v)| (*v).to_owned())))
    }

    #[test]
    fn defaults_come_from_the_table() {
        let config = read(&[]).unwrap();
        assert_eq!(config.ctr.base_url, "https://threatprotection-api.proofpoint.com");
        assert_eq!(config.ctr.auth_url, "https://auth.proofpoint.com/v1/token");
        assert_eq!(config.ctr.first_fetch, "3 days");
        assert_eq!(config.ctr.max_fetch, 200);
        assert_eq!(config.ctr.fetch_delta_minutes, 30);
        assert_eq!(config.ctr.fetch_states, ["open_incidents"]);
        assert_eq!(config.ctr.closed_lookback_days, 7);
        assert_eq!(config.ctr.incident_type, "Cloud Threat Response Incident");
        assert!(!config.ctr.fetch_enrich);
        assert_eq!(config.ctr.calls_per_minute, 10);
        assert_eq!(config.request_timeout, Duration::from_secs(60));
        assert_eq!(config.call_timeout, Duration::from_secs(300));
        assert_eq!(config.max_response_bytes, 33_554_432);
        assert_eq!(config.quota_wait, Duration::ZERO);
        assert_eq!(config.ctr.client_id, None);
    }

    #[test]
    fn every_key_of_the_table_is_read() {
        let asked = core::cell::RefCell::new(Vec::new());
        Config::read(|key| {
            asked.borrow_mut().push(key.to_owned());
            Ok(None)
        })
        .unwrap();
        let mut asked = asked.into_inner();
        let mut table: Vec<_> = KEYS.iter().map(|(name, _)| *name).collect();
        asked.sort();
        table.sort_unstable();
        assert_eq!(asked, table);
    }

    #[test]
    fn the_readme_lists_every_key_with_its_default() {
        let readme = include_str!("../../../README.md");
        for line in include_str!("../../../wit/config-keys.tsv").lines() {
            let columns: Vec<&str> = line.split('\t').collect();
            assert_eq!(columns.len(), 4, "{line}");
            let default = if columns[1].is_empty() { "–".to_owned() } else { format!("`{}`", columns[1]) };
            let secret = if columns[2] == "secret" { " (a secret)" } else { "" };
            let row = format!("| `{}` | {default} | {}{secret} |", columns[0], columns[3]);
            assert!(readme.contains(&row), "README.md lacks: {row}");
        }
    }

    #[test]
    fn a_malformed_value_names_its_key_and_what_to_do() {
        for (key, value) in [
            ("ctr_max_fetch", "0"),
            ("ctr_max_fetch", "201"),
            ("ctr_max_fetch", "many"),
            ("ctr_fetch_enrich", "maybe"),
            ("ctr_calls_per_minute", "-1"),
            ("request_timeout_ms", "0"),
            ("ctr_base_url", "threatprotection-api.proofpoint.com"),
            ("ctr_base_url", "ftp://example.com"),
            ("ctr_base_url", "http://example.com"),
            ("ctr_base_url", "http://127.0.0.1.example.com"),
            ("ctr_base_url", "https://"),
            ("ctr_base_url", "https://exa mple.com"),
            ("ctr_base_url", "https://example.com?x=1"),
        ] {
            match read(&[(key, value)]) {
                Err(Error::Configuration { key: named, message }) => {
                    assert_eq!(named, key);
                    assert!(message.contains(value), "{message}");
                }
                other => panic!("{key}={value}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_password_in_a_url_is_refused_and_not_repeated() {
        for url in ["https://me:hunter2@example.com", "me:hunter2@example.com", "https:///me:hunter2@h"] {
            let error = read(&[("ctr_base_url", url)]).unwrap_err();
            assert!(matches!(error, Error::Configuration { .. }));
            assert!(!error.message().contains("hunter2"));
        }
    }

    #[test]
    fn plain_http_reaches_only_this_machine() {
        for url in ["http://127.0.0.1:8080/", "http://localhost:1", "http://[::1]:8080"] {
            assert_eq!(read(&[("ctr_base_url", url)]).unwrap().ctr.base_url, url.trim_end_matches('/'));
        }
    }

    #[test]
    fn a_secret_is_never_shown() {
        let config = read(&[("ctr_client_secret", "hunter2")]).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn what_the_host_cannot_read_names_the_key() {
        let error = Config::read(|key| match key {
            "ctr_auth_url" => Err("vault is sealed".into()),
            _ => Ok(None),
        })
        .unwrap_err();
        assert!(matches!(&error, Error::Configuration { key, .. } if key == "ctr_auth_url"));
        assert!(error.message().contains("vault is sealed"));
    }
}
