//! The writes: owner, comment, status, tag. Checked here, sent once, and looked after where that is possible.

use super::ticket::Ticket;
use super::users::{User, is_uuid};
use super::vocabulary::{self as words, CATEGORY_PREFIX};
use super::{ACTIVITY, Itm, path};
use crate::Error;
use crate::client::Call;
use crate::http::{Method, Transport, encoded};
use serde_json::{Map, Value, json};

/// A change of status. Fields as in the contract's `status-change`.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct StatusChange {
    pub status_id: String,
    pub title: Option<String>,
    pub category: Option<String>,
    pub assignee: Option<String>,
    pub remediation_actions: Vec<String>,
}

/// A change that was made. Fields as in the contract's `ticket-receipt`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct TicketReceipt {
    pub fqid: String,
    pub assignee_id: Option<String>,
    pub confirmed_by_reading: bool,
}

/// What a ticket's workflow is wished to be; what is none may be anything.
#[derive(Debug, Default)]
struct Wish {
    status_id: Option<String>,
    title: Option<String>,
    category: Option<String>,
    assignee_id: Option<String>,
}

impl Wish {
    fn is_fulfilled(&self, ticket: &Ticket) -> bool {
        let Some(workflow) = &ticket.workflow else { return false };
        let is = |wished: &Option<String>, found: &Option<String>| wished.is_none() || wished == found;
        is(&self.status_id, &workflow.status_id)
            && is(&self.title, &workflow.status_title)
            && is(&self.category, &workflow.category)
            && is(&self.assignee_id, &workflow.assignee_id)
    }
}

