//! Fetch under every schedule that can be drawn, of incidents and of tickets: nothing lost, nothing twice, in order,
//! always progress. What is polled through is a [`Door`]: the core in memory, or the component in its host.

use chrono::TimeDelta;
use proofpoint_simulator as sim;
use proofpoint_simulator::Timestamp;
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
pub(crate) struct Schedule {
    bursts: Vec<Burst>,
    polls: Vec<(u64, Trouble)>,
    /// What is fetched.
    pub(crate) events: &'static [Event],
    pub(crate) max_fetch: u32,
    page_cap: u32,
    calls_per_minute: u32,
    pub(crate) skew_ms: i64,
    date_header: bool,
    pub(crate) enrich: bool,
    /// How the service reads the ends of a time range.
    inclusive: bool,
    /// Every fifth row is not wanted, and stays behind.
    pub(crate) picky: bool,
}

/// Why an item is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Created,
    Closed,
}

/// What is polled for, as the model sees it.
pub(crate) trait Kind {
    /// What can be fetched of it.
    const EVENTS: &'static [&'static [Event]];
    /// Whether it can come with details.
    const DETAILS: bool;
    /// Whether some rows can be left out.
    const PICKY: bool;
    /// Rows of the largest burst.
    const MOST: u16;

    /// The vendor of a schedule, before anything has arrived.
    fn options(schedule: &Schedule) -> sim::Options;

    /// The settings of a schedule.
    fn settings(schedule: &Schedule) -> Vec<(&'static str, String)>;

    /// Adds the `n`th row.
    fn add(
        vendor: &mut sim::Vendor,
        n: u64,
        created: Timestamp,
        visible: Timestamp,
        closed: Option<Timestamp>,
    );

    /// Everything there is, visible or not.
    fn there(vendor: &sim::Vendor) -> Vec<There>;
}

/// Where an engine lives: the vendor and time, as a schedule moves them.
pub(crate) trait Place {
    /// Does something with the vendor.
    fn vendor<R>(&self, work: impl FnOnce(&mut sim::Vendor) -> R) -> R;

    /// Lets time pass, for both sides.
    fn advance(&self, by: Duration);

    /// Starts the engine's process anew.
    fn restart(&self);
}

/// What an engine polls through.
pub(crate) trait Door<K: Kind>: Place {
    /// With the vendor and the settings of a schedule.
    fn open(schedule: &Schedule) -> Self;

    /// One step of the fetch.
    fn step(&self, schedule: &Schedule, checkpoint: Option<&str>) -> Result<Step, Refusal>;
}

/// Why a step was refused.
pub(crate) enum Refusal {
    /// The call budget is spent until then.
    Later(Duration),
    /// Something else, which may pass.
    Other(String),
}

/// A row at the vendor.
pub(crate) struct There {
    id: String,
    created: Timestamp,
    visible: Timestamp,
    closed: Option<Timestamp>,
    /// A picky fetch leaves it behind.
    unwanted: bool,
}

/// What a step answered.
pub(crate) struct Step {
    pub(crate) delivered: Vec<Delivered>,
    pub(crate) checkpoint: String,
    pub(crate) more: bool,
    pub(crate) retry_after: Option<Duration>,
}

pub(crate) struct Delivered {
    pub(crate) id: String,
    /// What the batch is ordered by.
    pub(crate) at: String,
    pub(crate) event: Event,
    pub(crate) open: bool,
}

/// Incidents of Cloud Threat Response.
pub(crate) struct Incidents;

