//! What comes with a ticket as a file: its e-mail and its screenshots.

use std::path::Path;

use proofpoint_host::GuestError;
use serde_json::{Map, Value, json};

use super::super::output::{say, say_untried};
use super::super::progress::Progress;
use super::super::save::{self, Directory, Force, Target};
use super::super::table::Column;
use super::super::text::{bytes, counted, first_of, joined, text};
use super::super::ticket_view::dimensions;
use super::super::view::View;
use super::super::{Done, Failure, Output, Session};

const ATTACHMENTS: [Column; 4] = [
    Column::new("ATTACHMENT", |row| text(&row["name"])).flexible(),
    Column::new("TYPE", |row| text(&row["content-type"])).flexible(),
    Column::new("SIZE", |row| bytes(&row["size"])).number(),
    Column::new("SHA-256", |row| text(&row["sha256"])).beneath(),
];

const SCREENSHOTS: [Column; 5] = [
    Column::new("ID", |row| text(&row["id"])),
    Column::new("WINDOWS", |row| text(&row["windows"])).flexible(),
    Column::new("PIXELS", dimensions).number(),
    Column::new("SIZE", |row| bytes(&row["size"])).number(),
    Column::new("HOST", |row| text(&row["host"])).spare(),
];

const SAVED: [Column; 3] = [
    Column::new("SAVED", |row| text(&row["path"])),
    Column::new("SIZE", |row| bytes(&row["size"])).number(),
    Column::new("SHA-256", |row| text(&row["sha256"])).beneath(),
];

/// The mail in short, or saved.
pub(super) async fn email(
    session: &mut Session,
    output: &Output,
    fqid: &str,
    attachments: bool,
    save: Option<&Path>,
    force: Force,
) -> Done {
    let target = save.map(|path| Target::named(path, force)).transpose()?;
    let includes: &[&str] = if attachments { &["attachments"] } else { &[] };
    let parameters = json!({ "fqid": fqid, "includes": includes });
    let answer = session.call("tickets.email-get", parameters).await;
    let mail = match (&target, answer) {
        // Whoever takes the mail from standard output must not take an error for it.
        (Some(Target::Stdout), Err(failure)) => return Err(failure.said()),
        (_, answer) => answer?,
    };
    let Some(target) = target else {
        return output.view(&mail, |output| summary(output, &mail));
    };
    target.save(&save::content(&mail)?)?;
    match target {
        Target::Stdout => {
            say(format!("{} · {}", bytes(&mail["size"]), hash(&mail)));
            attachments_of(&mail).iter().for_each(|attachment| say(attachment_line(attachment)));
            Ok(())
        }
        Target::File(path, _) => {
            let saved = saved(mail, &path);
            output.view(&saved, |output| summary(output, &saved))
        }
    }
}

/// The screenshots that there are.
pub(super) async fn list(session: &mut Session, output: &Output, fqid: &str) -> Done {
    let screenshots = session.call("tickets.screenshot-list", json!({ "fqid": fqid })).await?;
    let rows = screenshots.as_array().map(Vec::as_slice).unwrap_or_default();
    output.rows(&screenshots, rows, &SCREENSHOTS)?;
    output.footer(&counted(rows.len() as u64, "screenshot"))
}

/// Loads and saves each screenshot. One that fails does not hold up the others, unless they would fail too.
pub(super) async fn save_screenshots(
    session: &mut Session,
    output: &Output,
    fqid: &str,
    directory: &Path,
    force: Force,
) -> Done {
    let mut directory = Directory::named(directory, force)?;
    let screenshots = session.call("tickets.screenshot-list", json!({ "fqid": fqid })).await?;
    let ids = ids(&screenshots);
    let progress = Progress::of_many("tickets.screenshot-get", ids.len());
    let (mut rows, mut failures) = (Vec::new(), Vec::new());
    for id in &ids {
        match load(session, &progress, &mut directory, fqid, id).await {
            Ok(row) => rows.push(row),
            Err(Failure::Error(error)) => {
                let ends = concerns_all(&error);
                failures.push(((*id).to_owned(), error));
                if ends {
                    break;
                }
            }
            Err(other) => return Err(other),
        }
    }
    drop(progress);
    let untried = ids.len() - rows.len() - failures.len();
    if let ([], [(_, error)]) = (rows.as_slice(), failures.as_slice()) {
        say_untried(untried);
        return Err(error.clone().into());
    }
    output.rows(&Value::from(rows.as_slice()), &rows, &SAVED)?;
    output.footer(&format!("{} saved", counted(rows.len() as u64, "screenshot")))?;
    let failure = Failure::first_of(&failures);
    say_untried(untried);
    failure.map_or(Ok(()), Err)
}

