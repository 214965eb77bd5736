//! `proofpoint tickets` and `proofpoint users`: arguments, output, files, exit codes, and nothing that
//! must not be seen.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use chrono::TimeDelta;
use proofpoint_simulator::itm::{Screenshot, User, WorkflowStatus};
use proofpoint_simulator::{Cut, Fault, FaultKind, Matcher, Place};
use proofpoint_tests::{ITM_SECRET, World, column, fqid};
use serde_json::{Value, json};

const BODY: &str = "a-mail-body-that-nobody-else-may-see";

fn mail() -> Vec<u8> {
    let mut mail = format!("From: a@example.com\r\nSubject: s\r\n\r\n{BODY}\r\n").into_bytes();
    mail.extend(0..=255_u8);
    mail
}

async fn scene() -> World {
    let world = World::new().await;
    world.add_ticket(1, TimeDelta::minutes(5), |ticket| ticket.mail = Some(mail()));
    world.add_ticket(2, TimeDelta::minutes(4), |_| {});
    for user in [User::named("Ines", "Moreau"), User::named("Jonas", "Weber"), User::named("Jonas", "Keller")]
    {
        world.vendor().add_user(user);
    }
    world
}

fn status(slug: &str) -> &'static str {
    WorkflowStatus::of_slug(slug).unwrap().id
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn fault(world: &World, place: Place, kind: FaultKind) {
    world.vendor().fault(Fault::always(Matcher::place(place), kind));
}

#[tokio::test]
async fn a_search_shows_the_same_rows_in_each_form() {
    let world = scene().await;
    let search = |format: &'static str| world.run(["tickets", "search", "--output", format]);
    let page = search("json").await.good().json();
    assert_eq!(column(&page, "tickets", "fqid"), [fqid(2), fqid(1)]);
    assert_eq!(page["tickets"][0].as_object().unwrap().len(), 28, "every field of the record");
    let lines = search("jsonl").await;
    assert_eq!((lines.code, lines.lines()), (Some(0), page["tickets"].as_array().unwrap().clone()));
    for format in ["table", "markdown"] {
        let shown = search(format).await.good().stdout;
        for text in ["EMAIL-DLP-PCI", "critical", "new", "user1", "2 tickets", &fqid(1)] {
            assert!(shown.contains(text), "{text}: {shown}");
        }
    }
}

#[tokio::test]
async fn a_search_sends_what_its_flags_say() {
    let world = scene().await;
    let clause = r#"{"$stringIn":{"user.email":["user1@example.com"]}}"#;
    let arguments = [
        "tickets",
        "search",
        "--since",
        "1 day",
        "--until",
        "now",
        "--status",
        "new,on-hold",
        "--severity",
        "critical",
        "--user",
        "user1",
        "--name",
        "EMAIL-DLP-PCI",
        "--type",
        "event",
        "--filters-json",
        clause,
        "--sort",
        "asc",
        "--limit",
        "7",
    ];
    let page = world.run(arguments).await.good().json();
    assert_eq!(column(&page, "tickets", "fqid"), [fqid(1)]);
    let body = world.only_body();
    assert_eq!(body["filters"]["$and"].as_array().unwrap().len(), 8, "{body}");
    assert_eq!(world.api()[0].parameter("limit").unwrap(), "7");
    let first = world.run(["tickets", "search", "--limit", "1"]).await.good().json();
    let next = world.run(["tickets", "search", "--cursor", first["next"].as_str().unwrap()]).await;
    assert_eq!(column(&next.good().json(), "tickets", "fqid"), [fqid(1)]);
}

/// What commands a terminal in each of the ways there are: escape, C1, DEL, bell, and the reading direction.
const HOSTILE: &str = "a | b\n\u{1b}[31mred\u{9b}2J\u{7f}\u{7}\u{202e}\u{61c}\u{2066}end";

fn assert_harmless(shown: &str) {
    let commands =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{61c}' | '\u{2066}');
    assert!(shown.contains("red") && !shown.contains(commands), "{shown:?}");
}

