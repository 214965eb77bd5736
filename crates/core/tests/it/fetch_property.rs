//! The model of a fetch, with the core in memory.

use crate::fetch_model::{
    Delivered, Door, Event, Incidents, Kind, Place, Refusal, Schedule, Step, Tickets, run, schedule,
};
use crate::support::World;
use proofpoint_core::{Error, ctr, fetch, itm};
use proofpoint_simulator as sim;
use proptest::test_runner::{Config, TestRng, TestRunner};
use std::fs::OpenOptions;
use std::io::Write;
use std::time::Duration;

fn world<K: Kind>(schedule: &Schedule) -> World {
    let world = World::new(K::options(schedule));
    for (key, value) in K::settings(schedule) {
        world.set(key, value);
    }
    world.skew_ms.set(schedule.skew_ms);
    world
}

fn refusal(error: Error) -> Refusal {
    match error {
        Error::RateLimited { retry_after, .. } => Refusal::Later(retry_after),
        other => Refusal::Other(other.to_string()),
    }
}

impl Place for World {
    fn vendor<R>(&self, work: impl FnOnce(&mut sim::Vendor) -> R) -> R {
        work(&mut self.vendor.borrow_mut())
    }

    fn advance(&self, by: Duration) {
        World::advance(self, by);
    }

    fn restart(&self) {
        World::restart(self);
    }
}

impl Door<Incidents> for World {
    fn open(schedule: &Schedule) -> Self {
        world::<Incidents>(schedule)
    }

    fn step(&self, schedule: &Schedule, checkpoint: Option<&str>) -> Result<Step, Refusal> {
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
        let batch = self.call(async |ctr| ctr.incident_fetch(&options, checkpoint).await).map_err(refusal)?;
        let delivered = |fetched: ctr::fetch::FetchedIncident| Delivered {
            open: fetched.incident.state.as_deref() == Some("open"),
            id: fetched.incident.id,
            at: fetched.occurred,
            event: match fetched.event {
                fetch::Event::Created => Event::Created,
                fetch::Event::Closed => Event::Closed,
            },
        };
        Ok(Step {
            delivered: batch.incidents.into_iter().map(delivered).collect(),
            checkpoint: batch.checkpoint,
            more: batch.more,
            retry_after: batch.retry_after,
        })
    }
}

impl Door<Tickets> for World {
    fn open(schedule: &Schedule) -> Self {
        world::<Tickets>(schedule)
    }

    fn step(&self, schedule: &Schedule, checkpoint: Option<&str>) -> Result<Step, Refusal> {
        let severities: &[&str] = if schedule.picky { &["critical", "high", "medium"] } else { &[] };
        let options = itm::fetch::FetchOptions {
            max_fetch: Some(schedule.max_fetch),
            severity_filters: severities.iter().map(|name| (*name).to_owned()).collect(),
            ..itm::fetch::FetchOptions::default()
        };
        let batch = self.itm(async |itm| itm.ticket_fetch(&options, checkpoint).await).map_err(refusal)?;
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

/// Lives through so many schedules, the same in each run, or through as many other ones as the environment says, two at
/// a time, and leaves the figure where it says.
fn live<K: Kind>(usual: u32, what: &str)
where
    World: Door<K>,
{
    let drawn: Option<u32> = std::env::var("FETCH_SCHEDULES").ok().and_then(|n| n.parse().ok());
    let config =
        |cases| Config { cases, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    let cases = match drawn {
        None => {
            let same = TestRng::deterministic_rng(config(usual).rng_algorithm);
            live_through::<K>(TestRunner::new_with_rng(config(usual), same));
            usual
        }
        Some(cases) => {
            std::thread::scope(|scope| {
                for half in [cases.div_ceil(2), cases / 2] {
                    scope.spawn(move || live_through::<K>(TestRunner::new(config(half))));
                }
            });
            cases
        }
    };
    if let Some(file) = std::env::var_os("FETCH_FIGURES") {
        let mut figures = OpenOptions::new().create(true).append(true).open(file).unwrap();
        writeln!(figures, "* {cases} schedules of {what} through the core in memory: each came once")
            .unwrap();
    }
}

fn live_through<K: Kind>(mut runner: TestRunner)
where
    World: Door<K>,
{
    let lived = runner.run(&schedule::<K>(), |schedule| {
        run::<K, World>(&schedule);
        Ok(())
    });
    lived.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn every_incident_comes_exactly_once_however_it_arrives() {
    live::<Incidents>(1300, "incidents");
}

#[test]
fn every_ticket_comes_exactly_once_however_it_arrives() {
    live::<Tickets>(700, "tickets");
}
