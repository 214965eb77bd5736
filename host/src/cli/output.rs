//! What goes to standard output, and in which form.

use std::io::{self, Write};

use clap::ValueEnum;
use serde_json::Value;

use super::many::Results;
use super::table::{self, Column};
use super::text::{self, counted, thousands};
use super::{Done, Failure};

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

/// Lines on standard error that hold nothing but what was made readable, set out as they are.
pub(crate) fn say_set_out(lines: &str) {
    let _ = writeln!(io::stderr(), "{lines}");
}

/// How many of several things were left after one that failed; nothing where none were.
pub(crate) fn say_untried(count: usize) {
    match count {
        0 => {}
        1 => say("1 more was not tried"),
        more => say(format!("{} more were not tried", thousands(more as u64))),
    }
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
            Format::Jsonl => rows.iter().try_for_each(|row| self.line(&text::json(row))),
            Format::Table if rows.is_empty() => Ok(()),
            Format::Markdown | Format::Table => self.line(&self.table(rows, columns)),
        }
    }

    /// Rows as people see them.
    pub(crate) fn table(&self, rows: &[Value], columns: &[Column]) -> String {
        match self.format {
            Format::Markdown => table::markdown(rows, columns),
            _ => table::plain(rows, columns, self.width, self.colours),
        }
    }

    /// One thing, with the view of it that people get.
    pub(crate) fn view(&self, answer: &Value, view: impl FnOnce(&Self) -> String) -> Done {
        match self.format {
            Format::Json => self.json(answer),
            Format::Jsonl => self.line(&text::json(answer)),
            Format::Markdown | Format::Table => self.line(&view(self)),
        }
    }

    /// A page of rows, with what a person needs to go on. `field` is the answer's field with the rows.
    pub(crate) fn page(&self, page: &Value, field: &str, columns: &[Column]) -> Done {
        let rows = page[field].as_array().map(Vec::as_slice).unwrap_or_default();
        self.rows(page, rows, columns)?;
        for warning in page["warnings"].as_array().into_iter().flatten() {
            say(format!("warning: {}", text::text(warning)));
        }
        let total = page["total"].as_u64().unwrap_or_default();
        let noun = field.strip_suffix('s').unwrap_or(field);
        let shown = format!("{} of {}", thousands(rows.len() as u64), counted(total, noun));
        match page["next"].as_str() {
            None => self.footer(&shown),
            Some(cursor) => {
                let line = format!("{shown} · next page: --cursor {cursor}");
                let fits = self.width.is_none_or(|width| line.chars().count() <= usize::from(width));
                // A line of its own is easier to copy than one that wraps.
                self.footer(&if fits { line } else { format!("{shown} · next page: --cursor\n{cursor}") })
            }
        }
    }

    /// What came of so many things that were asked for by name: those that there are, shown, then what failed,
    /// then how many were not tried. The first failure gives the exit code.
    pub(crate) fn each(
        &self,
        asked: usize,
        results: Results,
        show: impl FnOnce(&Self, &[Value]) -> Done,
    ) -> Done {
        let untried = asked.saturating_sub(results.len());
        if let [(_, Err(error))] = results.as_slice() {
            say_untried(untried);
            return Err(error.clone().into());
        }
        let (mut good, mut failures) = (Vec::new(), Vec::new());
        for (name, result) in results {
            match result {
                Ok(thing) => good.push(thing),
                Err(error) => failures.push((name, error)),
            }
        }
        show(self, &good)?;
        let failure = Failure::first_of(&failures);
        say_untried(untried);
        failure.map_or(Ok(()), Err)
    }

    /// Several things, each with its view.
    pub(crate) fn views(&self, things: &[Value], view: impl Fn(&Self, &Value) -> String) -> Done {
        match self.format {
            Format::Json => self.json(&Value::from(things)),
            Format::Jsonl => things.iter().try_for_each(|thing| self.line(&text::json(thing))),
            Format::Markdown | Format::Table if things.is_empty() => Ok(()),
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
        self.line(&text::pretty_json(value))
    }

    /// One line, or several, written out at once.
    pub(crate) fn line(&self, text: &str) -> Done {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{text}")?;
        Ok(stdout.flush()?)
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

    /// Red, where there are colours.
    pub(crate) fn bad(&self, text: &str) -> String {
        self.painted("31", text)
    }

    fn painted(&self, code: &str, text: &str) -> String {
        if self.colours && self.format == Format::Table {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}
