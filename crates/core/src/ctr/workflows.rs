//! Workflows that are started by hand: the vendor's only way to quarantine, restore or close.

use super::vocabulary as words;
use super::{Ctr, uuid};
use crate::Error;
use crate::client::Call;
use crate::http::{Response, Transport, segment};
use crate::json::{self, Object};
use crate::paging::Row;
use crate::vocabulary::shown;
use core::time::Duration;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

const PATH: &str = "/api/v1/tric/workflows";
const MODULE: &str = "Threat Response workflows";

/// Targets that one run takes at most. What the service takes is not known.
const MOST_TARGETS: usize = 1000;

/// Workflows of a list that are read: more than any tenant has.
const MOST_WORKFLOWS: u32 = 10_000;

/// Time between two looks at a run: the first, and the longest.
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Time that the last look may take beyond what a wait was given.
const LAST_LOOK: Duration = Duration::from_secs(5);

/// A workflow. Fields as in the contract's `workflow`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct Workflow {
    pub id: String,
    pub name: Option<String>,
    pub description: Option<String>,
    pub enabled: Option<bool>,
    pub kind: Option<String>,
    pub on_demand: Option<bool>,
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
    pub raw_json: Option<String>,
}

/// A run of a workflow. Fields as in the contract's `run`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct Run {
    pub id: String,
    pub workflow_id: Option<String>,
    pub state: String,
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
    pub raw_json: Option<String>,
}

impl<T: Transport> Ctr<'_, T> {
    /// Lists workflows: the enabled ones or the others, those for incidents or for messages, or all.
    pub async fn workflow_list(
        &self,
        enabled: Option<bool>,
        kind: Option<&str>,
        include_raw: bool,
    ) -> Result<Vec<Workflow>, Error> {
        let kind = kind.map(|kind| words::WORKFLOW_KINDS.check("kind", kind)).transpose()?;
        let enabled_is = enabled.map(|enabled| format!("enabled={enabled}"));
        let type_is = kind.map(|kind| format!("type={kind}"));
        let query: Vec<String> = enabled_is.into_iter().chain(type_is).collect();
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        let call = Call::get(MODULE, format!("{PATH}{query}"));
        let response = self.client.send(&call).await?;
        let rows = rows(&response.body)
            .ok_or_else(|| call.unreadable(&response, "it is neither a list of workflows nor holds one"))?;
        let mut workflows = Vec::new();
        for raw in rows {
            let workflow = Workflow::read(&Row::read(raw), include_raw);
            let ignored = match (enabled, workflow.enabled, kind, workflow.kind.as_deref()) {
                (Some(asked), Some(found), ..) if asked != found => Some("enabled"),
                // A kind that is not known proves nothing.
                (.., Some(asked), Some(found))
                    if words::WORKFLOW_KINDS.find(found).is_some_and(|found| found != asked) =>
                {
                    Some("type")
                }
                _ => None,
            };
            if let Some(key) = ignored {
                return Err(Error::InvalidResponse(format!(
                    "the service did not honour `{key}`: it answered workflow {}, which does not match",
                    shown(&workflow.id)
                )));
            }
            workflows.push(workflow);
        }
        Ok(workflows)
    }

    /// Runs a workflow on incidents or messages; sent once only.
    pub async fn workflow_run(&self, id: &str, target_ids: &[String]) -> Result<Run, Error> {
        uuid("id", id, "`workflow-list` gives it")?;
        let mut targets: Vec<&str> = Vec::new();
        for target in target_ids {
            uuid("target-ids", target, "the lists of incidents and messages give it")?;
            if !targets.iter().any(|known| known.eq_ignore_ascii_case(target)) {
                targets.push(target);
            }
            if targets.len() > MOST_TARGETS {
                break;
            }
        }
        if targets.is_empty() || targets.len() > MOST_TARGETS {
            return Err(Error::argument(
                "target-ids",
                format!("{} targets were given; give 1 to {MOST_TARGETS}", target_ids.len()),
            ));
        }
        let call = Call::write(
            MODULE,
            format!("{PATH}/{}/run", segment("workflow-id", id)?),
            json!({"targetIds": targets}),
        );
        let call = call.once();
        let response = self.client.send(&call).await?;
        Run::read(&response).ok_or_else(|| call.unreadable(&response, "it names no run"))
    }

    /// Gets a run.
    pub async fn workflow_run_get(&self, run_id: &str) -> Result<Run, Error> {
        // What form the ids of runs have is told nowhere.
        let call = Call::get(MODULE, format!("{PATH}/run/{}", segment("run-id", run_id)?));
        let response = self.client.send(&call).await?;
        Run::read(&response)
            .filter(|run| run.id.eq_ignore_ascii_case(run_id))
            .ok_or_else(|| call.unreadable(&response, "it is no run with this `id`"))
    }

    /// Waits until a run has succeeded.
    pub async fn workflow_run_wait(&self, run_id: &str, timeout: Option<Duration>) -> Result<Run, Error> {
        self.client.be_patient();
        let uptime = || self.client.transport().uptime();
        let end = uptime().saturating_add(timeout.unwrap_or(Duration::MAX));
        self.client.end_by(end.saturating_add(LAST_LOOK));
        let mut wait = FIRST_WAIT;
        loop {
            let run = self.workflow_run_get(run_id).await?;
            let ended = format!("workflow run {run_id} ended {}", run.state);
            match run.state.as_str() {
                "SUCCESS" => return Ok(run),
                "IN_PROGRESS" => {}
                "FAILED" | "CANCELLED" => {
                    return Err(Error::Rejected { status: 200, code: Some(run.state), message: ended });
                }
                unknown => {
                    return Err(Error::InvalidResponse(format!(
                        "workflow run {run_id} is in state `{}`, which is not known; see what became of it \
                         with `workflow-run-get` or in the console",
                        shown(unknown)
                    )));
                }
            }
            let left = end.saturating_sub(uptime());
            if left.is_zero() || !self.client.pause(wait.min(left)).await {
                return Err(Error::Timeout(format!(
                    "workflow run {run_id} is still IN_PROGRESS; wait again, or ask with `workflow-run-get`"
                )));
            }
            wait = wait.saturating_mul(2).min(LONGEST_WAIT);
        }
    }
}

