//! One request of one function under one fault.

use std::io::ErrorKind;
use std::net::TcpListener;

use proofpoint_host::{GuestError, http};
use proofpoint_simulator::{Fault as Armed, FaultKind, Recorded, TokenBody};
use proofpoint_tests::World;
use serde_json::{Value, json};

use super::door::{Certificates, Door};
use super::subjects::{Kind, ROWS, Subject, furnish, written};
use super::table::{Fault, How};

/// What all cells have in common.
pub(super) struct Surroundings {
    client: http::Client,
    certificates: Certificates,
    /// Where redirects lead.
    elsewhere: TcpListener,
    _directory: tempfile::TempDir,
}

impl Surroundings {
    pub(super) fn new() -> Surroundings {
        let directory = tempfile::tempdir().unwrap();
        let (certificates, ca_file) = Certificates::new(directory.path());
        let options = http::Options { ca_file: Some(ca_file), ..http::Options::default() };
        let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
        elsewhere.set_nonblocking(true).unwrap();
        let client = http::Client::new(&options).unwrap();
        Surroundings { client, certificates, elsewhere, _directory: directory }
    }

    pub(super) fn nobody_came_elsewhere(&self) -> bool {
        self.elsewhere.accept().is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }
}

pub(super) struct Cell {
    pub(super) subject: Subject,
    pub(super) fault: Fault,
    /// The component is handed the client secrets, which are the host's alone otherwise.
    pub(super) gives_secrets: bool,
}

impl Cell {
    pub(super) fn name(&self) -> String {
        format!("{} under {}", self.subject.name(), self.fault.name)
    }

    pub(super) fn expected(&self) -> String {
        self.fault.expected(&self.subject)
    }

    /// What comes of it, as [`Fault::expected`] spells it. Afterwards the fault is lifted, and the same instance
    /// has to answer.
    pub(super) async fn run(self, around: &Surroundings) -> String {
        let Cell { subject, fault, gives_secrets } = &self;
        let mut world = World::over(around.client.clone(), |_| {}).await;
        if *gives_secrets {
            world.give_secrets();
        }
        world.set("ctr_cluster_id", "example_hosted");
        for (key, value) in fault.settings {
            world.set(key, value);
        }
        furnish(&mut world.vendor());
        let door = strike(&mut world, subject, &fault.how, around).await;
        let before = written(&world.vendor());

        let answer = world.call(subject.function, subject.parameters.clone()).await;
        let struck = world.vendor().requests().iter().any(|request| request.struck);
        assert_eq!(struck, fault.strikes_at_the_vendor(subject), "whether the fault made a difference");
        let (api, tokens) = world.counts();
        let done = written(&world.vendor()).abs_diff(before);
        assert!(done <= 1, "it was done {done} times");
        if subject.writes() || subject.function.starts_with("dry-run.") {
            let processed =
                |request: &Recorded| request.method != "GET" && ![401, 429].contains(&request.status);
            let sent = world.api().iter().filter(|request| processed(request)).count();
            assert!(sent <= usize::from(subject.writes()), "it was sent {sent} times");
        }
        let outcome = outcome(subject, &answer);
        let good = ["ok", "warning", "confirmed"].contains(&outcome.as_str());
        if let (true, Some(rows)) = (good, answer.as_ref().ok().and_then(rows)) {
            assert_eq!(rows, ROWS, "rows of {answer:?}");
        }
        let others = subject.before + if good { subject.after } else { 0 };
        let done = if done == 1 { " done" } else { "" };

        world.vendor().clear_faults();
        set_token_body(&world, &TokenBody::Usual);
        let is_lifted = door.is_none_or(Door::open);
        let (function, parameters) = afterwards(subject, is_lifted);
        let again = world.call(function, parameters).await;
        let afterwards = Subject { function, ..subject.clone() };
        assert_eq!(self::outcome(&afterwards, &again), "ok", "{function} afterwards: {again:?}");
        format!("{outcome} {}{done}, tokens {tokens}", api.wrapping_sub(others))
    }
}

/// How many rows a list has, if it is one.
fn rows(answer: &Value) -> Option<usize> {
    // A ticket has messages of its own.
    if answer["fqid"].is_string() {
        return None;
    }
    let lists = ["incidents", "messages", "workflows", "entries", "tickets", "users"];
    lists.iter().find_map(|list| Some(answer[list].as_array()?.len()))
}

/// Lets the fault strike the subject's requests from now on.
async fn strike(world: &mut World, subject: &Subject, how: &How, around: &Surroundings) -> Option<Door> {
    let on = subject.on.clone();
    match how {
        How::Door(trouble) => {
            let door = Door::new(*trouble, &around.certificates, &world.server.url()).await;
            if subject.is_link() {
                world.vendor().options().itm.screenshot_origin = Some(door.url.clone());
                world.set("itm_screenshot_hosts", door.host());
            } else {
                world.set(if subject.is_itm() { "itm_base_url" } else { "ctr_base_url" }, &door.url);
            }
            return Some(door);
        }
        How::Once(kind) => world.vendor().fault(Armed::once(on, kind.clone())),
        How::Always(kind) => world.vendor().fault(Armed::always(on, kind.clone())),
        How::Redirect => {
            let elsewhere = format!("http://{}/elsewhere", around.elsewhere.local_addr().unwrap());
            world.vendor().fault(Armed::always(on, FaultKind::Redirect(elsewhere)));
        }
        How::NoToken => set_token_body(world, &TokenBody::WithoutToken),
    }
    None
}

fn set_token_body(world: &World, body: &TokenBody) {
    let mut vendor = world.vendor();
    let options = vendor.options();
    options.token_body = body.clone();
    options.itm.token_body = body.clone();
}

/// A call that must do well once the fault is lifted: the same one, unless it writes. What cannot be lifted does
/// not touch the other product.
fn afterwards(subject: &Subject, is_lifted: bool) -> (&'static str, Value) {
    if is_lifted && !subject.writes() {
        return (subject.function, subject.parameters.clone());
    }
    let function = if subject.is_itm() == is_lifted { "users.user-list" } else { "incidents.incident-list" };
    (function, json!({ "query": {} }))
}

/// `ok` and what [`faults`](super::table::faults) tells beside it, or the case of the error: of the answer, of the
/// last thing asked for, or of the first report.
fn outcome(subject: &Subject, answer: &Result<Value, GuestError>) -> String {
    let value = match answer {
        Ok(value) => value,
        Err(error) => return error.case().to_owned(),
    };
    let case = |error: &Value| error["case"].as_str().map(str::to_owned);
    let parts = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let inner = match subject.function {
        "health.test-connectivity" => parts.iter().find_map(|report| case(&report["problem"])),
        "incidents.incident-get" => {
            let (last, others) = parts.split_last().unwrap();
            assert!(others.iter().all(|other| other["ok"].is_object()), "{others:?}");
            case(&last["error"])
        }
        "incidents.incident-fetch" => {
            let batch = value["incidents"].as_array().unwrap();
            let early = subject.kind == Kind::Detail && value["more"] == true;
            let lacks = batch.iter().any(|item| !item["enrichment-error"].is_null());
            early.then_some("early").or(lacks.then_some("without")).map(str::to_owned)
        }
        _ => None,
    };
    let warned = value["warnings"].as_array().is_some_and(|warnings| !warnings.is_empty());
    inner.unwrap_or_else(|| {
        let kind = match value["confirmed-by-reading"] == true {
            true => "confirmed",
            false if warned => "warning",
            false => "ok",
        };
        kind.to_owned()
    })
}
