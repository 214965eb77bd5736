//! Writes what the fuzzer begins with: the simulator's answers to every operation, its mails, cursors and checkpoints.
//!
//! `cargo run --no-default-features --example seeds FOLDER`

use proofpoint_core::ctr::fetch::FetchOptions;
use proofpoint_core::ctr::incidents::IncidentQuery;
use proofpoint_core::ctr::messages::{MessageQuery, PageQuery};
use proofpoint_core::itm::search::TicketQuery;
use proofpoint_core::itm::users::UserQuery;
use proofpoint_fuzz::input::{Answer, Input, REPEAT};
use proofpoint_fuzz::world::World;
use proofpoint_fuzz::{Operation, ctr, itm};
use proofpoint_simulator as sim;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

type Failed = Box<dyn std::error::Error>;

/// The switches that an operation is asked with, each combination once.
const FLAGS: [u8; 7] = [0, 1, 0b10, 0b100, 0b1001, 0b11_0001, 0b10_1100];

fn main() -> Result<(), Failed> {
    let folder = std::env::args_os().nth(1).ok_or("name the folder to write to")?;
    let folder = Path::new(&folder);
    let downloads = [ctr::DOWNLOADS, itm::DOWNLOADS].concat();
    for (target, operations) in [
        ("ctr_incidents", ctr::INCIDENTS),
        ("ctr_messages", ctr::MESSAGES),
        ("ctr_workflows", ctr::WORKFLOWS),
        ("ctr_lists", ctr::LISTS),
        ("itm_tickets", itm::TICKETS),
        ("itm_users", itm::USERS),
        ("downloads", &downloads),
    ] {
        answers(folder, target, operations)?;
    }
    tokens(folder)?;
    sealed(folder)?;
    mails(folder)?;
    times(folder)?;
    arguments(folder)?;
    large(folder)?;
    words(folder)
}

fn write(folder: &Path, target: &str, name: &str, data: &[u8]) -> Result<(), Failed> {
    let folder = folder.join(target);
    fs::create_dir_all(&folder)?;
    Ok(fs::write(folder.join(name), data)?)
}

/// The service of today, and that of some time ago.
fn vendors() -> [sim::Vendor; 2] {
    let today = sim::Options { calls_per_minute: None, ..sim::Options::default() };
    let mut before = today.clone();
    before.null_style = sim::NullStyle::Omit;
    before.response.message_shape = sim::MessageShape::CamelCase;
    before.response.bare_workflows = true;
    before.itm.null_style = sim::NullStyle::Explicit;
    [today, before].map(|options| {
        let mut vendor = sim::Vendor::new(options);
        let now = vendor.now();
        let ago = |minutes| now - chrono::TimeDelta::minutes(minutes);
        vendor.seed(4);
        vendor.seed_tickets(3);
        vendor.add_message(sim::Message::at(1, ago(20)));
        vendor.add_workflow(sim::Workflow::on_incidents(1, now));
        let messages = vec![sim::Message::at(2, ago(30)), sim::Message::at(3, ago(30))];
        vendor.add_incident(sim::Incident { messages, ..sim::Incident::at(781, ago(40)).closed(ago(10)) });
        vendor.add_incident(sim::Incident::at(782, ago(35)).malformed(sim::MalformedKind::WrongTypes));
        for list in [sim::OrgList::Safe, sim::OrgList::Block] {
            let entry = sim::ListEntry::new("$from", "equal", "sender@example.net").commented("by hand");
            vendor.add_entry(list, "example_hosted", entry);
        }
        vendor.add_ticket(sim::Ticket {
            fqid: itm::FQID.into(),
            screenshots: vec![sim::itm::Screenshot::at(itm::SCREENSHOT)],
            ..sim::Ticket::at(1, ago(60))
        });
        let ada = sim::itm::User::named("Ada", "Lovelace");
        vendor.add_user(sim::itm::User { id: itm::OWNER.into(), ..ada });
        vendor
    })
}

