//! `incidents fetch`: lines on standard output, and a checkpoint file behind them.

use std::fs;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::Duration;

use chrono::TimeDelta;
use proofpoint_simulator::{Fault, FaultKind, Matcher};
use proofpoint_tests::{Ran, World, id, terminate};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};

struct Fetch {
    world: World,
    file: PathBuf,
}

impl Fetch {
    async fn new() -> Fetch {
        let world = World::new().await;
        let file = world.directory().join("ctr.checkpoint");
        Fetch { world, file }
    }

    fn arguments<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let mut arguments = vec!["incidents", "fetch", "--checkpoint", self.file.to_str().unwrap()];
        arguments.extend(more);
        arguments
    }

    async fn run(&self, more: &[&str]) -> Ran {
        self.world.run(self.arguments(more)).await
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.world.directory()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| row["incident"]["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_second_run_delivers_only_what_is_new() {
    let fetch = Fetch::new().await;
    fetch.world.add_incidents(450, 60);
    let first = fetch.run(&["--quiet"]).await.good();
    assert_eq!(ids(&first.lines()), (1..=450).map(id).collect::<Vec<_>>());
    assert_eq!(fetch.run(&["--quiet"]).await.good().stdout, "");
    fetch.world.add(451, TimeDelta::seconds(30), |_| {});
    let third = fetch.run(&[]).await;
    assert_eq!((third.code, ids(&third.lines())), (Some(0), vec![id(451)]));
    assert!(third.stderr.contains("1 incident delivered, 1 in all; nothing more"), "{}", third.stderr);
}

#[tokio::test]
async fn the_checkpoint_is_replaced_as_a_whole() {
    let fetch = Fetch::new().await;
    fetch.world.add_incidents(3, 60);
    fetch.run(&["--quiet"]).await.good();
    let before = fs::read_to_string(&fetch.file).unwrap();
    assert_eq!(before.lines().count(), 1);
    let mut old = fs::File::open(&fetch.file).unwrap();

    fetch.world.add(4, TimeDelta::seconds(30), |_| {});
    assert_eq!(ids(&fetch.run(&["--quiet"]).await.good().lines()), [id(4)]);
    let mut held = String::new();
    old.read_to_string(&mut held).unwrap();
    assert_eq!(held, before, "the old file was not written to");
    assert_ne!(fs::read_to_string(&fetch.file).unwrap(), before);
    let new = fs::metadata(&fetch.file).unwrap();
    assert_ne!(new.ino(), old.metadata().unwrap().ino());
    assert_eq!(new.mode() & 0o777, 0o600);
    assert_eq!(fetch.names(), ["ctr.checkpoint", "ctr.checkpoint.lock"], "nothing is left beside it");
}

#[tokio::test]
async fn a_garbage_checkpoint_is_2_and_left_alone() {
    let fetch = Fetch::new().await;
    fetch.world.add_incidents(3, 60);
    for garbage in [b"garbage\n".as_slice(), b"", b"\xff\xfe\x00", b"ctr-incident-fetch.999.0.x\n"] {
        fs::write(&fetch.file, garbage).unwrap();
        let ran = fetch.run(&["--quiet"]).await;
        assert_eq!(ran.failed(2, "invalid-argument: checkpoint").json()["error"]["case"], "invalid-argument");
        assert_eq!(fs::read(&fetch.file).unwrap(), garbage);
    }
    assert_eq!(fetch.world.counts(), (0, 0));
}

#[tokio::test]
async fn a_failed_run_leaves_the_checkpoint_for_the_next_one() {
    let fetch = Fetch::new().await;
    fetch.world.add_incidents(3, 60);
    fetch.run(&["--quiet"]).await.good();
    let stored = fs::read(&fetch.file).unwrap();
    fetch.world.add(4, TimeDelta::seconds(30), |_| {});
    fetch.world.vendor().fault(Fault::once(Matcher::search(), FaultKind::Html));
    fetch.run(&["--quiet"]).await.failed(1, "invalid-response");
    assert_eq!(fs::read(&fetch.file).unwrap(), stored);
    assert_eq!(ids(&fetch.run(&["--quiet"]).await.good().lines()), [id(4)]);
}

#[tokio::test]
async fn a_place_that_cannot_hold_a_checkpoint_is_found_out_before_anything_is_sent() {
    let world = World::new().await;
    let directory = world.directory().to_str().unwrap();
    let missing = format!("{directory}/no/such/place");
    for (place, line) in [(directory, "is a directory"), (missing.as_str(), "there is no directory")] {
        world.run(["incidents", "fetch", "--checkpoint", place]).await.failed(2, line);
    }
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn lines_that_nobody_reads_are_not_taken_for_delivered() {
    let fetch = Fetch::new().await;
    fetch.world.add_incidents(300, 60);
    let mut command = fetch.world.command(fetch.arguments(&["--quiet"]));
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    child.wait().await.unwrap();
    let ran = fetch.run(&["--quiet"]).await.good();
    assert_eq!(ids(&ran.lines()), (1..=300).map(id).collect::<Vec<_>>());
}

#[tokio::test]
async fn without_a_checkpoint_file_everything_comes_each_time() {
    let world = World::new().await;
    world.add_incidents(3, 60);
    for _ in 0..2 {
        assert_eq!(world.run(["incidents", "fetch", "-q"]).await.good().lines().len(), 3);
    }
    let enriched = world.run(["incidents", "fetch", "-q", "--enrich", "--max-fetch", "2"]).await.good();
    assert!(enriched.lines().iter().all(|row| row["detail"].is_object()));
}

#[tokio::test]
async fn a_budget_that_ends_says_when_to_run_again() {
    let mut fetch = Fetch::new().await;
    fetch.world.vendor().options().page_cap = 10;
    fetch.world.set("ctr_calls_per_minute", "2");
    fetch.world.add_incidents(40, 60);
    let ran = fetch.run(&["--quiet"]).await;
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    assert!(ran.stderr.contains("more are waiting, run again in "), "{}", ran.stderr);
    let mut all = ids(&ran.lines());
    assert!(!all.is_empty() && all.len() < 40);
    fetch.world.set("ctr_calls_per_minute", "0");
    all.extend(ids(&fetch.run(&["--quiet"]).await.good().lines()));
    assert_eq!(all, (1..=40).map(id).collect::<Vec<_>>());
}

#[tokio::test]
async fn following_delivers_what_arrives_and_ends_on_sigterm() {
    let fetch = Fetch::new().await;
    fetch.world.add_incidents(2, 60);
    let mut command = fetch.world.command(fetch.arguments(&["--follow", "--interval", "20ms"]));
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = async || {
        let line = tokio::time::timeout(Duration::from_secs(60), lines.next_line()).await.unwrap();
        let row: Value = serde_json::from_str(&line.unwrap().unwrap()).unwrap();
        row["incident"]["id"].as_str().unwrap().to_owned()
    };
    assert_eq!([next().await, next().await], [id(1), id(2)]);
    fetch.world.add(3, TimeDelta::seconds(30), |_| {});
    assert_eq!(next().await, id(3));
    // A failure that passes is waited out.
    fetch.world.vendor().fault(Fault::once(Matcher::search(), FaultKind::Html));
    fetch.world.add(4, TimeDelta::seconds(20), |_| {});
    assert_eq!(next().await, id(4));
    terminate(&child).await;
    let output = child.wait_with_output().await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("invalid-response") && said.contains("stopping"), "{said}");
    fetch.world.assert_discreet(&said);
    assert_eq!(fetch.run(&["--quiet"]).await.good().stdout, "", "the checkpoint was stored");
}

#[tokio::test]
async fn following_ends_when_waiting_cannot_help() {
    let fetch = Fetch::new().await;
    fetch.world.vendor().options().entitled_incidents = false;
    fetch.run(&["--follow", "--interval", "20ms"]).await.failed(4, "forbidden");
}
