//! The matrix in `docs/reliability.md`: written where it is not up to date, which fails the test.

use std::fmt::Write;

use super::subjects::{Kind, Subject, subjects};
use super::table::{exceptions, faults};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reliability.md");

const BEGIN: &str = "<!-- fault matrix: written by `cargo test -p proofpoint-tests faults` -->\n";
const END: &str = "<!-- end of the fault matrix -->\n";

/// Compares the document with the matrix of so many cells, all of which came out as expected.
pub(super) fn keep(cells: usize) {
    let before = std::fs::read_to_string(FILE).unwrap();
    let (head, rest) = before.split_once(BEGIN).expect("the document has the mark where the matrix begins");
    let (_, tail) = rest.split_once(END).expect("the document has the mark where the matrix ends");
    let after = format!("{head}{BEGIN}\n{}\n{END}{tail}", matrix(cells));
    if before != after {
        std::fs::write(FILE, after).unwrap();
        panic!("docs/reliability.md was not up to date; it is now: look at it and commit it");
    }
}

fn matrix(cells: usize) -> String {
    let (subjects, faults) = (subjects(), faults());
    let functions: std::collections::BTreeSet<_> = subjects.iter().map(|subject| subject.function).collect();
    let mut text = format!(
        "{} functions with {} requests, {} faults: {cells} cells, each as told here.\n\n",
        functions.len(),
        subjects.len(),
        faults.len()
    );
    text += "| fault | read | detail | create | change | confirmed change | health |\n|---|---|---|---|---|---|---|\n";
    for fault in &faults {
        let cells: Vec<String> = fault.cells.iter().map(|cell| shown(cell)).collect();
        writeln!(text, "| {} | {} |", fault.name, cells.join(" | ")).unwrap();
    }
    text += "\n| kind | requests |\n|---|---|\n";
    for kind in Kind::ALL {
        let names: Vec<String> =
            subjects.iter().filter(|subject| subject.kind == kind).map(Subject::name).collect();
        writeln!(text, "| {} | {} |", title(kind), names.join(", ")).unwrap();
    }
    text += "\n| exception | fault | instead | because |\n|---|---|---|---|\n";
    for exception in exceptions() {
        let (subjects, faults) = (exception.subjects.join(", "), exception.faults.join(", "));
        writeln!(text, "| {subjects} | {faults} | {} | {} |", shown(exception.cell), exception.why).unwrap();
    }
    text
}

fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Read => "read",
        Kind::Detail => "detail: more about one of several that are delivered in any case",
        Kind::Creating => "create: the answer tells what was made",
        Kind::Changing => "change: nothing certain is known of the answer",
        Kind::Confirmed => "confirmed change: where the answer is lost, the ticket is read",
        Kind::Health => "health: two reads, each of which is reported on",
        Kind::Dry => "dry run that asks nothing: `ok` under every fault",
    }
}

/// `outcome-unknown 1 done` for people.
fn shown(cell: &str) -> String {
    let Some((outcome, rest)) = cell.split_once(' ') else { return "–".to_owned() };
    format!("`{outcome}` {}", rest.replace(" done", ", **done**"))
}
