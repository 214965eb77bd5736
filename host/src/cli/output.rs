//! What goes to standard output, and in which form.

use std::io::{self, Write};

use clap::ValueEnum;
use proofpoint_host::GuestError;
use serde_json::{Value, json};

use super::Done;
use super::table::{self, Column};
use super::text::{self, one_line};

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns, or a readable view of one thing
    Table,
    /// The typed result, as the contract has it
    Json,
    /// One row a line
    Jsonl,
    /// GitHub's Markdown
    Markdown,
}

/// A remark on standard error. Where nobody listens there, it is lost, and the work goes on.
pub(crate) fn say(remark: impl AsRef<str>) {
    let remark = text::lines(remark.as_ref()).join("\n");
    let _ = writeln!(io::stderr(), "{remark}");
}

/// Standard output as the user wants it.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    pub(crate) format: Format,
    pub(crate) colours: bool,
    /// The terminal's width; none where it is no terminal.
    pub(crate) width: Option<u16>,
}

impl Output {
    /// Whether a program is to read it.
    pub(crate) fn is_for_programs(&self) -> bool {
        matches!(self.format, Format::Json | Format::Jsonl)
    }

    /// A list of rows. `answer` is the whole typed result that they are part of.
    pub(crate) fn rows(&self, answer: &Value, rows: &[Value], columns: &[Column]) -> Done {
        match self.format {
            Format::Json => self.json(answer),
            Format::Jsonl => rows.iter().try_for_each(|row| self.line(&row.to_string())),
            Format::Markdown => self.line(&table::markdown(rows, columns)),
            Format::Table if rows.is_empty() => Ok(()),
            Format::Table => self.line(&table::plain(rows, columns, self.width, self.colours)),
        }
    }

    /// One thing, with the view of it that people get.
    pub(crate) fn view(&self, answer: &Value, view: impl FnOnce(&Self) -> String) -> Done {
        match self.format {
            Format::Json => self.json(answer),
            Format::Jsonl => self.line(&answer.to_string()),
            Format::Markdown | Format::Table => self.line(&view(self)),
        }
    }

    /// Several things, each with its view.
    pub(crate) fn views(&self, things: &[Value], view: impl Fn(&Self, &Value) -> String) -> Done {
        match self.format {
            Format::Json => self.json(&Value::from(things)),
            Format::Jsonl => things.iter().try_for_each(|thing| self.line(&thing.to_string())),
            Format::Markdown | Format::Table => {
                let views: Vec<String> = things.iter().map(|thing| view(self, thing)).collect();
                self.line(&views.join("\n\n"))
            }
        }
    }

    /// Remarks beneath the rows: for people only, and where a program reads the rows, out of its way.
    pub(crate) fn footer(&self, remark: &str) -> Done {
        match self.format {
            Format::Json => {}
            Format::Jsonl => say(remark),
            Format::Markdown => self.line(&format!("\n{remark}"))?,
            Format::Table => self.line(&self.dim(remark))?,
        }
        Ok(())
    }

    /// The typed result.
    pub(crate) fn json(&self, value: &Value) -> Done {
        self.line(&format!("{value:#}"))
    }

    /// One line, or several, written out at once.
    pub(crate) fn line(&self, text: &str) -> Done {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{text}")?;
        Ok(stdout.flush()?)
    }

    /// An error: a line on standard error, and where a program reads along, an object on standard
    /// output.
    pub(crate) fn error(&self, error: &GuestError) {
        // Of the host's own errors, the case says nothing to a person.
        let line = if error.case() == "host" { error.message().to_owned() } else { error.to_string() };
        say(format!("error: {}", one_line(&line)));
        if self.is_for_programs() {
            // Whether anybody still reads it changes nothing any more.
            let _ = self.line(&json!({ "error": error.to_json() }).to_string());
        }
    }

    /// Bold, where there are colours.
    pub(crate) fn bold(&self, text: &str) -> String {
        self.painted("1", text)
    }

    /// Dim, where there are colours.
    pub(crate) fn dim(&self, text: &str) -> String {
        self.painted("2", text)
    }

    /// Green, where there are colours.
    pub(crate) fn good(&self, text: &str) -> String {
        self.painted("32", text)
    }

    fn painted(&self, code: &str, text: &str) -> String {
        if self.colours && self.format == Format::Table {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}
