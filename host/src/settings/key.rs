//! The table of configuration keys.

use std::sync::LazyLock;

const TABLE: &str = include_str!("../../../wit/config-keys.tsv");

/// A configuration key of the connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its name: `ctr_client_id`.
    pub name: &'static str,
    /// What holds when it is not given.
    pub default: Option<&'static str>,
    /// Whether its value must never be shown.
    pub secret: bool,
    /// What it is for, in one line.
    pub doc: &'static str,
}

/// Every key, in the order of the table.
pub fn keys() -> &'static [Key] {
    static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| TABLE.lines().filter_map(Key::parse).collect());
    &KEYS
}

impl Key {
    /// The key of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        keys().iter().find(|key| key.name == name)
    }

    /// The environment variable that gives it.
    pub fn variable(&self) -> String {
        format!("PROOFPOINT_{}", self.name.to_ascii_uppercase())
    }

    /// The key whose name is most like this one, if any is.
    pub(super) fn nearest(name: &str) -> Option<&'static str> {
        let distance = |key: &Key| strsim::jaro_winkler(key.name, &name.to_ascii_lowercase());
        let nearest = keys().iter().max_by(|a, b| distance(a).total_cmp(&distance(b)))?;
        (distance(nearest) > 0.8).then_some(nearest.name)
    }

    fn parse(line: &'static str) -> Option<Self> {
        let mut columns = line.split('\t');
        let name = columns.next().filter(|name| !name.is_empty())?;
        let default = columns.next().filter(|default| !default.is_empty());
        let secret = columns.next() == Some("secret");
        Some(Self { name, default, secret, doc: columns.next().unwrap_or_default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_whole() {
        assert_eq!(keys().len(), TABLE.lines().count());
        assert!(keys().iter().all(|key| !key.doc.is_empty()));
        let secret = Key::find("ctr_client_secret").unwrap();
        assert!(secret.secret && secret.default.is_none());
        assert_eq!(secret.variable(), "PROOFPOINT_CTR_CLIENT_SECRET");
    }

    #[test]
    fn a_misspelt_key_finds_its_neighbour_and_nonsense_none() {
        assert_eq!(Key::nearest("ctr_client_secert"), Some("ctr_client_secret"));
        assert_eq!(Key::nearest("CTR_BASE_URL"), Some("ctr_base_url"));
        assert_eq!(Key::nearest("zzz"), None);
    }
}
