//! Every exported function under every fault: what it answers, how often it asks, and what was done at the
//! vendor. What is expected stands in `table`, by kind of function; the outcome is written down in
//! `docs/reliability.md`.

mod cell;
mod document;
mod door;
mod log;
mod subjects;
mod table;

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use proofpoint_tests::connector;

use cell::{Cell, Surroundings};
use subjects::subjects;
use table::{exceptions, faults};

/// Cells that run side by side: most of them wait.
const AT_ONCE: usize = 100;

/// All cells: each request of each function under each fault that can strike it.
fn cells() -> VecDeque<Cell> {
    let faults = faults();
    let cells = subjects().into_iter().enumerate().flat_map(|(turn, subject)| {
        let faults = faults.iter().filter(|fault| fault.strikes(&subject)).cloned().collect::<Vec<_>>();
        faults.into_iter().enumerate().map(move |(index, fault)| Cell {
            subject: subject.clone(),
            fault,
            gives_secrets: index % 2 == turn % 2,
        })
    });
    cells.collect()
}

#[test]
fn every_function_has_its_row() {
    let subjects = subjects();
    let named: BTreeSet<&str> = subjects.iter().map(|subject| subject.function).collect();
    assert_eq!(named.into_iter().collect::<Vec<_>>(), connector().functions().collect::<Vec<_>>());
}

#[test]
fn every_exception_is_one() {
    let cells = cells();
    for exception in exceptions() {
        for fault in exception.faults {
            let found = cells.iter().filter(|cell| {
                cell.fault.name == *fault && exception.subjects.contains(&cell.subject.name().as_str())
            });
            let found: Vec<&Cell> = found.collect();
            assert_eq!(found.len(), exception.subjects.len(), "{fault}: {:?}", exception.subjects);
            for cell in found {
                assert_ne!(
                    cell.fault.usual(&cell.subject),
                    cell.expected(),
                    "{}: {fault}",
                    cell.subject.name()
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_function_bears_every_fault() {
    log::begin();
    let surroundings = Arc::new(Surroundings::new());
    let cells = cells();
    let count = cells.len();
    let (waiting, wrong) = (Arc::new(Mutex::new(cells)), Arc::new(Mutex::new(Vec::new())));
    let next = |waiting: &Mutex<VecDeque<Cell>>| waiting.lock().unwrap().pop_front();
    let workers: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (waiting, wrong, surroundings) = (waiting.clone(), wrong.clone(), surroundings.clone());
            tokio::spawn(async move {
                while let Some(cell) = next(&waiting) {
                    let (name, expected) = (cell.name(), cell.expected());
                    let around = surroundings.clone();
                    let seen = tokio::spawn(async move { cell.run(&around).await }).await;
                    let seen = seen.unwrap_or_else(|error| format!("a panic: {error}"));
                    if seen != expected {
                        wrong.lock().unwrap().push(format!("{name}: {seen} instead of {expected}"));
                    }
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    let mut wrong = std::mem::take(&mut *wrong.lock().unwrap());
    wrong.sort();
    assert!(wrong.is_empty(), "{} of {count} cells:\n{}", wrong.len(), wrong.join("\n"));
    assert!(surroundings.nobody_came_elsewhere(), "a redirect was followed");
    log::check(count);
    document::keep(count);
}
