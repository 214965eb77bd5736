//! Fetch under every schedule that can be drawn: nothing lost, nothing twice, in order, always progress.

use crate::support::World;
use chrono::TimeDelta;
use proofpoint_core::Error;
use proofpoint_core::ctr::fetch::FetchOptions;
use proofpoint_core::fetch::Event;
use proofpoint_core::time::Timestamp;
use proofpoint_simulator as sim;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

const OVERLAP_S: i64 = 1800;
const FIRST_FETCH_S: i64 = 6 * 3600;
const LOOKBACK_DAYS: i64 = 2;

/// Incidents that arrive together.
#[derive(Clone, Debug)]
struct Burst {
    /// Seconds after the beginning; the first poll is at zero.
    at: i64,
    count: u16,
    /// Milliseconds over which they are spread; 0 is all at one instant.
    spread_ms: i64,
    /// Seconds until the latest of them is indexed.
    lag: i64,
    /// Seconds until every third of them is closed.
    closes_after: Option<i64>,
}

/// Something the engine lives through between two polls.
#[derive(Clone, Debug)]
enum Trouble {
    None,
    /// So many requests in a row are answered so.
    Status(u16, u32),
    Dropped,
    /// The process restarts from one of its last stored checkpoints.
    Restart(usize),
}

#[derive(Clone, Debug)]
struct Schedule {
    bursts: Vec<Burst>,
    polls: Vec<(u64, Trouble)>,
    states: Vec<&'static str>,
    max_fetch: u32,
    page_cap: u32,
    calls_per_minute: u32,
    skew_ms: i64,
    date_header: bool,
    enrich: bool,
    inclusive: bool,
}

fn bursts() -> impl Strategy<Value = Vec<Burst>> {
    let count = prop_oneof![8 => 1_u16..30, 2 => 30_u16..250, 1 => 250_u16..1001];
    let spread =
        prop_oneof![2 => Just(0_i64), 2 => 1_i64..1000, 3 => 1000_i64..60_000, 1 => 60_000_i64..1_800_000];
    let lag = prop_oneof![2 => Just(0_i64), 1 => 1_i64..120, 1 => 120_i64..OVERLAP_S];
    let closes = prop::option::of(prop_oneof![1_i64..900, 900_i64..20_000]);
    let burst = (-FIRST_FETCH_S + 60..4 * 3600, count, spread, lag, closes).prop_map(
        |(at, count, spread_ms, lag, closes_after)| Burst { at, count, spread_ms, lag, closes_after },
    );
    prop::collection::vec(burst, 1..5)
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        12 => Just(Trouble::None),
        1 => (prop::sample::select(vec![500_u16, 503, 429, 401]), 1_u32..6).prop_map(|(s, n)| Trouble::Status(s, n)),
        1 => Just(Trouble::Dropped),
        2 => (0_usize..4).prop_map(Trouble::Restart),
    ]
}

fn schedule() -> impl Strategy<Value = Schedule> {
    let states = prop::sample::select(vec![
        vec!["open_incidents"],
        vec!["closed_incidents"],
        vec!["open_incidents", "closed_incidents"],
    ]);
    (
        bursts(),
        prop::collection::vec((30_u64..1500, trouble()), 4..16),
        states,
        prop::sample::select(vec![17_u32, 100, 200]),
        prop::sample::select(vec![60_u32, 200]),
        prop::sample::select(vec![0_u32, 3, 10]),
        -60_000_i64..60_000,
        any::<bool>(),
        prop::bool::weighted(0.1),
        any::<bool>(),
    )
        .prop_map(
            |(
                bursts,
                polls,
                states,
                max_fetch,
                page_cap,
                calls_per_minute,
                skew_ms,
                date_header,
                enrich,
                inclusive,
            )| {
                // With details the vendor's side of a large burst is thousands of requests: keep those small.
                let bursts = bursts
                    .into_iter()
                    .map(|b| Burst { count: if enrich { b.count.min(40) } else { b.count }, ..b })
                    .collect();
                Schedule {
                    bursts,
                    polls,
                    states,
                    max_fetch,
                    page_cap,
                    calls_per_minute,
                    skew_ms,
                    date_header,
                    enrich,
                    inclusive,
                }
            },
        )
}