impl<T: Transport> Itm<'_, T> {
    /// Assigns a ticket to an owner: an id, a name or an e-mail address.
    pub async fn ticket_assign_owner(&self, fqid: &str, assignee: &str) -> Result<TicketReceipt, Error> {
        let path = format!("{}/annotations/workflow/assignment", path(fqid)?);
        let id = self.assignee(assignee).await?;
        let call = Call::change(Method::Put, ACTIVITY, path, Some(json!({"id": id})));
        let wish = Wish { assignee_id: Some(id.clone()), ..Wish::default() };
        self.changed(fqid, &call, Some(id), Some(&wish)).await
    }

    /// Adds a comment to a ticket.
    pub async fn ticket_add_comment(
        &self,
        fqid: &str,
        text: &str,
        kind: Option<&str>,
    ) -> Result<TicketReceipt, Error> {
        let path = format!("{}/annotations/comments", path(fqid)?);
        let text = required("text", text)?;
        let kind = required("kind", kind.unwrap_or("it:comment:note"))?;
        let body = json!({"data": [{"kind": kind, "text": text}]});
        self.changed(fqid, &Call::write(ACTIVITY, path, body), None, None).await
    }

    /// Sets the status of a ticket, and nothing that the change does not name.
    pub async fn ticket_set_status(&self, fqid: &str, change: &StatusChange) -> Result<TicketReceipt, Error> {
        let path = format!("{}/annotations/workflow", path(fqid)?);
        let id = required("status-id", &change.status_id)?;
        let category = change.category.as_deref().map(category).transpose()?;
        let mut actions = Vec::new();
        for action in &change.remediation_actions {
            let kind = words::remediation("remediation-actions", action)?;
            if !actions.contains(&kind) {
                actions.push(kind);
            }
        }
        let (mut status, mut disposition, mut state) = (Map::new(), Map::new(), Map::new());
        status.insert("id".into(), id.into());
        let title = change.title.as_deref().map(|title| required("title", title)).transpose()?;
        if let Some(title) = title {
            status.insert("alias".into(), title.into());
        }
        disposition.insert("status".into(), status.into());
        if let Some(category) = &category {
            disposition.insert("category".into(), format!("{CATEGORY_PREFIX}{category}").into());
        }
        state.insert("disposition".into(), disposition.into());
        let assignee_id = match &change.assignee {
            Some(assignee) => Some(self.assignee(assignee).await?),
            None => None,
        };
        if let Some(id) = &assignee_id {
            state.insert("assignee".into(), json!({"id": id}));
        }
        if !actions.is_empty() {
            let kinds: Vec<Value> = actions.iter().map(|kind| json!({"kind": kind})).collect();
            state.insert("actions".into(), kinds.into());
        }
        let call = Call::change(Method::Patch, ACTIVITY, path, Some(json!({"state": state})));
        let wish = Wish {
            status_id: Some(id.to_owned()),
            title: title.map(str::to_owned),
            category,
            assignee_id: assignee_id.clone(),
        };
        // Whether a remediation was started cannot be read.
        let wish = actions.is_empty().then_some(&wish);
        self.changed(fqid, &call, assignee_id, wish).await
    }

    /// Adds a tag, by its id, to a ticket.
    pub async fn ticket_add_tag(&self, fqid: &str, tag: &str) -> Result<TicketReceipt, Error> {
        let tag = encoded(required("tag", tag)?);
        let path = format!("{}/tags?tagValue={tag}", path(fqid)?);
        self.changed(fqid, &Call::change(Method::Patch, ACTIVITY, path, None), None, None).await
    }

    /// The id of an assignee: an id itself, or that of the user of this name or address.
    async fn assignee(&self, text: &str) -> Result<String, Error> {
        let text = required("assignee", text)?;
        if let Some(id) = text.strip_prefix("id:") {
            return required("assignee", id).map(str::to_owned);
        }
        if is_uuid(text) {
            return Ok(text.to_owned());
        }
        self.find("assignee", text).await.map(|User { id, .. }| id)
    }

    /// Sends a write. An empty answer is success, and so is any JSON object. Where the answer is lost and the
    /// wish can be read, the ticket is read once.
    async fn changed(
        &self,
        fqid: &str,
        call: &Call,
        assignee_id: Option<String>,
        wish: Option<&Wish>,
    ) -> Result<TicketReceipt, Error> {
        let receipt = TicketReceipt { fqid: fqid.trim().to_owned(), assignee_id, ..TicketReceipt::default() };
        let sent = match self.client.send(call).await {
            Ok(response) => call.expect_receipt(&response),
            Err(error) => Err(error),
        };
        match (sent, wish) {
            (Ok(()), _) => Ok(receipt),
            (Err(Error::OutcomeUnknown(lost)), Some(wish)) => match self.ticket_get(fqid, &[]).await {
                Ok(ticket) if wish.is_fulfilled(&ticket) => {
                    Ok(TicketReceipt { confirmed_by_reading: true, ..receipt })
                }
                Ok(_) => Err(Error::OutcomeUnknown(format!(
                    "{lost} (the ticket was read once since and did not show the change)"
                ))),
                Err(error) => Err(Error::OutcomeUnknown(format!(
                    "{lost} (reading the ticket to find out failed: {error})"
                ))),
            },
            (Err(error), _) => Err(error),
        }
    }
}

/// A category without its prefix.
fn category(text: &str) -> Result<String, Error> {
    let text = required("category", text)?;
    let name = text.strip_prefix(CATEGORY_PREFIX).unwrap_or(text);
    match name.split_once(':') {
        Some((phase, slug)) if !phase.is_empty() && !slug.is_empty() => Ok(name.to_owned()),
        _ => Err(Error::argument(
            "category",
            format!("`{}` is not a category such as `open:in-progress`", crate::vocabulary::shown(name)),
        )),
    }
}

/// A text that must not be empty: null or nothing would be a change that nobody asked for.
pub(super) fn required<'a>(argument: &str, text: &'a str) -> Result<&'a str, Error> {
    match text.trim() {
        "" => Err(Error::argument(argument, format!("`{argument}` must not be empty"))),
        text => Ok(text),
    }
}
