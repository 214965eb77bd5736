//! Aligned tables that fit the terminal.

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, Width};
use serde_json::Value;

use super::text::one_line;

/// Columns that give way are not made narrower than this.
const LEAST: u16 = 16;

/// The blanks between columns.
const GAP: u16 = 2;

/// A column: its heading, and what a row shows in it.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    heading: &'static str,
    cell: fn(&Value) -> String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Firm,
    Number,
    Flexible,
    Spare,
}

impl Column {
    /// A column that is always shown in full.
    pub(crate) const fn new(heading: &'static str, cell: fn(&Value) -> String) -> Self {
        Self { heading, cell, kind: Kind::Firm }
    }

    /// It holds numbers, and is aligned to the right.
    pub(crate) const fn number(self) -> Self {
        Self { kind: Kind::Number, ..self }
    }

    /// It is cut short where the terminal is too narrow.
    pub(crate) const fn flexible(self) -> Self {
        Self { kind: Kind::Flexible, ..self }
    }

    /// It is left out where the terminal is too narrow.
    pub(crate) const fn spare(self) -> Self {
        Self { kind: Kind::Spare, ..self }
    }
}

/// The rows as a table, for a terminal of this width where there is one.
pub(crate) fn plain(rows: &[Value], columns: &[Column], width: Option<u16>, colours: bool) -> String {
    let grid = grid(rows, columns);
    let shown = fitting(&grid, columns, width);
    let mut table = Table::new();
    table.load_style(NOTHING).set_truncation_indicator("…").set_content_arrangement(match width {
        Some(_) => ContentArrangement::Dynamic,
        None => ContentArrangement::Disabled,
    });
    if let Some(width) = width {
        table.set_width(width);
    }
    if colours {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    let heading = |index: &usize| columns.get(*index).map(|column| column.heading).unwrap_or_default();
    let bold =
        |text: &str| if colours { Cell::new(text).add_attribute(Attribute::Bold) } else { Cell::new(text) };
    table.set_header(shown.iter().map(|index| bold(heading(index))));
    for line in &grid {
        let cells = shown.iter().filter_map(|index| line.get(*index));
        let mut row = comfy_table::Row::from(cells.map(Cell::new).collect::<Vec<_>>());
        row.max_height(1);
        table.add_row(row);
    }
    for (position, index) in shown.iter().enumerate() {
        let (Some(column), Some(kind)) = (table.column_mut(position), columns.get(*index).map(|c| c.kind))
        else {
            continue;
        };
        let last = position + 1 == shown.len();
        column.set_padding((0, if last { 0 } else { GAP }));
        match kind {
            Kind::Number => column.set_cell_alignment(CellAlignment::Right),
            Kind::Flexible => {
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(1)));
            }
            Kind::Firm | Kind::Spare => {}
        }
        if kind != Kind::Flexible {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table.trim_fmt()
}

/// The rows as a table of GitHub's Markdown.
pub(crate) fn markdown(rows: &[Value], columns: &[Column]) -> String {
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let rule = columns.iter().map(|column| if column.kind == Kind::Number { "---:" } else { "---" });
    let mut lines = vec![
        line(columns.iter().map(|column| column.heading.to_owned()).collect()),
        line(rule.map(str::to_owned).collect()),
    ];
    lines.extend(
        grid(rows, columns).into_iter().map(|row| line(row.iter().map(|cell| escaped(cell)).collect())),
    );
    lines.join("\n")
}

/// Text that means nothing in Markdown.
pub(crate) fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, c| {
        if matches!(c, '|' | '\\' | '`' | '*' | '_' | '<' | '[' | ']') {
            escaped.push('\\');
        }
        escaped.push(c);
        escaped
    })
}

fn grid(rows: &[Value], columns: &[Column]) -> Vec<Vec<String>> {
    let cells = |row: &Value| columns.iter().map(|column| one_line(&(column.cell)(row))).collect();
    rows.iter().map(cells).collect()
}

/// Which columns are shown: spare ones go from the right until the others fit, and columns without
/// any content go anyway.
fn fitting(grid: &[Vec<String>], columns: &[Column], width: Option<u16>) -> Vec<usize> {
    let needed = |index: &usize| {
        let Some(column) = columns.get(*index) else { return 0 };
        let cells = grid.iter().filter_map(|row| row.get(*index)).map(|cell| cell.chars().count());
        let content = cells.chain([column.heading.len()]).max().unwrap_or_default();
        let content = u16::try_from(content).unwrap_or(u16::MAX);
        GAP + if column.kind == Kind::Flexible { content.min(LEAST) } else { content }
    };
    let is_spare = |index: &usize| columns.get(*index).is_some_and(|column| column.kind == Kind::Spare);
    let mut shown: Vec<usize> = (0..columns.len()).collect();
    while let Some(width) = width {
        let total: u32 = shown.iter().map(|index| u32::from(needed(index))).sum();
        let Some(last) = shown.iter().rposition(is_spare) else { break };
        if total <= u32::from(width) + u32::from(GAP) {
            break;
        }
        shown.remove(last);
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::text::text;
    use super::*;

    const COLUMNS: [Column; 4] = [
        Column::new("ID", |row| text(&row["id"])),
        Column::new("N", |row| text(&row["n"])).number(),
        Column::new("TITLE", |row| text(&row["title"])).flexible(),
        Column::new("NOTE", |row| text(&row["note"])).spare(),
    ];

    fn rows() -> Vec<Value> {
        vec![
            json!({ "id": "a", "n": 1, "title": "short", "note": "nnnnnnnnnn" }),
            json!({ "id": "bb", "n": 100, "title": "a title that is far too long for it", "note": "" }),
        ]
    }

    #[test]
    fn columns_are_aligned_and_complete_without_a_terminal() {
        let expected = "\
ID    N  TITLE                                NOTE
a     1  short                                nnnnnnnnnn
bb  100  a title that is far too long for it";
        assert_eq!(plain(&rows(), &COLUMNS, None, false), expected);
    }

    #[test]
    fn a_narrow_terminal_cuts_titles_short_and_drops_what_can_be_spared() {
        let expected = "\
ID    N  TITLE
a     1  short
bb  100  a title that is far…";
        assert_eq!(plain(&rows(), &COLUMNS, Some(29), false), expected);
        assert!(plain(&rows(), &COLUMNS, Some(60), false).contains("nnnnnnnnnn"));
    }

    #[test]
    fn terminal_escapes_do_not_come_through() {
        let rows = [json!({ "id": "a", "title": "x\u{1b}[2Jy\nz" })];
        assert!(!plain(&rows, &COLUMNS, Some(80), false).contains('\u{1b}'));
        assert!(plain(&rows, &COLUMNS, Some(80), true).contains("\u{1b}[1mID"));
    }

    #[test]
    fn markdown_is_escaped() {
        let rows = [json!({ "id": "a|b", "n": 1, "title": "<b>*x*</b>", "note": "" })];
        let expected =
            "| ID | N | TITLE | NOTE |\n| --- | ---: | --- | --- |\n| a\\|b | 1 | \\<b>\\*x\\*\\</b> |  |";
        assert_eq!(markdown(&rows, &COLUMNS), expected);
    }
}
