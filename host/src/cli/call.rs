//! `proofpoint call`: any function, with JSON.

use std::io::Read;

use super::{Done, Failure, Global, Output, Session};

/// Arguments of `call`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: proofpoint call incidents.incident-list '{\"query\":{\"limit\":5}}'")]
pub(crate) struct Args {
    /// The function, for example incidents.incident-list; `proofpoint inspect` names them
    #[arg(value_name = "INTERFACE.FUNCTION")]
    function: String,
    /// Its parameters, one JSON object keyed by parameter name; `-` reads it from standard input
    #[arg(value_name = "JSON", default_value = "{}")]
    parameters: String,
}

pub(crate) async fn run(global: &Global, output: &Output, args: Args) -> Done {
    let mut text = args.parameters;
    if text == "-" {
        text.clear();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(|error| {
            Failure::argument("parameters", format!("cannot read standard input: {error}"))
        })?;
    }
    let parameters = serde_json::from_str(&text)
        .map_err(|error| Failure::argument("parameters", format!("is not JSON: {error}")))?;
    let answer = Session::open(global)?.call(&args.function, parameters).await?;
    output.json(&answer)
}
