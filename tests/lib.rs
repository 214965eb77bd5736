//! What the end-to-end tests share: the built component in the real host, the built command line, and a
//! simulated vendor on a port of its own for each test.
//!
//! The vendor's time is moved, not waited for. Every answer, error and output that passes through is searched for
//! the credentials and for every token that went over the wire.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, LazyLock, MutexGuard};
use std::time::Duration;

use base64ct::{Base64, Encoding};
use proofpoint_host::{Cache, Connector, GuestError, Instance, Settings, http};
use proofpoint_simulator::server::Server;
use proofpoint_simulator::{Clock, Incident, Options, Recorded, Ticket, Timestamp, Vendor};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

/// The path of the incidents.
pub const INCIDENTS: &str = "/api/v1/tric/incidents";

/// The path of the events, of which tickets are some.
pub const EVENTS: &str = "/v2/apis/activity/events";

/// The simulator's secret in these tests: a text that nothing else contains.
pub const SECRET: &str = "kZ7-the-client-secret-Qx2";

/// Its secret for Insider Threat Management.
pub const ITM_SECRET: &str = "vB4-the-other-client-secret-Wm9";

/// Nothing here takes this long; what does has stalled.
const STALLED: Duration = Duration::from_secs(60);

static CONNECTOR: LazyLock<Connector> = LazyLock::new(|| {
    Connector::load(&component(), &Cache::in_directory(cache())).unwrap_or_else(|error| panic!("{error}"))
});

/// The component, loaded once.
pub fn connector() -> &'static Connector {
    &CONNECTOR
}

/// The component's file: `PROOFPOINT_COMPONENT`, or the one beside the command line.
pub fn component() -> PathBuf {
    match std::env::var_os("PROOFPOINT_COMPONENT").filter(|file| !file.is_empty()) {
        Some(file) => file.into(),
        None => built("connector.wasm"),
    }
}

/// The command line.
pub fn program() -> PathBuf {
    built("proofpoint")
}

/// A file that the build puts into `target/debug`, where this test runs in a folder below.
fn built(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let candidates = test.ancestors().skip(1).flat_map(|dir| [dir.join(name), dir.join("debug").join(name)]);
    let found = candidates.into_iter().find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("there is no {name} above {}: run `just build`", test.display()))
}

/// One cache of compiled components for all tests.
fn cache() -> PathBuf {
    std::env::current_exe().unwrap().with_file_name("e2e-cache")
}

/// A vendor of its own, the settings that point at it, and an instance of the component.
///
/// The vendor's clock stands still at the moment the world began; tests move it. Neither side keeps a
/// call budget unless a test sets one.
pub struct World {
    /// The vendor on its port.
    pub server: Server,
    settings: Settings,
    client: http::Client,
    instance: Option<Instance>,
    clock: Option<Arc<dyn proofpoint_host::Clock>>,
    gives_secrets: bool,
    directory: tempfile::TempDir,
}

impl World {
    /// With a vendor that behaves as usual.
    pub async fn new() -> World {
        World::with(|_| {}).await
    }

    /// With a vendor that behaves as configured.
    pub async fn with(configure: impl FnOnce(&mut Options)) -> World {
        World::over(http::Client::new(&http::Options::default()).unwrap(), configure).await
    }

    /// With a vendor that behaves as configured, over the connections of others.
    pub async fn over(client: http::Client, configure: impl FnOnce(&mut Options)) -> World {
        let mut options = Options {
            client_secret: SECRET.into(),
            calls_per_minute: None,
            clock: Clock::System,
            ..Options::default()
        };
        options.clock = Clock::Manual(Vendor::new(options.clone()).now());
        options.itm.client_secret = ITM_SECRET.into();
        configure(&mut options);
        let server = Server::start(Vendor::new(options), 0).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let mut world = World {
            server,
            settings: Settings::default(),
            client,
            instance: None,
            clock: None,
            gives_secrets: false,
            directory,
        };
        let environment = [world.server.environment(), world.server.itm_environment()].concat();
        for (name, value) in environment {
            world.set(&name.trim_start_matches("PROOFPOINT_").to_ascii_lowercase(), &value);
        }
        world.set("ctr_calls_per_minute", "0");
        world
    }

    /// Sets a configuration key, for the next call and for the command line. The instance is replaced.
    pub fn set(&mut self, key: &str, value: &str) {
        self.settings.set(key, value).unwrap();
        self.instance = None;
    }

