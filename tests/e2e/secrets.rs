//! Client secrets stay with the host: the component's memory never holds one.

use proofpoint_host::bindings::ConnectorExports;
use proofpoint_host::wasmtime::{Store, WasmCoreDump};
use proofpoint_host::{Cache, Connector, State, engine_config, http};
use proofpoint_simulator::{Clock, Options, Timestamp};
use proofpoint_tests::{ITM_SECRET, SECRET, World, component, fqid, spellings};
use serde_json::{Value, json};

/// A connector that leaves its memory behind when it is stopped.
fn dumping() -> Connector {
    let mut config = engine_config();
    config.coredump_on_trap(true);
    Connector::load_into(&config, &component(), &Cache::disabled()).unwrap()
}

/// Every byte of every memory in a store. The guest is stopped at the beginning of a call, which is how one
/// gets at them.
async fn memory(exports: &ConnectorExports, store: &mut Store<State>) -> Vec<u8> {
    store.epoch_deadline_trap();
    store.set_epoch_deadline(0);
    let health = exports.proofpoint_connector_health();
    let stopped = health.call_test_connectivity(&mut *store, &[]).await.unwrap_err();
    let dump = stopped.downcast_ref::<WasmCoreDump>().expect("it leaves its memory behind");
    dump.memories().iter().flat_map(|memory| memory.data(&*store).to_vec()).collect()
}

/// As it is, or as it stands in a form.
fn holds(memory: &[u8], text: &str) -> bool {
    spellings(text).iter().any(|text| memory.windows(text.len()).any(|window| window == text.as_bytes()))
}

/// A session with tokens of both products that are minted, refused, minted again and refreshed, reads, pages,
/// polls and writes.
async fn session(world: &World, give_secrets: bool) -> (Vec<Value>, Vec<u8>) {
    let instance =
        dumping().instance(world.settings(), &http::Client::new(&http::Options::default()).unwrap());
    let mut instance = if give_secrets { instance.give_secrets() } else { instance };
    let mut answers = Vec::new();
    let mut call = async |function: &str, parameters: Value| {
        let answer = instance.call(function, &parameters).await.unwrap();
        answers.push(answer.unwrap_or_else(|error| panic!("{function}: {error}")));
    };
    for _ in 0..3 {
        call("health.test-connectivity", json!({})).await;
        call("incidents.incident-list", json!({"query": {"limit": 30}})).await;
        call("incidents.incident-fetch", json!({"options": {}})).await;
        call("tickets.ticket-search", json!({"query": {}})).await;
        call("tickets.ticket-add-comment", json!({"fqid": fqid(1), "text": "seen"})).await;
        call("users.user-list", json!({"query": {}})).await;
        world.vendor().revoke_tokens();
        world.vendor().revoke_itm_tokens();
    }
    let memory = instance.typed(async |exports, store| Ok(memory(exports, store).await)).await.unwrap();
    (answers, memory)
}

/// At a moment, or now.
async fn world(moment: Option<Timestamp>) -> World {
    let clock = |options: &mut Options| options.clock = moment.map_or(options.clock, Clock::Manual);
    let world = World::with(clock).await;
    world.add_incidents(50, 0);
    world.add_tickets(5, 0);
    world
}

#[tokio::test]
async fn the_memory_of_the_component_holds_no_client_secret_after_a_session() {
    let world = world(None).await;
    let (_, memory) = session(&world, false).await;
    for secret in [SECRET, ITM_SECRET] {
        assert!(!holds(&memory, secret));
    }
    // What was looked through is the memory that the session worked with.
    assert!(memory.len() > 1 << 20);
    assert!(holds(&memory, "held-by-the-host.ctr_client_secret"));
    let token = world.api().last().unwrap().header("authorization").unwrap().replace("Bearer ", "");
    assert!(holds(&memory, &token), "the last token is there");
    let sent: Vec<String> =
        world.tokens().iter().flat_map(|request| request.form()).map(|(_, value)| value).collect();
    assert!(sent.contains(&SECRET.to_owned()) && sent.contains(&ITM_SECRET.to_owned()), "{sent:?}");
}

/// Without what differs from run to run: the vendor's port, the moment in a checkpoint, and the reports (the only
/// answers that are lists), which tell how long things took.
fn comparable(world: &World, answers: Vec<Value>) -> Vec<String> {
    let comparable = answers.into_iter().filter_map(|mut answer| {
        answer.as_object_mut()?.remove("checkpoint");
        Some(answer.to_string().replace(&world.server.url(), ""))
    });
    comparable.collect()
}

#[tokio::test]
async fn a_host_that_gives_the_secrets_gets_the_same_answers_over_the_same_requests() {
    let held = world(None).await;
    let given = world(Some(held.now())).await;
    let (answers, _) = session(&held, false).await;
    let (same, memory) = session(&given, true).await;
    assert_eq!(comparable(&held, answers), comparable(&given, same));
    assert!(holds(&memory, SECRET) && holds(&memory, ITM_SECRET));
    assert!(!holds(&memory, "held-by-the-host"));
    let wire = |world: &World| -> Vec<_> {
        let requests = world.vendor().requests().to_vec();
        requests
            .iter()
            .map(|request| {
                (request.method.clone(), request.path.clone(), request.is_token().then(|| request.form()))
            })
            .collect()
    };
    assert_eq!(wire(&held), wire(&given));
}

#[tokio::test]
async fn the_command_line_keeps_the_secrets_unless_it_is_told_to_give_them() {
    let world = world(None).await;
    for arguments in [&["incidents", "count"][..], &["incidents", "count", "--give-secrets"]] {
        assert_eq!(world.run(arguments).await.good().stdout, "50\n");
    }
    let wrong = world.run(["incidents", "count"]);
    world.vendor().options().client_secret = "another".into();
    wrong.await.failed(4, "check `ctr_client_id` and `ctr_client_secret`");
}