fn answers(folder: &Path, target: &str, operations: &[Operation]) -> Result<(), Failed> {
    for (number, operation) in (0..).zip(operations) {
        for flags in FLAGS {
            for (age, vendor) in vendors().into_iter().enumerate() {
                let world = World::simulated(vendor, flags);
                let ended = operation(&world);
                let answers = world.given.take();
                let input = Input { operation: number, flags, answers };
                let told = if ended.is_ok() { "good" } else { "failed" };
                write(folder, target, &format!("{number}-{flags}-{age}-{told}"), &input.write())?;
            }
        }
        for (name, answer) in odd_answers() {
            let input = Input { operation: number, flags: 0, answers: vec![answer] };
            write(folder, target, &format!("{number}-{name}"), &input.write())?;
        }
    }
    let run = |state: &str| {
        json(
            200,
            &format!(
                r#"{{"id":"{}","workflowId":"{}","state":"{state}","createdAt":1780000000000}}"#,
                ctr::RUN,
                ctr::WORKFLOW
            ),
        )
    };
    if target == "ctr_workflows" {
        for (operation, states) in
            [(2, ["SUCCESS"].as_slice()), (3, &["IN_PROGRESS", "SUCCESS"]), (3, &["FAILED"])]
        {
            let input =
                Input { operation, flags: 0, answers: states.iter().map(|state| run(state)).collect() };
            write(folder, target, &format!("{operation}-{}", states.concat()), &input.write())?;
        }
    }
    Ok(())
}

fn json(status: u16, body: &str) -> Answer {
    Answer { status, headers: vec![("content-type".into(), "application/json".into())], body: body.into() }
}

