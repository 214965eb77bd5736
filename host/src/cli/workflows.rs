//! `proofpoint workflows`.

mod choice;
mod wait;

use clap::Subcommand;
use serde_json::{Value, json};

use super::output::say;
use super::table::Column;
use super::text::{counted, joined, text, time};
use super::view::View;
use super::write::{DryRun, plan};
use super::{Done, Global, Output, Session};
use wait::Wait;

/// Commands about workflows.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List workflows
    List {
        /// Only those that can be run
        #[arg(long, conflicts_with = "disabled")]
        enabled: bool,
        /// Only those that cannot be run
        #[arg(long)]
        disabled: bool,
        /// Only those that take this: incident or message
        #[arg(long)]
        kind: Option<String>,
        /// Add the vendor's own JSON as raw-json
        #[arg(long)]
        include_raw: bool,
    },
    /// Run a workflow on incidents or messages
    #[command(after_help = "Example: proofpoint workflows run 'Quarantine and close' INC-781 --wait")]
    Run {
        /// Its name or id, as the list shows it
        #[arg(value_name = "NAME-OR-ID")]
        workflow: String,
        /// Ids of incidents or messages; incidents also by the numbers that the console shows: INC-781
        #[arg(value_name = "TARGET", required = true)]
        targets: Vec<String>,
        #[command(flatten)]
        wait: Wait,
        /// Do not look first whether each target is what the workflow takes: that is a call for each id
        #[arg(long)]
        unchecked: bool,
        #[command(flatten)]
        dry_run: DryRun,
    },
    /// Show what became of a run
    Status {
        /// The run's id, as `workflows run` tells it
        #[arg(value_name = "RUN-ID")]
        run_id: String,
        #[command(flatten)]
        wait: Wait,
    },
}

const WORKFLOWS: [Column; 5] = [
    Column::new("WORKFLOW", |row| text(&row["name"])),
    Column::new("TAKES", |row| text(&row["kind"])),
    Column::new("STATE", |row| state(row).to_owned()),
    Column::new("DESCRIPTION", |row| text(&row["description"])).flexible(),
    Column::new("ID", |row| text(&row["id"])).beneath(),
];

pub(crate) async fn run(global: &Global, output: &Output, command: Command) -> Done {
    let mut session = match &command {
        Command::Run { wait, .. } | Command::Status { wait, .. } => wait.session(global)?,
        Command::List { .. } => Session::open(global)?,
    };
    perform(&mut session, output, command).await
}

/// Runs a command through this session.
pub(crate) async fn perform(session: &mut Session, output: &Output, command: Command) -> Done {
    match command {
        Command::List { enabled, disabled, kind, include_raw } => {
            let enabled = (enabled || disabled).then_some(enabled);
            let parameters = json!({ "enabled": enabled, "kind": kind, "include-raw": include_raw });
            let workflows = session.call("workflows.workflow-list", parameters).await?;
            let rows = workflows.as_array().map(Vec::as_slice).unwrap_or_default();
            output.rows(&workflows, rows, &WORKFLOWS)?;
            output.footer(&counted(rows.len() as u64, "workflow"))
        }
        Command::Run { workflow, targets, wait, unchecked, dry_run } => {
            let workflow = choice::workflow(session, &workflow).await?;
            let targets = choice::targets(session, &workflow, targets, unchecked).await?;
            let parameters = json!({ "id": workflow["id"], "target-ids": targets });
            let function = "workflows.workflow-run";
            if dry_run.dry_run {
                return plan(session, output, function, parameters).await;
            }
            let run = session.call(function, parameters).await?;
            match wait.is_wanted() {
                false => {
                    output.view(&run, |_| started(&run))?;
                    let id = text(&run["id"]);
                    output.footer(&format!("proofpoint workflows status {id} --wait waits for its end"))
                }
                true => {
                    tell(output, &started(&run))?;
                    show(output, &wait.until_it_ends(session, &run["id"]).await?)
                }
            }
        }
        Command::Status { run_id, wait } => {
            let run_id = Value::from(run_id);
            let run = match wait.is_wanted() {
                false => session.call("workflows.workflow-run-get", json!({ "run-id": run_id })).await?,
                true => wait.until_it_ends(session, &run_id).await?,
            };
            show(output, &run)
        }
    }
}

/// Said at once, so that a person can ask again whatever comes: where a program reads the result, beside it.
fn tell(output: &Output, line: &str) -> Done {
    if output.is_for_programs() {
        say(line);
        return Ok(());
    }
    output.line(line)
}

fn started(run: &Value) -> String {
    joined(&[format!("started run {}", text(&run["id"])), text(&run["state"])])
}

fn show(output: &Output, run: &Value) -> Done {
    output.view(run, |output| {
        let mut view = View::new(output);
        view.field("state", &text(&run["state"]));
        view.field("started", &time(&run["created-at"]));
        view.field("changed", &time(&run["updated-at"]));
        view.field("workflow", &text(&run["workflow-id"]));
        view.field("run", &text(&run["id"]));
        view.finish()
    })
}

fn state(workflow: &Value) -> &'static str {
    match workflow["enabled"].as_bool() {
        Some(true) => "enabled",
        Some(false) => "disabled",
        None => "",
    }
}
