//! `incidents fetch` and `tickets fetch`: what is new, as JSON lines, each of it once.
//!
//! A step delivers its lines first and stores the checkpoint behind them, so that an end at any moment
//! loses nothing: at worst the last step's lines come again.

mod pace;

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::checkpoint::CheckpointFile;
use super::output::{Format, say};
use super::stop::Stop;
use super::text::{self, counted, thousands};
use super::{Done, Failure, Global, Session};
use pace::{Next, Pace};

/// What can be fetched.
pub(crate) struct Source {
    /// The function that makes a step.
    function: &'static str,
    /// The field of a batch with what is new.
    rows: &'static str,
    /// What a person calls one of them.
    noun: &'static str,
}

/// `incident-fetch`.
pub(crate) const INCIDENTS: Source =
    Source { function: "incidents.incident-fetch", rows: "incidents", noun: "incident" };

/// `ticket-fetch`.
pub(crate) const TICKETS: Source =
    Source { function: "tickets.ticket-fetch", rows: "tickets", noun: "ticket" };

impl Source {
    fn rows<'a>(&self, batch: &'a Value) -> &'a [Value] {
        batch[self.rows].as_array().map(Vec::as_slice).unwrap_or_default()
    }
}

/// Arguments of a fetch, beside the options of its source.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where the position is kept from run to run
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Go on for ever, waiting for what is new
    #[arg(long)]
    follow: bool,
    /// How long --follow waits when there is nothing new
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = pace::interval)]
    interval: Duration,
    /// Say nothing about progress
    #[arg(long, short)]
    quiet: bool,
}

pub(crate) async fn run(
    global: &Global,
    session: &mut Session,
    source: &Source,
    args: Args,
    options: impl Serialize,
) -> Done {
    if let Some(Format::Table | Format::Markdown) = global.format() {
        return Err(Failure::argument("output", "a fetch writes JSON lines: leave it out, or take jsonl"));
    }
    // Listening comes before the lock: who sees the lock can rely on an orderly end.
    let stop = Stop::listen()?;
    let file = args.checkpoint.as_deref().map(CheckpointFile::own).transpose()?;
    let checkpoint = file.as_ref().map(CheckpointFile::read).transpose()?.flatten();
    let mut fetch = Fetch {
        session,
        source,
        options: json!(options),
        checkpoint,
        file,
        delivered: 0,
        quiet: args.quiet,
        stop,
    };
    fetch.run(Pace::new(args.follow, args.interval)).await
}

struct Fetch<'a> {
    session: &'a mut Session,
    source: &'a Source,
    options: Value,
    checkpoint: Option<String>,
    file: Option<CheckpointFile>,
    delivered: u64,
    quiet: bool,
    stop: Stop,
}

impl Fetch<'_> {
    async fn run(&mut self, mut pace: Pace) -> Done {
        while !self.stop.is_wanted() {
            let next = match self.step().await {
                None => return Ok(()),
                Some(Ok(batch)) => {
                    if !self.deliver(&batch).await? {
                        return Ok(());
                    }
                    let next = pace.after_batch(&batch);
                    self.report(&batch, next);
                    next
                }
                Some(Err(_)) if self.stop.is_wanted() => return Ok(()),
                Some(Err(failure)) => {
                    let Some(next) = pace.after_failure(&failure) else { return Err(failure) };
                    say(format!("{failure}; {}", then(next)));
                    next
                }
            };
            match next {
                Next::AtOnce => {}
                Next::Wait(time) => self.stop.sleep(time).await,
                Next::Done | Next::Later(_) => return Ok(()),
            }
        }
        Ok(())
    }

    /// The next batch; none when it was given up for the sake of stopping.
    async fn step(&mut self) -> Option<Result<Value, Failure>> {
        let parameters = json!({ "options": self.options, "checkpoint": self.checkpoint });
        self.stop.grace(self.session.call(self.source.function, parameters)).await
    }

    /// Writes the lines, then stores the checkpoint; false when stopping came first.
    async fn deliver(&mut self, batch: &Value) -> Result<bool, Failure> {
        let rows = self.source.rows(batch);
        let lines: String = rows.iter().map(|row| text::json(row) + "\n").collect();
        let write = async {
            let mut stdout = tokio::io::stdout();
            stdout.write_all(lines.as_bytes()).await?;
            stdout.flush().await
        };
        // A reader that does not read must not keep the program from stopping.
        let Some(written) = self.stop.grace(write).await else { return Ok(false) };
        written.map_err(|error| {
            let what = self.source.rows;
            Failure::host(format!("cannot write the {what} ({error}); the checkpoint stays before them"))
        })?;
        let checkpoint = batch["checkpoint"].as_str().unwrap_or_default();
        if let Some(file) = &self.file {
            file.store(checkpoint)?;
        }
        self.checkpoint = Some(checkpoint.to_owned());
        self.delivered += rows.len() as u64;
        Ok(true)
    }

    fn report(&self, batch: &Value, next: Next) {
        for warning in batch["warnings"].as_array().into_iter().flatten() {
            say(format!("warning: {}", text::text(warning)));
        }
        // That more is waiting is said also when progress is not: nobody else will come for it.
        if !self.quiet || matches!(next, Next::Later(_)) {
            let count = counted(self.source.rows(batch).len() as u64, self.source.noun);
            say(format!("{count} delivered, {} in all; {}", thousands(self.delivered), then(next)));
        }
    }
}

fn then(next: Next) -> String {
    let seconds = |time: Duration| time.as_millis().div_ceil(1000);
    match next {
        Next::AtOnce => "more are waiting".to_owned(),
        Next::Wait(time) => format!("next step in {} s", seconds(time)),
        Next::Done => "nothing more".to_owned(),
        Next::Later(time) => format!("more are waiting, run again in {} s", seconds(time)),
    }
}
