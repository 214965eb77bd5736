//! `incidents fetch --follow` that is killed without warning, under load.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;
use proofpoint_simulator::{Clock, Incident};
use proofpoint_tests::World;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::{ALONE, Dice, in_full, report, times};

/// A step delivers so many at most: what can come twice.
const STEP: usize = 50;

/// What runs of the program have written, as an engine that reads their lines sees it.
#[derive(Default)]
struct Engine {
    came: BTreeMap<String, u32>,
    /// What came when perhaps no checkpoint was stored behind it: this may come again.
    in_doubt: BTreeSet<String>,
    again: u32,
}

impl Engine {
    /// Takes the whole lines of a run; what was cut off in the middle of one was never there. Behind each stored
    /// checkpoint the program tells how many lines there were.
    fn take(&mut self, written: &[u8], told: &[u8]) {
        let ids: Vec<String> = whole_lines(written)
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .map(|row| row["incident"]["id"].as_str().unwrap().to_owned())
            .collect();
        for id in &ids {
            let times = self.came.entry(id.clone()).or_default();
            *times += 1;
            if *times > 1 {
                self.again += 1;
                assert!(self.in_doubt.contains(id), "{id} came again, though a checkpoint stood behind it");
            }
        }
        let told: Vec<&str> = whole_lines(told).collect();
        let stored = told.last().map_or(0, |line| lines_in_all(line));
        let (settled, in_doubt) = ids.split_at(stored);
        assert!(in_doubt.len() <= STEP, "{} lines without a checkpoint", in_doubt.len());
        // What did not come again in a whole poll had its checkpoint after all.
        if told.iter().any(|line| !line.contains("more are waiting")) {
            self.in_doubt.clear();
        }
        for id in settled {
            self.in_doubt.remove(id);
        }
        self.in_doubt.extend(in_doubt.iter().cloned());
    }
}

fn whole_lines(text: &[u8]) -> std::str::Lines<'_> {
    let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    std::str::from_utf8(&text[..end]).unwrap().lines()
}

/// `12 incidents delivered, 1,012 in all; more are waiting`
fn lines_in_all(line: &str) -> usize {
    let (_, count) = line.split_once(" delivered, ").unwrap_or_else(|| panic!("{line}"));
    count.split_once(" in all").unwrap().0.replace(',', "").parse().unwrap()
}

/// Everything from a pipe, whose other end is never kept waiting, and how much came so far.
fn drained(
    mut pipe: impl AsyncRead + Unpin + Send + 'static,
) -> (JoinHandle<Vec<u8>>, watch::Receiver<usize>) {
    let (sender, so_far) = watch::channel(0);
    let all = tokio::spawn(async move {
        let mut all = Vec::new();
        while pipe.read_buf(&mut all).await.unwrap() > 0 {
            sender.send_replace(all.len());
        }
        all
    });
    (all, so_far)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_killed_at_any_moment_loses_nothing_and_repeats_only_what_no_checkpoint_stood_behind() {
    let _alone = ALONE.lock().await;
    let kills = times(12, 200);
    let mut world = World::with(|options| options.clock = Clock::System).await;
    world.set("ctr_max_fetch", &STEP.to_string());
    let file = world.directory().join("checkpoint");
    let mut dice = Dice(1);
    let mut engine = Engine::default();
    let (mut number, mut cut_short, mut before_the_first_line) = (0, 0, 0);
    for _ in 0..kills {
        // Arrivals of the last minutes, some of which are listed only later.
        for _ in 0..dice.below(120) {
            number += 1;
            let mut vendor = world.vendor();
            let created = vendor.now() - TimeDelta::milliseconds(i64::try_from(dice.below(240_000)).unwrap());
            let visible = vendor.now() + TimeDelta::milliseconds(i64::try_from(dice.below(300)).unwrap());
            vendor.add_incident(Incident::at(number, created).visible(visible));
        }
        let path = file.to_str().unwrap();
        let arguments = ["incidents", "fetch", "--follow", "--interval", "1s", "--checkpoint", path];
        world.vendor().clear_requests();
        let mut child = world.command(arguments).spawn().unwrap();
        let (written, mut so_far) = drained(child.stdout.take().unwrap());
        let (told, _) = drained(child.stderr.take().unwrap());
        // Some are killed before they are at work, however long the start takes here, some while they are, and half
        // of them while they write or have just written: that moment is short.
        let (kind, moment) = (dice.below(8), Duration::from_millis(dice.below(400)));
        while kind > 0 && world.counts() == (0, 0) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if kind < 4 {
            tokio::time::sleep(moment).await;
        } else {
            let bytes = usize::try_from(dice.below(60_000)).unwrap();
            let _ = tokio::time::timeout(moment * 3, so_far.wait_for(|so_far| *so_far > bytes)).await;
        }
        child.start_kill().unwrap();
        let (status, written, told) =
            (child.wait().await.unwrap(), written.await.unwrap(), told.await.unwrap());
        assert_eq!(status.code(), None, "it ended before it was killed: {}", String::from_utf8_lossy(&told));
        cut_short += u32::from(written.last().is_some_and(|byte| *byte != b'\n'));
        before_the_first_line += u32::from(written.is_empty());
        engine.take(&written, &told);
    }
    // Whatever is left comes at the end, in peace: a first poll goes on where a killed one stood, and what has become
    // visible behind that place is the next one's.
    tokio::time::sleep(Duration::from_millis(400)).await;
    for _ in 0..2 {
        let ran = world.run(["incidents", "fetch", "--checkpoint", file.to_str().unwrap()]).await;
        assert_eq!(ran.code, Some(0), "{ran:#?}");
        engine.take(ran.stdout.as_bytes(), ran.stderr.as_bytes());
    }

    let visible = world.vendor().visible_ids();
    assert_eq!(visible.len() as u64, number);
    for id in &visible {
        assert!(engine.came.contains_key(id), "{id} was lost");
    }
    assert_eq!(engine.came.len(), visible.len());
    assert!(engine.again > 0 || !in_full(), "no kill came between the lines and their checkpoint");
    report(
        "kills",
        &format!(
            "`incidents fetch --follow` killed {kills} times, {before_the_first_line} times before it had written \
             anything, {cut_short} times in the middle of a line: {} incidents, 0 lost, {} lines again, each of a \
             step whose checkpoint had not been stored.\n",
            visible.len(),
            engine.again
        ),
    );
}
