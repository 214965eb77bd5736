//! One thing in full, for people: a heading, named fields and sections, fitted to the terminal. Links that others
//! wrote lead nowhere.

use serde_json::Value;

use super::output::{Format, Output};
use super::table::{Column, escaped};
use super::text::{self, time, unlinked, wrapped};

/// Where the values of fields begin.
const FIELD: usize = 15;

/// Where what happened begins, behind the time.
const EVENT: usize = 20;

/// Lines of a view.
pub(crate) struct View<'a> {
    output: &'a Output,
    lines: Vec<String>,
}

impl<'a> View<'a> {
    pub(crate) fn new(output: &'a Output) -> Self {
        Self { output, lines: Vec::new() }
    }

    pub(crate) fn finish(self) -> String {
        self.lines.join("\n")
    }

    pub(crate) fn heading(&mut self, title: &str) {
        let title = &unlinked(title);
        self.lines.push(if self.is_markdown() {
            format!("## {}\n", escaped(title))
        } else {
            self.output.bold(title)
        });
    }

    pub(crate) fn section(&mut self, title: &str) {
        let heading = if self.is_markdown() { format!("### {title}\n") } else { self.output.bold(title) };
        self.lines.extend([String::new(), heading]);
    }

    /// A value with its name; nothing where there is none. Indented, it belongs to the field above.
    pub(crate) fn field(&mut self, name: &str, value: &str) {
        self.link(name, &unlinked(value));
    }

    /// The same of a link that may be followed: to a place that the configuration names.
    pub(crate) fn link(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        if self.is_markdown() {
            let bare = name.trim_start();
            let indent = " ".repeat(name.len() - bare.len());
            let name = if bare.is_empty() { String::new() } else { format!("**{}**: ", escaped(bare)) };
            self.lines.push(format!("{indent}- {name}{}", escaped(value)));
        } else {
            self.beside(name, value, FIELD);
        }
    }

    /// What happened, in this order, with its times where they are known.
    pub(crate) fn timeline(&mut self, events: &[(String, String)]) {
        self.section("Timeline");
        if events.is_empty() {
            self.event("", "nothing yet");
        }
        for (at, what) in events {
            self.event(&time(&Value::from(at.as_str())), what);
        }
    }

    /// A section of free text; nothing where there is none.
    pub(crate) fn paragraphs(&mut self, title: &str, content: &Value) {
        let lines = content.as_str().map(text::lines).unwrap_or_default();
        if lines.iter().all(String::is_empty) {
            return;
        }
        self.section(title);
        for line in lines.iter().map(|line| unlinked(line)) {
            if self.is_markdown() {
                self.lines.push(escaped(&line));
            } else {
                let room = self.room(2);
                self.lines.extend(wrapped(&line, room).iter().map(|line| format!("  {line}")));
            }
        }
    }

    /// A section with one thing a line; nothing where there is none.
    pub(crate) fn items(&mut self, title: &str, items: &[String]) {
        if items.is_empty() {
            return;
        }
        self.section(title);
        let markdown = self.is_markdown();
        self.lines.extend(items.iter().map(|item| match markdown {
            true => format!("- {}", escaped(item)),
            false => format!("  {item}"),
        }));
    }

    /// A section with a table; nothing where there are no rows.
    pub(crate) fn rows(&mut self, title: &str, rows: &[Value], columns: &[Column]) {
        if rows.is_empty() {
            return;
        }
        self.section(title);
        self.lines.push(self.output.table(rows, columns));
    }

    fn is_markdown(&self) -> bool {
        self.output.format == Format::Markdown
    }

    fn event(&mut self, at: &str, what: &str) {
        let what = &unlinked(what);
        if self.is_markdown() {
            self.lines.push(format!("- {}", escaped(format!("{at} {what}").trim_start())));
        } else {
            self.beside(at, what, EVENT);
        }
    }

    /// A text beside a margin that holds its name.
    fn beside(&mut self, name: &str, text: &str, margin: usize) {
        for (index, line) in wrapped(text, self.room(margin)).into_iter().enumerate() {
            let name = if index == 0 { name } else { "" };
            let gap = margin.saturating_sub(2);
            self.lines.push(format!("  {}{line}", self.output.dim(&format!("{name:<gap$}"))));
        }
    }

    /// What the terminal leaves beside a margin; no terminal, no limit.
    fn room(&self, margin: usize) -> usize {
        self.output.width.map_or(usize::MAX, |width| usize::from(width).saturating_sub(margin).max(20))
    }
}
