//! Which workflow is meant, and whether it takes these targets: found out before anything is sent.

use proofpoint_host::GuestError;
use serde_json::{Value, json};

use super::super::incidents::{display_number, resolved};
use super::super::text::text;
use super::super::{Failure, Session, many};

/// The workflow of this id or name, which can be run.
pub(super) async fn workflow(session: &mut Session, wanted: &str) -> Result<Value, Failure> {
    let listed = session.call("workflows.workflow-list", json!({})).await?;
    let workflows = listed.as_array().map(Vec::as_slice).unwrap_or_default();
    let workflow = chosen(workflows, wanted)?;
    if workflow["enabled"] == false {
        return Err(Failure::argument("workflow", format!("{} is disabled", named(workflow))));
    }
    Ok(workflow.clone())
}

/// The ids of these targets, which are what the workflow takes. A number of an incident is looked up, which
/// tells enough; other targets are read, unless they are to go unchecked.
pub(super) async fn targets(
    session: &mut Session,
    workflow: &Value,
    targets: Vec<String>,
    unchecked: bool,
) -> Result<Vec<String>, Failure> {
    let targets = many::each_once(targets);
    let (ids, wrong) = match workflow["kind"].as_str() {
        Some("incident") => incidents(session, &targets, unchecked).await?,
        Some("message") if !unchecked => messages(session, targets).await?,
        _ if unchecked => (targets, Vec::new()),
        kind => {
            let takes = kind.map(|kind| format!("takes `{kind}`")).unwrap_or("says not what it takes".into());
            let message = format!("{} {takes}; --unchecked runs it all the same", named(workflow));
            return Err(Failure::argument("workflow", message));
        }
    };
    if wrong.is_empty() {
        return Ok(ids);
    }
    let kind = text(&workflow["kind"]);
    let are = if wrong.len() == 1 { format!("is no {kind}") } else { format!("are no {kind}s") };
    let message = format!("{} {are}; {} takes {kind}s", wrong.join(", "), named(workflow));
    Err(Failure::argument("target-ids", message))
}

/// The id goes before the name: a name may be anything.
fn chosen<'a>(workflows: &'a [Value], wanted: &str) -> Result<&'a Value, Failure> {
    let usable = || workflows.iter().filter(|it| it["id"].as_str().is_some_and(|id| !id.is_empty()));
    let is = |it: &Value, field: &str| {
        it[field].as_str().is_some_and(|text| text.trim().to_lowercase() == wanted.trim().to_lowercase())
    };
    if let Some(workflow) = usable().find(|it| is(it, "id")) {
        return Ok(workflow);
    }
    let found: Vec<&Value> = usable().filter(|it| is(it, "name")).collect();
    match found.as_slice() {
        [workflow] => Ok(workflow),
        [] => {
            let names = usable().map(|it| text(&it["name"])).filter(|name| !name.is_empty()).collect();
            Err(Failure::choice("workflow", format!("there is no workflow `{wanted}`"), names))
        }
        several => {
            let ids = several.iter().map(|it| text(&it["id"])).collect();
            let message = format!("{} workflows are called `{wanted}`: name one by its id", several.len());
            Err(Failure::choice("workflow", message, ids))
        }
    }
}

/// Ids, and the targets that are none.
type Checked = (Vec<String>, Vec<String>);

async fn incidents(session: &mut Session, targets: &[String], unchecked: bool) -> Result<Checked, Failure> {
    let (mut ids, mut wrong, mut to_read) = (Vec::new(), Vec::new(), Vec::new());
    for (target, id) in targets.iter().zip(resolved(session, targets).await?) {
        match id {
            Err(_) => wrong.push(target.clone()),
            Ok(id) => {
                if display_number(target).is_none() {
                    to_read.push(id.clone());
                }
                ids.push(id);
            }
        }
    }
    if unchecked || to_read.is_empty() {
        return Ok((ids, wrong));
    }
    let parameters = json!({ "ids": to_read, "include-raw": false });
    let answer = session.call("incidents.incident-get", parameters).await?;
    for (id, result) in to_read.into_iter().zip(answer.as_array().into_iter().flatten()) {
        match GuestError::from_json(&result["error"]) {
            None => {}
            Some(error) if error.case() == "not-found" => wrong.push(id),
            Some(error) => return Err(error.into()),
        }
    }
    Ok((ids, wrong))
}

async fn messages(session: &mut Session, targets: Vec<String>) -> Result<Checked, Failure> {
    let (numbers, ids): (Vec<String>, Vec<String>) =
        targets.into_iter().partition(|target| display_number(target).is_some());
    let mut wrong = numbers;
    let parameters = |id: &str| json!({ "id": id, "include-raw": false });
    let is_certain = |error: &GuestError| error.case() == "not-found";
    let function = "messages.message-get";
    let ends = |error: &GuestError| !is_certain(error);
    for (id, result) in many::each(session, function, &ids, parameters, ends, |_, it| Ok(it)).await? {
        match result {
            Ok(_) => {}
            Err(error) if is_certain(&error) => wrong.push(id),
            Err(error) => return Err(error.into()),
        }
    }
    Ok((ids, wrong))
}

fn named(workflow: &Value) -> String {
    format!("the workflow `{}`", text(&workflow["name"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workflows() -> Vec<Value> {
        vec![
            json!({ "id": "W-1", "name": "Quarantine" }),
            json!({ "id": "w-2", "name": "Close" }),
            json!({ "id": "w-3", "name": "close" }),
            json!({ "id": "w-4", "name": "w-2" }),
            json!({ "id": "", "name": "Broken" }),
            json!({ "id": "w-5", "name": null }),
        ]
    }

    fn refused(wanted: &str) -> Value {
        match chosen(&workflows(), wanted).unwrap_err() {
            Failure::Error(error) => error.to_json()["payload"].clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_workflow_is_found_by_its_id_or_its_whole_name() {
        for (wanted, id) in [("quarantine", "W-1"), (" Quarantine ", "W-1"), ("w-1", "W-1"), ("W-2", "w-2")] {
            assert_eq!(chosen(&workflows(), wanted).unwrap()["id"], id, "{wanted}");
        }
    }

    #[test]
    fn what_is_no_workflow_is_answered_with_those_there_are() {
        for wanted in ["Quarant", "", "Broken"] {
            let payload = refused(wanted);
            assert_eq!(payload["message"], format!("there is no workflow `{wanted}`"));
            assert_eq!(payload["allowed"], json!(["Quarantine", "Close", "close", "w-2"]), "{wanted}");
        }
    }

    #[test]
    fn a_name_of_several_workflows_is_answered_with_their_ids() {
        assert_eq!(refused("CLOSE")["allowed"], json!(["w-2", "w-3"]));
    }
}
