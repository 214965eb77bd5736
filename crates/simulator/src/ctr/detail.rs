//! One incident in full, with spellings and time styles of its own, and its messages.

use serde_json::{Map, Value, json};

use super::Ctr;
use super::filter::{Filter, Scope};
use super::incident::{Activity, Comment, Incident};
use super::rows::{Row, TEAM_ID, TEAM_NAME, TENANT_ID};
use super::search::{self, Page};
use super::{message_row, messages};
use crate::chance::Chance;
use crate::options::Options;
use crate::time::{self, Timestamp};
use crate::wire::Reply;

impl Ctr {
    /// `GET /incidents/{id}`: summary, comments and activities.
    pub(crate) fn detail(&self, options: &Options, now: Timestamp, id: &str) -> Result<Reply, Reply> {
        let incident = self.visible(now, id)?;
        Ok(Reply::json_value(200, &Value::Object(detail(incident, options, now))))
    }

    /// `POST /incidents/{id}/messages`: the detail, and a page of messages.
    pub(crate) fn incident_messages(
        &self,
        options: &Options,
        now: Timestamp,
        id: &str,
        body: &Value,
    ) -> Result<Reply, Reply> {
        let incident = self.visible(now, id)?;
        let page = Page::parse(body, options)?;
        let filter = Filter::parse(body, Scope::MessagesOfIncident, options)?;
        let found = incident.messages.iter().map(|message| self.found_in(incident, message));
        let mut matches: Vec<_> =
            found.filter(|found| filter.matches(&messages::facts(found, options))).collect();
        matches.sort_by_key(|found| found.message.created_at);
        if !search::ascending(body, "createdAt")? {
            matches.reverse();
        }

        let style = options.null_style;
        let rows: Vec<Value> =
            page.of(&matches).iter().map(|found| message_row::camel(found, style)).collect();
        let mut answer = detail(incident, options, now);
        answer.insert("total".into(), matches.len().into());
        answer.insert("startRow".into(), page.start_row.into());
        answer.insert("endRow".into(), page.end_row.into());
        answer.insert("messages".into(), rows.into());
        Ok(Reply::json_value(200, &Value::Object(answer)))
    }

    /// The incident, where the endpoints know it by now.
    pub(crate) fn visible(&self, now: Timestamp, id: &str) -> Result<&Incident, Reply> {
        let incident = self.store.get(id).filter(|incident| incident.visible_at <= now);
        incident.ok_or_else(|| Reply::error(404, "Incident not found."))
    }
}

fn detail(incident: &Incident, options: &Options, now: Timestamp) -> Map<String, Value> {
    // Ids within the detail follow from the incident's place in the tenant, so that they stay the same.
    let mut ids = Chance::new(options.seed ^ incident.display_id);
    let creation = activity(incident, &creation(incident), Names::new(&mut ids, None));
    let mut comments = Vec::new();
    let mut activities = vec![(incident.created_at, creation)];
    for comment in &incident.comments {
        let names = Names::new(&mut ids, Some(comment));
        comments.push(self::comment(incident, comment, &names));
        activities.push((comment.at, activity(incident, &addition(comment), names)));
    }
    for event in &incident.activities {
        activities.push((event.at, activity(incident, event, Names::new(&mut ids, None))));
    }
    activities.sort_by_key(|(at, _)| *at);
    let activities: Vec<Value> = activities.into_iter().map(|(_, activity)| activity).collect();

    let mut answer = Map::new();
    answer.insert("summary".into(), summary(incident, options, now));
    answer.insert("comments".into(), comments.into());
    answer.insert("activities".into(), activities.into());
    answer
}