    /// The settings that point at the vendor.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The vendor. Let go of it before the next call.
    pub fn vendor(&self) -> MutexGuard<'_, Vendor> {
        self.server.vendor()
    }

    /// The vendor's time.
    pub fn now(&self) -> Timestamp {
        self.vendor().now()
    }

    /// Adds open incidents numbered from 1, one a second, the last of them so many seconds ago.
    pub fn add_incidents(&self, count: u64, last_seconds_ago: i64) {
        let mut vendor = self.vendor();
        let last = vendor.now() - chrono::TimeDelta::seconds(last_seconds_ago);
        for n in 1..=count {
            let age = chrono::TimeDelta::seconds(i64::try_from(count - n).unwrap());
            vendor.add_incident(Incident::at(n, last - age));
        }
    }

    /// Adds one incident of that age and answers its id.
    pub fn add(&self, n: u64, age: chrono::TimeDelta, change: impl FnOnce(&mut Incident)) -> String {
        let mut vendor = self.vendor();
        let created = vendor.now() - age;
        let mut incident = Incident::at(n, created);
        change(&mut incident);
        let id = incident.id.clone();
        vendor.add_incident(incident);
        id
    }

    /// Adds one ticket, taken in so long ago, and answers its fqid.
    pub fn add_ticket(&self, n: u64, age: chrono::TimeDelta, change: impl FnOnce(&mut Ticket)) -> String {
        let mut vendor = self.vendor();
        let mut ticket = Ticket::full(n, vendor.now() - age);
        change(&mut ticket);
        let fqid = ticket.fqid.clone();
        vendor.add_ticket(ticket);
        fqid
    }

    /// Adds tickets numbered from 1, one a second, the last of them so many seconds ago.
    pub fn add_tickets(&self, count: u64, last_seconds_ago: i64) {
        let mut vendor = self.vendor();
        let last = vendor.now() - chrono::TimeDelta::seconds(last_seconds_ago);
        for n in 1..=count {
            let age = chrono::TimeDelta::seconds(i64::try_from(count - n).unwrap());
            vendor.add_ticket(Ticket::at(n, last - age));
        }
    }

    /// A fresh instance with the settings, over the world's connections.
    pub fn instance(&self) -> Instance {
        let instance = connector().instance(&self.settings, &self.client);
        let instance = if self.gives_secrets { instance.give_secrets() } else { instance };
        match &self.clock {
            Some(clock) => instance.clock(clock.clone()),
            None => instance,
        }
    }

    /// Hands this clock to the component from now on.
    pub fn use_clock(&mut self, clock: Arc<dyn proofpoint_host::Clock>) {
        self.clock = Some(clock);
        self.restart();
    }

    /// Hands the client secrets to the component from now on, as a host does that cannot keep them.
    pub fn give_secrets(&mut self) {
        self.gives_secrets = true;
        self.restart();
    }

    /// What an instance remembers is gone.
    pub fn restart(&mut self) {
        self.instance = None;
    }

    /// Calls a function in the world's instance.
    pub async fn call(&mut self, function: &str, parameters: Value) -> Result<Value, GuestError> {
        let mut instance = self.instance.take().unwrap_or_else(|| self.instance());
        let call = tokio::time::timeout(STALLED, instance.call(function, &parameters));
        let answer = call.await.expect("the call stalled").unwrap_or_else(|error| panic!("{error}"));
        self.instance = Some(instance);
        match &answer {
            Ok(value) => self.assert_discreet(&value.to_string()),
            Err(error) => self.assert_discreet(&format!("{error} {}", error.to_json())),
        }
        answer
    }

    /// `incidents.incident-list` of a query.
    pub async fn list(&mut self, query: Value) -> Result<Value, GuestError> {
        self.call("incidents.incident-list", json!({ "query": query })).await
    }

    /// `incidents.incident-fetch`.
    pub async fn fetch(&mut self, options: Value, checkpoint: &Value) -> Result<Value, GuestError> {
        let parameters = json!({ "options": options, "checkpoint": checkpoint });
        self.call("incidents.incident-fetch", parameters).await
    }

    /// `tickets.ticket-get`.
    pub async fn ticket(&mut self, fqid: &str, includes: &[&str]) -> Result<Value, GuestError> {
        self.call("tickets.ticket-get", json!({ "fqid": fqid, "includes": includes })).await
    }

    /// `tickets.ticket-search` of a query.
    pub async fn search(&mut self, query: Value) -> Result<Value, GuestError> {
        self.call("tickets.ticket-search", json!({ "query": query })).await
    }

    /// What came over the wire but token requests.
    pub fn api(&self) -> Vec<Recorded> {
        self.vendor().requests().iter().filter(|request| !request.is_token()).cloned().collect()
    }

    /// The token requests that came over the wire.
    pub fn tokens(&self) -> Vec<Recorded> {
        self.vendor().requests().iter().filter(|request| request.is_token()).cloned().collect()
    }

    /// How many API calls and how many token calls came over the wire.
    pub fn counts(&self) -> (usize, usize) {
        (self.api().len(), self.tokens().len())
    }

    /// The body of the only API call.
    pub fn only_body(&self) -> Value {
        let api = self.api();
        assert_eq!(api.len(), 1, "{api:#?}");
        api[0].json()
    }

    /// A folder of the test's own.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The command line with the world's settings in its environment, and nothing else there.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = bare_command(arguments);
        for (key, value) in self.settings.given() {
            command.env(format!("PROOFPOINT_{}", key.to_ascii_uppercase()), value);
        }
        command
    }

    /// Runs the command line to its end.
    pub async fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ran {
        self.finish(self.command(arguments)).await
    }

    /// Runs a command to its end.
    pub async fn finish(&self, command: Command) -> Ran {
        let ran = finish(command).await;
        self.assert_discreet(&ran.stdout);
        self.assert_discreet(&ran.stderr);
        ran
    }

    /// A text that leaves the connector holds neither a secret nor a token that was used, nor the signature
    /// of a link that was followed.
    pub fn assert_discreet(&self, text: &str) {
        for secret in [SECRET, ITM_SECRET].into_iter().flat_map(spellings) {
            assert!(!text.contains(&secret), "a secret is shown: {text}");
        }
        for request in self.tokens() {
            for (name, value) in request.form() {
                assert!(name != "refresh_token" || !text.contains(&value), "a token is shown: {text}");
            }
        }
        for request in self.api() {
            let token = request.header("authorization").unwrap_or_default().trim_start_matches("Bearer ");
            assert!(token.is_empty() || !text.contains(token), "a token is shown: {text}");
            let signature = request.parameter("X-Amz-Signature");
            assert!(signature.is_none_or(|it| !text.contains(&*it)), "a signature is shown: {text}");
        }
    }
}

