//! Listing workflows, running them, and what became of a run.

use serde_json::{Value, json};

use super::Ctr;
use super::message::Message;
use super::rows::Row;
use super::seed::quarantine;
use super::workflow::{Run, Workflow};
use crate::options::{NullStyle, Options};
use crate::time::{self, Timestamp};
use crate::wire::{Reply, Request};

const SUCCESS: &str = "SUCCESS";

impl Ctr {
    /// `GET /workflows?enabled=&type=`: the parameters are in lower case, rows in upper case.
    pub(crate) fn list_workflows(&self, options: &Options, request: &Request) -> Result<Reply, Reply> {
        let enabled = parameter(options, request, "enabled", &["true", "false"])?;
        let kind = parameter(options, request, "type", &["incident", "message"])?;
        let rows: Vec<Value> = self
            .workflows
            .iter()
            .filter(|workflow| enabled.as_ref().is_none_or(|it| *it == workflow.enabled.to_string()))
            .filter(|workflow| kind.as_ref().is_none_or(|it| it.eq_ignore_ascii_case(&workflow.kind)))
            .map(|workflow| row(workflow, options.null_style))
            .collect();
        let answer =
            if options.response.bare_workflows { Value::Array(rows) } else { json!({ "workflows": rows }) };
        Ok(Reply::json_value(200, &answer))
    }

    /// `POST /workflows/{id}/run` with `{"targetIds":[…]}`.
    pub(crate) fn run_workflow(
        &mut self,
        options: &Options,
        now: Timestamp,
        id: &str,
        body: &Value,
    ) -> Result<Reply, Reply> {
        let workflow = self.workflows.iter().find(|workflow| workflow.id == id).cloned();
        let workflow = workflow.ok_or_else(|| Reply::error(404, "Workflow not found."))?;
        if !workflow.enabled {
            return Err(Reply::error(400, "The workflow is disabled."));
        }
        let targets: Vec<String> = body
            .get("targetIds")
            .and_then(Value::as_array)
            .filter(|targets| !targets.is_empty())
            .and_then(|targets| targets.iter().map(|target| target.as_str().map(str::to_owned)).collect())
            .ok_or_else(|| Reply::error(400, "targetIds must be an array of ids."))?;
        for target in targets.iter().filter(|_| options.response.check_targets) {
            let known = match workflow.kind.as_str() {
                "MESSAGE" => self.find(now, target).is_ok(),
                _ => self.visible(now, target).is_ok(),
            };
            if !known {
                return Err(Reply::error(400, &format!("The target {target} is unknown.")));
            }
        }

        let states = if workflow.states.is_empty() { &options.response.run_states } else { &workflow.states };
        let mut run = Run {
            id: self.chance.uuid(),
            workflow_id: id.into(),
            targets,
            created_at: now,
            updated_at: now,
            state: String::new(),
            to_come: states.clone(),
        };
        if run.to_come.last().is_some_and(|state| state == SUCCESS) {
            self.take_effect(now, &workflow, &run.targets);
        }
        run.go_on(now);
        let answer = Reply::json_value(200, &run_row(&run));
        self.runs.push(run);
        Ok(answer)
    }

    /// `GET /workflows/run/{id}`: the run in its next state.
    pub(crate) fn run_state(&mut self, now: Timestamp, id: &str) -> Result<Reply, Reply> {
        let run = self.runs.iter_mut().find(|run| run.id == id);
        let run = run.ok_or_else(|| Reply::error(404, "Workflow run not found."))?;
        run.go_on(now);
        Ok(Reply::json_value(200, &run_row(run)))
    }

    /// Does to the targets what the workflow does.
    fn take_effect(&mut self, now: Timestamp, workflow: &Workflow, targets: &[String]) {
        let remediate = |message: &mut Message| {
            if let Some(status) = &workflow.remediation {
                message.remediation_status = Some(status.clone());
                message.changed_at = Some(now);
            }
        };
        for target in targets {
            if workflow.kind == "MESSAGE" {
                self.change_message(target, remediate);
                continue;
            }
            let activity = quarantine(&mut self.chance, now, &workflow.name);
            self.store.change(target, |incident| {
                incident.messages.iter_mut().for_each(remediate);
                if workflow.remediation.is_some() {
                    incident.activities.push(activity);
                    incident.changed_at = Some(now);
                }
                if workflow.closes && incident.closed_at(now).is_none() {
                    incident.closed_at = Some(now);
                }
            });
        }
    }
}

/// The value of a parameter, which must be one of these.
fn parameter(
    options: &Options,
    request: &Request,
    name: &str,
    values: &[&str],
) -> Result<Option<String>, Reply> {
    let ignored = options.ignored_filters.iter().any(|it| it == name);
    match request.parameter(name).filter(|_| !ignored) {
        None => Ok(None),
        Some(value) if values.contains(&&*value) => Ok(Some(value.into_owned())),
        Some(_) => Err(Reply::error(400, &format!("{name} must be {}.", values.join(" or ")))),
    }
}

fn row(workflow: &Workflow, style: NullStyle) -> Value {
    let mut row = Row::new(style);
    row.put("id", workflow.id.as_str());
    row.put("name", workflow.name.as_str());
    row.put_nullable("description", workflow.description.as_deref());
    row.put("enabled", workflow.enabled);
    row.put("type", workflow.kind.as_str());
    row.put("on_demand", workflow.on_demand);
    for key in ["satoriEnabled", "createdById", "creatingUserName"] {
        row.put_nullable(key, None::<Value>);
    }
    row.put("createdAt", time::zulu(workflow.created_at));
    row.put("updatedAt", time::zulu(workflow.updated_at));
    row.finish()
}

fn run_row(run: &Run) -> Value {
    json!({
        "id": run.id,
        "state": run.state,
        "workflowId": run.workflow_id,
        "createdAt": time::zulu(run.created_at),
        "updatedAt": time::zulu(run.updated_at),
    })
}
