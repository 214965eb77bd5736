//! `proofpoint messages`, `workflows` and `lists`, dry runs, and what is shown of a mail: arguments, output,
//! files, exit codes, and nothing that can be followed by mistake.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use chrono::TimeDelta;
use proofpoint_simulator::itm::{User, WorkflowStatus};
use proofpoint_simulator::{
    Cut, Fault, FaultKind, ListEntry, Matcher, Message, OrgList, Place, Recorded, TapThreat, Workflow,
};
use proofpoint_tests::{Ran, SECRET, World, column, content, fqid, id, ids};
use serde_json::{Value, json};

const CLUSTER: &str = "example_hosted";

/// What commands a terminal in each of the ways there are: escape, C1, DEL, bell, and the reading direction.
const HOSTILE: &str = "a | b\n\u{1b}[31mred\u{9b}2J\u{7f}\u{7}\u{202e}\u{61c}\u{2066}end";

/// A vendor whose mails are loaded and whose runs have ended when first asked for, with three messages and
/// three workflows.
async fn scene() -> World {
    let world = World::with(|options| {
        options.response.fetch_statuses = vec!["fetched".into()];
        options.response.run_states = vec!["IN_PROGRESS".into(), "SUCCESS".into()];
    })
    .await;
    for n in 1..=3 {
        add_message(&world, n, |_| {});
    }
    let now = world.now();
    let mut vendor = world.vendor();
    vendor.add_workflow(Workflow::on_incidents(1, now));
    vendor.add_workflow(Workflow::on_messages(2, now));
    vendor.add_workflow(Workflow::on_incidents(3, now).disabled());
    drop(vendor);
    world
}

fn add_message(world: &World, n: u64, change: impl FnOnce(&mut Message)) -> String {
    let mut message = Message::at(n, world.now() - TimeDelta::minutes(n as i64));
    change(&mut message);
    let id = message.id.clone();
    world.vendor().add_message(message);
    id
}

fn message(n: u64) -> String {
    Message::at(n, proofpoint_simulator::Timestamp::UNIX_EPOCH).id
}

fn workflow(n: u64) -> String {
    Workflow::on_incidents(n, proofpoint_simulator::Timestamp::UNIX_EPOCH).id
}

fn fault(world: &World, place: Place, kind: FaultKind) {
    world.vendor().fault(Fault::always(Matcher::place(place), kind));
}