/// A text as it is, and as it may stand in a form.
pub fn spellings(text: &str) -> [String; 2] {
    [text.to_owned(), text.replace('-', "%2D")]
}

/// The command line with an environment that holds the component and the tests' cache alone.
pub fn bare_command<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(program());
    command
        .args(arguments)
        .env_clear()
        .env("PROOFPOINT_COMPONENT", component())
        .env("PROOFPOINT_CACHE_DIR", cache())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs a command to its end.
pub async fn finish(mut command: Command) -> Ran {
    let child = command.spawn().unwrap();
    let output = tokio::time::timeout(STALLED, child.wait_with_output()).await.expect("the command stalled");
    let output = output.unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Asks a program to stop, as a service manager does.
pub async fn terminate(child: &Child) {
    let id = child.id().expect("it runs").to_string();
    let done = Command::new("kill").args(["-TERM", &id]).status().await.unwrap();
    assert!(done.success());
}

/// How a program ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Ran {
    /// It ended well, and said nothing on standard error.
    pub fn good(self) -> Ran {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{self:#?}");
        self
    }

    /// It failed with this code and one line, which holds this; without JSON for a program to read.
    pub fn failed(&self, code: i32, line: &str) -> &Ran {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:#?}");
        assert!(self.stderr.starts_with("error: ") && self.stderr.contains(line), "{line}: {self:#?}");
        self
    }

    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// Standard output as JSON lines.
    pub fn lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// The ids of the rows under a key.
pub fn ids(answer: &Value, key: &str) -> Vec<String> {
    let rows = answer[key].as_array().unwrap_or_else(|| panic!("no {key} in {answer}"));
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// The ids of the incidents in a batch.
pub fn fetched(batch: &Value) -> Vec<String> {
    let rows = batch["incidents"].as_array().unwrap_or_else(|| panic!("no incidents in {batch}"));
    rows.iter().map(|row| row["incident"]["id"].as_str().unwrap().to_owned()).collect()
}

/// The values of a field of the rows under a key.
pub fn column(answer: &Value, key: &str, field: &str) -> Vec<String> {
    let rows = answer[key].as_array().unwrap_or_else(|| panic!("no {key} in {answer}"));
    rows.iter().map(|row| row[field].as_str().unwrap_or_default().to_owned()).collect()
}

/// The bytes of an answer's `content`.
pub fn content(answer: &Value) -> Vec<u8> {
    Base64::decode_vec(answer["content"].as_str().unwrap()).unwrap()
}

/// The fqid of the ticket that [`Ticket::at`] makes for a number.
pub fn fqid(n: u64) -> String {
    Ticket::bare(n, Timestamp::UNIX_EPOCH).fqid
}

/// The path of a ticket's event: its fqid, which is base64, is one segment.
pub fn event_path(fqid: &str) -> String {
    format!("{EVENTS}/{}", fqid.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D"))
}

/// The id of the incident that [`Incident::at`] makes for a number.
pub fn id(n: u64) -> String {
    Incident::at(n, Timestamp::UNIX_EPOCH).id
}

/// The argument and the allowed values of an `invalid-argument`; anything else fails the test.
pub fn refused(answer: Result<Value, GuestError>) -> (String, Vec<String>) {
    let error = answer.expect_err("it was accepted").to_json();
    assert_eq!(error["case"], "invalid-argument", "{error}");
    let payload = &error["payload"];
    let allowed = payload["allowed"].as_array().unwrap().iter();
    let allowed = allowed.map(|value| value.as_str().unwrap().to_owned()).collect();
    (payload["argument"].as_str().unwrap().to_owned(), allowed)
}

/// The case of an error; an answer fails the test.
pub fn case(answer: &Result<Value, GuestError>) -> &str {
    answer.as_ref().expect_err("it was answered").case()
}
