//! The command line: arguments, output, settings, and what it takes them from.

use std::ffi::OsStr;
use std::fs::Permissions;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;

use chrono::TimeDelta;
use proofpoint_simulator::Message;
use proofpoint_tests::{World, bare_command, column, component, connector, finish, id, ids, terminate};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

#[tokio::test]
async fn a_piped_list_is_the_typed_page() {
    let mut world = World::new().await;
    world.add_incidents(5, 0);
    let arguments = ["incidents", "list", "--limit", "3", "--since", "1 day", "--state", "open,closed"];
    let page = world.run(arguments).await.good().json();
    let fields: Vec<&String> = page.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["incidents", "total", "next", "warnings"], "in the order of the contract");
    assert_eq!(ids(&page, "incidents"), [id(5), id(4), id(3)]);
    assert_eq!(page["incidents"][0].as_object().unwrap().len(), 29, "every field of the record");
    let sent = world.only_body();
    assert_eq!(sent["endRow"], 3);
    assert!(sent["filters"]["time_range_filter"].is_object() && sent["filters"]["other_filters"].is_null());
    let direct = world.list(json!({ "limit": 3 })).await.unwrap();
    assert_eq!(page["incidents"], direct["incidents"]);
}

#[tokio::test]
async fn each_output_shows_the_same_rows() {
    let world = World::new().await;
    world.add_incidents(3, 0);
    let list = |format: &'static str| world.run(["incidents", "list", "--limit", "2", "--output", format]);
    let table = list("table").await.good().stdout;
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("INCIDENT") && lines[0].contains("TITLE"), "{table}");
    assert!(table.contains("INC-3") && table.contains("INC-2") && !table.contains("INC-1 "), "{table}");
    assert!(table.contains("2 of 3 incidents · next page: --cursor"), "{table}");
    assert!(!table.contains('\u{1b}'), "no colours in a pipe");
    let markdown = list("markdown").await.good().stdout;
    assert!(markdown.starts_with("| INCIDENT |") && markdown.contains("| INC-3 |"), "{markdown}");
    let lines = list("jsonl").await;
    assert_eq!(lines.code, Some(0));
    assert_eq!(lines.lines().iter().map(|row| row["id"].clone()).collect::<Vec<_>>(), [id(3), id(2)]);
}

#[tokio::test]
async fn titles_cannot_break_a_table_or_a_terminal() {
    let world = World::new().await;
    world.add(1, TimeDelta::zero(), |incident| incident.title = "a | b\n\u{1b}[31mred\u{7}\u{202e}".into());
    for format in ["table", "markdown"] {
        let shown = world.run(["incidents", "list", "--output", format]).await.good().stdout;
        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{7}'), "{shown:?}");
        assert_eq!(shown.lines().filter(|line| line.contains("red")).count(), 1, "{shown:?}");
        let row = shown.lines().find(|line| line.contains("red")).unwrap();
        assert!(row.contains("INC-1"), "{row:?}");
    }
}

#[tokio::test]
async fn a_page_is_continued_with_its_cursor() {
    let world = World::new().await;
    world.add_incidents(5, 0);
    let first = world.run(["incidents", "list", "--limit", "3"]).await.good().json();
    let cursor = first["next"].as_str().unwrap();
    let rest = world.run(["incidents", "list", "--cursor", cursor]).await.good().json();
    assert_eq!((ids(&rest, "incidents"), &rest["next"]), ([2, 1].map(id).to_vec(), &Value::Null));
    world.run(["incidents", "list", "--cursor", "garbage"]).await.failed(2, "invalid-argument: cursor");
}

#[tokio::test]
async fn every_command_about_incidents_works() {
    let world = World::new().await;
    world.add(7, TimeDelta::zero(), |incident| {
        incident.messages = vec![Message::at(1, incident.created_at)];
    });
    assert_eq!(world.run(["incidents", "count", "--priority", "medium"]).await.good().stdout, "1\n");
    for name in [id(7).as_str(), "7", "INC-7", "inc-7", "INC-007"] {
        let detail = world.run(["incidents", "get", name]).await.good().json();
        assert_eq!(detail[0]["incident"]["display-id"], "7", "{name}");
        let messages = world.run(["incidents", "messages", name]).await.good().json();
        assert_eq!(messages["messages"][0]["subject"], "Invoice 1", "{name}");
    }
    let created = world.run(["incidents", "create", "--title", "By phone", "--priority", "low"]).await;
    assert_eq!(created.good().json()["display-id"], "8");
    let upload = ["incidents", "add-message", &id(7), "--message-id", "<x@y>", "--to", "a@b.c,d@e.f"];
    assert_eq!(world.run(upload).await.good().json()["uploaded-recipients-count"], 2);
    assert_eq!(world.vendor().incident(&id(7)).unwrap().messages.len(), 3);
    for arguments in [
        vec!["incidents", "get", "7", "--output", "table"],
        vec!["incidents", "messages", "7", "--output", "table"],
        vec!["incidents", "messages", "7", "--output", "markdown"],
    ] {
        assert!(!world.run(arguments).await.good().stdout.is_empty());
    }
}

