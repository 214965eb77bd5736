//! The list of users.

use serde_json::{Value, json};

use super::Itm;
use super::envelope;
use super::options::ItmOptions;
use super::rows;
use super::search::{Page, list};
use super::user::User;
use crate::time;
use crate::wire::{Reply, Request};

impl Itm {
    /// `GET /auth/users`. Parameters that are not known are ignored.
    pub(crate) fn list_users(&self, options: &ItmOptions, request: &Request) -> Result<Reply, Reply> {
        let page = Page::parse(options, request)?;
        let statuses = list(request, "status").unwrap_or_else(|| vec!["active".into()]);
        let parents = list(request, "parentStatuses");
        let assignments = request.parameter("assignments").filter(|text| !text.is_empty());
        let text = |name: &str, value: &Option<String>| {
            let pattern = request.parameter(name).filter(|pattern| !pattern.is_empty());
            pattern.is_none_or(|pattern| {
                value.as_deref().is_some_and(|value| like(&pattern, value, options.users_by_case))
            })
        };
        let matches: Vec<&User> = self
            .users
            .iter()
            .filter(|user| {
                statuses.contains(&user.status)
                    && parents.as_ref().is_none_or(|parents| parents.contains(&user.parent_status))
                    && assignments.as_ref().is_none_or(|it| user.assignments.iter().any(|held| held == it))
                    && text("alias", &user.alias)
                    && text("details.user.firstName", &user.first_name)
                    && text("details.user.lastName", &user.last_name)
            })
            .collect();
        let rows: Vec<Vec<u8>> = page
            .of(&matches)
            .iter()
            .map(|user| included(rows::user(user, options.null_style), user, request).to_string().into())
            .collect();
        Ok(envelope::list(rows.iter().map(Vec::as_slice), matches.len() as u64))
    }
}

/// The row with what `includes` asks for besides.
fn included(mut row: Value, user: &User, request: &Request) -> Value {
    let includes = list(request, "includes").unwrap_or_default();
    let inactive = request.parameter("includeInactivePolicies").as_deref() == Some("true");
    let Some(fields) = row.as_object_mut() else {
        return row;
    };
    for include in &includes {
        match include.as_str() {
            "lastLoginDate" => {
                fields.insert("lastLoginDate".into(), json!(user.last_login.map(time::zulu)));
            }
            "logs" => {
                fields.insert("logs".into(), json!([]));
            }
            "tenant" => {
                fields.insert("tenant".into(), json!({ "id": "tenant-1", "name": "Example" }));
            }
            "policy-assignments" => {
                let policies = user.policies.iter().filter(|(_, active)| *active || inactive);
                let policies: Vec<Value> =
                    policies.map(|(id, active)| json!({ "id": id, "active": active })).collect();
                fields.insert("policyAssignments".into(), policies.into());
            }
            "relations" => {
                fields.insert("relations".into(), relations(user, &RELATIONS));
            }
            include => {
                if let Some(relation) = include.strip_prefix("relations.").filter(|it| RELATIONS.contains(it))
                {
                    fields.insert("relations".into(), relations(user, &[relation]));
                }
            }
        }
    }
    row
}

const RELATIONS: [&str; 6] = ["trusted", "members", "trustees", "assignments", "sources", "targets"];

/// Relations of these names, of which only assignments are known.
fn relations(user: &User, names: &[&str]) -> Value {
    let of = |name: &&str| {
        let ids: &[String] = if *name == "assignments" { &user.assignments } else { &[] };
        ((*name).to_owned(), ids.iter().map(|id| json!({ "id": id })).collect::<Value>())
    };
    Value::Object(names.iter().map(of).collect())
}

/// Whether a text is as a pattern says, in which `*` stands for any text.
fn like(pattern: &str, text: &str, by_case: bool) -> bool {
    if !by_case {
        return like(&pattern.to_lowercase(), &text.to_lowercase(), true);
    }
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some((_, behind)) = rest.split_once(part) else {
            return false;
        };
        rest = behind;
    }
    rest.ends_with(last)
}