#[tokio::test]
async fn names_cannot_break_a_table_or_a_terminal() {
    let world = World::new().await;
    let one = world.add_ticket(1, TimeDelta::minutes(5), |ticket| {
        ticket.incident.as_mut().unwrap().name = Some(HOSTILE.into());
        ticket.incident.as_mut().unwrap().description = Some(HOSTILE.into());
        ticket.user.as_mut().unwrap().email = Some(HOSTILE.into());
        ticket.messages[0].subject = HOSTILE.into();
        ticket.comments[0].text = HOSTILE.into();
        ticket.screenshots[0].windows = vec![HOSTILE.into()];
    });
    let commands = [
        vec!["tickets", "search", "--include-raw"],
        vec!["tickets", "get", &one, "--screenshots", "--include-raw"],
        vec!["tickets", "screenshots", &one],
    ];
    for command in &commands {
        for format in ["table", "markdown"] {
            let arguments = command.iter().copied().chain(["--output", format]);
            let shown = world.run(arguments).await.good().stdout;
            assert_harmless(&shown);
            let breaks = shown.lines().any(|line| line.starts_with("[31m") || line.starts_with("end"));
            assert!(!breaks, "{shown:?}");
        }
        for format in ["json", "jsonl"] {
            let ran = world.run(command.iter().copied().chain(["--output", format])).await;
            assert_harmless(&ran.stdout);
            let json: Value = if format == "json" { ran.json() } else { ran.lines()[0].clone() };
            assert!(holds(&json, HOSTILE), "all of it is there: {json}");
        }
    }
    let fetched = world.run(["tickets", "fetch", "--quiet", "--include-raw"]).await.good();
    assert_harmless(&fetched.stdout);
    assert!(holds(&fetched.lines()[0], HOSTILE), "{fetched:#?}");
    let body = json!({ "message": HOSTILE }).to_string();
    fault(&world, Place::ItmEvent, FaultKind::StatusBody(418, "application/json".into(), body));
    let ran = world.run(["tickets", "get", &one]).await;
    assert_harmless(&ran.stdout);
    assert_harmless(&ran.stderr);
}

/// Whether a text stands somewhere in it, whole.
fn holds(value: &Value, wanted: &str) -> bool {
    match value {
        Value::String(text) => text == wanted,
        Value::Array(items) => items.iter().any(|item| holds(item, wanted)),
        Value::Object(fields) => fields.values().any(|field| holds(field, wanted)),
        _ => false,
    }
}