/// The requests that changed something, or would have.
fn writes(world: &World) -> Vec<Recorded> {
    let reads = |it: &Recorded| {
        it.method == "GET" || it.path.ends_with("/messages") || it.path.ends_with("/incidents")
    };
    world.api().into_iter().filter(|it| !reads(it)).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(directory).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn rows(ran: &Ran, field: &str) -> Vec<String> {
    column(&json!({ "rows": ran.json() }), "rows", field)
}

fn assert_harmless(shown: &str) {
    let commands =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{61c}' | '\u{2066}');
    assert!(shown.to_lowercase().contains("red") && !shown.contains(commands), "{shown:?}");
}

#[tokio::test]
async fn a_list_sends_what_its_flags_say_under_the_vendor_s_keys() {
    let world = scene().await;
    let threat = "ab".repeat(32);
    let found = add_message(&world, 7, |message| {
        message.sources = vec!["tap_alert".into()];
        message.disposition = "phish".into();
        message.verdict = Some("threat".into());
        message.remediation_status = Some("quarantine_success".into());
        message.reporter = true;
        let kind = "delivered_url_threat".into();
        message.threats = vec![TapThreat { tap_id: threat.clone(), kind, value: "https://x.test".into() }];
    });
    let arguments = [
        ["--since", "1 day"],
        ["--until", "now"],
        ["--message-id", "<7@mail.example.net>"],
        ["--recipient", "user7@example.com,user8@example.com"],
        ["--sender", "sender7@example.net"],
        ["--subject", "Invoice 7"],
        ["--source", "tap"],
        ["--other", "reporter"],
        ["--verdict", "threat"],
        ["--disposition", "phish,malware"],
        ["--confidence", "high"],
        ["--status", "delivered"],
        ["--quarantine", "success"],
        ["--threat", &threat],
        ["--threat-type", "delivered_url_threat"],
        ["--sort", "asc"],
        ["--limit", "5"],
    ];
    let page = world.run(["messages", "list"].into_iter().chain(arguments.concat())).await.good().json();
    assert_eq!(ids(&page, "messages"), [found]);
    let sent = world.only_body();
    let filters = &sent["filters"];
    assert!(filters["time_range_filter"].is_object());
    for (key, values) in [
        ("message_id_filters", json!(["<7@mail.example.net>"])),
        ("recipient_address_filters", json!(["user7@example.com", "user8@example.com"])),
        ("sender_address_filters", json!(["sender7@example.net"])),
        ("subject_filters", json!(["Invoice 7"])),
        ("source_filters", json!(["tap"])),
        ("other_filters", json!(["reporter"])),
        ("verdict_filters", json!(["verdict_threat"])),
        ("disposition_filters", json!(["phish", "malware"])),
        ("confidence_filters", json!(["confidence_high"])),
        ("status_filters", json!(["message_delivered"])),
        ("quarantine_filters", json!(["quarantine_success"])),
        ("tap_threat_filters", json!([threat])),
        ("tap_threat_type_filters", json!(["tap_threat_type_delivered_url_threat"])),
    ] {
        assert_eq!(filters[key], values, "{key}");
    }
    assert_eq!(filters.as_object().unwrap().len(), 14, "{filters}");
    assert_eq!(sent["endRow"], 5, "{sent}");
}

#[tokio::test]
async fn messages_are_listed_in_each_form_and_page_by_page() {
    let world = scene().await;
    let first = world.run(["messages", "list", "--limit", "2"]).await.good().json();
    assert_eq!(ids(&first, "messages"), [message(1), message(2)]);
    assert_eq!((&first["total"], first["messages"][0].as_object().unwrap().len()), (&json!(3), 21));
    let next = first["next"].as_str().unwrap();
    let rest = world.run(["messages", "list", "--cursor", next]).await.good().json();
    assert_eq!(ids(&rest, "messages"), [message(3)]);
    for format in ["table", "markdown"] {
        let shown = world.run(["messages", "list", "-o", format]).await.good().stdout;
        for text in ["Invoice 2", "sender2@example.net", "user2@example.com", "3 messages", &message(2)] {
            assert!(shown.contains(text), "{text}: {shown}");
        }
    }
}

#[tokio::test]
async fn messages_of_an_incident_are_the_same_rows() {
    let world = scene().await;
    let now = world.now();
    world.add(7, TimeDelta::zero(), |incident| incident.messages = vec![Message::at(9, now)]);
    let listed = world.run(["messages", "list"]).await.good().json();
    let of_incident = world.run(["incidents", "messages", "INC-7"]).await.good().json();
    let fields = |page: &Value| page["messages"][0].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(fields(&listed), fields(&of_incident));
    let head = async |arguments: [&str; 5]| {
        let shown = world.run(arguments).await.good().stdout;
        shown.lines().next().unwrap().to_owned()
    };
    let listed = head(["messages", "list", "--include-raw", "-o", "markdown"]).await;
    assert_eq!(listed, head(["incidents", "messages", "INC-7", "-o", "markdown"]).await);
}

#[tokio::test]
async fn messages_are_shown_those_that_there_are_first() {
    let world = scene().await;
    let ran = world.run(["messages", "get", &message(1), &message(9), &message(2), "--include-raw"]).await;
    assert_eq!(rows(ran.failed(5, &message(9)), "id"), [message(1), message(2)]);
    assert!(ran.json()[0]["raw-json"].is_string());
    let shown = world.run(["messages", "get", &message(1), "-o", "table"]).await.good().stdout;
    for text in ["Invoice 1", "sender1@example.net", "delivered · unread", "<1@mail.example.net>"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
}

/// A mail that tries each way to lead its reader astray.
fn phish() -> Vec<u8> {
    "From: \"Your bank\" <evil@phish.test>\r\nReply-To: other@phish.test\r\nTo: ann@example.com\r\n\
     Subject: Pay\u{1b}[31mred\u{202e} at https://pay.phish.test\r\nDate: Fri, 20 Nov 2026 10:11:12 +0000\r\nMessage-ID: <1@phish.test>\r\n\
     Authentication-Results: mx.example.com; spf=fail smtp.mailfrom=phish.test\r\nMIME-Version: 1.0\r\n\
     Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n\
     <a href=\"https://login.phish.test/a.html?next=http://other.phish.test/\">x</a> ftp://files.phish.test/x\r\n\
     --b\r\nContent-Type: application/pdf; name=\"in\u{1b}voice.pdf\"\r\nContent-Disposition: attachment\r\n\
     Content-Transfer-Encoding: base64\r\n\r\naGk=\r\n--b--\r\n"
        .into()
}

#[tokio::test]
async fn a_mail_is_told_so_that_nothing_in_it_can_be_followed() {
    let world = scene().await;
    let mail = add_message(&world, 7, |message| message.mail = Some(phish()));
    let ticket = world.add_ticket(1, TimeDelta::minutes(5), |ticket| ticket.mail = Some(phish()));
    let link = "https://login.phish.test/a.html?next=http://other.phish.test/";
    for command in [vec!["messages", "show", &mail], vec!["tickets", "email", &ticket, "--summary"]] {
        for format in ["table", "markdown"] {
            let shown = world.run(command.iter().copied().chain(["-o", format])).await.good().stdout;
            let plain = shown.replace('\\', "");
            for text in [
                "Pay[31mred at hxxps://pay.phish.test",
                "Your bank <evil@phish.test>",
                "other@phish.test",
                "ann@example.com",
                "2026-11-20 10:11",
                "<1@phish.test>",
                "spf",
                "mx.example.com",
                "hxxps://login[.]phish[.]test/a[.]html?next=hxxp://other[.]phish[.]test/",
                "fxp://files[.]phish[.]test/x",
                "invoice.pdf",
                "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
            ] {
                assert!(plain.contains(text), "{text}: {plain}");
            }
            assert_harmless(&shown);
            for scheme in ["https://", "http://", "ftp://"] {
                assert!(!shown.contains(scheme), "{shown}");
            }
        }
        let json = world.run(command.iter().copied()).await.good().json();
        assert_eq!(content(&json), phish());
        let summary = &json["summary"];
        assert_eq!(summary["links"], json!([link, "ftp://files.phish.test/x"]), "as they are");
        assert_eq!(summary["from-addresses"], json!([{ "email": "evil@phish.test", "name": "Your bank" }]));
        assert_eq!(summary["attachments"][0]["size"], 2);
    }
    let bare = world.run(["tickets", "email", &ticket]).await.good().json();
    assert_eq!(bare["summary"], Value::Null);
}

#[tokio::test]
async fn a_mail_that_is_shown_is_saved_as_well_where_that_is_wished() {
    let world = scene().await;
    let mail = world.vendor().mail(&message(1)).unwrap();
    let file = world.directory().join("mail.eml");
    let show = ["messages", "show", &message(1), "--save", file.to_str().unwrap()];
    let saved = world.run(show).await.good().json();
    assert_eq!((fs::read(&file).unwrap(), mode(&file)), (mail.clone(), 0o600));
    assert_eq!((&saved["path"], &saved["content"]), (&json!(file), &Value::Null));
    assert!(saved["summary"]["subject"] == "Invoice 1", "{saved}");
    world.vendor().clear_requests();
    world.run(show).await.failed(2, "is there already");
    assert_eq!(world.counts(), (0, 0));
    world.run(show.into_iter().chain(["--force"])).await.good();

    let output = world.command(["messages", "show", &message(1), "--save", "-"]).output().await.unwrap();
    assert_eq!((output.status.code(), output.stdout), (Some(0), mail));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("Invoice 1\n  from ") && said.contains("sha-256"), "{said}");
    world.vendor().options().response.us_hosted = false;
    let ran = world.run(["messages", "show", &message(1), "--save", "-"]).await;
    assert_eq!(ran.failed(1, "unsupported").stdout, "", "an error is no mail");
}

#[tokio::test]
async fn mails_are_saved_for_the_user_alone_and_never_over_other_files() {
    let world = scene().await;
    let directory = world.directory().join("mails");
    let ids = [message(1), message(2)];
    let save = ["messages", "download", &ids[0], &ids[1], &ids[0], "--save", directory.to_str().unwrap()];
    let saved = world.run(save).await.good().json();
    assert_eq!(saved.as_array().unwrap().len(), 2, "each once: {saved}");
    for (row, id) in saved.as_array().unwrap().iter().zip(&ids) {
        let file = directory.join(format!("{id}.eml"));
        let mail = world.vendor().mail(id).unwrap();
        assert_eq!((&row["id"], &row["path"], &row["size"]), (&json!(id), &json!(file), &json!(mail.len())));
        assert_eq!((fs::read(&file).unwrap(), mode(&file)), (mail, 0o600));
        assert_eq!((&row["summary"], row["sha256"].as_str().unwrap().len()), (&Value::Null, 64));
    }
    assert_eq!(mode(&directory), 0o700);

    let first = directory.join(format!("{}.eml", ids[0]));
    fs::write(&first, "mine").unwrap();
    assert_eq!(world.run(save).await.code, Some(2));
    assert_eq!(fs::read(&first).unwrap(), b"mine");
    let arguments = save.into_iter().chain(["--force", "--summary", "-o", "table"]);
    let shown = world.run(arguments).await.good().stdout;
    for text in ["Invoice 1", "Invoice 2", "hxxps://pay[.]example[.]net/invoice/2", "2 mails saved", &ids[1]]
    {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    assert_ne!(fs::read(&first).unwrap(), b"mine");
    let table = world.run(save.into_iter().chain(["--force", "-o", "table"])).await.good().stdout;
    assert!(table.starts_with("SAVED") && table.contains("SHA-256"), "{table}");
}

#[tokio::test]
async fn no_call_is_spent_on_a_mail_that_is_saved_already() {
    let world = scene().await;
    let directory = world.directory().join("mails");
    let directory = directory.to_str().unwrap();
    world.run(["messages", "download", &message(2), "--save", directory]).await.good();
    world.vendor().clear_requests();
    let ran = world.run(["messages", "download", &message(1), &message(2), "--save", directory]).await;
    assert_eq!(rows(ran.failed(2, &format!("{}.eml: is there already", message(2))), "id"), [message(1)]);
    assert!(world.api().iter().all(|call| call.path.contains(&message(1))), "{:#?}", world.api());
    world.vendor().clear_requests();
    let ran = world.run(["messages", "download", &message(1), &message(2), "--save", directory]).await;
    assert_eq!((ran.code, world.counts()), (Some(2), (0, 0)), "{ran:#?}");
}

#[tokio::test]
async fn a_mail_that_fails_does_not_hold_up_the_others() {
    let world = scene().await;
    add_message(&world, 2, |message| message.fetch_statuses = vec!["message_not_found".into()]);
    let ids = [message(1), message(2), message(9), message(3)];
    let directory = world.directory().join("mails");
    let save =
        ["messages", "download", &ids[0], &ids[1], &ids[2], &ids[3], "--save", directory.to_str().unwrap()];
    let ran = world.run(save).await;
    assert_eq!(ran.code, Some(7), "of the first failure: {ran:#?}");
    let said: Vec<&str> = ran.stderr.lines().collect();
    assert!(said[0].starts_with(&format!("error: {}: unavailable", ids[1])), "{ran:#?}");
    assert!(said[1].starts_with(&format!("error: {}: not-found", ids[2])) && said.len() == 2, "{ran:#?}");
    let files = [1, 3].map(|n| format!("{}.eml", message(n)));
    assert_eq!(names(&directory), files);
    assert_eq!(ran.json().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_was_not_tried_after_a_failure_of_all_is_counted() {
    let world = scene().await;
    for (kind, code) in [
        (FaultKind::RetryAfter(429, "3600".into()), 6),
        (FaultKind::Status(403), 4),
        (FaultKind::Status(401), 4),
    ] {
        let directory = world.directory().join(format!("{kind:?}"));
        world.vendor().clear_faults();
        world.vendor().fault(Fault::always(Matcher::place(Place::MailFetch), kind).after(1));
        let ids = [1, 2, 3].map(message);
        let save = ["messages", "download", &ids[0], &ids[1], &ids[2], "--save", directory.to_str().unwrap()];
        let ran = world.run(save).await;
        let files = vec![format!("{}.eml", ids[0])];
        assert_eq!((ran.code, names(&directory)), (Some(code), files), "{ran:#?}");
        let said: Vec<&str> = ran.stderr.lines().collect();
        assert!(said[0].starts_with(&format!("error: {}: ", ids[1])), "{ran:#?}");
        assert_eq!(said[1..], ["1 more was not tried"]);
    }
    let mut world = scene().await;
    world.set("ctr_client_id", "");
    let save = ["messages", "download", &message(1), &message(2), "--save", "mails"];
    let ran = world.run(save).await;
    assert!(ran.stderr.starts_with("1 more was not tried\nerror: configuration: ctr_client_id"), "{ran:#?}");
}

#[tokio::test]
async fn workflows_are_listed_as_asked() {
    let world = scene().await;
    let all = world.run(["workflows", "list"]).await.good();
    assert_eq!(rows(&all, "id"), [1, 2, 3].map(workflow));
    for (flags, query, found) in [
        (vec!["--enabled"], "enabled=true", vec![1, 2]),
        (vec!["--disabled"], "enabled=false", vec![3]),
        (vec!["--kind", "message"], "type=message", vec![2]),
        (vec!["--enabled", "--kind", "incident"], "enabled=true&type=incident", vec![1]),
    ] {
        world.vendor().clear_requests();
        let ran = world.run(["workflows", "list"].into_iter().chain(flags)).await.good();
        assert_eq!(rows(&ran, "id"), found.into_iter().map(workflow).collect::<Vec<_>>(), "{query}");
        assert_eq!(world.api()[0].query, query);
    }
    let shown = world.run(["workflows", "list", "-o", "table"]).await.good().stdout;
    for text in ["Quarantine and close 1", "incident", "disabled", "3 workflows", &workflow(2)] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    world.run(["workflows", "list", "--enabled", "--disabled"]).await.failed(2, "--disabled");
    world.run(["workflows", "list", "--kind", "user"]).await.failed(2, "invalid-argument: kind");
}

#[tokio::test]
async fn a_workflow_runs_on_what_it_takes_by_name_or_id() {
    let world = scene().await;
    world.add_incidents(2, 0);
    for (name, targets, sent) in [
        ("quarantine and close 1", vec!["INC-1".to_owned(), id(2)], vec![id(1), id(2)]),
        (&workflow(1).to_uppercase(), vec![id(2), id(2).to_uppercase(), "2".to_owned()], vec![id(2), id(2)]),
        ("Quarantine 2", vec![message(1), message(2)], vec![message(1), message(2)]),
    ] {
        world.vendor().clear_requests();
        let arguments = ["workflows", "run", name].into_iter().chain(targets.iter().map(String::as_str));
        let run = world.run(arguments).await.good().json();
        assert_eq!(run["state"], "IN_PROGRESS");
        let writes = writes(&world);
        let [write] = writes.as_slice() else { panic!("{writes:#?}") };
        let mut sent = sent;
        sent.dedup();
        assert_eq!(write.json(), json!({ "targetIds": sent }));
        assert_eq!(world.vendor().runs().last().unwrap().id, run["id"].as_str().unwrap());
    }
}

#[tokio::test]
async fn a_workflow_that_cannot_be_meant_is_not_run() {
    let world = scene().await;
    world.add_incidents(1, 0);
    let now = world.now();
    let twin = Workflow { name: "QUARANTINE 2".into(), ..Workflow::on_messages(4, now) };
    world.vendor().add_workflow(twin);
    let mut odd = Workflow::on_messages(5, now);
    odd.kind = "USER".into();
    world.vendor().add_workflow(odd);
    for (name, target, line) in [
        (
            "Quarantine",
            id(1),
            "workflow: there is no workflow `Quarantine`; allowed: Quarantine and close 1,",
        ),
        ("quarantine 2", message(1), &*format!("allowed: {}, {}", workflow(2), workflow(4))),
        ("Quarantine and close 3", id(1), "workflow: the workflow `Quarantine and close 3` is disabled"),
        ("Quarantine 5", message(1), "takes `user`; --unchecked runs it all the same"),
        (
            "Quarantine and close 1",
            message(1),
            &*format!("{} is no incident; the workflow `Quarantine and close 1` takes incidents", message(1)),
        ),
        ("Quarantine and close 1", "INC-9".into(), "INC-9 is no incident; the workflow"),
        (
            &workflow(2),
            id(1),
            &*format!("{} is no message; the workflow `Quarantine 2` takes messages", id(1)),
        ),
        (&workflow(2), "INC-1".into(), "INC-1 is no message; "),
    ] {
        let ran = world.run(["workflows", "run", name, &target]).await;
        assert_eq!(ran.failed(2, line).json()["error"]["case"], "invalid-argument", "{name}");
    }
    let arguments = ["workflows", "run", "Quarantine and close 1", "INC-8", &id(1), &id(5), "INC-9"];
    world.run(arguments).await.failed(2, &format!("INC-8, INC-9, {} are no incidents; ", id(5)));
    assert!(writes(&world).is_empty() && world.vendor().runs().is_empty());
}

#[tokio::test]
async fn a_target_that_cannot_be_read_is_not_taken_for_a_good_one() {
    let world = scene().await;
    world.add_incidents(1, 0);
    fault(&world, Place::Message, FaultKind::Status(403));
    world.run(["workflows", "run", &workflow(2), &message(1), &message(2)]).await.failed(4, "forbidden");
    fault(&world, Place::PathContaining(id(1)), FaultKind::Html);
    world.run(["workflows", "run", &workflow(1), &id(1)]).await.failed(1, "invalid-response");
    assert!(writes(&world).is_empty());
}

#[tokio::test]
async fn targets_go_unchecked_where_that_is_wished() {
    let world = scene().await;
    world.add_incidents(2, 0);
    for (workflow, targets, calls) in [
        (workflow(1), [id(1), id(2)], 2),
        (workflow(2), [message(1), message(2)], 2),
        (workflow(1), [id(1), "2".into()], 3),
    ] {
        world.vendor().clear_requests();
        let arguments = ["workflows", "run", &workflow, &targets[0], &targets[1], "--unchecked"];
        world.run(arguments).await.good();
        assert_eq!((world.api().len(), writes(&world).len()), (calls, 1), "{:#?}", world.api());
    }
}

#[tokio::test]
async fn the_end_of_a_run_is_the_exit_code() {
    let world = scene().await;
    let now = world.now();
    for (n, states, code, told) in [
        (11, vec!["IN_PROGRESS", "SUCCESS"], 0, ""),
        (12, vec!["IN_PROGRESS", "FAILED"], 1, "rejected: workflow run"),
        (13, vec!["IN_PROGRESS", "CANCELLED"], 1, "code CANCELLED"),
        (14, vec!["IN_PROGRESS", "PARTIAL"], 1, "invalid-response: workflow run"),
    ] {
        world.vendor().add_workflow(Workflow::on_messages(n, now).running(&states));
        for format in ["json", "table"] {
            let arguments = ["workflows", "run", &workflow(n), &message(1), "--wait", "-o", format];
            let ran = world.run(arguments).await;
            let run = world.vendor().runs().last().unwrap().id.clone();
            assert_eq!(ran.code, Some(code), "{ran:#?}");
            let first = if format == "json" { &ran.stderr } else { &ran.stdout };
            assert!(first.starts_with(&format!("started run {run} · IN_PROGRESS\n")), "{ran:#?}");
            assert!(ran.stderr.contains(told), "{ran:#?}");
            if (format, code) == ("json", 0) {
                assert_eq!((&ran.json()["id"], &ran.json()["state"]), (&json!(run), &json!("SUCCESS")));
            }
            let last = states.last().unwrap();
            let status = world.run(["workflows", "status", &run, "-o", format]).await.good().stdout;
            assert!(status.contains(last) && status.contains(&run), "{status}");
            assert_eq!(world.run(["workflows", "status", &run, "--wait"]).await.code, Some(code));
        }
    }
    let ran = world.run(["workflows", "run", &workflow(11), &message(1), "-o", "table"]).await.good();
    let run = world.vendor().runs().last().unwrap().id.clone();
    assert!(ran.stdout.contains(&format!("proofpoint workflows status {run} --wait")), "{ran:#?}");
}

#[tokio::test]
async fn a_run_that_is_still_under_way_when_the_time_is_over_is_7() {
    let mut world = scene().await;
    let now = world.now();
    world.vendor().add_workflow(Workflow::on_messages(11, now).running(&["IN_PROGRESS"]));
    let run = world.run(["workflows", "run", &workflow(11), &message(1)]).await.good().json();
    let run = run["id"].as_str().unwrap();
    // The second look comes after two seconds: there is no time for it.
    world.set("call_timeout_ms", "1900");
    world.run(["workflows", "status", run, "--wait"]).await.failed(7, "timeout: workflow run");
    world.run(["workflows", "status", run, "--timeout", "5"]).await.failed(2, "--wait");
    world.run(["workflows", "status", run, "--wait", "--timeout", "0"]).await.failed(2, "--timeout");
    world.run(["workflows", "status", &message(1)]).await.failed(5, "not-found");
}

#[tokio::test]
async fn a_run_whose_answer_is_lost_is_not_repeated() {
    let world = scene().await;
    fault(&world, Place::WorkflowRun, FaultKind::Drop(Cut::BeforeReply));
    world.run(["workflows", "run", &workflow(2), &message(1), "--wait"]).await.failed(7, "outcome-unknown");
    assert_eq!(world.vendor().runs().len(), 1);
}

#[tokio::test]
async fn a_message_is_attached_to_the_incident_of_a_number() {
    let world = scene().await;
    world.add_incidents(7, 0);
    for incident in ["INC-7", "7", &id(7)] {
        world.vendor().clear_requests();
        let attach = ["incidents", "add-message", incident, "--message-id", "<a@b>", "--to", "u@example.com"];
        let planned = world.run(attach.into_iter().chain(["--dry-run"])).await.good().json();
        assert!(planned["body"].as_str().unwrap().contains(&id(7)) && writes(&world).is_empty(), "{planned}");
        world.run(attach).await.good();
        let sent = writes(&world);
        assert_eq!((sent.len(), &sent[0].json()["incident_id"]), (1, &json!(id(7))), "{incident}");
    }
    world.vendor().clear_requests();
    let attach = ["incidents", "add-message", "INC-9", "--message-id", "<a@b>", "--to", "u@example.com"];
    world.run(attach).await.failed(5, "there is no incident INC-9");
    assert!(writes(&world).is_empty());
}

#[tokio::test]
async fn an_entry_is_added_once_and_removed_once() {
    let world = scene().await;
    let entry = ["block", "from", "equal", "evil@example.net"];
    let change = async |what: &'static str, flags: &[&'static str]| {
        world.run(["lists", what].into_iter().chain(entry).chain(flags.iter().copied())).await
    };
    assert_eq!(change("add", &["--comment", "Fraud"]).await.good().json(), json!({ "outcome": "added" }));
    let sent = writes(&world).pop().unwrap();
    assert_eq!(
        (sent.path.rsplit('/').next().unwrap(), &*sent.query),
        ("orgBlockList", "clusterId=example_hosted")
    );
    let expected = json!({
        "action": "add", "attribute": "$from", "operator": "equal", "value": "evil@example.net", "comment": "Fraud",
    });
    assert_eq!(sent.json(), expected);
    let held = ListEntry::new("$from", "equal", "evil@example.net").commented("Fraud");
    assert_eq!(world.vendor().entries(OrgList::Block, CLUSTER), [held]);
    assert_eq!(change("add", &[]).await.good().json(), json!({ "outcome": "unchanged" }));
    let shown = world.run(["lists", "show", "block", "-o", "table"]).await.good().stdout;
    for text in ["ATTRIBUTE", "from ", "equal", "evil@example.net", "Fraud", "1 entry"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    let told = change("remove", &["-o", "table"]).await.good().stdout;
    assert_eq!(told, "removed from the block list\n");
    assert!(world.vendor().entries(OrgList::Block, CLUSTER).is_empty());
    let told = change("remove", &["-o", "table"]).await.good().stdout;
    assert_eq!(told, "block list unchanged: the entry was not in it\n");
    assert_eq!(writes(&world).len(), 3, "nothing is sent for what is not there");
}

#[tokio::test]
async fn a_list_is_that_of_the_cluster_that_is_named() {
    let mut world = scene().await;
    world.vendor().options().response.clusters.push("other".into());
    world.vendor().add_entry(OrgList::Safe, "other", ListEntry::new("$ip", "equal", "192.0.2.1"));
    let show = ["lists", "show", "safe", "--cluster", "other", "--include-raw"];
    let entries = world.run(show).await.good().json();
    assert_eq!((&entries[0]["attribute"], &entries[0]["value"]), (&json!("ip"), &json!("192.0.2.1")));
    assert!(entries[0]["raw-json"].is_string());
    world.run(["lists", "add", "safe", "ip", "equal", "192.0.2.2", "--cluster", "other"]).await.good();
    assert_eq!(world.vendor().entries(OrgList::Safe, "other").len(), 2);
    assert!(world.vendor().entries(OrgList::Safe, CLUSTER).is_empty());
    world.set("ctr_cluster_id", "");
    world.run(["lists", "show", "safe"]).await.failed(2, "ctr_cluster_id");
}

#[tokio::test]
async fn each_failure_has_its_exit_code() {
    let world = scene().await;
    let long = "x".repeat(151);
    for (arguments, code, line) in [
        (vec!["messages", "list", "--status", "gone"], 2, "invalid-argument: status-filters"),
        (vec!["messages", "list", "--message-id", "1@x"], 2, "invalid-argument: message-id-filters"),
        (vec!["messages", "list", "--limit", "many"], 2, "many"),
        (vec!["messages", "get"], 2, "required"),
        (vec!["messages", "get", "x"], 2, "invalid-argument: id"),
        (vec!["messages", "show", &message(1), "--force"], 2, "--save"),
        (vec!["messages", "download", &message(1)], 2, "--save"),
        (vec!["messages", "show", &message(9)], 5, "not-found"),
        (vec!["workflows", "run", "x"], 2, "required"),
        (vec!["workflows", "status", ".."], 2, "invalid-argument: run-id"),
        (vec!["lists", "show", "grey"], 2, "invalid-argument: list-name"),
        (vec!["lists", "add", "block", "subject", "equal", "x"], 2, "invalid-argument: attribute"),
        (vec!["lists", "add", "safe", "from", "not_equal", "x"], 2, "invalid-argument: operator"),
        (
            vec!["lists", "add", "safe", "from", "equal", "x", "--comment", &long],
            2,
            "invalid-argument: comment",
        ),
        (vec!["lists", "add", "safe", "from", "equal", "--commment"], 2, "--commment"),
        (vec!["lists", "remove", "safe", "from", "equal", "x", "--comment", "y"], 2, "--comment"),
        (vec!["lists", "show", "safe", "--cluster", "nowhere"], 1, "rejected"),
    ] {
        let ran = world.run(arguments).await;
        assert!(ran.failed(code, line).json()["error"]["case"].is_string(), "{ran:#?}");
    }
    assert!(writes(&world).is_empty());
    fault(&world, Place::OrgLists, FaultKind::Status(500));
    world.run(["lists", "add", "safe", "from", "equal", "x"]).await.failed(7, "outcome-unknown");
    world.vendor().options().entitled_incidents = false;
    world.run(["workflows", "list"]).await.failed(4, "forbidden");
    world.run(["messages", "list"]).await.failed(4, "forbidden");
}

/// Every command that writes, and how many reads come before its write.
async fn every_write(world: &World) -> Vec<Vec<String>> {
    let now = world.now();
    world.add(7, TimeDelta::zero(), |incident| incident.messages = vec![Message::at(8, now)]);
    world.add_ticket(1, TimeDelta::minutes(5), |_| {});
    world.vendor().add_user(User::named("Ines", "Moreau"));
    world.vendor().add_entry(OrgList::Safe, CLUSTER, ListEntry::new("$from", "equal", "a@example.com"));
    let resolved = WorkflowStatus::of_slug("resolved").unwrap().id;
    let commands: [&[&str]; 10] = [
        &["incidents", "create", "--title", "By phone", "--priority", "low"],
        &["incidents", "add-message", &id(7), "--message-id", "<x@y>", "--to", "a@b.c,d@e.f"],
        &["workflows", "run", "Quarantine and close 1", "INC-7"],
        &["workflows", "run", "quarantine 2", &message(1), "--wait"],
        &["lists", "add", "block", "from", "equal", "b@example.com", "--comment", "Why not"],
        &["lists", "remove", "safe", "from", "equal", "A@example.com"],
        &["tickets", "assign", &fqid(1), "Ines Moreau"],
        &["tickets", "comment", &fqid(1), "a word"],
        &["tickets", "set-status", &fqid(1), resolved, "--assignee", "Ines"],
        &["tickets", "tag", &fqid(1), "follow up"],
    ];
    commands.iter().map(|command| command.iter().map(|&word| word.to_owned()).collect()).collect()
}

#[tokio::test]
async fn a_dry_run_shows_the_very_request_and_sends_nothing() {
    let world = scene().await;
    for command in every_write(&world).await {
        world.vendor().clear_requests();
        let dry = || command.iter().map(String::as_str).chain(["--dry-run"]);
        let planned = world.run(dry()).await.good().json();
        let shown = world.run(dry().chain(["-o", "table"])).await.good().stdout;
        assert!(writes(&world).is_empty(), "{command:?}: {:#?}", world.api());
        let lines = world.run(dry().chain(["-o", "jsonl"])).await;
        assert_eq!((lines.lines(), &*lines.stderr), (vec![planned.clone()], "nothing was sent\n"));

        world.vendor().clear_requests();
        let real = world.run(command.iter().map(String::as_str)).await;
        assert_eq!(real.code, Some(0), "{real:#?}");
        let writes = writes(&world);
        let [sent] = writes.as_slice() else { panic!("{command:?}: {writes:#?}") };
        let query = if sent.query.is_empty() { String::new() } else { format!("?{}", sent.query) };
        let url = format!("{}{}{query}", world.server.url(), sent.path);
        assert_eq!((&planned["method"], &planned["url"]), (&json!(sent.method), &json!(url)));
        let body = planned["body"].as_str().map(|body| serde_json::from_str(body).unwrap());
        assert_eq!(body.unwrap_or(Value::Null), sent.json(), "{command:?}");
        assert!(shown.starts_with(&format!("{} {url}\n", sent.method)), "{shown}");
        assert!(shown.ends_with("nothing was sent\n"), "{shown}");
    }
}

#[tokio::test]
async fn a_dry_run_of_what_is_so_already_is_null() {
    let world = scene().await;
    let remove = ["lists", "remove", "block", "from", "equal", "a@example.com", "--dry-run"];
    assert_eq!(world.run(remove).await.good().stdout, "null\n");
    let shown = world.run(remove.into_iter().chain(["-o", "markdown"])).await.good().stdout;
    assert!(shown.contains("it is so already") && shown.ends_with("nothing was sent\n"), "{shown}");
}

#[tokio::test]
async fn a_dry_run_refuses_what_the_write_would() {
    let world = scene().await;
    for (arguments, line) in [
        (vec!["incidents", "create", "--title", ""], "invalid-argument: title"),
        (vec!["workflows", "run", "Quarantine 2", "INC-1"], "INC-1 is no message"),
        (vec!["lists", "add", "safe", "from", "not_equal", "x"], "invalid-argument: operator"),
        (vec!["tickets", "tag", &fqid(1), ""], "invalid-argument: tag"),
        (vec!["tickets", "assign", &fqid(1), "Nobody At All"], "Nobody At All"),
    ] {
        let ran = world.run(arguments.into_iter().chain(["--dry-run"])).await;
        assert!(matches!(ran.code, Some(2 | 5)) && ran.stderr.contains(line), "{ran:#?}");
    }
    assert!(writes(&world).is_empty());
}

#[tokio::test]
async fn what_others_wrote_cannot_break_a_table_or_a_terminal() {
    let world = scene().await;
    let now = world.now();
    let hostile = add_message(&world, 7, |message| {
        message.subject = HOSTILE.into();
        message.sender = format!("{HOSTILE}@example.net");
        message.disposition = HOSTILE.into();
    });
    let mut workflow = Workflow::on_messages(7, now);
    workflow.name = HOSTILE.into();
    workflow.description = Some(HOSTILE.into());
    workflow.states = vec![HOSTILE.into()];
    world.vendor().add_workflow(workflow);
    world.vendor().add_entry(
        OrgList::Block,
        CLUSTER,
        ListEntry::new("$from", "equal", HOSTILE).commented(HOSTILE),
    );
    let run = ["workflows", "run", HOSTILE, &hostile];
    for format in ["table", "markdown", "json", "jsonl"] {
        for command in [
            vec!["messages", "list"],
            vec!["messages", "get", &hostile],
            vec!["workflows", "list"],
            vec!["lists", "show", "block"],
            run.to_vec(),
        ] {
            let ran = world.run(command.iter().copied().chain(["-o", format])).await;
            assert_eq!(ran.code, Some(0), "{ran:#?}");
            assert_harmless(&ran.stdout);
            let breaks = |line: &str| line.starts_with("[31m") || line.starts_with("end");
            assert!(!ran.stdout.lines().any(breaks), "{ran:#?}");
        }
        let waited = world.run(run.into_iter().chain(["--wait", "-o", format])).await;
        assert_eq!(waited.code, Some(1), "{waited:#?}");
        let told = format!("{}{}", waited.stdout, waited.stderr);
        assert_harmless(&told);
    }
}

#[tokio::test]
async fn no_link_that_others_wrote_can_be_followed() {
    let world = scene().await;
    let link = "see https://evil.test/a or www.evil.test";
    let message = add_message(&world, 7, |message| message.subject = link.into());
    let incident = world.add(7, TimeDelta::zero(), |incident| {
        incident.title = link.into();
        incident.description = Some(link.into());
        incident.comments.iter_mut().for_each(|comment| comment.text = link.into());
        incident.messages = vec![Message { subject: link.into(), ..Message::at(8, incident.created_at) }];
    });
    let ticket = world.add_ticket(1, TimeDelta::minutes(5), |ticket| {
        ticket.messages[0].subject = link.into();
        ticket.messages[0].attachments = vec![link.into()];
        ticket.resources[0].path = None;
        ticket.resources[0].url = Some("https://evil.test/b".into());
        ticket.comments[0].text = link.into();
        ticket.history[0].text = link.into();
    });
    for command in [
        vec!["messages", "list"],
        vec!["messages", "get", &message],
        vec!["incidents", "list"],
        vec!["incidents", "get", "INC-7"],
        vec!["incidents", "messages", &incident],
        vec!["tickets", "get", &ticket],
    ] {
        for format in ["table", "markdown"] {
            let shown = world.run(command.iter().copied().chain(["-o", format])).await.good().stdout;
            let plain = shown.replace('\\', "");
            assert!(plain.contains("see hxxps://evil.test/a or www[.]evil.test"), "{plain}");
            assert!(!plain.contains("https://evil") && !plain.contains("www.evil"), "{plain}");
        }
        let json = world.run(command.iter().copied()).await.good().stdout;
        assert!(json.contains(link), "as it is: {json}");
    }
    let shown = world.run(["tickets", "get", &ticket, "-o", "table"]).await.good().stdout;
    assert!(shown.contains(&format!("{}/v2/apps/", world.server.url())), "the console's own link: {shown}");
}

/// Runs the commands where they fail in many ways, with everything logged; the harness searches what they
/// print for secrets and tokens.
#[tokio::test]
async fn no_failure_and_no_log_shows_a_secret_or_a_mail() {
    let world = scene().await;
    let body = "a-mail-body-that-nobody-else-may-see";
    let mail = format!("From: a@example.com\r\nSubject: s\r\n\r\n{body}\r\n");
    let one = add_message(&world, 7, |message| message.mail = Some(mail.into_bytes()));
    let mails = world.directory().join("mails");
    let commands = [
        vec!["messages", "list"],
        vec!["messages", "show", &one, "-o", "table"],
        vec!["messages", "download", &one, "--save", mails.to_str().unwrap(), "--force"],
        vec!["workflows", "run", "Quarantine 2", &one],
        vec!["lists", "add", "block", "from", "equal", "a@example.com"],
    ];
    let echo = format!(r#"{{"message":"you sent {SECRET}"}}"#);
    for kind in [
        None,
        Some((Place::Token, FaultKind::StatusBody(401, "application/json".into(), echo))),
        Some((Place::Api, FaultKind::Html)),
        Some((Place::MailDownload, FaultKind::Drop(Cut::InBody(60)))),
        Some((Place::WorkflowRun, FaultKind::Drop(Cut::BeforeReply))),
        Some((Place::OrgLists, FaultKind::Truncate(3))),
    ] {
        world.vendor().clear_faults();
        if let Some((place, kind)) = kind.clone() {
            fault(&world, place, kind);
        }
        for arguments in &commands {
            let ran = world.run(arguments.iter().copied().chain(["--verbose"])).await;
            assert!(!ran.stderr.is_empty(), "something is logged: {arguments:?}");
            for text in [body, "you sent"] {
                assert!(!ran.stderr.contains(text) && !ran.stdout.contains(text), "{kind:?}: {ran:#?}");
            }
        }
    }
}