impl Workflow {
    /// Reads a workflow. A row that is no object, or has no id, keeps its raw text.
    fn read(row: &Row, include_raw: bool) -> Self {
        let mut workflow = Object::new(&row.value).map(Self::from_object).unwrap_or_default();
        let keep = include_raw || workflow.id.is_empty();
        workflow.raw_json = keep.then(|| row.raw.clone());
        workflow
    }

    fn from_object(o: Object<'_>) -> Self {
        Self {
            id: o.text(&["id"]).unwrap_or_default(),
            name: o.text(&["name"]),
            description: o.text(&["description"]),
            enabled: o.flag(&["enabled"]),
            // Upper case in rows, lower case in the query.
            kind: o.text(&["type"]).map(|kind| kind.to_ascii_lowercase()),
            on_demand: o.flag(&["on_demand", "onDemand"]),
            created_at: o.time(&["createdAt", "created_at"]),
            updated_at: o.time(&["updatedAt", "updated_at"]),
            raw_json: None,
        }
    }
}

impl Run {
    fn read(response: &Response) -> Option<Self> {
        let row = Row::read(serde_json::from_slice(&response.body).ok()?);
        let o = Object::new(&row.value)?;
        Some(Self {
            id: o.text(&["id"])?,
            workflow_id: o.text(&["workflowId", "workflow_id"]),
            state: o.text(&["state"])?.to_ascii_uppercase(),
            created_at: o.time(&["createdAt", "created_at"]),
            updated_at: o.time(&["updatedAt", "updated_at"]),
            raw_json: Some(row.raw),
        })
    }
}

/// The rows of a list that comes bare, or under `workflows`.
fn rows(body: &[u8]) -> Option<Vec<&RawValue>> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        #[serde(borrow)]
        workflows: &'a RawValue,
    }
    let whole: &RawValue = serde_json::from_slice(body).ok()?;
    json::elements(whole, MOST_WORKFLOWS)
        .or_else(|| json::elements(json::read::<Envelope<'_>>(body).ok()?.workflows, MOST_WORKFLOWS))
}
