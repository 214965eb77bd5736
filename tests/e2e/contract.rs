//! What the component is made of.

use std::collections::BTreeSet;

use miniz_oxide::inflate::decompress_to_vec_zlib;
use proofpoint_tests::{bare_command, component, connector, finish};
use serde_json::Value;

fn sorted(names: &[String]) -> Vec<&str> {
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[test]
fn it_imports_configuration_http_and_clocks_and_nothing_else() {
    let golden: Vec<&str> = include_str!("imports.golden").lines().collect();
    assert_eq!(sorted(connector().imports()), golden);
}

/// The section that `cargo audit` and others look for.
#[test]
fn it_carries_the_list_of_what_it_is_made_of() {
    let bytes = std::fs::read(component()).unwrap();
    let name = b".dep-v0";
    let at = bytes.windows(name.len()).position(|window| window == name).expect("the list is there");
    let list = decompress_to_vec_zlib(&bytes[at + name.len()..]).unwrap();
    let list: Value = serde_json::from_slice(&list).unwrap();
    let packages: BTreeSet<(&str, &str)> = list["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (package["name"].as_str().unwrap(), package["version"].as_str().unwrap()))
        .collect();
    let lock = include_str!("../../Cargo.lock");
    for (name, version) in &packages {
        assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"\n")), "{name} {version}");
    }
    let names: BTreeSet<&str> = packages.iter().map(|(name, _)| *name).collect();
    for name in ["proofpoint-connector", "proofpoint-core", "wasi", "wit-bindgen", "serde_json", "chrono"] {
        assert!(names.contains(name), "{name}: {names:?}");
    }
    assert!(!names.contains("wasmtime"), "{names:?}");
}

#[test]
fn it_exports_the_contract_and_nothing_else() {
    let expected = [
        "dry-run",
        "email-lists",
        "health",
        "incidents",
        "messages",
        "tickets",
        "types",
        "users",
        "workflows",
    ]
    .map(|name| format!("proofpoint:connector/{name}@0.1.0"));
    assert_eq!(sorted(connector().exports()), expected);
    let functions: Vec<&str> = connector().functions().collect();
    assert_eq!(
        functions,
        [
            "dry-run.entry-add",
            "dry-run.entry-remove",
            "dry-run.incident-add-message",
            "dry-run.incident-create",
            "dry-run.ticket-add-comment",
            "dry-run.ticket-add-tag",
            "dry-run.ticket-assign-owner",
            "dry-run.ticket-set-status",
            "dry-run.workflow-run",
            "email-lists.entry-add",
            "email-lists.entry-list",
            "email-lists.entry-remove",
            "health.test-connectivity",
            "incidents.incident-add-message",
            "incidents.incident-count",
            "incidents.incident-create",
            "incidents.incident-fetch",
            "incidents.incident-get",
            "incidents.incident-list",
            "incidents.incident-messages",
            "messages.message-download",
            "messages.message-get",
            "messages.message-list",
            "tickets.email-get",
            "tickets.screenshot-get",
            "tickets.screenshot-list",
            "tickets.ticket-add-comment",
            "tickets.ticket-add-tag",
            "tickets.ticket-assign-owner",
            "tickets.ticket-fetch",
            "tickets.ticket-get",
            "tickets.ticket-search",
            "tickets.ticket-set-status",
            "users.user-find",
            "users.user-list",
            "workflows.workflow-list",
            "workflows.workflow-run",
            "workflows.workflow-run-get",
            "workflows.workflow-run-wait",
        ]
    );
}

#[test]
fn the_readme_names_every_function_and_every_error_case() {
    let readme = include_str!("../../README.md");
    for function in connector().functions() {
        assert!(readme.contains(&format!("| `{function}(")), "README.md lacks {function}");
    }
    let types = include_str!("../../wit/types.wit");
    let (_, variant) = types.split_once("variant error {").unwrap();
    let (variant, _) = variant.split_once("\n  }").unwrap();
    let lines = variant.lines().map(str::trim).filter(|line| !line.starts_with("///"));
    let cases: Vec<&str> = lines.filter_map(|line| line.split_once('(')).map(|(case, _)| case).collect();
    assert_eq!(cases.len(), 12, "{cases:?}");
    for case in cases {
        assert!(readme.contains(&format!("| `{case}` | ")), "README.md lacks {case}");
    }
}

#[test]
fn it_is_smaller_than_800_000_bytes() {
    let size = connector().size();
    assert_eq!(size as u64, std::fs::metadata(component()).unwrap().len());
    assert!(size < 800_000, "{size} bytes");
}

#[tokio::test]
async fn inspect_prints_imports_exports_size_and_sha_256() {
    let shown = finish(bare_command(["inspect"])).await.good().json();
    let connector = connector();
    assert_eq!(shown["imports"], serde_json::json!(connector.imports()));
    assert_eq!(shown["exports"], serde_json::json!(connector.exports()));
    assert_eq!(shown["size"], connector.size());
    assert_eq!(shown["sha256"], connector.sha256());
    assert_eq!(connector.sha256().len(), 64);

    let table = finish(bare_command(["inspect", "--output", "table"])).await.good().stdout;
    for name in connector.imports().iter().chain(connector.exports()) {
        assert!(table.contains(name), "{name}: {table}");
    }
    assert!(table.contains(connector.sha256()), "{table}");
}