#[tokio::test]
async fn some_unknown_ids_do_not_hide_those_that_were_found() {
    let world = World::new().await;
    world.add_incidents(2, 0);
    let ran = world.run(["incidents", "get", &id(1), &id(99), "2"]).await;
    assert_eq!(ran.failed(5, &id(99)).json().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn call_fills_in_what_may_be_absent_and_answers_json() {
    let world = World::new().await;
    world.add_incidents(60, 0);
    for parameters in [r#"{"query":{}}"#, "{}", r#"{"query":{"limit":null,"sort":null}}"#] {
        let page = world.run(["call", "incidents.incident-list", parameters]).await.good().json();
        assert_eq!(ids(&page, "incidents").len(), 50, "{parameters}");
    }
    let page = world.run(["call", "incidents.incident-list"]).await.good().json();
    assert_eq!(ids(&page, "incidents").len(), 50);
    assert_eq!(world.run(["call", "incidents.incident-count", "{}", "-o", "table"]).await.good().json(), 60);
}

#[tokio::test]
async fn call_reads_its_parameters_from_standard_input() {
    let world = World::new().await;
    world.add_incidents(3, 0);
    let file = world.directory().join("parameters.json");
    std::fs::write(&file, r#"{"query":{"limit":2}}"#).unwrap();
    let mut command = world.command(["call", "incidents.incident-list", "-"]);
    command.stdin(std::fs::File::open(&file).unwrap());
    assert_eq!(ids(&world.finish(command).await.good().json(), "incidents").len(), 2);
}

#[tokio::test]
async fn a_wrong_call_is_one_line_that_names_what_is_wrong() {
    let world = World::new().await;
    for (function, parameters, line) in [
        ("incidents.incident-lost", "{}", "there is no function `incidents.incident-lost`"),
        ("incidents", "{}", "there is no function `incidents`"),
        ("", "{}", "there is no function ``"),
        ("incidents.incident-list", r#"{"query":{"limt":5}}"#, "query.limt: unknown field"),
        ("incidents.incident-list", r#"{"qery":{}}"#, "qery: unknown field"),
        ("incidents.incident-list", r#"{"query":{"limit":"5"}}"#, "query.limit: expected"),
        ("incidents.incident-list", r#"{"query":{"limit":-1}}"#, "query.limit: expected"),
        ("incidents.incident-list", r#"{"query":{"limit":4294967296}}"#, "query.limit: expected"),
        ("incidents.incident-list", r#"{"query":{"limit":1.5}}"#, "query.limit: expected"),
        (
            "incidents.incident-list",
            r#"{"query":{"source-filters":"tap"}}"#,
            "query.source-filters: expected",
        ),
        (
            "incidents.incident-list",
            r#"{"query":{"source-filters":[1]}}"#,
            "query.source-filters[0]: expected",
        ),
        ("incidents.incident-list", r#"{"query":{"include-raw":"yes"}}"#, "query.include-raw: expected"),
        ("incidents.incident-list", r#"{"query":[]}"#, "query: expected an object"),
        ("incidents.incident-list", "[]", "parameters: expected an object"),
        ("incidents.incident-list", "{", "parameters: is not JSON"),
        ("incidents.incident-create", r#"{"incident":{}}"#, "incident.title: is missing"),
        ("incidents.incident-messages", "{}", "id: is missing"),
        ("incidents.incident-get", r#"{"ids":[]}"#, "invalid-argument: ids: 0 ids"),
    ] {
        let ran = world.run(["call", function, parameters]).await;
        assert_eq!(ran.failed(2, line).json()["error"]["case"], "invalid-argument", "{parameters}");
    }
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn bad_usage_is_2() {
    let world = World::new().await;
    for (arguments, line) in [
        (vec!["incidents", "list", "--limit", "4294967296"], "4294967296"),
        (vec!["incidents", "list", "--limit", "-1"], "-1"),
        (vec!["incidents", "list", "--limit", "many"], "many"),
        (vec!["incidents", "list", "--no-such-flag"], "--no-such-flag"),
        (vec!["incidents", "list", "--output", "xml"], "xml"),
        (vec!["incidents", "get"], "required"),
        (vec!["incidents", "fetch", "--interval", "soon"], "soon"),
        (vec!["nonsense"], "nonsense"),
    ] {
        let ran = world.run(arguments).await;
        assert_eq!(ran.failed(2, line).json()["error"]["case"], "invalid-argument", "{ran:#?}");
    }
    for (format, has_object) in [
        (vec!["-ojsonl"], true),
        (vec!["-o=json"], true),
        (vec!["-o", "table"], false),
        (vec!["-otable"], false),
        (vec!["-o=markdown"], false),
        (vec!["--output=table"], false),
    ] {
        let ran = world.run(["nonsense"].into_iter().chain(format.iter().copied())).await;
        assert_eq!(!ran.failed(2, "nonsense").stdout.is_empty(), has_object, "{format:?}: {ran:#?}");
    }
    let not_text = OsStr::from_bytes(b"\xff\xfe");
    for arguments in [
        vec![OsStr::new("incidents"), OsStr::new("get"), not_text],
        vec![OsStr::new("call"), not_text],
        vec![not_text],
    ] {
        let ran = world.run(arguments).await;
        assert_eq!(ran.failed(2, "").json()["error"]["case"], "invalid-argument", "{ran:#?}");
    }
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn a_huge_limit_gives_all_there_are() {
    let world = World::new().await;
    world.add_incidents(450, 0);
    let page = world.run(["incidents", "list", "--limit", "4294967295"]).await.good().json();
    assert_eq!(ids(&page, "incidents").len(), 450);
}

#[tokio::test]
async fn what_the_settings_file_gets_wrong_is_3_and_named() {
    let world = World::new().await;
    let file = world.directory().join("settings.toml");
    let path = file.to_str().unwrap();
    let arguments = ["incidents", "count", "--config", path];
    world.run(arguments).await.failed(3, "configuration: config: cannot read");
    for (toml, line) in [
        ("ctr_client_idd = 'x'", "unknown key `ctr_client_idd` in line 1; did you mean `ctr_client_id`?"),
        ("[profiles.other]\nctr_max_fetsch = 1", "unknown key `ctr_max_fetsch` in line 2"),
        ("ctr_client_id = ", "is not valid TOML: line 1"),
        ("ctr_max_fetch = 1.5", "`ctr_max_fetch` in line 1 must be"),
        ("ctr_max_fetch = 500", "ctr_max_fetch"),
    ] {
        std::fs::write(&file, toml).unwrap();
        let ran = world.run(arguments).await;
        assert_eq!(ran.failed(3, line).json()["error"]["case"], "configuration");
    }
    std::fs::write(&file, [0xff, 0xfe]).unwrap();
    world.run(arguments).await.failed(3, "cannot read");
    let directory = world.directory().to_str().unwrap();
    world.run(["incidents", "count", "--config", directory]).await.failed(3, "cannot read");
    std::fs::write(&file, "[profiles.a]\n").unwrap();
    let profile = ["incidents", "count", "--config", path, "--profile", "b"];
    world.run(profile).await.failed(3, "there is no profile `b`; the file has a");
    world.run(["incidents", "count", "--profile", "b"]).await.failed(3, "needs a configuration file");
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn a_settings_file_that_anyone_can_read_a_secret_from_is_warned_about() {
    let world = World::new().await;
    let file = world.directory().join("settings.toml");
    let warned = async |toml: &str, mode: u32| {
        std::fs::write(&file, toml).unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        let ran = world.run(["incidents", "count", "--config", file.to_str().unwrap()]).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "0\n"), "{ran:#?}");
        ran.stderr.contains("settings.toml holds a client secret and is open to every user: chmod o= ")
    };
    let profile = "[profiles.a]\nitm_client_secret = 'x'";
    assert!(warned("ctr_client_secret = 'x'", 0o644).await);
    assert!(warned(profile, 0o604).await);
    assert!(!warned(profile, 0o640).await);
    assert!(!warned("ctr_client_id = 'x'", 0o644).await);
}

#[tokio::test]
async fn the_environment_comes_before_the_profile_and_the_profile_before_the_file() {
    let world = World::new().await;
    world.add_incidents(1, 0);
    let file = world.directory().join("settings.toml");
    let environment = world.server.environment();
    let value = |name: &str| environment.iter().find(|(key, _)| key.ends_with(name)).unwrap().1.clone();
    let toml = format!(
        "ctr_base_url = '{}'\nctr_auth_url = '{}'\nctr_client_id = 'of-the-file'\n\
         ctr_client_secret = '{}'\nctr_calls_per_minute = 0\n\
         [profiles.a]\nctr_client_id = 'of-the-profile'\n[profiles.b]\nctr_max_fetch = 10\n",
        value("BASE_URL"),
        value("AUTH_URL"),
        value("CLIENT_SECRET"),
    );
    std::fs::write(&file, toml).unwrap();
    std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    for (profile, variable, used) in [
        (None, None, "of-the-file"),
        (Some("b"), None, "of-the-file"),
        (Some("a"), None, "of-the-profile"),
        (Some("a"), Some("of-the-environment"), "of-the-environment"),
        (Some("a"), Some(""), "of-the-profile"),
    ] {
        world.vendor().options().client_id = used.into();
        let mut command = bare_command(["incidents", "count"]);
        command.env("PROOFPOINT_CONFIG", &file);
        for (name, value) in [("PROOFPOINT_PROFILE", profile), ("PROOFPOINT_CTR_CLIENT_ID", variable)] {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        assert_eq!(world.finish(command).await.good().stdout, "1\n", "{used}");
        assert_eq!(world.tokens().last().unwrap().form()[1].1, used);
    }
}

#[tokio::test]
async fn a_misspelt_variable_is_warned_about() {
    let world = World::new().await;
    let mut command = world.command(["incidents", "count"]);
    command
        .env("PROOFPOINT_CTR_CLIENT_IDD", "x")
        .env("PROOFPOINT_CTR_CLIENT_SECRET", OsStr::from_bytes(b"\xff"));
    let ran = world.finish(command).await;
    assert_eq!(ran.code, Some(3), "{ran:#?}");
    assert!(ran.stderr.contains("PROOFPOINT_CTR_CLIENT_IDD is not a setting"), "{ran:#?}");
    assert!(ran.stderr.contains("ctr_client_secret") && ran.stderr.contains("UTF-8"), "{ran:#?}");
}

#[tokio::test]
async fn a_component_that_cannot_be_used_is_3_and_named() {
    let world = World::new().await;
    let file = world.directory().join("x.wasm");
    let path = file.to_str().unwrap().to_owned();
    let arguments = ["incidents", "count", "--component", path.as_str()];
    let missing = world.run(arguments).await;
    missing.failed(3, "there is no component at").failed(3, "just build");
    let good = std::fs::read(component()).unwrap();
    for (bytes, line) in [
        (b"".as_slice(), "is not a WebAssembly component"),
        (b"#!/bin/sh\n", "is not a WebAssembly component"),
        (b"\0asm\x01\0\0\0", "is a core WebAssembly module, not a component"),
        (b"\0asm\x0d\0\x01\0", "is a component, but not a Proofpoint connector: it exports nothing"),
        (&good[..good.len() / 2], "cannot use"),
    ] {
        std::fs::write(&file, bytes).unwrap();
        world.run(arguments).await.failed(3, line).failed(3, "x.wasm");
    }
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn a_damaged_cache_entry_is_compiled_anew() {
    let world = World::new().await;
    let cache = world.directory().join("cache");
    let count = async |no_cache: bool| {
        let mut arguments = vec!["incidents", "count"];
        arguments.extend(no_cache.then_some("--no-cache"));
        let mut command = world.command(arguments);
        command.env("PROOFPOINT_CACHE_DIR", &cache);
        let ran = world.finish(command).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "0\n"), "{ran:#?}");
        ran.stderr
    };
    count(true).await;
    assert!(!cache.exists(), "nothing was kept");
    count(false).await;
    let entry = std::fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
    assert!(entry.file_name().unwrap().to_str().unwrap().starts_with(connector().sha256()));
    let good = std::fs::read(&entry).unwrap();
    for damaged in [good[..good.len() / 3].to_vec(), vec![0; 100], Vec::new()] {
        std::fs::write(&entry, &damaged).unwrap();
        let said = count(false).await;
        assert!(said.lines().count() <= 1 && said.contains("damaged cache file"), "{said}");
        assert_eq!(std::fs::read(&entry).unwrap().len(), good.len());
        assert_eq!(count(false).await, "", "it is good again");
    }
    std::fs::remove_dir_all(&cache).unwrap();
    std::fs::write(&cache, "in the way").unwrap();
    assert_eq!(count(false).await, "", "a cache that cannot be written only costs time");
}

#[tokio::test]
async fn nobody_reading_is_not_an_error() {
    let world = World::new().await;
    world.add_incidents(450, 0);
    let mut command = world.command(["incidents", "list", "--limit", "450", "--include-raw"]);
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().await.unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
}

#[tokio::test]
async fn simulate_prints_an_environment_that_works() {
    let mut command = bare_command(["simulate", "--port", "0", "--incidents", "20", "--tickets", "20"]);
    let mut simulator = command.spawn().unwrap();
    let mut lines = BufReader::new(simulator.stdout.take().unwrap()).lines();
    let mut list = bare_command(["incidents", "list", "--limit", "5"]);
    let mut search = bare_command(["tickets", "search", "--limit", "5"]);
    search.args(["--all-activity", "--type", "event,casbevent,audit,network"]);
    for (product, count, command) in [("CTR", 5, &mut list), ("ITM", 5, &mut search)] {
        for _ in 0..count {
            let line = lines.next_line().await.unwrap().unwrap();
            let (name, value) = line.split_once('=').unwrap();
            assert!(name.starts_with(&format!("PROOFPOINT_{product}_")), "{line}");
            command.env(name, value);
        }
    }
    let page = finish(list).await.good().json();
    assert_eq!((ids(&page, "incidents").len(), &page["total"]), (5, &json!(20)));
    let page = finish(search).await.good().json();
    assert_eq!((column(&page, "tickets", "fqid").len(), &page["total"]), (5, &json!(20)));
    terminate(&simulator).await;
    assert_eq!(simulator.wait().await.unwrap().code(), Some(0));
    let mut said = String::new();
    simulator.stderr.take().unwrap().read_to_string(&mut said).await.unwrap();
    assert!(said.contains("20 tickets and 20 incidents at http://127.0.0.1:"), "{said}");
}

#[tokio::test]
async fn the_demonstration_ends_well() {
    let shown = finish(bare_command(["demo"])).await.good().stdout;
    assert!(shown.contains("0 twice, 0 missed"), "{shown}");
    for check in ["ctr      token", "itm      token", "itm      activity", "itm      users"] {
        assert!(shown.contains(&format!("✓  {check}")), "{check}: {shown}");
    }
    let of = |command: &str| {
        let (_, after) = shown.split_once(&format!("$ proofpoint {command}")).expect(command);
        after.split("\n$ ").next().unwrap()
    };
    let after = |command: &str| of(&format!("tickets {command}"));
    assert!(after("comment FQID").contains("comment added"), "{shown}");
    assert!(
        after("assign FQID kavita.rao@example.com")
            .contains("assigned to kavita.rao@example.com · owner id ")
    );
    assert!(after("set-status FQID").contains("status set to "), "{shown}");
    let (_, hash) = after("email FQID --save mail.eml\n").split_once("sha-256 ").unwrap();
    let hash = hash.lines().next().unwrap().trim();
    assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{shown}");
    assert!(shown.contains("  saved        mail.eml\n") && !shown.contains("/tmp"), "{shown}");
    assert!(of("incidents messages INC-").contains("DISPOSITION"), "{shown}");
    let mail = of("messages show ID --save mail.eml");
    for text in ["  saved        mail.eml", "spf", "hxxps://", "ATTACHMENT", "invoice.pdf"] {
        assert!(mail.contains(text), "{text}: {shown}");
    }
    let planned = of("workflows run 'Quarantine and close' INC-");
    assert!(
        planned.contains("/run\n{\n  \"targetIds\": [") && planned.contains("nothing was sent"),
        "{shown}"
    );
    let (_, waited) = shown.split_once(" --wait\nstarted run ").unwrap();
    assert!(waited.split("\n$ ").next().unwrap().contains("state        SUCCESS"), "{shown}");
    let (_, twice) = shown.split_once("added to the block list\n").unwrap();
    let (_, removed) = twice.split_once("block list unchanged: the entry was in it already\n").unwrap();
    assert!(removed.contains("removed from the block list\n"), "{shown}");
    let ticket = after("get FQID");
    for text in ["/v2/apps/search/timeline?contextId=", "owner        Kavita Rao", "· in-progress"] {
        assert!(ticket.contains(text), "{text}: {shown}");
    }
}

#[tokio::test]
async fn help_and_version_need_no_settings() {
    for arguments in [vec!["--help"], vec!["--version"], vec!["incidents", "list", "--help"]] {
        let ran = finish(bare_command(arguments)).await.good();
        assert!(!ran.stdout.is_empty());
    }
}
