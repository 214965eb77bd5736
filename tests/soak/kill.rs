//! `incidents fetch --follow` that is killed without warning, under load.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;
use proofpoint_simulator::{Clock, Incident};
use proofpoint_tests::World;
use serde_json::Value;

use crate::{ALONE, Dice, report, times};

/// A step delivers so many at most: what can come twice.
const STEP: usize = 50;

/// What runs of the program have written, as an engine that reads their lines sees it.
#[derive(Default)]
struct Engine {
    came: BTreeMap<String, u32>,
    /// What came and may come again: what was written when perhaps no checkpoint was stored behind it, until it
    /// has come once more with one.
    unsettled: BTreeSet<String>,
    again: u32,
}

impl Engine {
    /// Takes the whole lines of a run; what was cut off in the middle of one was never there.
    fn take(&mut self, written: &[u8], checkpoint_moved: bool) {
        let whole = written.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let lines = std::str::from_utf8(&written[..whole]).unwrap().lines();
        let ids: Vec<String> = lines
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .map(|row| row["incident"]["id"].as_str().unwrap().to_owned())
            .collect();
        for id in &ids {
            let times = self.came.entry(id.clone()).or_default();
            *times += 1;
            if *times > 1 {
                self.again += 1;
                assert!(self.unsettled.contains(id), "{id} came again, though a checkpoint stood behind it");
            }
        }
        // Only behind the last step there may be no checkpoint, or behind all of them.
        let settled = if checkpoint_moved { ids.len().saturating_sub(STEP) } else { 0 };
        for id in &ids[..settled] {
            self.unsettled.remove(id);
        }
        self.unsettled.extend(ids[settled..].iter().cloned());
    }
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
        let before = std::fs::read(&file).ok();
        let path = file.to_str().unwrap();
        let arguments =
            ["incidents", "fetch", "--follow", "--interval", "1s", "--quiet", "--checkpoint", path];
        world.vendor().clear_requests();
        let mut child = world.command(arguments).spawn().unwrap();
        // Most are killed at work, however long the start takes here; some before.
        let at_work = dice.below(8) > 0;
        while at_work && world.counts() == (0, 0) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(dice.below(400))).await;
        child.start_kill().unwrap();
        let output = child.wait_with_output().await.unwrap();
        assert_eq!(output.status.code(), None, "it ended before it was killed: {output:?}");
        cut_short += u32::from(output.stdout.last().is_some_and(|byte| *byte != b'\n'));
        before_the_first_line += u32::from(output.stdout.is_empty());
        engine.take(&output.stdout, std::fs::read(&file).ok() != before);
    }
    // Whatever is left comes at the end, in peace: a first poll goes on where a killed one stood, and what has become
    // visible behind that place is the next one's.
    tokio::time::sleep(Duration::from_millis(400)).await;
    for _ in 0..2 {
        let ran = world.run(["incidents", "fetch", "--quiet", "--checkpoint", file.to_str().unwrap()]).await;
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:#?}");
        engine.take(ran.stdout.as_bytes(), true);
    }

    let visible = world.vendor().visible_ids();
    assert_eq!(visible.len() as u64, number);
    for id in &visible {
        assert!(engine.came.contains_key(id), "{id} was lost");
    }
    assert_eq!(engine.came.len(), visible.len());
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
