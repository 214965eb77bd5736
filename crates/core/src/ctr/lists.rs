//! The safe and the block list of an organisation's mail cluster.

use super::Ctr;
use super::vocabulary as words;
use crate::Error;
use crate::client::Call;
use crate::http::{Transport, encoded};
use crate::json::{self, Object};
use crate::paging::{Row, count};
use crate::vocabulary::Vocabulary;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/emailProtection/modules/spam";
const MODULE: &str = "Email Protection safe and block lists";

/// Characters of a comment at most.
const LONGEST_COMMENT: usize = 150;

/// Entries of a list that are held: more than any list has, and some tens of megabytes.
const MOST_ENTRIES: u32 = 100_000;

/// How the service says that an entry is in the list already.
const DUPLICATE: &str = "lists.samelist.duplicate.entry";

/// An entry. Fields as in the contract's `list-entry`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct ListEntry {
    pub attribute: String,
    pub operator: String,
    pub value: String,
    pub comment: Option<String>,
    pub raw_json: Option<String>,
}

/// What a change did, as the contract's `entry-receipt` spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The entry was added.
    Added,
    /// The entry was removed.
    Removed,
    /// It was there, or was not there, already.
    Unchanged,
}

impl Outcome {
    /// The outcome's name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Unchanged => "unchanged",
        }
    }
}

/// A list that was named, and where it is.
struct Named {
    path: String,
    operators: Vocabulary,
}

/// An entry that was checked, as it goes over the wire.
struct Checked<'a> {
    attribute: &'static str,
    operator: &'static str,
    value: &'a str,
}

impl<T: Transport> Ctr<'_, T> {
    /// Lists the entries of the safe or the block list.
    pub async fn entry_list(
        &self,
        list_name: &str,
        cluster_id: Option<&str>,
        include_raw: bool,
    ) -> Result<Vec<ListEntry>, Error> {
        let named = self.named(list_name, cluster_id)?;
        self.entries(&named, include_raw).await
    }

    /// Adds an entry. One that is there already is unchanged.
    pub async fn entry_add(
        &self,
        list_name: &str,
        cluster_id: Option<&str>,
        entry: &ListEntry,
    ) -> Result<Outcome, Error> {
        let named = self.named(list_name, cluster_id)?;
        let checked = entry.check(named.operators)?;
        let comment = entry.comment.as_deref().map(str::trim).filter(|comment| !comment.is_empty());
        let length = comment.map_or(0, |comment| comment.chars().count());
        if length > LONGEST_COMMENT {
            return Err(Error::argument(
                "comment",
                format!("the comment has {length} characters; {LONGEST_COMMENT} are allowed"),
            ));
        }
        match self.change(&checked.call(&named, "add", comment)).await {
            Ok(()) => Ok(Outcome::Added),
            Err(Error::Rejected { message, .. }) if message.contains(DUPLICATE) => Ok(Outcome::Unchanged),
            Err(error) => Err(error),
        }
    }

    /// Removes an entry. One that is not there is unchanged, and nothing is sent.
    pub async fn entry_remove(
        &self,
        list_name: &str,
        cluster_id: Option<&str>,
        entry: &ListEntry,
    ) -> Result<Outcome, Error> {
        let named = self.named(list_name, cluster_id)?;
        // An operator that the list is said not to know does no harm: the entry is there, or is not.
        let checked = entry.check(words::BLOCK_OPERATORS)?;
        let mut entries = self.entries(&named, false).await?;
        entries.retain(|found| {
            words::ATTRIBUTES.find(&found.attribute) == Some(checked.attribute)
                && found.operator.eq_ignore_ascii_case(checked.operator)
                && found.value.trim().eq_ignore_ascii_case(checked.value)
        });
        // Two entries may differ in their case only.
        let exact = entries.iter().find(|found| found.value == entry.value);
        let Some(found) = exact.or(entries.first()) else { return Ok(Outcome::Unchanged) };
        // The value as the service spells it.
        let call = Checked { value: &found.value, ..checked }.call(&named, "delete", None);
        self.change(&call).await.map(|()| Outcome::Removed)
    }

    /// Sends a change. What the service answers to one is not known.
    async fn change(&self, call: &Call) -> Result<(), Error> {
        let response = self.client.send(call).await?;
        call.expect_words(&response)
    }

    fn named(&self, list_name: &str, cluster_id: Option<&str>) -> Result<Named, Error> {
        let (resource, operators) = match words::LISTS.check("list-name", list_name)? {
            "safe" => ("orgSafeList", words::SAFE_OPERATORS),
            _ => ("orgBlockList", words::BLOCK_OPERATORS),
        };
        let cluster = cluster_id.or(self.config.ctr.cluster_id.as_deref()).map(str::trim).unwrap_or_default();
        if cluster.is_empty() {
            return Err(Error::argument(
                "cluster-id",
                "name the mail cluster whose list is meant, or set `ctr_cluster_id`",
            ));
        }
        Ok(Named { path: format!("{PATH}/{resource}?clusterId={}", encoded(cluster)), operators })
    }

    async fn entries(&self, named: &Named, include_raw: bool) -> Result<Vec<ListEntry>, Error> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            #[serde(borrow)]
            entries: &'a RawValue,
        }
        let call = Call::get(MODULE, named.path.clone());
        let response = self.client.send(&call).await?;
        let envelope: Envelope<'_> =
            json::read(&response.body).map_err(|what| call.unreadable(&response, &what))?;
        let rows = json::elements(envelope.entries, MOST_ENTRIES)
            .ok_or_else(|| call.unreadable(&response, "its `entries` are not a list"))?;
        if count(&rows) == MOST_ENTRIES {
            return Err(call.unreadable(&response, "it has more entries than can be held"));
        }
        Ok(rows.into_iter().map(|raw| ListEntry::read(&Row::read(raw), include_raw)).collect())
    }
}

impl ListEntry {
    /// Reads an entry. One without attribute or value keeps its raw text.
    fn read(row: &Row, include_raw: bool) -> Self {
        let text = |key| Object::new(&row.value).and_then(|o| o.text(&[key]));
        let attribute = text("attribute").unwrap_or_default();
        let value = text("value").unwrap_or_default();
        let keep = include_raw || attribute.is_empty() || value.is_empty();
        Self {
            attribute: attribute.strip_prefix('$').unwrap_or(&attribute).to_owned(),
            operator: text("operator").unwrap_or_default(),
            value,
            comment: text("comment"),
            raw_json: keep.then(|| row.raw.clone()),
        }
    }

    fn check(&self, operators: Vocabulary) -> Result<Checked<'_>, Error> {
        let value = self.value.trim();
        if value.is_empty() || value.contains(char::is_control) {
            return Err(Error::argument("value", "the value must be one line of text"));
        }
        Ok(Checked {
            attribute: words::ATTRIBUTES.check("attribute", &self.attribute)?,
            operator: operators.check("operator", &self.operator)?,
            value,
        })
    }
}

impl Checked<'_> {
    fn call(&self, named: &Named, action: &str, comment: Option<&str>) -> Call {
        let mut body = json!({
            "action": action,
            "attribute": self.attribute,
            "operator": self.operator,
            "value": self.value,
        });
        if let (Value::Object(body), Some(comment)) = (&mut body, comment) {
            body.insert("comment".into(), comment.into());
        }
        Call::write(MODULE, named.path.clone(), body)
    }
}
