//! Many tenants in one host process, each with its own configuration, quota and token.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use proofpoint_host::{Instance, Settings, http};
use proofpoint_simulator::server::Server;
use proofpoint_simulator::{Clock, Fault, FaultKind, Incident, Matcher, Options, Recorded, Vendor};
use proofpoint_tests::{connector, fetched};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{ALONE, report, times};

/// How many of its calls a tenant has in a minute.
const QUOTA: usize = 10;

/// Incidents of a tenant: one step's worth.
const INCIDENTS: u64 = 20;

/// A customer: a vendor's account, and an instance of the component with its settings.
struct Tenant {
    number: usize,
    server: Server,
    instance: Instance,
}

impl Tenant {
    async fn new(number: usize, client: &http::Client) -> Tenant {
        let options = Options {
            client_id: format!("client-{number}"),
            client_secret: format!("secret-of-{number}"),
            clock: Clock::System,
            // Another's tokens look different.
            seed: number as u64,
            calls_per_minute: None,
            ..Options::default()
        };
        let mut vendor = Vendor::new(options);
        let now = vendor.now();
        for n in 1..=INCIDENTS {
            vendor.add_incident(Incident::at(number as u64 * 1000 + n, now - chrono::TimeDelta::seconds(60)));
        }
        let server = Server::start(vendor, 0).await.unwrap();
        let mut settings = Settings::default();
        for (name, value) in server.environment() {
            settings.set(&name.trim_start_matches("PROOFPOINT_").to_ascii_lowercase(), value).unwrap();
        }
        settings.set("ctr_calls_per_minute", QUOTA.to_string()).unwrap();
        Tenant { number, server, instance: connector().instance(&settings, client) }
    }

    /// It got its own incidents, each once, with its own token and no call beyond its quota.
    fn check(&self, came: &[String], end: &str) {
        assert_eq!(end, "rate-limited", "tenant {}", self.number);
        let vendor = self.server.vendor();
        let mut expected = vendor.visible_ids();
        let mut came = came.to_vec();
        came.sort();
        expected.sort();
        assert_eq!(came, expected, "tenant {}", self.number);
        let (tokens, calls): (Vec<_>, Vec<_>) =
            vendor.requests().iter().partition(|request| request.is_token());
        assert_eq!((tokens.len(), calls.len()), (1, QUOTA), "tenant {}", self.number);
        let authorized = |request: &&Recorded| request.header("authorization").map(str::to_owned);
        let used: BTreeSet<_> = calls.iter().map(authorized).collect();
        assert_eq!(used.len(), 1, "tenant {}: its one token", self.number);
        assert!(tokens[0].form().contains(&("client_secret".into(), format!("secret-of-{}", self.number))));
    }
}

/// Polls until the quota is spent, and answers what came and the last error.
async fn poll(instance: &mut Instance) -> (Vec<String>, String) {
    let (mut came, mut checkpoint) = (Vec::new(), Value::Null);
    loop {
        let parameters = json!({ "options": {}, "checkpoint": checkpoint });
        match instance.call("incidents.incident-fetch", &parameters).await.unwrap() {
            Ok(batch) => {
                came.extend(fetched(&batch));
                checkpoint = batch["checkpoint"].clone();
            }
            Err(error) => return (came, error.case().to_owned()),
        }
    }
}

/// Polls all tenants side by side, and answers how long the slowest of those took that are not stuck.
async fn poll_all(count: usize, stuck: usize) -> Duration {
    let client = http::Client::new(&http::Options::default()).unwrap();
    let mut tenants = Vec::new();
    for number in 0..count {
        tenants.push(Tenant::new(number, &client).await);
    }
    let began = Instant::now();
    let (mut polling, mut hanging, mut silent) = (JoinSet::new(), JoinSet::new(), Vec::new());
    for mut tenant in tenants {
        // Spread over all.
        if stuck > 0 && tenant.number % (count / stuck) == 0 {
            let silence = FaultKind::Delay(Duration::from_secs(3600));
            tenant.server.vendor().fault(Fault::always(Matcher::any(), silence));
            let Tenant { server, mut instance, .. } = tenant;
            silent.push(server);
            hanging.spawn(async move { poll(&mut instance).await });
        } else {
            polling.spawn(async move {
                let (came, end) = poll(&mut tenant.instance).await;
                (tenant, came, end)
            });
        }
    }
    let mut polled = 0;
    while let Some(done) = polling.join_next().await {
        let (tenant, came, end) = done.unwrap();
        tenant.check(&came, &end);
        polled += 1;
    }
    let took = began.elapsed();
    assert_eq!(polled + hanging.len(), count);
    let all_asked = async {
        while silent.iter().any(|server| server.vendor().requests().is_empty()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), all_asked).await.expect("each of them asked");
    assert!(hanging.try_join_next().is_none(), "those that are stuck still are");
    took
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_side_by_side_have_each_their_own_and_none_waits_for_one_that_is_stuck() {
    let _alone = ALONE.lock().await;
    let count = times(20, 200) as usize;
    let stuck = count / 10;
    // The first round has the connections and the code warm for both.
    poll_all(count, 0).await;
    let alone = poll_all(count - stuck, 0).await;
    let beside = poll_all(count, stuck).await;
    let ratio = beside.as_secs_f64() / alone.as_secs_f64();
    // One that waited for a stuck one would take a request's timeout, a minute.
    assert!(beside < Duration::from_secs(30), "{beside:?}");
    report(
        "tenants",
        &format!(
            "{count} tenants in one process, each with its own vendor, settings, token and quota of {QUOTA} calls: \
             {} polled to the end of their quota, each with its own {INCIDENTS} incidents and one token, while {stuck} \
             hung without an answer. It took {ratio:.1} times as long as without those.\n",
            count - stuck
        ),
    );
}
