//! Annotations: owner, status, comments and tags of an event.

use serde_json::Value;

use super::options::{FlatWorkflow, ItmOptions, WriteReply};
use super::parts::{Note, Workflow};
use super::rows::{self, Style};
use super::status::{CATEGORY, INCIDENT_STATUS, WorkflowStatus};
use super::ticket::Ticket;
use super::{Itm, body, envelope, event};
use crate::time::Timestamp;
use crate::wire::{Reply, Request};

/// Who the history and comments name for what the API did.
const AUTHOR: &str = "API";
const REMEDIATION: &str = "uim:incident:remediation:";

impl Itm {
    /// `PUT /activity/events/{fqid}/annotations/workflow/assignment` with `{"id":…}`.
    pub(crate) fn assign(
        &mut self,
        options: &ItmOptions,
        now: Timestamp,
        request: &Request,
        fqid: &str,
    ) -> Result<Reply, Reply> {
        self.visible(options, now, fqid)?;
        let owner = self.owner(&body(request)?, "id")?;
        self.store.change(fqid, |ticket| give(ticket, now, owner));
        self.written(options, fqid)
    }

    /// `PATCH /activity/events/{fqid}/annotations/workflow` with `{"state":…}`.
    pub(crate) fn set_state(
        &mut self,
        options: &ItmOptions,
        now: Timestamp,
        request: &Request,
        fqid: &str,
    ) -> Result<Reply, Reply> {
        self.visible(options, now, fqid)?;
        let body = body(request)?;
        let state = body.get("state").and_then(Value::as_object);
        let state = state.ok_or_else(|| refuse("state must be an object."))?;
        if let Some(flat) = state.get("status") {
            return self.set_flat_state(options, now, fqid, flat);
        }

        let disposition = state.get("disposition").ok_or_else(|| refuse("state.disposition is required."))?;
        let status = disposition.get("status");
        let id = status.and_then(|status| text(status, "id"));
        let id = id.ok_or_else(|| refuse("state.disposition.status.id must be a string."))?;
        let status = WorkflowStatus::of_id(id)
            .ok_or_else(|| refuse("state.disposition.status.id is not a status of the tenant."))?;
        let title = disposition.get("status").and_then(|status| text(status, "alias"));
        let category = match disposition.get("category") {
            None => None,
            Some(category) => Some(
                category
                    .as_str()
                    .filter(|category| category.starts_with(CATEGORY))
                    .ok_or_else(|| refuse("state.disposition.category is not a category."))?,
            ),
        };
        let owner = state.get("assignee").map(|assignee| self.owner(assignee, "id")).transpose()?;
        let actions = actions(state.get("actions"))?;

        self.store.change(fqid, |ticket| {
            set_status(ticket, now, status);
            if let Some(workflow) = &mut ticket.workflow {
                workflow.title = title.map(str::to_owned).or_else(|| workflow.title.take());
                workflow.category = category.map(str::to_owned).or_else(|| workflow.category.take());
            }
            if let Some(owner) = owner {
                give(ticket, now, owner);
            }
            for kind in actions {
                ticket.history.push(entry(now, format!("Remediation {kind} started")));
                if let Some(incident) = &mut ticket.incident {
                    incident.remediations.push(kind);
                }
            }
        });
        self.written(options, fqid)
    }

    /// The older body, `{"state":{"status":"incident:status:resolved"}}`.
    fn set_flat_state(
        &mut self,
        options: &ItmOptions,
        now: Timestamp,
        fqid: &str,
        status: &Value,
    ) -> Result<Reply, Reply> {
        match options.flat_workflow {
            FlatWorkflow::Reject => return Err(refuse("state.status is not allowed.")),
            FlatWorkflow::Ignore => {}
            FlatWorkflow::Accept => {
                let slug = status.as_str().and_then(|status| status.strip_prefix(INCIDENT_STATUS));
                let status = slug
                    .and_then(WorkflowStatus::of_slug)
                    .ok_or_else(|| refuse("state.status is not a status of the tenant."))?;
                self.store.change(fqid, |ticket| set_status(ticket, now, status));
            }
        }
        self.written(options, fqid)
    }

