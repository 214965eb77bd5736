//! Fetch under every schedule that can be drawn, of incidents and of tickets: nothing lost, nothing twice, in order,
//! always progress.

use crate::support::World;
use chrono::TimeDelta;
use proofpoint_core::Error;
use proofpoint_core::fetch::Event;
use proofpoint_core::time::Timestamp;
use proofpoint_core::{ctr, itm};
use proofpoint_simulator as sim;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

const OVERLAP_S: i64 = 1800;
const FIRST_FETCH_S: i64 = 6 * 3600;
const LOOKBACK_DAYS: i64 = 2;

/// Rows that arrive together.
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
    /// What is fetched.
    events: &'static [Event],
    max_fetch: u32,
    page_cap: u32,
    calls_per_minute: u32,
    skew_ms: i64,
    date_header: bool,
    enrich: bool,
    /// How the service reads the ends of a time range.
    inclusive: bool,
    /// Every fifth row is not wanted, and stays behind.
    picky: bool,
}

/// What is polled for, as the model sees it.
trait Polled {
    /// What can be fetched of it.
    const EVENTS: &'static [&'static [Event]];
    /// Whether it can come with details.
    const DETAILS: bool;
    /// Whether some rows can be left out.
    const PICKY: bool;
    /// Rows of the largest burst.
    const MOST: u16;

    /// The vendor and the settings of a schedule, before anything has arrived.
    fn world(schedule: &Schedule) -> World;

    /// Adds the `n`th row.
    fn add(world: &World, n: u64, created: Timestamp, visible: Timestamp, closed: Option<Timestamp>);

    /// Everything there is, visible or not.
    fn there(world: &World) -> Vec<There>;

    fn step(world: &World, schedule: &Schedule, checkpoint: Option<&str>) -> Result<Step, Error>;
}

/// A row at the vendor.
struct There {
    id: String,
    created: Timestamp,
    visible: Timestamp,
    closed: Option<Timestamp>,
    /// A picky fetch leaves it behind.
    unwanted: bool,
}

/// What a step answered.
struct Step {
    delivered: Vec<Delivered>,
    checkpoint: String,
    more: bool,
    retry_after: Option<Duration>,
}

struct Delivered {
    id: String,
    /// What the batch is ordered by.
    at: String,
    event: Event,
    open: bool,
}

struct Incidents;

impl Polled for Incidents {
    const EVENTS: &'static [&'static [Event]] =
        &[&[Event::Created], &[Event::Closed], &[Event::Created, Event::Closed]];
    const DETAILS: bool = true;
    const PICKY: bool = false;
    const MOST: u16 = 1000;

    fn world(schedule: &Schedule) -> World {
        let world = World::new(sim::Options {
            calls_per_minute: None,
            page_cap: schedule.page_cap,
            date_header: schedule.date_header,
            start_inclusive: schedule.inclusive,
            end_inclusive: schedule.inclusive,
            ..sim::Options::default()
        });
        world.set("ctr_calls_per_minute", schedule.calls_per_minute);
        world.set("ctr_closed_lookback_days", LOOKBACK_DAYS);
        world.set("ctr_first_fetch", format!("{} hours", FIRST_FETCH_S / 3600));
        world
    }

    fn add(world: &World, n: u64, created: Timestamp, visible: Timestamp, closed: Option<Timestamp>) {
        let mut incident = sim::Incident::at(n, created).visible(visible);
        incident.closed_at = closed;
        world.vendor.borrow_mut().add_incident(incident);
    }

    fn there(world: &World) -> Vec<There> {
        let there = |incident: &sim::Incident| There {
            id: incident.id.clone(),
            created: incident.created_at,
            visible: incident.visible_at,
            closed: incident.closed_at,
            unwanted: false,
        };
        world.vendor.borrow().incidents().map(there).collect()
    }

    fn step(world: &World, schedule: &Schedule, checkpoint: Option<&str>) -> Result<Step, Error> {
        let state = |event: &Event| match event {
            Event::Created => "open_incidents".to_owned(),
            Event::Closed => "closed_incidents".to_owned(),
        };
        let options = ctr::fetch::FetchOptions {
            max_fetch: Some(schedule.max_fetch),
            fetch_states: schedule.events.iter().map(state).collect(),
            fetch_enrich: Some(schedule.enrich),
            ..ctr::fetch::FetchOptions::default()
        };
        let batch = world.call(async |ctr| ctr.incident_fetch(&options, checkpoint).await)?;
        let delivered = |fetched: ctr::fetch::FetchedIncident| Delivered {
            open: fetched.incident.state.as_deref() == Some("open"),
            id: fetched.incident.id,
            at: fetched.occurred,
            event: fetched.event,
        };
        Ok(Step {
            delivered: batch.incidents.into_iter().map(delivered).collect(),
            checkpoint: batch.checkpoint,
            more: batch.more,
            retry_after: batch.retry_after,
        })
    }
}