/// The ids as they are, each once.
fn ids(screenshots: &Value) -> Vec<&str> {
    let mut ids = Vec::new();
    for id in screenshots.as_array().into_iter().flatten().filter_map(|it| it["id"].as_str()) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// Whether a failure is the ticket's, or that of time or budget, and not one picture's.
fn concerns_all(error: &GuestError) -> bool {
    matches!(error.case(), "unauthorized" | "forbidden" | "rate-limited" | "timeout")
}

async fn load(
    session: &mut Session,
    progress: &Progress,
    directory: &mut Directory,
    fqid: &str,
    id: &str,
) -> Result<Value, Failure> {
    let parameters = json!({ "fqid": fqid, "id": id });
    let image = session.step(progress, "tickets.screenshot-get", parameters).await?;
    let path = directory.save(id, &text(&image["content-type"]), &save::content(&image)?)?;
    Ok(saved(image, &path))
}

/// The answer, with the path of the file in place of its content.
fn saved(mut answer: Value, path: &Path) -> Value {
    let mut saved = Map::from_iter([("path".to_owned(), Value::from(path.to_string_lossy()))]);
    for (name, value) in answer.as_object_mut().map(std::mem::take).unwrap_or_default() {
        if name != "content" {
            saved.insert(name, value);
        }
    }
    Value::Object(saved)
}

fn summary(output: &Output, mail: &Value) -> String {
    let mut view = View::new(output);
    view.field("saved", &text(&mail["path"]));
    view.field("size", &bytes(&mail["size"]));
    view.field("sha-256", &text(&mail["sha256"]));
    view.field("type", &text(&mail["content-type"]));
    let attachments = attachments_of(mail);
    let table = output.table(attachments, &ATTACHMENTS);
    if attachments.is_empty() { view.finish() } else { format!("{}\n\n{table}", view.finish()) }
}

fn attachments_of(mail: &Value) -> &[Value] {
    mail["attachments"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// An attachment where there is no table: beside a mail on standard output.
fn attachment_line(attachment: &Value) -> String {
    let name = first_of(&[&attachment["name"], &Value::from("without a name")]);
    let about = [text(&attachment["content-type"]), bytes(&attachment["size"]), hash(attachment)];
    format!("attachment {}", joined(&[name, joined(&about)]))
}

fn hash(content: &Value) -> String {
    format!("sha-256 {}", text(&content["sha256"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_concerns_one_picture_does_not_hold_up_the_others() {
        let of = |case: &str| concerns_all(&GuestError::new(case, json!({ "message": "m" })));
        assert!(["unauthorized", "forbidden", "rate-limited", "timeout"].into_iter().all(of));
        let one =
            ["unavailable", "not-found", "invalid-response", "configuration", "invalid-argument", "host"];
        assert!(!one.into_iter().any(of));
    }

    #[test]
    fn ids_are_taken_as_they_are_and_each_once() {
        let listed = json!([{ "id": "a  b" }, { "id": "a b" }, { "id": "a  b" }, { "id": "c\u{200e}" }]);
        assert_eq!(ids(&listed), ["a  b", "a b", "c\u{200e}"]);
    }

    #[test]
    fn what_was_saved_is_told_by_its_path_and_not_repeated() {
        let image =
            json!({ "id": "1", "content": "aGk=", "size": 2, "sha256": "ab", "content-type": "image/png" });
        let saved = saved(image, Path::new("d/1.png"));
        let expected = r#"{"path":"d/1.png","id":"1","size":2,"sha256":"ab","content-type":"image/png"}"#;
        assert_eq!(saved.to_string(), expected);
    }
}
