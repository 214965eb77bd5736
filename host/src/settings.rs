//! The settings that the component reads through `wasi:config`.
//!
//! They come from the keys of one TOML file, overridden by one of its `[profiles.NAME]` tables,
//! overridden by environment variables `PROOFPOINT_<KEY>` in upper case. The keys themselves stand in
//! one table for parser, host and documentation: `wit/config-keys.tsv`.

mod error;
mod file;
mod key;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::Path;
use std::time::Duration;

pub use error::SettingsError;
pub use key::{Key, keys};

/// What every environment variable of this project begins with.
const PREFIX: &str = "PROOFPOINT_";

/// Variables with the prefix that are no keys, but the command line's own.
const OF_THE_COMMAND_LINE: [&str; 4] =
    ["PROOFPOINT_COMPONENT", "PROOFPOINT_CONFIG", "PROOFPOINT_PROFILE", "PROOFPOINT_CACHE_DIR"];

/// The settings that were given, by key. `Debug` redacts secrets.
#[derive(Clone, Default, PartialEq)]
pub struct Settings {
    given: BTreeMap<&'static str, String>,
}

impl Settings {
    /// Reads `file` where one is named, with its `profile` where one is named, and the environment.
    ///
    /// Variables that look like settings but are none are reported as a warning through `tracing`.
    pub fn load(
        file: Option<&Path>,
        profile: Option<&str>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, SettingsError> {
        let mut settings = Self::default();
        match file {
            Some(file) => settings.given = file::read(file, profile)?,
            None if profile.is_some() => return Err(SettingsError::ProfileWithoutFile),
            None => {}
        }
        for (name, value) in environment {
            let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
            settings.take_variable(name, value)?;
        }
        Ok(settings)
    }

    /// An empty variable counts as absent, as is the custom.
    fn take_variable(&mut self, name: &str, value: OsString) -> Result<(), SettingsError> {
        let key = name.strip_prefix(PREFIX).unwrap_or(name);
        match Key::find(&key.to_ascii_lowercase()) {
            Some(_) if value.is_empty() => {}
            Some(key) if name == key.variable() => {
                let value = value.into_string().map_err(|_| SettingsError::NotText { key: key.name })?;
                self.given.insert(key.name, value);
            }
            _ if OF_THE_COMMAND_LINE.contains(&name) => {}
            _ => tracing::warn!("environment variable {name} is not a setting of the connector"),
        }
        Ok(())
    }

    /// Sets a key. Unknown keys are refused.
    pub fn set(&mut self, key: &str, value: impl Into<String>) -> Result<(), SettingsError> {
        let known = Key::find(key).ok_or_else(|| SettingsError::unknown(key, None))?;
        self.given.insert(known.name, value.into());
        Ok(())
    }

    /// The value of a key, or its default; none where it has neither. A blank value is none, here as in the component.
    pub fn get(&self, key: &str) -> Option<&str> {
        let given = self.given.get(key).map(String::as_str).filter(|value| !value.trim().is_empty());
        given.or_else(|| Key::find(key)?.default)
    }

    /// The keys that were given, as the component is told them: in the place of a client secret stands a
    /// placeholder, which the host exchanges in token requests.
    pub(crate) fn without_secrets(&self) -> impl Iterator<Item = (String, String)> {
        self.given().map(|(name, value)| {
            let held = Key::find(name).is_some_and(|key| key.secret) && !value.trim().is_empty();
            (name.to_owned(), if held { placeholder(name) } else { value.to_owned() })
        })
    }

    /// The keys that were given, with their values.
    pub fn given(&self) -> impl Iterator<Item = (&str, &str)> {
        self.given.iter().map(|(key, value)| (*key, value.as_str()))
    }

    /// The values of all URLs among the settings, given or default: the hosts that may be reached.
    pub fn urls(&self) -> impl Iterator<Item = (&'static str, &str)> {
        keys()
            .iter()
            .filter(|key| key.name.ends_with("_base_url") || key.name.ends_with("_auth_url"))
            .filter_map(|key| Some((key.name, self.get(key.name)?)))
    }

    /// How long one call may take. A malformed value is the component's to report; until then the
    /// default holds.
    pub(crate) fn call_timeout(&self) -> Duration {
        let milliseconds = |text: &str| text.trim().parse().ok();
        let key = "call_timeout_ms";
        let default = || Key::find(key).and_then(|key| key.default).and_then(milliseconds);
        let given = self.get(key).and_then(milliseconds).or_else(default);
        Duration::from_millis(given.unwrap_or_default())
    }
}

/// What the component is told in the place of a secret.
pub(crate) fn placeholder(key: &str) -> String {
    format!("held-by-the-host.{key}")
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.given.iter().map(|(name, value)| {
            let secret = Key::find(name).is_some_and(|key| key.secret);
            (name, if secret { "[redacted]" } else { value })
        });
        f.debug_map().entries(shown).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(
        toml: &str,
        profile: Option<&str>,
        environment: &[(&str, &str)],
    ) -> Result<Settings, SettingsError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), toml).unwrap();
        let environment = environment.iter().map(|(name, value)| (name.into(), value.into()));
        Settings::load(Some(file.path()), profile, environment)
    }

    #[test]
    fn the_environment_overrides_the_profile_and_the_profile_the_file() {
        let toml = "ctr_client_id = 'file'\nctr_max_fetch = 50\n[profiles.a]\nctr_client_id = 'profile'";
        let id = |profile, environment: &[(&str, &str)]| {
            load(toml, profile, environment).unwrap().get("ctr_client_id").unwrap().to_owned()
        };
        assert_eq!(id(None, &[]), "file");
        assert_eq!(id(Some("a"), &[]), "profile");
        assert_eq!(id(Some("a"), &[("PROOFPOINT_CTR_CLIENT_ID", "environment")]), "environment");
        assert_eq!(id(Some("a"), &[("PROOFPOINT_CTR_CLIENT_ID", "")]), "profile");
        assert_eq!(load(toml, Some("a"), &[]).unwrap().get("ctr_max_fetch"), Some("50"));
    }

    #[test]
    fn a_key_that_was_not_given_has_its_default_but_the_component_is_not_told() {
        let settings = Settings::default();
        assert_eq!(settings.get("ctr_first_fetch"), Some("3 days"));
        let mut blank = settings.clone();
        blank.set("ctr_first_fetch", " ").unwrap();
        assert_eq!(blank.get("ctr_first_fetch"), Some("3 days"));
        assert_eq!(settings.get("ctr_client_id"), None);
        assert_eq!(settings.given().count(), 0);
    }

    #[test]
    fn the_component_is_told_placeholders_for_secrets_and_all_else_as_it_is() {
        let mut settings = Settings::default();
        for (key, value) in
            [("ctr_client_id", "me"), ("ctr_client_secret", "hunter2"), ("itm_client_secret", " ")]
        {
            settings.set(key, value).unwrap();
        }
        let told: Vec<_> = settings.without_secrets().collect();
        let placeholder = "held-by-the-host.ctr_client_secret";
        let told: Vec<_> = told.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let expected =
            [("ctr_client_id", "me"), ("ctr_client_secret", placeholder), ("itm_client_secret", " ")];
        assert_eq!(told, expected);
    }

    #[test]
    fn secrets_are_redacted_in_debug_output() {
        let mut settings = Settings::default();
        settings.set("ctr_client_secret", "hunter2").unwrap();
        settings.set("ctr_client_id", "me").unwrap();
        assert_eq!(format!("{settings:?}"), r#"{"ctr_client_id": "me", "ctr_client_secret": "[redacted]"}"#);
    }

    #[test]
    fn variables_that_are_no_settings_are_passed_over() {
        let environment = [
            ("PROOFPOINT_COMPONENT", "x.wasm"),
            ("PROOFPOINT_TYPO", "x"),
            ("PROOFPOINT_ctr_client_id", "x"),
            ("CTR_CLIENT_ID", "x"),
        ];
        assert_eq!(load("", None, &environment).unwrap(), Settings::default());
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_not_text_is_refused_by_name() {
        use std::os::unix::ffi::OsStringExt;
        let value = OsString::from_vec(vec![0xff]);
        let loaded = Settings::load(None, None, [("PROOFPOINT_CTR_CLIENT_ID".into(), value)]);
        assert!(matches!(loaded, Err(SettingsError::NotText { key: "ctr_client_id" })));
    }

    #[test]
    fn a_profile_needs_a_file() {
        let loaded = Settings::load(None, Some("a"), []);
        assert!(matches!(loaded, Err(SettingsError::ProfileWithoutFile)));
    }

    #[test]
    fn a_malformed_call_timeout_leaves_the_default_in_force() {
        let mut settings = Settings::default();
        assert_eq!(settings.call_timeout(), Duration::from_secs(300));
        settings.set("call_timeout_ms", "soon").unwrap();
        assert_eq!(settings.call_timeout(), Duration::from_secs(300));
        settings.set("call_timeout_ms", "1000").unwrap();
        assert_eq!(settings.call_timeout(), Duration::from_secs(1));
    }
}