impl Kind for Incidents {
    const EVENTS: &'static [&'static [Event]] =
        &[&[Event::Created], &[Event::Closed], &[Event::Created, Event::Closed]];
    const DETAILS: bool = true;
    const PICKY: bool = false;
    const MOST: u16 = 1000;

    fn options(schedule: &Schedule) -> sim::Options {
        sim::Options {
            calls_per_minute: None,
            page_cap: schedule.page_cap,
            date_header: schedule.date_header,
            start_inclusive: schedule.inclusive,
            end_inclusive: schedule.inclusive,
            ..sim::Options::default()
        }
    }

    fn settings(schedule: &Schedule) -> Vec<(&'static str, String)> {
        vec![
            ("ctr_calls_per_minute", schedule.calls_per_minute.to_string()),
            ("ctr_closed_lookback_days", LOOKBACK_DAYS.to_string()),
            ("ctr_first_fetch", format!("{} hours", FIRST_FETCH_S / 3600)),
        ]
    }

    fn add(
        vendor: &mut sim::Vendor,
        n: u64,
        created: Timestamp,
        visible: Timestamp,
        closed: Option<Timestamp>,
    ) {
        let mut incident = sim::Incident::at(n, created).visible(visible);
        incident.closed_at = closed;
        vendor.add_incident(incident);
    }

    fn there(vendor: &sim::Vendor) -> Vec<There> {
        let there = |incident: &sim::Incident| There {
            id: incident.id.clone(),
            created: incident.created_at,
            visible: incident.visible_at,
            closed: incident.closed_at,
            unwanted: false,
        };
        vendor.incidents().map(there).collect()
    }
}

/// Tickets of Insider Threat Management.
pub(crate) struct Tickets;

/// The severity that a picky fetch leaves behind.
const LOW: &str = "incident:severity:300:low";

impl Kind for Tickets {
    const EVENTS: &'static [&'static [Event]] = &[&[Event::Created]];
    const DETAILS: bool = false;
    const PICKY: bool = true;
    /// The vendor searches through JSON: more would only take time.
    const MOST: u16 = 420;

    fn options(schedule: &Schedule) -> sim::Options {
        sim::Options {
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
        }
    }

    fn settings(schedule: &Schedule) -> Vec<(&'static str, String)> {
        vec![
            ("itm_calls_per_minute", schedule.calls_per_minute.to_string()),
            ("itm_first_fetch", format!("{} hours", FIRST_FETCH_S / 3600)),
        ]
    }

    /// Observed and taking place in an order of their own: a fetch goes by when tickets were taken in.
    fn add(vendor: &mut sim::Vendor, n: u64, created: Timestamp, visible: Timestamp, _: Option<Timestamp>) {
        let before = created - seconds(i64::try_from(n % 11).unwrap() * 600);
        let severity = if n.is_multiple_of(5) { LOW } else { "incident:severity:850:critical" };
        // The rest of a usual ticket would only take time.
        let incident = sim::Ticket::at(n, created).incident.map(|incident| sim::itm::Incident {
            severity: Some(severity.into()),
            reasons: Vec::new(),
            ..incident
        });
        let ticket = sim::Ticket { incident, ..sim::Ticket::bare(n, created) };
        vendor.add_ticket(ticket.visible(visible).observed(before).occurred(before));
    }

    fn there(vendor: &sim::Vendor) -> Vec<There> {
        let there = |ticket: &sim::Ticket| There {
            id: ticket.fqid.clone(),
            created: ticket.ingested_at,
            visible: ticket.visible_at,
            closed: None,
            unwanted: ticket.incident.as_ref().unwrap().severity.as_deref() == Some(LOW),
        };
        vendor.tickets().map(there).collect()
    }
}

fn bursts(most: u16) -> impl Strategy<Value = Vec<Burst>> {
    let count = prop_oneof![20 => 1_u16..25, 6 => 25_u16..130, 1 => 130..=most];
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
    prop::collection::vec(burst, 1..4)
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        12 => Just(Trouble::None),
        1 => (prop::sample::select(vec![500_u16, 503, 429, 401]), 1_u32..6).prop_map(|(s, n)| Trouble::Status(s, n)),
        1 => Just(Trouble::Dropped),
        2 => (0_usize..4).prop_map(Trouble::Restart),
    ]
}

