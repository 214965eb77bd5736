//! The screenshots of a ticket, listed and saved.

use std::path::Path;

use proofpoint_host::GuestError;
use serde_json::{Value, json};

use super::super::save::{self, Directory, Force};
use super::super::table::Column;
use super::super::text::{bytes, counted, text};
use super::super::ticket_view::dimensions;
use super::super::{Done, Output, Session, many};

const SCREENSHOTS: [Column; 5] = [
    Column::new("ID", |row| text(&row["id"])),
    Column::new("WINDOWS", |row| text(&row["windows"])).flexible(),
    Column::new("PIXELS", dimensions).number(),
    Column::new("SIZE", |row| bytes(&row["size"])).number(),
    Column::new("HOST", |row| text(&row["host"])).beneath(),
];

/// The screenshots that there are.
pub(super) async fn list(session: &mut Session, output: &Output, fqid: &str) -> Done {
    let screenshots = session.call("tickets.screenshot-list", json!({ "fqid": fqid })).await?;
    let rows = screenshots.as_array().map(Vec::as_slice).unwrap_or_default();
    output.rows(&screenshots, rows, &SCREENSHOTS)?;
    output.footer(&counted(rows.len() as u64, "screenshot"))
}

/// Loads and saves each screenshot.
pub(super) async fn save(
    session: &mut Session,
    output: &Output,
    fqid: &str,
    directory: &Path,
    force: Force,
) -> Done {
    let mut directory = Directory::named(directory, force)?;
    let screenshots = session.call("tickets.screenshot-list", json!({ "fqid": fqid })).await?;
    let ids = ids(&screenshots);
    let parameters = |id: &str| json!({ "fqid": fqid, "id": id });
    let save = |id: &str, image: Value| {
        let path = directory.save(id, &text(&image["content-type"]), &save::content(&image)?)?;
        Ok(save::saved(image, &path))
    };
    let results = many::each(session, "tickets.screenshot-get", &ids, parameters, concerns_all, save).await?;
    output.each(ids.len(), results, |output, rows| {
        output.rows(&Value::from(rows), rows, &save::SAVED)?;
        output.footer(&format!("{} saved", counted(rows.len() as u64, "screenshot")))
    })
}

/// The ids as they are, each once.
fn ids(screenshots: &Value) -> Vec<String> {
    let mut ids = Vec::new();
    for id in screenshots.as_array().into_iter().flatten().filter_map(|it| it["id"].as_str()) {
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}

/// Whether a failure is the ticket's, or that of time or budget, and not one picture's.
fn concerns_all(error: &GuestError) -> bool {
    matches!(error.case(), "unauthorized" | "forbidden" | "rate-limited" | "timeout")
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
}
