//! `proofpoint demo`: the connector at work against a simulated vendor inside this process.

mod typed;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use proofpoint_host::Settings;
use proofpoint_simulator::itm::WorkflowStatus;
use proofpoint_simulator::server::Server;
use proofpoint_simulator::{Clock, Incident, Options, Vendor};
use serde_json::{Value, json};

use super::output::{Format, Output};
use super::text::{counted, number, text, thousands};
use super::{Done, Failure, Global, Session, check, incident_view, tickets};

/// Incidents of a quiet week.
const QUIET: usize = 60;

/// Tickets of that week.
const TICKETS: usize = 300;

/// Incidents of one minute, more than two pages of the vendor.
const BURST: u64 = 450;

/// Incidents that the vendor shows only after later ones were fetched.
const LATE: u64 = 12;

/// Display numbers of the burst begin here, far above those of the quiet week.
const FIRST: u64 = 10_000;

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What looks random follows from this number
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

pub(crate) async fn run(global: &Global, output: &Output, args: Args) -> Done {
    // A demonstration is for people, also where it is piped.
    let output = &Output { format: Format::Table, ..output.clone() };
    let server = Server::start(vendor(args.seed), 0).await.map_err(Failure::host)?;
    let mut session = Session::with(global, &settings(&server)?)?;
    output.line("The connector against a simulated vendor: nothing leaves this process.")?;
    output.line("Vendor and connector keep no call budget here, so that nobody waits a minute.")?;
    output.line("Nor does the vendor take time to load a mail or to run a workflow.")?;
    output.line("What is saved goes again when the demonstration ends.")?;

    title(output, "1. Is everything there that it needs? (proofpoint check)")?;
    let reports = check::reports(&mut session, &[]).await?;
    check::show(output, &reports)?;

    title(output, "2. What is new, each incident once (proofpoint incidents fetch)")?;
    let delivered = poll(&mut session, &server, output).await?;

    title(output, "3. One incident in full (proofpoint incidents get)")?;
    let eventful = |row: &&Value| {
        let count = |field: &str| row["incident"][field].as_u64();
        (count("comment-count"), count("message-count"))
    };
    let talked_about = delivered.iter().max_by_key(eventful);
    let incident = talked_about.map(|row| row["incident"].clone()).unwrap_or_default();
    let answer = session.call("incidents.incident-get", json!({ "ids": [incident["id"]] })).await?;
    output.line(&incident_view::detail(output, &answer[0]["ok"]))?;

    title(output, "4. Its mails, and what is done about them (proofpoint messages, workflows, lists)")?;
    respond(global, &mut session, output, &incident).await?;

    title(output, "5. New tickets about card numbers (proofpoint tickets search)")?;
    let query = json!({ "status-filters": ["new"], "name-filters": ["EMAIL-DLP-PCI"], "limit": 3 });
    let page = session.call("tickets.ticket-search", json!({ "query": query })).await?;
    let rows = page["tickets"].as_array().map(Vec::as_slice).unwrap_or_default();
    output.rows(&page, rows, &tickets::TICKETS)?;

    title(output, "6. One of them taken in hand (proofpoint tickets)")?;
    let fqid = rows.first().and_then(|row| row["fqid"].as_str());
    let fqid = fqid.ok_or_else(|| Failure::host("the search found no ticket"))?;
    take_in_hand(global, &mut session, output, fqid).await?;

    title(output, "7. With credentials of your own")?;
    output.line(NEXT)
}

/// What an analyst does about an incident: look at a mail, quarantine, keep the sender out.
async fn respond(global: &Global, session: &mut Session, output: &Output, incident: &Value) -> Done {
    let page = session.call("incidents.incident-messages", json!({ "id": incident["id"] })).await?;
    let message = &page["messages"][0];
    let (id, sender) = (text(&message["id"]), text(&message["sender-address"]));
    let number = number(&incident["display-id"]);
    let quarantine = ["workflows", "run", "Quarantine and close", &number];
    let block = ["block", "hfrom", "equal", &sender];
    let commands = [
        vec!["incidents", "messages", &number],
        vec!["messages", "show", &id, "--save", "mail.eml"],
        [&quarantine[..], &["--dry-run"]].concat(),
        [&quarantine[..], &["--wait"]].concat(),
        [&["lists", "add"], &block[..], &["--comment", "Asks for passwords"]].concat(),
        [&["lists", "add"], &block[..]].concat(),
        [&["lists", "remove"], &block[..]].concat(),
    ];
    typed::all(global, session, output, &commands, &[(&id, "ID")]).await
}

/// What an analyst does with a ticket.
async fn take_in_hand(global: &Global, session: &mut Session, output: &Output, fqid: &str) -> Done {
    let in_progress = WorkflowStatus::of_slug("in-progress").map(|status| status.id).unwrap_or_default();
    let commands = [
        vec!["tickets", "comment", fqid, "Asked the sender for a reason"],
        vec!["tickets", "assign", fqid, "kavita.rao@example.com"],
        vec!["tickets", "set-status", fqid, in_progress],
        vec!["tickets", "email", fqid, "--save", "mail.eml"],
        vec!["tickets", "get", fqid],
    ];
    typed::all(global, session, output, &commands, &[(fqid, "FQID")]).await
}