pub(crate) fn schedule<K: Kind>() -> impl Strategy<Value = Schedule> {
    let rarely = |possible: bool| prop::bool::weighted(if possible { 0.1 } else { 0.0 });
    let shape = (
        prop::sample::select(K::EVENTS),
        prop::sample::select(vec![17_u32, 100, 200]),
        prop::sample::select(vec![20_u32, 60, 200]),
        prop::sample::select(vec![0_u32, 3, 10]),
    );
    let quirks = (-60_000_i64..60_000, any::<bool>(), any::<bool>(), any::<bool>());
    (
        bursts(K::MOST),
        prop::collection::vec((30_u64..1500, trouble()), 3..12),
        shape,
        quirks,
        rarely(K::DETAILS),
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
                picky: picky && K::PICKY,
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

struct Engine<'a, D> {
    door: &'a D,
    schedule: &'a Schedule,
    checkpoint: Option<String>,
    ingested: Ingested,
    /// What was stored, oldest first.
    stored: Vec<(Option<String>, Ingested)>,
}

impl<D> Engine<'_, D> {
    /// Steps until nothing more is waiting or a step fails.
    fn poll<K: Kind>(&mut self) -> Result<(), String>
    where
        D: Door<K>,
    {
        for step in 0.. {
            assert!(step < 2_000, "a poll does not come to an end");
            let batch = match self.door.step(self.schedule, self.checkpoint.as_deref()) {
                Ok(batch) => batch,
                Err(Refusal::Later(wait)) => {
                    assert!(wait > Duration::ZERO && wait <= Duration::from_secs(60));
                    self.door.advance(wait);
                    continue;
                }
                Err(Refusal::Other(why)) => return Err(why),
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
                self.door.advance(wait);
            }
            if !batch.more {
                return Ok(());
            }
        }
        Ok(())
    }

    fn restart<K: Kind>(&mut self, back: usize)
    where
        D: Door<K>,
    {
        self.door.restart();
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

/// Lives through a schedule, and compares what came with what there was.
pub(crate) fn run<K: Kind, D: Door<K>>(schedule: &Schedule) {
    let door = D::open(schedule);
    let now = || door.vendor(|vendor| vendor.now());
    let zero = now();
    let mut n = 0_u64;
    for burst in &schedule.bursts {
        for i in 0..i64::from(burst.count) {
            n += 1;
            let share = |whole: i64| whole * (i + 1) / i64::from(burst.count);
            let created = zero + seconds(burst.at) + TimeDelta::milliseconds(share(burst.spread_ms));
            let closes_after = burst.closes_after.filter(|_| i % 3 == 0);
            let closed = closes_after.map(|after| created + seconds(after));
            let visible = created + seconds(share(burst.lag));
            door.vendor(|vendor| K::add(vendor, n, created, visible, closed));
        }
    }
    let mut engine =
        Engine { door: &door, schedule, checkpoint: None, ingested: Ingested::new(), stored: Vec::new() };
    // A quiet beginning, so that every schedule has a stored checkpoint to go back to.
    engine.poll().unwrap();
    let began_by = now();
    for (wait, trouble) in &schedule.polls {
        door.advance(Duration::from_secs(*wait));
        match trouble {
            Trouble::None => {}
            Trouble::Status(status, times) => {
                let fault = sim::Fault::always(sim::Matcher::api(), sim::FaultKind::Status(*status));
                door.vendor(|vendor| vendor.fault(fault.times(*times)));
            }
            Trouble::Dropped => {
                let drop = sim::FaultKind::Drop(sim::Cut::BeforeReply);
                let fault = sim::Fault::always(sim::Matcher::api(), drop).times(4);
                door.vendor(|vendor| vendor.fault(fault));
            }
            Trouble::Restart(back) => engine.restart(*back),
        }
        let polled = engine.poll();
        if matches!(trouble, Trouble::None | Trouble::Restart(_)) {
            polled.unwrap();
        }
        door.vendor(sim::Vendor::clear_faults);
    }
    // Everything that is on its way arrives or closes, the last of it ten hours after the beginning; then calm polls,
    // until nothing has come for so long that two whole sweeps for closings of two pages a poll were made, or one of a
    // page a poll.
    let closings = schedule.events.contains(&Event::Closed);
    let sweeps = if closings { n / u64::from(schedule.page_cap) } else { 0 };
    let came = |engine: &Engine<'_, D>| {
        engine.ingested.values().map(|came| came.as_created + came.as_closed).sum::<u32>()
    };
    door.advance(Duration::from_secs(11 * 3600));
    let mut quiet = 0;
    while quiet <= 8 + sweeps {
        let before = came(&engine);
        engine.poll().unwrap();
        door.advance(Duration::from_secs(300));
        quiet = if came(&engine) == before { quiet + 1 } else { 0 };
    }
    let there = door.vendor(|vendor| K::there(vendor));
    check(schedule, &there, &engine.ingested, (zero, began_by, now()));
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
