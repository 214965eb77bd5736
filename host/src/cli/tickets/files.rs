//! What comes with a ticket as a file: its e-mail and its screenshots.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::super::output::say;
use super::super::progress::Progress;
use super::super::save::{self, Directory, Force, Target};
use super::super::table::Column;
use super::super::text::{bytes, counted, text};
use super::super::ticket_view::dimensions;
use super::super::view::View;
use super::super::{Done, Failure, Output, Session};
use super::concerns_one;

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
            say(format!("{} · sha-256 {}", bytes(&mail["size"]), text(&mail["sha256"])));
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

/// Loads and saves each screenshot. One that fails does not hold up the others, unless it would be the same
/// with them.
pub(super) async fn save_screenshots(
    session: &mut Session,
    output: &Output,
    fqid: &str,
    directory: &Path,
    force: Force,
) -> Done {
    let directory = Directory::named(directory, force)?;
    let screenshots = session.call("tickets.screenshot-list", json!({ "fqid": fqid })).await?;
    let ids: Vec<String> =
        screenshots.as_array().into_iter().flatten().map(|screenshot| text(&screenshot["id"])).collect();
    let progress = Progress::of_many("tickets.screenshot-get", ids.len());
    let (mut rows, mut failures) = (Vec::new(), Vec::new());
    for id in ids {
        match load(session, &progress, &directory, fqid, &id).await {
            Ok(row) => rows.push(row),
            Err(Failure::Error(error)) => {
                let goes_on = concerns_one(&error);
                failures.push((id, error));
                if !goes_on {
                    break;
                }
            }
            Err(other) => return Err(other),
        }
    }
    drop(progress);
    if let ([], [(_, error)]) = (rows.as_slice(), failures.as_slice()) {
        return Err(error.clone().into());
    }
    output.rows(&Value::from(rows.as_slice()), &rows, &SAVED)?;
    output.footer(&format!("{} saved", counted(rows.len() as u64, "screenshot")))?;
    Failure::first_of(&failures).map_or(Ok(()), Err)
}

async fn load(
    session: &mut Session,
    progress: &Progress,
    directory: &Directory,
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
    let attachments = mail["attachments"].as_array().map(Vec::as_slice).unwrap_or_default();
    let table = output.table(attachments, &ATTACHMENTS);
    if attachments.is_empty() { view.finish() } else { format!("{}\n\n{table}", view.finish()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_is_told_by_its_path_and_not_repeated() {
        let image =
            json!({ "id": "1", "content": "aGk=", "size": 2, "sha256": "ab", "content-type": "image/png" });
        let saved = saved(image, Path::new("d/1.png"));
        let expected = r#"{"path":"d/1.png","id":"1","size":2,"sha256":"ab","content-type":"image/png"}"#;
        assert_eq!(saved.to_string(), expected);
    }
}