struct Tickets;

impl Polled for Tickets {
    const EVENTS: &'static [&'static [Event]] = &[&[Event::Created]];
    const DETAILS: bool = false;
    const PICKY: bool = true;
    /// The vendor searches through JSON: more would only take time.
    const MOST: u16 = 420;

    fn world(schedule: &Schedule) -> World {
        let world = World::new(sim::Options {
            date_header: schedule.date_header,
            itm: sim::ItmOptions {
                page_cap: schedule.page_cap,
                time_precision: match schedule.inclusive {
                    true => sim::TimePrecision::Second,
                    false => sim::TimePrecision::Millisecond,
                },
                // The search tells ties apart itself.
                tie_order: sim::TieOrder::Shuffled,
                ..sim::ItmOptions::default()
            },
            ..sim::Options::default()
        });
        world.set("itm_calls_per_minute", schedule.calls_per_minute);
        world.set("itm_first_fetch", format!("{} hours", FIRST_FETCH_S / 3600));
        world
    }

    /// Observed and taking place in an order of their own: a fetch goes by when tickets were taken in.
    fn add(world: &World, n: u64, created: Timestamp, visible: Timestamp, _closed: Option<Timestamp>) {
        let before = created - seconds(i64::try_from(n % 11).unwrap() * 600);
        let severity = if n.is_multiple_of(5) { LOW } else { "incident:severity:850:critical" };
        // The rest of a usual ticket would only take time.
        let incident = sim::Ticket::at(n, created).incident.map(|incident| sim::itm::Incident {
            severity: Some(severity.into()),
            reasons: Vec::new(),
            ..incident
        });
        let ticket = sim::Ticket { incident, ..sim::Ticket::bare(n, created) };
        let ticket = ticket.visible(visible).observed(before).occurred(before);
        world.vendor.borrow_mut().add_ticket(ticket);
    }

    fn there(world: &World) -> Vec<There> {
        let there = |ticket: &sim::Ticket| There {
            id: ticket.fqid.clone(),
            created: ticket.ingested_at,
            visible: ticket.visible_at,
            closed: None,
            unwanted: ticket.incident.as_ref().unwrap().severity.as_deref() == Some(LOW),
        };
        world.vendor.borrow().tickets().map(there).collect()
    }

    fn step(world: &World, schedule: &Schedule, checkpoint: Option<&str>) -> Result<Step, Error> {
        let severities: &[&str] = if schedule.picky { &["critical", "high", "medium"] } else { &[] };
        let options = itm::fetch::FetchOptions {
            max_fetch: Some(schedule.max_fetch),
            severity_filters: severities.iter().map(|name| (*name).to_owned()).collect(),
            ..itm::fetch::FetchOptions::default()
        };
        let batch = world.itm(async |itm| itm.ticket_fetch(&options, checkpoint).await)?;
        let delivered = |fetched: itm::fetch::FetchedTicket| Delivered {
            id: fetched.ticket.fqid,
            at: fetched.ticket.ingested_at.unwrap(),
            event: Event::Created,
            open: true,
        };
        Ok(Step {
            delivered: batch.tickets.into_iter().map(delivered).collect(),
            checkpoint: batch.checkpoint,
            more: batch.more,
            retry_after: batch.retry_after,
        })
    }
}