/// What the engine has ingested, by incident.
type Ingested = BTreeMap<String, Came>;

#[derive(Clone, Copy, Debug, Default)]
struct Came {
    as_created: u32,
    as_closed: u32,
    /// It was open when it came as created, so its closing has to come too.
    open: bool,
}

struct Engine<'a> {
    world: &'a World,
    options: FetchOptions,
    checkpoint: Option<String>,
    ingested: Ingested,
    /// What was stored, oldest first.
    stored: Vec<(Option<String>, Ingested)>,
}

impl Engine<'_> {
    /// Steps until nothing more is waiting or a step fails.
    fn poll(&mut self) -> Result<(), Error> {
        for step in 0.. {
            assert!(step < 2_000, "a poll does not come to an end");
            let batch = match self
                .world
                .call(async |ctr| ctr.incident_fetch(&self.options, self.checkpoint.as_deref()).await)
            {
                Ok(batch) => batch,
                Err(Error::RateLimited { retry_after, .. }) => {
                    assert!(retry_after > Duration::ZERO && retry_after <= Duration::from_secs(60));
                    self.world.advance(retry_after);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let times: Vec<&str> = batch.incidents.iter().map(|i| i.occurred.as_str()).collect();
            assert!(times.is_sorted(), "a batch is not oldest first: {times:?}");
            assert!(batch.incidents.len() <= usize::try_from(self.options.max_fetch.unwrap()).unwrap());
            assert!(
                !batch.more || self.checkpoint.as_ref() != Some(&batch.checkpoint),
                "a step made no progress"
            );
            for fetched in &batch.incidents {
                let came = self.ingested.entry(fetched.incident.id.clone()).or_default();
                match fetched.event {
                    Event::Created => came.as_created += 1,
                    Event::Closed => came.as_closed += 1,
                }
                came.open |=
                    fetched.event == Event::Created && fetched.incident.state.as_deref() == Some("open");
            }
            self.stored.push((self.checkpoint.replace(batch.checkpoint), self.ingested.clone()));
            if let Some(last) = self.stored.last_mut() {
                last.0 = self.checkpoint.clone();
            }
            self.stored.drain(..self.stored.len().saturating_sub(6));
            if let Some(wait) = batch.retry_after {
                self.world.advance(wait);
            }
            if !batch.more {
                return Ok(());
            }
        }
        Ok(())
    }

    fn restart(&mut self, back: usize) {
        self.world.restart();
        if let Some(index) = self.stored.len().checked_sub(back + 1) {
            let (checkpoint, ingested) = self.stored[index].clone();
            self.checkpoint = checkpoint;
            self.ingested = ingested;
            self.stored.truncate(index + 1);
        }
    }
}

fn seconds(n: i64) -> TimeDelta {
    TimeDelta::seconds(n)
}

fn run(schedule: &Schedule) {
    let world = World::new(sim::Options {
        calls_per_minute: None,
        page_cap: schedule.page_cap,
        date_header: schedule.date_header,
        start_inclusive: schedule.inclusive,
        end_inclusive: schedule.inclusive,
        ..sim::Options::default()
    });
    world.skew_ms.set(schedule.skew_ms);
    world.set("ctr_calls_per_minute", schedule.calls_per_minute);
    world.set("ctr_closed_lookback_days", LOOKBACK_DAYS);
    world.set("ctr_first_fetch", format!("{} hours", FIRST_FETCH_S / 3600));
    let zero = world.now();
    let mut n = 0_u64;
    for burst in &schedule.bursts {
        for i in 0..i64::from(burst.count) {
            n += 1;
            let share = |whole: i64| whole * i / i64::from(burst.count);
            let created = zero + seconds(burst.at) + TimeDelta::milliseconds(share(burst.spread_ms));
            let mut incident = sim::Incident::at(n, created).visible(created + seconds(share(burst.lag)));
            if let Some(after) = burst.closes_after
                && i % 3 == 0
            {
                incident = incident.closed(created + seconds(after));
            }
            world.vendor.borrow_mut().add_incident(incident);
        }
    }
    let mut engine = Engine {
        world: &world,
        options: FetchOptions {
            max_fetch: Some(schedule.max_fetch),
            fetch_states: schedule.states.iter().map(|s| (*s).to_owned()).collect(),
            fetch_enrich: Some(schedule.enrich),
            ..FetchOptions::default()
        },
        checkpoint: None,
        ingested: Ingested::new(),
        stored: Vec::new(),
    };
    // A quiet beginning, so that every schedule has a stored checkpoint to go back to.
    engine.poll().unwrap();
    let began_by = world.now();
    for (wait, trouble) in &schedule.polls {
        world.advance(Duration::from_secs(*wait));
        match trouble {
            Trouble::None => {}
            Trouble::Status(status, times) => {
                let fault = sim::Fault::always(sim::Matcher::api(), sim::FaultKind::Status(*status));
                world.vendor.borrow_mut().fault(fault.times(*times));
            }
            Trouble::Dropped => {
                let drop = sim::FaultKind::Drop(sim::Cut::BeforeReply);
                world.vendor.borrow_mut().fault(sim::Fault::always(sim::Matcher::api(), drop).times(4));
            }
            Trouble::Restart(back) => engine.restart(*back),
        }
        let _may_fail = engine.poll();
        world.vendor.borrow_mut().clear_faults();
    }
    // Everything that is on its way arrives; then a few calm polls, enough for two whole sweeps.
    world.advance(Duration::from_secs(8 * 3600));
    for _ in 0..30 {
        engine.poll().unwrap();
        world.advance(Duration::from_secs(300));
    }
    engine.poll().unwrap();
    check(schedule, &world, &engine.ingested, zero, began_by);
    assert!(engine.checkpoint.unwrap().len() < 64 * 1024);
}

/// Compares what was ingested with what there was.
fn check(schedule: &Schedule, world: &World, ingested: &Ingested, zero: Timestamp, began_by: Timestamp) {
    let margin = seconds(240);
    let open = schedule.states.contains(&"open_incidents");
    let closed = schedule.states.contains(&"closed_incidents");
    let since = zero - seconds(FIRST_FETCH_S);
    let vendor = world.vendor.borrow();
    for incident in vendor.incidents() {
        let Came { as_created, as_closed, open: was_open } =
            ingested.get(&incident.id).copied().unwrap_or_default();
        let closing = incident.closed_at.filter(|at| *at <= world.now());
        let told = || {
            format!(
                "{} created {} visible {} closed {:?} (polls from {zero} on): came {as_created} times as created, {as_closed} as closed",
                incident.id, incident.created_at, incident.visible_at, incident.closed_at
            )
        };
        if incident.created_at < since + margin {
            assert!(as_created <= 1 && as_closed <= 1, "{}", told());
            continue;
        }
        match (open, closed) {
            (true, false) => {
                assert_eq!(as_closed, 0, "{}", told());
                match closing {
                    Some(at) if at < zero - margin => assert_eq!(as_created, 0, "{}", told()),
                    Some(at) if at < began_by + margin => assert!(as_created <= 1, "{}", told()),
                    _ => assert_eq!(as_created, 1, "{}", told()),
                }
            }
            (false, true) => {
                assert_eq!(as_created, 0, "{}", told());
                assert_eq!(as_closed, u32::from(closing.is_some()), "{}", told());
            }
            _ => {
                assert_eq!(as_created, 1, "{}", told());
                assert_eq!(as_closed, u32::from(was_open && closing.is_some()), "{}", told());
            }
        }
    }
    let known: Vec<&str> = vendor.incidents().map(|i| i.id.as_str()).collect();
    assert!(ingested.keys().all(|id| known.contains(&id.as_str())));
}

fn cases() -> u32 {
    std::env::var("FETCH_SCHEDULES").ok().and_then(|n| n.parse().ok()).unwrap_or(400)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_incident_comes_exactly_once_however_it_arrives(schedule in schedule()) {
        run(&schedule);
    }
}
