//! An incident as the list and the detail show it: two spellings, one shape.

use crate::http::encoded;
use crate::json::{Object, snake_case};
use crate::paging::{Row, count};
use crate::time;

/// An incident. Fields as in the contract's `incident`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct Incident {
    pub id: String,
    pub display_id: Option<String>,
    pub sid: Option<String>,
    pub tenant_id: Option<String>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub state: Option<String>,
    pub priority: Option<String>,
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
    pub opened_at: Option<String>,
    pub closed_at: Option<String>,
    pub assigned_team_id: Option<String>,
    pub assigned_team_name: Option<String>,
    pub assigned_user_id: Option<String>,
    pub assigned_user_name: Option<String>,
    pub message_count: Option<u32>,
    pub comment_count: Option<u32>,
    pub false_positive_count: Option<u32>,
    pub vap: Option<bool>,
    pub vip: Option<bool>,
    pub source_types: Vec<String>,
    pub sources: Vec<IncidentSource>,
    pub abuse_source_ids: Vec<String>,
    pub dispositions: Vec<String>,
    pub clear_verdicts: Vec<String>,
    pub clear_confidences: Vec<String>,
    pub url: Option<String>,
    pub raw_json: Option<String>,
}

/// Where an incident came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct IncidentSource {
    pub kind: String,
    pub name: Option<String>,
}

/// A comment on an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct Comment {
    pub id: Option<String>,
    pub author: Option<String>,
    pub author_id: Option<String>,
    pub text: Option<String>,
    pub deleted: bool,
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
}

/// Something that happened to an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct Activity {
    pub id: Option<String>,
    pub activity_type: Option<String>,
    pub content: Option<String>,
    pub cause_type: Option<String>,
    pub cause_name: Option<String>,
    pub occurred_at: Option<String>,
    pub details_json: Option<String>,
}

/// An incident in full.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct IncidentDetail {
    pub incident: Incident,
    pub comments: Vec<Comment>,
    pub activities: Vec<Activity>,
    pub raw_json: Option<String>,
}

impl Incident {
    /// Reads a row of the list. One that is no object, or lacks its id or a readable time of creation,
    /// comes with a warning and its raw text.
    pub(crate) fn read(row: &Row, include_raw: bool, console: &str) -> (Self, Option<String>) {
        let mut incident =
            Object::new(&row.value).map(|object| Self::from_object(object, console)).unwrap_or_default();
        let missing = match (incident.id.is_empty(), incident.created_at.is_none()) {
            (true, true) => Some("is not an incident"),
            (true, false) => Some("has no id"),
            (false, true) => Some("has no readable time of creation"),
            (false, false) => None,
        };
        let warning = missing.map(|what| {
            let name = incident.display_id.as_deref().unwrap_or(match incident.id.as_str() {
                "" => "without a number",
                id => id,
            });
            format!("the row of incident {name} {what}; it is passed on as it came")
        });
        if include_raw || warning.is_some() {
            incident.raw_json = Some(row.raw.clone());
        }
        (incident, warning)
    }

    /// Reads the list's row and the detail's summary alike: what only one of them has stays empty.
    fn from_object(o: Object<'_>, console: &str) -> Self {
        let id = o.text(&["id"]).unwrap_or_default();
        let mut source_types = o.texts(&["sourceTypes"]);
        if source_types.is_empty()
            && let Some(flags) = o.object(&["messageSourceData"])
        {
            source_types = flags
                .entries()
                .filter(|(_, value)| value.as_bool() == Some(true))
                .map(|(key, _)| match key {
                    // As rows spell them.
                    "hasAbuseAlert" => "abuse_mailbox".to_owned(),
                    "hasSmartSearchImport" => "smart_search".to_owned(),
                    _ => snake_case(key.strip_prefix("has").unwrap_or(key)),
                })
                .collect();
        }
        Self {
            url: console_link(console, &id),
            id,
            display_id: o.text(&["displayId"]),
            sid: o.text(&["sid"]),
            tenant_id: o.text(&["tenantId"]),
            title: o.text(&["title", "titlePII"]),
            description: o.text(&["description"]),
            state: o.text(&["state"]),
            priority: o.text(&["priority"]),
            created_at: o.time(&["createdAt"]),
            updated_at: o.time(&["updatedAt"]),
            opened_at: o.time(&["openedAt"]),
            closed_at: o.time(&["closedAt"]),
            assigned_team_id: o.text(&["assignedTeamId"]),
            assigned_team_name: o.text(&["assignedTeamName"]),
            assigned_user_id: o.text(&["assignedUserId", "assignedApplicationUserId"]),
            assigned_user_name: o.text(&["assignedUserName", "assignedApplicationUserName"]),
            message_count: o.count(&["messageCount"]),
            comment_count: o.count(&["commentCount"]),
            false_positive_count: o.count(&["falsePositiveCount"]),
            vap: o.flag(&["vap"]),
            vip: o.flag(&["vip"]),
            source_types,
            sources: o
                .objects(&["sourcesData"])
                .map(|s| IncidentSource {
                    kind: s.text(&["type"]).unwrap_or_default(),
                    name: s.text(&["name"]),
                })
                .collect(),
            abuse_source_ids: o.texts(&["abuseSourceIds"]),
            dispositions: o.texts(&["dispositions"]),
            clear_verdicts: o.texts(&["clearVerdicts"]),
            clear_confidences: o.texts(&["clearConfidences"]),
            raw_json: None,
        }
    }
}

impl IncidentDetail {
    pub(super) fn read(object: Object<'_>, console: &str) -> Option<Self> {
        let mut incident = Incident::from_object(object.object(&["summary"])?, console);
        if incident.id.is_empty() {
            return None;
        }
        let mut comments: Vec<Comment> = object
            .objects(&["comments"])
            .map(|c| Comment {
                // The comment's own id; `id` is that of the activity which tells of it.
                id: c.text(&["comment_id", "id"]),
                author: c.text(&["author"]),
                author_id: c.text(&["author_id"]),
                text: c.text(&["comment"]),
                deleted: c.flag(&["deleted"]).unwrap_or_default(),
                created_at: c.time(&["created_at"]),
                updated_at: c.time(&["updated_at"]),
            })
            .collect();
        let mut activities: Vec<Activity> = object
            .objects(&["activities"])
            .map(|a| Activity {
                id: a.text(&["id"]),
                activity_type: a.text(&["activity_type"]),
                content: a.text(&["content"]),
                cause_type: a.text(&["cause_type"]),
                cause_name: a.text(&["causing_user_name", "causing_workflow_name", "causing_api_key"]),
                occurred_at: a.time(&["occurred_at", "created_at"]),
                details_json: a.json(&["activity_details"]),
            })
            .collect();
        comments = time::oldest_first(comments, |comment| comment.created_at.as_deref());
        activities = time::oldest_first(activities, |activity| activity.occurred_at.as_deref());
        // The list says it with a number, the detail by its comments.
        incident.comment_count = incident.comment_count.or(Some(count(&comments)));
        Some(Self { incident, comments, activities, raw_json: None })
    }
}

pub(super) fn console_link(console: &str, id: &str) -> Option<String> {
    (!id.is_empty()).then(|| format!("{console}/incidents/{}", encoded(id)))
}