#[tokio::test]
async fn a_ticket_is_shown_so_that_a_person_can_read_it() {
    let world = scene().await;
    let json = world.run(["tickets", "get", &fqid(1)]).await.good().json();
    assert_eq!(json[0]["fqid"], fqid(1).as_str());
    let arguments = ["tickets", "get", &fqid(1), "--screenshots", "--output", "table"];
    let shown = world.run(arguments).await.good().stdout;
    for text in [
        "EMAIL-DLP-PCI",
        "user1@example.com",
        "PCI numbers",
        "Invoice 1",
        "Looked at",
        "Status set to new",
        "1-2",
        "/v2/apps/search/timeline?",
        &fqid(1),
    ] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    assert!(!shown.contains("X-Amz"), "{shown}");
    let both = world.run(["tickets", "get", &fqid(9), &fqid(2)]).await;
    assert_eq!(both.failed(5, &fqid(9)).json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn every_write_is_done_and_told_in_one_line() {
    let world = scene().await;
    let (fqid, ines) = (fqid(1), User::named("Ines", "Moreau").id);
    let receipt = world.run(["tickets", "assign", &fqid, "Ines Moreau"]).await.good().json();
    assert_eq!((&receipt["fqid"], &receipt["assignee-id"]), (&json!(fqid), &json!(ines)));
    let resolved = status("resolved");
    for (arguments, told) in [
        (vec!["assign", &fqid, "ines.moreau@example.com"], "assigned to"),
        (vec!["comment", &fqid, "--", "--so it begins"], "comment added"),
        (
            vec!["set-status", &fqid, resolved, "--title", "T", "--category", "closed:resolved"],
            "status set to",
        ),
        (
            vec!["set-status", &fqid, resolved, "--assignee", "Ines", "--remediation", "quarantine"],
            "status set to",
        ),
        (vec!["tag", &fqid, "follow-up"], "tagged follow-up"),
    ] {
        let arguments = ["--output", "table", "tickets"].into_iter().chain(arguments);
        let shown = world.run(arguments).await.good().stdout;
        assert!(shown.starts_with(told) && shown.lines().count() <= 2, "{shown}");
    }
    let vendor = world.vendor();
    let ticket = vendor.ticket(&fqid).unwrap();
    assert_eq!(ticket.comments.last().unwrap().text, "--so it begins");
    assert_eq!(ticket.workflow.as_ref().unwrap().assignee.as_ref().unwrap().0, ines);
    assert_eq!(ticket.incident.as_ref().unwrap().remediations, ["uim:incident:remediation:quarantine"]);
    assert!(ticket.tags.contains(&"follow-up".to_owned()));
}

#[tokio::test]
async fn a_misspelt_flag_is_never_sent_as_a_text() {
    let world = scene().await;
    for (arguments, line) in [
        (vec!["tickets", "comment", &fqid(1), "--no-such"], "--no-such"),
        (vec!["tickets", "comment", &fqid(1), "-x"], "-- -x"),
        (vec!["tickets", "comment", &fqid(1), "-ojson"], "<TEXT>"),
        (vec!["tickets", "comment", &fqid(1), "text", "--kind", "--no-such"], "--no-such"),
        (vec!["tickets", "assign", &fqid(1), "--no-such"], "--no-such"),
        (vec!["tickets", "tag", &fqid(1), "--no-such"], "--no-such"),
        (vec!["tickets", "set-status", &fqid(1), "resolved", "--title", "--no-such"], "--no-such"),
        (vec!["incidents", "create", "--title", "--no-such"], "--no-such"),
        (vec!["incidents", "create", "--title", "t", "--description", "--no-such"], "--no-such"),
        (vec!["incidents", "add-message", "1", "--message-id", "a", "--to", "b", "--subject", "-x"], "-x"),
    ] {
        world.run(arguments).await.failed(2, line);
    }
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn a_write_that_was_read_back_says_so() {
    let world = scene().await;
    fault(&world, Place::ItmWrite, FaultKind::Drop(Cut::BeforeReply));
    let shown = world.run(["tickets", "assign", &fqid(1), "Ines", "--output", "table"]).await.good().stdout;
    assert!(shown.contains("the answer was lost"), "{shown}");
    world.run(["tickets", "comment", &fqid(1), "x"]).await.failed(7, "outcome-unknown");
}

#[tokio::test]
async fn each_failure_has_its_exit_code() {
    let world = scene().await;
    let one = fqid(1);
    for (arguments, code, line) in [
        (vec!["tickets", "search", "--status", "open"], 2, "invalid-argument: status-filters"),
        (vec!["tickets", "search", "--limit", "none"], 2, "none"),
        (vec!["tickets", "get"], 2, "required"),
        (vec!["tickets", "get", ""], 2, "fqid"),
        (vec!["tickets", "assign", &one, "Jonas"], 2, "invalid-argument: assignee"),
        (vec!["tickets", "comment", &one, ""], 2, "invalid-argument: text"),
        (vec!["tickets", "set-status", &one, "x", "--category", "open"], 2, "invalid-argument: category"),
        (vec!["tickets", "email", "--force", &one], 2, "--save"),
        (vec!["users", "find", "Jonas"], 2, "invalid-argument: name-or-email"),
        (vec!["users", "list", "--status", "gone"], 2, "invalid-argument: status"),
        (vec!["tickets", "email", &fqid(9)], 5, "not-found"),
        (vec!["tickets", "screenshots", &fqid(9)], 5, "not-found"),
        (vec!["tickets", "tag", &fqid(9), "t"], 5, "not-found"),
    ] {
        let ran = world.run(arguments).await;
        assert!(ran.failed(code, line).json()["error"]["case"].is_string(), "{ran:#?}");
    }
    fault(&world, Place::ItmWrite, FaultKind::Status(500));
    world.run(["tickets", "tag", &one, "t"]).await.failed(7, "outcome-unknown");
    world.run(["tickets", "set-status", &one, status("resolved")]).await.failed(7, "outcome-unknown");
    world.vendor().options().itm.entitled_users = false;
    world.run(["users", "list"]).await.failed(4, "forbidden");
    world.vendor().options().itm.client_secret = "another".into();
    world.run(["tickets", "search"]).await.failed(4, "unauthorized");
    let mut world = scene().await;
    world.set("itm_client_id", "");
    world.run(["tickets", "search"]).await.failed(3, "itm_client_id");
}

#[tokio::test]
async fn users_are_listed_and_found() {
    let world = scene().await;
    let page = world.run(["users", "list", "--last-name", "*e*", "--limit", "2"]).await.good().json();
    assert_eq!(column(&page, "users", "name"), ["Ines Moreau", "Jonas Weber"]);
    assert_eq!(world.api()[0].parameter("details.user.lastName").unwrap(), "*e*");
    let table = world.run(["users", "list", "--output", "table"]).await.good().stdout;
    assert!(table.contains("Jonas Keller") && table.contains("3 users"), "{table}");
    let found = world.run(["users", "find", "ines moreau"]).await.good().json();
    assert_eq!(found["id"], User::named("Ines", "Moreau").id);
    let shown = world.run(["users", "find", "INES.MOREAU@example.com", "-o", "table"]).await.good().stdout;
    for text in ["Ines Moreau", "  kind         ", &User::named("Ines", "Moreau").id] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    world.run(["users", "find", "Jonas"]).await.failed(2, "several users");
}

#[tokio::test]
async fn a_mail_is_saved_for_the_user_alone_and_never_over_another_file() {
    let world = scene().await;
    let file = world.directory().join("mail.eml");
    let save = ["tickets", "email", &fqid(1), "--save", file.to_str().unwrap()];
    let saved = world.run(save).await.good().json();
    assert_eq!(fs::read(&file).unwrap(), mail());
    assert_eq!(mode(&file), 0o600);
    assert_eq!((&saved["path"], &saved["size"]), (&json!(file), &json!(mail().len())));
    assert_eq!(saved["content"], Value::Null, "the mail is in the file");

    fs::write(&file, "mine").unwrap();
    world.vendor().clear_requests();
    world.run(save).await.failed(2, "is there already");
    assert_eq!((fs::read(&file).unwrap(), world.counts()), (b"mine".to_vec(), (0, 0)));
    world.run(save.into_iter().chain(["--force"])).await.good();
    assert_eq!((fs::read(&file).unwrap(), mode(&file)), (mail(), 0o600));

    let mut command = world.command(["tickets", "email", &fqid(1), "--save", "-"]);
    let output = command.stdout(Stdio::piped()).output().await.unwrap();
    assert_eq!((output.status.code(), output.stdout), (Some(0), mail()));
    let shown = world.run(["tickets", "email", &fqid(1), "--output", "table"]).await.good().stdout;
    assert!(shown.contains("sha-256") && !shown.contains(BODY), "{shown}");
    let mut command = world.command(["tickets", "email", &fqid(2), "--save", "-", "--summary"]);
    let output = command.output().await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let attachment = said.lines().find(|line| line.starts_with("invoice-2.pdf  application/pdf")).unwrap();
    assert_eq!(attachment.rsplit("  ").next().unwrap().len(), 64, "its hash: {said}");
    assert!(said.contains("  sha-256 ") && output.stdout.starts_with(b"From: "), "{said}");
    let listed = world.run(["tickets", "email", &fqid(2), "--summary", "-o", "table"]).await.good();
    assert!(listed.stdout.contains("invoice-2.pdf"), "{}", listed.stdout);
}

#[tokio::test]
async fn what_is_no_mail_leaves_no_file() {
    let world = scene().await;
    fault(&world, Place::ItmMail, FaultKind::Html);
    let file = world.directory().join("mail.eml");
    let save = ["tickets", "email", &fqid(1), "--save", file.to_str().unwrap()];
    world.run(save).await.failed(1, "invalid-response");
    assert!(!file.exists());
}

#[tokio::test]
async fn screenshots_are_saved_for_the_user_alone_and_never_over_other_files() {
    let world = scene().await;
    let directory = world.directory().join("shots");
    let save = ["tickets", "screenshots", &fqid(1), "--save", directory.to_str().unwrap()];
    let rows = world.run(save).await.good().json();
    assert_eq!(rows.as_array().unwrap().len(), 2, "{rows}");
    for id in ["1-1", "1-2"] {
        let file = directory.join(format!("{id}.jpg"));
        assert!(fs::read(&file).unwrap().starts_with(b"\xff\xd8\xff"), "{id}");
        assert_eq!(mode(&file), 0o600, "{id}");
    }
    assert_eq!(mode(&directory), 0o700);

    let first = directory.join("1-1.jpg");
    fs::write(&first, "mine").unwrap();
    let ran = world.run(save).await;
    assert_eq!(ran.code, Some(2), "{ran:#?}");
    assert_eq!(fs::read(&first).unwrap(), b"mine");
    world.run(save.into_iter().chain(["--force"])).await.good();
    assert_ne!(fs::read(&first).unwrap(), b"mine");
    let table = world.run(["tickets", "screenshots", &fqid(1), "--output", "table"]).await.good().stdout;
    assert!(table.contains("1-1") && table.contains("64×40") && table.contains("2 screenshots"), "{table}");
}

/// A ticket with so many screenshots, named like its own.
fn add_with_screenshots(world: &World, ids: &[&str]) -> String {
    world.add_ticket(7, TimeDelta::minutes(1), |ticket| {
        ticket.screenshots = ids.iter().map(|id| Screenshot::at(id)).collect();
    })
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(directory).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_screenshot_that_fails_does_not_hold_up_the_others() {
    let world = World::new().await;
    let fqid = add_with_screenshots(&world, &["a", "b", "c", "d"]);
    let refused = Matcher::path_containing("/screenshots/a.jpg");
    world.vendor().fault(Fault::always(refused, FaultKind::Status(403)));
    let directory = world.directory().join("shots");
    fs::create_dir_all(directory.join("c.jpg")).unwrap();
    let ran = world.run(["tickets", "screenshots", &fqid, "--save", directory.to_str().unwrap()]).await;
    assert_eq!(ran.code, Some(7), "of the first failure: {ran:#?}");
    let said: Vec<&str> = ran.stderr.lines().collect();
    assert!(said[0].starts_with("error: a: unavailable"), "{ran:#?}");
    assert!(said[1].starts_with("error: c: invalid-argument: save") && said.len() == 2, "{ran:#?}");
    assert_eq!(column(&json!({ "rows": ran.json() }), "rows", "id"), ["b", "d"]);
    assert_eq!(names(&directory), ["b.jpg", "c.jpg", "d.jpg"]);
}

#[tokio::test]
async fn what_was_not_tried_after_a_failure_is_counted() {
    let world = World::new().await;
    let fqid = add_with_screenshots(&world, &["a", "b", "c", "d"]);
    for (kind, code) in [
        (FaultKind::RetryAfter(429, "3600".into()), 6),
        (FaultKind::Status(403), 4),
        (FaultKind::Status(401), 4),
    ] {
        let directory = world.directory().join(format!("{kind:?}"));
        let save = ["tickets", "screenshots", &fqid, "--save", directory.to_str().unwrap()];
        world.vendor().clear_faults();
        // The list and the first picture come.
        let event = Matcher::place(Place::ItmEvent);
        world.vendor().fault(Fault::always(event.clone(), kind.clone()).after(2));
        let ran = world.run(save).await;
        assert_eq!((ran.code, names(&directory)), (Some(code), vec!["a.jpg".to_owned()]), "{ran:#?}");
        let said: Vec<&str> = ran.stderr.lines().collect();
        assert!(said[0].starts_with("error: b: ") && said[1..] == ["2 more were not tried"], "{ran:#?}");
        world.vendor().clear_faults();
        world.vendor().fault(Fault::always(event, kind).after(1));
        let ran = world.run(["tickets", "get", &fqid, &fqid, &fqid]).await;
        assert_eq!((ran.code, ran.json().as_array().unwrap().len()), (Some(code), 1), "{ran:#?}");
        assert!(ran.stderr.ends_with("\n1 more was not tried\n"), "{ran:#?}");
    }
    world.vendor().clear_faults();
    fault(&world, Place::ItmEvent, FaultKind::Status(403));
    let ran = world.run(["tickets", "get", &fqid, &fqid]).await;
    assert!(ran.stderr.starts_with("1 more was not tried\nerror: forbidden"), "{ran:#?}");
    assert_eq!(ran.json()["error"]["case"], "forbidden");
}

#[tokio::test]
async fn screenshots_of_hosts_that_are_not_allowed_name_the_key() {
    let mut world = scene().await;
    world.set("itm_screenshot_hosts", "");
    let directory = world.directory().join("shots");
    let ran = world.run(["tickets", "screenshots", &fqid(1), "--save", directory.to_str().unwrap()]).await;
    assert_eq!(ran.code, Some(3), "{ran:#?}");
    for (line, id) in ran.stderr.lines().zip(["1-1", "1-2"]) {
        assert!(line.starts_with(&format!("error: {id}: configuration: itm_screenshot_hosts")), "{ran:#?}");
    }
    assert!(!directory.exists(), "there was nothing to save");
}

#[tokio::test]
async fn screenshots_are_asked_for_by_their_own_ids_and_each_once() {
    let world = World::new().await;
    let long = "x".repeat(300);
    let fqid = add_with_screenshots(&world, &["a\u{a0}\u{a0}b", &long, "a\u{a0}\u{a0}b", "nul"]);
    let directory = world.directory().join("shots");
    let save = ["tickets", "screenshots", &fqid, "--save", directory.to_str().unwrap()];
    let rows = world.run(save).await.good().json();
    let ids = column(&json!({ "rows": rows }), "rows", "id");
    assert_eq!(ids, ["a\u{a0}\u{a0}b", &long, "nul"]);
    let names = names(&directory);
    assert_eq!(names[..2], ["%6Eul.jpg", "a%C2%A0%C2%A0b.jpg"]);
    assert!(names[2].starts_with("xxx") && names[2].len() < 250 && names.len() == 3, "{names:?}");
}

#[tokio::test]
async fn a_ticket_without_screenshots_leaves_no_directory() {
    let world = World::new().await;
    let fqid = add_with_screenshots(&world, &[]);
    let directory = world.directory().join("shots");
    let save = ["tickets", "screenshots", &fqid, "--save", directory.to_str().unwrap()];
    assert_eq!(world.run(save).await.good().json(), json!([]));
    assert!(!directory.exists());
    let file = world.directory().join("file");
    fs::write(&file, "").unwrap();
    let nowhere = file.join("shots");
    world.vendor().clear_requests();
    for (place, why) in [(&file, "is no directory"), (&nowhere, "there is no directory")] {
        let save = ["tickets", "screenshots", &fqid, "--save", place.to_str().unwrap()];
        world.run(save).await.failed(2, why);
    }
    assert_eq!(world.counts(), (0, 0), "found out before anything is sent");
}

#[tokio::test]
async fn a_second_fetch_delivers_only_what_is_new() {
    let world = scene().await;
    let file = world.directory().join("itm.checkpoint");
    let fetch = ["tickets", "fetch", "--quiet", "--checkpoint", file.to_str().unwrap()];
    let of = |lines: Vec<Value>| -> Vec<Value> {
        lines.into_iter().map(|line| line["ticket"]["fqid"].clone()).collect()
    };
    assert_eq!(of(world.run(fetch).await.good().lines()), [fqid(1), fqid(2)]);
    assert_eq!(mode(&file), 0o600);
    assert_eq!(world.run(fetch).await.good().stdout, "");
    world.add_ticket(3, TimeDelta::minutes(1), |_| {});
    fault(&world, Place::ItmSearch, FaultKind::Html);
    let before = fs::read(&file).unwrap();
    world.run(fetch).await.failed(1, "invalid-response");
    assert_eq!(fs::read(&file).unwrap(), before);
    world.vendor().clear_faults();
    assert_eq!(of(world.run(fetch).await.good().lines()), [fqid(3)]);
    let incidents = ["incidents", "fetch", "--quiet", "--checkpoint", file.to_str().unwrap()];
    world.run(incidents).await.failed(2, "invalid-argument: checkpoint");
}

#[tokio::test]
async fn check_covers_both_products() {
    let mut world = scene().await;
    let modules = |reports: &Value| -> Vec<String> {
        let reports = reports.as_array().unwrap().iter();
        reports.map(|it| format!("{} {}", it["product"], it["module"]).replace('"', "")).collect()
    };
    let both = world.run(["check"]).await.good().json();
    let itm = ["itm token", "itm activity", "itm users"];
    let ctr = ["ctr token", "ctr incidents", "ctr email-protection"];
    assert_eq!(modules(&both), [ctr, itm].concat());
    assert_eq!(modules(&world.run(["check", "itm"]).await.good().json()), itm);
    world.vendor().options().itm.entitled_activity = false;
    world.run(["check", "itm"]).await.failed(4, "itm activity: forbidden");
    world.set("itm_base_url", "http://127.0.0.1:1");
    let shown = world.run(["check", "itm", "-o", "table"]).await.stdout;
    assert!(shown.contains("http://127.0.0.1:1/"), "what is configured, as it is: {shown}");
}

/// Runs many commands that fail in many ways, with everything logged; the harness searches what they print
/// for secrets, tokens and signatures.
#[tokio::test]
async fn no_failure_and_no_log_shows_a_secret_a_mail_or_a_signature() {
    let world = scene().await;
    let (one, ines) = (fqid(1), User::named("Ines", "Moreau").id);
    let file = world.directory().join("saved.eml");
    let shots = world.directory().join("shots");
    let commands: [Vec<&str>; 10] = [
        vec!["tickets", "get", &one, "--screenshots"],
        vec!["tickets", "search"],
        vec!["tickets", "fetch"],
        vec!["tickets", "email", &one, "--save", file.to_str().unwrap(), "--force"],
        vec!["tickets", "screenshots", &one, "--save", shots.to_str().unwrap(), "--force"],
        vec!["tickets", "assign", &one, &ines],
        vec!["tickets", "comment", &one, "a-comment-that-is-private"],
        vec!["tickets", "tag", &one, "t"],
        vec!["users", "find", "Ines"],
        vec!["check", "itm"],
    ];
    let echo = format!(r#"{{"message":"you sent {ITM_SECRET}"}}"#);
    for kind in [
        None,
        Some((Place::ItmToken, FaultKind::StatusBody(401, "application/json".into(), echo))),
        Some((Place::Itm, FaultKind::Html)),
        Some((Place::ItmWrite, FaultKind::Drop(Cut::BeforeReply))),
        Some((Place::ItmMail, FaultKind::Drop(Cut::InBody(60)))),
        Some((Place::ItmScreenshot, FaultKind::HtmlStatus(403))),
        Some((Place::ItmScreenshot, FaultKind::Drop(Cut::InBody(60)))),
        Some((Place::ItmEvent, FaultKind::RevokeTokens)),
    ] {
        world.vendor().clear_faults();
        if let Some((place, kind)) = kind.clone() {
            fault(&world, place, kind);
        }
        for arguments in &commands {
            let ran = world.run(arguments.iter().copied().chain(["--verbose"])).await;
            assert!(!ran.stderr.is_empty(), "something is logged: {arguments:?}");
            for text in [BODY, "X-Amz", "a-comment-that-is-private", "you sent", "user1@example.com"] {
                assert!(!ran.stderr.contains(text), "{arguments:?} {kind:?}: {}", ran.stderr);
            }
            for text in [BODY, "X-Amz", "you sent"] {
                assert!(!ran.stdout.contains(text), "{arguments:?} {kind:?}: {}", ran.stdout);
            }
        }
    }
}

#[tokio::test]
async fn settings_and_what_was_recorded_hide_their_secrets_from_debug() {
    let world = scene().await;
    world.run(["tickets", "search"]).await.good();
    let recorded = world.vendor().requests().to_vec();
    world.assert_discreet(&format!("{recorded:?}"));
    let mut settings = proofpoint_host::Settings::default();
    settings.set("itm_client_secret", ITM_SECRET).unwrap();
    world.assert_discreet(&format!("{settings:?}"));
}