    /// `POST /activity/events/{fqid}/annotations/comments` with `{"data":[{"kind":…,"text":…}]}`.
    pub(crate) fn comment(
        &mut self,
        options: &ItmOptions,
        now: Timestamp,
        request: &Request,
        fqid: &str,
    ) -> Result<Reply, Reply> {
        self.visible(options, now, fqid)?;
        let body = body(request)?;
        let items = body.get("data").and_then(Value::as_array).filter(|items| !items.is_empty());
        let items = items.ok_or_else(|| refuse("data must be an array of comments."))?;
        let mut comments = Vec::new();
        for item in items {
            let part = |key: &str| text(item, key).ok_or_else(|| refuse(&format!("data.{key} is required.")));
            comments.push(Note {
                at: now,
                text: part("text")?.into(),
                kind: Some(part("kind")?.into()),
                alias: item.get("alias").and_then(Value::as_str).map(str::to_owned),
                author: Some(AUTHOR.into()),
            });
        }
        self.store.change(fqid, |ticket| {
            ticket.comments.extend(comments);
            ticket.history.push(entry(now, "Comment added".into()));
        });
        self.written(options, fqid)
    }

    /// `PATCH /activity/events/{fqid}/tags?tagValue=…`, without a body.
    pub(crate) fn tag(
        &mut self,
        options: &ItmOptions,
        now: Timestamp,
        request: &Request,
        fqid: &str,
    ) -> Result<Reply, Reply> {
        self.visible(options, now, fqid)?;
        let tag = request.parameter("tagValue").filter(|tag| !tag.is_empty());
        let tag = tag.ok_or_else(|| refuse("tagValue is required."))?.into_owned();
        self.store.change(fqid, |ticket| {
            ticket.history.push(entry(now, format!("Tag {tag} added")));
            if !ticket.tags.contains(&tag) {
                ticket.tags.push(tag);
            }
        });
        self.written(options, fqid)
    }

    /// Id and name of the user that an object names.
    fn owner(&self, object: &Value, key: &str) -> Result<(String, String), Reply> {
        let id = text(object, key).ok_or_else(|| refuse("The id of the assignee must be a string."))?;
        let user = self.users.iter().find(|user| user.id == id);
        let user = user.ok_or_else(|| refuse("The assignee is not a user of the tenant."))?;
        Ok((user.id.clone(), user.name()))
    }

    fn written(&self, options: &ItmOptions, fqid: &str) -> Result<Reply, Reply> {
        let status = options.write_status;
        Ok(match options.write_reply {
            WriteReply::Event => {
                let row = self.store.get(fqid).map(|ticket| rows::event(ticket, Style::of(options)));
                event::whole(status, row.unwrap_or_default())
            }
            WriteReply::StatusOnly => event::whole(status, Value::Object(serde_json::Map::new())),
            WriteReply::Empty => Reply::empty(200),
            WriteReply::NoContent => Reply::empty(204),
        })
    }
}

fn give(ticket: &mut Ticket, now: Timestamp, owner: (String, String)) {
    ticket.history.push(entry(now, format!("Assigned to {}", owner.1)));
    let workflow = ticket.workflow.get_or_insert_with(|| Workflow::at(&WorkflowStatus::NEW));
    workflow.assignee = Some(owner);
}

fn set_status(ticket: &mut Ticket, now: Timestamp, status: &WorkflowStatus) {
    ticket.history.push(entry(now, format!("Status set to {}", status.slug)));
    let assignee = ticket.workflow.take().and_then(|workflow| workflow.assignee);
    ticket.workflow = Some(Workflow { assignee, ..Workflow::at(status) });
    if let Some(incident) = &mut ticket.incident {
        incident.status = Some(status.incident_status());
    }
}

/// Reads `actions`, `[{"kind":"uim:incident:remediation:quarantine"}]`.
fn actions(actions: Option<&Value>) -> Result<Vec<String>, Reply> {
    let Some(actions) = actions else {
        return Ok(Vec::new());
    };
    let kind =
        |action: &Value| text(action, "kind").filter(|kind| kind.starts_with(REMEDIATION)).map(str::to_owned);
    let kinds = actions.as_array().and_then(|actions| actions.iter().map(kind).collect());
    kinds.ok_or_else(|| refuse("state.actions must be an array of remediations."))
}

fn entry(at: Timestamp, text: String) -> Note {
    Note { author: Some(AUTHOR.into()), ..Note::new(at, &text) }
}

fn refuse(detail: &str) -> Reply {
    envelope::invalid(&[detail.into()])
}

/// A text that is not empty.
fn text<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}
