//! One host under load: a mix of functions and faults, and calls that are given up.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use proofpoint_host::Instance;
use proofpoint_simulator::{Cut, Fault, FaultKind, Matcher};
use proofpoint_tests::{World, fqid, id};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{ALONE, Dice, report, times};

/// Callers side by side, each with an instance of its own.
const CALLERS: u64 = 16;

/// What this process holds: resident memory in MiB, open files, mappings of memory (each instance has some).
#[derive(Clone, Copy, Debug)]
struct Held {
    memory: f64,
    files: usize,
    mappings: usize,
}

impl Held {
    fn now() -> Held {
        let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
        let pages: f64 = pages.split(' ').nth(1).unwrap().parse().unwrap();
        Held {
            memory: pages * 4096.0 / f64::from(1 << 20),
            files: std::fs::read_dir("/proc/self/fd").unwrap().count(),
            mappings: std::fs::read_to_string("/proc/self/maps").unwrap().lines().count(),
        }
    }
}

fn calls() -> Vec<(&'static str, Value)> {
    vec![
        ("incidents.incident-list", json!({"query": {"limit": 100}})),
        ("incidents.incident-count", json!({"query": {}})),
        ("incidents.incident-get", json!({"ids": [id(1), id(2), id(3)]})),
        ("incidents.incident-fetch", json!({"options": {"max-fetch": 50}})),
        ("incidents.incident-messages", json!({"id": id(1)})),
        ("messages.message-list", json!({"query": {"limit": 20}})),
        ("workflows.workflow-list", json!({})),
        ("tickets.ticket-search", json!({"query": {"limit": 20}})),
        ("tickets.ticket-get", json!({"fqid": fqid(1), "includes": ["screenshots", "raw-json"]})),
        ("tickets.ticket-fetch", json!({"options": {}})),
        (
            "tickets.ticket-set-status",
            json!({"fqid": fqid(2), "change": {"status-id": "5b0f3c9e-1d1a-4e52-9c57-0b6a7c1f0a02"}}),
        ),
        ("tickets.email-get", json!({"fqid": fqid(1), "includes": ["summary"]})),
        ("tickets.screenshot-list", json!({"fqid": fqid(3)})),
        ("email-lists.entry-list", json!({"list-name": "block"})),
        ("users.user-list", json!({"query": {}})),
        ("dry-run.ticket-add-comment", json!({"fqid": fqid(1), "text": "seen"})),
        ("health.test-connectivity", json!({})),
    ]
}

fn fault(dice: &mut Dice) -> FaultKind {
    match dice.below(10) {
        0 => FaultKind::Html,
        1 => FaultKind::Status(400),
        2 => FaultKind::Status(403),
        3 => FaultKind::Truncate(30),
        4 => FaultKind::WrongJson("[[[1]]]".into()),
        5 => FaultKind::InvalidUtf8,
        6 => FaultKind::Drop(Cut::BeforeReply),
        7 => FaultKind::Status(503),
        8 => FaultKind::Redirect("https://elsewhere.example.com/".into()),
        _ => FaultKind::RevokeTokens,
    }
}

/// What became of the calls.
#[derive(Default)]
struct Tally {
    made: AtomicU32,
    armed: AtomicU32,
    refused: AtomicU32,
    given_up: AtomicU32,
}

/// Makes calls until so many have been made by all callers together.
async fn caller(
    world: Arc<Mutex<World>>,
    mut instance: Instance,
    mut dice: Dice,
    tally: Arc<Tally>,
    until: u32,
) -> (Instance, Dice) {
    let calls = calls();
    while tally.made.fetch_add(1, Ordering::Relaxed) < until {
        let (function, parameters) = &calls[usize::try_from(dice.below(calls.len() as u64)).unwrap()];
        if dice.below(20) == 0 {
            tally.armed.fetch_add(1, Ordering::Relaxed);
            world.lock().unwrap().vendor().fault(Fault::once(Matcher::any(), fault(&mut dice)));
        }
        let call = instance.call(function, parameters);
        if dice.below(100) == 0 {
            let patience = Duration::from_millis(dice.below(10));
            if tokio::time::timeout(patience, call).await.is_err() {
                tally.given_up.fetch_add(1, Ordering::Relaxed);
            }
        } else if let Err(error) = call.await.unwrap() {
            assert_ne!(error.case(), "invalid-argument", "{function}: {error}");
            world.lock().unwrap().assert_discreet(&error.to_string());
            tally.refused.fetch_add(1, Ordering::Relaxed);
        }
        if dice.below(200) == 0 {
            // What the vendor remembers, and with it every answer that tells of it, is not the host's.
            let world = world.lock().unwrap();
            let mut vendor = world.vendor();
            vendor.clear_requests();
            vendor.clear_faults();
            vendor.change_ticket(&fqid(2), |ticket| ticket.history.truncate(1));
        }
    }
    (instance, dice)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_under_load_holds_no_more_in_the_end_than_in_the_beginning() {
    let _alone = ALONE.lock().await;
    let all = times(1_500, 50_000);
    let mut world = World::new().await;
    world.set("ctr_cluster_id", "example_hosted");
    world.add_incidents(300, 0);
    for n in 1..=30 {
        world.add_ticket(n, TimeDelta::minutes(1), |_| {});
    }
    let tally = Arc::new(Tally::default());
    let mut held = Vec::new();
    let mut instances: Vec<(Instance, Dice)> =
        (0..CALLERS).map(|number| (world.instance(), Dice(number))).collect();
    let world = Arc::new(Mutex::new(world));
    for tenth in 1..=10 {
        let mut callers = JoinSet::new();
        for (instance, dice) in instances.drain(..) {
            let (world, tally) = (world.clone(), tally.clone());
            callers.spawn(caller(world, instance, dice, tally, all / 10 * tenth));
        }
        while let Some(next) = callers.join_next().await {
            instances.push(next.unwrap());
        }
        held.push(Held::now());
    }
    let [armed, refused, given_up] =
        [&tally.armed, &tally.refused, &tally.given_up].map(|count| count.load(Ordering::Relaxed));
    assert!(refused > 0 && refused <= armed, "{refused} refused, {armed} faults armed");
    assert!(given_up > 0);
    let (first, last) = (held[1], held[9]);
    assert!(last.memory < first.memory + 8.0, "{held:?}");
    assert!(last.files <= first.files + 2 * usize::try_from(CALLERS).unwrap(), "{held:?}");
    assert!(last.mappings <= first.mappings + 100, "{held:?}");
    let rows: String = held
        .iter()
        .enumerate()
        .map(|(index, held)| {
            let done = (index + 1) * 10;
            format!("| {done} % | {:.0} | {} | {} |\n", held.memory, held.files, held.mappings)
        })
        .collect();
    report(
        "load",
        &format!(
            "{all} calls of {} functions by {CALLERS} callers, {armed} faults armed, one call in a hundred given up in \
             the middle: {refused} were refused, {given_up} given up.\n\n\
             | done | resident memory (MiB, simulator included) | open files | memory mappings |\n|---|---|---|---|\n{rows}",
            calls().len(),
        ),
    );
}

/// More requests than an instance may hold handles of: it gives all of them back.
#[tokio::test]
async fn an_instance_lives_on_through_any_number_of_requests() {
    let _alone = ALONE.lock().await;
    let mut world = World::new().await;
    let mut requests = 0;
    while requests < 1_500 {
        world.call("health.test-connectivity", json!({})).await.unwrap();
        let (calls, tokens) = world.counts();
        requests += calls + tokens;
        world.vendor().clear_requests();
    }
}
