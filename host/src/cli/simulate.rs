//! `proofpoint simulate`: the simulated vendor, for tests of other programs.

use std::io::Write;

use proofpoint_simulator::server::Server;
use proofpoint_simulator::{Clock, Options, Vendor};

use super::output::say;
use super::stop::Stop;
use super::text::counted;
use super::{Done, Failure};

/// Arguments of `simulate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: proofpoint simulate --port 8080 > simulator.env")]
pub(crate) struct Args {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// What looks random follows from this number
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Incidents of the last seven days
    #[arg(long, default_value_t = 250)]
    incidents: usize,
    /// Tickets of the last seven days
    #[arg(long, default_value_t = 100)]
    tickets: usize,
    /// Calls a minute that Cloud Threat Response answers; 0: any number
    #[arg(long, default_value_t = 10)]
    calls_per_minute: u32,
}

pub(crate) async fn run(args: Args) -> Done {
    let mut stop = Stop::listen()?;
    let mut vendor = Vendor::new(Options {
        seed: args.seed,
        clock: Clock::System,
        calls_per_minute: (args.calls_per_minute > 0).then_some(args.calls_per_minute),
        ..Options::default()
    });
    vendor.seed(args.incidents);
    vendor.seed_tickets(args.tickets);
    let server = Server::start(vendor, args.port)
        .await
        .map_err(|error| Failure::host(format!("cannot listen on port {}: {error}", args.port)))?;
    let mut stdout = std::io::stdout();
    for (name, value) in server.environment().into_iter().chain(server.itm_environment()) {
        writeln!(stdout, "{name}={value}")?;
    }
    stdout.flush()?;
    let (tickets, incidents) = (args.tickets as u64, args.incidents as u64);
    let held = format!("{} and {}", counted(tickets, "ticket"), counted(incidents, "incident"));
    say(format!("{held} at {}; Ctrl-C ends it", server.url()));
    stop.wanted().await;
    server.stop().await;
    Ok(())
}
