//! Aligned tables that fit the terminal.

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, Row, Table};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::text::{one_line, unlinked, wrapped};

/// Columns that give way want this much; spare columns are left out for it.
const WANTED: usize = 32;

/// Columns that give way say nothing with less; then each row becomes a block of lines.
const LEAST: usize = 12;

/// The blanks between columns.
const GAP: usize = 2;

/// A column: its heading, and what a row shows in it.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    heading: &'static str,
    cell: fn(&Value) -> String,
    kind: Kind,
    /// Whether links in it may be followed.
    links: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Firm,
    Number,
    Flexible,
    Wrapped,
    Spare,
    Beneath,
}

impl Column {
    /// A column that is always shown in full, with links that lead nowhere.
    pub(crate) const fn new(heading: &'static str, cell: fn(&Value) -> String) -> Self {
        Self { heading, cell, kind: Kind::Firm, links: false }
    }

    /// Its links are those that the configuration names, and stay as they are.
    pub(crate) const fn linked(self) -> Self {
        Self { links: true, ..self }
    }

    /// It holds numbers, and is aligned to the right.
    pub(crate) const fn number(self) -> Self {
        Self { kind: Kind::Number, ..self }
    }

    /// It is cut short where the terminal is too narrow.
    pub(crate) const fn flexible(self) -> Self {
        Self { kind: Kind::Flexible, ..self }
    }

    /// It is broken into lines where the terminal is too narrow.
    pub(crate) const fn wrapped(self) -> Self {
        Self { kind: Kind::Wrapped, ..self }
    }

    /// It is left out where the terminal is too narrow.
    pub(crate) const fn spare(self) -> Self {
        Self { kind: Kind::Spare, ..self }
    }

    /// It stands on a line of its own, in full, where the terminal is too narrow.
    pub(crate) const fn beneath(self) -> Self {
        Self { kind: Kind::Beneath, ..self }
    }

    fn gives_way(&self) -> bool {
        matches!(self.kind, Kind::Flexible | Kind::Wrapped)
    }

    fn shape(&self, column: &mut comfy_table::Column) {
        if self.kind == Kind::Number {
            column.set_cell_alignment(CellAlignment::Right);
        }
        if self.kind == Kind::Flexible {
            // Cut where the room ends, not where a word does.
            column.set_delimiter('\0');
        }
        if !self.gives_way() {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
}

/// The rows as a table, for a terminal of this width where there is one. One that is too narrow for a table
/// gets a block of lines for each row.
pub(crate) fn plain(rows: &[Value], columns: &[Column], width: Option<u16>, colours: bool) -> String {
    let grid = grid(rows, columns);
    let width = width.map(usize::from);
    let shown = fitting(&grid, columns, width);
    if width.is_some_and(|width| needed(&grid, &shown, LEAST) > width) {
        return blocks(&grid, columns, width, colours);
    }
    let table = table(&grid, &shown, width, colours);
    let missing = |(index, column): &(usize, &Column)| {
        column.kind == Kind::Beneath && !shown.iter().any(|(shown, _)| shown == index)
    };
    let beneath: Vec<usize> = columns.iter().enumerate().filter(missing).map(|(index, _)| index).collect();
    if beneath.is_empty() {
        return table;
    }
    // No cell of such a table is broken into lines, so that a line is a row.
    let mut lines: Vec<String> = Vec::new();
    for (number, line) in table.lines().enumerate() {
        lines.push(line.to_owned());
        let row = number.checked_sub(1).and_then(|row| grid.get(row));
        let cells = beneath.iter().filter_map(|index| row?.get(*index)).filter(|cell| !cell.is_empty());
        lines.extend(cells.map(|cell| format!("  {}", painted(cell, "2", colours))));
    }
    lines.join("\n")
}

fn table(grid: &[Vec<String>], shown: &[Shown<'_>], width: Option<usize>, colours: bool) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_truncation_indicator("…");
    match width.and_then(|width| u16::try_from(width).ok()) {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    if colours {
        table.enforce_styling()
    } else {
        table.force_no_tty()
    };
    table
        .set_header(shown.iter().map(|(_, column)| Cell::new(column.heading).add_attribute(Attribute::Bold)));
    let one_line_each = !shown.iter().any(|(_, column)| column.kind == Kind::Wrapped);
    for line in grid {
        let cells = shown.iter().filter_map(|(index, _)| line.get(*index));
        let mut row = Row::from(cells.map(Cell::new).collect::<Vec<_>>());
        if one_line_each {
            row.max_height(1);
        }
        table.add_row(row);
    }
    for (position, (_, kind)) in shown.iter().enumerate() {
        let last = position + 1 == shown.len();
        if let Some(column) = table.column_mut(position) {
            column.set_padding((0, if last { 0 } else { GAP as u16 }));
            kind.shape(column);
        }
    }
    table.trim_fmt()
}

/// Each row as lines of heading and value, with a line between rows.
fn blocks(grid: &[Vec<String>], columns: &[Column], width: Option<usize>, colours: bool) -> String {
    let margin = columns.iter().map(|column| column.heading.len()).max().unwrap_or_default() + GAP;
    let room = width.map_or(usize::MAX, |width| width.saturating_sub(margin));
    let block = |row: &Vec<String>| {
        let mut lines = Vec::new();
        for (column, cell) in columns.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
            // A mark without a heading stands where headings do.
            let heading = if column.heading.is_empty() { cell } else { column.heading };
            let value = if column.heading.is_empty() { "" } else { cell };
            for (index, line) in wrapped(value, room).into_iter().enumerate() {
                let heading = if index == 0 { heading } else { "" };
                let gap = " ".repeat(margin.saturating_sub(heading.width()));
                lines.push(format!("{}{gap}{line}", painted(heading, "1", colours)).trim_end().to_owned());
            }
        }
        lines.join("\n")
    };
    grid.iter().map(block).collect::<Vec<_>>().join("\n\n")
}

fn painted(text: &str, code: &str, colours: bool) -> String {
    if colours && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
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
    let cell = |row: &Value, column: &Column| {
        let text = one_line(&(column.cell)(row));
        if column.links { text } else { unlinked(&text) }
    };
    let cells = |row: &Value| columns.iter().map(|column| cell(row, column)).collect();
    rows.iter().map(cells).collect()
}

/// A column that is shown, with its place among all.
type Shown<'a> = (usize, &'a Column);

/// Which columns are shown: those that need not be go from the right until the others have room.
fn fitting<'a>(grid: &[Vec<String>], columns: &'a [Column], width: Option<usize>) -> Vec<Shown<'a>> {
    let mut shown: Vec<Shown<'a>> = columns.iter().enumerate().collect();
    while width.is_some_and(|width| needed(grid, &shown, WANTED) > width) {
        let can_go = |(_, column): &Shown<'_>| matches!(column.kind, Kind::Spare | Kind::Beneath);
        let Some(last) = shown.iter().rposition(can_go) else { break };
        shown.remove(last);
    }
    shown
}

