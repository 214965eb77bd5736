//! What takes long: a fetch that is killed again and again, a host under load, many tenants side by side. `just test`
//! runs it small, `just soak` in full and writes the figures into `docs/reliability.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../../crates/core/tests/it/fetch_model.rs"]
mod fetch_model;
mod kill;
mod load;
mod model;
mod tenants;

use std::path::Path;
use std::sync::Mutex;

/// Held by each of these tests: they measure what the whole process holds and how long it takes.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Whether this is the long run.
fn in_full() -> bool {
    std::env::var_os("PROOFPOINT_SOAK").is_some()
}

/// How many of something: usually, and in the long run.
fn times(usual: u32, long: u32) -> u32 {
    if in_full() { long } else { usual }
}

/// Prints the figures; the long run also writes them into the document, at the mark of this name.
fn report(name: &str, figures: &str) {
    static WRITING: Mutex<()> = Mutex::new(());
    println!("{figures}");
    if !in_full() {
        return;
    }
    let _alone = WRITING.lock();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reliability.md");
    let (begin, end) =
        (format!("<!-- {name}: written by `just soak` -->\n"), format!("<!-- end of {name} -->\n"));
    let document = std::fs::read_to_string(&file).unwrap();
    let (head, rest) =
        document.split_once(&begin).expect("the document has the mark where the figures begin");
    let (_, tail) = rest.split_once(&end).expect("the document has the mark where the figures end");
    std::fs::write(file, format!("{head}{begin}\n{figures}\n{end}{tail}")).unwrap();
}

/// The figures that the schedules in memory left.
#[test]
#[ignore = "`just soak` runs the schedules before, and then this"]
fn the_core_delivered_each_once_however_they_arrived() {
    let file = std::env::var_os("FETCH_FIGURES").expect("`just soak` says where the figures are");
    let figures = std::fs::read_to_string(file).unwrap();
    assert_eq!(figures.lines().count(), 2, "incidents and tickets: {figures}");
    report("core schedules", &figures);
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    /// A number below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}