const LOW: &str = "incident:severity:300:low";

fn bursts(most: u16) -> impl Strategy<Value = Vec<Burst>> {
    let count = prop_oneof![8 => 1_u16..30, 2 => 30_u16..250, 1 => 250..=most];
    let spread =
        prop_oneof![2 => Just(0_i64), 2 => 1_i64..1000, 3 => 1000_i64..60_000, 1 => 60_000_i64..1_800_000];
    let lag = prop_oneof![
        4 => Just(0_i64),
        2 => 1_i64..120,
        2 => 120_i64..OVERLAP_S,
        1 => OVERLAP_S - 60..OVERLAP_S,
    ];
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

fn schedule<P: Polled>() -> impl Strategy<Value = Schedule> {
    let rarely = |possible: bool| prop::bool::weighted(if possible { 0.1 } else { 0.0 });
    let shape = (
        prop::sample::select(P::EVENTS),
        prop::sample::select(vec![17_u32, 100, 200]),
        prop::sample::select(vec![60_u32, 200]),
        prop::sample::select(vec![0_u32, 3, 10]),
    );
    let quirks = (-60_000_i64..60_000, any::<bool>(), any::<bool>(), any::<bool>());
    (
        bursts(P::MOST),
        prop::collection::vec((30_u64..1500, trouble()), 4..16),
        shape,
        quirks,
        rarely(P::DETAILS),
    )
        .prop_map(|(mut bursts, polls, shape, quirks, enrich)| {
            let (events, max_fetch, page_cap, calls_per_minute) = shape;
            let (skew_ms, date_header, inclusive, picky) = quirks;
            if enrich {
                // With details the vendor's side of a large burst is thousands of requests: keep those small.
                bursts.iter_mut().for_each(|burst| burst.count = burst.count.min(40));
            }
            Schedule {
                bursts,
                polls,
                events,
                max_fetch,
                page_cap,
                calls_per_minute,
                skew_ms,
                date_header,
                enrich,
                inclusive,
                picky: picky && P::PICKY,
            }
        })
}

/// What the engine has ingested, by id.
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
    schedule: &'a Schedule,
    checkpoint: Option<String>,
    ingested: Ingested,
    /// What was stored, oldest first.
    stored: Vec<(Option<String>, Ingested)>,
}

