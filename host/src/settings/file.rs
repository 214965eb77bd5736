//! The configuration file.

use std::collections::BTreeMap;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Key, SettingsError};

/// The table that holds the profiles.
const PROFILES: &str = "profiles";

/// The settings of `file`, with those of `profile` over them. Every profile is checked, so that a
/// misspelt key does not wait for the day its profile is used.
pub(super) fn read(
    file: &Path,
    profile: Option<&str>,
) -> Result<BTreeMap<&'static str, String>, SettingsError> {
    let text = std::fs::read_to_string(file)
        .map_err(|source| SettingsError::Unreadable { file: file.to_owned(), source })?;
    let document = DeTable::parse(&text).map_err(|error| SettingsError::Malformed {
        file: file.to_owned(),
        line: error.span().map_or(1, |span| line_of(&text, span.start)),
        message: error.message().to_owned(),
    })?;
    let source = Source { text: &text };
    let mut given = BTreeMap::new();
    let mut profiles = BTreeMap::new();
    for (key, value) in document.get_ref() {
        if key.get_ref() == PROFILES {
            profiles = source.profiles(value)?;
        } else {
            let (key, value) = source.setting(key, value)?;
            given.insert(key, value);
        }
    }
    if given.keys().chain(profiles.values().flat_map(BTreeMap::keys)).any(|name| is_secret(name)) {
        warn_if_open(file);
    }
    if let Some(name) = profile {
        let known = || profiles.keys().cloned().collect();
        let chosen = profiles
            .get(name)
            .ok_or_else(|| SettingsError::UnknownProfile { profile: name.to_owned(), known: known() })?;
        given.extend(chosen.iter().map(|(key, value)| (*key, value.clone())));
    }
    Ok(given)
}

fn is_secret(name: &str) -> bool {
    Key::find(name).is_some_and(|key| key.secret)
}

/// Says so where a file that holds a secret can be read by anyone on the machine.
fn warn_if_open(file: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let open = file.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o007 != 0);
        if open {
            let file = file.display();
            tracing::warn!("{file} holds a client secret and is open to every user: chmod o= {file}");
        }
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

struct Source<'a> {
    text: &'a str,
}

type Name<'a> = Spanned<std::borrow::Cow<'a, str>>;
type Content<'a> = Spanned<DeValue<'a>>;

impl Source<'_> {
    fn profiles(
        &self,
        value: &Content<'_>,
    ) -> Result<BTreeMap<String, BTreeMap<&'static str, String>>, SettingsError> {
        let wrong = |content: &Content<'_>| SettingsError::WrongType {
            key: PROFILES.to_owned(),
            line: line_of(self.text, content.span().start),
        };
        let mut profiles = BTreeMap::new();
        for (name, content) in value.get_ref().as_table().ok_or_else(|| wrong(value))? {
            let table = content.get_ref().as_table().ok_or_else(|| wrong(content))?;
            let settings = table.iter().map(|(key, value)| self.setting(key, value));
            profiles.insert(name.get_ref().to_string(), settings.collect::<Result<_, _>>()?);
        }
        Ok(profiles)
    }

    fn setting(&self, name: &Name<'_>, value: &Content<'_>) -> Result<(&'static str, String), SettingsError> {
        let line = line_of(self.text, name.span().start);
        let key =
            Key::find(name.get_ref()).ok_or_else(|| SettingsError::unknown(name.get_ref(), Some(line)))?;
        let value = text_of(value.get_ref());
        let value = value.ok_or_else(|| SettingsError::WrongType { key: key.name.to_owned(), line })?;
        Ok((key.name, value))
    }
}

/// A value as the string that the component reads.
fn text_of(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Boolean(value) => Some(value.to_string()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(|number| number.to_string())
        }
        DeValue::Array(items) => {
            let items: Option<Vec<&str>> = items.iter().map(|item| item.get_ref().as_str()).collect();
            Some(items?.join(","))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(toml: &str, profile: Option<&str>) -> Result<BTreeMap<&'static str, String>, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), toml).unwrap();
        let shown = file.path().display().to_string();
        read(file.path(), profile).map_err(|error| error.to_string().replace(&shown, "FILE"))
    }

    #[test]
    fn every_kind_of_value_becomes_a_string() {
        let toml = "ctr_max_fetch = 1_00\nctr_fetch_enrich = true\nctr_first_fetch = \"2 days\"\n\
                    ctr_fetch_states = ['open_incidents', 'closed_incidents']";
        let given = given(toml, None).unwrap();
        let expected = [
            ("ctr_fetch_enrich", "true"),
            ("ctr_fetch_states", "open_incidents,closed_incidents"),
            ("ctr_first_fetch", "2 days"),
            ("ctr_max_fetch", "100"),
        ];
        assert!(given.iter().map(|(key, value)| (*key, value.as_str())).eq(expected));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (toml, message) in [
            (
                "\nctr_client_idd = 'x'",
                "unknown key `ctr_client_idd` in line 2; did you mean `ctr_client_id`?",
            ),
            ("zzz = 'x'", "unknown key `zzz` in line 1"),
            ("[profiles.a]\n\nzzz = 1", "unknown key `zzz` in line 3"),
            ("[other]\nctr_client_id = 'x'", "unknown key `other` in line 1"),
            (
                "ctr_max_fetch = 1.5",
                "`ctr_max_fetch` in line 1 must be a string, a whole number, true, false, or an array of strings",
            ),
        ] {
            assert_eq!(given(toml, None).unwrap_err(), message);
        }
        let broken = given("ctr_max_fetch = 1\nctr_client_id = 'x\n", None).unwrap_err();
        assert!(broken.starts_with("FILE is not valid TOML: line 2: "), "{broken}");
        assert!(!broken.contains('\n'));
    }

    #[test]
    fn an_unknown_profile_is_answered_with_the_known_ones() {
        let toml = "[profiles.a]\n[profiles.b]\nctr_client_id = 'x'";
        assert_eq!(given(toml, Some("c")).unwrap_err(), "there is no profile `c`; the file has a, b");
        assert_eq!(given("", Some("c")).unwrap_err(), "there is no profile `c`; the file has none");
        assert_eq!(given(toml, Some("b")).unwrap()["ctr_client_id"], "x");
    }

    #[test]
    fn a_missing_file_is_one_line() {
        let error = read(Path::new("/no/such/file.toml"), None).unwrap_err().to_string();
        assert!(error.starts_with("cannot read /no/such/file.toml: "), "{error}");
    }
}
