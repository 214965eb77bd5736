//! Commands that are shown as they would be typed, and carried out.

use clap::{FromArgMatches, Subcommand};

use super::super::output::Output;
use super::super::{Done, Failure, Global, Session, incidents, lists, messages, tickets, workflows};

/// The commands that a demonstration types.
#[derive(Subcommand)]
enum Command {
    #[command(subcommand)]
    Incidents(incidents::Command),
    #[command(subcommand)]
    Messages(messages::Command),
    #[command(subcommand)]
    Workflows(workflows::Command),
    #[command(subcommand)]
    Lists(lists::Command),
    #[command(subcommand)]
    Tickets(tickets::Command),
}

/// Shows and carries out commands, in a folder that goes when it is done. What is `short` says more than what
/// it stands for.
pub(super) async fn all(
    global: &Global,
    session: &mut Session,
    output: &Output,
    commands: &[Vec<&str>],
    short: &[(&str, &str)],
) -> Done {
    let directory = tempfile::tempdir().map_err(Failure::host)?;
    let before = std::env::current_dir().map_err(Failure::host)?;
    std::env::set_current_dir(directory.path()).map_err(Failure::host)?;
    let mut done = Ok(());
    for arguments in commands {
        done = one(global, session, output, arguments, short).await;
        if done.is_err() {
            break;
        }
    }
    std::env::set_current_dir(before).map_err(Failure::host)?;
    done
}

async fn one(
    global: &Global,
    session: &mut Session,
    output: &Output,
    arguments: &[&str],
    short: &[(&str, &str)],
) -> Done {
    let words: Vec<String> = arguments.iter().map(|argument| shown(argument, short)).collect();
    output.line(&output.dim(&format!("$ proofpoint {}", words.join(" "))))?;
    let parser = Command::augment_subcommands(clap::Command::new("proofpoint").no_binary_name(true));
    let matches = parser.try_get_matches_from(arguments).map_err(Failure::host)?;
    match Command::from_arg_matches(&matches).map_err(Failure::host)? {
        Command::Incidents(command) => incidents::perform(global, session, output, command).await,
        Command::Messages(command) => messages::perform(session, output, command).await,
        Command::Workflows(command) => workflows::perform(session, output, command).await,
        Command::Lists(command) => lists::perform(session, output, command).await,
        Command::Tickets(command) => tickets::perform(global, session, output, command).await,
    }
}

/// An argument as it is shown: short where it says nothing, quoted where a shell wants it.
fn shown(argument: &str, short: &[(&str, &str)]) -> String {
    match short.iter().find(|(long, _)| *long == argument) {
        Some((_, short)) => (*short).to_owned(),
        None if argument.contains(' ') => format!("'{argument}'"),
        None => argument.to_owned(),
    }
}