impl Engine<'_> {
    /// Steps until nothing more is waiting or a step fails.
    fn poll<P: Polled>(&mut self) -> Result<(), Error> {
        for step in 0.. {
            assert!(step < 2_000, "a poll does not come to an end");
            let batch = match P::step(self.world, self.schedule, self.checkpoint.as_deref()) {
                Ok(batch) => batch,
                Err(Error::RateLimited { retry_after, .. }) => {
                    assert!(retry_after > Duration::ZERO && retry_after <= Duration::from_secs(60));
                    self.world.advance(retry_after);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let times: Vec<&str> = batch.delivered.iter().map(|came| came.at.as_str()).collect();
            assert!(times.is_sorted(), "a batch is not oldest first: {times:?}");
            assert!(batch.delivered.len() <= usize::try_from(self.schedule.max_fetch).unwrap());
            assert!(
                !batch.more || self.checkpoint.as_ref() != Some(&batch.checkpoint),
                "a step made no progress"
            );
            for delivered in batch.delivered {
                let came = self.ingested.entry(delivered.id).or_default();
                match delivered.event {
                    Event::Created => came.as_created += 1,
                    Event::Closed => came.as_closed += 1,
                }
                came.open |= delivered.event == Event::Created && delivered.open;
            }
            self.checkpoint = Some(batch.checkpoint);
            self.stored.push((self.checkpoint.clone(), self.ingested.clone()));
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

fn run<P: Polled>(schedule: &Schedule) {
    let world = P::world(schedule);
    world.skew_ms.set(schedule.skew_ms);
    let zero = world.now();
    let mut n = 0_u64;
    for burst in &schedule.bursts {
        for i in 0..i64::from(burst.count) {
            n += 1;
            let share = |whole: i64| whole * (i + 1) / i64::from(burst.count);
            let created = zero + seconds(burst.at) + TimeDelta::milliseconds(share(burst.spread_ms));
            let closes_after = burst.closes_after.filter(|_| i % 3 == 0);
            let closed = closes_after.map(|after| created + seconds(after));
            P::add(&world, n, created, created + seconds(share(burst.lag)), closed);
        }
    }
    let mut engine =
        Engine { world: &world, schedule, checkpoint: None, ingested: Ingested::new(), stored: Vec::new() };
    // A quiet beginning, so that every schedule has a stored checkpoint to go back to.
    engine.poll::<P>().unwrap();
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
        let _may_fail = engine.poll::<P>();
        world.vendor.borrow_mut().clear_faults();
    }
    // Everything that is on its way arrives; then a few calm polls, enough for two whole sweeps.
    world.advance(Duration::from_secs(8 * 3600));
    for _ in 0..30 {
        engine.poll::<P>().unwrap();
        world.advance(Duration::from_secs(300));
    }
    engine.poll::<P>().unwrap();
    check(schedule, &P::there(&world), &engine.ingested, (zero, began_by, world.now()));
    assert!(engine.checkpoint.unwrap().len() < 64 * 1024);
}

/// Compares what was ingested with what there was.
fn check(
    schedule: &Schedule,
    there: &[There],
    ingested: &Ingested,
    (zero, began_by, end): (Timestamp, Timestamp, Timestamp),
) {
    let margin = seconds(240);
    let since = zero - seconds(FIRST_FETCH_S);
    for row in there {
        let Came { as_created, as_closed, open: was_open } =
            ingested.get(&row.id).copied().unwrap_or_default();
        let closing = row.closed.filter(|at| *at <= end);
        let told = || {
            format!(
                "{} created {} visible {} closed {:?} (polls from {zero} on): came {as_created} times as created, {as_closed} as closed",
                row.id, row.created, row.visible, row.closed
            )
        };
        if schedule.picky && row.unwanted {
            assert_eq!(as_created + as_closed, 0, "{}", told());
            continue;
        }
        if row.created < since + margin {
            assert!(as_created <= 1 && as_closed <= 1, "{}", told());
            continue;
        }
        match schedule.events {
            [Event::Created] => {
                assert_eq!(as_closed, 0, "{}", told());
                match closing {
                    Some(at) if at < zero - margin => assert_eq!(as_created, 0, "{}", told()),
                    Some(at) if at < began_by + margin => assert!(as_created <= 1, "{}", told()),
                    _ => assert_eq!(as_created, 1, "{}", told()),
                }
            }
            [Event::Closed] => {
                assert_eq!(as_created, 0, "{}", told());
                assert_eq!(as_closed, u32::from(closing.is_some()), "{}", told());
            }
            _ => {
                assert_eq!(as_created, 1, "{}", told());
                assert_eq!(as_closed, u32::from(was_open && closing.is_some()), "{}", told());
            }
        }
    }
    assert!(ingested.keys().all(|id| there.iter().any(|row| row.id == *id)));
}

/// So many schedules are drawn.
fn schedules(usual: u32) -> ProptestConfig {
    let cases = std::env::var("FETCH_SCHEDULES").ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 400, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(schedules(400))]

    #[test]
    fn every_incident_comes_exactly_once_however_it_arrives(schedule in schedule::<Incidents>()) {
        run::<Incidents>(&schedule);
    }
}

proptest! {
    #![proptest_config(schedules(200))]

    #[test]
    fn every_ticket_comes_exactly_once_however_it_arrives(schedule in schedule::<Tickets>()) {
        run::<Tickets>(&schedule);
    }
}