/// The width that these columns take where those that give way get no more than `flexible`.
fn needed(grid: &[Vec<String>], shown: &[Shown<'_>], flexible: usize) -> usize {
    let width = |(index, column): &Shown<'_>| {
        let cells = grid.iter().filter_map(|row| row.get(*index)).map(|cell| cell.width());
        let content = cells.chain([column.heading.len()]).max().unwrap_or_default();
        GAP + if column.gives_way() { content.min(flexible) } else { content }
    };
    shown.iter().map(width).sum::<usize>().saturating_sub(GAP)
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
    fn what_is_too_narrow_for_a_table_gets_a_block_of_lines_for_each_row() {
        let expected = "\
ID     a
N      1
TITLE  short
NOTE   nnnnnnnnnn

ID     bb
N      100
TITLE  a title that
       is far too
       long for it";
        assert_eq!(plain(&rows(), &COLUMNS, Some(20), false), expected);
        assert!(plain(&rows(), &COLUMNS, Some(21), false).starts_with("ID    N  TITLE"));
        assert!(plain(&rows(), &COLUMNS, Some(20), true).starts_with("\u{1b}[1mID\u{1b}[0m     a"));
    }

    #[test]
    fn what_must_not_be_cut_stands_beneath_its_row_where_there_is_no_room_beside_it() {
        let columns = [COLUMNS[0], COLUMNS[2], Column { kind: Kind::Beneath, ..COLUMNS[3] }];
        let expected = "\
ID  TITLE
a   short
  nnnnnnnnnn
bb  a title that is far t…";
        assert_eq!(plain(&rows(), &columns, Some(26), false), expected);
        assert!(plain(&rows(), &columns, Some(80), false).starts_with("ID  TITLE   "));
        assert!(plain(&rows(), &columns, None, false).contains("short                                nn"));
    }

    #[test]
    fn wide_characters_take_the_room_that_they_need() {
        let rows = [json!({ "id": "日本語日本語", "n": 1, "title": "請求書の支払いが遅れています" })];
        let expected = "\
ID            N  TITLE
日本語日本語  1  請求書の支…";
        assert_eq!(plain(&rows, &COLUMNS, Some(29), false), expected);
        let expected = "ID     日本語日本語\nN      1\nTITLE  請求書の支払いが遅れています";
        assert_eq!(plain(&rows, &COLUMNS, Some(28), false), expected);
    }

    #[test]
    fn no_cell_is_a_link_but_in_a_column_of_links() {
        let rows = [json!({ "id": "a", "title": "see https://evil.example or hxxps://evil[.]example" })];
        for shown in [plain(&rows, &COLUMNS, None, false), markdown(&rows, &COLUMNS)] {
            let shown = shown.replace('\\', "");
            assert!(shown.contains("see hxxps://evil.example or hxxps://evil[.]example"), "{shown}");
        }
        assert!(plain(&rows, &[COLUMNS[2].linked()], None, false).contains("https://evil.example"));
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