/// The incident's own part. It names the person `assignedApplicationUser…`, has flags in place of the
/// row's sources, and no dispositions, verdicts, confidences, `vap` or `commentCount`.
fn summary(incident: &Incident, options: &Options, now: Timestamp) -> Value {
    let closed_at = incident.closed_at(now);
    let user = incident.assigned_user.as_ref();
    let has = |source: &str| incident.sources.iter().any(|it| it == source);
    let mut row = Row::new(options.null_style);
    row.put_identity(incident);
    row.put("tenantId", TENANT_ID);
    row.put("createdAt", time::offset(incident.created_at));
    row.put("updatedAt", time::offset(incident.updated_at(now)));
    row.put("openedAt", time::offset(incident.created_at));
    row.put_nullable("closedAt", closed_at.map(time::offset));
    row.put("state", if closed_at.is_some() { "closed" } else { "open" });
    row.put_nullable("priority", incident.priority.as_deref());
    row.put_nullable("description", incident.description.as_deref());
    row.put("assignedTeamId", TEAM_ID);
    row.put("assignedTeamName", TEAM_NAME);
    row.put_nullable("assignedApplicationUserId", user.map(|user| user.id.as_str()));
    row.put_nullable("assignedApplicationUserName", user.map(|user| user.name.as_str()));
    row.put("falsePositiveCount", 0);
    row.put("messageCount", incident.messages.len());
    row.put(
        "messageSourceData",
        json!({
            "hasTapAlert": has("tap_alert"),
            "hasAbuseAlert": has("abuse_mailbox"),
            "hasSmartSearchImport": has("smart_search"),
            "hasMessageCsvUpload": has("message_csv_upload"),
            "hasWorkbenchEvent": false,
            "hasImdAlert": false,
            "hasMailBombAlert": has("mail_bomb"),
        }),
    );
    row.finish()
}

/// The ids and texts that an activity shares with the comment it is about.
struct Names<'a> {
    activity: String,
    comment: Option<(String, &'a Comment)>,
}

impl<'a> Names<'a> {
    fn new(ids: &mut Chance, comment: Option<&'a Comment>) -> Names<'a> {
        Names { activity: ids.uuid(), comment: comment.map(|comment| (ids.uuid(), comment)) }
    }
}

/// In snake case, with times without a zone. Its `id` is that of the activity.
fn comment(incident: &Incident, comment: &Comment, names: &Names<'_>) -> Value {
    json!({
        "id": names.activity,
        "comment_id": names.comment.as_ref().map(|(id, _)| id),
        "author": comment.author.name,
        "author_id": comment.author.id,
        "comment": comment.text,
        "deleted": comment.deleted,
        "tenant_id": TENANT_ID,
        "incident_id": incident.id,
        "created_at": time::naive(comment.at),
        "updated_at": time::naive(comment.at),
        "activity_type": "comment_addition",
        "activity_details": {},
    })
}

/// In snake case, with times without a zone, and with nulls in either style.
fn activity(incident: &Incident, event: &Activity, names: Names<'_>) -> Value {
    let by = |cause: &str| event.cause_name.as_ref().filter(|_| event.cause == cause);
    json!({
        "id": names.activity,
        "comment_id": names.comment.as_ref().map(|(id, _)| id),
        "content": names.comment.as_ref().map(|(_, comment)| &comment.text),
        "tenant_id": TENANT_ID,
        "incident_id": incident.id,
        "created_at": time::naive(event.at),
        "updated_at": time::naive(event.at),
        "occurred_at": time::naive_micro(event.at),
        "activity_type": event.kind,
        "activity_details": event.details,
        "cause_type": event.cause,
        "causing_api_key": null,
        "causing_user_name": by("application_user"),
        "causing_workflow_name": by("history"),
    })
}

fn creation(incident: &Incident) -> Activity {
    Activity {
        at: incident.created_at,
        kind: "incident_creation".into(),
        cause: "system".into(),
        cause_name: None,
        details: json!({
            "source_name": incident.sources.first(),
            "initial_title": incident.title,
            "message_count": incident.messages.len(),
            "initial_team_id": TEAM_ID,
            "initial_team_name": TEAM_NAME,
            "initial_priority": incident.priority,
            "initial_assignee_id": null,
            "initial_assignee_name": null,
            "initial_description": incident.description,
        }),
    }
}

fn addition(comment: &Comment) -> Activity {
    Activity {
        at: comment.at,
        kind: "comment_addition".into(),
        cause: "application_user".into(),
        cause_name: Some(comment.author.name.clone()),
        details: json!({ "original_content": comment.text }),
    }
}
