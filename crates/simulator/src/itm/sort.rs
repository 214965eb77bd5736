//! The `sort` of a search.

use std::cmp::Ordering;

use serde_json::Value;

use super::path::Path;

/// What a search is ordered by, first things first.
pub(crate) struct Sort(Vec<By>);

struct By {
    path: Path,
    descending: bool,
}

/// What an event is ordered by. None comes last either way.
pub(crate) type Key<'a> = Vec<Option<&'a Value>>;

impl Sort {
    /// Reads `[{"event.observedAt":{"order":"desc"}}]`, or `[{"event.observedAt":"desc"}]`.
    pub(crate) fn parse(sort: Option<&Value>) -> Result<Sort, Vec<String>> {
        let wrong = || vec!["sort must be an array of objects, each of a field and its order.".to_owned()];
        let items = match sort {
            None | Some(Value::Null) => return Ok(Sort(Vec::new())),
            Some(sort) => sort.as_array().ok_or_else(wrong)?,
        };
        let mut keys = Vec::new();
        for item in items {
            for (field, how) in item.as_object().ok_or_else(wrong)? {
                let descending = match how.get("order").unwrap_or(how).as_str() {
                    Some("asc") => false,
                    Some("desc") => true,
                    _ => return Err(wrong()),
                };
                keys.push(By { path: Path::new(field), descending });
            }
        }
        Ok(Sort(keys))
    }

    /// Of several values the lowest counts where it goes up, and the highest where it goes down.
    pub(crate) fn key<'a>(&self, row: &'a Value) -> Key<'a> {
        let best = |by: &By| {
            let values = by.path.values(row).into_iter();
            if by.descending { values.max_by(|a, b| order(a, b)) } else { values.min_by(|a, b| order(a, b)) }
        };
        self.0.iter().map(best).collect()
    }

    pub(crate) fn compare(&self, one: &Key<'_>, other: &Key<'_>) -> Ordering {
        self.0.iter().zip(one.iter().zip(other)).fold(Ordering::Equal, |so_far, (by, pair)| {
            so_far.then_with(|| match pair {
                (Some(one), Some(other)) if by.descending => order(other, one),
                (Some(one), Some(other)) => order(one, other),
                (one, other) => one.is_none().cmp(&other.is_none()),
            })
        })
    }
}

/// Numbers by value, all else by its text.
fn order(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one.as_f64().partial_cmp(&other.as_f64()).unwrap_or(Ordering::Equal)
        }
        (Value::String(one), Value::String(other)) => one.cmp(other),
        (one, other) => one.to_string().cmp(&other.to_string()),
    }
}
