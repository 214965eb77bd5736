//! Closed lists of values, checked before anything is sent.

use crate::Error;

/// A closed list of values, as a filter spells them.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary {
    /// What a value may be written without: rows spell `threat` where the filter wants `verdict_threat`.
    pub prefix: &'static str,
    /// What a value may be written without, at its end.
    pub suffix: &'static str,
    /// The values.
    pub values: &'static [&'static str],
}

impl Vocabulary {
    /// Values that are only spelled in full.
    pub const fn plain(values: &'static [&'static str]) -> Self {
        Self { prefix: "", suffix: "", values }
    }

    /// The value as the filter spells it.
    pub fn find(&self, value: &str) -> Option<&'static str> {
        let value = value.trim().to_ascii_lowercase();
        self.values.iter().copied().find(|known| {
            known.eq_ignore_ascii_case(&value)
                || known.strip_prefix(self.prefix) == Some(&value)
                || known.strip_suffix(self.suffix) == Some(&value)
                || (!self.suffix.is_empty() && value.strip_suffix(self.suffix) == Some(known))
        })
    }

    /// The value as the filter spells it, or what is allowed.
    pub fn check(&self, argument: &str, value: &str) -> Result<&'static str, Error> {
        self.find(value).ok_or_else(|| Error::InvalidArgument {
            argument: argument.to_owned(),
            message: format!("`{}` is not a value of `{argument}`", shown(value)),
            allowed: self.values.iter().map(|v| (*v).to_owned()).collect(),
        })
    }

    /// Whether what a row says is certainly none of what was asked for: all of it is known, and other.
    pub fn excludes(&self, asked: &[String], found: &[String]) -> bool {
        let other = |value: &String| self.find(value).is_some_and(|known| !asked.iter().any(|a| a == known));
        !asked.is_empty() && !found.is_empty() && found.iter().all(other)
    }

    /// All values as the filter spells them, each once.
    pub fn check_all(&self, argument: &str, values: &[String]) -> Result<Vec<&'static str>, Error> {
        let mut checked = Vec::new();
        for value in values {
            let known = self.check(argument, value)?;
            if !checked.contains(&known) {
                checked.push(known);
            }
        }
        Ok(checked)
    }
}

/// A value as an error shows it: no more than 100 characters, on one line; the longest id has 92.
pub fn shown(value: &str) -> String {
    value.chars().take(100).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
