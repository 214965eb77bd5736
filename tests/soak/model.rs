//! The model of a fetch, with the built component in the real host, over HTTP.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use chrono::TimeDelta;
use proofpoint_host::{Clock, GuestError};
use proofpoint_simulator::{ItmOptions, Options, Timestamp, Vendor};
use proofpoint_tests::World;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::fetch_model::{
    Delivered, Door, Event, Incidents, Kind, Place, Refusal, Schedule, Step, Tickets, run, schedule,
};
use crate::{ALONE, report, times};

/// Time as the schedule lets it pass.
struct Moved {
    now: Mutex<Timestamp>,
    uptime: Mutex<Duration>,
}

impl Clock for Moved {
    fn now(&self) -> SystemTime {
        let since_1970 = (*self.now.lock().unwrap() - Timestamp::UNIX_EPOCH).to_std().unwrap();
        SystemTime::UNIX_EPOCH + since_1970
    }

    fn uptime(&self) -> Duration {
        *self.uptime.lock().unwrap()
    }
}

struct Component {
    runtime: Runtime,
    world: RefCell<World>,
    clock: Arc<Moved>,
}

fn open<K: Kind>(schedule: &Schedule) -> Component {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut world = runtime.block_on(World::with(|usual| {
        let drawn = K::options(schedule);
        let itm = ItmOptions { client_secret: usual.itm.client_secret.clone(), ..drawn.itm };
        *usual = Options { client_secret: usual.client_secret.clone(), clock: usual.clock, itm, ..drawn };
    }));
    for (key, value) in K::settings(schedule) {
        world.set(key, &value);
    }
    let now = world.now() + TimeDelta::milliseconds(schedule.skew_ms);
    let clock = Arc::new(Moved { now: Mutex::new(now), uptime: Mutex::new(Duration::from_secs(1000)) });
    world.use_clock(clock.clone());
    Component { runtime, world: RefCell::new(world), clock }
}

impl Component {
    fn fetch(&self, function: &str, options: Value, checkpoint: Option<&str>) -> Result<Value, Refusal> {
        let parameters = json!({ "options": options, "checkpoint": checkpoint });
        let mut world = self.world.borrow_mut();
        let answer = self.runtime.block_on(world.call(function, parameters));
        // What the vendor remembers is for other tests, and much.
        world.vendor().clear_requests();
        answer.map_err(|error| refusal(&error))
    }
}

fn refusal(error: &GuestError) -> Refusal {
    match error.to_json()["payload"]["retry-after-ms"].as_u64() {
        Some(wait) => Refusal::Later(Duration::from_millis(wait)),
        None => Refusal::Other(error.to_string()),
    }
}

fn step(batch: &Value, key: &str, delivered: impl Fn(&Value) -> Delivered) -> Step {
    Step {
        delivered: batch[key].as_array().unwrap().iter().map(delivered).collect(),
        checkpoint: batch["checkpoint"].as_str().unwrap().to_owned(),
        more: batch["more"].as_bool().unwrap(),
        retry_after: batch["retry-after-ms"].as_u64().map(Duration::from_millis),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl Place for Component {
    fn vendor<R>(&self, work: impl FnOnce(&mut Vendor) -> R) -> R {
        work(&mut self.world.borrow().vendor())
    }

    fn advance(&self, by: Duration) {
        self.world.borrow().vendor().advance(by);
        *self.clock.now.lock().unwrap() += by;
        *self.clock.uptime.lock().unwrap() += by;
    }

    fn restart(&self) {
        self.world.borrow_mut().restart();
    }
}

impl Door<Incidents> for Component {
    fn open(schedule: &Schedule) -> Self {
        open::<Incidents>(schedule)
    }

    fn step(&self, schedule: &Schedule, checkpoint: Option<&str>) -> Result<Step, Refusal> {
        let states: Vec<&str> = schedule
            .events
            .iter()
            .map(|event| match event {
                Event::Created => "open_incidents",
                Event::Closed => "closed_incidents",
            })
            .collect();
        let options =
            json!({"max-fetch": schedule.max_fetch, "fetch-states": states, "fetch-enrich": schedule.enrich});
        let batch = self.fetch("incidents.incident-fetch", options, checkpoint)?;
        Ok(step(&batch, "incidents", |row| Delivered {
            id: text(&row["incident"]["id"]),
            at: text(&row["occurred"]),
            event: match row["event"].as_str() {
                Some("closed") => Event::Closed,
                _ => Event::Created,
            },
            open: row["incident"]["state"] == "open",
        }))
    }
}

impl Door<Tickets> for Component {
    fn open(schedule: &Schedule) -> Self {
        open::<Tickets>(schedule)
    }

    fn step(&self, schedule: &Schedule, checkpoint: Option<&str>) -> Result<Step, Refusal> {
        let severities: &[&str] = if schedule.picky { &["critical", "high", "medium"] } else { &[] };
        let options = json!({"max-fetch": schedule.max_fetch, "severity-filters": severities});
        let batch = self.fetch("tickets.ticket-fetch", options, checkpoint)?;
        Ok(step(&batch, "tickets", |row| Delivered {
            id: text(&row["ticket"]["fqid"]),
            at: text(&row["ticket"]["ingested-at"]),
            event: Event::Created,
            open: true,
        }))
    }
}

/// Side by side, because a schedule with failed calls mostly waits before the next attempt.
fn draw<K: Kind>(schedules: u32)
where
    Component: Door<K>,
{
    const SIDE_BY_SIDE: u32 = 8;
    let left = AtomicU64::new(schedules.into());
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                    .is_ok()
                {
                    let config = Config {
                        cases: 1,
                        failure_persistence: None,
                        max_shrink_iters: 20,
                        ..Config::default()
                    };
                    let lived = TestRunner::new(config).run(&schedule::<K>(), |schedule| {
                        run::<K, Component>(&schedule);
                        Ok(())
                    });
                    lived.unwrap_or_else(|error| panic!("{error}"));
                }
            });
        }
    });
}

#[test]
fn the_component_delivers_each_once_however_they_arrive() {
    let _alone = ALONE.blocking_lock();
    let (incidents, tickets) = (times(12, 140), times(6, 60));
    draw::<Incidents>(incidents);
    draw::<Tickets>(tickets);
    report(
        "component schedules",
        &format!(
            "{incidents} schedules of incidents and {tickets} of tickets through the built component in its host, over \
             HTTP: nothing lost, nothing twice, in order, always progress.\n"
        ),
    );
}
