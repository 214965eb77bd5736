//! Bad usage, told as every other failure is: one line, and an object where a program reads along.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Parser, ValueEnum};

use super::failure::Failure;
use super::output::{Format, Output};

/// The command line as it was given, or the exit code after help or the failure was printed.
pub(crate) fn parse<C: Parser>() -> Result<C, ExitCode> {
    C::try_parse().map_err(|error| match error.kind() {
        // Help and version, asked for or for want of a command, are clap's to print.
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => error.exit(),
        _ => failure(&error).report(&output()),
    })
}

fn failure(error: &clap::Error) -> Failure {
    let argument = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => argument.clone(),
        Some(ContextValue::Strings(arguments)) => arguments.join(", "),
        _ => "usage".to_owned(),
    };
    // What clap says before it shows the usage, on one line.
    let text = error.render().to_string();
    let said: Vec<&str> =
        text.lines().take_while(|line| !line.starts_with("Usage:")).map(str::trim).collect();
    let said = said.join(" ");
    let said = said.trim().trim_end_matches("For more information, try '--help'.").trim_end();
    Failure::argument(&argument, format!("{}; see --help", said.trim_start_matches("error: ")))
}

/// The value of `-oVALUE` and `-o=VALUE`.
fn attached(argument: &str) -> Option<&str> {
    argument.strip_prefix("-o").map(|value| value.trim_start_matches('='))
}

/// How to print, as far as it can be told from a command line that could not be read.
fn output() -> Output {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let asked = arguments.iter().enumerate().find_map(|(i, argument)| {
        let argument = argument.to_str()?;
        let value = match argument {
            "--output" | "-o" => arguments.get(i + 1)?.to_str()?,
            _ => argument.strip_prefix("--output=").or_else(|| attached(argument))?,
        };
        Format::from_str(value, true).ok()
    });
    let piped = if std::io::stdout().is_terminal() { Format::Table } else { Format::Json };
    Output { format: asked.unwrap_or(piped), colours: false, width: None }
}