/// What no operation hopes for.
fn odd_answers() -> Vec<(&'static str, Answer)> {
    let html = |status| Answer {
        headers: vec![("content-type".into(), "text/html".into())],
        ..json(status, "<html>sign in</html>")
    };
    let later = Answer {
        headers: vec![("content-type".into(), String::new()), ("retry-after".into(), "7".into())],
        ..json(429, "")
    };
    vec![
        ("html", html(200)),
        ("html-502", html(502)),
        ("429", later),
        ("empty", json(200, "")),
        ("null", json(200, "null")),
        ("refused", json(400, r#"{"errorMessage":"lists.samelist.duplicate.entry: acc3ss-t0ken"}"#)),
        ("unauthorized", json(401, r#"{"message":"acc3ss-t0ken"}"#)),
        ("forbidden", json(403, r#"{"message":"acc3ss-t0ken is not granted"}"#)),
        ("gone", json(404, "no such thing")),
        ("unavailable", json(503, "acc3ss-t0ken\u{1b}[31m")),
        (
            "inside",
            json(
                200,
                r#"{"_status":{"status":403,"code":"it:error:x","message":"no","params":{"details":[{"message":"acc3ss-t0ken"}]}}}"#,
            ),
        ),
        ("broken", json(9, "")),
        ("redirect", json(302, "")),
        (
            "bom",
            json(
                200,
                "\u{feff}{\"total\":1,\"incidents\":[{\"id\":\"\\ud83d\",\"createdAt\":99999999999999}]}",
            ),
        ),
    ]
}

fn tokens(folder: &Path) -> Result<(), Failed> {
    let token = r#"{"access_token":"eyJhbGciOiJSUzI1NiJ9.abc","token_type":"Bearer","expires_in":3600,"refresh_token":"0123456789abcdef0123456789"}"#;
    let bodies = [
        token.to_owned(),
        token.replace("3600", "\"10\""),
        token.replace("Bearer", "mac"),
        token.replace("eyJ", "e\\r\\nyJ"),
        "{\"error\":\"invalid_client\"}".to_owned(),
    ];
    for operation in 0..4 {
        for (place, body) in bodies.iter().enumerate() {
            for status in [200, 401, 503] {
                let answers =
                    vec![json(200, body), json(status, "1"), json(200, body), json(200, "{\"id\":\"1\"}")];
                let input = Input { operation, flags: 0, answers };
                write(folder, "tokens", &format!("{operation}-{place}-{status}"), &input.write())?;
            }
        }
    }
    Ok(())
}

/// A text with its length in front, as the payload that it holds or as it stands, and answers behind it.
fn write_sealed(folder: &Path, target: &str, kind: u8, text: &str, world: &World) -> Result<(), Failed> {
    use base64ct::{Base64UrlUnpadded, Encoding};
    let payload = Base64UrlUnpadded::decode_vec(text.rsplit('.').next().unwrap_or_default())
        .map_err(|e| e.to_string())?;
    for (verbatim, bytes) in [payload.as_slice(), text.as_bytes()].into_iter().enumerate() {
        let operation = 2 * kind + u8::try_from(verbatim)?;
        let input = Input { operation, flags: 0b11_0000, answers: world.given.borrow().clone() }.write();
        let length = u16::try_from(bytes.len())?.to_le_bytes();
        let data = [&input[..2], &length, bytes, &input[2..]].concat();
        write(folder, target, &format!("{operation}-{}", bytes.len()), &data)?;
    }
    Ok(())
}

fn sealed(folder: &Path) -> Result<(), Failed> {
    for vendor in vendors() {
        let world = World::simulated(vendor, 0);
        let one = Some(1);
        let options = FetchOptions {
            max_fetch: one,
            fetch_states: vec!["open".into(), "closed".into()],
            ..FetchOptions::default()
        };
        let mut batch = world.ctr(async |ctr| ctr.incident_fetch(&options, None).await)?;
        for _ in 0..3 {
            write_sealed(folder, "checkpoints", 0, &batch.checkpoint, &world)?;
            let checkpoint = Some(batch.checkpoint.as_str());
            batch = world.ctr(async |ctr| ctr.incident_fetch(&options, checkpoint).await)?;
        }
        let options = proofpoint_core::itm::fetch::FetchOptions { max_fetch: one, ..Default::default() };
        let mut batch = world.itm(async |itm| itm.ticket_fetch(&options, None).await)?;
        for _ in 0..3 {
            write_sealed(folder, "checkpoints", 1, &batch.checkpoint, &world)?;
            let checkpoint = Some(batch.checkpoint.as_str());
            batch = world.itm(async |itm| itm.ticket_fetch(&options, checkpoint).await)?;
        }
        world.given.take();
        let start_time = Some("7 days".to_owned());
        let incidents = IncidentQuery { limit: one, start_time: start_time.clone(), ..Default::default() };
        let messages = MessageQuery { limit: one, start_time: start_time.clone(), ..Default::default() };
        let page = PageQuery { limit: one, ..PageQuery::default() };
        let tickets = TicketQuery { limit: one, start_time, ..TicketQuery::default() };
        let users = UserQuery { limit: one, ..UserQuery::default() };
        let cursors = [
            world.ctr(async |ctr| ctr.incident_list(&incidents).await)?.next,
            world.ctr(async |ctr| ctr.message_list(&messages).await)?.next,
            world.ctr(async |ctr| ctr.incident_messages(ctr::INCIDENT, &page).await)?.next,
            world.itm(async |itm| itm.ticket_search(&tickets).await)?.next,
            world.itm(async |itm| itm.user_list(&users).await)?.next,
        ];
        for (kind, cursor) in (0..).zip(cursors) {
            write_sealed(folder, "cursors", kind, &cursor.ok_or("a list of one row")?, &world)?;
        }
    }
    Ok(())
}

fn mails(folder: &Path) -> Result<(), Failed> {
    let [vendor, _] = vendors();
    let ids: Vec<String> = vendor.messages().map(|message| message.id.clone()).collect();
    let of_messages = ids.iter().filter_map(|id| vendor.mail(id));
    let of_tickets = vendor.tickets().filter_map(|ticket| ticket.mail.clone());
    for (number, mail) in of_messages.chain(of_tickets).enumerate() {
        write(folder, "mails", &format!("simulator-{number}"), &mail)?;
    }
    let odd = "From: =?utf-8?q?J=C3=BCrgen?= <a@example.com>, group: b@example.com (c), \"d\" <e@[192.0.2.1]>;\r\n\
        Authentication-Results: mx.example.com; spf=fail (x) smtp.mailfrom=e.test; dkim=pass header.d=e.test\r\n\
        Date: Fri, 20 Nov 2026 10:11:12 +0100 (CET)\r\n\
        Content-Type: multipart/mixed; boundary*0=\"a\"; boundary*1*=utf-8''b%20\r\n\r\n--ab \r\n\
        Content-Type: text/html; charset=windows-1252\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        <a href=3D'https://b.example/?a&amp;b'>www.c.example</a>=\r\n\r\n--ab \r\n\
        Content-Disposition: attachment; filename*=utf-8''%E2%82%AC.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n\
        YWJj\r\n--ab \r\nContent-Type: message/rfc822\r\n\r\nFrom: x\r\n\r\ny\r\n--ab --\r\n";
    write(folder, "mails", "odd", odd.as_bytes())
}

fn times(folder: &Path) -> Result<(), Failed> {
    for (number, text) in [
        "2026-01-02T03:04:05.6789+02:00",
        "2026-01-02 03:04",
        "2026-01-02",
        "3 days",
        "12 hours ago\nnow",
        "yesterday",
        "1786117389000",
        "Fri, 20 Nov 2026 10:11:12 -0330 (CET)",
        "Sun, 01 Mar 2026 12:30:00 GMT",
        "0000-01-01T00:00:00+23:59",
        "9999-12-31T23:59:60-23:59",
    ]
    .iter()
    .enumerate()
    {
        write(folder, "times", &number.to_string(), text.as_bytes())?;
    }
    Ok(())
}

fn arguments(folder: &Path) -> Result<(), Failed> {
    let objects = [
        r#"{"query":{"limit":5,"source-filters":["tap"],"include-raw":true,"cursor":null}}"#,
        r#"{"ids":["00000000-0000-4000-8000-00000000030d"],"include-raw":false}"#,
        r#"{"options":{"max-fetch":1,"fetch-states":["open"]},"checkpoint":"x"}"#,
        r#"{"id":"1","includes":["summary"]}"#,
        r#"{"fqid":"b2l/cm+vdA==","change":{"status-id":"1","remediation-actions":[]}}"#,
        r#"{"n":{"a":-128,"b":255,"c":1,"d":2,"e":3,"f":4,"g":-5,"h":18446744073709551615,"i":1.5e300,"j":true}}"#,
        r#"{"c":[{"case":"one","payload":{"note":"x","more":1}},{"case":"none"},{"case":"list","payload":[{}]}],"k":"a","b":"AQID"}"#,
        "{}",
    ];
    for function in 0..64_u8 {
        for (number, object) in objects.iter().enumerate() {
            let data = [&[b'0' + function], object.as_bytes()].concat();
            write(folder, "json_arguments", &format!("{function}-{number}"), &data)?;
        }
    }
    Ok(())
}

/// Pieces of which large answers are made.
fn large(folder: &Path) -> Result<(), Failed> {
    let mark = char::from(REPEAT);
    let pieces = [
        ("[", "0,", "0]"),
        ("{\"total\":9999,\"incidents\":[", "{\"id\":\"1\"},", "{}]}"),
        ("{\"data\":[", "[],", "1],\"_meta\":{\"stats\":{\"total\":9}}}"),
        ("{\"entries\":[", "{\"value\":\"x\"},", "{}]}"),
        ("{\"_status\":", "[", ""),
        ("{\"a\":\"", "\\ud83d", "\"}"),
        ("From: a@b\n", "To: c@d,\n ", "\n"),
        ("From: a@b\n\n", "https://x.example/&", "\n"),
        ("From: a@b\nContent-Type: multipart/mixed; boundary=o\n\n", "--o\n\nx\n", ""),
        ("From: a@b\nSubject: ", "=?", "?="),
        ("", "\u{fffd}\u{0}", ""),
    ];
    // Mails for what gets mails, JSON for what reads a list or one row.
    for operation in [0, 2, 3, 6, 9, 13, 16, 17, 18, 24, 26] {
        let gets_mails = [16, 26].contains(&operation);
        for (number, (begin, middle, end)) in pieces.iter().enumerate() {
            if gets_mails == (number < 6) {
                continue;
            }
            let body = format!("{begin}{mark}{middle}{mark}{end}");
            let first = json(200, "{\"messageStatus\":\"fetched\"}");
            let before = if operation == 16 { vec![first.clone(), first] } else { Vec::new() };
            let input = Input { operation, flags: 0b100, answers: [before, vec![json(200, &body)]].concat() };
            write(folder, "large_answers", &format!("{operation}-{number}"), &input.write())?;
        }
    }
    Ok(())
}

/// Keys and vocabularies: every text in the core's sources that is a word.
fn words(folder: &Path) -> Result<(), Failed> {
    let mut words: BTreeSet<String> =
        ["\\x1d", "\\x1e", "\\\\ud83d", "acc3ss-t0ken", "999999999999999", "=?utf-8?q?"]
            .map(str::to_owned)
            .into();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/core/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let is_word = |text: &&str| {
                let plain = |c: char| c.is_ascii_alphanumeric() || "_$:-".contains(c);
                (2..40).contains(&text.len()) && text.chars().all(plain)
            };
            let text = fs::read_to_string(path)?;
            words.extend(text.split('"').filter(is_word).map(str::to_owned));
        }
    }
    let lines: String = words.iter().map(|word| format!("\"{word}\"\n")).collect();
    Ok(fs::write(folder.join("words.dict"), lines)?)
}
