//! The command line around guests that behave as no connector should: each is written by hand, with as
//! much of the contract as its test needs.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Delivers one ticket, `7`, and the checkpoint `v1.next`.
const DELIVER: &str = "(i32.const 64)";

/// Does not answer.
const SPIN: &str = "(loop (br 0)) (unreachable)";

/// A connector whose functions are `fetch` and a write that traps.
fn guest(fetch: &str) -> TempDir {
    let text = format!(
        r#"(component
        (core module $m
            (memory (export "mem") 1)
            (data (i32.const 0) "7v1.next")
            ;; result: ok; one ticket; the checkpoint; no more, no wait, no warnings
            (data (i32.const 64) "\00\00\00\00" "\80\00\00\00\01\00\00\00" "\01\00\00\00\07\00\00\00"
                                 "\00\00\00\00" "\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00")
            (data (i32.const 128) "\00\00\00\00\01\00\00\00")
            (global $free (mut i32) (i32.const 1024))
            (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                (global.set $free (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
                (global.get $free)
                (global.set $free (i32.add (global.get $free) (local.get 3))))
            (func (export "fetch") (param i32) (result i32) {fetch})
            (func (export "tag") (param i32 i32 i32 i32) unreachable))
        (core instance $i (instantiate $m))
        (type $options (record
            (field "first-fetch" (option string)) (field "max-fetch" (option u32))
            (field "fetch-delta-minutes" (option u32)) (field "ticket-type" (option string))
            (field "severity-filters" (list string)) (field "entity-types" (list string))
            (field "filters-json" (option string)) (field "include-raw" bool)))
        (type $batch (record
            (field "tickets" (list string)) (field "checkpoint" string) (field "more" bool)
            (field "retry-after-ms" (option u32)) (field "warnings" (list string))))
        (type $fetch (func (param "options" $options) (param "checkpoint" (option string))
                           (result (result $batch (error string)))))
        (func $fetch (type $fetch)
            (canon lift (core func $i "fetch") (memory (core memory $i "mem")) (realloc (core func $i "realloc"))))
        (func $tag (param "fqid" string) (param "tag" string)
            (canon lift (core func $i "tag") (memory (core memory $i "mem")) (realloc (core func $i "realloc"))))
        (instance $tickets
            (export "fetch-options" (type $options)) (export "ticket-batch" (type $batch))
            (export "ticket-fetch" (func $fetch)) (export "ticket-add-tag" (func $tag)))
        (export "proofpoint:connector/tickets@0.1.0" (instance $tickets)))"#
    );
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("connector.wasm"), wat::parse_str(text).unwrap()).unwrap();
    directory
}

fn proofpoint(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proofpoint"));
    command.current_dir(directory).env_clear().args(["--no-cache", "--component", "connector.wasm"]);
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Exit code, standard output and standard error.
fn run(directory: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = proofpoint(directory, arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

const FETCH: [&str; 5] = ["tickets", "fetch", "--checkpoint", "itm.checkpoint", "--quiet"];

#[test]
fn a_fetch_writes_its_lines_and_then_the_checkpoint() {
    let guest = guest(DELIVER);
    assert_eq!(run(guest.path(), &FETCH), (Some(0), "\"7\"\n".to_owned(), String::new()));
    assert_eq!(std::fs::read_to_string(guest.path().join("itm.checkpoint")).unwrap(), "v1.next\n");
}

#[test]
fn lines_that_nobody_reads_are_a_failure_and_the_checkpoint_stays_before_them() {
    let guest = guest(DELIVER);
    let mut child = proofpoint(guest.path(), &FETCH).spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{said}");
    assert!(said.starts_with("error: cannot write the tickets ("), "{said}");
    assert!(!guest.path().join("itm.checkpoint").exists());
}

#[test]
fn a_fetch_that_is_to_print_a_table_is_bad_usage() {
    let guest = guest(DELIVER);
    for format in ["table", "markdown"] {
        let (code, stdout, said) = run(guest.path(), &[&FETCH[..], &["--output", format]].concat());
        assert_eq!((code, stdout.as_str(), said.lines().count()), (Some(2), "", 1), "{said}");
        assert!(said.starts_with("error: invalid-argument: output: a fetch writes JSON lines"), "{said}");
    }
    for format in ["json", "jsonl"] {
        assert_eq!(run(guest.path(), &[&FETCH[..], &["--output", format]].concat()).0, Some(0));
    }
}

#[test]
fn a_checkpoint_that_cannot_be_used_is_bad_usage_in_one_line() {
    let guest = guest(DELIVER);
    for place in [".", "no/such/place", "connector.wasm/c"] {
        let (code, stdout, said) = run(guest.path(), &["tickets", "fetch", "--checkpoint", place]);
        assert_eq!((code, said.lines().count()), (Some(2), 1), "{said}");
        assert!(said.starts_with("error: invalid-argument: checkpoint: cannot use"), "{said}");
        assert!(stdout.starts_with(r#"{"error":{"case":"invalid-argument""#), "{stdout}");
    }
}

#[test]
fn a_second_interrupt_ends_the_program_at_once() {
    let guest = guest(SPIN);
    let mut child = proofpoint(guest.path(), &FETCH).spawn().unwrap();
    // The program takes its checkpoint only once it listens for signals.
    let begun = Instant::now();
    while !guest.path().join("itm.checkpoint.lock").exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not begin");
        std::thread::sleep(Duration::from_millis(5));
    }
    interrupt(&child);
    let mut said = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.starts_with("stopping; "), "{said}");
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130), "ended by the signal, not by the end of the grace");
}

#[test]
fn a_write_that_trapped_is_an_unknown_outcome() {
    let guest = guest(DELIVER);
    let (code, stdout, said) = run(guest.path(), &["tickets", "tag", "F", "T"]);
    assert_eq!((code, said.lines().count()), (Some(7), 1), "{said}");
    assert!(said.starts_with("error: outcome-unknown: the component trapped"), "{said}");
    assert!(stdout.starts_with(r#"{"error":{"case":"outcome-unknown""#), "{stdout}");
}