const NEXT: &str = "\
An API key comes from the product's console; either product works alone. Then:

  export PROOFPOINT_CTR_CLIENT_ID=... PROOFPOINT_CTR_CLIENT_SECRET=...
  export PROOFPOINT_ITM_CLIENT_ID=... PROOFPOINT_ITM_CLIENT_SECRET=...
  export PROOFPOINT_ITM_BASE_URL=https://TENANT.explore.proofpoint.com
  proofpoint check
  proofpoint incidents list --since '2 days' --state open
  proofpoint workflows list
  proofpoint tickets search --since '2 days' --severity critical,high
  proofpoint incidents fetch --checkpoint ctr.checkpoint --follow
  proofpoint tickets fetch --checkpoint itm.checkpoint --follow";

fn title(output: &Output, title: &str) -> Done {
    output.line(&format!("\n{}\n", output.bold(title)))
}

/// A quiet week, and five minutes ago a minute in which everybody reported the same campaign.
fn vendor(seed: u64) -> Vendor {
    let mut options = Options { seed, clock: Clock::System, calls_per_minute: None, ..Options::default() };
    options.response.fetch_statuses = vec!["fetched".to_owned()];
    options.response.run_states = ["IN_PROGRESS", "SUCCESS"].map(str::to_owned).to_vec();
    let mut vendor = Vendor::new(options);
    vendor.seed(QUIET);
    vendor.seed_tickets(TICKETS);
    for n in 0..BURST {
        vendor.add_incident(in_the_burst(&vendor, n, BURST));
    }
    vendor
}

/// Number `n` of the burst, which spreads over a minute.
fn in_the_burst(vendor: &Vendor, n: u64, of: u64) -> Incident {
    let age = Duration::from_secs(300) - Duration::from_millis(60_000 * (n % of) / of);
    Incident::at(FIRST + n, vendor.now() - age)
}

fn settings(server: &Server) -> Result<Settings, Failure> {
    let environment = server.environment().into_iter().chain(server.itm_environment());
    let environment = environment.map(|(name, value)| (name.into(), value.into()));
    let mut settings = Settings::load(None, None, environment)?;
    settings.set("ctr_calls_per_minute", "0")?;
    settings.set("ctr_first_fetch", "8 days")?;
    Ok(settings)
}

/// Polls until nothing is new, lets late incidents appear, polls again, and counts honestly: what was
/// delivered against what the vendor holds.
async fn poll(session: &mut Session, server: &Server, output: &Output) -> Result<Vec<Value>, Failure> {
    let started = Instant::now();
    let (mut delivered, mut checkpoint) = (Vec::new(), Value::Null);
    steps(session, output, &mut checkpoint, &mut delivered).await?;
    for n in BURST..BURST + LATE {
        let mut vendor = server.vendor();
        let late = in_the_burst(&vendor, n, BURST + LATE);
        vendor.add_incident(late);
    }
    output.line(&format!("  {} from within that minute appear only now", counted(LATE, "incident")))?;
    steps(session, output, &mut checkpoint, &mut delivered).await?;

    let ids: BTreeSet<&str> = delivered.iter().filter_map(|row| row["incident"]["id"].as_str()).collect();
    let open: Vec<String> = {
        let vendor = server.vendor();
        let now = vendor.now();
        let is_open = |incident: &&Incident| incident.closed_at.is_none_or(|closed| closed > now);
        vendor.incidents().filter(is_open).map(|incident| incident.id.clone()).collect()
    };
    let missed = open.iter().filter(|id| !ids.contains(id.as_str())).count();
    let duplicates = delivered.len() - ids.len();
    let verdict = format!(
        "  {} delivered of {} open ones, {duplicates} twice, {missed} missed, in {} ms",
        thousands(delivered.len() as u64),
        thousands(open.len() as u64),
        started.elapsed().as_millis(),
    );
    output.line(&if duplicates + missed == 0 { output.good(&verdict) } else { verdict.clone() })?;
    if duplicates + missed > 0 {
        return Err(Failure::host("the fetch delivered something twice or missed something"));
    }
    Ok(delivered)
}

/// Steps until no more is waiting.
async fn steps(
    session: &mut Session,
    output: &Output,
    checkpoint: &mut Value,
    delivered: &mut Vec<Value>,
) -> Done {
    loop {
        let parameters = json!({ "options": {}, "checkpoint": checkpoint });
        let batch = session.call("incidents.incident-fetch", parameters).await?;
        let rows = batch["incidents"].as_array().cloned().unwrap_or_default();
        let more = batch["more"] == true;
        let then = if more { "more are waiting" } else { "nothing more" };
        output.line(&format!("  a step delivers {:>3}; {then}", rows.len()))?;
        delivered.extend(rows);
        *checkpoint = batch["checkpoint"].clone();
        if !more {
            return Ok(());
        }
    }
}
