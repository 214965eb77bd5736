//! The safe list and the block list of each mail cluster.

use serde_json::{Value, json};

use super::options::AbsentEntry;
use super::rows::Row;
use super::{Ctr, body};
use crate::options::{NullStyle, Options};
use crate::wire::{Reply, Request};

/// Characters that a comment may have.
const LONGEST_COMMENT: usize = 150;

const ATTRIBUTES: [&str; 6] = ["$from", "$hfrom", "$ip", "$host", "$helo", "$rcpt"];

/// One of the two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrgList {
    /// `orgSafeList`.
    Safe,
    /// `orgBlockList`.
    Block,
}

impl OrgList {
    fn operators(self) -> &'static [&'static str] {
        match self {
            OrgList::Safe => &["equal", "contain", "is_in_list"],
            OrgList::Block => &["equal", "not_equal", "contain", "not_contain", "is_in_list"],
        }
    }
}

/// An entry of a list. Without its comment it is there once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEntry {
    /// With its dollar sign: `$from`, `$hfrom`, `$ip`, `$host`, `$helo`, `$rcpt`.
    pub attribute: String,
    /// `equal`, `contain`, `is_in_list`; in the block list also `not_equal` and `not_contain`.
    pub operator: String,
    /// What is compared.
    pub value: String,
    /// Why it is there.
    pub comment: Option<String>,
}

impl ListEntry {
    /// An entry without a comment.
    pub fn new(attribute: &str, operator: &str, value: &str) -> ListEntry {
        ListEntry {
            attribute: attribute.into(),
            operator: operator.into(),
            value: value.into(),
            comment: None,
        }
    }

    /// This entry with a comment.
    pub fn commented(self, comment: &str) -> ListEntry {
        ListEntry { comment: Some(comment.into()), ..self }
    }

    fn is(&self, other: &ListEntry) -> bool {
        (&self.attribute, &self.operator, &self.value) == (&other.attribute, &other.operator, &other.value)
    }

    fn row(&self, style: NullStyle) -> Value {
        let mut row = Row::new(style);
        row.put("attribute", self.attribute.as_str());
        row.put("operator", self.operator.as_str());
        row.put("value", self.value.as_str());
        row.put_nullable("comment", self.comment.as_deref());
        row.finish()
    }
}

impl Ctr {
    /// `GET` and `POST /orgSafeList|orgBlockList?clusterId=`.
    pub(crate) fn org_list(
        &mut self,
        options: &Options,
        request: &Request,
        list: OrgList,
    ) -> Result<Reply, Reply> {
        let cluster = request.parameter("clusterId").filter(|cluster| !cluster.is_empty());
        let cluster = cluster.ok_or_else(|| Reply::error(400, "ClusterId is required."))?;
        if !options.response.clusters.iter().any(|known| *known == cluster) {
            return Err(Reply::error(400, "ClusterId is unknown."));
        }
        if request.method == "GET" {
            let entries = self.entries(list, &cluster).iter();
            let rows: Vec<Value> = entries.map(|entry| entry.row(options.null_style)).collect();
            return Ok(Reply::json_value(200, &json!({ "entries": rows })));
        }
        self.change_list(options, list, &cluster, &body(request)?)
    }

    /// A body of `action`, `attribute`, `operator`, `value` and perhaps `comment`.
    fn change_list(
        &mut self,
        options: &Options,
        list: OrgList,
        cluster: &str,
        body: &Value,
    ) -> Result<Reply, Reply> {
        let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
        let entry = ListEntry::new(text("attribute"), text("operator"), text("value"));
        if !ATTRIBUTES.contains(&text("attribute")) {
            return Err(refused("invalid.attribute"));
        }
        if !list.operators().contains(&text("operator")) {
            return Err(refused("invalid.operator"));
        }
        if entry.value.trim().is_empty() {
            return Err(refused("invalid.value"));
        }
        let entries = self.lists.entry((list, cluster.into())).or_default();
        let place = entries.iter().position(|known| known.is(&entry));
        match (text("action"), place) {
            ("add", Some(_)) => return Err(refused("samelist.duplicate.entry")),
            ("add", None) => entries.push(with_comment(entry, body)?),
            ("delete", Some(place)) => {
                entries.remove(place);
            }
            ("delete", None) if options.response.absent_entry == AbsentEntry::Accept => {}
            ("delete", None) => return Err(refused("entry.not.found")),
            _ => return Err(refused("invalid.action")),
        }
        Ok(options.response.list_body.reply())
    }

    /// The entries of a cluster's list, oldest first.
    pub(crate) fn entries(&self, list: OrgList, cluster: &str) -> &[ListEntry] {
        self.lists.get(&(list, cluster.to_owned())).map_or(&[], Vec::as_slice)
    }
}

fn with_comment(entry: ListEntry, body: &Value) -> Result<ListEntry, Reply> {
    let comment = match body.get("comment") {
        None | Some(Value::Null) => None,
        Some(comment) => Some(
            comment
                .as_str()
                .filter(|comment| comment.chars().count() <= LONGEST_COMMENT)
                .ok_or_else(|| refused("invalid.comment"))?,
        ),
    };
    Ok(ListEntry { comment: comment.map(str::to_owned), ..entry })
}

/// A 400 with one of the service's keys.
fn refused(key: &str) -> Reply {
    Reply::error(400, &format!("error.api.emailprotection.lists.{key}"))
}
