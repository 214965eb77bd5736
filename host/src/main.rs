//! `proofpoint`: the connector on the command line.

#![forbid(unsafe_code)]

mod cli;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use cli::{
    Global, call, check, demo, incidents, inspect, lists, messages, simulate, tickets, users, workflows,
};

/// Proofpoint Cloud Threat Response (incidents, messages, workflows, lists) and Insider Threat Management
/// (tickets, users) from the command line, through the connector component.
///
/// Settings come from a TOML file (--config) and from environment variables (PROOFPOINT_CTR_CLIENT_ID for
/// ctr_client_id); secrets never from arguments. Results go to standard output, everything else to
/// standard error.
#[derive(Parser)]
#[command(name = "proofpoint", version, after_help = cli::EXIT_CODES)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// See it at work against a simulated vendor: no credentials needed
    Demo(demo::Args),
    /// Check credentials, entitlements, latency and clocks
    Check(check::Args),
    /// List, count, get, fetch and create incidents
    #[command(subcommand)]
    Incidents(incidents::Command),
    /// List, get and download messages
    #[command(subcommand)]
    Messages(messages::Command),
    /// List and run workflows, which quarantine, restore and close
    #[command(subcommand)]
    Workflows(workflows::Command),
    /// Show and change the safe list and the block list of the mail cluster
    #[command(subcommand)]
    Lists(lists::Command),
    /// Get, search, fetch and handle tickets, with their e-mails and screenshots
    #[command(subcommand)]
    Tickets(tickets::Command),
    /// List and find the users that tickets are assigned to
    #[command(subcommand)]
    Users(users::Command),
    /// Call any function of the component with JSON
    Call(call::Args),
    /// Run the simulated vendor for tests of your own
    Simulate(simulate::Args),
    /// Show what the component imports and exports
    Inspect,
}

fn main() -> ExitCode {
    let Cli { global, command } = match cli::parse() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    cli::run(&global, async |output| match command {
        Command::Demo(args) => demo::run(&global, output, args).await,
        Command::Check(args) => check::run(&global, output, args).await,
        Command::Incidents(command) => incidents::run(&global, output, command).await,
        Command::Messages(command) => messages::run(&global, output, command).await,
        Command::Workflows(command) => workflows::run(&global, output, command).await,
        Command::Lists(command) => lists::run(&global, output, command).await,
        Command::Tickets(command) => tickets::run(&global, output, command).await,
        Command::Users(command) => users::run(&global, output, command).await,
        Command::Call(args) => call::run(&global, output, args).await,
        Command::Simulate(args) => simulate::run(args).await,
        Command::Inspect => inspect::run(&global, output),
    })
}
