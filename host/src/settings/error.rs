//! What can be wrong with the settings.

use std::path::PathBuf;

use super::Key;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{} is not valid TOML: line {line}: {message}", .file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// There is no such key.
    #[error("unknown key `{key}`{}{}", at(.line), hint(.nearest))]
    Unknown {
        /// The key.
        key: String,
        /// The line, from 1, where it came from a file.
        line: Option<usize>,
        /// A key that may have been meant.
        nearest: Option<&'static str>,
    },
    /// The value is of a type that no key has.
    #[error("`{key}` in line {line} must be a string, a whole number, true, false, or an array of strings")]
    WrongType {
        /// The key.
        key: String,
        /// The line, from 1.
        line: usize,
    },
    /// The environment variable's value is not UTF-8.
    #[error("the value of the environment variable for `{key}` is not valid UTF-8")]
    NotText {
        /// The key.
        key: &'static str,
    },
    /// The file has no such profile.
    #[error("there is no profile `{profile}`; {}", profiles(.known))]
    UnknownProfile {
        /// The profile.
        profile: String,
        /// The profiles the file has.
        known: Vec<String>,
    },
    /// A profile was named, but no file that could hold it.
    #[error("a profile needs a configuration file: name it with --config or PROOFPOINT_CONFIG")]
    ProfileWithoutFile,
}

impl SettingsError {
    pub(super) fn unknown(key: &str, line: Option<usize>) -> Self {
        Self::Unknown { key: key.to_owned(), line, nearest: Key::nearest(key) }
    }

    /// What the problem is with: a configuration key, `config` for the file, or `profile`.
    pub fn key(&self) -> &str {
        match self {
            Self::Unreadable { .. } | Self::Malformed { .. } => "config",
            Self::Unknown { key, .. } | Self::WrongType { key, .. } => key,
            Self::NotText { key } => key,
            Self::UnknownProfile { .. } | Self::ProfileWithoutFile => "profile",
        }
    }
}

fn at(line: &Option<usize>) -> String {
    line.map(|line| format!(" in line {line}")).unwrap_or_default()
}

fn hint(nearest: &Option<&str>) -> String {
    nearest.map(|key| format!("; did you mean `{key}`?")).unwrap_or_default()
}

fn profiles(known: &[String]) -> String {
    match known {
        [] => "the file has none".to_owned(),
        known => format!("the file has {}", known.join(", ")),
    }
}
